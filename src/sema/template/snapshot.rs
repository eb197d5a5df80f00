//! The fields of `template snapshot`.

use super::picture::{PictureDraft, picture_rules};
use super::{FieldRule, apply_top};
use crate::catalog::template::{SnapshotTemplate, Template, TemplateHead};
use crate::sema::read::Reader;
use crate::syntax::ast::Record;
use std::sync::Arc;

const RULES: &[FieldRule<PictureDraft<()>>] = &picture_rules();

/// Builds a snapshot template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&SnapshotTemplate>,
) -> Option<Template> {
    let base = base.map(|base| &base.picture);
    let mut draft = PictureDraft::new(base, ());
    apply_top(reader, record, "a snapshot template", RULES, &mut draft);
    let picture = draft.finish(reader, record, base);
    Some(Template::Snapshot(Arc::new(SnapshotTemplate { head, picture })))
}
