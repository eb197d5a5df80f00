//! What both forms of the API say, under whatever names: states, addresses, streams, moments.

use super::Flow;
use super::code::{Streams, api_code, event_codes};
use crate::catalog::template::Every;
use crate::exec::outcome::{OutputOutcome, OutputState};
use crate::media::Rotation;
use crate::plan::{Moments, OutputKind, OutputSpec};
use crate::units::{Rational, Timestamp};
use serde_json::{Map, Value};

/// How an output is encrypted, as far as everybody may know it (`vod.md` C.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// How people call the encryption template.
    pub label: String,
    /// The address that players ask for the key.
    pub key_url: String,
    /// Name of the key manager.
    pub key_source: Option<String>,
    /// The key's public name.
    pub key_id: String,
}

/// An output that the API speaks of: what was asked, and what became of it.
#[derive(Clone, Copy)]
pub(super) struct SubTask<'a> {
    pub flow: &'a Flow<'a>,
    pub asked: &'a OutputSpec,
    pub made: &'a OutputOutcome,
}

/// The streams of a file.
pub(super) struct Tracks {
    pub video: Vec<VideoTrack>,
    pub audio: Vec<AudioTrack>,
}

/// A video stream.
pub(super) struct VideoTrack {
    pub bitrate: u64,
    pub height: u32,
    pub width: u32,
    pub codec: String,
    pub fps: u64,
}

/// An audio stream.
pub(super) struct AudioTrack {
    pub bitrate: u64,
    pub sample_rate: u32,
    pub codec: String,
}

impl<'a> Flow<'a> {
    /// The sub-tasks of the processing stage. What was left out on purpose is absent, and reviews are another stage.
    pub(super) fn sub_tasks(&'a self) -> impl Iterator<Item = SubTask<'a>> {
        let pairs = self.outputs.iter().zip(&self.outcome.outputs);
        pairs
            .filter(|(asked, made)| made.state != OutputState::Skipped && asked.kind != OutputKind::AiReview)
            .map(|(asked, made)| SubTask { flow: self, asked, made })
    }

    /// The sub-tasks of a kind that were done.
    pub(super) fn done(&'a self, kind: OutputKind) -> impl Iterator<Item = SubTask<'a>> {
        self.sub_tasks().filter(move |task| task.asked.kind == kind && task.is_done())
    }

    /// The address of a visible file.
    pub(super) fn url(&self, path: &str) -> String {
        match self.base_url.trim_end_matches('/') {
            "" => path.to_owned(),
            base => format!("{base}/{}", encoded(path)),
        }
    }

    /// Bits per second of the source.
    pub(super) fn bitrate(&self) -> u64 {
        self.outcome.source.bitrate.unwrap_or(0)
    }

    /// The largest sides of all pictures of the source, as coded.
    pub(super) fn sides(&self) -> (u32, u32) {
        let sizes = || self.facts.video.iter().map(|video| video.coded_size);
        (sizes().map(|size| size.width).max().unwrap_or(0), sizes().map(|size| size.height).max().unwrap_or(0))
    }

    /// Degrees by which players turn the source clockwise.
    pub(super) fn rotation(&self) -> u32 {
        match self.facts.video.first().map_or(Rotation::None, |video| video.rotation) {
            Rotation::None => 0,
            Rotation::Quarter => 90,
            Rotation::Half => 180,
            Rotation::ThreeQuarters => 270,
        }
    }

    /// The streams of the source.
    pub(super) fn source_tracks(&self) -> Tracks {
        let video = self.facts.video.iter().map(|video| VideoTrack {
            bitrate: video.bitrate.map_or(0, |bitrate| bitrate.0),
            height: video.coded_size.height,
            width: video.coded_size.width,
            codec: video.codec.clone(),
            fps: u64::try_from(video.rate.per_second().round()).unwrap_or(0),
        });
        let audio = self.facts.audio.iter().map(|audio| AudioTrack {
            bitrate: audio.bitrate.map_or(0, |bitrate| bitrate.0),
            sample_rate: audio.sample_rate.0,
            codec: audio.codec.clone(),
        });
        Tracks { video: video.collect(), audio: audio.collect() }
    }
}

impl SubTask<'_> {
    /// Whether it is a success.
    pub(super) fn is_done(&self) -> bool {
        self.made.state == OutputState::Done
    }

    /// `SUCCESS` or `FAIL`; what was given up has failed.
    pub(super) fn status(&self) -> &'static str {
        if self.is_done() { "SUCCESS" } else { "FAIL" }
    }

    /// `errCode` of v2 and `ErrCode` of v3; nought for a success.
    pub(super) fn error_codes(&self) -> (i32, i32) {
        if self.is_done() { (0, 0) } else { event_codes(self.made.code.as_deref().unwrap_or_default()) }
    }

    /// What is said of it: a sentence, our code, and the number of E.7.
    pub(super) fn message(&self) -> String {
        if self.is_done() {
            return "SUCCESS".to_owned();
        }
        let code = self.made.code.as_deref().unwrap_or_default();
        let number = api_code(code, self.asked.kind, Streams::of(self.flow.facts));
        format!("{} ({code}, {number})", self.made.reason.as_deref().unwrap_or("it failed"))
    }

    /// The template's id; nought for a template that has only a name.
    pub(super) fn definition(&self) -> u64 {
        self.asked.definition.map_or(0, |id| id.0)
    }

    /// The template's name, if it has no id.
    pub(super) fn name(&self) -> Option<&str> {
        self.asked.definition.is_none().then_some(self.asked.label.as_str())
    }

    /// The ids of the marks on it that have one.
    pub(super) fn marks(&self) -> Vec<u64> {
        self.asked.marks.iter().filter_map(|label| label.parse().ok()).collect()
    }

    /// The visible files that people open, with their addresses; the rest of a package is not listed.
    pub(super) fn urls(&self) -> Vec<String> {
        let shown = self.asked.paths.iter().filter(|path| !path.as_str().ends_with(".vtt"));
        shown.map(|path| self.flow.url(path.as_str())).collect()
    }

    /// The address of the file that stands for it.
    pub(super) fn url(&self) -> String {
        self.urls().into_iter().next().unwrap_or_default()
    }

    /// The address of a sprite's index.
    pub(super) fn index_url(&self) -> Option<String> {
        let index = self.asked.paths.iter().find(|path| path.as_str().ends_with(".vtt"));
        index.map(|path| self.flow.url(path.as_str()))
    }

    /// Bytes of all its files; of a segmented output playlists and segments together.
    pub(super) fn size(&self) -> u64 {
        self.made.files.iter().map(|file| file.size).sum()
    }

    /// Bytes of the file that stands for it alone: v2 counts the playlist of a segmented output by itself.
    pub(super) fn shown_size(&self) -> u64 {
        let shown = self.asked.paths.first().map(|path| path.as_str());
        self.made.files.iter().find(|file| Some(file.path.as_str()) == shown).map_or(0, |file| file.size)
    }

    /// MD5 of the file that stands for it.
    pub(super) fn digest(&self) -> Option<&str> {
        let path = self.asked.paths.first()?;
        self.flow.digests.files.get(path.as_str()).map(String::as_str)
    }

    /// Names of the demuxers that read it.
    pub(super) fn container(&self) -> &'static str {
        match self.ending() {
            "mp4" | "m4a" | "mov" => "mov,mp4,m4a,3gp,3g2,mj2",
            "m3u8" => "hls",
            "mpd" => "dash",
            "flv" => "flv",
            "mp3" => "mp3",
            "flac" => "flac",
            "ogg" => "ogg",
            "wav" => "wav",
            "gif" => "gif",
            "webp" => "webp",
            _ => "",
        }
    }

    fn ending(&self) -> &str {
        let path = self.asked.paths.first().map_or("", |path| path.file_name());
        path.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// `HLS` or `DASH`.
    pub(super) fn package(&self) -> &'static str {
        if self.ending() == "mpd" { "DASH" } else { "HLS" }
    }

    pub(super) fn width(&self) -> u32 {
        self.made.media.as_ref().and_then(|media| media.width).unwrap_or(0)
    }

    pub(super) fn height(&self) -> u32 {
        self.made.media.as_ref().and_then(|media| media.height).unwrap_or(0)
    }

    /// Seconds.
    pub(super) fn duration(&self) -> f64 {
        self.made.media.as_ref().and_then(|media| media.duration).unwrap_or(0.0)
    }

    /// Bits per second.
    pub(super) fn bitrate(&self) -> u64 {
        self.made.media.as_ref().and_then(|media| media.bitrate).unwrap_or(0)
    }

    /// Cells of a sprite, on all sheets together (`vod.md` C.5).
    pub(super) fn cells(&self) -> u32 {
        self.made.media.as_ref().and_then(|media| media.pictures).unwrap_or(0)
    }

    /// Its streams, as they were found.
    pub(super) fn tracks(&self) -> Tracks {
        let Some(media) = &self.made.media else { return Tracks { video: Vec::new(), audio: Vec::new() } };
        let stated = media.frame_rate.as_ref().and_then(|rate| rate.parse::<Rational>().ok()).map(Rational::to_f64);
        let counted = media.frames.zip(media.duration.filter(|seconds| *seconds > 0.0));
        let fps = stated.or(counted.map(|(frames, seconds)| frames as f64 / seconds)).unwrap_or(0.0);
        let video = media.video_codec.as_ref().map(|codec| VideoTrack {
            bitrate: media.video_bitrate.unwrap_or(0),
            height: self.height(),
            width: self.width(),
            codec: codec.clone(),
            fps: fps.round() as u64,
        });
        let audio = media.audio_codec.as_ref().map(|codec| AudioTrack {
            bitrate: media.audio_bitrate.unwrap_or(0),
            sample_rate: media.sample_rate.unwrap_or(0),
            codec: codec.clone(),
        });
        Tracks { video: video.into_iter().collect(), audio: audio.into_iter().collect() }
    }

    /// The moments that were asked for one by one.
    pub(super) fn times(&self) -> &[Timestamp] {
        match &self.asked.moments {
            Moments::At(times) => times,
            _ => &[],
        }
    }

    /// Start and end of the part that was asked for.
    pub(super) fn part(&self) -> Option<(Timestamp, Timestamp)> {
        match self.asked.moments {
            Moments::Between(from, to) => Some((from, to)),
            _ => None,
        }
    }

    /// `Percent` or `Time`, and how many per cent or seconds lie between two samples.
    pub(super) fn sampling(&self) -> (&'static str, f64) {
        match self.asked.moments {
            Moments::Every(Every::Percent(share)) => ("Percent", share.of(Rational::of(100, 1)).to_f64()),
            Moments::Every(Every::Duration(distance)) => ("Time", distance.seconds().to_f64()),
            _ => ("", 0.0),
        }
    }

    /// How it is encrypted.
    pub(super) fn protection(&self) -> Option<&Protection> {
        self.flow.protections.get(&self.asked.id)
    }
}

/// A moment in whole milliseconds.
pub(super) fn milliseconds(time: Timestamp) -> u64 {
    u64::try_from((time.0 * Rational::of(1000, 1)).round()).unwrap_or(0)
}

/// A number that is written without a fraction when it has none.
pub(super) fn plain(number: f64) -> Value {
    let rounded = (number * 1000.0).round() / 1000.0;
    if rounded.fract() == 0.0 { Value::from(rounded as i64) } else { Value::from(rounded) }
}

/// An object without members that are not known.
pub(super) fn known<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let there = members.into_iter().filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A path as part of an address (RFC 3986): what is not plain is written in hexadecimal.
fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(one).collect()
}

/// Seconds since 1970 as ISO 8601, `2026-11-22T21:18:58Z`.
pub(super) fn iso_time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March, in eras of 400 years, so that the leap day is the last of a year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates() {
        assert_eq!(iso_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso_time(951_782_400 + 86_399), "2000-02-29T23:59:59Z");
        assert_eq!(iso_time(1_798_761_600), "2027-01-01T00:00:00Z");
    }

    #[test]
    fn addresses_are_plain() {
        assert_eq!(encoded("sample/高 1%.jpg"), "sample/%E9%AB%98%201%25.jpg");
    }
}
