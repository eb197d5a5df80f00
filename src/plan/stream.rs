//! Stream types: what flows along an edge of the logical plan.

use crate::catalog::template::{AnimatedFormat, AudioCodec, ImageFormat, VideoCodec};
use crate::plan::FrameTiming;
use crate::units::{Duration, Frequency, Rational, Resolution, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an operation gives to its users.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StreamType {
    /// A container with all its streams.
    Container,
    /// Raw pictures that move.
    Video(VideoType),
    /// Raw sound.
    Audio(AudioType),
    /// Raw still pictures, chosen from a video.
    Stills(VideoType),
    /// A mark ready to be laid over pictures.
    Mark(Resolution),
    /// What a first look of an encoder found out about pictures that move.
    Statistics(VideoCodec, VideoType),
    /// Encoded pictures that move.
    EncodedVideo(VideoCodec, VideoType),
    /// Encoded sound.
    EncodedAudio(AudioCodec, AudioType),
    /// Encoded still pictures.
    EncodedStills(ImageFormat, VideoType),
    /// An encoded animation.
    EncodedAnimation(AnimatedFormat, VideoType),
    /// Nothing: the operation is a sink.
    Nothing,
}

/// A pixel format by ffmpeg's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PixelFormat(pub String);

impl PixelFormat {
    /// 8-bit 4:2:0, what renditions are encoded from.
    pub fn yuv420p() -> Self {
        PixelFormat("yuv420p".into())
    }

    /// 10-bit 4:2:0.
    pub fn yuv420p10() -> Self {
        PixelFormat("yuv420p10le".into())
    }

    /// Whether brightness and colour are apart, colour at half resolution, of 8 or 10 bits and limited range.
    pub fn is_planar_420(&self) -> bool {
        matches!(self.0.as_str(), "yuv420p" | "yuv420p10le")
    }

    /// Whether pixels are red, green and blue, or an index of such.
    pub fn is_rgb(&self) -> bool {
        ["rgb", "bgr", "gbr", "pal8", "0rgb", "0bgr", "argb", "abgr"].iter().any(|start| self.0.starts_with(start))
    }
}

/// How pixel values mean colours, as far as conversions need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Colour {
    /// Luma coefficients.
    pub matrix: Matrix,
    /// Range of values.
    pub range: ColourRange,
}

/// Luma coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Matrix {
    /// BT.601.
    Bt601,
    /// BT.709.
    Bt709,
    /// BT.2020, not constant luminance.
    Bt2020,
    /// Not luma and chroma at all.
    Rgb,
}

/// A transfer curve of high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HighRange {
    /// SMPTE ST 2084, of HDR10.
    Pq,
    /// ARIB STD-B67, hybrid log-gamma.
    Hlg,
}

impl HighRange {
    /// The name in plan text.
    pub fn word(self) -> &'static str {
        match self {
            HighRange::Pq => "pq",
            HighRange::Hlg => "hlg",
        }
    }

    /// Reads the name in plan text.
    pub fn from_word(word: &str) -> Option<Self> {
        [HighRange::Pq, HighRange::Hlg].into_iter().find(|curve| curve.word() == word)
    }

    /// What ffmpeg calls the curve.
    pub fn name(self) -> &'static str {
        match self {
            HighRange::Pq => "smpte2084",
            HighRange::Hlg => "arib-std-b67",
        }
    }
}

/// Range of pixel values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ColourRange {
    /// 16 to 235.
    Limited,
    /// 0 to 255.
    Full,
}

impl Colour {
    /// What screens of standard range assume of films.
    pub const STANDARD: Colour = Colour { matrix: Matrix::Bt709, range: ColourRange::Limited };
}

impl fmt::Display for Colour {
    /// `bt709/tv`, as players' inspectors write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matrix = match self.matrix {
            Matrix::Bt601 => "bt601",
            Matrix::Bt709 => "bt709",
            Matrix::Bt2020 => "bt2020",
            Matrix::Rgb => "rgb",
        };
        let range = match self.range {
            ColourRange::Limited => "tv",
            ColourRange::Full => "pc",
        };
        write!(f, "{matrix}/{range}")
    }
}

/// A text that is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a colour such as `bt709/tv`")]
pub struct ParseColourError;

impl std::str::FromStr for Colour {
    type Err = ParseColourError;

    fn from_str(text: &str) -> Result<Self, ParseColourError> {
        let (matrix, range) = text.split_once('/').ok_or(ParseColourError)?;
        let matrix = match matrix {
            "bt601" => Matrix::Bt601,
            "bt709" => Matrix::Bt709,
            "bt2020" => Matrix::Bt2020,
            "rgb" => Matrix::Rgb,
            _ => return Err(ParseColourError),
        };
        let range = match range {
            "tv" => ColourRange::Limited,
            "pc" => ColourRange::Full,
            _ => return Err(ParseColourError),
        };
        Ok(Colour { matrix, range })
    }
}

/// Raw pictures. Sizes are upright: rotation is undone by the decode.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VideoType {
    /// Size in pixels as stored.
    pub size: Resolution,
    /// Width of a pixel divided by its height.
    pub sample_aspect: Rational,
    /// When pictures are shown.
    pub timing: FrameTiming,
    /// Pixel format.
    pub pixel_format: PixelFormat,
    /// Colour.
    pub colour: Colour,
    /// Seconds per tick of the time stamps.
    pub time_base: Rational,
    /// When the first picture is shown.
    pub start: Timestamp,
    /// From the start of the first picture to the end of the last.
    pub duration: Duration,
    /// Number of pictures.
    pub frames: u64,
}

/// Raw sound.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AudioType {
    /// Sampling rate.
    pub sample_rate: Frequency,
    /// Channels.
    pub channels: u8,
    /// When the first sample is heard.
    pub start: Timestamp,
    /// From the first sample to the end of the last.
    pub duration: Duration,
}
