//! A media file into `SourceFacts`: what the container declares, corrected by the packets that are there.

use super::listing::{Fields, ListError, StreamEntry, list_foreign};
use super::mastering::mastering;
use super::{Listing, Tools, sniff, tools};
use crate::diag::{Code, Diagnostic, Message, codes, message};
use crate::limits::Limits;
use crate::media::{AudioFacts, ColourFacts, ContentHash, FrameTimes, Rotation, SourceFacts, VideoFacts};
use crate::units::{Bitrate, Bytes, Duration, FrameRate, Frequency, Rational, Resolution, Timestamp};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What is known about the file at `path`, unless it exceeds the usual limits.
pub fn source(tools: &Tools, path: &Path) -> Result<SourceFacts, Diagnostic> {
    source_with_limits(tools, path, &Limits::default())
}

/// The same with limits of the caller's.
pub fn source_with_limits(tools: &Tools, path: &Path, limits: &Limits) -> Result<SourceFacts, Diagnostic> {
    let file = sniff::open(path)?;
    let size = file.metadata().map_err(|error| sniff::cannot_open(path, &error))?.len();
    if size > limits.source_bytes {
        let (size, most) = (Bytes(size).to_string(), Bytes(limits.source_bytes).to_string());
        let message = message!("`{}` has {}; the limit is {}", path.display(), size, most);
        return Err(Diagnostic::new(&codes::SOURCE_LIMIT, message).with_help(raise("source-bytes")));
    }
    let mut nameless = None;
    let listing = match list_foreign(tools, path, size, limits) {
        Err(ListError::NotAllowed) => {
            nameless = Nameless::of(path).ok();
            list_foreign(tools, nameless.as_ref().map_or(path, |link| &link.path), size, limits)
        }
        listed => listed,
    };
    let listing = listing.map_err(|error| describe(path, &error))?;
    let read = nameless.as_ref().map_or(path, |link| &link.path);
    let identity = content_hash(file).map_err(|error| sniff::cannot_open(path, &error))?;
    let mut facts = assemble(&listing, path, identity, size);
    for video in facts.video.iter_mut().filter(|video| video.is_hdr()) {
        (video.mastering, video.light) = mastering(tools, read, video.index, limits);
    }
    check_limits(&facts, limits)?;
    if facts.video.is_empty() && facts.audio.is_empty() {
        let message = message!("`{}` has neither pictures nor sound that can be read", path.display());
        return Err(Diagnostic::new(&codes::SOURCE_NOT_MEDIA, message));
    }
    Ok(facts)
}

/// A file under a name that says nothing: for ffprobe, one called `a%d.jpg` is a series of pictures, whatever is in it.
struct Nameless {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Nameless {
    fn of(path: &Path) -> io::Result<Nameless> {
        let folder = tempfile::tempdir()?;
        let link = folder.path().join("source");
        std::os::unix::fs::symlink(std::path::absolute(path)?, &link)?;
        Ok(Nameless { path: link, _folder: folder })
    }
}

/// What to do about a limit that a sound source exceeds.
fn raise(limit: &str) -> Message {
    message!("a source that is sound may have more with `--max {}=…`", limit)
}

fn describe(path: &Path, error: &ListError) -> Diagnostic {
    let shown = path.display();
    let say = |code: &'static Code, message: Message| Diagnostic::new(code, message);
    match error {
        ListError::NotStarted(reason) => tools::missing(format!("ffprobe does not work: {reason}")),
        ListError::TimedOut => say(&codes::SOURCE_LIMIT, message!("`{}` could not be read in time", shown)),
        ListError::TooManyPackets | ListError::TooManyStreams => {
            say(&codes::SOURCE_LIMIT, message!("`{}`: {}", shown, error.to_string()))
        }
        ListError::NotAllowed => say(&codes::SOURCE_REFUSED, message!("`{}`: {}", shown, error.to_string()))
            .with_help(message!("convert it to MP4 or Matroska with common codecs")),
        ListError::Unreadable => {
            say(&codes::SOURCE_NOT_MEDIA, message!("`{}` is not a media file, or too damaged to be read", shown))
                .with_help(message!("check that the file is complete"))
        }
    }
}

fn content_hash(file: File) -> io::Result<ContentHash> {
    use io::Seek;
    let mut file = file;
    file.rewind()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok(super::identity(hasher.finalize()))
}

fn assemble(listing: &Listing, path: &Path, identity: ContentHash, size: u64) -> SourceFacts {
    let is = |entry: &StreamEntry, kind: &str| entry.fields.text("codec_type") == Some(kind);
    let videos = || listing.streams.iter().filter(|(_, entry)| is(entry, "video"));
    let audios = listing.streams.iter().filter(|(_, entry)| is(entry, "audio"));
    let mut facts = SourceFacts {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        identity,
        container: listing.format.text("format_name").unwrap_or_default().to_owned(),
        size: Bytes(size),
        video: videos()
            .filter(|(_, entry)| !entry.is_attached_picture())
            .filter_map(|(index, entry)| video(*index, entry))
            .collect(),
        audio: audios.filter_map(|(index, entry)| audio(*index, entry)).collect(),
        attached_pictures: videos().filter(|(_, entry)| entry.is_attached_picture()).count() as u32,
        damage: damage(listing),
    };
    // A mark that all have says nothing.
    if facts.video.iter().all(|video| video.preferred) {
        facts.video.iter_mut().for_each(|video| video.preferred = false);
    }
    if facts.audio.iter().all(|audio| audio.preferred) {
        facts.audio.iter_mut().for_each(|audio| audio.preferred = false);
    }
    facts
}

/// Longer names of tracks are cut.
const LONGEST_TITLE: usize = 100;

/// The name of a track without what is not seen.
fn title(text: &str) -> Option<String> {
    let unseen = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let seen: String = text.chars().filter(|c| !unseen(*c)).take(LONGEST_TITLE).collect();
    Some(seen.trim().to_owned()).filter(|title| !title.is_empty())
}

/// Three letters of ISO 639-2.
fn language(text: &str) -> Option<String> {
    (text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| text.to_owned())
}

/// `None` for a stream without a single picture or without a size.
fn video(index: u32, entry: &StreamEntry) -> Option<VideoFacts> {
    let fields = &entry.fields;
    let frames = frame_times(entry)?;
    let coded_size = Resolution::new(fields.read("width")?, fields.read("height")?);
    if coded_size.pixels() == 0 {
        return None;
    }
    let sample_aspect: Option<Rational> = fields.read("sample_aspect_ratio");
    // ffprobe's angle says how the matrix turns, counterclockwise; a player turns the other way.
    let turn = fields.read::<f64>("rotation").filter(|angle| angle.is_finite()).unwrap_or(0.0);
    Some(VideoFacts {
        index,
        codec: fields.text("codec_name")?.to_owned(),
        profile: fields.text("profile").map(str::to_owned),
        level: fields.read("level"),
        keyframes: entry.packets.keyframes(),
        coded_size,
        sample_aspect: sample_aspect.filter(|aspect| *aspect > Rational::ZERO).unwrap_or(Rational::ONE),
        rotation: Rotation::from_degrees(-turn.round() as i64),
        rate: average_rate(fields, &frames),
        pixel_format: fields.text("pix_fmt")?.to_owned(),
        colour: ColourFacts {
            matrix: fields.text("color_space").map(str::to_owned),
            primaries: fields.text("color_primaries").map(str::to_owned),
            transfer: fields.text("color_transfer").map(str::to_owned),
            range: fields.text("color_range").map(str::to_owned),
        },
        mastering: None,
        light: None,
        preferred: fields.text("disposition:default") == Some("1"),
        interlaced: matches!(fields.text("field_order"), Some("tt" | "bb" | "tb" | "bt")),
        frames,
        orphans: entry.packets.orphans,
        bitrate: fields.read("bit_rate").map(Bitrate),
    })
}

fn average_rate(fields: &Fields, frames: &FrameTimes) -> FrameRate {
    let declared = fields.read::<Rational>("avg_frame_rate").and_then(FrameRate::new);
    let counted = || {
        let length = frames.end_time().0 - frames.time(0).0;
        Rational::new(i128::from(frames.count()), 1)?.checked_div(length).and_then(FrameRate::new)
    };
    let nominal = || fields.read::<Rational>("r_frame_rate").and_then(FrameRate::new);
    declared.or_else(counted).or_else(nominal).unwrap_or(FrameRate::from_integer(25))
}

/// The times of the pictures. The last one is shown for as long as its packet says, but not beyond a declared end.
fn frame_times(entry: &StreamEntry) -> Option<FrameTimes> {
    let (last, duration) = entry.packets.last?;
    let declared = entry.declared_end().map(|end| end - last).filter(|rest| *rest > 0);
    let average = || {
        let rate = entry.fields.read::<Rational>("avg_frame_rate")?.recip()?.checked_div(entry.time_base())?;
        i64::try_from(rate.round()).ok()
    };
    let duration = match (duration, declared) {
        (Some(packet), Some(declared)) => packet.min(declared),
        (Some(packet), None) => packet,
        // Only the header knows; on a truncated file it says the length of what is lost.
        (None, declared) => average().or(declared).unwrap_or(1),
    };
    FrameTimes::from_ticks(entry.time_base(), entry.packets.ticks.clone(), duration)
}

fn audio(index: u32, entry: &StreamEntry) -> Option<AudioFacts> {
    let fields = &entry.fields;
    let sample_rate: u32 = fields.read("sample_rate").filter(|rate| *rate > 0)?;
    let codec = fields.text("codec_name")?.to_owned();
    let (start, end) = heard(entry, &codec, sample_rate)?;
    Some(AudioFacts {
        index,
        codec,
        profile: fields.text("profile").map(str::to_owned),
        sample_rate: Frequency(sample_rate),
        channels: fields.read::<u8>("channels").filter(|channels| *channels > 0)?,
        start: Timestamp(start),
        end: Timestamp(end),
        bitrate: fields.read("bit_rate").map(Bitrate),
        preferred: fields.text("disposition:default") == Some("1"),
        language: fields.text("tag:language").and_then(language),
        title: fields.text("tag:title").and_then(title),
    })
}

/// Samples by which packets may outlast what the header says: encoders fill up their last packets.
const MOST_PADDING: i64 = 4096;

/// From the first to the last sample that is heard. A header may promise more than is there (a cut file): the packets
/// are right. Or a little less than the packets hold (padding of the last ones): the header is right. Or much less,
/// because it counts samples and the stream has gaps: the packets are right.
pub(crate) fn heard(entry: &StreamEntry, codec: &str, sample_rate: u32) -> Option<(Rational, Rational)> {
    let first = entry.packets.ticks.iter().min().copied()?;
    let mut start = entry.seconds(entry.fields.read::<i64>("start_pts").unwrap_or(first).max(first));
    if codec == "opus" && start.is_negative() {
        start = Rational::ZERO; // before zero lies the pre-skip, which is decoded and dropped
    }
    let padding = Rational::of(entry.packets.padding.max(0), i64::from(sample_rate));
    let present = entry.seconds(entry.packets.end?) - padding;
    let padded = Rational::of(MOST_PADDING, i64::from(sample_rate));
    let declared = entry.declared_end().map(|end| entry.seconds(end));
    let end = declared.filter(|declared| *declared < present && present - *declared <= padded).unwrap_or(present);
    (end > start).then_some((start, end))
}

/// What could be read only in part, in words.
fn damage(listing: &Listing) -> Vec<String> {
    let mut damage = Vec::new();
    let length: Option<Rational> = listing.format.read("duration");
    let start: Rational = listing.format.read("start_time").unwrap_or(Rational::ZERO);
    let mut reached = None;
    damage.extend(listing.streams.iter().filter_map(|(index, entry)| lost_times(*index, entry)));
    for (index, entry) in listing.streams.iter().filter(|(_, entry)| !entry.is_attached_picture()) {
        let Some(end) = entry.packets.end.map(|end| entry.seconds(end)) else { continue };
        reached = reached.max(Some(end));
        let kind = entry.fields.text("codec_type").unwrap_or("data");
        if let Some(declared) = entry.declared_end().map(|end| entry.seconds(end))
            && matches!(kind, "video" | "audio")
            && falls_short(end, declared)
        {
            damage.push(format!(
                "the {kind} stream {index} ends at {}, the file promises {}",
                Timestamp(end),
                Timestamp(declared)
            ));
        }
    }
    if let (Some(reached), Some(length)) = (reached, length)
        && damage.is_empty()
        && falls_short(reached, start + length)
    {
        damage.push(format!("the file ends at {}, it promises {}", Timestamp(reached), Timestamp(start + length)));
    }
    if !listing.errors.is_empty() {
        let (count, plural) = (listing.errors.len(), if listing.errors.len() == 1 { "" } else { "s" });
        damage.push(format!("reading it gave {count} error message{plural}"));
    }
    damage
}

/// Files joined without care start their times anew; a few pictures of one time are the way of some codecs. Others have
/// no time at all.
fn lost_times(index: u32, entry: &StreamEntry) -> Option<String> {
    if entry.fields.text("codec_type") != Some("video") || entry.is_attached_picture() {
        return None;
    }
    let all = entry.packets.ticks.len();
    let repeated = all - entry.packets.ticks.iter().collect::<BTreeSet<_>>().len();
    match entry.packets.undated {
        0 if repeated * 10 > all => Some(format!(
            "{repeated} of {all} pictures of the stream {index} have the time of another and are left out"
        )),
        0 => None,
        undated => Some(format!("{undated} pictures of the stream {index} have no time and are left out")),
    }
}

/// More than half a second and one in a hundred: less is the rounding of headers.
fn falls_short(end: Rational, declared: Rational) -> bool {
    let missing = declared - end;
    missing > Rational::of(1, 2) && missing > declared * Rational::of(1, 100)
}

pub(super) fn check_limits(facts: &SourceFacts, limits: &Limits) -> Result<(), Diagnostic> {
    let over = |limit: &str, message: String| {
        let message = format!("`{}` {message}", facts.name);
        Err(Diagnostic::new(&codes::SOURCE_LIMIT, message).with_help(raise(limit)))
    };
    let most = Rational::from_integer(limits.source_rate as i64);
    for video in &facts.video {
        let size = video.coded_size;
        let is_long = u64::from(size.long_side()) > limits.source_side;
        if is_long || size.pixels() > limits.source_pixels {
            let (side, pixels) = (limits.source_side, limits.source_pixels);
            let limit = if is_long { "source-side" } else { "source-pixels" };
            return over(
                limit,
                format!("has pictures of {size}; the limit is {side} pixels a side and {pixels} in all"),
            );
        }
        let length = video.end().0 - video.start().0;
        let counted = Rational::new(i128::from(video.frames.count()), 1).and_then(|count| count.checked_div(length));
        let counted = counted.filter(|_| video.frames.count() > 10).unwrap_or(Rational::ZERO);
        if video.rate.per_second() > most || counted > most + Rational::ONE {
            let rate = video.rate.per_second().max(counted).to_decimal(1);
            return over("source-rate", format!("has {rate} pictures a second; the limit is {}", limits.source_rate));
        }
    }
    let longest = Duration::from_seconds(Rational::from_integer(limits.source_seconds as i64));
    if facts.duration() > longest {
        return over("source-seconds", format!("lasts {}; the limit is {longest}", facts.duration()));
    }
    Ok(())
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
