//! From text to AST: a parse never fails, mistakes become diagnostics and error nodes.

pub mod ast;
mod build;
mod expect;
mod format;
mod grammar;
mod junk;
pub mod json;
mod literal;
mod preset;
mod requests;
mod scan;
mod script;
mod statements;
mod values;
mod write;

pub use ast::Quantity;
pub use build::normalised;
pub use format::{Formatted, Outcome, format};
pub use literal::quantity;
pub use preset::{decode_call, parse_call};
pub use scan::MAXIMUM_BYTES;
pub use script::{
    Explored, MAXIMUM_SCRIPT_BYTES, SCRIPT_CLASSES, ScriptTexts, explore, script_arguments, script_file,
    script_too_large,
};
pub use write::{value_text, write_vod};

use crate::diag::Diagnostics;
use crate::text::Source;
use grammar::Rule;
use scan::Dialect;

/// What a text says.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Everything that could be read.
    pub file: ast::File,
    /// What could not, sorted by place.
    pub diagnostics: Diagnostics,
}

/// What the text of a call says.
#[derive(Debug, Clone)]
pub struct ParsedCall {
    /// The call; `None` when it could not be read.
    pub call: Option<ast::Call>,
    /// What is wrong with it, sorted by place.
    pub diagnostics: Diagnostics,
}

/// Parses a text of the language, or one of the JSON forms.
pub fn parse(source: &Source) -> Parsed {
    if json::is_json(source) { json::parse(source) } else { parse_vod(source) }
}

fn parse_vod(source: &Source) -> Parsed {
    let scan = scan::scan(source, Dialect::Vod);
    let mut diagnostics = scan.diagnostics;
    let mut file = ast::File::default();
    if let Some(text) = &scan.text {
        match grammar::parse(Rule::file, text) {
            Ok(pairs) => {
                let built = build::file(source, text, pairs, &scan.docs);
                file = built.0;
                diagnostics.extend(built.1);
            }
            // Only the limits of the parser can make a file fail.
            Err(error) => diagnostics.push(expect::diagnostic(&error, source, 0, text)),
        }
    }
    diagnostics.sort();
    Parsed { file, diagnostics }
}

/// Parses a call with the arguments of `.vod`: `publish(cover_at: 1.5s)` or `publish`.
pub fn parse_vod_call(source: &Source) -> ParsedCall {
    let scan = scan::scan(source, Dialect::Vod);
    let mut diagnostics = scan.diagnostics;
    let mut call = None;
    if let Some(text) = &scan.text {
        match grammar::parse(Rule::call_entry, text) {
            Ok(pairs) => {
                let built = build::call_entry(source, text, pairs);
                call = built.0;
                diagnostics.extend(built.1);
            }
            Err(error) => diagnostics.push(expect::diagnostic(&error, source, 0, text)),
        }
    }
    diagnostics.sort();
    ParsedCall { call, diagnostics }
}
