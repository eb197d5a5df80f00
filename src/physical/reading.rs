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

/// What was decided about how the source is read, with what it costs and what was turned down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it is about, for people: `10 pictures`, `5s to 9s of the picture`.
    pub subject: String,
    /// What was chosen.
    pub chosen: Choice,
    /// What was turned down.
    pub rejected: Choice,
}

/// One way to do something, with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// How: `by seeking 10 times`, `by decoding all`.
    pub way: String,
    /// Its name in JSON, and the switch that forbids it: `seek`, `decode`.
    pub name: &'static str,
    /// Processor time in microseconds, as estimated.
    pub microseconds: u64,
}
