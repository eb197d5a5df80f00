//! From declarations to templates: the fields every kind shares, and one table of fields per kind.

mod adaptive;
mod animated;
mod audio;
mod compatibility;
mod encryption;
mod field;
#[cfg(test)]
mod field_tests;
mod picture;
mod provenance;
mod review;
mod sample;
mod snapshot;
mod sprite;
mod transcode;
mod video;
mod watermark;

use super::read::{Ranges, Reader};
use super::scope::Scope;
use crate::catalog::template::{Origin, Provenance, Template, TemplateHead, TemplateKind};
use crate::diag::{Diagnostic, Message, all_of, codes, message, nearest};
use crate::syntax::ast::{self, Quantity, Record, Value, ValueKind};
use crate::text::{Span, Spanned};
use crate::units::{Rational, TemplateId};

pub use field::{FieldInfo, Presence};

/// Fields that every template has.
const HEAD: &[&str] = &["id", "extends", "comment"];

/// The fields of a kind, in the order in which people should read them; those of every template come first.
pub fn fields(kind: TemplateKind) -> Vec<FieldInfo> {
    let own = match kind {
        TemplateKind::Transcode => transcode::fields(),
        TemplateKind::Watermark => watermark::fields(),
        TemplateKind::Snapshot => snapshot::fields(),
        TemplateKind::Sample => sample::fields(),
        TemplateKind::Sprite => sprite::fields(),
        TemplateKind::Adaptive => adaptive::fields(),
        TemplateKind::Animated => animated::fields(),
        TemplateKind::Encryption => encryption::fields(),
        TemplateKind::Review => review::fields(),
    };
    field::head_infos().into_iter().chain(own).collect()
}

/// Builds a template of its kind from its declaration, over the template it extends.
pub fn build(
    reader: &mut Reader<'_>,
    scope: &Scope<'_>,
    kind: TemplateKind,
    node: &ast::Template,
    base: Option<&Template>,
) -> Option<Template> {
    let comment = field(&node.fields, "comment").and_then(|value| reader.text(value));
    let mut head = TemplateHead {
        name: node.name.value.clone(),
        id: field(&node.fields, "id").and_then(id),
        comment,
        doc: node.doc.clone(),
        origin: scope.origin,
        declared: node.name.span,
        provenance: base.map_or_else(Provenance::default, |base| base.head().provenance.clone()),
    };
    let label = head.label();
    provenance::trace(&mut head.provenance, kind, &node.fields, &label);
    build_of_kind(reader, scope, kind, head, &node.fields, base)
}

/// A template with some of its fields written otherwise, as statements do it; its name and id stay. `None` after
/// reporting. The ranges for users' templates apply to what is written, not to what the template had.
pub fn build_over(reader: &mut Reader<'_>, scope: &Scope<'_>, base: &Template, fields: &Record) -> Option<Template> {
    let mut head = base.head().clone();
    provenance::trace(&mut head.provenance, base.kind(), fields, "the statement");
    let mut fields = fields.clone();
    for word in HEAD {
        let Some(at) = fields.fields.iter().position(|field| field.name.value == *word) else { continue };
        let field = fields.fields.remove(at);
        let message = message!("`{}` belongs to a declaration and cannot be overridden", *word);
        reader.diagnostics.push(Diagnostic::new(&codes::UNKNOWN_FIELD, message).at(field.name.span, ""));
    }
    build_of_kind(reader, scope, base.kind(), head, &fields, Some(base))
}

fn build_of_kind(
    reader: &mut Reader<'_>,
    scope: &Scope<'_>,
    kind: TemplateKind,
    head: TemplateHead,
    record: &Record,
    base: Option<&Template>,
) -> Option<Template> {
    // A user's change of a system template is the user's.
    reader.ranges = if scope.origin == Origin::System { Ranges::Waived } else { Ranges::Enforced };
    match kind {
        TemplateKind::Transcode => transcode::build(reader, head, record, of(base, as_transcode)),
        TemplateKind::Watermark => watermark::build(reader, head, record, of(base, as_watermark)),
        TemplateKind::Snapshot => snapshot::build(reader, head, record, of(base, as_snapshot)),
        TemplateKind::Sample => sample::build(reader, head, record, of(base, as_sample)),
        TemplateKind::Sprite => sprite::build(reader, head, record, of(base, as_sprite)),
        TemplateKind::Adaptive => adaptive::build(reader, scope, head, record, of(base, as_adaptive)),
        TemplateKind::Animated => animated::build(reader, head, record, of(base, as_animated)),
        TemplateKind::Encryption => encryption::build(reader, head, record, of(base, as_encryption)),
        TemplateKind::Review => review::build(reader, head, record, of(base, as_review)),
    }
}

/// The fields of a statement checked without the template they would change: what they lack proves nothing.
pub fn check_fields(reader: &mut Reader<'_>, scope: &Scope<'_>, kind: TemplateKind, record: &Record) {
    let word = |text: &str| Spanned::new(text.to_owned(), record.span);
    let fields = Record { damaged: true, ..record.clone() };
    let node = ast::Template { kind: word(kind.word()), name: word(""), fields, doc: None, span: record.span };
    drop(build(reader, scope, kind, &node, None));
}

fn of<T>(base: Option<&Template>, cast: fn(&Template) -> Option<&T>) -> Option<&T> {
    base.and_then(cast)
}

macro_rules! casts {
    ($($name:ident $variant:ident $kind:ident;)*) => {
        $(fn $name(template: &Template) -> Option<&crate::catalog::template::$kind> {
            match template {
                Template::$variant(template) => Some(template),
                _ => None,
            }
        })*
    };
}

casts! {
    as_transcode Transcode TranscodeTemplate;
    as_watermark Watermark WatermarkTemplate;
    as_snapshot Snapshot SnapshotTemplate;
    as_sample Sample SampleTemplate;
    as_sprite Sprite SpriteTemplate;
    as_adaptive Adaptive AdaptiveTemplate;
    as_animated Animated AnimatedTemplate;
    as_encryption Encryption EncryptionTemplate;
    as_review Review ReviewTemplate;
}

/// The value of a field, the first if it is given twice.
pub fn field<'a>(record: &'a Record, name: &str) -> Option<&'a Value> {
    record.fields.iter().find(|field| field.name.value == name).map(|field| &field.value)
}

/// An id as written; `None` for anything else.
pub fn id(value: &Value) -> Option<TemplateId> {
    match value.kind {
        ValueKind::Quantity(Quantity::Number(number)) => id_of(number),
        _ => None,
    }
}

/// Ids are whole numbers from 1 to 2^63 - 1.
pub fn id_of(number: Rational) -> Option<TemplateId> {
    let whole = number.is_integer().then(|| i64::try_from(number.numerator()).ok()).flatten()?;
    u64::try_from(whole).ok().filter(|id| *id >= 1).map(TemplateId)
}

/// The message for a field that does not exist.
pub fn unknown_field(word: &str, span: Span, what: Message, known: &[&str]) -> Diagnostic {
    let problem = Diagnostic::new(&codes::UNKNOWN_FIELD, message!("{} has no field `{}`", what, word));
    let problem = problem.about_word(word).at(span, "");
    match nearest(word, known.iter().copied()) {
        Some(near) => problem.with_help(message!("write `{}`", near)).with_fix(span, near),
        None if known.is_empty() => problem.with_help(message!("leave the block empty")),
        None => problem.with_help(message!("its fields are {}", all_of(known))),
    }
}

/// The message for a required field that is absent; silent when part of the record could not be read.
fn missing<T>(reader: &mut Reader<'_>, head: &TemplateHead, record: &Record, name: &str, example: &str) -> Option<T> {
    // A misspelt one was reported.
    let meant = |field: &ast::Field| nearest(&field.name.value, [name]).is_some();
    if record.damaged || field(record, name).is_some() || record.fields.iter().any(meant) {
        return None;
    }
    let message = message!("template `{}` lacks the field `{}`", &head.name, name);
    let problem = Diagnostic::new(&codes::MISSING_FIELD, message).at(head.declared, "");
    reader.report(problem.with_help(message!("add `{}: {}`", name, example)))
}

/// The place of a field's word, for messages about fields that do not go together.
fn place(record: &Record, name: &str) -> Option<Span> {
    record.fields.iter().find(|field| field.name.value == name).map(|field| field.name.span)
}

/// The message for fields that exclude each other.
fn conflict(span: Span, message: impl Into<Message>) -> Diagnostic {
    Diagnostic::new(&codes::CONFLICTING_FIELDS, message).at(span, "")
}

/// The place of a whole field with the comma that goes with it: what must be deleted to be rid of it.
fn deletion(reader: &Reader<'_>, record: &Record, name: &str) -> Option<Span> {
    let field = record.fields.iter().find(|field| field.name.value == name)?;
    let text: &str = &reader.sources.get(field.name.span.source)?.text;
    let (mut start, mut end) = (field.name.span.start as usize, field.value.span.end as usize);
    let after = text.get(end..)?;
    let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
    if after[blanks..].starts_with(',') {
        let comma = end + blanks + 1;
        end = comma + (text[comma..].len() - text[comma..].trim_start_matches([' ', '\t']).len());
    } else {
        let before = text.get(..start)?.trim_end();
        start = before.strip_suffix(',').map_or(start, |rest| rest.trim_end().len());
    }
    Some(Span { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()?, ..field.name.span })
}

/// Offers to delete a field, if it stands in the record.
fn offer_deletion(problem: Diagnostic, reader: &Reader<'_>, record: &Record, name: &str) -> Diagnostic {
    match deletion(reader, record, name) {
        Some(span) => problem.with_fix(span, ""),
        None => problem,
    }
}
