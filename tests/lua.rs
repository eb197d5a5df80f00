//! Task flows in Lua: they plan what their twins in the language plan, and nothing that a script does gets out.
#![cfg(feature = "lua")]

mod assumed;

#[path = "lua/flows.rs"]
mod flows;
#[path = "lua/hostile.rs"]
mod hostile;
#[path = "lua/mistakes.rs"]
mod mistakes;
#[path = "lua/folder.rs"]
mod folder;

use vodflow::driver::{Checked, Compiler, Script};
use vodflow::media::SourceFacts;
use vodflow::world::{ImportError, ImportedText, ScriptOutcome, ScriptRun, World};

/// A world without files and with an interpreter.
struct Interpreter;

impl World for Interpreter {
    fn read_import(&self, _from: &str, _path: &str) -> Result<ImportedText, ImportError> {
        Err(ImportError::NotFound)
    }

    fn run_script(&self, run: &ScriptRun<'_>) -> Option<ScriptOutcome> {
        Some(vodflow::lua::run(run))
    }
}

/// A script called `flow`, with the text of a call or without.
fn script(text: &str, call: Option<&str>) -> Script {
    Script { name: "flow.lua".into(), text: text.into(), flow: "flow".into(), call: call.map(str::to_owned) }
}

fn check(compiler: &Compiler, script: &Script, facts: &SourceFacts) -> Checked {
    compiler.check_script(script, facts, &Interpreter)
}
