//! The pest parser made from `grammar/json.pest`.

// The derive documents every rule from the grammar file, but not its own parser.
#![allow(missing_docs)]

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "grammar/json.pest"]
pub struct JsonParser;
