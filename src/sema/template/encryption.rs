//! The fields of `template encryption`.

use super::{FieldRule, apply_top, missing};
use crate::catalog::template::{EncryptionMethod, EncryptionTemplate, Template, TemplateHead};
use crate::diag::{Diagnostic, codes};
use crate::sema::read::Reader;
use crate::syntax::ast::{Record, Value};
use std::sync::Arc;

#[derive(Default)]
struct Draft {
    method: Option<EncryptionMethod>,
    key_url: Option<String>,
    key_source: Option<String>,
}

const RULES: &[FieldRule<Draft>] = &[
    FieldRule {
        name: "method",
        read: |reader, value, draft| {
            draft.method = reader.word(value, EncryptionMethod::WORDS, EncryptionMethod::from_word).or(draft.method);
        },
    },
    FieldRule { name: "key_url", read: |reader, value, draft| draft.key_url = key_url(reader, value) },
    FieldRule { name: "key_source", read: |reader, value, draft| draft.key_source = reader.text(value) },
    FieldRule {
        name: "keys",
        read: |reader, value, _| {
            reader.word(value, &["one"], |word| (word == "one").then_some(()));
        },
    },
];

/// Builds an encryption template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&EncryptionTemplate>,
) -> Option<Template> {
    let mut draft = base.map_or_else(Draft::default, |base| Draft {
        method: Some(base.method),
        key_url: base.key_url.clone(),
        key_source: base.key_source.clone(),
    });
    apply_top(reader, record, "an encryption template", RULES, &mut draft);
    let method = draft.method.unwrap_or(EncryptionMethod::Aes128);
    let Some(key_url) = draft.key_url else {
        return missing(reader, &head, record, "key_url", "\"https://keys.example.com/getkey\"");
    };
    Some(Template::Encryption(Arc::new(EncryptionTemplate {
        head,
        method,
        key_url: Some(key_url),
        key_source: draft.key_source,
    })))
}

/// An address that can stand in quotes in a playlist line.
fn key_url(reader: &mut Reader<'_>, value: &Value) -> Option<String> {
    let url = reader.text(value)?;
    let allowed = |sign: char| sign.is_ascii_graphic() && !matches!(sign, '"' | '<' | '>' | '\\');
    if (url.starts_with("https://") || url.starts_with("http://")) && url.chars().all(allowed) && url.len() <= 2048 {
        return Some(url);
    }
    let problem = Diagnostic::new(&codes::OUT_OF_RANGE, "the text is no address that players could ask")
        .at(value.span, "")
        .with_help("write an `https://` address without blanks and quotes, percent-encoded where needed");
    reader.report(problem)
}
