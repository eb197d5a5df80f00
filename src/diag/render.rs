//! Diagnostics for people, drawn by miette; the only place that knows it.

use super::{Diagnostic, Diagnostics, Language, Message, Severity, message};
use crate::text::{SourceMap, Span, printable};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError, MietteSpanContents, Report,
    SourceCode, SourceSpan, SpanContents,
};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy)]
pub struct RenderOptions {
    /// Colour escapes in the text.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// What the words are said in.
    pub language: Language,
}

/// All diagnostics as text for a terminal.
pub fn render(diagnostics: &Diagnostics, sources: &SourceMap, options: RenderOptions) -> String {
    let theme = if options.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(options.width).with_links(false);
    let mut text = String::new();
    for diagnostic in diagnostics.iter() {
        let report = report(diagnostic, sources, options.language);
        if handler.render_report(&mut text, report.as_ref()).is_err() {
            let _ = write!(text, "{}: {}", diagnostic.code.id, diagnostic.message.text(options.language));
        }
        if let Some(help) = &diagnostic.help {
            text.push_str(&help_lines(help, options));
        }
        text.push('\n');
    }
    text
}

fn report(diagnostic: &Diagnostic, sources: &SourceMap, language: Language) -> Report {
    let severity = match diagnostic.severity() {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let drawn = MietteDiagnostic::new(printable(&diagnostic.message.text(language)))
        .with_code(format!("{} {}", diagnostic.code.id, diagnostic.code.name))
        .with_severity(severity);
    let note = |message: &Message| (!message.is_empty()).then(|| printable(&message.text(language)));
    let Some(primary) = &diagnostic.primary else { return Report::new(drawn) };
    let Some(source) = sources.get(primary.span.source) else { return Report::new(drawn) };
    let mut labels =
        vec![LabeledSpan::new_primary_with_span(note(&primary.message), visible(primary.span, &source.text))];
    for label in diagnostic.secondary.iter().filter(|label| label.span.source == primary.span.source) {
        labels.push(LabeledSpan::new_with_span(note(&label.message), visible(label.span, &source.text)));
    }
    Report::new(drawn.with_labels(labels))
        .with_source_code(Shown { name: printable(&source.name), text: harmless(&source.text) })
}

/// The help below a drawing. miette says `help:` in English only.
fn help_lines(help: &Message, options: RenderOptions) -> String {
    let (start, end) = if options.colour { ("\u{1b}[36m", "\u{1b}[0m") } else { ("", "") };
    let word = message!("help:").text(options.language);
    // A full-width colon brings its own space.
    let gap = if word.ends_with('：') { "" } else { " " };
    let first = format!("{start}  {word}{end}{gap}");
    let indent = " ".repeat(word.width() + gap.len() + 2);
    let wrapping = textwrap::Options::new(options.width).initial_indent(&indent).subsequent_indent(&indent);
    let wrapped = textwrap::fill(&printable(&help.text(options.language)), wrapping);
    format!("{first}{}\n", wrapped.trim_start())
}

/// Bytes of a line above which only a part of it is shown: nobody reads more, and generated files have lines without end.
const LONGEST_LINE: usize = 400;
/// Bytes shown before and after the place in such a line.
const SURROUNDINGS: usize = 60;

/// A text that miette reads. Its own kind counts columns in bytes; ours are in characters, as in JSON and in editors.
struct Shown {
    name: String,
    text: String,
}

impl SourceCode for Shown {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, lines_before, lines_after)?;
        if found.data().split(|byte| *byte == b'\n').any(|line| line.len() > LONGEST_LINE) {
            return Ok(Box::new(self.part_of_a_line(span)));
        }
        let start = found.span().offset();
        let line_start = start - found.column().min(start);
        let column = self.text.get(line_start..start).map_or(found.column(), |before| before.chars().count());
        let (data, line, count) = (found.data(), found.line(), found.line_count());
        let contents = MietteSpanContents::new_named(self.name.clone(), data, *found.span(), line, column, count);
        Ok(Box::new(contents))
    }
}

impl Shown {
    /// The surroundings of a span in its own line alone.
    fn part_of_a_line(&self, span: &SourceSpan) -> MietteSpanContents<'_> {
        let (from, to) = (span.offset().min(self.text.len()), (span.offset() + span.len()).min(self.text.len()));
        let line_start = self.text[..from].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[to..].find('\n').map_or(self.text.len(), |at| to + at);
        let start = boundary(&self.text, from.saturating_sub(SURROUNDINGS)).max(line_start);
        let end = boundary(&self.text, (to + SURROUNDINGS).min(line_end)).max(to);
        let line = self.text[..line_start].matches('\n').count();
        let column = self.text[line_start..from].chars().count();
        let part = (start, end - start).into();
        MietteSpanContents::new_named(self.name.clone(), &self.text.as_bytes()[start..end], part, line, column, 1)
    }
}

/// The nearest place that is not inside a character, at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
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
    // What fills a line without end is underlined at its start.
    let line = text.get(range.clone()).unwrap_or("").find('\n').unwrap_or(range.len());
    if line > LONGEST_LINE { range.start..boundary(text, range.start + SURROUNDINGS) } else { range }
}
