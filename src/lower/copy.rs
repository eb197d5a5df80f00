//! Copies of streams: the prover that says whether the source already is what a template asks for, and remuxes.
//!
//! Copying is part of what is delivered, so it is decided here, from template and source alone, and enters the key. A
//! fact that is not known counts against it (`language.md` 5, *Copy*).

use super::{Lowering, Obstacle, Request, refuse, source};
use crate::catalog::template::{
    AudioCodec, AudioSettings, Container, Deinterlace, Denoise, Hdr, Profile, RateMode, Segment, SegmentKind, Setting,
    TranscodeTemplate, VideoCodec, VideoPixelFormat, VideoSettings,
};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::{Transcode, Trim};
use crate::media::{AudioFacts, Rotation, SourceFacts, VideoFacts};
use crate::plan::op::{Op, StreamCopy};
use crate::plan::stream::{StreamType, VideoType};
use crate::plan::{FrameTiming, StreamSelector};
use crate::units::{Bitrate, Resolution};
use petgraph::stable_graph::NodeIndex;

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
    pub has_marks: bool,
    pub is_part: bool,
    /// Whether keyframes have to lie where those of other renditions do.
    pub is_aligned: bool,
}

/// What is asked of a sound stream.
pub(super) struct SoundQuestion<'a> {
    pub source: &'a SourceFacts,
    pub facts: &'a AudioFacts,
    pub settings: &'a AudioSettings,
    pub container: Container,
    pub is_part: bool,
}

/// The name of a clause, and what speaks against it; nothing when it holds.
type PictureClause = (&'static str, fn(&PictureQuestion<'_>) -> Option<String>);
type SoundClause = (&'static str, fn(&SoundQuestion<'_>) -> Option<String>);

const PICTURE: &[PictureClause] = &[
    ("whole", |asked| asked.is_part.then(|| "only a part is asked for".into())),
    ("marks", |asked| asked.has_marks.then(|| "a mark is laid over it".into())),
    ("alignment", |asked| asked.is_aligned.then(|| "keyframes are aligned with other renditions".into())),
    ("complete", |asked| (!asked.source.damage.is_empty()).then(|| "the source is damaged".into())),
    ("codec", |asked| differs(&asked.facts.codec, source_name(asked.settings.codec))),
    ("container", |asked| {
        let held = holds_video(asked.container, asked.segment, asked.settings.codec);
        (!held).then(|| format!("{} cannot hold it", asked.container))
    }),
    ("size", |asked| differs(&asked.facts.displayed_size(), &asked.size)),
    ("upright", |asked| (asked.facts.rotation != Rotation::None).then(|| "a player has to turn it".into())),
    ("square pixels", |asked| differs(&asked.facts.displayed_size(), &asked.facts.coded_size)),
    ("frame rate", |asked| match source::decoded_video(asked.facts).timing {
        FrameTiming::AsSource(_) => Some("the source's is variable".into()),
        same if same == asked.timing => None,
        other => Some(format!("{} is not {}", other.rate(), asked.timing.rate())),
    }),
    ("bitrate", |asked| over(asked.facts.bitrate, asked.settings.bitrate)),
    ("spread of bits", |asked| match asked.settings.mode {
        RateMode::Vbr | RateMode::Abr if asked.settings.crf.is_none() => None,
        _ => Some("a constant rate or quality is asked for".into()),
    }),
    ("profile", |asked| profile(asked.facts, asked.settings)),
    ("level", |asked| {
        let ceiling = asked.settings.level?;
        match asked.facts.level {
            Some(level) if asked.settings.codec == VideoCodec::H264 && level <= u32::from(ceiling) => None,
            Some(level) => Some(format!("{level} is above {ceiling}, or counted otherwise")),
            None => Some("it is not known".into()),
        }
    }),
    ("B-frames", |asked| asked.settings.bframes.map(|_| "how many there are in a row is not known".into())),
    ("pixels", |asked| {
        let wanted = match asked.settings.pixel_format {
            VideoPixelFormat::Yuv420p => "yuv420p",
            VideoPixelFormat::Yuv420p10 => "yuv420p10le",
        };
        differs(&asked.facts.pixel_format, wanted)
    }),
    ("range", |asked| (asked.facts.colour.range.as_deref() == Some("pc")).then(|| "it is full".into())),
    ("dynamic range", |asked| (asked.facts.is_hdr() && asked.settings.hdr != Hdr::Keep).then(|| "it is high".into())),
    ("fields", |asked| match asked.settings.deinterlace {
        Deinterlace::On => Some("deinterlacing is asked for".into()),
        _ => asked.facts.interlaced.then(|| "the source is interlaced".into()),
    }),
    ("denoise", |asked| (asked.settings.denoise == Denoise::On).then(|| "it is asked for".into())),
    ("keyframes", keyframes),
];

const SOUND: &[SoundClause] = &[
    ("whole", |asked| asked.is_part.then(|| "only a part is asked for".into())),
    ("complete", |asked| (!asked.source.damage.is_empty()).then(|| "the source is damaged".into())),
    ("tracks", |asked| (asked.settings.tracks.len() > 1).then(|| "several are asked for".into())),
    ("codec", |asked| differs(&asked.facts.codec, sound_name(asked.settings.codec))),
    ("container", |asked| {
        (!refuse::holds(asked.container, asked.settings.codec)).then(|| format!("{} cannot hold it", asked.container))
    }),
    ("profile", |asked| match (asked.settings.codec, asked.facts.profile.as_deref()) {
        (AudioCodec::Aac, None) => Some("it is not known".into()),
        (AudioCodec::Aac, Some(profile)) => differs(profile, "LC"),
        _ => None,
    }),
    ("sampling rate", |asked| match asked.settings.sample_rate {
        Setting::Auto => None,
        Setting::Exactly(rate) => differs(&asked.facts.sample_rate, &rate),
        Setting::AtMost(rate) => {
            (asked.facts.sample_rate > rate).then(|| format!("{} Hz is above {rate} Hz", asked.facts.sample_rate))
        }
    }),
    ("channels", |asked| differs(&asked.facts.channels, &asked.settings.channels?)),
    ("bitrate", |asked| over(asked.facts.bitrate, asked.settings.bitrate)),
];

/// What speaks against copying a picture stream; nothing when the source is already what is asked for.
pub(super) fn against_picture(asked: &PictureQuestion) -> Vec<String> {
    PICTURE.iter().filter_map(|(name, fails)| Some(format!("{name}: {}", fails(asked)?))).collect()
}

/// The same of a sound stream.
pub(super) fn against_sound(asked: &SoundQuestion) -> Vec<String> {
    SOUND.iter().filter_map(|(name, fails)| Some(format!("{name}: {}", fails(asked)?))).collect()
}

fn differs<A: std::fmt::Display + ?Sized, B: std::fmt::Display + ?Sized>(found: &A, wanted: &B) -> Option<String> {
    let (found, wanted) = (found.to_string(), wanted.to_string());
    (found != wanted).then(|| format!("{found} is not {wanted}"))
}

/// A template's bitrate is a ceiling for what is copied; without one there is nothing to hold the source to.
fn over(source: Option<Bitrate>, setting: Setting<Bitrate>) -> Option<String> {
    match (setting, source) {
        (Setting::Auto, _) => Some("none is asked for that could be a ceiling".into()),
        (_, None) => Some("it is not known".into()),
        (Setting::Exactly(ceiling) | Setting::AtMost(ceiling), Some(rate)) => {
            (rate > ceiling).then(|| format!("{rate} is above {ceiling}"))
        }
    }
}

fn profile(facts: &VideoFacts, settings: &VideoSettings) -> Option<String> {
    let Some(found) = facts.profile.as_deref() else { return Some("it is not known".into()) };
    let allowed: &[&str] = match (settings.codec, settings.profile.unwrap_or(Profile::High)) {
        (VideoCodec::H264, Profile::Baseline) => &["Constrained Baseline"],
        (VideoCodec::H264, Profile::Main) => &["Constrained Baseline", "Main"],
        (VideoCodec::H264, Profile::High) => &["Constrained Baseline", "Main", "High", "Constrained High"],
        (VideoCodec::H265 | VideoCodec::Av1, _) => match settings.pixel_format {
            VideoPixelFormat::Yuv420p => &["Main"],
            VideoPixelFormat::Yuv420p10 => &["Main", "Main 10"],
        },
    };
    (!allowed.contains(&found)).then(|| format!("{found} is not {}", allowed.last().unwrap_or(&"")))
}

/// A keyframe first, none further apart than asked, and one where each segment starts. Whether groups are closed is
/// only known of H.264 in MP4, which lists no others.
fn keyframes(asked: &PictureQuestion) -> Option<String> {
    let (keys, count) = (&asked.facts.keyframes, asked.facts.frames.count());
    if keys.first() != Some(&0) {
        return Some("the first picture is none, or they are not known".into());
    }
    let ends = keys.iter().skip(1).copied().chain([count]);
    let longest = keys.iter().zip(ends).map(|(start, end)| end - start).max().unwrap_or(count);
    if longest > u64::from(asked.gop) {
        return Some(format!("they are up to {longest} pictures apart, at most {} are asked for", asked.gop));
    }
    let frames = asked.segment_frames?;
    if asked.settings.codec != VideoCodec::H264 || !asked.source.container.starts_with("mov") {
        return Some("whether they start closed groups is not known".into());
    }
    let missing = (0..count).step_by(frames.max(1) as usize).find(|start| keys.binary_search(start).is_err());
    missing.map(|start| format!("picture {start} starts a segment and is none"))
}

fn source_name(codec: VideoCodec) -> &'static str {
    match codec {
        VideoCodec::H264 => "h264",
        VideoCodec::H265 => "hevc",
        VideoCodec::Av1 => "av1",
    }
}

fn sound_name(codec: AudioCodec) -> &'static str {
    match codec {
        AudioCodec::Aac => "aac",
        AudioCodec::Mp3 => "mp3",
        AudioCodec::Flac => "flac",
        AudioCodec::Opus => "opus",
        AudioCodec::Pcm16 => "pcm_s16le",
    }
}

/// Which pictures a container can hold so that players of it find them.
fn holds_video(container: Container, segment: Option<Segment>, codec: VideoCodec) -> bool {
    match container {
        Container::Mp4 => true,
        Container::Hls => codec == VideoCodec::H264 || segment.is_some_and(|segment| segment.kind == SegmentKind::Fmp4),
        Container::Flv => codec == VideoCodec::H264,
        _ => false,
    }
}

impl<'a> Lowering<'a> {
    /// Copies the picture stream, times counted from T0.
    pub(super) fn copy_picture(&mut self, demux: NodeIndex, codec: VideoCodec) -> Option<NodeIndex> {
        let (facts, timeline) = (self.input.source.picture()?, self.timeline?);
        let shown = source::decoded_video(facts);
        let start = crate::units::Timestamp(shown.start.0 - timeline.zero().0);
        // A copy is stored as it was coded; turning it is left to players.
        let coded = VideoType { size: facts.coded_size, sample_aspect: facts.sample_aspect, start, ..shown };
        let stream = StreamSelector::Video { index: facts.index };
        let output = StreamType::EncodedVideo(codec, coded);
        Some(self.add(Op::Copy(StreamCopy { stream, zero: timeline.zero(), output }), &[demux]))
    }

    /// Copies a sound stream, times counted from T0.
    pub(super) fn copy_sound(&mut self, demux: NodeIndex, facts: &AudioFacts, codec: AudioCodec) -> Option<NodeIndex> {
        let timeline = self.timeline?;
        let StreamType::Audio(mut sound) = source::decoded_audio(facts) else { return None };
        sound.start = crate::units::Timestamp(sound.start.0 - timeline.zero().0);
        let stream = StreamSelector::Audio { index: facts.index };
        let output = StreamType::EncodedAudio(codec, sound);
        Some(self.add(Op::Copy(StreamCopy { stream, zero: timeline.zero(), output }), &[demux]))
    }

    /// The streams of a template that copies whatever the source has (`copy: always`), and which sounds they are.
    pub(super) fn remuxed(
        &mut self,
        template: &TranscodeTemplate,
        transcode: &Transcode,
        request: &Request,
    ) -> Result<(Vec<NodeIndex>, Vec<&'a AudioFacts>), Obstacle> {
        self.refuse_changes(transcode, request)?;
        let source = self.input.source;
        let picture = source.picture();
        let sounds = match &template.audio {
            Some(settings) => self.tracks(settings, None)?,
            None => Vec::new(),
        };
        let picture = picture.filter(|_| template.video.is_some());
        let picture = picture.map(|facts| copyable_picture(template, facts).map_err(cannot)).transpose()?;
        let codecs = sounds.iter().map(|facts| copyable_sound(template, facts).map_err(cannot));
        let codecs = codecs.collect::<Result<Vec<_>, _>>()?;
        let form = |facts: &AudioFacts| (facts.codec.clone(), facts.sample_rate, facts.channels);
        if sounds.windows(2).any(|pair| form(pair[0]) != form(pair[1])) {
            return Err(cannot("sound tracks of unequal form cannot be copied into one file".into()));
        }
        if picture.is_none() && sounds.is_empty() {
            return Err(Obstacle::Fail(&codes::NO_SUCH_STREAM, "the source has nothing that could be copied".into()));
        }
        let demux = self.demux();
        let mut streams = Vec::new();
        streams.extend(picture.and_then(|codec| self.copy_picture(demux, codec)));
        for (facts, codec) in sounds.iter().zip(codecs) {
            streams.extend(self.copy_sound(demux, facts, codec));
        }
        Ok((streams, sounds))
    }

    /// A copy cannot be changed on the way.
    fn refuse_changes(&mut self, transcode: &Transcode, request: &Request) -> Result<(), Obstacle> {
        let (fact, help) = if !transcode.marks.is_empty() {
            (
                message!("`{}` copies streams, and no mark can be laid over a copy", &request.label),
                message!("leave the mark out, or take a template that encodes"),
            )
        } else if transcode.trim != Trim::default() {
            (
                message!("`{}` copies streams, and a part of one cannot be copied exactly", &request.label),
                message!("take a template that encodes"),
            )
        } else {
            return Ok(());
        };
        let diagnostic = Diagnostic::new(&codes::UNSUPPORTED_TEMPLATE, fact).at(request.asked, "").with_help(help);
        self.diagnostics.push(diagnostic);
        Err(Obstacle::Refused)
    }
}

/// The nearest that is possible.
const ENCODE_INSTEAD: &str = "; a template that encodes can make it";

fn cannot(reason: String) -> Obstacle {
    Obstacle::Fail(&codes::UNSUPPORTED_TEMPLATE, reason)
}

fn copyable_picture(template: &TranscodeTemplate, facts: &VideoFacts) -> Result<VideoCodec, String> {
    let container = template.container;
    let codecs = [VideoCodec::H264, VideoCodec::H265, VideoCodec::Av1];
    let known = codecs.into_iter().find(|codec| source_name(*codec) == facts.codec);
    match known.filter(|codec| holds_video(container, Some(template.segment), *codec)) {
        None => Err(format!("{} is not copied into {container}{ENCODE_INSTEAD}", facts.codec)),
        Some(_) if facts.rotation != Rotation::None && container != Container::Mp4 => {
            Err(format!("the source is turned by its container, which {container} cannot do{ENCODE_INSTEAD}"))
        }
        Some(codec) => Ok(codec),
    }
}

fn copyable_sound(template: &TranscodeTemplate, facts: &AudioFacts) -> Result<AudioCodec, String> {
    let codecs = [AudioCodec::Aac, AudioCodec::Mp3, AudioCodec::Flac, AudioCodec::Opus, AudioCodec::Pcm16];
    let known = codecs.into_iter().find(|codec| sound_name(*codec) == facts.codec);
    known
        .filter(|codec| refuse::holds(template.container, *codec))
        .ok_or_else(|| format!("{} is not copied into {}{ENCODE_INSTEAD}", facts.codec, template.container))
}
