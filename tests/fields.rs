//! `docs/fields.md` names every field of the language, and none that the language does not have.

use std::collections::BTreeSet;
use vodflow::catalog::template::TemplateKind;
use vodflow::sema::{FieldInfo, fields};

const STATES: [&str; 3] = ["honoured", "within limits", "no word"];

/// A row of a table: the API's field, words of the language, the state and a remark.
struct Row<'a> {
    line: usize,
    api: &'a str,
    words: Vec<&'a str>,
    state: &'a str,
    remark: &'a str,
}

fn rows<'a>(text: &'a str, heading: &str) -> Vec<Row<'a>> {
    let inside = text.lines().enumerate().skip_while(|(_, line)| *line != format!("## {heading}")).skip(1);
    let lines = inside.take_while(|(_, line)| !line.starts_with("## ")).filter(|(_, line)| line.starts_with("| "));
    let row = |(at, line): (usize, &'a str)| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [api, words, state, remark] = cells.try_into().unwrap_or_else(|_| panic!("line {}: four cells", at + 1));
        let words = words.split('`').skip(1).step_by(2).collect();
        Row { line: at + 1, api, words, state, remark }
    };
    lines.map(row).filter(|row| row.api != "API").collect()
}

/// Names of fields with those of the blocks around them: `video.codec`.
fn paths(fields: &[FieldInfo], before: &str, found: &mut Vec<String>) {
    for field in fields {
        let path = format!("{before}{}", field.name);
        paths(&field.inner, &format!("{path}."), found);
        found.push(path);
    }
}

#[test]
fn every_field_of_the_language_has_its_row_and_its_state() {
    let text = std::fs::read_to_string("docs/fields.md").expect("the page is there");
    let kinds = [
        ("Transcode", TemplateKind::Transcode),
        ("Watermark", TemplateKind::Watermark),
        ("Snapshot", TemplateKind::Snapshot),
        ("Sample", TemplateKind::Sample),
        ("Sprite", TemplateKind::Sprite),
        ("Adaptive", TemplateKind::Adaptive),
        ("Animated", TemplateKind::Animated),
        ("Encryption", TemplateKind::Encryption),
    ];
    // Told once, above the tables.
    let head = BTreeSet::from(["id", "extends", "comment"]);
    for (heading, kind) in kinds {
        let rows = rows(&text, heading);
        assert!(!rows.is_empty(), "there is no table {heading}");
        for row in &rows {
            assert!(STATES.contains(&row.state), "line {}: `{}` is no state", row.line, row.state);
            assert_eq!(
                row.state == "no word",
                row.words.is_empty() && !row.remark.contains("option"),
                "line {}",
                row.line
            );
            assert!(row.state == "honoured" || !row.remark.is_empty(), "line {}: what is lacking?", row.line);
        }
        let named: BTreeSet<&str> = rows.iter().flat_map(|row| row.words.iter().copied()).collect();
        let mut known = Vec::new();
        paths(&fields(kind), "", &mut known);
        // The fields of a rung are those of a transcode template.
        let own =
            |name: &str| !head.contains(name) && !name.starts_with("rungs.video.") && !name.starts_with("rungs.audio.");
        let there: BTreeSet<&str> = known.iter().map(String::as_str).filter(|name| own(name)).collect();
        assert_eq!(named, there, "{heading}");
    }
}
