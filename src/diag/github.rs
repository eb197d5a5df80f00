//! Diagnostics as workflow commands of GitHub Actions: `::error file=…,line=…::message`.

use super::report::{Findings, is_file};
use super::{Diagnostic, Language, Severity};
use crate::text::{SourceMap, Span};

/// One command a diagnostic.
pub(super) fn commands(found: &[Findings<'_>], language: Language) -> String {
    let each = found.iter().flat_map(|found| found.diagnostics.iter().map(|one| (one, found.sources)));
    each.map(|(diagnostic, sources)| command(diagnostic, sources, language)).collect()
}

fn command(diagnostic: &Diagnostic, sources: &SourceMap, language: Language) -> String {
    let kind = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = diagnostic.primary.as_ref().map_or_else(Vec::new, |label| place(label.span, sources));
    properties.push(("title", format!("{} {}", diagnostic.code.id, diagnostic.code.name)));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", in_property(value))).collect();
    let mut message = diagnostic.message.text(language);
    if let Some(help) = &diagnostic.help {
        message = format!("{message}\n{} {}", super::message!("help:").text(language), help.text(language));
    }
    format!("::{kind} {}::{}\n", properties.join(","), in_message(&message))
}

/// Where it is. Columns are left out where the place spans several lines: the service refuses them there.
fn place(span: Span, sources: &SourceMap) -> Vec<(&'static str, String)> {
    let Some(source) = sources.get(span.source).filter(|source| is_file(source)) else { return Vec::new() };
    let (start, end) = (source.position(span.start), source.position(span.end));
    let mut place = vec![("file", source.name.clone()), ("line", start.line.to_string())];
    if start.line == end.line {
        place.push(("col", start.column.to_string()));
        place.push(("endLine", end.line.to_string()));
        place.push(("endColumn", end.column.to_string()));
    } else {
        place.push(("endLine", end.line.to_string()));
    }
    place
}

/// What would end the line, or start an escape.
fn in_message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Also what ends a property.
fn in_property(text: &str) -> String {
    in_message(text).replace(':', "%3A").replace(',', "%2C")
}
