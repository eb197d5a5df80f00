//! Task flows in Lua: run against the facts of a source, then checked as any other procedure.

use super::convert::Converted;
use super::front::{Checked, Compiler, Entry};
use crate::catalog::template::Template;
use crate::convert::Form;
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::expression::{Constant, SourceFact};
use crate::hir::{Branch, Statement, TaskKind, TaskOptions};
use crate::media::{AudioFacts, ContentHash, SourceFacts, VideoFacts};
use crate::sema::{self, Declarations, Unit};
use crate::syntax::ast::Call;
use crate::syntax::{
    MAXIMUM_SCRIPT_BYTES, ParsedCall, SCRIPT_CLASSES, ScriptTexts, decode_call, explore, parse_call, script_arguments,
    script_file, script_too_large,
};
use crate::text::{Source, SourceMap};
use crate::units::{Bitrate, Bytes};
use crate::world::{NoFiles, ScriptOutcome, ScriptRun, ScriptSource, ScriptValue, World};

/// The factory, by which a call may name a script.
const FACTORY: &str = "CreateProcedure";

/// How the text that a script became is called in diagnostics.
const WRITTEN: &str = "<written>";

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
                checked.files = vec![parsed.file];
            }
        }
        if checked.files.iter().any(|file| !file.items.is_empty()) {
            let (files, sources, sound) = (&checked.files, &prepared.sources, !diagnostics.has_errors());
            let unit = Unit { files, sources, declarations: Declarations::Complete, sound };
            let found = sema::check(unit, self.catalog(), sema::Entry::Main);
            diagnostics.extend(found.diagnostics);
            checked.procedure = found.procedure.filter(|_| sound);
        }
        if let Some(procedure) = &mut checked.procedure {
            procedure.name = script.call.clone().unwrap_or_else(|| script.flow.clone());
        }
        checked.sources = prepared.sources;
        checked.diagnostics = without_edits(diagnostics);
        checked
    }

    /// Converts a script, where its decisions are comparisons of facts: by way of the language.
    pub fn convert_script(&self, script: &Script, form: Form, world: &dyn World) -> Converted {
        let written = self.write_script(script, world);
        match &written.text {
            Some(text) if form != Form::Vod => self.convert_file(WRITTEN, text, &Entry::Main, form, &NoFiles),
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
        let written = self.check_file(WRITTEN, text, Entry::Main, &NoFiles).procedure;
        let asks = |body: &[Statement], facts: &SourceFacts| {
            let mut tasks = Vec::new();
            taken(body, facts, &mut tasks);
            tasks
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
fn taken(body: &[Statement], facts: &SourceFacts, tasks: &mut Vec<(TaskKind, TaskOptions)>) {
    for statement in body {
        match statement {
            Statement::Task(task) => tasks.push((task.kind.clone(), (*task.options).clone())),
            Statement::When(when) => {
                let holds = |branch: &&Branch| branch.condition.evaluate(facts) == Ok(Constant::Bool(true));
                match when.branches.iter().find(holds) {
                    Some(branch) => taken(&branch.body, facts, tasks),
                    None => taken(&when.otherwise, facts, tasks),
                }
            }
        }
    }
}

/// `File.mediaInfo` of a source (`vod.md` B.2). The streams that are meant where none is named come first.
fn media_info(facts: &SourceFacts) -> ScriptValue {
    let (picture, sound) = (facts.picture(), facts.sound());
    let mut video: Vec<&VideoFacts> = facts.video.iter().collect();
    video.sort_by_key(|stream| Some(stream.index) != picture.map(|picture| picture.index));
    let mut audio: Vec<&AudioFacts> = facts.audio.iter().collect();
    audio.sort_by_key(|stream| Some(stream.index) != sound.map(|sound| sound.index));
    let metadata = table(vec![
        ("size", fact(facts, SourceFact::Size)),
        ("container", fact(facts, SourceFact::Container)),
        ("duration", fact(facts, SourceFact::Duration)),
        ("bitrate", fact(facts, SourceFact::Bitrate)),
        ("height", fact(facts, SourceFact::Height)),
        ("width", fact(facts, SourceFact::Width)),
        ("videoStreamList", list(video.into_iter().map(video_stream))),
        ("audioStreamList", list(audio.into_iter().map(audio_stream))),
    ]);
    let kind = match SourceFact::Kind.of(facts) {
        Constant::Text(kind) => ScriptValue::Text(kind.to_uppercase()),
        _ => ScriptValue::Nil,
    };
    table(vec![("metaData", metadata), ("sourceType", kind), ("sourceContext", ScriptValue::Text(String::new()))])
}

fn video_stream(stream: &VideoFacts) -> ScriptValue {
    let size = stream.displayed_size();
    let alone = SourceFacts { video: vec![stream.clone()], ..empty() };
    table(vec![
        ("bitrate", kilobits(stream.bitrate)),
        ("height", ScriptValue::Number(f64::from(size.height))),
        ("width", ScriptValue::Number(f64::from(size.width))),
        ("codec", fact(&alone, SourceFact::VideoCodec)),
        ("fps", fact(&alone, SourceFact::Fps)),
    ])
}

fn audio_stream(stream: &AudioFacts) -> ScriptValue {
    let alone = SourceFacts { audio: vec![stream.clone()], ..empty() };
    table(vec![
        ("codec", fact(&alone, SourceFact::AudioCodec)),
        ("samplingRate", ScriptValue::Number(f64::from(stream.sample_rate.0))),
        ("bitrate", kilobits(stream.bitrate)),
    ])
}

/// A source of nothing, to put one stream into.
fn empty() -> SourceFacts {
    SourceFacts {
        name: String::new(),
        identity: ContentHash(String::new()),
        container: String::new(),
        size: Bytes(0),
        video: Vec::new(),
        audio: Vec::new(),
        attached_pictures: 0,
        damage: Vec::new(),
    }
}

fn kilobits(bitrate: Option<Bitrate>) -> ScriptValue {
    ScriptValue::Number(bitrate.map_or(0.0, |bitrate| bitrate.0 as f64 / 1000.0))
}

/// A fact in the units of `mediaInfo`: seconds, kilobits a second, plain numbers.
fn fact(facts: &SourceFacts, fact: SourceFact) -> ScriptValue {
    match fact.of(facts) {
        Constant::Number(number) => ScriptValue::Number(number.to_f64()),
        Constant::Duration(duration) => ScriptValue::Number(duration.seconds().to_f64()),
        Constant::Bitrate(bitrate) => kilobits(Some(bitrate)),
        Constant::Text(text) => ScriptValue::Text(text),
        _ => ScriptValue::Nil,
    }
}

fn table(members: Vec<(&str, ScriptValue)>) -> ScriptValue {
    ScriptValue::Table(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn list(elements: impl Iterator<Item = ScriptValue>) -> ScriptValue {
    ScriptValue::List(elements.map(|element| (element, None)).collect())
}

/// The name of the flow that a file holds: its name without folders and ending.
pub fn flow_name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
