//! Templates of pictures: at given times, at regular distances, on sheets, in motion.

use super::{AnimatedFormat, Fill, ImageFormat, TemplateHead};
use crate::units::{Duration, FrameRate, Percent};

/// The sides of a picture before the source is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sides {
    /// As the source is displayed.
    Source,
    /// By orientation: the short and long side, an absent one in proportion.
    Oriented {
        /// Pixels of the shorter side.
        short: Option<u32>,
        /// Pixels of the longer side.
        long: Option<u32>,
    },
    /// Literally, an absent one in proportion.
    Literal {
        /// Pixels from left to right.
        width: Option<u32>,
        /// Pixels from top to bottom.
        height: Option<u32>,
    },
}

/// Size and format of a still picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureSettings {
    /// Size.
    pub sides: Sides,
    /// What fills the rest.
    pub fill: Fill,
    /// File format.
    pub format: ImageFormat,
    /// How far from the asked time the picture may be taken.
    pub tolerance: Duration,
}

/// Pictures at given times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// The picture.
    pub picture: PictureSettings,
}

/// A regular distance over the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Every {
    /// A share of the length.
    Percent(Percent),
    /// A time.
    Duration(Duration),
}

/// Pictures at regular distances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// The picture.
    pub picture: PictureSettings,
    /// Distance; the first is always the first picture.
    pub every: Every,
}

/// Small pictures on sheets, with a list of times for players.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpriteTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// One cell.
    pub cell: PictureSettings,
    /// Distance of the cells in time; the first is always the first picture.
    pub every: Every,
    /// Cells of a sheet from top to bottom.
    pub rows: u32,
    /// Cells of a sheet from left to right.
    pub columns: u32,
}

/// A short silent animation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnimatedTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// Pictures per second.
    pub rate: FrameRate,
    /// Size.
    pub sides: Sides,
    /// File format.
    pub format: AnimatedFormat,
    /// Quality from 1 to 100, for formats that lose something.
    pub quality: u8,
}
