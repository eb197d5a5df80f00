//! How a process reads the source: once from the start, or from several places.

use super::ArtifactId;
use crate::units::Timestamp;

/// The source, or what another process laid by of it, opened once by a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Read from the start.
    Start,
    /// Read from the keyframe that is shown at this time of the container's own time line.
    Keyframe(Timestamp),
    /// Pictures that another process laid by.
    Raw(ArtifactId),
}

impl Opening {
    /// What another process laid by.
    pub fn raw(&self) -> Option<ArtifactId> {
        match self {
            Opening::Raw(artifact) => Some(*artifact),
            Opening::Start | Opening::Keyframe(_) => None,
        }
    }
}

/// What ways of doing something were held against each other by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Processor time: how the source is read.
    Cpu,
    /// Time by the clock: how many processes share the work.
    Wall,
}

/// What was decided by prices, with what it costs and what was turned down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What counted.
    pub measure: Measure,
    /// What it is about, for people: `10 pictures`, `4 renditions`.
    pub subject: String,
    /// What was chosen.
    pub chosen: Choice,
    /// What was turned down.
    pub rejected: Choice,
}

/// One way to do something, with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// How: `by seeking 10 times`, `by decoding all`, `in 2 processes`.
    pub way: String,
    /// Its name in JSON, and the switch that forbids it: `seek`, `decode`.
    pub name: &'static str,
    /// Time of the measure in microseconds, as estimated.
    pub microseconds: u64,
}
