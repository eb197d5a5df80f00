//! Sizes of pictures: from what the source shows and what a template asks for (`language.md` 5, *Size* and *Upscale*).

use crate::catalog::template::{Fill, Sides, Upscale};
use crate::plan::stream::VideoType;
use crate::units::{Rational, Resolution};

/// What a picture becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeDecision {
    /// Size to scale to.
    pub picture: Resolution,
    /// Larger size to put it into, when bars are needed.
    pub canvas: Option<Resolution>,
    /// Whether the template asks for more pixels than the source shows.
    pub enlarges: bool,
}

impl SizeDecision {
    /// The size of the output.
    pub fn output(self) -> Resolution {
        self.canvas.unwrap_or(self.picture)
    }
}

/// Width and height as shown, with square pixels, exactly.
#[derive(Debug, Clone, Copy)]
struct Shown {
    width: Rational,
    height: Rational,
}

impl Shown {
    /// The smaller dimension of a pixel is kept, the other one enlarged, so that no detail is lost.
    fn of(video: &VideoType) -> Self {
        let (width, height) = (Rational::from(video.size.width), Rational::from(video.size.height));
        let aspect = video.sample_aspect;
        match aspect.recip() {
            Some(inverse) if aspect < Rational::ONE => Shown { width, height: height * inverse },
            _ => Shown { width: width * aspect, height },
        }
    }

    fn scaled(self, factor: Rational) -> Resolution {
        Resolution::new(nearest_even(self.width * factor), nearest_even(self.height * factor))
    }
}

/// The size of an output of this source.
pub fn decide(video: &VideoType, sides: Sides, fill: Fill, upscale: Upscale) -> SizeDecision {
    let shown = Shown::of(video);
    let landscape = shown.width >= shown.height;
    let (width, height) = match sides {
        Sides::Source => (None, None),
        Sides::Oriented { short, long } => {
            if landscape {
                (long, short)
            } else {
                (short, long)
            }
        }
        Sides::Literal { width, height } => (width, height),
    };
    match (width.map(Rational::from), height.map(Rational::from)) {
        (None, None) => one_factor(shown, Rational::ONE, upscale),
        (Some(width), None) => one_factor(shown, ratio(width, shown.width), upscale),
        (None, Some(height)) => one_factor(shown, ratio(height, shown.height), upscale),
        (Some(width), Some(height)) => boxed(shown, width, height, fill, upscale),
    }
}

fn one_factor(shown: Shown, factor: Rational, upscale: Upscale) -> SizeDecision {
    let enlarges = factor > Rational::ONE;
    let factor = if enlarges && upscale == Upscale::Clamp { Rational::ONE } else { factor };
    SizeDecision { picture: shown.scaled(factor), canvas: None, enlarges }
}

fn boxed(shown: Shown, width: Rational, height: Rational, fill: Fill, upscale: Upscale) -> SizeDecision {
    let factor = ratio(width, shown.width).min(ratio(height, shown.height));
    let enlarges = factor > Rational::ONE;
    let shrink =
        if enlarges && upscale == Upscale::Clamp { factor.recip().unwrap_or(Rational::ONE) } else { Rational::ONE };
    let canvas = Resolution::new(nearest_even(width * shrink), nearest_even(height * shrink));
    if fill == Fill::Stretch {
        return SizeDecision { picture: canvas, canvas: None, enlarges };
    }
    let fitted = shown.scaled(factor * shrink);
    let picture = Resolution::new(fitted.width.min(canvas.width), fitted.height.min(canvas.height));
    SizeDecision { picture, canvas: (picture != canvas).then_some(canvas), enlarges }
}

fn ratio(wanted: Rational, present: Rational) -> Rational {
    wanted.checked_div(present).unwrap_or(Rational::ONE)
}

/// The nearest even number, at least 2; half-way, the smaller one, so that an odd source is not enlarged.
fn nearest_even(side: Rational) -> u32 {
    let below = Rational::new((side * Rational::of(1, 2)).floor() * 2, 1).unwrap_or(Rational::ZERO);
    let even = if side - below > Rational::ONE { below + Rational::of(2, 1) } else { below };
    u32::try_from(even.floor()).unwrap_or(u32::MAX - 1).max(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::FrameTiming;
    use crate::plan::stream::{Colour, ColourRange, Matrix, PixelFormat};
    use crate::units::{Duration, FrameRate, Timestamp};

    fn video(width: u32, height: u32, aspect: (i64, i64)) -> VideoType {
        VideoType {
            size: Resolution::new(width, height),
            sample_aspect: Rational::of(aspect.0, aspect.1),
            timing: FrameTiming::Constant(FrameRate::from_integer(25)),
            pixel_format: PixelFormat::yuv420p(),
            colour: Colour { matrix: Matrix::Bt709, range: ColourRange::Limited },
            time_base: Rational::of(1, 25),
            start: Timestamp::ZERO,
            duration: Duration::ZERO,
            frames: 1,
        }
    }

    fn size(video: &VideoType, sides: Sides, fill: Fill, upscale: Upscale) -> String {
        let decision = decide(video, sides, fill, upscale);
        let canvas = decision.canvas.map(|canvas| format!(" in {canvas}")).unwrap_or_default();
        format!("{}{canvas}{}", decision.picture, if decision.enlarges { " enlarged" } else { "" })
    }

    #[test]
    fn one_side_keeps_the_proportion_and_follows_the_orientation() {
        let short = |side| Sides::Oriented { short: Some(side), long: None };
        let long = |side| Sides::Oriented { short: None, long: Some(side) };
        let check = |video: VideoType, sides| size(&video, sides, Fill::Black, Upscale::Allow);
        assert_eq!(check(video(1920, 1080, (1, 1)), short(720)), "1280x720");
        assert_eq!(check(video(1080, 1920, (1, 1)), short(720)), "720x1280");
        assert_eq!(check(video(1920, 1080, (1, 1)), long(320)), "320x180");
        assert_eq!(check(video(1080, 1916, (1, 1)), long(640)), "360x640");
        assert_eq!(check(video(768, 432, (1, 1)), short(720)), "1280x720 enlarged");
        assert_eq!(check(video(1080, 1920, (1, 1)), Sides::Literal { width: Some(640), height: None }), "640x1138");
    }

    #[test]
    fn pixels_come_out_square_and_sides_even() {
        let source = |video: VideoType| size(&video, Sides::Source, Fill::Black, Upscale::Allow);
        assert_eq!(source(video(800, 640, (64, 45))), "1138x640");
        assert_eq!(source(video(720, 576, (16, 15))), "768x576");
        assert_eq!(source(video(853, 479, (1, 1))), "852x478");
        assert_eq!(source(video(1, 1, (1, 1))), "2x2");
    }

    #[test]
    fn two_sides_are_filled_or_stretched() {
        let both = Sides::Literal { width: Some(400), height: Some(400) };
        assert_eq!(size(&video(800, 400, (1, 1)), both, Fill::Black, Upscale::Allow), "400x200 in 400x400");
        assert_eq!(size(&video(800, 400, (1, 1)), both, Fill::Stretch, Upscale::Allow), "400x400");
        assert_eq!(size(&video(200, 100, (1, 1)), both, Fill::White, Upscale::Allow), "400x200 in 400x400 enlarged");
        assert_eq!(size(&video(200, 100, (1, 1)), both, Fill::White, Upscale::Clamp), "200x100 in 200x200 enlarged");
        assert_eq!(
            size(
                &video(768, 432, (1, 1)),
                Sides::Oriented { short: Some(720), long: None },
                Fill::Black,
                Upscale::Clamp
            ),
            "768x432 enlarged"
        );
    }
}
