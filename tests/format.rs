//! The formatter: it settles at once, keeps every word and comment, changes no meaning, and leaves mistakes alone.

use std::fmt::Write;
use vodflow::syntax::{Formatted, Outcome, format};
use vodflow::text::SourceMap;

const EXAMPLES: &[(&str, &str)] = &[
    ("publish", include_str!("../examples/publish.vod")),
    ("lecture", include_str!("../examples/lecture.vod")),
    ("community", include_str!("../examples/community.vod")),
    ("ladder", include_str!("../examples/ladder.vod")),
];

fn formatted(text: &str) -> Formatted {
    format(&SourceMap::default().add("t.vod", text))
}

/// What is not blank, no `;` and no comma, sorted: the formatter may move a clause.
fn signs(text: &str) -> Vec<char> {
    let mut signs: Vec<char> =
        text.chars().filter(|sign| !matches!(sign, ' ' | '\t' | '\n' | '\r' | ';' | ',' | '\u{feff}')).collect();
    signs.sort_unstable();
    signs
}

/// Formats a text, and holds it to what every text is promised.
fn holds(text: &str) -> String {
    let once = formatted(text);
    assert_ne!(once.outcome, Outcome::Refused, "the layout lost something of\n{text}");
    assert_eq!(once.changed, once.text != text.trim_start_matches('\u{feff}'), "{text}");
    assert_eq!(signs(&once.text), signs(text), "signs were lost or added\n{text}\n────\n{}", once.text);
    let twice = formatted(&once.text);
    assert_eq!(twice.text, once.text, "it does not settle\n{text}");
    once.text
}

#[test]
fn every_prefix_of_the_examples_settles() {
    for (_, text) in EXAMPLES {
        for (at, _) in text.char_indices() {
            holds(&text[..at]);
        }
    }
}

#[test]
fn every_deletion_settles() {
    for (_, text) in EXAMPLES {
        for (at, sign) in text.char_indices() {
            holds(&format!("{}{}", &text[..at], &text[at + sign.len_utf8()..]));
        }
    }
}

#[test]
fn shows() {
    let mut all = String::new();
    for (_, text) in EXAMPLES {
        let _ = write!(all, "{}\n=========\n", holds(text));
    }
    println!("{all}");
}
