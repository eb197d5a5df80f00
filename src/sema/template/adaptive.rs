//! The fields of `template adaptive` (`vod.md` C.6).

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply, apply_top, infos, set};
use super::transcode::{SEGMENT_TIME, segment_time};
use super::video::Stream;
use super::{audio, conflict, missing, place, video};
use crate::catalog::template::{
    AdaptiveFormat, AdaptiveTemplate, AudioCodec, AudioSettings, EncryptionTemplate, PackageSegment, PackageSegments,
    Rung, Setting, Template, TemplateHead, TemplateKind, Upscale, VideoCodec, VideoSettings,
};
use crate::diag::{Diagnostic, codes, message};
use crate::sema::bindings::{Bindings, Meaning};
use crate::sema::read::Reader;
use crate::sema::scope::Scope;
use crate::sema::value::Evaluator;
use crate::sema::value_type::Type;
use crate::syntax::ast::{Record, Value, ValueKind};
use crate::text::Span;
use crate::units::{Duration, FrameRate};
use std::ops::RangeInclusive;
use std::sync::Arc;

const RUNGS: RangeInclusive<u32> = 1..=10;

/// Forms of segments as they are written: short words first, which follow the format.
const SEGMENT_WORDS: &[&str] = &[
    "ts",
    "mp4",
    "ts_segment",
    "ts_byterange",
    "mp4_segment",
    "mp4_byterange",
    "ts_packed_audio",
    "ts_packed_audio_byterange",
    "mp4_packed_audio",
    "mp4_packed_audio_byterange",
    "ts_ts_segment",
    "ts_ts_byterange",
    "mp4_mp4_segment",
    "mp4_mp4_byterange",
];

/// A form of segments as written.
#[derive(Clone, Copy)]
enum SegmentWord {
    Ts,
    Mp4,
    Long(PackageSegments),
}

impl SegmentWord {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "ts" => Some(SegmentWord::Ts),
            "mp4" => Some(SegmentWord::Mp4),
            _ => PackageSegments::from_word(word).map(SegmentWord::Long),
        }
    }

    /// What a short word means in a format.
    fn resolve(self, format: AdaptiveFormat) -> PackageSegments {
        match (self, format) {
            (SegmentWord::Long(kind), _) => kind,
            (SegmentWord::Ts, _) => PackageSegments::TsSegment,
            (SegmentWord::Mp4, AdaptiveFormat::Hls) => PackageSegments::Mp4Mp4Segment,
            (SegmentWord::Mp4, AdaptiveFormat::Dash) => PackageSegments::Mp4Mp4Byterange,
        }
    }
}

/// A package being built; the template's own `encrypt` is looked up at the end.
struct Draft {
    format: Option<AdaptiveFormat>,
    rungs: Option<Vec<Rung>>,
    segment: SegmentDraft,
    encrypt: Option<Value>,
    upscale: Upscale,
}

struct SegmentDraft {
    kind: Option<SegmentWord>,
    time: Duration,
}

/// A rung being built.
struct RungDraft {
    video: Stream<VideoSettings>,
    audio: Stream<AudioSettings>,
    codec: Option<AudioCodec>,
}

const RULES: &[FieldRule<Draft>] = &[
    FieldRule::new(
        "format",
        "The form of the package.",
        Accepts::Words(AdaptiveFormat::WORDS),
        Absent::Required,
        |reader, value, draft| {
            draft.format = reader.word(value, AdaptiveFormat::WORDS, AdaptiveFormat::from_word).or(draft.format);
        },
    ),
    FieldRule::new(
        "rungs",
        "The renditions between which players change.",
        Accepts::Records { fields: rung_infos, count: RUNGS },
        Absent::Required,
        rungs,
    ),
    FieldRule::new(
        "segment",
        "The segments of every rung.",
        Accepts::Record { fields: segment_infos, words: &[] },
        Absent::Nothing,
        segment,
    ),
    FieldRule::new(
        "encrypt",
        "How the media is encrypted; only in HLS.",
        Accepts::Template(TemplateKind::Encryption),
        Absent::Usual("none"),
        |_, value, draft| draft.encrypt = Some(value.clone()),
    ),
    FieldRule::new(
        "upscale",
        "What becomes of rungs above the source; with `skip` the smallest stays and is clamped.",
        Accepts::Words(Upscale::WORDS),
        Absent::Usual("skip"),
        |reader, value, draft| set(&mut draft.upscale, reader.word(value, Upscale::WORDS, Upscale::from_word)),
    ),
];

const SEGMENT_RULES: &[FieldRule<SegmentDraft>] = &[
    FieldRule::new(
        "type",
        "The form of a segment; `ts` and `mp4` follow the format.",
        Accepts::Words(SEGMENT_WORDS),
        Absent::Nothing,
        |reader, value, draft| {
            draft.kind = reader.word(value, SEGMENT_WORDS, SegmentWord::from_word).or(draft.kind);
        },
    ),
    FieldRule::new(
        "time",
        "The length of a segment.",
        Accepts::Duration { range: Some(SEGMENT_TIME), words: &[] },
        Absent::Usual("6s"),
        |reader, value, draft| set(&mut draft.time, segment_time(reader, value)),
    ),
];

const RUNG_RULES: &[FieldRule<RungDraft>] = &[
    FieldRule::new(
        "video",
        "The picture of the rung; `none` leaves it out.",
        Accepts::Record { fields: video::video_infos, words: &["none"] },
        Absent::Nothing,
        |reader, value, draft| video::read(reader, value, &mut draft.video),
    ),
    FieldRule::new(
        "audio",
        "The sound of the rung; `none` leaves it out.",
        Accepts::Record { fields: audio::audio_infos, words: &["none"] },
        Absent::Nothing,
        |reader, value, draft| audio::read(reader, value, &mut draft.audio, &mut draft.codec),
    ),
];

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(RULES)
}

fn segment_infos() -> Vec<FieldInfo> {
    infos(SEGMENT_RULES)
}

fn rung_infos() -> Vec<FieldInfo> {
    infos(RUNG_RULES)
}

/// Builds an adaptive template. Encryption templates were built before.
pub fn build(
    reader: &mut Reader<'_>,
    scope: &Scope<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&AdaptiveTemplate>,
) -> Option<Template> {
    let mut draft = Draft {
        format: base.map(|base| base.format),
        rungs: base.map(|base| base.rungs.clone()),
        segment: SegmentDraft {
            kind: base.map(|base| SegmentWord::Long(base.segment.kind)),
            time: base.map_or(Duration::from_millis(6000), |base| base.segment.time),
        },
        encrypt: None,
        upscale: base.map_or(Upscale::Skip, |base| base.upscale),
    };
    apply_top(reader, record, TemplateKind::Adaptive, RULES, &mut draft);
    let encrypt = match &draft.encrypt {
        Some(value) => encryption(reader, scope, value),
        None => base.and_then(|base| base.encrypt.clone()),
    };
    let Some(format) = draft.format else { return missing(reader, &head, record, "format", "hls") };
    let Some(rungs) = draft.rungs else {
        return missing(reader, &head, record, "rungs", "[{ video: { short_side: 720, bitrate: 1800kbps } }]");
    };
    let usual = if format == AdaptiveFormat::Dash { SegmentWord::Mp4 } else { SegmentWord::Ts };
    let kind = draft.segment.kind.unwrap_or(usual).resolve(format);
    let segment = PackageSegment { kind, time: draft.segment.time };
    let template = AdaptiveTemplate { head, format, rungs, segment, encrypt, upscale: draft.upscale };
    check(reader, record, &template);
    Some(Template::Adaptive(Arc::new(template)))
}

/// The template that `encrypt` names.
fn encryption(reader: &mut Reader<'_>, scope: &Scope<'_>, value: &Value) -> Option<Arc<EncryptionTemplate>> {
    let wanted = Type::Optional(Box::new(Type::Template(TemplateKind::Encryption)));
    let nothing_bound = Bindings::default();
    match (Evaluator { scope, bindings: &nothing_bound }).evaluate(reader, value, &wanted).meaning {
        Meaning::Template(Template::Encryption(template)) => Some(template),
        _ => None,
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

fn rungs(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    let elements = match &value.kind {
        ValueKind::List(elements) => elements.as_slice(),
        ValueKind::Record(_) => std::slice::from_ref(value),
        _ => {
            reader.wrong_type::<()>(value, message!("a list of rungs such as `[{ video: { short_side: 720 } }]`"));
            return;
        }
    };
    let count = u32::try_from(elements.len()).unwrap_or(u32::MAX);
    if !RUNGS.contains(&count) {
        let message = message!("a package has {} to {} rungs, this one has {}", *RUNGS.start(), *RUNGS.end(), count);
        reader.diagnostics.push(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(value.span, ""));
        return;
    }
    // Even with mistakes in it the list was given: that nothing is said about a lacking field.
    draft.rungs = Some(elements.iter().filter_map(|element| rung(reader, element)).collect());
}

fn rung(reader: &mut Reader<'_>, value: &Value) -> Option<Rung> {
    let ValueKind::Record(record) = &value.kind else {
        return reader.wrong_type(value, message!("a rung such as `{ video: { short_side: 720 } }`"));
    };
    let mut draft = RungDraft { video: Stream::Implied, audio: Stream::Implied, codec: None };
    apply(reader, record, || message!("a rung"), RUNG_RULES, &mut draft);
    let video = match draft.video {
        Stream::Given(settings) => Some(settings),
        Stream::Implied => Some(VideoSettings::usual()),
        Stream::Absent => None,
    };
    let codec = draft.codec.unwrap_or(AudioCodec::Aac);
    let audio = match draft.audio {
        Stream::Given(settings) => Some(AudioSettings { codec, ..settings }),
        Stream::Implied => Some(AudioSettings::usual()),
        Stream::Absent => None,
    };
    if video.is_none() && audio.is_none() && !record.damaged {
        reader.diagnostics.push(conflict(value.span, message!("neither picture nor sound is left in the rung")));
    }
    if audio.as_ref().is_some_and(|audio| audio.codec != AudioCodec::Aac) {
        let at = place(record, "audio").unwrap_or(value.span);
        let problem = conflict(at, message!("the sound codec `{}` does not go into an adaptive package", codec));
        reader.diagnostics.push(problem.with_help(message!("write `codec: aac`")));
    }
    if audio.as_ref().is_some_and(|audio| audio.tracks.len() > 1) {
        let at = place(record, "audio").unwrap_or(value.span);
        reader
            .diagnostics
            .push(conflict(at, message!("a rung holds one sound track")).with_help(message!("take one track")));
    }
    Some(Rung { video, audio })
}

/// What excludes each other in a finished package.
fn check(reader: &mut Reader<'_>, record: &Record, template: &AdaptiveTemplate) {
    let at = |names: &[&str]| names.iter().find_map(|name| place(record, name)).unwrap_or(template.head.declared);
    let kind = template.segment.kind;
    if template.format == AdaptiveFormat::Dash {
        check_dash(reader, record, template);
    }
    let av1 = |rung: &Rung| rung.video.as_ref().is_some_and(|video| video.codec == VideoCodec::Av1);
    if kind.is_transport_stream() && template.rungs.iter().any(av1) {
        let problem = conflict(at(&["rungs", "segment"]), message!("`av1` does not go into segments `{}`", kind));
        reader.diagnostics.push(problem.with_help(message!("write `segment: { type: mp4 }`, or another codec")));
    }
    check_rates(reader, at(&["rungs"]), &template.rungs);
}

/// DASH has one form of segments, and its encryption is not ours.
fn check_dash(reader: &mut Reader<'_>, record: &Record, template: &AdaptiveTemplate) {
    let kind = template.segment.kind;
    let declared = template.head.declared;
    if kind != PackageSegments::Mp4Mp4Byterange {
        let segment = super::field(record, "segment");
        let word = segment.and_then(|value| match &value.kind {
            ValueKind::Record(inner) => super::field(inner, "type"),
            _ => None,
        });
        let span = word.map(|value| value.span).or(place(record, "format")).unwrap_or(declared);
        let problem = conflict(span, message!("`dash` needs segments `mp4_mp4_byterange`, not `{}`", kind));
        let problem = problem.with_help(message!("write `mp4`, or `format: hls`"));
        reader.diagnostics.push(if word.is_some() { problem.with_fix(span, "mp4") } else { problem });
    }
    if template.encrypt.is_some() {
        let span = place(record, "encrypt").or(place(record, "format")).unwrap_or(declared);
        let problem = conflict(span, message!("`dash` cannot be encrypted with `aes_128`"));
        let value = super::field(record, "encrypt");
        let problem = problem.with_help(message!("write `encrypt: none`, or `format: hls`"));
        reader.diagnostics.push(match value {
            Some(value) => problem.with_fix(value.span, "none"),
            None => problem,
        });
    }
}

/// Rungs that start their pictures at other times make players stutter when they change (`language.md` 5).
fn check_rates(reader: &mut Reader<'_>, at: Span, rungs: &[Rung]) {
    let mut rates = rungs.iter().filter_map(|rung| rung.video.as_ref()).map(|video| video.rate);
    let Some(first) = rates.next() else { return };
    let Some(other) = rates.find(|rate| *rate != first) else { return };
    let words = |rate: Setting<FrameRate>| match rate {
        Setting::Auto => message!("the source's"),
        Setting::Exactly(rate) => rate.to_string().into(),
        Setting::AtMost(rate) => message!("at most {}", rate.to_string()),
    };
    let message = message!("the rungs have unequal frame rates: {} and {}", words(first), words(other));
    let problem = Diagnostic::new(&codes::UNEQUAL_RATES, message).at(at, "");
    reader.diagnostics.push(problem.with_help(message!("give every rung the same `fps`")));
}
