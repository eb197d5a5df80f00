//! From a name to its declaration and back: definitions, references, rename, the outline of a text.

use super::Analysis;
use super::occurrence::{Occurrence, Target, occurrences};
use super::words;
use crate::syntax::ast::{Item, Statement, StatementKind};
use crate::text::Span;
use std::ops::Range;

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The name of the text: the main one's as given, an imported one's as the world names it, `catalog:….vod`.
    pub name: String,
    /// The bytes.
    pub range: Range<usize>,
    /// The text, so that offsets can be turned into positions without asking the outside again.
    pub text: std::sync::Arc<str>,
}

impl Location {
    /// The place of a span; `None` for a span of no text of this compilation.
    pub(super) fn of(analysis: &Analysis<'_>, span: Span) -> Option<Self> {
        let source = analysis.source_of(span)?;
        Some(Location { name: source.name.clone(), range: span.range(), text: source.text.clone() })
    }
}

/// Where the thing at an offset is declared.
pub(super) fn definition(analysis: &Analysis<'_>, offset: usize) -> Option<Location> {
    let found = analysis.resolve_at(offset)?;
    match &found.target {
        Target::Import(import) => analysis.imported(&import.path.value),
        target => Location::of(analysis, target.declared()?),
    }
}

/// Every place that means the thing at an offset.
pub(super) fn references(analysis: &Analysis<'_>, offset: usize) -> Vec<Location> {
    let spans = same_thing(analysis, offset).map(|(_, spans)| spans).unwrap_or_default();
    spans.into_iter().filter_map(|span| Location::of(analysis, span)).collect()
}

/// The declaration of the thing at an offset and every place that means it, by place.
fn same_thing(analysis: &Analysis<'_>, offset: usize) -> Option<(Span, Vec<Span>)> {
    let declared = analysis.resolve_at(offset)?.target.declared()?;
    let all = analysis.unit.files().iter().flat_map(|file| occurrences(analysis.names(), file));
    let same = |found: &Occurrence<'_>| found.target.declared() == Some(declared);
    let mut spans: Vec<Span> = all.filter(same).map(|found| found.span).collect();
    spans.push(declared);
    spans.sort();
    spans.dedup();
    Some((declared, spans))
}

/// Why a name cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenameRefused {
    /// Nothing here has a name of its own.
    #[error("nothing stands here that could be renamed")]
    NoName,
    /// It belongs to the catalogue.
    #[error("`{0}` belongs to the system catalogue")]
    System(String),
    /// Another thing has it.
    #[error("`{0}` is declared already")]
    Taken(String),
    /// It is none.
    #[error("a name has 1 to 64 characters")]
    NotAName,
}

/// The place of the name at an offset, if it can be changed.
pub(super) fn renamable(analysis: &Analysis<'_>, offset: usize) -> Option<Range<usize>> {
    let (declared, _) = same_thing(analysis, offset)?;
    is_own(analysis, declared).then_some(())?;
    let found = analysis.resolve_at(offset)?;
    is_written_name(analysis, found.span).then(|| found.span.range())
}

/// A template may also be addressed by its number, which a new name does not change.
fn is_written_name(analysis: &Analysis<'_>, span: Span) -> bool {
    let text = analysis.text_of(span).get(span.range()).unwrap_or("");
    !text.starts_with(|sign: char| sign.is_ascii_digit() || sign == '-')
}

fn is_own(analysis: &Analysis<'_>, declared: Span) -> bool {
    !analysis.origin(Some(declared)).starts_with("catalog:")
}

/// The edits of a new name.
pub(super) fn rename(
    analysis: &Analysis<'_>,
    offset: usize,
    name: &str,
) -> Result<Vec<(Location, String)>, RenameRefused> {
    let (declared, spans) = same_thing(analysis, offset).ok_or(RenameRefused::NoName)?;
    if !is_own(analysis, declared) {
        let text = analysis.text_of(declared);
        return Err(RenameRefused::System(text.get(declared.range()).unwrap_or("").to_owned()));
    }
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(RenameRefused::NotAName);
    }
    let names = analysis.names();
    let is_local = matches!(analysis.resolve_at(offset).map(|found| found.target), Some(Target::Local(_)));
    if !is_local && (names.template(name).is_some() || names.procedure(name).is_some()) {
        return Err(RenameRefused::Taken(name.to_owned()));
    }
    let written = words::spelt(name);
    let named = spans.into_iter().filter(|span| is_written_name(analysis, *span));
    Ok(named.filter_map(|span| Some((Location::of(analysis, span)?, written.clone()))).collect())
}

/// What a text declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// A word about it: the kind of a template.
    pub detail: String,
    /// What it is.
    pub kind: OutlineKind,
    /// All of it.
    pub range: Range<usize>,
    /// Its name.
    pub name_range: Range<usize>,
    /// What is declared inside it.
    pub children: Vec<Outline>,
}

/// What a declaration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutlineKind {
    /// A template.
    Template,
    /// A procedure.
    Procedure,
    /// A parameter.
    Parameter,
    /// A `let`.
    Let,
    /// A call that runs.
    Call,
}

/// The declarations and calls of the main text.
pub(super) fn outline(analysis: &Analysis<'_>) -> Vec<Outline> {
    let items = analysis.unit.files().first().map(|file| file.items.as_slice()).unwrap_or_default();
    let leaf = |name: &crate::syntax::ast::Name, detail: &str, kind, span: Span| Outline {
        name: name.value.clone(),
        detail: detail.to_owned(),
        kind,
        range: span.range(),
        name_range: name.span.range(),
        children: Vec::new(),
    };
    let outline = items.iter().filter_map(|item| match item {
        Item::Template(node) => Some(leaf(&node.name, &node.kind.value, OutlineKind::Template, node.span)),
        Item::Call(call) => Some(leaf(&call.name, "call", OutlineKind::Call, call.span)),
        Item::Procedure(node) => {
            let parameters = node.parameters.iter().map(|parameter| {
                let written = super::describe::type_name(&parameter.type_name);
                leaf(&parameter.name, &written, OutlineKind::Parameter, parameter.name.span)
            });
            let lets = node.body.iter().filter_map(|statement| match &statement.kind {
                StatementKind::Let { name, .. } => Some(leaf(name, "let", OutlineKind::Let, statement.span)),
                _ => None,
            });
            let children = parameters.chain(lets).collect();
            Some(Outline { children, ..leaf(&node.name, "procedure", OutlineKind::Procedure, node.span) })
        }
        Item::Import(_) | Item::Error(_) => None,
    });
    outline.filter(|one| !one.name.is_empty()).collect()
}

/// Declarations and blocks of more than one line.
pub(super) fn foldings(analysis: &Analysis<'_>) -> Vec<Range<usize>> {
    let items = analysis.unit.files().first().map(|file| file.items.as_slice()).unwrap_or_default();
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Template(node) => found.push(node.span.range()),
            Item::Procedure(node) => {
                found.push(node.span.range());
                statements(&node.body, &mut found);
            }
            Item::Import(_) | Item::Call(_) | Item::Error(_) => {}
        }
    }
    let text = analysis.text();
    found.retain(|range| text.get(range.clone()).is_some_and(|part| part.contains('\n')));
    found
}

/// Nesting is limited before parsing, so this recursion is bounded.
fn statements(body: &[Statement], found: &mut Vec<Range<usize>>) {
    for statement in body {
        match &statement.kind {
            StatementKind::For { body, .. } => {
                found.push(statement.span.range());
                statements(body, found);
            }
            StatementKind::When { branches, otherwise } => {
                found.push(statement.span.range());
                branches.iter().for_each(|branch| statements(&branch.body, found));
                statements(otherwise.as_deref().unwrap_or_default(), found);
            }
            _ => {}
        }
    }
}
