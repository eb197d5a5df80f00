//! What must be known before the grammar runs: nesting, strings and comments that do not end, and foreign characters.
//!
//! Where a mistake settles itself (a full-width comma), the text is mended in place, byte for byte of the same length,
//! so that one mistake gives one message and every later place stays true.

use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::text::{Source, Span};

/// Largest text that is read at all.
pub const MAXIMUM_BYTES: usize = 1 << 20;
/// Deepest nesting of braces, brackets and parentheses.
pub const MAXIMUM_DEPTH: usize = 64;
/// Most parameters of a procedure.
pub const MAXIMUM_PARAMETERS: usize = 64;
/// Most elements of a list, and most values of a statement.
pub const MAXIMUM_ELEMENTS: usize = 1000;
/// Most watermarks of a statement, as in the cloud's API.
pub const MAXIMUM_MARKS: usize = 10;

/// Which strings and comments a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `.vod`: double quotes, comments.
    Vod,
    /// Lua arguments: both quotes, no comments.
    Lua,
}

/// A doc comment line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocLine {
    /// With its slashes.
    pub span: Span,
    /// Without them.
    pub text: String,
}

/// What the scan found.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The text for the grammar; `None` when it must not be parsed.
    pub text: Option<String>,
    /// Doc comments in order.
    pub docs: Vec<DocLine>,
    /// What was wrong.
    pub diagnostics: Diagnostics,
}

/// Scans a text.
pub fn scan(source: &Source, dialect: Dialect) -> Scan {
    let text = &*source.text;
    if text.len() > MAXIMUM_BYTES {
        let too_large = Diagnostic::new(&codes::FILE_TOO_LARGE, message!("`{}` is larger than 1 MiB", &source.name));
        return Scan { text: None, docs: Vec::new(), diagnostics: too_large.into() };
    }
    let mut scanner = Scanner {
        source,
        text,
        mended: text.as_bytes().to_vec(),
        docs: Vec::new(),
        diagnostics: Diagnostics::default(),
        dialect,
        depth: 0,
    };
    let whole = scanner.run();
    let text = if whole { String::from_utf8(scanner.mended).ok() } else { None };
    Scan { text, docs: scanner.docs, diagnostics: scanner.diagnostics }
}

/// Direction-changing characters: they can make a text mean something else than it shows.
pub fn is_bidi(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// Characters without width.
pub fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{00ad}' | '\u{180e}')
}

/// The ASCII sign a full-width one was meant to be.
fn ascii_of(character: char) -> Option<char> {
    Some(match character {
        '，' | '、' => ',',
        '：' => ':',
        '；' => ';',
        '（' => '(',
        '）' => ')',
        '｛' => '{',
        '｝' => '}',
        '［' | '【' => '[',
        '］' | '】' => ']',
        '＝' => '=',
        '％' => '%',
        '“' | '”' | '＂' => '"',
        '。' => '.',
        '－' => '-',
        _ => return None,
    })
}

/// The ASCII digit, letter or point that a full-width one was meant to be.
fn ascii_in_number(character: char) -> Option<char> {
    const FROM_ASCII: u32 = '０' as u32 - '0' as u32;
    match character {
        '０'..='９' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' | '．' | '％' => char::from_u32(character as u32 - FROM_ASCII),
        _ if character.is_ascii_alphanumeric() || character == '.' || character == '%' => Some(character),
        _ => None,
    }
}

struct Scanner<'a> {
    source: &'a Source,
    text: &'a str,
    mended: Vec<u8>,
    docs: Vec<DocLine>,
    diagnostics: Diagnostics,
    dialect: Dialect,
    depth: usize,
}

impl Scanner<'_> {
    /// Whether the text may be parsed.
    fn run(&mut self) -> bool {
        let mut at = 0;
        while let Some(character) = self.text[at..].chars().next() {
            let rest = &self.text[at..];
            at = match character {
                '"' => self.string(at, '"'),
                '\'' if self.dialect == Dialect::Lua => self.string(at, '\''),
                '“' => self.full_width_string(at),
                '/' if self.dialect == Dialect::Vod && rest.starts_with("//") => self.line_comment(at),
                '/' if self.dialect == Dialect::Vod && rest.starts_with("/*") => self.block_comment(at),
                '０'..='９' => self.full_width_number(at),
                _ => {
                    let end = at + character.len_utf8();
                    let sign = self.sign(at, end, character);
                    if !self.nesting(at, sign) {
                        return false;
                    }
                    end
                }
            };
        }
        true
    }

    /// The sign that stands there for the grammar, after mending.
    fn sign(&mut self, start: usize, end: usize, character: char) -> char {
        let span = self.source.span(start, end);
        if let Some(ascii) = ascii_of(character) {
            let message = message!("`{}` is full-width punctuation", character);
            let problem = Diagnostic::new(&codes::FULL_WIDTH_PUNCTUATION, message)
                .at(span, "")
                .with_help(message!("write `{}`", ascii))
                .with_fix(span, ascii);
            self.diagnostics.push(problem);
            self.blank(start, end);
            self.mended[start] = ascii as u8;
            return ascii;
        }
        if is_bidi(character) || is_invisible(character) {
            self.forbid(start, end, character);
            self.close_gap(start, end);
            return ' ';
        }
        character
    }

    fn forbid(&mut self, start: usize, end: usize, character: char) {
        let number = format!("{:04X}", character as u32);
        let message = match is_bidi(character) {
            true => message!("a direction-changing character (U+{}) stands here", number),
            false => message!("an invisible character (U+{}) stands here", number),
        };
        let span = self.source.span(start, end);
        self.diagnostics.push(
            Diagnostic::new(&codes::FORBIDDEN_CHARACTER, message)
                .at(span, "")
                .with_help(message!("delete the character"))
                .with_fix(span, ""),
        );
    }

    /// Moves the rest of the word over a forbidden character, so that the word is read as it looks.
    fn close_gap(&mut self, start: usize, end: usize) {
        let in_word = |sign: char| sign.is_alphanumeric() || sign == '_';
        let rest = &self.text[end..];
        let word_end = end + rest.find(|sign: char| !in_word(sign)).unwrap_or(rest.len());
        self.mended.copy_within(end..word_end, start);
        self.blank(start + word_end - end, word_end);
    }

    /// A number with full-width digits is mended whole, so that its digits and its unit stay one word.
    fn full_width_number(&mut self, start: usize) -> usize {
        let rest = &self.text[start..];
        let length = rest.find(|sign: char| ascii_in_number(sign).is_none()).unwrap_or(rest.len());
        let (end, written) = (start + length, &rest[..length]);
        let ascii: String = written.chars().filter_map(ascii_in_number).collect();
        let span = self.source.span(start, end);
        self.diagnostics.push(
            Diagnostic::new(&codes::FULL_WIDTH_PUNCTUATION, message!("`{}` has full-width digits", written))
                .at(span, "")
                .with_help(message!("write `{}`", &ascii))
                .with_fix(span, ascii.clone()),
        );
        self.blank(start, end);
        self.mended[start..start + ascii.len()].copy_from_slice(ascii.as_bytes());
        end
    }

    fn blank(&mut self, start: usize, end: usize) {
        self.mended[start..end].fill(b' ');
    }

    /// Counts brackets; false when they are nested too deep to parse.
    fn nesting(&mut self, at: usize, sign: char) -> bool {
        match sign {
            '{' | '[' | '(' => self.depth += 1,
            '}' | ']' | ')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth <= MAXIMUM_DEPTH {
            return true;
        }
        let message = message!("this is nested deeper than {} levels", MAXIMUM_DEPTH);
        self.diagnostics.push(Diagnostic::new(&codes::NESTED_TOO_DEEP, message).at(self.source.span(at, at + 1), ""));
        false
    }

    /// Steps over a string; one that does not end on its line is reported and closed there.
    fn string(&mut self, start: usize, quote: char) -> usize {
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((offset, character)) = characters.next() {
            let at = start + 1 + offset;
            match character {
                '\\' => match characters.next() {
                    Some((_, '\n')) => return self.open_string(start, at + 1, quote),
                    Some(_) => {}
                    None => break,
                },
                '\n' => return self.open_string(start, at, quote),
                _ if character == quote => return at + 1,
                _ if is_bidi(character) => self.forbid(at, at + character.len_utf8(), character),
                _ => {}
            }
        }
        self.open_string(start, self.text.len(), quote)
    }

    fn open_string(&mut self, start: usize, end: usize, quote: char) -> usize {
        let line = self.text[start..end].trim_end();
        let span = self.source.span(start, start + line.len());
        self.diagnostics.push(
            Diagnostic::new(&codes::SYNTAX, message!("the text is not closed before the end of the line"))
                .at(span, "")
                .with_help(message!("end it with `{}`", quote)),
        );
        // `{ comment: "open }`: the brackets at the end of the line close what was opened before the text.
        let body = line.trim_end_matches([' ', '\t', '}', ')', ']', ',', ';']);
        let behind = start + body.len();
        if body.len() > 1
            && line[body.len()..].contains(['}', ')', ']'])
            && self.text[behind..].starts_with([' ', '\t'])
        {
            self.mended[behind] = quote as u8;
            return behind + 1;
        }
        if end < self.mended.len() {
            self.mended[end] = quote as u8;
        } else if end > start + 1 {
            self.blank(start + 1, end);
            self.mended[end - 1] = quote as u8;
        } else {
            self.blank(start, end);
        }
        (end + 1).min(self.text.len())
    }

    /// `“…”`: both signs are mended, the text between them is kept.
    fn full_width_string(&mut self, start: usize) -> usize {
        let open_end = start + '“'.len_utf8();
        let body = self.text[open_end..].split(['\n', '"']).next().unwrap_or("");
        let Some(length) = body.find('”') else {
            self.sign(start, open_end, '“');
            return self.string_from_mended(start, open_end);
        };
        let close = open_end + length;
        let close_end = close + '”'.len_utf8();
        let span = self.source.span(start, close_end);
        let content = &self.text[open_end..close];
        self.diagnostics.push(
            Diagnostic::new(&codes::FULL_WIDTH_PUNCTUATION, message!("`“` and `”` are full-width punctuation"))
                .at(span, "")
                .with_help(message!("write `\"`"))
                .with_fix(span, format!("\"{content}\"")),
        );
        self.blank(start, open_end);
        self.mended[open_end - 1] = b'"';
        self.blank(close, close_end);
        self.mended[close] = b'"';
        close_end
    }

    /// `“…"` and a lone `“`: the sign was mended to a quote, the rest is a string as usual.
    fn string_from_mended(&mut self, start: usize, open_end: usize) -> usize {
        match self.text[open_end..].find(['"', '\n']) {
            Some(length) if self.text[open_end + length..].starts_with('"') => open_end + length + 1,
            Some(length) => {
                self.mended[open_end + length] = b'"';
                open_end + length + 1
            }
            None => {
                self.blank(start, open_end);
                open_end
            }
        }
    }

    fn line_comment(&mut self, start: usize) -> usize {
        let length = self.text[start..].find('\n').unwrap_or(self.text.len() - start);
        let line = self.text[start..start + length].trim_end();
        if let Some(text) = line.strip_prefix("///").filter(|text| !text.starts_with('/')) {
            let span = self.source.span(start, start + line.len());
            self.docs.push(DocLine { span, text: text.trim().to_owned() });
        }
        self.refuse_bidi(start, start + length);
        start + length
    }

    fn block_comment(&mut self, start: usize) -> usize {
        match self.text[start + 2..].find("*/") {
            Some(length) => {
                let end = start + 2 + length + 2;
                self.refuse_bidi(start, end);
                end
            }
            None => {
                let problem = Diagnostic::new(&codes::SYNTAX, message!("the comment is not closed"))
                    .at(self.source.span(start, start + 2), message!("starts here"))
                    .with_help(message!("end it with `*/`"));
                self.diagnostics.push(problem);
                self.text.len()
            }
        }
    }

    fn refuse_bidi(&mut self, start: usize, end: usize) {
        for (offset, character) in self.text[start..end].char_indices().filter(|(_, character)| is_bidi(*character)) {
            self.forbid(start + offset, start + offset + character.len_utf8(), character);
        }
    }
}
