//! What `plan` shows and keeps: comparisons, saved plans, pictures and pages, assumed sources; and `preview`.

use crate::house::{House, clips, keep, session};

const BEFORE: &str =
    "template transcode hd { container: mp4  video: { codec: h264, short_side: 180, bitrate: 300kbps } }
procedure p { transcode hd  transcode 210  sprite using 10 }
";
const AFTER: &str =
    "template transcode hd { container: mp4  video: { codec: h264, short_side: 128, bitrate: 200kbps } }
procedure p { transcode hd  transcode 210  sample using 10 }
";

fn house() -> House {
    let house = House::with_clip();
    house.write("before.vod", BEFORE);
    house.write("after.vod", AFTER);
    house
}

#[test]
fn a_comparison_names_the_clauses_that_changed() {
    let house = house();
    house.put(&clips().mute, "mute.mp4");
    let lines: &[&[&str]] = &[
        &["plan", "after.vod", "clip.mp4", "--diff", "before.vod", "--exit-code"],
        &["plan", "after.vod", "clip.mp4", "--diff", "after.vod", "--exit-code", "--detail", "full"],
        &["plan", "before.vod", "mute.mp4", "--diff-input", "clip.mp4"],
    ];
    keep("plan-diff", &session(&house, lines));
    let told = house.vodflow(&["plan", "after.vod", "clip.mp4", "--diff", "before.vod", "--format", "json"]);
    let document = told.ends_with(0).json();
    assert_eq!((&document["kind"], &document["differs"]), (&"plan-diff".into(), &true.into()));
    let clauses = document["outputs"][0]["clauses"].as_array().expect("a list");
    let size = clauses.iter().find(|clause| clause["name"] == "size").expect("the size changed");
    assert_eq!((&size["before"], &size["after"]), (&"320x180".into(), &"228x128".into()));
    assert_eq!(house.visible(""), ["after.vod", "before.vod", "clip.mp4", "mute.mp4"]);
}

#[test]
fn a_saved_plan_runs_exactly_and_only_while_nothing_changed() {
    let house = house();
    house.put(&clips().mute, "mute.mp4");
    house.vodflow(&["plan", "before.vod", "clip.mp4", "-o", "plan.json"]).ends_with(0).says(&["run --plan plan.json"]);
    let saved = std::fs::read(house.path("plan.json")).expect("a plan");
    house.vodflow(&["plan", "before.vod", "clip.mp4", "-o", "plan.json"]).ends_with(0);
    assert!(std::fs::read(house.path("plan.json")).expect("a plan") == saved, "the same plan has other bytes");
    // The procedure may change: what was saved is what runs.
    house.write("before.vod", AFTER);
    house.vodflow(&["run", "--plan", "plan.json", "--out", "out"]).ends_with(0);
    assert!(house.visible("out").iter().any(|name| name.contains("imageSprite")), "{:?}", house.visible("out"));
    house.vodflow(&["plan", "after.vod", "clip.mp4", "--diff", "plan.json", "--exit-code"]).ends_with(20);
    // Under another name and in another place it is still the source.
    house.write("moved/there.mp4.copy", std::fs::read(&clips().both).expect("a clip"));
    house.vodflow(&["run", "--plan", "plan.json", "--input", "moved/there.mp4.copy", "--out", "out"]).ends_with(0);
    house.vodflow(&["run", "--plan", "plan.json", "--input", "mute.mp4", "--out", "out"]).ends_with(6).says(&["E0510"]);
    house.vodflow(&["run", "before.vod", "--plan", "plan.json", "--out", "out"]).ends_with(2);
    house.vodflow(&["plan", "before.vod", "clip.mp4", "-o", "after.vod"]).ends_with(6).says(&["E0604"]);
}

#[test]
fn a_saved_plan_that_was_touched_is_refused_with_the_reason() {
    let house = house();
    house.vodflow(&["plan", "before.vod", "clip.mp4", "-o", "plan.json"]).ends_with(0);
    let text = std::fs::read_to_string(house.path("plan.json")).expect("a plan");
    house.write("edited", text.replace("\"opt_level\": 3", "\"opt_level\": 0"));
    house.write("later", text.replace("\"schema_version\": 1", "\"schema_version\": 2"));
    house.write("cut", &text[..text.len() / 2]);
    house.write("leaves", resealed(&text, "\"path\": \"clip.mp4\"", "\"path\": \"../clip.mp4\""));
    house.write("absolute", resealed(&text, "\"base\": \"\"", "\"base\": \"/etc\""));
    house.write("unknown", resealed(&text, "\"opt_level\": 3", "\"opt_level\": 3, \"arguments\": []"));
    house.write("tool.json", resealed(&text, "\"ffmpeg\": \"", "\"ffmpeg\": \"1"));
    let touched = ["edited", "later", "cut", "leaves", "absolute", "unknown"];
    let lines: Vec<Vec<&str>> = touched.iter().map(|name| vec!["run", "--out", "out", "--plan", *name]).collect();
    let lines: Vec<&[&str]> = lines.iter().map(Vec::as_slice).collect();
    keep("plan-unusable", &session(&house, &lines));
    house.vodflow(&["run", "--plan", "tool.json", "--out", "out"]).ends_with(6).says(&["E0510", "ffmpeg, which was"]);
    house.vodflow(&["run", "--plan", ".", "--out", "out"]).ends_with(3).says(&["E0509"]);
    assert!(!house.path("out").exists(), "something was begun");
}

/// A plan with something in it replaced, under a checksum that fits: what a forger would write.
fn resealed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    let mut document: serde_json::Value = serde_json::from_str(&text.replacen(from, to, 1)).expect("JSON");
    document["checksum"] = blake3::hash(document["plan"].to_string().as_bytes()).to_hex()[..32].into();
    format!("{document:#}")
}

#[test]
fn a_mark_belongs_to_a_saved_plan() {
    let house = House::with_clip();
    let logo = |colour: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><rect width=\"8\" height=\"8\" fill=\"{colour}\"/></svg>"
        )
    };
    house.write("logo.svg", logo("red"));
    house.write(
        "p.vod",
        "template watermark m { svg: { } width: 20px }\nprocedure p { transcode 210 with m(svg: \"logo.svg\") }\n",
    );
    house.vodflow(&["plan", "p.vod", "clip.mp4", "-o", "plan.json"]).ends_with(0);
    house.write("logo.svg", logo("blue"));
    let told = house.vodflow(&["run", "--plan", "plan.json", "--out", "out"]).ends_with(6);
    told.says(&["E0510", "the mark `logo.svg`"]);
    // A plan that lies elsewhere would not find the drawing again.
    house.write("far/kept", "");
    let told = house.vodflow(&["plan", "p.vod", "clip.mp4", "-o", "far/plan.json"]).ends_with(2);
    told.says(&["it reads files that lie elsewhere"]);
}

#[test]
fn pictures_and_pages_are_whole_and_hold_no_foreign_marks() {
    let house = House::new();
    let hostile = "<script>alert(1)</script>\"'&.mp4".replace('/', "_");
    house.put(&clips().both, &hostile);
    house.write("p.vod", "procedure \"<b onload=x>\" { transcode 210, 10  sprite using 10 }\n");
    for format in ["svg", "html", "mermaid", "dot"] {
        let plan = || house.vodflow(&["plan", "p.vod", &hostile, "--format", format]).ends_with(0).stdout;
        let shown = plan();
        assert_eq!(shown, plan(), "{format} differs from run to run");
        if format != "dot" {
            assert!(!shown.contains("<script") && !shown.contains("<b "), "{format}: {shown}");
        }
        if format == "html" || format == "svg" {
            let outside = shown.replace("http://www.w3.org/2000/svg", "");
            assert!(!outside.contains("http:") && !outside.contains("https:") && !outside.contains("url("), "{shown}");
        }
    }
    let plain = House::with_clip();
    plain.write("p.vod", "procedure p { transcode 210, 10  sprite using 10 }\n");
    let lines: &[&[&str]] =
        &[&["plan", "p.vod", "clip.mp4", "--format", "mermaid"], &["plan", "p.vod", "clip.mp4", "--format", "svg"]];
    keep("plan-graphs", &session(&plain, lines));
}

#[test]
fn less_and_more_of_a_plan() {
    let house = house();
    let lines: &[&[&str]] = &[
        &["plan", "before.vod", "clip.mp4", "--detail", "short"],
        &["plan", "before.vod", "clip.mp4", "--detail", "full"],
    ];
    keep("plan-detail", &session(&house, lines));
    house.vodflow(&["plan", "before.vod", "clip.mp4", "--detail", "much"]).ends_with(2);
    let document = house.vodflow(&["plan", "before.vod", "clip.mp4", "--format", "json"]).ends_with(0).json();
    let proof = &document["outputs"][0]["conformance"][0];
    assert_eq!(proof["copied"], true);
    let clauses = proof["clauses"].as_array().expect("a list");
    assert!(clauses.len() >= 15 && clauses.iter().all(|clause| clause["found"].is_string()), "{proof}");
}

#[test]
fn a_source_can_be_assumed_for_a_plan_and_not_for_a_run() {
    let house = house();
    let facts = "1920x1080,25fps,10m,h264,aac";
    let lines: &[&[&str]] = &[
        &["plan", "before.vod", "--assume", facts, "--detail", "short"],
        &["plan", "before.vod", "--assume", "big"],
        &["run", "before.vod", "--assume", facts, "--out", "out"],
        &["plan", "before.vod", "--assume", facts, "-o", "plan.json"],
        &["preview", "before.vod", "--assume", facts, "--out", "out"],
    ];
    keep("plan-assumed", &session(&house, lines));
    assert_eq!(house.visible(""), ["after.vod", "before.vod", "clip.mp4"]);
}

#[test]
fn a_preview_has_a_picture_of_each_rendition() {
    let house = House::with_clip();
    house.write(
        "p.vod",
        "template watermark m { svg: { } width: 40px height: 40px x: 0px y: 0px }
template transcode half { container: mp4  video: { codec: h264, short_side: 128, bitrate: 200kbps } }
template transcode bars { container: mp4  video: { codec: h264, width: 180, height: 180, fill: white, bitrate: 200kbps } }
procedure p {
    transcode half with m(svg: \"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><rect width='8' height='8' fill='#00ff00'/></svg>\")
    transcode bars
    transcode 210 from 1s
    sprite using 10
}
",
    );
    let told = house.vodflow(&["preview", "p.vod", "clip.mp4", "--at", "500ms", "--out", "look"]).ends_with(0);
    assert!(told.stdout.contains("210  left out: it does not show 0.5s"), "{}", told.text());
    assert_eq!(house.visible("look"), ["v.bars.png", "v.half.png"]);
    let half = picture(&house, "look/v.half.png");
    assert_eq!((half.width(), half.height()), (228, 128));
    let green = |[red, green, blue]: [u8; 3]| red < 60 && green > 190 && blue < 60;
    assert!(green(half.get_pixel(10, 10).0) && !green(half.get_pixel(120, 100).0), "the mark is not where it belongs");
    let bars = picture(&house, "look/v.bars.png");
    assert_eq!((bars.width(), bars.height()), (180, 180));
    assert!([5, 174].iter().all(|y| bars.get_pixel(90, *y).0.iter().all(|value| *value > 230)), "no white bars");
    // Another moment is another picture; what is there is not replaced unasked.
    house.vodflow(&["preview", "p.vod", "clip.mp4", "--at", "500ms", "--out", "look"]).ends_with(6).says(&["E0604"]);
    house.vodflow(&["preview", "p.vod", "clip.mp4", "--at", "-1ms", "--out", "end"]).ends_with(0);
    assert_ne!(picture(&house, "end/v.bars.png").into_raw(), bars.into_raw());
    house.vodflow(&["preview", "p.vod", "clip.mp4", "--at", "1s", "--out", "one.png"]).ends_with(2);
    house.vodflow(&["preview", "p.vod", "clip.mp4", "--at", "soon", "--out", "look"]).ends_with(2);
}

fn picture(house: &House, name: &str) -> image::RgbImage {
    image::open(house.path(name)).expect("a picture").into_rgb8()
}
