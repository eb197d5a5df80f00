//! What a script asks for of different sources, when there is none to ask: one line for each outcome.

use super::files::FileWorld;
use super::session::Failure;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, codes, message};
use crate::driver::{Compiler, Script, assumed_sources};
use crate::explain::hir_text;
use crate::text::SourceMap;
use serde_json::{Value, json};

/// A script and what it asks for of each assumed source.
pub struct Branches {
    /// The script's name.
    name: String,
    /// The sources and what is asked for, one line a task; `None` after an error.
    sources: Vec<(&'static str, Option<Vec<String>>)>,
}

/// Runs a script against every assumed source. What is found for several is said once.
pub fn of(compiler: &Compiler, script: &Script, world: &FileWorld) -> (Failure, Branches) {
    let (mut diagnostics, mut sources) = (Diagnostics::default(), SourceMap::default());
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for (label, facts) in assumed_sources() {
        let checked = compiler.check_script(script, &facts, world);
        let lines = |text: String| text.lines().map(str::to_owned).collect();
        rows.push((label, checked.procedure.as_ref().map(|procedure| lines(hir_text(procedure)))));
        sources = checked.sources;
        // A script that is no Lua, or does not end, is so for every source.
        let is = |code: &'static Code| checked.diagnostics.iter().any(|problem| problem.code == code);
        let hopeless = is(&codes::SYNTAX) || is(&codes::SCRIPT_BUDGET);
        for problem in checked.diagnostics {
            if problem.code == &codes::SCRIPT_FAILED {
                failed.push((label, problem));
            } else if !diagnostics.iter().any(|known| same(known, &problem)) {
                diagnostics.push(problem);
            }
        }
        if hopeless {
            break;
        }
    }
    let always = failed.len() == rows.len();
    failed.dedup_by(|later, first| same(&later.1, &first.1));
    for (label, problem) in failed {
        diagnostics.push(if always { problem } else { only_for(label, problem) });
    }
    diagnostics.sort();
    (Failure { diagnostics, sources }, Branches { name: script.name.clone(), sources: rows })
}

/// A failure that some sources meet and others do not.
fn only_for(label: &str, problem: Diagnostic) -> Diagnostic {
    let message = message!("for a source like `{}`: {}", label, problem.message);
    Diagnostic { code: &codes::SCRIPT_FAILS_FOR, message, ..problem }
}

fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    let at = |problem: &Diagnostic| problem.primary.as_ref().map(|label| label.span);
    one == other || (one.severity() == Severity::Error && one.code == other.code && at(one) == at(other))
}

impl Branches {
    /// For people: sources with the same outcome share a line.
    pub fn table(&self) -> String {
        let mut outcomes: Vec<(Vec<&str>, &Option<Vec<String>>)> = Vec::new();
        for (label, tasks) in &self.sources {
            match outcomes.iter_mut().find(|(_, known)| *known == tasks) {
                Some((labels, _)) => labels.push(label),
                None => outcomes.push((vec![label], tasks)),
            }
        }
        if outcomes.iter().all(|(_, tasks)| tasks.is_none()) {
            return String::new();
        }
        let every = outcomes.len() == 1;
        let mut text = format!("{}, by source:\n", self.name);
        for (labels, tasks) in outcomes {
            let sources = if every { "any".to_owned() } else { labels.join(", ") };
            let tasks = match tasks {
                None => "an error, and nothing is made".to_owned(),
                Some(tasks) if tasks.is_empty() => "nothing".to_owned(),
                Some(tasks) => tasks.iter().map(|task| task.trim()).collect::<Vec<_>>().join("\n      "),
            };
            text.push_str(&format!("  {sources}\n      {tasks}\n"));
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let source = |(label, tasks): &(&str, Option<Vec<String>>)| json!({ "source": label, "tasks": tasks });
        json!({ "file": self.name, "sources": self.sources.iter().map(source).collect::<Vec<_>>() })
    }
}
