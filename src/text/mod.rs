//! Source texts and places inside them: spans in bytes, positions in lines and characters.

use std::sync::Arc;

/// Which text of a compilation a span points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A range of bytes inside one source text. An empty span marks a place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of a text.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { source, start: narrow(start), end: narrow(end.max(start)) }
    }

    /// The smallest span that holds both; `self` when they lie in different texts.
    pub fn to(self, other: Span) -> Span {
        if self.source != other.source {
            return self;
        }
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The byte range, for slicing the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value with the place where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

/// A text for a terminal: control characters, which could draw or type there, are spelt out.
pub fn printable(text: &str) -> String {
    let spell = |sign: char| match sign {
        '\n' | '\t' => sign.to_string(),
        sign if sign.is_control() => sign.escape_unicode().to_string(),
        sign => sign.to_string(),
    };
    if text.chars().any(char::is_control) { text.chars().map(spell).collect() } else { text.to_owned() }
}

/// A place for people: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One text: a file, an argument of the command line, a catalogue page.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its handle in the map that made it.
    pub id: SourceId,
    /// The name shown to people: a path as given, `<call>`, `catalog:presets.vod`.
    pub name: String,
    /// The text, without a byte-order mark.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl Source {
    fn new(id: SourceId, name: String, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        Source { id, name, text: text.into(), line_starts: std::iter::once(0).chain(starts).collect() }
    }

    /// A span inside this text, widened to whole characters.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let length = self.text.len();
        let (mut start, mut end) = (start.min(length), end.min(length));
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Span::new(self.id, start, end)
    }

    /// Line and column of a byte offset; offsets past the end give the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let before = self.text.get(self.line_starts[line] as usize..offset as usize).unwrap_or("");
        Position { line: line + 1, column: before.chars().count() + 1 }
    }
}

/// All texts of one compilation.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// Takes in a text and gives it back with its handle.
    pub fn add(&mut self, name: impl Into<String>, text: &str) -> Source {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let source = Source::new(id, name.into(), text);
        self.sources.push(source.clone());
        source
    }

    /// All texts, in the order they were taken in.
    pub fn iter(&self) -> std::slice::Iter<'_, Source> {
        self.sources.iter()
    }

    /// The first text of a name.
    pub fn find(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// The text of a handle that this map gave out.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = SourceMap::default().add("a.vod", "\u{feff}高清 x\n第二行");
        assert_eq!(source.position(7), Position { line: 1, column: 4 });
        assert_eq!(source.position(9), Position { line: 2, column: 1 });
        assert_eq!(source.position(999), Position { line: 2, column: 4 });
    }
}
