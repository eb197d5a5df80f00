//! Edits that diagnostics offer, applied: broken variants of the examples get better or stay, sound texts stay.

use proptest::prelude::*;
use std::sync::OnceLock;
use vodflow::diag::{Diagnostics, Looked, Mended, Severity, mend};
use vodflow::driver::{Compiler, Entry};
use vodflow::world::NoFiles;

fn compiler() -> &'static Compiler {
    static COMPILER: OnceLock<Compiler> = OnceLock::new();
    COMPILER.get_or_init(Compiler::new)
}

fn look(text: &str) -> Looked {
    let checked = compiler().check_file("a.vod", text, Entry::Nothing, &NoFiles);
    Looked { source: checked.sources.find("a.vod").map(|source| source.id), diagnostics: checked.diagnostics }
}

fn mended(text: &str) -> Mended {
    mend(text, look)
}

fn errors(diagnostics: &Diagnostics) -> usize {
    diagnostics.iter().filter(|one| one.severity() == Severity::Error).count()
}

fn examples() -> &'static [String] {
    static EXAMPLES: OnceLock<Vec<String>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let mut paths: Vec<_> =
            std::fs::read_dir("examples").expect("examples").flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let texts = paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "vod"));
        texts.map(|path| std::fs::read_to_string(path).expect("reads")).collect()
    })
}

#[test]
fn sound_texts_stay_as_they_are() {
    for text in examples() {
        assert!(look(text).diagnostics.is_empty(), "{text}");
        assert_eq!(mended(text), Mended { text: text.clone(), fixes: vec![] });
    }
}

#[test]
fn several_slips_are_mended_at_once() {
    let broken = "\u{feff}template transcode 高清 { contaner: mp4，video: { codec: h256, fps: 25 } }\r\n\
        procedure p（t: time = 3) {\r\n\ttrancode 高青, 10,\r\n\tcover at t using 10\r\n}\r\n";
    let right = "\u{feff}template transcode 高清 { container: mp4,video: { codec: h265, fps: 25 } }\r\n\
        procedure p(t: time = 3s) {\r\n\ttranscode 高清, 10\r\n\tcover at t using 10\r\n}\r\n";
    let mended = mended(broken);
    assert_eq!(mended.text, right);
    let mut names: Vec<&str> = mended.fixes.iter().map(|code| code.name).collect();
    names.sort_unstable();
    names.dedup();
    let expected =
        "full-width-punctuation missing-unit syntax unknown-field unknown-statement unknown-template unknown-word";
    assert_eq!(names.join(" "), expected);
}

/// One slip: something is taken out of an example, put into it, or written twice.
fn slip(text: &str, at: usize, kind: usize, piece: &str) -> String {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let at = places[at % places.len()];
    let (before, after) = text.split_at(at);
    let mut rest = after.chars();
    match kind {
        0 => {
            rest.next();
            format!("{before}{}", rest.as_str())
        }
        1 => format!("{before}{piece}{after}"),
        2 => format!("{before}{}{after}", rest.next().map(String::from).unwrap_or_default()),
        3 => text.replacen([',', ':', '('], piece, at % 7 + 1),
        _ => before.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_texts_never_get_worse(
        which in 0usize..100,
        slips in prop::collection::vec(
            (any::<usize>(), 0usize..5, prop::sample::select(vec!["，", "：", "（", "”", ",", "}", "1", " x", "\u{200b}", "…", "高"])),
            1..4,
        ),
    ) {
        let mut broken = examples()[which % examples().len()].clone();
        for (at, kind, piece) in &slips {
            broken = slip(&broken, *at, *kind, piece);
        }
        let before = look(&broken).diagnostics;
        let result = mended(&broken);
        let after = look(&result.text).diagnostics;
        prop_assert!(errors(&after) <= errors(&before), "{broken}\n---\n{}", result.text);
        prop_assert_eq!(result.fixes.is_empty(), result.text == broken);
        if before.is_empty() {
            prop_assert_eq!(&result.text, &broken);
        }
    }
}
