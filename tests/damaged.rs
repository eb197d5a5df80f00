//! Damaged sources: whatever is wrong with a file, the end is a whole output or an error with a code, and soon.
//!
//! Clips in five containers are cut, overwritten and shuffled at places that a small generator chooses, always the same.
//! `VODFLOW_DAMAGED` says how many there are (30 unless it says otherwise); with the corpus at hand its clips are
//! damaged too.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer is a hang.
const HANGS: Duration = Duration::from_secs(60);

const PROCEDURE: &str = r#"
template transcode small { container: mp4  video: { codec: h264, short_side: 128, bitrate: 100kbps, speed: fast }  audio: { codec: aac, bitrate: 32kbps } }
procedure p() {
    transcode small
    snapshot at 50% using 10
}
p()
"#;

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

#[test]
fn damage_ends_in_a_whole_output_or_in_an_error_with_a_code() {
    let count: usize = std::env::var("VODFLOW_DAMAGED").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("p.vod"), PROCEDURE).expect("writes");
    let mut clips = generated(folder.path());
    clips.extend(corpus());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut ends = std::collections::BTreeMap::<String, usize>::new();
    for number in 0..count {
        let clip = &clips[number % clips.len()];
        let ending = clip.extension().unwrap_or_default().to_string_lossy().into_owned();
        let source = folder.path().join(format!("damaged.{ending}"));
        let mut bytes = std::fs::read(clip).expect("reads");
        let what = damage(&mut bytes, &mut random);
        std::fs::write(&source, bytes).expect("writes");
        let name = format!("{number}: {} {what}", clip.file_name().unwrap_or_default().to_string_lossy());
        let end = run(folder.path(), &source, &name);
        *ends.entry(end).or_default() += 1;
    }
    eprintln!("{count} damaged files: {ends:?}");
}

#[test]
fn sound_files_raise_no_alarm() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("p.vod"), PROCEDURE).expect("writes");
    for clip in generated(folder.path()) {
        let name = clip.display().to_string();
        assert_eq!(run(folder.path(), &clip, &name), "done", "{name}");
        let told = std::fs::read_to_string(folder.path().join("said")).expect("reads");
        assert!(!told.contains("W0409") && !told.contains("damaged"), "{name}: {told}");
    }
}

/// Two seconds of picture and sound in five containers.
fn generated(folder: &Path) -> Vec<PathBuf> {
    let make = |name: &str, codecs: &str| {
        let path = folder.join(name);
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc=s=228x128:r=25:d=2"])
            .args(["-f", "lavfi", "-i", "sine=r=48000:d=2"])
            .args(codecs.split_whitespace())
            .arg(&path)
            .status();
        assert!(made.expect("ffmpeg starts").success(), "{name}");
        path
    };
    let h264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac";
    vec![
        make("a.mp4", &format!("{h264} -movflags +faststart")),
        make("b.mp4", h264),
        make("c.mkv", h264),
        make("d.ts", h264),
        make("e.flv", h264),
        make("f.avi", "-c:v mpeg4 -c:a mp3"),
    ]
}

/// The smaller clips of the corpus, where it is.
fn corpus() -> Vec<PathBuf> {
    let folder = std::env::var_os("VODFLOW_CORPUS").map_or_else(|| PathBuf::from("../shared/media"), PathBuf::from);
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let small = |path: &PathBuf| {
        let media = path.extension().is_some_and(|ending| ending != "md" && ending != "txt");
        media && path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() < 1_500_000)
    };
    let mut files: Vec<PathBuf> = files.filter(small).collect();
    files.sort();
    files
}

/// Damages a file in one of five ways, and says how.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    let length = bytes.len();
    let at = random.below(length);
    match random.below(5) {
        0 => {
            bytes.truncate(at);
            format!("cut at {at} of {length}")
        }
        1 => {
            let end = (at + 1 + random.below(4096)).min(length);
            bytes[at..end].fill(0);
            format!("zeros from {at} to {end}")
        }
        2 => {
            let count = 1 + random.below(200);
            for _ in 0..count {
                let place = random.below(length);
                bytes[place] = random.below(256) as u8;
            }
            format!("{count} bytes changed")
        }
        3 => {
            let end = (at + 1 + random.below(8192)).min(length);
            bytes.drain(at..end);
            format!("without {at} to {end}")
        }
        _ => {
            // Most headers are at the beginning.
            for _ in 0..8 {
                let place = random.below(length.min(600));
                bytes[place] ^= 1 << random.below(8);
            }
            "bits of the header turned over".to_owned()
        }
    }
}

/// Runs, and says how it ended: `done`, or the codes of what failed.
fn run(folder: &Path, source: &Path, name: &str) -> String {
    let out = folder.join("out");
    let _ = std::fs::remove_dir_all(&out);
    let said = std::fs::File::create(folder.join("said")).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_vodflow"))
        .args(["run", "--json", "p.vod", "--out", "out", "--input"])
        .arg(source)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .stdin(Stdio::null())
        .stdout(said)
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let since = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("waits") {
            break status;
        }
        if since.elapsed() > HANGS {
            let _ = child.kill();
            panic!("{name} hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let told = std::fs::read_to_string(folder.join("said")).expect("reads");
    match status.code() {
        Some(0) => {
            check_outputs(&out, name);
            "done".to_owned()
        }
        Some(1) => {
            check_outputs(&out, name);
            let result = std::fs::read_to_string(out.join("result.json")).unwrap_or_default();
            let result: serde_json::Value = serde_json::from_str(&result).expect("a result");
            let failed = result["outputs"].as_array().expect("outputs").iter().filter(|one| one["state"] == "failed");
            let mut codes: Vec<&str> = failed.map(|one| one["code"].as_str().expect("a code")).collect();
            assert!(!codes.is_empty(), "{name}: nothing failed: {told}");
            codes.sort_unstable();
            codes.dedup();
            codes.join(" ")
        }
        Some(4) => {
            let first = told.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next());
            first.unwrap_or_else(|| panic!("{name}: refused without a code: {told}")).to_owned()
        }
        _ => panic!("{name} ended with {status}: {told}"),
    }
}

/// What is visible opens and has pictures; nothing else is there.
fn check_outputs(out: &Path, name: &str) {
    let mut folders = vec![out.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                if entry.file_name() != ".vodflow" {
                    folders.push(path);
                }
                continue;
            }
            if path.extension().is_some_and(|ending| ending == "json") {
                continue;
            }
            let opened =
                Command::new("ffprobe").args(["-v", "error", "-show_entries", "stream=codec_name"]).arg(&path).output();
            let opened = opened.expect("ffprobe starts");
            assert!(opened.status.success() && !opened.stdout.is_empty(), "{name}: {} does not open", path.display());
        }
    }
    let work = std::fs::read_dir(out.join(".vodflow/work")).is_ok_and(|mut entries| entries.next().is_some());
    assert!(!work, "{name}: a work folder is left");
}
