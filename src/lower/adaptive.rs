//! Adaptive packages: which rungs a source allows, on one grid of keyframes and segments, as one output.

use super::mark::PlacedMark;
use super::part::{Part, Sort};
use super::rendition::VideoDecision;
use super::{Lowering, Made, Obstacle, Request, refuse, size, source};
use crate::catalog::template::{
    AdaptiveFormat, AdaptiveTemplate, Container, Rung, Segment, SegmentKind, TranscodeTemplate, Upscale, VideoSettings,
};
use crate::diag::Diagnostic;
use crate::hir::{Mark, TaskOptions, Trim};
use crate::plan::op::Op;
use crate::plan::package::{Adaptive, Variant};
use crate::plan::{AudioCoding, FrameTiming, Moments, OutputKind};
use crate::text::Span;
use petgraph::stable_graph::NodeIndex;
use std::collections::BTreeSet;

/// A rung with everything decided.
struct RungDecision {
    video: Option<VideoDecision>,
    marks: Vec<PlacedMark>,
    audio: Option<AudioCoding>,
}

/// Elementary streams of a package under construction.
#[derive(Default)]
struct Streams {
    inputs: Vec<NodeIndex>,
    /// Where sound is kept apart, each setting once, with its place in `inputs`.
    sounds: Vec<(AudioCoding, u8)>,
}

impl Streams {
    fn push(&mut self, stream: Option<NodeIndex>) -> Option<u8> {
        let port = u8::try_from(self.inputs.len()).ok()?;
        self.inputs.push(stream?);
        Some(port)
    }
}

impl Lowering<'_> {
    /// The output of an `adaptive` statement.
    pub(super) fn adaptive(
        &mut self,
        template: &AdaptiveTemplate,
        trim: &Trim,
        marks: &[Mark],
        options: &TaskOptions,
        asked: Span,
    ) {
        let head = &template.head;
        let kind = OutputKind::AdaptiveDynamicStreaming;
        let mut request = Request { kind, label: head.label(), definition: head.id, moments: Moments::Unnamed, asked };
        let described: Vec<_> =
            marks.iter().map(|mark| (&mark.template, &mark.from, &mark.to, &mark.content)).collect();
        if self.is_repeated(&request, &format!("{trim:?} {described:?} {:?}", options.speed)) {
            return;
        }
        let made = self.make_package(template, trim, marks, options, &mut request);
        self.record(request, made);
    }

    fn make_package(
        &mut self,
        template: &AdaptiveTemplate,
        trim: &Trim,
        marks: &[Mark],
        options: &TaskOptions,
        request: &mut Request,
    ) -> Result<Made, Obstacle> {
        if let Some(refusal) = refuse::package(template, self.input.keys) {
            self.diagnostics.push(refusal.at(request.asked, ""));
            return Err(Obstacle::Refused);
        }
        let part = self.part(trim, request)?;
        let rungs = self.allowed_rungs(template, options, part)?;
        let rungs = self.decide_rungs(&rungs, marks, part, request)?;
        let folder = if template.encrypt.is_some() { "drm/" } else { "" };
        let ending = match template.format {
            AdaptiveFormat::Hls => "m3u8",
            AdaptiveFormat::Dash => "mpd",
        };
        let path =
            self.path(request, &template.head.label(), |stem| format!("{folder}adp.{stem}/adp.{stem}.{ending}"))?;
        let (streams, variants) = self.package_streams(&rungs, part, template.segment.kind.keeps_sound_apart());
        let grid = rungs.iter().find_map(|rung| rung.video.as_ref()).map(|video| video.segment);
        let package = Adaptive {
            format: template.format,
            path: path.clone(),
            segments: template.segment.kind,
            segment: grid.unwrap_or(template.segment.time),
            variants,
            encryption: template.encrypt.as_deref().map(|one| self.input.keys.encryption(one)),
        };
        let summary = summary(&rungs, part, &package);
        self.add(Op::Adaptive(package), &streams);
        let placed = rungs.iter().flat_map(|rung| &rung.marks).map(|mark| mark.template.head.label());
        let mut seen = BTreeSet::new();
        let marks = placed.filter(|label| seen.insert(label.clone())).collect();
        Ok(Made { summary, paths: vec![path], marks, ..Made::nothing() })
    }

    /// The rungs that this source gets, each as a rendition of its own; the smallest always stays.
    fn allowed_rungs(
        &self,
        template: &AdaptiveTemplate,
        options: &TaskOptions,
        part: Option<Part>,
    ) -> Result<Vec<TranscodeTemplate>, Obstacle> {
        let shown = self.input.source.picture().map(source::decoded_video);
        let wanted = |video: &VideoSettings| {
            let shown = shown.as_ref()?;
            Some(size::decide(shown, video.sides, video.fill, Upscale::Allow))
        };
        let pictures = template.rungs.iter().filter_map(|rung| rung.video.as_ref());
        let smallest = pictures.filter_map(|video| Some(wanted(video)?.output().pixels())).min();
        let rate = template.rungs.iter().find_map(|rung| rung.video.as_ref()).map(|video| video.rate);
        let mut allowed = Vec::new();
        for rung in &template.rungs {
            let mut rung = rendition_of(template, rung);
            if !self.has(part, Sort::Sound) {
                rung.audio = None;
            }
            if let Some(video) = &mut rung.video {
                video.speed = video.speed.or(options.speed);
                video.rate = rate.unwrap_or(video.rate);
                let policy = video.upscale.unwrap_or(template.upscale);
                let size = wanted(video)
                    .filter(|_| self.has(part, Sort::Picture))
                    .ok_or_else(|| self.nothing(Sort::Picture, part))?;
                let above = policy == Upscale::Skip && size.enlarges;
                if above && Some(size.output().pixels()) != smallest {
                    continue;
                }
                video.upscale = Some(if above { Upscale::Clamp } else { policy });
            }
            if rung.video.is_some() || rung.audio.is_some() {
                allowed.push(rung);
            }
        }
        if allowed.is_empty() { Err(self.nothing(Sort::Sound, part)) } else { Ok(allowed) }
    }

    /// Decides every rung, puts all on one grid of keyframes, and keeps those that come out equal once.
    fn decide_rungs(
        &mut self,
        rungs: &[TranscodeTemplate],
        marks: &[Mark],
        part: Option<Part>,
        request: &Request,
    ) -> Result<Vec<RungDecision>, Obstacle> {
        let before = std::mem::take(&mut self.diagnostics);
        let decided: Result<Vec<_>, _> =
            rungs.iter().map(|rung| self.decide_rung(rung, marks, part, request)).collect();
        // What is true of every rung is said once.
        let said = std::mem::replace(&mut self.diagnostics, before);
        let said: Vec<&Diagnostic> = said.iter().collect();
        for (at, diagnostic) in said.iter().enumerate() {
            if !said[..at].contains(diagnostic) {
                self.diagnostics.push((*diagnostic).clone());
            }
        }
        let mut decided = decided?;
        let grid = decided.iter().filter_map(|rung| rung.video.as_ref()).map(|video| video.coding.gop).min();
        for video in decided.iter_mut().filter_map(|rung| rung.video.as_mut()) {
            video.coding.gop = grid.unwrap_or(video.coding.gop);
        }
        let mut distinct: Vec<RungDecision> = Vec::new();
        for rung in decided {
            if !distinct.iter().any(|known| known.video == rung.video && known.audio == rung.audio) {
                distinct.push(rung);
            }
        }
        Ok(distinct)
    }

    fn decide_rung(
        &mut self,
        rung: &TranscodeTemplate,
        marks: &[Mark],
        part: Option<Part>,
        request: &Request,
    ) -> Result<RungDecision, Obstacle> {
        self.refuse_what_cannot_be(rung, None, request)?;
        let video = match &rung.video {
            Some(settings) => Some(self.decide_video(rung, settings, request)?),
            None => None,
        };
        let audio = match &rung.audio {
            Some(settings) => {
                let Some(first) = self.input.source.sound() else { return Err(self.nothing(Sort::Sound, part)) };
                Some(self.decide_audio(settings, first, request)?)
            }
            None => None,
        };
        if !marks.is_empty() && video.as_ref().is_some_and(VideoDecision::keeps_high_range) {
            return Err(self.mark_on_high_range(request));
        }
        let marks = match (&video, part) {
            (Some(video), Some(part)) => self.place_marks_during(marks, video.size.output(), part.length())?,
            (Some(video), None) => self.place_marks(marks, video.size.output())?,
            (None, _) => Vec::new(),
        };
        Ok(RungDecision { video, marks, audio })
    }

    /// A chain for each stream; with sound kept apart, one for each setting of it.
    fn package_streams(
        &mut self,
        rungs: &[RungDecision],
        part: Option<Part>,
        apart: bool,
    ) -> (Vec<NodeIndex>, Vec<Variant>) {
        let demux = self.demux();
        let mut streams = Streams::default();
        let mut variants = Vec::new();
        for rung in rungs {
            let picture = rung.video.as_ref().and_then(|video| self.video_chain(demux, video, &rung.marks, part));
            let video = streams.push(picture);
            let known = streams.sounds.iter().find(|(coding, _)| apart && Some(coding) == rung.audio.as_ref());
            let audio = match (known.map(|(_, port)| *port), &rung.audio) {
                (Some(port), _) => Some(port),
                (None, Some(coding)) => {
                    let first = self.input.source.sound();
                    let sound = first.and_then(|first| self.track(demux, first, coding, part));
                    let port = streams.push(sound);
                    streams.sounds.extend(port.map(|port| (coding.clone(), port)));
                    port
                }
                (None, None) => None,
            };
            variants.push(Variant { video, audio });
        }
        (streams.inputs, variants)
    }
}

/// A rung as the rendition that it is.
fn rendition_of(template: &AdaptiveTemplate, rung: &Rung) -> TranscodeTemplate {
    let kind = if template.segment.kind.is_transport_stream() { SegmentKind::Ts } else { SegmentKind::Fmp4 };
    TranscodeTemplate {
        head: template.head.clone(),
        container: Container::Hls,
        segment: Segment { kind, time: Some(template.segment.time) },
        video: rung.video.clone(),
        audio: rung.audio.clone(),
    }
}

/// `426x240 … 1920x1080 24 fps h264, 4 rungs, aac 48k  hls`.
fn summary(rungs: &[RungDecision], part: Option<Part>, package: &Adaptive) -> String {
    let pictures: Vec<&VideoDecision> = rungs.iter().filter_map(|rung| rung.video.as_ref()).collect();
    let mut parts = Vec::new();
    if let (Some(first), Some(last)) = (pictures.first(), pictures.last()) {
        let sizes = match pictures.len() {
            1 => first.size.output().to_string(),
            _ => format!("{} … {}", first.size.output(), last.size.output()),
        };
        let rate = match first.coding.timing {
            FrameTiming::Constant(rate) | FrameTiming::AsSource(rate) => rate.per_second().to_decimal(3),
        };
        parts.push(format!("{sizes} {rate} fps {}", first.coding.codec));
    }
    parts.push(if rungs.len() == 1 { "1 rung".to_owned() } else { format!("{} rungs", rungs.len()) });
    if let Some(coding) = rungs.iter().find_map(|rung| rung.audio.as_ref()) {
        let rate = coding.bitrate.map(|rate| format!(" {rate}")).unwrap_or_default();
        parts.push(format!("{}{rate}", coding.codec));
    }
    let encryption = package.encryption.as_ref().map(|spec| format!(" {}", spec.method)).unwrap_or_default();
    let part = part.map(|part| format!("  {}", part.words())).unwrap_or_default();
    format!("{}  {}{encryption}{part}", parts.join(", "), package.format)
}
