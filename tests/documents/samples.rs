//! Samples of the language: each compiles, or raises exactly what its fence says.

use super::{Document, Fence, documents, fences};
use std::collections::{BTreeMap, BTreeSet};
use vodflow::diag::Diagnostics;
use vodflow::driver::{Compiler, Entry};
use vodflow::world::{ImportError, ImportedText, World};

/// What statements on their own may name.
const PRELUDE: &str = r#"
template transcode hd { extends: 100030 }
template watermark logo { image: "logo.png" }
template watermark caption { text: { font: "NotoSans.ttf", size: 5% } }
template watermark badge { svg: { } }
template encryption vault { method: aes_128, key_url: "https://keys.example.com/key" }
"#;

/// The files of a document, by name.
struct Files(BTreeMap<String, String>);

impl World for Files {
    fn read_import(&self, _: &str, path: &str) -> Result<ImportedText, ImportError> {
        let text = self.0.get(path).ok_or(ImportError::NotFound)?;
        Ok(ImportedText { name: path.to_owned(), text: text.clone() })
    }
}

#[test]
fn every_sample_compiles_or_raises_what_it_says() {
    let compiler = Compiler::new();
    let mut problems = Vec::new();
    let mut seen = 0;
    for document in documents() {
        let files = files_of(&document);
        for fence in fences(&document.text) {
            let text = &document.text[fence.content.clone()];
            for (raised, said) in raised(&compiler, &fence, text, &files) {
                seen += 1;
                let wanted = wanted(&fence);
                if raised != wanted {
                    problems.push(format!("{}:{}: {wanted:?} wanted\n{said}", document.name(), fence.line));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(seen >= 35, "{seen} samples are few");
}

fn files_of(document: &Document) -> Files {
    let named = fences(&document.text)
        .into_iter()
        .filter_map(|fence| Some((fence.setting("file")?.to_owned(), document.text[fence.content.clone()].to_owned())));
    Files(named.collect())
}

fn wanted(fence: &Fence) -> BTreeSet<String> {
    fence.setting("error").map(|codes| codes.split(',').map(str::to_owned).collect()).unwrap_or_default()
}

/// The codes that each text of a fence raises, and all that is said, for people.
fn raised(compiler: &Compiler, fence: &Fence, text: &str, files: &Files) -> Vec<(BTreeSet<String>, String)> {
    let whole = |text: &str| codes(&compiler.check_file("sample.vod", text, Entry::Nothing, files).diagnostics);
    match fence.kind() {
        "vod" if fence.has("body") => vec![whole(&format!("procedure shown {{\n{text}}}\n{PRELUDE}"))],
        "vod" => vec![whole(text)],
        "preset" => text.lines().map(|call| codes(&compiler.check_call(call).diagnostics)).collect(),
        _ => Vec::new(),
    }
}

fn codes(diagnostics: &Diagnostics) -> (BTreeSet<String>, String) {
    let raised = diagnostics.iter().map(|problem| problem.code.id.to_owned()).collect();
    (raised, diagnostics.iter().map(|problem| format!("  {} {}\n", problem.code.id, problem.message)).collect())
}

#[test]
fn a_sample_that_raises_something_else_is_found() {
    let compiler = Compiler::new();
    let files = Files(BTreeMap::from([("a.vod".to_owned(), "template transcode t { extends: 220 }".to_owned())]));
    let check = |text: &str| {
        let fence = &fences(text)[0];
        let raised = raised(&compiler, fence, &text[fence.content.clone()], &files);
        raised.iter().all(|(raised, _)| *raised == wanted(fence))
    };
    assert!(check("```vod body\ntranscode hd with logo\n```\n"));
    assert!(check("```vod\nimport \"a.vod\"\nprocedure p { transcode t }\n```\n"));
    assert!(check("```vod body error=E0203\ntranscode 2200\n```\n"));
    assert!(!check("```vod body error=E0203\ntranscode 220\n```\n"));
    assert!(!check("```vod body\ntranscode 2200\n```\n"));
    assert!(!check("```preset\nQCVB_SimpleProcessFile(1)\nQCVB_Simple()\n```\n"));
}
