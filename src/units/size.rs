//! Sizes of pictures and files.

use super::Percent;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Width and height of a picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resolution {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Resolution {
    /// A picture of `width` by `height` pixels.
    pub const fn new(width: u32, height: u32) -> Self {
        Resolution { width, height }
    }

    /// The smaller of the two sides.
    pub fn short_side(self) -> u32 {
        self.width.min(self.height)
    }

    /// The larger of the two sides.
    pub fn long_side(self) -> u32 {
        self.width.max(self.height)
    }

    /// Number of pixels of one picture.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The same picture turned by a quarter.
    pub fn transposed(self) -> Self {
        Resolution::new(self.height, self.width)
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A distance or side inside a picture, as templates of marks state it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Length {
    /// Pixels of the output picture.
    Pixels(u32),
    /// A share of the output picture's side of the same direction.
    Percent(Percent),
    /// A share of a named side of the output picture, whatever the direction: `10s%`.
    PercentOf(Percent, PictureSide),
}

/// A side of a picture, as the units `w%`, `h%`, `s%` and `l%` name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PictureSide {
    /// From left to right.
    Width,
    /// From top to bottom.
    Height,
    /// The smaller of the two.
    Short,
    /// The larger of the two.
    Long,
}

impl PictureSide {
    /// The letter before the percent sign.
    pub fn letter(self) -> char {
        match self {
            PictureSide::Width => 'w',
            PictureSide::Height => 'h',
            PictureSide::Short => 's',
            PictureSide::Long => 'l',
        }
    }

    /// The side of that letter.
    pub fn from_letter(letter: char) -> Option<Self> {
        let all = [PictureSide::Width, PictureSide::Height, PictureSide::Short, PictureSide::Long];
        all.into_iter().find(|side| side.letter() == letter)
    }

    /// That side of a picture, in pixels.
    pub fn of(self, picture: Resolution) -> u32 {
        match self {
            PictureSide::Width => picture.width,
            PictureSide::Height => picture.height,
            PictureSide::Short => picture.short_side(),
            PictureSide::Long => picture.long_side(),
        }
    }
}

impl Length {
    /// The length in pixels on a picture, rounded to the nearest; `along` is the direction that a plain share means.
    pub fn resolve(self, along: PictureSide, picture: Resolution) -> u32 {
        let share = |percent: Percent, side: PictureSide| {
            u32::try_from(percent.of(side.of(picture).into()).round()).unwrap_or(0)
        };
        match self {
            Length::Pixels(pixels) => pixels,
            Length::Percent(percent) => share(percent, along),
            Length::PercentOf(percent, side) => share(percent, side),
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Length::Pixels(pixels) => write!(f, "{pixels}px"),
            Length::Percent(percent) => percent.fmt(f),
            Length::PercentOf(percent, side) => {
                write!(f, "{}{}%", percent.to_string().trim_end_matches('%'), side.letter())
            }
        }
    }
}

/// An amount of data in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    /// Decimal units with one digit after the point, as file managers print them: `17.7 MB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
        if self.0 < 1000 {
            return write!(f, "{} B", self.0);
        }
        let mut value = self.0 as f64 / 1000.0;
        let mut unit = 0;
        while value >= 999.95 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        write!(f, "{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_the_side_they_name() {
        let (wide, tall) = (Resolution::new(1280, 720), Resolution::new(720, 1280));
        let ten = Percent::from_integer(10);
        let pixels = |length: Length| {
            let on = |picture| length.resolve(PictureSide::Width, picture);
            (on(wide), on(tall))
        };
        assert_eq!(pixels(Length::Pixels(24)), (24, 24));
        assert_eq!(pixels(Length::Percent(ten)), (128, 72));
        let of = |letter| PictureSide::from_letter(letter).map(|side| Length::PercentOf(ten, side));
        let named = |letter| of(letter).map(|length| (length.to_string(), pixels(length)));
        assert_eq!(named('w'), Some(("10w%".to_owned(), (128, 72))));
        assert_eq!(named('h'), Some(("10h%".to_owned(), (72, 128))));
        assert_eq!(named('s'), Some(("10s%".to_owned(), (72, 72))));
        assert_eq!(named('l'), Some(("10l%".to_owned(), (128, 128))));
        assert_eq!(named('x'), None);
    }
}
