//! Verifies a playlist of ours and its segments: complete, nothing missing or left over, readable with the key.

use super::cause::Cause;
use super::cipher::BLOCK;
use super::master::Rates;
use super::seal::unseal;
use super::verify::{Surroundings, Verified, check_length, present, streams, wrong};
use crate::physical::{Artifact, Expectation, ExpectedTrack};
use crate::probe::{Listing, list_playlist};
use crate::units::Rational;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// What a playlist says.
#[derive(Debug, PartialEq)]
pub(super) struct Playlist {
    pub segments: Vec<Segment>,
    /// Seconds that no segment exceeds, rounded.
    pub target: Rational,
    /// The initialisation section: its file, and which range of it.
    pub initialisation: Option<(String, Option<Range>)>,
    /// Number of the first segment.
    sequence: u64,
    ended: bool,
    /// Whether every segment stands below a key, and the initialisation section does not.
    encrypted: bool,
}

impl Playlist {
    /// The initialisation vectors of its segments: their numbers.
    pub fn vectors(&self) -> impl Iterator<Item = u128> {
        let first = u128::from(self.sequence);
        (0..self.segments.len() as u128).map(move |at| first + at)
    }
}

/// One segment as its playlist has it.
#[derive(Debug, PartialEq)]
pub(super) struct Segment {
    pub file: String,
    pub length: Rational,
    /// Of a segment that is a part of its file.
    pub range: Option<Range>,
}

/// A part of a file, in bytes. Printed as playlists have it: `96444@564`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub length: u64,
    pub start: u64,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.length, self.start)
    }
}

/// A playlist that is right.
pub(super) struct Track {
    pub verified: Verified,
    /// The files beside it.
    pub files: BTreeSet<String>,
    /// Lengths of its segments.
    pub lengths: Vec<Rational>,
}

/// Verifies the folder of a segmented output.
pub(super) fn verify(around: &Surroundings<'_>, artifact: &Artifact) -> Result<Verified, Cause> {
    let Expectation::Playlist { file, video, audio, encrypted, .. } = &artifact.expect else {
        return Err(wrong("it is no playlist"));
    };
    let expected = ExpectedTrack { file: file.clone(), video: video.clone(), audio: audio.clone() };
    let track = track(around, artifact, &expected, *encrypted)?;
    let mut files = track.files;
    files.insert(file.clone());
    check_nothing_else(&around.work.join(&artifact.name), &files)?;
    let mut verified = track.verified;
    verified.media.codecs = around.codecs();
    Ok(verified)
}

/// Verifies one playlist of a folder, and that what it lists is there.
pub(super) fn track(
    around: &Surroundings<'_>,
    artifact: &Artifact,
    expected: &ExpectedTrack,
    encrypted: bool,
) -> Result<Track, Cause> {
    let folder = around.work.join(&artifact.name);
    let (file, video, audio) = (&expected.file, expected.video.as_ref(), expected.audio.as_ref());
    let (_, playlist) = read(&folder, file)?;
    check_playlist(&playlist, file, encrypted)?;
    let sizes = sizes(&folder, &playlist)?;
    let files = check_files(&folder, &playlist, encrypted)?;
    let planned = [video.map(|video| video.duration), audio.map(|audio| audio.duration)];
    let longest = planned.iter().flatten().max().map_or(Rational::ZERO, |duration| duration.seconds());
    let frame = video.and_then(|video| video.rate).map_or(Rational::ZERO, |rate| rate.frame_duration());
    let lengths: Vec<Rational> = playlist.segments.iter().map(|segment| segment.length).collect();
    let length = lengths.iter().fold(Rational::ZERO, |sum, length| sum + *length);
    let short = check_length("segments", length, longest, Rational::of(2, 1) * frame, around.damaged)?;
    let bytes = sizes.iter().sum();
    let listing = listing(around, &folder, file, &playlist, bytes)?;
    let mut verified = streams(&listing, bytes, video, audio, around.damaged)?;
    let measured: Vec<(Rational, u64)> = lengths.iter().copied().zip(sizes).collect();
    let rates = Rates::of(&measured, playlist.target);
    verified.shortfall = verified.shortfall.or(short);
    verified.media.segments = Some(playlist.segments.len() as u32);
    verified.media.peak_bitrate = Some(rates.peak);
    verified.media.bitrate = Some(rates.average);
    verified.media.frame_rate = video.and_then(|video| video.rate).map(|rate| rate.per_second().to_string());
    Ok(Track { verified, files, lengths })
}

/// What ffprobe finds in a playlist; of an encrypted one, in what it holds after decryption.
fn listing(
    around: &Surroundings<'_>,
    folder: &Path,
    file: &str,
    playlist: &Playlist,
    bytes: u64,
) -> Result<Listing, Cause> {
    let list = |path: &Path| list_playlist(around.tools, path, bytes).map_err(|error| wrong(error.to_string()));
    if !playlist.encrypted {
        return list(&folder.join(file));
    }
    let key = around.key.ok_or_else(|| wrong("its key is not known"))?;
    // In the work folder, which nobody else can enter, and only as long as it is looked at.
    let clear = tempfile::Builder::new().prefix("verify-").tempdir_in(around.work);
    let clear = clear.map_err(|error| super::material::storage("the folder for verification", &error))?;
    list(&unseal(folder, playlist, key, clear.path())?)
}

/// A playlist of a folder, as text and as what it says.
pub(super) fn read(folder: &Path, file: &str) -> Result<(String, Playlist), Cause> {
    present(&folder.join(file))?;
    let text = std::fs::read_to_string(folder.join(file)).map_err(|_| wrong(format!("`{file}` cannot be read")))?;
    let playlist = parse(&text)?;
    Ok((text, playlist))
}

/// Bytes of each segment.
pub(super) fn sizes(folder: &Path, playlist: &Playlist) -> Result<Vec<u64>, Cause> {
    let size = |segment: &Segment| match segment.range {
        Some(range) => Ok(range.length),
        None => present(&folder.join(&segment.file)),
    };
    playlist.segments.iter().map(size).collect()
}

fn parse(text: &str) -> Result<Playlist, Cause> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines.next() != Some("#EXTM3U") {
        return Err(wrong("its playlist is none"));
    }
    let mut playlist = Playlist {
        segments: Vec::new(),
        target: Rational::ZERO,
        initialisation: None,
        sequence: 0,
        ended: false,
        encrypted: true,
    };
    let (mut key, mut length, mut range) = (false, None, None);
    for line in lines {
        if let Some(words) = line.strip_prefix("#EXTINF:") {
            let number = words.split(',').next().unwrap_or("").trim();
            length = Some(number.parse().map_err(|_| wrong("its playlist has a segment without length"))?);
        } else if let Some(words) = line.strip_prefix("#EXT-X-BYTERANGE:") {
            range = Some(byte_range(words).ok_or_else(|| wrong("its playlist has a range that is none"))?);
        } else if let Some(words) = line.strip_prefix("#EXT-X-TARGETDURATION:") {
            playlist.target = words.parse().map_err(|_| wrong("its playlist has no target duration"))?;
        } else if let Some(attributes) = line.strip_prefix("#EXT-X-KEY:") {
            // Another vector than the number of the segment is none of ours.
            key = attributes.starts_with("METHOD=AES-128,URI=\"") && !attributes.contains(",IV=");
        } else if let Some(words) = line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:") {
            playlist.sequence = words.parse().map_err(|_| wrong("its playlist counts from no number"))?;
        } else if let Some(attributes) = line.strip_prefix("#EXT-X-MAP:") {
            playlist.encrypted &= !key;
            playlist.initialisation = Some(initialisation(attributes)?);
        } else if line == "#EXT-X-ENDLIST" {
            playlist.ended = true;
        } else if !line.starts_with('#') {
            playlist.encrypted &= key;
            let length = length.take().ok_or_else(|| wrong("its playlist has a segment without length"))?;
            playlist.segments.push(Segment { file: line.to_owned(), length, range: range.take() });
        }
    }
    playlist.encrypted &= !playlist.segments.is_empty();
    Ok(playlist)
}

/// `URI="v.mp4",BYTERANGE="1234@0"`, the range only where the section is a part of its file.
fn initialisation(attributes: &str) -> Result<(String, Option<Range>), Cause> {
    let mut quoted = attributes.split('"').skip(1).step_by(2);
    let file = quoted.next().ok_or_else(|| wrong("its playlist has an initialisation section without file"))?;
    let range =
        quoted.next().map(|words| byte_range(words).ok_or_else(|| wrong("its playlist has a range that is none")));
    Ok((file.to_owned(), range.transpose()?))
}

/// `96444@0`: bytes and where they start.
fn byte_range(words: &str) -> Option<Range> {
    let (length, start) = words.split_once('@')?;
    Some(Range { length: length.parse().ok()?, start: start.parse().ok()? })
}

fn check_playlist(playlist: &Playlist, file: &str, encrypted: bool) -> Result<(), Cause> {
    if !playlist.ended {
        return Err(wrong("its playlist has no end mark"));
    }
    if playlist.segments.is_empty() {
        return Err(wrong("its playlist lists no segment"));
    }
    let plain = |name: &&String| !name.contains(['/', ':', '%', '?']) && name.as_str() != file;
    let names = playlist.segments.iter().map(|segment| &segment.file);
    let sections = playlist.initialisation.iter().map(|(file, _)| file);
    if let Some(name) = names.chain(sections).find(|name| !plain(name)) {
        return Err(wrong(format!("its playlist lists `{name}`, which is no file beside it")));
    }
    // RFC 8216, 4.3.3.1: rounded to whole seconds, no segment is longer. ffmpeg rounds a half down.
    if let Some(long) = playlist.segments.iter().find(|one| one.length > playlist.target + Rational::of(1, 2)) {
        return Err(wrong(format!("its segment `{}` is longer than the target duration", long.file)));
    }
    match (encrypted, playlist.encrypted) {
        (true, false) => Err(wrong("its segments are not encrypted")),
        (false, true) => Err(wrong("its segments are encrypted and should not be")),
        _ => Ok(()),
    }
}

/// Checks that the listed files are there, each with content and large enough for its ranges.
fn check_files(folder: &Path, playlist: &Playlist, encrypted: bool) -> Result<BTreeSet<String>, Cause> {
    let mut listed = BTreeSet::new();
    for segment in &playlist.segments {
        let (name, size) = (&segment.file, present(&folder.join(&segment.file))?);
        let length = segment.range.map_or(size, |range| range.length);
        if encrypted && !length.is_multiple_of(BLOCK as u64) {
            return Err(wrong(format!("`{name}` is not made of whole cipher blocks")));
        }
        match segment.range {
            Some(range) if range.start.saturating_add(range.length) > size => {
                return Err(wrong(format!("`{name}` ends before the ranges that its playlist lists")));
            }
            None if listed.contains(name) => return Err(wrong(format!("its playlist lists `{name}` twice"))),
            _ => {}
        }
        listed.insert(name.clone());
    }
    if let Some((name, _)) = &playlist.initialisation {
        present(&folder.join(name))?;
        listed.insert(name.clone());
    }
    Ok(listed)
}

/// Checks that a folder holds no file that nothing lists.
pub(super) fn check_nothing_else(folder: &Path, listed: &BTreeSet<String>) -> Result<(), Cause> {
    let entries = std::fs::read_dir(folder).map_err(|_| wrong("its folder cannot be read"))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    match names.into_iter().find(|name| !listed.contains(name)) {
        Some(name) => Err(wrong(format!("`{name}` is not in its playlist"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENCRYPTED: &str = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"https://k/get?a=1\"\n#EXTINF:2.000000,\n\
                             a0.ts\n#EXTINF:1.5,\na1.ts\n#EXT-X-ENDLIST\n";

    #[test]
    fn a_playlist_is_read() {
        let playlist = parse(ENCRYPTED).expect("a playlist");
        let lengths: Vec<Rational> = playlist.segments.iter().map(|segment| segment.length).collect();
        assert_eq!((lengths, playlist.target), (vec![Rational::of(2, 1), Rational::of(3, 2)], Rational::of(2, 1)));
        assert!(playlist.ended && playlist.encrypted);
        let numbered = ENCRYPTED.replace("#EXT-X-KEY", "#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY");
        assert_eq!(parse(&numbered).expect("a playlist").vectors().collect::<Vec<_>>(), [7, 8]);
        let ranged =
            "#EXTM3U\n#EXT-X-MAP:URI=\"v.mp4\",BYTERANGE=\"800@0\"\n#EXTINF:2,\n#EXT-X-BYTERANGE:20@800\nv.mp4\n";
        let playlist = parse(ranged).expect("a playlist");
        assert_eq!(playlist.initialisation, Some(("v.mp4".into(), Some(Range { length: 800, start: 0 }))));
        assert_eq!(playlist.segments[0].range, Some(Range { length: 20, start: 800 }));
    }

    #[test]
    fn playlists_that_must_not_be_published_are_recognised() {
        let reason = |text: &str, encrypted| {
            parse(text).and_then(|playlist| check_playlist(&playlist, "v.m3u8", encrypted)).expect_err("wrong").reason
        };
        assert!(reason("", false).contains("none"));
        assert!(reason("#EXTM3U\n#EXT-X-ENDLIST\n", false).contains("no segment"));
        assert!(reason("#EXTM3U\n#EXTINF:2,\na.ts\n", false).contains("end mark"));
        assert!(reason("#EXTM3U\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n", false).contains("target duration"));
        assert!(reason("#EXTM3U\na.ts\n#EXT-X-ENDLIST\n", false).contains("without length"));
        assert!(reason("#EXTM3U\n#EXT-X-BYTERANGE:12\n#EXTINF:2,\na.ts\n", false).contains("range that is none"));
        assert!(reason("#EXTM3U\n#EXTINF:2,\n../a.ts\n#EXT-X-ENDLIST\n", false).contains("no file beside"));
        assert!(
            reason("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n", true)
                .contains("not encrypted")
        );
        assert!(reason(ENCRYPTED, false).contains("should not be"));
        let half = ENCRYPTED.replace("#EXTINF:1.5", "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1.5");
        assert!(reason(&half, true).contains("not encrypted"));
        // A section below the key would have to be encrypted, and would need a vector of its own.
        let below = ENCRYPTED.replacen("#EXTINF", "#EXT-X-MAP:URI=\"i.mp4\"\n#EXTINF", 1);
        assert!(reason(&below, true).contains("not encrypted"));
        let vector = ENCRYPTED.replace("a=1\"", "a=1\",IV=0x9");
        assert!(reason(&vector, true).contains("not encrypted"));
    }
}
