//! Copies of streams, and remuxes.
//!
//! Copying is part of what is delivered, so it is decided here, from template and source alone, and enters the key
//! (`language.md` 5, *Copy*); `conform` proves when.

use super::conform::holds_video;
use super::{Lowering, Obstacle, Request, refuse, source};
use crate::catalog::template::{AudioCodec, Container, TranscodeTemplate, VideoCodec};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::{Transcode, Trim};
use crate::media::{AudioFacts, Rotation, VideoFacts};
use crate::plan::StreamSelector;
use crate::plan::op::{Op, StreamCopy};
use crate::plan::stream::{StreamType, VideoType};
use petgraph::stable_graph::NodeIndex;

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
    let known = codecs.into_iter().find(|codec| codec.stream_name() == facts.codec);
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
    let known = codecs.into_iter().find(|codec| codec.stream_name() == facts.codec);
    known
        .filter(|codec| refuse::holds(template.container, *codec))
        .ok_or_else(|| format!("{} is not copied into {}{ENCODE_INSTEAD}", facts.codec, template.container))
}
