//! Diagnostics for other programs: one document for everything that was checked, in the form that was asked for.

use super::{Diagnostics, Language, github, sarif, to_json};
use crate::text::{Source, SourceMap};

/// What was found in one procedure, with the texts it points into.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// What was found.
    pub diagnostics: &'a Diagnostics,
    /// The texts.
    pub sources: &'a SourceMap,
}

/// A form that programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// The document of `language.md` 6.
    Json,
    /// Commands that GitHub's runners turn into annotations, one a line.
    Github,
    /// SARIF 2.1.0, which code-scanning services and editors read.
    Sarif,
}

impl ReportFormat {
    /// The document, with a line end.
    pub fn document(self, found: &[Findings<'_>], language: Language) -> String {
        match self {
            ReportFormat::Json => format!("{:#}\n", to_json(found, language)),
            ReportFormat::Github => github::commands(found, language),
            ReportFormat::Sarif => format!("{:#}\n", sarif::log(found, language)),
        }
    }
}

/// Whether a text is a file: calls, standard input and the catalogue have names that no editor could open.
pub(super) fn is_file(source: &Source) -> bool {
    !source.name.starts_with('<') && !source.name.starts_with("catalog:")
}
