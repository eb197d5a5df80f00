//! A folder, a procedure with every kind of output, ways to die, and what must be true afterwards.

use crate::receiver::Receiver;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROCEDURE: &str = r#"
template transcode small { container: mp4  video: { codec: h264, short_side: 128, bitrate: 100kbps, fps: 25 }  audio: { codec: aac, bitrate: 32kbps } }
template transcode cut { extends: small  container: hls }
template encryption vault { method: aes_128  key_url: "https://keys.example.com/get" }
procedure p() {
    transcode small, cut
    transcode cut encrypt vault
    snapshot at 0s, 50%, 1s using 10
    cover at 1s using 10
}
p()
"#;

/// The same with every other kind of output.
const RICH: &str = r#"
template transcode small { container: mp4  video: { codec: h264, short_side: 128, bitrate: 100kbps, fps: 25 }  audio: { codec: aac, bitrate: 32kbps } }
template transcode cut { extends: small  container: hls }
template transcode sound { container: m4a  video: none  audio: { codec: aac, bitrate: 32kbps } }
template encryption vault { method: aes_128  key_url: "https://keys.example.com/get" }
template adaptive ladder { format: dash  rungs: [{ video: { codec: h264, short_side: 128, bitrate: 100kbps, fps: 25 }, audio: { codec: aac, bitrate: 32kbps } }] }
procedure p() {
    transcode small, cut, sound
    transcode cut encrypt vault
    adaptive ladder
    snapshot at 0s, 50%, 1s using 10
    sample using 10
    sprite using 10
    cover at 1s using 10
    animate 20000 from 0s to 2s
}
p()
"#;

/// A run that takes longer than this hangs.
const HANGS: Duration = Duration::from_secs(120);

/// A way to die.
pub enum Death {
    /// By our own hand, at the n-th passage of a point.
    At(&'static str, u32),
    /// `kill -9` of vodflow so many milliseconds after its start.
    Us(u64),
    /// `kill -9` of vodflow and of every process that works in its folder.
    Both(u64),
    /// `kill -9` of ffmpeg; vodflow must get over it.
    Tool(u64),
}

pub struct Scene {
    folder: tempfile::TempDir,
    /// Visible files of a run without faults, with their content, or their size where the key makes it random.
    reference: BTreeMap<String, String>,
    /// Visible files of each output.
    outputs: Vec<BTreeSet<String>>,
    receiver: Receiver,
    /// Events that lay in the outbox at some time since the folder was fresh.
    written: BTreeSet<String>,
    /// How many events the receiver had when the folder was fresh.
    told_before: usize,
    random: u64,
    deaths: usize,
    half_visible: usize,
}

impl Scene {
    pub fn new() -> Scene {
        let scene = Scene::with(PROCEDURE);
        assert!(scene.outputs.len() == 5 && scene.reference.len() > 10, "{:?}", scene.reference.keys());
        scene
    }

    /// Every kind of output.
    pub fn rich() -> Scene {
        let scene = Scene::with(RICH);
        assert_eq!(scene.outputs.len(), 10, "{:?}", scene.outputs);
        scene
    }

    fn with(procedure: &str) -> Scene {
        let folder = tempfile::tempdir().expect("a folder");
        let clip = folder.path().join("clip.mp4");
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=s=228x128:r=25:d=3", "-f", "lavfi", "-i"])
            .args(["sine=r=48000:d=3", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"])
            .arg(&clip)
            .status();
        assert!(made.expect("ffmpeg starts").success());
        std::fs::write(folder.path().join("p.vod"), procedure).expect("writes");
        let mut scene = Scene {
            folder,
            reference: BTreeMap::new(),
            outputs: Vec::new(),
            receiver: Receiver::answering(&[]),
            written: BTreeSet::new(),
            told_before: 0,
            random: 0x2545_f491_4f6c_dd1d,
            deaths: 0,
            half_visible: 0,
        };
        let (code, said) = scene.run(&[]);
        assert_eq!(code, Some(0), "{said}");
        scene.reference = scene.visible();
        scene.outputs = scene.published_sets();
        scene
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn state(&self) -> PathBuf {
        self.out().join(".vodflow")
    }

    /// An output folder that nobody has used; it may be the root of a file system of its own.
    pub fn fresh(&mut self) {
        for entry in std::fs::read_dir(self.out()).into_iter().flatten().flatten() {
            let path = entry.path();
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
        let _ = std::fs::remove_file(self.folder.path().join("trace"));
        self.written.clear();
        self.told_before = self.receiver.posts().len();
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vodflow"));
        command.current_dir(self.folder.path()).args(["run", "p.vod", "clip.mp4", "--out", "out"]).args(more);
        command.args(["--notify", self.receiver.url(), "--notify-patience", "0s", "--allow-private-network"]);
        command.env("XDG_CACHE_HOME", self.folder.path().join("cache")).env_remove("VODFLOW_FAULT");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs without faults; gives the exit code and what was said.
    pub fn run(&self, more: &[&str]) -> (Option<i32>, String) {
        let done = self.command(more).output().expect("starts");
        (
            done.status.code(),
            format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)),
        )
    }

    pub fn start(&self, environment: &[(&str, &str)]) -> Child {
        let mut command = self.command(&[]);
        // Its words are not read, so they must not fill a pipe.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.env("VODFLOW_FAULT_TRACE", self.folder.path().join("trace")).envs(environment.iter().copied());
        command.spawn().expect("starts")
    }

    /// Starts a run that may write files of so many blocks of 1024 bytes at most.
    pub fn start_limited(&self, blocks: u32) -> Child {
        let run = self.command(&[]);
        let mut limited = Command::new("bash");
        limited.arg("-c").arg(format!("ulimit -f {blocks}; exec \"$@\"")).arg("limited").arg(run.get_program());
        limited.args(run.get_args()).current_dir(self.folder.path());
        limited.env("XDG_CACHE_HOME", self.folder.path().join("cache"));
        limited.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        limited.spawn().expect("starts")
    }

    /// Takes the source away, and brings it back.
    pub fn hide_source(&self) {
        std::fs::rename(self.folder.path().join("clip.mp4"), self.folder.path().join("hidden")).expect("renames");
    }

    pub fn show_source(&self) {
        std::fs::rename(self.folder.path().join("hidden"), self.folder.path().join("clip.mp4")).expect("renames");
    }

    /// Names of the points that were passed since the folder was fresh.
    pub fn trace(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("trace")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A small generator of our own: the same deaths in every run of the test.
    pub fn next(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    pub fn random_death(&mut self) -> Death {
        let after = self.next(1800);
        match self.next(4) {
            0 => Death::Both(after),
            1 => Death::Tool(after),
            _ => Death::Us(after),
        }
    }

    /// Runs and dies.
    pub fn die(&mut self, death: &Death) {
        self.deaths += 1;
        let (mut child, after) = match death {
            Death::At(point, hit) => {
                let fault = format!("{point}:{hit}=kill");
                let mut child = self.start(&[("VODFLOW_FAULT", &fault)]);
                let status = wait(&mut child);
                assert_eq!(status.signal(), Some(9), "{fault}: {status}");
                return;
            }
            Death::Us(after) | Death::Both(after) | Death::Tool(after) => (self.start(&[]), *after),
        };
        std::thread::sleep(Duration::from_millis(after));
        match death {
            Death::Tool(_) => {
                self.workers().into_iter().for_each(kill);
                let status = wait(&mut child);
                assert_eq!(status.code(), Some(0), "a killed ffmpeg is started again: {status}");
            }
            Death::Both(_) => {
                let workers = self.workers();
                let _ = child.kill();
                workers.into_iter().for_each(kill);
                wait(&mut child);
            }
            _ => {
                let _ = child.kill();
                wait(&mut child);
            }
        }
    }

    /// Processes whose folder is one of ours.
    fn workers(&self) -> Vec<i32> {
        let state = self.state();
        let processes = std::fs::read_dir("/proc").expect("lists").flatten();
        let inside = |path: &Path| {
            std::fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd.starts_with(&state))
                // One that is being started has not changed its folder yet, and is not ffmpeg yet.
                && std::fs::read_link(path.join("exe")).is_ok_and(|exe| exe.to_string_lossy().contains("ff"))
        };
        processes
            .filter(|entry| inside(&entry.path()))
            .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
            .collect()
    }

    /// What must be true right after a death.
    pub fn check_after_death(&mut self) {
        // The kernel ends the children of a killed process; it may take a moment.
        let since = Instant::now();
        while !self.workers().is_empty() {
            assert!(since.elapsed() < Duration::from_secs(5), "orphans: {:?}", self.workers());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.check_sets("a death");
    }

    /// What must be true after an error that the program survived.
    pub fn check_after_error(&mut self, fault: &str) {
        assert!(self.workers().is_empty(), "{fault}: orphans");
        // Nobody can remove a folder who was killed for writing too much.
        let killed = fault.contains("signal");
        assert!(killed || !self.work_is_left(), "{fault}: a work folder is left");
        self.check_sets(fault);
    }

    /// Every output is there whole or not at all. A set of single files cannot appear by one rename: its rest is
    /// announced in the manifest, and is put in place before anything else happens in the folder.
    fn check_sets(&mut self, after: &str) {
        self.written.extend(self.waiting());
        let visible = self.visible();
        let announced = self.announced();
        for set in &self.outputs {
            let there = set.iter().filter(|path| visible.contains_key(*path)).count();
            if there == 0 || there == set.len() {
                continue;
            }
            assert!(set.is_subset(&announced), "after {after}, {there} of {set:?} are visible and nobody knows it");
            self.half_visible += 1;
        }
        for (path, content) in &visible {
            let whole = self.reference.get(path) == Some(content) || path == "result.json";
            assert!(whole, "after {after}, `{path}` is not what it should be");
        }
    }

    /// Runs to the end; everything must be as if nothing had happened, and what was finished is not made again.
    pub fn finish(&mut self) {
        let before: BTreeSet<String> = self.visible().into_keys().collect();
        let finished = self.outputs.iter().filter(|set| set.is_subset(&before)).count();
        let published = self.publications();
        let (code, said) = self.run(&[]);
        assert_eq!(code, Some(0), "{said}");
        self.check_whole();
        self.check_told();
        let again = self.publications() - published;
        assert!(again <= self.outputs.len() - finished, "{again} outputs were made, {finished} were there: {said}");
    }

    /// All outputs, nothing else, no left-overs.
    pub fn check_whole(&self) {
        let visible = self.visible();
        let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&visible), names(&self.reference));
        for (path, content) in visible.iter().filter(|(path, _)| *path != "result.json") {
            assert_eq!(Some(content), self.reference.get(path), "{path}");
        }
        assert!(!self.work_is_left(), "a work folder is left");
        let mut folders = vec![self.state()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("lists").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                assert!(!name.ends_with(".new") && !name.starts_with("new-"), "`{name}` is left");
                if entry.path().is_dir() {
                    folders.push(entry.path());
                }
            }
        }
    }

    /// The receiver was told, and of everything that ever lay in the outbox.
    fn check_told(&self) {
        let posts = self.receiver.posts();
        let told: BTreeSet<String> = posts[self.told_before..].iter().map(|post| post.id().to_owned()).collect();
        assert!(!told.is_empty() && told.is_superset(&self.written), "{:?} was written, {told:?} told", self.written);
        assert_eq!(self.waiting(), BTreeSet::new(), "events wait");
    }

    /// Ids of the events in the outbox; what is only half written is none.
    fn waiting(&self) -> BTreeSet<String> {
        let letters = std::fs::read_dir(self.state().join("outbox")).into_iter().flatten().flatten();
        let paths = letters.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
        let read = |path: PathBuf| -> serde_json::Value {
            serde_json::from_slice(&std::fs::read(path).expect("reads")).expect("a whole letter")
        };
        paths.map(|path| read(path)["id"].as_str().expect("an id").to_owned()).collect()
    }

    fn work_is_left(&self) -> bool {
        std::fs::read_dir(self.state().join("work")).is_ok_and(|mut folders| folders.next().is_some())
    }

    fn manifest(&self) -> serde_json::Value {
        let text = std::fs::read(self.state().join("manifest.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn announced(&self) -> BTreeSet<String> {
        let manifest = self.manifest();
        let records = manifest["pending"]["records"].as_object();
        records.map(|records| records.keys().cloned().collect()).unwrap_or_default()
    }

    /// The files of each output, by the manifest of a whole run.
    fn published_sets(&self) -> Vec<BTreeSet<String>> {
        let mut sets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, record) in self.manifest()["files"].as_object().expect("files") {
            let output = record["output"].as_str().expect("an output").to_owned();
            sets.entry(output).or_default().insert(path.clone());
        }
        sets.remove("result");
        sets.into_values().collect()
    }

    /// How many outputs were made, the summary and those apart whose publication was only completed.
    fn publications(&self) -> usize {
        let text = std::fs::read_to_string(self.state().join("journal.jsonl")).unwrap_or_default();
        let count = |event: &str| {
            let event = format!("\"event\":\"{event}\"");
            text.lines().filter(|line| line.contains(&event) && !line.contains("\"output\":\"result\"")).count()
        };
        count("output_published") - count("output_recovered")
    }

    /// Visible files with their content; of encrypted segments the size, because the key differs from folder to folder.
    fn visible(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.out()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = path.strip_prefix(self.out()).expect("below").to_string_lossy().into_owned();
                if name == ".vodflow" || name == ".filler" {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let content = std::fs::read(&path).expect("reads");
                let secret = name.starts_with("drm/") || name == "result.json";
                let content = match secret {
                    true if name.ends_with(".ts") => format!("{} bytes", content.len()),
                    true => "a text with the key's address".to_owned(),
                    false => blake3::hash(&content).to_hex().to_string(),
                };
                files.insert(name, content);
            }
        }
        files
    }

    pub fn wait_until_stopped(&self, child: &Child) {
        let since = Instant::now();
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
        while !state().rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T')) {
            assert!(since.elapsed() < HANGS, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn wake(&self, child: &Child) {
        let _ = Command::new("kill").args(["-CONT", &child.id().to_string()]).stderr(Stdio::null()).status();
    }

    pub fn summary(&self) -> String {
        format!(
            "crash loop: {} deaths, 0 lost, 0 doubled, 0 orphans, 0 left over; {} sets of pictures were half visible until the next run",
            self.deaths, self.half_visible
        )
    }
}

pub fn wait(child: &mut Child) -> std::process::ExitStatus {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("waits") {
            return status;
        }
        if since.elapsed() > HANGS {
            let _ = child.kill();
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn kill(process: i32) {
    let _ = Command::new("kill").args(["-9", &process.to_string()]).stderr(Stdio::null()).status();
}
