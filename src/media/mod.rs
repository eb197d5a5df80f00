//! Source facts: what is known about an input, as values; and the rule which picture is shown when.

mod mark;
mod mastering;
mod text;
mod timeline;

pub use mark::{MarkFacts, MarkKey, MarkMeasure, Pace, ParsePaceError};
pub use mastering::{LightLevel, MasteringDisplay, ParseMasteringError};
pub use text::{FactsTextError, facts_text};
pub use timeline::{PictureRef, Timeline};

use crate::units::{Bitrate, Bytes, Duration, FrameRate, Frequency, Rational, Resolution, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::fmt;

/// The hash of a file's content, in hexadecimal; two files with equal hashes are the same to us.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(pub String);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything the compiler knows about a source. Times are on the container's own time line, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFacts {
    /// The file's name without folders, for people.
    pub name: String,
    /// Hash of the content.
    pub identity: ContentHash,
    /// Names of the demuxer as ffprobe gives them, `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// Size of the file.
    pub size: Bytes,
    /// Video streams in file order, attached pictures left out.
    pub video: Vec<VideoFacts>,
    /// Audio streams in file order.
    pub audio: Vec<AudioFacts>,
    /// Number of attached pictures (cover art).
    pub attached_pictures: u32,
    /// What the probe could read only in part; empty for a sound file.
    pub damage: Vec<String>,
}

/// One video stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// Index among all streams of the file, from 0.
    pub index: u32,
    /// Codec name as ffprobe gives it: `h264`, `vp9`.
    pub codec: String,
    /// Profile as ffprobe gives it.
    pub profile: Option<String>,
    /// Level as ffprobe gives it: in tenths for H.264 (41 for 4.1), in thirtieths for H.265 (123).
    pub level: Option<u32>,
    /// Which pictures can be decoded without others before them, ascending, from 0; empty when that is not known.
    pub keyframes: Vec<u64>,
    /// Size of the coded picture, before rotation.
    pub coded_size: Resolution,
    /// Width of a pixel divided by its height.
    pub sample_aspect: Rational,
    /// By how much a player turns the picture clockwise.
    pub rotation: Rotation,
    /// Average pictures per second.
    pub rate: FrameRate,
    /// Pixel format as ffprobe gives it: `yuv420p`.
    pub pixel_format: String,
    /// Colour tags.
    pub colour: ColourFacts,
    /// The screen on which pictures of a high dynamic range were graded, where the first picture says it.
    pub mastering: Option<MasteringDisplay>,
    /// How bright they get, likewise.
    pub light: Option<LightLevel>,
    /// Whether pictures are two interleaved fields.
    pub interlaced: bool,
    /// When pictures are shown.
    pub frames: FrameTimes,
    /// Pictures before them that cannot be decoded, because the recording began in the middle.
    #[serde(default)]
    pub orphans: u64,
    /// Average bits per second, where known.
    pub bitrate: Option<Bitrate>,
    /// Whether the container marks it, and not all of several, as the one to play.
    pub preferred: bool,
}

impl VideoFacts {
    /// The size as people see it: turned upright and with square pixels (`language.md` 5), sides not yet even.
    pub fn displayed_size(&self) -> Resolution {
        let (mut size, mut aspect) = (self.coded_size, self.sample_aspect);
        if self.rotation.swaps_sides() {
            size = size.transposed();
            aspect = aspect.recip().unwrap_or(Rational::ONE);
        }
        let stretch =
            |side: u32, factor: Rational| u32::try_from((Rational::from(side) * factor).round()).unwrap_or(side);
        if aspect > Rational::ONE {
            size.width = stretch(size.width, aspect);
        } else if aspect < Rational::ONE {
            size.height = stretch(size.height, aspect.recip().unwrap_or(Rational::ONE));
        }
        size
    }

    /// First picture shown.
    pub fn start(&self) -> Timestamp {
        self.frames.time(0)
    }

    /// End of the last picture.
    pub fn end(&self) -> Timestamp {
        self.frames.end_time()
    }

    /// Whether the transfer curve is one of high dynamic range.
    pub fn is_hdr(&self) -> bool {
        matches!(self.colour.transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }
}

/// Clockwise turn that makes a picture upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rotation {
    /// Upright already.
    None,
    /// A quarter turn.
    Quarter,
    /// Upside down.
    Half,
    /// Three quarters.
    ThreeQuarters,
}

impl Rotation {
    /// The nearest quarter turn of an angle in degrees, clockwise.
    pub fn from_degrees(degrees: i64) -> Self {
        match (degrees + 45).rem_euclid(360) / 90 {
            0 => Rotation::None,
            1 => Rotation::Quarter,
            2 => Rotation::Half,
            _ => Rotation::ThreeQuarters,
        }
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Rotation::Quarter | Rotation::ThreeQuarters)
    }
}

/// Colour tags of a stream as ffprobe names them; absent ones are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct ColourFacts {
    /// Luma coefficients: `bt709`, `smpte170m`, `bt470bg`, `gbr`.
    pub matrix: Option<String>,
    /// Primaries.
    pub primaries: Option<String>,
    /// Transfer curve.
    pub transfer: Option<String>,
    /// `tv` or `pc`.
    pub range: Option<String>,
}

/// When the pictures of a stream are shown, as the container's packets say (edit lists applied, discarded ones left
/// out), in presentation order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameTimes {
    /// Seconds per tick.
    pub time_base: Rational,
    /// The time stamps.
    pub ticks: FrameTicks,
    /// Ticks for which the last picture is shown.
    pub last_duration: i64,
}

/// Time stamps in ticks of a time base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameTicks {
    /// Equal distances.
    Regular {
        /// First.
        first: i64,
        /// Distance, above zero.
        step: i64,
        /// How many, at least one.
        count: u64,
    },
    /// One by one, ascending, at least one.
    Listed(Vec<i64>),
}

impl FrameTimes {
    /// From time stamps in any order; equal ones count once, and equal distances are recognised. `None` when empty.
    pub fn from_ticks(time_base: Rational, mut ticks: Vec<i64>, last_duration: i64) -> Option<Self> {
        ticks.sort_unstable();
        ticks.dedup();
        let first = *ticks.first()?;
        let step = ticks.get(1).map_or(last_duration.max(1), |second| second - first);
        let regular = ticks.windows(2).all(|pair| pair[1] - pair[0] == step);
        let count = ticks.len() as u64;
        let ticks = if regular { FrameTicks::Regular { first, step, count } } else { FrameTicks::Listed(ticks) };
        Some(FrameTimes { time_base, ticks, last_duration: last_duration.max(1) })
    }

    /// `count` pictures at a constant rate from time zero.
    pub fn constant(rate: FrameRate, count: u64) -> Self {
        let ticks = FrameTicks::Regular { first: 0, step: 1, count: count.max(1) };
        FrameTimes { time_base: rate.frame_duration(), ticks, last_duration: 1 }
    }

    /// Number of pictures, at least one.
    pub fn count(&self) -> u64 {
        match &self.ticks {
            FrameTicks::Regular { count, .. } => *count,
            FrameTicks::Listed(list) => list.len() as u64,
        }
    }

    /// The constant rate, when the distances are equal to the tick.
    pub fn constant_rate(&self) -> Option<FrameRate> {
        match &self.ticks {
            FrameTicks::Regular { step, .. } => {
                let seconds = Rational::of(*step, 1) * self.time_base;
                seconds.recip().and_then(FrameRate::new)
            }
            FrameTicks::Listed(_) => None,
        }
    }

    /// When picture `index` is shown; indexes past the last give the last.
    pub fn time(&self, index: u64) -> Timestamp {
        Timestamp(Rational::of(self.tick(index.min(self.count() - 1)), 1) * self.time_base)
    }

    /// When the last picture ends.
    pub fn end_time(&self) -> Timestamp {
        let last = self.tick(self.count() - 1);
        Timestamp(Rational::of(last.saturating_add(self.last_duration), 1) * self.time_base)
    }

    /// Number of pictures that are shown at or before `time`.
    pub fn count_until(&self, time: Timestamp) -> u64 {
        let tick = time.0.checked_div(self.time_base).map_or(0, Rational::floor);
        match &self.ticks {
            FrameTicks::Regular { first, step, count } => {
                let steps = (tick - i128::from(*first)).div_euclid(i128::from((*step).max(1))) + 1;
                u64::try_from(steps).unwrap_or(0).min(*count)
            }
            FrameTicks::Listed(list) => list.partition_point(|stamp| i128::from(*stamp) <= tick) as u64,
        }
    }

    fn tick(&self, index: u64) -> i64 {
        match &self.ticks {
            FrameTicks::Regular { first, step, .. } => first.saturating_add(step.saturating_mul(index as i64)),
            FrameTicks::Listed(list) => list.get(index as usize).copied().unwrap_or(0),
        }
    }
}

/// One audio stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioFacts {
    /// Index among all streams of the file, from 0.
    pub index: u32,
    /// Codec name as ffprobe gives it.
    pub codec: String,
    /// Profile as ffprobe gives it: `LC`.
    pub profile: Option<String>,
    /// Sampling rate.
    pub sample_rate: Frequency,
    /// Channels.
    pub channels: u8,
    /// First sample that is heard, priming excluded.
    pub start: Timestamp,
    /// End of the last sample that is heard.
    pub end: Timestamp,
    /// Average bits per second, where known.
    pub bitrate: Option<Bitrate>,
    /// Whether the container marks it, and not all of several, as the one to play.
    pub preferred: bool,
    /// Its language, as three letters of ISO 639-2.
    pub language: Option<String>,
    /// What the container calls it, for people.
    pub title: Option<String>,
}

impl SourceFacts {
    /// The picture stream that is meant where none is named: the one that the container prefers, then the one with the
    /// most pixels, then the first.
    pub fn picture(&self) -> Option<&VideoFacts> {
        let rank = |video: &&VideoFacts| (video.preferred, video.coded_size.pixels(), Reverse(video.index));
        self.video.iter().max_by_key(rank)
    }

    /// The sound track that is meant where none is named: the one that the container prefers, then the first.
    pub fn sound(&self) -> Option<&AudioFacts> {
        self.audio.iter().max_by_key(|audio| (audio.preferred, Reverse(audio.index)))
    }

    /// Whether there is a picture that moves.
    pub fn has_video(&self) -> bool {
        !self.video.is_empty()
    }

    /// Whether there is sound.
    pub fn has_audio(&self) -> bool {
        !self.audio.is_empty()
    }

    /// The length of the chosen streams; see [`Timeline`].
    pub fn duration(&self) -> Duration {
        Timeline::of(self.picture(), self.sound()).map_or(Duration::ZERO, |timeline| timeline.duration())
    }

    /// Average bits per second of the whole file; `None` when its size or length is not known.
    pub fn bitrate(&self) -> Option<Bitrate> {
        if self.size.0 == 0 {
            return None;
        }
        let bits = Rational::from_integer(i64::try_from(self.size.0).ok()?.checked_mul(8)?);
        let rate = bits.checked_div(self.duration().seconds())?;
        u64::try_from(rate.round()).ok().map(Bitrate)
    }
}
