//! What an editor sees: cases as data, and no panic on any broken text.
//!
//! A case of `tests/cases/ide/` is a Markdown file: a title that is the claim, a `vod` fence with `$0` at the cursor,
//! optional `import NAME` fences with other texts, and expectation fences `hover` `completion` `definition` `references`
//! `fixes` `diagnostics` `signature` `outline`. `UPDATE_CASES=1 cargo test --test ide` refills them: read the diff.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use vodflow::driver::Compiler;
use vodflow::ide::{Analysis, Location, Outline};
use vodflow::world::{ImportError, ImportedText, NoFiles, World};

/// The texts beside the main one.
struct Texts(BTreeMap<String, String>);

impl World for Texts {
    fn read_import(&self, _from: &str, path: &str) -> Result<ImportedText, ImportError> {
        let text = self.0.get(path).ok_or(ImportError::NotFound)?;
        Ok(ImportedText { name: path.to_owned(), text: text.clone() })
    }
}

struct Case {
    text: String,
    cursor: usize,
    imports: BTreeMap<String, String>,
    expectations: Vec<(String, Range<usize>)>,
}

#[test]
fn every_case_holds() {
    let compiler = Compiler::new();
    let update = std::env::var_os("UPDATE_CASES").is_some_and(|value| value == "1");
    let files = case_files();
    assert!(files.len() >= 20, "cases are missing: {} found", files.len());
    let mut problems = Vec::new();
    for path in files {
        let page = std::fs::read_to_string(&path).expect("a case is readable");
        match differences(&compiler, &page) {
            Err(problem) => problems.push(format!("{}: {problem}", path.display())),
            Ok(found) if update && !found.is_empty() => {
                let mut page = page.clone();
                for (content, actual) in found.iter().rev() {
                    page.replace_range(content.clone(), actual);
                }
                std::fs::write(&path, page).expect("a case is writable");
            }
            Ok(found) => problems.extend(found.iter().map(|(content, actual)| {
                format!("{}\n--- expected\n{}+++ found\n{actual}", path.display(), &page[content.clone()])
            })),
        }
    }
    assert!(problems.is_empty(), "\n{}\n\nUPDATE_CASES=1 refills expectations", problems.join("\n"));
}

fn case_files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("tests/cases/ide").expect("the cases are there");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// Expectations that do not hold, with what was found.
fn differences(compiler: &Compiler, page: &str) -> Result<Vec<(Range<usize>, String)>, String> {
    let case = Case::read(page)?;
    let analysis = Analysis::new(compiler, "case.vod", &case.text, &Texts(case.imports.clone()));
    let mut found = Vec::new();
    for (tag, content) in &case.expectations {
        let actual = section(&analysis, &case, tag).ok_or(format!("`{tag}` is no tag of a fence"))?;
        if page[content.clone()] != actual {
            found.push((content.clone(), actual));
        }
    }
    Ok(found)
}

impl Case {
    fn read(page: &str) -> Result<Self, String> {
        if !page.starts_with("# ") {
            return Err("the first line is no title".to_owned());
        }
        let mut case =
            Case { text: String::new(), cursor: usize::MAX, imports: BTreeMap::new(), expectations: Vec::new() };
        for (tag, content) in fences(page)? {
            let text = &page[content.clone()];
            if tag == "vod" {
                case.cursor = text.find("$0").ok_or("the text has no cursor `$0`")?;
                case.text = text.replacen("$0", "", 1);
            } else if let Some(name) = tag.strip_prefix("import ") {
                case.imports.insert(name.to_owned(), text.to_owned());
            } else {
                case.expectations.push((tag, content));
            }
        }
        match (case.cursor, case.expectations.is_empty()) {
            (usize::MAX, _) => Err("a fence `vod` is needed".to_owned()),
            (_, true) => Err("nothing is expected".to_owned()),
            _ => Ok(case),
        }
    }
}

/// The fences of a page; those with four signs may hold fences themselves.
fn fences(page: &str) -> Result<Vec<(String, Range<usize>)>, String> {
    let mut found = Vec::new();
    let mut open: Option<(&str, String, usize)> = None;
    let mut at = 0;
    for line in page.split_inclusive('\n') {
        let signs = &line[..line.len() - line.trim_start_matches('`').len()];
        match &open {
            None if signs.len() >= 3 => {
                open = Some((signs, line.trim_matches('`').trim().to_owned(), at + line.len()));
            }
            Some((opening, tag, start)) if line.trim_end() == *opening => {
                found.push((tag.clone(), *start..at));
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    match open {
        Some((_, tag, _)) => Err(format!("the fence `{tag}` is not closed")),
        None => Ok(found),
    }
}

fn section(analysis: &Analysis<'_>, case: &Case, tag: &str) -> Option<String> {
    let at = case.cursor;
    let text = |range: &Range<usize>| analysis.text().get(range.clone()).unwrap_or("?").to_owned();
    Some(match tag {
        "hover" => analysis.hover(at).map_or("nothing\n".to_owned(), |hover| {
            format!("at `{}`\n{}\n", text(&hover.range), hover.text.trim_end())
        }),
        "completion" => completions(analysis, at),
        "definition" => analysis.definition(at).map_or("nothing\n".to_owned(), |found| place(&found)),
        "references" => analysis.references(at).iter().map(place).collect(),
        "fixes" => {
            analysis.quick_fixes(at..at).iter().map(|fix| format!("{}: {}\n", fix.problem.code.id, fix.title)).collect()
        }
        "diagnostics" => analysis
            .diagnostics()
            .iter()
            .map(|problem| {
                let related = problem.related.iter().map(|one| format!("  {}: {}", one.message, place(&one.location)));
                let head = format!("{} `{}` {}\n", problem.code.id, text(&problem.range), problem.message);
                head + &related.collect::<String>()
            })
            .collect(),
        "signature" => analysis.signature(at).map_or("nothing\n".to_owned(), |found| {
            let active = found.active.and_then(|at| found.parameters.get(at)).map_or("none", String::as_str);
            format!("{}\nat {active}\n{}\n", found.label, found.doc)
        }),
        "outline" => analysis.outline().iter().map(|one| outline(one, 0)).collect(),
        _ => return None,
    })
}

fn completions(analysis: &Analysis<'_>, at: usize) -> String {
    let mut items = analysis.completion(at);
    items.sort_by(|one, other| one.sort.cmp(&other.sort));
    // A long list of the catalogue is shown by its head.
    let shown = 24;
    let more = items.len().saturating_sub(shown);
    let lines = items.iter().take(shown).map(|item| {
        let replaced = &analysis.text()[item.replace.clone()];
        let replaced = if replaced.is_empty() { String::new() } else { format!(" for `{replaced}`") };
        let insert = match &item.snippet {
            Some(snippet) => format!(" → {}", snippet.replace('\n', "⏎")),
            None if item.insert != item.label => format!(" → {}", item.insert),
            None => String::new(),
        };
        let detail = if item.detail.is_empty() { String::new() } else { format!(" · {}", item.detail) };
        format!("{} {}{insert}{replaced}{detail}\n", item.kind.word(), item.label)
    });
    let text: String = lines.collect();
    if more > 0 { format!("{text}… {more} more\n") } else { text }
}

/// `case.vod:2:11 hd`
fn place(found: &Location) -> String {
    let before = &found.text[..found.range.start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("{}:{line}:{column} {}\n", found.name, &found.text[found.range.clone()])
}

fn outline(one: &Outline, depth: usize) -> String {
    let children: String = one.children.iter().map(|child| outline(child, depth + 1)).collect();
    format!("{}{} · {}\n{children}", "  ".repeat(depth), one.name, one.detail)
}

#[test]
fn the_runner_catches_what_is_wrong() {
    let compiler = Compiler::new();
    let run = |page: &str| differences(&compiler, page).map(|found| found.len());
    let right = "# A keyword\n\n```vod\nprocedure p { cover$0 at 1s using 10 }\n```\n\n```definition\nnothing\n```\n";
    assert_eq!(run(right), Ok(0));
    assert_eq!(run(&right.replace("nothing", "something")), Ok(1));
    assert_eq!(run(&right.replace("$0", "")), Err("the text has no cursor `$0`".to_owned()));
    assert_eq!(run(&right.replace("definition", "definitions")), Err("`definitions` is no tag of a fence".to_owned()));
    assert_eq!(run(&right.replace("# A", "A")), Err("the first line is no title".to_owned()));
}

/// Asks everything at an offset; a panic fails the test.
fn ask(analysis: &Analysis<'_>, at: usize) {
    let length = analysis.text().len();
    let within =
        |range: &Range<usize>| assert!(range.start <= range.end && range.end <= length, "{range:?} of {length}");
    if let Some(hover) = analysis.hover(at) {
        within(&hover.range);
        assert!(!hover.text.is_empty());
    }
    let items = analysis.completion(at);
    let mut labels: Vec<&str> = items.iter().map(|item| item.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), items.len(), "an item is offered twice at {at} of {:?}", analysis.text());
    items.iter().for_each(|item| within(&item.replace));
    if let Some(found) = analysis.definition(at) {
        assert!(found.text.get(found.range.clone()).is_some());
    }
    let _ = (analysis.signature(at), analysis.references(at), analysis.renamable(at));
}

fn examples() -> Vec<String> {
    let entries = std::fs::read_dir("examples").expect("examples").flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "vod")).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).expect("an example")).chain([RICH.to_owned()]).collect()
}

/// What examples lack: every statement, nesting, names and texts beyond ASCII, mistakes of brackets.
const RICH: &str = "/// 高清 😀\ntemplate transcode \"高 清\" { container: hls, video: { codec: h264 } }\n\
    procedure p(a: list<template<transcode>>? = [10, \"高 清\"], t: time = 50%) {\n  options { speed: fast }\n\
    let x = source.duration / 2\n for one in a { transcode one from x to end }\n\
    when source.height >= 720 and not source.hdr { cover at t using 10 } else when true { sample using 10 }\n\
    else { snapshot at 1s, -5s, 50% using 10 with none }\n}\np([10], t: 1.5s)\nQCVB_SimpleProcessFile({10,220}, 0, 10, nil)\n}})]";

#[test]
fn no_prefix_of_an_example_panics() {
    let compiler = Compiler::new();
    for text in examples() {
        let cuts: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        // Every prefix is completed at its end, which is what typing does; a sample of them is asked everywhere.
        for (turn, cut) in cuts.iter().enumerate() {
            if turn % 3 == 0 || text[*cut..].starts_with(['{', '(', '"', ':', '.', '\n']) {
                let analysis = Analysis::new(&compiler, "example.vod", &text[..*cut], &NoFiles);
                ask(&analysis, *cut);
            }
        }
    }
}

#[test]
fn no_deletion_panics_at_any_offset() {
    let compiler = Compiler::new();
    for text in examples() {
        for start in (0..text.len()).step_by(97) {
            for length in [1, 9, 60] {
                let end = (start + length).min(text.len());
                if !text.is_char_boundary(start) || !text.is_char_boundary(end) {
                    continue;
                }
                let broken = format!("{}{}", &text[..start], &text[end..]);
                let analysis = Analysis::new(&compiler, "example.vod", &broken, &NoFiles);
                for at in (0..=broken.len()).step_by(41).chain([start]) {
                    ask(&analysis, at);
                }
            }
        }
    }
}

/// What is offered as a word or a name can be written: it never makes the text worse than the half-typed one.
#[test]
fn words_that_are_offered_belong_to_the_grammar() {
    let compiler = Compiler::new();
    let places = [
        ("procedure p { transcode 10 ", " }"),
        ("procedure p { snapshot ", " }"),
        ("procedure p { cover at 1s ", " }"),
        ("procedure p { animate 10 ", " }"),
        ("procedure p { sample using 10 ", " }"),
        ("template transcode t { container: mp4 video: { ", " } }"),
    ];
    for (head, tail) in places {
        let text = format!("{head}{tail}");
        let analysis = Analysis::new(&compiler, "case.vod", &text, &NoFiles);
        let items = analysis.completion(head.len());
        assert!(!items.is_empty(), "nothing is offered in {text}");
        for item in items {
            let written = format!("{head}{}{tail}", item.insert);
            let analysis = Analysis::new(&compiler, "case.vod", &written, &NoFiles);
            for problem in analysis.diagnostics() {
                let wrong = ["E0102", "E0112", "E0209"].contains(&problem.code.id);
                assert!(!wrong, "{written}: {} {}", problem.code.id, problem.message);
            }
        }
    }
}

/// Long texts lose nothing.
#[test]
fn a_thousand_lines_are_understood() {
    let compiler = Compiler::new();
    let mut text = String::new();
    for at in 0..250 {
        text.push_str(&format!(
            "template transcode t{at} {{ extends: 100030 video: {{ fps: 25 }} }}\nprocedure p{at}(a: time = 1s) {{\n    \
             transcode t{at}, 10 with none\n}}\n"
        ));
    }
    let analysis = Analysis::new(&compiler, "long.vod", &text, &NoFiles);
    assert!(analysis.diagnostics().iter().all(|problem| problem.code.id.starts_with('W')));
    assert_eq!(analysis.outline().len(), 500);
}
