//! The fields of `template encryption` (`vod.md` C.8).

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply_top, infos};
use super::missing;
use crate::catalog::template::{EncryptionMethod, EncryptionTemplate, Template, TemplateHead, TemplateKind};
use crate::diag::{Diagnostic, codes, message};
use crate::sema::read::Reader;
use crate::syntax::ast::{Record, Value, ValueKind};
use std::sync::Arc;

#[derive(Default)]
struct Draft {
    method: Option<EncryptionMethod>,
    /// Outer `None`: nothing was said.
    key_url: Option<Option<String>>,
    key_source: Option<String>,
}

const KEYS: &[&str] = &["one"];

const RULES: &[FieldRule<Draft>] = &[
    FieldRule::new(
        "method",
        "How segments are encrypted.",
        Accepts::Words(EncryptionMethod::WORDS),
        Absent::Usual("aes_128"),
        |reader, value, draft| {
            draft.method = reader.word(value, EncryptionMethod::WORDS, EncryptionMethod::from_word).or(draft.method);
        },
    ),
    FieldRule::new(
        "key_url",
        "The address that players ask for the key; `none` leaves it to templates that extend this one.",
        Accepts::Text("https://keys.example.com/getkey"),
        Absent::Required,
        |reader, value, draft| draft.key_url = key_url(reader, value),
    ),
    FieldRule::new(
        "key_source",
        "The name of the key manager, handed to the key service.",
        Accepts::Text("VodBuildInKMS"),
        Absent::Nothing,
        |reader, value, draft| draft.key_source = reader.text(value),
    ),
    FieldRule::new(
        "keys",
        "How many keys a media has.",
        Accepts::Words(KEYS),
        Absent::Usual("one"),
        |reader, value, _| {
            reader.word(value, KEYS, |word| KEYS.contains(&word).then_some(()));
        },
    ),
];

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(RULES)
}

/// Builds an encryption template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&EncryptionTemplate>,
) -> Option<Template> {
    let mut draft = base.map_or_else(Draft::default, |base| Draft {
        method: Some(base.method),
        key_url: base.key_url.clone().map(Some),
        key_source: base.key_source.clone(),
    });
    apply_top(reader, record, TemplateKind::Encryption, RULES, &mut draft);
    let method = draft.method.unwrap_or(EncryptionMethod::Aes128);
    let Some(key_url) = draft.key_url else {
        return missing(reader, &head, record, "key_url", "\"https://keys.example.com/getkey\"");
    };
    Some(Template::Encryption(Arc::new(EncryptionTemplate { head, method, key_url, key_source: draft.key_source })))
}

/// An address that can stand in quotes in a playlist line, or `none`.
fn key_url(reader: &mut Reader<'_>, value: &Value) -> Option<Option<String>> {
    if matches!(&value.kind, ValueKind::Word(word) if word == "none") {
        return Some(None);
    }
    let url = reader.text(value)?;
    if EncryptionTemplate::is_key_url(&url) {
        return Some(Some(url));
    }
    let problem = Diagnostic::new(&codes::OUT_OF_RANGE, message!("the text is no address that players could ask"))
        .at(value.span, "")
        .with_help(message!("write an `https://` address without blanks and quotes, percent-encoded where needed"));
    reader.report(problem)
}
