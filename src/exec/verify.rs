//! Whether an artefact is what the plan says (`reliability.md` R14): exit codes prove nothing.

use super::cause::{Cause, CauseClass};
use super::outcome::MediaRecord;
use super::{animation, package, pictures, playlist, sheets, statistics};
use crate::diag::codes;
use crate::physical::{Artifact, Expectation, ExpectedAudio, ExpectedVideo, RawPictures};
use crate::probe::{Listing, StreamEntry, Tools, codec_name, heard, list_ours};
use crate::store::ContentKey;
use crate::units::{Rational, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a verification needs beside the expectation.
pub(super) struct Surroundings<'a> {
    /// The programs.
    pub tools: &'a Tools,
    /// The work folder.
    pub work: &'a Path,
    /// Whether the source itself is known to be damaged: then less than planned is no loss of ours (R15).
    pub damaged: bool,
    /// The key of encrypted segments.
    pub key: Option<&'a ContentKey>,
    /// Names of the codecs that the job read, in its order.
    pub codecs: Vec<Option<String>>,
}

impl Surroundings<'_> {
    /// Names of all codecs as manifests have them, if all are known.
    pub fn codecs(&self) -> Option<String> {
        let names = self.codecs.iter().cloned().collect::<Option<Vec<_>>>()?;
        (!names.is_empty()).then(|| names.join(","))
    }
}

/// What was found in an artefact that is right.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Verified {
    /// Facts for people and programs.
    pub media: MediaRecord,
    /// How much less there is than planned, because the source is damaged.
    pub shortfall: Option<String>,
    /// Name of the codec for manifests, of an elementary stream that has one.
    pub codec: Option<String>,
}

/// The artefact's facts, or why it must not be published.
pub(super) fn verify(around: &Surroundings<'_>, artifact: &Artifact) -> Result<Verified, Cause> {
    match &artifact.expect {
        Expectation::Streams { video, audio } => {
            let path = around.work.join(&artifact.name);
            let size = present(&path)?;
            let listing = list_ours(around.tools, &path).map_err(|error| wrong(error.to_string()))?;
            let mut verified = streams(&listing, size, video.as_ref(), audio.as_ref(), around.damaged)?;
            verified.codec = codec_name(&path);
            Ok(verified)
        }
        Expectation::Statistics { frames, .. } => statistics::verify(around, &artifact.name, *frames),
        Expectation::Package { .. } => package::verify(around, artifact),
        Expectation::Master => present(&around.work.join(&artifact.name)).map(|_| Verified::default()),
        Expectation::Playlist { .. } => playlist::verify(around, artifact),
        Expectation::Pictures { count, size, format } => {
            pictures::verify(around.work, &artifact.name, *count, *size, *format)
        }
        Expectation::Animation { .. } => animation::verify(around, artifact),
        Expectation::SheetIndex(index) => sheets::verify(around.work, &artifact.name, index),
        Expectation::Raw(raw) => check_raw(present(&around.work.join(&artifact.name))?, raw),
    }
}

/// The cause for an artefact that is not what it should be.
pub(super) fn wrong(reason: impl Into<String>) -> Cause {
    Cause::new(CauseClass::Wrong, &codes::VERIFY_FAILED, reason)
}

/// All pictures must be there: the process that reads them knows each by its number.
fn check_raw(bytes: u64, raw: &RawPictures) -> Result<Verified, Cause> {
    let planned = raw.bytes().unwrap_or(0);
    if bytes == planned {
        return Ok(Verified::default());
    }
    Err(wrong(format!("its {} pictures have {bytes} bytes, {planned} were planned", raw.count)))
}

/// The size of a file that is there and holds something.
pub(super) fn present(path: &Path) -> Result<u64, Cause> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() > 0 => Ok(metadata.len()),
        Ok(metadata) if metadata.is_file() => Err(wrong(format!("`{name}` is empty"))),
        _ => Err(wrong(format!("`{name}` was not written"))),
    }
}

/// Checks the streams of a listing against those expected.
pub(super) fn streams(
    listing: &Listing,
    bytes: u64,
    video: Option<&ExpectedVideo>,
    audio: Option<&ExpectedAudio>,
    damaged: bool,
) -> Result<Verified, Cause> {
    let mut verified = Verified::default();
    let mut shortfalls = Vec::new();
    let picture = exactly(listing, "video", u32::from(video.is_some()))?.first().copied();
    if let (Some(entry), Some(expected)) = (picture, video) {
        shortfalls.extend(check_video(entry, expected, damaged)?);
        shortfalls.extend(check_end(listing, entry, expected, damaged)?);
        verified.media.width = entry.fields.read("width");
        verified.media.height = entry.fields.read("height");
        verified.media.video_codec = entry.fields.text("codec_name").map(str::to_owned);
        verified.media.video_bitrate = entry.fields.read("bit_rate");
        verified.media.frames = Some(entry.packets.ticks.len() as u64);
    }
    let tracks = exactly(listing, "audio", audio.map_or(0, |sound| sound.tracks))?;
    for (entry, expected) in tracks.iter().skip(1).zip(audio.into_iter().cycle()) {
        check_sound(entry, expected)?;
    }
    if let (Some(entry), Some(expected)) = (tracks.first(), audio) {
        shortfalls.extend(check_audio(entry, expected, damaged)?);
        verified.media.audio_bitrate = entry.fields.read("bit_rate");
        verified.media.sample_rate = entry.fields.read("sample_rate");
        verified.media.audio_codec = entry.fields.text("codec_name").map(str::to_owned);
    }
    let seconds = length(listing).to_f64();
    verified.media.duration = Some(seconds);
    verified.media.bitrate = (seconds > 0.0).then(|| (bytes as f64 * 8.0 / seconds).round() as u64);
    verified.shortfall = (!shortfalls.is_empty()).then(|| shortfalls.join(", "));
    Ok(verified)
}

/// The streams of a type, of which there must be so many.
fn exactly<'a>(listing: &'a Listing, kind: &str, wanted: u32) -> Result<Vec<&'a StreamEntry>, Cause> {
    let is = |entry: &&StreamEntry| entry.fields.text("codec_type") == Some(kind);
    let found: Vec<_> = listing.streams.values().filter(is).collect();
    match (found.len(), wanted as usize) {
        (there, wanted) if there == wanted => Ok(found),
        (0, _) => Err(wrong(format!("it has no {kind} stream"))),
        (_, 0) => Err(wrong(format!("it has a {kind} stream that was not planned"))),
        (_, 1) => Err(wrong(format!("it has more than one {kind} stream"))),
        (there, wanted) => Err(wrong(format!("it has {there} {kind} streams, {wanted} were planned"))),
    }
}

fn check_video(entry: &StreamEntry, expected: &ExpectedVideo, damaged: bool) -> Result<Option<String>, Cause> {
    check_codec(entry, expected.codec.stream_name())?;
    let size = (entry.fields.read("width"), entry.fields.read("height"));
    if size != (Some(expected.size.width), Some(expected.size.height)) {
        let number = |side: Option<u32>| side.map_or("?".to_owned(), |side| side.to_string());
        return Err(wrong(format!("its pictures are {}x{}, not {}", number(size.0), number(size.1), expected.size)));
    }
    let frames = entry.packets.ticks.len() as u64;
    let off = frames.abs_diff(expected.frames);
    if off > (expected.frames / 200).max(2) {
        let words = format!("it has {frames} pictures, {} were planned", expected.frames);
        return short(words, frames > 0 && frames < expected.frames && damaged);
    }
    // At a variable rate the last picture is shown for as long as the container says, which is seen at the end of the
    // whole file; a private one does not say it. Of the packets no more can be asked than that all are there.
    if expected.rate.is_none() && off == 0 {
        return Ok(None);
    }
    let start = entry.packets.ticks.iter().min().copied().unwrap_or(0);
    let length = entry.seconds(entry.packets.end.unwrap_or(start)) - entry.seconds(start);
    let frame = expected.rate.map_or(Rational::ZERO, |rate| rate.frame_duration());
    check_length("pictures", length, expected.duration.seconds(), Rational::of(2, 1) * frame, damaged)
}

/// Whether the container says how long the last picture of a variable rate is shown. The length of the track itself is
/// counted in times of decoding, so only the file's tells; with sound beside, or where decoding starts early, that may
/// be longer. Too short is what a loss looks like.
fn check_end(
    listing: &Listing,
    entry: &StreamEntry,
    expected: &ExpectedVideo,
    damaged: bool,
) -> Result<Option<String>, Cause> {
    if !expected.says_its_end || entry.packets.ticks.len() as u64 != expected.frames {
        return Ok(None);
    }
    let planned = expected.duration.seconds();
    let whole: Rational = listing.format.read("duration").unwrap_or(Rational::ZERO);
    check_length("pictures", whole.min(planned), planned, Rational::ZERO, damaged)
}

fn check_audio(entry: &StreamEntry, expected: &ExpectedAudio, damaged: bool) -> Result<Option<String>, Cause> {
    check_sound(entry, expected)?;
    let codec = expected.codec.stream_name();
    let length = heard(entry, codec, expected.sample_rate.0).map_or(Rational::ZERO, |(start, end)| end - start);
    check_length("sound", length, expected.duration.seconds(), Rational::ZERO, damaged)
}

/// Codec, rate and channels of a track.
fn check_sound(entry: &StreamEntry, expected: &ExpectedAudio) -> Result<(), Cause> {
    check_codec(entry, expected.codec.stream_name())?;
    let found = (entry.fields.read("sample_rate").unwrap_or(0), entry.fields.read("channels").unwrap_or(0));
    if found == (expected.sample_rate.0, expected.channels) {
        return Ok(());
    }
    let words = format!("its sound has {} Hz and {} channels, not", found.0, found.1);
    Err(wrong(format!("{words} {} Hz and {}", expected.sample_rate, expected.channels)))
}

fn check_codec(entry: &StreamEntry, codec: &str) -> Result<(), Cause> {
    let found = entry.fields.text("codec_name").unwrap_or("unknown");
    if found == codec { Ok(()) } else { Err(wrong(format!("it is coded as {found}, not {codec}"))) }
}

/// Whether a length is the planned one, give or take 0.5 %, a tenth of a second, or `slack` if that is more.
pub(super) fn check_length(
    what: &str,
    found: Rational,
    planned: Rational,
    slack: Rational,
    damaged: bool,
) -> Result<Option<String>, Cause> {
    let tolerance = slack.max(planned * Rational::of(1, 200)).max(Rational::of(1, 10));
    let off = if found > planned { found - planned } else { planned - found };
    if off <= tolerance {
        return Ok(None);
    }
    let words = format!("its {what} last {}, {} were planned", Timestamp(found), Timestamp(planned));
    short(words, damaged && found > Rational::ZERO && found < planned)
}

/// A loss is a failure, unless the source is to blame.
pub(super) fn short(words: String, excused: bool) -> Result<Option<String>, Cause> {
    if excused { Ok(Some(words)) } else { Err(wrong(words)) }
}

/// From the first to the last moment of any stream.
fn length(listing: &Listing) -> Rational {
    let spans = listing.streams.values().filter_map(|entry| {
        let start = entry.packets.ticks.iter().min()?;
        Some((entry.seconds(*start), entry.seconds(entry.packets.end?)))
    });
    let (mut first, mut last) = (None::<Rational>, None::<Rational>);
    for (start, end) in spans {
        first = Some(first.map_or(start, |known| known.min(start)));
        last = last.max(Some(end));
    }
    match (first, last) {
        (Some(first), Some(last)) => last - first,
        _ => Rational::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::template::{AudioCodec, VideoCodec};
    use crate::physical::ArtifactId;
    use crate::plan::SpecKey;
    use crate::units::{Duration, FrameRate, Frequency, Resolution};
    use std::process::Command;

    fn video(codec: VideoCodec) -> Option<ExpectedVideo> {
        let (rate, duration) = (FrameRate::from_integer(25), Duration::from_millis(3000));
        Some(ExpectedVideo {
            codec,
            size: Resolution::new(160, 90),
            rate: Some(rate),
            frames: 75,
            duration,
            says_its_end: false,
        })
    }

    fn audio(codec: AudioCodec) -> Option<ExpectedAudio> {
        let (sample_rate, duration) = (Frequency(48000), Duration::from_millis(3000));
        Some(ExpectedAudio { codec, sample_rate, channels: 1, duration, tracks: 1 })
    }

    /// Makes three seconds with these arguments and verifies them.
    fn made(arguments: &str, name: &str, expect: Expectation) -> Result<Verified, Cause> {
        let folder = tempfile::tempdir().expect("a folder");
        if let Expectation::Playlist { .. } = &expect {
            std::fs::create_dir(folder.path().join(name)).expect("creates");
        }
        let tools = Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
        let status = Command::new(&tools.ffmpeg)
            .current_dir(folder.path())
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=3", "-f", "lavfi"])
            .args(["-i", "sine=r=48000:d=3", "-pix_fmt", "yuv420p"])
            .args(arguments.split_whitespace())
            .status();
        assert!(status.expect("ffmpeg starts").success(), "{arguments}");
        let artifact = Artifact { id: ArtifactId(0), key: SpecKey("k".into()), name: name.into(), part: None, expect };
        verify(
            &Surroundings { tools: &tools, work: folder.path(), damaged: false, key: None, codecs: Vec::new() },
            &artifact,
        )
    }

    #[test]
    fn every_container_that_is_right_passes() {
        let (h264, aac) = (video(VideoCodec::H264), audio(AudioCodec::Aac));
        let x264 = "-c:v libx264 -preset ultrafast -g 50";
        for (arguments, name, video, audio) in [
            (format!("{x264} -c:a aac"), "o.mp4", h264.clone(), aac.clone()),
            (format!("{x264} -bf 3 -c:a libmp3lame"), "o.flv", h264.clone(), audio(AudioCodec::Mp3)),
            (format!("{x264} -an"), "v.mp4", h264.clone(), None),
            (
                "-c:v libx265 -preset ultrafast -x265-params log-level=none -an".into(),
                "h.mp4",
                video(VideoCodec::H265),
                None,
            ),
            ("-vn -c:a aac".into(), "o.m4a", None, aac.clone()),
            ("-vn -c:a libmp3lame".into(), "o.mp3", None, audio(AudioCodec::Mp3)),
            ("-vn -c:a flac".into(), "o.flac", None, audio(AudioCodec::Flac)),
            ("-vn -c:a libopus".into(), "o.ogg", None, audio(AudioCodec::Opus)),
            ("-vn -c:a pcm_s16le".into(), "o.wav", None, audio(AudioCodec::Pcm16)),
        ] {
            let verified = made(&format!("{arguments} {name}"), name, Expectation::Streams { video, audio });
            let media = verified.unwrap_or_else(|cause| panic!("{name}: {}", cause.reason)).media;
            assert!(media.duration.is_some_and(|seconds| (seconds - 3.0).abs() < 0.1), "{name}: {media:?}");
        }
        for kind in ["mpegts", "fmp4"] {
            let arguments =
                format!("{x264} -c:a aac -f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type {kind} o/v.m3u8");
            let segment = Duration::from_millis(2000);
            let (video, audio) = (h264.clone(), aac.clone());
            let expect = Expectation::Playlist { file: "v.m3u8".into(), video, audio, segment, encrypted: false };
            let verified = made(&arguments, "o", expect);
            assert_eq!(verified.unwrap_or_else(|cause| panic!("{kind}: {}", cause.reason)).media.segments, Some(2));
        }
    }

    #[test]
    fn streams_that_were_not_planned_so_are_named() {
        let reason = |arguments: &str, video, audio| {
            made(arguments, "o.mp4", Expectation::Streams { video, audio }).expect_err("wrong").reason
        };
        let (h264, aac) = (video(VideoCodec::H264), audio(AudioCodec::Aac));
        let both = "-c:v libx264 -preset ultrafast -c:a aac o.mp4";
        assert!(reason(both, h264.clone(), None).contains("audio stream that was not planned"));
        assert!(reason(both, video(VideoCodec::H265), aac.clone()).contains("coded as h264, not hevc"));
        assert!(reason("-vn -c:a aac o.mp4", h264.clone(), aac.clone()).contains("no video stream"));
        assert!(
            reason("-c:v libx264 -t 2 -an o.mp4", h264.clone(), None).contains("it has 50 pictures, 75 were planned")
        );
        assert!(reason("-c:v libx264 -s 80x46 -an o.mp4", h264, None).contains("80x46, not 160x90"));
        assert!(reason("-vn -c:a aac -t 2 o.mp4", None, aac.clone()).contains("sound last 2s, 3s were planned"));
        assert!(reason("-vn -c:a aac -ac 2 o.mp4", None, aac).contains("2 channels"));
    }
}
