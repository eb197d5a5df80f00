//! The fields of `template sample`.

use super::picture::{PictureDraft, picture_rules};
use super::{FieldRule, apply_top, missing};
use crate::catalog::template::{Every, SampleTemplate, Template, TemplateHead};
use crate::sema::read::Reader;
use crate::syntax::ast::{Quantity, Record, Value, ValueKind};
use crate::units::{Duration, Rational};
use std::sync::Arc;

type Draft = PictureDraft<Option<Every>>;

const PICTURE: [FieldRule<Draft>; 7] = picture_rules();
const EVERY: FieldRule<Draft> =
    FieldRule { name: "every", read: |reader, value, draft| draft.extra = every(reader, value).or(draft.extra) };

/// Builds a sample template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&SampleTemplate>,
) -> Option<Template> {
    let rules: Vec<FieldRule<Draft>> = PICTURE.into_iter().chain([EVERY]).collect();
    let mut draft = PictureDraft::new(base.map(|base| &base.picture), base.map(|base| base.every));
    apply_top(reader, record, "a sample template", &rules, &mut draft);
    let picture = draft.finish(reader, record, base.map(|base| &base.picture));
    let Some(every) = draft.extra else { return missing(reader, &head, record, "every", "10%") };
    Some(Template::Sample(Arc::new(SampleTemplate { head, picture, every })))
}

fn every(reader: &mut Reader<'_>, value: &Value) -> Option<Every> {
    match value.kind {
        ValueKind::Quantity(Quantity::Percent(percent)) if percent.0 > Rational::ZERO => {
            reader.percent(value).map(Every::Percent)
        }
        ValueKind::Quantity(Quantity::Duration(duration)) if duration > Duration::ZERO => {
            Some(Every::Duration(duration))
        }
        ValueKind::Quantity(Quantity::Percent(_) | Quantity::Duration(_)) => {
            reader.out_of_range(value.span, "the distance must be above zero")
        }
        ValueKind::Quantity(Quantity::Number(_)) => reader.percent(value).map(Every::Percent),
        _ => reader.wrong_type(value, "a share such as `10%` or a duration such as `10s`"),
    }
}
