//! Pulling the plug: at every numbered fault point, at random moments, on us, on ffmpeg, on both (`reliability.md` 9).
//!
//! After each death the folder is looked at, the same command is run again, and what is there then must be what a run
//! without any fault leaves. `VODFLOW_CRASH_CYCLES` says how many deaths there are (60 unless it says otherwise).

#![allow(clippy::print_stderr, reason = "the figures of a loop are for those who run it")]

mod receiver;
#[path = "crash/scene.rs"]
mod scene;
#[path = "crash/small_disk.rs"]
mod small_disk;

use scene::{Death, Scene};
use small_disk::SmallDisk;
use std::collections::BTreeSet;
use vodflow::fault::{POINTS, Point};

/// Points that only the run after a death passes.
const OF_RECOVERY: [Point; 3] = [Point::RecoveryFound, Point::RecoveryPlaced, Point::RecoveryDone];

/// Points of downloads, which `tests/cli/fetching.rs` dies at: the source here is a file.
const OF_FETCHING: [Point; 3] = [Point::FetchGrown, Point::FetchFlushed, Point::FetchPlaced];

#[test]
fn whatever_dies_nothing_is_lost_doubled_or_half_made() {
    let cycles: usize = std::env::var("VODFLOW_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut scene = Scene::new();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let points = || POINTS.iter().filter(|point| !OF_FETCHING.contains(point));
    for point in points() {
        let recovery = OF_RECOVERY.contains(point);
        scene.fresh();
        if recovery {
            scene.die(&Death::At("publish-placed", 2));
        }
        scene.die(&Death::At(point.name(), 1));
        reached.extend(scene.trace());
        scene.check_after_death();
        scene.finish();
    }
    let missing: Vec<&str> = points().map(|point| point.name()).filter(|name| !reached.contains(*name)).collect();
    assert!(missing.is_empty(), "no run passes {missing:?}");
    for cycle in POINTS.len()..cycles.max(POINTS.len() + 1) {
        scene.fresh();
        // Two deaths in a row, every third time: the second one meets what the first one left.
        for _ in 0..=usize::from(cycle.is_multiple_of(3)) {
            let death = scene.random_death();
            scene.die(&death);
            scene.check_after_death();
        }
        scene.finish();
    }
    eprintln!("{}", scene.summary());
}

#[test]
fn a_paused_run_is_shut_out_when_its_folder_is_taken_over() {
    let mut scene = Scene::new();
    scene.fresh();
    let mut paused = scene.start(&[("VODFLOW_FAULT", "publish-flushed=stop")]);
    scene.wait_until_stopped(&paused);
    let (code, said) = scene.run(&[]);
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("which is stopped") && said.contains("--take-over"), "{said}");
    let (code, said) = scene.run(&["--take-over"]);
    assert_eq!(code, Some(0), "{said}");
    scene.wake(&paused);
    assert!(!paused.wait().expect("ends").success(), "the run that was shut out cannot end well");
    scene.check_whole();
}

#[test]
fn an_error_of_the_disk_at_any_point_is_told_and_leaves_nothing_half_made() {
    let mut scene = Scene::new();
    let never = |point: &&Point| !OF_RECOVERY.contains(point) && !OF_FETCHING.contains(point);
    for point in POINTS.iter().filter(never) {
        for action in ["eio", "enospc"] {
            scene.fresh();
            let fault = format!("{}={action}", point.name());
            let mut child = scene.start(&[("VODFLOW_FAULT", &fault)]);
            let status = child.wait().expect("ends");
            assert!(status.code().is_some_and(|code| code != 101), "{fault}: {status}");
            scene.check_after_error(&fault);
            scene.finish();
        }
    }
}

#[test]
fn a_disk_that_fills_up_at_any_moment_leaves_whole_outputs_only() {
    let mut scene = Scene::rich();
    let disk = SmallDisk::at(&scene.out());
    for _ in 0..12 {
        scene.fresh();
        let after = scene.next(2500);
        let mut child = disk.start(&scene);
        std::thread::sleep(std::time::Duration::from_millis(after));
        disk.fill();
        let status = scene::wait(&mut child);
        scene.check_after_error(&format!("a full disk after {after} ms ({status})"));
        disk.make_room();
        scene.finish();
    }
}

#[test]
fn a_source_that_vanishes_during_a_run_is_told() {
    let mut scene = Scene::new();
    for point in ["job-prepared", "process-started", "verified"] {
        scene.fresh();
        let mut child = scene.start(&[("VODFLOW_FAULT", &format!("{point}=stop"))]);
        scene.wait_until_stopped(&child);
        scene.hide_source();
        scene.wake(&child);
        let status = scene::wait(&mut child);
        assert_eq!(status.code(), Some(1), "{point}");
        scene.check_after_error(&format!("a source that vanished at {point}"));
        scene.show_source();
        scene.finish();
    }
}
