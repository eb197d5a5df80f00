//! Machines that lack something: programs, encoders, folders to write to, room on the disk.

use crate::house::{House, SMALL, Told, clips};
use std::path::Path;
use std::process::Command;

/// A run into `out` that must end with 5 before anything is made.
fn lacking(house: &House, more: &[&str]) -> Told {
    let told = house.vodflow(&[&["run", SMALL, "clip.mp4"][..], more].concat()).ends_with(5);
    assert_eq!(told.stdout, "");
    assert!(!told.stderr.contains("os error"), "{}", told.text());
    told
}

#[test]
fn without_ffmpeg_it_says_how_to_get_it() {
    let house = House::with_clip();
    house.write("folder/readme", "");
    for given in ["/nonexistent", "folder", "folder/readme", "clip.mp4"] {
        lacking(&house, &["--out", "out", "--ffmpeg", given]).says(&["E0601", "apt-get install ffmpeg"]);
    }
    for path in ["", "/nonexistent"] {
        let child = house.program(&["run", SMALL, "clip.mp4", "--out", "out"]).env("PATH", path).spawn();
        let told = house.finish(child.expect("starts")).ends_with(5);
        told.says(&["E0601", "the program `ffmpeg` is not found"]);
    }
    let child = house.program(&["doctor"]).env("PATH", "").spawn();
    house.finish(child.expect("starts")).ends_with(5).says(&["E0601"]);
    // What can be said without it is said first.
    let child = house.program(&["run", SMALL, "none.mp4", "--out", "out"]).env("PATH", "").spawn();
    house.finish(child.expect("starts")).ends_with(4).says(&["E0401"]);
    assert!(!house.path("out").exists());
}

#[test]
fn a_missing_encoder_is_named() {
    let house = House::with_clip();
    let without = |encoder: &str| {
        format!(
            "case \" $* \" in *\" -encoders \"*) \"$REAL\" \"$@\" | grep -v {encoder}; exit;; esac; exec \"$REAL\" \"$@\""
        )
    };
    house.pretend_ffmpeg("no264", &without("libx264"));
    let told = lacking(&house, &["--out", "out", "--ffmpeg", "no264"]).says(&["E0602", "h264", "libx264", "doctor"]);
    assert!(!told.stderr.contains("W0505"), "{}", told.text());
    house.vodflow(&["plan", SMALL, "clip.mp4", "--ffmpeg", "no264"]).ends_with(5).says(&["E0602"]);
    let told = house.vodflow(&["doctor", "--ffmpeg", "no264"]).ends_with(5);
    assert!(told.stdout.contains("! h264 encoder"), "{}", told.text());
    // Only what needs it: pictures can still be made.
    house
        .vodflow(&["run", "QCVB_SimpleProcessFile(0,0,10)", "clip.mp4", "--out", "p", "--ffmpeg", "no264"])
        .ends_with(0);
    house.pretend_ffmpeg("nopng", &without("mjpeg"));
    let told =
        house.vodflow(&["run", "QCVB_SimpleProcessFile(0,0,10)", "clip.mp4", "--out", "out", "--ffmpeg", "nopng"]);
    told.ends_with(5).says(&["E0602", "`mjpeg`"]);
    assert!(!house.path("out").exists());
}

#[test]
fn programs_that_only_look_like_ffmpeg_are_not_blamed_on_the_source() {
    let house = House::with_clip();
    house.script("dead/ffmpeg", "exit 1");
    house.script("dead/ffprobe", "exit 1");
    house.script("other/ffmpeg", "echo something else");
    house.script("other/ffprobe", "echo something else");
    house.script("text/ffmpeg", "");
    house.write("text/ffprobe", "not a program");
    house.pretend_ffmpeg("half", "exit 1");
    for folder in ["dead", "text", "half"] {
        lacking(&house, &["--out", "out", "--ffmpeg", folder]).says(&["E0601"]);
    }
    assert!(matches!(house.vodflow(&["doctor", "--ffmpeg", "other"]).code, Some(5)));
    assert!(!house.path("out").exists());
}

#[test]
fn an_ffmpeg_that_fails_is_told_in_a_sentence() {
    let house = House::with_clip();
    let on_work = |act: &str| format!("case \" $* \" in *\" file:\"*) {act};; esac; exec \"$REAL\" \"$@\"");
    for (name, act, words) in [
        ("one", "echo 'Conversion failed! [x @ 0x55]' >&2; exit 1", "ffmpeg ended with exit code 1"),
        ("killed", "kill -9 $$", "ffmpeg was killed by signal 9"),
        ("lazy", "exit 0", "was not written"),
        ("memory", "echo 'Cannot allocate memory' >&2; exit 1", "the memory limit was reached"),
    ] {
        house.pretend_ffmpeg(name, &on_work(act));
        let out = format!("out-{name}");
        let told = house.vodflow(&["run", SMALL, "clip.mp4", "--out", &out, "--ffmpeg", name]).ends_with(1);
        assert!(told.stdout.contains(words) && told.stdout.contains("Done: 0 of 1 output"), "{}", told.text());
        assert!(!told.text().contains("0x55"), "{}", told.text());
        assert_eq!((house.visible(&out), house.left_in_work(&out)), (vec!["result.json".to_owned()], 0));
        assert_eq!(house.json(&format!("{out}/result.json"))["outputs"][0]["state"], "failed");
    }
    // The dump is there for those who ask.
    let told =
        house.vodflow(&["run", SMALL, "clip.mp4", "--out", "out-one", "--ffmpeg", "one", "--verbose"]).ends_with(1);
    told.says(&["Conversion failed!"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let house = House::with_clip();
    house.write("file", "in the way");
    lacking(&house, &["--out", "file"]).says(&["E0603", "`file` is not a folder"]);
    lacking(&house, &["--out", "file/below"]).says(&["E0603", "not a folder"]);
    house.write("state/.vodflow", "in the way");
    lacking(&house, &["--out", "state"]).says(&["E0603"]);
    let read_only = house.path("ro");
    std::fs::create_dir(&read_only).expect("creates");
    let words = match Mount::tmpfs(&read_only, "ro") {
        Some(_mount) => {
            lacking(&house, &["--out", "ro"]).says(&["E0603"]);
            lacking(&house, &["--out", "ro/below"]).says(&["E0603"]).stderr
        }
        None => {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&read_only, std::fs::Permissions::from_mode(0o500)).expect("sets");
            if std::fs::write(read_only.join("x"), "").is_ok() {
                println!("this user may write everywhere and mount nothing: read-only folders were not tried");
                return;
            }
            lacking(&house, &["--out", "ro"]).stderr
        }
    };
    assert!(words.contains("the file system is read-only") || words.contains("permission denied"), "{words}");
}

#[test]
fn a_disk_without_room_is_noticed_before_anything_starts() {
    let house = House::with_clip();
    house.put(&clips().long, "long.mp4");
    let small = house.path("small");
    std::fs::create_dir(&small).expect("creates");
    let Some(_mount) = Mount::tmpfs(&small, "size=600k") else {
        println!("nothing can be mounted here: a full disk was not tried");
        return;
    };
    let what = "QCVB_SimpleProcessFile({100020,210})";
    let told = house.vodflow(&["run", what, "long.mp4", "--out", "small"]).ends_with(5);
    let told = told.says(&["E0706", "the outputs need about ", "kB free", "--out"]);
    assert_eq!((told.stdout.as_str(), house.visible("small")), ("", vec![]));
    // What fits is made.
    house.vodflow(&["run", "QCVB_SimpleProcessFile(0,0,10)", "long.mp4", "--out", "small"]).ends_with(0);
}

/// A file system of our own, as long as it lives.
pub struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    /// `None` where this user may not mount.
    pub fn tmpfs(path: &'a Path, options: &str) -> Option<Mount<'a>> {
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(path).output();
        status.is_ok_and(|output| output.status.success()).then_some(Mount(path))
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).output();
    }
}

/// Does something in a thread whose kernel has no Landlock, nor have those that it starts.
fn without_landlock<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let arch = std::env::consts::ARCH.try_into().expect("an architecture that filters know");
    let calls = [(libc::SYS_landlock_create_ruleset, Vec::new())].into_iter().collect();
    let missing = SeccompAction::Errno(libc::ENOSYS as u32);
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, missing, arch).expect("a filter");
    let program: BpfProgram = filter.try_into().expect("a program");
    let limited = || {
        seccompiler::apply_filter(&program).expect("applies");
        work()
    };
    std::thread::scope(|scope| scope.spawn(limited).join()).expect("no panic")
}

#[test]
fn what_the_sandbox_lacks_is_said_by_all_who_start_processes() {
    let house = House::with_clip();
    without_landlock(|| {
        for arguments in
            [&["probe", "clip.mp4"][..], &["plan", SMALL, "clip.mp4"], &["run", SMALL, "clip.mp4", "--out", "out"]]
        {
            let told = house.vodflow(arguments).ends_with(0).says(&["W0608", "lacks a part of the sandbox"]);
            assert_eq!(told.stderr.matches("W0608").count(), 1, "{}", told.text());
            house.vodflow(&[arguments, &["--sandbox", "require"]].concat()).ends_with(5).says(&["E0607"]);
            let told = house.vodflow(&[arguments, &["--sandbox", "off"]].concat()).ends_with(0);
            assert!(!told.stderr.contains("W0608"), "{}", told.text());
        }
        for arguments in [&["probe", "clip.mp4", "--json"][..], &["plan", SMALL, "clip.mp4", "--format", "json"]] {
            let document = house.vodflow(arguments).ends_with(0).json();
            assert_eq!(document["diagnostics"][0]["code"], "W0608", "{document}");
        }
    });
}

#[test]
fn damage_of_the_source_is_said_by_probe_and_plan_as_by_run() {
    let house = House::new();
    house.put(&clips().cut, "cut.mp4");
    for arguments in
        [&["probe", "cut.mp4"][..], &["plan", SMALL, "cut.mp4"], &["run", SMALL, "cut.mp4", "--out", "out"]]
    {
        house.vodflow(arguments).ends_with(0).says(&["W0409", "is damaged"]);
    }
    let document = house.vodflow(&["probe", "cut.mp4", "--json"]).ends_with(0).json();
    assert_eq!(document["diagnostics"][0]["code"], "W0409", "{document}");
}
