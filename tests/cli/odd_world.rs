//! A world that is not as it should be: names, clocks, and folders that become read-only in the middle of a run.

use crate::house::{House, SMALL, Told, clips};
use crate::receiver::Receiver;
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, SystemTime};

/// Names that a command line, a filter graph, a muxer, a shell or a terminal takes for something else.
const NASTY: [&str; 34] = [
    "-x",
    "--out",
    "a:b",
    "a=b",
    "concat:a|b",
    "pipe:1",
    "file:a",
    "http:",
    "data:,a",
    "subfile,,start,0,end,9,,:a",
    "a%d.jpg",
    "a%05d.mp4",
    "100%.m3u8",
    "%v.m3u8",
    "%%",
    "a b",
    " a ",
    "a'b",
    "a\"b",
    "a\\b",
    "a,b;c",
    "[0:v]",
    "a`touch made`",
    "$(touch made)",
    "$HOME",
    "a&b|c>d",
    "*",
    "?[a-z]",
    "#a",
    "~",
    "@a",
    "a\nb",
    "a\u{1b}[31mb",
    "课\u{301}程\u{202e}4pm.é",
];

/// A text of the language with these letters.
fn quoted(name: &str) -> String {
    let escape = |letter: char| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_ascii_graphic() || letter == ' ' => letter.to_string(),
        letter => format!("\\u{{{:x}}}", letter as u32),
    };
    let escaped: String = name.chars().map(escape).collect();
    format!("\"{escaped}\"")
}

#[test]
fn thirty_four_nasty_names_of_sources_marks_and_folders() {
    let mark = "-v error -nostdin -y -f lavfi -i color=red:s=40x20 -frames:v 1";
    let house = House::new();
    let made = Command::new("ffmpeg").args(mark.split(' ')).arg(house.path("red.png")).status();
    assert!(made.expect("ffmpeg starts").success());
    for (at, name) in NASTY.iter().enumerate() {
        let folder = format!("{at}");
        house.write(&format!("{folder}/p.vod"), format!(
            "template watermark logo {{ image: {}, origin: top_left, x: 0%, y: 0% }}\nprocedure p() {{ transcode 10 with logo }}\np()\n",
            quoted(&format!("marks/{name}"))
        ));
        std::fs::create_dir(house.path(&format!("{folder}/marks"))).expect("creates");
        house.put(&house.path("red.png"), &format!("{folder}/marks/{name}"));
        house.put(&clips().both, &format!("{folder}/{name}"));
        // In the folder of the source, so that nothing stands before its name.
        let here = |arguments: &[String]| -> Told {
            let mut program = house.program(arguments);
            let told = house.finish(program.current_dir(house.path(&folder)).spawn().expect("starts"));
            assert!(!told.text().contains('\u{1b}'), "{name:?}: {}", told.text());
            told.ends_with(0)
        };
        let (input, out) = (format!("--input={name}"), format!("--out=made/{name}"));
        let probed = here(&["probe".into(), "--json".into(), "--".into(), (*name).to_owned()]).json();
        assert_eq!(probed["name"], *name);
        let plan = ["plan".to_owned(), "p.vod".into(), input.clone(), out.clone(), "--format".into(), "json".into()];
        assert_eq!(here(&plan).json()["source"]["name"], *name);
        here(&["run".into(), "p.vod".into(), input.clone(), out.clone()]);
        let inside = format!("{folder}/made/{name}");
        assert_eq!(house.visible(&inside), ["result.json", "v.f10.mp4"], "{name:?}");
        assert_eq!(house.json(&format!("{inside}/result.json"))["source"]["name"], *name);
        // Nothing else came into being: no file of a shell, of a muxer, of a pattern.
        let mut there: Vec<String> = std::fs::read_dir(house.path(&folder))
            .expect("lists")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .collect();
        there.sort();
        let mut wanted = vec!["made".to_owned(), "marks".into(), "p.vod".into(), (*name).to_owned()];
        wanted.sort();
        assert_eq!(there, wanted);
        let again = here(&["run".into(), "p.vod".into(), input, out, "--json".into()]);
        let reused = |line: &serde_json::Value| line["event"] == "output_done" && line["reused"] == true;
        assert!(again.lines().iter().any(reused), "{name:?}: {}", again.text());
    }
}

/// Waits until a process stands still at its fault point.
fn wait_until_stopped(child: &Child) {
    let since = std::time::Instant::now();
    let state = || std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    while !state().rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T')) {
        assert!(since.elapsed() < Duration::from_secs(120), "it does not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("sets");
}

/// Nobody may write what is not theirs; root may, so that a test of root's runs the program as nobody.
fn as_nobody(house: &House, arguments: &[&str]) -> Command {
    let mut program = house.program(arguments);
    program.env("XDG_CACHE_HOME", house.path("cache"));
    if rustix::process::geteuid().is_root() {
        program.uid(65534).gid(65534);
    }
    program
}

fn give_to_nobody(path: &Path) {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(65534), Some(65534)).expect("gives");
    }
}

#[test]
fn a_folder_that_becomes_read_only_in_the_middle_of_a_run_holds_nothing_half_made() {
    for (point, folder) in
        [("process-started", "out"), ("verified", "out"), ("publish-flushed", "out"), ("job-prepared", "out/.vodflow")]
    {
        let house = House::with_clip();
        give_to_nobody(&house.path(""));
        give_to_nobody(&house.path("clip.mp4"));
        let arguments = ["run", "QCVB_SimpleProcessFile({10},0,10,10)", "clip.mp4", "--out", "out"];
        let fault = format!("{point}=stop");
        let child = as_nobody(&house, &arguments).env("VODFLOW_FAULT", fault).spawn().expect("starts");
        wait_until_stopped(&child);
        let before = std::fs::metadata(house.path(folder)).expect("a folder").permissions().mode() & 0o777;
        set_mode(&house.path(folder), 0o500);
        kill_process(Pid::from_child(&child), Signal::CONT).expect("wakes");
        let told = house.finish(child);
        assert!(matches!(told.code, Some(1 | 5)), "{point}: {}", told.text());
        assert!(told.text().contains("permission denied"), "{point}: {}", told.text());
        // What is there is whole: nothing, or what was published before.
        let left = house.visible("out");
        assert!(left.iter().all(|name| name.ends_with(".mp4") || name.ends_with(".jpg")), "{point}: {left:?}");
        set_mode(&house.path(folder), before);
        let again = as_nobody(&house, &arguments).spawn().expect("starts");
        house.finish(again).ends_with(0);
        let outputs = house.json("out/result.json");
        let states = outputs["outputs"].as_array().expect("outputs").iter().map(|output| output["state"].clone());
        assert!(states.eq(["done"; 3]), "{point}: {outputs}");
        assert_eq!(house.left_in_work("out"), 0, "{point}");
    }
}

/// Gives every file below a folder a time.
fn set_times(folder: &Path, time: SystemTime) {
    for entry in std::fs::read_dir(folder).expect("lists").flatten() {
        match entry.file_type().expect("a kind").is_dir() {
            true => set_times(&entry.path(), time),
            false => {
                let file = std::fs::OpenOptions::new().append(true).open(entry.path()).expect("opens");
                file.set_modified(time).expect("sets");
            }
        }
    }
}

#[test]
fn a_clock_that_jumps_decides_nothing() {
    let century = Duration::from_secs(100 * 365 * 86_400);
    for time in [SystemTime::now() + century, SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - century / 2] {
        let house = House::with_clip();
        let run = |more: &[&str]| {
            let arguments = ["run", SMALL, "clip.mp4", "--out", "out", "--json"];
            let mut program = house.program(&[&arguments[..], more].concat());
            house.finish(program.env("XDG_CACHE_HOME", house.path("cache")).spawn().expect("starts")).ends_with(0)
        };
        run(&[]);
        // As if everything had been made in another century: the source, what is known of it, the state.
        let source = std::fs::OpenOptions::new().append(true).open(house.path("clip.mp4")).expect("opens");
        source.set_modified(time).expect("sets");
        set_times(&house.path("cache"), time);
        set_times(&house.path("out/.vodflow"), time);
        let jobs = |told: &Told| told.lines().iter().filter(|line| line["event"] == "job_started").count();
        assert_eq!(jobs(&run(&[])), 0);
        // A cache that is tidied goes by order, never by age.
        house.vodflow(&["cache", "out"]).ends_with(0);
        house.vodflow(&["cache", "out", "--keep", "1GB"]).ends_with(0);
        std::fs::remove_file(house.path("out/v.f10.mp4")).expect("removes");
        let told = run(&[]);
        assert!(told.lines().iter().any(|line| line["event"] == "output_done"), "{}", told.text());
        assert!(house.path("out/v.f10.mp4").exists());
    }
}

#[test]
fn letters_of_another_century_are_delivered_in_the_order_of_the_runs() {
    for century in ["0000000000001", "4102444800000"] {
        let (house, receiver) = (House::with_clip(), Receiver::answering(&[503]));
        let allow = ["--allow-private-network", "--notify-patience", "0s"];
        let arguments = ["run", SMALL, "clip.mp4", "--out", "out", "--notify", receiver.url()];
        house.vodflow(&[&arguments[..], &allow].concat()).ends_with(0).says(&["W0710"]);
        let folder = house.path("out/.vodflow/outbox");
        let name = std::fs::read_dir(&folder).expect("lists").flatten().next().expect("a letter").file_name();
        let name = name.into_string().expect("text");
        let (written, rest) = name.split_once('-').expect("a time");
        let text = std::fs::read_to_string(folder.join(&name)).expect("reads");
        let number: u64 = century.parse().expect("a number");
        let text =
            text.replace(&format!("\"written\":{}", written.trim_start_matches('0')), &format!("\"written\":{number}"));
        std::fs::write(folder.join(format!("{century}-{rest}")), text).expect("writes");
        std::fs::remove_file(folder.join(&name)).expect("removes");
        let first = rest.trim_end_matches(".json").to_owned();
        house.vodflow(&[&arguments[..], &allow].concat()).ends_with(0);
        let ids: Vec<String> = receiver.posts().iter().skip(1).map(|post| post.id().to_owned()).collect();
        assert!(ids.len() == 2 && ids[0] == first && ids[1] != first, "{century}: {ids:?} {first}");
        assert_eq!(std::fs::read_dir(&folder).expect("lists").count(), 0);
    }
}
