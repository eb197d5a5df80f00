//! Diagnostics as the JSON of `check --format json`: lines and columns from 1, in characters.

use super::{Diagnostic, Diagnostics, Findings, Language, Severity};
use crate::text::{SourceMap, Span};
use serde_json::{Map, Value, json};

/// Version of the shape below; raised only for changes that are not additions.
const SCHEMA_VERSION: u32 = 1;

/// The document for everything that was found, its words for people in a language.
pub fn to_json(found: &[Findings<'_>], language: Language) -> Value {
    let list: Vec<Value> = found.iter().flat_map(|found| list(found.diagnostics, found.sources, language)).collect();
    json!({ "schema_version": SCHEMA_VERSION, "kind": "diagnostics", "diagnostics": list })
}

/// The entries of such a document, for documents that hold more than diagnostics.
pub fn list(diagnostics: &Diagnostics, sources: &SourceMap, language: Language) -> Vec<Value> {
    diagnostics.iter().map(|diagnostic| entry(diagnostic, sources, language)).collect()
}

fn entry(diagnostic: &Diagnostic, sources: &SourceMap, language: Language) -> Value {
    let severity = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut object = Map::new();
    object.insert("code".into(), json!(diagnostic.code.id));
    object.insert("name".into(), json!(diagnostic.code.name));
    object.insert("severity".into(), json!(severity));
    object.insert("message".into(), json!(diagnostic.message.text(language)));
    if let Some(label) = &diagnostic.primary {
        object.extend(place(label.span, sources, Named::Yes));
    }
    let labels: Vec<Value> = diagnostic
        .secondary
        .iter()
        .map(|label| {
            let mut entry = place(label.span, sources, Named::Yes);
            entry.insert("message".into(), json!(label.message.text(language)));
            Value::Object(entry)
        })
        .collect();
    object.insert("labels".into(), json!(labels));
    object.insert("help".into(), json!(diagnostic.help.as_ref().map(|help| help.text(language))));
    let fix = diagnostic.fix.as_ref().map(|fix| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|(span, text)| {
                let mut edit = place(*span, sources, Named::No);
                edit.insert("text".into(), json!(text));
                Value::Object(edit)
            })
            .collect();
        json!({ "edits": edits })
    });
    object.insert("fix".into(), json!(fix));
    Value::Object(object)
}

/// Whether a place says which file it is in.
#[derive(PartialEq)]
enum Named {
    Yes,
    No,
}

fn place(span: Span, sources: &SourceMap, named: Named) -> Map<String, Value> {
    let mut object = Map::new();
    let Some(source) = sources.get(span.source) else { return object };
    let (start, end) = (source.position(span.start), source.position(span.end));
    if named == Named::Yes {
        object.insert("file".into(), json!(source.name));
    }
    object.insert("line".into(), json!(start.line));
    object.insert("column".into(), json!(start.column));
    object.insert("end_line".into(), json!(end.line));
    object.insert("end_column".into(), json!(end.column));
    object
}
