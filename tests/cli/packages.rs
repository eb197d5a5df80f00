//! Packages when something goes wrong: all or nothing, nothing half-made, and the same command goes on.

use crate::house::{House, clips};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};

const PACKAGE: &str = "
template adaptive small {
    format: hls
    segment: { time: 1s }
    rungs: [
        { video: { short_side: 128, fps: 25, speed: fast }  audio: { bitrate: 48kbps } },
        { video: { short_side: 144, fps: 25, speed: fast }  audio: { bitrate: 48kbps } },
    ]
}
procedure p { adaptive small }
";

/// A script that runs the real ffmpeg, and spoils what it made where its arguments hold a word.
fn spoiling(word: &str, how: &str) -> String {
    format!("\"$REAL\" \"$@\" || exit\ncase \" $* \" in *\"{word}\"*) {how};; esac")
}

/// The states of the outputs by their labels.
fn states(house: &House) -> Vec<(String, String)> {
    let result = house.json("out/result.json");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let outputs = result["outputs"].as_array().expect("outputs");
    outputs.iter().map(|output| (text(&output["label"]), text(&output["state"]))).collect()
}

#[test]
fn a_package_that_is_not_whole_does_not_appear() {
    for (name, how, reason) in [
        ("lost", "rm -f o*/video_1_00001.ts", "`video_1_00001.ts` was not written"),
        ("cut", "for f in o*/video_1.m3u8; do echo '#EXTM3U' > $f; done", "no end mark"),
        ("left over", "for f in o*/video_1.m3u8; do touch ${f%/*}/more.ts; done", "`more.ts` is not in its playlist"),
    ] {
        let house = House::with_clip();
        house.write("p.vod", PACKAGE);
        house.pretend_ffmpeg("bad", &spoiling("-f hls", how));
        let told = house.vodflow(&["run", "p.vod", "clip.mp4", "--out", "out", "--ffmpeg", "bad"]).ends_with(1);
        assert!(told.stdout.contains(reason), "{name}: {}", told.text());
        assert_eq!(house.visible("out"), ["result.json"], "{name}");
        house.vodflow(&["run", "p.vod", "clip.mp4", "--out", "out"]).ends_with(0);
        assert!(house.visible("out").contains(&"adp.small/adp.small.m3u8".to_owned()), "{name}");
    }
}

#[test]
fn a_failed_rendition_takes_its_master_playlist_with_it() {
    let house = House::with_clip();
    house.write("p.vod", "procedure p { options { master_playlist: true } transcode 210, 220 }");
    // Of the two playlists the second one's process does nothing.
    house.pretend_ffmpeg("bad", "case \" $* \" in *\"v2.mp4\"*\"-f hls\"*) exit 1;; esac; exec \"$REAL\" \"$@\"");
    house.vodflow(&["run", "p.vod", "clip.mp4", "--out", "out", "--ffmpeg", "bad"]).ends_with(1);
    let one = |label: &str, state: &str| (label.to_owned(), state.to_owned());
    assert_eq!(states(&house), [one("210", "done"), one("220", "failed"), one("master playlist", "failed")]);
    let result = house.json("out/result.json");
    let reason = result["outputs"][2]["reason"].as_str().expect("a reason").to_owned();
    assert!(reason.starts_with("the rendition `220` that it lists was not made"), "{reason}");
    assert!(!house.visible("out").contains(&"master_playlist.m3u8".to_owned()));

    house.vodflow(&["run", "p.vod", "clip.mp4", "--out", "out"]).ends_with(0);
    assert_eq!(states(&house), [one("210", "done"), one("220", "done"), one("master playlist", "done")]);
    let master = std::fs::read_to_string(house.path("out/master_playlist.m3u8")).expect("a playlist");
    let listed: Vec<&str> = master.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(listed, ["v.f210/v.f210.m3u8", "v.f220/v.f220.m3u8"]);
}

#[test]
fn a_stopped_package_leaves_nothing_and_goes_on() {
    let house = House::new();
    house.put(&clips().long, "long.mp4");
    house.write("p.vod", PACKAGE);
    let arguments = ["run", "p.vod", "long.mp4", "--out", "out"];
    let mut child = house.program(&[&arguments[..], &["--json"]].concat()).spawn().expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert!(lines.by_ref().any(|line| line.expect("a line").contains("\"event\":\"progress\"")));
    kill_process(Pid::from_child(&child), Signal::INT).expect("sends");
    lines.for_each(drop);
    let code = house.finish(child).code;
    // On a fast machine the run may be over before the signal comes.
    if code == Some(130) {
        assert_eq!(house.visible("out"), Vec::<String>::new());
    }
    assert_eq!(house.processes(), Vec::<String>::new());
    assert_eq!(house.left_in_work("out"), 0);
    house.vodflow(&arguments).ends_with(0);
    assert!(house.visible("out").contains(&"adp.small/adp.small.m3u8".to_owned()));
}
