//! Diagnostics as data: what is wrong, where, why, and the edit that mends it.
//!
//! Everything that reports to people makes these; rendering happens at the edge (`diag::render`).

pub mod codes;
mod github;
mod json;
mod language;
mod mend;
mod message;
mod page;
#[cfg(feature = "cli")]
mod render;
mod report;
mod sarif;

pub use codes::Code;
pub use json::{list as json_list, to_json};
pub use language::{Language, chinese};
pub use mend::{Looked, Mended, mend};
pub(crate) use message::message;
pub use message::{Argument, Link, Message, all_of, any_of, count_places, one_of, places};
pub use page::Page;
#[cfg(feature = "cli")]
pub use render::{RenderOptions, render};
pub use report::{Findings, ReportFormat};

use crate::text::Span;

/// What the operating system says, in words: without its number, in lower case.
pub fn io_words(error: &std::io::Error) -> Message {
    match error.kind() {
        std::io::ErrorKind::NotFound => message!("it does not exist"),
        std::io::ErrorKind::PermissionDenied => message!("permission denied"),
        std::io::ErrorKind::IsADirectory => message!("it is a folder"),
        std::io::ErrorKind::NotADirectory => message!("a part of its path is not a folder"),
        std::io::ErrorKind::ReadOnlyFilesystem => message!("the file system is read-only"),
        std::io::ErrorKind::StorageFull => message!("the disk is full"),
        _ => {
            let text = error.to_string();
            let words = text.split(" (os error").next().unwrap_or(&text);
            let mut letters = words.chars();
            letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect()).into()
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The procedure still means something; the user should look.
    Warning,
    /// Nothing may be run.
    Error,
}

/// A note at one place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be said there; may be empty for the primary label.
    pub message: Message,
}

/// An edit that settles the matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Text ranges and what replaces them.
    pub edits: Vec<(Span, String)>,
}

/// One problem, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The registered code.
    pub code: &'static Code,
    /// The fact: lower case, no full stop, names in backticks.
    pub message: Message,
    /// What is wrong, where it is written; `None` for problems outside any text (files, machine).
    pub primary: Option<Label>,
    /// The other half: where something was declared, which template asks for it.
    pub secondary: Vec<Label>,
    /// What to do, imperative.
    pub help: Option<Message>,
    /// The edit, when one edit settles it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A problem without a place.
    pub fn new(code: &'static Code, message: impl Into<Message>) -> Self {
        Diagnostic { code, message: message.into(), primary: None, secondary: Vec::new(), help: None, fix: None }
    }

    /// Puts the problem at a place; `note` may be empty.
    pub fn at(mut self, span: Span, note: impl Into<Message>) -> Self {
        self.primary = Some(Label { span, message: note.into() });
        self
    }

    /// Adds a second place.
    pub fn with_label(mut self, span: Span, message: impl Into<Message>) -> Self {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// Says what to do.
    pub fn with_help(mut self, help: impl Into<Message>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers one edit.
    pub fn with_fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { edits: vec![(span, text.into())] });
        self
    }

    /// Says of a word that is not known if one of its letters only looks right.
    pub fn about_word(mut self, word: &str) -> Self {
        if let Some(letter) = foreign_letter(word) {
            let number = format!("{:04X}", letter as u32);
            self.message = message!("{}: `{}` (U+{}) is no Latin letter", self.message, letter, number);
        }
        self
    }

    /// The code's severity.
    pub fn severity(&self) -> Severity {
        self.code.severity
    }
}

/// What a stage has to say, in the order it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// At most this many errors and this many warnings are kept (`reliability.md` R30). They are counted apart, so
    /// that no number of warnings hides an error.
    pub const LIMIT: usize = 100;

    /// Adds one, unless the same was said already at the same place or the limit is reached.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let severity = diagnostic.severity();
        let same = self.list.iter().filter(|other| other.severity() == severity).count();
        if same < Self::LIMIT && !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Whether no further error would be kept, so that looking for near names can be spared.
    pub fn is_full(&self) -> bool {
        let errors = self.list.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error);
        self.list.len() >= Self::LIMIT && errors.count() >= Self::LIMIT
    }

    /// Adds all of another stage.
    pub fn extend(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// Whether any of them forbids going on.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Sorts by place: texts in the order they were read, problems without a place last.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| match &diagnostic.primary {
            Some(label) => (false, Some(label.span)),
            None => (true, None),
        });
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics { list: vec![diagnostic] }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        let mut all = Diagnostics::default();
        iter.into_iter().for_each(|diagnostic| all.push(diagnostic));
        all
    }
}

/// The candidate nearest to a misspelt word, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        // Something must be left in common: `v` is not a misspelt `t`.
        .filter(|(distance, _)| *distance <= limit && *distance < length)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A letter of a word that only looks like a Latin one: what a misspelling is that nobody can see.
pub fn foreign_letter(word: &str) -> Option<char> {
    let is_alike = |sign: &char| matches!(sign, '\u{370}'..='\u{52f}') && sign.is_alphabetic();
    word.chars().find(is_alike).filter(|_| word.chars().any(|sign| sign.is_ascii_alphabetic()))
}

/// Words in backticks for English text: "`mp4`, `hls` and `flv`". `message!` takes [`all_of`].
pub fn word_list<S: AsRef<str>>(words: &[S]) -> String {
    Message::new("{}", vec![all_of(words)]).to_string()
}

/// Words in backticks of which one is wanted, for English text: "`mp4`, `hls` or `flv`". `message!` takes [`any_of`].
pub fn choice_list<S: AsRef<str>>(words: &[S]) -> String {
    Message::new("{}", vec![any_of(words)]).to_string()
}
