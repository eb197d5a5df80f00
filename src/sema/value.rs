//! Types of parameters, and values evaluated as one of them.

use super::read::{Reader, is_damaged};
use super::scope::{Found, Scope};
use super::template::id_of;
use crate::catalog::template::{Template, TemplateKind};
use crate::diag::{Diagnostic, choice_list, codes, nearest};
use crate::syntax::ast::{Quantity, TypeName, Value, ValueKind};
use crate::text::Span;
use crate::units::{Rational, TemplateId, TimePoint};
use std::collections::BTreeMap;
use std::fmt;

/// A type that a parameter can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A simple one.
    Scalar(Scalar),
    /// A template of a kind.
    Template(TemplateKind),
    /// A list.
    List(Box<Type>),
    /// The type or `none`.
    Optional(Box<Type>),
    /// One that could not be read, which was reported.
    Damaged,
}

/// The simple types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    Duration,
    Time,
    Percent,
    Bitrate,
    Frequency,
    Length,
    Rate,
    Gop,
    Int,
    Number,
    Bool,
    Text,
    Color,
}

const SCALARS: &[(&str, Scalar, &str)] = &[
    ("duration", Scalar::Duration, "a duration such as `2s`"),
    ("time", Scalar::Time, "a time such as `1.5s`, `-5s`, `50%` or `end`"),
    ("percent", Scalar::Percent, "a share such as `80%`"),
    ("bitrate", Scalar::Bitrate, "a bitrate such as `1800kbps`"),
    ("frequency", Scalar::Frequency, "a frequency such as `44.1kHz`"),
    ("length", Scalar::Length, "a length such as `24px`"),
    ("rate", Scalar::Rate, "a frame rate such as `25`"),
    ("gop", Scalar::Gop, "a distance such as `2s` or `48frames`"),
    ("int", Scalar::Int, "a whole number"),
    ("number", Scalar::Number, "a number"),
    ("bool", Scalar::Bool, "`true` or `false`"),
    ("text", Scalar::Text, "a text in `\"`"),
    ("color", Scalar::Color, "a colour such as `0xFFFFFF`"),
];

impl Scalar {
    fn words(self) -> &'static str {
        SCALARS.iter().find(|(_, scalar, _)| *scalar == self).map_or("a value", |(_, _, words)| words)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Scalar(scalar) => {
                f.write_str(SCALARS.iter().find(|(_, of, _)| of == scalar).map_or("value", |(word, _, _)| word))
            }
            Type::Template(kind) => write!(f, "template<{kind}>"),
            Type::List(inner) => write!(f, "list<{inner}>"),
            Type::Optional(inner) => write!(f, "{inner}?"),
            Type::Damaged => f.write_str("value"),
        }
    }
}

impl Type {
    /// Reads a written type.
    pub fn read(name: &TypeName, reader: &mut Reader<'_>) -> Type {
        let read = match (name.word.value.as_str(), &name.inner) {
            ("list", Some(inner)) => Type::List(Box::new(Type::read(inner, reader))),
            ("template", Some(inner)) => {
                match TemplateKind::from_word(&inner.word.value).filter(|_| inner.inner.is_none() && !inner.optional) {
                    Some(kind) => Type::Template(kind),
                    None => return unknown_type(&inner.word.value, inner.span, TemplateKind::WORDS, reader),
                }
            }
            (word, None) => match SCALARS.iter().find(|(scalar, _, _)| *scalar == word) {
                Some((_, scalar, _)) => Type::Scalar(*scalar),
                None if word == "list" || word == "template" => {
                    let message = format!(
                        "the type `{word}` needs what it holds, such as `{word}<{}>`",
                        if word == "list" { "time" } else { "transcode" }
                    );
                    reader.diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(name.span, ""));
                    return Type::Damaged;
                }
                None => {
                    let words: Vec<&str> =
                        SCALARS.iter().map(|(word, _, _)| *word).chain(["template<…>", "list<…>"]).collect();
                    return unknown_type(word, name.word.span, &words, reader);
                }
            },
            (word, Some(_)) => return unknown_type(&format!("{word}<…>"), name.span, &["list", "template"], reader),
        };
        if name.optional { Type::Optional(Box::new(read)) } else { read }
    }

    /// Whether `none` is one of its values.
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// The type without `none`.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    /// Whether a value of this type can stand where `wanted` is needed.
    fn fits(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (Type::Damaged, _) | (_, Type::Damaged) => true,
            (Type::Optional(inner), Type::Optional(wanted)) => inner.fits(wanted),
            (Type::Optional(_), _) => false,
            (own, Type::Optional(wanted)) => own.fits(wanted),
            (Type::List(inner), Type::List(wanted)) => inner.fits(wanted),
            (own, Type::List(wanted)) => own.fits(wanted),
            (Type::Scalar(own), Type::Scalar(wanted)) => {
                own == wanted
                    || matches!(
                        (own, wanted),
                        (Scalar::Duration | Scalar::Percent, Scalar::Time)
                            | (Scalar::Int, Scalar::Number | Scalar::Rate)
                    )
            }
            (own, wanted) => own == wanted,
        }
    }
}

fn unknown_type(word: &str, span: Span, known: &[&str], reader: &mut Reader<'_>) -> Type {
    let problem = Diagnostic::new(&codes::UNKNOWN_WORD, format!("`{word}` is no type"));
    let problem = problem.at(span, "").with_help(format!("write {}", choice_list(known)));
    reader.diagnostics.push(match nearest(word, known.iter().copied()) {
        Some(near) => problem.with_fix(span, near),
        None => problem,
    });
    Type::Damaged
}

/// A value with the place where it was written, which for a parameter is in the call.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// What.
    pub meaning: Meaning,
    /// Where.
    pub span: Span,
}

/// What a value means.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// A parameter whose value is not known while its procedure is checked, or something reported.
    Unknown,
    /// `none`
    None,
    /// `default`
    Default,
    /// A template.
    Template(Template),
    /// A moment.
    Time(TimePoint),
    /// A value that no statement of this version uses.
    Plain,
    /// Several.
    List(Vec<Evaluated>),
}

/// The parameters of a procedure: their types and, in an expansion, their values.
#[derive(Default, Clone)]
pub struct Bindings {
    values: BTreeMap<String, (Type, Evaluated)>,
}

impl Bindings {
    /// Gives a parameter its value.
    pub fn bind(&mut self, name: &str, of: Type, value: Evaluated) {
        self.values.insert(name.to_owned(), (of, value));
    }

    /// How many values they hold, elements of lists counted.
    pub fn elements(&self) -> usize {
        let count = |value: &Evaluated| if let Meaning::List(elements) = &value.meaning { elements.len() } else { 1 };
        self.values.values().map(|(_, value)| count(value)).sum()
    }
}

/// Evaluates values against declared names and bound parameters.
pub struct Evaluator<'a, 'b> {
    /// Declared names.
    pub scope: &'b Scope<'a>,
    /// Parameters.
    pub bindings: &'b Bindings,
}

impl Evaluator<'_, '_> {
    /// The value as `wanted`; `Unknown` after reporting. A parameter's value keeps the place where it was written.
    pub fn evaluate(&self, reader: &mut Reader<'_>, value: &Value, wanted: &Type) -> Evaluated {
        if let ValueKind::Word(word) = &value.kind
            && let Some((own, bound)) = self.bindings.values.get(word)
        {
            return parameter(reader, value, (word, own, bound), wanted);
        }
        let meaning = self.meaning(reader, value, wanted).unwrap_or(Meaning::Unknown);
        Evaluated { meaning, span: value.span }
    }

    fn meaning(&self, reader: &mut Reader<'_>, value: &Value, wanted: &Type) -> Option<Meaning> {
        if is_damaged(value) {
            return None;
        }
        match wanted {
            Type::Damaged => None,
            Type::Optional(inner) => match &value.kind {
                ValueKind::Word(word) if word == "none" => Some(Meaning::None),
                _ => self.meaning(reader, value, inner),
            },
            Type::List(inner) => self.list(reader, value, inner),
            Type::Template(kind) => self.template(reader, value, *kind),
            Type::Scalar(scalar) => self.scalar(reader, value, *scalar),
        }
    }

    fn list(&self, reader: &mut Reader<'_>, value: &Value, inner: &Type) -> Option<Meaning> {
        match &value.kind {
            ValueKind::List(elements) => {
                let elements = elements.iter().map(|element| self.element(reader, element, inner));
                Some(Meaning::List(elements.collect()))
            }
            ValueKind::Word(word) if word == "default" && *inner == Type::Template(TemplateKind::Transcode) => {
                Some(Meaning::Default)
            }
            _ => {
                let meaning = self.meaning(reader, value, inner)?;
                Some(Meaning::List(vec![Evaluated { meaning, span: value.span }]))
            }
        }
    }

    /// An element of a list, where no word stands for the configured set.
    fn element(&self, reader: &mut Reader<'_>, value: &Value, inner: &Type) -> Evaluated {
        let one = matches!(value.kind, ValueKind::Quantity(Quantity::Number(number)) if number == Rational::ONE);
        if !one || *inner != Type::Template(TemplateKind::Transcode) {
            return self.evaluate(reader, value, inner);
        }
        let problem = Diagnostic::new(&codes::NUMBER_ONE, "`1` inside a list is no template").at(value.span, "");
        reader.diagnostics.push(problem.with_help("write `default` in place of the list for the configured set"));
        Evaluated { meaning: Meaning::Unknown, span: value.span }
    }

    fn template(&self, reader: &mut Reader<'_>, value: &Value, kind: TemplateKind) -> Option<Meaning> {
        if reader.diagnostics.is_full() {
            return None;
        }
        let found = match &value.kind {
            ValueKind::Word(word) if word == "default" && kind == TemplateKind::Watermark => {
                return Some(Meaning::Default);
            }
            ValueKind::Word(word) if is_value_word(word) => {
                return reader.wrong_type(value, &kind.one());
            }
            ValueKind::Word(name) | ValueKind::Text(name) => self.scope.by_name(kind, name, value.span),
            ValueKind::Quantity(Quantity::Number(number)) => return self.by_number(reader, value, *number, kind),
            _ => return reader.wrong_type(value, &kind.one()),
        };
        match found {
            Ok(found) => Some(of_found(found)),
            Err(problem) => reader.report(problem),
        }
    }

    fn by_number(
        &self,
        reader: &mut Reader<'_>,
        value: &Value,
        number: Rational,
        kind: TemplateKind,
    ) -> Option<Meaning> {
        let written = number.to_decimal(6);
        let Some(id) = id_of(number) else {
            let problem = Diagnostic::new(&codes::OUT_OF_RANGE, format!("`{written}` is no template id"));
            let help =
                if number == Rational::ZERO { "write `none` for no template" } else { "ids are whole numbers from 1" };
            return reader.report(problem.at(value.span, "").with_help(help));
        };
        match self.scope.by_id(kind, id) {
            Some(found) => Some(of_found(found)),
            None if id == TemplateId(1) && matches!(kind, TemplateKind::Transcode | TemplateKind::Watermark) => {
                let problem = Diagnostic::new(&codes::NUMBER_ONE, format!("`1` is no {kind} template"));
                reader.report(
                    problem
                        .at(value.span, "")
                        .with_help("write `default` for the configured default")
                        .with_fix(value.span, "default"),
                )
            }
            None => reader.report(self.scope.unknown_id(kind, id, value.span)),
        }
    }

    fn scalar(&self, reader: &mut Reader<'_>, value: &Value, scalar: Scalar) -> Option<Meaning> {
        use Quantity as Q;
        let word = |wanted: &[&str]| matches!(&value.kind, ValueKind::Word(word) if wanted.contains(&word.as_str()));
        let plain = |fits: bool| fits.then_some(Meaning::Plain);
        let read = match (scalar, &value.kind) {
            (Scalar::Duration | Scalar::Time, ValueKind::Quantity(Q::Duration(duration))) => {
                Some(Meaning::Time(TimePoint::FromStart(*duration)))
            }
            (Scalar::Time, ValueKind::Quantity(Q::BeforeEnd(duration))) => {
                Some(Meaning::Time(TimePoint::FromEnd(*duration)))
            }
            (Scalar::Time | Scalar::Percent, ValueKind::Quantity(Q::Percent(percent))) => {
                reader.percent(value)?;
                Some(Meaning::Time(TimePoint::Percent(*percent)))
            }
            (Scalar::Time, ValueKind::Word(word)) if word == "end" => Some(Meaning::Time(TimePoint::End)),
            (Scalar::Time | Scalar::Duration, ValueKind::Quantity(Q::Number(_))) => {
                return reader.duration(value).map(|_| Meaning::Unknown);
            }
            (Scalar::Rate, ValueKind::Quantity(_)) => return reader.rate(value).map(|_| Meaning::Plain),
            (Scalar::Rate, _) => plain(word(&["source"])),
            (Scalar::Gop, ValueKind::Quantity(Q::Duration(_) | Q::Frames(_))) => Some(Meaning::Plain),
            (Scalar::Gop, _) => plain(word(&["auto"])),
            (Scalar::Bitrate, ValueKind::Quantity(Q::Bitrate(_)))
            | (Scalar::Frequency, ValueKind::Quantity(Q::Frequency(_)))
            | (Scalar::Length, ValueKind::Quantity(Q::Pixels(_) | Q::Percent(_)))
            | (Scalar::Number, ValueKind::Quantity(Q::Number(_)))
            | (Scalar::Color, ValueKind::Quantity(Q::Colour(_)))
            | (Scalar::Text, ValueKind::Text(_)) => Some(Meaning::Plain),
            (Scalar::Int, ValueKind::Quantity(Q::Number(number))) => plain(number.is_integer()),
            (Scalar::Bool, _) => plain(word(&["true", "false"])),
            _ => None,
        };
        match (read, &value.kind) {
            (Some(read), _) => Some(read),
            (None, ValueKind::Word(name)) if !is_value_word(name) => reader.report(self.unknown_word(name, value.span)),
            _ => reader.wrong_type(value, scalar.words()),
        }
    }

    fn unknown_word(&self, name: &str, span: Span) -> Diagnostic {
        let problem = Diagnostic::new(&codes::UNKNOWN_NAME, format!("`{name}` is not declared")).at(span, "");
        match nearest(name, self.bindings.values.keys().map(String::as_str)) {
            Some(near) => problem.with_help(format!("write `{near}`")).with_fix(span, near),
            None => problem,
        }
    }
}

/// A parameter in place of a value.
fn parameter(
    reader: &mut Reader<'_>,
    value: &Value,
    (word, own, bound): (&str, &Type, &Evaluated),
    wanted: &Type,
) -> Evaluated {
    if !own.fits(wanted) {
        let message = format!("the parameter `{word}` is a `{own}`, expected a `{wanted}`");
        reader.diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(value.span, ""));
        return Evaluated { meaning: Meaning::Unknown, span: value.span };
    }
    let single = matches!(bound.meaning, Meaning::Template(_) | Meaning::Time(_) | Meaning::Plain);
    if single && matches!(wanted.required(), Type::List(_)) {
        return Evaluated { meaning: Meaning::List(vec![bound.clone()]), span: bound.span };
    }
    bound.clone()
}

fn is_value_word(word: &str) -> bool {
    matches!(word, "none" | "default" | "true" | "false" | "end" | "source" | "auto" | "nil")
}

fn of_found(found: Found) -> Meaning {
    match found {
        Found::Template(template) => Meaning::Template(template),
        Found::Damaged(_) => Meaning::Unknown,
    }
}
