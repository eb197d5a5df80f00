//! Finishes an adaptive package after its process: names, the master playlist, and whether all of it is right.

use super::cause::Cause;
use super::dash::{self, Index, Kind, Representation};
use super::master::{Choice, Rates, as_address, master_text};
use super::outcome::{MediaRecord, SubStream};
use super::packed;
use super::playlist::{self, check_nothing_else};
use super::seal::Seal;
use super::verify::{Surroundings, Verified, check_length, present, streams, wrong};
use crate::catalog::template::AdaptiveFormat;
use crate::physical::{AdaptiveWork, Artifact, ArtifactId, Expectation, ExpectedTrack, MANIFEST_NAME};
use crate::probe::list_ours;
use crate::units::Rational;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// Encrypts a segmented output, if it has a seal.
pub(super) fn finish_rendition(work: &Path, artifact: &Artifact, seal: Option<&Seal>) -> Result<(), Cause> {
    match (&artifact.expect, seal) {
        (Expectation::Playlist { file, .. }, Some(seal)) => seal.apply(&work.join(&artifact.name), file),
        _ => Ok(()),
    }
}

/// Gives files their visible names, encrypts them if there is a seal, and writes the manifest over them. `codecs` are
/// the names of the codecs of the elementary streams.
pub(super) fn finish(
    work: &Path,
    package: &AdaptiveWork,
    artifact: &Artifact,
    codecs: &BTreeMap<ArtifactId, String>,
    seal: Option<&Seal>,
) -> Result<(), Cause> {
    let folder = work.join(&artifact.name);
    let Expectation::Package { tracks: expected, .. } = &artifact.expect else {
        return Err(wrong("it is no package"));
    };
    let rename = |ours: &str, visible: &str| match std::fs::rename(folder.join(ours), folder.join(visible)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(wrong(format!("`{visible}` was not written"))),
        Err(error) => Err(super::material::storage(visible, &error)),
        Ok(()) => Ok(()),
    };
    if package.format == AdaptiveFormat::Dash {
        // The muxer's own manifest is not used.
        let _ = std::fs::remove_file(folder.join(MANIFEST_NAME));
        for (at, track) in package.tracks.iter().enumerate() {
            rename(&format!("track_{at}.mp4"), &track.file)?;
        }
        return write(&folder, &package.manifest, &dash_manifest(&folder, package, expected, codecs)?);
    }
    for (track, expected) in package.tracks.iter().zip(expected) {
        rename(&format!("{}.m3u8", track.name), &track.file)?;
        if package.segments.packs_sound() && expected.video.is_none() {
            packed::pack(&folder, &track.file)?;
        }
        // Before the rates are taken: the padding is delivered too.
        seal.map_or(Ok(()), |seal| seal.apply(&folder, &track.file))?;
    }
    let mut choices = Vec::new();
    for variant in &package.variants {
        let chosen: Vec<usize> = std::iter::once(variant.track).chain(variant.sound).collect();
        let mut choice = Choice {
            uri: as_address(&package.tracks[variant.track].file),
            rates: Rates::default(),
            codecs: Vec::new(),
            size: None,
            rate: None,
            sound: variant.sound.map(|sound| as_address(&package.tracks[sound].file)),
        };
        for at in chosen {
            let (track, expected) = (&package.tracks[at], &expected[at]);
            choice.rates = choice.rates.plus(rates(&folder, &track.file)?);
            for id in [track.video, track.audio].into_iter().flatten() {
                choice.codecs.push(codec(codecs, id)?);
            }
            let picture = expected.video.as_ref();
            choice.size = choice.size.or(picture.map(|video| (video.size.width, video.size.height)));
            choice.rate = choice.rate.or(picture.and_then(|video| video.rate));
        }
        choices.push(choice);
    }
    write(&folder, &package.manifest, &master_text(&choices, &["#EXT-X-INDEPENDENT-SEGMENTS"]))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Cause> {
    std::fs::write(folder.join(name), text).map_err(|error| super::material::storage(name, &error))
}

fn codec(codecs: &BTreeMap<ArtifactId, String>, id: ArtifactId) -> Result<String, Cause> {
    codecs.get(&id).cloned().ok_or_else(|| wrong("the codec of a track is not known"))
}

fn dash_manifest(
    folder: &Path,
    package: &AdaptiveWork,
    expected: &[ExpectedTrack],
    codecs: &BTreeMap<ArtifactId, String>,
) -> Result<String, Cause> {
    let mut tracks = Vec::new();
    for (track, expected) in package.tracks.iter().zip(expected) {
        let kind = match (&expected.video, &expected.audio) {
            (Some(video), _) => Kind::Picture(video.size, video.rate),
            (None, Some(audio)) => Kind::Sound(audio.sample_rate, audio.channels),
            (None, None) => continue,
        };
        let Some(id) = track.video.or(track.audio) else { continue };
        let index = Index::of(&folder.join(&track.file))?;
        tracks.push(Representation { file: track.file.clone(), codec: codec(codecs, id)?, index, kind });
    }
    Ok(dash::manifest(&tracks))
}

/// Bit rates of a playlist's segments.
fn rates(folder: &Path, file: &str) -> Result<Rates, Cause> {
    let (_, playlist) = playlist::read(folder, file)?;
    let sizes = playlist::sizes(folder, &playlist)?;
    let segments: Vec<_> = playlist.segments.iter().map(|segment| segment.length).zip(sizes).collect();
    Ok(Rates::of(&segments, playlist.target))
}

/// Verifies the folder of a package: every track by itself, all on one grid, listed, and nothing else there.
pub(super) fn verify(around: &Surroundings<'_>, artifact: &Artifact) -> Result<Verified, Cause> {
    let Expectation::Package { format, file, tracks, encrypted } = &artifact.expect else {
        return Err(wrong("it is no package"));
    };
    let folder = around.work.join(&artifact.name);
    present(&folder.join(file))?;
    let manifest = std::fs::read_to_string(folder.join(file)).map_err(|_| wrong(format!("`{file}` cannot be read")))?;
    let mut listed = BTreeSet::from([file.clone()]);
    let mut found = Vec::new();
    let mut grid: Option<(String, Vec<Rational>)> = None;
    for expected in tracks {
        let named = |cause: Cause| Cause { reason: format!("`{}`: {}", expected.file, cause.reason), ..cause };
        let verified = match format {
            AdaptiveFormat::Hls => {
                let track = playlist::track(around, artifact, expected, *encrypted).map_err(named)?;
                listed.extend(track.files);
                if expected.video.is_some() {
                    check_grid(&mut grid, expected, track.lengths)?;
                }
                track.verified
            }
            AdaptiveFormat::Dash => {
                let (verified, lengths) = media_file(around, &folder, expected).map_err(named)?;
                if expected.video.is_some() {
                    check_grid(&mut grid, expected, lengths)?;
                }
                verified
            }
        };
        if !lists(&manifest, *format, &expected.file) {
            return Err(wrong(format!("`{}` is not in its manifest", expected.file)));
        }
        listed.insert(expected.file.clone());
        found.push((expected, verified));
    }
    check_nothing_else(&folder, &listed)?;
    if *format == AdaptiveFormat::Dash {
        check_dash(&manifest, &found, around.damaged)?;
    }
    Ok(joined(&folder, found))
}

/// Pictures of all rungs are cut at the same times; half a picture is what rounding in playlists may take.
fn check_grid(
    grid: &mut Option<(String, Vec<Rational>)>,
    expected: &ExpectedTrack,
    lengths: Vec<Rational>,
) -> Result<(), Cause> {
    let Some((first, known)) = grid else {
        *grid = Some((expected.file.clone(), lengths));
        return Ok(());
    };
    let slack = expected.video.as_ref().and_then(|video| video.rate).map(|rate| rate.frame_duration());
    let slack = slack.unwrap_or(Rational::ZERO) * Rational::of(1, 2);
    let apart = |(a, b): (&Rational, &Rational)| if a > b { *a - *b > slack } else { *b - *a > slack };
    if known.len() != lengths.len() || known.iter().zip(&lengths).any(apart) {
        return Err(wrong(format!("`{}` is cut at other times than `{first}`", expected.file)));
    }
    Ok(())
}

/// A media file, and the lengths of its segments.
fn media_file(
    around: &Surroundings<'_>,
    folder: &Path,
    expected: &ExpectedTrack,
) -> Result<(Verified, Vec<Rational>), Cause> {
    let path = folder.join(&expected.file);
    let size = present(&path)?;
    let index = Index::of(&path)?;
    let bytes: u64 = index.segments.iter().map(|(_, bytes)| bytes).sum();
    if index.at.0 + index.at.1 + bytes > size {
        return Err(wrong("it ends before the segments of its index"));
    }
    let listing = list_ours(around.tools, &path).map_err(|error| wrong(error.to_string()))?;
    let mut verified = streams(&listing, size, expected.video.as_ref(), expected.audio.as_ref(), around.damaged)?;
    verified.media.segments = Some(index.segments.len() as u32);
    Ok((verified, index.segments.into_iter().map(|(seconds, _)| seconds).collect()))
}

fn lists(manifest: &str, format: AdaptiveFormat, file: &str) -> bool {
    let address = as_address(file);
    match format {
        AdaptiveFormat::Hls => {
            let attribute = format!("URI=\"{address}\"");
            manifest.lines().any(|line| line == address || line.contains(&attribute))
        }
        AdaptiveFormat::Dash => manifest.contains(&format!("<BaseURL>{}</BaseURL>", dash::escaped(&address))),
    }
}

/// The manifest of a recording that is over, and as long as its tracks.
fn check_dash(manifest: &str, found: &[(&ExpectedTrack, Verified)], damaged: bool) -> Result<(), Cause> {
    if !manifest.contains("type=\"static\"") || !manifest.trim_end().ends_with("</MPD>") {
        return Err(wrong("its manifest is not complete"));
    }
    let planned = found.iter().flat_map(|(track, _)| {
        [track.video.as_ref().map(|one| one.duration), track.audio.as_ref().map(|one| one.duration)]
    });
    let planned = planned.flatten().max().map_or(Rational::ZERO, |duration| duration.seconds());
    let said = attribute(manifest, "mediaPresentationDuration").and_then(iso_seconds);
    let said = said.ok_or_else(|| wrong("its manifest has no duration"))?;
    check_length("tracks", said, planned, Rational::ZERO, damaged).map(|_| ())
}

fn attribute<'a>(manifest: &'a str, name: &str) -> Option<&'a str> {
    manifest.split_once(&format!("{name}=\""))?.1.split('"').next()
}

/// Seconds of `PT1H2M3.5S`.
fn iso_seconds(text: &str) -> Option<Rational> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = Rational::ZERO;
    while let Some(at) = rest.find(['H', 'M', 'S']) {
        let unit = match rest.as_bytes()[at] {
            b'H' => 3600,
            b'M' => 60,
            _ => 1,
        };
        seconds = seconds + rest[..at].parse::<Rational>().ok()? * Rational::from_integer(unit);
        rest = &rest[at + 1..];
    }
    rest.is_empty().then_some(seconds)
}

/// The facts of a package: those of its largest picture, and one line for each track.
fn joined(folder: &Path, found: Vec<(&ExpectedTrack, Verified)>) -> Verified {
    let media = |verified: &Verified| verified.media.clone();
    let largest = found.iter().max_by_key(|(_, one)| one.media.height.unwrap_or(0)).map(|(_, one)| media(one));
    let sound = found.iter().find_map(|(_, one)| one.media.audio_codec.clone());
    let shortfall = found.iter().find_map(|(_, one)| one.shortfall.clone());
    let sub_streams = found.iter().map(|(track, one)| SubStream {
        kind: if track.video.is_some() { "video" } else { "audio" }.to_owned(),
        file: track.file.clone(),
        width: one.media.width,
        height: one.media.height,
        bitrate: one.media.bitrate,
        size: track_bytes(folder, track, &one.media),
    });
    let sub_streams = sub_streams.collect();
    let largest = largest.unwrap_or_default();
    let media = MediaRecord { audio_codec: largest.audio_codec.clone().or(sound), sub_streams, ..largest };
    Verified { media, shortfall, codec: None }
}

/// Bytes of a track's media.
fn track_bytes(folder: &Path, track: &ExpectedTrack, media: &MediaRecord) -> u64 {
    if !track.file.ends_with(".m3u8") {
        return std::fs::metadata(folder.join(&track.file)).map_or(0, |metadata| metadata.len());
    }
    (media.bitrate.unwrap_or(0) as f64 / 8.0 * media.duration.unwrap_or(0.0)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_manifests_are_read() {
        let seconds = |text| iso_seconds(text).map(|seconds| seconds.to_f64());
        assert_eq!(seconds("PT13.0S"), Some(13.0));
        assert_eq!(seconds("PT1H2M3.5S"), Some(3723.5));
        assert_eq!(seconds("13"), None);
        assert_eq!(seconds("PTxS"), None);
    }

    #[test]
    fn rungs_that_are_cut_elsewhere_are_found() {
        let track = ExpectedTrack { file: "a.m3u8".into(), video: None, audio: None };
        let lengths = |seconds: &[i64]| seconds.iter().map(|one| Rational::of(*one, 1)).collect::<Vec<_>>();
        let mut grid = None;
        assert!(check_grid(&mut grid, &track, lengths(&[6, 6, 1])).is_ok());
        assert!(check_grid(&mut grid, &track, lengths(&[6, 6, 1])).is_ok());
        assert!(check_grid(&mut grid, &track, lengths(&[6, 5, 2])).is_err());
        assert!(check_grid(&mut grid, &track, lengths(&[6, 7])).is_err());
    }
}
