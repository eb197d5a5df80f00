//! Amounts of time, and prices per pixel, bit and second of sound.

use crate::units::Duration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Processor time in nanoseconds, user and system, all threads together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CpuTime(pub u64);

/// Time by the clock in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(pub u64);

/// A price in picoseconds of processor time for a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PerPixel(pub u64);

/// A price in picoseconds of processor time for a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PerBit(pub u64);

/// A price in nanoseconds of processor time for a second of media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PerSecond(pub u64);

impl CpuTime {
    /// None.
    pub const ZERO: CpuTime = CpuTime(0);

    /// So many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        CpuTime(millis.saturating_mul(1_000_000))
    }

    /// From seconds as they are measured; what is no time is none.
    pub fn from_seconds(seconds: f64) -> Self {
        CpuTime((seconds * 1e9).max(0.0) as u64)
    }

    /// In seconds, for showing.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// So many times as much.
    pub fn times(self, count: u64) -> Self {
        CpuTime(self.0.saturating_mul(count))
    }

    /// `numerator / denominator` of it.
    pub fn share(self, numerator: u64, denominator: u64) -> Self {
        CpuTime(part(self.0, numerator, denominator))
    }

    /// What is left when another time is taken away, at least nothing.
    pub fn without(self, other: Self) -> Self {
        CpuTime(self.0.saturating_sub(other.0))
    }
}

impl WallTime {
    /// In seconds, for showing.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl std::ops::Add for CpuTime {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        CpuTime(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for CpuTime {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(CpuTime::ZERO, std::ops::Add::add)
    }
}

impl PerPixel {
    /// A price in nanoseconds, by thousandths.
    pub const fn from_picoseconds(picoseconds: u64) -> Self {
        PerPixel(picoseconds)
    }

    /// What so many pixels cost.
    pub fn of(self, pixels: u64) -> CpuTime {
        CpuTime(part(self.0, pixels, 1000))
    }
}

impl PerBit {
    /// What so many bits cost.
    pub fn of(self, bits: u64) -> CpuTime {
        CpuTime(part(self.0, bits, 1000))
    }
}

impl PerSecond {
    /// What so much media costs.
    pub fn of(self, duration: Duration) -> CpuTime {
        let seconds = duration.seconds();
        let nanoseconds = seconds.to_f64() * self.0 as f64;
        CpuTime(nanoseconds as u64)
    }
}

/// `value · numerator / denominator`, rounded down, without leaving the range on the way.
pub(super) fn part(value: u64, numerator: u64, denominator: u64) -> u64 {
    let product = u128::from(value) * u128::from(numerator) / u128::from(denominator.max(1));
    u64::try_from(product).unwrap_or(u64::MAX)
}

impl fmt::Display for CpuTime {
    /// `148 s`, `2.1 s`, `0.05 s`: two digits that say something, and whole seconds from ten on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_seconds(f, self.0)
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_seconds(f, self.0)
    }
}

fn write_seconds(f: &mut fmt::Formatter<'_>, nanoseconds: u64) -> fmt::Result {
    let seconds = nanoseconds as f64 / 1e9;
    let places = match nanoseconds {
        0..995_000_000 => 2,
        995_000_000..9_950_000_000 => 1,
        _ => 0,
    };
    write!(f, "{seconds:.places$} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_show_what_matters_of_them() {
        let shown = |millis| CpuTime::from_millis(millis).to_string();
        assert_eq!(shown(0), "0.00 s");
        assert_eq!(shown(48), "0.05 s");
        assert_eq!(shown(2149), "2.1 s");
        assert_eq!(shown(9940), "9.9 s");
        assert_eq!(shown(147_600), "148 s");
    }

    #[test]
    fn prices_do_not_overflow() {
        assert_eq!(PerPixel(2500).of(1000), CpuTime(2500));
        assert_eq!(PerPixel(u64::MAX).of(u64::MAX), CpuTime(u64::MAX));
        assert_eq!(PerSecond(18_000_000).of(Duration::from_millis(500)), CpuTime(9_000_000));
    }
}
