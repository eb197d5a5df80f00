//! Newtypes with units, so that no bare number crosses a module border.
//!
//! Every type has one text form (`Display`), which plan text, diagnostics and JSON share.

mod rational;
mod size;
mod time;

pub use rational::{ParseRationalError, Rational};
pub use size::{Bytes, Length, PictureSide, Resolution};
pub use time::{Duration, FrameRate, Percent, TimePoint, Timestamp};

use serde::{Deserialize, Serialize};
use std::fmt;

/// The number that calls and the API use for a parameter template; unique within one kind of template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateId(pub u64);

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Bits per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bitrate(pub u64);

impl Bitrate {
    /// A rate given in thousands of bits per second, as templates state it.
    pub const fn from_kbps(kbps: u64) -> Self {
        Bitrate(kbps * 1000)
    }
}

impl fmt::Display for Bitrate {
    /// `512k` where that is exact, else the plain number; both are what ffmpeg reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(f, "{}k", self.0 / 1000) } else { self.0.fmt(f) }
    }
}

/// Samples per second of an audio stream, in hertz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Frequency(pub u32);

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
