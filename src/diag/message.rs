//! A message that can be said in several languages: an English pattern, and what is put into it.

use super::language::{Language, translation};
use std::fmt::{self, Display, Formatter, Write};

/// Messages quote what users wrote, and that may be a megabyte (`reliability.md` R30).
const MOST_CHARACTERS: usize = 600;

/// What is said: a pattern of `message!`, or text that is the same in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text as it is; it has no translation.
    Plain(String),
    /// A pattern, in English, and its arguments.
    Pattern {
        /// Each `{}` is the place of the next argument.
        pattern: &'static str,
        /// As many as the pattern has places.
        arguments: Vec<Argument>,
    },
}

/// What stands at a place of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A name, a number, a path: the same in every language.
    Text(String),
    /// Words in backticks, joined as the language joins them.
    List(Vec<String>, Link),
    /// A message of its own.
    Message(Box<Message>),
    /// Messages of which one is wanted, joined as the language joins them.
    OneOf(Vec<Message>),
}

/// How the last word of a list is joined to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// All of them.
    And,
    /// One of them.
    Or,
}

impl Message {
    /// A pattern with its arguments; `message!` checks that their numbers fit.
    pub fn new(pattern: &'static str, arguments: Vec<Argument>) -> Self {
        Message::Pattern { pattern, arguments }
    }

    /// The message in a language; in English where there is no translation.
    pub fn text(&self, language: Language) -> String {
        let mut text = match self {
            Message::Plain(text) => text.clone(),
            Message::Pattern { pattern, arguments } => filled(translation(pattern, language), arguments, language),
        };
        shorten(&mut text);
        text
    }

    /// Whether the English text has these words in it.
    pub fn contains(&self, words: &str) -> bool {
        self.to_string().contains(words)
    }

    /// The same with another name for something, such as the address that a file was fetched from.
    pub fn renamed(self, from: &str, to: &str) -> Message {
        match self {
            Message::Plain(text) => Message::Plain(text.replace(from, to)),
            Message::Pattern { pattern, arguments } => {
                let rename = |argument: Argument| match argument {
                    Argument::Text(text) => Argument::Text(text.replace(from, to)),
                    Argument::Message(inner) => Argument::Message(Box::new(inner.renamed(from, to))),
                    other => other,
                };
                Message::Pattern { pattern, arguments: arguments.into_iter().map(rename).collect() }
            }
        }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        matches!(self, Message::Plain(text) if text.is_empty())
    }
}

impl Argument {
    fn text(&self, language: Language) -> String {
        match self {
            Argument::Text(text) => text.clone(),
            Argument::List(words, link) => {
                joined(words.iter().map(|word| format!("`{word}`")).collect(), *link, language)
            }
            Argument::Message(message) => message.text(language),
            Argument::OneOf(messages) => {
                joined(messages.iter().map(|message| message.text(language)).collect(), Link::Or, language)
            }
        }
    }
}

/// Words in backticks as an argument of `message!`: "`mp4`, `hls` and `flv`".
pub fn all_of<S: AsRef<str>>(words: &[S]) -> Argument {
    Argument::List(words.iter().map(|word| word.as_ref().to_owned()).collect(), Link::And)
}

/// Words in backticks of which one is wanted, as an argument of `message!`: "`mp4`, `hls` or `flv`".
pub fn any_of<S: AsRef<str>>(words: &[S]) -> Argument {
    Argument::List(words.iter().map(|word| word.as_ref().to_owned()).collect(), Link::Or)
}

/// Messages of which one is wanted, as an argument of `message!`: "`,`, a field or the end of the text".
pub fn one_of(messages: Vec<Message>) -> Argument {
    Argument::OneOf(messages)
}

/// Parts of a list, joined.
fn joined(parts: Vec<String>, link: Link, language: Language) -> String {
    let (comma, link) = match (language, link) {
        (Language::English, Link::And) => (", ", " and "),
        (Language::English, Link::Or) => (", ", " or "),
        (Language::Chinese, Link::And) => ("、", "和"),
        (Language::Chinese, Link::Or) => ("、", "或"),
    };
    let last = parts.len().saturating_sub(1);
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        match at {
            0 => {}
            _ if at == last => push_apart(&mut text, link, language),
            _ => text.push_str(comma),
        }
        push_apart(&mut text, part, language);
    }
    text
}

/// Adds a part whose ends are not known beforehand: Chinese sets a blank between its own
/// letters and others, and before and after what is in backticks.
fn push_apart(text: &mut String, part: &str, language: Language) {
    let is_han = |sign: char| matches!(sign, '\u{3400}'..='\u{9fff}');
    let is_latin = |sign: char| sign == '`' || sign.is_ascii_alphanumeric();
    if let (Language::Chinese, Some(before), Some(after)) = (language, text.chars().next_back(), part.chars().next())
        && ((is_han(before) && is_latin(after)) || (is_latin(before) && is_han(after)))
    {
        text.push(' ');
    }
    text.push_str(part);
}

/// Puts the arguments into a pattern: `{}` is the next one, `{2}` the third.
fn filled(pattern: &str, arguments: &[Argument], language: Language) -> String {
    let mut text = String::with_capacity(pattern.len());
    let (mut rest, mut next) = (pattern, 0);
    // Around names, numbers and paths the pattern has the blanks already, and backticks of its own.
    let mut after_words = false;
    while let Some((before, index, after)) = first_place(rest, next) {
        if after_words {
            push_apart(&mut text, before, language)
        } else {
            text.push_str(before)
        }
        after_words = false;
        match arguments.get(index) {
            None => {}
            Some(Argument::Text(argument)) => text.push_str(argument),
            Some(argument) => {
                push_apart(&mut text, &argument.text(language), language);
                after_words = true;
            }
        }
        (rest, next) = (after, next + 1);
    }
    if after_words {
        push_apart(&mut text, rest, language)
    } else {
        text.push_str(rest)
    }
    text
}

/// What stands before the first place of a pattern, which argument it wants, and what follows.
fn first_place(pattern: &str, next: usize) -> Option<(&str, usize, &str)> {
    pattern.match_indices('{').find_map(|(at, _)| {
        let inside = &pattern[at + 1..];
        if let Some(after) = inside.strip_prefix('}') {
            return Some((&pattern[..at], next, after));
        }
        let digit = inside.chars().next()?.to_digit(10)?;
        Some((&pattern[..at], digit as usize, inside[1..].strip_prefix('}')?))
    })
}

/// The arguments that a pattern or translation wants, in the order of its places.
pub fn places(pattern: &str) -> Vec<usize> {
    let (mut rest, mut found) = (pattern, Vec::new());
    while let Some((_, index, after)) = first_place(rest, found.len()) {
        found.push(index);
        rest = after;
    }
    found
}

/// How many `{}` a pattern has; `message!` asks while it is compiled.
pub const fn count_places(pattern: &str) -> usize {
    let (bytes, mut at, mut count) = (pattern.as_bytes(), 1, 0);
    while at < bytes.len() {
        if bytes[at - 1] == b'{' && bytes[at] == b'}' {
            count += 1;
        }
        at += 1;
    }
    count
}

/// A message that can be translated: a literal pattern in which every `{}` is the place of an argument. Arguments are
/// text, characters and numbers, lists of [`all_of`] and [`any_of`], and other messages. Other values are turned into text by the caller. Every pattern stands in `src/diag/zh.txt`.
macro_rules! message {
    ($pattern:literal $(, $argument:expr)* $(,)?) => {{
        const {
            assert!(
                $crate::diag::count_places($pattern) == <[&str]>::len(&[$(stringify!($argument)),*]),
                "a message needs one argument for each place of its pattern"
            );
        }
        $crate::diag::Message::new($pattern, vec![$($crate::diag::Argument::from($argument)),*])
    }};
}
pub(crate) use message;

impl Display for Message {
    /// In English.
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text(Language::English))
    }
}

impl Default for Message {
    fn default() -> Self {
        Message::Plain(String::new())
    }
}

impl PartialEq<str> for Message {
    /// Compares the English text.
    fn eq(&self, other: &str) -> bool {
        self.text(Language::English) == other
    }
}

impl PartialEq<&str> for Message {
    /// Compares the English text.
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl From<String> for Message {
    fn from(mut text: String) -> Self {
        shorten(&mut text);
        Message::Plain(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Message::from(text.to_owned())
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        Message::from(text.clone())
    }
}

impl From<Message> for String {
    /// The English text.
    fn from(message: Message) -> Self {
        message.to_string()
    }
}

impl From<Message> for Argument {
    fn from(message: Message) -> Self {
        Argument::Message(Box::new(message))
    }
}

impl From<String> for Argument {
    fn from(mut text: String) -> Self {
        shorten(&mut text);
        Argument::Text(text)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Argument::from(text.to_owned())
    }
}

macro_rules! text_arguments {
    ($($kind:ty)*) => {
        $(impl From<$kind> for Argument {
            fn from(value: $kind) -> Self {
                Argument::from(value.to_string())
            }
        })*
    };
}

text_arguments!(&String &&str char u8 u16 u32 u64 usize i32 i64 std::path::Display<'_>);

fn shorten(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(MOST_CHARACTERS) {
        text.truncate(at);
        let _ = text.write_char('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_order_or_by_number_and_braces_stay() {
        let arguments = [Argument::from("a"), Argument::from("b"), any_of(&["x", "y", "z"])];
        assert_eq!(filled("{} {…} {}, {}", &arguments, Language::English), "a {…} b, `x`, `y` or `z`");
        assert_eq!(filled("{2}:{1}的{0}{x", &arguments, Language::Chinese), "`x`、`y` 或 `z`:b的a{x");
        assert_eq!(places("{1} { … } {0}{}"), [1, 0, 2]);
        assert_eq!(count_places("{} { } {{}} {"), 2);
    }

    #[test]
    fn a_long_quotation_is_cut() {
        let long = "高".repeat(2000);
        assert!(Message::from(long.as_str()).to_string().chars().count() <= MOST_CHARACTERS + 1);
        let quoted = Message::new("`{}` and `{}`", vec![Argument::from(long.as_str()), Argument::from(long)]);
        assert!(quoted.to_string().ends_with('…') && quoted.to_string().chars().count() == MOST_CHARACTERS + 1);
    }

    #[test]
    fn chinese_sets_blanks_between_its_letters_and_what_is_quoted() {
        let said = |argument: Argument| filled("应为{}才对", &[argument], Language::Chinese);
        assert_eq!(said(any_of(&["a"])), "应为 `a` 才对");
        let folder = || Message::new("it is a folder", vec![]);
        assert_eq!(said(one_of(vec![folder(), Message::from("`x`"), folder()])), "应为是文件夹、`x` 或是文件夹才对");
        assert_eq!(filled("名称`{}`", &["高清".into()], Language::Chinese), "名称`高清`");
        assert_eq!(
            filled("is {}", &[one_of(vec![folder(), Message::from("`x`")])], Language::English),
            "is it is a folder or `x`"
        );
    }

    #[test]
    fn a_nested_message_is_said_in_the_same_language() {
        let inner = Message::new("1 error", vec![]);
        let outer = Message::new("{}, {}", vec![inner.into(), all_of(&["a", "b"])]);
        assert_eq!(outer, "1 error, `a` and `b`");
        assert_eq!(outer.text(Language::Chinese), "1 个错误，`a` 和 `b`");
    }
}
