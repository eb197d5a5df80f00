//! `check --fix` and `--diff`, `check --format` and `--deny`, `explain`: what they print, write and leave alone.

use crate::house::{House, keep, session};
use std::os::unix::fs::PermissionsExt;

const BROKEN: &str = "import \"marks.vod\"\nprocedure 发布 {\n    transcode 10，20 with 角表\n    cover at 3 using 10\n    sample using 99\n}\n";
const MARKS: &str = "template watermark 角标 { image: \"a.png\" x: 2 }\n";

fn house() -> House {
    let house = House::new();
    house.write("broken.vod", BROKEN);
    house.write("marks.vod", MARKS);
    house.write("good.vod", "procedure p { transcode 10 }\np()\n");
    house
}

fn read(house: &House, name: &str) -> String {
    std::fs::read_to_string(house.path(name)).expect("reads")
}

#[test]
fn what_is_mended_and_what_is_left() {
    let house = house();
    let before = session(&house, &[&["check", "broken.vod", "--diff"], &["check", "good.vod", "--fix"]]);
    assert_eq!(read(&house, "broken.vod"), BROKEN, "--diff writes nothing");
    let after = session(
        &house,
        &[
            &["check", "broken.vod", "good.vod", "--fix"],
            &["check", "broken.vod", "--fix", "--language", "zh", "--quiet"],
        ],
    );
    keep("mending", &format!("{before}{after}$ cat broken.vod\n{}", read(&house, "broken.vod")));
    assert_eq!(read(&house, "marks.vod"), MARKS, "what is imported is not touched");
    assert_eq!(read(&house, "good.vod"), "procedure p { transcode 10 }\np()\n");
    assert_eq!(house.visible("."), ["broken.vod", "good.vod", "marks.vod"]);
}

#[test]
fn standard_input_is_mended_onto_standard_output() {
    let house = house();
    let told = house.vodflow_reading(&["check", "--fix", "-"], "procedure p { transcode 10， 20 }\n").ends_with(0);
    assert_eq!(told.stdout, "procedure p { transcode 10, 20 }\n");
    house.vodflow_reading(&["check", "--fix", "-", "--format", "json"], "").ends_with(2).says(&["E0507"]);
    house.vodflow(&["check", "--fix", "--expr", "x()"]).ends_with(2);
}

#[test]
fn links_and_files_that_may_not_be_written_stay() {
    let house = house();
    std::os::unix::fs::symlink(house.path("broken.vod"), house.path("link.vod")).expect("links");
    house.vodflow(&["check", "--fix", "link.vod"]).ends_with(2).says(&["E0507", "symbolic link"]);
    assert_eq!(read(&house, "broken.vod"), BROKEN);
    std::fs::set_permissions(house.path("broken.vod"), std::fs::Permissions::from_mode(0o444)).expect("sets");
    // The superuser may write everything.
    if std::fs::OpenOptions::new().append(true).open(house.path("broken.vod")).is_err() {
        house.vodflow(&["check", "--fix", "broken.vod"]).ends_with(3).says(&["E0007"]);
        assert_eq!(read(&house, "broken.vod"), BROKEN);
    }
}

#[test]
fn warnings_may_be_denied() {
    let house = house();
    house.write("warned.vod", "procedure p { transcode 10, 10 }\n");
    house.vodflow(&["check", "warned.vod"]).ends_with(0);
    house.vodflow(&["check", "warned.vod", "-D", "warnings"]).ends_with(3);
    house.vodflow(&["check", "good.vod", "--deny", "warnings"]).ends_with(0);
}

#[test]
fn documents_go_to_standard_output_alone() {
    let house = house();
    for format in ["json", "github", "sarif"] {
        let told = house.vodflow(&["check", "broken.vod", "good.vod", "--format", format]).ends_with(3);
        assert!(told.stderr.is_empty() && told.stdout.contains("E0106"), "{}", told.text());
    }
    let told = house.vodflow(&["check", "broken.vod", "--format", "json", "--language", "zh"]).ends_with(3);
    assert_eq!(told.json()["diagnostics"][0]["code"], "E0106");
}

#[test]
fn explanations() {
    let house = House::new();
    let dialogue: &[&[&str]] = &[
        &["explain", "e0203", "missing-unit"],
        &["explain", "W0412", "--language", "zh"],
        &["explain", "unknown-templates"],
        &["explain", "X"],
    ];
    keep("explain", &session(&house, dialogue));
    keep("explain-list", &session(&house, &[&["explain"], &["explain", "--language", "zh"]]));
    let told = house.vodflow(&["explain", "E0005", "--json"]).ends_with(0);
    assert_eq!(told.json()["codes"][0]["related"], serde_json::json!(["E0004", "E0207"]));
    let coloured = house.vodflow(&["explain", "E0203", "--color", "always"]).ends_with(0);
    assert!(coloured.stdout.starts_with("\u{1b}[1mE0203"), "{}", coloured.stdout);
    let all = house.vodflow(&["explain", "--json"]).ends_with(0);
    assert_eq!(all.json()["codes"].as_array().map(Vec::len), Some(vodflow::diag::codes::ALL.len()));
}
