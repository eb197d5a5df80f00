//! The blurred copy of a picture that fills the rest of its canvas.

use super::filters::Options;
use crate::plan::stream::PixelFormat;
use crate::units::{Rational, Resolution};

/// The blur is made on a copy so many times smaller: detail is lost anyway, and the work with it.
const SHRINK: u32 = 8;

/// Filters from the picture to its background: as large as covers the canvas, its middle, blurred.
pub(super) fn background(picture: Resolution, canvas: Resolution) -> Vec<(&'static str, Options)> {
    let small = Resolution::new(even(canvas.width.div_ceil(SHRINK)), even(canvas.height.div_ceil(SHRINK)));
    let across = ratio(small.width, picture.width);
    let factor = across.max(ratio(small.height, picture.height));
    let covering = |side: u32, least: u32| even(up(Rational::from(side) * factor)).max(least);
    let covering = Resolution::new(covering(picture.width, small.width), covering(picture.height, small.height));
    let sigma = Rational::of(i64::from(small.short_side()), 24).max(Rational::ONE);
    let size = |size: Resolution| vec![("w", size.width.to_string()), ("h", size.height.to_string())];
    let scaled = |to: Resolution, flags: &str| [size(to), vec![("flags", flags.to_owned())]].concat();
    vec![
        ("scale", scaled(covering, "area+accurate_rnd+bitexact")),
        ("crop", size(small)),
        ("gblur", vec![("sigma", sigma.to_decimal(3))]),
        ("scale", scaled(canvas, "bicubic+accurate_rnd+bitexact")),
        ("setsar", vec![("sar", "1".into())]),
    ]
}

/// Options that lay the picture in the middle of its background, in its own format.
pub(super) fn centred(picture: Resolution, canvas: Resolution, pixel_format: &PixelFormat) -> Options {
    let format = if pixel_format.0 == "yuv420p10le" { "yuv420p10" } else { "yuv420" };
    vec![
        ("x", middle(canvas.width, picture.width).to_string()),
        ("y", middle(canvas.height, picture.height).to_string()),
        ("format", format.to_owned()),
    ]
}

/// Where a picture starts in the middle of something larger. Even offsets keep chroma samples in their places.
pub(super) fn middle(outer: u32, inner: u32) -> u32 {
    outer.saturating_sub(inner) / 4 * 2
}

fn ratio(wanted: u32, present: u32) -> Rational {
    Rational::from(wanted).checked_div(Rational::from(present)).unwrap_or(Rational::ONE)
}

fn up(side: Rational) -> u32 {
    u32::try_from(side.ceil()).unwrap_or(u32::MAX)
}

fn even(side: u32) -> u32 {
    side.next_multiple_of(2).max(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_background_covers_the_canvas() {
        let text = |picture, canvas| {
            let filters = background(picture, canvas);
            let options =
                |options: &Options| options.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>().join(" ");
            filters.iter().map(|(name, given)| format!("{name} {}", options(given))).collect::<Vec<_>>().join("; ")
        };
        insta::assert_snapshot!(
            text(Resolution::new(406, 720), Resolution::new(1280, 720)),
            @"scale 160 284 area+accurate_rnd+bitexact; crop 160 90; gblur 3.75; scale 1280 720 bicubic+accurate_rnd+bitexact; setsar 1"
        );
        insta::assert_snapshot!(
            text(Resolution::new(640, 360), Resolution::new(640, 640)),
            @"scale 144 80 area+accurate_rnd+bitexact; crop 80 80; gblur 3.333; scale 640 640 bicubic+accurate_rnd+bitexact; setsar 1"
        );
    }
}
