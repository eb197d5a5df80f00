//! The table of translations against the sources: every pattern is in it, fits, and is used.

use crate::source_tree::{SourceFile, code, files};
use std::collections::{BTreeMap, BTreeSet};
use vodflow::diag::{chinese, codes, places};

#[test]
fn every_pattern_has_a_translation_and_every_translation_a_pattern() {
    let used = used_patterns();
    assert!(used.len() > codes::ALL.len(), "the scan finds messages");
    let translated: BTreeSet<&str> = chinese().map(|(pattern, _)| pattern).collect();
    let missing: Vec<&String> = used.iter().filter(|pattern| !translated.contains(pattern.as_str())).collect();
    assert!(missing.is_empty(), "src/diag/zh.txt lacks {missing:#?}");
    let unused: Vec<&&str> = translated.iter().filter(|pattern| !used.contains(**pattern)).collect();
    assert!(unused.is_empty(), "src/diag/zh.txt has what nobody says: {unused:#?}");
}

#[test]
fn translations_have_the_places_of_their_patterns() {
    let mut problems = Vec::new();
    let mut seen = BTreeMap::new();
    for (pattern, translation) in chinese() {
        if let Some(other) = seen.insert(pattern, translation) {
            problems.push(format!("`{pattern}` is translated twice: `{other}`, `{translation}`"));
        }
        let (wanted, mut given) = (places(pattern), places(translation));
        given.sort_unstable();
        if wanted != given {
            problems.push(format!("`{translation}` does not have the places of `{pattern}`"));
        }
        let ticks = |text: &str| text.matches('`').count();
        if ticks(pattern) != ticks(translation) {
            problems.push(format!("`{translation}` quotes other things than `{pattern}`"));
        }
        if translation.is_ascii() {
            problems.push(format!("`{translation}` is not Chinese"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_scan_reads_literals() {
    let text = "fn f() { say(message!(\"a \\\"{}\\\" \\\n    b\", x), message!(\n  \"c\")); } // message!(\"no\")\n#[cfg(test)] mod t { fn f() { message!(\"test\") } }";
    let file = SourceFile { path: "src/diag/made_up.rs".into(), text: text.into(), is_test: false };
    assert_eq!(patterns_of(&file), ["a \"{}\" b", "c"]);
}

/// What is said by `message!`, the summaries, and the titles of families.
fn used_patterns() -> BTreeSet<String> {
    let said = files("src").into_iter().flat_map(|file| patterns_of(&file));
    let families = codes::FAMILIES.iter().map(|(_, title)| (*title).to_owned());
    said.chain(families).chain(codes::ALL.iter().map(|code| code.summary.to_owned())).collect()
}

fn patterns_of(file: &SourceFile) -> Vec<String> {
    let shipped = file.shipped();
    debug_assert_eq!(code(&file.text).len(), file.text.len());
    let calls = shipped.match_indices("message!(").map(|(at, call)| &file.text[at + call.len()..]);
    calls.filter_map(|rest| literal(rest.trim_start())).collect()
}

/// The string literal that a text starts with, unescaped.
fn literal(text: &str) -> Option<String> {
    let mut signs = text.strip_prefix('"')?.chars().peekable();
    let mut content = String::new();
    loop {
        match signs.next()? {
            '"' => return Some(content),
            '\\' => match signs.next()? {
                '\n' => while signs.next_if(|sign| sign.is_whitespace()).is_some() {},
                'n' => content.push('\n'),
                sign => content.push(sign),
            },
            sign => content.push(sign),
        }
    }
}
