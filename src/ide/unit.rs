//! The texts of an analysis and what the compiler made of them: the one place that knows what the driver gives.

use super::names::Index;
use crate::catalog::template::Template;
use crate::diag::{Diagnostics, codes};
use crate::driver::{Checked, Compiler, Entry};
use crate::syntax::ast::{File, Import, Item};
use crate::text::{Source, SourceId};
use crate::world::World;

/// A checked text.
pub struct Unit {
    checked: Checked,
    index: Index,
    /// How many texts the catalogue has; the main one comes behind them.
    of_catalog: usize,
    /// What each import of the main text wrote, and the name of the text it brought.
    imports: Vec<(String, String)>,
}

impl Unit {
    /// Checks a text and what it imports; nothing is run.
    pub fn check(compiler: &Compiler, name: &str, text: &str, world: &dyn World) -> Self {
        let checked = compiler.check_file(name, text, Entry::Nothing, world);
        let written = imports_of(&checked.files).map(|import| import.path.value.clone());
        let brought = written.filter_map(|path| Some((world.read_import(name, &path).ok()?.name, path)));
        let imports = brought.map(|(name, path)| (path, name)).collect();
        let index = Index::of(&checked.files, &checked.templates);
        Unit { checked, index, of_catalog: compiler.sources().iter().count(), imports }
    }

    /// The main text.
    pub fn main(&self) -> Option<&Source> {
        self.checked.sources.iter().nth(self.of_catalog)
    }

    /// A text by its handle.
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.checked.sources.get(id)
    }

    /// The texts as they were read, the main one first.
    pub fn files(&self) -> &[File] {
        &self.checked.files
    }

    /// The templates of the texts that have no mistakes.
    pub fn templates(&self) -> &[Template] {
        &self.checked.templates
    }

    /// Where the texts declare what.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// What there is to say, by place.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.checked.diagnostics
    }

    /// The names of the imported texts.
    pub fn imported(&self) -> Vec<&str> {
        self.checked.sources.iter().skip(self.of_catalog + 1).map(|source| source.name.as_str()).collect()
    }

    /// Whether an import brought nothing.
    pub fn has_lost_imports(&self) -> bool {
        self.checked.diagnostics.iter().any(|problem| problem.code == &codes::IMPORT_FAILED)
    }

    /// The text that an import of the main text brought.
    pub fn import_of(&self, path: &str) -> Option<&Source> {
        let (_, name) = self.imports.iter().find(|(written, _)| written == path)?;
        self.checked.sources.iter().skip(self.of_catalog).find(|source| source.name == *name)
    }

    /// The import of the main text through which a text came in: its own, or else the first.
    pub fn import_that_brought(&self, id: SourceId) -> Option<&Import> {
        let name = self.source(id).map(|source| source.name.as_str());
        let own = self.imports.iter().find(|(_, brought)| Some(brought.as_str()) == name).map(|(path, _)| path);
        let mut all = imports_of(&self.checked.files);
        let first = imports_of(&self.checked.files).next();
        all.find(|import| Some(&import.path.value) == own).or(first)
    }
}

/// The imports of the main text.
fn imports_of(files: &[File]) -> impl Iterator<Item = &Import> {
    let items = files.first().map(|file| file.items.as_slice()).unwrap_or_default();
    items.iter().filter_map(|item| if let Item::Import(import) = item { Some(import) } else { None })
}
