//! Diagnostics and their fixes, as an editor shows them.

use super::Analysis;
use super::navigate::Location;
use crate::diag::{Code, Diagnostic, Severity, codes};
use crate::text::Span;
use std::ops::Range;

/// Something that is wrong with the main text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub range: Range<usize>,
    /// The registered code.
    pub code: &'static Code,
    /// How bad it is.
    pub severity: Severity,
    /// The fact, and what to do about it.
    pub message: String,
    /// The other half: where something was declared.
    pub related: Vec<Related>,
    /// Whether the place could as well be deleted.
    pub is_unnecessary: bool,
}

/// A further place of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What is to be said there.
    pub message: String,
}

/// An edit that settles a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickFix {
    /// What it does, imperative.
    pub title: String,
    /// The problem it settles, by its place in `diagnostics()`.
    pub problem: Problem,
    /// Ranges of the main text and what replaces them.
    pub edits: Vec<(Range<usize>, String)>,
}

/// All problems of a text.
pub(super) fn problems(analysis: &Analysis<'_>) -> Vec<Problem> {
    analysis.unit.diagnostics().iter().filter_map(|diagnostic| problem(analysis, diagnostic)).collect()
}

fn problem(analysis: &Analysis<'_>, diagnostic: &Diagnostic) -> Option<Problem> {
    let main = analysis.unit.main()?.id;
    let place = diagnostic.primary.as_ref().map(|label| label.span);
    let related = diagnostic.secondary.iter().map(|label| (label.span, label.message.to_string()));
    let mut related: Vec<(Span, String)> = related.collect();
    let mut message = diagnostic.message.to_string();
    let range = match place {
        Some(span) if span.source == main => {
            if let Some(note) = diagnostic.primary.as_ref().map(|label| &label.message).filter(|note| !note.is_empty())
            {
                message.push_str(&format!(" ({note})"));
            }
            span.range()
        }
        // A mistake of an imported text is shown where it came from, and where it came in.
        Some(span) => {
            related.insert(0, (span, diagnostic.message.to_string()));
            message = format!("in `{}`: {message}", analysis.origin(Some(span)));
            analysis.unit.import_that_brought(span.source).map_or(0..0, |import| import.span.range())
        }
        None => 0..0,
    };
    if let Some(help) = &diagnostic.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let related = related.into_iter().filter_map(|(span, message)| {
        Some(Related {
            location: Location::of(analysis, span)?,
            message: if message.is_empty() { "here".into() } else { message },
        })
    });
    Some(Problem {
        range,
        code: diagnostic.code,
        severity: diagnostic.severity(),
        message,
        related: related.collect(),
        is_unnecessary: [&codes::NO_EFFECT, &codes::DUPLICATE_TEMPLATE].contains(&diagnostic.code),
    })
}

/// Fixes of the problems that touch a range.
pub(super) fn quick_fixes(analysis: &Analysis<'_>, range: Range<usize>) -> Vec<QuickFix> {
    let fixes = analysis.unit.diagnostics().iter().filter_map(|diagnostic| quick_fix(analysis, diagnostic));
    fixes.filter(|fix| fix.problem.range.start <= range.end && range.start <= fix.problem.range.end).collect()
}

fn quick_fix(analysis: &Analysis<'_>, diagnostic: &Diagnostic) -> Option<QuickFix> {
    let main = analysis.unit.main()?;
    let fix = diagnostic.fix.as_ref()?;
    let edits: Option<Vec<_>> =
        fix.edits.iter().map(|(span, text)| (span.source == main.id).then(|| (span.range(), text.clone()))).collect();
    let edits = edits.filter(|edits| !edits.is_empty())?;
    Some(QuickFix { title: title(analysis.text(), &edits), problem: problem(analysis, diagnostic)?, edits })
}

/// What an edit does, in words.
fn title(text: &str, edits: &[(Range<usize>, String)]) -> String {
    let [(range, new)] = edits else { return "apply the fix".to_owned() };
    let old = text.get(range.clone()).unwrap_or("");
    match (old.trim(), new.trim()) {
        ("", new) => format!("insert `{new}`"),
        (old, "") => format!("delete `{old}`"),
        (old, new) => format!("replace `{old}` by `{new}`"),
    }
}
