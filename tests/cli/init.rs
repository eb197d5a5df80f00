//! `vodflow init`: what it writes runs as it is, and nothing is lost by it.

use crate::house::{House, keep, session};

#[test]
fn what_it_writes_is_sound_and_runs() {
    let house = House::with_clip();
    let told = house.vodflow(&["init"]).ends_with(0);
    assert_eq!(told.stdout, "", "nothing of it is for programs");
    assert_eq!(house.visible("."), ["clip.mp4", "procedure.vod"]);
    house.vodflow(&["check", "procedure.vod"]).ends_with(0).says(&["nothing to say"]);
    // The two commands that it names, word for word.
    let named: Vec<String> =
        told.stderr.lines().filter_map(|line| line.trim().strip_prefix("vodflow ").map(str::to_owned)).collect();
    assert_eq!(named.len(), 2, "{}", told.stderr);
    for command in &named {
        let words: Vec<&str> = command.split(' ').map(|word| if word == "VIDEO" { "clip.mp4" } else { word }).collect();
        let told = house.vodflow(&words).ends_with(0);
        assert!(!told.stderr.contains("warning"), "{}", told.text());
    }
    let made = house.visible("out");
    assert!(made.iter().any(|name| name.ends_with(".mp4")) && made.len() >= 12, "{made:?}");
}

#[test]
fn a_file_that_is_there_stays_unless_forced() {
    let house = House::new();
    house.write("procedure.vod", "mine");
    let lines: &[&[&str]] = &[
        &["init"],
        &["init", "a b.vod"],
        &["init", "no/such/folder.vod"],
        &["init", "--list"],
        &["init", "site.vod", "--example", "publish"],
        &["init", "other.vod", "--example", "pubish"],
    ];
    keep("init", &session(&house, lines));
    assert_eq!(std::fs::read_to_string(house.path("procedure.vod")).expect("reads"), "mine");
    house.vodflow(&["init", "--force", "--quiet"]).ends_with(0);
    assert!(std::fs::read_to_string(house.path("procedure.vod")).expect("reads").contains("procedure publish"));
}

#[test]
fn every_example_it_offers_is_complete() {
    let list = House::new().vodflow(&["init", "--list"]).ends_with(0).stdout;
    assert!(list.lines().count() >= 4, "{list}");
    for name in list.lines().filter_map(|line| line.split_whitespace().next()) {
        let house = House::with_clip();
        house.vodflow(&["init", "one.vod", "--example", name]).ends_with(0);
        house.vodflow(&["plan", "one.vod", "clip.mp4"]).ends_with(0);
    }
}
