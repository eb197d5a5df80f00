//! Which settings of a rendition go together (`vod.md` C.1).

use super::{conflict, field, offer_deletion, place};
use crate::catalog::template::{
    AudioCodec, AudioSettings, Container, SegmentKind, Setting, TranscodeTemplate, VideoCodec, VideoSettings,
};
use crate::diag::{Diagnostic, Diagnostics, all_of, codes, message};
use crate::sema::read::Reader;
use crate::syntax::ast::{Record, Value, ValueKind};
use crate::text::Span;
use crate::units::Frequency;

/// The sound codec of a template that names none.
pub fn usual_audio_codec(container: Container) -> AudioCodec {
    allowed_audio(container)[0]
}

/// Sound codecs a container takes, the usual one first.
fn allowed_audio(container: Container) -> &'static [AudioCodec] {
    match container {
        Container::Mp4 | Container::M4a | Container::Flv => &[AudioCodec::Aac, AudioCodec::Mp3],
        Container::Hls => &[AudioCodec::Aac],
        Container::Mp3 => &[AudioCodec::Mp3],
        Container::Flac => &[AudioCodec::Flac],
        Container::Ogg => &[AudioCodec::Opus, AudioCodec::Flac],
        Container::Wav => &[AudioCodec::Pcm16],
    }
}

/// Reports settings of a finished template that exclude each other; `record` is where they are written.
pub fn check_together(reader: &mut Reader<'_>, record: &Record, template: &TranscodeTemplate) {
    let container = template.container;
    let at = |names: &[&str]| names.iter().find_map(|name| place(record, name)).unwrap_or(template.head.declared);
    let out = &mut reader.diagnostics;
    match (&template.video, &template.audio) {
        (None, None) => out.push(conflict(at(&["audio", "video"]), message!("neither picture nor sound is left"))),
        (Some(video), _) => check_video(video, template, at(&["video", "container"]), out),
        (None, Some(_)) => {}
    }
    if let Some(audio) = &template.audio {
        check_audio(audio, container, at(&["audio", "container"]), out);
        check_effects(reader, record, audio);
    }
    if let Some(segment) = place(record, "segment").filter(|_| !container.is_segmented()) {
        let message = message!("`segment` has no effect in `{}`", container);
        let problem = Diagnostic::new(&codes::NO_EFFECT, message).at(segment, "");
        let problem = offer_deletion(problem, reader, record, "segment");
        reader.diagnostics.push(problem);
    }
}

fn check_video(video: &VideoSettings, template: &TranscodeTemplate, at: Span, out: &mut Diagnostics) {
    let container = template.container;
    if container.is_audio_only() {
        let problem = conflict(at, message!("the container `{}` holds no picture", container));
        out.push(problem.with_help(message!("write `video: none`")));
    } else if video.codec == VideoCodec::Av1 && container == Container::Hls {
        if template.segment.kind == SegmentKind::Ts {
            let problem = conflict(at, message!("`av1` does not go into segments `{}`", SegmentKind::Ts));
            out.push(problem.with_help(message!("write `segment: {{ type: fmp4 }}`, or another codec")));
        }
    } else if video.codec == VideoCodec::Av1 && container != Container::Mp4 {
        let problem = conflict(at, message!("`av1` does not go into `{}`", container));
        out.push(problem.with_help(message!("write `container: mp4`, or another codec")));
    }
}

fn check_audio(audio: &AudioSettings, container: Container, at: Span, out: &mut Diagnostics) {
    let allowed = allowed_audio(container);
    if !allowed.contains(&audio.codec) {
        let words: Vec<&str> = allowed.iter().map(|codec| codec.word()).collect();
        let problem = conflict(at, message!("the sound codec `{}` does not go into `{}`", audio.codec, container));
        out.push(problem.with_help(message!("`{}` takes {}", container, all_of(&words))));
    }
    if audio.channels == Some(6) && container.is_audio_only() {
        out.push(conflict(at, message!("six channels do not go into `{}`", container)));
    }
    if audio.sample_rate == Setting::Exactly(Frequency(16_000)) && audio.codec != AudioCodec::Pcm16 {
        out.push(conflict(at, message!("16kHz is for `pcm16`, the codec is `{}`", audio.codec)));
    }
    if audio.tracks.len() > 1 && !matches!(container, Container::Mp4 | Container::M4a) {
        let problem =
            conflict(at, message!("`{}` holds one sound track, {} are asked for", container, audio.tracks.len()));
        out.push(problem.with_help(message!("take one track, or `container: mp4`")));
    }
}

/// A bitrate that a lossless codec does not listen to.
fn check_effects(reader: &mut Reader<'_>, record: &Record, audio: &AudioSettings) {
    let Some(Value { kind: ValueKind::Record(inner), .. }) = field(record, "audio") else { return };
    let lossless = matches!(audio.codec, AudioCodec::Flac | AudioCodec::Pcm16);
    let Some(bitrate) = place(inner, "bitrate").filter(|_| lossless) else { return };
    let message = message!("`bitrate` has no effect with the lossless codec `{}`", audio.codec);
    let problem = Diagnostic::new(&codes::NO_EFFECT, message).at(bitrate, "");
    let problem = offer_deletion(problem, reader, inner, "bitrate");
    reader.diagnostics.push(problem);
}
