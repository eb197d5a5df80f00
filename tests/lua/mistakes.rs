//! Mistakes in scripts: each is told once, in our words, at its line.

use super::{check, script};
use crate::assumed::diagnostic_line;
use vodflow::driver::{Compiler, Form, assumed_sources};

const HEAD: &str = "local C = NewProcedureClass() local set = ProcessActionSet:new()\n";
const TAIL: &str = "function C:handleProcess() return set end\nfunction CreateProcedure(a) return C:new() end\n";

/// What there is to say about a script whose second line is given.
fn said(line: &str) -> String {
    let (_, facts) = &assumed_sources()[1];
    let text = format!("{HEAD}{line}\n{TAIL}");
    let checked = check(&Compiler::new(), &script(&text, None), facts);
    checked.diagnostics.iter().map(|problem| diagnostic_line(problem, &checked.sources, &["flow.lua"])).collect()
}

#[test]
fn each_mistake_is_told_once_at_its_line() {
    let table = [
        ("set.addAction(5)", "E0301 wrong-type 2:1 `addAction` takes an action, not a number\n"),
        ("set:addActoin(5)", "E0209 unknown-field 2:5 `ProcessActionSet` has no `addActoin`\n"),
        ("local t = TranscodAction:new()", "E0201 unknown-name 2:11 `TranscodAction` does not exist\n"),
        (
            "local t = TranscodeAction:new() t:addTranscodeDefintion(10)",
            "E0209 unknown-field 2:35 `TranscodeAction` has no `addTranscodeDefintion`\n",
        ),
        (
            "local t = TranscodeAction:new() t.definition = 10 set:addAction(t)",
            "E0209 unknown-field 2:35 `TranscodeAction` has no `definition`\n",
        ),
        (
            "local t = TranscodeAction:new() t:addTranscodeDefinition(99999) set:addAction(t)",
            "E0203 unknown-template 2:58 the transcode template `99999` does not exist\n",
        ),
        (
            "local t = TranscodeAction:new() t:addTranscodeDefinition(99990 + 9) set:addAction(t)",
            "E0203 unknown-template 2:1 the transcode template `99999` does not exist\n",
        ),
        (
            "local t = TranscodeAction:new() t.transcodeDefinition = {{}} set:addAction(t)",
            "E0301 wrong-type 2:1 `transcodeDefinition` takes a template id, not a table\n",
        ),
        (
            "local t = TranscodeAction:new() t.transcodeDefinition = {20} t.drm = 7 set:addAction(t)",
            "E0301 wrong-type 2:70 `drm` takes a table with a `definition`, not `7`\n",
        ),
        (
            "local t = TranscodeAction:new() t.transcodeDefinition = {210} t.drm.definition = 77 set:addAction(t)",
            "E0203 unknown-template 2:82 the encryption template `77` does not exist\n",
        ),
        (
            "local t = TranscodeAction:new() t.transcodeDefinition = {20} t.disableHigherBitrate = 'yes' set:addAction(t)",
            "E0301 wrong-type 2:88 `disableHigherBitrate` takes `true` or `false`, not a text\n",
        ),
        (
            "local c = CoverBySnapshotAction:new() set:addAction(c)",
            "E0211 missing-field 2:1 the `CoverBySnapshotAction` has no `definition`\n",
        ),
        (
            "local c = CoverBySnapshotAction:new() c.definition = 10 c.positionType = 'Frame' set:addAction(c)",
            "E0301 wrong-type 2:75 `positionType` takes the text `Time` or `Percent`, not a text\n",
        ),
        (
            "local c = SnapshotByTimeOffsetAction:new() c.definition = 10 set:addAction(c)",
            "E0211 missing-field 2:1 the `SnapshotByTimeOffsetAction` has no `timeOffset`\n",
        ),
        (
            "local c = AiReviewAction:new() c.definition = 10 set:addAction(c)",
            "E0123 script-result 2:1 `AiReviewAction` does not belong to the stage `process`\n",
        ),
        (
            "function C:handlePublish() end",
            "W0124 script-stage 2:1 `handlePublish` is not followed: only reviews by machine and the processing are\n",
        ),
        ("BaseProcedure.setPriority('high')", "E0301 wrong-type 2:28 `setPriority` takes a number, not a text\n"),
        (
            "C.setPriority(99)",
            "E0303 out-of-range 2:15 `99` is out of range: a whole number from -10 to 10 is allowed\n",
        ),
        ("local x = File.mediaInfo.metaDta.bitrate", "E0121 script-failed 2:1 `bitrate` is asked of nothing\n"),
        ("local x = 'a' < 1", "E0121 script-failed 2:1 values of different types are compared: `string < number`\n"),
        ("local x = nil + 1", "E0121 script-failed 2:1 something is counted with that is no number\n"),
        (
            "local x = set.addAction.y()",
            "E0121 script-failed 2:1 the script ends with an error: attempt to index function with 'y'\n",
        ),
        ("error('不支持的来源')", "E0121 script-failed 2:1 the script ends with an error: 不支持的来源\n"),
        (
            "goto top",
            "E0101 syntax 2:1 the script does not follow the grammar of Lua: incomplete statement: expected assignment or a function call\n",
        ),
        ("local f = 5 f()", "E0121 script-failed 2:1 a number is called, and no function\n"),
    ];
    let mut different = Vec::new();
    for (line, expected) in table {
        let said = said(line);
        if said != expected {
            different.push(format!("{line}\n{said}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn what_a_script_gives_back_is_looked_at() {
    let (_, facts) = &assumed_sources()[1];
    let table = [
        ("", "E0123 script-result 1:1 the script defines no `CreateProcedure`\n"),
        (
            "function CreateProcedure() end",
            "E0123 script-result 1:1 `CreateProcedure` gives nothing, and not a procedure\n",
        ),
        (
            "function CreateProcedure() return {} end",
            "E0123 script-result 1:1 `CreateProcedure` gives a table, and not a procedure\n",
        ),
        ("CreateProcedure = 5", "E0123 script-result 1:1 the script defines no `CreateProcedure`\n"),
        (
            "local C = NewProcedureClass()\nfunction C:handleProcess() return 5 end\nfunction CreateProcedure() return C:new() end",
            "E0123 script-result 2:1 `handleProcess` gives a number, and not a set of actions\n",
        ),
    ];
    for (text, expected) in table {
        let checked = check(&Compiler::new(), &script(text, None), facts);
        let said: String = checked
            .diagnostics
            .iter()
            .map(|problem| diagnostic_line(problem, &checked.sources, &["flow.lua"]))
            .collect();
        assert_eq!(said, expected, "{text}");
        assert!(checked.procedure.is_none());
    }
}

#[test]
fn wrong_arguments_point_at_the_call() {
    let (_, facts) = &assumed_sources()[1];
    let text = "local C = NewProcedureClass()\nfunction C:constructor(w) self.w = w end\nfunction C:handleProcess()\n\
                local s, t = ProcessActionSet:new(), TranscodeAction:new()\n t.transcodeDefinition = {20}\n\
                t.watermarkDefinition = self.w\n s:addAction(t)\n return s\nend\nfunction CreateProcedure(w) return C:new(w) end\n";
    let table = [
        ("flow(77)", "E0203 unknown-template <call>:1:6 the watermark template `77` does not exist\n"),
        ("flow(1, 2)", "E0208 argument-count <call>:1:9 `CreateProcedure` takes at most 1 argument, 2 are given\n"),
        ("other(77)", "E0205 unknown-procedure <call>:1:1 `flow.lua` has no procedure `other`\n"),
        ("flow(77", "E0101 syntax <call>:1:8 expected `,` or `)` here\n"),
        ("flow({})", "E0301 wrong-type 6:1 `watermarkDefinition` takes a template id, not a table\n"),
    ];
    for (call, expected) in table {
        let checked = check(&Compiler::new(), &script(text, Some(call)), facts);
        let said: String = checked
            .diagnostics
            .iter()
            .map(|problem| diagnostic_line(problem, &checked.sources, &["flow.lua"]))
            .collect();
        assert_eq!(said, expected, "{call}");
    }
}

#[test]
fn a_script_that_is_too_large_is_not_run() {
    let (_, facts) = &assumed_sources()[1];
    let text = format!("--{}", "x".repeat(256 << 10));
    let checked = check(&Compiler::new(), &script(&text, None), facts);
    let said: Vec<String> = checked.diagnostics.iter().map(|problem| problem.message.to_string()).collect();
    assert_eq!(said, ["`flow.lua` is larger than 256 KiB"]);
}

#[test]
fn what_the_language_cannot_say_is_not_written() {
    let table = [
        ("if File.mediaInfo.metaData.width % 16 == 0 then end", "a remainder of a fact is taken"),
        ("local s = 'w' .. File.mediaInfo.metaData.width", "a fact is put into a text"),
        ("if #File.mediaInfo.metaData.audioStreamList > 1 then end", "the number of streams is counted"),
        ("local a = File.mediaInfo.metaData.audioStreamList[2]", "a stream other than the first is looked at"),
        ("for _, v in ipairs(File.mediaInfo.metaData.videoStreamList) do end", "a loop goes over facts"),
        (
            "if File.mediaInfo.metaData.videoStreamList[1].bitrate > 5 then end",
            "the language has no fact for `metaData.videoStreamList[1].bitrate`",
        ),
        (
            "if File.mediaInfo.metaData.width < File.mediaInfo.metaData.duration then end",
            "facts of different kinds are compared",
        ),
        ("if File.mediaInfo.sourceContext == 'x' then end", "the language has no fact for `sourceContext`"),
        (
            "local x = ({ UPLOAD = 1 })[File.mediaInfo.sourceType] BaseProcedure.setPriority(x or 2)",
            "it does something else for a source like 2160p60 HDR",
        ),
        (
            "if File.mediaInfo.metaData.width > 5 then BaseProcedure.setPriority(3) end",
            "its options depend on the source",
        ),
        (
            "for i = 1, 7 do if File.mediaInfo.metaData.width * i > 5 * i then end end",
            "there are more than 64 ways through it",
        ),
    ];
    let mut different = Vec::new();
    for (line, why) in table {
        let written = Compiler::new().convert_script(
            &script(&format!("{HEAD}{line}\n{TAIL}"), None),
            Form::Vod,
            &super::Interpreter,
        );
        let said: Vec<String> = written.diagnostics.iter().map(|problem| problem.message.to_string()).collect();
        if said != [format!("the script cannot be written as a procedure: {why}")] || written.text.is_some() {
            different.push(format!("{line}\n{said:?}\n{:?}", written.text));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
