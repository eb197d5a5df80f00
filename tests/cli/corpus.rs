//! Real clips with real oddities, where they are at hand.

use crate::house::House;
use std::path::{Path, PathBuf};

const WHAT: &str = "QCVB_SimpleProcessFile({10,210},0,10,10)";

/// What becomes of each clip: the exit code, and words that are said.
const EXPECTED: &[(&str, i32, &str)] = &[
    ("bbb-1080p24-30s-51.mp4", 0, ""),
    ("bbb-1080p60-1s-vp8.webm", 0, ""),
    ("bbb-642x642-vp9.webm", 0, ""),
    ("bbb-800x640-sar64x45.mp4", 0, ""),
    ("butterfly-720p2997.mp4", 0, ""),
    ("classroom.gif", 0, ""),
    ("corrupt-no-moov.mp4", 4, "E0403"),
    ("corrupt-truncated.mp4", 0, "W0409"),
    ("count-2audio-1sub.mkv", 0, ""),
    ("flower-853x479-odd.webm", 0, ""),
    ("interlaced-576i25-mpeg2.ts", 0, ""),
    ("landscape-2video-422p10.mp4", 0, ""),
    ("logo-alpha.png", 4, "E0404"),
    ("logo.svg", 4, "E0404"),
    ("music-97s.mp3", 1, "E0406"),
    ("music-cover-20s.flac", 1, "E0406"),
    ("noaudio-360p-40s.mp4", 0, ""),
    ("one-frame.mp4", 0, ""),
    ("phone-4k60-rot90.mp4", 0, ""),
    ("phone-720p-rot180-vfr.mp4", 0, ""),
    ("phone-hdr10-1080p-hevc10.mp4", 0, ""),
    ("portrait-1080x1916-12s.mp4", 0, ""),
    ("reel-1080p30-30s.mp4", 0, ""),
    ("screencast-vfr-3026x1386.mp4", 0, ""),
    ("street-432p-30s.mp4", 0, ""),
];

fn corpus() -> Option<PathBuf> {
    let given = std::env::var_os("VODFLOW_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media");
    given.or(Some(beside)).filter(|folder| folder.is_dir())
}

#[test]
fn every_real_clip_ends_as_it_should() {
    let Some(corpus) = corpus() else {
        println!("corpus absent: real clips were not tried (VODFLOW_CORPUS names their folder)");
        return;
    };
    println!("corpus used: {}", corpus.display());
    let house = House::new();
    let mut wrong = String::new();
    for (name, exit, words) in EXPECTED {
        let path = corpus.join(name);
        if !path.is_file() {
            wrong.push_str(&format!("{name} is not in the corpus\n"));
            continue;
        }
        let source = path.to_str().expect("a path");
        let told = house.vodflow(&["run", WHAT, source, "--out", name]);
        if let Some(fault) = fault(&house, name, &told, *exit, words) {
            wrong.push_str(&format!("{name}: {fault}\n{}\n\n", told.text()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is not as it should be.
fn fault(house: &House, out: &str, told: &crate::house::Told, exit: i32, words: &str) -> Option<String> {
    if told.code != Some(exit) {
        return Some(format!("not exit code {exit}"));
    }
    if !told.text().contains(words) {
        return Some(format!("without {words}"));
    }
    let files = house.visible(out);
    match exit {
        4 => (!files.is_empty()).then(|| format!("left {files:?}")),
        0 => {
            let result = house.json(&format!("{out}/result.json"));
            let outputs = result["outputs"].as_array().cloned().unwrap_or_default();
            let all_done = outputs.len() == 4 && outputs.iter().all(|output| output["state"] == "done");
            let playlist = files.iter().any(|file| file == "v.f210/v.f210.m3u8");
            (!all_done || !playlist || house.left_in_work(out) > 0).then(|| format!("{outputs:?} {files:?}"))
        }
        _ => None,
    }
}
