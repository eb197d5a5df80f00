//! The page of every code: it is there, its example raises exactly this code, what mends it raises nothing.
//!
//! Fences of a page: `vod`, `json` and `preset` are compiled, with `facts` and `target` as in `tests/cases.rs`; `vod NAME` is a
//! file that they may import; `console` is a session for people and is not run.

use crate::assumed::{FACTS, compile_assumed};
use crate::source_tree::files;
use std::collections::{BTreeMap, BTreeSet};
use vodflow::diag::{Code, Language, Message, Page, codes};
use vodflow::driver::{Checked, Compiler, Entry};
use vodflow::media::SourceFacts;
use vodflow::optimizer::OptimizerOptions;
use vodflow::plan::Disposition;
use vodflow::target::Target;
use vodflow::world::{ImportError, ImportedText, World};

/// Codes that no text can raise by itself: they come from files, machines and runs.
const OUTSIDE: &[&str] = &[
    "E0001", "E0002", "E0003", "E0007", "E0121", "E0122", "E0123", "W0124", "E0125", "W0126", "E0222", "E0223",
    "E0401", "E0416", "E0417", "E0418", "E0402", "E0403", "E0404", "E0405", "W0409", "E0410", "E0411", "E0506",
    "E0507", "E0508", "E0509", "E0510", "E0601", "E0603", "E0604", "E0605", "E0606", "E0607", "W0608", "W0609",
    "E0701", "E0702", "E0703", "E0704", "E0705", "E0706", "E0707", "W0708", "E0709", "W0710",
];

#[test]
fn every_code_is_used_and_has_a_page() {
    let sources: String =
        files("src").iter().filter(|file| file.path != "src/diag/codes.rs").map(|file| file.shipped()).collect();
    let registry = std::fs::read_to_string("src/diag/codes.rs").expect("the registry");
    let mut problems = Vec::new();
    for code in codes::ALL {
        let line = registry.lines().find(|line| line.contains(&format!("\"{}\"", code.id))).unwrap_or_default();
        let constant = line.split_whitespace().next().unwrap_or_default();
        let used = sources
            .split(&format!("codes::{constant}"))
            .skip(1)
            .any(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'));
        if !used {
            problems.push(format!("{} {} is used nowhere", code.id, code.name));
        }
        match Page::read(code) {
            None => problems.push(format!("the page of {} lacks its title or a section", code.id)),
            Some(page) if page.related_codes().contains(&None) => {
                problems.push(format!("{}: `Related` names what is no code: {}", code.id, page.related));
            }
            Some(page) if page.related_codes().contains(&Some(code)) => {
                problems.push(format!("{} is related to itself", code.id));
            }
            Some(_) => {}
        }
    }
    let named: BTreeSet<String> = std::fs::read_dir("src/diag/pages")
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let wanted: BTreeSet<String> = codes::ALL.iter().map(|code| format!("{}.md", code.id)).collect();
    let stray: Vec<_> = named.difference(&wanted).collect();
    assert!(problems.is_empty() && stray.is_empty(), "{problems:#?}\nwithout a code: {stray:?}");
}

#[test]
fn every_example_raises_its_code_and_every_remedy_nothing() {
    let compiler = Compiler::new();
    let mut problems = Vec::new();
    for code in codes::ALL {
        let page = Page::read(code).expect("another test says what is wrong");
        let example = Fences::read(page.example);
        match raised(&compiler, &example) {
            None if OUTSIDE.contains(&code.id) && example.has("console") => {}
            None => problems.push(format!("{}: the example is neither `vod` nor `preset`", code.id)),
            Some(found) if found != BTreeSet::from([code.id]) => {
                problems.push(format!("{}: the example raises {found:?}", code.id));
            }
            Some(_) if OUTSIDE.contains(&code.id) => problems.push(format!("{} can be raised by a text", code.id)),
            Some(_) => {}
        }
        let remedy = Fences::read(page.remedy);
        match raised(&compiler, &remedy) {
            None if remedy.has("console") => {}
            None => problems.push(format!("{}: nothing shows how to mend it", code.id)),
            Some(found) if !found.is_empty() => problems.push(format!("{}: the remedy raises {found:?}", code.id)),
            Some(_) => {}
        }
        problems.extend(example.unknown().chain(remedy.unknown()).map(|tag| format!("{}: fence `{tag}`", code.id)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_help_of_the_registry_finds_codes() {
    let id = |asked: &str| codes::find(asked).map(|code| code.id);
    assert_eq!(id("e0203"), Some("E0203"));
    assert_eq!(id("unknown-template"), Some("E0203"));
    assert_eq!(id("E9999"), None);
    for code in codes::ALL {
        assert!(codes::FAMILIES.iter().any(|(digits, _)| *digits == code.family()), "{}", code.id);
        assert!(code.summary.ends_with('.'), "{}", code.id);
    }
}

#[test]
fn pages_that_are_not_whole_are_caught() {
    let code = |page: &'static str| Code { page, name: "x", ..*codes::ALL[0] };
    let whole = "# E0001 x\n\n## What it means\n\na\n\n## Example\n\nb\n\n## How to fix\n\nc\n\n## Related\n\n- E0002 file-too-large\n";
    let page = Page::read(&code(whole)).expect("a page");
    assert_eq!((page.meaning, page.example, page.remedy, page.related), ("a", "b", "c", "- E0002 file-too-large"));
    for broken in [
        "# E0002 x\n",
        "# E0001 x\n\n## Example\n\nb\n",
        "# E0001 x\n\n## What it means\n\n\n\n## Example\n\nb\n\n## How to fix\n\nc\n\n## Related\n\nd\n",
    ] {
        assert_eq!(Page::read(&code(broken)), None, "{broken}");
    }
}

/// The fences of a section: tag, and content.
struct Fences<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fences<'a> {
    fn read(markdown: &'a str) -> Self {
        let parts: Vec<&str> = markdown.split("```").collect();
        assert!(parts.len() % 2 == 1, "a fence is not closed in\n{markdown}");
        let inside = parts.iter().skip(1).step_by(2);
        Fences(inside.map(|part| part.split_once('\n').expect("a tag on a line of its own")).collect())
    }

    fn get(&self, tag: &str) -> Option<&'a str> {
        self.0.iter().find(|(other, _)| *other == tag).map(|(_, content)| *content)
    }

    fn has(&self, tag: &str) -> bool {
        self.get(tag).is_some()
    }

    fn unknown(&self) -> impl Iterator<Item = &'a str> {
        let known = |tag: &str| ["vod", "preset", "json", "facts", "target", "console"].contains(&tag);
        self.0.iter().map(|(tag, _)| *tag).filter(move |tag| !known(tag) && !tag.starts_with("vod "))
    }
}

/// The example itself is `page.vod`; others are fences with a name.
struct PageFiles<'a>(BTreeMap<&'a str, &'a str>);

impl World for PageFiles<'_> {
    fn read_import(&self, _from: &str, path: &str) -> Result<ImportedText, ImportError> {
        let text = self.0.get(path).ok_or(ImportError::NotFound)?;
        Ok(ImportedText { name: path.to_owned(), text: (*text).to_owned() })
    }
}

/// Words outside backticks that are the same in Chinese.
const SAME_IN_CHINESE: &[&str] = &["JSON", "Lua", "SVG"];

#[test]
fn what_the_parser_and_the_checker_say_of_examples_is_chinese_to_the_last_word() {
    let compiler = Compiler::new();
    let (mut problems, mut said) = (Vec::new(), 0);
    for code in codes::ALL.iter().filter(|code| ("00"..="03").contains(&code.family())) {
        let page = Page::read(code).expect("another test says what is wrong");
        let Some(checked) = check(&compiler, &Fences::read(page.example)) else { continue };
        for problem in checked.diagnostics.iter() {
            let labels = problem.primary.iter().chain(&problem.secondary).map(|label| &label.message);
            let messages = [&problem.message].into_iter().chain(&problem.help).chain(labels);
            for message in messages.filter(|message| !message.is_empty()) {
                said += 1;
                problems.extend(english_in(message).map(|what| format!("{}: {what}", code.id)));
            }
        }
    }
    assert!(said > codes::ALL.len() / 2, "the examples are checked: {said}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn english_in_a_chinese_message_is_found() {
    let found = |message: &str| english_in(&Message::from(message)).is_some();
    assert!(found("permission denied") && found("应为 a value，实际是 `x`"));
    assert!(!found("应为 `a value`，允许 10kbps 到 `y`") && !found("请像 Lua 那样写"));
}

/// What of a message is still English in Chinese, outside backticks; quantities such as `10kbps` are no words.
fn english_in(message: &Message) -> Option<String> {
    let text = message.text(Language::Chinese);
    // Names in a circle stand there without backticks.
    let said = if text.contains('→') { text.split('：').next().unwrap_or_default() } else { &text };
    let open: String = said.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let mut words = open.split(|sign: char| !sign.is_ascii_alphanumeric());
    let is_word = |word: &&str| word.starts_with(|sign: char| sign.is_ascii_alphabetic());
    let strange = words.find(|word| is_word(word) && word.len() > 1 && !SAME_IN_CHINESE.contains(word))?;
    Some(format!("`{strange}` in `{text}`"))
}

#[test]
fn codes_that_offer_edits_are_those_whose_examples_get_one() {
    let compiler = Compiler::new();
    for code in codes::ALL.iter().filter(|code| !OUTSIDE.contains(&code.id)) {
        let page = Page::read(code).expect("another test says what is wrong");
        let checked = check(&compiler, &Fences::read(page.example)).expect("a text");
        let offered = checked.diagnostics.iter().any(|problem| problem.fix.is_some());
        assert_eq!(offered, code.has_fix, "{}: the registry and the example differ", code.id);
    }
}

/// Checks the text or call of a section; `None` when it has neither.
fn check(compiler: &Compiler, fences: &Fences) -> Option<Checked> {
    if let Some(text) = fences.get("json") {
        return Some(compiler.check_file("page.json", text, Entry::Main, &PageFiles(BTreeMap::new())));
    }
    Some(match (fences.get("vod"), fences.get("preset")) {
        (Some(text), _) => {
            let named = fences.0.iter().filter_map(|(tag, content)| Some((tag.strip_prefix("vod ")?, *content)));
            let world = PageFiles(named.chain([("page.vod", text)]).collect());
            compiler.check_file("page.vod", text, Entry::Main, &world)
        }
        (None, Some(call)) => compiler.check_call(call.trim_end()),
        (None, None) => return None,
    })
}

/// What the diagnostics say of it, or, where nothing is said, why outputs fail; `None` when there is nothing to compile.
fn raised(compiler: &Compiler, fences: &Fences) -> Option<BTreeSet<&'static str>> {
    let checked = check(compiler, fences)?;
    let mut found: BTreeSet<&'static str> = checked.diagnostics.iter().map(|problem| problem.code.id).collect();
    let facts: SourceFacts = fences.get("facts").unwrap_or(FACTS).parse().expect("facts");
    let mut target = Target::assumed();
    for line in fences.get("target").unwrap_or_default().lines() {
        let name = line.strip_prefix("without ").expect("`without NAME`");
        assert!(target.encoders.remove(name) || target.filters.remove(name), "{name}");
    }
    if let Some(procedure) = checked.procedure.filter(|_| !checked.diagnostics.has_errors()) {
        let options = OptimizerOptions::default();
        let (compilation, late) = compile_assumed(compiler, &procedure, &facts, &target, &options).expect("compiles");
        found.extend(late.iter().map(|problem| problem.code.id));
        let failing =
            compilation.iter().flat_map(|compilation| &compilation.outputs).filter_map(|output| {
                match &output.disposition {
                    Disposition::Fail(code, _) => codes::find(code).map(|code| code.id),
                    _ => None,
                }
            });
        if found.is_empty() {
            found.extend(failing);
        }
    }
    Some(found)
}
