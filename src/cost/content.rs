//! How much motion and detail a source has, as far as its bits tell it.

use crate::media::{SourceFacts, VideoFacts};
use crate::units::Duration;
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

/// Bits that a source spends on a pixel, in thousandths, if it were in H.264; 60 where that is not known.
pub(super) fn thousandth_bits(source: &SourceFacts) -> u64 {
    let known = source.picture().and_then(|video| {
        let pixels = video.coded_size.pixels().checked_mul(video.frames.count())?;
        let bits = bits(source, video).checked_mul(10)?.checked_div(pixels / 100)?;
        Some(super::amount::part(bits, hundredths_of_h264(&video.codec), 100))
    });
    known.unwrap_or(60)
}

/// What encoding a pixel of this content takes, in thousandths of what it takes of most films. Fitted to fifty plans
/// over fourteen real clips: what moves little costs less, as far as the source's bits tell, and so do pictures that come several times
/// because more are made than there are.
pub(super) fn liveliness(source: &SourceFacts, pictures: u64, length: Duration) -> u64 {
    let motion = (thousandth_bits(source).clamp(5, 200) as f64 / 60.0).powf(0.13);
    let per_second = |pictures: u64, seconds: f64| pictures as f64 / seconds.max(1e-3);
    let repeated = source.picture().map_or(1.0, |video| {
        let there = per_second(video.frames.count(), (video.end().0 - video.start().0).to_f64());
        per_second(pictures, length.seconds().to_f64()) / there.max(1e-3)
    });
    (1000.0 * motion * repeated.clamp(1.0, 4.0).powf(-0.2)).round() as u64
}

/// How many bits x264 would have spent for the same, in hundredths: newer codecs hide motion in fewer bits.
fn hundredths_of_h264(codec: &str) -> u64 {
    match codec {
        "hevc" | "vp9" => 170,
        "av1" => 220,
        "mpeg4" | "vp8" => 80,
        "h264" => 100,
        _ => 50,
    }
}

/// Bits of a video stream: its own rate, or what the file has.
pub(super) fn bits(source: &SourceFacts, video: &VideoFacts) -> u64 {
    let seconds = (video.end().0 - video.start().0).to_f64().max(0.0);
    let named = video.bitrate.or_else(|| source.bitrate()).map(|rate| (rate.0 as f64 * seconds) as u64);
    named.unwrap_or_else(|| video.coded_size.pixels().saturating_mul(video.frames.count()) * 6 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_tell_the_class_whatever_the_codec() {
        let class = |codec: &str, kilobits: u64| {
            let text = format!("video 0 {codec} 1280x720 25/1 yuv420p 10s\n");
            let mut source: SourceFacts = text.parse().expect("facts");
            source.video[0].bitrate = Some(crate::units::Bitrate::from_kbps(kilobits));
            (ContentClass::of(&source), thousandth_bits(&source))
        };
        assert_eq!(class("h264", 460), (ContentClass::Calm, 19));
        assert_eq!(class("h264", 2300), (ContentClass::Usual, 99));
        assert_eq!(class("h264", 4600), (ContentClass::Busy, 199));
        assert_eq!(class("vp9", 2300).0, ContentClass::Busy);
        assert_eq!(class("mpeg2video", 4600).0, ContentClass::Usual);
    }

    #[test]
    fn what_moves_little_or_comes_several_times_costs_less() {
        let liveliness = |kilobits: u64, rate: u64| {
            let mut source: SourceFacts = "video 0 h264 1280x720 25/1 yuv420p 10s\n".parse().expect("facts");
            source.video[0].bitrate = Some(crate::units::Bitrate::from_kbps(kilobits));
            super::liveliness(&source, 10 * rate, Duration::from_millis(10_000))
        };
        assert_eq!(liveliness(1383, 25), 1000, "six hundredths of a bit for a pixel are usual");
        assert!(liveliness(200, 25) < liveliness(1383, 25) && liveliness(1383, 25) < liveliness(4000, 25));
        assert_eq!((liveliness(0, 25), liveliness(1, 25)), (liveliness(1, 25), liveliness(100, 25)), "bounded below");
        assert_eq!(liveliness(1383, 12), 1000, "pictures that are left out change nothing for the others");
        assert!(liveliness(1383, 50) < 900, "each picture twice");
    }
}
