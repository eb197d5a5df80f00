//! Tables of the documents that the sources know better: fields, options, facts, types. They stand between
//! `<!-- table: NAME -->` and `<!-- end -->`.

use super::{documents, updates};
use std::collections::BTreeSet;
use std::fmt::Write;
use vodflow::catalog::template::TemplateKind;
use vodflow::expression::SourceFact;
use vodflow::sema::{FieldInfo, OPTIONS, Presence, fields};

#[test]
fn every_table_is_what_the_sources_say() {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for document in documents() {
        let (text, names) = refilled(&document.text);
        seen.extend(names);
        if text == document.text {
            continue;
        }
        if updates() {
            std::fs::write(&document.path, &text).expect("a document is writable");
        } else {
            problems.push(document.name());
        }
    }
    assert!(problems.is_empty(), "tables of {problems:?} are out of date: UPDATE_DOCS=1 refills them");
    let kinds = TemplateKind::WORDS.iter().copied();
    for name in kinds.chain(["every kind", "options", "facts", "refused"]) {
        assert!(seen.contains(name), "no document has the table `{name}`");
    }
}

/// The text with its tables made anew, and their names.
fn refilled(text: &str) -> (String, Vec<String>) {
    const START: &str = "<!-- table: ";
    const END: &str = "<!-- end -->";
    let (mut out, mut names, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, after)) = rest.split_once(START) {
        let (name, behind) = after.split_once(" -->").expect("a table has a name");
        let (_, next) = behind.split_once(END).unwrap_or_else(|| panic!("the table `{name}` has no end"));
        let _ = write!(out, "{before}{START}{name} -->\n{}{END}", table(name));
        names.push(name.to_owned());
        rest = next;
    }
    out.push_str(rest);
    (out, names)
}

fn table(name: &str) -> String {
    match name {
        "facts" => facts(),
        "options" => options(),
        "refused" => refused_fields(),
        "every kind" => {
            let shared = fields(TemplateKind::Transcode);
            field_table(shared.into_iter().take(HEAD_FIELDS).collect())
        }
        kind => match TemplateKind::from_word(kind) {
            Some(kind) => field_table(fields(kind).into_iter().skip(HEAD_FIELDS).collect()),
            None => panic!("there is no table `{kind}`"),
        },
    }
}

/// `id`, `extends`, `comment` come first in every kind.
const HEAD_FIELDS: usize = 3;

fn facts() -> String {
    let mut text = "| fact | type | what |\n|---|---|---|\n".to_owned();
    for fact in SourceFact::ALL {
        let _ = writeln!(text, "| `{}` | {} | {} |", fact.word(), fact.scalar().word(), cell(fact.meaning()));
    }
    text
}

fn options() -> String {
    let mut text = "| option | takes | what |\n|---|---|---|\n".to_owned();
    for option in OPTIONS {
        let _ = writeln!(text, "| `{}` | {} | {} |", option.name, cell(option.takes), cell(option.doc));
    }
    text
}

fn field_table(fields: Vec<FieldInfo>) -> String {
    let mut text = "| field | takes | default | what |\n|---|---|---|---|\n".to_owned();
    for field in &fields {
        rows(&mut text, "", field);
    }
    text
}

/// The field, then those of its block: `video.codec`.
fn rows(text: &mut String, before: &str, field: &FieldInfo) {
    let name = format!("{before}{}", field.name);
    let default = match (field.presence, field.default_text) {
        (Presence::Required, _) => "required".to_owned(),
        (_, Some(usual)) => format!("`{usual}`"),
        (_, None) => String::new(),
    };
    let _ = writeln!(text, "| `{name}` | {} | {default} | {} |", cell(&field.accepts_text), cell(field.doc));
    field.inner.iter().for_each(|inner| rows(text, &format!("{name}."), inner));
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn a_table_is_replaced_whole() {
    let old = "a\n<!-- table: facts -->\nold\n<!-- end -->\nb\n";
    let (text, names) = refilled(old);
    assert!(text.starts_with("a\n<!-- table: facts -->\n| fact |") && text.ends_with("<!-- end -->\nb\n"), "{text}");
    assert_eq!((names, refilled(&text).0), (vec!["facts".to_owned()], text));
}

/// What the language has no word for.
fn refused_fields() -> String {
    let mut text = "| object | field | values |\n|---|---|---|\n".to_owned();
    for refused in vodflow::syntax::json::refused() {
        let values = refused.values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" ");
        let values = if values.is_empty() { "all but those that mean \"none\"".to_owned() } else { values };
        let _ = writeln!(text, "| `{}` | `{}` | {values} |", refused.object, refused.field);
    }
    text
}
