//! Marks: whatever is laid over pictures is read, measured and drawn by us; filters see only our own PNG.

mod drawing;
mod fonts;
mod inline;
mod letters;
mod picture;

#[cfg(test)]
mod tests;

pub use drawing::Drawing;
pub use fonts::{FontChoice, Fonts};
pub use letters::{LineSide, TextLook};

use crate::diag::io_words;
use crate::media::MarkFacts;
use crate::units::{Percent, Resolution};
use image::RgbaImage;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Pixels of a picture inside an SVG at most (`reliability.md` R6).
const MOST_INNER_PIXELS: u64 = 16_000_000;
/// Bytes of a picture file at most.
const MOST_BYTES: u64 = 64 << 20;

/// What a mark is made from.
#[derive(Debug, Clone)]
pub enum MarkMaterial {
    /// A picture file.
    Picture(PathBuf),
    /// The bytes of a picture that stands in its template.
    Inline(Arc<[u8]>),
    /// Text or SVG.
    Drawing(Box<Drawing>),
}

/// How a mark is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkShape {
    /// Its size.
    pub size: Resolution,
    /// Transparent columns to its left and rows above it.
    pub inset: (u8, u8),
    /// How much it covers.
    pub opacity: Percent,
    /// Whether it moves.
    pub motion: MarkMotion,
}

/// Which pictures of a mark are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkMotion {
    /// One; of an animation the first.
    Still,
    /// All of an animation.
    All,
    /// All of an animation and an empty one, after which nothing is seen.
    AllAndNothing,
}

/// What is known about a picture file of at most so many pixels, or in one sentence why it cannot be used.
pub fn mark(path: &Path, most: u64) -> Result<MarkFacts, String> {
    picture::facts(&read_at_most(path, MOST_BYTES)?, most)
}

/// What is known about a picture that stands in its template as a `data:` text, and its bytes; or in one sentence why
/// it cannot be used; `most` pixels at most.
pub fn inline_mark(text: &str, most: u64) -> Result<(MarkFacts, MarkMaterial), String> {
    let bytes = inline::bytes(text)?;
    Ok((picture::facts(&bytes, most)?, MarkMaterial::Inline(bytes.into())))
}

/// An SVG file's text, or in one sentence why it cannot be used.
pub fn svg_file(path: &Path) -> Result<String, String> {
    let bytes = read_at_most(path, drawing::MOST_SVG as u64 * 4)?;
    String::from_utf8(bytes).map_err(|_| "it is no SVG".to_owned())
}

/// The mark as PNG with eight bits for each of red, green, blue and alpha; of an animation one PNG after the other.
/// Neither it nor what it is made from may have more than `most` pixels. Equal arguments give equal bytes.
pub fn prepare_mark(material: &MarkMaterial, shape: MarkShape, most: u64) -> Result<Vec<u8>, String> {
    let size = shape.size;
    if size.pixels() == 0 || size.pixels() > most {
        return Err(format!("it cannot be scaled to {size}"));
    }
    let mut pngs = Vec::new();
    let mut add =
        |picture: &RgbaImage| append_png(&mut pngs, &inset(picture::scale(picture, size, shape.opacity), shape.inset));
    let bytes: Arc<[u8]> = match material {
        MarkMaterial::Drawing(drawing) => {
            add(&drawing.render(size)?)?;
            return Ok(pngs);
        }
        MarkMaterial::Picture(path) => read_at_most(path, MOST_BYTES)?.into(),
        MarkMaterial::Inline(bytes) => Arc::clone(bytes),
    };
    match shape.motion {
        MarkMotion::Still => add(&picture::still(&bytes, most)?)?,
        MarkMotion::All | MarkMotion::AllAndNothing => picture::each_frame(&bytes, most, |frame, _| add(&frame))?,
    }
    if shape.motion == MarkMotion::AllAndNothing {
        add(&RgbaImage::new(size.width, size.height))?;
    }
    Ok(pngs)
}

fn inset(picture: RgbaImage, (columns, rows): (u8, u8)) -> RgbaImage {
    if (columns, rows) == (0, 0) {
        return picture;
    }
    let (columns, rows) = (u32::from(columns), u32::from(rows));
    let mut larger = RgbaImage::new(picture.width() + columns, picture.height() + rows);
    image::imageops::replace(&mut larger, &picture, i64::from(columns), i64::from(rows));
    larger
}

fn append_png(pngs: &mut Vec<u8>, picture: &RgbaImage) -> Result<(), String> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).map_err(|error| format!("it cannot be written: {error}"))?;
    pngs.extend(png.into_inner());
    Ok(())
}

fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "the file does not exist".to_owned(),
        _ => format!("the file cannot be opened: {}", io_words(&error)),
    })?;
    if !metadata.is_file() {
        return Err("it is not a file".to_owned());
    }
    if metadata.len() > most {
        return Err(format!("the file is larger than {} MiB", most >> 20));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("the file cannot be opened: {}", io_words(&error)))?;
    BufReader::new(file)
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("the file cannot be read: {}", io_words(&error)))?;
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    Ok(bytes)
}
