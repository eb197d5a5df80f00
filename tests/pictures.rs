//! Pictures are the right ones: snapshots, samples and covers show the frames that the language defines.

mod stage;

use std::path::Path;

const PROCEDURE: &str = "
template snapshot still { format: png }
template sample tenth { every: 10%, format: png }
procedure p() {
    snapshot at 0s, 0.039s, 0.04s, 1s, 1.999s, 50%, -0.5s, end using still
    sample using tenth
    cover at 1.5s using still
}";

fn numbers(out: &Path, family: &str, template: &str) -> Vec<u32> {
    let path = |index: usize| out.join(format!("{family}/{family}_{template}_{index}.png"));
    (0..).map(path).take_while(|path| path.is_file()).map(|path| stage::number_of(&path)).collect()
}

fn check(clip: &Path, name: &str, snapshots: &[u32], samples: &[u32], cover: u32) {
    let procedure = stage::write("pictures.vod", PROCEDURE);
    let out = stage::folder().join(format!("out-{name}"));
    stage::run(&procedure, clip, &out, &[]);
    assert_eq!(numbers(&out, "snapshotByTimeOffset", "still"), snapshots, "{name}: snapshots");
    assert_eq!(numbers(&out, "sampleSnapshot", "tenth"), samples, "{name}: samples");
    assert_eq!(numbers(&out, "coverBySnapshot", "still"), [cover], "{name}: cover");
}

#[test]
fn a_picture_is_the_last_one_shown_at_its_time() {
    let clip = stage::numbered_clip("constant.mp4", 100, &[]);
    let samples: Vec<u32> = (0..10).map(|index| index * 10).collect();
    check(&clip, "constant", &[0, 0, 1, 25, 49, 50, 87, 99], &samples, 37);
}

#[test]
fn a_container_that_starts_late_changes_nothing() {
    let options = ["-an", "-output_ts_offset", "7.3", "-f", "mpegts"];
    let clip = stage::numbered_clip("late.ts", 100, &options);
    let samples: Vec<u32> = (0..10).map(|index| index * 10).collect();
    check(&clip, "late", &[0, 0, 1, 25, 49, 50, 87, 99], &samples, 37);
}

#[test]
fn times_rounded_to_milliseconds_change_nothing() {
    // 29.97 pictures per second in Matroska: 0, 33, 67, 100 ms …; at 1.5 s picture 44 (1.468 s) is shown, at 1 s 29.
    let times = "settb=1/30000,setpts=N*1001";
    let options = ["-an", "-vf", times, "-fps_mode", "passthrough", "-enc_time_base", "1:30000", "-f", "matroska"];
    let clip = stage::numbered_clip("ntsc.mkv", 90, &options);
    let procedure = stage::write(
        "ntsc.vod",
        "template snapshot s { format: png } procedure p() { snapshot at 0s, 0.034s, 0.067s, 1s, 1.5s using s }",
    );
    let out = stage::folder().join("out-ntsc");
    stage::run(&procedure, &clip, &out, &[]);
    assert_eq!(numbers(&out, "snapshotByTimeOffset", "s"), [0, 1, 2, 29, 44]);
}

#[test]
fn a_variable_rate_is_followed_picture_by_picture() {
    // Picture n is shown at n²/50 s: 0, 0.02, 0.08, 0.18, 0.32, 0.5, 0.72, 0.98, 1.28, 1.62, 2 …
    let options = ["-an", "-vf", "settb=1/1000,setpts=N*N*20", "-fps_mode", "passthrough", "-enc_time_base", "1:1000"];
    let clip = stage::numbered_clip("variable.mp4", 12, &options);
    let text = "template snapshot s { format: png } procedure p() { snapshot at 0s, 0.019s, 0.02s, 0.1s, 0.5s, 0.97s, 1.3s, 2s using s }";
    let procedure = stage::write("variable.vod", text);
    let out = stage::folder().join("out-variable");
    stage::run(&procedure, &clip, &out, &[]);
    assert_eq!(numbers(&out, "snapshotByTimeOffset", "s"), [0, 0, 1, 2, 5, 6, 8, 10]);
}

/// A picture of a real film, small and grey.
fn grey(arguments: &[&str]) -> Vec<u8> {
    let mut all = arguments.to_vec();
    all.extend(["-frames:v", "1", "-f", "rawvideo", "-"]);
    stage::ffmpeg(&all)
}

fn distance(one: &[u8], other: &[u8]) -> u64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| u64::from(one.abs_diff(*other))).sum()
}

#[test]
fn pictures_of_a_real_film_are_the_frames_asked_for() {
    let Some(corpus) = stage::corpus() else { return };
    let clip = corpus.join("reel-1080p30-30s.mp4");
    let path = clip.to_str().expect("UTF-8");
    let procedure = stage::write(
        "reel.vod",
        "procedure p() { snapshot at 0s, 1s, 1.99s, 7.9s using 10 sample using 10 cover at 1.5s using 10 }",
    );
    let out = stage::folder().join("out-reel");
    stage::run(&procedure, &clip, &out, &[]);
    let mut expected = vec![("coverBySnapshot", 0, 45)];
    expected
        .extend([0u32, 30, 59, 237].iter().enumerate().map(|(index, frame)| ("snapshotByTimeOffset", index, *frame)));
    expected.extend((0..3).map(|index| ("sampleSnapshot", index, index as u32 * 90)));
    for (family, index, frame) in expected {
        let picture = out.join(format!("{family}/{family}_10_{index}.jpg"));
        let shown = grey(&["-i", picture.to_str().expect("UTF-8"), "-vf", "scale=480:270,format=gray"]);
        let candidates = frame.saturating_sub(1)..frame + 2;
        let nearest = candidates.min_by_key(|candidate| {
            let filter = format!("select=eq(n\\,{candidate}),scale=480:270,format=gray");
            distance(&shown, &grey(&["-i", path, "-vf", &filter, "-fps_mode", "passthrough"]))
        });
        assert_eq!(nearest, Some(frame), "{family} {index}");
    }
}

#[test]
fn a_small_picture_of_an_untagged_large_film_keeps_its_colours() {
    // A film of that size means BT.709 when it does not say; a small picture of it must not be taken for BT.601.
    let clip = stage::folder().join("untagged.mp4");
    let untagged = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown";
    let target = clip.to_str().expect("UTF-8").to_owned();
    let colour = "color=c=0x20A040:s=1280x720:r=25:d=0.2";
    stage::ffmpeg(&["-f", "lavfi", "-i", colour, "-vf", untagged, "-c:v", "libx264", "-crf", "5", &target]);
    let text = "template snapshot s { short_side: 180 } procedure p() { cover at 0s using s }";
    let out = stage::folder().join("out-untagged");
    stage::run(&stage::write("untagged.vod", text), &clip, &out, &[]);
    let picture = out.join("coverBySnapshot/coverBySnapshot_s_0.jpg");
    let filter = "scale=in_color_matrix=bt601:in_range=pc,format=rgb24";
    let pixels = grey(&["-i", picture.to_str().expect("UTF-8"), "-vf", filter]);
    let film = "scale=in_color_matrix=bt709:in_range=tv,format=rgb24";
    let wanted = grey(&["-i", &target, "-vf", film]);
    for (found, wanted) in pixels[..3].iter().zip(&wanted[..3]) {
        assert!(found.abs_diff(*wanted) <= 2, "{:?} {wanted}", &pixels[..3]);
    }
}
