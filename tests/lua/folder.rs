//! The folder of flows on the command line: by name, whatever they are written in.

use std::path::Path;
use std::process::Command;

const LUA: &str = "local C = NewProcedureClass()\nfunction C:constructor(id) self.id = id end\nfunction C:handleProcess()\n\
                   local s, t = ProcessActionSet:new(), TranscodeAction:new()\n t:addTranscodeDefinition(self.id or 10)\n\
                   s:addAction(t)\n return s\nend\nfunction CreateProcedure(id) return C:new(id) end\n";

/// Exit code and both streams of `vodflow check --expr CALL`, with a folder of flows.
fn checked(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_vodflow"))
        .args(["check", "--color", "never", "--language", "en"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout) + &text(&output.stderr))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

#[test]
fn a_flow_is_found_by_its_name() {
    let folder = folder(&[
        ("flows/MyFirstProcedure.lua", LUA),
        ("flows/课程.vod", "procedure 课程(id: template<transcode> = 20) { transcode id }"),
        ("flows/main.vod", "procedure other { transcode 30 }"),
        ("flows/notes.txt", "no flow"),
    ]);
    let look = |call: &str| checked(folder.path(), &["--expr", call]);
    for call in ["MyFirstProcedure", "MyFirstProcedure()", "MyFirstProcedure(20)", "课程", "课程(30)", "main"] {
        let (exit, said) = look(call);
        assert_eq!(exit, 0, "{call}: {said}");
    }
    assert!(look("MyFirstProcedure(20)").1.contains("transcode 20"));
    let (exit, said) = look("MyFirstProcedur(5)");
    assert!(exit == 3 && said.contains("write `MyFirstProcedure`, which the folder `flows` has"), "{said}");
    let (exit, said) = look("unlike_any");
    assert!(exit == 3 && said.contains("the folder `flows` has `MyFirstProcedure`, `main` and `课程`"), "{said}");
}

#[test]
fn names_that_clash_name_both_files() {
    let folder = folder(&[
        ("flows/a.lua", LUA),
        ("flows/a.vod", "procedure a { transcode 10 }"),
        ("flows/LongVideoPreset.lua", LUA),
        ("elsewhere/b.lua", LUA),
    ]);
    let (exit, said) = checked(folder.path(), &["--expr", "a"]);
    assert!(exit == 3 && said.contains("two flows are called `a`: `flows/a.lua` and `flows/a.vod`"), "{said}");
    let (exit, said) = checked(folder.path(), &["--expr", "LongVideoPreset"]);
    assert!(
        exit == 3 && said.contains("`flows/LongVideoPreset.lua` has the name of a procedure of the system"),
        "{said}"
    );
    let (exit, said) = checked(folder.path(), &["--flows", "elsewhere", "--expr", "b(20)"]);
    assert!(exit == 0 && said.contains("transcode 20"), "{said}");
    let (exit, said) = checked(folder.path(), &["--flows", "nowhere", "--expr", "b"]);
    assert!(exit == 3 && said.contains("the folder `nowhere` of flows cannot be read: it does not exist"), "{said}");
}

#[test]
fn a_check_says_what_each_source_gets() {
    let text = std::fs::read_to_string("tests/lua/flows/ladder.lua").expect("a flow");
    let folder = folder(&[("ladder.lua", &text)]);
    let (exit, said) = checked(folder.path(), &["ladder.lua"]);
    let expected = "ladder.lua, by source:\n  \
                    2160p60 HDR, 1080p25, 720p30 upright, 1080p25 silent\n      \
                    transcode 210  [only below source bitrate]\n      \
                    transcode 220  [only below source bitrate]\n      \
                    sample using 10  [only below source bitrate]\n  \
                    360p15 400 kbps, sound only\n      \
                    transcode 210  [only below source bitrate]\n      \
                    sample using 10  [only below source bitrate]\n\
                    1 procedure checked, nothing to say\n";
    assert_eq!((exit, said.as_str()), (0, expected));
    let (_, said) = checked(folder.path(), &["ladder.lua", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(document["scripts"][0]["sources"][3]["tasks"][1], "sample using 10  [only below source bitrate]");
}

#[test]
fn a_failure_of_some_sources_is_a_warning() {
    let folder = folder(&[(
        "codec.lua",
        "local c = File.mediaInfo.metaData.videoStreamList[1].codec\nfunction CreateProcedure() return NewProcedureClass():new() end\n",
    )]);
    let (exit, said) = checked(folder.path(), &["codec.lua"]);
    assert!(exit == 0 && said.contains("for a source like `sound only`: `codec` is asked of nothing"), "{said}");
}

const BRANDED: &str = "-- import \"brand/own.vod\"\n-- 品牌课程\nlocal C = NewProcedureClass()\nfunction C:handleProcess()\n\
                       local s, t = ProcessActionSet:new(), TranscodeAction:new()\n\
                       t.transcodeDefinition, t.watermarkDefinition = { 1001, \"small\" }, 150\n\
                       if File.mediaInfo.metaData.width > 640 then s:addAction(t) end\n return s\nend\n\
                       function CreateProcedure() return C:new() end\n";

const OWN: &str = "template transcode wide {\n    id: 1001\n    container: mp4\n    video: { short_side: 720, bitrate: 900kbps }\n}\n\
                   template transcode small {\n    container: mp4\n    video: { short_side: 360, bitrate: 400kbps }\n}\n\
                   template watermark logo {\n    id: 150\n    image: \"logo.png\"\n    width: 10%\n}\n";

#[test]
fn a_script_imports_templates_of_the_house() {
    let folder = folder(&[("flows/branded.lua", BRANDED), ("flows/brand/own.vod", OWN)]);
    let (exit, said) = checked(folder.path(), &["--expr", "branded"]);
    assert!(exit == 0 && said.contains("transcode wide with logo\n      transcode small with logo"), "{said}");
    let (exit, said) = checked(folder.path(), &["flows/branded.lua"]);
    assert!(exit == 0 && said.contains("360p15 400 kbps, sound only\n      nothing"), "{said}");
    let output = Command::new(env!("CARGO_BIN_EXE_vodflow"))
        .args(["convert", "branded", "--to", "vod"])
        .current_dir(&folder)
        .output()
        .expect("the program");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "import \"brand/own.vod\"\n\nprocedure branded {\n    when source.width > 640 {\n        transcode 1001, \"small\" with 150\n    }\n}\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::write(folder.path().join("flows/brand/own.vod"), "template transcode wide {").expect("a file");
    let (exit, said) = checked(folder.path(), &["--expr", "branded"]);
    assert!(exit == 3 && said.contains("flows/brand/own.vod"), "{said}");
}

#[test]
fn a_flow_in_json_takes_no_arguments() {
    let folder = folder(&[(
        "flows/course.json",
        "{\"name\": \"course\", \"process\": {\"transcode\": {\"definition\": [10]}}}",
    )]);
    assert_eq!(checked(folder.path(), &["--expr", "course"]).0, 0);
    assert_eq!(checked(folder.path(), &["--expr", "course()"]).0, 0);
    let (exit, said) = checked(folder.path(), &["--expr", "course(5)"]);
    assert!(exit == 3 && said.contains("`course` is written in JSON, and takes no arguments"), "{said}");
}
