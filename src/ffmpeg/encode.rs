//! Commands of encode jobs: one source in, elementary streams and pictures out.

use super::graph_text::{graph_text, label};
use super::{Argument, Line};
use crate::catalog::template::{AnimatedFormat, AudioCodec, CodecTag, ImageFormat, Speed, VideoCodec};
use crate::physical::{Artifact, Coding, EncodeWork, Expectation, Job, Opening, Pad, PhysicalPlan, Product};
use crate::plan::op::StreamCopy;
use crate::plan::stream::{Colour, ColourRange, Matrix, StreamType};
use crate::plan::{AnimationCoding, AudioCoding, FrameTiming, PictureCoding, RateControl, Threads, VideoCoding};
use crate::target::{AOM_AV1, SVT_AV1};
use crate::units::{Rational, Timestamp};

/// A graph longer than this goes into a file (`reliability.md` R11).
const LONGEST_GRAPH_ARGUMENT: usize = 64 * 1024;

pub(super) fn emit(line: &mut Line, plan: &PhysicalPlan, job: &Job, work: &EncodeWork) {
    line.words("-copyts");
    for opening in &work.openings {
        source(line, plan, *opening, work.openings.len());
    }
    if !work.guards.is_empty() {
        line.words("-abort_on empty_output_stream");
    }
    let graph = graph_text(&work.graph);
    if graph.len() > LONGEST_GRAPH_ARGUMENT {
        line.words("-filter_complex_script");
        line.0.push(Argument::TextFile { name: format!("graph_{}.txt", job.id.0), content: graph });
    } else if !graph.is_empty() {
        line.option("-filter_complex", graph);
    }
    for product in &work.products {
        let name = &plan.artifact(product.artifact).name;
        match product.pad {
            Pad::Source(stream) => line.option("-map", format!("0:{}", stream.index())),
            Pad::Again(opening, stream) => line.option("-map", format!("{opening}:{}", stream.index())),
            link => line.option("-map", label(link)),
        }
        line.words("-map_metadata -1 -map_chapters -1");
        encoder(line, plan, product);
        product.colour.iter().for_each(|colour| tag(line, *colour));
        bound(line, product, &plan.artifact(product.artifact).expect);
        match product.coding {
            Coding::Analysis(_) => line.words("-"),
            _ => line.0.push(Argument::Text(name.clone())),
        }
    }
    guards(line, &work.guards);
}

/// Each is an output that nobody keeps; a process one of whose outputs stays empty fails.
fn guards(line: &mut Line, guards: &[Pad]) {
    for guard in guards {
        line.option("-map", label(*guard));
        line.words("-frames:v 1 -fps_mode passthrough -f null -");
    }
}

/// The source, opened by the demuxer and decoders that the probe found and by no others (`reliability.md` R1, R2).
/// Time stamps are kept as the container has them: the plan itself says where zero is.
fn source(line: &mut Line, plan: &PhysicalPlan, opening: Opening, of: usize) {
    let source = &plan.source;
    line.words("-protocol_whitelist file");
    if let Some(artifact) = opening.raw() {
        return laid_by(line, plan.artifact(artifact));
    }
    line.option("-format_whitelist", &source.demuxer);
    // An empty list would allow every decoder.
    let decoders = if source.decoders.is_empty() { "none".to_owned() } else { source.decoders.join(",") };
    line.option("-codec_whitelist", decoders);
    line.option("-max_streams", source.bounds.streams);
    line.option("-max_alloc", source.bounds.allocation);
    line.option("-max_pixels", source.bounds.pixels);
    line.option("-f", &source.demuxer);
    if of > MOST_THREADED {
        line.words("-threads 1");
    }
    if let Opening::Keyframe(time) = opening {
        line.words("-noaccurate_seek -seek_timestamp 1");
        line.option("-ss", just_after(time));
    }
    line.words("-i");
    line.0.push(Argument::Source(source.name.clone()));
}

/// Pictures that another process laid by: the file itself says nothing about them.
fn laid_by(line: &mut Line, artifact: &Artifact) {
    if let Expectation::Raw(raw) = &artifact.expect {
        line.option("-pixel_format", &raw.pixel_format.0);
        line.option("-video_size", raw.size);
    }
    line.words("-framerate 1 -f rawvideo");
    line.option("-i", format!("file:{}", artifact.name));
}

/// Decoders work on several pictures at once if there are no more of them than this: each holds its pictures.
const MOST_THREADED: usize = 2;

/// A moment that belongs to the picture that begins at `time`, in microseconds, the finest that ffmpeg reads. From a
/// moment before it, by however little, the search would go back to the keyframe before.
fn just_after(time: Timestamp) -> String {
    let microseconds = (time.0 * Rational::of(1_000_000, 1)).ceil() + 1;
    Rational::new(microseconds, 1_000_000).unwrap_or(time.0).to_decimal(6)
}

/// Ends what would never end: two pictures a day apart are millions at a constant rate. One picture, or a second of
/// sound, more than verification takes for right, so that too long an output is still seen to be too long.
fn bound(line: &mut Line, product: &Product, expect: &Expectation) {
    if let (Coding::Audio(_), Expectation::Streams { audio: Some(audio), .. }) = (&product.coding, expect) {
        let planned = audio.duration.seconds();
        let tolerance = (planned * Rational::of(1, 200)).max(Rational::of(1, 10));
        let seconds = (planned + tolerance + Rational::ONE).ceil();
        line.option("-t", seconds);
        return;
    }
    let planned = match (&product.coding, expect) {
        (Coding::Video(_), Expectation::Streams { video: Some(video), .. }) => video.frames,
        (Coding::Analysis(_), Expectation::Statistics { frames, .. }) => *frames,
        (Coding::Animation(_), Expectation::Animation { frames, .. }) => *frames,
        _ => return,
    };
    line.option("-frames:v", planned + (planned / 200).max(2) + 1);
}

fn encoder(line: &mut Line, plan: &PhysicalPlan, product: &Product) {
    let name = |artifact| plan.artifact(artifact).name.clone();
    match &product.coding {
        Coding::Analysis(coding) => video(line, coding, &Pass::First(name(product.artifact))),
        Coding::Video(coding) => {
            video(line, coding, &product.statistics.map_or(Pass::Only, |artifact| Pass::Second(name(artifact))));
        }
        Coding::Audio(coding) => audio(line, coding),
        Coding::Pictures(coding) => pictures(line, coding),
        Coding::Animation(coding) => animation(line, coding),
        Coding::Copy(copy) => copied(line, copy),
        Coding::Raw(raw) => {
            line.words("-c:v rawvideo -fps_mode passthrough -f rawvideo");
            line.option("-frames:v", raw.count);
        }
    }
}

/// Players take the matrix of pictures that do not say from their size, which is not the source's any more.
fn tag(line: &mut Line, colour: Colour) {
    line.option(
        "-colorspace",
        match colour.matrix {
            Matrix::Bt601 => "smpte170m",
            Matrix::Bt709 => "bt709",
            Matrix::Bt2020 => "bt2020nc",
            Matrix::Rgb => "rgb",
        },
    );
    line.option(
        "-color_range",
        match colour.range {
            ColourRange::Limited => "tv",
            ColourRange::Full => "pc",
        },
    );
}

/// Packets as they are; only their times are counted from our zero.
fn copied(line: &mut Line, copy: &StreamCopy) {
    line.words("-c copy");
    if copy.zero != Timestamp::ZERO {
        line.option("-output_ts_offset", (Rational::ZERO - copy.zero.0).to_decimal(6));
    }
    match &copy.output {
        StreamType::EncodedVideo(VideoCodec::H265, _) => line.words("-tag:v hvc1 -f mp4"),
        StreamType::EncodedAudio(AudioCodec::Pcm16, _) => line.words("-f wav"),
        _ => line.words("-f mp4"),
    }
}

/// Which pass over the pictures it is, and the file with what the first one found out.
enum Pass {
    Only,
    First(String),
    Second(String),
}

impl Pass {
    /// Number of the pass and name of the file, where there are two.
    fn of_two(&self) -> Option<(u8, &str)> {
        match self {
            Pass::Only => None,
            Pass::First(file) => Some((1, file)),
            Pass::Second(file) => Some((2, file)),
        }
    }
}

fn video(line: &mut Line, coding: &VideoCoding, pass: &Pass) {
    line.option("-c:v", coding.implementation.encoder());
    if coding.implementation.encoder() == AOM_AV1 {
        libaom(line, coding);
    } else {
        line.option("-preset", preset(coding.codec, coding.speed));
    }
    if let Some(profile) = coding.profile {
        line.option("-profile:v", profile);
    }
    if let Some(level) = coding.level.filter(|_| coding.codec != VideoCodec::H265) {
        line.option("-level", format!("{}.{}", level / 10, level % 10));
    }
    rate_control(line, coding);
    if let Some(bframes) = coding.bframes {
        line.option("-bf", bframes);
    }
    line.option("-g", coding.gop);
    if let Some(curve) = coding.high_range {
        line.option("-color_trc", curve.name());
        line.words("-color_primaries bt2020");
    }
    match coding.codec {
        VideoCodec::H264 | VideoCodec::H265 => {
            line.option("-keyint_min", coding.gop);
            line.words("-sc_threshold 0 -flags +cgop");
            line.option("-threads", coding.threads.count());
        }
        VideoCodec::Av1 if coding.implementation.encoder() == SVT_AV1 => {
            line.option("-svtav1-params", svt_parameters(coding));
        }
        VideoCodec::Av1 => {
            line.option("-keyint_min", coding.gop);
            line.option("-threads", coding.threads.count());
        }
    }
    match coding.codec {
        VideoCodec::H264 => x264_parameters(line, coding, pass),
        VideoCodec::H265 => {
            line.option("-x265-params", x265_parameters(coding, pass));
            line.option("-tag:v", coding.tag.unwrap_or(CodecTag::Hvc1));
        }
        VideoCodec::Av1 => {}
    }
    line.words("-fps_mode passthrough");
    if let FrameTiming::AsSource(_) = coding.timing {
        line.words("-enc_time_base 1:90000");
    }
    line.words(if let Pass::First(_) = pass { "-f null" } else { "-f mp4" });
}

/// The number of the pass is ffmpeg's own option, so that the first one is made as quick as x264 advises; the name of the
/// file is x264's, because ffmpeg would add the number of the stream to it.
fn x264_parameters(line: &mut Line, coding: &VideoCoding, pass: &Pass) {
    let mut parameters = Vec::new();
    if let Threads::Slices(_) = coding.threads {
        parameters.push("sliced-threads=1".to_owned());
    }
    if let Some((number, file)) = pass.of_two() {
        line.option("-pass", number);
        parameters.push(format!("stats={file}"));
    }
    if !parameters.is_empty() {
        line.option("-x264-params", parameters.join(":"));
    }
}

fn preset(codec: VideoCodec, speed: Speed) -> &'static str {
    match (codec, speed) {
        (VideoCodec::H265, Speed::Fast) => "ultrafast",
        (VideoCodec::H265, Speed::Medium) => "fast",
        (VideoCodec::H265, Speed::Slow) => "slow",
        (VideoCodec::Av1, Speed::Fast) => "10",
        (VideoCodec::Av1, Speed::Medium) => "8",
        (VideoCodec::Av1, Speed::Slow) => "5",
        (VideoCodec::H264, Speed::Fast) => "veryfast",
        (VideoCodec::H264, Speed::Medium) => "medium",
        (VideoCodec::H264, Speed::Slow) => "slower",
    }
}

/// Closed groups without scene cuts, on a fixed number of threads (ffmpeg reads this from 5.1 on).
fn svt_parameters(coding: &VideoCoding) -> String {
    let mut parameters = format!("lp={}:scd=0:irefresh-type=2", coding.threads.count());
    if let Some(screen) = coding.mastering {
        let part = |number: u32, steps: i64| Rational::of(i64::from(number), steps).to_decimal(5);
        let place = |(x, y): (u32, u32)| format!("({},{})", part(x, 50_000), part(y, 50_000));
        let (green, blue, red, white) =
            (place(screen.green), place(screen.blue), place(screen.red), place(screen.white));
        let (brightest, darkest) = (part(screen.luminance.0, 10_000), part(screen.luminance.1, 10_000));
        parameters += &format!(":mastering-display=G{green}B{blue}R{red}WP{white}L({brightest},{darkest})");
    }
    if let Some(light) = coding.light {
        parameters += &format!(":content-light={light}");
    }
    parameters
}

/// x265 does not read ffmpeg's general options for these. `const-vbv` makes an encode with a ceiling repeatable.
fn x265_parameters(coding: &VideoCoding, pass: &Pass) -> String {
    let constant = match coding.rate_control {
        RateControl::Rate { constant: true, .. } => ":const-vbv=1:strict-cbr=1:hrd=1",
        RateControl::Rate { ceiling: Some(_), .. } | RateControl::Quality { ceiling: Some(_), .. } => ":const-vbv=1",
        _ => "",
    };
    let level = coding.level.map_or(String::new(), |level| format!(":level-idc={}.{}", level / 10, level % 10));
    let mastering = coding.mastering.map_or(String::new(), |screen| format!(":master-display={screen}"));
    let light = coding.light.map_or(String::new(), |light| format!(":max-cll={light}"));
    let passes = pass.of_two().map_or(String::new(), |(number, file)| {
        let quick = if number == 1 { ":slow-firstpass=0" } else { "" };
        format!(":pass={number}{quick}:stats={file}")
    });
    format!(
        "keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0:pools={threads}:frame-threads={frames}{constant}{level}{mastering}{light}{passes}:log-level=error",
        gop = coding.gop,
        threads = coding.threads.count(),
        frames = coding.threads.count().div_ceil(2),
    )
}

/// Rows of blocks are worked on side by side, which gives the same for a given number of threads.
fn libaom(line: &mut Line, coding: &VideoCoding) {
    line.option(
        "-cpu-used",
        match coding.speed {
            Speed::Fast => 6,
            Speed::Medium => 5,
            Speed::Slow => 3,
        },
    );
    line.words("-row-mt 1");
    if let RateControl::Quality { .. } = coding.rate_control {
        // Otherwise the quality is a ceiling beside ffmpeg's usual rate.
        line.words("-b:v 0");
    }
}

fn rate_control(line: &mut Line, coding: &VideoCoding) {
    match coding.rate_control {
        RateControl::Quality { crf, ceiling } => {
            line.option("-crf", crf);
            if let Some(ceiling) = ceiling {
                line.option("-maxrate", ceiling);
                line.option("-bufsize", ceiling);
            }
        }
        RateControl::Rate { target, ceiling, buffer, constant } => {
            line.option("-b:v", target);
            if constant {
                line.option("-minrate", target);
                if coding.codec == VideoCodec::H264 {
                    line.words("-nal-hrd cbr");
                }
            }
            if let Some(ceiling) = ceiling {
                line.option("-maxrate", ceiling);
            }
            if let Some(buffer) = buffer {
                line.option("-bufsize", buffer);
            }
        }
    }
}

fn audio(line: &mut Line, coding: &AudioCoding) {
    line.option("-c:a", coding.implementation.encoder());
    if let Some(bitrate) = coding.bitrate {
        line.option("-b:a", bitrate);
    }
    line.words("-threads 1");
    match coding.codec {
        AudioCodec::Aac => line.words("-f mp4"),
        AudioCodec::Mp3 => line.words("-id3v2_version 0 -f mp3"),
        AudioCodec::Flac => line.words("-f flac"),
        AudioCodec::Opus => line.words("-f ogg"),
        AudioCodec::Pcm16 => line.words("-f wav"),
    }
}

fn pictures(line: &mut Line, coding: &PictureCoding) {
    line.option("-c:v", coding.implementation.encoder());
    match coding.format {
        ImageFormat::Jpg => line.words("-q:v 2"),
        ImageFormat::Png => line.words("-pred mixed"),
        ImageFormat::Webp => line.words("-quality 85"),
    }
    // Without a count the whole source is decoded even when the last picture was found long ago.
    line.option("-frames:v", coding.count);
    line.words("-threads 1 -fps_mode passthrough -f image2");
}

/// Both muxers go round once unless they are told otherwise: nought stands for ever.
fn animation(line: &mut Line, coding: &AnimationCoding) {
    line.option("-c:v", coding.implementation.encoder());
    if let Some(quality) = coding.quality {
        line.option("-quality", quality);
    }
    line.words("-threads 1 -fps_mode passthrough -loop 0 -f");
    line.words(match coding.format {
        AnimatedFormat::Gif => "gif",
        AnimatedFormat::Webp => "webp",
    });
}
