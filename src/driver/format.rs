//! The formatter for those who know no stage: a text in, the text in the usual layout and its syntax errors out.

use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::syntax::{self, Formatted};
use crate::text::SourceMap;

/// A text in the usual layout.
#[derive(Debug, Clone)]
pub struct Laid {
    /// The text, and whether it differs.
    pub formatted: Formatted,
    /// What could not be read and was left as it is, by place in the text that was given.
    pub diagnostics: Diagnostics,
    /// That text.
    pub sources: SourceMap,
}

/// Brings a `.vod` text into the usual layout; imports are not looked at.
pub fn format(name: &str, text: &str) -> Laid {
    let mut sources = SourceMap::default();
    let source = sources.add(name, text);
    if syntax::json::is_json(&source) {
        let note = message!("`{}` is JSON, which has no usual layout here", name);
        let problem = Diagnostic::new(&codes::FORM_NOT_SUPPORTED, note);
        let help = message!("convert it: `vodflow convert {} --to vod`", name);
        return Laid { formatted: syntax::format(&source), diagnostics: problem.with_help(help).into(), sources };
    }
    let mut formatted = syntax::format(&source);
    // The mark at the start is no part of the source.
    formatted.changed |= formatted.text != text && formatted.outcome == syntax::Outcome::Done;
    Laid { formatted, diagnostics: syntax::parse(&source).diagnostics, sources }
}
