//! Every flow of `tests/lua/flows` against its twin: the same plan for every assumed source, and `convert` writes it.

use super::{Interpreter, check, script};
use crate::assumed::compile_assumed;
use vodflow::driver::{Checked, Compiler, Entry, Form, Script, assumed_sources};
use vodflow::media::SourceFacts;
use vodflow::optimizer::OptimizerOptions;
use vodflow::plan::{Disposition, text};
use vodflow::target::Target;
use vodflow::world::NoFiles;

/// The flows with their names and texts, in the order of their names.
fn flows() -> Vec<(String, String)> {
    let folder = std::fs::read_dir("tests/lua/flows").expect("the folder");
    let paths = folder.map(|entry| entry.expect("an entry").path());
    let mut flows: Vec<(String, String)> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "lua"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a flow"))
        })
        .collect();
    flows.sort();
    flows
}

fn named(name: &str, text: &str) -> Script {
    Script { name: format!("{name}.lua"), text: text.to_owned(), flow: name.to_owned(), call: None }
}

/// The plan, the outputs and the codes of what there is to say.
fn planned(compiler: &Compiler, checked: &Checked, facts: &SourceFacts) -> String {
    let procedure = checked.procedure.as_ref().unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let (target, options) = (Target::assumed(), OptimizerOptions::default());
    let (compilation, diagnostics) =
        compile_assumed(compiler, procedure, facts, &target, &options).expect("a sound plan");
    // Where all branches are left out, the language has their notes, and a script has asked for nothing.
    let codes = diagnostics.iter().map(|problem| problem.code.id).filter(|code| *code != "W0505");
    let codes: Vec<&str> = codes.collect();
    let Some(compilation) = compilation else { return codes.join(" ") };
    // A branch that is not taken leaves a note in the language, and nothing in a script.
    let asked = compilation.outputs.iter().filter(|output| !matches!(&output.disposition, Disposition::Skip(_)));
    let outputs: Vec<String> = asked.map(|output| format!("{} {:?}", output.label, output.disposition)).collect();
    format!("{}\n{}\n{}", codes.join(" "), outputs.join(", "), text::print(&compilation.logical))
}

#[test]
fn every_flow_plans_what_its_twin_plans() {
    let compiler = Compiler::new();
    let flows = flows();
    assert!(flows.len() >= 15, "{} flows", flows.len());
    let mut different = Vec::new();
    for (name, text) in flows {
        let twin = std::fs::read_to_string(format!("tests/lua/flows/{name}.vod")).expect("a twin");
        let twin = compiler.check_file(&name, &twin, Entry::Main, &NoFiles);
        for (label, facts) in assumed_sources() {
            let flow = check(&compiler, &named(&name, &text), &facts);
            let (flow, twin) = (planned(&compiler, &flow, &facts), planned(&compiler, &twin, &facts));
            if flow != twin {
                different.push(format!("{name} for {label}:\n{flow}\nbut its twin:\n{twin}"));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

/// `UPDATE_CASES=1` writes the twins anew; read them.
#[test]
fn every_flow_is_written_as_its_twin() {
    let compiler = Compiler::new();
    let mut different = Vec::new();
    for (name, text) in flows() {
        let written = compiler.convert_script(&named(&name, &text), Form::Vod, &Interpreter);
        let said: Vec<String> = written.diagnostics.iter().map(|problem| problem.message.to_string()).collect();
        let Some(text) = written.text else {
            different.push(format!("{name} cannot be written: {said:?}"));
            continue;
        };
        let path = format!("tests/lua/flows/{name}.vod");
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(&path, &text).expect("a twin");
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != text {
            different.push(format!("{name}:\n{text}"));
        }
        let laid = vodflow::driver::format(&path, &text);
        assert_eq!(laid.formatted.text, text, "{name} is not in the usual layout");
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

#[test]
fn arguments_come_from_the_call() {
    let compiler = Compiler::new();
    let text = "local C = NewProcedureClass()\nfunction C:constructor(ids, o) self.ids, self.o = ids, o end\n\
                function C:handleProcess()\n local s, t = ProcessActionSet:new(), TranscodeAction:new()\n\
                t.transcodeDefinition = self.ids\n if self.o then t:addTranscodeDefinition(self.o.more) end\n\
                s:addAction(t)\n return s\nend\nfunction CreateProcedure(ids, o) return C:new(ids, o) end\n";
    let (_, facts) = &assumed_sources()[1];
    let table = [
        ("flow({10,20})", "transcode 10\ntranscode 20\n"),
        ("CreateProcedure({10; 20}, { more = 30 })", "transcode 10\ntranscode 20\ntranscode 30\n"),
        ("flow({0xA}, {['more'] = 2e1})", "transcode 10\ntranscode 20\n"),
        ("flow%28%7B10%2C20%7D%29", "transcode 10\ntranscode 20\n"),
    ];
    for (call, expected) in table {
        let checked = check(&compiler, &script(text, Some(call)), facts);
        let procedure = checked.procedure.unwrap_or_else(|| panic!("{call}: {:?}", checked.diagnostics));
        assert_eq!(vodflow::explain::hir_text(&procedure), expected, "{call}");
        assert_eq!(procedure.name, call);
    }
}

/// Whatever the source, a flow that was written in the language decides at the same edges.
#[test]
fn a_written_flow_decides_at_the_same_edges() {
    let compiler = Compiler::new();
    let mut different = Vec::new();
    for (name, text) in flows() {
        let twin = std::fs::read_to_string(format!("tests/lua/flows/{name}.vod")).expect("a twin");
        let twin = compiler.check_file(&name, &twin, Entry::Main, &NoFiles);
        for (bytes, size, seconds) in edges() {
            let facts = format!("file mp4 {bytes}\nvideo 0 h264 {size} 25/1 yuv420p {seconds}s\n");
            let facts: SourceFacts = facts.parse().expect("facts");
            let flow = check(&compiler, &named(&name, &text), &facts);
            if planned(&compiler, &flow, &facts) != planned(&compiler, &twin, &facts) {
                different.push(format!("{name}: {bytes} bytes, {size}, {seconds} s"));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Around 256, 512 and 2000 kbit/s, 240 and 480 lines, a square, 10 and 600 seconds.
fn edges() -> Vec<(u64, &'static str, u64)> {
    let mut edges = Vec::new();
    for kilobits in [256u64, 512, 2000] {
        edges.extend([-1i64, 0, 1].map(|step| ((kilobits * 125 * 8).saturating_add_signed(step), "640x360", 8)));
    }
    edges.extend(["426x239", "426x240", "852x480", "500x500", "500x502"].map(|size| (1_000_000, size, 8)));
    edges.extend([9, 10, 11, 599, 600].map(|seconds| (100_000_000, "1280x720", seconds)));
    edges
}

/// Switches belong to their action: where actions differ in them, each keeps its own.
#[test]
fn actions_with_different_switches_keep_them_apart() {
    let (_, facts) = &assumed_sources()[1];
    let text = "local C = NewProcedureClass()\nlocal function t(id, field)\n  local t = TranscodeAction:new()\n\
                t:addTranscodeDefinition(id)\n  if field then t[field] = true end\n  return t\nend\n\
                function C:handleProcess()\n  local set = ProcessActionSet:new()\n  set:addAction(t(10, 'disableHigherBitrate'))\n\
                set:addAction(t(210, 'hlsMasterPlaylist'))\n  set:addAction(t(20))\n  return set\nend\n\
                function CreateProcedure() return C:new() end\n";
    let checked = check(&Compiler::new(), &script(text, None), facts);
    let procedure = checked.procedure.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    assert_eq!(
        vodflow::explain::hir_text(&procedure),
        "transcode 10  [only below source bitrate]\ntranscode 210  [master playlist 2]\ntranscode 20\n"
    );
    assert_eq!(procedure.name, "flow");
}
