//! Renditions that cannot be made by this version, or must not be made by any, told before anything else is decided.

use super::KeyService;
use crate::catalog::template::{
    AdaptiveTemplate, AudioCodec, Container, Copy, EncryptionTemplate, Hdr, Passes, Rung, SegmentKind,
    TranscodeTemplate, VideoCodec, VideoSettings,
};
use crate::diag::{Code, Diagnostic, codes};
use crate::target::{AOM_AV1, Target};

/// Why a rendition is refused, if it is.
pub fn rendition(
    template: &TranscodeTemplate,
    encryption: Option<&EncryptionTemplate>,
    target: &Target,
    label: &str,
) -> Option<Diagnostic> {
    let (code, fact, help) = unsupported(template, target)
        .or_else(|| template.video.as_ref().and_then(unsupported_picture))
        .or_else(|| conflict(template))
        .or_else(|| encryption.and_then(|_| clear_media(template)))?;
    Some(Diagnostic::new(code, format!("`{label}` {fact}")).with_help(help))
}

/// Why an encryption template cannot be used, if it cannot: players would not find the key.
pub fn encryption(template: &EncryptionTemplate, keys: &KeyService) -> Option<Diagnostic> {
    if template.key_url.is_some() || keys.url.is_some() {
        return None;
    }
    let label = template.head.label();
    let fact = format!("the encryption template `{label}` has no `key_url`, so that players would not find the key");
    let help = format!(
        "give one with `--key-url`, or declare `template encryption NAME {{ extends: {label}  key_url: \"https://…\" }}` and name that one"
    );
    Some(Diagnostic::new(&codes::MISSING_FIELD, fact).with_help(help))
}

/// Why an adaptive package is refused, if it is.
pub fn package(template: &AdaptiveTemplate, keys: &KeyService) -> Option<Diagnostic> {
    let chosen = |rung: &Rung| rung.audio.as_ref().is_some_and(|audio| !matches!(audio.tracks.as_slice(), [] | [1]));
    if template.rungs.iter().any(chosen) {
        let fact =
            format!("`{}` takes other sound tracks than the first, which packages cannot yet", template.head.label());
        return Some(Diagnostic::new(&codes::UNSUPPORTED_TEMPLATE, fact).with_help("leave `tracks` out"));
    }
    let copied = |rung: &Rung| rung.video.as_ref().is_some_and(|video| video.copy == Some(Copy::Always));
    if template.rungs.iter().any(copied) {
        let fact =
            format!("`{}` copies a rung, whose keyframes would not be those of the others", template.head.label());
        return Some(Diagnostic::new(&codes::UNSUPPORTED_TEMPLATE, fact).with_help("leave `copy` out"));
    }
    template.encrypt.as_deref().and_then(|one| encryption(one, keys))
}

/// Code, what the template does, and what to do about it.
type Refusal = (&'static Code, String, &'static str);

const OTHER_TEMPLATE: &str = "take another template: `vodflow templates` lists them";

fn unsupported(template: &TranscodeTemplate, target: &Target) -> Option<Refusal> {
    let video = template.video.as_ref()?;
    let (fact, help) = match video.codec {
        VideoCodec::Av1 if template.container.is_segmented() && template.segment.kind == SegmentKind::Ts => {
            ("asks for AV1 in MPEG-TS, which cannot hold it".into(), "write `segment: { type: fmp4 }`")
        }
        VideoCodec::Av1 if video.level.is_some() && made_by(video, target) == Some(AOM_AV1.into()) => {
            ("asks for a level of AV1, which libaom cannot be told".into(), "leave `level` out")
        }
        VideoCodec::Av1 if video.hdr == Hdr::Keep && made_by(video, target) == Some(AOM_AV1.into()) => {
            ("keeps a high dynamic range in AV1, of which libaom cannot be told all".into(), "write `codec: h265`")
        }
        VideoCodec::H265 if template.container == Container::Flv && !target.writes_h265_in_flv() => {
            let fact = format!("asks for H.265 in FLV, which ffmpeg writes from 6.1 on; this is {}", target.version);
            (fact, OTHER_TEMPLATE)
        }
        _ => return None,
    };
    Some((&codes::UNSUPPORTED_TEMPLATE, fact, help))
}

/// The name of the encoder of a picture, if there is one.
fn made_by(video: &VideoSettings, target: &Target) -> Option<String> {
    target.video_encoder(video.codec, video.mode).map(|found| found.encoder().to_owned())
}

/// Fields that the language has and an encoder cannot do: none is silently left out.
fn unsupported_picture(video: &VideoSettings) -> Option<Refusal> {
    let asked = video.passes == Passes::Two && video.codec == VideoCodec::Av1;
    let fact = "is encoded in two passes, which the encoder of AV1 cannot do";
    asked.then(|| (&codes::UNSUPPORTED_TEMPLATE, fact.to_owned(), "write `passes: 1`"))
}

fn conflict(template: &TranscodeTemplate) -> Option<Refusal> {
    const HELP: &str = "change the container or the codec";
    let container = template.container;
    if template.video.is_some() && container.is_audio_only() {
        let fact = format!("puts video into {container}, which holds sound only");
        return Some((&codes::CONFLICTING_FIELDS, fact, HELP));
    }
    let audio = template.audio.as_ref().filter(|audio| !holds(container, audio.codec))?;
    let fact = format!("puts {} into {container}, which cannot hold it", audio.codec);
    Some((&codes::CONFLICTING_FIELDS, fact, HELP))
}

/// Encryption that would cover nothing (`language.md` 5, *Encryption*).
fn clear_media(template: &TranscodeTemplate) -> Option<Refusal> {
    let container = template.container;
    let fact = || format!("is {container}, which would be published in the clear");
    let help = "take an HLS template, or leave the encryption out";
    (!container.is_segmented()).then(|| (&codes::CLEAR_MEDIA, fact(), help))
}

/// Which sound a container can hold and players expect there (`vod.md` C.1).
pub(super) fn holds(container: Container, codec: AudioCodec) -> bool {
    match container {
        Container::Mp4 | Container::Hls | Container::Flv => matches!(codec, AudioCodec::Aac | AudioCodec::Mp3),
        Container::M4a => matches!(codec, AudioCodec::Aac | AudioCodec::Mp3),
        Container::Mp3 => codec == AudioCodec::Mp3,
        Container::Flac => codec == AudioCodec::Flac,
        Container::Ogg => matches!(codec, AudioCodec::Opus | AudioCodec::Flac),
        Container::Wav => codec == AudioCodec::Pcm16,
    }
}
