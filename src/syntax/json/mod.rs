//! The JSON forms of procedures and templates: request bodies of both generations of the API, to the same AST.

mod bodies;
mod convert;
mod fault;
mod flat;
mod flow;
mod flows;
mod grammar;
mod parse;
mod read;
mod schema;
mod shape;
mod table;
mod templates;
mod text;
mod unshape;
mod value;
mod write;

pub use flow::{Body, procedure_v2};
pub use schema::{Refused, refused, schema};
pub use table::Generation;
pub use value::{Kind, Member, Value};
pub use write::{Written, schema_id, write};

use super::Parsed;
use super::ast::File;
use crate::diag::{Diagnostics, Fix};
use crate::text::{Source, Span};

/// Whether a text is in a JSON form: what its name says, else how it starts.
pub fn is_json(source: &Source) -> bool {
    if source.name.ends_with(".json") {
        return true;
    }
    !source.name.ends_with(".vod") && source.text.trim_start().starts_with(['{', '['])
}

/// Parses a body, or an array of bodies.
pub fn parse(source: &Source) -> Parsed {
    let (value, mut diagnostics) = parse::value(source);
    let mut file = File::default();
    if let Some(value) = value {
        let (items, found) = bodies::items(&value);
        file.items = items;
        diagnostics.extend(found);
    }
    diagnostics.sort();
    Parsed { file, diagnostics }
}

/// Says of every problem in a JSON text where it lies as a JSON pointer, unless something is said there already, and
/// takes away edits in the words of the language: what is left can be applied to JSON.
pub fn localised(source: &Source, diagnostics: Diagnostics) -> Diagnostics {
    let (Some(value), _) = parse::value(source) else { return diagnostics };
    let is_here = |span: Span| span.source == source.id;
    let localised = diagnostics.into_iter().map(|mut diagnostic| {
        if let Some(label) = diagnostic.primary.as_mut().filter(|label| is_here(label.span) && label.message.is_empty())
        {
            label.message = pointer_text(&value.pointer(label.span)).into();
        }
        let fits =
            |text: &str| text.is_empty() || text.starts_with('"') || text.bytes().all(|byte| byte.is_ascii_digit());
        let edits = |fix: &Fix| fix.edits.iter().all(|(span, text)| !is_here(*span) || fits(text));
        diagnostic.fix = diagnostic.fix.filter(edits);
        diagnostic
    });
    localised.collect()
}

/// A JSON pointer for people; the whole text has none.
fn pointer_text(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!("`{pointer}`") }
}
