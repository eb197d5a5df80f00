//! Finds the message for a mistake: its text is read again, strictly, as what its first word asks for.

use super::expect;
use super::grammar::{Rule, parse};
use crate::diag::{Diagnostic, Message, any_of, codes, message, nearest};
use crate::text::{Source, Span};
use pest::error::InputLocation;

/// First words of statements.
pub const STATEMENTS: &[&str] =
    &["transcode", "adaptive", "snapshot", "sample", "sprite", "cover", "animate", "review", "let", "for", "when"];
/// Words inside statements.
pub const CLAUSES: &[&str] = &["with", "encrypt", "using", "at", "from", "to"];
/// First words of items.
const ITEMS: &[&str] = &["import", "template", "procedure"];

/// Whether a word starts a statement or a clause, so that a mistake which starts with it is judged as such.
pub fn is_statement_word(word: &str) -> bool {
    STATEMENTS.contains(&word) || CLAUSES.contains(&word) || matches!(word, "else" | "options")
}

/// A mistake: which text, where it starts, and what was written.
#[derive(Clone, Copy)]
pub struct Junk<'a> {
    /// The text it is in.
    pub source: &'a Source,
    /// First byte.
    pub start: usize,
    /// Its text, as the grammar saw it.
    pub text: &'a str,
}

impl Junk<'_> {
    /// The message for something that is no statement.
    pub fn statement(self) -> Diagnostic {
        let Some(word) = self.first_word() else { return self.out_of_place(message!("a statement")) };
        let rule = match word {
            "let" => Rule::let_name,
            "for" => Rule::for_head,
            "when" => Rule::when_head,
            "else" if parse(Rule::else_head, self.text).is_ok() => return self.stray_else(),
            "else" => Rule::else_head,
            "options" => Rule::options,
            _ if STATEMENTS.contains(&word) => Rule::request,
            _ if CLAUSES.contains(&word) => return self.stray_clause(word),
            _ if self.text[word.len()..].trim_start().starts_with('(') => Rule::call,
            _ => {
                let known: Vec<&str> = STATEMENTS.iter().chain(CLAUSES).copied().collect();
                return self.unknown(word, message!("statement"), &known, STATEMENTS);
            }
        };
        self.strictly(rule)
    }

    /// The message for something that is no item.
    pub fn item(self) -> Diagnostic {
        let Some(word) = self.first_word() else { return self.out_of_place(message!("a declaration or a call")) };
        let rule = match word {
            "import" => Rule::import,
            "template" => Rule::template,
            "procedure" => Rule::procedure,
            _ if STATEMENTS.contains(&word) => {
                return Diagnostic::new(
                    &codes::SYNTAX,
                    message!("the statement `{}` stands outside a procedure", word),
                )
                .at(self.source.span(self.start, self.start + word.len()), "")
                .with_help(message!("put it into `procedure NAME { … }` and call that"));
            }
            _ if self.text[word.len()..].trim_start().starts_with('(') => Rule::call,
            _ => return self.unknown(word, message!("declaration"), ITEMS, ITEMS),
        };
        self.strictly(rule)
    }

    /// The message for something that is no field.
    pub fn field(self) -> Diagnostic {
        match self.first_word() {
            Some(_) => self.strictly(Rule::field),
            None => self.out_of_place(message!("a field")),
        }
    }

    /// The message for parameters that cannot be read.
    pub fn parameters(self) -> Diagnostic {
        self.strictly(Rule::parameters)
    }

    /// The message for what follows the readable part of a bracketed list; `element` is what the list holds.
    pub fn element(self, after_comma: bool, element: Rule, closing: &str) -> Diagnostic {
        if after_comma {
            return self.strictly(element);
        }
        let found = expect::found(self.text).unwrap_or("");
        let message = message!("expected `,` or `{}`, found `{}`", closing, found);
        Diagnostic::new(&codes::SYNTAX, message).at(self.source.span(self.start, self.start + found.len()), "")
    }

    fn strictly(self, rule: Rule) -> Diagnostic {
        match parse(rule, self.text) {
            Err(error) => match (self.comma_before(&error), self.minus_at(&error)) {
                (Some(comma), _) => nothing_follows(comma),
                (None, Some(minus)) => minus_without_blank(minus),
                (None, None) => expect::diagnostic(&error, self.source, self.start, self.text),
            },
            Ok(pairs) => {
                let read = pairs.last().map_or(0, |pair| pair.as_span().end());
                let rest = Junk { start: self.start + read, text: &self.text[read..], ..self };
                rest.out_of_place(message!("the end of the line"))
            }
        }
    }

    /// The word it starts with.
    pub fn first_word(&self) -> Option<&str> {
        let first = self.text.chars().next()?;
        let word = first.is_alphabetic().then(|| expect::found(self.text)).flatten()?;
        Some(word.split(['.', '%']).next().unwrap_or(word))
    }

    fn out_of_place(self, expected: Message) -> Diagnostic {
        let Some(found) = expect::found(self.text) else {
            let at = self.source.span(self.start, self.start);
            return Diagnostic::new(&codes::SYNTAX, message!("expected {} here", expected)).at(at, "");
        };
        let start = self.start + self.text.len() - self.text.trim_start().len();
        let span = self.source.span(start, start + found.len());
        if found == "," {
            return nothing_follows(span);
        }
        if found == "-" {
            return minus_without_blank(span);
        }
        Diagnostic::new(&codes::SYNTAX, message!("expected {}, found `{}`", expected, found)).at(span, "")
    }

    /// The comma right before the place of an error, where one more value was expected.
    fn comma_before(&self, error: &pest::error::Error<Rule>) -> Option<Span> {
        let at = place(error).min(self.text.len());
        let before = self.text.get(..at)?.trim_end().strip_suffix(',')?.len();
        Some(self.source.span(self.start + before, self.start + before + 1))
    }

    /// The minus sign at the place of an error, before a digit and behind a value.
    fn minus_at(&self, error: &pest::error::Error<Rule>) -> Option<Span> {
        let at = place(error).min(self.text.len());
        let (before, rest) = (self.text.get(..at)?, self.text.get(at..)?);
        let at = at + rest.len() - rest.trim_start().len();
        let number = rest.trim_start().strip_prefix('-')?.starts_with(|sign: char| sign.is_ascii_digit());
        let value = before.trim_end().ends_with(|sign: char| sign.is_alphanumeric() || sign == ')' || sign == '%');
        (number && value).then(|| self.source.span(self.start + at, self.start + at + 1))
    }

    fn stray_else(self) -> Diagnostic {
        let span = self.source.span(self.start, self.start + "else".len());
        Diagnostic::new(&codes::SYNTAX, message!("`else` follows no `when`")).at(span, "")
    }

    fn stray_clause(self, word: &str) -> Diagnostic {
        let message = message!("`{}` does not belong to the statement before it", word);
        Diagnostic::new(&codes::SYNTAX, message).at(self.source.span(self.start, self.start + word.len()), "")
    }

    fn unknown(self, word: &str, what: Message, near: &[&str], listed: &[&str]) -> Diagnostic {
        let span = self.source.span(self.start, self.start + word.len());
        let problem = Diagnostic::new(&codes::UNKNOWN_STATEMENT, message!("`{}` starts no {}", word, what.clone()))
            .about_word(word)
            .at(span, "");
        match nearest(word, near.iter().copied()) {
            Some(meant) => problem.with_help(message!("write `{}`", meant)).with_fix(span, meant),
            None => problem.with_help(message!("a {} starts with {}", what, any_of(listed))),
        }
    }
}

fn place(error: &pest::error::Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

/// `d -5s` is two values, the second of which counts from the end.
fn minus_without_blank(minus: Span) -> Diagnostic {
    let message = message!("a minus sign between two values has blanks on both sides");
    let behind = Span::new(minus.source, minus.end as usize, minus.end as usize);
    Diagnostic::new(&codes::SYNTAX, message)
        .at(minus, "")
        .with_help(message!("write a blank behind `-`"))
        .with_fix(behind, " ")
}

/// The message for a comma without a value behind it.
pub fn nothing_follows(comma: Span) -> Diagnostic {
    Diagnostic::new(&codes::SYNTAX, message!("nothing follows the `,`")).at(comma, "").with_fix(comma, "")
}
