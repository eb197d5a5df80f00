//! Single values between JSON and the language: numbers with their units, words, lengths, times.

use super::table::{Bounds, Generation, NO_WORD, Number, Sort, Unit};
use super::value::exact;
use crate::diag::{Message, all_of, message};
use crate::syntax::ast::{Quantity, Value, ValueKind};
use crate::text::Span;
use crate::units::{Bitrate, Duration, Percent, PictureSide, Rational};

/// Why a number is not what a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotThat {
    /// It is none.
    NoNumber,
    /// It has too many digits.
    TooBig,
    /// It is another one.
    OutOfRange,
}

/// What a written number means; nothing where zero says nothing.
pub fn number(written: &str, takes: &Number, generation: Generation, span: Span) -> Result<Option<ValueKind>, NotThat> {
    let is_number = |sign: char| sign.is_ascii_digit() || matches!(sign, '-' | '+' | '.' | 'e' | 'E');
    if written.is_empty() || !written.chars().all(is_number) {
        return Err(NotThat::NoNumber);
    }
    let is_long = written.len() > 20 || written.contains(['e', 'E']);
    let number = exact(written).ok_or(if is_long { NotThat::TooBig } else { NotThat::NoNumber })?;
    if let (true, Some(zero)) = (number == Rational::ZERO, takes.zero) {
        return Ok((!zero.is_empty()).then(|| literal(zero)));
    }
    let bounds = takes.bounds(generation);
    let is_ceiling = bounds.sort == Sort::Ceiling && number.is_negative();
    let size = if is_ceiling { Rational::ZERO - number } else { number };
    if !holds(bounds, size) {
        return Err(NotThat::OutOfRange);
    }
    let kind = ValueKind::Quantity(quantity(size, takes.unit));
    Ok(Some(match is_ceiling {
        true => ValueKind::AtMost(Box::new(Value { kind, span })),
        false => kind,
    }))
}

/// Whether a number lies within bounds.
pub fn holds(bounds: &Bounds, number: Rational) -> bool {
    let is_allowed = |whole: i64| Rational::from_integer(whole) == number;
    if !bounds.only.is_empty() {
        return bounds.only.iter().copied().any(is_allowed);
    }
    let range = Rational::from_integer(bounds.least)..=Rational::from_integer(bounds.most);
    range.contains(&number) && (bounds.sort == Sort::Any || number.is_integer())
}

/// What a number may be, in words.
pub fn allowed(takes: &Number, generation: Generation) -> Message {
    let bounds = takes.bounds(generation);
    let mut range = if bounds.only.is_empty() {
        match bounds.sort {
            Sort::Any => message!("{} to {}", bounds.least, bounds.most),
            Sort::Whole | Sort::Ceiling => message!("whole numbers from {} to {}", bounds.least, bounds.most),
        }
    } else {
        let words: Vec<String> = bounds.only.iter().map(i64::to_string).collect();
        Message::new("{}", vec![all_of(&words)])
    };
    if takes.zero.is_some() {
        range = message!("0 or {}", range);
    }
    if bounds.sort == Sort::Ceiling {
        range = message!("{}, below zero as a ceiling", range);
    }
    range
}

fn quantity(number: Rational, unit: Unit) -> Quantity {
    let hundred = Rational::from_integer(100);
    match unit {
        Unit::One => Quantity::Number(number),
        Unit::Kilobits => {
            let bits = number * Rational::from_integer(1000);
            Quantity::Bitrate(Bitrate(u64::try_from(bits.round()).unwrap_or(u64::MAX)))
        }
        Unit::Hertz => Quantity::Frequency(number),
        Unit::Seconds => Quantity::Duration(Duration::from_seconds(number)),
        Unit::Milliseconds => Quantity::Duration(Duration::from_seconds(number * Rational::of(1, 1000))),
        Unit::Offset if number.is_negative() => Quantity::BeforeEnd(Duration::from_seconds(Rational::ZERO - number)),
        Unit::Offset => Quantity::Duration(Duration::from_seconds(number)),
        Unit::Share => Quantity::Percent(Percent(number * hundred)),
        Unit::Transparency => Quantity::Percent(Percent(hundred - number)),
    }
}

/// The number that stands for a quantity in a unit; `None` for a quantity of another sort.
pub fn measured(quantity: Quantity, unit: Unit) -> Option<Rational> {
    let hundred = Rational::from_integer(100);
    let thousand = Rational::from_integer(1000);
    Some(match (quantity, unit) {
        (Quantity::Number(number) | Quantity::Fraction(number) | Quantity::Pixels(number), Unit::One) => number,
        (Quantity::Bitrate(rate), Unit::Kilobits) => Rational::new(i128::from(rate.0), 1000)?,
        (Quantity::Frequency(hertz), Unit::Hertz) => hertz,
        (Quantity::Duration(duration), Unit::Seconds | Unit::Offset) => duration.seconds(),
        (Quantity::Duration(duration), Unit::Milliseconds) => duration.seconds() * thousand,
        (Quantity::BeforeEnd(duration), Unit::Offset) => Rational::ZERO - duration.seconds(),
        (Quantity::Percent(percent), Unit::Share) => percent.0.checked_div(hundred)?,
        (Quantity::Percent(percent), Unit::Transparency) => hundred - percent.0,
        _ => return None,
    })
}

/// A number as JSON writes it; `None` for one that has no end in decimals.
pub fn decimal(number: Rational) -> Option<String> {
    const PLACES: u32 = 9;
    let text = number.to_decimal(PLACES);
    (exact(&text) == Some(number)).then_some(text)
}

/// A word of the tables as a value: digits are a number.
pub fn literal(word: &str) -> ValueKind {
    match exact(word) {
        Some(number) => ValueKind::Quantity(Quantity::Number(number)),
        None => ValueKind::Word(word.to_owned()),
    }
}

/// The words of a table that the language has words for.
pub fn sayable(words: &'static [(&'static str, &'static str)]) -> Vec<&'static str> {
    words.iter().filter(|(word, meaning)| !word.is_empty() && *meaning != NO_WORD).map(|(word, _)| *word).collect()
}

/// The number of a template.
pub fn identity(written: &str) -> Option<ValueKind> {
    let number: i64 = written.parse().ok().filter(|number| *number >= 0)?;
    Some(ValueKind::Quantity(Quantity::Number(Rational::from_integer(number))))
}

/// `10%`, `24px`, `10W%`.
pub fn length(text: &str) -> Option<ValueKind> {
    let digits = text.trim_end_matches(|sign: char| !sign.is_ascii_digit() && sign != '.');
    let number = exact(digits).filter(|number| !number.is_negative())?;
    let quantity = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "px" => Quantity::Pixels(number),
        "%" => Quantity::Percent(Percent(number)),
        unit => {
            let side = unit.strip_suffix('%').filter(|letter| letter.len() == 1)?.chars().next()?;
            Quantity::SideShare(Percent(number), PictureSide::from_letter(side)?)
        }
    };
    Some(ValueKind::Quantity(quantity))
}

/// A length as the API writes it.
pub fn length_text(quantity: Quantity) -> Option<String> {
    Some(match quantity {
        Quantity::Pixels(number) => format!("{}px", decimal(number)?),
        Quantity::Percent(percent) => format!("{}%", decimal(percent.0)?),
        Quantity::SideShare(percent, side) => {
            format!("{}{}%", decimal(percent.0)?, side.letter().to_ascii_uppercase())
        }
        _ => return None,
    })
}

/// `0xFFFFFF`.
pub fn colour(text: &str) -> Option<ValueKind> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).filter(|digits| digits.len() == 6)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
    u32::from_str_radix(digits, 16).ok().map(|colour| ValueKind::Quantity(Quantity::Colour(colour)))
}

/// `3.5s`, `10%`.
pub fn time(text: &str) -> Option<ValueKind> {
    let (digits, is_share) = match text.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (text.strip_suffix('s')?, false),
    };
    let number = exact(digits).filter(|number| !number.is_negative())?;
    let quantity = match is_share {
        true => Quantity::Percent(Percent(number)),
        false => Quantity::Duration(Duration::from_seconds(number)),
    };
    Some(ValueKind::Quantity(quantity))
}

/// A time as the API writes it.
pub fn time_text(quantity: Quantity) -> Option<String> {
    Some(match quantity {
        Quantity::Duration(duration) => format!("{}s", decimal(duration.seconds())?),
        Quantity::Percent(percent) => format!("{}%", decimal(percent.0)?),
        _ => return None,
    })
}
