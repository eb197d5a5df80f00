//! The source's streams as they come out of its decoders.

use crate::lower::rate;
use crate::media::{AudioFacts, VideoFacts};
use crate::plan::stream::{AudioType, Colour, ColourRange, Matrix, PixelFormat, StreamType, VideoType};
use crate::units::{Duration, Resolution};

/// Decoded pictures: upright, in the source's own pixel format.
pub fn decoded_video(facts: &VideoFacts) -> VideoType {
    let turned = facts.rotation.swaps_sides();
    let pixel_format = PixelFormat(facts.pixel_format.clone());
    VideoType {
        size: if turned { facts.coded_size.transposed() } else { facts.coded_size },
        sample_aspect: match facts.sample_aspect.recip() {
            Some(inverse) if turned => inverse,
            _ => facts.sample_aspect,
        },
        timing: rate::source_timing(facts),
        colour: colour(facts, &pixel_format),
        pixel_format,
        time_base: facts.frames.time_base,
        start: facts.start(),
        duration: Duration::from_seconds(facts.end().0 - facts.start().0),
        frames: facts.frames.count(),
    }
}

/// Decoded sound.
pub fn decoded_audio(facts: &AudioFacts) -> StreamType {
    StreamType::Audio(AudioType {
        sample_rate: facts.sample_rate,
        channels: facts.channels,
        start: facts.start,
        duration: Duration::from_seconds(facts.end.0 - facts.start.0),
    })
}

fn colour(facts: &VideoFacts, pixel_format: &PixelFormat) -> Colour {
    if pixel_format.is_rgb() {
        return Colour { matrix: Matrix::Rgb, range: ColourRange::Full };
    }
    let matrix = match facts.colour.matrix.as_deref() {
        Some("bt709") => Matrix::Bt709,
        Some("smpte170m" | "bt470bg" | "fcc") => Matrix::Bt601,
        Some("bt2020nc" | "bt2020c") => Matrix::Bt2020,
        _ => assumed_matrix(facts.coded_size),
    };
    let full = facts.colour.range.as_deref() == Some("pc") || pixel_format.0.starts_with("yuvj");
    Colour { matrix, range: if full { ColourRange::Full } else { ColourRange::Limited } }
}

/// The matrix of pictures that do not say: by the size of the source, as players do.
fn assumed_matrix(size: Resolution) -> Matrix {
    if size.height >= 720 { Matrix::Bt709 } else { Matrix::Bt601 }
}

/// What a rendition's pictures are encoded as: 8-bit 4:2:0 of limited range, with the source's own matrix.
pub fn rendition_colour(source: &VideoType) -> Colour {
    let matrix = match source.colour.matrix {
        Matrix::Rgb => assumed_matrix(source.size),
        known => known,
    };
    Colour { matrix, range: ColourRange::Limited }
}
