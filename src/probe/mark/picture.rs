//! Pictures that serve as marks: read, measured and scaled by us, so that no filter opens a foreign file (R3).

use crate::media::{MarkFacts, Pace};
use crate::probe::sniff;
use crate::units::{Duration, Percent, Rational, Resolution};
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::imageops::FilterType;
use image::{
    AnimationDecoder, DynamicImage, Frames, ImageBuffer, ImageDecoder, ImageFormat, ImageReader, Limits, Rgba,
    RgbaImage,
};
use std::io::Cursor;

/// Pictures of an animation at most.
const MOST_FRAMES: usize = 1000;
/// Pixels of all pictures of an animation at most: what is decoded in a few seconds.
const MOST_MOVING_PIXELS: u64 = 500_000_000;
/// What shows its pictures for less than this is shown at a tenth of a second each, as browsers do.
const SHORTEST_IN_MS: u32 = 20;

/// What is known about a picture file.
pub(super) fn facts(bytes: &[u8], most: u64) -> Result<MarkFacts, String> {
    refuse_foreign(bytes)?;
    let identity = crate::probe::identity(blake3::hash(bytes));
    let mut times = Vec::new();
    let mut size = None;
    each_frame(bytes, most, |frame, time| {
        size.get_or_insert(Resolution::new(frame.width(), frame.height()));
        times.push(time);
        Ok(())
    })?;
    match (Pace::of(&exact(&times)), size) {
        (Some(pace), Some(size)) => Ok(MarkFacts { pace: Some(pace), ..MarkFacts::still(identity, size) }),
        _ => {
            let picture = decode(bytes, most)?;
            Ok(MarkFacts::still(identity, Resolution::new(picture.width(), picture.height())))
        }
    }
}

/// The picture; of an animation the first one.
pub(super) fn still(bytes: &[u8], most: u64) -> Result<RgbaImage, String> {
    Ok(decode(bytes, most)?.into_rgba8())
}

/// Hands over the pictures of an animation one by one, each with the time for which it is shown. Of a picture that
/// does not move nothing is handed over.
pub(super) fn each_frame(
    bytes: &[u8],
    most: u64,
    mut take: impl FnMut(RgbaImage, Duration) -> Result<(), String>,
) -> Result<(), String> {
    let Some((frames, canvas)) = frames(bytes, most)? else { return Ok(()) };
    for (at, frame) in frames.enumerate() {
        let count = at as u64 + 1;
        if at >= MOST_FRAMES || canvas.pixels().saturating_mul(count) > MOST_MOVING_PIXELS {
            return Err(format!("the animation has more than {at} pictures of {canvas}, which is the limit"));
        }
        let frame = frame.map_err(broken)?;
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let time = Rational::of(i64::from(numerator), i64::from(denominator.max(1)) * 1000);
        let short = u64::from(numerator) < u64::from(SHORTEST_IN_MS) * u64::from(denominator.max(1));
        let time = if short { Rational::of(1, 10) } else { time };
        take(frame.into_buffer(), Duration::from_seconds(time))?;
    }
    Ok(())
}

/// Times as they are where their sum stays exact, else to the nearest microsecond.
fn exact(times: &[Duration]) -> Vec<Duration> {
    let whole = times.iter().fold(Rational::ZERO, |sum, time| sum + time.seconds());
    if whole.denominator() <= 1_000_000 {
        return times.to_vec();
    }
    let micro = |time: &Duration| (time.seconds() * Rational::from_integer(1_000_000)).round();
    let rounded = |time: &Duration| Rational::new(micro(time), 1_000_000).unwrap_or(Rational::ZERO);
    times.iter().map(|time| Duration::from_seconds(rounded(time))).collect()
}

fn frames(bytes: &[u8], most: u64) -> Result<Option<(Frames<'_>, Resolution)>, String> {
    let size = |decoder: &dyn ImageDecoder| {
        let (width, height) = decoder.dimensions();
        checked(Resolution::new(width, height), most)
    };
    match image::guess_format(bytes) {
        Ok(ImageFormat::Gif) => {
            let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(broken)?;
            let canvas = size(&decoder)?;
            decoder.set_limits(limits(most)).map_err(broken)?;
            Ok(Some((decoder.into_frames(), canvas)))
        }
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits(most)).map_err(broken)?;
            let canvas = size(&decoder)?;
            match decoder.is_apng().map_err(broken)? {
                true => Ok(Some((decoder.apng().map_err(broken)?.into_frames(), canvas))),
                false => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

fn broken(error: image::ImageError) -> String {
    match error {
        image::ImageError::Limits(_) => "it needs too much memory".to_owned(),
        image::ImageError::Unsupported(_) => "it is not a PNG, JPEG or GIF picture".to_owned(),
        _ => "the picture is damaged".to_owned(),
    }
}

/// Room for 16 bits in each of four channels, twice.
fn limits(most: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(most.saturating_mul(16).max(64 << 20));
    limits
}

fn checked(size: Resolution, most: u64) -> Result<Resolution, String> {
    match size.pixels() {
        0 => Err("it has no pixels".to_owned()),
        pixels if pixels <= most => Ok(size),
        _ => Err(format!("it has {size} pixels; the limit is {most} in all (`--max mark-pixels=…`)")),
    }
}

/// Refuses by name what has the content of another kind of file.
pub(super) fn refuse_foreign(bytes: &[u8]) -> Result<(), String> {
    match sniff::foreign_kind(&bytes[..bytes.len().min(1024)]) {
        Some(kind) => Err(format!("it is {}, not a PNG, JPEG or GIF picture", kind.name)),
        None => Ok(()),
    }
}

/// Turned upright; of an animation the first picture.
fn decode(bytes: &[u8], most: u64) -> Result<DynamicImage, String> {
    refuse_foreign(bytes)?;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| "it is not a PNG, JPEG or GIF picture".to_owned())?;
    reader.limits(limits(most));
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    checked(Resolution::new(width, height), most)?;
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Scales with colours weighted by alpha, so that what transparent pixels happen to hold does not bleed into edges.
/// Sixteen bits in between keep both steps exact enough for eight.
pub(super) fn scale(picture: &RgbaImage, size: Resolution, opacity: Percent) -> RgbaImage {
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
