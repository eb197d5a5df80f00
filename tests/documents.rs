//! The documents tell the truth: every sample compiles, every dialogue is what the program says, every table is what the
//! sources say, every link leads somewhere.
//!
//! Fences: `vod` is a whole text, `vod body` the statements of a procedure, `preset` one call a line, `console` a
//! dialogue; `text`, `sh` and `lua` are not looked at, but dialogues may show what becomes of a script. `file=NAME` lays a text beside the others of its document, where imports
//! and dialogues find it; `error=E0203,W0307` names the codes that a text must raise, without it nothing may be raised.
//! `UPDATE_DOCS=1 cargo test --test documents` refills dialogues and tables and touches nothing else: read the diff.

#[path = "documents/events.rs"]
mod events;
#[path = "documents/links.rs"]
mod links;
#[path = "documents/rules.rs"]
mod rules;
#[path = "documents/samples.rs"]
mod samples;
#[cfg(feature = "cli")]
#[path = "documents/sessions.rs"]
mod sessions;
#[path = "documents/tables.rs"]
mod tables;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

/// A fence of a document.
struct Fence {
    /// The words behind its opening.
    words: Vec<String>,
    /// Where its content is.
    content: Range<usize>,
    /// The line of its opening, from 1.
    line: usize,
}

impl Fence {
    /// What it holds.
    fn kind(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The value of a word such as `file=NAME`.
    fn setting(&self, name: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }
}

/// A document: its path from the root of the repository, and its text.
struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// The README and what lies directly in `docs/`, but what is generated: `tests/diagnostics.rs` sees to that.
fn documents() -> Vec<Document> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir("docs")
        .expect("the folder is there")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md") && !path.ends_with("diagnostics.md"))
        .collect();
    paths.push("README.md".into());
    paths.sort();
    let read = |path: PathBuf| Document { text: std::fs::read_to_string(&path).expect("a document"), path };
    paths.into_iter().map(read).collect()
}

/// Whether dialogues and tables are refilled.
fn updates() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1")
}

/// The fences of a Markdown text that start at the beginning of a line.
fn fences(text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<Fence> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            match open.take() {
                Some(fence) => found.push(Fence { content: fence.content.start..at, ..fence }),
                None => {
                    let start = at + line.len();
                    let words = info.split_whitespace().map(str::to_owned).collect();
                    open = Some(Fence { words, content: start..start, line: number + 1 });
                }
            }
        }
        at += line.len();
    }
    assert!(open.is_none(), "a fence is not closed");
    found
}

#[test]
fn the_documents_are_there_and_their_fences_are_of_a_known_kind() {
    let documents = documents();
    let names: BTreeSet<String> = documents.iter().map(Document::name).collect();
    for name in ["README.md", "docs/README.md", "docs/language.md", "docs/tutorial.md"] {
        assert!(names.contains(name), "{name} is missing");
    }
    let known = ["vod", "preset", "console", "text", "sh", "json", "lua"];
    for document in &documents {
        for fence in fences(&document.text) {
            assert!(known.contains(&fence.kind()), "{}:{}: `{}`", document.name(), fence.line, fence.kind());
        }
    }
}
