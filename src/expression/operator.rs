//! Operators: which types they take, and what they give.

use super::{Constant, EvaluationError, Scalar};
use crate::units::{Bitrate, Duration, Rational};

/// What joins two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    NoMore,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// A number with what it counts, for arithmetic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    Number,
    Duration,
    Bitrate,
    Frequency,
    Percent,
}

impl Operator {
    /// How it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Operator::Or => "or",
            Operator::And => "and",
            Operator::Equal => "==",
            Operator::Unequal => "!=",
            Operator::Less => "<",
            Operator::NoMore => "<=",
            Operator::More => ">",
            Operator::AtLeast => ">=",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
        }
    }

    /// Whether it compares.
    pub fn is_comparison(self) -> bool {
        use Operator as O;
        matches!(self, O::Equal | O::Unequal | O::Less | O::NoMore | O::More | O::AtLeast)
    }

    /// The type of the result; `None` when it does not take such operands.
    pub fn result(self, left: Scalar, right: Scalar) -> Option<Scalar> {
        use Operator as O;
        let measures = measure_of(left).zip(measure_of(right));
        let number = |scalar| measure_of(scalar) == Some(Measure::Number);
        match self {
            O::Or | O::And => (left == Scalar::Bool && right == Scalar::Bool).then_some(Scalar::Bool),
            O::Equal | O::Unequal if left == right && matches!(left, Scalar::Bool | Scalar::Text) => Some(Scalar::Bool),
            O::Equal | O::Unequal | O::Less | O::NoMore | O::More | O::AtLeast => {
                measures.filter(|(left, right)| left == right).map(|_| Scalar::Bool)
            }
            O::Add | O::Subtract => measures.filter(|(left, right)| left == right).map(|_| wider(left, right)),
            O::Multiply if number(left) && !number(right) => measures.map(|_| right),
            O::Multiply => measures.filter(|_| number(right)).map(|_| wider(left, right)),
            O::Divide if number(left) && number(right) => Some(Scalar::Number),
            O::Divide => measures.filter(|_| number(right)).map(|_| left),
        }
    }

    /// The result for two values.
    pub fn apply(self, left: &Constant, right: &Constant) -> Result<Constant, EvaluationError> {
        use Operator as O;
        match (self, left, right) {
            (O::And, Constant::Bool(left), Constant::Bool(right)) => Ok(Constant::Bool(*left && *right)),
            (O::Or, Constant::Bool(left), Constant::Bool(right)) => Ok(Constant::Bool(*left || *right)),
            (O::Equal | O::Unequal, Constant::Bool(_), Constant::Bool(_))
            | (O::Equal | O::Unequal, Constant::Text(_), Constant::Text(_)) => {
                Ok(Constant::Bool((left == right) == (self == O::Equal)))
            }
            _ => self.calculate(measured(left)?, measured(right)?),
        }
    }

    fn calculate(
        self,
        (left, left_measure): (Rational, Measure),
        (right, right_measure): (Rational, Measure),
    ) -> Result<Constant, EvaluationError> {
        use Operator as O;
        let measure = if left_measure == Measure::Number { right_measure } else { left_measure };
        let scaled = left_measure == Measure::Number || right_measure == Measure::Number;
        let same = left_measure == right_measure;
        match self {
            O::Equal if same => Ok(Constant::Bool(left == right)),
            O::Unequal if same => Ok(Constant::Bool(left != right)),
            O::Less if same => Ok(Constant::Bool(left < right)),
            O::NoMore if same => Ok(Constant::Bool(left <= right)),
            O::More if same => Ok(Constant::Bool(left > right)),
            O::AtLeast if same => Ok(Constant::Bool(left >= right)),
            O::Add if same => counted(left + right, measure),
            O::Subtract if same => counted(left - right, measure),
            O::Multiply if scaled => counted(left * right, measure),
            O::Divide if right_measure == Measure::Number => {
                counted(left.checked_div(right).ok_or(EvaluationError::DivisionByZero)?, left_measure)
            }
            _ => Err(EvaluationError::Operands),
        }
    }
}

/// Of two types that count the same, the one that holds all values of both.
fn wider(left: Scalar, right: Scalar) -> Scalar {
    if left == Scalar::Int { right } else { left }
}

fn measure_of(scalar: Scalar) -> Option<Measure> {
    Some(match scalar {
        Scalar::Int | Scalar::Number | Scalar::Rate => Measure::Number,
        Scalar::Duration => Measure::Duration,
        Scalar::Bitrate => Measure::Bitrate,
        Scalar::Frequency => Measure::Frequency,
        Scalar::Percent => Measure::Percent,
        _ => return None,
    })
}

fn measured(constant: &Constant) -> Result<(Rational, Measure), EvaluationError> {
    Ok(match constant {
        Constant::Number(number) => (*number, Measure::Number),
        Constant::Duration(duration) => (duration.seconds(), Measure::Duration),
        Constant::Bitrate(Bitrate(bits)) => {
            (Rational::from_integer(i64::try_from(*bits).unwrap_or(i64::MAX)), Measure::Bitrate)
        }
        Constant::Frequency(hertz) => (*hertz, Measure::Frequency),
        Constant::Percent(percent) => (percent.0, Measure::Percent),
        _ => return Err(EvaluationError::Operands),
    })
}

/// A bitrate is whole: what is below a bit is dropped.
fn counted(value: Rational, measure: Measure) -> Result<Constant, EvaluationError> {
    if value.is_negative() && measure != Measure::Number {
        return Err(EvaluationError::BelowZero);
    }
    Ok(match measure {
        Measure::Number => Constant::Number(value),
        Measure::Duration => Constant::Duration(Duration::from_seconds(value)),
        Measure::Bitrate => Constant::Bitrate(Bitrate(u64::try_from(value.floor()).unwrap_or(u64::MAX))),
        Measure::Frequency => Constant::Frequency(value),
        Measure::Percent => Constant::Percent(crate::units::Percent(value)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(value: i64) -> Constant {
        Constant::Duration(Duration::from_seconds(Rational::from_integer(value)))
    }

    fn number(value: i64) -> Constant {
        Constant::Number(Rational::from_integer(value))
    }

    fn said(result: Result<Constant, EvaluationError>) -> String {
        result.map_or_else(|error| error.to_string(), |value| value.to_string())
    }

    #[test]
    fn durations_are_scaled_and_added_and_never_below_zero() {
        assert_eq!(said(Operator::Divide.apply(&seconds(3), &number(2))), "1.5s");
        assert_eq!(said(Operator::Multiply.apply(&number(2), &seconds(3))), "6s");
        assert_eq!(said(Operator::Subtract.apply(&seconds(1), &seconds(3))), "the result is below zero");
        assert_eq!(said(Operator::Divide.apply(&seconds(1), &number(0))), "a division by zero");
        assert_eq!(said(Operator::Add.apply(&seconds(1), &number(1))), "the operands do not go together");
    }

    #[test]
    fn types_and_values_agree() {
        let values = [
            number(4),
            Constant::Number(Rational::of(1, 2)),
            seconds(2),
            Constant::Bool(true),
            Constant::Text("h264".into()),
            Constant::Bitrate(Bitrate(1000)),
            Constant::Color(0),
        ];
        let operators = [
            Operator::Or,
            Operator::And,
            Operator::Equal,
            Operator::Unequal,
            Operator::Less,
            Operator::NoMore,
            Operator::More,
            Operator::AtLeast,
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
        ];
        for (left, right) in values.iter().flat_map(|left| values.iter().map(move |right| (left, right))) {
            for operator in operators {
                let types = left.scalar().zip(right.scalar()).and_then(|(left, right)| operator.result(left, right));
                match (operator.apply(left, right), types) {
                    (Ok(value), Some(scalar)) => {
                        let own = value.scalar().expect("results have types");
                        assert!(own.fits(scalar), "{left} {} {right} is {value}", operator.sign());
                    }
                    (Err(EvaluationError::Operands), None) | (Err(EvaluationError::BelowZero), Some(_)) => {}
                    (value, scalar) => panic!("{left} {} {right}: {value:?}, {scalar:?}", operator.sign()),
                }
            }
        }
    }
}
