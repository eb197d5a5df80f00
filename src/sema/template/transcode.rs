//! The fields of `template transcode`, and which of them go together.

use super::compatibility::{check_together, usual_audio_codec};
use super::picture::SidesDraft;
use super::{FieldRule, apply, apply_top, missing, place};
use crate::catalog::template::{
    AudioCodec, AudioSettings, Container, Copy, Fill, Gop, Profile, RateMode, Segment, SegmentKind, Setting, Speed,
    Template, TemplateHead, TranscodeTemplate, Upscale, VideoCodec, VideoSettings,
};
use crate::diag::{Diagnostic, codes};
use crate::sema::read::Reader;
use crate::syntax::ast::{Quantity, Record, Value, ValueKind};
use crate::units::{Duration, Rational};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Ranges of `vod.md` C.1 for users' templates.
const VIDEO_KBPS: RangeInclusive<u64> = 10..=100_000;
const AUDIO_KBPS: RangeInclusive<u64> = 26..=256;
const SIDE: RangeInclusive<u32> = 128..=8192;
const GOP_FRAMES: RangeInclusive<u32> = 1..=100_000;

/// A stream being built.
enum Stream<T> {
    /// Nothing was said: what the container implies.
    Implied,
    /// Left out.
    Absent,
    /// Given here or inherited.
    Given(T),
}

struct Draft {
    container: Option<Container>,
    segment: Segment,
    video: Stream<VideoSettings>,
    audio: Stream<AudioSettings>,
    audio_codec: Option<AudioCodec>,
}

/// Picture settings and the sides as written.
struct VideoDraft {
    settings: VideoSettings,
    sides: SidesDraft,
    mode: Option<RateMode>,
}

/// Sound settings; a codec that is not written follows the container.
struct AudioDraft {
    settings: AudioSettings,
    codec: Option<AudioCodec>,
}

const RULES: &[FieldRule<Draft>] = &[
    FieldRule {
        name: "container",
        read: |reader, value, draft| {
            draft.container = reader.word(value, Container::WORDS, Container::from_word).or(draft.container);
        },
    },
    FieldRule { name: "segment", read: segment },
    FieldRule { name: "video", read: video },
    FieldRule { name: "audio", read: audio },
];

const SEGMENT_RULES: &[FieldRule<Segment>] = &[
    FieldRule {
        name: "type",
        read: |reader, value, segment| {
            segment.kind = reader.word(value, SegmentKind::WORDS, SegmentKind::from_word).unwrap_or(segment.kind);
        },
    },
    FieldRule { name: "time", read: segment_time },
];

const VIDEO_RULES: &[FieldRule<VideoDraft>] = &[
    FieldRule {
        name: "codec",
        read: |reader, value, draft| {
            let codec = reader.word(value, VideoCodec::WORDS, VideoCodec::from_word);
            draft.settings.codec = codec.unwrap_or(draft.settings.codec);
        },
    },
    FieldRule {
        name: "bitrate",
        read: |reader, value, draft| {
            draft.settings.bitrate = reader.bitrate(value, VIDEO_KBPS).unwrap_or(draft.settings.bitrate);
        },
    },
    FieldRule {
        name: "mode",
        read: |reader, value, draft| draft.mode = reader.word(value, RateMode::WORDS, RateMode::from_word),
    },
    FieldRule {
        name: "crf",
        read: |reader, value, draft| draft.settings.crf = small(reader.integer(value, 1..=51)).or(draft.settings.crf),
    },
    FieldRule {
        name: "fps",
        read: |reader, value, draft| draft.settings.rate = reader.rate(value).unwrap_or(draft.settings.rate),
    },
    FieldRule {
        name: "short_side",
        read: |reader, value, draft| draft.sides.short = reader.side(value, SIDE).flatten(),
    },
    FieldRule { name: "long_side", read: |reader, value, draft| draft.sides.long = reader.side(value, SIDE).flatten() },
    FieldRule { name: "width", read: |reader, value, draft| draft.sides.width = reader.side(value, SIDE).flatten() },
    FieldRule { name: "height", read: |reader, value, draft| draft.sides.height = reader.side(value, SIDE).flatten() },
    FieldRule {
        name: "fill",
        read: |reader, value, draft| {
            draft.settings.fill = reader.word(value, Fill::WORDS, Fill::from_word).unwrap_or(draft.settings.fill);
        },
    },
    FieldRule {
        name: "gop",
        read: |reader, value, draft| draft.settings.gop = gop(reader, value).unwrap_or(draft.settings.gop),
    },
    FieldRule {
        name: "profile",
        read: |reader, value, draft| {
            draft.settings.profile = reader.word(value, Profile::WORDS, Profile::from_word).or(draft.settings.profile);
        },
    },
    FieldRule { name: "level", read: level },
    FieldRule {
        name: "bframes",
        read: |reader, value, draft| {
            draft.settings.bframes = small(reader.integer(value, 0..=16)).or(draft.settings.bframes);
        },
    },
    FieldRule {
        name: "upscale",
        read: |reader, value, draft| {
            draft.settings.upscale = reader.word(value, Upscale::WORDS, Upscale::from_word).or(draft.settings.upscale);
        },
    },
    FieldRule {
        name: "speed",
        read: |reader, value, draft| {
            draft.settings.speed = reader.word(value, Speed::WORDS, Speed::from_word).or(draft.settings.speed);
        },
    },
    FieldRule {
        name: "copy",
        read: |reader, value, draft| {
            draft.settings.copy = reader.word(value, Copy::WORDS, Copy::from_word).or(draft.settings.copy);
        },
    },
    FieldRule { name: "tag", read: |reader, value, _| reader.later("the field `tag`", value.span) },
    FieldRule { name: "pixel_format", read: |reader, value, _| reader.later("the field `pixel_format`", value.span) },
    FieldRule { name: "hdr", read: |reader, value, _| reader.later("the field `hdr`", value.span) },
    FieldRule { name: "deinterlace", read: |reader, value, _| reader.later("the field `deinterlace`", value.span) },
    FieldRule { name: "denoise", read: |reader, value, _| reader.later("the field `denoise`", value.span) },
    FieldRule { name: "passes", read: |reader, value, _| reader.later("the field `passes`", value.span) },
];

const AUDIO_RULES: &[FieldRule<AudioDraft>] = &[
    FieldRule {
        name: "codec",
        read: |reader, value, draft| {
            draft.codec = reader.word(value, AudioCodec::WORDS, AudioCodec::from_word).or(draft.codec);
        },
    },
    FieldRule {
        name: "bitrate",
        read: |reader, value, draft| {
            draft.settings.bitrate = reader.bitrate(value, AUDIO_KBPS).unwrap_or(draft.settings.bitrate);
        },
    },
    FieldRule {
        name: "sample_rate",
        read: |reader, value, draft| {
            draft.settings.sample_rate = reader.sample_rate(value).unwrap_or(draft.settings.sample_rate);
        },
    },
    FieldRule { name: "channels", read: channels },
    FieldRule { name: "tracks", read: |reader, value, _| reader.later("the field `tracks`", value.span) },
];

/// Builds a transcode template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&TranscodeTemplate>,
) -> Option<Template> {
    let mut draft = start(base);
    apply_top(reader, record, "a transcode template", RULES, &mut draft);
    let Some(container) = draft.container else { return missing(reader, &head, record, "container", "mp4") };
    let video = match draft.video {
        Stream::Given(settings) => Some(settings),
        Stream::Implied if !container.is_audio_only() => Some(VideoSettings::usual()),
        Stream::Implied | Stream::Absent => None,
    };
    let audio = match draft.audio {
        Stream::Given(settings) => Some(settings),
        Stream::Implied => Some(AudioSettings::usual()),
        Stream::Absent => None,
    };
    let audio = audio
        .map(|settings| AudioSettings { codec: draft.audio_codec.unwrap_or(usual_audio_codec(container)), ..settings });
    let template = TranscodeTemplate { head, container, segment: draft.segment, video, audio };
    check_together(reader, record, &template);
    Some(Template::Transcode(Arc::new(template)))
}

fn start(base: Option<&TranscodeTemplate>) -> Draft {
    let Some(base) = base else {
        let segment = Segment { kind: SegmentKind::Ts, time: None };
        return Draft { container: None, segment, video: Stream::Implied, audio: Stream::Implied, audio_codec: None };
    };
    Draft {
        container: Some(base.container),
        segment: base.segment,
        video: base.video.clone().map_or(Stream::Absent, Stream::Given),
        audio: base.audio.clone().map_or(Stream::Absent, Stream::Given),
        audio_codec: base.audio.as_ref().map(|audio| audio.codec),
    }
}

fn segment(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    match &value.kind {
        ValueKind::Record(record) => apply(reader, record, "`segment`", SEGMENT_RULES, &mut draft.segment),
        _ => {
            reader.wrong_type::<()>(value, "a block such as `{ type: ts }`");
        }
    }
}

fn segment_time(reader: &mut Reader<'_>, value: &Value, segment: &mut Segment) {
    if matches!(&value.kind, ValueKind::Word(word) if word == "auto") {
        segment.time = None;
        return;
    }
    let Some(time) = reader.duration(value) else { return };
    let allowed = Duration::from_millis(1000)..=Duration::from_millis(10_000);
    if allowed.contains(&time) {
        segment.time = Some(time);
    } else {
        reader.out_of_range::<()>(value.span, "1s to 10s are allowed");
    }
}

fn video(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    let record = match &value.kind {
        ValueKind::Record(record) => record,
        ValueKind::Word(word) if word == "none" => {
            draft.video = Stream::Absent;
            return;
        }
        _ => {
            reader.wrong_type::<()>(value, "a block such as `{ codec: h264 }`, or `none`");
            return;
        }
    };
    let settings = match &draft.video {
        Stream::Given(settings) => settings.clone(),
        Stream::Implied | Stream::Absent => VideoSettings::usual(),
    };
    let inherited_sides = settings.sides;
    let mut video = VideoDraft { settings, sides: SidesDraft::default(), mode: None };
    apply(reader, record, "`video`", VIDEO_RULES, &mut video);
    video.settings.sides = video.sides.finish(reader, record, inherited_sides);
    settle_mode(reader, record, &mut video);
    if let Some(profile) = place(record, "profile").filter(|_| video.settings.codec != VideoCodec::H264) {
        let message = format!("`profile` is for `h264`, the codec is `{}`", video.settings.codec);
        reader.diagnostics.push(Diagnostic::new(&codes::CONFLICTING_FIELDS, message).at(profile, ""));
    }
    if video.settings.codec != VideoCodec::H264 {
        video.settings.profile = None;
    }
    draft.video = Stream::Given(video.settings);
}

/// `crf` alone means constant quality; with another mode it is a contradiction, beside a bitrate it wins.
fn settle_mode(reader: &mut Reader<'_>, record: &Record, video: &mut VideoDraft) {
    let crf = place(record, "crf");
    match (video.mode, crf) {
        (Some(mode), Some(crf)) if mode != RateMode::Crf => {
            let message = format!("`crf` contradicts the mode `{mode}`");
            let problem = Diagnostic::new(&codes::CONFLICTING_FIELDS, message).at(crf, "");
            let place = place(record, "mode").unwrap_or(crf);
            reader.diagnostics.push(problem.with_label(place, "the mode is given here"));
        }
        (Some(mode), _) => video.settings.mode = mode,
        (None, Some(_)) => video.settings.mode = RateMode::Crf,
        (None, None) => {}
    }
    if video.settings.mode != RateMode::Crf {
        // An inherited quality means nothing under another mode.
        video.settings.crf = if crf.is_some() { video.settings.crf } else { None };
        return;
    }
    if let Some(bitrate) = place(record, "bitrate") {
        let problem = Diagnostic::new(&codes::NO_EFFECT, "`bitrate` has no effect with constant quality");
        reader.diagnostics.push(problem.at(bitrate, ""));
    }
    video.settings.bitrate = Setting::Auto;
}

fn audio(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    let record = match &value.kind {
        ValueKind::Record(record) => record,
        ValueKind::Word(word) if word == "none" => {
            draft.audio = Stream::Absent;
            return;
        }
        _ => {
            reader.wrong_type::<()>(value, "a block such as `{ codec: aac }`, or `none`");
            return;
        }
    };
    let settings = match &draft.audio {
        Stream::Given(settings) => settings.clone(),
        Stream::Implied | Stream::Absent => AudioSettings::usual(),
    };
    let mut audio = AudioDraft { settings, codec: draft.audio_codec };
    apply(reader, record, "`audio`", AUDIO_RULES, &mut audio);
    draft.audio_codec = audio.codec;
    draft.audio = Stream::Given(audio.settings);
}

fn channels(reader: &mut Reader<'_>, value: &Value, draft: &mut AudioDraft) {
    if matches!(&value.kind, ValueKind::Word(word) if word == "source") {
        draft.settings.channels = None;
        return;
    }
    let Some(channels) = reader.integer(value, 1..=6) else { return };
    if matches!(channels, 1 | 2 | 6) {
        draft.settings.channels = small(Some(channels));
    } else {
        reader.out_of_range::<()>(value.span, "1, 2, 6 and `source` are allowed");
    }
}

fn gop(reader: &mut Reader<'_>, value: &Value) -> Option<Gop> {
    match &value.kind {
        ValueKind::Word(word) if word == "auto" => Some(Gop::Auto),
        ValueKind::Quantity(Quantity::Duration(duration)) => {
            if *duration > Duration::ZERO && *duration <= Duration::from_millis(3_600_000) {
                return Some(Gop::Duration(*duration));
            }
            reader.out_of_range(value.span, "above 0s up to 1h is allowed")
        }
        ValueKind::Quantity(Quantity::Frames(frames)) => {
            let whole = frames.is_integer().then(|| u32::try_from(frames.numerator()).ok()).flatten();
            match whole.filter(|frames| GOP_FRAMES.contains(frames)) {
                Some(frames) => Some(Gop::Frames(frames)),
                None => reader.out_of_range(value.span, "1 to 100000 frames are allowed"),
            }
        }
        ValueKind::Quantity(Quantity::Number(number)) => {
            let fixed = format!("{}frames", number.to_decimal(3));
            let problem = Diagnostic::new(&codes::MISSING_UNIT, "the distance of keyframes needs a unit")
                .at(value.span, "")
                .with_help(format!("write `{fixed}`, or a duration such as `2s`"))
                .with_fix(value.span, fixed);
            reader.report(problem)
        }
        _ => reader.wrong_type(value, "a distance such as `2s` or `48frames`, or `auto`"),
    }
}

fn level(reader: &mut Reader<'_>, value: &Value, draft: &mut VideoDraft) {
    if matches!(&value.kind, ValueKind::Word(word) if word == "auto") {
        draft.settings.level = None;
        return;
    }
    let ValueKind::Quantity(Quantity::Number(number)) = value.kind else {
        reader.wrong_type::<()>(value, "a level such as `4.1`, or `auto`");
        return;
    };
    let tenths = number * Rational::from_integer(10);
    let read = tenths.is_integer().then(|| u8::try_from(tenths.numerator()).ok()).flatten();
    match read.filter(|tenths| (10..=62).contains(tenths)) {
        Some(tenths) => draft.settings.level = Some(tenths),
        None => {
            reader.out_of_range::<()>(value.span, "1.0 to 6.2 are allowed");
        }
    }
}

fn small(value: Option<u32>) -> Option<u8> {
    value.and_then(|value| u8::try_from(value).ok())
}
