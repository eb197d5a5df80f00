//! Which module may name which: one table, checked against every file below `src/`.

mod source_tree;

use source_tree::SourceFile;
use std::collections::BTreeSet;

/// A top-level module, whether it belongs to the pure core, and the modules it may name.
struct Row {
    module: &'static str,
    kind: Kind,
    may_name: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No files, processes, clock, environment, randomness or hash order.
    Pure,
    /// Touches the outside.
    Outside,
}

const fn pure(module: &'static str, may_name: &'static [&'static str]) -> Row {
    Row { module, kind: Kind::Pure, may_name }
}

const fn outside(module: &'static str, may_name: &'static [&'static str]) -> Row {
    Row { module, kind: Kind::Outside, may_name }
}

/// The modules in reading order. A module may name those in its row, which must stand above it.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    pure("text", &[]),
    pure("units", &[]),
    pure("diag", &["text"]),
    pure("world", &[]),
    pure("media", &["units"]),
    pure("limits", &["diag"]),
    pure("expression", &["units", "media"]),
    pure("syntax", &["text", "units", "diag", "world", "expression"]),
    pure("catalog", &["text", "units", "diag", "syntax"]),
    pure("target", &["catalog"]),
    pure("hir", &["text", "units", "expression", "catalog"]),
    pure("sema", &["text", "units", "diag", "expression", "syntax", "catalog", "hir"]),
    pure("convert", &["text", "units", "diag", "expression", "syntax", "catalog", "hir"]),
    pure("plan", &["text", "units", "media", "catalog", "target"]),
    pure("lower", &["text", "units", "diag", "media", "limits", "expression", "catalog", "target", "hir", "plan"]),
    pure("optimizer", &["diag", "plan"]),
    pure("physical", &["units", "media", "limits", "catalog", "plan"]),
    pure("cost", &["units", "media", "catalog", "target", "plan", "physical"]),
    pure("planner", &["units", "media", "limits", "catalog", "target", "plan", "physical", "cost"]),
    pure("ffmpeg", &["units", "catalog", "target", "plan", "physical"]),
    pure("driver", &[
        "text", "units", "diag", "world", "media", "limits", "expression", "syntax", "catalog", "target", "hir", "sema",
        "convert", "plan", "lower", "optimizer", "physical", "cost", "planner", "ffmpeg",
    ]),
    pure("explain", &["text", "units", "diag", "media", "limits", "catalog", "hir", "plan", "optimizer", "physical", "cost", "ffmpeg", "driver"]),
    // What an editor asks; it reads the front half of the compiler only.
    pure("ide", &["text", "units", "diag", "world", "syntax", "catalog", "sema", "driver"]),
    outside("fault", &[]),
    outside("process", &[]),
    outside("probe", &["units", "diag", "media", "limits", "target", "process"]),
    outside("calibration", &["diag", "catalog", "cost", "process", "probe"]),
    outside("store", &["diag", "media", "plan", "physical", "fault", "probe"]),
    outside("exec", &[
        "units", "diag", "media", "limits", "catalog", "plan", "physical", "cost", "ffmpeg", "fault", "process", "probe",
        "store",
    ]),
    outside("http", &[]),
    outside("notify", &["process", "store", "http"]),
    outside("fetch", &["diag", "limits", "units", "fault", "probe", "http"]),
    outside("lua", &["world"]),
    outside("lsp", &["diag", "world", "driver", "ide"]),
    // The command line asks the driver; it knows no stage by itself.
    outside("cli", &[
        "text", "units", "diag", "world", "media", "limits", "catalog", "target", "hir", "plan", "optimizer", "physical",
        "cost", "ffmpeg", "explain", "driver", "process", "probe", "calibration", "store", "exec", "http", "notify", "fetch", "lua", "lsp",
    ]),
    outside("main", &["cli"]),
];

/// What the pure core may not name. `thread` is here because its results come in any order.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::process",
    "std::env",
    "std::net",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::collections::hash_map",
    "std::collections::hash_set",
    "std::hash::RandomState",
    "tokio",
    "rand",
    "getrandom",
    "tempfile",
    "rustix",
];

#[test]
fn every_module_names_only_what_its_row_allows() {
    let problems: Vec<String> = shipped_files().iter().flat_map(|(file, code)| layering_problems(file, code)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let problems: Vec<String> = shipped_files().iter().flat_map(|(file, code)| purity_problems(file, code)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn rows_name_only_modules_above_them() {
    for (index, row) in TABLE.iter().enumerate() {
        for name in row.may_name {
            let above = TABLE[..index].iter().any(|other| other.module == *name);
            assert!(above, "`{}` may name `{name}`, which does not stand above it", row.module);
        }
    }
    assert!(TABLE.iter().skip_while(|row| row.kind == Kind::Pure).all(|row| row.kind == Kind::Outside));
}

/// The scan sees the edges that are certainly there; without this, a blind scan would pass everything.
#[test]
fn real_edges_are_seen() {
    let seen: BTreeSet<(String, String)> = shipped_files()
        .iter()
        .flat_map(|(file, code)| {
            let module = file.module();
            named_modules(&module, code).into_iter().map(move |name| (module[0].clone(), name)).collect::<Vec<_>>()
        })
        .collect();
    for (from, to) in [("media", "units"), ("diag", "text"), ("physical", "plan"), ("target", "catalog")] {
        assert!(seen.contains(&(from.to_owned(), to.to_owned())), "`{from}` names `{to}`, and the scan missed it");
    }
}

#[test]
fn made_up_offences_are_caught() {
    let layering = |path: &str, text: &str| {
        let (file, code) = made_up(path, text);
        layering_problems(&file, &code).len()
    };
    // Upwards, sideways, and to what is no module.
    assert_eq!(layering("src/units/mod.rs", "use crate::plan::Op;"), 1);
    assert_eq!(layering("src/sema/value.rs", "fn f() { crate::lower::lower() }"), 1);
    assert_eq!(layering("src/units/size.rs", "use super::super::diag::Code;"), 1);
    assert_eq!(layering("src/units/size.rs", "mod inner { use super::super::super::diag::Code; }"), 1);
    assert_eq!(layering("src/units/mod.rs", "use crate::{diag::{Code, codes}, exec};"), 2);
    assert_eq!(layering("src/units/mod.rs", "use super::{diag, text::Span};"), 2);
    assert_eq!(layering("src/main.rs", "fn main() { vodflow::exec::run() }"), 1);
    assert_eq!(layering("src/units/mod.rs", "use crate as everything;"), 1);
    assert_eq!(layering("src/units/mod.rs", "use crate::*;"), 1);
    assert_eq!(layering("src/novelty.rs", "//! Not in the table."), 1);
    // What is fine: rows, the module itself, comments, strings, tests, visibility.
    assert_eq!(layering("src/media/mod.rs", "use crate::units::{Bitrate, Rational}; pub(crate) fn f() {}"), 0);
    assert_eq!(layering("src/media/timeline.rs", "use super::Facts; use crate::media::Rotation;"), 0);
    assert_eq!(layering("src/units/mod.rs", "// crate::plan\nconst A: &str = \"crate::plan\"; /* crate::exec */"), 0);
    assert_eq!(layering("src/units/mod.rs", "#[cfg(test)]\nmod tests { use crate::plan::Op; }\nfn f() {}"), 0);
    assert_eq!(layering("src/units/mod.rs", "#[cfg(test)]\nmod tests { }\nuse crate::plan::Op;"), 1);

    let purity = |path: &str, text: &str| {
        let (file, code) = made_up(path, text);
        purity_problems(&file, &code).len()
    };
    for text in [
        "use std::fs;",
        "use std::{fmt, fs::File};",
        "fn f() { ::std::process::exit(1) }",
        "fn f() { let now = std::time::Instant::now(); }",
        "use std::time;",
        "use std::collections::{BTreeMap, HashMap};",
        "use std::collections::*;",
        "use tokio::sync::mpsc;",
        "fn f() { getrandom::fill(&mut []) }",
        "impl<'a> A<'a> { fn f(c: char) -> bool { c == '\"' || std::env::args().len() > 1 } }",
    ] {
        assert_eq!(purity("src/sema/mod.rs", text), 1, "{text}");
        assert_eq!(purity("src/exec/mod.rs", text), 0, "{text}");
    }
    let fine = "use std::collections::{BTreeMap, btree_map}; use std::time::Duration; use std::fmt; // std::fs";
    assert_eq!(purity("src/sema/mod.rs", fine), 0);
    assert_eq!(purity("src/sema/mod.rs", "fn f(rand: u8, fs: u8) -> u8 { rand + fs }"), 0);
    assert_eq!(purity("src/sema/mod.rs", "#[cfg(test)] mod tests { use std::fs; }"), 0);
}

fn made_up(path: &str, text: &str) -> (SourceFile, String) {
    let file = SourceFile { path: path.to_owned(), text: text.to_owned(), is_test: false };
    let code = file.shipped();
    (file, code)
}

/// Every file that belongs to a module, with the code that ships. `lib.rs` only lists the modules.
fn shipped_files() -> Vec<(SourceFile, String)> {
    let files = source_tree::files("src").into_iter().filter(|file| file.path != "src/lib.rs");
    let with_code = |file: SourceFile| {
        let code = file.shipped();
        (file, code)
    };
    files.map(with_code).collect()
}

fn row(module: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.module == module)
}

fn layering_problems(file: &SourceFile, code: &str) -> Vec<String> {
    let module = file.module();
    let Some(row) = row(&module[0]) else {
        return vec![format!("{}: the module `{}` is missing from the table", file.path, module[0])];
    };
    let strange = |name: &String| *name != row.module && !row.may_name.contains(&name.as_str());
    let named = named_modules(&module, code).into_iter().filter(strange);
    named.map(|name| format!("{}: `{}` may not name `{name}`", file.path, row.module)).collect()
}

fn purity_problems(file: &SourceFile, code: &str) -> Vec<String> {
    if row(&file.module()[0]).is_none_or(|row| row.kind == Kind::Outside) {
        return Vec::new();
    }
    let named: BTreeSet<String> = paths(code).into_iter().map(|(_, path)| path.join("::")).collect();
    let impure = named.into_iter().filter(|path| IMPURE.iter().any(|bad| names(path, bad)));
    impure.map(|path| format!("{}: the core names `{path}`", file.path)).collect()
}

/// Whether a path names a forbidden thing, something in it, or (by `*` or as a module) a thing that holds it.
fn names(path: &str, bad: &str) -> bool {
    let below = |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}::"));
    below(path, bad) || below(bad, path.trim_end_matches("::*"))
}

/// Top-level modules that the code of a module names; `*` stands for all of them.
fn named_modules(module: &[String], code: &str) -> BTreeSet<String> {
    let is_binary = module[0] == "main";
    let mut named = BTreeSet::new();
    for (inner, path) in paths(code) {
        let mut place = match path[0].as_str() {
            "crate" => Vec::new(),
            "vodflow" if is_binary => Vec::new(),
            "super" | "self" => module.iter().cloned().chain(inner).collect(),
            _ => continue,
        };
        let ups = path.iter().filter(|part| *part == "super").count();
        place.truncate(place.len().saturating_sub(ups));
        let mut rest = path.iter().filter(|part| !matches!(part.as_str(), "super" | "self" | "crate" | "vodflow"));
        if place.is_empty() {
            named.insert(rest.next().map_or("*", String::as_str).to_owned());
        }
    }
    named
}

/// Every path with `::` and every imported name, groups expanded, with the inline modules around it.
fn paths(code: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut inline: Vec<Option<String>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at] {
            "{" => {
                let is_module = at >= 2 && tokens[at - 2] == "mod";
                inline.push(is_module.then(|| tokens[at - 1].to_owned()));
            }
            "}" => drop(inline.pop()),
            "use" => {
                let around: Vec<String> = inline.iter().flatten().cloned().collect();
                let mut imported = Vec::new();
                at = tree(&tokens, at + 1, &[], &mut imported);
                found.extend(imported.into_iter().map(|path| (around.clone(), path)));
                continue;
            }
            token if is_word(token) && tokens.get(at + 1) == Some(&"::") => {
                let around: Vec<String> = inline.iter().flatten().cloned().collect();
                let mut path = vec![token.to_owned()];
                while tokens.get(at + 1) == Some(&"::") && tokens.get(at + 2).is_some_and(|token| is_word(token)) {
                    path.push(tokens[at + 2].to_owned());
                    at += 2;
                }
                found.push((around, path));
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads one use tree and returns the index behind it.
fn tree(tokens: &[&str], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        match *token {
            "::" => {}
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| *token != "}") {
                    at = tree(tokens, at, &path, found);
                    at += usize::from(tokens.get(at) == Some(&","));
                }
                return at + 1;
            }
            "as" => {
                found.push(path);
                return at + 2;
            }
            "*" => path.push("*".to_owned()),
            word if is_word(word) => path.push(word.to_owned()),
            _ => break,
        }
        at += 1;
    }
    // A path that nothing was read for is a mistake of this scan or of the text; move on in any case.
    if path.len() > prefix.len() {
        found.push(path);
        at
    } else {
        at + 1
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Words, `::` and single signs.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() || first == '_' {
            rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}
