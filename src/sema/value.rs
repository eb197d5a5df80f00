//! Values evaluated as a type that is wanted.

use super::bindings::{Bindings, Evaluated, Meaning};
use super::read::{Reader, is_damaged};
use super::scope::{Found, Scope};
use super::template::id_of;
use super::value_type::Type;
use super::words::described;
use crate::catalog::template::TemplateKind;
use crate::diag::{Diagnostic, codes, message, nearest};
use crate::expression::{Constant, Scalar};
use crate::syntax::ast::{Quantity, Value, ValueKind};
use crate::syntax::normalised;
use crate::text::Span;
use crate::units::{Rational, TemplateId, TimePoint};

/// Evaluates values against declared names and bound names.
pub struct Evaluator<'a, 'b> {
    /// Declared templates and procedures.
    pub scope: &'b Scope<'a>,
    /// Parameters and the like.
    pub bindings: &'b Bindings,
}

impl Evaluator<'_, '_> {
    /// The value as `wanted`; `Unknown` after reporting. A parameter's value keeps the place where it was written.
    pub fn evaluate(&self, reader: &mut Reader<'_>, value: &Value, wanted: &Type) -> Evaluated {
        let is_name = matches!(&value.kind, ValueKind::Word(word) if self.bindings.declared(word).is_some());
        let is_expression = matches!(value.kind, ValueKind::Path(_) | ValueKind::Not(_) | ValueKind::Binary { .. });
        if is_name || is_expression {
            let (own, found) = self.infer(reader, value);
            return self.coerce(reader, value, (&own, found), wanted);
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
        let problem =
            Diagnostic::new(&codes::NUMBER_ONE, message!("`1` inside a list is no template")).at(value.span, "");
        reader
            .diagnostics
            .push(problem.with_help(message!("write `default` in place of the list for the configured set")));
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
                return reader.wrong_type(value, kind.one());
            }
            ValueKind::Word(name) => self.scope.by_name(kind, name, value.span),
            ValueKind::Text(name) => self.scope.by_name(kind, &normalised(name), value.span),
            ValueKind::Quantity(Quantity::Number(number)) => {
                return self.template_by_number(reader, value.span, *number, kind);
            }
            _ => return reader.wrong_type(value, kind.one()),
        };
        match found {
            Ok(found) => Some(of_found(found)),
            Err(problem) => reader.report(problem),
        }
    }

    /// The template that a bare number means where one of that kind is wanted.
    pub(super) fn template_by_number(
        &self,
        reader: &mut Reader<'_>,
        span: Span,
        number: Rational,
        kind: TemplateKind,
    ) -> Option<Meaning> {
        let written = number.to_decimal(6);
        let Some(id) = id_of(number) else {
            let problem = Diagnostic::new(&codes::OUT_OF_RANGE, message!("`{}` is no template id", written));
            let help = if number == Rational::ZERO {
                message!("write `none` for no template")
            } else {
                message!("ids are whole numbers from 1")
            };
            return reader.report(problem.at(span, "").with_help(help));
        };
        match self.scope.by_id(kind, id) {
            Some(found) => Some(of_found(found)),
            None if id == TemplateId(1) && matches!(kind, TemplateKind::Transcode | TemplateKind::Watermark) => {
                let problem = Diagnostic::new(&codes::NUMBER_ONE, message!("`1` is no {}", kind.named()));
                let help = message!("write `default` for the configured default");
                reader.report(problem.at(span, "").with_help(help).with_fix(span, "default"))
            }
            None => reader.report(self.scope.unknown_id(kind, id, span)),
        }
    }

    fn scalar(&self, reader: &mut Reader<'_>, value: &Value, scalar: Scalar) -> Option<Meaning> {
        use Quantity as Q;
        let read = match (scalar, &value.kind) {
            (Scalar::Time, ValueKind::Word(word)) if word == "end" => Some(Constant::Time(TimePoint::End)),
            (Scalar::Time | Scalar::Percent, ValueKind::Quantity(Q::Percent(_))) => {
                reader.percent(value).map(Constant::Percent).map(|share| as_wanted(share, scalar))?
            }
            (Scalar::Time | Scalar::Duration, ValueKind::Quantity(Q::Number(_))) => {
                return reader.duration(value).map(|_| Meaning::Unknown);
            }
            (Scalar::Rate, ValueKind::Quantity(Q::Number(number) | Q::Fraction(number))) => {
                reader.rate(value)?;
                Some(Constant::Number(*number))
            }
            (Scalar::Rate, ValueKind::Word(word)) if word == "source" => Some(Constant::Word("source")),
            (Scalar::Gop, ValueKind::Word(word)) if word == "auto" => Some(Constant::Word("auto")),
            (Scalar::Bool, ValueKind::Word(word)) => word.parse().ok().map(Constant::Bool),
            (Scalar::Int, ValueKind::Quantity(Q::Number(number))) if !number.is_integer() => None,
            (_, ValueKind::Quantity(quantity)) => {
                let constant = of_quantity(*quantity)?;
                constant.scalar().is_some_and(|own| own.fits(scalar)).then(|| as_wanted(constant, scalar)).flatten()
            }
            (Scalar::Text, ValueKind::Text(text)) => Some(Constant::Text(text.clone())),
            _ => None,
        };
        match (read, &value.kind) {
            (Some(read), _) => Some(Meaning::Constant(read)),
            (None, ValueKind::Word(name)) if !is_value_word(name) => reader.report(self.unknown_word(name, value.span)),
            _ => reader.wrong_type(value, described(scalar)),
        }
    }

    /// The message for a word that stands for nothing.
    pub(super) fn unknown_word(&self, name: &str, span: Span) -> Diagnostic {
        let problem = Diagnostic::new(&codes::UNKNOWN_NAME, message!("`{}` is not declared", name));
        let problem = problem.about_word(name).at(span, "");
        match nearest(name, self.bindings.names()) {
            Some(near) => problem.with_help(message!("write `{}`", near)).with_fix(span, near),
            None => problem,
        }
    }
}

/// A constant as the wanted type has it: durations and shares are moments where a moment is wanted.
pub fn as_wanted(constant: Constant, wanted: Scalar) -> Option<Constant> {
    match wanted {
        Scalar::Time => constant.as_time().map(Constant::Time),
        _ => Some(constant),
    }
}

/// The constant of a literal; `None` for those that only templates use.
pub fn of_quantity(quantity: Quantity) -> Option<Constant> {
    Some(match quantity {
        Quantity::Number(number) | Quantity::Fraction(number) => Constant::Number(number),
        Quantity::Duration(duration) => Constant::Duration(duration),
        Quantity::BeforeEnd(duration) => Constant::Time(TimePoint::FromEnd(duration)),
        Quantity::Percent(percent) => Constant::Percent(percent),
        Quantity::Bitrate(rate) => Constant::Bitrate(rate),
        Quantity::Frequency(hertz) => Constant::Frequency(hertz),
        Quantity::Pixels(pixels) => Constant::Pixels(pixels),
        Quantity::Frames(frames) => Constant::Frames(frames),
        Quantity::Colour(colour) => Constant::Color(colour),
        _ => return None,
    })
}

/// Words that are values and never names.
pub fn is_value_word(word: &str) -> bool {
    matches!(word, "none" | "default" | "true" | "false" | "end" | "source" | "auto" | "nil")
}

/// What a found template means.
pub fn of_found(found: Found) -> Meaning {
    match found {
        Found::Template(template) => Meaning::Template(template),
        Found::Damaged(_) => Meaning::Unknown,
    }
}
