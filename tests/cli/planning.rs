//! `plan`: every format and stage, the optimiser's flags, and that nothing is written.

use crate::house::{House, clips, keep, session};

const WHAT: &str = "QCVB_SimpleProcessFile({10,210},0,10,10)";

#[test]
fn a_plan_has_a_tree_json_and_a_graph() {
    let house = House::with_clip();
    house
        .write("p.vod", "procedure p(at: time = 0s) {\n    transcode 10, 1110\n    snapshot at [at, 1s] using 10\n}\n");
    let lines: &[&[&str]] = &[
        &["plan", WHAT, "clip.mp4"],
        &["plan", WHAT, "--input", "clip.mp4", "--opt-level", "0"],
        &["plan", "p.vod:p(at: 500ms)", "clip.mp4"],
        &["plan", WHAT, "clip.mp4", "--format", "dot"],
        &["plan", "QCVB_SimpleProcessFile()", "clip.mp4"],
    ];
    keep("plan", &session(&house, lines));
    let document = house.vodflow(&["plan", WHAT, "clip.mp4", "--format", "json"]).ends_with(0).json();
    assert_eq!((&document["schema_version"], &document["kind"]), (&1.into(), &"plan".into()));
    assert_eq!(document["outputs"].as_array().map(Vec::len), Some(4));
    assert!(document["diagnostics"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(house.visible(""), ["clip.mp4", "p.vod"]);
}

#[test]
fn every_stage_can_be_shown() {
    let house = House::with_clip();
    for stage in ["hir", "logical", "optimised", "physical", "commands"] {
        for format in ["tree", "json", "dot"] {
            let told = house.vodflow(&["plan", WHAT, "clip.mp4", "--stage", stage, "--format", format]).ends_with(0);
            assert!(!told.stdout.trim().is_empty(), "{stage} {format}");
            if format == "json" {
                assert_eq!(told.json()["kind"], "stage", "{stage}");
            }
        }
    }
    // The first needs no source.
    house.vodflow(&["plan", WHAT, "--stage", "hir"]).ends_with(0);
    let commands = house.vodflow(&["plan", WHAT, "clip.mp4", "--stage", "commands"]).ends_with(0).stdout;
    assert!(commands.lines().filter(|line| !line.is_empty()).all(|line| line.contains("ffmpeg")), "{commands}");
    assert!(commands.contains("-nostdin") && commands.contains("-protocol_whitelist"), "{commands}");
}

#[test]
fn levels_and_rules_change_the_plan_and_not_the_outputs() {
    let house = House::with_clip();
    let plan = |more: &[&str]| {
        let arguments: Vec<&str> = ["plan", WHAT, "clip.mp4"].iter().chain(more).copied().collect();
        house.vodflow(&arguments).ends_with(0).stdout
    };
    let levels = ["0", "1", "2", "3"].map(|level| plan(&["--opt-level", level]));
    let outputs =
        |text: &str| text.lines().filter(|line| line.starts_with("  + ")).map(str::to_owned).collect::<Vec<_>>();
    assert!(levels.iter().all(|text| outputs(text) == outputs(&levels[3])));
    assert!(levels[0].contains("Plan: 4 to make.") && levels[0] != levels[3]);
    assert_eq!(plan(&[]), levels[3]);
    assert_ne!(plan(&["--disable-rule", "share-decode"]), levels[3]);
    assert_ne!(plan(&["--disable-rule", "share-decode", "--disable-rule", "share-encodes"]), levels[3]);
    house.vodflow(&["plan", WHAT, "clip.mp4", "--disable-rule", "share"]).ends_with(2).says(&["E0506"]);
}

#[test]
fn equal_questions_get_equal_answers_to_the_byte() {
    let house = House::with_clip();
    house.write("p.vod", "procedure p { transcode 220, 210, 10, 20 }\np()\n");
    for what in [WHAT, "p.vod"] {
        for more in [&["--format", "tree"][..], &["--format", "json"], &["--format", "dot"], &["--stage", "commands"]] {
            let arguments: Vec<&str> = ["plan", what, "clip.mp4"].iter().chain(more).copied().collect();
            let (first, second) = (house.vodflow(&arguments).ends_with(0), house.vodflow(&arguments).ends_with(0));
            assert_eq!(first.stdout, second.stdout, "{arguments:?}");
        }
    }
}

#[test]
fn work_to_do_is_exit_code_20() {
    let house = House::with_clip();
    house.put(&clips().mute, "mute.mp4");
    house.vodflow(&["plan", WHAT, "clip.mp4", "--exit-code"]).ends_with(20);
    house.vodflow(&["plan", "QCVB_SimpleProcessFile({1110})", "mute.mp4", "--exit-code"]).ends_with(0);
    house.vodflow(&["plan", "QCVB_SimpleProcessFile({11})", "clip.mp4", "--exit-code"]).ends_with(3);
}

#[test]
fn several_sources_have_a_plan_each() {
    let house = House::with_clip();
    house.put(&clips().mute, "mute.mp4");
    let told = house.vodflow(&["plan", WHAT, "clip.mp4", "--input", "mute.mp4"]).ends_with(0);
    assert_eq!(told.stdout.matches("Plan: ").count(), 2);
}

#[test]
fn failures_of_a_plan_are_json_when_json_is_asked_for() {
    let house = House::with_clip();
    for (what, source, code, exit) in [
        ("QCVB_SimpleProcessFile({11})", "clip.mp4", "E0203", 3),
        (WHAT, "none.mp4", "E0401", 4),
        ("none.vod", "clip.mp4", "E0001", 3),
    ] {
        let told = house.vodflow(&["plan", what, source, "--format", "json"]).ends_with(exit);
        assert_eq!((told.json()["diagnostics"][0]["code"].as_str(), told.stderr.as_str()), (Some(code), ""));
    }
}

#[test]
fn a_source_is_described() {
    let house = House::with_clip();
    let facts = house.vodflow(&["probe", "clip.mp4", "--json"]).ends_with(0).json();
    assert_eq!((&facts["kind"], &facts["name"]), (&"source".into(), &"clip.mp4".into()));
    assert_eq!(facts["video"][0]["frames"]["count"], 50);
    let text = house.vodflow(&["probe", "clip.mp4"]).ends_with(0).stdout;
    assert!(text.contains("320x180 25 fps yuv420p, 50 pictures"), "{text}");
    house.vodflow(&["probe", "none.mp4"]).ends_with(4);
    house.vodflow(&["doctor"]).ends_with(0);
    assert_eq!(house.vodflow(&["doctor", "--json"]).ends_with(0).json()["usable"], true);
}
