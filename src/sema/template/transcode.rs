//! The fields of `template transcode`.

use super::compatibility::{check_together, usual_audio_codec};
use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply, apply_top, infos, set};
use super::video::Stream;
use super::{audio, missing, video};
use crate::catalog::template::{
    AudioCodec, AudioSettings, Container, Segment, SegmentKind, Template, TemplateHead, TemplateKind,
    TranscodeTemplate, VideoSettings,
};
use crate::diag::message;
use crate::sema::read::Reader;
use crate::syntax::ast::{Record, Value, ValueKind};
use crate::units::Duration;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Length of segments in milliseconds (`language.md` 4).
pub const SEGMENT_TIME: RangeInclusive<u32> = 1000..=10_000;

/// A rendition being built.
struct Draft {
    container: Option<Container>,
    segment: Segment,
    video: Stream<VideoSettings>,
    audio: Stream<AudioSettings>,
    audio_codec: Option<AudioCodec>,
}

const RULES: &[FieldRule<Draft>] = &[
    FieldRule::new(
        "container",
        "The file format.",
        Accepts::Words(Container::WORDS),
        Absent::Required,
        |reader, value, draft| {
            draft.container = reader.word(value, Container::WORDS, Container::from_word).or(draft.container);
        },
    ),
    FieldRule::new(
        "segment",
        "The segments of an HLS output.",
        Accepts::Record { fields: segment_infos, words: &[] },
        Absent::Nothing,
        segment,
    ),
    FieldRule::new(
        "video",
        "The picture; `none` leaves it out.",
        Accepts::Record { fields: video::video_infos, words: &["none"] },
        Absent::Nothing,
        |reader, value, draft| video::read(reader, value, &mut draft.video),
    ),
    FieldRule::new(
        "audio",
        "The sound; `none` leaves it out.",
        Accepts::Record { fields: audio::audio_infos, words: &["none"] },
        Absent::Nothing,
        |reader, value, draft| audio::read(reader, value, &mut draft.audio, &mut draft.audio_codec),
    ),
];

const SEGMENT_RULES: &[FieldRule<Segment>] = &[
    FieldRule::new(
        "type",
        "The form of a segment.",
        Accepts::Words(SegmentKind::WORDS),
        Absent::Usual("ts"),
        |reader, value, segment| {
            set(&mut segment.kind, reader.word(value, SegmentKind::WORDS, SegmentKind::from_word));
        },
    ),
    FieldRule::new(
        "time",
        "The length of a segment; `auto` follows the keyframes.",
        Accepts::Duration { range: Some(SEGMENT_TIME), words: &["auto"] },
        Absent::Usual("auto"),
        |reader, value, segment| {
            if matches!(&value.kind, ValueKind::Word(word) if word == "auto") {
                segment.time = None;
            } else if let Some(time) = segment_time(reader, value) {
                segment.time = Some(time);
            }
        },
    ),
];

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(RULES)
}

fn segment_infos() -> Vec<FieldInfo> {
    infos(SEGMENT_RULES)
}

/// Builds a transcode template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&TranscodeTemplate>,
) -> Option<Template> {
    let mut draft = start(base);
    apply_top(reader, record, TemplateKind::Transcode, RULES, &mut draft);
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
        video: Stream::inherited(base.video.as_ref()),
        audio: Stream::inherited(base.audio.as_ref()),
        audio_codec: base.audio.as_ref().map(|audio| audio.codec),
    }
}

fn segment(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    match &value.kind {
        ValueKind::Record(record) => apply(reader, record, || message!("`segment`"), SEGMENT_RULES, &mut draft.segment),
        _ => {
            reader.wrong_type::<()>(value, message!("a block such as `{ type: ts }`"));
        }
    }
}

/// A length within the range of segments.
pub fn segment_time(reader: &mut Reader<'_>, value: &Value) -> Option<Duration> {
    let time = reader.duration(value)?;
    let allowed = Duration::from_millis(*SEGMENT_TIME.start())..=Duration::from_millis(*SEGMENT_TIME.end());
    if allowed.contains(&time) {
        Some(time)
    } else {
        reader.out_of_range(value.span, message!("1s to 10s are allowed"))
    }
}
