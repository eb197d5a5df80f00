//! Verifies animations by walking through their file, block by block, without decoding.

use super::cause::Cause;
use super::outcome::MediaRecord;
use super::verify::{Surroundings, Verified, present, wrong};
use crate::catalog::template::AnimatedFormat;
use crate::physical::{Artifact, Expectation};
use crate::units::Resolution;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// What a file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Found {
    width: u32,
    height: u32,
    frames: u64,
    /// Of all pictures together.
    milliseconds: u64,
    /// How often it goes round; nought is for ever.
    rounds: Option<u16>,
    /// Whether it is one picture without times: what WebP's encoder makes of films that never change.
    still: bool,
}

/// The animation's facts, or why it must not be published.
pub(super) fn verify(around: &Surroundings<'_>, artifact: &Artifact) -> Result<Verified, Cause> {
    let Expectation::Animation { format, size, rate, frames } = &artifact.expect else {
        return Err(wrong("the plan does not say what it should be"));
    };
    let path = around.work.join(&artifact.name);
    let bytes = present(&path)?;
    let found =
        look(&path, *format).map_err(|_| wrong(format!("`{}` is no whole {format} animation", artifact.name)))?;
    let shown = Resolution::new(found.width, found.height);
    if shown != *size {
        return Err(wrong(format!("its pictures are {shown}, not {size}")));
    }
    if found.rounds != Some(0) && !found.still {
        return Err(wrong("it does not go round for ever"));
    }
    // WebP shows a picture longer instead of storing an equal one after it.
    let right = match format {
        AnimatedFormat::Gif => found.frames == *frames,
        AnimatedFormat::Webp => (1..=*frames).contains(&found.frames),
    };
    if !right {
        return Err(wrong(format!("it has {} pictures, {frames} were planned", found.frames)));
    }
    let step = rate.frame_duration().to_f64();
    let (seconds, planned) = (found.milliseconds as f64 / 1000.0, *frames as f64 * step);
    // Hundredths of a second are the finest that GIF has, and how long the last picture stays is the muxer's guess.
    if (seconds - planned).abs() > step + 0.02 && !found.still {
        return Err(wrong(format!("it lasts {seconds} s, {planned} s were planned")));
    }
    let media = MediaRecord {
        width: Some(found.width),
        height: Some(found.height),
        duration: Some(seconds),
        bitrate: (seconds > 0.0).then(|| (bytes as f64 * 8.0 / seconds).round() as u64),
        video_codec: Some(format.word().to_owned()),
        frames: Some(*frames),
        ..MediaRecord::default()
    };
    Ok(Verified { media, ..Verified::default() })
}

fn look(path: &Path, format: AnimatedFormat) -> io::Result<Found> {
    let mut file = BufReader::new(File::open(path)?);
    match format {
        AnimatedFormat::Gif => gif(&mut file),
        AnimatedFormat::Webp => webp(&mut file),
    }
}

fn take<const COUNT: usize>(file: &mut impl Read) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(file: &mut BufReader<File>, bytes: u64) -> io::Result<()> {
    file.seek_relative(i64::try_from(bytes).map_err(io::Error::other)?)
}

fn strange() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

/// Extensions and pictures up to the trailer.
fn gif(file: &mut BufReader<File>) -> io::Result<Found> {
    let head: [u8; 13] = take(file)?;
    if !head.starts_with(b"GIF89a") {
        return Err(strange());
    }
    let side = |at: usize| u32::from(u16::from_le_bytes([head[at], head[at + 1]]));
    let mut found = Found { width: side(6), height: side(8), ..Found::default() };
    skip(file, colours(head[10]))?;
    loop {
        match take::<1>(file)?[0] {
            0x21 => extension(file, &mut found)?,
            0x2c => {
                let picture: [u8; 9] = take(file)?;
                skip(file, colours(picture[8]) + 1)?;
                blocks(file)?;
                found.frames += 1;
            }
            0x3b => return Ok(found),
            _ => return Err(strange()),
        }
    }
}

/// Bytes of the colour table that a packed field announces.
fn colours(packed: u8) -> u64 {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

fn extension(file: &mut BufReader<File>, found: &mut Found) -> io::Result<()> {
    match take::<1>(file)?[0] {
        0xf9 => {
            let control: [u8; 5] = take(file)?;
            found.milliseconds += u64::from(u16::from_le_bytes([control[2], control[3]])) * 10;
        }
        0xff => {
            let name: [u8; 12] = take(file)?;
            if name.ends_with(b"NETSCAPE2.0") {
                let rounds: [u8; 4] = take(file)?;
                found.rounds = Some(u16::from_le_bytes([rounds[2], rounds[3]]));
            }
        }
        _ => {}
    }
    blocks(file)
}

/// Blocks of data up to the empty one.
fn blocks(file: &mut BufReader<File>) -> io::Result<()> {
    loop {
        match take::<1>(file)?[0] {
            0 => return Ok(()),
            length => skip(file, u64::from(length))?,
        }
    }
}

/// Chunks up to the length that the head announces, which must be all of the file.
fn webp(file: &mut BufReader<File>) -> io::Result<Found> {
    let head: [u8; 12] = take(file)?;
    let end = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) + 8;
    if !head.starts_with(b"RIFF") || !head.ends_with(b"WEBP") || file.get_ref().metadata()?.len() < end {
        return Err(strange());
    }
    let mut found = Found::default();
    let mut at = 12;
    while at + 8 <= end {
        file.seek(SeekFrom::Start(at))?;
        let chunk: [u8; 8] = take(file)?;
        let length = u64::from(u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]));
        match &chunk[..4] {
            b"VP8X" => {
                let canvas: [u8; 10] = take(file)?;
                found.width = three(&canvas[4..]) + 1;
                found.height = three(&canvas[7..]) + 1;
            }
            b"VP8 " | b"VP8L" if found.width == 0 => {
                file.seek(SeekFrom::Start(0))?;
                let size = super::pictures::webp(&take::<30>(file)?).ok_or_else(strange)?;
                found = Found { width: size.width, height: size.height, frames: 1, still: true, ..found };
            }
            b"ANIM" => {
                found.rounds = take::<6>(file)?.get(4..6).map(|rounds| u16::from_le_bytes([rounds[0], rounds[1]]))
            }
            b"ANMF" => {
                found.milliseconds += u64::from(three(&take::<16>(file)?[12..]));
                found.frames += 1;
            }
            _ => {}
        }
        at += 8 + length + length % 2;
    }
    Ok(found)
}

/// A number of three bytes.
fn three(bytes: &[u8]) -> u32 {
    bytes.iter().take(3).rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physical::ArtifactId;
    use crate::plan::SpecKey;
    use crate::probe::Tools;
    use crate::units::FrameRate;
    use std::process::Command;

    #[test]
    fn animations_are_counted_timed_and_must_be_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let tools = Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
        for (format, encoder) in [(AnimatedFormat::Gif, "gif"), (AnimatedFormat::Webp, "libwebp_anim")] {
            let name = format!("a.{format}");
            let make = |rounds: &str| {
                let made = Command::new(&tools.ffmpeg)
                    .current_dir(folder.path())
                    .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc=s=62x34:r=5:d=2"])
                    .args(["-c:v", encoder, "-loop", rounds, &name])
                    .status();
                assert!(made.expect("ffmpeg starts").success());
            };
            let check = |size, rate, frames| {
                let expect = Expectation::Animation { format, size, rate: FrameRate::from_integer(rate), frames };
                let artifact =
                    Artifact { id: ArtifactId(0), key: SpecKey("k".into()), name: name.clone(), part: None, expect };
                verify(
                    &Surroundings { tools: &tools, work: folder.path(), damaged: false, key: None, codecs: Vec::new() },
                    &artifact,
                )
            };
            let size = Resolution::new(62, 34);
            let reason = |size, rate, frames| check(size, rate, frames).expect_err("wrong").reason;
            make("0");
            assert_eq!(check(size, 5, 10).expect("right").media.frames, Some(10));
            assert!(reason(Resolution::new(64, 34), 5, 10).contains("62x34, not 64x34"));
            assert!(reason(size, 5, 9).contains("it has 10 pictures, 9 were planned"));
            assert!(reason(size, 10, 10).contains("2 s, 1 s were planned"));
            make("3");
            assert!(reason(size, 5, 10).contains("for ever"));
            let path = folder.path().join(&name);
            let bytes = std::fs::read(&path).expect("reads");
            std::fs::write(&path, &bytes[..bytes.len() - 5]).expect("writes");
            assert!(reason(size, 5, 10).contains("is no whole"));
        }
    }
}
