//! Whole runs of hand-made plans: with the installed ffmpeg, and with one that misbehaves.

mod misbehaving;
mod scene;

use super::*;
use crate::process::Cancellation;
use crate::store::Overwrite;
use scene::{Scene, States};
use std::cell::RefCell;

#[test]
fn a_run_publishes_every_output_whole() {
    let scene = Scene::new();
    let (outcome, events) = scene.run();
    assert_eq!(outcome.states(), "0 done, 1 done, 2 done, 3 done, 4 skipped, 5 failed E0406");
    assert_eq!(
        scene.visible(),
        [
            "cover.jpg",
            "result.json",
            "s_0.jpg",
            "s_1.jpg",
            "s_2.jpg",
            "v.hls/0000.ts",
            "v.hls/0001.ts",
            "v.hls/v.m3u8",
            "v.mp4"
        ]
    );
    let media = outcome.outputs[0].media.as_ref().expect("media");
    assert_eq!((media.width, media.height, media.frames), (Some(160), Some(90), Some(100)));
    assert_eq!((media.video_codec.as_deref(), media.audio_codec.as_deref()), (Some("h264"), Some("aac")));
    assert_eq!(outcome.outputs[1].media.as_ref().and_then(|media| media.segments), Some(2));
    assert!(outcome.warnings.is_empty() && outcome.totals.cpu_seconds >= 0.0);
    assert!(matches!(events.last(), Some(RunEvent::Finished { done: 4, failed: 1, cancelled: 0, skipped: 1 })));
    let fractions: Vec<f64> = events
        .iter()
        .filter_map(|event| match event {
            RunEvent::Progress { job, fraction, .. } if job.0 == 0 => Some(*fraction),
            _ => None,
        })
        .collect();
    assert!(fractions.is_sorted() && fractions.last() == Some(&1.0), "{fractions:?}");
    serde_json::to_string(&events).expect("events are plain data");
}

#[test]
fn the_result_says_what_became_of_each_output() {
    let scene = Scene::new();
    scene.run();
    let text = std::fs::read(scene.out().join("result.json")).expect("a result");
    let result: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!((&result["schema_version"], &result["kind"]), (&1.into(), &"result".into()));
    assert_eq!((&result["status"], &result["source"]["duration"]), (&"FINISH".into(), &4.0.into()));
    let output = &result["outputs"][1];
    assert_eq!((&output["type"], &output["definition"]), (&"Transcode".into(), &220.into()));
    assert_eq!(output["files"][2]["path"], "v.hls/v.m3u8");
    assert_eq!(result["outputs"][4]["reason"], "not asked");
    assert_eq!(result["outputs"][5]["code"], "E0406");
}

#[test]
fn segments_are_encrypted_and_the_key_stays_private() {
    let scene = Scene::new();
    scene.run();
    let playlist = std::fs::read_to_string(scene.out().join("v.hls/v.m3u8")).expect("a playlist");
    let identity = &scene.facts.identity;
    assert!(playlist.contains(&format!("URI=\"https://keys.example.com/get?fileId={identity}&edk=")), "{playlist}");
    let segment = std::fs::read(scene.out().join("v.hls/0000.ts")).expect("a segment");
    assert!(segment.len().is_multiple_of(16) && segment[0] != 0x47);
    let first = playlist.lines().find(|line| line.contains("edk=")).map(str::to_owned);
    scene.run();
    let playlist = std::fs::read_to_string(scene.out().join("v.hls/v.m3u8")).expect("a playlist");
    assert!(playlist.lines().map(str::to_owned).any(|line| Some(line) == first), "the key changed");
    assert!(scene.visible().iter().all(|name| !name.contains("key")));
}

#[test]
fn one_bad_product_does_not_sink_the_others() {
    let mut scene = Scene::new();
    scene.break_product = Some(2); // the pictures: ffmpeg refuses the whole command
    let (outcome, events) = scene.run();
    assert_eq!(outcome.states(), "0 done, 1 done, 2 failed E0602, 3 failed E0602, 4 skipped, 5 failed E0406");
    let attempts = events.iter().filter(|event| matches!(event, RunEvent::JobStarted { attempt: 2, .. })).count();
    assert_eq!(attempts, 3);
    assert!(outcome.outputs[2].log.as_ref().is_some_and(|log| !log.is_empty()));
    assert!(!scene.visible().iter().any(|name| name.ends_with(".jpg")));
}

#[test]
fn one_bad_container_does_not_sink_those_of_its_process() {
    let mut scene = Scene::new();
    scene.share_copies();
    let jobs = |events: &[RunEvent]| events.iter().filter(|event| matches!(event, RunEvent::JobStarted { .. })).count();
    let (outcome, events) = scene.run();
    assert_eq!(outcome.states(), "0 done, 1 done, 2 done, 3 done, 4 skipped, 5 failed E0406");
    assert_eq!(jobs(&events), 2);
    let mut scene = Scene::new();
    scene.share_copies();
    scene.break_product = Some(4);
    let (outcome, events) = scene.run();
    assert_eq!(outcome.states(), "0 done, 1 failed E0602, 2 done, 3 done, 4 skipped, 5 failed E0406");
    assert_eq!(jobs(&events), 4, "both together, then each by itself");
    assert!(!scene.visible().iter().any(|name| name.starts_with("v.hls")));
}

#[test]
fn cancellation_leaves_no_process_and_no_file() {
    let mut scene = Scene::new();
    scene.slow = true;
    let cancel = Cancellation::default();
    let events = RefCell::new(Vec::new());
    let mut store = scene.open(Overwrite::Ours).expect("opens");
    let work = store.work().to_owned();
    let listen = |event: RunEvent| {
        if matches!(event, RunEvent::Progress { .. }) {
            cancel.cancel();
        }
        events.borrow_mut().push(event);
    };
    let emit = |job: &crate::physical::Job| scene.command(job);
    let outcome = run(&scene.request(&emit), &mut store, &listen, &cancel).expect("runs");
    assert!(outcome.cancelled);
    assert_eq!(outcome.states(), "0 cancelled, 1 cancelled, 2 cancelled, 3 cancelled, 4 skipped, 5 failed E0406");
    assert_eq!(scene::processes_in(&work), 0);
    drop(store);
    assert!(!work.exists());
    assert_eq!(scene.visible(), Vec::<String>::new());
    // And the next run finishes the work.
    scene.slow = false;
    assert!(scene.run().0.states().starts_with("0 done, 1 done, 2 done"));
}

#[test]
fn a_source_that_changed_since_the_probe_is_not_used() {
    let scene = Scene::new();
    let mut bytes = std::fs::read(&scene.source).expect("reads");
    bytes.push(0);
    std::fs::write(&scene.source, bytes).expect("writes");
    let mut store = scene.open(Overwrite::Ours).expect("opens");
    let emit = |job: &crate::physical::Job| scene.command(job);
    let refused = run(&scene.request(&emit), &mut store, &|_| {}, &Cancellation::default()).expect_err("refused");
    assert_eq!(refused.code.id, "E0411");
    assert_eq!(scene.visible(), Vec::<String>::new());
}

#[test]
fn a_foreign_file_stops_the_run_before_it_starts() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.out().join("v.hls")).expect("creates");
    std::fs::write(scene.out().join("v.hls/holiday.txt"), "mine").expect("writes");
    let mut store = scene.open(Overwrite::Ours).expect("opens");
    let emit = |job: &crate::physical::Job| scene.command(job);
    let refused = run(&scene.request(&emit), &mut store, &|_| {}, &Cancellation::default()).expect_err("refused");
    assert_eq!(refused.code.id, "E0604");
    assert!(refused.message.contains("v.hls/holiday.txt"), "{}", refused.message);
    assert_eq!(scene.visible(), ["v.hls/holiday.txt"]);
}

#[test]
fn a_mark_is_written_for_the_graph_and_a_lost_one_fails_only_its_outputs() {
    let mut scene = Scene::new();
    scene.add_mark();
    assert!(scene.run().0.states().starts_with("0 done, 1 done, 2 done"));
    std::fs::write(scene.path("logo.png"), "#EXTM3U").expect("writes");
    let (outcome, _) = scene.run();
    assert_eq!(outcome.states(), "0 failed E0410, 1 failed E0410, 2 done, 3 done, 4 skipped, 5 failed E0406");
}

#[test]
fn a_damaged_source_gives_less_with_a_warning() {
    let mut scene = Scene::new();
    scene.expect_frames(150);
    assert!(scene.run().0.states().starts_with("0 failed E0702, 1 failed E0702, 2 done"));
    scene.facts.damage = vec!["it is cut".into()];
    let (outcome, _) = scene.run();
    assert!(outcome.states().starts_with("0 done, 1 done, 2 done"), "{}", outcome.states());
    assert_eq!(outcome.warnings.first().map(|warning| warning.code.id), Some("W0409"));
    assert!(!outcome.outputs[0].warnings.is_empty());
}

#[test]
fn what_is_up_to_date_is_not_made_again() {
    let mut scene = Scene::new();
    scene.reuse = Reuse::UpToDate;
    let (first, _) = scene.run();
    let (second, _) = scene.run();
    assert_eq!(second.states(), first.states());
    assert!(second.jobs.is_empty() && second.outputs[..4].iter().all(|output| output.reused));
    assert_eq!(second.outputs[1].media, first.outputs[1].media);
    // A lost segment, an edited picture and a changed plan are made again, and nothing else.
    std::fs::remove_file(scene.out().join("v.hls/0001.ts")).expect("removes");
    scene.plan.artifacts[3].key.0 = "another".into();
    let (third, _) = scene.run();
    assert_eq!(third.states(), first.states());
    assert_eq!(third.outputs[..4].iter().map(|output| output.reused).collect::<Vec<_>>(), [false, false, true, true]);
}

/// An ffmpeg that would go on for ever, under one small limit each: it ends, and the limit is named.
#[test]
fn a_process_that_reaches_a_limit_ends_and_the_limit_is_named() {
    use crate::physical::Bounds;
    use crate::process::{Collect, Invocation, Limits, run};
    use crate::units::Bytes;
    let tools = crate::probe::Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
    let bounds = Bounds {
        address_space: Bytes(600_000_000),
        processor_seconds: 1,
        file_size: Bytes(100_000),
        open_files: 8,
        stall_seconds: 60,
    };
    let none = Limits { wall: Some(std::time::Duration::from_secs(120)), ..Limits::default() };
    for (limits, words) in [
        (Limits { cpu_seconds: Some(bounds.processor_seconds), ..none }, "processor time was reached: 1 s"),
        (Limits { file_size: Some(bounds.file_size.0), ..none }, "file size was reached: 100.0 kB"),
        (Limits { address_space: Some(bounds.address_space.0), ..none }, "memory limit was reached: 600.0 MB"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let large = if limits.address_space.is_some() { "s=8000x8000" } else { "s=320x180" };
        let arguments = format!(
            "-v level+warning -nostdin -f lavfi -i testsrc={large} -c:v rawvideo -f avi {}",
            if limits.file_size.is_some() { "out.avi" } else { "/dev/null -y" }
        );
        let mut invocation = Invocation::new(&tools.ffmpeg, arguments.split(' ').map(Into::into).collect());
        invocation.folder = Some(folder.path().to_owned());
        invocation.limits = limits;
        let before = crate::process::children_cpu_seconds();
        let finished = run(&invocation, &mut Collect::default(), &Cancellation::default()).expect("starts");
        let log = finished.log.text();
        let used = crate::process::children_cpu_seconds() - before;
        let used = if limits.cpu_seconds.is_some() { used } else { 0.0 };
        let cause = cause::of_process(finished.ending, &log, &bounds, used).or(cause::suspected(&log, &bounds));
        let cause = cause.expect("a cause");
        assert_eq!(cause.code.id, "E0709", "{:?} {log}", cause.reason);
        assert!(cause.reason.ends_with(words), "{}", cause.reason);
    }
}
