//! Diagnostics for people, drawn by miette; the only place that knows it.

use super::{Diagnostic, Diagnostics, Severity};
use crate::text::{SourceMap, Span, printable};
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
    let mut drawn = MietteDiagnostic::new(printable(&diagnostic.message))
        .with_code(format!("{} {}", diagnostic.code.id, diagnostic.code.name))
        .with_severity(severity);
    if let Some(help) = &diagnostic.help {
        drawn = drawn.with_help(printable(help));
    }
    let Some(primary) = &diagnostic.primary else { return Report::new(drawn) };
    let Some(source) = sources.get(primary.span.source) else { return Report::new(drawn) };
    let mut labels =
        vec![LabeledSpan::new_primary_with_span(note(&primary.message), visible(primary.span, &source.text))];
    for label in diagnostic.secondary.iter().filter(|label| label.span.source == primary.span.source) {
        labels.push(LabeledSpan::new_with_span(note(&label.message), visible(label.span, &source.text)));
    }
    Report::new(drawn.with_labels(labels))
        .with_source_code(NamedSource::new(printable(&source.name), harmless(&source.text)))
}

fn note(message: &str) -> Option<String> {
    (!message.is_empty()).then(|| printable(message))
}

/// A source text for a terminal: control characters are replaced by signs of equal length, so that spans still fit.
fn harmless(text: &str) -> String {
    let mut signs = text.chars().peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(sign) = signs.next() {
        shown.push(match sign {
            '\n' | '\t' => sign,
            '\r' if signs.peek() == Some(&'\n') => sign,
            sign if sign.is_control() && sign.len_utf8() == 1 => '?',
            sign if sign.is_control() => '\u{bf}',
            sign => sign,
        });
    }
    shown
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
