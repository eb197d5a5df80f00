//! Where a value of a script was written, as near as its line tells.

use super::ScriptTexts;
use crate::syntax::ast::{Value, ValueKind};
use crate::text::Span;
use crate::world::ScriptValue;

/// Places in the texts of a run.
pub(super) struct Places<'a> {
    pub(super) texts: ScriptTexts<'a>,
    /// Where each line starts.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(texts: ScriptTexts<'a>) -> Self {
        let text = &texts.script.text;
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Places { texts, lines }
    }

    /// The whole script, as what it defines: the line of its factory, or its first.
    pub(super) fn whole(&self) -> Span {
        let text = &self.texts.script.text;
        match text.find("CreateProcedure") {
            Some(at) => self.texts.script.span(at, at + "CreateProcedure".len()),
            None => self.line(1),
        }
    }

    /// What a line says, without blanks around it and without its comment.
    pub(super) fn line(&self, line: u32) -> Span {
        let (start, text) = self.line_text(line);
        let text = text.split("--").next().unwrap_or(text);
        let trimmed = text.trim();
        let start = start + (text.len() - text.trim_start().len());
        self.texts.script.span(start, start + trimmed.len())
    }

    fn line_text(&self, line: u32) -> (usize, &'a str) {
        let text: &'a str = &self.texts.script.text;
        let at = (line.max(1) as usize - 1).min(self.lines.len() - 1);
        let end = self.lines.get(at + 1).copied().unwrap_or(text.len());
        (self.lines[at], text.get(self.lines[at]..end).unwrap_or_default())
    }

    /// A value that a line set: where the line has it, else where the call passed it, else the line.
    pub(super) fn value(&self, value: &ScriptValue, line: u32) -> Span {
        let word = match value {
            ScriptValue::Number(number) => number.to_string(),
            ScriptValue::Text(text) => text.clone(),
            _ => return self.line(line),
        };
        self.word(&word, line).or_else(|| self.in_call(&word)).unwrap_or_else(|| self.line(line))
    }

    /// A word, where a line has it.
    pub(super) fn word(&self, word: &str, line: u32) -> Option<Span> {
        let (start, text) = self.line_text(line);
        let is_part = |sign: char| sign.is_alphanumeric() || sign == '_';
        let whole = |(at, found): &(usize, &str)| {
            !text[..*at].ends_with(is_part) && !text[at + found.len()..].starts_with(is_part)
        };
        let mut found = text.match_indices(word).filter(whole);
        let (at, _) = found.next().filter(|_| !word.is_empty())?;
        Some(self.texts.script.span(start + at, start + at + word.len()))
    }

    fn in_call(&self, word: &str) -> Option<Span> {
        let (source, call) = self.texts.call?;
        fn leaves<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
            match &value.kind {
                ValueKind::List(elements) => elements.iter().for_each(|element| leaves(element, found)),
                _ => found.push(value),
            }
        }
        let mut values = Vec::new();
        call.arguments.iter().for_each(|argument| leaves(&argument.value, &mut values));
        let says = |value: &&Value| {
            source.text.get(value.span.range()).is_some_and(|text| text.trim_matches(['"', '\'']) == word)
        };
        values.into_iter().find(says).map(|value| value.span)
    }
}
