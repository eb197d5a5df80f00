//! JSON text to values: strict, bounded, one message for a text that is not JSON.

use super::fault;
use super::grammar::{JsonParser, Rule};
use super::value::{Kind, Member, Value};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::syntax::scan::{MAXIMUM_BYTES, MAXIMUM_DEPTH};
use crate::text::Source;
use pest::Parser;
use pest::error::InputLocation;
use pest::iterators::Pair;
use std::collections::BTreeMap;

/// Most values of a text. Procedures of a thousand requests have ten thousand; the limit bounds the parser's memory.
const MAXIMUM_VALUES: usize = 50_000;

/// Parses a JSON text; `None` when it is not JSON. Members given twice are reported and left out.
pub fn value(source: &Source) -> (Option<Value>, Diagnostics) {
    let text = &*source.text;
    if let Some(problem) = beyond_limits(source, text) {
        return (None, problem.into());
    }
    match JsonParser::parse(Rule::text, text) {
        Ok(mut pairs) => {
            let mut builder = Builder { source, diagnostics: Diagnostics::default() };
            let value = pairs.next().and_then(|text| text.into_inner().next()).map(|pair| builder.value(pair));
            (value, builder.diagnostics)
        }
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            (None, fault::diagnostic(source, at).into())
        }
    }
}

/// What the grammar must not be given: its recursion and its memory follow the text.
fn beyond_limits(source: &Source, text: &str) -> Option<Diagnostic> {
    if text.len() > MAXIMUM_BYTES {
        return Some(Diagnostic::new(&codes::FILE_TOO_LARGE, message!("`{}` is larger than 1 MiB", &source.name)));
    }
    let (mut depth, mut values, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        values += usize::from(matches!(byte, b'{' | b'[' | b',' | b':'));
        let here = |problem: Diagnostic| Some(problem.at(source.span(at, at + 1), ""));
        if depth > MAXIMUM_DEPTH {
            let message = message!("objects and arrays are nested deeper than {} levels", MAXIMUM_DEPTH);
            return here(Diagnostic::new(&codes::NESTED_TOO_DEEP, message));
        }
        if values > MAXIMUM_VALUES {
            let message = message!("`{}` holds more than {} values", &source.name, MAXIMUM_VALUES);
            return here(Diagnostic::new(&codes::FILE_TOO_LARGE, message));
        }
    }
    None
}

struct Builder<'a> {
    source: &'a Source,
    diagnostics: Diagnostics,
}

impl Builder<'_> {
    /// Nesting was bounded before parsing, so this recursion is bounded.
    fn value(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.source.span(pair.as_span().start(), pair.as_span().end());
        let kind = match pair.as_rule() {
            Rule::object => Kind::Object(self.members(pair)),
            Rule::array => Kind::Array(pair.into_inner().map(|element| self.value(element)).collect()),
            Rule::string => Kind::String(self.string(&pair)),
            Rule::number => Kind::Number(pair.as_str().to_owned()),
            Rule::boolean => Kind::Boolean(pair.as_str() == "true"),
            _ => Kind::Null,
        };
        Value { span, kind }
    }

    fn members(&mut self, object: Pair<'_, Rule>) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        let mut places = BTreeMap::new();
        for pair in object.into_inner() {
            let mut inner = pair.into_inner();
            let (Some(name), Some(value)) = (inner.next(), inner.next()) else { continue };
            let name_span = self.source.span(name.as_span().start(), name.as_span().end());
            let name = self.string(&name);
            let value = self.value(value);
            if let Some(first) = places.get(&name) {
                let problem = Diagnostic::new(&codes::DUPLICATE_FIELD, message!("`{}` is given twice", &name));
                let problem = problem.at(name_span, "").with_label(*first, message!("first given here"));
                self.diagnostics.push(problem);
                continue;
            }
            places.insert(name.clone(), name_span);
            members.push(Member { name, name_span, value });
        }
        members
    }

    /// The text between the quotes, escapes resolved. The grammar has seen that every escape is one.
    fn string(&mut self, pair: &Pair<'_, Rule>) -> String {
        let written = pair.as_str();
        let inside = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
        if !inside.contains('\\') {
            return inside.to_owned();
        }
        let (mut text, mut at) = (String::with_capacity(inside.len()), 0);
        while let Some(sign) = inside[at..].chars().next() {
            if sign != '\\' {
                text.push(sign);
                at += sign.len_utf8();
                continue;
            }
            let (resolved, length) = escape(&inside[at..]);
            match resolved {
                Some(sign) => text.push(sign),
                None => {
                    text.push(char::REPLACEMENT_CHARACTER);
                    let start = pair.as_span().start() + 1 + at;
                    let span = self.source.span(start, start + length);
                    let message = message!("`{}` is half of a pair and no character", &inside[at..at + length]);
                    let help = message!("write both halves, or the character itself");
                    self.diagnostics.push(Diagnostic::new(&codes::SYNTAX, message).at(span, "").with_help(help));
                }
            }
            at += length;
        }
        text
    }
}

/// The character of the escape at the start of a text, and how long the escape is; `None` for half of a pair.
fn escape(text: &str) -> (Option<char>, usize) {
    let unit = |at: usize| text.get(at..at + 6).and_then(|escape| escape.strip_prefix("\\u")).and_then(hex);
    let simple = match text.as_bytes().get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            return match (unit(0), unit(6)) {
                (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                    (char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)), 12)
                }
                (Some(unit), _) => (char::from_u32(unit), 6),
                (None, _) => (None, 2),
            };
        }
        Some(sign) => *sign as char,
        None => return (None, 1),
    };
    (Some(simple), 2)
}

fn hex(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok()
}
