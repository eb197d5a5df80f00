//! Hygiene of the repository: module docs, names, sizes, leftovers, diagnostic codes, private paths.

mod source_tree;

use source_tree::{SourceFile, code, files, root, test_items, walk};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// Names that say nothing; shared things have a name.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "type", "types", "misc", "manager", "managers"];

/// Lines of a file below `src/`, its tests not counted.
const LONGEST_FILE: usize = 600;

#[test]
fn every_source_file_starts_with_its_job() {
    let silent: Vec<String> =
        files("src").into_iter().filter(|file| !has_module_doc(&file.text)).map(|file| file.path).collect();
    assert!(silent.is_empty(), "without a first `//!` sentence: {silent:?}");
    assert!(!has_module_doc("use std::fmt;\n//! Late.") && !has_module_doc("//!\n") && has_module_doc("//! A job."));
}

#[test]
fn no_module_has_an_empty_name() {
    let empty: Vec<String> = files("src").iter().flat_map(empty_names).collect();
    assert!(empty.is_empty(), "{empty:?}");
    assert_eq!(empty_names(&made_up("src/plan/utils.rs", "")).len(), 1);
    assert_eq!(empty_names(&made_up("src/common/mod.rs", "")).len(), 1);
    assert_eq!(empty_names(&made_up("src/plan/op.rs", "mod helpers { }")).len(), 1);
    assert_eq!(empty_names(&made_up("src/plan/op.rs", "// mod helpers { }\nmod helpful { }")).len(), 0);
}

#[test]
fn nothing_unfinished_is_left() {
    let found: Vec<String> =
        ["src", "tests"].iter().flat_map(|folder| files(folder)).flat_map(|file| leftovers(&file)).collect();
    assert!(found.is_empty(), "{found:?}");
    for text in ["fn f() { todo!() }", "fn f() { unimplemented!(\"x\") }", "#[ignore]\nfn f() {}", FIX_ME] {
        assert_eq!(leftovers(&made_up("src/plan/op.rs", text)).len(), 1, "{text}");
    }
    assert_eq!(leftovers(&made_up("src/plan/op.rs", "const A: &str = \"todo!()\";")).len(), 0);
}

/// In two parts, so that this file does not find itself.
const FIX_ME: &str = concat!("// FIX", "ME");

#[test]
fn files_are_short() {
    let long: Vec<String> = files("src")
        .iter()
        .filter(|file| !file.is_test && shipped_lines(&file.text) > LONGEST_FILE)
        .map(|file| format!("{} has {} lines; split it by concept", file.path, shipped_lines(&file.text)))
        .collect();
    assert!(long.is_empty(), "{long:?}");
    let tested = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
    assert_eq!(shipped_lines(tested), 1);
    assert_eq!(shipped_lines(&format!("{tested}\n// c\n")), 3);
}

/// Who may ask what time it is, and what for. Clocks jump: what is waited for is measured by `Instant`.
const CLOCK_READERS: &[(&str, &str)] = &[
    ("src/cli/command/cache.rs", "says how old kept work is"),
    ("src/exec/report.rs", "dates the summary and the notification"),
    ("src/fetch/shelf.rs", "orders downloads by when they were last of use"),
    ("src/notify/mod.rs", "dates a signature"),
    ("src/probe/remember.rs", "does not remember a file that may still change; a wrong clock costs a second look"),
    ("src/store/journal.rs", "dates lines"),
];

#[test]
fn only_those_who_say_what_for_read_the_clock() {
    let readers: Vec<String> = files("src").into_iter().filter(reads_the_clock).map(|file| file.path).collect();
    let known: Vec<&str> = CLOCK_READERS.iter().map(|(path, _)| *path).collect();
    assert_eq!(readers.iter().map(String::as_str).collect::<BTreeSet<_>>(), known.into_iter().collect());
    assert!(reads_the_clock(&made_up("src/a.rs", "fn f() { std::time::SystemTime::now() }")));
    assert!(!reads_the_clock(&made_up("src/a.rs", "// SystemTime\nfn f() { Instant::now() }")));
}

fn reads_the_clock(file: &SourceFile) -> bool {
    file.shipped().contains("SystemTime")
}

#[test]
fn diagnostic_codes_are_unique() {
    let declared = std::fs::read_to_string(root().join("src/diag/codes.rs")).expect("the registry");
    let problems = code_problems(&declared);
    assert!(problems.is_empty(), "{problems:?}");
    let registered = vodflow::diag::codes::ALL.len();
    assert_eq!(code_lines(&declared).len(), registered, "every code stands on one line of the registry");
    let same_number = "    A Error \"E0101\" \"a\" \"A.\";\n    B Warning \"W0101\" \"b\" \"B.\";\n";
    let same_name = "    A Error \"E0101\" \"a\" \"A.\";\n    B Error \"E0102\" \"a\" \"B.\";\n";
    for text in [same_number, same_name] {
        assert_eq!(code_problems(text).len(), 1, "{text}");
    }
}

#[test]
fn no_file_names_a_private_folder() {
    let problems: Vec<String> = tracked_files()
        .into_iter()
        .filter_map(|path| Some((std::fs::read_to_string(root().join(&path)).ok()?, path)))
        .flat_map(|(text, path)| {
            private_paths(&text).into_iter().map(move |found| format!("{}: {found}", path.display()))
        })
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
    for offence in [concat!("see /ho", "me/kim/clip.mp4"), concat!("\"/Us", "ers/kim/x\""), concat!("(/ro", "ot/x)")] {
        assert_eq!(private_paths(offence).len(), 1, "{offence}");
    }
    assert!(private_paths("https://example.com/home/kim and $HOME/clip and the /root of a tree").is_empty());
}

fn made_up(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned(), is_test: false }
}

fn has_module_doc(text: &str) -> bool {
    text.lines().next().and_then(|line| line.strip_prefix("//!")).is_some_and(|rest| !rest.trim().is_empty())
}

fn empty_names(file: &SourceFile) -> Vec<String> {
    let code = code(&file.text);
    let words: Vec<&str> =
        code.split(|next: char| !next.is_alphanumeric() && next != '_').filter(|word| !word.is_empty()).collect();
    let inline = words.windows(2).filter(|pair| pair[0] == "mod").map(|pair| pair[1].to_owned());
    let names = file.module().into_iter().chain(inline);
    names.filter(|name| EMPTY_NAMES.contains(&name.as_str())).map(|name| format!("{}: {name}", file.path)).collect()
}

fn leftovers(file: &SourceFile) -> Vec<String> {
    let code = code(&file.text);
    let mut found: Vec<&str> =
        ["todo!(", "unimplemented!(", "#[ignore"].into_iter().filter(|bad| code.contains(bad)).collect();
    let mark = &FIX_ME[3..];
    if file.text.contains(mark) {
        found.push(mark);
    }
    found.into_iter().map(|bad| format!("{}: {bad}", file.path)).collect()
}

/// Lines outside `#[cfg(test)]` items; an item's lines count from its attribute to its last brace.
fn shipped_lines(text: &str) -> usize {
    let code = code(text);
    let tests: usize = test_items(&code).into_iter().map(|item| code[item].lines().count()).sum();
    text.lines().count().saturating_sub(tests)
}

/// Id and name of each line of the registry: `CONSTANT Severity "E0101" "name" "Summary.";`.
fn code_lines(text: &str) -> Vec<(String, String)> {
    let quoted = |line: &str| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let is_id = |id: &str| id.len() == 5 && id.starts_with(['E', 'W']) && id[1..].bytes().all(|b| b.is_ascii_digit());
    let lines = text.lines().filter(|line| line.trim_end().ends_with("\";")).map(quoted);
    lines
        .filter(|parts| parts.len() == 3 && is_id(&parts[0]))
        .map(|parts| (parts[0].clone(), parts[1].clone()))
        .collect()
}

fn code_problems(text: &str) -> Vec<String> {
    let lines = code_lines(text);
    let mut problems = Vec::new();
    let mut numbers: BTreeMap<&str, &str> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for (id, name) in &lines {
        if let Some(other) = numbers.insert(&id[1..], id) {
            problems.push(format!("{id} has the number of {other}"));
        }
        if !names.insert(name) {
            problems.push(format!("{id} has the name of another code, {name}"));
        }
    }
    problems
}

/// Files under version control; without git, those outside the build folder.
fn tracked_files() -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    if let Ok(output) = listed
        && output.status.success()
        && !output.stdout.is_empty()
    {
        let names = String::from_utf8(output.stdout).expect("names in UTF-8");
        return names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect();
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root()).expect("the root").flatten() {
        let path = entry.path();
        let generated = ["target", "demo-out", ".git"].iter().any(|name| path.ends_with(name));
        match (generated, path.is_dir()) {
            (true, _) => {}
            (false, true) => walk(&path, &mut found),
            (false, false) => found.push(path),
        }
    }
    found
}

/// Absolute paths into somebody's own folder, with a little text around them.
fn private_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in [concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/"), concat!("C:\\Us", "ers\\")] {
        for (at, _) in text.match_indices(folder) {
            let before = text[..at].chars().next_back();
            let inside = before.is_some_and(|sign| sign.is_alphanumeric() || "./-_~}".contains(sign));
            let named = text[at + folder.len()..].starts_with(|sign: char| sign.is_alphanumeric() || sign == '.');
            if !inside && named {
                found.push(text[at..].chars().take(40).take_while(|sign| *sign != '\n').collect());
            }
        }
    }
    found
}
