//! Verifies a playlist of ours and its segments: complete, nothing missing or left over, readable with the key.

use super::cause::Cause;
use super::master::Rates;
use super::verify::{Surroundings, Verified, check_length, present, streams, wrong};
use crate::physical::{Artifact, Expectation, ExpectedTrack};
use crate::probe::list_playlist;
use crate::units::Rational;
use std::collections::BTreeSet;
use std::path::Path;

/// What a playlist says.
#[derive(Debug, PartialEq)]
pub(super) struct Playlist {
    pub segments: Vec<Segment>,
    /// Seconds that no segment exceeds, rounded.
    pub target: Rational,
    initialisation: Option<String>,
    ended: bool,
    /// Whether every segment stands below a key.
    encrypted: bool,
}

/// One segment as its playlist has it.
#[derive(Debug, PartialEq)]
pub(super) struct Segment {
    pub file: String,
    pub length: Rational,
    /// Bytes and where they start, of a segment that is a part of its file.
    range: Option<(u64, u64)>,
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
    let (text, playlist) = read(&folder, file)?;
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
    let private = around.work.join(format!("verify_{}.m3u8", artifact.id.0));
    std::fs::write(&private, rewritten(&text, &artifact.name, around.key.as_deref()))
        .map_err(|error| super::material::storage("the playlist for verification", &error))?;
    let listing = list_playlist(around.tools, &private, bytes).map_err(|error| wrong(error.to_string()))?;
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
        Some((bytes, _)) => Ok(bytes),
        None => present(&folder.join(&segment.file)),
    };
    playlist.segments.iter().map(size).collect()
}

fn parse(text: &str) -> Result<Playlist, Cause> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines.next() != Some("#EXTM3U") {
        return Err(wrong("its playlist is none"));
    }
    let mut playlist =
        Playlist { segments: Vec::new(), target: Rational::ZERO, initialisation: None, ended: false, encrypted: true };
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
            key = attributes.contains("METHOD=AES-128") && attributes.contains("URI=\"");
        } else if let Some(attributes) = line.strip_prefix("#EXT-X-MAP:") {
            playlist.initialisation = attributes.split('"').nth(1).map(str::to_owned);
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

/// `96444@0`: bytes and where they start.
fn byte_range(words: &str) -> Option<(u64, u64)> {
    let (bytes, start) = words.split_once('@')?;
    Some((bytes.parse().ok()?, start.parse().ok()?))
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
    if let Some(name) = names.chain(&playlist.initialisation).find(|name| !plain(name)) {
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
        if encrypted && !size.is_multiple_of(16) {
            return Err(wrong(format!("`{name}` is not made of whole cipher blocks")));
        }
        match segment.range {
            Some((bytes, start)) if start.saturating_add(bytes) > size => {
                return Err(wrong(format!("`{name}` ends before the ranges that its playlist lists")));
            }
            None if listed.contains(name) => return Err(wrong(format!("its playlist lists `{name}` twice"))),
            _ => {}
        }
        listed.insert(name.clone());
    }
    if let Some(name) = &playlist.initialisation {
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

/// The playlist as it looks from the work folder, with our key file in the place of the key service.
fn rewritten(text: &str, folder: &str, key: Option<&str>) -> String {
    let uri = |line: &str, replace: &dyn Fn(&str) -> String| {
        let parts: Vec<&str> = line.splitn(3, '"').collect();
        match parts[..] {
            [before, uri, after] => format!("{before}\"{}\"{after}", replace(uri)),
            _ => line.to_owned(),
        }
    };
    let line = |line: &str| match line {
        line if line.starts_with("#EXT-X-KEY:") => uri(line, &|_| key.unwrap_or("no-key").to_owned()),
        line if line.starts_with("#EXT-X-MAP:") => uri(line, &|name| format!("{folder}/{name}")),
        line if line.starts_with('#') || line.trim().is_empty() => line.to_owned(),
        name => format!("{folder}/{name}"),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENCRYPTED: &str = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"https://k/get?a=1\",IV=0x0\n#EXTINF:2.000000,\n\
                             a0.ts\n#EXTINF:1.5,\na1.ts\n#EXT-X-ENDLIST\n";

    #[test]
    fn a_playlist_is_read_and_looked_at_from_outside() {
        let playlist = parse(ENCRYPTED).expect("a playlist");
        let lengths: Vec<Rational> = playlist.segments.iter().map(|segment| segment.length).collect();
        assert_eq!((lengths, playlist.target), (vec![Rational::of(2, 1), Rational::of(3, 2)], Rational::of(2, 1)));
        assert!(playlist.ended && playlist.encrypted);
        let private = rewritten(ENCRYPTED, "o3", Some("key_3.bin"));
        assert!(private.contains("URI=\"key_3.bin\",IV=0x0\n") && private.contains("\no3/a1.ts\n"), "{private}");
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
    }
}
