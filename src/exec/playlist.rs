//! Verifies a playlist of ours and its segments: complete, nothing missing or left over, readable with the key.

use super::cause::Cause;
use super::verify::{Surroundings, Verified, check_length, present, streams, wrong};
use crate::physical::{Artifact, Expectation};
use crate::probe::list_playlist;
use crate::units::Rational;
use std::collections::BTreeSet;
use std::path::Path;

/// What a playlist says.
#[derive(Debug, PartialEq)]
struct Playlist {
    segments: Vec<String>,
    length: Rational,
    initialisation: Option<String>,
    ended: bool,
    /// Whether every segment stands below a key.
    encrypted: bool,
}

/// Verifies the folder of a segmented output.
pub(super) fn verify(around: &Surroundings<'_>, artifact: &Artifact) -> Result<Verified, Cause> {
    let Expectation::Playlist { file, video, audio, encrypted, .. } = &artifact.expect else {
        return Err(wrong("it is no playlist"));
    };
    let folder = around.work.join(&artifact.name);
    present(&folder.join(file))?;
    let text = std::fs::read_to_string(folder.join(file)).map_err(|_| wrong(format!("`{file}` cannot be read")))?;
    let playlist = parse(&text)?;
    check_playlist(&playlist, file, *encrypted)?;
    let bytes = check_files(&folder, file, &playlist, *encrypted)?;
    let planned = [video.as_ref().map(|video| video.duration), audio.as_ref().map(|audio| audio.duration)];
    let longest = planned.iter().flatten().max().map_or(Rational::ZERO, |duration| duration.seconds());
    let frame = video.as_ref().and_then(|video| video.rate).map_or(Rational::ZERO, |rate| rate.frame_duration());
    let short = check_length("segments", playlist.length, longest, Rational::of(2, 1) * frame, around.damaged)?;
    let private = around.work.join(format!("verify_{}.m3u8", artifact.id.0));
    std::fs::write(&private, rewritten(&text, &artifact.name, around.key.as_deref()))
        .map_err(|error| super::material::storage("the playlist for verification", &error))?;
    let listing = list_playlist(around.tools, &private, bytes).map_err(|error| wrong(error.to_string()))?;
    let mut verified = streams(&listing, bytes, video.as_ref(), audio.as_ref(), around.damaged)?;
    verified.shortfall = verified.shortfall.or(short);
    verified.media.segments = Some(playlist.segments.len() as u32);
    Ok(verified)
}

fn parse(text: &str) -> Result<Playlist, Cause> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines.next() != Some("#EXTM3U") {
        return Err(wrong("its playlist is none"));
    }
    let mut playlist =
        Playlist { segments: Vec::new(), length: Rational::ZERO, initialisation: None, ended: false, encrypted: true };
    let mut key = false;
    for line in lines {
        if let Some(length) = line.strip_prefix("#EXTINF:") {
            let number = length.split(',').next().unwrap_or("").trim();
            playlist.length =
                playlist.length + number.parse().map_err(|_| wrong("its playlist has a segment without length"))?;
        } else if let Some(attributes) = line.strip_prefix("#EXT-X-KEY:") {
            key = attributes.contains("METHOD=AES-128") && attributes.contains("URI=\"");
        } else if let Some(attributes) = line.strip_prefix("#EXT-X-MAP:") {
            playlist.initialisation = attributes.split('"').nth(1).map(str::to_owned);
        } else if line == "#EXT-X-ENDLIST" {
            playlist.ended = true;
        } else if !line.starts_with('#') {
            playlist.encrypted &= key;
            playlist.segments.push(line.to_owned());
        }
    }
    playlist.encrypted &= !playlist.segments.is_empty();
    Ok(playlist)
}

fn check_playlist(playlist: &Playlist, file: &str, encrypted: bool) -> Result<(), Cause> {
    if !playlist.ended {
        return Err(wrong("its playlist has no end mark"));
    }
    if playlist.segments.is_empty() {
        return Err(wrong("its playlist lists no segment"));
    }
    let plain = |name: &&String| !name.contains(['/', ':', '%', '?']) && name.as_str() != file;
    if let Some(name) = playlist.segments.iter().chain(&playlist.initialisation).find(|name| !plain(name)) {
        return Err(wrong(format!("its playlist lists `{name}`, which is no file beside it")));
    }
    match (encrypted, playlist.encrypted) {
        (true, false) => Err(wrong("its segments are not encrypted")),
        (false, true) => Err(wrong("its segments are encrypted and should not be")),
        _ => Ok(()),
    }
}

/// Checks that exactly the listed files are there, each with content; gives their bytes.
fn check_files(folder: &Path, file: &str, playlist: &Playlist, encrypted: bool) -> Result<u64, Cause> {
    let mut listed: BTreeSet<&str> = BTreeSet::from([file]);
    let mut bytes = 0;
    for name in playlist.segments.iter().chain(&playlist.initialisation) {
        let size = present(&folder.join(name))?;
        let is_segment = Some(name) != playlist.initialisation.as_ref();
        if encrypted && is_segment && !size.is_multiple_of(16) {
            return Err(wrong(format!("`{name}` is not made of whole cipher blocks")));
        }
        if !listed.insert(name) {
            return Err(wrong(format!("its playlist lists `{name}` twice")));
        }
        bytes += size;
    }
    let entries = std::fs::read_dir(folder).map_err(|_| wrong("its folder cannot be read"))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !listed.contains(name.as_str()) {
            return Err(wrong(format!("`{name}` is not in its playlist")));
        }
    }
    Ok(bytes)
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

    const ENCRYPTED: &str = "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"https://k/get?a=1\",IV=0x0\n#EXTINF:2.000000,\n\
                             a0.ts\n#EXTINF:1.5,\na1.ts\n#EXT-X-ENDLIST\n";

    #[test]
    fn a_playlist_is_read_and_looked_at_from_outside() {
        let playlist = parse(ENCRYPTED).expect("a playlist");
        assert_eq!((playlist.segments.len(), playlist.length), (2, Rational::of(7, 2)));
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
        assert!(reason("#EXTM3U\n#EXTINF:2,\n../a.ts\n#EXT-X-ENDLIST\n", false).contains("no file beside"));
        assert!(reason("#EXTM3U\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n", true).contains("not encrypted"));
        assert!(reason(ENCRYPTED, false).contains("should not be"));
        let half = ENCRYPTED.replace("#EXTINF:1.5", "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1.5");
        assert!(reason(&half, true).contains("not encrypted"));
    }
}
