//! Why a text is no JSON, said of the place where the grammar gave up.

use crate::diag::{Diagnostic, Message, codes, message};
use crate::text::{Source, Span};

/// The one message about a text that is not JSON; `at` is the byte up to which it was.
pub fn diagnostic(source: &Source, at: usize) -> Diagnostic {
    let text = &*source.text;
    let at = source.span(at, at).start as usize;
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
    // A number that is one, where none may stand: a comma is missing.
    let is_number = written.parse::<f64>().is_ok_and(f64::is_finite) && !written.starts_with(['+', '.']);
    let is_number = is_number && !written.trim_start_matches('-').starts_with("00");
    let leading_zero = written.trim_start_matches('-').strip_prefix('0');
    if is_number && !leading_zero.is_some_and(|digits| digits.starts_with(|sign: char| sign.is_ascii_digit())) {
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
