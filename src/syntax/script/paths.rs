//! A script that decides by facts of the source, as a procedure with `when`: every way through it is run once.
//!
//! Facts stand for themselves, and each comparison with one is answered both ways, unless what was answered before
//! settles it. What both answers have in common at their start and end is said once, outside the `when`.

mod condition;
mod written;

use super::actions::Actions;
use super::places::Places;
use super::problems::{report, untraceable};
use super::{ScriptTexts, imports, priority};
use crate::diag::{Diagnostic, Diagnostics, message};
use crate::syntax::write::{quoted, value_text};
use crate::world::{ScriptEnd, ScriptOutcome};
use condition::{Condition, Known};
use written::{Line, Request};

/// Most ways through a script.
const MOST_WAYS: usize = 64;
/// Most runs that finding them may take.
const MOST_RUNS: usize = 256;

/// What became of a script.
#[derive(Debug, Clone)]
pub struct Explored {
    /// The procedure as text, if it could be written.
    pub text: Option<String>,
    /// Why not, and what else there is to say.
    pub diagnostics: Diagnostics,
}

/// Runs a script every way; `run` answers the first comparisons as it is told. `name` becomes the procedure's.
pub fn explore(name: &str, texts: ScriptTexts<'_>, run: &dyn Fn(&[bool]) -> ScriptOutcome) -> Explored {
    let places = Places::new(texts);
    let mut explorer =
        Explorer { run, places: &places, options: None, ways: 0, runs: 0, diagnostics: Diagnostics::default() };
    let lines = explorer.walk(&mut Vec::new(), &Known::default());
    let (options, mut diagnostics) = (explorer.options.unwrap_or_default(), explorer.diagnostics);
    diagnostics.sort();
    let text = lines.filter(|_| !diagnostics.has_errors()).map(|lines| {
        let imports =
            imports(texts.script).into_iter().map(|import| format!("import {}\n", quoted(&import.path.value)));
        format!("{}{}", imports.collect::<String>(), written::procedure(name, &options, &lines))
    });
    Explored { text, diagnostics }
}

struct Explorer<'a> {
    run: &'a dyn Fn(&[bool]) -> ScriptOutcome,
    places: &'a Places<'a>,
    /// The options of the first way; those of all others must be the same.
    options: Option<Vec<(String, String)>>,
    ways: usize,
    runs: usize,
    diagnostics: Diagnostics,
}

impl Explorer<'_> {
    /// The lines of all ways that start with these answers; `None` after a problem. At most one level a comparison.
    fn walk(&mut self, answers: &mut Vec<bool>, known: &Known) -> Option<Vec<Line>> {
        self.runs += 1;
        let outcome = (self.run)(answers);
        let Some(decision) = outcome.decisions.get(answers.len()) else { return self.way(&outcome) };
        // An end on a way that may not exist proves nothing.
        let condition = match Condition::of(decision) {
            Ok(condition) => condition,
            Err(why) => return self.give_up(untraceable(why, Some(decision.line), self.places)),
        };
        if self.ways >= MOST_WAYS || self.runs >= MOST_RUNS {
            let why = message!("there are more than {} ways through it", MOST_WAYS);
            return self.give_up(untraceable(why, Some(decision.line), self.places));
        }
        let mut side = |explorer: &mut Self, answer: bool| {
            answers.push(answer);
            let lines = explorer.walk(answers, &known.with(&condition, answer));
            answers.pop();
            lines
        };
        match known.settles(&condition) {
            Some(answer) => side(self, answer),
            None => {
                let (holds, otherwise) = (side(self, true)?, side(self, false)?);
                Some(written::joined(&condition, holds, otherwise))
            }
        }
    }

    fn way(&mut self, outcome: &ScriptOutcome) -> Option<Vec<Line>> {
        self.ways += 1;
        report(outcome, self.places, &mut self.diagnostics);
        if outcome.end != ScriptEnd::Done {
            return None;
        }
        let mut actions = Actions { places: self.places, diagnostics: &mut self.diagnostics };
        let (mut requests, mut options) = (Vec::new(), Vec::new());
        let mut transcodes = 0;
        for action in &outcome.actions {
            requests.extend(actions.statement(action).iter().flat_map(Request::all_of));
            if action.class == "TranscodeAction" {
                let switches: Vec<(String, String)> =
                    actions.switches(action).into_iter().map(|field| (field.name.value, "true".to_owned())).collect();
                if transcodes > 0 && switches != options {
                    let why = message!("its transcode actions have different switches");
                    return self.give_up(untraceable(why, Some(action.line), self.places));
                }
                (options, transcodes) = (switches, transcodes + 1);
            }
        }
        if let Some(field) = priority(outcome, self.places, &mut self.diagnostics) {
            options.push((field.name.value, value_text(&field.value)));
        }
        if self.options.as_ref().is_some_and(|others| *others != options) {
            let why = message!("its options depend on the source");
            return self.give_up(untraceable(why, None, self.places));
        }
        self.options = Some(options);
        Some(requests.into_iter().map(Line::Request).collect())
    }

    fn give_up<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.diagnostics.push(problem);
        None
    }
}
