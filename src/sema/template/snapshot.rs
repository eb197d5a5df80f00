//! The fields of `template snapshot`.

use super::field::{FieldInfo, FieldRule, apply_top, infos};
use super::picture::{PictureDraft, check_format, picture_rules};
use crate::catalog::template::{SnapshotTemplate, Template, TemplateHead, TemplateKind};
use crate::sema::read::Reader;
use crate::syntax::ast::Record;
use std::sync::Arc;

const RULES: &[FieldRule<PictureDraft<()>>] = &picture_rules();

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(RULES)
}

/// Builds a snapshot template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&SnapshotTemplate>,
) -> Option<Template> {
    let base = base.map(|base| &base.picture);
    let mut draft = PictureDraft::new(base, ());
    apply_top(reader, record, TemplateKind::Snapshot, RULES, &mut draft);
    let picture = draft.finish(reader, record, base);
    check_format(reader, record, &picture, head.declared);
    Some(Template::Snapshot(Arc::new(SnapshotTemplate { head, picture })))
}
