//! How much motion and detail a source has, as far as its bits tell it.

use crate::media::{SourceFacts, VideoFacts};
use serde::{Deserialize, Serialize};

/// Classes of content by the bits that the source spends on a pixel. What a run teaches holds for its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentClass {
    /// Slides, still cameras: less than 0.03 bits.
    Calm,
    /// Most films: less than 0.12 bits.
    Usual,
    /// Sport, grain, or a source that spends much.
    Busy,
}

impl ContentClass {
    /// The class of a source.
    pub fn of(source: &SourceFacts) -> ContentClass {
        match thousandth_bits(source) {
            0..30 => ContentClass::Calm,
            30..120 => ContentClass::Usual,
            _ => ContentClass::Busy,
        }
    }
}

/// Bits that a source spends on a pixel, in thousandths; 60 where that is not known.
pub(super) fn thousandth_bits(source: &SourceFacts) -> u64 {
    let known = source.picture().and_then(|video| {
        let pixels = video.coded_size.pixels().checked_mul(video.frames.count())?;
        bits(source, video).checked_mul(1000)?.checked_div(pixels)
    });
    known.unwrap_or(60)
}

/// Bits of a video stream: its own rate, or what the file has.
pub(super) fn bits(source: &SourceFacts, video: &VideoFacts) -> u64 {
    let seconds = (video.end().0 - video.start().0).to_f64().max(0.0);
    let named = video.bitrate.or_else(|| source.bitrate()).map(|rate| (rate.0 as f64 * seconds) as u64);
    named.unwrap_or_else(|| video.coded_size.pixels().saturating_mul(video.frames.count()) * 6 / 100)
}
