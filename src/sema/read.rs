//! Reads field values as the type a field has, and says in people's words what is wrong with those that are not.

use super::words::described;
use crate::catalog::template::Setting;
use crate::diag::{Argument, Diagnostic, Diagnostics, Message, any_of, codes, message, nearest};
use crate::expression::Scalar;
use crate::syntax::ast::{Quantity, Value, ValueKind};
use crate::text::{SourceMap, Span};
use crate::units::{Bitrate, Duration, FrameRate, Frequency, Length, Percent, Rational};
use std::ops::RangeInclusive;

/// Reads values and collects what is wrong with them. Every reader gives `None` after reporting.
pub struct Reader<'a> {
    /// The texts, for names of files.
    pub sources: &'a SourceMap,
    /// What was wrong.
    pub diagnostics: Diagnostics,
    /// Whether ranges for users' templates apply; the system's own templates may leave them.
    pub ranges: Ranges,
}

/// Whether the ranges for users' templates apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranges {
    /// Refuse what lies outside.
    Enforced,
    /// The system's templates are as documented, whatever the ranges say.
    Waived,
}

impl Reader<'_> {
    /// Reports a problem.
    pub fn report<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.diagnostics.push(problem);
        None
    }

    /// Another type was written than the field has; silent for values that were reported already.
    pub fn wrong_type<T>(&mut self, value: &Value, wanted: impl Into<Argument>) -> Option<T> {
        if is_damaged(value) {
            return None;
        }
        let message = message!("expected {}, found {}", wanted.into(), describe(value));
        self.report(Diagnostic::new(&codes::WRONG_TYPE, message).at(value.span, ""))
    }

    /// A bare number where a unit is needed; `unit` is the likeliest.
    fn missing_unit<T>(&mut self, value: &Value, number: Rational, unit: &str, wanted: Message) -> Option<T> {
        let fixed = format!("{}{unit}", number.to_decimal(6));
        let problem =
            Diagnostic::new(&codes::MISSING_UNIT, message!("the number needs a unit: {} is expected", wanted))
                .at(value.span, "")
                .with_help(message!("write `{}`", &fixed))
                .with_fix(value.span, fixed);
        self.report(problem)
    }

    /// Refuses a value outside its range; `range` is in words.
    pub fn out_of_range<T>(&mut self, span: Span, range: Message) -> Option<T> {
        let written =
            self.sources.get(span.source).and_then(|source| source.text.get(span.range())).unwrap_or_default();
        let message = message!("`{}` is out of range: {}", written, range);
        self.report(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(span, ""))
    }

    /// One of the words of an enumeration.
    pub fn word<T>(&mut self, value: &Value, words: &[&str], from_word: impl Fn(&str) -> Option<T>) -> Option<T> {
        let ValueKind::Word(word) = &value.kind else { return self.wrong_type(value, any_of(words)) };
        if let Some(read) = from_word(word) {
            return Some(read);
        }
        let problem = Diagnostic::new(&codes::UNKNOWN_WORD, message!("`{}` is none of the words allowed here", word))
            .about_word(word)
            .at(value.span, "")
            .with_help(message!("write {}", any_of(words)));
        self.report(match nearest(word, words.iter().copied()) {
            Some(near) => problem.with_fix(value.span, near),
            None => problem,
        })
    }

    /// A text.
    pub fn text(&mut self, value: &Value) -> Option<String> {
        match &value.kind {
            ValueKind::Text(text) => Some(text.clone()),
            _ => self.wrong_type(value, described(Scalar::Text)),
        }
    }

    /// A whole number within a range.
    pub fn integer(&mut self, value: &Value, range: RangeInclusive<u32>) -> Option<u32> {
        match value.kind {
            ValueKind::Quantity(Quantity::Number(number)) => self.integer_of(value.span, number, range),
            _ => self.wrong_type(value, described(Scalar::Int)),
        }
    }

    fn integer_of(&mut self, span: Span, number: Rational, range: RangeInclusive<u32>) -> Option<u32> {
        let read = number.is_integer().then(|| u32::try_from(number.numerator()).ok()).flatten();
        match read.filter(|read| range.contains(read)) {
            Some(read) => Some(read),
            None => {
                let words = message!("a whole number from {} to {} is allowed", *range.start(), *range.end());
                self.out_of_range(span, words)
            }
        }
    }

    /// A side of a picture in pixels; `source` leaves it to the source (an inner `None`).
    pub fn side(&mut self, value: &Value, range: RangeInclusive<u32>) -> Option<Option<u32>> {
        match &value.kind {
            ValueKind::Quantity(Quantity::Number(number) | Quantity::Pixels(number)) => {
                let range = if self.ranges == Ranges::Waived { 1..=u32::from(u16::MAX) } else { range };
                self.integer_of(value.span, *number, range).map(Some)
            }
            ValueKind::Word(word) if word == "source" => Some(None),
            _ => self.wrong_type(value, message!("a side in pixels")),
        }
    }

    /// `auto`, a bitrate, or `at_most` a bitrate, within a range of kbps.
    pub fn bitrate(&mut self, value: &Value, kbps: RangeInclusive<u64>) -> Option<Setting<Bitrate>> {
        self.setting(value, "auto", |reader, value| match value.kind {
            ValueKind::Quantity(Quantity::Bitrate(rate)) => {
                let allowed = kbps.start() * 1000..=kbps.end() * 1000;
                if reader.ranges == Ranges::Waived || allowed.contains(&rate.0) {
                    return Some(rate);
                }
                let words = message!("{}kbps to {}kbps are allowed", *kbps.start(), *kbps.end());
                reader.out_of_range(value.span, words)
            }
            ValueKind::Quantity(Quantity::Number(number)) => {
                reader.missing_unit(value, number, "kbps", described(Scalar::Bitrate))
            }
            _ => reader.wrong_type(value, message!("a bitrate such as `1800kbps`, or `auto`")),
        })
    }

    /// `source`, a frame rate, or `at_most` a frame rate; 1 to 100 pictures per second.
    pub fn rate(&mut self, value: &Value) -> Option<Setting<FrameRate>> {
        self.setting(value, "source", |reader, value| match value.kind {
            ValueKind::Quantity(Quantity::Number(number) | Quantity::Fraction(number)) => {
                let allowed = Rational::ONE..=Rational::from_integer(100);
                match FrameRate::new(number).filter(|rate| allowed.contains(&rate.per_second())) {
                    Some(rate) => Some(rate),
                    None => {
                        reader.out_of_range(value.span, message!("{} to {} pictures per second are allowed", 1, 100))
                    }
                }
            }
            _ => reader.wrong_type(value, message!("a frame rate such as `25` or `30000/1001`, or `source`")),
        })
    }

    /// A frame rate within a range of pictures per second.
    pub fn fixed_rate(&mut self, value: &Value, range: RangeInclusive<u32>) -> Option<FrameRate> {
        let ValueKind::Quantity(Quantity::Number(number) | Quantity::Fraction(number)) = value.kind else {
            return self.wrong_type(value, message!("a frame rate such as `10`"));
        };
        let allowed = Rational::from(*range.start())..=Rational::from(*range.end());
        match FrameRate::new(number).filter(|rate| allowed.contains(&rate.per_second())) {
            Some(rate) => Some(rate),
            None => {
                let words = message!("{} to {} pictures per second are allowed", *range.start(), *range.end());
                self.out_of_range(value.span, words)
            }
        }
    }

    /// A colour.
    pub fn colour(&mut self, value: &Value) -> Option<u32> {
        match value.kind {
            ValueKind::Quantity(Quantity::Colour(colour)) => Some(colour),
            _ => self.wrong_type(value, described(Scalar::Color)),
        }
    }

    /// `source`, `auto` or a sampling rate out of a few.
    pub fn sample_rate(&mut self, value: &Value) -> Option<Setting<Frequency>> {
        const ALLOWED: [u32; 4] = [16_000, 32_000, 44_100, 48_000];
        if matches!(&value.kind, ValueKind::Word(word) if word == "auto") {
            return Some(Setting::Auto);
        }
        self.setting(value, "source", |reader, value| match value.kind {
            ValueKind::Quantity(Quantity::Frequency(hertz)) => {
                match ALLOWED.into_iter().find(|allowed| Rational::from(*allowed) == hertz) {
                    Some(hertz) => Some(Frequency(hertz)),
                    None => reader.out_of_range(
                        value.span,
                        message!("16kHz (with `pcm16`), 32kHz, 44.1kHz and 48kHz are allowed"),
                    ),
                }
            }
            ValueKind::Quantity(Quantity::Number(number)) => {
                let unit = if number < Rational::from_integer(1000) { "kHz" } else { "Hz" };
                reader.missing_unit(value, number, unit, message!("a sampling rate such as `44.1kHz`"))
            }
            _ => reader.wrong_type(value, message!("a sampling rate such as `44.1kHz`, or `source`")),
        })
    }

    fn setting<T>(
        &mut self,
        value: &Value,
        automatic: &str,
        read: impl Fn(&mut Self, &Value) -> Option<T>,
    ) -> Option<Setting<T>> {
        match &value.kind {
            ValueKind::Word(word) if word == automatic => Some(Setting::Auto),
            ValueKind::AtMost(inner) => read(self, inner).map(Setting::AtMost),
            _ => read(self, value).map(Setting::Exactly),
        }
    }

    /// A length of time.
    pub fn duration(&mut self, value: &Value) -> Option<Duration> {
        match value.kind {
            ValueKind::Quantity(Quantity::Duration(duration)) => Some(duration),
            ValueKind::Quantity(Quantity::Number(number)) => {
                self.missing_unit(value, number, "s", described(Scalar::Duration))
            }
            _ => self.wrong_type(value, described(Scalar::Duration)),
        }
    }

    /// A distance inside a picture.
    pub fn length(&mut self, value: &Value, pixels: RangeInclusive<u32>) -> Option<Length> {
        match value.kind {
            ValueKind::Quantity(Quantity::Pixels(number)) => {
                self.integer_of(value.span, number, pixels).map(Length::Pixels)
            }
            ValueKind::Quantity(Quantity::Percent(percent)) => self.share(value, percent).map(Length::Percent),
            ValueKind::Quantity(Quantity::SideShare(percent, side)) => {
                self.share(value, percent).map(|percent| Length::PercentOf(percent, side))
            }
            ValueKind::Quantity(Quantity::Number(number)) => {
                self.missing_unit(value, number, "px", message!("a length such as `24px` or `10%`"))
            }
            _ => self.wrong_type(value, message!("a length such as `24px` or `10%`")),
        }
    }

    /// 0 to 100 %.
    pub fn percent(&mut self, value: &Value) -> Option<Percent> {
        match value.kind {
            ValueKind::Quantity(Quantity::Percent(percent)) => self.share(value, percent),
            ValueKind::Quantity(Quantity::Number(number)) => {
                self.missing_unit(value, number, "%", described(Scalar::Percent))
            }
            _ => self.wrong_type(value, described(Scalar::Percent)),
        }
    }

    fn share(&mut self, value: &Value, percent: Percent) -> Option<Percent> {
        if percent.0 <= Rational::from_integer(100) {
            return Some(percent);
        }
        self.out_of_range(value.span, message!("0% to 100% are allowed"))
    }
}

/// Whether a value holds something that was reported already.
pub fn is_damaged(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Error => true,
        ValueKind::AtMost(inner) => is_damaged(inner),
        _ => false,
    }
}

/// A value as people would call it.
pub fn describe(value: &Value) -> Message {
    match &value.kind {
        ValueKind::Word(word) => message!("the word `{}`", word),
        ValueKind::Text(_) => message!("a text"),
        ValueKind::List(_) => message!("a list"),
        ValueKind::KeyedTable => message!("a table with keys"),
        ValueKind::Record(_) => message!("a block of fields"),
        ValueKind::AtMost(_) => Message::from("`at_most`"),
        ValueKind::Path(_) => message!("a fact of the source"),
        ValueKind::Not(_) | ValueKind::Binary { .. } => message!("an expression"),
        ValueKind::Error => message!("something unreadable"),
        ValueKind::Quantity(quantity) => match quantity {
            Quantity::Number(number) => message!("the number `{}`", number.to_decimal(6)),
            Quantity::Fraction(_) => message!("a fraction"),
            Quantity::Duration(_) => message!("a duration"),
            Quantity::BeforeEnd(_) => message!("a time before the end"),
            Quantity::Percent(_) => message!("a share"),
            Quantity::SideShare(..) => message!("a share of a side"),
            Quantity::Bitrate(_) => message!("a bitrate"),
            Quantity::Frequency(_) => message!("a frequency"),
            Quantity::Pixels(_) => message!("a length in pixels"),
            Quantity::Frames(_) => message!("a number of frames"),
            Quantity::Colour(_) => message!("a colour"),
        },
    }
}
