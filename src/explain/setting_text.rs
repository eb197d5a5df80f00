//! Settings of templates as the language writes them.

use crate::catalog::template::{Gop, Setting, Sides};
use crate::units::{Bitrate, FrameRate, Frequency, Rational};
use std::fmt;

/// `1800kbps`, `at_most 512kbps`, `auto`.
pub fn bitrate(setting: &Setting<Bitrate>) -> String {
    set(setting, "auto", |rate| {
        if rate.0.is_multiple_of(1000) { format!("{}kbps", rate.0 / 1000) } else { format!("{}bps", rate.0) }
    })
}

/// `25`, `at_most 30`, `source`.
pub fn rate(setting: &Setting<FrameRate>) -> String {
    set(setting, "source", FrameRate::to_string)
}

/// `44.1kHz`, `source`.
pub fn sample_rate(setting: &Setting<Frequency>) -> String {
    set(setting, "source", |rate| format!("{}kHz", Rational::of(rate.0.into(), 1000).to_decimal(3)))
}

fn set<T>(setting: &Setting<T>, automatic: &str, text: impl Fn(&T) -> String) -> String {
    match setting {
        Setting::Auto => automatic.to_owned(),
        Setting::Exactly(value) => text(value),
        Setting::AtMost(value) => format!("at_most {}", text(value)),
    }
}

/// `2s`, `48frames`, `auto`.
pub fn gop(gop: Gop) -> String {
    match gop {
        Gop::Auto => "auto".to_owned(),
        Gop::Duration(duration) => duration.to_string(),
        Gop::Frames(frames) => format!("{frames}frames"),
    }
}

/// `4.1`, `auto`.
pub fn level(tenths: Option<u8>) -> String {
    tenths.map_or("auto".to_owned(), |tenths| format!("{}.{}", tenths / 10, tenths % 10))
}

/// `2`, `source`.
pub fn channels(channels: Option<u8>) -> String {
    channels.map_or("source".to_owned(), |channels| channels.to_string())
}

/// The pair of sides as fields; one that is not given follows the other, or the source.
pub fn sides(sides: Sides) -> [(&'static str, String); 2] {
    let side = |side: Option<u32>| side.map_or("in proportion".to_owned(), |side| side.to_string());
    match sides {
        Sides::Source => [("short_side", "source".to_owned()), ("long_side", "source".to_owned())],
        Sides::Oriented { short, long } => [("short_side", side(short)), ("long_side", side(long))],
        Sides::Literal { width, height } => [("width", side(width)), ("height", side(height))],
    }
}

/// Sides in words: `short side 720`, `142x80`, `source size`.
pub struct Sidedness(pub Sides);

impl fmt::Display for Sidedness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: Option<u32>| side.map_or("auto".to_owned(), |side| side.to_string());
        match self.0 {
            Sides::Source => f.write_str("source size"),
            Sides::Oriented { short: Some(short), long: None } => write!(f, "short side {short}"),
            Sides::Oriented { short: None, long } => write!(f, "long side {}", side(long)),
            Sides::Oriented { short, long } => write!(f, "{}x{} by orientation", side(long), side(short)),
            Sides::Literal { width, height } => write!(f, "{}x{}", side(width), side(height)),
        }
    }
}
