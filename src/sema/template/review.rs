//! The fields of `template review`.

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply_top, infos};
use super::missing;
use crate::catalog::template::{ReviewAction, ReviewTemplate, Template, TemplateHead, TemplateKind};
use crate::sema::read::Reader;
use crate::syntax::ast::Record;
use std::sync::Arc;

const RULES: &[FieldRule<Option<ReviewAction>>] = &[FieldRule::new(
    "when_flagged",
    "What the flow does when the review finds something.",
    Accepts::Words(ReviewAction::WORDS),
    Absent::Required,
    |reader, value, draft| *draft = reader.word(value, ReviewAction::WORDS, ReviewAction::from_word).or(*draft),
)];

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(RULES)
}

/// Builds a review template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&ReviewTemplate>,
) -> Option<Template> {
    let mut draft = base.map(|base| base.when_flagged);
    apply_top(reader, record, TemplateKind::Review, RULES, &mut draft);
    let Some(when_flagged) = draft else { return missing(reader, &head, record, "when_flagged", "stop") };
    Some(Template::Review(Arc::new(ReviewTemplate { head, when_flagged })))
}
