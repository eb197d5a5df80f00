//! Renditions that cannot be made by this version, or must not be made by any, told before anything else is decided.

use crate::catalog::template::{
    AudioCodec, Container, Copy, EncryptionTemplate, Fill, SegmentKind, TranscodeTemplate, VideoCodec,
};
use crate::diag::{Code, Diagnostic, codes};

/// Why a rendition is refused, if it is.
pub fn rendition(
    template: &TranscodeTemplate,
    encryption: Option<&EncryptionTemplate>,
    label: &str,
) -> Option<Diagnostic> {
    let container = template.container;
    let (code, fact) = unsupported(template)
        .or_else(|| conflict(template))
        .or_else(|| encryption.and_then(|_| clear_media(template)))?;
    Some(Diagnostic::new(code, format!("`{label}` {fact}")).with_help(help(code, container)))
}

type Refusal = (&'static Code, String);

fn unsupported(template: &TranscodeTemplate) -> Option<Refusal> {
    let video = template.video.as_ref()?;
    let fact = match (video.copy(), video.codec, video.fill) {
        (Copy::Always, ..) => "copies streams, which this version cannot do",
        (_, VideoCodec::Av1, _) => "asks for AV1, which this version cannot make",
        (_, VideoCodec::H265, _) if template.container == Container::Flv => {
            "asks for H.265 in FLV, which ffmpeg cannot write before 6.1"
        }
        (.., Fill::Blur) => {
            return Some((&codes::NOT_SUPPORTED_YET, "fills with blur, which this version cannot do".into()));
        }
        _ => return None,
    };
    Some((&codes::UNSUPPORTED_TEMPLATE, fact.to_owned()))
}

fn conflict(template: &TranscodeTemplate) -> Option<Refusal> {
    let container = template.container;
    if template.video.is_some() && container.is_audio_only() {
        return Some((&codes::CONFLICTING_FIELDS, format!("puts video into {container}, which holds sound only")));
    }
    let audio = template.audio.as_ref().filter(|audio| !holds(container, audio.codec))?;
    Some((&codes::CONFLICTING_FIELDS, format!("puts {} into {container}, which cannot hold it", audio.codec)))
}

/// Encryption that would cover nothing (`language.md` 5, *Encryption*).
fn clear_media(template: &TranscodeTemplate) -> Option<Refusal> {
    let container = template.container;
    if !container.is_segmented() {
        return Some((&codes::CLEAR_MEDIA, format!("is {container}, which would be published in the clear")));
    }
    let fact = "encrypts fMP4 segments, which ffmpeg cannot do with AES-128";
    (template.segment.kind == SegmentKind::Fmp4).then(|| (&codes::UNSUPPORTED_TEMPLATE, fact.to_owned()))
}

fn help(code: &Code, container: Container) -> &'static str {
    match code.name {
        "clear-media" => "take an HLS template, or leave the encryption out",
        "conflicting-fields" => "change the container or the codec",
        "not-supported-yet" => "take `black`, `white` or `stretch`",
        _ if container.is_segmented() => {
            "take `segment: { type: ts }`, or another template: `vodflow templates` lists them"
        }
        _ => "take another template: `vodflow templates` lists them",
    }
}

/// Which sound a container can hold and players expect there (`vod.md` C.1).
fn holds(container: Container, codec: AudioCodec) -> bool {
    match container {
        Container::Mp4 | Container::Hls | Container::Flv => matches!(codec, AudioCodec::Aac | AudioCodec::Mp3),
        Container::M4a => codec == AudioCodec::Aac,
        Container::Mp3 => codec == AudioCodec::Mp3,
        Container::Flac => codec == AudioCodec::Flac,
        Container::Ogg => matches!(codec, AudioCodec::Opus | AudioCodec::Flac),
        Container::Wav => codec == AudioCodec::Pcm16,
    }
}
