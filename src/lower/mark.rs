//! Where marks lie on a picture (`vod.md` C.2, *Geometry*): percentages are of the output picture.

use crate::catalog::template::{Corner, WatermarkTemplate};
use crate::units::{PictureSide, Rational, Resolution};

/// A mark on an output picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Its size.
    pub size: Resolution,
    /// From the picture's left edge to the mark's.
    pub x: i64,
    /// From the picture's top edge to the mark's.
    pub y: i64,
}

/// Size and place of a mark whose own picture has `natural` size.
pub fn place(template: &WatermarkTemplate, natural: Resolution, picture: Resolution) -> Placement {
    let width = template.width.map(|width| width.resolve(PictureSide::Width, picture)).filter(|width| *width > 0);
    let height =
        template.height.map(|height| height.resolve(PictureSide::Height, picture)).filter(|height| *height > 0);
    let size = match (width, height) {
        (Some(width), Some(height)) => Resolution::new(width, height),
        (Some(width), None) => Resolution::new(width, in_proportion(width, natural.height, natural.width)),
        (None, Some(height)) => Resolution::new(in_proportion(height, natural.width, natural.height), height),
        (None, None) => natural,
    };
    let (x, y) = (
        i64::from(template.x.resolve(PictureSide::Width, picture)),
        i64::from(template.y.resolve(PictureSide::Height, picture)),
    );
    let from_right = i64::from(picture.width) - i64::from(size.width) - x;
    let from_bottom = i64::from(picture.height) - i64::from(size.height) - y;
    let (x, y) = match template.corner {
        Corner::TopLeft => (x, y),
        Corner::TopRight => (from_right, y),
        Corner::BottomLeft => (x, from_bottom),
        Corner::BottomRight => (from_right, from_bottom),
    };
    Placement { size, x, y }
}

fn in_proportion(side: u32, other: u32, own: u32) -> u32 {
    let scaled = Rational::from(side) * Rational::of(i64::from(other), i64::from(own));
    u32::try_from(scaled.round()).unwrap_or(u32::MAX).max(1)
}
