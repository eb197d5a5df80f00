//! What an editor asks about a text, answered as plain data: diagnostics, hover, completion, definitions.
//!
//! Offsets are bytes of the main text; no type of any editor's protocol is known here.

mod completion;
mod cursor;
mod describe;
mod fields;
mod hover;
mod layout;
mod names;
mod navigate;
mod occurrence;
mod place;
mod problems;
mod signature;
mod unit;
mod wanted;
mod words;

pub use completion::{Completion, CompletionKind};
pub use hover::Hover;
pub use navigate::{Location, Outline, OutlineKind, RenameRefused};
pub use problems::{Problem, QuickFix, Related};
pub use signature::Signature;

use crate::driver::Compiler;
use crate::text::{Source, Span};
use crate::world::World;
use names::Names;
use occurrence::{Occurrence, occurrences};
use std::ops::Range;
use unit::Unit;

/// A text as it was understood.
pub struct Analysis<'c> {
    compiler: &'c Compiler,
    unit: Unit,
}

impl<'c> Analysis<'c> {
    /// Parses and checks a text and what it imports. The compiler is made once for all analyses.
    pub fn new(compiler: &'c Compiler, name: &str, text: &str, world: &dyn World) -> Self {
        Analysis { compiler, unit: Unit::check(compiler, name, text, world) }
    }

    /// The main text, without a byte-order mark.
    pub fn text(&self) -> &str {
        self.unit.main().map_or("", |source| &source.text)
    }

    /// What is wrong with the text, by place; mistakes of imported texts stand at the import.
    pub fn diagnostics(&self) -> Vec<Problem> {
        problems::problems(self)
    }

    /// Edits that settle what is wrong in a range.
    pub fn quick_fixes(&self, range: Range<usize>) -> Vec<QuickFix> {
        problems::quick_fixes(self, range)
    }

    /// What is to be said about a place.
    pub fn hover(&self, offset: usize) -> Option<Hover> {
        hover::hover(self, offset)
    }

    /// What may be written at a place, best first; nothing twice.
    pub fn completion(&self, offset: usize) -> Vec<Completion> {
        completion::completion(self, offset)
    }

    /// Where the thing at a place is declared.
    pub fn definition(&self, offset: usize) -> Option<Location> {
        navigate::definition(self, offset)
    }

    /// Every place of all texts that means the thing at a place, declarations included.
    pub fn references(&self, offset: usize) -> Vec<Location> {
        navigate::references(self, offset)
    }

    /// The place of the name that `rename` would change.
    pub fn renamable(&self, offset: usize) -> Option<Range<usize>> {
        navigate::renamable(self, offset)
    }

    /// The edits that give the thing at a place another name.
    pub fn rename(&self, offset: usize, name: &str) -> Result<Vec<(Location, String)>, RenameRefused> {
        navigate::rename(self, offset, name)
    }

    /// What the text declares, outermost first.
    pub fn outline(&self) -> Vec<Outline> {
        navigate::outline(self)
    }

    /// The ranges that an editor may fold.
    pub fn foldings(&self) -> Vec<Range<usize>> {
        navigate::foldings(self)
    }

    /// The procedure whose arguments a place stands in.
    pub fn signature(&self, offset: usize) -> Option<Signature> {
        signature::signature(self, offset)
    }

    /// The edit that brings the text into the usual layout: whole lines, and what stands there then.
    pub fn formatting(&self) -> Option<(Range<usize>, String)> {
        layout::edit(self)
    }

    /// The names of the imported texts, and whether an import brought nothing.
    pub fn imports(&self) -> (Vec<&str>, bool) {
        (self.unit.imported(), self.unit.has_lost_imports())
    }

    fn names(&self) -> Names<'_> {
        Names {
            catalog: self.compiler.catalog(),
            files: self.unit.files(),
            built: self.unit.templates(),
            index: self.unit.index(),
        }
    }

    fn occurrences(&self) -> Vec<Occurrence<'_>> {
        self.unit.files().first().map(|file| occurrences(self.names(), file)).unwrap_or_default()
    }

    /// What the smallest thing around an offset means; at the border of two, the one that starts there.
    fn resolve_at(&self, offset: usize) -> Option<Occurrence<'_>> {
        let around = |found: &Occurrence<'_>| {
            let range = found.span.range();
            range.start <= offset && offset <= range.end
        };
        let found = self.occurrences().into_iter().filter(around);
        found.min_by_key(|found| (found.span.range().len(), offset == found.span.range().end))
    }

    /// The text that a span points into, of this compilation or of the catalogue.
    fn source_of(&self, span: Span) -> Option<&Source> {
        self.unit.source(span.source)
    }

    /// The start of the text that an import of the main text brought.
    fn imported(&self, path: &str) -> Option<Location> {
        let source = self.unit.import_of(path)?;
        Some(Location { name: source.name.clone(), range: 0..0, text: source.text.clone() })
    }

    fn text_of(&self, span: Span) -> &str {
        self.source_of(span).map_or("", |source| &source.text)
    }

    fn origin(&self, declared: Option<Span>) -> String {
        declared.and_then(|span| self.source_of(span)).map_or_else(String::new, |source| source.name.clone())
    }
}
