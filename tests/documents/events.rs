//! The table of events in `docs/events.md` against the sources: each event, with its fields.

use super::documents;
use std::collections::{BTreeMap, BTreeSet};

type Events = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_event_is_documented_with_its_fields() {
    let read = |path: &str| std::fs::read_to_string(path).expect("a source");
    let mut events = of_enum(&read("src/exec/event.rs"));
    assert!(events.len() > 8 && events["progress"].contains("speed"), "{events:?}");
    for path in ["src/cli/command/run.rs", "src/cli/reporting.rs", "src/cli/fetching.rs"] {
        events.extend(of_literals(&read(path)));
    }
    assert!(events.contains_key("run_started") && events.contains_key("notification_waiting"), "{events:?}");
    let page = documents().into_iter().find(|document| document.path.ends_with("events.md")).expect("the page");
    assert_eq!(of_table(&page.text), events);
}

/// The variants of `RunEvent` as they are serialised.
fn of_enum(source: &str) -> Events {
    let body = source.split_once("pub enum RunEvent {").expect("the events").1;
    let mut events = Events::new();
    let mut last = String::new();
    for line in body.lines() {
        if let Some(name) = line.strip_prefix("    ").and_then(|line| line.strip_suffix(" {")) {
            last = snake(name);
            events.insert(last.clone(), BTreeSet::new());
        } else if let Some((field, _)) = line.strip_prefix("        ").and_then(|line| line.split_once(": "))
            && !field.starts_with('/')
        {
            events.get_mut(&last).expect("a variant").insert(field.to_owned());
        }
    }
    events
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    for sign in name.chars() {
        if sign.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(sign.to_lowercase());
    }
    text
}

/// Objects that are written down as such: `json!({ "event": "name", "field": … })`.
fn of_literals(source: &str) -> Events {
    let objects = source.split("\"event\": \"").skip(1);
    let quoted = |text: &str| text.split('"').next().unwrap_or_default().to_owned();
    let one = |object: &str| {
        let body = object.split("})").next().unwrap_or_default();
        let fields = body.split('"').skip(2).step_by(2).map(str::to_owned);
        (quoted(object), fields.collect())
    };
    objects.map(one).collect()
}

/// Rows such as `` | `name` | `field`, `field` | when | ``.
fn of_table(text: &str) -> Events {
    let table = text.split_once("| event | fields | when |").expect("the table").1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (words(cells[1]).remove(0), words(cells[2]).into_iter().collect())
    })
    .collect()
}
