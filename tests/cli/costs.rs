//! What plans are expected to take: shown, tried out, measured beside it, and learned from.

use crate::house::{House, SMALL, clips};
use serde_json::Value;

/// Runs with prices kept in a file of the house.
fn priced(house: &House, arguments: &[&str]) -> crate::house::Told {
    let child = house.program(arguments).env("VODFLOW_MACHINE", house.path("machine.json")).spawn().expect("starts");
    house.finish(child).ends_with(0)
}

#[test]
fn a_plan_says_what_it_takes_and_what_the_rules_save() {
    let house = House::with_clip();
    let call = "QCVB_SimpleProcessFile({10,210})";
    let told = house.vodflow(&["plan", call, "clip.mp4"]).ends_with(0);
    assert!(told.stdout.contains("\nEstimate: ") && told.stdout.contains(", not calibrated), "), "{}", told.stdout);
    assert!(told.stdout.contains("share-encodes saves "), "{}", told.stdout);
    let json = house.vodflow(&["plan", call, "clip.mp4", "--format", "json"]).ends_with(0).json();
    let (plan, seconds) = (&json["estimate"], |value: &Value| value.as_f64().expect("seconds"));
    assert!(seconds(&plan["cpu_seconds_low"]) < seconds(&plan["cpu_seconds"]));
    assert!(seconds(&plan["cpu_seconds"]) < seconds(&plan["cpu_seconds_high"]));
    assert!(seconds(&plan["cpu_seconds"]) < seconds(&plan["unshared_cpu_seconds"]));
    let jobs = json["jobs"].as_array().expect("jobs").iter();
    let whole = |job: &Value| ["cpu_seconds", "verification_cpu_seconds"].map(|part| seconds(&job["estimate"][part]));
    let sum: f64 = jobs.flat_map(whole).sum();
    assert!((sum - seconds(&plan["cpu_seconds"])).abs() < 0.01, "{sum}");
}

#[test]
fn what_processes_took_stands_beside_and_is_learned() {
    let house = House::new();
    house.put(&clips().long, "clip.mp4");
    let told = priced(&house, &["run", SMALL, "clip.mp4", "--out", "out", "--analyze", "--no-learn"]);
    assert!(told.stdout.contains("process") && told.stdout.contains("measured ones"), "{}", told.stdout);
    assert!(!house.path("machine.json").exists(), "--no-learn");
    let told = priced(&house, &["plan", SMALL, "clip.mp4", "--out", "out", "--analyze", "--format", "json"]).json();
    let measured = told["measured"].as_array().expect("a list");
    assert_eq!(measured.len(), 2, "{measured:?}");
    assert!(measured.iter().all(|job| job["cpu_seconds"].as_f64() > Some(0.0)), "{measured:?}");
    // Another plan's processes are not these.
    let other =
        ["plan", "QCVB_SimpleProcessFile({10},0,10)", "clip.mp4", "--out", "out", "--analyze", "--format", "json"];
    let told = priced(&house, &other).json();
    assert_eq!(told["measured"].as_array().map(Vec::len), Some(0));
    priced(&house, &["run", SMALL, "clip.mp4", "--out", "out", "--force"]);
    let kept = house.json("machine.json");
    assert!(kept["corrections"].as_object().is_some_and(|list| !list.is_empty()), "{kept}");
    // A run that makes nothing teaches nothing.
    priced(&house, &["run", SMALL, "clip.mp4", "--out", "out"]);
    assert_eq!(house.json("machine.json"), kept);
}

#[test]
fn a_pilot_tries_the_plan_on_its_source() {
    let house = House::new();
    house.put(&clips().long, "clip.mp4");
    let estimate = |more: &[&str]| {
        let arguments: Vec<&str> =
            ["plan", SMALL, "clip.mp4", "--format", "json"].iter().chain(more).copied().collect();
        house.vodflow(&arguments).ends_with(0).json()["estimate"].clone()
    };
    assert_eq!(estimate(&[])["confidence"], "assumed", "a short clip is not tried unasked");
    let tried = estimate(&["--pilot"]);
    assert_eq!(tried["confidence"], "pilot", "{tried}");
    assert!(tried["cpu_seconds"].as_f64() > Some(0.0));
    assert_eq!(house.visible(""), ["clip.mp4"], "it leaves nothing");
}

#[test]
fn prices_that_cannot_be_used_are_told() {
    let house = House::with_clip();
    house.write("machine.json", "{ not json");
    let told = priced(&house, &["plan", SMALL, "clip.mp4"]);
    assert!(told.stderr.contains("W0609") && told.stdout.contains("not calibrated"), "{}", told.stderr);
    let doctor = priced(&house, &["doctor"]);
    assert!(doctor.stdout.contains("! prices"), "{}", doctor.stdout);
    house.vodflow(&["calibrate"]).ends_with(2).says(&["VODFLOW_MACHINE"]);
}
