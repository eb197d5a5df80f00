//! How far an estimate can be trusted, as an interval that was measured to hold.

use super::amount::CpuTime;
use serde::Serialize;

/// What an estimate rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Prices of another machine.
    Assumed,
    /// Prices measured on this machine.
    Calibrated,
    /// Runs of the same encoders on the same class of content.
    Corrected,
    /// A trial of the plan itself on its source.
    Pilot,
}

/// Lowest and highest time that is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// Not less than this, nine times of ten.
    pub low: CpuTime,
    /// Not more than this.
    pub high: CpuTime,
}

impl Confidence {
    /// Hundredths of the estimate between which nine of ten runs of `benches/prediction` ended. What is assumed is wider
    /// by what machines differ in.
    fn hundredths(self) -> (u64, u64) {
        match self {
            Confidence::Assumed => (50, 200),
            Confidence::Calibrated => (60, 165),
            Confidence::Corrected => (70, 140),
            Confidence::Pilot => (80, 125),
        }
    }

    /// The interval around an estimate.
    pub fn around(self, time: CpuTime) -> Interval {
        let (low, high) = self.hundredths();
        Interval { low: time.share(low, 100), high: time.share(high, 100) }
    }

    /// The word in results.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Assumed => "assumed",
            Confidence::Calibrated => "calibrated",
            Confidence::Corrected => "corrected",
            Confidence::Pilot => "pilot",
        }
    }
}
