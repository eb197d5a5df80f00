//! `docs/rules.md` is made from the heads of the rules' files and the planner's decisions.

use super::updates;
use std::fmt::Write;
use vodflow::driver::DECISIONS;
use vodflow::optimizer::rules;

const INTRODUCTION: &str = "# Rules and decisions

What the optimiser rewrites, in the order in which it looks, and what the planner decides by prices. Each has a name: `--disable-rule NAME`
leaves it out, `--opt-level` says how much may change (0 nothing runs, 1 packets stay the same, 2 pictures stay the same, 3 pictures may come
from another moment within what their template declares), `--opt-limit N` stops after so many rewrites, and `vodflow plan --trace-rules`
shows what each one did. None ever changes what is delivered. This page is made from the sources: `UPDATE_DOCS=1 cargo test --test documents`.
";

#[test]
fn the_page_of_rules_is_what_their_files_say() {
    let page = page();
    let there = std::fs::read_to_string("docs/rules.md").unwrap_or_default();
    if updates() {
        std::fs::write("docs/rules.md", &page).expect("a document is writable");
    } else {
        assert_eq!(there, page, "UPDATE_DOCS=1 refills docs/rules.md");
    }
}

#[test]
fn every_rule_states_all_that_the_laws_ask_for() {
    for rule in rules::ALL {
        for word in ["Rewrites\n", "Exact: ", "Needs: ", "Does not fire: ", "Order: ", "Saves: "] {
            assert!(rule.head().contains(&format!("//! {word}")), "`{}` does not say {word}", rule.name());
        }
        assert!(rule.head().starts_with(&format!("//! `{}`: ", rule.name())), "`{}` has another head", rule.name());
    }
}

fn page() -> String {
    let mut text = String::from(INTRODUCTION);
    for rule in rules::ALL {
        let _ = writeln!(text, "\n## `{}`\n", rule.name());
        text.push_str(&head(rule.head()));
    }
    text.push_str("\n## Decisions of the planner\n\n| name | what |\n|---|---|\n");
    for (name, what) in DECISIONS {
        let _ = writeln!(text, "| `{name}` | {what} |");
    }
    text
}

/// The rewrite as text with its columns, everything else as prose.
fn head(head: &str) -> String {
    let lines: Vec<&str> =
        head.lines().map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or("")).collect();
    let mut text = String::new();
    let mut inside = false;
    for (at, line) in lines.iter().enumerate() {
        let drawn = line.starts_with("    ");
        if drawn != inside {
            text.push_str(if drawn { "\n```text\n" } else { "```\n\n" });
            inside = drawn;
        }
        let line = if at == 0 { line.split_once(": ").map_or(*line, |(_, what)| what) } else { line };
        match line.split_once(": ").filter(|(word, _)| !drawn && at > 0 && word.len() < 15) {
            Some((word, rest)) => text.push_str(&format!("- **{word}**: {rest}\n")),
            None if drawn => text.push_str(&format!("{}\n", line.trim_start_matches("    "))),
            None if line == "Rewrites" => {}
            None => text.push_str(&format!("{line}\n")),
        }
    }
    text
}
