//! Source facts as text: one line per stream, for cases, bug reports and plans of sources that are not at hand.
//!
//! ```text
//! video 0 h264 1920x1080 25/1 yuv420p 60s sar=64/45 rot=90 interlaced hdr start=0.5 vfr
//! audio 1 aac 48000 stereo 60s start=0.5
//! ```
//!
//! Behind the words that every stream has come those that are seldom needed, in any order: `sar=` `rot=` (clockwise)
//! `start=` (seconds) `bitrate=` `interlaced` `vfr`, one of `bt709` `bt601` `bt2020` `hdr` `hlg`, and `full` for full
//! range; `profile=` `level=` `keys=` (a keyframe at every so many pictures), `mastering=` and `light=` (MaxCLL, MaxFALL);
//! `preferred`, and of sound `language=`. A line `file matroska 7500000` says the
//! container and how many bytes the file has.
//! Printing and parsing are inverse for all facts that these words can say; what they cannot say (names of files and tracks, real
//! time stamps of variable rates, keyframes at unequal distances) is not printed.

use super::{AudioFacts, ColourFacts, ContentHash, FrameTicks, FrameTimes, Rotation, SourceFacts, VideoFacts};
use crate::units::{Bitrate, Bytes, FrameRate, Frequency, Rational, Resolution, Timestamp};
use std::fmt::Write;
use std::str::FromStr;

/// More pictures than a day at 120 a second: a text that asks for them is a mistake.
const MOST_PICTURES: u64 = 24 * 60 * 60 * 120;

/// Channels with a name.
const LAYOUTS: [(&str, u8); 4] = [("mono", 1), ("stereo", 2), ("5.1", 6), ("7.1", 8)];

/// Words for colour, with matrix, primaries and transfer curve.
const COLOURS: [(&str, [&str; 3]); 5] = [
    ("bt709", ["bt709", "bt709", "bt709"]),
    ("bt601", ["smpte170m", "smpte170m", "smpte170m"]),
    ("bt2020", ["bt2020nc", "bt2020", "bt2020-10"]),
    ("hdr", ["bt2020nc", "bt2020", "smpte2084"]),
    ("hlg", ["bt2020nc", "bt2020", "arib-std-b67"]),
];

/// Facts that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("facts, line {line}: {message}")]
pub struct FactsTextError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

type Read<T> = Result<T, String>;

impl FromStr for SourceFacts {
    type Err = FactsTextError;

    /// Reads one line per stream; empty lines and those that start with `#` say nothing. The file itself is made up.
    fn from_str(text: &str) -> Result<Self, FactsTextError> {
        let mut facts = SourceFacts {
            name: "clip.mp4".into(),
            identity: ContentHash("assumed".into()),
            container: "mov,mp4,m4a,3gp,3g2,mj2".into(),
            size: Bytes(0),
            video: Vec::new(),
            audio: Vec::new(),
            attached_pictures: 0,
            damage: Vec::new(),
        };
        for (at, line) in text.lines().map(str::trim).enumerate() {
            if !line.is_empty() && !line.starts_with('#') {
                stream(line, &mut facts).map_err(|message| FactsTextError { line: at + 1, message })?;
            }
        }
        Ok(facts)
    }
}

/// The streams of a source as text, one a line.
pub fn facts_text(facts: &SourceFacts) -> String {
    let mut lines: Vec<(u32, String)> = Vec::new();
    lines.extend(facts.video.iter().map(|video| (video.index, video_line(video))));
    lines.extend(facts.audio.iter().map(|audio| (audio.index, audio_line(audio))));
    lines.sort();
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

fn stream(line: &str, facts: &mut SourceFacts) -> Read<()> {
    let mut words = line.split_whitespace();
    let kind = words.next().unwrap_or_default();
    if kind == "file" {
        let (container, bytes) = (words.next().and_then(name), words.next().and_then(|word| word.parse().ok()));
        let wrong = "`file` needs a demuxer and a number of bytes";
        (facts.container, facts.size) = (container.ok_or(wrong)?, Bytes(bytes.ok_or(wrong)?));
        return Ok(());
    }
    let mut words = Words { kind: kind.to_owned(), rest: words.map(str::to_owned).collect() };
    let index: u32 = words.take("an index", |word| word.parse().ok())?;
    let taken = facts
        .video
        .iter()
        .map(|video| video.index)
        .chain(facts.audio.iter().map(|audio| audio.index))
        .collect::<Vec<_>>();
    if taken.contains(&index) {
        return Err(format!("there is a stream {index} already"));
    }
    match kind {
        "video" => facts.video.push(video(index, words)?),
        "audio" => facts.audio.push(audio(index, words)?),
        other => return Err(format!("`{other}` is no kind of stream; `video` and `audio` are")),
    }
    Ok(())
}

/// The words of a line that are not read yet.
struct Words {
    kind: String,
    rest: Vec<String>,
}

impl Words {
    /// The next word, which must be there.
    fn take<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        if self.rest.is_empty() {
            return Err(format!("`{}` lacks {what}", self.kind));
        }
        let word = self.rest.remove(0);
        read(&word).ok_or_else(|| format!("`{word}` is not {what}"))
    }

    /// Whether a word stands anywhere.
    fn flag(&mut self, flag: &str) -> bool {
        let at = self.rest.iter().position(|word| word == flag);
        at.map(|at| self.rest.remove(at)).is_some()
    }

    /// The value of `key=value`, wherever it stands.
    fn option<T>(&mut self, key: &str, what: &str, read: impl Fn(&str) -> Option<T>) -> Read<Option<T>> {
        let value = |word: &String| word.strip_prefix(key)?.strip_prefix('=').map(str::to_owned);
        let Some((at, value)) = self.rest.iter().enumerate().find_map(|(at, word)| Some((at, value(word)?))) else {
            return Ok(None);
        };
        self.rest.remove(at);
        read(&value).map(Some).ok_or_else(|| format!("`{value}` is not {what}"))
    }

    fn finish(self) -> Read<()> {
        match self.rest.first() {
            Some(word) => Err(format!("`{}` takes no `{word}`", self.kind)),
            None => Ok(()),
        }
    }
}

fn video(index: u32, mut words: Words) -> Read<VideoFacts> {
    let codec = words.take("a codec", name)?;
    let coded_size = words.take("a size such as `1920x1080`", size)?;
    let rate = words.take("a rate such as `25/1`", |word| word.parse().ok().and_then(FrameRate::new))?;
    let pixel_format = words.take("a pixel format", name)?;
    let length = words.take("a length such as `60s`", length)?;
    let sample_aspect = words.option("sar", "an aspect above zero", above_zero)?.unwrap_or(Rational::ONE);
    let rotation = words.option("rot", "an angle of 0, 90, 180 or 270", rotation)?.unwrap_or(Rotation::None);
    let start = words.option("start", "a time in seconds", number)?.unwrap_or(Rational::ZERO);
    let bitrate = words.option("bitrate", "a bitrate such as `800k`", bitrate)?;
    let profile = words.option("profile", "a profile such as `High`", name)?;
    let level = words.option("level", "a whole number", |word| word.parse().ok())?;
    let keys = words.option("keys", "a number of pictures above zero", |word| word.parse().ok().filter(|n| *n > 0))?;
    let frames = if words.flag("vfr") { uneven(rate, length, start) } else { even(rate, length, start) };
    let frames = frames.ok_or("there are too many pictures")?;
    let facts = VideoFacts {
        index,
        codec,
        profile,
        level,
        keyframes: keys.map_or(Vec::new(), |step: usize| (0..frames.count()).step_by(step).collect()),
        coded_size,
        sample_aspect,
        rotation,
        rate,
        pixel_format,
        interlaced: words.flag("interlaced"),
        preferred: words.flag("preferred"),
        colour: colour(&mut words),
        mastering: words
            .option("mastering", "a screen such as `G(1,2)B(1,2)R(1,2)WP(1,2)L(2,1)`", |word| word.parse().ok())?,
        light: words.option("light", "a pair such as `1000,200`", |word| word.parse().ok())?,
        frames,
        orphans: words.option("orphans", "a number of pictures", |word| word.parse().ok())?.unwrap_or(0),
        bitrate,
    };
    words.finish()?;
    Ok(facts)
}

fn audio(index: u32, mut words: Words) -> Read<AudioFacts> {
    let codec = words.take("a codec", name)?;
    let sample_rate = words.take("a sampling rate", |word| word.parse().ok().filter(|rate| *rate > 0))?;
    let channels = words.take("`mono`, `stereo`, `5.1`, `7.1` or a number such as `3ch`", channels)?;
    let length = words.take("a length such as `60s`", length)?;
    let start = words.option("start", "a time in seconds", number)?.unwrap_or(Rational::ZERO);
    let bitrate = words.option("bitrate", "a bitrate such as `800k`", bitrate)?;
    let profile = words.option("profile", "a profile such as `LC`", name)?;
    let preferred = words.flag("preferred");
    let language = words.option("language", "a language such as `deu`", language)?;
    words.finish()?;
    let end = Timestamp(start + length);
    Ok(AudioFacts {
        index,
        codec,
        profile,
        sample_rate: Frequency(sample_rate),
        channels,
        start: Timestamp(start),
        end,
        bitrate,
        preferred,
        language,
        title: None,
    })
}

fn colour(words: &mut Words) -> ColourFacts {
    let said = COLOURS.iter().find(|(word, _)| words.flag(word)).map(|(_, names)| names.map(str::to_owned));
    let range = words.flag("full").then(|| "pc".to_owned());
    match said {
        Some([matrix, primaries, transfer]) => {
            ColourFacts { matrix: Some(matrix), primaries: Some(primaries), transfer: Some(transfer), range }
        }
        None => ColourFacts { range, ..ColourFacts::default() },
    }
}

fn pictures(rate: FrameRate, length: Rational) -> Option<u64> {
    let count = u64::try_from((length * rate.per_second()).round()).ok()?.max(1);
    (count <= MOST_PICTURES).then_some(count)
}

/// Pictures at equal distances. The tick is a whole part of a picture, so that the start is a whole number of ticks.
fn even(rate: FrameRate, length: Rational, start: Rational) -> Option<FrameTimes> {
    let count = pictures(rate, length)?;
    let first = start * rate.per_second();
    let step = i64::try_from(first.denominator()).ok()?;
    let time_base = rate.frame_duration() * Rational::of(1, step);
    let ticks = FrameTicks::Regular { first: i64::try_from(first.numerator()).ok()?, step, count };
    Some(FrameTimes { time_base, ticks, last_duration: step })
}

/// The same number of pictures in the same time, every second one half a picture late.
fn uneven(rate: FrameRate, length: Rational, start: Rational) -> Option<FrameTimes> {
    let FrameTimes { time_base, ticks: FrameTicks::Regular { first, step, count }, .. } = even(rate, length, start)?
    else {
        return None;
    };
    let (first, step) = (first.checked_mul(2)?, step.checked_mul(2)?);
    let last = first.checked_add(step.checked_mul(i64::try_from(count).ok()?)?)?;
    let late = |index: u64| if index % 2 == 1 { step / 2 } else { 0 };
    let ticks: Vec<i64> = (0..count).map(|index| first + step * index as i64 + late(index)).collect();
    let end = last - ticks.last()?;
    Some(FrameTimes { time_base: time_base * Rational::of(1, 2), ticks: FrameTicks::Listed(ticks), last_duration: end })
}

fn name(word: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    word.chars().all(fits).then(|| word.to_owned())
}

/// Three letters of ISO 639-2.
fn language(word: &str) -> Option<String> {
    (word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| word.to_owned())
}

fn size(word: &str) -> Option<Resolution> {
    let (width, height) = word.split_once('x')?;
    Some(Resolution::new(width.parse().ok()?, height.parse().ok()?)).filter(|size| size.pixels() > 0)
}

fn length(word: &str) -> Option<Rational> {
    above_zero(word.strip_suffix('s')?)
}

fn number(word: &str) -> Option<Rational> {
    word.parse().ok()
}

fn above_zero(word: &str) -> Option<Rational> {
    number(word).filter(|number| *number > Rational::ZERO)
}

fn rotation(word: &str) -> Option<Rotation> {
    word.parse().ok().filter(|degrees| [0, 90, 180, 270].contains(degrees)).map(Rotation::from_degrees)
}

fn bitrate(word: &str) -> Option<Bitrate> {
    match word.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1000).map(Bitrate),
        None => word.parse().ok().map(Bitrate),
    }
}

fn channels(word: &str) -> Option<u8> {
    let named = LAYOUTS.iter().find(|(layout, _)| *layout == word).map(|(_, channels)| *channels);
    named.or_else(|| word.strip_suffix("ch")?.parse().ok().filter(|channels| *channels > 0))
}

/// A line under construction. Writing to a String cannot fail.
struct Line(String);

impl Line {
    fn option(&mut self, key: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            let _ = write!(self.0, " {key}={value}");
        }
    }

    fn flag(&mut self, flag: &str, set: bool) {
        if set {
            let _ = write!(self.0, " {flag}");
        }
    }
}

fn video_line(video: &VideoFacts) -> String {
    let (rate, start) = (video.rate.per_second(), video.start().0);
    let mut line = Line(format!(
        "video {} {} {} {}/{} {} {}s",
        video.index,
        video.codec,
        video.coded_size,
        rate.numerator(),
        rate.denominator(),
        video.pixel_format,
        video.end().0 - start
    ));
    line.option("sar", Some(video.sample_aspect).filter(|aspect| *aspect != Rational::ONE));
    let angle = match video.rotation {
        Rotation::None => None,
        Rotation::Quarter => Some(90),
        Rotation::Half => Some(180),
        Rotation::ThreeQuarters => Some(270),
    };
    line.option("rot", angle);
    line.flag("interlaced", video.interlaced);
    line.flag("preferred", video.preferred);
    let tags = &video.colour;
    let said = [&tags.matrix, &tags.primaries, &tags.transfer].map(|tag| tag.as_deref().unwrap_or_default());
    for (word, names) in COLOURS {
        line.flag(word, said == names);
    }
    line.flag("full", tags.range.as_deref() == Some("pc"));
    line.option("start", Some(start).filter(|start| *start != Rational::ZERO));
    line.flag("vfr", matches!(video.frames.ticks, FrameTicks::Listed(_)));
    line.option("bitrate", video.bitrate);
    line.option("orphans", (video.orphans > 0).then_some(video.orphans));
    line.option("profile", video.profile.as_deref().and_then(name));
    line.option("level", video.level);
    line.option("keys", key_distance(video));
    line.option("mastering", video.mastering);
    line.option("light", video.light);
    line.0
}

fn audio_line(audio: &AudioFacts) -> String {
    let named = LAYOUTS.iter().find(|(_, channels)| *channels == audio.channels).map(|(layout, _)| *layout);
    let channels = named.map_or_else(|| format!("{}ch", audio.channels), str::to_owned);
    let (start, length) = (audio.start.0, audio.end.0 - audio.start.0);
    let mut line = Line(format!("audio {} {} {} {channels} {length}s", audio.index, audio.codec, audio.sample_rate));
    line.option("start", Some(start).filter(|start| *start != Rational::ZERO));
    line.option("bitrate", audio.bitrate);
    line.option("profile", audio.profile.as_deref().and_then(name));
    line.flag("preferred", audio.preferred);
    line.option("language", audio.language.as_deref().and_then(language));
    line.0
}

/// The distance of keyframes where it is always the same.
fn key_distance(video: &VideoFacts) -> Option<u64> {
    let keys = &video.keyframes;
    let step = keys.get(1).copied().or_else(|| (keys.as_slice() == [0]).then(|| video.frames.count()))?;
    keys.iter().copied().eq((0..video.frames.count()).step_by(usize::try_from(step).ok()?)).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> SourceFacts {
        text.parse().expect(text)
    }

    fn said(text: &str) -> String {
        text.parse::<SourceFacts>().expect_err(text).to_string()
    }

    #[test]
    fn facts_are_printed_as_they_are_read() {
        for text in [
            "video 0 h264 1920x1080 25/1 yuv420p 60s\naudio 1 aac 48000 stereo 60s\n",
            "video 0 hevc 720x576 25/1 yuv420p10le 4s sar=64/45 rot=270 interlaced hdr full start=1/2 vfr bitrate=800k\n",
            "video 0 hevc 640x360 25/1 yuv420p10le 4s hdr mastering=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50) light=1000,200\n",
            "video 3 mpeg2video 1920x1080 30000/1001 yuv420p 1001/30s bt709 start=-7/5\n",
            "video 0 h264 1280x720 25/1 yuv420p 4s bitrate=800k profile=High level=31 keys=50\naudio 1 aac 48000 mono 4s profile=LC\n",
            "audio 0 flac 44100 3ch 61/2s start=23/1000 bitrate=64001\naudio 1 aac 48000 5.1 1s preferred language=deu\n",
        ] {
            assert_eq!(facts_text(&read(text)), text);
            assert_eq!(read(&facts_text(&read(text))), read(text));
        }
    }

    #[test]
    fn pictures_lie_where_the_words_say() {
        let facts = read("# film\n\nvideo 0 h264 64x64 24/1 yuv420p 2.5s start=0.51");
        let video = &facts.video[0];
        assert_eq!(
            (video.frames.count(), video.start().0, video.end().0.to_string()),
            (60, Rational::of(51, 100), "301/100".into())
        );
        assert_eq!(video.frames.constant_rate(), Some(FrameRate::from_integer(24)));
        let uneven = &read("video 0 h264 64x64 25/1 yuv420p 2s vfr").video[0].frames;
        assert_eq!((uneven.count(), uneven.constant_rate(), uneven.end_time().to_string()), (50, None, "2s".into()));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        assert_eq!(said("\nsubtitle 0 srt"), "facts, line 2: `subtitle` is no kind of stream; `video` and `audio` are");
        assert_eq!(said("video 0 h264 1920x"), "facts, line 1: `1920x` is not a size such as `1920x1080`");
        assert_eq!(said("audio 0 aac 48000 stereo"), "facts, line 1: `audio` lacks a length such as `60s`");
        assert_eq!(said("audio 0 aac 48000 stereo 1s loud"), "facts, line 1: `audio` takes no `loud`");
        assert_eq!(
            said("audio 0 aac 8000 mono 1s\naudio 0 aac 8000 mono 1s"),
            "facts, line 2: there is a stream 0 already"
        );
        assert_eq!(
            said("video 0 h264 64x64 25/1 yuv420p 1s rot=45"),
            "facts, line 1: `45` is not an angle of 0, 90, 180 or 270"
        );
        assert_eq!(said("video 0 h264 64x64 25/1 yuv420p 99999999999s"), "facts, line 1: there are too many pictures");
    }
}
