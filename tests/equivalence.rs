//! Optimised = unoptimised: random procedures deliver the same packets and pictures at every level and with any rules off.

mod stage;

use std::path::{Path, PathBuf};
use std::sync::Once;
use vodflow::driver::DECISIONS;
use vodflow::optimizer::rules;

/// How many procedures are tried; all of them with `VODFLOW_EQUIVALENCE=all`.
const PROCEDURES: (u64, u64) = (8, 200);

/// Everything that can be left out: the rules of the optimiser and the decisions of the planner.
fn switches() -> impl Iterator<Item = &'static str> {
    rules::ALL.iter().map(|rule| rule.name()).chain(DECISIONS.iter().map(|(name, _)| *name))
}

/// A small generator with a fixed seed: the same procedures on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }
}

/// A procedure of three to six statements over few sizes, so that much can be shared.
fn procedure(seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let mut text = String::from(
        "template watermark logo { image: \"logo.png\", origin: bottom_right, x: 4px, y: 4px, width: 20% }\n\
         template watermark words { text: { font: \"han.ttf\", size: 20% } }\n\
         template watermark moving { image: \"moving.gif\", origin: top_right, x: 3px, y: 3px, width: 15% }\n\
         template encryption vault { method: aes_128, key_url: \"https://keys.example.com/k\" }\n\
         template snapshot still { short_side: 72 }\ntemplate sample every { every: 20%, short_side: 72 }\n\
         template sprite cells { every: 20%, rows: 2, columns: 2, short_side: 128 }\ntemplate animated film { fps: 5, short_side: 128 }\n\
         template snapshot soft { width: 96, height: 160, fill: blur }\n\
         template adaptive pack { format: hls  segment: { time: 1s }  rungs: [{ video: { short_side: 128, fps: 25, gop: 1s, \
         speed: fast }  audio: { bitrate: 48kbps } }, { video: { short_side: 144, fps: 25, gop: 1s, speed: fast }  audio: { \
         bitrate: 48kbps } }] }\n\
         template adaptive apart { extends: pack  segment: { type: mp4_mp4_byterange, time: 1s } }\n\
         template adaptive dash { extends: pack  format: dash  segment: { type: mp4, time: 1s } }\n\
         template adaptive secret { extends: pack  encrypt: vault }\n",
    );
    let mut statements = String::new();
    for number in 0..random.below(4) + 3 {
        match random.below(9) {
            0 => statements.push_str(&format!(
                "    snapshot at {} using still\n",
                random.pick(&["0s, 1s", "50%", "0.5s, 0.5s, end"])
            )),
            1 => statements.push_str(random.pick(&["    sample using every\n", "    sample using every with logo\n"])),
            6 => statements.push_str(random.pick(&["    sprite using cells\n", "    cover at 0.72s using soft\n"])),
            7 => statements.push_str(random.pick(&["    animate film to 1s\n", "    animate film from -0.5s\n"])),
            8 => statements.push_str(&format!(
                "    adaptive {}{}\n",
                random.pick(&["pack", "apart", "dash", "secret", "pack, secret"]),
                random.pick(&["", " with logo", " from 0.4s"])
            )),
            2 => statements.push_str(&format!("    cover at {} using still\n", random.pick(&["0s", "0.72s"]))),
            _ => {
                let container = random.pick(&["mp4", "hls", "flv"]);
                let (side, rate) = (random.pick(&["128", "144", "160"]), random.pick(&["25", "12", "source"]));
                let codec = if container == "hls" { "aac" } else { random.pick(&["aac", "mp3"]) };
                let bitrate = random.pick(&["auto", "100kbps", "100kbps, passes: 2", "60kbps, passes: 2"]);
                let gop = random.pick(&["1s", "25frames", "12frames"]);
                text.push_str(&format!(
                    "template transcode t{number} {{ container: {container} video: {{ codec: h264, short_side: {side}, fps: {rate}, \
                     bitrate: {bitrate}, gop: {gop}, speed: fast }} audio: {{ codec: {codec}, bitrate: 48kbps }} }}\n"
                ));
                let mark = random.pick(&[
                    "",
                    "",
                    " with logo",
                    " with logo(from: 0.4s, to: 1s)",
                    " with words(text: \"中文\")",
                    " with moving(from: 0.2s), logo",
                ]);
                let encrypt = if container == "hls" { random.pick(&["", " encrypt vault"]) } else { "" };
                let part = random.pick(&["", "", "", " from 0.4s", " from 25% to -0.3s"]);
                statements.push_str(&format!("    transcode t{number}{part}{mark}{encrypt}\n"));
            }
        }
    }
    let options = random.pick(&["", "    options { master_playlist: true }\n"]);
    format!("{text}procedure p() {{\n{options}{statements}}}\n")
}

/// Whether a playlist lists playlists: players start there, so its text is compared.
fn is_master(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.starts_with("adp.") || name.starts_with("master_playlist")
}

/// Everything that is delivered, as text: hashes of packets, hashes of picture files.
fn delivered(out: &Path) -> String {
    let mut text = String::new();
    for file in stage::files(out) {
        let path = out.join(&file);
        let hashes = match path.extension().and_then(|ending| ending.to_str()) {
            Some("m3u8") if is_master(&file) => without_keys(&std::fs::read_to_string(&path).expect("readable")),
            Some("m3u8") if file.starts_with("drm/") => stage::packet_hashes(&stage::with_local_key(&path, out)),
            Some("mp4" | "flv" | "m3u8") => stage::packet_hashes(&path),
            Some("jpg" | "gif" | "vtt") => blake3::hash(&std::fs::read(&path).expect("readable")).to_hex().to_string(),
            _ => continue,
        };
        text.push_str(&format!("{file}\n{hashes}\n"));
    }
    text
}

/// A playlist without its key's name, which is another in each output folder.
fn without_keys(playlist: &str) -> String {
    let name = |line: &str| match line.find("edk=") {
        Some(start) => format!("{}\"\n", &line[..start]),
        None => format!("{line}\n"),
    };
    playlist.lines().map(name).collect()
}

fn commands(procedure: &Path, clip: &Path, flags: &[&str]) -> Vec<u8> {
    let (procedure, clip) = (procedure.to_str().expect("UTF-8"), clip.to_str().expect("UTF-8"));
    let mut arguments = vec!["plan", procedure, clip, "--stage", "commands"];
    arguments.extend(flags);
    stage::priced(stage::free_seeks(), &arguments).stdout
}

fn made(procedure: &Path, clip: &Path, out: PathBuf, flags: &[&str]) -> String {
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (procedure, input, folder) = (text(procedure), text(clip), text(&out));
    let mut arguments = vec!["run", &procedure, "--input", &input, "--out", &folder, "--verbose"];
    arguments.extend(flags);
    let output = stage::priced(stage::free_seeks(), &arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}\n{said}");
    let text = delivered(&out);
    assert!(!text.is_empty(), "nothing was delivered");
    text
}

/// What the procedures name beside templates, made once.
fn materials() {
    static MADE: Once = Once::new();
    MADE.call_once(make_materials);
}

fn make_materials() {
    let file = |name: &str| stage::folder().join(name).to_str().expect("UTF-8").to_owned();
    stage::ffmpeg(&["-f", "lavfi", "-i", "testsrc=s=64x64:d=0.04:r=25", "-frames:v", "1", &file("logo.png")]);
    stage::ffmpeg(&["-f", "lavfi", "-i", "testsrc=s=48x48:d=0.5:r=10", &file("moving.gif")]);
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts/han.ttf");
    std::fs::copy(font, stage::folder().join("han.ttf")).expect("copies");
}

fn wants_all() -> bool {
    std::env::var_os("VODFLOW_EQUIVALENCE").is_some_and(|value| value == "all")
}

/// Makes what a procedure asks for at all levels, without seeking, cut into many processes, and with some rules off, and
/// holds it against what comes out with nothing shared at all. Gives the commands that were tried.
fn compared(seed: u64, clip: &Path, random: &mut Random) -> Vec<Vec<u8>> {
    let text = procedure(seed);
    let file = stage::write(&format!("p{seed}.vod"), &text);
    let out = |name: &str| stage::folder().join(format!("out{seed}-{name}"));
    let plain = made(&file, clip, out("0"), &["--opt-level", "0"]);
    let mut tried = vec![commands(&file, clip, &["--opt-level", "0"])];
    let some: Vec<&'static str> = switches().filter(|_| random.below(2) == 0).collect();
    let off =
        |names: &[&'static str]| -> Vec<&str> { names.iter().flat_map(|name| ["--disable-rule", *name]).collect() };
    // Levels that give the same commands as one tried before need not be run again: the commands decide.
    for (name, flags) in [
        ("1", vec!["--opt-level", "1"]),
        ("2", vec!["--opt-level", "2"]),
        ("3", vec![]),
        ("decoded", off(&["seek-pictures", "seek-parts"])),
        ("cut", vec!["--max", "process-memory=32"]),
        ("some", off(&some)),
    ] {
        let planned = commands(&file, clip, &flags);
        if !tried.contains(&planned) {
            tried.push(planned);
            assert_eq!(made(&file, clip, out(name), &flags), plain, "{} {flags:?}\n{text}", clip.display());
        }
    }
    assert!(tried.len() > 1, "the optimiser had nothing to do for\n{text}");
    tried
}

#[test]
fn random_procedures_deliver_the_same_at_every_level() {
    // Short groups, so that there are places to go to: at these prices every one that saves a picture is taken.
    let clip = stage::numbered_clip("equivalence.mp4", 40, &["-g", "5", "-bf", "2"]);
    materials();
    let (mut random, mut sought) = (Random(1), 0);
    for seed in 0..if wants_all() { PROCEDURES.1 } else { PROCEDURES.0 } {
        let tried = compared(seed, &clip, &mut random);
        sought +=
            usize::from(tried.iter().any(|commands| String::from_utf8_lossy(commands).contains("-seek_timestamp")));
    }
    assert!(sought >= 1, "only {sought} procedures went to places");
}

/// Clips of the corpus: two clocks, a rotation, odd sizes, several tracks, none, other codecs.
const REAL: [&str; 10] = [
    "phone-720p-rot180-vfr.mp4",
    "bbb-642x642-vp9.webm",
    "bbb-1080p24-30s-51.mp4",
    "bbb-800x640-sar64x45.mp4",
    "butterfly-720p2997.mp4",
    "count-2audio-1sub.mkv",
    "flower-853x479-odd.webm",
    "noaudio-360p-40s.mp4",
    "reel-1080p30-30s.mp4",
    "street-432p-30s.mp4",
];

/// One of them in an ordinary run, all ten with `VODFLOW_EQUIVALENCE=all`; their first four seconds, as they are.
#[test]
fn random_procedures_deliver_the_same_from_real_clips() {
    let Some(corpus) = stage::corpus() else { return };
    materials();
    let mut random = Random(2);
    for (number, name) in (0..).zip(&REAL[..if wants_all() { REAL.len() } else { 1 }]) {
        let (clip, start) = (corpus.join(name), stage::folder().join(name));
        let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        stage::ffmpeg(&["-i", &path(&clip), "-map", "0:v?", "-map", "0:a?", "-c", "copy", "-t", "4", &path(&start)]);
        compared(1000 + number, &start, &mut random);
    }
}

/// Rate control with a ceiling, at rates where the ceiling is felt: what is not repeatable by itself.
const STRAINED: &str = r#"
template transcode a { container: mp4 video: { codec: h264, short_side: 128, fps: 12, bitrate: 100kbps, gop: 1s, speed: fast } audio: { codec: aac } }
template transcode b { extends: a video: { mode: cbr } }
template transcode c { extends: a video: { mode: abr } }
template transcode d { extends: a video: { codec: h265, bitrate: 60kbps } }
template transcode e { extends: a video: { codec: h265, mode: crf, crf: 30 } }
template transcode f { extends: a video: { codec: av1 } }
template transcode g { extends: a video: { codec: av1, mode: crf, crf: 40 } }
template transcode h { extends: a video: { passes: 2 } }
template transcode i { extends: b video: { passes: 2 } }
template transcode j { extends: c video: { passes: 2 } }
template transcode k { extends: d video: { passes: 2 } }
template transcode l { extends: f video: { mode: cbr } }
template transcode m { extends: d video: { mode: cbr } }
procedure p() { transcode a, b, c, d, e, f, g, h, i, j, k, l, m }
"#;

#[test]
fn an_encode_comes_out_the_same_at_every_run() {
    let clip = stage::numbered_clip("repeat.mp4", 60, &[]);
    let file = stage::write("repeat.vod", STRAINED);
    let out = |run: u32| stage::folder().join(format!("repeat-{run}"));
    let first = made(&file, &clip, out(0), &[]);
    for run in 1..6 {
        assert_eq!(made(&file, &clip, out(run), &[]), first, "run {run}");
    }
}
