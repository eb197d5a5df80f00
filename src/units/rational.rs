//! Exact fractions: every time, rate and ratio inside the compiler is one of these, never a float.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An exact fraction in lowest terms.
///
/// The numerator has 128 bits, so that products of time stamps and time bases do not overflow. Arithmetic that
/// leaves even that range saturates at [`Rational::MAX`]: a figure that absurd is then refused by a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rational(Ratio<i128>);

impl Rational {
    /// Zero.
    pub const ZERO: Rational = Rational(Ratio::new_raw(0, 1));
    /// One.
    pub const ONE: Rational = Rational(Ratio::new_raw(1, 1));
    /// The value that overflowing arithmetic gives.
    pub const MAX: Rational = Rational(Ratio::new_raw(i128::MAX, 1));

    /// `numerator / denominator` in lowest terms; `None` for a zero denominator.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        (denominator != 0).then(|| Rational(Ratio::new(numerator, denominator)))
    }

    /// A whole number.
    pub const fn from_integer(value: i64) -> Self {
        Rational(Ratio::new_raw(value as i128, 1))
    }

    /// A fraction of two literals whose denominator is known not to be zero (a zero counts as one).
    pub fn of(numerator: i64, denominator: i64) -> Self {
        Rational(Ratio::new(i128::from(numerator), i128::from(if denominator == 0 { 1 } else { denominator })))
    }

    /// The numerator in lowest terms.
    pub fn numerator(self) -> i128 {
        *self.0.numer()
    }

    /// The denominator in lowest terms, above zero.
    pub fn denominator(self) -> i128 {
        *self.0.denom()
    }

    /// The largest whole number that is not above this one.
    pub fn floor(self) -> i128 {
        self.0.floor().to_integer()
    }

    /// The smallest whole number that is not below this one.
    pub fn ceil(self) -> i128 {
        self.0.ceil().to_integer()
    }

    /// The nearest whole number, halves away from zero.
    pub fn round(self) -> i128 {
        self.0.round().to_integer()
    }

    /// Whether the value is below zero.
    pub fn is_negative(self) -> bool {
        self.0.is_negative()
    }

    /// Whether the value is a whole number.
    pub fn is_integer(self) -> bool {
        self.0.is_integer()
    }

    /// One divided by this; `None` for zero.
    pub fn recip(self) -> Option<Self> {
        Rational::new(self.denominator(), self.numerator())
    }

    /// `self / other`; `None` when `other` is zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.0.checked_div(&other.0).map(Rational)
    }

    /// The number half-way between this and another.
    pub fn midpoint(self, other: Self) -> Self {
        (self + other) * Rational::of(1, 2)
    }

    /// The nearest float, for figures shown to people and for cost estimates only.
    pub fn to_f64(self) -> f64 {
        self.numerator() as f64 / self.denominator() as f64
    }

    /// A decimal number with at most `places` digits after the point, rounded, without trailing zeros.
    pub fn to_decimal(self, places: u32) -> String {
        let scale = 10i128.pow(places);
        let scaled = (self * Rational(Ratio::new_raw(scale, 1))).round();
        let (sign, digits) = if scaled < 0 { ("-", -scaled) } else { ("", scaled) };
        let (whole, fraction) = (digits / scale, digits % scale);
        if fraction == 0 {
            return format!("{sign}{whole}");
        }
        let fraction = format!("{fraction:0width$}", width = places as usize);
        format!("{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

impl std::ops::Add for Rational {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.0.checked_add(&other.0).map_or(Rational::MAX, Rational)
    }
}

impl std::ops::Sub for Rational {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.0.checked_sub(&other.0).map_or(Rational::MAX, Rational)
    }
}

impl std::ops::Mul for Rational {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.0.checked_mul(&other.0).map_or(Rational::MAX, Rational)
    }
}

impl From<u32> for Rational {
    fn from(value: u32) -> Self {
        Rational::from_integer(i64::from(value))
    }
}

impl fmt::Display for Rational {
    /// `25` or `30000/1001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_integer() {
            write!(f, "{}", self.numerator())
        } else {
            write!(f, "{}/{}", self.numerator(), self.denominator())
        }
    }
}

/// A text that is no number of the forms `25`, `-0.04` or `30000/1001`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number")]
pub struct ParseRationalError(pub String);

impl FromStr for Rational {
    type Err = ParseRationalError;

    /// Reads `25`, `-12.5` and `30000/1001` (also with a colon, as aspect ratios are written).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || ParseRationalError(text.chars().take(64).collect());
        if let Some((numerator, denominator)) = text.split_once(['/', ':']) {
            let numerator = numerator.trim().parse().map_err(|_| fail())?;
            let denominator = denominator.trim().parse().map_err(|_| fail())?;
            return Rational::new(numerator, denominator).ok_or_else(fail);
        }
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() + fraction.len() > 36 || !all_digits(whole) || !all_digits(fraction) {
            return Err(fail());
        }
        let numerator: i128 = format!("{whole}{fraction}").parse().map_err(|_| fail())?;
        Rational::new(sign * numerator, 10i128.pow(fraction.len() as u32)).ok_or_else(fail)
    }
}

impl Serialize for Rational {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rational {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_the_forms_that_ffprobe_and_people_write() {
        for (text, printed) in
            [("25", "25"), ("30000/1001", "30000/1001"), ("64:45", "64/45"), ("-0.040", "-1/25"), ("50/2", "25")]
        {
            assert_eq!(text.parse::<Rational>().expect(text).to_string(), printed);
        }
        for text in ["", "x", "1/0", "1.2.3", "--1", "1e5", "."] {
            assert!(text.parse::<Rational>().is_err(), "{text}");
        }
    }

    #[test]
    fn decimals_are_rounded_and_short() {
        assert_eq!(Rational::of(30000, 1001).to_decimal(3), "29.97");
        assert_eq!(Rational::of(-1, 8).to_decimal(2), "-0.13");
        assert_eq!(Rational::of(90, 1).to_decimal(3), "90");
    }

    #[test]
    fn overflow_saturates_instead_of_panicking() {
        assert_eq!(Rational::MAX * Rational::MAX, Rational::MAX);
        assert_eq!(Rational::MAX + Rational::ONE, Rational::MAX);
    }
}
