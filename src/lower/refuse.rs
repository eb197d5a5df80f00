//! Renditions that cannot be made by this version, or must not be made by any, told before anything else is decided.

use crate::catalog::template::{
    AudioCodec, Container, Copy, EncryptionTemplate, Fill, SegmentKind, TranscodeTemplate, VideoCodec,
};
use crate::diag::{Code, Diagnostic, Message, codes, message};

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
    Some(Diagnostic::new(code, message!("`{}` {}", label, fact)).with_help(help(code, container)))
}

type Refusal = (&'static Code, Message);

fn unsupported(template: &TranscodeTemplate) -> Option<Refusal> {
    let video = template.video.as_ref()?;
    let fact = match (video.copy, video.codec, video.fill) {
        (Copy::Always, ..) => message!("copies streams, which this version cannot do"),
        (_, VideoCodec::Av1, _) => message!("asks for AV1, which this version cannot make"),
        (_, VideoCodec::H265, _) if template.container == Container::Flv => {
            message!("asks for H.265 in FLV, which ffmpeg cannot write before 6.1")
        }
        (.., Fill::Blur) => {
            return Some((&codes::NOT_SUPPORTED_YET, message!("fills with blur, which this version cannot do")));
        }
        _ => return None,
    };
    Some((&codes::UNSUPPORTED_TEMPLATE, fact))
}

fn conflict(template: &TranscodeTemplate) -> Option<Refusal> {
    let container = template.container;
    if template.video.is_some() && container.is_audio_only() {
        return Some((
            &codes::CONFLICTING_FIELDS,
            message!("puts video into {}, which holds sound only", container.to_string()),
        ));
    }
    let audio = template.audio.as_ref().filter(|audio| !holds(container, audio.codec))?;
    let (codec, container) = (audio.codec.to_string(), container.to_string());
    Some((&codes::CONFLICTING_FIELDS, message!("puts {} into {}, which cannot hold it", codec, container)))
}

/// Encryption that would cover nothing (`language.md` 5, *Encryption*).
fn clear_media(template: &TranscodeTemplate) -> Option<Refusal> {
    let container = template.container;
    if !container.is_segmented() {
        return Some((
            &codes::CLEAR_MEDIA,
            message!("is {}, which would be published in the clear", container.to_string()),
        ));
    }
    let fact = message!("encrypts fMP4 segments, which ffmpeg cannot do with AES-128");
    (template.segment.kind == SegmentKind::Fmp4).then_some((&codes::UNSUPPORTED_TEMPLATE, fact))
}

fn help(code: &Code, container: Container) -> Message {
    match code.name {
        "clear-media" => message!("take an HLS template, or leave the encryption out"),
        "conflicting-fields" => message!("change the container or the codec"),
        "not-supported-yet" => message!("take `black`, `white` or `stretch`"),
        _ if container.is_segmented() => {
            message!("take `segment: { type: ts }`, or another template: `vodflow templates` lists them")
        }
        _ => message!("take another template: `vodflow templates` lists them"),
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
