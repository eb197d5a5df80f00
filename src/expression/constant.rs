//! Values of the simple types.

use super::EvaluationError;
use crate::units::{Bitrate, Duration, Percent, Rational, TimePoint};
use std::fmt;

/// The simple types of the language (`language.md` 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    /// A length of time.
    Duration,
    /// A moment of the source.
    Time,
    /// A share.
    Percent,
    /// Bits per second.
    Bitrate,
    /// Samples per second.
    Frequency,
    /// A distance in a picture.
    Length,
    /// Pictures per second.
    Rate,
    /// A distance of keyframes.
    Gop,
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// A colour.
    Color,
}

/// Word and type.
const SCALARS: &[(&str, Scalar)] = &[
    ("duration", Scalar::Duration),
    ("time", Scalar::Time),
    ("percent", Scalar::Percent),
    ("bitrate", Scalar::Bitrate),
    ("frequency", Scalar::Frequency),
    ("length", Scalar::Length),
    ("rate", Scalar::Rate),
    ("gop", Scalar::Gop),
    ("int", Scalar::Int),
    ("number", Scalar::Number),
    ("bool", Scalar::Bool),
    ("text", Scalar::Text),
    ("color", Scalar::Color),
];

impl Scalar {
    /// The words of all types, in the order people should read them.
    pub fn all_words() -> impl Iterator<Item = &'static str> {
        SCALARS.iter().map(|(word, _)| *word)
    }

    /// The type that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        SCALARS.iter().find(|(own, _)| *own == word).map(|(_, scalar)| *scalar)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        SCALARS.iter().find(|(_, scalar)| *scalar == self).map_or("value", |(word, _)| word)
    }

    /// Whether a value of this type can stand where `wanted` is needed.
    pub fn fits(self, wanted: Scalar) -> bool {
        self == wanted
            || matches!(
                (self, wanted),
                (Scalar::Duration | Scalar::Percent, Scalar::Time)
                    | (Scalar::Duration, Scalar::Gop)
                    | (Scalar::Percent, Scalar::Length)
                    | (Scalar::Int, Scalar::Number | Scalar::Rate)
                    | (Scalar::Rate, Scalar::Number)
                    | (Scalar::Number, Scalar::Rate)
            )
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constant {
    /// A number or a frame rate.
    Number(Rational),
    /// A length of time.
    Duration(Duration),
    /// A moment.
    Time(TimePoint),
    /// A share.
    Percent(Percent),
    /// Bits per second.
    Bitrate(Bitrate),
    /// Samples per second.
    Frequency(Rational),
    /// A distance in pixels.
    Pixels(Rational),
    /// A distance in pictures.
    Frames(Rational),
    /// A colour.
    Color(u32),
    /// True or false.
    Bool(bool),
    /// A text.
    Text(String),
    /// `source` or `auto` where a type has such a word.
    Word(&'static str),
}

impl Constant {
    /// The type it has by itself; the words have none.
    pub fn scalar(&self) -> Option<Scalar> {
        Some(match self {
            Constant::Number(number) if number.is_integer() => Scalar::Int,
            Constant::Number(_) => Scalar::Number,
            Constant::Duration(_) => Scalar::Duration,
            Constant::Time(_) => Scalar::Time,
            Constant::Percent(_) => Scalar::Percent,
            Constant::Bitrate(_) => Scalar::Bitrate,
            Constant::Frequency(_) => Scalar::Frequency,
            Constant::Pixels(_) => Scalar::Length,
            Constant::Frames(_) => Scalar::Gop,
            Constant::Color(_) => Scalar::Color,
            Constant::Bool(_) => Scalar::Bool,
            Constant::Text(_) => Scalar::Text,
            Constant::Word(_) => return None,
        })
    }

    /// The moment it means: a duration counts from the start, a share is one of the whole.
    pub fn as_time(&self) -> Option<TimePoint> {
        match self {
            Constant::Time(time) => Some(*time),
            Constant::Duration(duration) => Some(TimePoint::FromStart(*duration)),
            Constant::Percent(percent) => Some(TimePoint::Percent(*percent)),
            _ => None,
        }
    }

    /// `not X`
    pub fn negated(&self) -> Result<Constant, EvaluationError> {
        match self {
            Constant::Bool(value) => Ok(Constant::Bool(!value)),
            _ => Err(EvaluationError::Operands),
        }
    }
}

impl fmt::Display for Constant {
    /// As the language writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constant::Number(number) if number.is_integer() => number.fmt(f),
            Constant::Number(number) => f.write_str(&number.to_decimal(6)),
            Constant::Duration(duration) => write!(f, "{}s", duration.seconds().to_decimal(6)),
            Constant::Time(time) => time.fmt(f),
            Constant::Percent(percent) => write!(f, "{}%", percent.0.to_decimal(6)),
            Constant::Bitrate(Bitrate(bits)) if bits % 1000 == 0 => write!(f, "{}kbps", bits / 1000),
            Constant::Bitrate(Bitrate(bits)) => write!(f, "{bits}bps"),
            Constant::Frequency(hertz) => write!(f, "{}Hz", hertz.to_decimal(6)),
            Constant::Pixels(pixels) => write!(f, "{}px", pixels.to_decimal(6)),
            Constant::Frames(frames) => write!(f, "{}frames", frames.to_decimal(6)),
            Constant::Color(color) => write!(f, "0x{color:06X}"),
            Constant::Bool(value) => value.fmt(f),
            Constant::Text(text) => write!(f, "{text:?}"),
            Constant::Word(word) => f.write_str(word),
        }
    }
}
