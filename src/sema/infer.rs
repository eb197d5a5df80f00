//! The type and value that an expression has by itself, and what becomes of it where another type is wanted.

use super::bindings::{Evaluated, Meaning};
use super::read::{Reader, describe, is_damaged};
use super::value::{Evaluator, as_wanted, is_value_word, of_found, of_quantity};
use super::value_type::Type;
use super::words::{described, reason};
use crate::diag::{Diagnostic, all_of, codes, message, nearest};
use crate::expression::{Constant, EvaluationError, Expression, Operator, Scalar, SourceFact};
use crate::syntax::ast::{Name, Quantity, Value, ValueKind};
use crate::syntax::normalised;
use crate::text::{Span, Spanned};
use crate::units::TimePoint;

impl Evaluator<'_, '_> {
    /// Type and value of an expression as it stands; a damaged type after reporting.
    pub fn infer(&self, reader: &mut Reader<'_>, value: &Value) -> (Type, Evaluated) {
        if is_damaged(value) {
            return damaged(value.span);
        }
        match &value.kind {
            ValueKind::Word(word) => self.infer_word(reader, word, value),
            ValueKind::Text(text) => known(Constant::Text(text.clone()), value.span),
            ValueKind::Quantity(quantity) => match of_quantity(*quantity) {
                Some(constant) => known(constant, value.span),
                None => no_value(reader, value),
            },
            ValueKind::Path(words) => infer_fact(reader, words, value.span),
            ValueKind::Not(operand) => self.infer_not(reader, operand, value.span),
            ValueKind::Binary { operator, left, right } => {
                self.infer_binary(reader, *operator, left, right, value.span)
            }
            ValueKind::List(elements) => self.infer_list(reader, elements, value.span),
            _ => no_value(reader, value),
        }
    }

    fn infer_word(&self, reader: &mut Reader<'_>, word: &str, value: &Value) -> (Type, Evaluated) {
        if let Some(bound) = self.bindings.get(word) {
            return (bound.of.clone(), bound.value.clone());
        }
        match word {
            "true" | "false" => known(Constant::Bool(word == "true"), value.span),
            "end" => known(Constant::Time(TimePoint::End), value.span),
            _ if is_value_word(word) => no_value(reader, value),
            _ => match self.scope.template_by_name(word) {
                Some((kind, found)) => {
                    let evaluated = Evaluated { meaning: of_found(found), span: value.span };
                    (kind.map_or(Type::Damaged, Type::Template), evaluated)
                }
                None if self.scope.may_be_lost(word) => damaged(value.span),
                None => {
                    reader.diagnostics.push(self.unknown_word(word, value.span));
                    damaged(value.span)
                }
            },
        }
    }

    fn infer_list(&self, reader: &mut Reader<'_>, elements: &[Value], span: Span) -> (Type, Evaluated) {
        let mut of = Type::Damaged;
        let mut list = Vec::with_capacity(elements.len());
        for element in elements {
            let (own, evaluated) = self.infer(reader, element);
            if of == Type::Damaged || of.fits(&own) {
                of = own;
            } else if !own.fits(&of) {
                let message = message!(
                    "the elements of a list are alike: this has the type `{}`, those before have `{}`",
                    &own,
                    &of
                );
                reader.diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(element.span, ""));
            }
            list.push(evaluated);
        }
        (Type::List(Box::new(of)), Evaluated { meaning: Meaning::List(list), span })
    }

    fn infer_not(&self, reader: &mut Reader<'_>, operand: &Value, span: Span) -> (Type, Evaluated) {
        let (own, evaluated) = self.infer(reader, operand);
        match own {
            Type::Scalar(Scalar::Bool) => {}
            Type::Damaged => return damaged(span),
            other => {
                let message = message!("`not` takes a condition, this has the type `{}`", &other);
                reader.diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(operand.span, ""));
                return damaged(span);
            }
        }
        let meaning = match evaluated.meaning {
            Meaning::Constant(constant) => constant.negated().map_or(Meaning::Unknown, Meaning::Constant),
            Meaning::Computed(expression) => Meaning::Computed(Expression::Not(Box::new(expression))),
            _ => Meaning::Unknown,
        };
        (Type::Scalar(Scalar::Bool), Evaluated { meaning, span })
    }

    fn infer_binary(
        &self,
        reader: &mut Reader<'_>,
        operator: Spanned<Operator>,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> (Type, Evaluated) {
        let (left_type, left_value) = self.operand(reader, left, right);
        let (right_type, right_value) = self.operand(reader, right, left);
        let (left_scalar, right_scalar) = match (&left_type, &right_type) {
            (Type::Damaged, _) | (_, Type::Damaged) => return damaged(span),
            (Type::Scalar(left), Type::Scalar(right)) => (*left, *right),
            _ => {
                reader.diagnostics.push(wrong_operands(operator, &left_type, &right_type));
                return damaged(span);
            }
        };
        let Some(result) = operator.value.result(left_scalar, right_scalar) else {
            let problem = wrong_operands(operator, &left_type, &right_type);
            reader.diagnostics.push(missing_unit(problem, (left, left_scalar), (right, right_scalar)));
            return damaged(span);
        };
        let meaning = match joined(operator.value, left_value.meaning, right_value.meaning) {
            Ok(meaning) => meaning,
            Err(error) => {
                let problem = Diagnostic::new(&codes::OUT_OF_RANGE, message!("this has no value: {}", reason(error)));
                reader.diagnostics.push(problem.at(span, ""));
                return damaged(span);
            }
        };
        (Type::Scalar(result), Evaluated { meaning, span })
    }

    /// One side of an operator. Beside a text fact, a bare word is a text: `source.video_codec == h264`.
    fn operand(&self, reader: &mut Reader<'_>, value: &Value, other: &Value) -> (Type, Evaluated) {
        if let (ValueKind::Word(word), ValueKind::Path(path)) = (&value.kind, &other.kind)
            && self.bindings.declared(word).is_none()
            // Beside a fact that does not exist, which is reported, a word is whatever that fact would be.
            && fact_of(path).is_none_or(|fact| fact.scalar() == Scalar::Text)
        {
            return known(Constant::Text(word.clone()), value.span);
        }
        self.infer(reader, value)
    }

    /// A value of a known type where `wanted` is needed.
    pub fn coerce(
        &self,
        reader: &mut Reader<'_>,
        value: &Value,
        (own, found): (&Type, Evaluated),
        wanted: &Type,
    ) -> Evaluated {
        let number_for_template =
            matches!((own.element(), wanted.element()), (Type::Scalar(Scalar::Int | Scalar::Text), Type::Template(_)));
        if !number_for_template && !own.fits(wanted) {
            reader.diagnostics.push(misfit(value, own, wanted));
            return Evaluated { meaning: Meaning::Unknown, span: value.span };
        }
        self.shaped(reader, found, wanted)
    }

    /// The meaning in the form that `wanted` has: lists where lists are wanted, templates for numbers, moments for
    /// durations.
    fn shaped(&self, reader: &mut Reader<'_>, found: Evaluated, wanted: &Type) -> Evaluated {
        let span = found.span;
        let as_list = matches!(wanted.required(), Type::List(_));
        let meaning = match found.meaning {
            Meaning::List(elements) => {
                let elements = elements.into_iter().map(|element| self.shaped(reader, element, wanted.element()));
                Meaning::List(elements.collect())
            }
            Meaning::Unknown | Meaning::None | Meaning::Default => return found,
            meaning => {
                let one = self.shaped_one(reader, meaning, span, wanted.element());
                match one {
                    Meaning::Unknown => Meaning::Unknown,
                    one if as_list => Meaning::List(vec![Evaluated { meaning: one, span }]),
                    one => one,
                }
            }
        };
        Evaluated { meaning, span }
    }

    fn shaped_one(&self, reader: &mut Reader<'_>, meaning: Meaning, span: Span, wanted: &Type) -> Meaning {
        match (meaning, wanted) {
            (Meaning::Constant(Constant::Number(number)), Type::Template(kind)) => {
                self.template_by_number(reader, span, number, *kind).unwrap_or(Meaning::Unknown)
            }
            (Meaning::Constant(Constant::Text(name)), Type::Template(kind)) => {
                match self.scope.by_name(*kind, &normalised(&name), span) {
                    Ok(found) => of_found(found),
                    Err(problem) => reader.report::<()>(problem).map_or(Meaning::Unknown, |()| Meaning::Unknown),
                }
            }
            (Meaning::Constant(constant), Type::Scalar(scalar)) => {
                as_wanted(constant, *scalar).map_or(Meaning::Unknown, Meaning::Constant)
            }
            (meaning, _) => meaning,
        }
    }
}

fn known(constant: Constant, span: Span) -> (Type, Evaluated) {
    let of = constant.scalar().map_or(Type::Damaged, Type::Scalar);
    (of, Evaluated { meaning: Meaning::Constant(constant), span })
}

fn damaged(span: Span) -> (Type, Evaluated) {
    (Type::Damaged, Evaluated { meaning: Meaning::Unknown, span })
}

fn no_value(reader: &mut Reader<'_>, value: &Value) -> (Type, Evaluated) {
    reader.wrong_type::<()>(value, message!("a value"));
    damaged(value.span)
}

fn fact_of(path: &[Name]) -> Option<SourceFact> {
    match path {
        [source, word] if source.value == "source" => SourceFact::from_word(&word.value),
        _ => None,
    }
}

fn infer_fact(reader: &mut Reader<'_>, path: &[Name], span: Span) -> (Type, Evaluated) {
    if let Some(fact) = fact_of(path) {
        let meaning = Meaning::Computed(Expression::Fact(fact));
        return (Type::Scalar(fact.scalar()), Evaluated { meaning, span });
    }
    let problem = match path {
        [source, word, ..] if source.value == "source" => {
            let words: Vec<&str> = SourceFact::ALL.iter().map(|fact| fact.word()).collect();
            let written: Vec<&str> = path[1..].iter().map(|word| word.value.as_str()).collect();
            let message = message!("a source has no `{}`", written.join("."));
            let problem = Diagnostic::new(&codes::UNKNOWN_NAME, message).about_word(&word.value);
            let problem = problem.at(word.span.to(span), "");
            // `source.video.codec` is `source.video_codec`.
            match nearest(&written.join("_"), words.iter().copied()) {
                Some(near) => {
                    let place = path.last().map_or(word.span, |last| word.span.to(last.span));
                    problem.at(place, "").with_help(message!("write `{}`", near)).with_fix(place, near)
                }
                None => problem.with_help(message!("its facts are {}", all_of(&words))),
            }
        }
        [first, ..] => {
            let problem = Diagnostic::new(&codes::UNKNOWN_NAME, message!("`{}` has no parts", &first.value));
            problem.at(span, "").with_help(message!("only `source` has: `source.height`"))
        }
        [] => return damaged(span),
    };
    reader.diagnostics.push(problem);
    damaged(span)
}

/// Two values joined: folded where both are known.
fn joined(operator: Operator, left: Meaning, right: Meaning) -> Result<Meaning, EvaluationError> {
    let expression = |meaning| match meaning {
        Meaning::Constant(constant) => Some(Expression::Constant(constant)),
        Meaning::Computed(expression) => Some(expression),
        _ => None,
    };
    if let (Meaning::Constant(left), Meaning::Constant(right)) = (&left, &right) {
        return operator.apply(left, right).map(Meaning::Constant);
    }
    // What is known settles the rest: `false and …`, `true or …`.
    let decides = |meaning: &Meaning| {
        matches!(
            (operator, meaning),
            (Operator::And, Meaning::Constant(Constant::Bool(false)))
                | (Operator::Or, Meaning::Constant(Constant::Bool(true)))
        )
    };
    if decides(&left) || decides(&right) {
        return Ok(Meaning::Constant(Constant::Bool(operator == Operator::Or)));
    }
    // … and what settles nothing falls away: `true and …`, `false or …`.
    let idle = |meaning: &Meaning| {
        matches!(
            (operator, meaning),
            (Operator::And, Meaning::Constant(Constant::Bool(true)))
                | (Operator::Or, Meaning::Constant(Constant::Bool(false)))
        )
    };
    if idle(&left) {
        return Ok(right);
    }
    if idle(&right) {
        return Ok(left);
    }
    Ok(match (expression(left), expression(right)) {
        (Some(left), Some(right)) => {
            Meaning::Computed(Expression::Binary { operator, left: Box::new(left), right: Box::new(right) })
        }
        _ => Meaning::Unknown,
    })
}

fn wrong_operands(operator: Spanned<Operator>, left: &Type, right: &Type) -> Diagnostic {
    let message = message!("`{}` does not join `{}` and `{}`", operator.value.sign(), left, right);
    let problem = Diagnostic::new(&codes::WRONG_TYPE, message).at(operator.span, "");
    let time = Type::Scalar(Scalar::Time);
    if *left == time || *right == time {
        return problem.with_help(message!("a `time` may count from the end: declare a `duration` to count with it"));
    }
    problem.with_help(match operator.value {
        Operator::And | Operator::Or => {
            message!("both sides are conditions: a comparison, a fact such as `source.has_video`")
        }
        Operator::Multiply | Operator::Divide => message!("one side is a number"),
        operator if operator.is_comparison() => message!("both sides count the same"),
        _ => message!("both sides are durations, bitrates or numbers"),
    })
}

/// A bare number beside something with a unit most likely lacks it.
fn missing_unit(problem: Diagnostic, left: (&Value, Scalar), right: (&Value, Scalar)) -> Diagnostic {
    for ((value, _), (_, other)) in [(left, right), (right, left)] {
        let ValueKind::Quantity(Quantity::Number(number)) = value.kind else { continue };
        let unit = match other {
            Scalar::Bitrate => "kbps",
            Scalar::Duration => "s",
            Scalar::Frequency => "Hz",
            Scalar::Percent => "%",
            _ => continue,
        };
        let fixed = format!("{}{unit}", number.to_decimal(6));
        let problem = Diagnostic::new(
            &codes::MISSING_UNIT,
            message!("the number needs a unit: {} is expected", described(other)),
        );
        return problem.at(value.span, "").with_help(message!("write `{}`", &fixed)).with_fix(value.span, fixed);
    }
    problem
}

fn misfit(value: &Value, own: &Type, wanted: &Type) -> Diagnostic {
    let message = match &value.kind {
        ValueKind::Word(word) => message!("`{}` has the type `{}`, expected `{}`", word, own, wanted),
        _ => message!("{} has the type `{}`, expected `{}`", describe(value), own, wanted),
    };
    Diagnostic::new(&codes::WRONG_TYPE, message).at(value.span, "")
}
