//! Adaptive packages as work: which tracks are written, what players choose from, and what must come of it.

use super::{ArtifactId, ExpectedAudio, ExpectedVideo};
use crate::catalog::template::{AdaptiveFormat, PackageSegments};
use crate::plan::{EncryptionSpec, OutputId};
use crate::units::Duration;

/// Name of a DASH manifest in its folder, until it is finished.
pub const MANIFEST_NAME: &str = "index.mpd";

/// An adaptive package made by copying: one process writes all tracks.
#[derive(Debug, Clone, PartialEq)]
pub struct AdaptiveWork {
    /// Elementary streams, each once.
    pub inputs: Vec<ArtifactId>,
    /// HLS or DASH.
    pub format: AdaptiveFormat,
    /// Form of the segments.
    pub segments: PackageSegments,
    /// Nominal length of a segment.
    pub segment: Duration,
    /// Encryption of segments.
    pub encryption: Option<EncryptionSpec>,
    /// What is written, in the order of the command.
    pub tracks: Vec<Track>,
    /// What players choose from, in the order of the template.
    pub variants: Vec<TrackChoice>,
    /// Visible name of the manifest.
    pub manifest: String,
    /// The folder.
    pub artifact: ArtifactId,
}

/// One playlist with its segments, or one media file of DASH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Start of all its names in the work folder: `video_0`.
    pub name: String,
    /// Visible name of its playlist or media file.
    pub file: String,
    /// The picture.
    pub video: Option<ArtifactId>,
    /// The sound.
    pub audio: Option<ArtifactId>,
}

/// One variant by the numbers of its tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackChoice {
    /// The track that is chosen.
    pub track: usize,
    /// The track with its sound, where sound is kept apart.
    pub sound: Option<usize>,
}

/// A track as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedTrack {
    /// Visible name of its playlist or media file.
    pub file: String,
    /// The picture.
    pub video: Option<ExpectedVideo>,
    /// The sound.
    pub audio: Option<ExpectedAudio>,
}

/// A playlist over renditions that are outputs of their own, written when they are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterWork {
    /// The file.
    pub artifact: ArtifactId,
    /// The output that it is.
    pub output: OutputId,
    /// The outputs that it lists, in order.
    pub members: Vec<OutputId>,
}
