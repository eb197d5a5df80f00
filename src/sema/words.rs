//! What messages call the values of a type, and why an expression has none; `expression` itself says nothing to people.

use crate::diag::{Message, message};
use crate::expression::{EvaluationError, Scalar};

/// A value of the type, as people call it.
pub fn described(scalar: Scalar) -> Message {
    match scalar {
        Scalar::Duration => message!("a duration such as `2s`"),
        Scalar::Time => message!("a time such as `1.5s`, `-5s`, `50%` or `end`"),
        Scalar::Percent => message!("a share such as `80%`"),
        Scalar::Bitrate => message!("a bitrate such as `1800kbps`"),
        Scalar::Frequency => message!("a frequency such as `44.1kHz`"),
        Scalar::Length => message!("a length such as `24px`"),
        Scalar::Rate => message!("a frame rate such as `25`"),
        Scalar::Gop => message!("a distance such as `2s` or `48frames`"),
        Scalar::Int => message!("a whole number"),
        Scalar::Number => message!("a number"),
        Scalar::Bool => message!("`true` or `false`"),
        Scalar::Text => message!("a text in `\"`"),
        Scalar::Color => message!("a colour such as `0xFFFFFF`"),
    }
}

/// Why an expression has no value.
pub fn reason(error: EvaluationError) -> Message {
    match error {
        EvaluationError::DivisionByZero => message!("a division by zero"),
        EvaluationError::BelowZero => message!("the result is below zero"),
        EvaluationError::Operands => message!("the operands do not go together"),
    }
}
