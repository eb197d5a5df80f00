//! Commands of adaptive packages: elementary streams of ours in, all tracks of a package out, nothing encoded.

use super::package::{demuxer, fragment_times, segment_seconds, segment_times};
use super::{Argument, Line};
use crate::catalog::template::AdaptiveFormat;
use crate::physical::{AdaptiveWork, ArtifactId, MANIFEST_NAME, PhysicalPlan, Track};

pub(super) fn emit(line: &mut Line, plan: &PhysicalPlan, work: &AdaptiveWork) {
    for input in &work.inputs {
        let artifact = plan.artifact(*input);
        line.words("-protocol_whitelist file");
        line.option("-f", demuxer(artifact));
        line.option("-i", format!("file:{}", artifact.name));
    }
    match work.format {
        AdaptiveFormat::Hls => work.tracks.iter().for_each(|track| hls(line, plan, work, track)),
        AdaptiveFormat::Dash => dash(line, plan, work),
    }
}

fn map(line: &mut Line, work: &AdaptiveWork, track: &Track) {
    let place = |id: ArtifactId| work.inputs.iter().position(|input| *input == id);
    for (stream, word) in [(track.video, "v"), (track.audio, "a")] {
        if let Some(at) = stream.and_then(place) {
            line.option("-map", format!("{at}:{word}"));
        }
    }
}

/// One playlist. The master playlist over them is ours: the muxer would write estimated bit rates into it.
fn hls(line: &mut Line, plan: &PhysicalPlan, work: &AdaptiveWork, track: &Track) {
    map(line, work, track);
    line.words("-c copy -map_metadata -1 -map_chapters -1");
    segment_times(line);
    line.words("-f hls -hls_playlist_type vod -hls_list_size 0 -hls_flags");
    let single = if work.segments.is_byterange() { "+single_file" } else { "" };
    line.0.push(Argument::Text(format!("+independent_segments{single}")));
    line.option("-hls_time", segment_seconds(work.segment));
    let (folder, name) = (&plan.artifact(work.artifact).name, &track.name);
    let number = if work.segments.is_byterange() { "" } else { "_%05d" };
    let packed = work.segments.packs_sound() && track.video.is_none();
    if packed && !work.segments.is_transport_stream() {
        // Of the stream only its content and its times are used, which must be those of the pictures in MP4: without
        // the buffering that transport streams start with.
        line.words("-muxdelay 0 -muxpreload 0");
    }
    if packed || work.segments.is_transport_stream() {
        line.words("-hls_segment_type mpegts");
        line.option("-hls_segment_filename", format!("{folder}/{name}{number}.ts"));
    } else {
        line.words("-hls_segment_type fmp4");
        fragment_times(line);
        if work.segments.is_byterange() {
            line.option("-hls_segment_filename", format!("{folder}/{name}.mp4"));
        } else {
            line.option("-hls_fmp4_init_filename", format!("{name}_init.mp4"));
            line.option("-hls_segment_filename", format!("{folder}/{name}{number}.m4s"));
        }
    }
    line.0.push(Argument::Text(format!("{folder}/{name}.m3u8")));
}

/// One media file with an index for each track. The manifest over them is ours: the muxer refuses rungs of one set
/// whose sides, rounded to even numbers, differ a little in shape.
fn dash(line: &mut Line, plan: &PhysicalPlan, work: &AdaptiveWork) {
    work.tracks.iter().for_each(|track| map(line, work, track));
    line.words("-c copy -map_metadata -1 -map_chapters -1 -f dash -single_file 1 -global_sidx 1 -use_template 0");
    line.option("-single_file_name", "track_$RepresentationID$.mp4");
    line.option("-seg_duration", segment_seconds(work.segment));
    let sets: Vec<String> = (0..work.tracks.len()).map(|at| format!("id={at},streams={at}")).collect();
    line.option("-adaptation_sets", sets.join(" "));
    line.0.push(Argument::Text(format!("{}/{MANIFEST_NAME}", plan.artifact(work.artifact).name)));
}
