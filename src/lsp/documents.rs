//! The open documents: their texts, their versions, and where lines start, in the client's way of counting.

use lsp_types::{Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent};
use std::collections::BTreeMap;
use std::ops;

/// How a client counts characters in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of 16 bits; what every client can do.
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// The first that both sides know: UTF-8 is what we count in, UTF-16 is what everybody must know.
    pub fn negotiated(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offered = offered.unwrap_or_default();
        if offered.contains(&PositionEncodingKind::UTF8) {
            Encoding::Utf8
        } else if offered.contains(&PositionEncodingKind::UTF32) && !offered.contains(&PositionEncodingKind::UTF16) {
            Encoding::Utf32
        } else {
            Encoding::Utf16
        }
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn length(self, sign: char) -> usize {
        match self {
            Encoding::Utf8 => sign.len_utf8(),
            Encoding::Utf16 => sign.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }
}

/// Where the lines of a text start.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<usize>,
    encoding: Encoding,
}

impl Lines {
    /// Reads a text; lines end with `\n`, `\r\n` or `\r`.
    pub fn of(text: &str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: &usize| bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(*at + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1)).collect();
        Lines { starts, encoding }
    }

    /// The position of a byte offset; one inside a character is that of its start.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let before = text.get(self.starts[line]..offset).unwrap_or("");
        let units: usize = before.chars().map(|sign| self.encoding.length(sign)).sum();
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: narrow(line), character: narrow(units) }
    }

    /// The byte offset of a position; one behind the end of a line is its end, one inside a character its start.
    pub fn offset(&self, text: &str, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r']);
        let mut units = 0;
        for (at, sign) in content.char_indices() {
            units += self.encoding.length(sign);
            if units > position.character as usize {
                return start + at;
            }
        }
        start + content.len()
    }

    /// The range of bytes as positions.
    pub fn range(&self, text: &str, bytes: &ops::Range<usize>) -> Range {
        Range { start: self.position(text, bytes.start), end: self.position(text, bytes.end) }
    }

    /// The bytes of a range; a reversed one is empty.
    pub fn bytes(&self, text: &str, range: Range) -> ops::Range<usize> {
        let start = self.offset(text, range.start);
        start..self.offset(text, range.end).max(start)
    }
}

/// An open document.
#[derive(Debug, Clone)]
pub struct Document {
    /// As the compiler calls it: the path of a file, else the address.
    pub name: String,
    /// The client's count of changes.
    pub version: i32,
    /// Its text, without a byte-order mark.
    pub text: String,
    /// Where its lines start.
    pub lines: Lines,
    encoding: Encoding,
}

impl Document {
    /// A document as it was opened.
    pub fn new(name: String, version: i32, text: &str, encoding: Encoding) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        Document { name, version, lines: Lines::of(&text, encoding), text, encoding }
    }

    /// Applies changes, each to what the one before it left.
    pub fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        for change in changes {
            match change.range {
                Some(range) => {
                    let bytes = self.lines.bytes(&self.text, range);
                    self.text.replace_range(bytes, &change.text);
                }
                None => self.text = change.text.strip_prefix('\u{feff}').unwrap_or(&change.text).to_owned(),
            }
            self.lines = Lines::of(&self.text, self.encoding);
        }
        self.version = version;
    }
}

/// All open documents, by the client's address.
pub type Documents = BTreeMap<String, Document>;

/// The path that a `file:` address names.
pub fn path_of(address: &str) -> Option<String> {
    let rest = address.strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
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
    String::from_utf8(bytes).ok()
}

/// The address of a text: of a path a `file:` address, of anything else the name itself.
pub fn address_of(name: &str) -> String {
    if !name.starts_with('/') {
        return name.to_owned();
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let path: String = name
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("file://{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "let 高清 = \"😀\"\r\nx\ry\n";

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn positions_count_as_the_client_does() {
        let offset = TEXT.find("= ").expect("it is there");
        let emoji_end = TEXT.find("\"\r").expect("it is there");
        for (encoding, equals, end) in [(Encoding::Utf8, 11, 18), (Encoding::Utf16, 7, 12), (Encoding::Utf32, 7, 11)] {
            let lines = Lines::of(TEXT, encoding);
            assert_eq!(lines.position(TEXT, offset), at(0, equals));
            assert_eq!(lines.position(TEXT, emoji_end), at(0, end));
            for offset in (0..=TEXT.len()).filter(|offset| TEXT.is_char_boundary(*offset)) {
                let position = lines.position(TEXT, offset);
                let inside_line_end = TEXT[offset..].starts_with('\n') && TEXT[..offset].ends_with('\r');
                assert!(inside_line_end || lines.offset(TEXT, position) == offset, "{encoding:?} {offset}");
            }
        }
    }

    #[test]
    fn positions_outside_the_text_are_its_nearest() {
        let lines = Lines::of(TEXT, Encoding::Utf16);
        assert_eq!(lines.offset(TEXT, at(0, 999)), TEXT.find('\r').expect("it is there"));
        assert_eq!(lines.offset(TEXT, at(99, 0)), TEXT.len());
        // Between the halves of an emoji: its start.
        assert_eq!(lines.offset(TEXT, at(0, 11)), TEXT.find('😀').expect("it is there"));
        assert_eq!(lines.bytes(TEXT, Range { start: at(1, 1), end: at(0, 0) }).len(), 0);
        assert_eq!(lines.position(TEXT, TEXT.find('y').expect("it is there")), at(2, 0));
    }

    #[test]
    fn changes_apply_one_after_the_other() {
        let mut document = Document::new("a".into(), 1, "\u{feff}高清 a\nb", Encoding::Utf16);
        let change = |range: Option<(u32, u32, u32, u32)>, text: &str| TextDocumentContentChangeEvent {
            range: range.map(|(line, from, end_line, to)| Range { start: at(line, from), end: at(end_line, to) }),
            range_length: None,
            text: text.into(),
        };
        document.change(2, vec![change(Some((0, 1, 0, 2)), "😀"), change(Some((0, 3, 1, 0)), "-")]);
        assert_eq!((document.text.as_str(), document.version), ("高😀-b", 2));
        document.change(3, vec![change(None, "new")]);
        assert_eq!(document.text, "new");
    }

    #[test]
    fn addresses_and_paths_are_each_others_inverse() {
        assert_eq!(path_of("file:///a%20b/%E9%AB%98.vod").as_deref(), Some("/a b/高.vod"));
        assert_eq!(address_of("/a b/高.vod"), "file:///a%20b/%E9%AB%98.vod");
        assert_eq!(path_of("file://host/a.vod").as_deref(), Some("/a.vod"));
        assert_eq!(path_of("untitled:1"), None);
        assert_eq!(address_of("catalog:presets.vod"), "catalog:presets.vod");
        assert_eq!(path_of("file:///a%zz%4").as_deref(), Some("/a%zz%4"));
    }
}
