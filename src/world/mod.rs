//! What the pure core asks of the outside: one trait, so that the core runs in a terminal, an editor, a test or a browser.

mod script;

pub use script::{
    ScriptAction, ScriptClass, ScriptDecision, ScriptEnd, ScriptExpression, ScriptField, ScriptOutcome, ScriptProblem,
    ScriptRun, ScriptSource, ScriptValue,
};

/// The outside, as the compiler sees it.
pub trait World {
    /// Reads the text that an `import` of the text called `from` names.
    ///
    /// The outside decides what a relative path means, keeps it inside its root, and gives the imported text a name
    /// that is the same however it is reached (so that a file imported twice is read as one).
    fn read_import(&self, from: &str, path: &str) -> Result<ImportedText, ImportError>;

    /// Runs a script within fixed bounds of time and memory; the same run always ends in the same way. `None` where
    /// no interpreter is built in.
    fn run_script(&self, _run: &ScriptRun<'_>) -> Option<ScriptOutcome> {
        None
    }
}

/// A text that an import brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedText {
    /// Its canonical name, shown in diagnostics.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Why an import brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// No such file.
    #[error("the file does not exist")]
    NotFound,
    /// A URL.
    #[error("an import names a file, not an address")]
    Address,
    /// An absolute path.
    #[error("an import is relative to the file that has it")]
    NotRelative,
    /// A path that leaves the root.
    #[error("the file lies outside the main file's folder")]
    OutsideRoot,
    /// Larger than 1 MiB.
    #[error("the file is larger than 1 MiB")]
    TooLarge,
    /// Not UTF-8, or not readable.
    #[error("{0}")]
    Unreadable(String),
}

/// A world without files: every import fails. For calls, the catalogue and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl World for NoFiles {
    fn read_import(&self, _from: &str, _path: &str) -> Result<ImportedText, ImportError> {
        Err(ImportError::NotFound)
    }
}
