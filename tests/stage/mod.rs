//! The stage for tests that really run: clips made by ffmpeg, runs of the program, and readers of what came out.
#![allow(
    dead_code,
    clippy::print_stderr,
    reason = "each test file uses its own part, and says whether the corpus is there"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A folder that lives as long as the test process.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder")).path()
}

/// The corpus of real clips, when it is there; says so.
pub fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("VODFLOW_CORPUS").map(PathBuf::from);
    let found = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"));
    let there = found.join("README.md").is_file();
    eprintln!("corpus: {}", if there { "used" } else { "not there, generated clips only" });
    there.then_some(found)
}

/// Runs ffmpeg and expects it to succeed.
pub fn ffmpeg(arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostdin", "-v", "error", "-y"]).args(arguments);
    let output = command.output().expect("ffmpeg is installed");
    assert!(output.status.success(), "ffmpeg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A filter whose pictures carry their number: picture n shows the bits of n as eight grey blocks of 32 pixels.
pub const NUMBERED: &str = "geq=lum='if(mod(floor(N/pow(2,floor(X/32))),2),215,40)':cb=128:cr=128";

/// A clip of `count` numbered pictures at 25 per second with a tone; more output options may follow.
pub fn numbered_clip(name: &str, count: u32, options: &[&str]) -> PathBuf {
    let path = folder().join(name);
    let (pictures, seconds) = (format!("nullsrc=s=256x144:r=25,{NUMBERED},format=yuv420p"), count as f64 / 25.0);
    let (tone, count) = (format!("sine=frequency=440:sample_rate=48000:duration={seconds}"), count.to_string());
    let mut arguments = vec!["-f", "lavfi", "-i", &pictures, "-f", "lavfi", "-i", &tone];
    arguments.extend(["-frames:v", &count, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-g", "50"]);
    arguments.extend(["-c:a", "aac"]);
    arguments.extend(options);
    let target = path.to_str().expect("a path in UTF-8").to_owned();
    arguments.push(&target);
    ffmpeg(&arguments);
    path
}

/// The number that a picture of a numbered clip carries, whatever size it was scaled to.
pub fn number_of(picture: &Path) -> u32 {
    let path = picture.to_str().expect("a path in UTF-8");
    let pixels = ffmpeg(&["-i", path, "-frames:v", "1", "-vf", "scale=256:144,format=gray", "-f", "rawvideo", "-"]);
    (0..8).filter(|bit| pixels[72 * 256 + bit * 32 + 16] > 128).map(|bit| 1 << bit).sum()
}

/// Runs the program.
pub fn vodflow(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_vodflow");
    Command::new(program).args(arguments).env("CI", "1").output().expect("the program starts")
}

/// Runs the program with the prices of a file.
pub fn priced(machine: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_vodflow");
    let mut command = Command::new(program);
    let command = command.args(arguments).env("CI", "1").env("VODFLOW_MACHINE", machine);
    command.output().expect("the program starts")
}

/// Prices at which going to a place costs nothing, so that short clips are read as long ones would be.
pub fn free_seeks() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        use vodflow::cost::{Coefficients, CpuTime};
        let tools =
            vodflow::probe::Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
        let target = vodflow::probe::target(&tools, None).expect("ffmpeg says what it can do");
        let file = folder().join("free-seeks.json");
        let free = Coefficients { seek: CpuTime::ZERO, process: CpuTime::ZERO, ..Coefficients::default() };
        vodflow::calibration::Memory::new(Some(file.clone()), &target.version).keep(&free).expect("writable");
        file
    })
}

/// Runs a procedure file and expects all outputs to be made.
pub fn run(procedure: &Path, input: &Path, out: &Path, flags: &[&str]) {
    let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let (procedure, input, out) = (text(procedure), text(input), text(out));
    let mut arguments = vec!["run", &procedure, "--input", &input, "--out", &out, "--verbose"];
    arguments.extend(flags);
    let output = vodflow(&arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}\n{said}");
}

/// A text file on the stage.
pub fn write(name: &str, text: &str) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, text).expect("the stage is writable");
    path
}

/// The hashes of the packets of every stream of a media file.
pub fn packet_hashes(media: &Path) -> String {
    let path = media.to_str().expect("a path in UTF-8");
    let flags = ["-protocol_whitelist", "file,crypto", "-allowed_extensions", "ALL"];
    let mut arguments: Vec<&str> = if path.ends_with(".m3u8") { flags.to_vec() } else { Vec::new() };
    arguments.extend(["-i", path, "-map", "0", "-c", "copy", "-f", "streamhash", "-hash", "md5", "-"]);
    String::from_utf8_lossy(&ffmpeg(&arguments)).into_owned()
}

/// A copy of a playlist beside it whose key is read from our own file; the key is the one kept in the output folder.
pub fn with_local_key(playlist: &Path, out: &Path) -> PathBuf {
    let keys = out.join(".vodflow/keys");
    let kept = std::fs::read_dir(keys).expect("keys are kept").next().expect("a key").expect("readable").path();
    let record: serde_json::Value = serde_json::from_slice(&std::fs::read(kept).expect("readable")).expect("JSON");
    let hex = record["key"].as_str().expect("a key");
    let bytes: Vec<u8> =
        (0..16).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hexadecimal")).collect();
    let folder = playlist.parent().expect("a folder");
    std::fs::write(folder.join("test.key"), bytes).expect("writable");
    let text = std::fs::read_to_string(playlist).expect("a playlist");
    let lines = text.lines().map(|line| match line.starts_with("#EXT-X-KEY:") {
        true => "#EXT-X-KEY:METHOD=AES-128,URI=\"test.key\"\n".to_owned(),
        false => format!("{line}\n"),
    });
    let local = folder.join("local.m3u8");
    std::fs::write(&local, lines.collect::<String>()).expect("writable");
    local
}

/// All files below a folder, relative, sorted; our own state left out.
pub fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() && !path.ends_with(".vodflow") {
                waiting.push(path);
            } else if path.is_file() {
                found.push(path.strip_prefix(root).expect("below").to_str().expect("UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}
