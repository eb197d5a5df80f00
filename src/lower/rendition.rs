//! Renditions: the chain from the source's streams to a container.

use super::dynamic_range::DynamicRange;
use super::part::{Part, Sort};
use super::summary::Summary;
use super::{Lowering, Made, Obstacle, Request, conform, level, rate, refuse, size, source};
use crate::catalog::template::{
    AudioCodec, AudioSettings, CodecTag, Container, Copy, Deinterlace, Denoise, EncryptionTemplate, Fill, Passes,
    Profile, Setting, TranscodeTemplate, Upscale, VideoCodec, VideoPixelFormat, VideoSettings,
};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::{TaskOptions, Transcode};
use crate::media::AudioFacts;
use crate::plan::conformance::Conformance;
use crate::plan::op::{Mux, Op, TrackTag};
use crate::plan::stream::{Colour, PixelFormat, VideoType};
use crate::plan::{AudioCoding, FrameTiming, Moments, OutputKind, OutputPath, VideoCoding};
use crate::target::{Scaler, Target};
use crate::text::Span;
use crate::units::{Bitrate, Duration};
use petgraph::stable_graph::NodeIndex;

/// Length of segments where neither a template nor a group of pictures says one.
const USUAL_SEGMENT: Duration = Duration::from_whole_seconds(10);

/// No encoder makes wider or higher pictures: x264 ends at 16384, WebP one below.
const LONGEST_SIDE: u32 = 16383;

/// What is weighed when a stream might be copied.
struct Weighed<'a> {
    template: &'a TranscodeTemplate,
    part: Option<Part>,
    marks: usize,
    aligned: bool,
}

/// Everything about the picture of a rendition.
#[derive(Clone, PartialEq)]
pub(super) struct VideoDecision {
    source: VideoType,
    pub(super) size: size::SizeDecision,
    deinterlace: Deinterlace,
    fill: Fill,
    range: DynamicRange,
    pixel_format: PixelFormat,
    denoise: Denoise,
    passes: Passes,
    pub(super) coding: VideoCoding,
    pub(super) segment: Duration,
}

impl VideoDecision {
    /// How many passes there are, where it is not one.
    pub(super) fn passes_words(&self) -> &'static str {
        if self.passes == Passes::Two { " in 2 passes" } else { "" }
    }

    /// Whether pictures keep a high dynamic range.
    pub(super) fn keeps_high_range(&self) -> bool {
        matches!(self.range, DynamicRange::Kept(_))
    }
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
        let mut request = Request {
            kind: OutputKind::Transcode,
            label: head.label(),
            definition: head.id,
            moments: Moments::Unnamed,
            asked,
        };
        let marks: Vec<_> =
            transcode.marks.iter().map(|mark| (&mark.template, &mark.from, &mark.to, &mark.content)).collect();
        let encryption = transcode.encryption.as_ref().map(|template| template.head.label());
        let settings = (&template.container, &template.segment, &template.video, &template.audio, &transcode.trim);
        if self.is_repeated(&request, &format!("{settings:?} {marks:?} {encryption:?}")) {
            return;
        }
        let made = match self.above_source(template, options) {
            Some(reason) => Err(Obstacle::Skip(reason)),
            None => self.make_rendition(template, transcode, options, &mut request),
        };
        self.record(request, made);
    }

    fn make_rendition(
        &mut self,
        template: &TranscodeTemplate,
        transcode: &Transcode,
        options: &TaskOptions,
        request: &mut Request,
    ) -> Result<Made, Obstacle> {
        self.refuse_what_cannot_be(template, transcode.encryption.as_deref(), request)?;
        if copy_policy(template) == Copy::Always {
            return self.make_remux(template, transcode, options, request);
        }
        let part = self.part(&transcode.trim, request)?;
        let video = match &template.video {
            Some(_) if !self.has(part, Sort::Picture) => return Err(self.nothing(Sort::Picture, part)),
            Some(settings) => Some(self.decide_video(template, settings, request)?),
            None => None,
        };
        if let Some(video) = &video {
            self.align(options, &video.coding, request)?;
        }
        let tracks = match &template.audio {
            Some(settings) => self.tracks(settings, part)?,
            None => Vec::new(),
        };
        let audio = match (&template.audio, tracks.first()) {
            (Some(settings), Some(first)) => Some(self.decide_audio(settings, first, request)?),
            (Some(_), None) if video.is_none() => return Err(self.nothing(Sort::Sound, part)),
            _ => None,
        };
        let placed = match &video {
            Some(video) if !transcode.marks.is_empty() && video.keeps_high_range() => {
                return Err(self.mark_on_high_range(request));
            }
            Some(video) => match part {
                Some(part) => self.place_marks_during(&transcode.marks, video.size.output(), part.length())?,
                None => self.place_marks(&transcode.marks, video.size.output())?,
            },
            None => Vec::new(),
        };
        let path = self.rendition_path(template, transcode.encryption.is_some(), request)?;
        let aligned = options.idr_alignment.is_some();
        let weighed = Weighed { template, part, marks: placed.len(), aligned };
        let mut conformance = Vec::new();
        let mut summary = Summary::default();
        let demux = self.demux();
        let mut streams = Vec::new();
        if let Some(video) = &video {
            let copy = self.copied_picture(demux, &weighed, video, &mut conformance);
            match copy {
                Some(stream) => streams.push(self.summed_up(stream, &mut summary)),
                None => {
                    summary.video(video);
                    streams.extend(self.video_chain(demux, video, &placed, part));
                }
            }
        }
        if let Some(coding) = &audio {
            let copy = tracks.first().and_then(|facts| self.copied_sound(demux, facts, &weighed, &mut conformance));
            match copy {
                Some(stream) => streams.push(self.summed_up(stream, &mut summary)),
                None => {
                    summary.audio(coding);
                    for facts in &tracks {
                        streams.extend(self.track(demux, facts, coding, part));
                    }
                    summary.tracks(tracks.len());
                }
            }
        }
        let segment = video.as_ref().map_or(USUAL_SEGMENT, |video| video.segment);
        let tags = tags(template.container, &tracks);
        self.mux(template, transcode, options, (path.clone(), segment), (&streams, tags), &mut summary);
        summary.part(part);
        let marks = placed.iter().map(|mark| mark.template.head.label()).collect();
        Ok(Made { summary: summary.0, paths: vec![path], marks, conformance, ..Made::nothing() })
    }

    /// Streams of the source as they are, in another container.
    fn make_remux(
        &mut self,
        template: &TranscodeTemplate,
        transcode: &Transcode,
        options: &TaskOptions,
        request: &Request,
    ) -> Result<Made, Obstacle> {
        let (streams, sounds) = self.remuxed(template, transcode, request)?;
        let path = self.rendition_path(template, transcode.encryption.is_some(), request)?;
        let mut summary = Summary::default();
        for stream in &streams {
            self.summed_up(*stream, &mut summary);
        }
        let segment = template.segment.time.unwrap_or(USUAL_SEGMENT);
        let tags = tags(template.container, &sounds);
        self.mux(template, transcode, options, (path.clone(), segment), (&streams, tags), &mut summary);
        Ok(Made { summary: summary.0, paths: vec![path], ..Made::nothing() })
    }

    fn mux(
        &mut self,
        template: &TranscodeTemplate,
        transcode: &Transcode,
        options: &TaskOptions,
        (path, segment): (OutputPath, Duration),
        (streams, tags): (&[NodeIndex], Vec<TrackTag>),
        summary: &mut Summary,
    ) {
        let segment = template.container.is_segmented().then_some((template.segment.kind, segment));
        let encryption = transcode.encryption.as_deref().map(|template| self.input.keys.encryption(template));
        summary.container(template.container, encryption.as_ref());
        let mux = Mux { container: template.container, path, segment, encryption, tags };
        self.add_to_master(options, &mux, streams);
        self.add(Op::Mux(mux), streams);
    }

    /// A copied stream, added to the line about the output.
    fn summed_up(&self, stream: NodeIndex, summary: &mut Summary) -> NodeIndex {
        if let Ok(copied) = self.plan.output(stream) {
            summary.copied(&copied);
        }
        stream
    }

    /// The picture copied, if the source is already what is asked for; otherwise a note says what speaks against it.
    fn copied_picture(
        &mut self,
        demux: NodeIndex,
        weighed: &Weighed,
        video: &VideoDecision,
        conformance: &mut Vec<Conformance>,
    ) -> Option<NodeIndex> {
        let (template, source) = (weighed.template, self.input.source);
        let (settings, facts) = (template.video.as_ref()?, source.picture()?);
        if copy_policy(template) == Copy::Never {
            return None;
        }
        let segmented = template.container.is_segmented();
        let in_segment = video.segment.seconds() * video.coding.timing.rate().per_second();
        let proof = conform::picture(&conform::PictureQuestion {
            source,
            facts,
            settings,
            container: template.container,
            segment: segmented.then_some(template.segment),
            size: video.size.output(),
            timing: video.coding.timing,
            gop: video.coding.gop,
            segment_frames: segmented.then(|| u64::try_from(in_segment.round()).unwrap_or(u64::MAX)),
            marks: weighed.marks,
            part: weighed.part,
            zero: self.timeline?.zero(),
            is_aligned: weighed.aligned,
        });
        let copied = proof.holds();
        conformance.push(proof);
        if copied { self.copy_picture(demux, settings.codec) } else { None }
    }

    fn copied_sound(
        &mut self,
        demux: NodeIndex,
        facts: &AudioFacts,
        weighed: &Weighed,
        conformance: &mut Vec<Conformance>,
    ) -> Option<NodeIndex> {
        let (template, source) = (weighed.template, self.input.source);
        let settings = template.audio.as_ref()?;
        if copy_policy(template) == Copy::Never {
            return None;
        }
        let (container, part) = (template.container, weighed.part);
        let proof = conform::sound(&conform::SoundQuestion { source, facts, settings, container, part });
        let copied = proof.holds();
        conformance.push(proof);
        if copied { self.copy_sound(demux, facts, settings.codec) } else { None }
    }

    /// Whether there is something of a stream to make an output of; of sound, its first track.
    pub(super) fn has(&self, part: Option<Part>, sort: Sort) -> bool {
        let first = self.input.source.sound();
        match (part, sort) {
            (Some(part), Sort::Picture) => self.shows_within(part),
            (Some(part), Sort::Sound) => first.is_some_and(|sound| self.sounds_within(part, sound)),
            (None, Sort::Picture) => self.input.source.has_video(),
            (None, Sort::Sound) => first.is_some(),
        }
    }

    /// A stream that is wanted and not there, or not in the part.
    pub(super) fn nothing(&self, sort: Sort, part: Option<Part>) -> Obstacle {
        let what = match sort {
            Sort::Picture => "picture",
            Sort::Sound => "sound",
        };
        match part.filter(|_| self.has(None, sort)) {
            Some(part) => {
                Obstacle::Fail(&codes::NO_SUCH_STREAM, format!("the source has no {what} from {}", part.words()))
            }
            None => no_stream(what),
        }
    }

    /// Why `only_below_source_bitrate` leaves a rendition out (`vod.md` B.3).
    fn above_source(&self, template: &TranscodeTemplate, options: &TaskOptions) -> Option<String> {
        let source = self.input.source.bitrate().filter(|_| options.only_below_source_bitrate)?;
        match template.video.as_ref()?.bitrate {
            Setting::Exactly(rate) if rate > source => Some(format!("its {rate} are above the source's {source}")),
            _ => None,
        }
    }

    pub(super) fn video_chain(
        &mut self,
        demux: NodeIndex,
        video: &VideoDecision,
        marks: &[super::mark::PlacedMark],
        part: Option<Part>,
    ) -> Option<NodeIndex> {
        let mut picture = self.decode_video(demux, video.deinterlace)?;
        if let Some(part) = part {
            picture = self.trim(picture, part, Sort::Picture)?;
        }
        if let FrameTiming::Constant(rate) = video.coding.timing {
            picture = self.add(Op::Retime { rate }, &[picture]);
        }
        picture = self.scale(picture, &video.source, video.size, video.fill);
        let mut colour = source::rendition_colour(&video.source);
        if let DynamicRange::Mapped(curve) = video.range {
            picture = self.add(Op::ToneMap { curve }, &[picture]);
            colour = Colour::STANDARD;
        }
        picture = self.convert(picture, video.pixel_format.clone(), colour);
        if video.denoise == Denoise::On {
            picture = self.add(Op::Denoise, &[picture]);
        }
        picture = self.overlay_marks(picture, marks);
        let mut known = vec![picture];
        if video.passes == Passes::Two {
            let analysis = rate::analysis(&video.coding, video.size.output());
            known.push(self.add(Op::AnalyseVideo(analysis), &[picture]));
        }
        Some(self.add(Op::EncodeVideo(video.coding.clone()), &known))
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
        let Some(canvas) = size.canvas else { return picture };
        // What is blurred and what lies on it are one picture in the end, so both are in its format before.
        let picture = match fill {
            Fill::Blur => self.convert(picture, PixelFormat::yuv420p(), source::rendition_colour(source)),
            _ => picture,
        };
        self.add(Op::Pad { size: canvas, fill }, &[picture])
    }

    pub(super) fn convert(&mut self, picture: NodeIndex, pixel_format: PixelFormat, colour: Colour) -> NodeIndex {
        let scaler = self.input.target.scaler();
        self.add(Op::Convert { pixel_format, colour, scaler }, &[picture])
    }

    pub(super) fn refuse_what_cannot_be(
        &mut self,
        template: &TranscodeTemplate,
        encryption: Option<&EncryptionTemplate>,
        request: &Request,
    ) -> Result<(), Obstacle> {
        let refusal = refuse::rendition(template, encryption, self.input.target, &request.label);
        let Some(refusal) = refusal.or_else(|| encryption.and_then(|one| refuse::encryption(one, self.input.keys)))
        else {
            return Ok(());
        };
        self.diagnostics.push(refusal.at(request.asked, ""));
        Err(Obstacle::Refused)
    }

    pub(super) fn decide_video(
        &mut self,
        template: &TranscodeTemplate,
        settings: &VideoSettings,
        request: &Request,
    ) -> Result<VideoDecision, Obstacle> {
        let Some(facts) = self.input.source.picture() else { return Err(no_stream("picture")) };
        let Some(implementation) = self.input.target.video_encoder(settings.codec, settings.mode) else {
            let needed = Target::video_encoder_name(settings.codec, settings.mode);
            let present = [VideoCodec::H264, VideoCodec::H265, VideoCodec::Av1]
                .into_iter()
                .find(|codec| self.input.target.video_encoder(*codec, settings.mode).is_some());
            let instead = present.map(|codec| ("codec", codec.word()));
            return Err(self.lacking(request.asked, (settings.codec.word(), needed), instead, &request.label));
        };
        let source = source::decoded_video(facts);
        let size = size::decide(&source, settings.sides, settings.fill, settings.upscale());
        self.judge_enlargement(size, settings.upscale(), facts.displayed_size(), request)?;
        let range = self.dynamic_range(settings.hdr, facts);
        let (timing, gop) = self.decide_rhythm(template, settings, source.timing, request);
        if let Some(reason) = level::broken(settings, size.output(), timing.rate()) {
            return Err(Obstacle::Fail(&codes::LEVEL_TOO_LOW, reason));
        }
        let rate_control = rate::rate_control(settings, &implementation, facts.bitrate);
        let coding = VideoCoding {
            codec: settings.codec,
            threads: rate::threads(&implementation, size.output(), rate_control),
            implementation,
            rate_control,
            profile: (settings.codec == VideoCodec::H264).then(|| settings.profile.unwrap_or(Profile::High)),
            level: settings.level,
            bframes: settings.bframes,
            gop: gop.frames,
            speed: settings.speed(),
            timing,
            tag: settings.tag.filter(|tag| settings.codec == VideoCodec::H265 && *tag != CodecTag::Hvc1),
            mastering: facts.mastering.filter(|_| matches!(range, DynamicRange::Kept(_))),
            light: facts.light.filter(|_| matches!(range, DynamicRange::Kept(_))),
            high_range: match range {
                DynamicRange::Kept(curve) => Some(curve),
                _ => None,
            },
        };
        Ok(VideoDecision {
            source,
            size,
            deinterlace: settings.deinterlace,
            fill: settings.fill,
            range,
            pixel_format: match settings.pixel_format {
                VideoPixelFormat::Yuv420p => PixelFormat::yuv420p(),
                VideoPixelFormat::Yuv420p10 => PixelFormat::yuv420p10(),
            },
            denoise: settings.denoise,
            passes: settings.passes,
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

    /// Keyframes of a group of renditions lie at the same times when their rates and groups of pictures are equal: all
    /// start at zero, have a fixed distance and no scene cuts.
    fn align(&mut self, options: &TaskOptions, coding: &VideoCoding, request: &Request) -> Result<(), Obstacle> {
        let Some(group) = options.idr_alignment else { return Ok(()) };
        let (timing, gop) = (coding.timing, coding.gop);
        let first = self.aligned.entry(group).or_insert_with(|| (request.label.clone(), timing, gop));
        if (first.1, first.2) == (timing, gop) {
            return Ok(());
        }
        let told = |timing: FrameTiming, gop: u32| format!("{} per second, {gop} in a group", timing.rate());
        let (one, other) = (told(first.1, first.2), told(timing, gop));
        let note = message!(
            "the keyframes of `{}` ({}) and `{}` ({}) cannot be aligned",
            &first.0,
            one,
            &request.label,
            other
        );
        let help = message!("give both the same `fps` and `gop`, or leave `idr_alignment` out");
        self.diagnostics.push(Diagnostic::new(&codes::CONFLICTING_FIELDS, note).at(request.asked, "").with_help(help));
        Err(Obstacle::Refused)
    }

    /// What a larger output than the source means under a policy.
    pub(super) fn judge_enlargement(
        &mut self,
        size: size::SizeDecision,
        policy: Upscale,
        shown: crate::units::Resolution,
        request: &Request,
    ) -> Result<(), Obstacle> {
        let output = size.output();
        if output.width.max(output.height) > LONGEST_SIDE {
            let reason = format!("its pictures would be {output}; at most {LONGEST_SIDE} pixels a side can be made");
            return Err(Obstacle::Fail(&codes::OUT_OF_RANGE, reason));
        }
        if !size.enlarges || policy == Upscale::Clamp {
            return Ok(());
        }
        let (output, shown) = (size.output().to_string(), shown.to_string());
        let fact = message!("`{}` is {}, larger than the source's {}", &request.label, output, shown);
        if policy == Upscale::Skip {
            return Err(Obstacle::Skip(fact.to_string()));
        }
        let help = match request.kind {
            OutputKind::Transcode => {
                message!("set `upscale: clamp` or `upscale: skip` in the template, or take a smaller one")
            }
            _ => message!("take a template of a smaller size"),
        };
        self.diagnostics.push(Diagnostic::new(&codes::UPSCALE, fact).at(request.asked, "").with_help(help));
        Ok(())
    }

    pub(super) fn decide_audio(
        &mut self,
        settings: &AudioSettings,
        facts: &AudioFacts,
        request: &Request,
    ) -> Result<AudioCoding, Obstacle> {
        let Some(implementation) = self.input.target.audio_encoder(settings.codec) else {
            let needed = Target::audio_encoder_name(settings.codec);
            let present = [AudioCodec::Aac, AudioCodec::Mp3, AudioCodec::Opus, AudioCodec::Flac]
                .into_iter()
                .find(|codec| self.input.target.audio_encoder(*codec).is_some());
            let instead = present.map(|codec| ("codec", codec.word()));
            return Err(self.lacking(request.asked, (settings.codec.word(), needed), instead, &request.label));
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

/// Language and name of each sound track, for containers that hold them; none where there is nothing to say.
fn tags(container: Container, tracks: &[&AudioFacts]) -> Vec<TrackTag> {
    if !matches!(container, Container::Mp4 | Container::M4a | Container::Hls) {
        return Vec::new();
    }
    let tag = |facts: &&AudioFacts| TrackTag { language: facts.language.clone(), title: facts.title.clone() };
    let tags: Vec<TrackTag> = tracks.iter().map(tag).collect();
    if tags.iter().all(|tag| *tag == TrackTag::default()) { Vec::new() } else { tags }
}

/// Whether streams may be copied; what a template says of its picture holds for its sound.
fn copy_policy(template: &TranscodeTemplate) -> Copy {
    template.video.as_ref().map_or(Copy::Auto, VideoSettings::copy)
}

pub(super) fn no_stream(what: &str) -> Obstacle {
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
