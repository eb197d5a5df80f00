//! Renditions: the chain from the source's streams to a container.

use super::{Lowering, Made, Obstacle, Request, rate, refuse, size, source};
use crate::catalog::template::{
    AudioCodec, AudioSettings, Container, Deinterlace, EncryptionTemplate, Fill, Profile, Setting, TranscodeTemplate,
    Upscale, VideoCodec, VideoSettings,
};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::{TaskOptions, Transcode, Trim};
use crate::plan::op::{Mux, Op};
use crate::plan::stream::{Colour, PixelFormat, VideoType};
use crate::plan::{AudioCoding, EncryptionSpec, FrameTiming, OutputKind, OutputPath, RateControl, VideoCoding};
use crate::target::{Scaler, Target};
use crate::text::Span;
use crate::units::{Bitrate, Duration};
use petgraph::stable_graph::NodeIndex;

/// Everything about the picture of a rendition.
struct VideoDecision {
    source: VideoType,
    size: size::SizeDecision,
    deinterlace: Deinterlace,
    fill: Fill,
    coding: VideoCoding,
    segment: Duration,
}

impl Lowering<'_> {
    /// One output of a `transcode` statement.
    pub(super) fn rendition(
        &mut self,
        template: &TranscodeTemplate,
        transcode: &Transcode,
        options: &TaskOptions,
        asked: Span,
    ) {
        let head = &template.head;
        let request = Request { kind: OutputKind::Transcode, label: head.label(), definition: head.id, asked };
        let marks: Vec<_> =
            transcode.marks.iter().map(|mark| (&mark.template, &mark.from, &mark.to, &mark.content)).collect();
        let encryption = transcode.encryption.as_ref().map(|template| template.head.label());
        let settings = (&template.container, &template.segment, &template.video, &template.audio, &transcode.trim);
        if self.is_repeated(&request, &format!("{settings:?} {marks:?} {encryption:?}")) {
            return;
        }
        let made = match self.above_source(template, options) {
            Some(reason) => Err(Obstacle::Skip(reason)),
            None => self.make_rendition(template, transcode, options, &request),
        };
        self.record(request, made);
    }

    fn make_rendition(
        &mut self,
        template: &TranscodeTemplate,
        transcode: &Transcode,
        options: &TaskOptions,
        request: &Request,
    ) -> Result<Made, Obstacle> {
        self.refuse_for_now(transcode, options, request)?;
        self.refuse_what_cannot_be(template, transcode.encryption.as_deref(), request)?;
        let video = match &template.video {
            Some(settings) => Some(self.decide_video(template, settings, request)?),
            None => None,
        };
        let audio = match (&template.audio, self.input.source.audio.is_empty()) {
            (Some(settings), false) => Some(self.decide_audio(settings, request)?),
            (Some(_), true) if video.is_none() => return Err(no_stream("sound")),
            _ => None,
        };
        let placed = match &video {
            Some(video) => self.place_marks(&transcode.marks, video.size.output())?,
            None => Vec::new(),
        };
        let path = self.rendition_path(template, transcode.encryption.is_some(), request)?;
        let mut summary = Summary::default();
        let demux = self.demux();
        let mut streams = Vec::new();
        if let Some(video) = &video {
            summary.video(video);
            streams.extend(self.video_chain(demux, video, &placed));
        }
        if let Some(coding) = &audio {
            summary.audio(coding);
            streams.extend(self.audio_chain(demux, coding));
        }
        let segment = template.container.is_segmented().then(|| {
            let length = video.as_ref().map_or(Duration::from_millis(10_000), |video| video.segment);
            (template.segment.kind, length)
        });
        let encryption = transcode.encryption.as_deref().map(encryption_spec);
        summary.container(template.container, encryption.as_ref());
        let mux = Mux { container: template.container, path: path.clone(), segment, encryption };
        self.add(Op::Mux(mux), &streams);
        let marks = placed.iter().map(|mark| mark.template.head.label()).collect();
        Ok(Made { summary: summary.0, paths: vec![path], marks })
    }

    /// Why `only_below_source_bitrate` leaves a rendition out (`vod.md` B.3).
    fn above_source(&self, template: &TranscodeTemplate, options: &TaskOptions) -> Option<String> {
        let source = self.input.source.bitrate().filter(|_| options.only_below_source_bitrate)?;
        match template.video.as_ref()?.bitrate {
            Setting::Exactly(rate) if rate > source => Some(format!("its {rate} are above the source's {source}")),
            _ => None,
        }
    }

    /// What the language has and this version cannot make yet.
    fn refuse_for_now(
        &mut self,
        transcode: &Transcode,
        options: &TaskOptions,
        request: &Request,
    ) -> Result<(), Obstacle> {
        let what = if transcode.trim != Trim::default() {
            "a part of the source"
        } else if options.master_playlist.is_some() {
            "a master playlist over renditions"
        } else if options.idr_alignment.is_some() {
            "aligned keyframes"
        } else {
            return Ok(());
        };
        self.unsupported(&request.label, what, request.asked);
        Err(Obstacle::Refused)
    }

    fn video_chain(
        &mut self,
        demux: NodeIndex,
        video: &VideoDecision,
        marks: &[super::mark::PlacedMark],
    ) -> Option<NodeIndex> {
        let mut picture = self.decode_video(demux, video.deinterlace)?;
        if let FrameTiming::Constant(rate) = video.coding.timing {
            picture = self.add(Op::Retime { rate }, &[picture]);
        }
        picture = self.scale(picture, &video.source, video.size, video.fill);
        let colour = source::rendition_colour(&video.source);
        picture = self.convert(picture, PixelFormat::yuv420p(), colour);
        picture = self.overlay_marks(picture, marks);
        Some(self.add(Op::EncodeVideo(video.coding.clone()), &[picture]))
    }

    fn audio_chain(&mut self, demux: NodeIndex, coding: &AudioCoding) -> Option<NodeIndex> {
        let sound = self.decode_audio(demux)?;
        let resample = Op::Resample { sample_rate: coding.sample_rate, channels: coding.channels };
        let sound = self.add(resample, &[sound]);
        Some(self.add(Op::EncodeAudio(coding.clone()), &[sound]))
    }

    /// Scales, and pads where the shape differs.
    pub(super) fn scale(
        &mut self,
        picture: NodeIndex,
        source: &VideoType,
        size: size::SizeDecision,
        fill: Fill,
    ) -> NodeIndex {
        // zimg refuses pictures whose sides its chroma planes cannot halve.
        let odd = !source.size.width.is_multiple_of(2) || !source.size.height.is_multiple_of(2);
        let scaler = if odd { Scaler::Swscale } else { self.input.target.scaler() };
        let picture = self.add(Op::Scale { size: size.picture, scaler }, &[picture]);
        match size.canvas {
            Some(canvas) => self.add(Op::Pad { size: canvas, fill }, &[picture]),
            None => picture,
        }
    }

    pub(super) fn convert(&mut self, picture: NodeIndex, pixel_format: PixelFormat, colour: Colour) -> NodeIndex {
        let scaler = self.input.target.scaler();
        self.add(Op::Convert { pixel_format, colour, scaler }, &[picture])
    }

    fn refuse_what_cannot_be(
        &mut self,
        template: &TranscodeTemplate,
        encryption: Option<&EncryptionTemplate>,
        request: &Request,
    ) -> Result<(), Obstacle> {
        let refusal = refuse::rendition(template, encryption, &request.label);
        let Some(refusal) = refusal.or_else(|| encryption.and_then(refuse::encryption)) else { return Ok(()) };
        self.diagnostics.push(refusal.at(request.asked, ""));
        Err(Obstacle::Refused)
    }

    fn decide_video(
        &mut self,
        template: &TranscodeTemplate,
        settings: &VideoSettings,
        request: &Request,
    ) -> Result<VideoDecision, Obstacle> {
        let Some(facts) = self.input.source.video.first() else { return Err(no_stream("picture")) };
        let Some(implementation) = self.input.target.video_encoder(settings.codec) else {
            return Err(self.lacking(
                request.asked,
                settings.codec.word(),
                Target::video_encoder_name(settings.codec),
                &request.label,
            ));
        };
        let source = source::decoded_video(facts);
        let size = size::decide(&source, settings.sides, settings.fill, settings.upscale());
        self.judge_enlargement(size, settings.upscale(), facts.displayed_size(), request)?;
        if facts.is_hdr() {
            let note =
                message!("the source has a high dynamic range, which this version does not map to the standard range");
            self.diagnostics.push(Diagnostic::new(&codes::HDR_NOT_MAPPED, note));
        }
        let (timing, gop) = self.decide_rhythm(template, settings, source.timing, request);
        let rate_control = rate::rate_control(settings, facts.bitrate);
        let coding = VideoCoding {
            codec: settings.codec,
            implementation,
            rate_control,
            profile: (settings.codec == VideoCodec::H264).then(|| settings.profile.unwrap_or(Profile::High)),
            level: settings.level,
            bframes: settings.bframes,
            gop: gop.frames,
            speed: settings.speed(),
            threads: rate::threads(settings.codec, size.output(), rate_control),
            timing,
        };
        Ok(VideoDecision {
            source,
            size,
            deinterlace: settings.deinterlace,
            fill: settings.fill,
            coding,
            segment: gop.segment,
        })
    }

    /// When pictures are shown, and where keyframes and segments lie.
    fn decide_rhythm(
        &mut self,
        template: &TranscodeTemplate,
        settings: &VideoSettings,
        source: FrameTiming,
        request: &Request,
    ) -> (FrameTiming, rate::GopDecision) {
        let segmented = template.container.is_segmented();
        let needs_constant = segmented || template.container == Container::Flv;
        let timing = rate::output_timing(source, settings.rate, needs_constant);
        let gop = rate::gop(settings.gop, timing.rate(), segmented.then_some(template.segment));
        if let Some(from) = gop.shortened_from {
            let note = message!(
                "the group of pictures of `{}` is {} pictures instead of {}, so that it divides the segment of {}",
                &request.label,
                gop.frames.to_string(),
                from.to_string(),
                gop.segment.to_string()
            );
            self.diagnostics.push(Diagnostic::new(&codes::GOP_SHORTENED, note).at(request.asked, ""));
        }
        (timing, gop)
    }

    /// What a larger output than the source means under a policy.
    pub(super) fn judge_enlargement(
        &mut self,
        size: size::SizeDecision,
        policy: Upscale,
        shown: crate::units::Resolution,
        request: &Request,
    ) -> Result<(), Obstacle> {
        if !size.enlarges || policy == Upscale::Clamp {
            return Ok(());
        }
        let (output, shown) = (size.output().to_string(), shown.to_string());
        let fact = message!("`{}` is {}, larger than the source's {}", &request.label, output, shown);
        if policy == Upscale::Skip {
            return Err(Obstacle::Skip(fact.to_string()));
        }
        let help = message!("set `upscale: clamp` or `upscale: skip` in the template, or take a smaller one");
        self.diagnostics.push(Diagnostic::new(&codes::UPSCALE, fact).at(request.asked, "").with_help(help));
        Ok(())
    }

    fn decide_audio(&mut self, settings: &AudioSettings, request: &Request) -> Result<AudioCoding, Obstacle> {
        let Some(facts) = self.input.source.audio.first() else { return Err(no_stream("sound")) };
        let Some(implementation) = self.input.target.audio_encoder(settings.codec) else {
            return Err(self.lacking(
                request.asked,
                settings.codec.word(),
                Target::audio_encoder_name(settings.codec),
                &request.label,
            ));
        };
        let channels = settings.channels.unwrap_or(facts.channels).max(1);
        let sample_rate = match settings.sample_rate {
            Setting::Exactly(rate) => rate,
            Setting::AtMost(rate) => facts.sample_rate.min(rate),
            Setting::Auto => facts.sample_rate,
        };
        let lossless = matches!(settings.codec, AudioCodec::Flac | AudioCodec::Pcm16);
        let bitrate = match settings.bitrate {
            Setting::Exactly(rate) => rate,
            Setting::AtMost(rate) => facts.bitrate.map_or(rate, |source| source.min(rate)),
            Setting::Auto => Bitrate::from_kbps(64 * u64::from(channels)),
        };
        Ok(AudioCoding {
            codec: settings.codec,
            implementation,
            bitrate: (!lossless).then_some(bitrate),
            sample_rate: supported_rate(settings.codec, sample_rate),
            channels: if settings.codec == AudioCodec::Mp3 { channels.min(2) } else { channels },
        })
    }

    fn rendition_path(
        &mut self,
        template: &TranscodeTemplate,
        encrypted: bool,
        request: &Request,
    ) -> Result<OutputPath, Obstacle> {
        let folder = if encrypted { "drm/" } else { "" };
        let container = template.container;
        self.path(request, &template.head.file_label(), |stem| match container {
            Container::Hls => format!("{folder}v.{stem}/v.{stem}.m3u8"),
            other => format!("{folder}v.{stem}.{other}"),
        })
    }
}

fn no_stream(what: &str) -> Obstacle {
    Obstacle::Fail(&codes::NO_SUCH_STREAM, format!("the source has no {what}"))
}

/// The nearest sampling rate that the codec has; MP3 and Opus have few.
fn supported_rate(codec: AudioCodec, rate: crate::units::Frequency) -> crate::units::Frequency {
    let few: &[u32] = match codec {
        AudioCodec::Opus => &[48000],
        AudioCodec::Mp3 => &[16000, 22050, 24000, 32000, 44100, 48000],
        AudioCodec::Aac => &[8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000],
        AudioCodec::Flac | AudioCodec::Pcm16 => return rate,
    };
    let nearest = few.iter().min_by_key(|candidate| candidate.abs_diff(rate.0));
    crate::units::Frequency(*nearest.unwrap_or(&rate.0))
}

fn encryption_spec(template: &EncryptionTemplate) -> EncryptionSpec {
    EncryptionSpec {
        label: template.head.label(),
        method: template.method,
        key_url: template.key_url.clone().unwrap_or_default(),
        key_source: template.key_source.clone(),
    }
}

/// The line about an output, built piece by piece.
#[derive(Default)]
struct Summary(String);

impl Summary {
    fn video(&mut self, video: &VideoDecision) {
        let rate = match video.coding.rate_control {
            RateControl::Quality { crf } => format!("crf {crf}"),
            RateControl::Rate { target, .. } => target.to_string(),
        };
        let fps = match video.coding.timing {
            FrameTiming::Constant(rate) => format!("{} fps", rate.per_second().to_decimal(3)),
            FrameTiming::AsSource(_) => "variable fps".to_owned(),
        };
        self.0 = format!("{} {fps} {} {rate}", video.size.output(), video.coding.codec);
    }

    fn audio(&mut self, coding: &AudioCoding) {
        let plus = if self.0.is_empty() { "" } else { " + " };
        let rate = coding.bitrate.map(|rate| format!(" {rate}")).unwrap_or_default();
        self.0.push_str(&format!("{plus}{}{rate}", coding.codec));
    }

    fn container(&mut self, container: Container, encryption: Option<&EncryptionSpec>) {
        self.0.push_str(&format!("  {container}"));
        if let Some(encryption) = encryption {
            self.0.push_str(&format!(" {}", encryption.method));
        }
    }
}
