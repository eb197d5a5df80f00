//! Templates of adaptive packages: several rungs behind one address.

use super::{AdaptiveFormat, AudioSettings, EncryptionTemplate, PackageSegments, TemplateHead, Upscale, VideoSettings};
use crate::units::Duration;
use std::sync::Arc;

/// A package of renditions between which players change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdaptiveTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// Form of the package.
    pub format: AdaptiveFormat,
    /// 1 to 10, in the order written.
    pub rungs: Vec<Rung>,
    /// Segments of every rung.
    pub segment: PackageSegment,
    /// How the media is encrypted; only in HLS.
    pub encrypt: Option<Arc<EncryptionTemplate>>,
    /// What becomes of rungs above the source, where a rung does not say so itself.
    pub upscale: Upscale,
}

/// One rendition of a package. At least one of `video` and `audio` is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Picture; `None` leaves it out.
    pub video: Option<VideoSettings>,
    /// Sound; `None` leaves it out.
    pub audio: Option<AudioSettings>,
}

/// Segments of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PackageSegment {
    /// Their form, short words resolved.
    pub kind: PackageSegments,
    /// Their length, 1 to 10 seconds.
    pub time: Duration,
}
