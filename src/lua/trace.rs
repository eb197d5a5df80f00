//! Makes the comparisons of a script visible: `a < b` becomes `__vodflow_compare("<",a, b)`, `#a` `__vodflow_length(a)`.
//!
//! Luau compares values of different types without asking them, and takes only numbers for lengths. Nothing else of
//! the script changes, and no line moves.
//! What is compared on both sides of an operator is found on the tokens: comparisons bind loosest of all operators
//! but `and` and `or`, so a side ends where anything else begins.

/// Why the comparisons of a script cannot be made visible.
pub struct NotTraceable {
    /// Where.
    pub line: u32,
    /// What stands there.
    pub words: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Name,
    /// A number or a text.
    Literal,
    Sign,
}

#[derive(Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    start: usize,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

const COMPARISONS: &[&str] = &["<", "<=", ">", ">=", "==", "~="];
const TIGHTER: &[&str] = &["+", "-", "*", "/", "%", "^", "..", "//"];
/// What stands before an expression, or joins two that bind looser than a comparison.
const STARTERS: &[&str] = &[
    "=", ",", ";", "(", "{", "[", "return", "if", "elseif", "while", "until", "in", "and", "or", "+=", "-=", "*=",
    "/=", "..=", "%=", "^=", "then", "do", "else", "repeat", "not",
];

/// The script with its comparisons made visible.
pub fn traceable(text: &str) -> Result<String, NotTraceable> {
    let tokens = tokens(text);
    let at_line = |at: usize| text[..at].matches('\n').count() as u32 + 1;
    let mut edits: Vec<(usize, u8, usize, String)> = Vec::new();
    let mut numbered = 0;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Sign && token.text == "#" {
            let Some(behind) = operand_end(&tokens, at + 1) else { continue };
            numbered += 1;
            edits.push((token.start, 2, numbered, "__vodflow_length(".to_owned()));
            edits.push((tokens[behind - 1].end(), 0, numbered, ")".to_owned()));
        }
        if token.kind != Kind::Sign || !COMPARISONS.contains(&token.text) {
            continue;
        }
        let refuse = |words: &str| NotTraceable { line: at_line(token.start), words: words.to_owned() };
        let first = left_start(&tokens, at).ok_or_else(|| refuse("comparisons stand in a row"))?;
        let behind = right_end(&tokens, at + 1).ok_or_else(|| refuse("a comparison is not understood"))?;
        numbered += 1;
        let (start, end) = (tokens[first].start, tokens[behind - 1].end());
        // Inner ones open later and close earlier: those that begin further left are outside.
        edits.push((start, 1, numbered, format!("__vodflow_compare(\"{}\",", token.text)));
        edits.push((token.start, 2, numbered, ",".to_owned()));
        edits.push((end, 0, numbered, ")".to_owned()));
    }
    let mut visible = String::with_capacity(text.len() + 32 * edits.len());
    let mut done = 0;
    edits.sort_by_key(|edit| (edit.0, edit.1, edit.2));
    for (at, kind, _, inserted) in edits {
        visible.push_str(&text[done..at]);
        done = at;
        if kind == 2 {
            let length = tokens.iter().find(|token| token.start == at).map_or(0, |token| token.text.len());
            done += length;
        }
        visible.push_str(&inserted);
    }
    visible.push_str(&text[done..]);
    Ok(visible)
}

/// The first token of the left side of the comparison at `at`.
fn left_start(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut index = at;
    let mut first = None;
    while index > 0 {
        let token = tokens[index - 1];
        match token.text {
            ")" | "]" | "}" if token.kind == Kind::Sign => index = opening(tokens, index - 1)?,
            "not" if token.kind == Kind::Name => index -= 1,
            text if token.kind != Kind::Literal && STARTERS.contains(&text) => break,
            text if token.kind == Kind::Sign && COMPARISONS.contains(&text) => return None,
            "end" if token.kind == Kind::Name => return None,
            _ => index -= 1,
        }
        first = Some(index);
    }
    first
}

/// The bracket that opens what the one at `close` closes.
fn opening(tokens: &[Token<'_>], close: usize) -> Option<usize> {
    let mut depth = 0usize;
    for index in (0..=close).rev() {
        match tokens[index].text {
            ")" | "]" | "}" if tokens[index].kind == Kind::Sign => depth += 1,
            "(" | "[" | "{" if tokens[index].kind == Kind::Sign => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// One past the last token of the expression without comparisons that starts at `at`.
fn right_end(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut at = operand_end(tokens, at)?;
    while tokens.get(at).is_some_and(|next| next.kind == Kind::Sign && TIGHTER.contains(&next.text)) {
        at = operand_end(tokens, at + 1)?;
    }
    Some(at)
}

/// One past the last token of one operand: what stands before it, a name or a value, and all that hangs on it.
fn operand_end(tokens: &[Token<'_>], mut at: usize) -> Option<usize> {
    while tokens.get(at).is_some_and(|token| token.kind != Kind::Literal && matches!(token.text, "not" | "-" | "#")) {
        at += 1;
    }
    let token = tokens.get(at)?;
    at = match (token.kind, token.text) {
        (Kind::Literal, _) => at + 1,
        (Kind::Sign, "(" | "{") => closing(tokens, at)? + 1,
        (Kind::Name, "function") => return None,
        (Kind::Name, _) => at + 1,
        _ => return None,
    };
    while let Some(next) = tokens.get(at) {
        let is_text = !next.text.starts_with(|sign: char| sign.is_ascii_digit() || sign == '.');
        at = match (next.kind, next.text) {
            (Kind::Sign, "." | ":") => at + 2,
            (Kind::Sign, "(" | "[" | "{") => closing(tokens, at)? + 1,
            (Kind::Literal, _) if is_text => at + 1,
            _ => break,
        };
    }
    Some(at)
}

fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" if token.kind == Kind::Sign => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Sign => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// The tokens of a script, without comments. The script is known to be Lua or will be found not to be.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        if first.is_whitespace() {
            start += first.len_utf8();
            continue;
        }
        if let Some(comment) = rest.strip_prefix("--") {
            start += 2 + long_bracket(comment).unwrap_or_else(|| comment.find('\n').unwrap_or(comment.len()));
            continue;
        }
        let (kind, length) = token(rest, first);
        tokens.push(Token { kind, text: &rest[..length], start });
        start += length;
    }
    tokens
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    let while_in = |test: fn(char) -> bool| rest.find(|sign| !test(sign)).unwrap_or(rest.len());
    let second_is_digit = rest[first.len_utf8()..].starts_with(|sign: char| sign.is_ascii_digit());
    if first.is_alphabetic() || first == '_' {
        (Kind::Name, while_in(|sign| sign.is_alphanumeric() || sign == '_'))
    } else if first.is_ascii_digit() || (first == '.' && second_is_digit) {
        (Kind::Literal, number_length(rest))
    } else if first == '"' || first == '\'' {
        (Kind::Literal, quoted_length(rest, first))
    } else if let Some(length) = long_bracket(rest) {
        (Kind::Literal, length)
    } else {
        let signs = ["...", "..=", "..", "==", "~=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "^=", "//"];
        (Kind::Sign, signs.iter().find(|sign| rest.starts_with(**sign)).map_or(first.len_utf8(), |sign| sign.len()))
    }
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let signed =
            matches!(bytes[at], b'+' | b'-') && matches!(bytes[at - 1], b'e' | b'E') && !rest.starts_with("0x");
        // `1..2` joins two texts.
        let joined = bytes[at..].starts_with(b"..");
        if joined || !(bytes[at].is_ascii_alphanumeric() || bytes[at] == b'.' || bytes[at] == b'_' || signed) {
            break;
        }
        at += 1;
    }
    at
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if sign == '\\' {
            escaped = true;
        } else if sign == quote {
            return at + sign.len_utf8();
        }
    }
    rest.len()
}

/// The length of `[[…]]` or `[=[…]=]` at the start of a text.
fn long_bracket(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('[')?;
    let level = inside.len() - inside.trim_start_matches('=').len();
    inside[level..].strip_prefix('[')?;
    let close = format!("]{}]", "=".repeat(level));
    Some(rest.find(&close).map_or(rest.len(), |at| at + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visible(text: &str) -> String {
        traceable(text).map_or_else(
            |why| format!("{}: {}", why.line, why.words),
            |text| text.replace("__vodflow_compare", "C").replace("__vodflow_length", "L"),
        )
    }

    #[test]
    fn comparisons_become_calls_and_nothing_else_changes() {
        let table = [
            ("if a.b > 512 then f() end", "if C(\">\",a.b , 512) then f() end"),
            ("return not a == b and c ~= d", "return C(\"==\",not a , b) and C(\"~=\",c , d)"),
            ("x = f(a < b, c) <= #d + 1 y = 2", "x = C(\"<=\",f(C(\"<\",a , b), c) , L(d) + 1) y = 2"),
            ("local x = a.b:c{1} == 'a<b' -- a < b", "local x = C(\"==\",a.b:c{1} , 'a<b') -- a < b"),
            ("if (a) >= 1e-3 .. [[<]] then end", "if C(\">=\",(a) , 1e-3 .. [[<]]) then end"),
            ("return #a.b[1] > 0 and -#c == 1", "return C(\">\",L(a.b[1]) , 0) and C(\"==\",-L(c) , 1)"),
            ("return x < 1 or y[z == 2] ~= nil", "return C(\"<\",x , 1) or C(\"~=\",y[C(\"==\",z , 2)] , nil)"),
            ("return { k = a < b; [c == d] = 1 }", "return { k = C(\"<\",a , b); [C(\"==\",c , d)] = 1 }"),
        ];
        for (text, expected) in table {
            assert_eq!(visible(text), expected, "{text}");
        }
        assert_eq!(visible("return a == b\n == c"), "2: comparisons stand in a row");
    }
}
