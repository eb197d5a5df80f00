//! Bodies in JSON on the command line: checked, planned, run, mended and converted like any procedure.

use crate::house::House;

const BODY: &str = r#"{
  "Name": "course",
  "MediaProcessTask": {
    "TranscodeTaskSet": [{ "Definition": 100010, "EndTimeOffset": 1 }],
    "CoverBySnapshotTaskSet": [{ "Definition": 10, "PositionType": "Time", "PositionValue": 0.5 }]
  }
}
"#;

#[test]
fn a_body_is_run_and_makes_what_the_language_makes() {
    let house = House::with_clip();
    house.write("course.json", BODY);
    house.write("course.vod", "procedure course {\n    transcode 100010 to 1s\n    cover at 0.5s using 10\n}\n");
    house.vodflow(&["run", "course.json", "clip.mp4", "--out", "json"]).ends_with(0);
    house.vodflow(&["run", "course.vod", "clip.mp4", "--out", "vod"]).ends_with(0);
    let made = house.visible("json");
    assert_eq!(made, house.visible("vod"));
    for name in ["v.f100010.mp4", "coverBySnapshot/coverBySnapshot_10_0.jpg"] {
        let read = |folder: &str| std::fs::read(house.path(&format!("{folder}/{name}"))).expect("an output");
        assert!(read("json") == read("vod"), "{name} differs");
    }
    // Made already, whatever form asks for it.
    let told = house.vodflow(&["plan", "course.vod", "clip.mp4", "--out", "json"]).ends_with(0);
    assert!(told.stdout.contains("2 up to date"), "{}", told.text());
}

/// A red dot.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC";

#[test]
fn a_picture_in_the_body_is_laid_over_the_outputs() {
    let house = House::with_clip();
    let body = |content: &str| {
        format!(
            r#"[{{ "Name": "dot", "Type": "image", "ImageTemplate": {{ "ImageContent": "{content}", "Width": "50%" }} }},
                {{ "CoverBySnapshotTaskSet": [{{ "Definition": 10, "PositionType": "Time", "PositionValue": 0,
                   "WatermarkSet": [{{ "Definition": "dot" }}] }}] }}]"#
        )
    };
    house.write("dot.json", body(DOT));
    house.vodflow(&["run", "dot.json", "clip.mp4", "--out", "out"]).ends_with(0);
    let cover = image::open(house.path("out/coverBySnapshot/coverBySnapshot_10_0.jpg")).expect("a cover").to_rgb8();
    let [red, green, blue] = cover.get_pixel(cover.width() / 4, cover.height() / 4).0;
    assert!(red > 200 && green < 60 && blue < 60, "{red} {green} {blue}");
    house.write("broken.json", body("no picture"));
    house.vodflow(&["run", "broken.json", "clip.mp4", "--out", "none"]).ends_with(3).says(&["E0410", "dot"]);
}

#[test]
fn standard_input_tells_its_form_and_a_body_needs_no_name() {
    let house = House::with_clip();
    let tasks = r#"{ "TranscodeTaskSet": [{ "Definition": 10 }] }"#;
    let told = house.vodflow_reading(&["plan", "-", "clip.mp4"], tasks).ends_with(0);
    assert!(told.stdout.contains("v.f10.mp4"), "{}", told.text());
    house.vodflow_reading(&["check", "-"], "procedure p { transcode 10 }").ends_with(0);
    house.vodflow_reading(&["check", "-"], "[{").ends_with(3).says(&["E0101", "ends in the middle"]);
}

#[test]
fn what_is_converted_there_and_back_is_what_it_was() {
    let house = House::new();
    house.write("course.json", BODY);
    let vod = house.vodflow(&["convert", "course.json", "--to", "vod"]).ends_with(0).stdout;
    assert_eq!(vod, "procedure course {\n    transcode 100010 to 1s\n    cover at 0.5s using 10\n}\n");
    house.write("course.vod", &vod);
    house.write("again.json", house.vodflow(&["convert", "course.vod", "--to", "json-v3"]).ends_with(0).stdout);
    assert_eq!(house.vodflow(&["convert", "again.json", "--to", "vod"]).ends_with(0).stdout, vod);
    let told = house.vodflow(&["convert", "course.vod", "--to", "json-v2"]).ends_with(3);
    assert!(told.stdout.is_empty() && told.stderr.contains("E0222") && told.stderr.contains("course.vod:2"));
    house.vodflow(&["convert", "QCVB_SimpleProcessFile({10})", "--to", "json-v2"]).ends_with(0);
    house.vodflow(&["convert", "course.vod", "--to", "yaml"]).ends_with(2);
}

#[test]
fn mistakes_are_mended_in_json_and_its_layout_is_left_alone() {
    let house = House::new();
    house.write("a.json", r#"{ "MediaProcessTask": { "TranscodeTaskSets": [{ "Definition": 10 }] } }"#);
    let told = house.vodflow(&["check", "a.json", "--format", "json"]).ends_with(3);
    let first = &told.json()["diagnostics"][0];
    assert_eq!((first["code"].as_str(), first["column"].as_u64()), (Some("E0209"), Some(25)));
    house.vodflow(&["check", "a.json", "--fix"]).ends_with(0);
    let mended = std::fs::read_to_string(house.path("a.json")).expect("readable");
    assert_eq!(mended, r#"{ "MediaProcessTask": { "TranscodeTaskSet": [{ "Definition": 10 }] } }"#);
    house.vodflow(&["fmt", "a.json"]).ends_with(3).says(&["E0008"]);
    assert_eq!(std::fs::read_to_string(house.path("a.json")).expect("readable"), mended);
}

#[test]
fn the_schemas_are_json_and_of_their_generation() {
    for (form, name) in [("json-v3", "TranscodeTaskInput"), ("json-v2", "snapshotByTimeOffset")] {
        let schema = House::new().vodflow(&["schema", form]).ends_with(0).json();
        assert_eq!(schema["$id"], format!("urn:vodflow:{form}"));
        assert!(schema["$defs"][name].is_object(), "{form} has no {name}");
    }
}
