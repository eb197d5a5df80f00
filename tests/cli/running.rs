//! `run` when all is well: what appears, what is left alone the second time, and what is refused.

use crate::house::{House, SMALL, Told, clips, keep, session};
use serde_json::{Value, json};

const ALL: &str = "QCVB_SimpleProcessFile({10,210},0,10,10)";

/// The paths that the plan of a procedure announces.
fn announced(house: &House, what: &str) -> Vec<String> {
    let plan = house.vodflow(&["plan", what, "clip.mp4", "--format", "json"]).ends_with(0).json();
    let outputs = plan["outputs"].as_array().expect("outputs").clone();
    let paths = outputs.iter().flat_map(|output| output["paths"].as_array().cloned().unwrap_or_default());
    paths.map(|path| path.as_str().expect("a path").to_owned()).collect()
}

/// The last document of a run with `--json`.
fn result(told: &Told) -> Value {
    told.lines().pop().expect("a last line")
}

fn events<'a>(lines: &'a [Value], name: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == name).collect()
}

#[test]
fn everything_announced_is_there_and_a_second_run_does_nothing() {
    let house = House::with_clip();
    let announced = announced(&house, ALL);
    let told = house.vodflow(&["run", ALL, "clip.mp4", "--out", "out"]).ends_with(0);
    assert!(told.stdout.ends_with('\n') && told.stdout.contains("Done: 4 of 4 outputs in out."), "{}", told.text());
    let there = house.visible("out");
    assert!(announced.len() > 10 && announced.iter().all(|path| there.contains(path)), "{announced:?} {there:?}");
    assert_eq!(house.left_in_work("out"), 0);
    let result = house.json("out/result.json");
    assert_eq!((&result["kind"], &result["status"]), (&"result".into(), &"FINISH".into()));
    let listed = result["outputs"]
        .as_array()
        .expect("outputs")
        .iter()
        .flat_map(|output| output["files"].as_array().cloned().unwrap_or_default());
    for file in listed {
        let path = house.path("out").join(file["path"].as_str().expect("a path"));
        assert_eq!(std::fs::metadata(&path).expect("there").len(), file["size"].as_u64().expect("a size"), "{file}");
    }
    // Again, with an ffmpeg that cannot do anything: it is not even asked to.
    house.pretend_ffmpeg(
        "broken",
        "case \" $* \" in *\" file:\"*|*\" -filter_complex\"*) exit 9;; esac; exec \"$REAL\" \"$@\"",
    );
    let again = house.vodflow(&["run", ALL, "clip.mp4", "--out", "out", "--ffmpeg", "broken"]).ends_with(0);
    assert_eq!(again.stdout.matches("  = ").count(), 4, "{}", again.text());
    let json = house.vodflow(&["run", ALL, "clip.mp4", "--out", "out", "--json"]).ends_with(0).lines();
    assert!(events(&json, "job_started").is_empty() && events(&json, "output_done").len() == 4);
    assert_eq!(house.visible("out"), there);
}

#[test]
fn what_people_see_of_runs() {
    let house = House::with_clip();
    house.put(&clips().mute, "mute.mp4");
    house.put(&clips().cut, "cut.mp4");
    let lines: &[&[&str]] = &[
        &["run", SMALL, "clip.mp4", "--out", "out", "--quiet"],
        &["run", SMALL, "clip.mp4", "--out", "out"],
        &["run", "QCVB_SimpleProcessFile({10,1110})", "mute.mp4", "--out", "mute"],
        &["run", SMALL, "cut.mp4", "--out", "cut", "--quiet"],
    ];
    keep("run", &session(&house, lines));
}

#[test]
fn events_are_lines_of_json_also_of_failures() {
    let house = House::with_clip();
    let told = house.vodflow(&["run", ALL, "clip.mp4", "--out", "out", "--json"]).ends_with(0);
    assert_eq!(told.stderr, "");
    let lines = told.lines();
    for (name, least) in [("output_started", 4), ("output_done", 4), ("job_started", 1), ("job_finished", 1)] {
        assert!(events(&lines, name).len() >= least, "{name}");
    }
    assert_eq!(
        events(&lines, "finished"),
        [&serde_json::json!(
            { "event": "finished", "done": 4, "failed": 0, "cancelled": 0, "skipped": 0 }
        )]
    );
    assert_eq!(result(&told)["kind"], "result");
    // What has begun says so first.
    for (arguments, code, exit, before) in [
        (&["run", "QCVB_SimpleProcessFile({11})", "clip.mp4"][..], "E0203", 3, 0),
        (&["run", SMALL, "none.mp4"], "E0401", 4, 1),
        (&["run", SMALL], "E0507", 2, 0),
    ] {
        let told = house.vodflow(&[arguments, &["--json", "--out", "x"]].concat()).ends_with(exit);
        let lines = told.lines();
        assert_eq!((lines.len(), events(&lines, "run_started").len(), told.stderr.as_str()), (before + 1, before, ""));
        assert_eq!(lines[before]["diagnostics"][0]["code"], code);
    }
}

#[test]
fn a_changed_procedure_remakes_only_what_changed() {
    let house = House::with_clip();
    let procedure = |rate: &str| {
        format!(
            "template transcode small {{ extends: 10 video: {{ fps: {rate} }} }}\nprocedure p {{\n    transcode small, 20\n    cover at 1s using 10\n}}\np()\n"
        )
    };
    house.write("p.vod", procedure("12"));
    house.vodflow(&["run", "p.vod", "clip.mp4", "--out", "out"]).ends_with(0);
    house.write("p.vod", procedure("15"));
    let told = house.vodflow(&["run", "p.vod", "clip.mp4", "--out", "out"]).ends_with(0);
    let signs: Vec<&str> = told.stdout.lines().take(3).map(|line| &line[..line.len().min(6)]).collect();
    assert_eq!(signs, ["  + sm", "  = 20", "  = co"], "{}", told.text());
}

#[test]
fn several_sources_have_a_folder_each() {
    let house = House::with_clip();
    house.put(&clips().mute, "静音.mp4");
    house.vodflow(&["run", SMALL, "clip.mp4", "--input", "静音.mp4", "--out", "out"]).ends_with(0);
    assert_eq!(house.visible("out"), ["clip/result.json", "clip/v.f10.mp4", "静音/result.json", "静音/v.f10.mp4"]);
    // One that cannot be used does not keep the others from being made.
    let told = house.vodflow(&["run", SMALL, "none.mp4", "clip.mp4", "--out", "more"]).ends_with(4);
    assert!(told.stdout.ends_with("\nSources: 1 of 2 done; failed: none.mp4.\n"), "{}", told.text());
    told.says(&["E0401", "none.mp4"]);
    assert_eq!(house.visible("more"), ["clip/result.json", "clip/v.f10.mp4"]);
    // Programs are told which source the lines are about.
    let told = house.vodflow(&["run", SMALL, "none.mp4", "clip.mp4", "--out", "more", "--json"]).ends_with(4);
    let lines = told.lines();
    let started: Vec<&Value> = events(&lines, "source_started").into_iter().map(|line| &line["source"]).collect();
    assert_eq!(started, ["none.mp4", "clip.mp4"]);
    assert_eq!(
        (&lines[2]["diagnostics"][0]["code"], &lines[lines.len() - 2]["kind"]),
        (&"E0401".into(), &"result".into())
    );
    let last = &events(&lines, "run_finished")[0];
    assert_eq!((*last, &last["done"], &last["failed"]), (&lines[lines.len() - 1], &1.into(), &json!(["none.mp4"])));
    let told = house.vodflow(&["plan", SMALL, "none.mp4", "clip.mp4"]).ends_with(4).says(&["E0401"]);
    assert!(told.stdout.contains("clip.mp4"), "{}", told.text());
}

#[test]
fn procedures_are_called_in_every_documented_form() {
    let house = House::with_clip();
    house
        .write("a:b.vod", "procedure 封面(在: time = 0s) { cover at 在 using 10 }\nprocedure other { transcode 10 }\n");
    for (what, file) in [
        ("a:b.vod:封面(在: 1s)", "coverBySnapshot/coverBySnapshot_10_0.jpg"),
        ("a:b.vod:封面()", "coverBySnapshot/coverBySnapshot_10_0.jpg"),
        ("a:b.vod:other()", "v.f10.mp4"),
        (SMALL, "v.f10.mp4"),
    ] {
        let told = house.vodflow(&["run", what, "clip.mp4", "--out", "out", "--force"]).ends_with(0);
        assert!(told.stdout.contains(file), "{}", told.text());
    }
    let piped = house
        .vodflow_reading(&["run", "-", "clip.mp4", "--out", "piped"], "procedure p { cover at 1s using 10 }\np()\n");
    piped.ends_with(0);
    house.vodflow(&["run", "a:b.vod:nobody()", "clip.mp4", "--out", "x"]).ends_with(3).says(&["E0205", "nobody"]);
    house.vodflow(&["run", "a:b.vod:封面(1s, 2s)", "clip.mp4", "--out", "x"]).ends_with(3).says(&["E0208"]);
    assert!(!house.path("x").exists());
}

#[test]
fn what_a_source_lacks_fails_only_what_needs_it() {
    let house = House::with_clip();
    house.put(&clips().mute, "mute.mp4");
    house.put(&clips().sound, "sound.m4a");
    let told = house.vodflow(&["run", "QCVB_SimpleProcessFile({10,1110})", "mute.mp4", "--out", "a"]).ends_with(1);
    told.says(&["E0406", "the source has no sound"]);
    assert_eq!(house.visible("a"), ["result.json", "v.f10.mp4"]);
    let told = house.vodflow(&["run", "QCVB_SimpleProcessFile({10,1110})", "sound.m4a", "--out", "b"]).ends_with(1);
    told.says(&["E0406", "the source has no picture"]);
    assert_eq!(house.json("b/result.json")["outputs"][0]["code"], "E0406");
    assert_eq!(house.visible("b").len(), 2);
}

#[test]
fn what_is_not_ours_is_refused_unless_forced() {
    let house = House::with_clip();
    house.write("out/v.f10.mp4", "mine");
    let run = |more: &[&str]| house.vodflow(&[&["run", SMALL, "clip.mp4", "--out", "out"][..], more].concat());
    run(&[]).ends_with(6).says(&["E0604", "`v.f10.mp4`", "is not ours", "--force"]);
    assert_eq!(house.visible("out"), ["v.f10.mp4"]);
    assert_eq!(std::fs::read(house.path("out/v.f10.mp4")).expect("reads"), b"mine");
    let lines = run(&["--json"]).ends_with(6).lines();
    assert_eq!(lines[lines.len() - 1]["diagnostics"][0]["code"], "E0604");
    run(&["--force"]).ends_with(0);
    // Ours, but edited.
    house.write("out/v.f10.mp4", "edited");
    run(&[]).ends_with(6).says(&["E0604", "was changed after we made it"]);
    run(&["--force"]).ends_with(0);
    // Ours as it was: made again without asking once something is missing.
    std::fs::remove_file(house.path("out/v.f10.mp4")).expect("removes");
    run(&[]).ends_with(0);
}

#[test]
fn the_folder_of_the_source_is_refused() {
    let house = House::with_clip();
    house.vodflow(&["run", SMALL, "clip.mp4", "--out", "."]).ends_with(6).says(&["E0605", "`.`"]);
    house.vodflow(&["run", SMALL, "./clip.mp4", "--out", ".", "--force"]).ends_with(0);
    assert_eq!(std::fs::read(house.path("clip.mp4")).expect("reads"), std::fs::read(&clips().both).expect("reads"));
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let house = House::with_clip();
    house.vodflow(&["run", SMALL, "clip.mp4", "--out", "out"]).ends_with(0);
    let lock = std::fs::File::open(house.path("out/.vodflow/lock")).expect("opens");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("locks");
    house.vodflow(&["run", SMALL, "clip.mp4", "--out", "out"]).ends_with(6).says(&["E0606"]);
}
