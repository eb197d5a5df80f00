//! Pictures that serve as marks: read, measured and scaled by us, so that no filter opens a foreign file (R3).

use super::sniff;
use crate::diag::io_words;
use crate::media::MarkFacts;
use crate::units::{Percent, Rational, Resolution};
use image::imageops::FilterType;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageReader, Limits, Rgba, RgbaImage};
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

/// Pixels of a picture at most (`reliability.md` R6).
const MOST_PIXELS: u64 = 16_000_000;
/// Bytes of a picture file at most.
const MOST_BYTES: u64 = 64 << 20;

/// What is known about a picture file, or in one sentence why it cannot be used.
pub fn mark(path: &Path) -> Result<MarkFacts, String> {
    let bytes = read(path)?;
    let picture = decode(&bytes)?;
    let identity = super::identity(blake3::hash(&bytes));
    Ok(MarkFacts { identity, size: Resolution::new(picture.width(), picture.height()) })
}

/// The picture as PNG with eight bits for each of red, green, blue and alpha, scaled to `size` and made translucent.
/// Equal arguments give equal bytes.
pub fn prepare_mark(path: &Path, size: Resolution, opacity: Percent) -> Result<Vec<u8>, String> {
    if size.pixels() == 0 || size.pixels() > MOST_PIXELS {
        return Err(format!("it cannot be scaled to {size}"));
    }
    let scaled = scale(&decode(&read(path)?)?.into_rgba8(), size, opacity);
    let mut png = Cursor::new(Vec::new());
    scaled.write_to(&mut png, image::ImageFormat::Png).map_err(|error| format!("it cannot be written: {error}"))?;
    Ok(png.into_inner())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "the file does not exist".to_owned(),
        _ => format!("the file cannot be opened: {}", io_words(&error)),
    })?;
    if !metadata.is_file() {
        return Err("it is not a file".to_owned());
    }
    if metadata.len() > MOST_BYTES {
        return Err(format!("the file is larger than {} MiB", MOST_BYTES >> 20));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("the file cannot be opened: {}", io_words(&error)))?;
    BufReader::new(file)
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("the file cannot be read: {}", io_words(&error)))?;
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    Ok(bytes)
}

/// Turned upright; of an animation the first picture.
fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
    if let Some(kind) = sniff::foreign_kind(&bytes[..bytes.len().min(1024)]) {
        return Err(format!("it is {}, not a PNG, JPEG or GIF picture", kind.name));
    }
    let broken = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => "it needs too much memory".to_owned(),
        image::ImageError::Unsupported(_) => "it is not a PNG, JPEG or GIF picture".to_owned(),
        _ => "the picture is damaged".to_owned(),
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(256 << 20);
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| "it is not a PNG, JPEG or GIF picture".to_owned())?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    let pixels = Resolution::new(width, height).pixels();
    if pixels == 0 || pixels > MOST_PIXELS {
        return Err(format!("it has {width}x{height} pixels; the limit is {MOST_PIXELS} in all"));
    }
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Scales with colours weighted by alpha, so that what transparent pixels happen to hold does not bleed into edges.
/// Sixteen bits in between keep both steps exact enough for eight.
fn scale(picture: &RgbaImage, size: Resolution, opacity: Percent) -> RgbaImage {
    let weighted: ImageBuffer<Rgba<u16>, Vec<u16>> = ImageBuffer::from_fn(picture.width(), picture.height(), |x, y| {
        let Rgba([red, green, blue, alpha]) = *picture.get_pixel(x, y);
        let weigh = |channel: u8| ((u32::from(channel) * u32::from(alpha) * 257 + 127) / 255) as u16;
        Rgba([weigh(red), weigh(green), weigh(blue), u16::from(alpha) * 257])
    });
    let same = (picture.width(), picture.height()) == (size.width, size.height);
    let scaled = match same {
        true => weighted,
        false => image::imageops::resize(&weighted, size.width, size.height, FilterType::CatmullRom),
    };
    let share = opacity_share(opacity);
    ImageBuffer::from_fn(size.width, size.height, |x, y| {
        let Rgba([red, green, blue, alpha]) = *scaled.get_pixel(x, y);
        let plain = |channel: u16| {
            let alpha = u32::from(alpha).max(1);
            ((u32::from(channel.min(alpha as u16)) * 255 + alpha / 2) / alpha) as u8
        };
        let cover = ((u64::from(alpha) * share + 257 * 500) / (257 * 1000)) as u8;
        Rgba([plain(red), plain(green), plain(blue), cover])
    })
}

/// Thousandths, between none and all.
fn opacity_share(opacity: Percent) -> u64 {
    let thousandths = opacity.of(Rational::from_integer(1000)).round();
    u64::try_from(thousandths.clamp(0, 1000)).unwrap_or(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(name: &str, picture: &RgbaImage) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        picture.save(&path).expect("saves");
        (folder, path)
    }

    #[test]
    fn a_mark_is_measured_scaled_and_made_translucent() {
        // Left half opaque red, right half transparent green: no green may bleed into the edge.
        let half =
            RgbaImage::from_fn(40, 20, |x, _| if x < 20 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) });
        let (_folder, path) = saved("half.png", &half);
        assert_eq!(mark(&path).expect("a picture").size, Resolution::new(40, 20));
        let bytes = prepare_mark(&path, Resolution::new(10, 5), Percent::from_integer(50)).expect("scales");
        assert_eq!(bytes, prepare_mark(&path, Resolution::new(10, 5), Percent::from_integer(50)).expect("scales"));
        let small = image::load_from_memory(&bytes).expect("our PNG").into_rgba8();
        assert_eq!(small.dimensions(), (10, 5));
        assert_eq!(*small.get_pixel(0, 2), Rgba([255, 0, 0, 128]));
        assert_eq!(small.get_pixel(9, 2).0[3], 0);
        assert!(small.pixels().all(|pixel| pixel.0[3] == 0 || pixel.0[1] == 0), "green bled");
    }

    #[test]
    fn an_unscaled_opaque_picture_stays_as_it_is() {
        let ramp = RgbaImage::from_fn(16, 16, |x, y| Rgba([(x * 16) as u8, (y * 16) as u8, 7, 255]));
        let (_folder, path) = saved("ramp.png", &ramp);
        let bytes = prepare_mark(&path, Resolution::new(16, 16), Percent::from_integer(100)).expect("scales");
        assert_eq!(image::load_from_memory(&bytes).expect("our PNG").into_rgba8(), ramp);
    }

    #[test]
    fn what_is_no_picture_is_refused_in_a_sentence() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logo.png");
        for (content, words) in [
            (&b""[..], "empty"),
            (b"#EXTM3U\nhttp://x/", "HLS playlist"),
            (b"<svg xmlns='x'/>", "SVG"),
            (b"plain text", "not a PNG"),
            (b"\x89PNG\r\n\x1a\nbroken", "damaged"),
        ] {
            std::fs::write(&path, content).expect("writes");
            let reason = mark(&path).expect_err("refused");
            assert!(reason.contains(words), "{reason}");
        }
        assert!(mark(folder.path()).expect_err("refused").contains("not a file"));
        assert!(mark(&folder.path().join("none")).expect_err("refused").contains("does not exist"));
    }

    #[test]
    fn a_picture_beyond_the_limit_is_refused_before_it_is_decoded() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("large.png");
        image::GrayImage::new(5000, 4000).save(&path).expect("saves");
        assert!(mark(&path).expect_err("refused").contains("5000x4000"));
    }
}
