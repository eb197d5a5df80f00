//! `docs/diagnostics.md` is made of the registry and the pages: `UPDATE_DIAGNOSTICS=1 cargo test --test diagnostics`.

use std::fmt::Write;
use vodflow::diag::{Code, Severity, codes};

const PATH: &str = "docs/diagnostics.md";

#[test]
fn the_index_is_up_to_date() {
    let wanted = index();
    if std::env::var_os("UPDATE_DIAGNOSTICS").is_some_and(|value| value == "1") {
        std::fs::write(PATH, &wanted).expect("writes");
    }
    let found = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(found == wanted, "{PATH} is not what the registry says; UPDATE_DIAGNOSTICS=1 makes it anew");
}

fn index() -> String {
    let mut text = "# Diagnostics\n\n".to_owned();
    text.push_str("Made from `src/diag/codes.rs` and `src/diag/pages/`; `vodflow explain CODE` prints a page.\n\n");
    text.push_str("Codes with a sign in the column *fix* may come with an edit that `vodflow check --fix` applies.\n");
    for (digits, title) in codes::FAMILIES {
        let _ = write!(
            text,
            "\n**{digits} {title}**\n\n| code | name | severity | fix | meaning |\n|---|---|---|---|---|\n"
        );
        for code in codes::ALL.iter().filter(|code| code.family() == digits) {
            let severity = match code.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let fix = if code.has_fix { "✓" } else { "" };
            let (id, name, link) = (code.id, code.name, anchor(code));
            let _ = writeln!(text, "| [{id}](#{link}) | {name} | {severity} | {fix} | {} |", code.summary);
        }
    }
    for code in codes::ALL {
        let deeper = code.page.replace("\n## ", "\n### ");
        let _ = write!(text, "\n#{}", linked(&deeper));
    }
    text
}

/// How the heading of a code is linked to.
fn anchor(code: &Code) -> String {
    format!("{}-{}", code.id.to_lowercase(), code.name)
}

/// The page with links in its list of related codes.
fn linked(page: &str) -> String {
    let line = |line: &str| {
        let named = line.strip_prefix("- ").and_then(|rest| codes::find(rest.split(' ').next()?));
        named.map_or(format!("{line}\n"), |code| format!("- [{} {}](#{})\n", code.id, code.name, anchor(code)))
    };
    page.lines().map(line).collect()
}
