//! Reads a text and everything it imports, each once.

use crate::diag::{Diagnostic, Diagnostics, Message, codes, message};
use crate::sema::Declarations;
use crate::syntax::ast::{File, Import, Item};
use crate::syntax::parse;
use crate::text::SourceMap;
use crate::world::{ImportError, World};

/// Most files of one compilation.
const MAXIMUM_FILES: usize = 64;

/// Texts being read.
pub struct Loader<'w> {
    /// The outside.
    pub world: &'w dyn World,
    /// All texts.
    pub sources: SourceMap,
    /// Their ASTs, the main one first.
    pub files: Vec<File>,
    /// What was wrong.
    pub diagnostics: Diagnostics,
    seen: Vec<String>,
}

impl<'w> Loader<'w> {
    /// Starts with texts that are known already.
    pub fn new(world: &'w dyn World, sources: SourceMap) -> Self {
        Loader { world, sources, files: Vec::new(), diagnostics: Diagnostics::default(), seen: Vec::new() }
    }

    /// Reads a text and, through it, its imports. The depth of imports is bounded by the number of files.
    pub fn load(&mut self, name: &str, text: &str) {
        self.read(name, text, &mut Vec::new());
    }

    /// Whether every import brought its text.
    pub fn declarations(&self) -> Declarations {
        let lost = self.diagnostics.iter().any(|problem| problem.code == &codes::IMPORT_FAILED);
        if lost { Declarations::SomeLost } else { Declarations::Complete }
    }

    fn read(&mut self, name: &str, text: &str, path: &mut Vec<String>) {
        let source = self.sources.add(name, text);
        let parsed = parse(&source);
        self.diagnostics.extend(parsed.diagnostics);
        self.follow(name, parsed.file, path);
    }

    /// Takes in what a script became, and reads its imports.
    pub fn take(&mut self, name: &str, file: File) {
        self.follow(name, file, &mut Vec::new());
    }

    fn follow(&mut self, name: &str, file: File, path: &mut Vec<String>) {
        self.seen.push(name.to_owned());
        let imports: Vec<Import> = file
            .items
            .iter()
            .filter_map(|item| if let Item::Import(import) = item { Some(import.clone()) } else { None })
            .collect();
        self.files.push(file);
        path.push(name.to_owned());
        for import in imports {
            self.import(name, &import, path);
        }
        path.pop();
    }

    fn import(&mut self, from: &str, import: &Import, path: &mut Vec<String>) {
        let written = &import.path.value;
        let problem = |code, message: Message| Diagnostic::new(code, message).at(import.path.span, "");
        let imported = match self.world.read_import(from, written) {
            Ok(imported) => imported,
            Err(why) => {
                let message = message!("`{}` cannot be imported: {}", written, reason(why));
                self.diagnostics.push(problem(&codes::IMPORT_FAILED, message));
                return;
            }
        };
        if let Some(at) = path.iter().position(|earlier| *earlier == imported.name) {
            let circle: Vec<&str> = path[at..].iter().map(String::as_str).chain([imported.name.as_str()]).collect();
            let message = message!("files import each other in a circle: {}", circle.join(" → "));
            self.diagnostics.push(problem(&codes::IMPORT_CYCLE, message));
        } else if self.seen.contains(&imported.name) {
            // Read already through another file.
        } else if self.files.len() >= MAXIMUM_FILES {
            let message = message!("more than {} files are imported", MAXIMUM_FILES);
            self.diagnostics.push(problem(&codes::IMPORT_FAILED, message));
        } else {
            self.read(&imported.name, &imported.text, path);
        }
    }
}

/// Why an import brought nothing; `world` itself says nothing to people.
fn reason(error: ImportError) -> Message {
    match error {
        ImportError::NotFound => message!("the file does not exist"),
        ImportError::Address => message!("an import names a file, not an address"),
        ImportError::NotRelative => message!("an import is relative to the file that has it"),
        ImportError::OutsideRoot => message!("the file lies outside the main file's folder"),
        ImportError::TooLarge => message!("the file is larger than 1 MiB"),
        ImportError::Unreadable(words) => words.into(),
    }
}
