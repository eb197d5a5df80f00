//! Verifies numbered pictures: the right count, each whole, of the right size and format. Headers only, no decoding.

use super::cause::Cause;
use super::outcome::MediaRecord;
use super::verify::{Verified, present, wrong};
use crate::catalog::template::ImageFormat;
use crate::units::Resolution;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Verifies the pictures `1..=count` of a pattern in a folder.
pub(super) fn verify(
    folder: &Path,
    pattern: &str,
    count: u32,
    size: Resolution,
    format: ImageFormat,
) -> Result<Verified, Cause> {
    for number in 1..=count {
        let name = numbered(pattern, number);
        let path = folder.join(&name);
        if !path.exists() {
            return Err(wrong(format!("only {} of {count} pictures were written", number - 1)));
        }
        let bytes = present(&path)?;
        let found = look(&path, bytes, format)?;
        if found != size {
            return Err(wrong(format!("picture {number} has {found} pixels, not {size}")));
        }
    }
    if folder.join(numbered(pattern, count + 1)).exists() {
        return Err(wrong(format!("more than {count} pictures were written")));
    }
    let media = MediaRecord {
        width: Some(size.width),
        height: Some(size.height),
        pictures: Some(count),
        ..MediaRecord::default()
    };
    Ok(Verified { media, ..Verified::default() })
}

/// A name whose `%05d` (or `%d`) becomes a number.
pub(super) fn numbered(pattern: &str, number: u32) -> String {
    let Some((before, rest)) = pattern.split_once('%') else { return pattern.to_owned() };
    let Some((width, after)) = rest.split_once('d') else { return pattern.to_owned() };
    let width: usize = width.trim_start_matches('0').parse().unwrap_or(0);
    format!("{before}{number:0width$}{after}")
}

/// The size of a picture whose head is of the format and whose end is there.
fn look(path: &Path, bytes: u64, format: ImageFormat) -> Result<Resolution, Cause> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unreadable = |_| wrong(format!("`{name}` cannot be read"));
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    // ffmpeg's JPEG headers (quantisation and Huffman tables included) end well before this.
    Read::by_ref(&mut file).take(64 << 10).read_to_end(&mut head).map_err(unreadable)?;
    file.seek(SeekFrom::Start(bytes.saturating_sub(12))).map_err(unreadable)?;
    file.read_to_end(&mut tail).map_err(unreadable)?;
    let size = match format {
        ImageFormat::Png => png(&head),
        ImageFormat::Jpg => jpeg(&head),
        ImageFormat::Webp => webp(&head),
    };
    let size = size.ok_or_else(|| wrong(format!("`{name}` is no {format} picture")))?;
    let whole = match format {
        ImageFormat::Png => tail.get(4..8) == Some(b"IEND"),
        ImageFormat::Jpg => tail.ends_with(&[0xff, 0xd9]),
        ImageFormat::Webp => number(&head, 4..8).is_some_and(|length| u64::from(length) + 8 <= bytes),
    };
    if whole { Ok(size) } else { Err(wrong(format!("`{name}` is cut short"))) }
}

fn png(head: &[u8]) -> Option<Resolution> {
    let side = |range: std::ops::Range<usize>| Some(u32::from_be_bytes(head.get(range)?.try_into().ok()?));
    (head.starts_with(b"\x89PNG\r\n\x1a\n") && head.get(12..16) == Some(b"IHDR"))
        .then(|| Some(Resolution::new(side(16..20)?, side(20..24)?)))?
}

/// Walks the markers up to the frame header.
fn jpeg(head: &[u8]) -> Option<Resolution> {
    let mut rest = head.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let side = |at: usize| Some(u32::from(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?])));
            return Some(Resolution::new(side(7)?, side(5)?));
        }
        rest = rest.get(2 + length..)?;
    }
}

/// The three kinds of WebP keep their size in three places.
pub(super) fn webp(head: &[u8]) -> Option<Resolution> {
    if !head.starts_with(b"RIFF") || head.get(8..12) != Some(b"WEBP") {
        return None;
    }
    let bits = |at: usize, count: usize| {
        let bytes = head.get(at..at + count)?;
        Some(bytes.iter().rev().fold(0u32, |value, byte| value << 8 | u32::from(*byte)))
    };
    match head.get(12..16)? {
        b"VP8 " => Some(Resolution::new(bits(26, 2)? & 0x3fff, bits(28, 2)? & 0x3fff)),
        b"VP8L" => Some(Resolution::new((bits(21, 4)? & 0x3fff) + 1, (bits(21, 4)? >> 14 & 0x3fff) + 1)),
        b"VP8X" => Some(Resolution::new(bits(24, 3)? + 1, bits(27, 3)? + 1)),
        _ => None,
    }
}

fn number(bytes: &[u8], range: std::ops::Range<usize>) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(range)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn numbers_go_into_names() {
        assert_eq!(numbered("p1_%05d.jpg", 7), "p1_00007.jpg");
        assert_eq!(numbered("p%d.jpg", 12), "p12.jpg");
        assert_eq!(numbered("p.jpg", 1), "p.jpg");
    }

    #[test]
    fn pictures_are_counted_measured_and_must_be_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        for format in [ImageFormat::Jpg, ImageFormat::Png, ImageFormat::Webp] {
            let pattern = format!("p_%03d.{format}");
            let encoder = match format {
                ImageFormat::Jpg => "mjpeg",
                ImageFormat::Png => "png",
                ImageFormat::Webp => "libwebp",
            };
            let made = Command::new("ffmpeg")
                .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc=s=62x34:r=1:d=3", "-f", "image2"])
                .args(["-c:v", encoder])
                .arg(folder.path().join(&pattern))
                .status();
            assert!(made.expect("ffmpeg starts").success());
            let size = Resolution::new(62, 34);
            let check = |count, size| verify(folder.path(), &pattern, count, size, format);
            assert_eq!(check(3, size).expect("right").media.pictures, Some(3));
            let reason = |count, size| check(count, size).expect_err("wrong").reason;
            assert!(reason(4, size).contains("only 3 of 4"));
            assert!(reason(2, size).contains("more than 2"));
            assert!(reason(3, Resolution::new(64, 34)).contains("62x34"));
            let last = folder.path().join(numbered(&pattern, 3));
            let bytes = std::fs::read(&last).expect("reads");
            std::fs::write(&last, &bytes[..bytes.len() - 5]).expect("writes");
            assert!(reason(3, size).contains("cut short"));
            std::fs::write(&last, "text").expect("writes");
            assert!(reason(3, size).contains("is no"));
            std::fs::write(&last, "").expect("writes");
            assert!(reason(3, size).contains("empty"));
        }
    }
}
