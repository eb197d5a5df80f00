//! A machine as far as costs go: its cores, its prices, and what runs on it have taught.

use super::amount::{CpuTime, part};
use super::coefficients::Coefficients;
use super::content::ContentClass;
use super::interval::Confidence;
use crate::catalog::template::{Speed, VideoCodec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What plans are priced by. It is given from outside, as the target is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Cores that processes may use together.
    pub cores: u32,
    /// Prices.
    pub coefficients: Coefficients,
    /// Whether the prices were measured on this machine.
    pub calibrated: bool,
    /// What finished runs say about the prices.
    pub corrections: Corrections,
}

impl Machine {
    /// Two cores and prices of somewhere else, for plans that are made without looking at the machine.
    pub fn assumed() -> Self {
        let (coefficients, corrections) = (Coefficients::default(), Corrections::default());
        Machine { cores: 2, coefficients, calibrated: false, corrections }
    }

    /// How far an estimate can be trusted whose dear parts are these.
    pub fn confidence(&self, subjects: impl IntoIterator<Item = Subject>) -> Confidence {
        let mut subjects = subjects.into_iter().peekable();
        let taught = subjects.peek().is_some() && subjects.all(|subject| self.corrections.runs(subject) >= ENOUGH_RUNS);
        match (taught, self.calibrated) {
            (true, _) => Confidence::Corrected,
            (false, true) => Confidence::Calibrated,
            (false, false) => Confidence::Assumed,
        }
    }
}

/// From so many runs on a correction is believed.
const ENOUGH_RUNS: u32 = 3;
/// The share of the newest run in a correction, in hundredths, once there were several.
const LEAST_WEIGHT: u64 = 25;
/// Corrections stay within a tenth and ten times: what is further off is a mistake or another machine.
const FACTORS: (u64, u64) = (100, 10_000);

/// What a correction is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An encoder at a speed, for a class of content.
    Encode(VideoCodec, Speed, ContentClass),
    /// All else: decoding, filters, pictures, sound, copying.
    Rest,
}

impl fmt::Display for Subject {
    /// The key in the state file: `h264/medium/usual`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Encode(codec, speed, class) => {
                let class = match class {
                    ContentClass::Calm => "calm",
                    ContentClass::Usual => "usual",
                    ContentClass::Busy => "busy",
                };
                write!(f, "{codec}/{speed}/{class}")
            }
            Subject::Rest => f.write_str("rest"),
        }
    }
}

/// How much more or less a subject costs than its price says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// In thousandths.
    pub thousandths: u64,
    /// How many runs say so.
    pub runs: u32,
}

/// Corrections by the texts of their subjects.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Corrections(BTreeMap<String, Factor>);

impl Corrections {
    /// A time as runs have corrected it.
    pub fn corrected(&self, subject: Subject, time: CpuTime) -> CpuTime {
        match self.0.get(&subject.to_string()) {
            Some(factor) => time.share(factor.thousandths.clamp(FACTORS.0, FACTORS.1), 1000),
            None => time,
        }
    }

    /// How many runs there were about a subject.
    pub fn runs(&self, subject: Subject) -> u32 {
        self.0.get(&subject.to_string()).map_or(0, |factor| factor.runs)
    }

    /// How many subjects are corrected.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no run has taught anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Learns from a job that was estimated at the sum of its parts and took `measured`. Each subject moves by as much
    /// as it had a share in the job: nothing says which part was wrong.
    pub fn learn(&mut self, parts: &BTreeMap<Subject, CpuTime>, measured: CpuTime) {
        let estimated: CpuTime = parts.values().copied().sum();
        if estimated.0 == 0 || measured.0 == 0 {
            return;
        }
        let ratio = part(measured.0, 1000, estimated.0).clamp(FACTORS.0, FACTORS.1);
        for (subject, time) in parts {
            let share = part(time.0, 100, estimated.0);
            if share < 10 {
                continue;
            }
            let factor = self.0.entry(subject.to_string()).or_insert(Factor { thousandths: 1000, runs: 0 });
            let weight = (100 / (u64::from(factor.runs) + 1)).max(LEAST_WEIGHT) * share / 100;
            let told = part(factor.thousandths, ratio, 1000);
            let smoothed = (factor.thousandths * (100 - weight) + told * weight) / 100;
            factor.thousandths = smoothed.clamp(FACTORS.0, FACTORS.1);
            factor.runs = factor.runs.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEDIUM: Subject = Subject::Encode(VideoCodec::H264, Speed::Medium, ContentClass::Usual);

    #[test]
    fn runs_bring_the_estimate_to_what_is_measured() {
        let mut corrections = Corrections::default();
        for _ in 0..12 {
            let parts = BTreeMap::from([
                (MEDIUM, corrections.corrected(MEDIUM, CpuTime::from_millis(9000))),
                (Subject::Rest, corrections.corrected(Subject::Rest, CpuTime::from_millis(1000))),
            ]);
            corrections.learn(&parts, CpuTime::from_millis(15_000));
        }
        let now = corrections.corrected(MEDIUM, CpuTime::from_millis(9000)).seconds()
            + corrections.corrected(Subject::Rest, CpuTime::from_millis(1000)).seconds();
        assert!((14.5..15.5).contains(&now), "{now}");
        assert_eq!(corrections.runs(MEDIUM), 12);
    }

    #[test]
    fn one_wild_run_does_not_upset_many() {
        let mut corrections = Corrections::default();
        let second = CpuTime::from_millis(1000);
        for _ in 0..10 {
            let estimated = corrections.corrected(MEDIUM, second);
            corrections.learn(&BTreeMap::from([(MEDIUM, estimated)]), second);
        }
        corrections.learn(&BTreeMap::from([(MEDIUM, second)]), CpuTime::from_millis(500_000));
        assert!(corrections.corrected(MEDIUM, second) <= CpuTime::from_millis(3300), "a quarter of ten times");
        corrections.learn(&BTreeMap::from([(MEDIUM, CpuTime::ZERO)]), second);
        assert_eq!(corrections.runs(MEDIUM), 11, "nothing estimated, nothing learned");
    }
}
