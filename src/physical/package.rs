//! Containers as work: which streams are copied into which, by one process.

use super::ArtifactId;
use crate::catalog::template::{Container, SegmentKind};
use crate::plan::EncryptionSpec;
use crate::plan::op::TrackTag;
use crate::units::{Duration, Timestamp};
use std::collections::BTreeSet;

/// Containers made by copying in one process: its start costs more than most copies.
#[derive(Debug, Clone, PartialEq)]
pub struct PackageWork {
    /// Elementary streams, each once.
    pub inputs: Vec<ArtifactId>,
    /// What becomes of the inputs' times.
    pub times: InputTimes,
    /// What is made of them.
    pub containers: Vec<ContainerWork>,
}

impl PackageWork {
    /// The part that makes the wanted artefacts, which reads no more than they need.
    pub(super) fn restricted_to(&self, wanted: &BTreeSet<ArtifactId>) -> PackageWork {
        let containers = self.containers.iter().filter(|one| wanted.contains(&one.artifact)).cloned().collect();
        PackageWork::of(self.times, containers)
    }

    /// The work for some containers.
    pub fn of(times: InputTimes, containers: Vec<ContainerWork>) -> PackageWork {
        let mut inputs = Vec::new();
        for stream in containers.iter().flat_map(|one| &one.streams) {
            if !inputs.contains(stream) {
                inputs.push(*stream);
            }
        }
        PackageWork { inputs, times, containers }
    }
}

/// A container made by copying.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerWork {
    /// Its streams, video first.
    pub streams: Vec<ArtifactId>,
    /// The format.
    pub container: Container,
    /// Form and length of segments, for segmented containers.
    pub segment: Option<(SegmentKind, Duration)>,
    /// Encryption of segments.
    pub encryption: Option<EncryptionSpec>,
    /// What is said of each sound track, in their order.
    pub tags: Vec<TrackTag>,
    /// Of pictures at a variable rate, where the last one ends.
    pub last_picture: Option<LastPicture>,
    /// The file or folder.
    pub artifact: ArtifactId,
}

/// How long the last picture of a variable rate is shown: encoders do not say it, and muxers guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastPicture {
    /// How many pictures there are.
    pub count: u64,
    /// When the last one ends.
    pub end: Timestamp,
}

/// What becomes of the times of a package's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputTimes {
    /// Each input starts at zero: encoded streams do.
    FromZero,
    /// They stay: a copied stream may start later than the one beside it.
    Kept,
}
