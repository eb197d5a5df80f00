//! Ctrl-C and requests to terminate in the middle of a run: nothing half-made, nothing left running, and it goes on.

use crate::house::{House, clips};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// The same program, with the ordinary meaning of hang-ups: whoever started the tests (`nohup`, a service) may have them
/// ignored, and children inherit that.
fn hearing_hangups(program: &Command) -> Command {
    let mut command = Command::new("/usr/bin/env");
    command.arg("--default-signal=HUP").arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(program.get_current_dir().expect("a folder"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts a run, sends a signal once it makes progress, and looks at what is left.
fn stopped(signal: Signal, exit: i32) {
    let house = House::new();
    house.put(&clips().long, "long.mp4");
    // The cover is quick, so that something may be done already; a rendition takes longer.
    let arguments = ["run", "QCVB_SimpleProcessFile({100020,210},0,10,10)", "long.mp4", "--out", "out"];
    let program = house.program(&[&arguments[..], &["--json"]].concat());
    let mut child = hearing_hangups(&program).spawn().expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let seen = lines.by_ref().any(|line| line.expect("a line").contains("\"event\":\"progress\""));
    assert!(seen, "no progress was told");
    kill_process(Pid::from_child(&child), signal).expect("sends");
    let rest: Vec<serde_json::Value> =
        lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON")).collect();
    house.finish(child).ends_with(exit);

    let last = rest.last().expect("a result");
    assert_eq!(last["kind"], "result");
    let states: Vec<&str> =
        last["outputs"].as_array().expect("outputs").iter().filter_map(|output| output["state"].as_str()).collect();
    assert!(states.contains(&"cancelled") && !states.contains(&"failed"), "{states:?}");
    assert_eq!(house.processes(), Vec::<String>::new());
    assert_eq!(house.left_in_work("out"), 0);
    let listed = last["outputs"].as_array().expect("outputs").iter();
    let done = listed.filter(|output| output["state"] == "done").flat_map(|output| output["files"].as_array().cloned());
    let mut done: Vec<String> = done.flatten().map(|file| file["path"].as_str().expect("a path").to_owned()).collect();
    if !done.is_empty() {
        done.push("result.json".into());
        done.sort();
    }
    assert_eq!(house.visible("out"), done);

    house.vodflow(&arguments).ends_with(0);
    let states = house.json("out/result.json");
    let states = states["outputs"].as_array().expect("outputs").iter().map(|output| output["state"].clone());
    assert!(states.eq([const { "done" }; 4]));
    assert_eq!(house.left_in_work("out"), 0);
}

#[test]
fn ctrl_c_ends_with_130_and_the_same_command_goes_on() {
    stopped(Signal::INT, 130);
}

#[test]
fn a_terminal_that_goes_away_ends_with_129() {
    stopped(Signal::HUP, 129);
}

#[test]
fn a_request_to_terminate_ends_with_143() {
    stopped(Signal::TERM, 143);
}

/// Before anything is made there is nothing to stop in order; the program must not sit out a long look at the source.
#[test]
fn a_request_during_the_look_at_the_source_ends_at_once() {
    let house = House::with_clip();
    house.pretend_ffmpeg("slow", "exec \"$REAL\" \"$@\"");
    std::fs::remove_file(house.path("slow/ffprobe")).expect("removes");
    house.script("slow/ffprobe", "touch started; sleep 1000");
    let child = house
        .program(&["run", crate::house::SMALL, "clip.mp4", "--out", "out", "--ffmpeg", "slow", "--sandbox", "off"])
        .spawn()
        .expect("starts");
    while !house.path("started").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    kill_process(Pid::from_child(&child), Signal::TERM).expect("sends");
    house.finish(child).ends_with(143);
    assert_eq!(house.visible(""), ["clip.mp4", "slow/ffmpeg", "slow/ffprobe", "started"]);
}

/// A hard kill leaves a work folder, and nothing visible; the next run clears it away.
#[test]
fn after_a_hard_kill_the_next_run_clears_up() {
    let house = House::new();
    house.put(&clips().long, "long.mp4");
    let arguments = ["run", "QCVB_SimpleProcessFile({100020})", "long.mp4", "--out", "out"];
    let mut child = house.program(&[&arguments[..], &["--json"]].concat()).spawn().expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert!(lines.by_ref().any(|line| line.expect("a line").contains("\"event\":\"progress\"")));
    child.kill().expect("kills");
    assert_eq!(house.finish(child).code, None);
    assert_eq!(house.visible("out"), Vec::<String>::new());
    assert_eq!(house.left_in_work("out"), 1);
    while !house.processes().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    house.vodflow(&["run", crate::house::SMALL, "long.mp4", "--out", "out"]).ends_with(0);
    assert_eq!(house.left_in_work("out"), 0);
}
