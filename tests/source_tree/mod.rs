//! The files below `src/` as the hygiene tests see them: code without comments, strings and test parts.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One Rust file.
pub struct SourceFile {
    /// Relative to the package, parts separated by `/`: `src/media/mod.rs`.
    pub path: String,
    /// As it is on disk.
    pub text: String,
    /// Whether the whole file belongs to a `#[cfg(test)] mod name;`.
    pub is_test: bool,
}

impl SourceFile {
    /// The module's path: `src/media/mod.rs` is `[media]`, `src/media/timeline.rs` is `[media, timeline]`.
    pub fn module(&self) -> Vec<String> {
        module_path(&self.path)
    }

    /// What ships: comments, strings and `#[cfg(test)]` items blanked, lines kept.
    pub fn shipped(&self) -> String {
        if self.is_test { String::new() } else { without_tests(&code(&self.text)) }
    }
}

/// The folder of `Cargo.toml`.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder of the package, in order of path.
pub fn files(folder: &str) -> Vec<SourceFile> {
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.sort();
    let read = |path: &PathBuf| {
        let relative = path.strip_prefix(root()).expect("below the root").to_str().expect("a name in UTF-8");
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{relative}: {error}"));
        SourceFile { path: relative.replace('\\', "/"), text, is_test: false }
    };
    let mut files: Vec<SourceFile> = paths.iter().map(read).collect();
    let tests: BTreeSet<Vec<String>> = files.iter().flat_map(test_modules).collect();
    for file in &mut files {
        let module = file.module();
        file.is_test = (1..=module.len()).any(|length| tests.contains(&module[..length]));
    }
    files
}

/// Every file below a folder, hidden ones too.
pub fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

fn module_path(path: &str) -> Vec<String> {
    let inside = path.split_once('/').map_or(path, |(_, rest)| rest).trim_end_matches(".rs");
    let mut parts: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

/// Modules in files of their own that a file declares for tests only.
fn test_modules(file: &SourceFile) -> Vec<Vec<String>> {
    let code = code(&file.text);
    let declared = test_items(&code).into_iter().filter_map(|item| {
        let name = code[item.clone()].split_once("mod ")?.1.trim().strip_suffix(';')?.trim();
        if let Some((_, path)) = file.text[item].split_once("#[path = \"") {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            return Some(module_path(&format!("{folder}/{}", path.split('"').next()?)));
        }
        let mut module = file.module();
        module.push(name.to_owned());
        Some(module)
    });
    declared.collect()
}

/// The text with comments, strings and characters blanked; every line stays where it is.
pub fn code(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + literal_length(&text[at..], at.checked_sub(1).map(|before| bytes[before]));
        if end == at {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        out[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    String::from_utf8(out).expect("whole characters were blanked")
}

/// Length of the comment or literal that starts here, or 0.
fn literal_length(rest: &str, before: Option<u8>) -> usize {
    let to = |length: Option<usize>| length.unwrap_or(rest.len());
    let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if rest.starts_with("//") {
        return to(rest.find('\n'));
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if rest.starts_with('"') {
        return quoted_length(rest);
    }
    if !in_word {
        let raw = rest.strip_prefix("br").or(rest.strip_prefix("cr")).or(rest.strip_prefix('r'));
        if let Some(raw) = raw {
            let hashes = raw.len() - raw.trim_start_matches('#').len();
            if raw[hashes..].starts_with('"') {
                let start = rest.len() - raw.len() + hashes + 1;
                let close = format!("\"{}", "#".repeat(hashes));
                return to(rest[start..].find(&close).map(|found| start + found + close.len()));
            }
        }
    }
    match rest.strip_prefix('\'') {
        Some(escape) if escape.starts_with('\\') => {
            let skipped = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
            to(escape[skipped..].find('\'').map(|found| 1 + skipped + found + 1))
        }
        Some(one) => match one.chars().next() {
            Some(character) if one[character.len_utf8()..].starts_with('\'') => character.len_utf8() + 2,
            _ => 0,
        },
        None => 0,
    }
}

fn quoted_length(rest: &str) -> usize {
    let mut escaped = false;
    for (offset, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return offset + 1,
            _ => {}
        }
    }
    rest.len()
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let step = &rest.as_bytes()[at..];
        if step.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if step.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Blanks every `#[cfg(test)]` item of text that went through [`code`].
pub fn without_tests(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    for item in test_items(code) {
        out[item].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    String::from_utf8(out).expect("whole items were blanked")
}

/// Byte ranges of `#[cfg(test)]` items, attributes included.
pub fn test_items(code: &str) -> Vec<std::ops::Range<usize>> {
    let mut items: Vec<std::ops::Range<usize>> = Vec::new();
    for (start, _) in code.match_indices("#[cfg(test)]").chain(code.match_indices("#[cfg(all(test")) {
        items.push(start..start + item_length(&code[start..]));
    }
    items
}

/// Length of the item whose first attribute starts here: to its `;`, or to the end of its braces.
fn item_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_i32, 0);
    let bytes = rest.as_bytes();
    let start = skip_attributes(rest);
    let is_use = rest[start..].trim_start().trim_start_matches("pub ").starts_with("use ");
    while start + at < rest.len() {
        match bytes[start + at] {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth -= 1,
            b';' if depth == 0 => return start + at + 1,
            _ => {}
        }
        if depth < 0 {
            return start + at;
        }
        at += 1;
        if depth == 0 && bytes[start + at - 1] == b'}' && !is_use {
            return start + at;
        }
    }
    rest.len()
}

fn skip_attributes(rest: &str) -> usize {
    let mut at = 0;
    loop {
        let blank = rest[at..].len() - rest[at..].trim_start().len();
        if !rest[at + blank..].starts_with("#[") {
            return at;
        }
        let mut depth = 0;
        let end = rest[at + blank..].bytes().position(|byte| {
            depth += i32::from(byte == b'[') - i32::from(byte == b']');
            byte == b']' && depth == 0
        });
        at = end.map_or(rest.len(), |end| at + blank + end + 1);
    }
}
