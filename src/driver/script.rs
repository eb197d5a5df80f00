//! Task flows in Lua: run against the facts of a source, then checked as any other procedure.

use super::convert::Converted;
use super::front::{Checked, Compiler, Entry};
use super::load::Loader;
use super::media_info::media_info;
use crate::catalog::template::{Template, TranscodeTemplate};
use crate::convert::Form;
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::expression::Constant;
use crate::hir::{Branch, OrDefault, Statement, Task, TaskKind, TaskOptions, Time, Transcode, Trim};
use crate::media::SourceFacts;
use crate::sema::{self, Unit};
use crate::syntax::ast::{Call, File};
use crate::syntax::{
    MAXIMUM_SCRIPT_BYTES, ParsedCall, SCRIPT_CLASSES, ScriptTexts, decode_call, explore, parse_call, script_arguments,
    script_file, script_too_large,
};
use crate::text::{Source, SourceMap};
use crate::world::{ScriptOutcome, ScriptRun, ScriptSource, World};
use std::sync::Arc;

/// The factory, by which a call may name a script.
const FACTORY: &str = "CreateProcedure";

/// How the text that a script became is called in diagnostics; it lies where the script does, for its imports.
fn written_name(script: &Script) -> String {
    format!("{} (converted)", script.name)
}

/// A script, and how it is called.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its name in diagnostics: a path as given.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What the procedure is called.
    pub flow: String,
    /// The call with its arguments, `course(5)`; without, the factory gets none.
    pub call: Option<String>,
}

/// Sources that a script is run against when there is none: a label and facts.
#[rustfmt::skip]
const ASSUMED: &[(&str, &str)] = &[
    ("2160p60 HDR", "file mp4 300000000\nvideo 0 h265 3840x2160 60/1 yuv420p10le 60s hdr bitrate=39900000\naudio 1 aac 48000 stereo 60s bitrate=100000\n"),
    ("1080p25", "file mp4 37500000\nvideo 0 h264 1920x1080 25/1 yuv420p 60s bitrate=4900000\naudio 1 aac 48000 stereo 60s bitrate=100000\n"),
    ("720p30 upright", "file mp4 15000000\nvideo 0 h264 1280x720 30/1 yuv420p 60s rot=90 bitrate=1900000\naudio 1 aac 48000 stereo 60s bitrate=100000\n"),
    ("360p15 400 kbps", "file mp4 3000000\nvideo 0 h264 640x360 15/1 yuv420p 60s bitrate=336000\naudio 1 aac 44100 mono 60s bitrate=64000\n"),
    ("1080p25 silent", "file mp4 36750000\nvideo 0 h264 1920x1080 25/1 yuv420p 60s bitrate=4900000\n"),
    ("sound only", "file mp3 960000\naudio 0 mp3 44100 stereo 60s bitrate=128000\n"),
];

/// The sources that a script is run against when there is none, with their labels.
pub fn assumed_sources() -> Vec<(&'static str, SourceFacts)> {
    // The texts are ours; a test reads them all.
    ASSUMED.iter().filter_map(|(label, facts)| Some((*label, facts.parse().ok()?))).collect()
}

/// A call and the arguments that it gives.
struct Prepared {
    sources: SourceMap,
    script: Source,
    call: Option<(Source, Call)>,
    arguments: String,
}

impl Prepared {
    fn texts(&self) -> ScriptTexts<'_> {
        ScriptTexts { script: &self.script, call: self.call.as_ref().map(|(source, call)| (source, call)) }
    }
}

impl Compiler {
    /// Runs a script for a source and checks what it asks for.
    pub fn check_script(&self, script: &Script, facts: &SourceFacts, world: &dyn World) -> Checked {
        let (prepared, mut diagnostics) = self.prepare(script);
        let mut checked = Checked {
            sources: SourceMap::default(),
            files: Vec::new(),
            templates: Vec::<Template>::new(),
            procedure: None,
            diagnostics: Diagnostics::default(),
        };
        let media_info = media_info(facts);
        let ran = (!diagnostics.has_errors()).then(|| run(&prepared, ScriptSource::Known(&media_info), world));
        match ran {
            None => {}
            Some(None) => diagnostics.push(no_interpreter()),
            Some(Some(outcome)) => {
                let parsed = script_file(&outcome, prepared.texts());
                diagnostics.extend(parsed.diagnostics);
                if !parsed.file.items.is_empty() {
                    self.check_parsed(&script.name, parsed.file, prepared.sources.clone(), world, &mut checked);
                    diagnostics.extend(std::mem::take(&mut checked.diagnostics));
                }
            }
        }
        checked.procedure = checked.procedure.filter(|_| !diagnostics.has_errors());
        if let Some(procedure) = &mut checked.procedure {
            procedure.name = script.call.clone().unwrap_or_else(|| script.flow.clone());
        }
        if checked.files.is_empty() {
            checked.sources = prepared.sources;
        }
        checked.diagnostics = without_edits(diagnostics);
        checked
    }

    /// Checks what a script asks for, with the templates of the files that it imports.
    fn check_parsed(&self, name: &str, file: File, sources: SourceMap, world: &dyn World, checked: &mut Checked) {
        let mut loader = Loader::new(world, sources);
        loader.take(name, file);
        let declarations = loader.declarations();
        let Loader { sources, files, diagnostics, .. } = loader;
        let unit = Unit { files: &files, sources: &sources, declarations, sound: !diagnostics.has_errors() };
        let found = sema::check(unit, self.catalog(), sema::Entry::Main);
        checked.diagnostics = diagnostics;
        checked.diagnostics.extend(found.diagnostics);
        (checked.templates, checked.procedure, checked.files, checked.sources) =
            (found.templates, found.procedure, files, sources);
    }

    /// Converts a script, where its decisions are comparisons of facts: by way of the language.
    pub fn convert_script(&self, script: &Script, form: Form, world: &dyn World) -> Converted {
        let written = self.write_script(script, world);
        match &written.text {
            Some(text) if form != Form::Vod => {
                self.convert_file(&written_name(script), text, &Entry::Main, form, world)
            }
            _ => written,
        }
    }

    /// What is wrong with a call of a flow that takes no arguments; `None` when it gives none.
    pub fn refuse_arguments(&self, call: &str) -> Option<Checked> {
        let mut sources = self.sources().clone();
        let ParsedCall { call, mut diagnostics } = parse_call(&sources.add("<call>", call));
        if let Some((call, argument)) = call.as_ref().and_then(|call| Some((call, call.arguments.first()?))) {
            let message = message!("`{}` is written in JSON, and takes no arguments", &call.name.value);
            diagnostics.push(Diagnostic::new(&codes::ARGUMENT_COUNT, message).at(argument.value.span, ""));
        }
        let (files, templates) = (Vec::new(), Vec::new());
        diagnostics.has_errors().then_some(Checked { sources, files, templates, procedure: None, diagnostics })
    }

    /// Writes a script as a procedure of the language.
    fn write_script(&self, script: &Script, world: &dyn World) -> Converted {
        let (prepared, mut diagnostics) = self.prepare(script);
        let mut text = None;
        if !diagnostics.has_errors() {
            let traced = |answers: &[bool]| run(&prepared, ScriptSource::Traced(answers), world);
            match traced(&[]) {
                None => diagnostics.push(no_interpreter()),
                Some(first) => {
                    let again = |answers: &[bool]| traced(answers).unwrap_or_else(|| first.clone());
                    let explored = explore(&script.flow, prepared.texts(), &again);
                    diagnostics.extend(explored.diagnostics);
                    text = explored.text.map(|text| super::format(&script.name, &text).formatted.text);
                }
            }
        }
        let differs = text.as_ref().and_then(|text| self.differing(script, text, world));
        if let Some(label) = differs {
            let message = message!(
                "the script cannot be written as a procedure: it does something else for a source like {}",
                label
            );
            diagnostics.push(Diagnostic::new(&codes::NOT_CONVERTIBLE, message));
            text = None;
        }
        let diagnostics = without_edits(diagnostics);
        Converted { text, diagnostics, sources: prepared.sources }
    }

    /// The label of an assumed source for which a script and what it became ask for different things.
    fn differing(&self, script: &Script, text: &str, world: &dyn World) -> Option<&'static str> {
        let written = self.check_file(&written_name(script), text, Entry::Main, world).procedure;
        let asks = |body: &[Statement], facts: &SourceFacts| {
            let mut requests = Vec::new();
            taken(body, facts, &mut requests);
            requests
        };
        assumed_sources().into_iter().find_map(|(label, facts)| {
            let ran = self.check_script(script, &facts, world);
            let same = match (&ran.procedure, &written) {
                (Some(ran), Some(written)) => {
                    ran.flow == written.flow && asks(&ran.body, &facts) == asks(&written.body, &facts)
                }
                // What is wrong with the templates is said of the script itself.
                (None, _) => true,
                (Some(_), None) => false,
            };
            (!same).then_some(label)
        })
    }

    /// Reads the call of a script.
    fn prepare(&self, script: &Script) -> (Prepared, Diagnostics) {
        let mut sources = self.sources().clone();
        let text = sources.add(script.name.clone(), &script.text);
        let mut diagnostics = Diagnostics::default();
        if script.text.len() > MAXIMUM_SCRIPT_BYTES {
            diagnostics.push(script_too_large(&script.name));
        }
        let (mut call, mut arguments) = (None, String::new());
        if let Some(written) = &script.call {
            let source = sources.add("<call>", &decode_call(written));
            let ParsedCall { call: parsed, diagnostics: found } = parse_call(&source);
            diagnostics.extend(found);
            if let Some(parsed) = parsed {
                let name = &parsed.name.value;
                if *name != script.flow && name != FACTORY {
                    let message = message!("`{}` has no procedure `{}`", &script.name, name);
                    let problem = Diagnostic::new(&codes::UNKNOWN_PROCEDURE, message).at(parsed.name.span, "");
                    diagnostics.push(problem.with_help(message!("write `{}`", FACTORY)));
                }
                arguments = script_arguments(&source, &parsed);
                call = Some((source, parsed));
            }
        }
        (Prepared { sources, script: text, call, arguments }, diagnostics)
    }
}

fn run(prepared: &Prepared, source: ScriptSource<'_>, world: &dyn World) -> Option<ScriptOutcome> {
    let (text, arguments) = (&*prepared.script.text, prepared.arguments.as_str());
    world.run_script(&ScriptRun { text, arguments, classes: SCRIPT_CLASSES, source })
}

fn no_interpreter() -> Diagnostic {
    let note = message!("procedures in {} are not supported by this build", "Lua");
    let help = message!("build vodflow with the feature `lua`");
    Diagnostic::new(&codes::FORM_NOT_SUPPORTED, note).with_help(help)
}

/// The edits of the checker are in the words of the language, and a line of a script often only leads to a value.
fn without_edits(diagnostics: Diagnostics) -> Diagnostics {
    let mut all: Diagnostics = diagnostics.into_iter().map(|problem| Diagnostic { fix: None, ..problem }).collect();
    all.sort();
    all
}

/// What a body asks for of a source: a `when` without value counts as not taken.
fn taken(body: &[Statement], facts: &SourceFacts, requests: &mut Vec<Request>) {
    for statement in body {
        match statement {
            Statement::Task(task) => requests.push(Request::of(task)),
            Statement::When(when) => {
                let holds = |branch: &&Branch| branch.condition.evaluate(facts) == Ok(Constant::Bool(true));
                match when.branches.iter().find(holds) {
                    Some(branch) => taken(&branch.body, facts, requests),
                    None => taken(&when.otherwise, facts, requests),
                }
            }
        }
    }
}

/// A request by the names of its templates: their places differ between texts that ask for the same.
#[derive(PartialEq)]
struct Request {
    verb: &'static str,
    /// The template, its marks from the lowest, and the encryption.
    templates: Vec<String>,
    times: Vec<Time>,
    trim: Trim,
    options: TaskOptions,
}

impl Request {
    fn of(task: &Task) -> Request {
        let label = |template: &OrDefault<Arc<TranscodeTemplate>>| match template {
            OrDefault::Default => "default".to_owned(),
            OrDefault::Given(template) => template.head.label(),
        };
        let whole = Trim::default();
        let (verb, template, times, trim) = match &task.kind {
            TaskKind::Transcode(transcode) => ("transcode", label(&transcode.template), vec![], &transcode.trim),
            TaskKind::Adaptive { template, trim, .. } => ("adaptive", template.head.label(), vec![], trim),
            TaskKind::Animate { template, trim } => ("animate", template.head.label(), vec![], trim),
            TaskKind::Snapshot { template, times, .. } => ("snapshot", template.head.label(), times.clone(), &whole),
            TaskKind::Cover { template, time, .. } => ("cover", template.head.label(), vec![time.clone()], &whole),
            TaskKind::Sample { template, .. } => ("sample", template.head.label(), vec![], &whole),
            TaskKind::Sprite(template) => ("sprite", template.head.label(), vec![], &whole),
            TaskKind::Review(template) => ("review", template.head.label(), vec![], &whole),
        };
        let mut templates = vec![template];
        templates.extend(task.marks().iter().map(|mark| match &mark.template {
            OrDefault::Default => "default".to_owned(),
            OrDefault::Given(template) => template.head.label(),
        }));
        if let TaskKind::Transcode(Transcode { encryption: Some(encryption), .. }) = &task.kind {
            templates.push(encryption.head.label());
        }
        Request { verb, templates, times, trim: trim.clone(), options: (*task.options).clone() }
    }
}

/// The name of the flow that a file holds: its name without folders and ending.
pub fn flow_name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
