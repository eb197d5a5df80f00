//! Others are told that a run ended: signed, at least once, whatever happens to them or to us.

use crate::house::{House, SMALL, Told, clips};
use crate::receiver::{Post, Receiver};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;
use std::os::unix::process::ExitStatusExt;

const PRIVATE: &str = "--allow-private-network";

/// Runs the small procedure, telling a receiver, with more arguments and variables.
fn run(house: &House, receiver: &Receiver, more: &[&str], environment: &[(&str, &str)]) -> Told {
    let arguments = ["run", SMALL, "clip.mp4", "--out", "out", "--notify", receiver.url()];
    let mut program = house.program(&[&arguments[..], more].concat());
    house.finish(program.envs(environment.iter().copied()).spawn().expect("starts"))
}

/// Ids of what waits.
fn waiting(house: &House) -> Vec<String> {
    let names = std::fs::read_dir(house.path("out/.vodflow/outbox")).expect("an outbox").flatten();
    let read =
        |entry: std::fs::DirEntry| house.json(&format!("out/.vodflow/outbox/{}", entry.file_name().to_string_lossy()));
    names.map(read).map(|letter| letter["id"].as_str().expect("an id").to_owned()).collect()
}

fn check_signature(post: &Post, secret: &str) {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    code.update(format!("{}.{}", post.headers["vodflow-timestamp"], post.body).as_bytes());
    let digits: String = code.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(post.headers["vodflow-signature"], format!("v1={digits}"));
}

#[test]
fn a_receiver_that_fails_twice_is_tried_again() {
    let (house, receiver) = (House::with_clip(), Receiver::answering(&[500, 302]));
    let more = [PRIVATE, "--json", "--notify-patience", "60s", "--base-url", "https://media.example.com/a"];
    let told = run(&house, &receiver, &more, &[("VODFLOW_NOTIFY_SECRET", "a long secret")]).ends_with(0);
    let posts = receiver.posts();
    assert_eq!(posts.len(), 3);
    for post in &posts {
        assert_eq!((post.id(), &post.body), (posts[0].id(), &posts[0].body));
        assert_eq!((&post.line[..], &post.headers["content-type"][..]), ("POST /hook HTTP/1.1", "application/json"));
        check_signature(post, "a long secret");
    }
    let event: serde_json::Value = serde_json::from_str(&posts[0].body).expect("JSON");
    let task = &event["ProcedureStateChangeEvent"];
    assert_eq!(task["TaskId"], house.json("out/result.json")["task_id"]);
    let output = &task["MediaProcessResultSet"][0]["TranscodeTask"]["Output"];
    assert_eq!(output["Url"], "https://media.example.com/a/v.f10.mp4");
    let lines = told.lines();
    let last = lines.last().expect("a line");
    assert_eq!((&last["event"], &last["attempts"]), (&"notification_delivered".into(), &3.into()));
    assert_eq!((&lines[0]["event"], &lines[0]["schema_version"]), (&"run_started".into(), &1.into()));
    assert_eq!(waiting(&house), Vec::<String>::new());
}

#[test]
fn what_a_receiver_does_not_take_waits_for_the_next_run_or_for_notify() {
    let (house, receiver) = (House::with_clip(), Receiver::answering(&[503, 503, 503]));
    let once = [PRIVATE, "--notify-patience", "0s"];
    run(&house, &receiver, &once, &[]).ends_with(0).says(&["W0710", "503", "vodflow notify out"]);
    let first = waiting(&house);
    assert_eq!(first.len(), 1);
    house.vodflow(&[&["notify", "out"][..], &once].concat()).ends_with(1).says(&["W0710"]);
    // A run that tells nobody itself brings what is there.
    let arguments = ["run", SMALL, "clip.mp4", "--out", "out"];
    house.vodflow(&[&arguments[..], &once].concat()).ends_with(0).says(&["W0710"]);
    run(&house, &receiver, &once, &[]).ends_with(0);
    let ids: Vec<String> = receiver.posts().iter().map(|post| post.id().to_owned()).collect();
    assert_eq!(ids.len(), 5);
    assert!(ids[..4].iter().all(|id| *id == first[0]) && ids[4] != first[0], "{ids:?}");
    let told = house.vodflow(&["notify", "out", "--json"]).ends_with(0).json();
    assert_eq!((&told["kind"], &told["notifications"]), (&"notifications".into(), &serde_json::json!([])));
}

#[test]
fn a_receiver_that_is_down_is_asked_once() {
    let (house, receiver) = (House::with_clip(), Receiver::answering(&[503, 503]));
    let once = [PRIVATE, "--notify-patience", "0s"];
    run(&house, &receiver, &once, &[]).ends_with(0);
    run(&house, &receiver, &once, &[]).ends_with(0).says(&["503", "take one before"]);
    assert_eq!((receiver.posts().len(), waiting(&house).len()), (2, 2));
    house.vodflow(&[&["notify", "out"][..], &once].concat()).ends_with(0).says(&["was delivered"]);
    assert!(waiting(&house).is_empty());
}

#[test]
fn nothing_goes_to_a_private_network_or_out_unsigned_against_the_will() {
    let (house, receiver) = (House::with_clip(), Receiver::answering(&[]));
    house.write("secret", "a long secret\n");
    let signed = [("VODFLOW_NOTIFY_SECRET", "a long secret")];
    run(&house, &receiver, &["--notify-form", "v2"], &signed).ends_with(0).says(&["W0710", "private network"]);
    house.vodflow(&["notify", "out", PRIVATE]).ends_with(1).says(&["W0710", "--notify-secret-file"]);
    assert!(receiver.posts().is_empty());
    house.vodflow(&["notify", "out", PRIVATE, "--notify-secret-file", "secret"]).ends_with(0);
    let posts = receiver.posts();
    check_signature(&posts[0], "a long secret");
    let event: serde_json::Value = serde_json::from_str(&posts[0].body).expect("JSON");
    assert_eq!((posts.len(), &event["version"], &event["data"]["status"]), (1, &"4.0".into(), &"FINISH".into()));
}

#[test]
fn an_event_outlives_the_run_that_wrote_it() {
    for point in ["letter-posted", "run-ended", "end-journaled", "letter-accepted"] {
        let (house, receiver) = (House::with_clip(), Receiver::answering(&[]));
        let arguments = ["run", SMALL, "clip.mp4", "--out", "out", PRIVATE, "--notify", receiver.url()];
        let status = house.program(&arguments).env("VODFLOW_FAULT", format!("{point}=kill")).status().expect("runs");
        assert_eq!(status.signal(), Some(9), "{point}");
        let written = waiting(&house);
        assert_eq!(written.len(), 1, "{point}");
        house.vodflow(&["notify", "out", PRIVATE]).ends_with(0);
        let posts = receiver.posts();
        assert_eq!(posts.len(), if point == "letter-accepted" { 2 } else { 1 }, "{point}");
        assert!(posts.iter().all(|post| post.id() == written[0]), "{point}");
        assert!(waiting(&house).is_empty(), "{point}");
    }
}

#[test]
fn what_cannot_be_used_is_said_before_anything_runs() {
    let house = House::with_clip();
    house.write("empty", "\n");
    for more in [
        &["--notify", "ftp://example.com/"][..],
        &["--notify", "https://name:word@example.com/"],
        &["--notify-secret-file", "empty"],
        &["--notify-secret-file", "none"],
        &["--notify-form", "v2"],
        &["--notify-patience", "soon"],
    ] {
        house.vodflow(&[&["run", SMALL, "clip.mp4", "--out", "out"], more].concat()).ends_with(2);
    }
    assert!(!house.path("out").exists());
}

#[test]
fn media_info_tells_what_was_made() {
    let house = House::with_clip();
    let run = |form: &str| {
        let arguments = ["run", "QCVB_SimpleProcessFile({10},0,10,10)", "clip.mp4", "--out", "out", "--media-info"];
        house.vodflow(&[&arguments[..], &[form]].concat()).ends_with(0);
        house.json("out/media-info.json")
    };
    let (old, new) = (run("v2"), run("v3"));
    let renditions = old["transcodeInfo"]["transcodeList"].as_array().expect("renditions");
    let definitions: Vec<_> = renditions.iter().map(|one| &one["definition"]).collect();
    assert_eq!(definitions, [0, 10]);
    let sum = |name: &str| {
        let bytes = std::fs::read(house.path(name)).expect("reads");
        Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    assert_eq!((&renditions[0]["md5"], &renditions[1]["md5"]), (&sum("clip.mp4").into(), &sum("out/v.f10.mp4").into()));
    let (video, audio) = (&renditions[1]["videoStreamList"][0], &renditions[1]["audioStreamList"][0]);
    assert_eq!((&video["codec"], &audio["codec"]), (&"h264".into(), &"aac".into()));
    assert!(video["bitrate"].as_u64() > Some(0) && audio["samplingRate"].as_u64() > Some(0), "{}", renditions[1]);
    let sets = (&new["TranscodeInfo"]["TranscodeSet"][1], &new["SampleSnapshotInfo"]["SampleSnapshotSet"][0]);
    assert_eq!((&sets.0["Md5"], &sets.1["SampleType"]), (&renditions[1]["md5"], &"Percent".into()));
    let cover = new["BasicInfo"]["CoverUrl"].as_str().expect("a path").to_owned();
    assert_eq!(old["basicInfo"]["coverUrl"], cover);
    assert!(house.visible("out").contains(&cover));
}

#[test]
fn a_failure_has_a_number_and_a_place() {
    let house = House::new();
    house.put(&clips().mute, "mute.mp4");
    house.write("p.vod", "procedure p() {\n    transcode 10\n    transcode 1110\n}\np()\n");
    house.vodflow(&["run", "p.vod", "mute.mp4", "--out", "out"]).ends_with(1);
    let outputs = &house.json("out/result.json")["outputs"];
    let failed = &outputs[1];
    assert_eq!((&failed["code"], &failed["api_code"]), (&"E0406".into(), &(-47401).into()));
    assert_eq!((&failed["place"]["file"], &failed["place"]["line"]), (&"p.vod".into(), &3.into()));
    assert_eq!((outputs[0].get("api_code"), outputs[0].get("place")), (None, None));
}
