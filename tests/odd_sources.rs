//! Odd sources, made here: whatever is given, what comes out is whole and shows the right pictures, or a code says why
//! there is nothing.

mod stage;

use std::path::{Path, PathBuf};

/// A rendition, segments, pictures, a sheet and a film of everything.
const PROCEDURE: &str = "
template transcode t { container: mp4 video: { codec: h264, crf: 12, speed: fast } audio: { codec: aac } }
template transcode s { extends: t container: hls video: { gop: 1s } segment: { type: ts, time: 1s } }
template snapshot p { format: png }
template sprite c { every: 20% rows: 1 columns: 5 width: 256 height: 144 format: png }
template animated g { fps: 5 }
procedure odd() {
    transcode t, s
    snapshot at 0s, 50% using p
    sprite using c
    animate g to 100%
}";

/// What came of a source.
struct Made {
    name: String,
    exit: Option<i32>,
    out: PathBuf,
    told: String,
}

impl Made {
    fn says(&self, words: &str) -> &Made {
        assert!(self.told.contains(words), "{}: `{words}` is not in\n{}", self.name, self.told);
        self
    }

    /// All is made, and nothing is said of damage.
    fn is_sound(&self) -> &Made {
        assert!(!self.told.contains("W0409"), "{}: {}", self.name, self.told);
        self.is_whole()
    }

    fn is_whole(&self) -> &Made {
        assert_eq!(self.exit, Some(0), "{}: {}", self.name, self.told);
        self
    }

    fn file(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    /// Whether every output shows these pictures of a numbered clip, as far as it shows them at all.
    fn shows(&self, all: &[u32]) -> &Made {
        let name = &self.name;
        assert_eq!(numbers(&self.file("v.t.mp4")), all, "{name}: mp4");
        assert_eq!(numbers(&self.file("v.s/v.s.m3u8")), all, "{name}: hls");
        let still = |index: u32| self.file(&format!("snapshotByTimeOffset/snapshotByTimeOffset_p_{index}.png"));
        let at = |tenths: usize| all[(all.len() * tenths / 10).min(all.len() - 1)];
        assert_eq!([0, 1].map(|index| stage::number_of(&still(index))), [at(0), at(5)], "{name}: snapshots");
        let sheet = self.file("imageSprite/imageSprite_c_0.png");
        let cells: Vec<u32> = (0..5).map(|cell| number_in(&sheet, cell * 256)).collect();
        assert_eq!(cells, [0, 2, 4, 6, 8].map(at), "{name}: cells");
        let film = numbers(&self.file("v.g.gif"));
        let wanted: Vec<u32> = (0..all.len().div_ceil(5)).map(|picture| all[picture * 5]).collect();
        assert_eq!(film, wanted, "{name}: film");
        self
    }

    fn has_size(&self, width: u32, height: u32) -> &Made {
        for file in ["v.t.mp4", "v.s/v.s.m3u8", "snapshotByTimeOffset/snapshotByTimeOffset_p_0.png"] {
            let path = self.file(file);
            let crc = stage::ffmpeg(&["-i", path.to_str().expect("UTF-8"), "-frames:v", "1", "-f", "framecrc", "-"]);
            let text = String::from_utf8_lossy(&crc).into_owned();
            assert!(text.contains(&format!("#dimensions 0: {width}x{height}")), "{} {file}: {text}", self.name);
        }
        self
    }
}

fn odd(name: &str, source: &Path) -> Made {
    let procedure = stage::write("odd.vod", PROCEDURE);
    let out = stage::folder().join(format!("out-{name}"));
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    // Pictures of 7680x4320 are beyond what is made without asking.
    let more = ["--max", "output-pixels=40000000"];
    let run = ["run", &text(&procedure), "--input", &text(source), "--out", &text(&out)];
    let output = stage::vodflow(&[&run[..], &more].concat());
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!told.contains("panicked"), "{name}: {told}");
    Made { name: name.to_owned(), exit: output.status.code(), out, told }
}

fn numbers(media: &Path) -> Vec<u32> {
    let scale = "scale=256:144,format=gray";
    let path = media.to_str().expect("UTF-8");
    let pixels = stage::ffmpeg(&["-i", path, "-vf", scale, "-fps_mode", "passthrough", "-f", "rawvideo", "-"]);
    pixels.chunks_exact(256 * 144).map(number).collect()
}

fn number(picture: &[u8]) -> u32 {
    (0..8).filter(|bit| picture[72 * 256 + bit * 32 + 16] > 128).map(|bit| 1 << bit).sum()
}

fn number_in(sheet: &Path, x: u32) -> u32 {
    let crop = format!("crop=256:144:{x}:0,format=gray");
    number(&stage::ffmpeg(&["-i", sheet.to_str().expect("UTF-8"), "-vf", &crop, "-f", "rawvideo", "-"]))
}

/// A file made of others by copying.
fn copied(name: &str, arguments: &[&str]) -> PathBuf {
    let path = stage::folder().join(name);
    stage::ffmpeg(&[arguments, &[path.to_str().expect("UTF-8")]].concat());
    path
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("readable")
}

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let path = stage::folder().join(name);
    std::fs::write(&path, bytes).expect("the stage is writable");
    path
}

fn all(count: u32) -> Vec<u32> {
    (0..count).collect()
}

#[test]
fn depths_samplings_ranges_and_fields_change_no_picture() {
    let forms: [(&str, &[&str]); 7] = [
        ("ten.mp4", &["-pix_fmt", "yuv420p10le"]),
        ("four-two-two.mp4", &["-pix_fmt", "yuv422p"]),
        ("four-four-four.mp4", &["-pix_fmt", "yuv444p"]),
        ("full.mp4", &["-pix_fmt", "yuvj420p", "-color_range", "pc"]),
        ("upper-first.mkv", &["-flags", "+ilme+ildct", "-x264-params", "tff=1", "-vf", "setfield=tff"]),
        ("lower-first.mkv", &["-flags", "+ilme+ildct", "-x264-params", "bff=1", "-vf", "setfield=bff"]),
        ("wide-pixels.mp4", &["-vf", "setsar=2"]),
    ];
    for (name, options) in forms {
        let clip = stage::numbered_clip(name, 20, &[&["-an"], options].concat());
        let width = if name == "wide-pixels.mp4" { 512 } else { 256 };
        odd(name, &clip).is_sound().shows(&all(20)).has_size(width, 144);
    }
}

#[test]
fn containers_and_their_clocks_change_no_picture() {
    let plain = stage::numbered_clip("plain.mp4", 20, &["-an", "-bf", "2"]);
    let path = plain.to_str().expect("UTF-8");
    for (name, options) in [
        ("late.ts", &["-output_ts_offset", "9000"][..]),
        ("late.mkv", &["-output_ts_offset", "7.5"]),
        ("plain.mov", &[]),
        ("plain.flv", &[]),
        // Neither says when pictures are shown that are decoded in another order.
        ("reordered.avi", &["-c:v", "mpeg4", "-bf", "2", "-q:v", "2"]),
        ("reordered.mpg", &["-c:v", "mpeg2video", "-bf", "2", "-q:v", "2", "-f", "mpeg"]),
    ] {
        let clip = copied(name, &[&["-i", path, "-c", "copy"], options].concat());
        odd(name, &clip).is_whole().shows(&all(20));
    }
    // H.264 in AVI ends a picture early: ffmpeg does not say when the last one ends.
    let clip = copied("reordered-264.avi", &["-i", path, "-c", "copy"]);
    let shown = numbers(&odd("reordered-264.avi", &clip).is_sound().file("v.t.mp4"));
    assert!(shown.len() >= 19 && all(20).starts_with(&shown), "{shown:?}");
    // In AVI and GIF a tick is as long as a picture, or a tenth of it.
    let avi = copied("ticks.avi", &["-i", path, "-c:v", "mpeg4", "-q:v", "2"]);
    odd("ticks.avi", &avi).is_sound().shows(&all(20));
    let gif = copied("moving.gif", &["-i", path]);
    odd("moving.gif", &gif).is_sound().shows(&all(20));
}

#[test]
fn a_single_picture_is_enough() {
    let one = stage::numbered_clip("one.mp4", 1, &["-an"]);
    odd("one.mp4", &one).is_sound().shows(&[0]);
    let gif = copied("one.gif", &["-i", one.to_str().expect("UTF-8")]);
    let made = odd("one.gif", &gif);
    assert_eq!(numbers(&made.is_sound().file("v.t.mp4")), [0]);
    // A lower rate than one picture lasts.
    let text = "template transcode t { container: mp4 video: { codec: h264 fps: 5 } } procedure p() { transcode t }";
    let out = stage::folder().join("out-slow");
    stage::run(&stage::write("slow.vod", text), &one, &out, &[]);
    assert_eq!(numbers(&out.join("v.t.mp4")), [0]);
}

#[test]
fn extreme_sizes_come_out_even_and_in_their_colour() {
    for (name, size, wanted) in [
        ("point.mkv", "1x1", (2, 2)),
        ("tiny.mkv", "2x2", (2, 2)),
        ("odd.mkv", "3x5", (2, 4)),
        ("ribbon.mkv", "2048x6", (2048, 6)),
        ("pillar.mkv", "6x2048", (6, 2048)),
        ("huge.mkv", "7680x4320", (7680, 4320)),
    ] {
        let colour = format!("color=c=0x30A060:s={size}:r=25:d=0.04,format=gbrp");
        let clip = copied(name, &["-f", "lavfi", "-i", &colour, "-frames:v", "1", "-c:v", "ffv1"]);
        let made = odd(name, &clip);
        made.is_whole().has_size(wanted.0, wanted.1);
        for file in ["v.t.mp4", "snapshotByTimeOffset/snapshotByTimeOffset_p_0.png"] {
            let (path, filter) = (made.file(file), "format=rgb24,crop=2:2:0:0");
            let path = path.to_str().expect("UTF-8");
            let pixel = stage::ffmpeg(&["-i", path, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-"]);
            let near = pixel.iter().zip([0x30, 0xA0, 0x60]).all(|(found, wanted)| found.abs_diff(wanted) <= 5);
            assert!(near, "{name} {file}: {pixel:?}");
        }
    }
    let ribbon = stage::folder().join("ribbon.mkv");
    let text = "procedure p() { transcode 100030 cover at 0s using 10 }";
    let (procedure, out) = (stage::write("ribbon.vod", text), stage::folder().join("out-too-wide"));
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let output =
        stage::vodflow(&["run", &text(&procedure), "--input", &text(&ribbon), "--out", &text(&out), "--quiet"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("E0303") && told.contains("16383 pixels a side"), "{told}");
}

#[test]
fn what_is_cut_or_hurt_gives_what_is_there_and_says_so() {
    let plain = stage::numbered_clip("whole.mp4", 100, &["-g", "10", "-movflags", "+faststart"]);
    let path = plain.to_str().expect("UTF-8");
    let (mkv, ts) = (copied("whole.mkv", &["-i", path, "-c", "copy"]), copied("whole.ts", &["-i", path, "-c", "copy"]));
    for whole in [&plain, &mkv, &ts] {
        let name = whole.file_name().and_then(|name| name.to_str()).expect("a name");
        let data = bytes(whole);
        let half = odd(&format!("half-{name}"), &written(&format!("half-{name}"), &data[..data.len() / 2]));
        let shown = numbers(&half.is_whole().file("v.t.mp4"));
        assert!(shown.len() > 30 && shown.len() < 70, "{name}: {shown:?}");
        let mut hurt = data.clone();
        let middle = data.len() / 2;
        (middle..middle + 1500).step_by(7).for_each(|at| hurt[at] ^= 0x5a);
        let hurt = odd(&format!("hurt-{name}"), &written(&format!("hurt-{name}"), &hurt));
        assert!(hurt.is_whole().says("W0409").told.contains("damaged"), "{name}");
        let shown = numbers(&hurt.file("v.t.mp4"));
        assert!(shown.starts_with(&all(30)) && shown.ends_with(&[98, 99]), "{name}: {shown:?}");
        if name != "whole.ts" {
            half.says("W0409");
        }
    }
}

/// Recordings begin anywhere: pictures before the first keyframe, and those behind it that are shown before it, refer to
/// what is not there.
#[test]
fn a_recording_that_began_between_keyframes_starts_with_what_can_be_seen() {
    let open: [(&str, &[&str]); 3] = [
        ("mpeg2", &["-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "2"]),
        ("h264", &["-bf", "3", "-x264-params", "keyint=12:open-gop=1:scenecut=0"]),
        ("h265", &["-c:v", "libx265", "-x265-params", "keyint=12:min-keyint=12:open-gop=1:scenecut=0:log-level=0"]),
    ];
    for (name, options) in open {
        let clip = stage::numbered_clip(&format!("{name}.ts"), 60, &[&["-an", "-f", "mpegts"], options].concat());
        let path = clip.to_str().expect("UTF-8");
        let cut = copied(&format!("cut-{name}.ts"), &["-ss", "1", "-i", path, "-c", "copy"]);
        let seen = numbers(&cut);
        let listed =
            copied(&format!("cut-{name}.txt"), &["-i", cut.to_str().expect("UTF-8"), "-c", "copy", "-f", "framecrc"]);
        let packets =
            String::from_utf8(bytes(&listed)).expect("text").lines().filter(|line| line.starts_with('0')).count();
        assert!(!seen.is_empty() && seen.len() < packets, "{name}: {} of {packets} pictures can be seen", seen.len());
        odd(&format!("cut-{name}.ts"), &cut).is_whole().shows(&seen);
        let told = stage::vodflow(&["probe", cut.to_str().expect("UTF-8")]).stdout;
        assert!(String::from_utf8_lossy(&told).contains("began between keyframes"), "{name}");
    }
    for name in ["mpeg2", "h264"] {
        let data = bytes(&stage::folder().join(format!("{name}.ts")));
        // The tables of the stream, then what follows from somewhere in the middle on.
        let middle = data.len() / 3 / 188 * 188;
        let rest = written(&format!("rest-{name}.ts"), &[&data[..3 * 188], &data[middle..]].concat());
        odd(&format!("rest-{name}.ts"), &rest).is_whole().shows(&numbers(&rest));
    }
}

#[test]
fn a_header_that_lies_is_not_believed() {
    let plain = stage::numbered_clip("truth.mp4", 20, &["-an"]);
    let mut data = bytes(&plain);
    for name in [&b"mvhd"[..], b"mdhd"] {
        let at = data.windows(4).position(|word| word == name).expect("a header") + 20;
        let length = u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
        data[at..at + 4].copy_from_slice(&(length * 10).to_be_bytes());
    }
    odd("lie.mp4", &written("lie.mp4", &data)).is_whole().says("W0409").shows(&all(20));
}

#[test]
fn streams_joined_without_care_are_named() {
    let clip = stage::numbered_clip("first.ts", 20, &["-an", "-f", "mpegts"]);
    let twice = [bytes(&clip), bytes(&clip)].concat();
    odd("twice.ts", &written("twice.ts", &twice)).is_whole().says("W0409").says("20 of 40 pictures");
}

#[test]
fn tracks_without_anything_in_them_are_no_tracks() {
    let (picture, tone) = ("testsrc2=s=256x144:r=25:d=1", "sine=d=1");
    let inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-c:v", "libx264", "-c:a", "aac"];
    let silent = copied("silent.mp4", &[&inputs[..], &["-frames:a", "0"]].concat());
    odd("silent.mp4", &silent).is_whole();
    let blind = copied("blind.mp4", &[&inputs[..], &["-map", "1", "-map", "0", "-frames:v", "0"]].concat());
    let blind = odd("blind.mp4", &blind);
    assert_eq!(blind.exit, Some(1));
    blind.says("E0406").says("the source has no picture");
}

#[test]
fn pictures_that_do_not_move_are_no_sources_whatever_they_are_called() {
    for (name, coder) in [("a.png", "png"), ("a.jpg", "mjpeg"), ("a.bmp", "bmp"), ("a.webp", "libwebp")] {
        let still = copied(name, &["-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", "-c:v", coder]);
        let made = odd(name, &still);
        assert_eq!(made.exit, Some(4), "{name}: {}", made.told);
        made.says("E0404").says("still picture");
    }
}

/// Red, green, blue and white quarters.
fn quarters(name: &str, options: &[&str]) -> PathBuf {
    let graph = "color=red:s=64x36:r=25:d=0.4[a];color=lime:s=64x36:r=25:d=0.4[b];color=blue:s=64x36:r=25:d=0.4[c];\
        color=white:s=64x36:r=25:d=0.4[d];[a][b]hstack[e];[c][d]hstack[f];[e][f]vstack,format=yuv420p";
    copied(name, &[&["-f", "lavfi", "-i", graph, "-c:v", "libx264", "-crf", "5"], options].concat())
}

/// The colours of the quarters of a picture: upper left, upper right, lower left, lower right.
fn corners(media: &Path) -> String {
    let path = media.to_str().expect("UTF-8");
    let filter = "format=rgb24,scale=2:2:flags=area";
    let pixels = stage::ffmpeg(&["-i", path, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-"]);
    let colour = |pixel: &[u8]| match (pixel[0] > 128, pixel[1] > 128, pixel[2] > 128) {
        (true, false, false) => 'r',
        (false, true, false) => 'g',
        (false, false, true) => 'b',
        (true, true, true) => 'w',
        _ => '?',
    };
    pixels.chunks_exact(3).map(colour).collect()
}

#[test]
fn turned_and_mirrored_sources_come_out_upright() {
    let plain = quarters("quarters.mp4", &[]);
    let path = plain.to_str().expect("UTF-8");
    let mut sources = vec![("plain", plain.clone(), "rgbw", (128, 72))];
    // Counterclockwise.
    for (angle, seen, size) in [("90", "gwrb", (72, 128)), ("180", "wbgr", (128, 72)), ("270", "brwg", (72, 128))] {
        let turn = format!("rotate={angle}");
        let clip = copied(&format!("turned-{angle}.mp4"), &["-i", path, "-c", "copy", "-metadata:s:v", &turn]);
        sources.push((angle, clip, seen, size));
    }
    // The first number of the matrix is how far right a step to the right goes.
    let mut data = bytes(&plain);
    let at = data.windows(4).position(|word| word == b"tkhd").expect("a track") + 44;
    data[at..at + 4].copy_from_slice(&(-65536i32).to_be_bytes());
    sources.push(("mirrored", written("mirrored.mp4", &data), "grwb", (128, 72)));
    for (name, clip, seen, (width, height)) in sources {
        let made = odd(&format!("turned-{name}"), &clip);
        made.is_sound().has_size(width, height);
        for file in ["v.t.mp4", "v.s/v.s.m3u8", "snapshotByTimeOffset/snapshotByTimeOffset_p_0.png", "v.g.gif"] {
            assert_eq!(corners(&made.file(file)), seen, "{name} {file}");
        }
    }
}
