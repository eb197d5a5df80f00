//! Diagnostics for people, drawn by miette; the only place that knows it.

use super::{Diagnostic, Diagnostics, Severity};
use crate::text::{SourceMap, Span};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use std::fmt::Write;

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy)]
pub struct RenderOptions {
    /// Colour escapes in the text.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// All diagnostics as text for a terminal.
pub fn render(diagnostics: &Diagnostics, sources: &SourceMap, options: RenderOptions) -> String {
    let theme = if options.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(options.width).with_links(false);
    let mut text = String::new();
    for diagnostic in diagnostics.iter() {
        let report = report(diagnostic, sources);
        if handler.render_report(&mut text, report.as_ref()).is_err() {
            let _ = write!(text, "{}: {}", diagnostic.code.id, diagnostic.message);
        }
        text.push('\n');
    }
    text
}

fn report(diagnostic: &Diagnostic, sources: &SourceMap) -> Report {
    let severity = match diagnostic.severity() {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let mut drawn = MietteDiagnostic::new(diagnostic.message.clone())
        .with_code(format!("{} {}", diagnostic.code.id, diagnostic.code.name))
        .with_severity(severity);
    if let Some(help) = &diagnostic.help {
        drawn = drawn.with_help(help.clone());
    }
    let Some(primary) = &diagnostic.primary else { return Report::new(drawn) };
    let Some(source) = sources.get(primary.span.source) else { return Report::new(drawn) };
    let mut labels =
        vec![LabeledSpan::new_primary_with_span(note(&primary.message), visible(primary.span, &source.text))];
    for label in diagnostic.secondary.iter().filter(|label| label.span.source == primary.span.source) {
        labels.push(LabeledSpan::new_with_span(note(&label.message), visible(label.span, &source.text)));
    }
    Report::new(drawn.with_labels(labels)).with_source_code(NamedSource::new(&source.name, source.text.to_string()))
}

fn note(message: &str) -> Option<String> {
    (!message.is_empty()).then(|| message.to_owned())
}

/// miette draws no label at the very end of a text: such a span is moved onto the last character.
fn visible(span: Span, text: &str) -> std::ops::Range<usize> {
    let range = span.range();
    let trimmed = text.trim_end().len();
    if range.start >= trimmed && trimmed > 0 {
        let last = text[..trimmed].char_indices().next_back().map_or(0, |(at, _)| at);
        return last..trimmed;
    }
    range
}
