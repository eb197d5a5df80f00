//! Why a text is no JSON, said of the place where the grammar gave up.

use crate::diag::{Diagnostic, Message, codes, message};
use crate::text::{Source, Span};

/// The one message about a text that is not JSON; `at` is the byte up to which it was.
pub fn diagnostic(source: &Source, at: usize) -> Diagnostic {
    let text = &*source.text;
    let at = behind_token(text, source.span(at, at).start as usize);
    let rest = &text[at..];
    let before = text[..at].trim_end();
    let place = |length: usize| source.span(at, at + length);
    let first = rest.chars().next();
    if let (Some('}' | ']'), true) = (first, before.ends_with(',')) {
        let comma = source.span(before.len() - 1, before.len());
        let problem = problem(comma, message!("a comma stands before the closing bracket"));
        return problem.with_help(message!("delete the comma")).with_fix(comma, "");
    }
    match first {
        None => at_end(source, before),
        Some('"') => in_string(source, at),
        Some('\'') => problem(place(1), message!("strings stand between double quotes")),
        Some('/') if rest.starts_with("//") || rest.starts_with("/*") => {
            problem(place(2), message!("JSON has no comments")).with_help(message!("delete the comment"))
        }
        Some(sign) if sign.is_ascii_digit() || sign == '-' || sign == '+' || sign == '.' => in_number(source, at, rest),
        Some(sign) if sign.is_alphabetic() => {
            let word: String =
                rest.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').take(40).collect();
            let problem = problem(place(word.len()), message!("`{}` is no JSON value", &word));
            problem.with_help(expected(before))
        }
        Some(sign) => {
            let length = sign.len_utf8();
            problem(place(length), message!("`{}` does not belong here", sign.to_string())).with_help(expected(before))
        }
    }
}

/// What must come next inside brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Object,
    Array,
}

/// The bracket around a place. What precedes it is JSON, so that strings are whole.
fn around(text: &str) -> Inside {
    let (mut stack, mut in_string, mut escaped) = (Vec::new(), false, false);
    for byte in text.bytes() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' => stack.push(Inside::Object),
            b'[' => stack.push(Inside::Array),
            b'}' | b']' => drop(stack.pop()),
            _ => {}
        }
    }
    stack.pop().unwrap_or(Inside::Nothing)
}

/// The grammar gives the start of the last token that it could read: the fault is behind it, if it may stand there.
fn behind_token(text: &str, at: usize) -> usize {
    let before = text[..at].trim_end();
    let wants_name = around(before) == Inside::Object && before.ends_with(['{', ',']);
    let rest = &text[at..];
    let length = match rest.as_bytes().first() {
        Some(b'"') => string_length(rest),
        Some(_) if wants_name => None,
        _ => scalar_length(rest),
    };
    match length {
        Some(length) if !before.ends_with(['"', '}', ']']) || before.is_empty() => {
            let behind = &rest[length..];
            at + length + behind.len() - behind.trim_start_matches([' ', '\t', '\n', '\r']).len()
        }
        _ => at,
    }
}

/// The length of the sound string at the start of a text.
fn string_length(text: &str) -> Option<usize> {
    let mut signs = text.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some(at + 1),
            sign if sign < ' ' => return None,
            '\\' => {
                let (_, escaped) = signs.next()?;
                let digits = text[at..].chars().skip(2).take(4).filter(char::is_ascii_hexdigit).count();
                if !"\\\"/bfnrtu".contains(escaped) || (escaped == 'u' && digits < 4) {
                    return None;
                }
            }
            _ => {}
        }
    }
    None
}

/// The length of the sound number or word at the start of a text.
fn scalar_length(text: &str) -> Option<usize> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.' | '_');
    let token = &text[..text.find(|sign| !is_part(sign)).unwrap_or(text.len())];
    let is_sound =
        matches!(token, "true" | "false" | "null") || serde_json::from_str::<serde_json::Number>(token).is_ok();
    is_sound.then_some(token.len())
}

fn problem(span: Span, message: Message) -> Diagnostic {
    Diagnostic::new(&codes::SYNTAX, message).at(span, "")
}

/// What may stand behind what was read.
fn expected(before: &str) -> Message {
    match before.chars().next_back() {
        None | Some(':' | '[') => message!("write a value here"),
        Some('{') => message!("write a name in double quotes, or `}}`"),
        Some(',') => message!("write what follows the comma, names in double quotes"),
        Some('}' | ']') if is_whole(before) => message!("delete what follows the end of the text"),
        _ => message!("write `,` before the next value, `:` behind a name, or close the bracket"),
    }
}

/// Whether as many brackets are closed as opened, as far as a glance can tell.
fn is_whole(text: &str) -> bool {
    let count = |signs: [char; 2]| text.matches(signs).count();
    count(['{', '[']) == count(['}', ']'])
}

fn at_end(source: &Source, before: &str) -> Diagnostic {
    let end = source.span(before.len(), before.len());
    if before.is_empty() {
        return problem(end, message!("the text is empty")).with_help(message!("write an object, `{{ … }}`"));
    }
    problem(end, message!("the text ends in the middle of a value")).with_help(message!("close all brackets"))
}

fn in_number(source: &Source, at: usize, rest: &str) -> Diagnostic {
    let is_part = |sign: &char| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.' | '_');
    let written: String = rest.chars().take_while(is_part).take(40).collect();
    let before = source.text[..at].trim_end();
    let span = source.span(at, at + written.len().max(1));
    // A number that is one, where none may stand.
    if scalar_length(rest).is_some() {
        return problem(span, message!("`{}` does not belong here", &written)).with_help(expected(before));
    }
    problem(span, message!("`{}` is no JSON number", &written))
        .with_help(message!("write decimal digits without unit, sign `+` or leading zeros"))
}

/// A string that the grammar did not take: or one that stands where none may.
fn in_string(source: &Source, at: usize) -> Diagnostic {
    let text = &source.text[at + 1..];
    let mut signs = text.char_indices();
    while let Some((offset, sign)) = signs.next() {
        let start = at + 1 + offset;
        match sign {
            '"' => {
                let span = source.span(at, start + 1);
                return problem(span, message!("a string does not belong here"))
                    .with_help(expected(source.text[..at].trim_end()));
            }
            '\n' | '\r' => {
                let span = source.span(at, start);
                return problem(span, message!("the string is not closed on its line"))
                    .with_help(message!("close it, or write the line break as `\\n`"));
            }
            sign if sign < ' ' => {
                let name = format!("U+{:04X}", sign as u32);
                return problem(
                    source.span(start, start + 1),
                    message!("the control character {} stands in a string", &name),
                )
                .with_help(message!("write it as `\\u{}`", &name[2..]));
            }
            '\\' => {
                let escape: String = source.text[start..].chars().take(2).collect();
                let is_unicode = escape == "\\u";
                let digits = source.text[start..].chars().skip(2).take(4).filter(char::is_ascii_hexdigit).count();
                if (is_unicode && digits < 4) || !"\\\"/bfnrtu".contains(escape.chars().nth(1).unwrap_or(' ')) {
                    let span = source.span(start, start + escape.len());
                    return problem(span, message!("`{}` is no escape of JSON", &escape))
                        .with_help(message!("write `\\\\` for a backslash"));
                }
                signs.next();
            }
            _ => {}
        }
    }
    problem(source.span(at, at + 1), message!("the string is not closed"))
}
