//! The sound of a rendition or of a rung.

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply, infos, set};
use super::video::{Stream, small};
use crate::catalog::template::{AudioCodec, AudioSettings};
use crate::diag::{Diagnostic, codes, message};
use crate::sema::read::Reader;
use crate::syntax::ast::{Value, ValueKind};
use std::ops::RangeInclusive;

/// Range of `vod.md` C.1 for users' templates.
const KBPS: RangeInclusive<u64> = 26..=256;
const TRACK: RangeInclusive<u32> = 1..=64;

/// Sound settings; a codec that is not written follows the container.
struct Draft {
    settings: AudioSettings,
    codec: Option<AudioCodec>,
}

const RULES: &[FieldRule<Draft>] = &[
    FieldRule::new(
        "codec",
        "How the sound is compressed; without it the container's usual one.",
        Accepts::Words(AudioCodec::WORDS),
        Absent::Nothing,
        |reader, value, draft| {
            draft.codec = reader.word(value, AudioCodec::WORDS, AudioCodec::from_word).or(draft.codec);
        },
    ),
    FieldRule::new(
        "bitrate",
        "Bits per second; `auto` is 64kbps for each channel.",
        Accepts::Bitrate(KBPS),
        Absent::Usual("auto"),
        |reader, value, draft| set(&mut draft.settings.bitrate, reader.bitrate(value, KBPS)),
    ),
    FieldRule::new(
        "sample_rate",
        "Samples per second.",
        Accepts::SampleRate,
        Absent::Usual("source"),
        |reader, value, draft| set(&mut draft.settings.sample_rate, reader.sample_rate(value)),
    ),
    FieldRule::new(
        "channels",
        "1, 2 or 6 channels, or those of the source.",
        Accepts::Integer { range: 1..=6, words: &["source"] },
        Absent::Usual("2"),
        channels,
    ),
    FieldRule::new(
        "tracks",
        "Which sound tracks of the source, counted from 1; without it the first.",
        Accepts::Integers(TRACK),
        Absent::Nothing,
        tracks,
    ),
];

/// The fields of a sound, for people.
pub fn audio_infos() -> Vec<FieldInfo> {
    infos(RULES)
}

/// Reads `audio: { … }` or `audio: none` over what the template extends; the codec apart, because the container may
/// still follow.
pub fn read(
    reader: &mut Reader<'_>,
    value: &Value,
    stream: &mut Stream<AudioSettings>,
    codec: &mut Option<AudioCodec>,
) {
    let record = match &value.kind {
        ValueKind::Record(record) => record,
        ValueKind::Word(word) if word == "none" => {
            *stream = Stream::Absent;
            return;
        }
        _ => {
            reader.wrong_type::<()>(value, message!("a block such as `{ codec: aac }`, or `none`"));
            return;
        }
    };
    let settings = match &stream {
        Stream::Given(settings) => settings.clone(),
        Stream::Implied | Stream::Absent => AudioSettings::usual(),
    };
    let mut draft = Draft { settings, codec: *codec };
    apply(reader, record, || message!("`audio`"), RULES, &mut draft);
    *codec = draft.codec;
    *stream = Stream::Given(draft.settings);
}

fn channels(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    if matches!(&value.kind, ValueKind::Word(word) if word == "source") {
        draft.settings.channels = None;
        return;
    }
    let Some(channels) = reader.integer(value, 1..=6) else { return };
    if matches!(channels, 1 | 2 | 6) {
        draft.settings.channels = small(Some(channels));
    } else {
        reader.out_of_range::<()>(value.span, message!("1, 2, 6 and `source` are allowed"));
    }
}

/// A list of tracks, or one.
fn tracks(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    let elements = match &value.kind {
        ValueKind::List(elements) => elements.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let mut tracks: Vec<u32> = Vec::new();
    for element in elements {
        let Some(track) = reader.integer(element, TRACK) else { continue };
        if tracks.contains(&track) {
            let message = message!("the track `{}` is listed twice", track);
            reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(element.span, ""));
        } else {
            tracks.push(track);
        }
    }
    draft.settings.tracks = tracks;
}
