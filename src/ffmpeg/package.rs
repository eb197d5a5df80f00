//! Commands of package jobs: elementary streams of ours in, containers out, nothing encoded.

use super::{Argument, Line};
use crate::catalog::template::{AudioCodec, Container, SegmentKind};
use crate::physical::{Artifact, ContainerWork, Expectation, InputTimes, PLAYLIST_NAME, PackageWork, PhysicalPlan};
use crate::units::{Duration, Rational};

pub(super) fn emit(line: &mut Line, plan: &PhysicalPlan, work: &PackageWork) {
    if work.times == InputTimes::Kept {
        line.words("-copyts");
    }
    for input in &work.inputs {
        let artifact = plan.artifact(*input);
        line.words("-protocol_whitelist file");
        line.option("-f", demuxer(artifact));
        line.option("-i", format!("file:{}", artifact.name));
    }
    for container in &work.containers {
        made(line, plan, work, container);
    }
}

/// One output of the process.
fn made(line: &mut Line, plan: &PhysicalPlan, package: &PackageWork, work: &ContainerWork) {
    for stream in &work.streams {
        let Some(at) = package.inputs.iter().position(|input| input == stream) else { continue };
        line.option("-map", format!("{at}:{}", if has_video(plan.artifact(*stream)) { "v" } else { "a" }));
    }
    line.words("-c copy -map_metadata -1 -map_chapters -1");
    for (at, tag) in work.tags.iter().enumerate() {
        let said = [("language", &tag.language), ("handler_name", &tag.title)];
        for (name, value) in said.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            // MP4 has no other place for a track's name that players look at.
            line.option(&format!("-metadata:s:a:{at}"), format!("{name}={value}"));
        }
    }
    if let Some(last) = work.last_picture {
        let (number, end) = (last.count.saturating_sub(1), last.end.0.to_decimal(6));
        // All but the length of the last packet must be said to stay: what is not said is set to the time of decoding.
        let length = format!("if(eq(N\\,{number})\\,round({end}/TB)-PTS\\,DURATION)");
        line.option("-bsf:v", format!("setts=pts=PTS:dts=DTS:duration={length}"));
    }
    let artifact = plan.artifact(work.artifact);
    match work.container {
        Container::Mp4 => line.words("-movflags +faststart -f mp4"),
        // The form for players of Apple does not take MP3.
        Container::M4a if has_mp3(artifact) => line.words("-movflags +faststart -f mp4"),
        Container::M4a => line.words("-movflags +faststart -f ipod"),
        Container::Flv => line.words("-f flv"),
        Container::Mp3 => line.words("-f mp3"),
        Container::Flac => line.words("-f flac"),
        Container::Ogg => line.words("-f ogg"),
        Container::Wav => line.words("-f wav"),
        Container::Hls => {
            segments(line, work, artifact);
            return;
        }
    }
    line.0.push(Argument::Text(artifact.name.clone()));
}

/// Segments of equal length, one playlist, all in a folder of their own.
fn segments(line: &mut Line, work: &ContainerWork, artifact: &Artifact) {
    let (kind, length) = work.segment.unwrap_or((SegmentKind::Ts, Duration::from_millis(10_000)));
    let folder = &artifact.name;
    segment_times(line);
    line.words("-f hls -hls_playlist_type vod -hls_list_size 0 -hls_flags +independent_segments");
    line.option("-hls_time", segment_seconds(length));
    match kind {
        SegmentKind::Ts => {
            line.words("-hls_segment_type mpegts");
            line.option("-hls_segment_filename", format!("{folder}/seg_%05d.ts"));
        }
        SegmentKind::Fmp4 => {
            line.words("-hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4");
            fragment_times(line);
            line.option("-hls_segment_filename", format!("{folder}/seg_%05d.m4s"));
        }
    }
    line.0.push(Argument::Text(format!("{folder}/{PLAYLIST_NAME}")));
}

/// Where the times of segments start. Pictures that are shown later than they are decoded, and the priming of sound,
/// would start before zero; ffmpeg then moves each playlist by itself, so that sound that is kept apart would be early by
/// some pictures. Ten seconds are more than any of them needs, and what Apple's segmenter takes.
pub(super) fn segment_times(line: &mut Line) {
    line.words("-output_ts_offset 10");
}

/// Makes fragments of MP4 say their true times. Without it they count from zero, each stream by itself, and the muxer
/// writes what is between them into edit lists, which players of fragments do not read. The first three flags are those
/// that the segmenter sets itself; some versions replace them by what is given here.
pub(super) fn fragment_times(line: &mut Line) {
    line.words("-hls_segment_options movflags=+frag_custom+dash+delay_moov+frag_discont:use_editlist=0:avoid_negative_ts=disabled");
}

/// Rounded down to the microsecond: the segmenter cuts at the first keyframe at or after a multiple of it.
pub(super) fn segment_seconds(length: Duration) -> String {
    let micros = (length.seconds() * Rational::of(1_000_000, 1)).floor();
    Rational::new(micros, 1_000_000).unwrap_or(Rational::ONE).to_decimal(6)
}

/// What reads an elementary stream of ours, by the form in which `encode` writes it.
pub(super) fn demuxer(artifact: &Artifact) -> &'static str {
    match artifact.name.rsplit('.').next() {
        Some("mp3") => "mp3",
        Some("flac") => "flac",
        Some("ogg") => "ogg",
        Some("wav") => "wav",
        _ => "mov",
    }
}

fn has_mp3(artifact: &Artifact) -> bool {
    matches!(&artifact.expect, Expectation::Streams { audio: Some(sound), .. } if sound.codec == AudioCodec::Mp3)
}

fn has_video(artifact: &Artifact) -> bool {
    matches!(&artifact.expect, Expectation::Streams { video: Some(_), .. })
}
