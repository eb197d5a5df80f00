//! Memory does not grow with the length of the source, whatever shape a process has.

mod stage;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Procedures whose processes have every shape that is planned: what ends early beside what ends late, marks of all
/// kinds, sheets and films beside renditions, parts from both ends, two passes, packages.
const SHAPES: [(&str, &str); 6] = [
    (
        "ladder",
        "transcode low, high with logo, words(text: \"中文\")\n    sample using often\n    sprite using wall\n    cover at 10% using still",
    ),
    ("parts", "transcode low to 1s\n    transcode high\n    transcode late from -1s\n    snapshot at end using still"),
    ("films", "transcode low\n    animate film to 1s\n    animate film from -1s"),
    ("passes", "transcode twice\n    sample using often"),
    ("moving", "transcode low with moving\n    transcode high"),
    ("package", "adaptive pack with logo\n    sprite using wall"),
];

const TEMPLATES: &str = "
template watermark logo { image: \"logo.png\", origin: bottom_right, x: 4px, y: 4px, width: 20% }
template watermark words { text: { font: \"han.ttf\", size: 20% } }
template watermark moving { image: \"moving.gif\", origin: top_right, x: 3px, y: 3px, width: 15% }
template transcode low { container: mp4 video: { codec: h264, short_side: 128, fps: 25, gop: 2s, speed: fast } audio: { codec: aac } }
template transcode high { extends: low video: { short_side: 180 } }
template transcode late { extends: low video: { short_side: 144 } }
template transcode twice { extends: low video: { bitrate: 200kbps, passes: 2 } }
template sample often { every: 10%, short_side: 72 }
template sprite wall { every: 5%, rows: 5, columns: 4, short_side: 128 }
template snapshot still { short_side: 72 }
template animated film { fps: 5, short_side: 128 }
template adaptive pack { format: hls  segment: { time: 2s }  rungs: [{ video: { short_side: 128, fps: 25, gop: 2s, speed: fast }
  audio: { bitrate: 48kbps } }, { video: { short_side: 180, fps: 25, gop: 2s, speed: fast }  audio: { bitrate: 48kbps } }] }
";

/// Seconds of the two films, and what the longer may take beside the shorter: pictures that pile up would come to more
/// than sixty megabytes.
const SECONDS: [u32; 2] = [10, 40];
const SLACK: u64 = 16 << 20;

fn film(seconds: u32) -> String {
    let path = stage::folder().join(format!("{seconds}s.mp4"));
    let (picture, sound) = (format!("testsrc2=s=320x180:r=25:d={seconds}"), format!("sine=d={seconds}"));
    let path = path.to_str().expect("UTF-8").to_owned();
    stage::ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        &picture,
        "-f",
        "lavfi",
        "-i",
        &sound,
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "50",
        "-c:a",
        "aac",
        &path,
    ]);
    path
}

/// The most memory that a process of ffmpeg had in a run, by its own account.
fn most_memory(procedure: &Path, film: &str, out: &Path) -> u64 {
    let mut run = Command::new(env!("CARGO_BIN_EXE_vodflow"));
    run.args(["run", procedure.to_str().expect("UTF-8"), "--input", film, "--quiet", "--out"]).arg(out);
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut peaks: BTreeMap<u32, u64> = BTreeMap::new();
    loop {
        for (process, peak) in peaks_below(run.id()) {
            let known = peaks.entry(process).or_default();
            *known = peak.max(*known);
        }
        if run.try_wait().expect("waits").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = run.wait_with_output().expect("ended");
    assert!(output.status.success(), "{film}\n{}", String::from_utf8_lossy(&output.stderr));
    peaks.into_values().max().expect("a process was seen")
}

/// Processes of ffmpeg whose parent is this one, with their peaks.
fn peaks_below(parent: u32) -> Vec<(u32, u64)> {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter_map(|process| {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let mine = field("PPid:")?.parse() == Ok(parent) && field("Name:")? == "ffmpeg";
            let peak = field("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok()?;
            mine.then_some((process, peak * 1024))
        })
        .collect()
}

#[test]
fn a_long_film_takes_no_more_memory_than_a_short_one() {
    let file = |name: &str| stage::folder().join(name).to_str().expect("UTF-8").to_owned();
    stage::ffmpeg(&["-f", "lavfi", "-i", "testsrc=s=64x64:d=0.04:r=25", "-frames:v", "1", &file("logo.png")]);
    stage::ffmpeg(&["-f", "lavfi", "-i", "testsrc=s=48x48:d=0.5:r=10", &file("moving.gif")]);
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts/han.ttf");
    std::fs::copy(font, stage::folder().join("han.ttf")).expect("copies");
    let films = SECONDS.map(film);
    for (name, statements) in SHAPES {
        let text = format!("{TEMPLATES}procedure p() {{\n    {statements}\n}}\n");
        let procedure = stage::write(&format!("{name}.vod"), &text);
        let [short, long] = [0, 1].map(|number| {
            let out = stage::folder().join(format!("{name}-{number}"));
            most_memory(&procedure, &films[number], &out)
        });
        eprintln!("{name}: {} MB, {} MB", short >> 20, long >> 20);
        assert!(long <= short + short / 4 + SLACK, "{name}: {} MB, {} MB", short >> 20, long >> 20);
    }
}
