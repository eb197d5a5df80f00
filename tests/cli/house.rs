//! The house that every test lives in: a folder of its own, clips made once, the program, and what it said.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// After this a run hangs. None is meant to take a tenth of it.
const HANGS: Duration = Duration::from_secs(150);

/// A call that makes one small rendition.
pub const SMALL: &str = "QCVB_SimpleProcessFile({10})";

/// The generated clips.
pub struct Clips {
    /// Two seconds of picture and sound, 320x180 at 25 pictures a second.
    pub both: PathBuf,
    /// The same without sound.
    pub mute: PathBuf,
    /// Sound alone.
    pub sound: PathBuf,
    /// Picture and sound for so long that a run can be stopped in its middle.
    pub long: PathBuf,
    /// Its index first, and cut in the middle.
    pub cut: PathBuf,
}

/// The clips, made once.
pub fn clips() -> &'static Clips {
    static CLIPS: OnceLock<Clips> = OnceLock::new();
    CLIPS.get_or_init(|| {
        let picture = "-f lavfi -i testsrc=s=320x180:r=25:d=2";
        let sound = "-f lavfi -i sine=r=48000:d=2";
        let x264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
        let both = clip("both.mp4", &format!("{picture} {sound} {x264} -c:a aac"));
        let mute = clip("mute.mp4", &format!("{picture} {x264}"));
        let alone = clip("sound.m4a", &format!("{sound} -c:a aac"));
        let long = clip("long.mp4", &format!("-stream_loop 14 -i {} -c copy", both.display()));
        let first = clip("first.mp4", &format!("-i {} -c copy -movflags +faststart", both.display()));
        let cut = first.with_file_name(format!("cut-{}.mp4", std::process::id()));
        let bytes = std::fs::read(&first).expect("reads");
        std::fs::write(&cut, &bytes[..bytes.len() * 2 / 5]).expect("writes");
        let ready = first.with_file_name("cut.mp4");
        std::fs::rename(&cut, &ready).expect("renames");
        Clips { both, mute, sound: alone, long, cut: ready }
    })
}

/// Made beside and renamed, because test processes may run at the same time.
fn clip(name: &str, arguments: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-clips");
    std::fs::create_dir_all(&folder).expect("a folder");
    let (path, beside) = (folder.join(name), folder.join(format!("{}-{name}", std::process::id())));
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(arguments.split_whitespace())
        .arg(&beside)
        .status();
    assert!(status.expect("ffmpeg starts").success(), "{arguments}");
    std::fs::rename(&beside, &path).expect("renames");
    path
}

/// A folder of its own for one test.
pub struct House {
    folder: tempfile::TempDir,
}

impl House {
    /// An empty folder.
    pub fn new() -> House {
        House { folder: tempfile::tempdir().expect("a folder") }
    }

    /// A folder with the clip of picture and sound as `clip.mp4`.
    pub fn with_clip() -> House {
        let house = House::new();
        house.put(&clips().both, "clip.mp4");
        house
    }

    /// A path below the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Copies a file into the folder.
    pub fn put(&self, from: &Path, name: &str) {
        std::fs::copy(from, self.path(name)).expect("copies");
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("creates");
        std::fs::write(path, content).expect("writes");
    }

    /// Writes a program.
    pub fn script(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write(name, format!("#!/bin/sh\n{text}\n"));
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(0o755)).expect("sets");
    }

    /// A folder of programs: this script as ffmpeg, in which `$REAL` is the real one, and the real ffprobe.
    pub fn pretend_ffmpeg(&self, folder: &str, script: &str) {
        let real = |name: &str| {
            let path = std::env::var_os("PATH").expect("a path");
            std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()).expect("installed")
        };
        self.script(&format!("{folder}/ffmpeg"), &format!("REAL={}\n{script}", real("ffmpeg").display()));
        std::os::unix::fs::symlink(real("ffprobe"), self.path(&format!("{folder}/ffprobe"))).expect("links");
    }

    /// The program, about to start in the folder.
    pub fn program<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vodflow"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("CI", "1")
            .env("LC_ALL", "C")
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-cache"))
            // No test learns from another one.
            .env("VODFLOW_MACHINE", "")
            .env_remove("VODFLOW_FFMPEG")
            .env_remove("VODFLOW_SANDBOX")
            .env_remove("VODFLOW_NOTIFY_SECRET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn vodflow<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Told {
        self.finish(self.program(arguments).spawn().expect("starts"))
    }

    /// Runs the program with a text on standard input.
    pub fn vodflow_reading(&self, arguments: &[&str], text: &str) -> Told {
        let mut child = self.program(arguments).stdin(Stdio::piped()).spawn().expect("starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut stdin, text.as_bytes()).expect("writes");
        drop(stdin);
        self.finish(child)
    }

    /// Waits for a program that was started.
    pub fn finish(&self, mut child: Child) -> Told {
        let stdout = reader(child.stdout.take());
        let stderr = reader(child.stderr.take());
        let started = Instant::now();
        let status = loop {
            match child.try_wait().expect("waits") {
                Some(status) => break status,
                None if started.elapsed() > HANGS => {
                    let _ = child.kill();
                    panic!("it hangs");
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let here = self.folder.path().to_string_lossy().into_owned();
        let text = |reader: std::thread::JoinHandle<Vec<u8>>| {
            String::from_utf8(reader.join().expect("no panic")).expect("UTF-8").replace(&here, "$TMP")
        };
        let told = Told { code: status.code(), stdout: text(stdout), stderr: text(stderr) };
        assert!(!told.stderr.contains("panicked"), "{}", told.text());
        told
    }

    /// Visible files below a folder, sorted, with their paths from there.
    pub fn visible(&self, folder: &str) -> Vec<String> {
        let root = self.path(folder);
        let (mut names, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true if path.ends_with(".vodflow") => {}
                    true => folders.push(path),
                    false => names.push(path.strip_prefix(&root).expect("below").to_string_lossy().into_owned()),
                }
            }
        }
        names.sort();
        names
    }

    /// What runs left in the private folder.
    pub fn left_in_work(&self, folder: &str) -> usize {
        std::fs::read_dir(self.path(folder).join(".vodflow/work")).map_or(0, Iterator::count)
    }

    /// A file as JSON.
    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).expect("reads")).expect("JSON")
    }

    /// Processes whose command line names this folder, by their command lines.
    pub fn processes(&self) -> Vec<String> {
        let here = self.folder.path().to_string_lossy().into_owned();
        let line = |entry: std::fs::DirEntry| std::fs::read(entry.path().join("cmdline")).ok();
        let lines = std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(line);
        lines
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .filter(|line| line.contains(&here))
            .collect()
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// What the program said and how it ended.
pub struct Told {
    /// Its exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Results.
    pub stdout: String,
    /// Words for people.
    pub stderr: String,
}

impl Told {
    /// All of it as one text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, part) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !part.is_empty() {
                let _ = write!(text, "-- {name}\n{}\n", part.trim_end());
            }
        }
        let code = self.code.map_or("by a signal".to_owned(), |code| code.to_string());
        let _ = write!(text, "-- exit {code}");
        text
    }

    /// Fails unless it ended with this code.
    pub fn ends_with(self, code: i32) -> Told {
        assert_eq!(self.code, Some(code), "{}", self.text());
        self
    }

    /// Fails unless words for people hold all of these.
    pub fn says(self, words: &[&str]) -> Told {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is missing in\n{}", self.text());
        }
        self
    }

    /// Standard output, each line one JSON document.
    pub fn lines(&self) -> Vec<serde_json::Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(read).collect()
    }

    /// Standard output as one JSON document.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// A dialogue as text: what was typed, what was told.
pub fn session(house: &House, lines: &[&[&str]]) -> String {
    let mut text = String::new();
    for arguments in lines {
        let quoted = |word: &&str| match word.contains([' ', '(', '{', ';', '\'']) || word.is_empty() {
            true => format!("\"{word}\""),
            false => (*word).to_owned(),
        };
        let typed: Vec<String> = arguments.iter().map(quoted).collect();
        let told = house.vodflow(arguments).text();
        let _ = write!(text, "$ vodflow {}\n{told}\n\n", typed.join(" "));
    }
    text
}

/// Compares with `snapshots/cli-NAME.snap`; figures that machines differ in are left out.
pub fn keep(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"(?m)^(Estimate|Unshared): [\d.]+ s CPU.*$", "$1: N s CPU");
    settings.add_filter(r"[\d.]+ s CPU, [\d.]+ s", "N s CPU, N s");
    settings.add_filter(r" +[\d.]+ (k|M)?B ", " SIZE ");
    settings.add_filter(r" \d+\.\d\d s  ", " LENGTH  ");
    settings.add_filter(r"(?m)^job \d+: .*\n", "");
    settings.add_filter(r"[ \t]+\n", "\n");
    settings.bind(|| insta::assert_snapshot!(format!("cli-{name}"), text));
}
