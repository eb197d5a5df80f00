//! The prover that says whether a stream of the source already is what a template asks for, clause by clause.
//!
//! A fact that is not known counts against a copy (`language.md` 5, *Copy*).

use super::part::Part;
use super::{refuse, source};
use crate::catalog::template::{
    AudioCodec, AudioSettings, Container, Deinterlace, Denoise, Hdr, Profile, RateMode, Segment, SegmentKind, Setting,
    VideoCodec, VideoPixelFormat, VideoSettings,
};
use crate::media::{AudioFacts, Rotation, SourceFacts, VideoFacts};
use crate::plan::conformance::{Clause, Conformance, Relation};
use crate::plan::{FrameTiming, StreamSelector};
use crate::units::{Bitrate, Rational, Resolution, Timestamp};
use std::fmt::Display;

/// What is asked of a picture stream, with what was decided about its encode.
pub(super) struct PictureQuestion<'a> {
    pub source: &'a SourceFacts,
    pub facts: &'a VideoFacts,
    pub settings: &'a VideoSettings,
    pub container: Container,
    pub segment: Option<Segment>,
    pub size: Resolution,
    pub timing: FrameTiming,
    /// Pictures from keyframe to keyframe.
    pub gop: u32,
    /// Pictures in a segment.
    pub segment_frames: Option<u64>,
    /// How many marks lie on it.
    pub marks: usize,
    pub part: Option<Part>,
    /// T0 on the container's time line.
    pub zero: Timestamp,
    /// Whether keyframes have to lie where those of other renditions do.
    pub is_aligned: bool,
}

/// What is asked of a sound stream.
pub(super) struct SoundQuestion<'a> {
    pub source: &'a SourceFacts,
    pub facts: &'a AudioFacts,
    pub settings: &'a AudioSettings,
    pub container: Container,
    pub part: Option<Part>,
}

type PictureClause = fn(&PictureQuestion<'_>) -> Clause;
type SoundClause = fn(&SoundQuestion<'_>) -> Clause;

const UNKNOWN: &str = "not known";

const PICTURE: &[PictureClause] = &[
    |asked| whole(asked.part),
    |asked| clause("marks", asked.marks, Relation::Is, 0, asked.marks == 0),
    |asked| is("aligned keyframes", yes(asked.is_aligned), "no"),
    |asked| damage(asked.source),
    |asked| is("codec", &asked.facts.codec, asked.settings.codec.stream_name()),
    |asked| {
        let held = holds_video(asked.container, asked.segment, asked.settings.codec);
        clause("container", asked.container, Relation::OneOf, "those that hold it", held)
    },
    |asked| is("size", asked.facts.displayed_size(), asked.size),
    |asked| is("rotation", turn(asked.facts.rotation), "0°"),
    |asked| is("pixel aspect", ratio(asked.facts.sample_aspect), "1:1"),
    frame_rate,
    |asked| bitrate(asked.facts.bitrate, asked.settings.bitrate),
    rate_mode,
    profile,
    level,
    |asked| match asked.settings.bframes {
        Some(wanted) => clause("B-frames", UNKNOWN, Relation::Is, wanted, false),
        None => clause("B-frames", UNKNOWN, Relation::Is, "any", true),
    },
    |asked| is("pixel format", &asked.facts.pixel_format, pixel_format(asked.settings)),
    |asked| {
        let shown = source::decoded_video(asked.facts);
        is("colour", shown.colour, source::rendition_colour(&shown))
    },
    |asked| {
        let kept = asked.settings.hdr == Hdr::Keep;
        let wanted = if kept { "any" } else { "standard" };
        let found = if asked.facts.is_hdr() { "high" } else { "standard" };
        clause("dynamic range", found, Relation::Is, wanted, kept || !asked.facts.is_hdr())
    },
    |asked| {
        let found = if asked.facts.interlaced { "interlaced" } else { "progressive" };
        let wanted = if asked.settings.deinterlace == Deinterlace::On { "deinterlaced" } else { "progressive" };
        is("fields", found, wanted)
    },
    |asked| is("denoise", yes(asked.settings.denoise == Denoise::On), "no"),
    start,
    edit_list,
    keyframes,
    segments,
];

const SOUND: &[SoundClause] = &[
    |asked| whole(asked.part),
    |asked| damage(asked.source),
    |asked| {
        let wanted = asked.settings.tracks.len().max(1);
        clause("tracks asked for", wanted, Relation::AtMost, 1, wanted == 1)
    },
    |asked| is("codec", &asked.facts.codec, asked.settings.codec.stream_name()),
    |asked| {
        let held = refuse::holds(asked.container, asked.settings.codec);
        clause("container", asked.container, Relation::OneOf, "those that hold it", held)
    },
    |asked| match (asked.settings.codec, asked.facts.profile.as_deref()) {
        (AudioCodec::Aac, found) => is("profile", found.unwrap_or(UNKNOWN), "LC"),
        (_, found) => clause("profile", found.unwrap_or(UNKNOWN), Relation::Is, "any", true),
    },
    |asked| {
        let found = asked.facts.sample_rate;
        match asked.settings.sample_rate {
            Setting::Auto => clause("sampling rate", found, Relation::Is, "any", true),
            Setting::Exactly(rate) => is("sampling rate", found, rate),
            Setting::AtMost(rate) => clause("sampling rate", found, Relation::AtMost, rate, found <= rate),
        }
    },
    |asked| match asked.settings.channels {
        Some(wanted) => is("channels", asked.facts.channels, wanted),
        None => clause("channels", asked.facts.channels, Relation::Is, "any", true),
    },
    |asked| bitrate(asked.facts.bitrate, asked.settings.bitrate),
];

/// Everything that has to hold before a picture stream is copied.
pub(super) fn picture(asked: &PictureQuestion) -> Conformance {
    let stream = StreamSelector::Video { index: asked.facts.index };
    Conformance { stream, clauses: PICTURE.iter().map(|clause| clause(asked)).collect() }
}

/// The same of a sound stream.
pub(super) fn sound(asked: &SoundQuestion) -> Conformance {
    let stream = StreamSelector::Audio { index: asked.facts.index };
    Conformance { stream, clauses: SOUND.iter().map(|clause| clause(asked)).collect() }
}

fn clause(name: &'static str, found: impl Display, relation: Relation, wanted: impl Display, holds: bool) -> Clause {
    Clause { name, found: found.to_string(), relation, wanted: wanted.to_string(), holds }
}

/// Both are written the same.
fn is(name: &'static str, found: impl Display, wanted: impl Display) -> Clause {
    let (found, wanted) = (found.to_string(), wanted.to_string());
    Clause { name, holds: found == wanted, found, relation: Relation::Is, wanted }
}

fn yes(whether: bool) -> &'static str {
    if whether { "yes" } else { "no" }
}

fn whole(part: Option<Part>) -> Clause {
    is("part", part.map_or_else(|| "the whole".to_owned(), Part::words), "the whole")
}

fn damage(source: &SourceFacts) -> Clause {
    is("damage", if source.damage.is_empty() { "none" } else { "some" }, "none")
}

fn turn(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::None => "0°",
        Rotation::Quarter => "90°",
        Rotation::Half => "180°",
        Rotation::ThreeQuarters => "270°",
    }
}

fn ratio(value: Rational) -> String {
    let text = value.to_string();
    if text.contains('/') { text.replace('/', ":") } else { format!("{text}:1") }
}

fn pixel_format(settings: &VideoSettings) -> &'static str {
    match settings.pixel_format {
        VideoPixelFormat::Yuv420p => "yuv420p",
        VideoPixelFormat::Yuv420p10 => "yuv420p10le",
    }
}

fn frame_rate(asked: &PictureQuestion) -> Clause {
    let found = source::decoded_video(asked.facts).timing;
    let decimal = |timing: FrameTiming| timing.rate().per_second().to_decimal(3);
    let words = match found {
        FrameTiming::AsSource(_) => "variable".to_owned(),
        FrameTiming::Constant(_) => decimal(found),
    };
    let holds = found == asked.timing && matches!(found, FrameTiming::Constant(_));
    clause("frame rate", words, Relation::Is, decimal(asked.timing), holds)
}

/// A template's bitrate is a ceiling for what is copied; without one there is nothing to hold the source to.
fn bitrate(source: Option<Bitrate>, setting: Setting<Bitrate>) -> Clause {
    let kilobits =
        |rate: Bitrate| format!("{}k", Rational::of(i64::try_from(rate.0).unwrap_or(i64::MAX), 1000).to_decimal(1));
    let found = source.map_or_else(|| UNKNOWN.to_owned(), kilobits);
    match setting {
        Setting::Auto => clause("bitrate", found, Relation::AtMost, "a ceiling, and none is asked for", false),
        Setting::Exactly(ceiling) | Setting::AtMost(ceiling) => {
            let holds = source.is_some_and(|rate| rate <= ceiling);
            clause("bitrate", found, Relation::AtMost, kilobits(ceiling), holds)
        }
    }
}

/// How bits are spread is only known to fit where an average is asked for.
fn rate_mode(asked: &PictureQuestion) -> Clause {
    let wanted = match (asked.settings.crf, asked.settings.mode) {
        (Some(crf), _) => format!("crf {crf}"),
        (None, mode) => mode.to_string(),
    };
    let holds = asked.settings.crf.is_none() && matches!(asked.settings.mode, RateMode::Vbr | RateMode::Abr);
    clause("rate mode", if holds { "an average" } else { UNKNOWN }, Relation::Is, wanted, holds)
}

fn profile(asked: &PictureQuestion) -> Clause {
    let allowed: &[&str] = match (asked.settings.codec, asked.settings.profile.unwrap_or(Profile::High)) {
        (VideoCodec::H264, Profile::Baseline) => &["Constrained Baseline"],
        (VideoCodec::H264, Profile::Main) => &["Constrained Baseline", "Main"],
        (VideoCodec::H264, Profile::High) => &["Constrained Baseline", "Main", "High", "Constrained High"],
        (VideoCodec::H265 | VideoCodec::Av1, _) => match asked.settings.pixel_format {
            VideoPixelFormat::Yuv420p => &["Main"],
            VideoPixelFormat::Yuv420p10 => &["Main", "Main 10"],
        },
    };
    let found = asked.facts.profile.as_deref();
    let holds = found.is_some_and(|found| allowed.contains(&found));
    clause("profile", found.unwrap_or(UNKNOWN), Relation::OneOf, allowed.join(", "), holds)
}

/// Of H.265 and AV1 levels are counted otherwise than templates write them, and compared with nothing.
fn level(asked: &PictureQuestion) -> Clause {
    let tenths = |level: u32| format!("{}.{}", level / 10, level % 10);
    let comparable = asked.facts.level.filter(|_| asked.settings.codec == VideoCodec::H264);
    let found = comparable.map_or_else(|| UNKNOWN.to_owned(), tenths);
    match asked.settings.level.map(u32::from) {
        None => clause("level", found, Relation::AtMost, "any", true),
        Some(ceiling) => {
            let holds = comparable.is_some_and(|level| level <= ceiling);
            clause("level", found, Relation::AtMost, tenths(ceiling), holds)
        }
    }
}

/// An encode shows its first picture from T0 on. A copy that starts later than half a picture would show nothing there.
fn start(asked: &PictureQuestion) -> Clause {
    let late = asked.facts.start().0 - asked.zero.0;
    let most = asked.timing.rate().frame_duration() * Rational::of(1, 2);
    clause("start", seconds(late), Relation::AtMost, seconds(most), late <= most)
}

fn seconds(time: Rational) -> String {
    format!("{}s", time.to_decimal(3))
}

/// What an edit list leaves out at the start can only be left out of a copy where a keyframe follows.
fn edit_list(asked: &PictureQuestion) -> Clause {
    let found = match asked.facts.keyframes.first() {
        _ if asked.facts.orphans > 0 => "with pictures that cannot be decoded",
        Some(0) => "at a keyframe",
        Some(_) => "between keyframes",
        None => UNKNOWN,
    };
    is("edit list starts", found, "at a keyframe")
}

/// No keyframes further apart than asked.
fn keyframes(asked: &PictureQuestion) -> Clause {
    let (keys, count) = (&asked.facts.keyframes, asked.facts.frames.count());
    let ends = keys.iter().skip(1).copied().chain([count]);
    let Some(longest) = keys.iter().zip(ends).map(|(start, end)| end.saturating_sub(*start)).max() else {
        return clause("group of pictures", UNKNOWN, Relation::AtMost, asked.gop, false);
    };
    clause("group of pictures", longest, Relation::AtMost, asked.gop, longest <= u64::from(asked.gop))
}

/// A keyframe where each segment starts. Whether groups are closed is only known of H.264 in MP4, which lists no others.
fn segments(asked: &PictureQuestion) -> Clause {
    const WANTED: &str = "at closed groups";
    let is = |found: &str, holds| clause("segments start", found, Relation::Is, WANTED, holds);
    let Some(frames) = asked.segment_frames else {
        return clause("segments start", "nowhere", Relation::Is, "anywhere", true);
    };
    if asked.settings.codec != VideoCodec::H264 || !asked.source.container.starts_with("mov") {
        return is(UNKNOWN, false);
    }
    let (keys, count) = (&asked.facts.keyframes, asked.facts.frames.count());
    let missing = (0..count).step_by(frames.max(1) as usize).find(|start| keys.binary_search(start).is_err());
    match missing {
        Some(start) => is(&format!("inside a group (picture {start})"), false),
        None => is(WANTED, true),
    }
}

/// Which pictures a container can hold so that players of it find them.
pub(super) fn holds_video(container: Container, segment: Option<Segment>, codec: VideoCodec) -> bool {
    match container {
        Container::Mp4 => true,
        Container::Hls => codec == VideoCodec::H264 || segment.is_some_and(|segment| segment.kind == SegmentKind::Fmp4),
        Container::Flv => codec == VideoCodec::H264,
        _ => false,
    }
}
