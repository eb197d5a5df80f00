//! `vodflow run`: plans and makes it so.

use crate::cli::Global;
use crate::cli::analysis;
use crate::cli::exit::Exit;
use crate::cli::fetching;
use crate::cli::out::Out;
use crate::cli::progress::Progress;
use crate::cli::reporting::{self, Reporting};
use crate::cli::resources::Resources;
use crate::cli::result::result_list;
use crate::cli::saved::SavedPlan;
use crate::cli::session::{self, Failure, Form, Media, Wanted};
use crate::cli::stop::Stop;
use crate::cli::subject::Subject;
use crate::diag::{Diagnostic, Diagnostics, codes, json_list, message};
use crate::driver::Compilation;
use crate::exec::{self, OutputState, Request, Reuse, RunOutcome, result_json};
use crate::explain;
use crate::notify::Courier;
use crate::optimizer::OptimizerOptions;
use crate::store::{Busy, Interrupted, OutputFolder, Overwrite};
use crate::target::Target;
use crate::text::SourceMap;
use clap::Args;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Arguments of `run`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow run publish.vod --input lesson.mp4 --out out/\n  vodflow run 'QCVB_SimpleProcessFile({10,20},0,10,10)' lesson.mp4 --out out/\n  vodflow run publish.vod a.mp4 b.mp4 --out out/     (outputs go to out/a and out/b)"
)]
pub struct Arguments {
    #[command(flatten)]
    subject: Subject,
    /// Run exactly a plan that `plan -o FILE` saved, in place of WHAT; refused when its inputs changed
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// The folder for outputs; made if it does not exist
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Replace files that vodflow did not make, or that were edited since, and make everything again
    #[arg(long)]
    force: bool,
    /// Make again what another version of ffmpeg made
    #[arg(long, conflicts_with = "force")]
    strict_tools: bool,
    /// Wait while another run is using the output folder
    #[arg(long, conflicts_with = "take_over")]
    wait: bool,
    /// End another run that is using the output folder
    #[arg(long)]
    take_over: bool,
    #[command(flatten)]
    resources: Resources,
    /// Do not correct the estimates of later plans by what this run takes
    #[arg(long)]
    no_learn: bool,
    /// Say of each process what it was estimated at and what it took
    #[arg(long, conflicts_with = "json")]
    analyze: bool,
    #[command(flatten)]
    reporting: Reporting,
    /// Print events and the result as lines of JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    fn reuse(&self) -> Reuse {
        match (self.force, self.strict_tools) {
            (true, _) => Reuse::Nothing,
            (false, true) => Reuse::OfThisTool,
            (false, false) => Reuse::UpToDate,
        }
    }

    fn busy(&self) -> Busy {
        if self.take_over { Busy::TakeOver } else { Busy::Refuse }
    }
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.json { Form::JsonLines } else { Form::People };
    let Prepared { options, wanted, inputs, saved } = match prepare(arguments, global) {
        Ok(prepared) => prepared,
        Err(failure) => return failure.report(out, form),
    };
    arguments.resources.yield_to_others();
    let stop = Stop::listen();
    let courier = match arguments.reporting.courier(&stop.cancellation) {
        Ok(courier) => RefCell::new(courier),
        Err(failure) => return failure.report(out, form),
    };
    if form == Form::JsonLines {
        out.json_line(&json!({ "event": "run_started", "schema_version": 1, "sources": inputs.len() }));
    }
    if let (Some(warning), Form::People) = (session::sandbox_warning(global), form) {
        out.diagnostics(&warning.into(), &SourceMap::default());
    }
    let mut ends: Vec<Exit> = Vec::new();
    for input in &inputs {
        let folder = if inputs.len() == 1 { arguments.out.clone() } else { arguments.out.join(stem(input)) };
        if form == Form::JsonLines && inputs.len() > 1 {
            out.json_line(&json!({ "event": "source_started", "source": fetching::shown(input), "out": folder.to_string_lossy() }));
        }
        let one = Run {
            arguments,
            global,
            out,
            form,
            wanted: &wanted,
            options: &options,
            saved: saved.as_ref(),
            stop: &stop,
            courier: &courier,
        };
        let outcome = one.source(input, &folder).unwrap_or_else(|failure| failure.report(out, form));
        ends.push(outcome);
        if stop.exit().is_some() {
            break;
        }
    }
    if inputs.len() > 1 {
        summarise(&inputs, &ends, out, form);
    }
    let first = ends.iter().find(|end| **end != Exit::Done).copied();
    stop.exit().or(first).unwrap_or(Exit::Done)
}

/// What became of several sources, in one place; `ends` are those of the first ones.
fn summarise(inputs: &[PathBuf], ends: &[Exit], out: &Out, form: Form) {
    let of = |wanted: fn(Option<&Exit>) -> bool| -> Vec<String> {
        let those = inputs.iter().enumerate().filter(|(at, _)| wanted(ends.get(*at)));
        those.map(|(_, input)| fetching::shown(input)).collect()
    };
    let done = of(|end| end == Some(&Exit::Done)).len();
    let failed = of(|end| end.is_some_and(|end| *end != Exit::Done));
    let left = of(|end| end.is_none());
    if form == Form::JsonLines {
        let sources = inputs.len();
        let event =
            json!({ "event": "run_finished", "sources": sources, "done": done, "failed": failed, "left": left });
        return out.json_line(&event);
    }
    let named = |words: &str, names: &[String]| match names {
        [] => String::new(),
        names => format!("; {words}: {}", names.join(", ")),
    };
    let (failed, left) = (named("failed", &failed), named("not begun", &left));
    out.result(&format!("\nSources: {done} of {} done{failed}{left}.\n", inputs.len()));
}

/// What is run, on what.
struct Prepared {
    options: OptimizerOptions,
    wanted: Wanted,
    inputs: Vec<PathBuf>,
    /// The plan that must come out, with its file.
    saved: Option<(PathBuf, SavedPlan)>,
}

const USAGE: &str = "vodflow run WHAT --input MEDIA --out DIR";

fn prepare(arguments: &Arguments, global: &Global) -> Result<Prepared, Failure> {
    if arguments.subject.assumed().is_some() {
        let problem = Diagnostic::new(&codes::INVALID_OPTION, message!("a source that is only assumed cannot be run"));
        return Err(Failure::plain(problem.with_help(message!("give a source: {}", USAGE))));
    }
    if let Some(file) = &arguments.plan {
        return prepare_saved(arguments, file);
    }
    let (options, wanted) = arguments.subject.prepare(global, USAGE)?;
    let inputs = arguments.subject.inputs(USAGE)?;
    let stems: BTreeSet<String> = inputs.iter().map(|input| stem(input).to_lowercase()).collect();
    if stems.len() < inputs.len() {
        let note = message!("two sources have the same name, and would share a folder");
        let problem =
            Diagnostic::new(&codes::INVALID_OPTION, note).with_help(message!("run them into different folders"));
        return Err(Failure::plain(problem));
    }
    Ok(Prepared { options, wanted, inputs, saved: None })
}

/// A saved plan says itself what is run, how, and on what; only the place of the source may be given.
fn prepare_saved(arguments: &Arguments, file: &Path) -> Result<Prepared, Failure> {
    if arguments.subject.names_something() {
        let note = message!("a saved plan says itself what is run");
        let help = message!("leave WHAT out; a source that was moved is given with `--input MEDIA`");
        return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)));
    }
    let saved = SavedPlan::read(file)?;
    let input = match arguments.subject.given() {
        [input] => Some(input.clone()),
        [] => saved.source(file),
        _ => {
            let note = message!("a saved plan is for one source");
            return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note)));
        }
    };
    let Some(input) = input else {
        let note = message!("the plan does not say where its source is");
        let help = message!("give it with `--input MEDIA`");
        return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)));
    };
    let (options, wanted) = (saved.options()?, saved.wanted(file)?);
    Ok(Prepared { options, wanted, inputs: vec![input], saved: Some((file.to_owned(), saved)) })
}

/// The folder of one of several sources.
pub(in crate::cli) fn stem(input: &Path) -> String {
    let name = fetching::file_name(input);
    name.file_stem().unwrap_or(name.as_os_str()).to_string_lossy().into_owned()
}

/// One run of a procedure over one source.
struct Run<'a> {
    arguments: &'a Arguments,
    global: &'a Global,
    out: &'a Out,
    form: Form,
    wanted: &'a Wanted,
    options: &'a OptimizerOptions,
    saved: Option<&'a (PathBuf, SavedPlan)>,
    stop: &'a Stop,
    courier: &'a RefCell<Courier<'a>>,
}

impl Run<'_> {
    fn source(&self, input: &Path, folder: &Path) -> Result<Exit, Failure> {
        let (tools, mut media, target) = session::look(self.global, input, self.out, self.form)?;
        if let Some((file, saved)) = self.saved {
            saved.recognise(file, &mut media, &target)?;
        }
        self.compiled(&tools, &media, &target, folder)
    }

    fn compiled(
        &self,
        tools: &crate::probe::Tools,
        media: &Media,
        target: &Target,
        folder: &Path,
    ) -> Result<Exit, Failure> {
        let kept = self.saved.map_or(&[][..], |(_, saved)| saved.limits());
        let limits = session::limits_with(self.global, kept)?;
        let ready = &self.wanted.for_source(&media.facts)?;
        let planned = match self.saved {
            Some((file, saved)) => {
                let planned = saved.plan(ready, media, target, self.options, &limits)?;
                saved.confirm(file, &planned)?;
                planned
            }
            None => session::plan(ready, media, target, self.options, &limits)?,
        };
        let plan = &planned.compilation.physical;
        if self.form == Form::People {
            self.out.diagnostics(&planned.warnings, &ready.sources);
        }
        let _busy = self.stop.busy();
        let mut store = self.open(folder, &media.path)?;
        if let Some(interrupted) = store.interrupted().filter(|_| self.form == Form::People) {
            self.interrupted(interrupted);
        }
        let file_id = ready.keys.file_id.as_deref();
        let reports = self.arguments.reporting.reports(&plan.outputs, &ready.sources, file_id)?;
        let request = Request {
            plan,
            facts: &media.facts,
            source: &media.path,
            stamp: media.stamp,
            tools,
            emit: &|job| crate::ffmpeg::emit(plan, job),
            marks: &planned.marks,
            limits: &limits,
            reuse: self.arguments.reuse(),
            crew: self.arguments.resources.crew(),
            tool: &target.version,
            reports: &reports,
            cache_limit: self.arguments.resources.cache,
        };
        let progress = Progress::new(&plan.outputs, self.out, self.form);
        let outcome = exec::run(&request, &mut store, &|event| progress.event(&event), &self.stop.cancellation);
        progress.finish();
        let outcome = outcome.map_err(Failure::plain)?;
        self.report(&outcome, folder, &planned.warnings, &ready.sources);
        self.learn(&planned.compilation, &outcome, target);
        // The folder is free for others while receivers are waited for.
        drop(store);
        let deliveries = reporting::deliver(&mut self.courier.borrow_mut(), folder, Some(&outcome));
        reporting::tell(&deliveries, folder, self.out, self.form);
        Ok(match self.stop.exit() {
            Some(stopped) => stopped,
            None if outcome.count(OutputState::Failed) > 0 => Exit::OutputFailed,
            None => Exit::Done,
        })
    }

    /// What the run took corrects later estimates. That it cannot be kept is nobody's harm.
    fn learn(&self, compilation: &Compilation, outcome: &RunOutcome, target: &Target) {
        let measured = analysis::measured(compilation, &outcome.jobs);
        if self.arguments.analyze && self.form == Form::People {
            self.out.result(&explain::analysis(compilation, &measured));
        }
        if !self.arguments.no_learn {
            let _ = session::memory(target).learn(&analysis::lessons(compilation, &measured));
        }
    }

    /// Opens the output folder, when another run lets go of it if that is wished.
    fn open(&self, folder: &Path, source: &Path) -> Result<OutputFolder, Failure> {
        let overwrite = if self.arguments.force { Overwrite::Anything } else { Overwrite::Ours };
        loop {
            match OutputFolder::open(folder, source, overwrite, self.arguments.busy()) {
                Err(busy)
                    if busy.code.id == codes::OUTPUT_BUSY.id
                        && self.arguments.wait
                        && !self.stop.cancellation.is_cancelled() =>
                {
                    std::thread::sleep(std::time::Duration::from_millis(200));
                }
                opened => return opened.map_err(Failure::plain),
            }
        }
    }

    /// Says that the run before did not come to its end.
    fn interrupted(&self, interrupted: &Interrupted) {
        self.out.say(&message!("an earlier run was interrupted; what it finished is kept"));
        for output in &interrupted.completed {
            self.out.say(&message!("the publication of `{}` was completed", output.to_owned()));
        }
    }

    fn report(&self, outcome: &RunOutcome, folder: &Path, warnings: &Diagnostics, sources: &SourceMap) {
        if self.form == Form::JsonLines {
            let mut document = result_json(outcome);
            let mut warnings = warnings.clone();
            warnings.extend(session::sandbox_warning(self.global).map(Diagnostics::from).unwrap_or_default());
            document["diagnostics"] = json_list(&warnings, sources, self.out.language()).into();
            self.out.json_line(&document);
            return;
        }
        let late: Diagnostics = outcome.warnings.iter().cloned().collect();
        self.out.diagnostics(&late, sources);
        self.out.result(&result_list(outcome, folder));
        for output in outcome.outputs.iter().filter(|output| output.state == OutputState::Failed) {
            if let Some(log) = output.log.as_ref().filter(|_| self.global.verbose) {
                self.out.note(&format!("\nlog of {}:\n{}", output.label, log.trim_end()));
            }
        }
        if outcome.cancelled {
            let note =
                message!("interrupted: finished outputs are kept, nothing half-made is left; the same command goes on");
            self.out.say(&note);
        }
    }
}
