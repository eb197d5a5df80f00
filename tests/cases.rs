//! Golden cases: each Markdown file below `tests/cases/` is one claim, an input, and what the stages make of it.
//!
//! Input fences: one of `vod`, `json` and `preset`; optional `vod NAME` (a file that it can import), `facts` (a minute of full HD without it), `target` (lines such as
//! `without libx265`, `ffmpeg 6.1`) and `options` (lines `opt-level 0`, `disable-rule share-encodes`). Expectation fences:
//! `diagnostics` `hir` `plan` `plan.optimised` `rewrites` `physical` `commands` `plan.tree` `notes` `format`. Those that are present are
//! checked. `UPDATE_CASES=1 cargo test --test cases` refills expectations and touches nothing else: read the diff.

mod assumed;

use assumed::{compile_on, diagnostic_line};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use vodflow::cost::Machine;
use vodflow::diag::Diagnostics;
use vodflow::driver::{Checked, Compilation, Compiler, Entry, format};
use vodflow::explain::{self, Shown};
use vodflow::limits::Limits;
use vodflow::media::SourceFacts;
use vodflow::optimizer::{OptLevel, OptimizerOptions};
use vodflow::plan::text;
use vodflow::target::Target;
use vodflow::world::{ImportError, ImportedText, World};

const INPUTS: &[&str] = &["vod", "json", "preset", "facts", "target", "options"];
const EXPECTATIONS: &[&str] = &[
    "diagnostics",
    "hir",
    "plan",
    "plan.optimised",
    "rewrites",
    "physical",
    "commands",
    "plan.tree",
    "estimate",
    "notes",
    "format",
];

/// How a procedure is called in positions: its own text needs no name there.
const OWN: [&str; 3] = ["case.vod", "case.json", "<call>"];

/// A fence of a case, with the place of its content.
#[derive(Debug)]
struct Fence {
    tag: String,
    content: Range<usize>,
}

/// A case that is well formed.
struct Case<'a> {
    text: &'a str,
    inputs: BTreeMap<&'a str, &'a str>,
    imports: Imports,
    expectations: Vec<(&'a str, Range<usize>)>,
}

/// The files beside a case, by name.
#[derive(Default)]
struct Imports(BTreeMap<String, String>);

impl World for Imports {
    fn read_import(&self, _: &str, path: &str) -> Result<ImportedText, ImportError> {
        let text = self.0.get(path).ok_or(ImportError::NotFound)?;
        Ok(ImportedText { name: path.to_owned(), text: text.clone() })
    }
}

/// What the stages make of a case.
struct Outcome {
    checked: Checked,
    diagnostics: Diagnostics,
    facts: SourceFacts,
    compilation: Option<Compilation>,
    formatted: String,
}

/// An expectation that does not hold.
struct Difference<'a> {
    tag: &'a str,
    content: Range<usize>,
    actual: String,
}

#[test]
fn every_case_holds() {
    let compiler = Compiler::new();
    let update = std::env::var_os("UPDATE_CASES").is_some_and(|value| value == "1");
    let files = case_files();
    assert!(files.len() >= 25, "cases are missing: {} found", files.len());
    let mut problems = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a case is readable");
        let shown = path.display();
        match differences(&compiler, &text) {
            Err(problem) => problems.push(format!("{shown}: {problem}")),
            Ok(found) if update => {
                if !found.is_empty() {
                    std::fs::write(&path, refilled(&text, &found)).expect("a case is writable");
                }
            }
            Ok(found) => {
                let say = |one: &Difference| {
                    format!("{shown}: `{}` differs\n{}", one.tag, changes(&text[one.content.clone()], &one.actual))
                };
                problems.extend(found.iter().map(say));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n\nUPDATE_CASES=1 refills expectations", problems.join("\n"));
}

/// Files, sorted, so that reports come in one order.
fn case_files() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
            let path = entry.path();
            if path.ends_with("ide") {
                // What editors see has a runner of its own, `tests/ide.rs`.
            } else if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new("tests/cases"), &mut found);
    found.sort();
    found
}

/// Compiles a case and compares; a case that is not well formed is an error.
fn differences<'a>(compiler: &Compiler, text: &'a str) -> Result<Vec<Difference<'a>>, String> {
    let case = Case::read(text)?;
    let outcome = case.compile(compiler)?;
    let mut found = Vec::new();
    for (tag, content) in &case.expectations {
        let actual = outcome.section(tag);
        if case.text[content.clone()] != actual {
            found.push(Difference { tag, content: content.clone(), actual });
        }
    }
    Ok(found)
}

fn refilled(text: &str, differences: &[Difference]) -> String {
    let mut text = text.to_owned();
    for one in differences.iter().rev() {
        text.replace_range(one.content.clone(), &one.actual);
    }
    text
}

/// Lines that went and came, each with its sign.
fn changes(old: &str, new: &str) -> String {
    let gone = old.lines().filter(|line| !new.lines().any(|other| other == *line)).map(|line| format!("- {line}\n"));
    let come = new.lines().filter(|line| !old.lines().any(|other| other == *line)).map(|line| format!("+ {line}\n"));
    gone.chain(come).collect()
}

/// The fences of a Markdown text.
fn fences(text: &str) -> Result<Vec<Fence>, String> {
    let mut fences = Vec::new();
    let mut open: Option<Fence> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(tag) = line.strip_prefix("```") {
            match open.take() {
                Some(fence) => fences.push(Fence { content: fence.content.start..at, ..fence }),
                None => {
                    let start = at + line.len();
                    open = Some(Fence { tag: tag.trim().to_owned(), content: start..start });
                }
            }
        }
        at += line.len();
    }
    match open {
        Some(fence) => Err(format!("the fence `{}` is not closed", fence.tag)),
        None => Ok(fences),
    }
}

impl<'a> Case<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        if !text.starts_with("# ") {
            return Err("the first line is no title".into());
        }
        let mut case = Case { text, inputs: BTreeMap::new(), imports: Imports::default(), expectations: Vec::new() };
        for fence in fences(text)? {
            let tag = |known: &'static [&'static str]| known.iter().copied().find(|tag| *tag == fence.tag);
            if let Some(tag) = tag(INPUTS) {
                if case.inputs.insert(tag, &text[fence.content.clone()]).is_some() {
                    return Err(format!("there are two fences `{tag}`"));
                }
            } else if let Some(tag) = tag(EXPECTATIONS) {
                case.expectations.push((tag, fence.content));
            } else if let Some(name) = fence.tag.strip_prefix("vod ") {
                case.imports.0.insert(name.to_owned(), text[fence.content.clone()].to_owned());
            } else {
                return Err(format!("`{}` is no tag of a fence", fence.tag));
            }
        }
        let procedures = ["vod", "json", "preset"].iter().filter(|tag| case.inputs.contains_key(*tag)).count();
        match (procedures, case.expectations.is_empty()) {
            (1, false) => Ok(case),
            (1, true) => Err("nothing is expected".into()),
            _ => Err("one fence `vod`, `json` or `preset` is needed".into()),
        }
    }

    fn compile(&self, compiler: &Compiler) -> Result<Outcome, String> {
        let facts = self.inputs.get("facts").copied().unwrap_or(assumed::FACTS);
        let facts: SourceFacts = facts.parse().map_err(|error| format!("{error}"))?;
        let target = target(self.inputs.get("target").copied().unwrap_or_default())?;
        let Given { options, limits, machine } = Given::read(self.inputs.get("options").copied().unwrap_or_default())?;
        let json = self.inputs.get("json").map(|json| (OWN[1], json));
        let text = self.inputs.get("vod").map(|vod| (OWN[0], vod)).or(json);
        let checked = match (text, self.inputs.get("preset")) {
            (Some((name, text)), _) => compiler.check_file(name, text, Entry::Main, &self.imports),
            (None, preset) => compiler.check_call(preset.copied().unwrap_or_default().trim_end()),
        };
        let mut diagnostics = checked.diagnostics.clone();
        let mut compilation = None;
        if let Some(procedure) = &checked.procedure {
            let (made, found) = compile_on(compiler, procedure, &facts, (&target, &limits, &machine), &options)
                .map_err(|error| format!("a mistake in vodflow: {error}"))?;
            diagnostics.extend(found);
            compilation = made;
        }
        let formatted = self.inputs.get("vod").map_or_else(String::new, |vod| format(OWN[0], vod).formatted.text);
        Ok(Outcome { checked, diagnostics, facts, compilation, formatted })
    }
}

fn target(text: &str) -> Result<Target, String> {
    let mut target = Target::assumed();
    for line in text.lines() {
        if let Some(version) = line.strip_prefix("ffmpeg ") {
            target.version = version.to_owned();
            continue;
        }
        let name = line.strip_prefix("without ").ok_or_else(|| format!("`{line}` says nothing about a target"))?;
        let lists =
            [&mut target.encoders, &mut target.decoders, &mut target.muxers, &mut target.demuxers, &mut target.filters];
        if lists.into_iter().filter(|list| list.contains(name)).map(|list| list.remove(name)).count() == 0 {
            return Err(format!("the assumed target has no `{name}` anyway"));
        }
    }
    Ok(target)
}

/// How a case is compiled.
struct Given {
    options: OptimizerOptions,
    limits: Limits,
    machine: Machine,
}

impl Given {
    fn read(text: &str) -> Result<Given, String> {
        let (mut limits, mut machine) = (Limits::default(), Machine::assumed());
        let mut others = String::new();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("limit", limit)) => limits.set(limit).map_err(|problem| problem.message.to_string())?,
                Some(("cores", cores)) => machine.cores = cores.parse().map_err(|_| "cores are a number")?,
                _ => others.push_str(&format!("{line}\n")),
            }
        }
        Ok(Given { options: options(&others)?, limits, machine })
    }
}

fn options(text: &str) -> Result<OptimizerOptions, String> {
    let mut options = OptimizerOptions::default();
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("opt-level", level)) => {
                options.level = level.parse().ok().and_then(OptLevel::from_number).ok_or("the level is 0 to 3")?;
            }
            Some(("opt-limit", most)) => options.most = most.parse().map_err(|_| "the limit is a number")?,
            Some(("disable-rule", rule)) => {
                options.disabled.insert(rule.to_owned());
            }
            _ => return Err(format!("`{line}` is no option")),
        }
    }
    options.check(vodflow::driver::DECISIONS).map(|()| options).map_err(|problem| problem.message.to_string())
}

impl Outcome {
    fn section(&self, tag: &str) -> String {
        match tag {
            "diagnostics" => {
                self.diagnostics.iter().map(|problem| diagnostic_line(problem, &self.checked.sources, &OWN)).collect()
            }
            "hir" => self.checked.procedure.as_ref().map_or_else(String::new, explain::hir_text),
            "format" => self.formatted.clone(),
            _ => match &self.compilation {
                Some(compilation) => self.stage(tag, compilation),
                None => "nothing: the procedure has errors\n".to_owned(),
            },
        }
    }

    fn stage(&self, tag: &str, compilation: &Compilation) -> String {
        match tag {
            "plan" => text::print(&compilation.logical),
            "plan.optimised" => text::print(&compilation.optimised),
            "rewrites" => rewrites(compilation),
            "physical" => explain::physical(compilation),
            "commands" => explain::commands(compilation),
            "notes" => explain::notes(compilation),
            "estimate" => explain::estimate(&compilation.estimate),
            _ => {
                let name = self.checked.procedure.as_ref().map_or("", |procedure| procedure.name.as_str());
                explain::plan_tree(Shown { procedure: name, source: &self.facts, compilation, standing: None })
            }
        }
    }
}

/// What the rules did: how often each, then the lines that went and came.
fn rewrites(compilation: &Compilation) -> String {
    if compilation.applied.is_empty() {
        return "unchanged\n".to_owned();
    }
    let rules: String =
        compilation.applied.iter().map(|applied| format!("{} {}\n", applied.rule, applied.times)).collect();
    rules + &changes(&text::print(&compilation.logical), &text::print(&compilation.optimised))
}

#[test]
fn the_runner_catches_what_is_wrong() {
    let compiler = Compiler::new();
    let right = "# A cover\n\n```vod\nprocedure p { cover at 1s using 10 }\n```\n\n```hir\ncover at 1s using 10\n```\n\n```diagnostics\n```\n";
    let run = |text: &str| match differences(&compiler, text) {
        Ok(found) => found.iter().map(|one| one.tag.to_owned()).collect::<Vec<_>>().join(" "),
        Err(problem) => problem,
    };
    assert_eq!(run(right), "");
    let wrong = right.replace("cover at 1s using 10\n```\n\n```d", "cover at 2s using 10\n```\n\n```d");
    assert_eq!(run(&wrong), "hir");
    assert_eq!(refilled(&wrong, &differences(&compiler, &wrong).expect("a case")), right);
    assert_eq!(run(&right.replace("```diagnostics\n", "```diagnostics\nE0101 x - y\n")), "diagnostics");
    assert_eq!(run(&right.replace("```hir", "```hirr")), "`hirr` is no tag of a fence");
    assert_eq!(
        run(&right.replace("```vod", "```preset\n```\n```vod")),
        "one fence `vod`, `json` or `preset` is needed"
    );
    assert_eq!(run(&right.replace("# A", "A")), "the first line is no title");
    assert_eq!(run(&format!("{right}```facts\nvideo 0\n```\n")), "facts, line 1: `video` lacks a codec");
    assert_eq!(run(&format!("{right}```target\nwithout libx999\n```\n")), "the assumed target has no `libx999` anyway");
    assert_eq!(run(&format!("{right}```options\ndisable-rule shear\n```\n")), "there is no rule `shear`");
    assert_eq!(run(&format!("{right}```plan\n")), "the fence `plan` is not closed");
    assert_eq!(run("# No claim\n\n```vod\n```\n"), "nothing is expected");
}
