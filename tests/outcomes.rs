//! Every clip of the corpus through every operation: what became of it stands in `docs/outcomes.md`, and is true.
//!
//! A few clips are tried at every change; `VODFLOW_OUTCOMES=all` tries all (`make test-all`), `UPDATE_DOCS=1` with it
//! writes the page anew.

#[path = "outcomes/look.rs"]
mod look;
mod stage;

use look::Source;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// How a picture of an output is held against the source.
enum Check {
    /// Nothing is looked at: there is no picture, or ffmpeg cannot read it.
    Nothing,
    /// The whole picture is the one at this share of the length.
    Shows(f64),
    /// The first picture lies in the middle of this frame; a lower rate takes it from up to so many seconds later.
    Within((f64, f64), f64),
    /// Read with the source's colours.
    Copies,
    /// Like the plain rendition but for this corner.
    Marked(Corner),
}

#[derive(Clone, Copy)]
enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

/// The outputs of `outcomes/everything.vod`: the column, what is looked at, and the ending of the file that is.
const OPERATIONS: [(&str, Check, &str); 21] = [
    ("mp4", Check::Shows(0.0), ".mp4"),
    ("part", Check::Shows(0.25), ".mp4"),
    ("bars", Check::Within((320.0, 180.0), 0.05), ".mp4"),
    ("hls ts", Check::Shows(0.0), ".m3u8"),
    ("hls fmp4", Check::Shows(0.0), ".m3u8"),
    ("hls aes", Check::Shows(0.0), ".m3u8"),
    ("sound", Check::Nothing, ".m4a"),
    ("copy mp4", Check::Copies, ".mp4"),
    ("copy hls", Check::Copies, ".m3u8"),
    ("image", Check::Marked(Corner::TopRight), ".mp4"),
    ("moving image", Check::Marked(Corner::BottomLeft), ".mp4"),
    ("svg", Check::Marked(Corner::BottomRight), ".mp4"),
    ("text", Check::Marked(Corner::TopLeft), ".mp4"),
    ("adaptive hls", Check::Shows(0.0), "video_ladder_0.m3u8"),
    ("adaptive dash", Check::Shows(0.0), "video_manifest_0.mp4"),
    ("snapshot", Check::Shows(0.0), "_0.png"),
    ("sample", Check::Shows(0.2), "_1.jpg"),
    ("sprite", Check::Within((228.0, 128.0), 0.0), "_0.jpg"),
    ("cover", Check::Shows(0.1), "_0.jpg"),
    ("gif", Check::Shows(0.0), ".gif"),
    ("webp", Check::Nothing, ".webp"),
];

/// More than this mean difference, in steps of 256, is another picture or another colour.
const ALIKE: f64 = 6.0;

/// Why a result is odd, by words that it has.
const REASONS: &[(&str, &str)] = &[
    ("has no sound", "What needs sound alone fails by itself; renditions of a silent film are silent."),
    (
        "has no picture",
        "What needs pictures fails by itself, sound is made all the same. A cover in a sound file is no film.",
    ),
    (
        "is not copied",
        "Copies are made of H.264, H.265 and AV1, of AAC, MP3, FLAC, Opus and PCM, where players of the container know them.",
    ),
    (
        "turned by its container",
        "A copy keeps the matrix that turns the picture, which segments of a transport stream cannot carry.",
    ),
    ("E0403", "Its index is missing: nothing in it can be found."),
    ("E0404", "Still pictures are no sources; they can be marks."),
    ("W0407", "The source is smaller than what is asked for, and `upscale` is `allow`."),
    ("W0408", "`end`, or the end of a part, lies after the last picture, which stands in for it."),
    ("W0409", "The source ends before it should: what is there is made, with a warning and counts."),
];

/// Clips that are tried at every change.
const ALWAYS: [&str; 5] =
    ["classroom.gif", "corrupt-truncated.mp4", "logo.svg", "one-frame.mp4", "phone-720p-rot180-vfr.mp4"];

/// What became of a clip.
struct Outcome {
    clip: String,
    /// A cell for each operation.
    cells: Vec<String>,
    /// Codes of warnings.
    warnings: Vec<String>,
    /// Operation, facts and whether it looks right.
    facts: Vec<[String; 3]>,
    /// Reasons that are told.
    reasons: Vec<String>,
}

#[test]
fn every_clip_becomes_what_the_page_says() {
    let all = std::env::var("VODFLOW_OUTCOMES").is_ok_and(|which| which == "all");
    let clips: Vec<_> = look::clips().into_iter().filter(|(name, _)| all || ALWAYS.contains(&name.as_str())).collect();
    if clips.is_empty() {
        return;
    }
    let procedure = materials();
    let waiting = Mutex::new(clips.into_iter());
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((name, path)) = waiting.lock().expect("no panic").next() else { break };
                    let outcome = outcome(&procedure, &name, &path);
                    done.lock().expect("no panic").insert(name, outcome);
                }
            });
        }
    });
    let done: Vec<Outcome> = done.into_inner().expect("no panic").into_values().collect();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/outcomes.md");
    if all && std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&page, document(&done)).expect("the page is writable");
    }
    let page = std::fs::read_to_string(page).expect("the page is there");
    if all {
        assert!(page == document(&done), "docs/outcomes.md is not what happens; UPDATE_DOCS=1 writes it anew");
    }
    for outcome in &done {
        for part in [row(outcome), section(outcome)] {
            assert!(page.contains(&part), "docs/outcomes.md does not say this of {}:\n{part}", outcome.clip);
        }
        for [operation, _, looks] in &outcome.facts {
            assert!(matches!(looks.as_str(), "yes" | "-"), "{}: {operation} looks wrong: {looks}", outcome.clip);
        }
    }
}

/// The procedure with its marks beside it.
fn materials() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    std::fs::copy(here.join("fonts/han.ttf"), stage::folder().join("han.ttf")).expect("copies");
    let path = |name: &str| stage::folder().join(name).to_str().expect("UTF-8").to_owned();
    let drawn = "color=c=magenta:s=32x32,drawbox=x=8:y=8:w=16:h=16:color=green:t=fill,format=rgba";
    stage::ffmpeg(&["-f", "lavfi", "-i", drawn, "-frames:v", "1", &path("logo.png")]);
    let moving = "color=c=magenta:s=32x32:r=10:d=0.5,drawbox=x=8:y=8:w=16:h=16:color=green:t=fill";
    stage::ffmpeg(&["-f", "lavfi", "-i", moving, &path("motion.gif")]);
    let text = std::fs::read_to_string(here.join("outcomes/everything.vod")).expect("the procedure is there");
    stage::write("everything.vod", &text)
}

fn outcome(procedure: &Path, name: &str, clip: &Path) -> Outcome {
    let out = stage::folder().join(format!("outcome-{name}"));
    let words = [Path::new("run"), procedure, Path::new("--input"), clip, Path::new("--out"), &out];
    let mut words: Vec<&str> = words.iter().map(|word| word.to_str().expect("UTF-8")).collect();
    words.push("--json");
    let output = stage::vodflow(&words);
    let last = String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned();
    let told: Value = serde_json::from_str(&last).unwrap_or_else(|error| panic!("{name}: {error}: {last}"));
    let listed = |field: &str| told[field].as_array().cloned().unwrap_or_default();
    let mut warnings: Vec<String> =
        [listed("diagnostics"), listed("warnings")].concat().iter().filter_map(|one| text(&one["code"])).collect();
    warnings.sort();
    warnings.dedup();
    let outputs = listed("outputs");
    if outputs.is_empty() {
        let code = warnings.pop().unwrap_or_else(|| panic!("{name}: {told}"));
        let cells = vec![code.clone(); OPERATIONS.len()];
        let message = text(&told["diagnostics"][0]["message"]).unwrap_or_default();
        let reasons = vec![format!("{code}: {}", message.replace(clip.to_str().expect("UTF-8"), name))];
        return Outcome { clip: name.to_owned(), cells, warnings: Vec::new(), facts: Vec::new(), reasons };
    }
    assert_eq!(outputs.len(), OPERATIONS.len(), "{name}");
    let source = Source::look(clip);
    let mut outcome =
        Outcome { clip: name.to_owned(), cells: Vec::new(), warnings, facts: Vec::new(), reasons: Vec::new() };
    for ((operation, check, ending), output) in OPERATIONS.iter().zip(&outputs) {
        let code = text(&output["code"]).unwrap_or_default();
        if output["state"] != "done" {
            outcome.reasons.push(format!("{code}: {}", text(&output["reason"]).unwrap_or_default()));
            outcome.cells.push(code);
            continue;
        }
        let files = output["files"].as_array().cloned().unwrap_or_default();
        let mut paths = files.iter().filter_map(|file| text(&file["path"]));
        let file =
            paths.find(|path| path.ends_with(ending)).unwrap_or_else(|| panic!("{name}: {operation}: {files:?}"));
        let mut file = out.join(file);
        if *operation == "hls aes" {
            file = stage::with_local_key(&file, &out);
        }
        outcome.cells.push("done".to_owned());
        let looks = source.as_ref().map_or("-".to_owned(), |source| looks(source, check, &file, &out));
        // This ffmpeg cannot read animated WebP, so these facts are ours.
        let facts = match operation.starts_with("webp") {
            true => format!(
                "webp {} {}, {} pictures",
                output["media"]["width"], output["media"]["height"], output["media"]["frames"]
            ),
            false => look::facts(&file),
        };
        outcome.facts.push([(*operation).to_owned(), facts, looks]);
    }
    let _ = std::fs::remove_dir_all(&out);
    outcome
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// `yes`, `-` where nothing is looked at, or by how much a picture is another one.
fn looks(source: &Source, check: &Check, file: &Path, out: &Path) -> String {
    let told = |distance: Option<f64>| match distance {
        Some(distance) if distance < ALIKE => "yes".to_owned(),
        Some(distance) => format!("off by {distance:.1}"),
        None => "unreadable".to_owned(),
    };
    match check {
        Check::Nothing => "-".to_owned(),
        Check::Shows(share) => told(look::seen(file, "").map(|seen| source.distance(&seen, *share, 0.0))),
        Check::Copies => told(source.copied(file).map(|seen| source.distance(&seen, 0.0, 0.0))),
        Check::Within(frame, slack) => {
            let filter = look::inside(*frame, source.shape);
            told(look::seen(file, &filter).map(|seen| source.distance(&seen, 0.0, *slack)))
        }
        Check::Marked(marked) => match look::corners(file, &out.join("v.small.mp4")) {
            None => "unreadable".to_owned(),
            Some(corners) if (0..4).all(|at| (corners[at] > ALIKE) == (at == *marked as usize)) => "yes".to_owned(),
            Some(corners) => format!("corners off by {corners:.1?}"),
        },
    }
}

fn document(done: &[Outcome]) -> String {
    let mut text = String::from(
        "# Outcomes\n\n\
         What becomes of every clip of the corpus under every operation. Made by `UPDATE_DOCS=1 VODFLOW_OUTCOMES=all cargo \
         test --test outcomes`, from runs of `tests/outcomes/everything.vod`; held to by the same test. Clips have their \
         origin and licence in the corpus; `VODFLOW_CORPUS` names its folder.\n\n\
         `done` says that ffprobe finds what is listed below, and that a picture of the output looks like the one that \
         ffmpeg alone decodes at that moment of the source: upright, in square pixels, in its colours. A code says why there \
         is nothing; what it means stands [below](#odd-results).\n\n| clip | said |",
    );
    OPERATIONS.iter().for_each(|operation| text.push_str(&format!(" {} |", operation.0)));
    text.push_str(&format!("\n|---|---|{}\n", "---|".repeat(OPERATIONS.len())));
    done.iter().for_each(|outcome| text.push_str(&row(outcome)));
    text.push_str("\n## Odd results\n\n");
    let mut told: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for outcome in done {
        for reason in outcome.reasons.iter().chain(&outcome.warnings) {
            let clips = told.entry(reason.clone()).or_default();
            if !clips.contains(&outcome.clip.as_str()) {
                clips.push(&outcome.clip);
            }
        }
    }
    for (reason, clips) in told {
        let why = REASONS.iter().find(|(words, _)| reason.contains(words)).map(|(_, why)| *why);
        let why = why.unwrap_or_else(|| panic!("nobody says why: {reason} ({clips:?})"));
        text.push_str(&format!("- {reason} ({}). {why}\n", clips.join(", ")));
    }
    done.iter().for_each(|outcome| text.push_str(&section(outcome)));
    text
}

fn row(outcome: &Outcome) -> String {
    format!("| {} | {} | {} |\n", outcome.clip, outcome.warnings.join(" "), outcome.cells.join(" | "))
}

fn section(outcome: &Outcome) -> String {
    if outcome.facts.is_empty() {
        return String::new();
    }
    let mut text = format!("\n## {}\n\n| output | found by ffprobe | looks right |\n|---|---|---|\n", outcome.clip);
    for [operation, facts, looks] in &outcome.facts {
        text.push_str(&format!("| {operation} | {facts} | {looks} |\n"));
    }
    text
}
