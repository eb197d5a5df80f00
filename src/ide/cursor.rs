//! Where a cursor stands in a text that may be broken: the brackets open around it, and the words of the statement so
//! far. Reads only what is before the cursor.

use std::ops::Range;

/// A word, a literal, a sign or a closed bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'t> {
    /// What.
    pub kind: TokenKind,
    /// Its text; of a closed bracket all of it.
    pub text: &'t str,
    /// First byte.
    pub start: usize,
    /// Whether it is the first of its line.
    pub starts_line: bool,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A keyword, a name, a word that is a value.
    Word,
    /// A number with its unit.
    Number,
    /// `"…"`
    Text,
    /// A sign, or an operator of two.
    Sign,
    /// A bracket that was closed, by its opening sign.
    Closed(char),
}

impl Token<'_> {
    /// Whether it is that sign.
    pub fn is_sign(&self, sign: &str) -> bool {
        self.kind == TokenKind::Sign && self.text == sign
    }

    /// Whether it is that word.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text == word
    }

    /// One past its last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// A bracket that is open at the cursor, or the whole text.
#[derive(Debug, Clone)]
pub struct Frame<'t> {
    /// The opening sign; a blank for the whole text.
    pub open: char,
    /// Where it stands.
    pub start: usize,
    /// What was read inside it.
    pub tokens: Vec<Token<'t>>,
}

/// What stands before the cursor.
#[derive(Debug, Clone)]
pub struct Before<'t> {
    /// The whole text, then the open brackets, outermost first; never empty.
    pub frames: Vec<Frame<'t>>,
    /// The half-typed word or number at the cursor; empty when there is none.
    pub typed: Range<usize>,
    /// Whether the next thing would start a line.
    pub starts_line: bool,
    /// Whether the cursor is in a comment or a text, where nothing is offered.
    pub is_inert: bool,
}

/// Reads the text before a cursor, which stands between two characters.
pub fn before(text: &str, cursor: usize) -> Before<'_> {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let head = &text[..cursor];
    let typed = typed_word(head);
    let mut reader = Reader { text: head, at: 0, frames: vec![Frame { open: ' ', start: 0, tokens: Vec::new() }] };
    let is_inert = reader.run(typed.start);
    let line = head[..typed.start].rsplit('\n').next().unwrap_or("");
    Before { frames: reader.frames, starts_line: line.trim().is_empty(), typed, is_inert }
}

/// Every token of a text with its brackets as signs, for what needs no nesting.
pub fn token_at(text: &str, offset: usize) -> Option<Token<'_>> {
    let mut reader = Reader { text, at: 0, frames: Vec::new() };
    while let Some(read) = reader.next() {
        if let Read::Token(token) = read {
            if token.start > offset {
                return None;
            }
            if offset < token.end() || (offset == token.end() && token.kind == TokenKind::Word) {
                return Some(token);
            }
        }
    }
    None
}

fn typed_word(head: &str) -> Range<usize> {
    let in_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let start =
        head.rfind(|sign| !in_word(sign)).map_or(0, |at| at + head[at..].chars().next().map_or(1, char::len_utf8));
    // `44.1kH` is one literal; `source.he` is not.
    let number =
        head[..start].strip_suffix('.').map(|rest| rest.trim_end_matches(|sign: char| sign.is_ascii_digit()).len());
    match number {
        Some(at) if at + 1 < start && !head[..at].ends_with(in_word) => at..head.len(),
        _ => start..head.len(),
    }
}

enum Read<'t> {
    Token(Token<'t>),
    Inert(usize),
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    frames: Vec<Frame<'t>>,
}

impl<'t> Reader<'t> {
    /// Reads up to `end`; true when `end` lies in a comment or a text.
    fn run(&mut self, end: usize) -> bool {
        while let Some(read) = self.next() {
            match read {
                Read::Inert(stop) if stop >= self.text.len() && self.is_open_ended() => return true,
                Read::Inert(_) => {}
                Read::Token(token) if token.start >= end => return false,
                Read::Token(token) if token.kind == TokenKind::Text && !is_closed(token.text) && token.end() >= end => {
                    return true;
                }
                Read::Token(token) => self.take(token),
            }
        }
        false
    }

    /// Whether a comment that reaches the end of the text still runs there.
    fn is_open_ended(&self) -> bool {
        let last_line = self.text.rsplit('\n').next().unwrap_or("");
        !self.text.ends_with("*/") || last_line.contains("//")
    }

    fn take(&mut self, token: Token<'t>) {
        match (token.kind, token.text) {
            (TokenKind::Sign, "{" | "(" | "[" | "（" | "｛" | "［") => {
                let open = ascii(token.text).chars().next().unwrap_or(' ');
                self.frames.push(Frame { open, start: token.start, tokens: Vec::new() });
            }
            (TokenKind::Sign, "}" | ")" | "]" | "）" | "｝" | "］") => self.close(token),
            _ => {
                // A declaration cannot stand inside a bracket: what was open was forgotten.
                if token.starts_line && matches!(token.text, "procedure" | "template" | "import") {
                    let is_field = self.frames.len() > 1 && self.text[token.end()..].trim_start().starts_with(':');
                    if !is_field {
                        self.frames.truncate(1);
                    }
                }
                if let Some(frame) = self.frames.last_mut() {
                    frame.tokens.push(token);
                }
            }
        }
    }

    /// Closes the nearest bracket of that kind; what was open inside it was forgotten.
    fn close(&mut self, token: Token<'t>) {
        let open = match ascii(token.text) {
            "}" => '{',
            ")" => '(',
            _ => '[',
        };
        let Some(index) = self.frames.iter().rposition(|frame| frame.open == open) else { return };
        // A `)` closes nothing across a block.
        if open != '{' && self.frames[index + 1..].iter().any(|frame| frame.open == '{') {
            return;
        }
        let start = self.frames[index].start;
        self.frames.truncate(index);
        let whole = Token {
            kind: TokenKind::Closed(open),
            text: &self.text[start..token.end()],
            start,
            starts_line: starts_line(self.text, start),
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.tokens.push(whole);
        }
    }

    fn next(&mut self) -> Option<Read<'t>> {
        self.at += self.text[self.at..].len() - self.text[self.at..].trim_start().len();
        let start = self.at;
        let rest = &self.text[start..];
        let first = rest.chars().next()?;
        if rest.starts_with("//") || rest.starts_with("/*") {
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else {
                rest.find("*/").map_or(rest.len(), |at| at + 2)
            };
            self.at += length;
            return Some(Read::Inert(self.at));
        }
        let (kind, length) = measure(rest, first);
        self.at += length;
        let text = &self.text[start..start + length];
        Some(Read::Token(Token { kind, text, start, starts_line: starts_line(self.text, start) }))
    }
}

/// The kind and length of the token at the start of a text.
fn measure(rest: &str, first: char) -> (TokenKind, usize) {
    let run = |fits: &dyn Fn(char) -> bool| rest.find(|sign| !fits(sign)).unwrap_or(rest.len());
    if first == '"' {
        return (TokenKind::Text, text_length(rest));
    }
    if first.is_alphabetic() || first == '_' {
        return (TokenKind::Word, run(&|sign| sign.is_alphanumeric() || sign == '_'));
    }
    let negative = first == '-' && rest[1..].starts_with(|sign: char| sign.is_ascii_digit());
    if first.is_ascii_digit() || negative {
        return (TokenKind::Number, number_length(rest));
    }
    let double = ["==", "!=", "<=", ">="].iter().any(|sign| rest.starts_with(sign));
    (TokenKind::Sign, if double { 2 } else { first.len_utf8() })
}

fn number_length(rest: &str) -> usize {
    let mut end = 1;
    let bytes = rest.as_bytes();
    while let Some(sign) = rest[end..].chars().next() {
        let digit_follows = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        let goes_on = sign.is_alphanumeric() || sign == '%' || (matches!(sign, '.' | ':' | '/') && digit_follows);
        if !goes_on {
            break;
        }
        end += sign.len_utf8();
    }
    end
}

/// Up to the closing quote, or to the end of the line.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip(1) {
        match sign {
            '\n' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = sign == '\\' && !escaped,
        }
    }
    rest.len()
}

fn is_closed(text: &str) -> bool {
    text.len() > 1 && text_length(text) == text.len() && text.ends_with('"') && !text.ends_with("\\\"")
}

/// The ASCII form of a full-width bracket.
fn ascii(sign: &str) -> &str {
    match sign {
        "（" => "(",
        "）" => ")",
        "｛" => "{",
        "｝" => "}",
        "［" => "[",
        "］" => "]",
        other => other,
    }
}

fn starts_line(text: &str, at: usize) -> bool {
    text[..at].rsplit('\n').next().unwrap_or("").trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let before = before(text, text.len());
        let frames = before.frames.iter().map(|frame| {
            let tokens: Vec<&str> = frame.tokens.iter().map(|token| token.text).collect();
            format!("{}[{}]", frame.open, tokens.join("|"))
        });
        let inert = if before.is_inert { " inert" } else { "" };
        format!("{} typed `{}`{inert}", frames.collect::<Vec<_>>().join(" "), &text[before.typed.clone()])
    }

    #[test]
    fn open_brackets_are_frames_and_closed_ones_tokens() {
        assert_eq!(
            shown("procedure p(a: time) { cover at 1.5s us"),
            " [procedure|p|(a: time)] {[cover|at|1.5s] typed `us`"
        );
        assert_eq!(shown("f({10, 20}, 4"), " [f] ([{10, 20}|,] typed `4`");
        assert_eq!(shown("a: 44.1kH"), " [a|:] typed `44.1kH`");
        assert_eq!(shown("when source.he"), " [when|source|.] typed `he`");
        assert_eq!(shown("x // remark tran"), " [x] typed `tran` inert");
        assert_eq!(shown("x // remark\ntran"), " [x] typed `tran`");
        assert_eq!(shown("image: \"lo"), " [image|:] typed `lo` inert");
        assert_eq!(
            shown("template snapshot s { f(\nprocedure q { "),
            " [template|snapshot|s|procedure|q] {[] typed ``"
        );
    }
}
