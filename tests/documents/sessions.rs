//! Dialogues of the documents, run as they stand: `$ command`, then what it prints, then `[exit 3]` if it did not end well.
//!
//! All dialogues of a document share one folder, in which its `file=` texts lie from where they stand on. Lines of progress
//! are left out; sizes and times of day differ from machine to machine and are not compared.

use super::{Document, documents, fences, updates};
use std::ops::Range;
use std::path::Path;
use std::process::Command;

#[test]
fn every_dialogue_is_what_the_program_says() {
    let mut problems = Vec::new();
    let mut seen = 0;
    for document in documents().into_iter().filter(|document| document.text.contains("\n```console\n")) {
        let told = run(&document);
        seen += told.len();
        let wrong: Vec<_> =
            told.iter().filter(|(at, said)| masked(&document.text[at.clone()]) != masked(said)).collect();
        if updates() && !wrong.is_empty() {
            let mut text = document.text.clone();
            wrong.iter().rev().for_each(|(at, said)| text.replace_range(at.clone(), said));
            std::fs::write(&document.path, text).expect("a document is writable");
            continue;
        }
        let say = |(at, said): &&(Range<usize>, String)| {
            format!("{}: stands\n{}said\n{said}", document.name(), &document.text[at.clone()])
        };
        problems.extend(wrong.iter().map(say));
    }
    assert!(problems.is_empty(), "{}\nUPDATE_DOCS=1 refills dialogues", problems.join("\n"));
    assert!(seen >= 5, "{seen} dialogues are few");
}

/// The dialogues of a document as they went: where each stands, and what it should be.
fn run(document: &Document) -> Vec<(Range<usize>, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut told = Vec::new();
    for fence in fences(&document.text) {
        let text = &document.text[fence.content.clone()];
        if let Some(name) = fence.setting("file") {
            std::fs::write(folder.path().join(name), text).expect("writes");
        }
        if fence.kind() == "console" {
            let commands = commands(text);
            assert!(!commands.is_empty(), "{}:{}: a dialogue without `$ `", document.name(), fence.line);
            let said = commands.iter().map(|command| dialogue(folder.path(), command)).collect();
            told.push((fence.content.clone(), said));
        }
    }
    told
}

/// The commands of a dialogue; a line that ends with `\` goes on.
fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        match (goes_on, line.strip_prefix("$ "), commands.last_mut()) {
            (true, _, Some(command)) => {
                command.push('\n');
                command.push_str(line);
            }
            (_, Some(command), _) => commands.push(command.to_owned()),
            _ => continue,
        }
        goes_on = line.ends_with('\\');
    }
    commands
}

fn dialogue(folder: &Path, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_vodflow")).parent().expect("a folder").to_path_buf();
    let usual = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(program).chain(std::env::split_paths(&usual))).expect("a path");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(folder)
        .env("PATH", path)
        .env("CI", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .env("VODFLOW_MACHINE", "")
        .env_remove("VODFLOW_FFMPEG")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("a shell starts");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = printed.lines().filter(|line| !is_progress(line)).map(|line| format!("{}\n", line.trim_end()));
    let exit = match output.status.code() {
        Some(0) => String::new(),
        code => format!("[exit {}]\n", code.map_or("by a signal".to_owned(), |code| code.to_string())),
    };
    format!("$ {command}\n{}{exit}", lines.collect::<String>())
}

fn is_progress(line: &str) -> bool {
    line.strip_prefix("job ").is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()))
}

/// The text without what machines differ in: what was measured in bytes and seconds, and which of the outputs that are
/// made at the same time is done first.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.chunk_by_mut(|one, next| tells_an_end(one) && tells_an_end(next)).for_each(<[&str]>::sort_unstable);
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        // What a plan is expected to take depends on the cores.
        if let ["Estimate:", ..] | ["Unshared:", _, "s", "CPU;", ..] = words[..] {
            out.push_str(&format!("{} N\n", words[0]));
            continue;
        }
        let measured = |at: usize| {
            let unit = words.get(at + 1).map_or("", |word| word.trim_end_matches([',', '.']));
            let number = words[at].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            number && ["B", "kB", "MB", "GB", "s", "kbps"].contains(&unit)
        };
        // A unit goes with its number: a file may be 990 kB here and 1.0 MB there.
        let kept = (0..words.len()).filter(|at| *at == 0 || !measured(at - 1));
        let kept: Vec<&str> = kept.map(|at| if measured(at) { "N" } else { words[at] }).collect();
        out.push_str(&kept.join(" "));
        out.push('\n');
    }
    out
}

/// `hd done, 1 file`, `hd up to date`
fn tells_an_end(line: &str) -> bool {
    line.ends_with(" up to date") || line.split_once(" done, ").is_some_and(|(_, files)| files.contains(" file"))
}

#[test]
fn dialogues_are_read_and_measures_are_left_out() {
    assert_eq!(commands("$ a b \\\n  c\nsaid\n$ d\n"), ["a b \\\n  c", "d"]);
    assert_eq!(masked("hd   4.9 MB  20.02 s  v.mp4\n"), masked("hd 990 kB 19 s v.mp4\n"));
    assert_ne!(masked("hd 4.9 MB v.mp4"), masked("sd 4.9 MB v.mp4"));
    assert_eq!(masked("a done, 1 file\nb up to date\nc\n"), masked("b up to date\na done, 1 file\nc\n"));
    assert_ne!(masked("a\nb\n"), masked("b\na\n"));
    assert!(is_progress("job 0: 10% of 3 outputs") && !is_progress("jobs"));
}
