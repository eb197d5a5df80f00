//! Links inside the repository lead to a file, and to a heading of it if they name one.

use super::documents;
use std::path::Path;

#[test]
fn every_link_leads_somewhere() {
    let mut problems = Vec::new();
    let mut seen = 0;
    for document in documents() {
        let folder = document.path.parent().unwrap_or(Path::new(""));
        for link in links(&document.text) {
            seen += 1;
            if let Err(problem) = follow(folder, &document.text, &link) {
                problems.push(format!("{}: `{link}` {problem}", document.name()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(seen >= 15, "{seen} links are few");
}

/// The targets of `[…](…)` outside fences that are no addresses.
fn links(text: &str) -> Vec<String> {
    let mut inside = false;
    let prose = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    let targets = prose.flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split_once(')')));
    targets.map(|(target, _)| target.to_owned()).filter(|target| !target.contains("://")).collect()
}

fn follow(folder: &Path, own: &str, link: &str) -> Result<(), String> {
    let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading)));
    let target = folder.join(path);
    if !path.is_empty() && !target.exists() {
        return Err("leads nowhere".into());
    }
    let Some(heading) = heading else { return Ok(()) };
    let text = if path.is_empty() { own.to_owned() } else { std::fs::read_to_string(target).unwrap_or_default() };
    let found = text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
    if found { Ok(()) } else { Err("names no heading".into()) }
}

/// What a heading is called in links.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
    kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect()
}

#[test]
fn a_dead_link_is_found() {
    let text =
        "# One `two`\n[a](#one-two) [b](tests/documents.rs) [c](https://x.example/y)\n```vod\n[d](nowhere)\n```\n";
    assert_eq!(links(text), ["#one-two", "tests/documents.rs"]);
    let go = |link| follow(Path::new(""), text, link).is_ok();
    assert!(go("#one-two") && go("tests/documents.rs") && !go("#two") && !go("tests/nothing.rs"));
}
