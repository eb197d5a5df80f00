//! How streams are encoded, complete to the last setting that changes their packets (`language.md` 5, *EncodeSpec*).
//!
//! `lower` decides all of it from template, source and target; nobody after it changes anything.

use crate::catalog::template::{
    AnimatedFormat, AudioCodec, CodecTag, EncryptionMethod, ImageFormat, Profile, Speed, VideoCodec,
};
use crate::media::{LightLevel, MasteringDisplay};
use crate::plan::stream::HighRange;
use crate::target::Implementation;
use crate::units::{Bitrate, FrameRate, Frequency};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The hash of everything that an artefact depends on, in hexadecimal. It decides sharing and "up to date".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpecKey(pub String);

impl fmt::Display for SpecKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stream of the source: the n-th of its type, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StreamSelector {
    /// Picture. The number counts video streams that are not attached pictures; ffmpeg's index is resolved by `index`.
    Video {
        /// Index among all streams of the file.
        index: u32,
    },
    /// Sound.
    Audio {
        /// Index among all streams of the file.
        index: u32,
    },
}

impl StreamSelector {
    /// Index among all streams of the file.
    pub fn index(self) -> u32 {
        match self {
            StreamSelector::Video { index } | StreamSelector::Audio { index } => index,
        }
    }
}

impl fmt::Display for StreamSelector {
    /// `v:0`: the type, and the index among all streams of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamSelector::Video { index } => write!(f, "v:{index}"),
            StreamSelector::Audio { index } => write!(f, "a:{index}"),
        }
    }
}

/// When the pictures of a stream are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FrameTiming {
    /// At equal distances.
    Constant(FrameRate),
    /// As the source has them; the rate is the average, for figures that need one.
    AsSource(FrameRate),
}

impl FrameTiming {
    /// The constant or average rate.
    pub fn rate(self) -> FrameRate {
        match self {
            FrameTiming::Constant(rate) | FrameTiming::AsSource(rate) => rate,
        }
    }
}

/// How many bits are spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RateControl {
    /// Constant quality.
    Quality {
        /// The codec's quality number, lower is better.
        crf: u8,
        /// The highest rate that a declared level allows, which is also the size of the buffer.
        ceiling: Option<Bitrate>,
    },
    /// A target rate, with a ceiling unless it is an average only.
    Rate {
        /// The average.
        target: Bitrate,
        /// Highest rate over the buffer.
        ceiling: Option<Bitrate>,
        /// Size of the buffer in bits.
        buffer: Option<Bitrate>,
        /// Whether the stream is padded to a constant rate.
        constant: bool,
    },
}

/// How an encoder divides its work; see `docs/design/0005-repeatable-encodes.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Threads {
    /// So many pictures at once.
    Frames(u8),
    /// One picture at a time, cut into so many slices.
    Slices(u8),
}

impl Threads {
    /// How many.
    pub fn count(self) -> u8 {
        match self {
            Threads::Frames(count) | Threads::Slices(count) => count,
        }
    }
}

impl fmt::Display for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Threads::Frames(count) => write!(f, "frames:{count}"),
            Threads::Slices(count) => write!(f, "slices:{count}"),
        }
    }
}

/// An encode of moving pictures. Size, rate and pixel format are those of the stream that goes in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VideoCoding {
    /// Codec.
    pub codec: VideoCodec,
    /// Which encoder, and which build of it.
    pub implementation: Implementation,
    /// Bits.
    pub rate_control: RateControl,
    /// H.264 profile.
    pub profile: Option<Profile>,
    /// Level in tenths.
    pub level: Option<u8>,
    /// B-frames in a row.
    pub bframes: Option<u8>,
    /// Pictures from keyframe to keyframe: fixed, closed, without scene cuts.
    pub gop: u32,
    /// CPU against quality.
    pub speed: Speed,
    /// Threads of the encoder: its output depends on them.
    pub threads: Threads,
    /// When pictures are shown.
    pub timing: FrameTiming,
    /// Sample entry of H.265, where not `hvc1`.
    pub tag: Option<CodecTag>,
    /// The screen that players are told of, with a high dynamic range that is kept.
    pub mastering: Option<MasteringDisplay>,
    /// How bright its pictures get, likewise.
    pub light: Option<LightLevel>,
    /// The curve that is kept and told to players, of pictures with a high dynamic range.
    pub high_range: Option<HighRange>,
}

/// An encode of sound.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AudioCoding {
    /// Codec.
    pub codec: AudioCodec,
    /// Which encoder.
    pub implementation: Implementation,
    /// Bits; `None` leaves them to the encoder (lossless codecs).
    pub bitrate: Option<Bitrate>,
    /// Sampling rate.
    pub sample_rate: Frequency,
    /// Channels.
    pub channels: u8,
}

/// An encode of still pictures.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PictureCoding {
    /// File format.
    pub format: ImageFormat,
    /// Which encoder.
    pub implementation: Implementation,
    /// How many pictures there are.
    pub count: u32,
}

/// An encode of a short silent film that browsers show as a picture. It goes round for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AnimationCoding {
    /// File format.
    pub format: AnimatedFormat,
    /// Which encoder.
    pub implementation: Implementation,
    /// For formats that lose something: 1 to 100, 100 is best.
    pub quality: Option<u8>,
    /// For formats of few colours: where they come from.
    pub palette: Option<Palette>,
}

/// The 256 colours of pictures that have no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Palette {
    /// One choice for the whole film, made of all its pictures: these wait in memory until it is known.
    Shared,
    /// A choice for each picture, for films that are too large to wait.
    Each,
}

impl Palette {
    /// The word in plan text.
    pub fn word(self) -> &'static str {
        match self {
            Palette::Shared => "shared",
            Palette::Each => "each",
        }
    }

    /// Reads the word in plan text.
    pub fn from_word(word: &str) -> Option<Self> {
        [Palette::Shared, Palette::Each].into_iter().find(|palette| palette.word() == word)
    }
}

/// Encryption of segments. The key itself is made when the plan runs and is never part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EncryptionSpec {
    /// How people call the template.
    pub label: String,
    /// Method.
    pub method: EncryptionMethod,
    /// The address that players ask for the key.
    pub key_url: String,
    /// Name of the key manager.
    pub key_source: Option<String>,
    /// The media's name at the key service; without one it is the identity of the source.
    pub file_id: Option<String>,
}
