//! Help, versions, mistakes of typing, completions, and `check`.

use crate::house::{House, keep, session};

#[test]
fn alone_it_shows_help_with_examples() {
    let told = House::new().vodflow::<&str>(&[]).ends_with(2);
    keep("help", &told.text());
    for arguments in [&["--help"][..], &["-h"], &["help"]] {
        let asked = House::new().vodflow(arguments).ends_with(0);
        assert_eq!((asked.stdout.as_str(), asked.stderr.as_str()), (told.stderr.as_str(), ""));
    }
    for command in [
        "init",
        "check",
        "explain",
        "convert",
        "schema",
        "fmt",
        "plan",
        "run",
        "templates",
        "probe",
        "doctor",
        "lsp",
        "completions",
    ] {
        let help = House::new().vodflow(&[command, "--help"]).ends_with(0).stdout;
        assert!(help.contains("Usage: vodflow"), "{command}: {help}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let told = House::new().vodflow(&["--version"]).ends_with(0);
    assert_eq!(told.stdout, format!("vodflow {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn mistakes_of_typing_end_with_2_and_the_next_thing_to_type() {
    let house = House::with_clip();
    let lines: &[&[&str]] = &[
        &["chek", "a.vod"],
        &["run", "a.vod"],
        &["plan", "QCVB_SimpleProcessFile({10})"],
        &["run", "QCVB_SimpleProcessFile({10})", "--out", "out"],
        &["run", "QCVB_SimpleProcessFile({10})", "a/x.mp4", "b/X.mov", "--out", "out"],
        &["plan", "QCVB_SimpleProcessFile({10})", "clip.mp4", "--opt-level", "4"],
        &["plan", "QCVB_SimpleProcessFile({10})", "clip.mp4", "--disable-rule", "share-decod"],
        &["plan", "QCVB_SimpleProcessFile({10})", "clip.mp4", "--stage", "psychical"],
        &["check"],
        &["templates", "nonsense"],
        &["templates", "--kind", "nonsense"],
        &["completions", "tcsh"],
    ];
    for arguments in lines {
        assert_eq!(house.vodflow(arguments).ends_with(2).stdout, "", "{arguments:?}");
    }
    keep("usage", &session(&house, lines));
}

#[test]
fn completions_know_the_subcommands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = House::new().vodflow(&["completions", shell]).ends_with(0).stdout;
        assert!(["templates", "disable-rule", "doctor"].iter().all(|word| script.contains(word)), "{shell}");
    }
}

#[test]
fn templates_are_listed_and_found() {
    let house = House::new();
    house.write(
        "brand.vod",
        "template transcode 高清 { extends: 100030  comment: \"我们的\"  video: { bitrate: at_most 2Mbps } }\n\
         template transcode small { container: mp4  video: { width: 640 }  audio: none }\n\
         template watermark caption { text: { font: \"Sans.ttf\", size: 5% }  origin: bottom_left }\n\
         template encryption vault { extends: 10  key_url: \"https://keys.example.com/getkey\" }\n",
    );
    house.write("wrong.vod", "template sprite s { rows: 3 }\n");
    let lines: &[&[&str]] = &[
        &["templates", "220"],
        &["templates", "hls 100"],
        &["templates", "10"],
        &["templates", "10", "--kind", "sprite"],
        &["templates", "--kind", "encryption", "--resolved"],
        &["templates", "--kind", "sample", "--json"],
        &["templates", "20001", "--json"],
        &["templates", "--file", "brand.vod"],
        &["templates", "--file", "brand.vod", "高清"],
        &["templates", "--file", "brand.vod", "--kind", "encryption", "--resolved"],
        &["templates", "--file", "brand.vod", "caption"],
        &["templates", "--file", "wrong.vod"],
        &["templates", "--file", "none.vod"],
        &["templates", "--kind", "adaptiv"],
    ];
    keep("templates", &session(&house, lines));
    let all = house.vodflow(&["templates", "--json"]).ends_with(0).json();
    assert_eq!((&all["kind"], &all["schema_version"]), (&"templates".into(), &1.into()));
    assert!(all["templates"].as_array().is_some_and(|list| list.len() > 40));
}

#[test]
fn check_says_everything_that_is_wrong() {
    let house = House::new();
    house.write("good.vod", "procedure p { transcode 10 }\np()\n");
    house.write("warned.vod", "procedure p { transcode 10, 10 }\np()\n");
    house.write("bad.vod", "procedure 发布 {\n    transcode 高清, 11\n    cover at 3 using 10\n}\n发布()\n");
    keep(
        "check",
        &session(
            &house,
            &[
                &["check", "good.vod"],
                &["check", "warned.vod"],
                &["check", "bad.vod"],
                &["check", "good.vod", "bad.vod", "warned.vod", "none.vod"],
                &["check", "good.vod", "bad.vod", "--quiet"],
                &["check", "--expr", "QCVB_SimpleProcessFile({10,20},0,10,10)"],
                &["check", "--expr", "QCVB_SimpleProcessFile({10,21})"],
                &["check", "bad.vod", "--format", "json"],
                &["check", "warned.vod", "--format", "json"],
            ],
        ),
    );
}

#[test]
fn the_json_of_check_has_the_documented_shape() {
    let house = House::new();
    house.write("发布.vod", "procedure p {\n    transcode 10, 中\n}\np()\n");
    let told = house.vodflow(&["check", "发布.vod", "--format", "json"]).ends_with(3);
    assert_eq!(told.stderr, "");
    let document = told.json();
    assert_eq!(document["schema_version"], 1);
    let first = &document["diagnostics"][0];
    for (field, value) in [("code", "E0203"), ("name", "unknown-template"), ("severity", "error"), ("file", "发布.vod")]
    {
        assert_eq!(first[field], value);
    }
    // Columns count characters, not bytes.
    let place = ["line", "column", "end_line", "end_column"].map(|field| first[field].as_u64());
    assert_eq!(place, [2, 19, 2, 20].map(Some));
    assert!(first["labels"].is_array() && first["message"].is_string());
}

#[test]
fn check_reads_standard_input() {
    let house = House::new();
    house.vodflow_reading(&["check", "-"], "procedure p { transcode 10 }\np()\n").ends_with(0);
    house
        .vodflow_reading(&["check", "-"], "procedure p { transcode 11 }\np()\n")
        .ends_with(3)
        .says(&["<stdin>:1:25", "E0203"]);
}

/// A reader that goes away ends nothing with an error.
#[test]
fn a_closed_pipe_is_no_error() {
    let house = House::new();
    let mut child = house.program(&["templates"]).spawn().expect("starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("waits").code(), Some(0));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let house = House::new();
    let plain = house.vodflow(&["check", "--expr", "p"]).ends_with(3).stderr;
    let coloured = house.vodflow(&["check", "--expr", "p", "--color", "always"]).ends_with(3).stderr;
    assert!(!plain.contains('\u{1b}') && coloured.contains('\u{1b}'));
}
