//! The forms in which findings are reported: for people in two languages, JSON, GitHub annotations, SARIF.

use serde_json::Value;
use unicode_width::UnicodeWidthChar;
use vodflow::diag::{Findings, Language, RenderOptions, ReportFormat, render};
use vodflow::driver::{Checked, Compiler, Entry};
use vodflow::world::NoFiles;

/// A warning with a second place, errors with edits, wide names, an emoji and a tab before what is underlined, a problem
/// at the end of the text.
const TEXT: &str = "template transcode 高清 { container: mp4 }\n\
    procedure 发布 {\n\
    \ttranscode 高清, 高清, 高青 /* 🎬 */ with 角标\n\
    \t/* 🎬 封面 */ cover at 3 using 10，\n\
    }\n\
    procedure 未完 { transcode 10";

fn checked() -> Checked {
    Compiler::new().check_file("流程/发布 100%.vod", TEXT, Entry::Nothing, &NoFiles)
}

fn call() -> Checked {
    Compiler::new().check_call("QCVB_SimpleProcessFile([10,20], 0, 1, 10)")
}

fn document(format: ReportFormat, language: Language) -> String {
    let (file, call) = (checked(), call());
    let found = [
        Findings { diagnostics: &file.diagnostics, sources: &file.sources },
        Findings { diagnostics: &call.diagnostics, sources: &call.sources },
    ];
    format.document(&found, language)
}

fn keep(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("diagnostics-{name}"), text));
}

#[test]
fn for_people() {
    let (file, call) = (checked(), call());
    for (name, language) in [("human", Language::English), ("human-zh", Language::Chinese)] {
        let options = RenderOptions { colour: false, width: 100, language };
        let text =
            render(&file.diagnostics, &file.sources, options) + &render(&call.diagnostics, &call.sources, options);
        keep(name, &text);
    }
}

#[test]
fn as_json() {
    keep("json", &document(ReportFormat::Json, Language::English));
}

#[test]
fn as_annotations() {
    let text = document(ReportFormat::Github, Language::English);
    keep("github", &text);
    for line in text.lines() {
        assert!(line.starts_with("::error ") || line.starts_with("::warning "), "{line}");
        let (properties, _) = line[2..].split_once("::").expect("a message");
        let (_, properties) = properties.split_once(' ').expect("properties");
        assert!(properties.split(',').all(|property| property.split('=').count() == 2), "{properties}");
    }
}

#[test]
fn as_sarif() {
    let text = document(ReportFormat::Sarif, Language::English);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    let mut shown = log.clone();
    for rule in shown["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules") {
        // The pages have tests of their own.
        for (field, part) in [("fullDescription", "text"), ("help", "text"), ("help", "markdown")] {
            rule[field][part] = "…".into();
        }
    }
    keep("sarif", &format!("{shown:#}"));
    assert_eq!(sarif_problems(&log), Vec::<String>::new());
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["ruleIndex"] = 99.into();
    broken["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"]["startColumn"] = 0.into();
    assert_eq!(sarif_problems(&broken).len(), 2);
}

/// A terminal draws wide characters two columns wide: what stands above each line of signs is what the label is about.
#[test]
fn underlines_lie_below_wide_characters() {
    let file = checked();
    let mut seen = 0;
    for diagnostic in file.diagnostics.iter().filter(|one| one.secondary.is_empty()) {
        let span = diagnostic.primary.as_ref().expect("a place").span;
        let options = RenderOptions { colour: false, width: 100, language: Language::English };
        let drawn = render(&diagnostic.clone().into(), &file.sources, options);
        let lines: Vec<&str> = drawn.lines().collect();
        let below = lines.iter().position(|line| line.trim_start().starts_with('·')).expect("a line of signs");
        let signs: Vec<char> = lines[below].chars().collect();
        let is_sign = |sign: &char| ['─', '┬'].contains(sign);
        let first = signs.iter().position(is_sign).expect("signs");
        let last = signs.iter().rposition(is_sign).expect("signs");
        let above = between_columns(lines[below - 1], first, last + 1);
        assert_eq!(above, TEXT[span.range()], "{drawn}");
        seen += 1;
    }
    assert_eq!(seen, 6);
}

/// The characters that a terminal draws from one column to another.
fn between_columns(line: &str, from: usize, to: usize) -> String {
    let mut column = 0;
    let mut text = String::new();
    for sign in line.chars() {
        if column >= from && column < to {
            text.push(sign);
        }
        column += sign.width().unwrap_or(0);
    }
    text
}

/// Every edit of the JSON document, applied to the text by characters, is what the diagnostic says.
#[test]
fn positions_of_edits_are_where_the_text_is() {
    let document: Value = serde_json::from_str(&document(ReportFormat::Json, Language::English)).expect("JSON");
    let mut seen = 0;
    for entry in document["diagnostics"].as_array().expect("a list").iter().filter(|entry| entry["file"] != "<call>") {
        let number = |name: &str| entry[name].as_u64().expect("a number") as usize;
        let line: Vec<char> = TEXT.lines().nth(number("line") - 1).expect("a line").chars().collect();
        let marked: String = match number("end_line") == number("line") {
            true => line[number("column") - 1..number("end_column") - 1].iter().collect(),
            false => continue,
        };
        let message = entry["message"].as_str().expect("a text");
        let quoted = message.contains(&format!("`{}`", marked.replace('，', ",")));
        let other = [("E0302", "3"), ("E0103", "{"), ("E0106", "，")];
        assert!(
            quoted || other.iter().any(|(code, text)| entry["code"] == *code && marked == *text),
            "`{marked}`: {message}"
        );
        seen += 1;
    }
    assert!(seen >= 5, "{seen}");
}

/// What the specification (3.13 and on) requires of the parts that are used here.
fn sarif_problems(log: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |holds: bool, what: String| {
        if !holds {
            problems.push(what);
        }
    };
    need(log["version"] == "2.1.0", "version".into());
    let run = &log["runs"][0];
    need(run["tool"]["driver"]["name"].is_string(), "tool.driver.name".into());
    need(run["columnKind"] == "unicodeCodePoints", "columnKind".into());
    let rules = run["tool"]["driver"]["rules"].as_array().cloned().unwrap_or_default();
    for rule in &rules {
        need(rule["id"].is_string() && rule["shortDescription"]["text"].is_string(), format!("rule {rule}"));
        need(rule["helpUri"].as_str().is_some_and(|uri| uri.starts_with("https://")), format!("helpUri {rule}"));
        need(rule["help"]["text"].is_string() && rule["fullDescription"]["text"].is_string(), format!("help {rule}"));
    }
    let results = run["results"].as_array().cloned().unwrap_or_default();
    need(!results.is_empty(), "results".into());
    for result in &results {
        let rule = result["ruleIndex"].as_u64().and_then(|index| rules.get(index as usize));
        need(rule.is_some_and(|rule| rule["id"] == result["ruleId"]), format!("ruleIndex of {}", result["ruleId"]));
        need(result["message"]["text"].is_string(), format!("message {result}"));
        need(["error", "warning"].map(Value::from).contains(&result["level"]), format!("level {result}"));
        for location in result["locations"].as_array().into_iter().flatten() {
            let place = &location["physicalLocation"];
            need(region_is_right(&place["region"]), format!("region {place}"));
            let artifact = &place["artifactLocation"];
            let uri = artifact["uri"].as_str().is_none_or(|uri| uri.is_ascii() && !uri.contains(' '));
            need(uri && artifact.as_object().is_some_and(|parts| !parts.is_empty()), format!("artifact {place}"));
        }
        for change in result["fixes"].as_array().into_iter().flatten().flat_map(|fix| fix["artifactChanges"].as_array())
        {
            need(!change.is_empty(), "artifactChanges".into());
            for replacement in change.iter().flat_map(|change| change["replacements"].as_array()).flatten() {
                let right = region_is_right(&replacement["deletedRegion"]);
                need(right && replacement["insertedContent"]["text"].is_string(), format!("replacement {replacement}"));
            }
        }
    }
    problems
}

fn region_is_right(region: &Value) -> bool {
    let number = |name: &str| region[name].as_u64().filter(|number| *number > 0);
    match (number("startLine"), number("startColumn"), number("endLine"), number("endColumn")) {
        (Some(line), Some(column), Some(end_line), Some(end_column)) => (line, column) <= (end_line, end_column),
        _ => false,
    }
}
