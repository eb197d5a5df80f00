//! Renditions are what was asked for: parts, copies, tracks and codecs, proved by pictures that carry their number and by samples.

mod stage;

use std::path::{Path, PathBuf};

/// The numbers that the pictures of a rendition of a numbered clip carry.
fn numbers(media: &Path) -> Vec<u32> {
    let path = media.to_str().expect("UTF-8");
    let scale = ["-vf", "scale=256:144,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"];
    let mut arguments = vec!["-i", path];
    arguments.extend(scale);
    let pixels = stage::ffmpeg(&arguments);
    let number =
        |picture: &[u8]| (0..8).filter(|bit| picture[72 * 256 + bit * 32 + 16] > 128).map(|bit| 1 << bit).sum::<u32>();
    pixels.chunks_exact(256 * 144).map(number).collect()
}

/// What ffprobe says of one entry of all streams of a kind, a line each.
fn probed(media: &Path, streams: &str, entries: &str) -> String {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", streams, "-show_entries", entries, "-of", "csv=p=0"])
        .arg(media)
        .output()
        .expect("ffprobe starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn samples(media: &Path) -> Vec<u8> {
    stage::ffmpeg(&["-i", media.to_str().expect("UTF-8"), "-f", "s16le", "-c:a", "pcm_s16le", "-"])
}

/// Runs a procedure over a clip and gives the folder of what came out.
fn made(name: &str, procedure: &str, clip: &Path) -> PathBuf {
    let out = stage::folder().join(format!("out-{name}"));
    stage::run(&stage::write(&format!("{name}.vod"), procedure), clip, &out, &[]);
    out
}

const PARTS: &str = "
template transcode t { container: mp4 video: { codec: h264, crf: 12, speed: fast } audio: { codec: aac } }
template transcode slow { container: hls video: { codec: h264, crf: 12, fps: 5, gop: 1s, speed: fast } audio: { codec: aac } }
procedure p() {
    transcode t from 1s to -1s
    transcode t from 0.99s to 1.01s
    transcode t from 50% to 9s
    transcode t
    transcode slow from 1s to 3s
}";

#[test]
fn a_part_holds_its_pictures_and_no_other() {
    let clip = stage::numbered_clip("parts.mp4", 100, &[]);
    let out = made("parts", PARTS, &clip);
    let all = |range: std::ops::Range<u32>| range.collect::<Vec<u32>>();
    assert_eq!(numbers(&out.join("v.t.mp4")), all(25..75));
    // At a constant rate each slot shows the nearest picture: at 0.99 s that is the one of 1 s.
    assert_eq!(numbers(&out.join("v.t_2.mp4")), all(25..26));
    assert_eq!(numbers(&out.join("v.t_3.mp4")), all(50..100));
    assert_eq!(numbers(&out.join("v.t_4.mp4")), all(0..100));
    // Of five pictures the last that lies nearer to this slot than to the next.
    assert_eq!(numbers(&out.join("v.slow/v.slow.m3u8")), [27, 32, 37, 42, 47, 52, 57, 62, 67, 72]);
}

#[test]
fn a_part_of_a_variable_rate_starts_with_what_is_shown() {
    // Picture n is shown at n²/50 s: …, 0.5, 0.72, 0.98, 1.28, 1.62, 2 ….
    let options = ["-an", "-vf", "settb=1/1000,setpts=N*N*20", "-fps_mode", "passthrough", "-enc_time_base", "1:1000"];
    let clip = stage::numbered_clip("uneven.mp4", 16, &options);
    let text = "template transcode t { container: mp4 video: { codec: h264, crf: 12, speed: fast } }
        procedure p() { transcode t from 1s to 2s }";
    let out = made("uneven", text, &clip);
    let rendition = out.join("v.t.mp4");
    assert_eq!(numbers(&rendition), [7, 8, 9]);
    let times = probed(&rendition, "v", "packet=pts_time");
    let mut times: Vec<&str> = times.lines().map(|line| line.trim_end_matches(',')).collect();
    times.sort_unstable();
    assert_eq!(times, ["0.000000", "0.280000", "0.620000"]);
    // The last one is shown until the part ends, not for as long as the one before it.
    assert_eq!(probed(&rendition, "v", "stream=duration"), "1.000000");
}

#[test]
fn interlaced_pictures_are_cut_at_the_same_place() {
    let options = ["-an", "-flags", "+ilme+ildct", "-x264-params", "tff=1", "-vf", "setfield=tff"];
    let clip = stage::numbered_clip("fields.mkv", 60, &options);
    let text = "template transcode t { container: mp4 video: { codec: h264, crf: 12, speed: fast, deinterlace: on } }
        procedure p() { transcode t from 1s to 2s }";
    let out = made("fields", text, &clip);
    assert_eq!(numbers(&out.join("v.t.mp4")), (25..50).collect::<Vec<u32>>());
}

#[test]
fn a_part_of_sound_is_exact_to_the_sample() {
    let clip = stage::folder().join("noise.wav");
    let noise = "aevalsrc=exprs='0.5*sin(n*n/977)':sample_rate=44100:duration=3";
    stage::ffmpeg(&["-f", "lavfi", "-i", noise, "-c:a", "pcm_s16le", clip.to_str().expect("UTF-8")]);
    let text = "template transcode t { container: wav video: none audio: { codec: pcm16, channels: source } }
        procedure p() { transcode t from 0.33333s to -1.1s }";
    let out = made("noise", text, &clip);
    let (whole, part) = (samples(&clip), samples(&out.join("v.t.wav")));
    // 0.33333 s are 14699.853 samples, 1.9 s are 83790.
    assert_eq!(part.len(), (83790 - 14700) * 2);
    assert!(part == whole[14700 * 2..83790 * 2], "the samples differ");
}

#[test]
fn picture_and_sound_of_a_part_stay_together() {
    // A flash and a beep at 2 s.
    let clip = stage::folder().join("clap.mp4");
    let flash = "color=c=black:s=160x90:r=25:d=4,drawbox=color=white:t=fill:enable='between(t,2,2.19)'";
    let beep = "aevalsrc=exprs='if(between(t,2,2.2),0.9*sin(2000*t),0)':sample_rate=48000:duration=4";
    let target = clip.to_str().expect("UTF-8");
    let inputs = ["-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep];
    let mut arguments = inputs.to_vec();
    arguments.extend(["-pix_fmt", "yuv420p", "-c:v", "libx264", "-c:a", "aac", "-b:a", "128k", target]);
    stage::ffmpeg(&arguments);
    let text =
        "template transcode t { container: mp4 video: { codec: h264, crf: 12, speed: fast } audio: { codec: aac } }
        procedure p() { transcode t from 1.37s to 3s }";
    let rendition = made("clap", text, &clip).join("v.t.mp4");
    let path = rendition.to_str().expect("UTF-8");
    let grey = ["-i", path, "-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-"];
    let bright = stage::ffmpeg(&grey).iter().position(|pixel| *pixel > 128).expect("a flash") as f64 / 25.0;
    let sound = samples(&rendition);
    let loud = |pair: &[u8]| i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs() > 4000;
    let channels = probed(&rendition, "a", "stream=channels").parse::<usize>().expect("a number");
    let beep = (sound.chunks_exact(2).position(loud).expect("a beep") / channels) as f64 / 48000.0;
    assert!((bright - 0.63).abs() < 0.021, "the flash comes at {bright}");
    assert!((beep - 0.63).abs() < 0.005, "the beep comes at {beep}");
}

/// Hashes of the packets of one sort, as hashes alone: numbers of streams differ between containers.
fn packets(media: &Path, sort: &str) -> String {
    let path = media.to_str().expect("UTF-8");
    // Parameter sets lie beside the pictures or among them, by the container.
    let raw = if sort == "v" {
        ["-c", "copy", "-bsf:v", "h264_mp4toannexb,filter_units=remove_types=6-9"]
    } else {
        ["-c", "copy", "-bsf:a", "null"]
    };
    let mut arguments = vec!["-i", path, "-map", sort];
    arguments.extend(raw);
    arguments.extend(["-f", "streamhash", "-hash", "md5", "-"]);
    String::from_utf8_lossy(&stage::ffmpeg(&arguments)).into_owned()
}

#[test]
fn a_remux_holds_the_packets_of_the_source() {
    let clip = stage::numbered_clip("plain.mp4", 100, &["-bf", "2"]);
    let out = made("remux", "procedure p() { transcode 875, 876 }", &clip);
    let (file, playlist) = (out.join("v.f875.mp4"), out.join("v.f876/v.f876.m3u8"));
    for sort in ["v", "a"] {
        assert_eq!(packets(&file, sort), packets(&clip, sort), "{sort}");
    }
    assert_eq!(packets(&playlist, "v"), packets(&clip, "v"));
    assert_eq!(numbers(&file), (0..100).collect::<Vec<u32>>());
    assert_eq!(numbers(&playlist), (0..100).collect::<Vec<u32>>());
    assert_eq!(samples(&file), samples(&clip));
    assert_eq!(probed(&file, "v", "stream=start_time,nb_frames"), probed(&clip, "v", "stream=start_time,nb_frames"));
}

/// A clip whose picture starts 0.4 s after its sound, and the whole `offset` seconds after zero.
fn apart(name: &str, offset: &str) -> PathBuf {
    let plain = stage::numbered_clip("before.mp4", 50, &[]);
    let clip = stage::folder().join(name);
    let path = plain.to_str().expect("UTF-8");
    let mut arguments = vec!["-i", path, "-itsoffset", "0.4", "-i", path, "-map", "0:a", "-map", "1:v", "-c", "copy"];
    arguments.extend(["-output_ts_offset", offset, clip.to_str().expect("UTF-8")]);
    stage::ffmpeg(&arguments);
    clip
}

fn start(media: &Path, sort: &str) -> f64 {
    probed(media, sort, "stream=start_time")
        .lines()
        .next()
        .and_then(|line| line.trim_end_matches(',').parse().ok())
        .expect("a time")
}

#[test]
fn copied_streams_keep_their_distance_and_start_at_zero() {
    let out = made("from-apart.mkv", "procedure p() { transcode 875, 876 }", &apart("apart.mkv", "3"));
    for file in ["v.f875.mp4", "v.f876/v.f876.m3u8"] {
        let (picture, sound) = (start(&out.join(file), "v:0"), start(&out.join(file), "a:0"));
        assert!((picture - sound - 0.4).abs() < 0.06, "{file}: picture {picture}, sound {sound}");
        assert!(file.ends_with("m3u8") || sound.abs() < 0.03, "{file}: sound {sound}");
    }
}

/// An encode shows its first picture from the start on; a copy would show nothing for 0.4 s.
#[test]
fn a_picture_that_starts_late_is_encoded_beside_its_sound() {
    let text = "template transcode sound { container: mp4 video: { bitrate: 9Mbps, gop: 10s } audio: { codec: mp3 } }
        procedure p() { transcode sound }";
    let file = made("from-apart.mp4", text, &apart("apart.mp4", "0")).join("v.sound.mp4");
    let (picture, sound) = (start(&file, "v:0"), start(&file, "a:0"));
    assert!(picture.abs() < 0.03 && sound.abs() < 0.03, "picture {picture}, sound {sound}");
    let shown = numbers(&file);
    assert_eq!(shown[..11], [0; 11], "picture 0 fills the time before it");
    assert_eq!(shown[11], 1);
}

#[test]
fn what_conforms_is_copied_and_what_does_not_is_encoded() {
    let clip = stage::numbered_clip("conforming.mp4", 100, &["-profile:v", "high", "-bf", "2", "-ac", "2"]);
    let text = "
        template transcode fits { container: mp4 video: { bitrate: 9Mbps } audio: { bitrate: 256kbps } }
        template transcode other { extends: fits video: { short_side: 128 } }
        template transcode never { extends: fits video: { copy: never } }
        procedure p() { transcode fits, other, never }";
    let out = made("conforming", text, &clip);
    let copied = |name: &str, sort| packets(&out.join(name), sort) == packets(&clip, sort);
    assert!(copied("v.fits.mp4", "v") && copied("v.fits.mp4", "a"));
    assert!(!copied("v.other.mp4", "v") && copied("v.other.mp4", "a"));
    assert!(!copied("v.never.mp4", "v") && !copied("v.never.mp4", "a"));
    assert_eq!(numbers(&out.join("v.fits.mp4")), (0..100).collect::<Vec<u32>>());
}

/// Mean red, green and blue of the first picture, in BT.709 of limited range.
fn colour(media: &Path) -> [u8; 3] {
    let filter = "zscale=matrixin=709:rangein=limited:matrix=gbr:range=full,format=gbrp,format=rgb24";
    let path = media.to_str().expect("UTF-8");
    let pixels = stage::ffmpeg(&["-i", path, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-"]);
    [pixels[0], pixels[1], pixels[2]]
}

#[test]
fn a_high_dynamic_range_is_mapped_or_kept() {
    for (curve, name) in [("smpte2084", "pq.mp4"), ("arib-std-b67", "hlg.mp4")] {
        // A plain colour of standard range, brought to high range: mapped back it must look like it was.
        let clip = stage::folder().join(name);
        let high = format!(
            "zscale=transferin=709:primariesin=709:matrixin=709:rangein=limited:primaries=2020:transfer={curve}:\
             matrix=2020_ncl:range=limited:npl=100,format=yuv420p10le"
        );
        let graph = format!("color=c=0x508030:s=320x180:r=25:d=0.4,scale=out_color_matrix=bt709,format=yuv420p,{high}");
        let tags = ["-color_trc", curve, "-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv"];
        let mut arguments = vec!["-f", "lavfi", "-i", &graph, "-c:v", "libx265", "-x265-params", "log-level=error"];
        arguments.extend(tags);
        arguments.push(clip.to_str().expect("UTF-8"));
        stage::ffmpeg(&arguments);
        let text = "
            template transcode mapped { container: mp4 video: { codec: h264, crf: 12, speed: fast } }
            template transcode kept { container: mp4 video: { codec: h265, crf: 12, speed: fast, pixel_format: yuv420p10, hdr: keep } }
            template snapshot still { format: png }
            procedure p() { transcode mapped, kept snapshot at 0s using still }";
        let out = made(&format!("from-{curve}"), text, &clip);
        let tags = "stream=pix_fmt,color_range,color_space,color_transfer,color_primaries";
        assert_eq!(probed(&out.join("v.mapped.mp4"), "v", tags), "yuv420p,tv,bt709,bt709,bt709", "{curve}");
        assert_eq!(probed(&out.join("v.kept.mp4"), "v", tags), format!("yuv420p10le,tv,bt2020nc,{curve},bt2020"));
        let found = colour(&out.join("v.mapped.mp4"));
        // Green above red above blue, neither washed out nor dark.
        assert!(found[1] > found[0] + 20 && found[0] > found[2] + 10, "{curve}: {found:?}");
        assert!((60..190).contains(&found[1]), "{curve}: {found:?}");
        let still = out.join("snapshotByTimeOffset/snapshotByTimeOffset_still_0.png");
        let pixels = stage::ffmpeg(&[
            "-i",
            still.to_str().expect("UTF-8"),
            "-vf",
            "scale=1:1:flags=area,format=rgb24",
            "-f",
            "rawvideo",
            "-",
        ]);
        for (still, film) in pixels.iter().zip(found) {
            assert!(still.abs_diff(film) <= 4, "{curve}: {pixels:?} {found:?}");
        }
    }
}

#[test]
fn codecs_tags_and_depths_are_those_asked_for() {
    let clip = stage::numbered_clip("codecs.mp4", 50, &[]);
    let text = "
        template transcode a { container: mp4 video: { codec: av1, crf: 30, speed: fast, gop: 1s } }
        template transcode b { container: mp4 video: { codec: av1, crf: 30, speed: fast, pixel_format: yuv420p10 } }
        template transcode c { container: mp4 video: { codec: h265, crf: 20, speed: fast, pixel_format: yuv420p10, tag: hev1 } }
        template transcode d { container: mp4 video: { codec: h265, crf: 20, speed: fast } }
        procedure p() { transcode a, b, c, d transcode a from 1s }";
    let out = made("codecs", text, &clip);
    let found = |name: &str| probed(&out.join(name), "v", "stream=codec_name,codec_tag_string,pix_fmt,profile");
    assert_eq!(found("v.a.mp4"), "av1,Main,av01,yuv420p");
    assert_eq!(found("v.b.mp4"), "av1,Main,av01,yuv420p10le");
    assert_eq!(found("v.c.mp4"), "hevc,Main 10,hev1,yuv420p10le");
    assert_eq!(found("v.d.mp4"), "hevc,Main,hvc1,yuv420p");
    for name in ["v.a.mp4", "v.b.mp4", "v.c.mp4", "v.d.mp4"] {
        assert_eq!(numbers(&out.join(name)), (0..50).collect::<Vec<u32>>(), "{name}");
    }
    assert_eq!(numbers(&out.join("v.a_2.mp4")), (25..50).collect::<Vec<u32>>());
    let flags = probed(&out.join("v.a.mp4"), "v", "packet=flags");
    let keys: Vec<usize> =
        flags.lines().enumerate().filter(|(_, line)| line.starts_with('K')).map(|(at, _)| at).collect();
    assert_eq!(keys, [0, 25]);
}

#[test]
fn noise_is_filtered_out() {
    let clip = stage::folder().join("noisy.mp4");
    let target = clip.to_str().expect("UTF-8");
    let noisy = "color=c=gray:s=320x180:r=25:d=1,noise=alls=10:allf=t,format=yuv420p";
    stage::ffmpeg(&["-f", "lavfi", "-i", noisy, "-c:v", "libx264", "-crf", "4", target]);
    let text = "
        template transcode a { container: mp4 video: { codec: h264, crf: 8, speed: fast } }
        template transcode b { extends: a video: { denoise: on } }
        procedure p() { transcode a, b }";
    let out = made("noisy", text, &clip);
    let spread = |name: &str| {
        let path = out.join(name);
        let pixels = stage::ffmpeg(&["-i", path.to_str().expect("UTF-8"), "-vf", "format=gray", "-f", "rawvideo", "-"]);
        let last = &pixels[pixels.len() - 320 * 180..];
        let mean = last.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / last.len() as f64;
        (last.iter().map(|pixel| (f64::from(*pixel) - mean).powi(2)).sum::<f64>() / last.len() as f64).sqrt()
    };
    let (noisy, clean) = (spread("v.a.mp4"), spread("v.b.mp4"));
    assert!(clean < noisy * 0.75, "{noisy} {clean}");
}

/// A clip with three tones: 300, 600 and 1200 Hz, the second at another rate and in stereo.
fn three_tracks() -> PathBuf {
    let clip = stage::folder().join("tracks.mkv");
    let tone = |frequency: u32, rate: u32| format!("sine=frequency={frequency}:sample_rate={rate}:duration=2");
    let (one, two, three) = (tone(300, 48000), tone(600, 44100), tone(1200, 48000));
    let mut arguments = vec!["-f", "lavfi", "-i", "testsrc=s=160x128:r=25:d=2", "-f", "lavfi", "-i", &one];
    arguments.extend(["-f", "lavfi", "-i", &two, "-f", "lavfi", "-i", &three, "-map", "0", "-map", "1", "-map", "2"]);
    arguments.extend(["-map", "3", "-ac:a:1", "2", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"]);
    arguments.extend(["-c:a", "aac", clip.to_str().expect("UTF-8")]);
    stage::ffmpeg(&arguments);
    clip
}

/// Frequency of a tone, by how often it crosses zero.
fn tone(media: &Path, track: &str) -> f64 {
    let path = media.to_str().expect("UTF-8");
    let sound = stage::ffmpeg(&["-i", path, "-map", track, "-ac", "1", "-ar", "48000", "-f", "s16le", "-"]);
    let middle: Vec<i16> =
        sound.chunks_exact(2).skip(24000).take(48000).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    middle.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count() as f64 / 2.0
}

#[test]
fn sound_tracks_are_those_asked_for() {
    let text = "
        template transcode one { container: mp4 video: { crf: 30, speed: fast } audio: { tracks: [3] } }
        template transcode more { extends: one audio: { tracks: [2, 3, 1] } }
        template transcode music { container: m4a video: none audio: { tracks: [2], channels: source } }
        procedure p() { transcode one, more, music transcode more from 0.2s }";
    let out = made("tracks", text, &three_tracks());
    let near = |found: f64, wanted: f64| (found - wanted).abs() < wanted / 50.0;
    assert!(near(tone(&out.join("v.one.mp4"), "0:a:0"), 1200.0));
    assert!(near(tone(&out.join("v.music.m4a"), "0:a:0"), 600.0));
    for name in ["v.more.mp4", "v.more_2.mp4"] {
        let heard = [0, 1, 2].map(|track| tone(&out.join(name), &format!("0:a:{track}")));
        assert!(near(heard[0], 600.0) && near(heard[1], 1200.0) && near(heard[2], 300.0), "{name}: {heard:?}");
        assert_eq!(probed(&out.join(name), "a", "stream=sample_rate,channels"), "44100,2\n44100,2\n44100,2");
    }
}

#[test]
fn two_passes_meet_a_rate_better_than_one() {
    // Nothing moves for three seconds, then everything does: what one pass saves at first it cannot spend later.
    let clip = stage::folder().join("calm-then-wild.mp4");
    let target = clip.to_str().expect("UTF-8");
    let calm =
        "testsrc=s=256x144:r=25:d=3[a];nullsrc=s=256x144:r=25:d=3,geq=lum='128+100*sin(X*X/97+N*Y/7)':cb=128:cr=128[b]";
    let graph = format!("{calm};[a][b]concat,format=yuv420p");
    stage::ffmpeg(&["-filter_complex", &graph, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "8", target]);
    let text = "template transcode one { container: mp4 video: { codec: h264, bitrate: 600kbps, gop: 1s } audio: none }
        template transcode two { extends: one video: { passes: 2 } }
        template transcode half { extends: two video: { bitrate: 300kbps } }
        template transcode hevc { extends: two video: { codec: h265 } }
        procedure p() { transcode one, two, half, hevc }";
    let out = made("passes", text, &clip);
    let missed = |name: &str, wanted: f64| {
        let sizes = probed(&out.join(format!("v.{name}.mp4")), "v", "packet=size");
        let bytes: f64 = sizes.lines().filter_map(|line| line.trim_end_matches(',').parse::<f64>().ok()).sum();
        (bytes * 8.0 / 6.0 - wanted).abs() / wanted
    };
    let found = [missed("one", 6e5), missed("two", 6e5), missed("half", 3e5), missed("hevc", 6e5)];
    assert!(found[1] < found[0] / 2.0 && found[1..].iter().all(|miss| *miss < 0.1), "{found:?}");
}

#[test]
fn a_level_is_written_into_the_stream() {
    let clip = stage::numbered_clip("levels.mp4", 10, &[]);
    let text = "template transcode a { container: mp4 video: { codec: h264, level: 4.1, speed: fast } audio: none }
        template transcode h { extends: a video: { codec: h265 } }
        template transcode v { extends: a video: { codec: av1 } }
        procedure p() { transcode a, h, v }";
    let out = made("levels", text, &clip);
    let level = |name: &str| probed(&out.join(format!("v.{name}.mp4")), "v", "stream=level");
    // H.264 counts in tenths, H.265 in thirtieths, AV1 from 2.0 on, four to a number.
    assert_eq!([level("a"), level("h"), level("v")], ["41", "123", "9"]);
}

/// What the first picture says about the screen on which it was graded.
fn screen(media: &Path) -> String {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-read_intervals", "%+#1", "-of", "compact=nk=0:p=1"])
        .args(["-show_entries", "frame_side_data"])
        .arg(media)
        .output()
        .expect("ffprobe starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wanted = |line: &&str| line.contains("Mastering") || line.contains("light level");
    let line = |line: &str| line[line.find("side_data_type").unwrap_or(0)..].to_owned();
    said.lines().filter(wanted).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_kept_high_range_says_what_the_source_says_of_its_screen() {
    let params = "log-level=error:master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50):max-cll=1000,200";
    let options =
        ["-an", "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084", "-color_primaries", "bt2020"];
    let mut options = options.to_vec();
    options.extend(["-colorspace", "bt2020nc", "-color_range", "tv", "-x265-params", params]);
    let clip = stage::numbered_clip("graded.mp4", 10, &options);
    let text = "template transcode kept { container: mp4 video: { codec: h265, hdr: keep, pixel_format: yuv420p10, speed: fast, \
        bitrate: 200kbps, passes: 2 } audio: none }
        template transcode modern { container: mp4 video: { codec: av1, hdr: keep, pixel_format: yuv420p10, speed: fast } audio: none }
        template transcode mapped { container: mp4 video: { codec: h265, speed: fast } audio: none }
        procedure p() { transcode kept, modern, mapped }";
    let out = made("graded", text, &clip);
    let source = screen(&clip);
    assert!(source.contains("max_luminance=10000000/10000") && source.contains("max_content=1000"), "{source}");
    assert_eq!(screen(&out.join("v.kept.mp4")), source);
    let modern = screen(&out.join("v.modern.mp4"));
    assert!(
        modern.contains("max_luminance=256000/256") && modern.contains("max_content=1000|max_average=200"),
        "{modern}"
    );
    assert_eq!(screen(&out.join("v.mapped.mp4")), "");
}

#[test]
fn the_largest_picture_and_the_tracks_with_their_names_are_taken() {
    let clip = stage::folder().join("many.mkv");
    let mut arguments = Vec::new();
    for picture in ["color=red:s=160x90:r=25:d=1", "color=blue:s=320x180:r=25:d=1"] {
        arguments.extend(["-f", "lavfi", "-i", picture]);
    }
    for tone in ["sine=440:d=1", "sine=880:d=1"] {
        arguments.extend(["-f", "lavfi", "-i", tone]);
    }
    arguments.extend(["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:v", "libx264", "-c:a", "aac"]);
    arguments.extend(["-pix_fmt", "yuv420p", "-disposition:v", "default", "-disposition:a:0", "0"]);
    arguments.extend([
        "-disposition:a:1",
        "default",
        "-metadata:s:a:0",
        "language=eng",
        "-metadata:s:a:0",
        "title=One",
    ]);
    let title = "title=Zwei | \"index=7\" \\ ü";
    arguments.extend(["-metadata:s:a:1", "language=ger", "-metadata:s:a:1", title]);
    arguments.push(clip.to_str().expect("UTF-8"));
    stage::ffmpeg(&arguments);
    let text = "template transcode t { container: mp4 video: { codec: h264, speed: fast } audio: { codec: aac } }
        template transcode all { extends: t audio: { tracks: [1, 2] } }
        template transcode cut { extends: t container: hls segment: { type: ts, time: 1s } }
        template transcode both { container: mp4 video: { codec: h264, copy: always } audio: { tracks: [2, 1] } }
        template transcode song { container: m4a video: none audio: { codec: mp3 } }
        procedure p() { transcode t, all, cut, both, song }";
    let out = made("many", text, &clip);
    assert_eq!(probed(&out.join("v.song.m4a"), "a", "stream=codec_name"), "mp3");
    let said = |name: &str| probed(&out.join(name), "a", "stream_tags=language,handler_name");
    assert_eq!(probed(&out.join("v.t.mp4"), "v", "stream=width,height"), "320,180");
    let second = title.strip_prefix("title=").expect("a title").replace('"', "\"\"");
    assert_eq!(said("v.t.mp4"), format!("ger,\"{second}\""));
    assert_eq!(said("v.both.mp4"), format!("ger,\"{second}\"\neng,One"));
    assert_eq!(said("v.all.mp4"), format!("eng,One\nger,\"{second}\""));
    assert_eq!(probed(&out.join("v.cut/seg_00000.ts"), "a", "stream_tags=language").lines().next(), Some("ger"));
}
