//! Rates: frame rate, group of pictures, bits and encoder threads, all fixed here once (`language.md` 5, *EncodeSpec*).

use crate::catalog::template::{Gop, RateMode, Segment, Setting, VideoCodec, VideoSettings};
use crate::media::{FrameTimes, VideoFacts};
use crate::plan::{FrameTiming, RateControl, Threads, VideoCoding};
use crate::target::{Implementation, SVT_AV1};
use crate::units::{Bitrate, Duration, FrameRate, Rational, Resolution};

/// Segments are not made longer than this unless a template says so.
const LONGEST_AUTOMATIC_SEGMENT: i64 = 10;

/// The rates that cameras and players agree on, as numerator and denominator.
const STANDARD_RATES: [(i64, i64); 11] = [
    (10, 1),
    (12, 1),
    (15, 1),
    (24000, 1001),
    (24, 1),
    (25, 1),
    (30000, 1001),
    (30, 1),
    (50, 1),
    (60000, 1001),
    (60, 1),
];

/// When the source's pictures are shown: at a constant rate if every time stamp lies within a quarter of a picture of
/// that rate's grid, else as they are.
pub fn source_timing(video: &VideoFacts) -> FrameTiming {
    if let Some(rate) = video.frames.constant_rate() {
        return FrameTiming::Constant(rate);
    }
    if lies_on_grid(&video.frames, video.rate) {
        return FrameTiming::Constant(video.rate);
    }
    FrameTiming::AsSource(video.rate)
}

fn lies_on_grid(frames: &FrameTimes, rate: FrameRate) -> bool {
    let (first, step) = (frames.time(0).0.to_f64(), rate.frame_duration().to_f64());
    (0..frames.count()).all(|index| {
        let expected = first + index as f64 * step;
        (frames.time(index).0.to_f64() - expected).abs() <= step / 4.0
    })
}

/// When an output's pictures are shown. Segmented outputs need a constant rate: the nearest standard one.
pub fn output_timing(source: FrameTiming, setting: Setting<FrameRate>, needs_constant: bool) -> FrameTiming {
    match (setting, source) {
        (Setting::Exactly(rate), _) => FrameTiming::Constant(rate),
        (Setting::AtMost(rate), source) if source.rate() > rate => FrameTiming::Constant(rate),
        (_, FrameTiming::AsSource(rate)) if needs_constant => FrameTiming::Constant(nearest_standard(rate)),
        (_, source) => source,
    }
}

fn nearest_standard(rate: FrameRate) -> FrameRate {
    let distance = |candidate: &FrameRate| {
        let difference = candidate.per_second() - rate.per_second();
        if difference.is_negative() { Rational::ZERO - difference } else { difference }
    };
    let candidates = STANDARD_RATES.iter().filter_map(|(n, d)| FrameRate::new(Rational::of(*n, *d)));
    candidates.min_by_key(distance).unwrap_or(rate)
}

/// Keyframe distance and segment length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GopDecision {
    /// Pictures from keyframe to keyframe.
    pub frames: u32,
    /// Length of a segment: a whole number of groups.
    pub segment: Duration,
    /// The distance the template asks for, where it had to be shortened.
    pub shortened_from: Option<u32>,
}

/// The group of pictures at a frame rate; with segments, one that divides them.
pub fn gop(gop: Gop, rate: FrameRate, segment: Option<Segment>) -> GopDecision {
    let frames_of = |duration: Duration| whole(duration.seconds() * rate.per_second());
    let asked = match gop {
        Gop::Auto => whole(rate.per_second() * Rational::of(2, 1)),
        Gop::Duration(duration) => frames_of(duration),
        Gop::Frames(frames) => frames.max(1),
    };
    let length = |frames: u32| Duration::from_seconds(Rational::from(frames) * rate.frame_duration());
    let Some(segment) = segment else {
        return GopDecision { frames: asked, segment: length(asked), shortened_from: None };
    };
    let longest = whole(Rational::from_integer(LONGEST_AUTOMATIC_SEGMENT) * rate.per_second());
    let in_segment = segment.time.map_or(asked.min(longest), frames_of);
    let frames = (1..=asked.min(in_segment)).rev().find(|frames| in_segment.is_multiple_of(*frames)).unwrap_or(1);
    GopDecision { frames, segment: length(in_segment), shortened_from: (frames != asked).then_some(asked) }
}

fn whole(frames: Rational) -> u32 {
    u32::try_from(frames.round()).unwrap_or(u32::MAX).max(1)
}

/// How bits are spent. `source` is the source stream's own rate, for ceilings.
pub fn rate_control(settings: &VideoSettings, by: &Implementation, source: Option<Bitrate>) -> RateControl {
    let target = match settings.bitrate {
        Setting::Auto => None,
        Setting::Exactly(rate) => Some(rate),
        Setting::AtMost(rate) => Some(source.map_or(rate, |source| source.min(rate))),
    };
    let Some(target) = target.filter(|_| settings.mode != RateMode::Crf && settings.crf.is_none()) else {
        let crf = settings.crf.unwrap_or(usual_quality(settings.codec));
        return RateControl::Quality { crf, ceiling: super::level::highest_rate(settings) };
    };
    // SVT-AV1 takes a ceiling for constant quality only.
    if by.encoder() == SVT_AV1 {
        return RateControl::Rate { target, ceiling: None, buffer: None, constant: false };
    }
    let buffer = Some(Bitrate(target.0.saturating_mul(2)));
    match settings.mode {
        RateMode::Abr => RateControl::Rate { target, ceiling: None, buffer: None, constant: false },
        RateMode::Cbr => RateControl::Rate { target, ceiling: Some(target), buffer, constant: true },
        RateMode::Vbr | RateMode::Crf => {
            RateControl::Rate { target, ceiling: Some(Bitrate(target.0 / 2 * 3)), buffer, constant: false }
        }
    }
}

/// Quality numbers at which the three codecs look about the same (`language.md` 5).
fn usual_quality(codec: VideoCodec) -> u8 {
    match codec {
        VideoCodec::H264 => 23,
        VideoCodec::H265 => 28,
        VideoCodec::Av1 => 35,
    }
}

/// The first of two passes: at the usual quality, whatever the rate of the second, so that one serves all rates of a
/// picture. Reasons and figures in `docs/design/0013-two-passes.md`.
pub fn analysis(coding: &VideoCoding, size: Resolution) -> VideoCoding {
    let rate_control = RateControl::Quality { crf: usual_quality(coding.codec), ceiling: None };
    let threads = threads(&coding.implementation, size, rate_control);
    VideoCoding { rate_control, threads, tag: None, mastering: None, light: None, ..coding.clone() }
}

/// Threads of the encoder, by its name, size and rate control alone: its output depends on them.
///
/// x264 with a rate ceiling looks at how far its other threads have come, whether they work on other pictures or on
/// other slices of one, and gives another stream at some runs: only alone does it not. SVT-AV1 gives the same at any
/// number for a constant quality, and only alone for a rate; libaom the same for a given number.
/// Figures in `docs/design/0005-repeatable-encodes.md`.
pub fn threads(by: &Implementation, size: Resolution, control: RateControl) -> Threads {
    let has_ceiling =
        matches!(control, RateControl::Rate { ceiling: Some(_), .. } | RateControl::Quality { ceiling: Some(_), .. });
    match (by.encoder(), has_ceiling, size.short_side()) {
        ("libx264", true, _) => Threads::Frames(1),
        (SVT_AV1, ..) if matches!(control, RateControl::Rate { .. }) => Threads::Frames(1),
        (_, _, 0..=480) => Threads::Frames(2),
        (_, _, 481..=1080) => Threads::Frames(4),
        _ => Threads::Frames(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::template::SegmentKind;

    fn segment(seconds: Option<i64>) -> Option<Segment> {
        let time = seconds.map(|seconds| Duration::from_seconds(Rational::from_integer(seconds)));
        Some(Segment { kind: SegmentKind::Ts, time })
    }

    fn text(decision: GopDecision) -> String {
        format!("{} in {} from {:?}", decision.frames, decision.segment, decision.shortened_from)
    }

    #[test]
    fn an_mp4_and_an_hls_of_one_tier_have_the_same_group() {
        let rate = FrameRate::from_integer(24);
        assert_eq!(text(gop(Gop::Frames(240), rate, None)), "240 in 10s from None");
        assert_eq!(text(gop(Gop::Frames(240), rate, segment(None))), "240 in 10s from None");
    }

    #[test]
    fn a_group_is_shortened_to_divide_its_segment() {
        let (rate, film) = (FrameRate::from_integer(15), FrameRate::from_integer(24));
        assert_eq!(text(gop(Gop::Frames(240), rate, segment(None))), "150 in 10s from Some(240)");
        assert_eq!(text(gop(Gop::Frames(100), film, segment(Some(6)))), "72 in 6s from Some(100)");
        assert_eq!(text(gop(Gop::Auto, film, segment(Some(6)))), "48 in 6s from None");
    }

    #[test]
    fn fractional_rates_keep_segments_on_whole_pictures() {
        let rate = FrameRate::new(Rational::of(30000, 1001)).expect("a rate");
        assert_eq!(text(gop(Gop::Auto, rate, segment(None))), "60 in 2.002s from None");
    }

    #[test]
    fn variable_rates_become_the_nearest_standard_where_segments_need_it() {
        let source = FrameTiming::AsSource(FrameRate::new(Rational::of(2972, 100)).expect("a rate"));
        assert_eq!(output_timing(source, Setting::Auto, true).rate().to_string(), "30000/1001");
        assert_eq!(output_timing(source, Setting::Auto, false), source);
        assert_eq!(output_timing(source, Setting::AtMost(FrameRate::from_integer(25)), false).rate().to_string(), "25");
    }
}
