//! Where the source is read: which pictures a process needs, and whether going to them costs less than decoding all.
//!
//! A picture is found again by its time, as everywhere, so that it does not matter from where decoding starts as long as
//! it is a keyframe at or before the picture. That is certain where the container has an index of keyframes.

use super::ancestors;
use crate::cost::{CpuTime, Machine, Prices};
use crate::media::{FrameTimes, SourceFacts, VideoFacts};
use crate::physical::{Choice, Decision, Measure, Opening};
use crate::plan::LogicalPlan;
use crate::plan::op::{Op, Trim};
use crate::plan::stream::StreamType;
use crate::target::Target;
use crate::units::{Rational, Timestamp};
use petgraph::stable_graph::NodeIndex;
use std::collections::BTreeSet;

/// Demuxers that find the packet of a keyframe by an index: `ffmpeg` goes there, and nowhere behind it.
const INDEXED: &[&str] = &["mov", "matroska"];
/// Decoders that start at a keyframe with nothing from before.
const STARTING_ANYWHERE: &[&str] = &["h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "prores", "dnxhd"];
/// More places than this are not read by one process: each holds a decoder with its pictures (`planner.md` 3).
pub(super) const MOST_PLACES: usize = 10;

/// Numbers of pictures that follow each other, from the first to the last.
pub(super) type Run = (u64, u64);

/// A place of the source from which a process decodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// How it is got at.
    pub opening: Opening,
    /// The first wanted picture is the first from here on; `None` when it is the very first.
    pub not_before: Option<Timestamp>,
    /// The first wanted picture ends here; `None` when it is the last of the source.
    pub first_before: Option<Timestamp>,
    /// No picture from here on is wanted; `None` when the last one is. All on the container's own time line.
    pub before: Option<Timestamp>,
    /// The first and the last wanted picture.
    pub pictures: Run,
    /// Pictures that are decoded.
    pub decoded: u64,
}

/// A source that can be read from several places.
pub(super) struct Reader<'a> {
    video: &'a VideoFacts,
    prices: Prices<'a>,
}

impl<'a> Reader<'a> {
    /// `None` for a source in which it is not certain that a keyframe is found, or that what follows can be decoded.
    pub fn of(source: &'a SourceFacts, target: &Target, machine: &'a Machine) -> Option<Self> {
        let [video] = source.video.as_slice() else { return None };
        let demuxer = source.container.split(',').next().unwrap_or_default();
        // A place is put back into the source's ticks from microseconds, which are exact for ticks that are longer.
        let ticks_are_long = video.frames.time_base >= Rational::of(1, 200_000);
        let certain = INDEXED.contains(&demuxer)
            && STARTING_ANYWHERE.contains(&video.codec.as_str())
            && source.damage.is_empty()
            && source.attached_pictures == 0
            && !video.keyframes.is_empty()
            && ticks_are_long
            && target.filters.contains("interleave");
        certain.then_some(Reader { video, prices: Prices { machine, source } })
    }

    /// The pictures that an encode needs of a source, when it does not need all; runs in order.
    pub fn wanted(&self, logical: &LogicalPlan, encode: NodeIndex) -> Option<Vec<Run>> {
        let above = ancestors(logical, encode);
        let mut runs = Vec::new();
        let mut before_the_choice = BTreeSet::new();
        for index in &above {
            let run = match &logical.node(*index).op {
                Op::Pick { pictures } => pictures.iter().map(|one| (one.picture.index, one.picture.index)).collect(),
                Op::Trim(trim) if !is_picked_from(logical, *index, &above) => self.part(logical, *index, trim)?,
                _ => continue,
            };
            runs.extend(run);
            before_the_choice.extend(ancestors(logical, *index));
        }
        let only_chosen = above.iter().filter(|index| before_the_choice.contains(*index)).all(|index| {
            let op = &logical.node(*index).op;
            matches!(
                op,
                Op::Demux { .. } | Op::Decode { output: StreamType::Video(_), .. } | Op::Shift { .. } | Op::Trim(_)
            ) && logical.users(*index).iter().filter(|(user, _)| above.contains(user)).all(|(user, _)| {
                before_the_choice.contains(user) || matches!(logical.node(*user).op, Op::Pick { .. } | Op::Trim(_))
            })
        });
        let whole = above
            .iter()
            .any(|index| matches!(logical.node(*index).op, Op::Decode { .. }) && !before_the_choice.contains(index));
        (!runs.is_empty() && only_chosen && !whole).then(|| joined(runs))
    }

    /// The pictures of a part, by number.
    fn part(&self, logical: &LogicalPlan, index: NodeIndex, trim: &Trim) -> Option<Vec<Run>> {
        let kept = trim.pictures?;
        let zero = ancestors(logical, index).into_iter().find_map(|above| match logical.node(above).op {
            Op::Shift { zero } => Some(zero),
            _ => None,
        });
        let zero = zero.unwrap_or(Timestamp::ZERO);
        let first = kept.not_before.map_or(0, |time| self.video.frames.count_until(Timestamp(time.0 + zero.0)));
        Some(vec![(first, first + kept.count.max(1) - 1)])
    }

    /// Where decoding starts and ends to get at some pictures: at the keyframe before each, unless going on from the
    /// picture before is cheaper.
    pub fn places(&self, runs: &[Run]) -> Vec<Place> {
        let mut places: Vec<(u64, u64, u64)> = Vec::new();
        for (first, last) in runs {
            let keyframe = self.keyframe_before(*first);
            match places.last_mut() {
                Some((_, _, end)) if keyframe <= *end || self.goes_on(*end, *first) => *end = *last,
                _ => places.push((keyframe, *first, *last)),
            }
        }
        let place = |(keyframe, first, last): (u64, u64, u64)| Place {
            opening: self.opening(keyframe),
            not_before: first.checked_sub(1).map(|before| halfway(&self.video.frames, before)),
            first_before: self.end_of(first),
            before: self.end_of(last),
            pictures: (first, last),
            decoded: last - keyframe + 1,
        };
        places.into_iter().map(place).collect()
    }

    /// Half-way between a picture and the next, if there is one.
    fn end_of(&self, picture: u64) -> Option<Timestamp> {
        (picture + 1 < self.video.frames.count()).then(|| halfway(&self.video.frames, picture))
    }

    fn goes_on(&self, last: u64, next: u64) -> bool {
        self.decode(next.saturating_sub(last)) <= self.seek(next)
    }

    fn opening(&self, keyframe: u64) -> Opening {
        let time = self.video.frames.time(keyframe);
        if keyframe == 0 || time.0 <= Rational::ZERO { Opening::Start } else { Opening::Keyframe(time) }
    }

    /// The last keyframe not behind a picture; the start where none is known.
    fn keyframe_before(&self, picture: u64) -> u64 {
        let keyframes = &self.video.keyframes;
        let behind = keyframes.partition_point(|keyframe| *keyframe <= picture);
        behind.checked_sub(1).map_or(0, |at| keyframes[at])
    }

    fn decode(&self, pictures: u64) -> CpuTime {
        self.prices.decode_pictures(self.video.index, pictures)
    }

    fn seek(&self, picture: u64) -> CpuTime {
        self.prices.seek(self.video.index, picture)
    }

    /// Reading from places in so many processes.
    pub fn price_of_places(&self, places: &[Place], processes: usize) -> CpuTime {
        let seek = self.prices.machine.coefficients.seek;
        let opened = places.iter().filter(|place| place.opening != Opening::Start).count() as u64;
        let decoded: CpuTime = places.iter().map(|place| self.decode(place.decoded)).sum();
        decoded + seek.times(opened) + self.prices.process().times(processes as u64)
    }

    /// Reading from the start to the last of some pictures.
    pub fn price_of_all(&self, runs: &[Run]) -> CpuTime {
        self.decode(runs.iter().map(|(_, last)| last + 1).max().unwrap_or(0)) + self.prices.process()
    }

    /// What was weighed, where going to places won or lost.
    pub fn decision(&self, runs: &[Run], places: CpuTime, count: usize, all: CpuTime) -> Decision {
        let pictures: u64 = runs.iter().map(|(first, last)| last - first + 1).sum();
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let seek = Choice { way: format!("by seeking {times}"), name: "seek", microseconds: micros(places) };
        let decode = Choice { way: "by decoding all before".into(), name: "decode", microseconds: micros(all) };
        let measure = Measure::Cpu;
        let subject = format!("{pictures} picture{}", if pictures == 1 { "" } else { "s" });
        match places < all {
            true => Decision { measure, subject, chosen: seek, rejected: decode },
            false => Decision { measure, subject, chosen: decode, rejected: seek },
        }
    }
}

/// Runs in order, those that touch or overlap as one.
pub(super) fn joined(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_unstable();
    let mut joined: Vec<Run> = Vec::new();
    for (first, last) in runs {
        match joined.last_mut() {
            Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// Prices are shown in seconds with one decimal; this is fine enough.
fn micros(time: CpuTime) -> u64 {
    time.0 / 1000
}

/// Half-way between a picture and the next.
fn halfway(frames: &FrameTimes, picture: u64) -> Timestamp {
    Timestamp(frames.time(picture).0.midpoint(frames.time(picture + 1).0))
}

/// Whether pictures are chosen from a part: then those are what is needed, not the whole part.
fn is_picked_from(logical: &LogicalPlan, part: NodeIndex, within: &[NodeIndex]) -> bool {
    let users = logical.users(part);
    let mut users = users.iter().filter(|(user, _)| within.contains(user)).peekable();
    users.peek().is_some() && users.all(|(user, _)| matches!(logical.node(*user).op, Op::Pick { .. }))
}
