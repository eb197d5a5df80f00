//! The pest parser made from `grammar/vod.pest`, with its limits.

// The derive documents every rule from the grammar file, but not its own parser.
#![allow(missing_docs)]

use pest::Parser;
use pest::error::Error;
use pest::iterators::Pairs;
use pest_derive::Parser;
use std::num::NonZeroUsize;
use std::sync::Once;

#[derive(Parser)]
#[grammar = "grammar/vod.pest"]
struct VodParser;

/// A second belt against texts that take the parser too long; far above what a text of 1 MiB needs.
const CALL_LIMIT: usize = 20_000_000;

/// Parses a text from its start as `rule`.
// The error is pest's own, made once per failed text.
#[allow(clippy::result_large_err)]
pub fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Error<Rule>> {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALL_LIMIT)));
    VodParser::parse(rule, text)
}
