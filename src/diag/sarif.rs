//! Diagnostics as SARIF 2.1.0: rules from the registry and its pages, results with regions, fixes as replacements.

use super::report::{Findings, is_file};
use super::{Code, Diagnostic, Fix, Label, Language, Page, Severity, message};
use crate::text::{Source, SourceId, SourceMap, Span};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Where the page of a code can be read; the crate's sources are kept there for every version.
const PAGES: &str = concat!("https://docs.rs/crate/vodflow/", env!("CARGO_PKG_VERSION"), "/source/docs/diagnostics.md");

/// The log of one run.
pub(super) fn log(found: &[Findings<'_>], language: Language) -> Value {
    let codes: BTreeMap<&str, &Code> = found
        .iter()
        .flat_map(|found| found.diagnostics.iter())
        .map(|diagnostic| (diagnostic.code.id, diagnostic.code))
        .collect();
    let rules: Vec<Value> = codes.values().map(|code| rule(code, language)).collect();
    let index = |code: &Code| codes.keys().position(|id| *id == code.id);
    let results = found.iter().flat_map(|found| {
        found
            .diagnostics
            .iter()
            .map(move |diagnostic| result(diagnostic, index(diagnostic.code), found.sources, language))
    });
    let tongue = match language {
        Language::English => "en",
        Language::Chinese => "zh",
    };
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "vodflow", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "language": tongue,
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn rule(code: &Code, language: Language) -> Value {
    let mut rule = json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.summary_in(language) },
        "helpUri": format!("{PAGES}#{}-{}", code.id.to_lowercase(), code.name),
        "defaultConfiguration": { "level": level(code.severity) },
    });
    if let Some(page) = Page::read(code) {
        rule["fullDescription"] = json!({ "text": page.meaning });
        rule["help"] = json!({ "text": page.remedy, "markdown": code.page });
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(diagnostic: &Diagnostic, index: Option<usize>, sources: &SourceMap, language: Language) -> Value {
    let fact = diagnostic.message.text(language);
    let help = diagnostic.help.as_ref().map(|help| help.text(language));
    let text = match &help {
        Some(help) => format!("{fact}\n{} {help}", message!("help:").text(language)),
        None => fact.clone(),
    };
    let mut result = json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": index,
        "level": level(diagnostic.severity()),
        "message": { "text": text },
    });
    let primary = diagnostic.primary.as_ref().and_then(|label| location(label, sources, language));
    result["locations"] = json!(primary.into_iter().collect::<Vec<_>>());
    let related: Vec<Value> = diagnostic
        .secondary
        .iter()
        .filter_map(|label| location(label, sources, language))
        .enumerate()
        .map(|(number, mut location)| {
            location["id"] = json!(number);
            location
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    let changes = diagnostic.fix.as_ref().map_or_else(Vec::new, |fix| changes(fix, sources));
    if !changes.is_empty() {
        let description = help.unwrap_or(fact);
        result["fixes"] = json!([{ "description": { "text": description }, "artifactChanges": changes }]);
    }
    result
}

fn location(label: &Label, sources: &SourceMap, language: Language) -> Option<Value> {
    let source = sources.get(label.span.source)?;
    let mut location = json!({
        "physicalLocation": { "artifactLocation": artifact(source), "region": region(label.span, source) },
    });
    if !label.message.is_empty() {
        location["message"] = json!({ "text": label.message.text(language) });
    }
    Some(location)
}

/// The edits of a fix, by file; a call is none.
fn changes(fix: &Fix, sources: &SourceMap) -> Vec<Value> {
    let mut files: BTreeMap<SourceId, Vec<Value>> = BTreeMap::new();
    for (span, text) in &fix.edits {
        let Some(source) = sources.get(span.source).filter(|source| is_file(source)) else { continue };
        let replacement = json!({ "deletedRegion": region(*span, source), "insertedContent": { "text": text } });
        files.entry(span.source).or_default().push(replacement);
    }
    let change = |(id, replacements): (SourceId, Vec<Value>)| {
        Some(json!({ "artifactLocation": artifact(sources.get(id)?), "replacements": replacements }))
    };
    files.into_iter().filter_map(change).collect()
}

/// Lines and columns from 1, the columns in characters; the end is the first column that is not meant.
fn region(span: Span, source: &Source) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// The file as a URI; what is no file has a description in its place.
fn artifact(source: &Source) -> Value {
    let mut artifact = Map::new();
    if is_file(source) {
        artifact.insert("uri".into(), json!(uri(&source.name)));
    } else {
        artifact.insert("description".into(), json!({ "text": source.name }));
    }
    Value::Object(artifact)
}

fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
