//! The text of a preset call: a name, or a name with Lua arguments (`vod.md` A.4).

use super::ParsedCall;
use super::ast::{Argument, Call, Name};
use super::build::Builder;
use super::expect;
use super::grammar::{Rule, parse};
use super::scan::{Dialect, scan};
use crate::text::Source;
use pest::iterators::Pair;
use std::borrow::Cow;

/// Parses a preset call; never fails.
pub fn parse_call(source: &Source) -> ParsedCall {
    let scan = scan(source, Dialect::Lua);
    let mut diagnostics = scan.diagnostics;
    let mut call = None;
    if let Some(text) = &scan.text {
        match parse(Rule::preset_entry, text) {
            Ok(mut pairs) => {
                let mut builder = Builder::new(source, text);
                call = pairs.next().map(|pair| build(&mut builder, pair));
                diagnostics.extend(builder.diagnostics);
            }
            Err(error) => diagnostics.push(expect::diagnostic(&error, source, 0, text)),
        }
    }
    diagnostics.sort();
    ParsedCall { call, diagnostics }
}

fn build(builder: &mut Builder<'_>, pair: Pair<'_, Rule>) -> Call {
    let start = pair.as_span().start();
    let end = start + pair.as_str().trim_end().len();
    let span = builder.source.span(start + pair.as_str().len() - pair.as_str().trim_start().len(), end);
    let mut call = Call { name: Name::new(String::new(), span), arguments: Vec::new(), damaged: false, span };
    for inner in pair.into_inner() {
        match inner.as_rule() {
            Rule::preset_name => call.name = Name::new(inner.as_str().to_owned(), builder.span(&inner)),
            Rule::open_paren | Rule::close_paren | Rule::comma | Rule::EOI => {}
            _ => call.arguments.push(Argument { name: None, value: builder.lua_value(inner) }),
        }
    }
    call
}

/// Undoes the percent-encoding that clients put around a call; a text that is not encoded stays as it is.
///
/// Only a text without a plain parenthesis is taken for encoded, so that no call is changed that can be read already.
pub fn decode_call(text: &str) -> Cow<'_, str> {
    let encoded = text.contains("%") && !text.contains("(");
    if !encoded {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let decoded = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(hex_byte);
        match decoded {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_calls_are_read_and_plain_ones_left_alone() {
        assert_eq!(
            decode_call("QCVB_SimpleProcessFile%28%7B10%2C20%7D%2C150%2C10%2C10%29"),
            "QCVB_SimpleProcessFile({10,20},150,10,10)"
        );
        assert_eq!(decode_call("my-flow"), "my-flow");
        assert_eq!(decode_call("f('%28')"), "f('%28')");
        assert_eq!(decode_call("%zz%2"), "%zz%2");
        assert_eq!(decode_call("%ff"), "%ff");
    }
}
