//! The fields of `template sample`.

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply_top, infos};
use super::missing;
use super::picture::{EVERY_DOC, PictureDraft, check_format, every, picture_rules};
use crate::catalog::template::{Every, SampleTemplate, Template, TemplateHead, TemplateKind};
use crate::sema::read::Reader;
use crate::syntax::ast::Record;
use std::sync::Arc;

type Draft = PictureDraft<Option<Every>>;

const EVERY: FieldRule<Draft> =
    FieldRule::new("every", EVERY_DOC, Accepts::Distance, Absent::Required, |reader, value, draft| {
        draft.extra = every(reader, value).or(draft.extra);
    });

fn rules() -> Vec<FieldRule<Draft>> {
    picture_rules().into_iter().chain([EVERY]).collect()
}

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(&rules())
}

/// Builds a sample template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&SampleTemplate>,
) -> Option<Template> {
    let mut draft = PictureDraft::new(base.map(|base| &base.picture), base.map(|base| base.every));
    apply_top(reader, record, TemplateKind::Sample, &rules(), &mut draft);
    let picture = draft.finish(reader, record, base.map(|base| &base.picture));
    check_format(reader, record, &picture, head.declared);
    let Some(every) = draft.extra else { return missing(reader, &head, record, "every", "10%") };
    Some(Template::Sample(Arc::new(SampleTemplate { head, picture, every })))
}
