//! The one place that decides which picture is shown at a time (`language.md` 5, *Frame at t*).
//!
//! T0 is the earliest presented sample of the chosen streams. The picture at t is the last with pts − T0 ≤ t; before
//! the first, the first; from the end on, the last. D is the end of the longest chosen stream − T0.

use super::{AudioFacts, VideoFacts};
use crate::units::{Duration, Percent, Rational, Timestamp};
use serde::{Deserialize, Serialize};

/// Zero and length of the time line on which a procedure speaks about a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    zero: Timestamp,
    duration: Duration,
}

/// One picture of a source, with what is needed to find it again among decoded ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PictureRef {
    /// Its number among the presented pictures, from 0.
    pub index: u64,
    /// When it is shown, on the procedure's time line.
    pub time: Timestamp,
}

impl Timeline {
    /// The time line of the chosen streams; `None` when there are none.
    pub fn of(video: Option<&VideoFacts>, audio: Option<&AudioFacts>) -> Option<Self> {
        let spans = [video.map(|facts| (facts.start(), facts.end())), audio.map(|facts| (facts.start, facts.end))];
        let zero = spans.iter().flatten().map(|(start, _)| *start).min()?;
        let end = spans.iter().flatten().map(|(_, end)| *end).max()?;
        Some(Timeline { zero, duration: Duration::from_seconds(end.0 - zero.0) })
    }

    /// T0, on the container's own time line.
    pub fn zero(self) -> Timestamp {
        self.zero
    }

    /// D.
    pub fn duration(self) -> Duration {
        self.duration
    }

    /// The picture at `time`, counted from T0.
    pub fn picture_at(self, video: &VideoFacts, time: Timestamp) -> PictureRef {
        let shown = video.frames.count_until(Timestamp(time.0 + self.zero.0));
        self.picture(video, shown.saturating_sub(1))
    }

    /// The picture at `time`, or the keyframe nearest to `time` that begins within `tolerance` of it, if there is one: of
    /// two at the same distance the earlier.
    pub fn picture_near(self, video: &VideoFacts, time: Timestamp, tolerance: Duration) -> PictureRef {
        let exact = self.picture_at(video, time);
        if tolerance == Duration::ZERO {
            return exact;
        }
        let keyframes = &video.keyframes;
        let behind = keyframes.partition_point(|keyframe| *keyframe <= exact.index);
        let near = keyframes.get(behind.saturating_sub(1)..(behind + 1).min(keyframes.len())).unwrap_or_default();
        let distance = |picture: &PictureRef| {
            if picture.time.0 > time.0 { picture.time.0 - time.0 } else { time.0 - picture.time.0 }
        };
        let candidates = near.iter().map(|keyframe| self.picture(video, *keyframe));
        let within = candidates.filter(|picture| distance(picture) <= tolerance.seconds());
        within.min_by_key(|picture| (distance(picture), picture.index)).unwrap_or(exact)
    }

    /// The picture with a number.
    pub fn picture(self, video: &VideoFacts, index: u64) -> PictureRef {
        let index = index.min(video.frames.count() - 1);
        PictureRef { index, time: Timestamp(video.frames.time(index).0 - self.zero.0) }
    }

    /// First and last of the pictures that are shown from `from` on until before `to`: the first is the one shown at
    /// `from`. None when nothing is shown then.
    pub fn pictures_between(self, video: &VideoFacts, from: Timestamp, to: Timestamp) -> Option<(u64, u64)> {
        if self.is_after_the_end(video, from) {
            return None;
        }
        let (first, end) = (self.picture_at(video, from).index, Timestamp(to.0 + self.zero.0));
        let shown = video.frames.count_until(end);
        let last = shown.checked_sub(1)?;
        let last = if video.frames.time(last) == end { last.checked_sub(1)? } else { last };
        (last >= first).then_some((first, last))
    }

    /// Whether `time` lies at or after the end of the last picture.
    pub fn is_after_the_end(self, video: &VideoFacts, time: Timestamp) -> bool {
        time.0 + self.zero.0 >= video.end().0
    }

    /// The times 0, p, 2p … below 100 % of D.
    pub fn every_percent(self, step: Percent) -> Vec<Timestamp> {
        let all = Rational::of(100, 1);
        self.grid(step.0, all).map(|share| Timestamp(Percent(share).of(self.duration.seconds()))).collect()
    }

    /// The times 0, T, 2T … below D.
    pub fn every_duration(self, step: Duration) -> Vec<Timestamp> {
        self.grid(step.seconds(), self.duration.seconds()).map(Timestamp).collect()
    }

    /// 0, step, 2·step … below `end`; zero alone when there is no step or no length.
    fn grid(self, step: Rational, end: Rational) -> impl Iterator<Item = Rational> {
        let count = end.checked_div(step).map_or(1, Rational::ceil).max(1);
        (0..count).map(move |index| Rational::new(index, 1).unwrap_or(Rational::ZERO) * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{ColourFacts, FrameTimes, Rotation};
    use crate::units::{FrameRate, Frequency, Resolution};

    fn video(frames: FrameTimes) -> VideoFacts {
        VideoFacts {
            index: 0,
            codec: "h264".into(),
            profile: None,
            level: None,
            keyframes: Vec::new(),
            coded_size: Resolution::new(640, 360),
            sample_aspect: Rational::ONE,
            rotation: Rotation::None,
            rate: FrameRate::from_integer(25),
            pixel_format: "yuv420p".into(),
            preferred: false,
            mastering: None,
            light: None,
            colour: ColourFacts::default(),
            interlaced: false,
            frames,
            orphans: 0,
            bitrate: None,
        }
    }

    fn seconds(numerator: i64, denominator: i64) -> Timestamp {
        Timestamp(Rational::of(numerator, denominator))
    }

    #[test]
    fn the_picture_at_t_is_the_last_shown_at_or_before_t() {
        let video = video(FrameTimes::constant(FrameRate::from_integer(25), 100));
        let line = Timeline::of(Some(&video), None).expect("a stream");
        let at = |time| line.picture_at(&video, time).index;
        assert_eq!(at(seconds(0, 1)), 0);
        assert_eq!(at(seconds(39, 1000)), 0);
        assert_eq!(at(seconds(40, 1000)), 1);
        assert_eq!(at(seconds(2, 1)), 50);
        assert_eq!(at(seconds(400, 1)), 99);
        assert!(!line.is_after_the_end(&video, seconds(3999, 1000)));
        assert!(line.is_after_the_end(&video, seconds(4, 1)));
    }

    #[test]
    fn a_part_starts_with_what_is_shown_and_ends_before_its_end() {
        let video = video(FrameTimes::constant(FrameRate::from_integer(25), 100));
        let line = Timeline::of(Some(&video), None).expect("a stream");
        let between = |from, to| line.pictures_between(&video, from, to);
        assert_eq!(between(seconds(1, 1), seconds(2, 1)), Some((25, 49)));
        assert_eq!(between(seconds(101, 100), seconds(201, 100)), Some((25, 50)));
        assert_eq!(between(seconds(1, 1), seconds(1001, 1000)), Some((25, 25)));
        assert_eq!(between(seconds(3, 1), seconds(9, 1)), Some((75, 99)));
        assert_eq!(between(seconds(4, 1), seconds(9, 1)), None);
        assert_eq!(between(seconds(0, 1), seconds(0, 1)), None);
    }

    #[test]
    fn sound_that_starts_first_moves_the_zero() {
        let ticks = FrameTimes::from_ticks(Rational::of(1, 1000), vec![46, 146, 246], 100).expect("frames");
        let video = video(ticks);
        let audio = AudioFacts {
            index: 1,
            codec: "aac".into(),
            profile: None,
            sample_rate: Frequency(48000),
            channels: 2,
            start: Timestamp::ZERO,
            end: seconds(1, 1),
            bitrate: None,
            preferred: false,
            language: None,
            title: None,
        };
        let line = Timeline::of(Some(&video), Some(&audio)).expect("streams");
        assert_eq!(line.duration().to_string(), "1s");
        assert_eq!(line.picture_at(&video, seconds(0, 1)).index, 0);
        assert_eq!(line.picture_at(&video, seconds(145, 1000)).index, 0);
        assert_eq!(line.picture_at(&video, seconds(146, 1000)).index, 1);
    }

    #[test]
    fn irregular_pictures_are_found_by_their_own_times() {
        let ticks =
            FrameTimes::from_ticks(Rational::of(1, 90000), vec![132_000, 133_000, 180_000], 3000).expect("frames");
        let video = video(ticks);
        let line = Timeline::of(Some(&video), None).expect("a stream");
        assert_eq!(line.picture_at(&video, seconds(1, 2)).index, 1);
        assert_eq!(line.picture_at(&video, seconds(48_000, 90_000)).index, 2);
    }

    #[test]
    fn a_keyframe_within_the_tolerance_stands_in_for_the_exact_picture() {
        let mut video = video(FrameTimes::constant(FrameRate::from_integer(25), 250));
        video.keyframes = vec![0, 50, 100, 200];
        let line = Timeline::of(Some(&video), None).expect("a stream");
        let near = |time, tolerance| line.picture_near(&video, time, Duration::from_millis(tolerance)).index;
        assert_eq!(near(seconds(5, 2), 0), 62, "exact without a tolerance");
        assert_eq!(near(seconds(5, 2), 1000), 50);
        assert_eq!(near(seconds(7, 2), 500), 100, "a later one");
        assert_eq!(near(seconds(3, 1), 1000), 50, "of two equally near the earlier");
        assert_eq!(near(seconds(6, 1), 1999), 150, "none is within");
        assert_eq!(near(seconds(6, 1), 2000), 100);
        assert_eq!(near(seconds(99, 1), 2000), 249, "the end is far from any");
        video.keyframes.clear();
        assert_eq!(line.picture_near(&video, seconds(5, 2), Duration::from_millis(9000)).index, 62, "none is known");
    }

    #[test]
    fn samples_stop_before_the_end() {
        let video = video(FrameTimes::constant(FrameRate::from_integer(25), 250));
        let line = Timeline::of(Some(&video), None).expect("a stream");
        assert_eq!(line.every_percent(Percent::from_integer(5)).len(), 20);
        assert_eq!(line.every_percent(Percent::from_integer(30)).len(), 4);
        assert_eq!(line.every_duration(Duration::from_millis(10_000)).len(), 1);
        assert_eq!(line.every_duration(Duration::from_millis(4_000)).len(), 3);
    }
}
