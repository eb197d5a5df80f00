//! Times, durations, rates and shares, all exact.

use super::Rational;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A length of time in seconds, zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(Rational);

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(Rational::ZERO);

    /// A duration of so many seconds; a negative number gives zero.
    pub fn from_seconds(seconds: Rational) -> Self {
        Duration(if seconds.is_negative() { Rational::ZERO } else { seconds })
    }

    /// A duration of so many milliseconds.
    pub fn from_millis(millis: u32) -> Self {
        Duration(Rational::of(i64::from(millis), 1000))
    }

    /// A duration of so many whole seconds.
    pub const fn from_whole_seconds(seconds: u32) -> Self {
        Duration(Rational::from_integer(seconds as i64))
    }

    /// The length in seconds.
    pub fn seconds(self) -> Rational {
        self.0
    }
}

impl fmt::Display for Duration {
    /// As procedures write it: `90s` becomes `1m30s`, `0.5s` stays.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clock(f, self.0)
    }
}

/// A moment on a time line, in seconds from that line's zero; may lie before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub Rational);

impl Timestamp {
    /// The zero of the time line.
    pub const ZERO: Timestamp = Timestamp(Rational::ZERO);
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clock(f, self.0)
    }
}

fn write_clock(f: &mut fmt::Formatter<'_>, seconds: Rational) -> fmt::Result {
    // Rounded first, so that 59.9999 s are a minute and not 60 seconds, and nothing is minus zero.
    let millis = Rational::new((seconds * Rational::of(1000, 1)).round(), 1000).unwrap_or(seconds);
    let (sign, seconds) = if millis.is_negative() { ("-", Rational::ZERO - millis) } else { ("", millis) };
    let whole = seconds.floor();
    let (hours, minutes) = (whole / 3600, whole / 60 % 60);
    let rest = seconds - Rational::of(60, 1) * Rational::new(whole / 60, 1).unwrap_or(Rational::ZERO);
    write!(f, "{sign}")?;
    if hours > 0 {
        write!(f, "{hours}h")?;
    }
    if minutes > 0 {
        write!(f, "{minutes}m")?;
    }
    if whole < 60 || rest > Rational::ZERO {
        write!(f, "{}s", rest.to_decimal(3))?;
    }
    Ok(())
}

/// A share in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Percent(pub Rational);

impl Percent {
    /// A whole number of hundredths.
    pub const fn from_integer(value: i64) -> Self {
        Percent(Rational::from_integer(value))
    }

    /// That share of `whole`.
    pub fn of(self, whole: Rational) -> Rational {
        self.0 * whole * Rational::of(1, 100)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0.to_decimal(6))
    }
}

/// Pictures per second, above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameRate(Rational);

impl FrameRate {
    /// A rate of so many pictures per second; `None` unless above zero.
    pub fn new(per_second: Rational) -> Option<Self> {
        (per_second > Rational::ZERO).then_some(FrameRate(per_second))
    }

    /// A whole number of pictures per second (zero counts as one).
    pub fn from_integer(per_second: u32) -> Self {
        FrameRate(Rational::from(per_second.max(1)))
    }

    /// Pictures per second.
    pub fn per_second(self) -> Rational {
        self.0
    }

    /// How long one picture is shown, in seconds.
    pub fn frame_duration(self) -> Rational {
        self.0.recip().unwrap_or(Rational::ZERO)
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A `time` of the language: a moment of the source that may depend on its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimePoint {
    /// So long after the start.
    FromStart(Duration),
    /// So long before the end (`-5s`).
    FromEnd(Duration),
    /// At a share of the length (`50%`).
    Percent(Percent),
    /// The end itself.
    End,
}

impl TimePoint {
    /// The moment on the time line of a source of that length; from-end times before the start give the start.
    pub fn resolve(self, length: Duration) -> Timestamp {
        let end = length.seconds();
        let seconds = match self {
            TimePoint::FromStart(duration) => duration.seconds(),
            TimePoint::FromEnd(duration) => end - duration.seconds(),
            TimePoint::Percent(percent) => percent.of(end),
            TimePoint::End => end,
        };
        Timestamp(if seconds.is_negative() { Rational::ZERO } else { seconds })
    }
}

impl fmt::Display for TimePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimePoint::FromStart(duration) => duration.fmt(f),
            TimePoint::FromEnd(duration) => write!(f, "-{duration}"),
            TimePoint::Percent(percent) => percent.fmt(f),
            TimePoint::End => f.write_str("end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_procedures_write_them() {
        let print = |numerator, denominator| Duration::from_seconds(Rational::of(numerator, denominator)).to_string();
        assert_eq!(print(0, 1), "0s");
        assert_eq!(print(90, 1), "1m30s");
        assert_eq!(print(3600, 1), "1h");
        assert_eq!(print(7384, 1), "2h3m4s");
        assert_eq!(print(1, 2), "0.5s");
        assert_eq!(print(721, 24), "30.042s");
    }

    #[test]
    fn times_resolve_against_a_length() {
        let length = Duration::from_seconds(Rational::from_integer(40));
        let at = |point: TimePoint| point.resolve(length).to_string();
        assert_eq!(at(TimePoint::Percent(Percent::from_integer(50))), "20s");
        assert_eq!(at(TimePoint::FromEnd(Duration::from_millis(5000))), "35s");
        assert_eq!(at(TimePoint::FromEnd(Duration::from_millis(50_000))), "0s");
        assert_eq!(at(TimePoint::End), "40s");
    }
}
