//! From declarations to templates: the fields every kind shares, and one table of fields per kind.

mod compatibility;
mod encryption;
mod picture;
mod review;
mod sample;
mod snapshot;
mod transcode;
mod watermark;

use super::read::{Ranges, Reader};
use crate::catalog::template::{Origin, Provenance, Template, TemplateHead, TemplateKind, TranscodeTemplate};
use crate::diag::{Diagnostic, Severity, codes, nearest, word_list};
use crate::syntax::ast::{self, Quantity, Record, Value, ValueKind};
use crate::text::{Span, Spanned};
use crate::units::{Rational, TemplateId};
use std::sync::Arc;

/// A field of a record: its word and how it changes what is being built.
pub struct FieldRule<D> {
    /// The word before the colon.
    name: &'static str,
    /// Reads the value into the draft.
    read: fn(&mut Reader<'_>, &Value, &mut D),
}

/// Fields that every template has.
const HEAD: &[&str] = &["id", "extends", "comment"];

/// Builds a template of its kind from its declaration, over the template it extends.
pub fn build(
    reader: &mut Reader<'_>,
    kind: TemplateKind,
    node: &ast::Template,
    origin: Origin,
    base: Option<&Template>,
) -> Option<Template> {
    reader.ranges = if origin == Origin::System { Ranges::Waived } else { Ranges::Enforced };
    let comment = field(&node.fields, "comment").and_then(|value| reader.text(value));
    let head = TemplateHead {
        name: node.name.value.clone(),
        id: field(&node.fields, "id").and_then(id),
        comment,
        doc: node.doc.clone(),
        origin,
        declared: node.name.span,
        provenance: Provenance::default(),
    };
    match (kind, base) {
        (TemplateKind::Transcode, base) => transcode::build(reader, head, &node.fields, of(base, as_transcode)),
        (TemplateKind::Watermark, base) => watermark::build(reader, head, &node.fields, of(base, as_watermark)),
        (TemplateKind::Snapshot, base) => snapshot::build(reader, head, &node.fields, of(base, as_snapshot)),
        (TemplateKind::Sample, base) => sample::build(reader, head, &node.fields, of(base, as_sample)),
        (TemplateKind::Encryption, base) => encryption::build(reader, head, &node.fields, of(base, as_encryption)),
        (TemplateKind::Sprite | TemplateKind::Adaptive | TemplateKind::Animated, _) => {
            reader.later(&format!("templates of the kind `{kind}`"), node.kind.span);
            None
        }
        (TemplateKind::Review, base) => review::build(reader, head, &node.fields, of(base, as_review)),
    }
}

/// A rendition with the fields of a statement merged over its template, as `OverrideParameter` does (`vod.md` B.4).
/// Without a template the fields are checked, and that is all.
pub fn override_transcode(
    reader: &mut Reader<'_>,
    base: Option<&Arc<TranscodeTemplate>>,
    record: &Record,
) -> Option<Arc<TranscodeTemplate>> {
    for field in record.fields.iter().filter(|field| HEAD.contains(&field.name.value.as_str())) {
        let message = format!("`{}` belongs to a declaration, not to a statement", field.name.value);
        reader.diagnostics.push(Diagnostic::new(&codes::UNKNOWN_FIELD, message).at(field.name.span, ""));
    }
    let nameless = Spanned::new(String::new(), record.span);
    let name = base.map_or(nameless, |base| Spanned::new(base.head.name.clone(), record.span));
    let fields = Record { damaged: record.damaged || base.is_none(), ..record.clone() };
    let kind = Spanned::new(TemplateKind::Transcode.word().to_owned(), record.span);
    let node = ast::Template { kind, name, fields, doc: None, span: record.span };
    let errors =
        |reader: &Reader<'_>| reader.diagnostics.iter().filter(|one| one.severity() == Severity::Error).count();
    let before = errors(reader);
    let whole = base.map(|base| Template::Transcode(Arc::clone(base)));
    let built = build(reader, TemplateKind::Transcode, &node, Origin::User, whole.as_ref());
    let (Some(Template::Transcode(built)), Some(base)) = (built, base) else { return None };
    if errors(reader) > before {
        return None;
    }
    let mut merged = Arc::unwrap_or_clone(built);
    merged.head = TemplateHead { provenance: merged.head.provenance, ..base.head.clone() };
    Some(Arc::new(merged))
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

/// Reads the fields of a template, head fields aside.
fn apply_top<D>(reader: &mut Reader<'_>, record: &Record, what: &str, rules: &[FieldRule<D>], draft: &mut D) {
    apply_with(reader, record, what, HEAD, rules, draft);
}

/// Reads the fields of a record inside a template.
fn apply<D>(reader: &mut Reader<'_>, record: &Record, what: &str, rules: &[FieldRule<D>], draft: &mut D) {
    apply_with(reader, record, what, &[], rules, draft);
}

fn apply_with<D>(
    reader: &mut Reader<'_>,
    record: &Record,
    what: &str,
    others: &[&str],
    rules: &[FieldRule<D>],
    draft: &mut D,
) {
    for (at, field) in record.fields.iter().enumerate() {
        // Every further field is wrong too, or the list would be short: the limit keeps the search below linear.
        if reader.diagnostics.is_full() {
            return;
        }
        let word = field.name.value.as_str();
        if let Some(first) = record.fields[..at].iter().find(|earlier| earlier.name.value == word) {
            let problem = Diagnostic::new(&codes::DUPLICATE_FIELD, format!("`{word}` is given twice"))
                .at(field.name.span, "")
                .with_label(first.name.span, "first given here");
            reader.diagnostics.push(problem);
        } else if let Some(rule) = rules.iter().find(|rule| rule.name == word) {
            (rule.read)(reader, &field.value, draft);
        } else if !others.contains(&word) {
            let known: Vec<&str> = others.iter().copied().chain(rules.iter().map(|rule| rule.name)).collect();
            reader.diagnostics.push(unknown_field(word, field.name.span, what, &known));
        }
    }
}

/// The message for a field that does not exist.
pub fn unknown_field(word: &str, span: Span, what: &str, known: &[&str]) -> Diagnostic {
    let problem = Diagnostic::new(&codes::UNKNOWN_FIELD, format!("{what} has no field `{word}`")).at(span, "");
    match nearest(word, known.iter().copied()) {
        Some(near) => problem.with_help(format!("write `{near}`")).with_fix(span, near),
        None => problem.with_help(format!("its fields are {}", word_list(known))),
    }
}

/// The message for a required field that is absent; silent when part of the record could not be read.
fn missing<T>(reader: &mut Reader<'_>, head: &TemplateHead, record: &Record, name: &str, example: &str) -> Option<T> {
    if record.damaged || field(record, name).is_some() {
        return None;
    }
    let message = format!("template `{}` lacks the field `{name}`", head.name);
    let problem = Diagnostic::new(&codes::MISSING_FIELD, message).at(head.declared, "");
    reader.report(problem.with_help(format!("add `{name}: {example}`")))
}

/// The place of a field's word, for messages about fields that do not go together.
fn place(record: &Record, name: &str) -> Option<Span> {
    record.fields.iter().find(|field| field.name.value == name).map(|field| field.name.span)
}
