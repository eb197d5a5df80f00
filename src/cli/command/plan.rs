//! `vodflow plan`: what a procedure would make of a source. Nothing is encoded, and nothing written but what is remembered.

mod diff;

use crate::cli::Global;
use crate::cli::analysis;
use crate::cli::assume;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::saved::{Conditions, SavedPlan};
use crate::cli::session::{self, Failure, Form, Media, Planned, Ready, Wanted};
use crate::cli::subject::Subject;
use crate::cost::CpuTime;
use crate::diag::{Diagnostic, Diagnostics, codes, json_list, message};
use crate::driver::Compilation;
use crate::exec::{self, Pilot};
use crate::explain::{self, Detail, Shown, Took};
use crate::limits::Limits;
use crate::optimizer::OptimizerOptions;
use crate::physical::{Job, JobId};
use crate::plan::{Disposition, Sign, Standing, text};
use crate::probe::Tools;
use crate::process::Cancellation;
use crate::store::Published;
use crate::target::Target;
use crate::text::SourceMap;
use clap::{Args, ValueEnum};
use diff::Later;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::run::stem;

/// Arguments of `plan`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow plan publish.vod lesson.mp4\n  vodflow plan 'publish.vod:publish(cover_at: 3s)' --input lesson.mp4 --format json\n  vodflow plan 'QCVB_SimpleProcessFile(1,0,10,10)' lesson.mp4 --stage commands\n  vodflow plan publish.vod --assume 1920x1080,25fps,10m,h264,aac --format html > plan.html\n  vodflow plan publish.vod lesson.mp4 --diff old.vod\n  vodflow plan publish.vod lesson.mp4 -o monday.json     (`run --plan monday.json` runs exactly this)"
)]
pub struct Arguments {
    #[command(flatten)]
    subject: Subject,
    /// How to show the plan
    #[arg(long, default_value = "tree", value_name = "FORMAT")]
    format: PlanFormat,
    /// How much of it to show
    #[arg(long, default_value = "default", value_name = "DETAIL", value_parser = detail)]
    detail: Detail,
    /// Show one stage of the compiler instead
    #[arg(long, value_name = "STAGE")]
    stage: Option<Stage>,
    /// Show what each application of a rule changes in the plan
    #[arg(long, conflicts_with = "stage")]
    trace_rules: bool,
    /// Compare with what this output folder holds: what is new, made again and why, or up to date
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write the plan to a file, for `run --plan FILE`
    #[arg(short = 'o', long = "save", value_name = "FILE")]
    save: Option<PathBuf>,
    /// Show what differs from another procedure, or from a saved plan, which is what was before
    #[arg(long, value_name = "OTHER", conflicts_with_all = ["stage", "out"])]
    diff: Option<String>,
    /// Show what differs from the plan for another source, which is what was before
    #[arg(long, value_name = "MEDIA", conflicts_with_all = ["stage", "out"])]
    diff_input: Option<PathBuf>,
    /// Say of each process what it is estimated at and what it took when the folder of `--out` was last made
    #[arg(long, requires = "out", conflicts_with = "stage")]
    analyze: bool,
    /// Try the dear processes on a short part of the source, for an estimate that holds more narrowly
    #[arg(long, conflicts_with = "stage")]
    pilot: bool,
    /// Estimate without trying anything; otherwise long work is tried when that takes little beside it
    #[arg(long, conflicts_with = "pilot")]
    no_pilot: bool,
    /// Exit with 20 when there is work to do, with `--diff` when something differs
    #[arg(long)]
    exit_code: bool,
}

/// Reads `short`, `default` or `full`.
fn detail(word: &str) -> Result<Detail, String> {
    Detail::from_word(word).ok_or_else(|| format!("one of {}", Detail::WORDS.join(", ")))
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum PlanFormat {
    /// Outputs, tree of work, counts
    Tree,
    /// For programs
    Json,
    /// The work as a graph for Graphviz
    Dot,
    /// The work as a graph for Mermaid, which Markdown pages show
    Mermaid,
    /// The work as a picture
    Svg,
    /// Everything on one page for a browser
    Html,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Stage {
    /// The checked procedure
    Hir,
    /// The obvious plan, nothing shared
    Logical,
    /// The plan after the rules
    Optimised,
    /// The processes
    Physical,
    /// The ffmpeg commands
    Commands,
    /// Which streams were chosen, and why they are encoded and not copied
    Notes,
    /// What sources, outputs and processes may be at most
    Limits,
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.format == PlanFormat::Json { Form::Json } else { Form::People };
    show(arguments, global, out, form).unwrap_or_else(|failure| failure.report(out, form))
}

const USAGE: &str = "vodflow plan WHAT --input MEDIA";

fn show(arguments: &Arguments, global: &Global, out: &Out, form: Form) -> Result<Exit, Failure> {
    let (options, wanted) = arguments.subject.prepare(global, USAGE)?;
    if let (Some(Stage::Hir), Some(ready)) = (arguments.stage, wanted.without_source()) {
        out.diagnostics(&ready.warnings, &ready.sources);
        print_stage(arguments, &explain::hir_text(&ready.procedure), out);
        return Ok(Exit::Done);
    }
    let usage = match wanted.without_source() {
        Some(_) => format!("{USAGE} (`--stage hir` needs none, `--assume` makes one up)"),
        None => format!("{USAGE} (`vodflow check` runs a script without one)"),
    };
    let inputs = match arguments.subject.assumed() {
        Some(_) => vec![PathBuf::new()],
        None => arguments.subject.inputs(&usage)?,
    };
    refuse_several(arguments, inputs.len())?;
    let limits = session::limits(global)?;
    let machine: Diagnostics = session::sandbox_warning(global).into_iter().collect();
    if form == Form::People {
        out.diagnostics(&machine, &SourceMap::default());
    }
    let asked = Asked { arguments, global, options: &options, wanted: &wanted, limits: &limits, machine: &machine };
    let (mut work, mut exit) = (false, Exit::Done);
    for input in &inputs {
        match asked.source(input, inputs.len(), out, form) {
            Ok(Exit::WorkToDo) => work = true,
            Ok(_) => {}
            // One that cannot be used does not keep the others from being shown.
            Err(failure) if inputs.len() > 1 => {
                let end = failure.report(out, form);
                exit = if exit == Exit::Done { end } else { exit };
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(if exit == Exit::Done && arguments.exit_code && work { Exit::WorkToDo } else { exit })
}

/// What is about one plan is asked of one source.
fn refuse_several(arguments: &Arguments, sources: usize) -> Result<(), Failure> {
    let one = arguments.save.is_some() || diff::is_asked(arguments);
    if sources > 1 && one {
        let note = message!("one plan is saved or compared at a time, and several sources are given");
        return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note)));
    }
    if arguments.save.is_some() && arguments.subject.assumed().is_some() {
        let note = message!("a plan for a source that is only assumed cannot be saved, because it cannot be run");
        return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note)));
    }
    Ok(())
}

/// Everything that a plan is made from, but for its source.
struct Asked<'a> {
    arguments: &'a Arguments,
    global: &'a Global,
    options: &'a OptimizerOptions,
    wanted: &'a Wanted,
    limits: &'a Limits,
    machine: &'a Diagnostics,
}

impl Asked<'_> {
    /// Plans for one source and shows it; `WorkToDo` when there is something to make, or something differs.
    fn source(&self, input: &Path, sources: usize, out: &Out, form: Form) -> Result<Exit, Failure> {
        let (arguments, limits) = (self.arguments, self.limits);
        let (tools, media, target) = self.look(input, out, form)?;
        let ready = self.wanted.for_source(&media.facts)?;
        let planned = session::plan(&ready, &media, &target, self.options, limits)?;
        let planned = match arguments.subject.assumed() {
            None if !diff::is_asked(arguments) => try_out(arguments, &tools, limits, &media, planned, out)?,
            _ => planned,
        };
        if let Some(file) = &arguments.save {
            self.save(&ready, &media, &target, &planned, file)?;
        }
        if diff::is_asked(arguments) {
            let (wanted, options) = (self.wanted, self.options);
            let later =
                Later { wanted, ready: &ready, media: &media, target: &target, planned: &planned, options, limits };
            return diff::show(arguments, self.global, &later, out, form);
        }
        let standing = arguments.out.as_deref().map(|folder| {
            let folder = if sources == 1 { folder.to_owned() } else { folder.join(stem(input)) };
            exec::standing(&planned.compilation.physical, Published::look(&folder).as_ref())
        });
        let folder = arguments.out.as_deref().filter(|_| arguments.analyze);
        let folder = folder.map(|folder| if sources == 1 { folder.to_owned() } else { folder.join(stem(input)) });
        let measured = folder.map(|folder| analysis::of_folder(&planned.compilation, &folder));
        let (options, machine) = (self.options, self.machine);
        let found = Found { limits, options, standing: standing.as_ref(), measured, machine };
        print(arguments, &ready, &media, &planned, found, out);
        if let (Some(file), Form::People) = (&arguments.save, form) {
            out.say(&message!("saved: `vodflow run --plan {} --out DIR` runs exactly this", file.display()));
        }
        let work = match &standing {
            Some(standing) => standing.signs.values().any(|sign| *sign != Sign::UpToDate),
            None => planned.compilation.outputs.iter().any(|output| output.disposition == Disposition::Make),
        };
        Ok(if work { Exit::WorkToDo } else { Exit::Done })
    }

    fn look(&self, input: &Path, out: &Out, form: Form) -> Result<(Tools, Media, Target), Failure> {
        let Some(words) = self.arguments.subject.assumed() else {
            return session::look(self.global, input, out, form);
        };
        let assumed = assume::read(words).map_err(Failure::plain)?;
        out.say(&assumed.said);
        let tools = session::tools(self.global)?;
        let target = session::target(&tools)?;
        Ok((tools, session::assumed(assumed.facts), target))
    }

    /// Saves the plan, and reads it again as a run would: what cannot be run later is refused now.
    fn save(
        &self,
        ready: &Ready,
        media: &Media,
        target: &Target,
        planned: &Planned,
        file: &Path,
    ) -> Result<(), Failure> {
        let with = Conditions { options: self.options, limits: &self.global.limits, target };
        let saved = SavedPlan::of(self.wanted, ready, media, planned, &with, file);
        let again = saved.wanted(file).and_then(|wanted| wanted.for_source(&media.facts));
        let again = again.and_then(|ready| saved.plan(&ready, media, target, self.options, self.limits));
        if again.and_then(|planned| saved.confirm(file, &planned)).is_err() {
            let note = message!("the plan cannot be saved in `{}`: it reads files that lie elsewhere", file.display());
            let help = message!("save it in the folder of the procedure, or above it");
            return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)));
        }
        saved.write(file)
    }
}

/// Work below this is not tried unless asked for.
const LONG_WORK: CpuTime = CpuTime::from_millis(60_000);
/// What is tried unasked is at most one part in so many of the work, and takes at most so long.
const UNASKED: (u64, CpuTime) = (40, CpuTime::from_millis(8_000));

/// The plan with what a pilot says of its cost, where one is asked for or costs little.
fn try_out(
    arguments: &Arguments,
    tools: &Tools,
    limits: &Limits,
    media: &Media,
    planned: Planned,
    out: &Out,
) -> Result<Planned, Failure> {
    let compilation = &planned.compilation;
    let (plan, estimate) = (&compilation.physical, &compilation.estimate);
    let emit = |job: &Job| crate::ffmpeg::emit(plan, job);
    let (facts, source, marks) = (&media.facts, &media.path, &planned.marks);
    let pilot = Pilot { plan, estimate, facts, source, tools, emit: &emit, marks, limits };
    let price = pilot.price();
    let unasked = arguments.format == PlanFormat::Tree
        && arguments.stage.is_none()
        && !arguments.no_pilot
        && estimate.cpu >= LONG_WORK
        && price.times(UNASKED.0) <= estimate.cpu
        && price <= UNASKED.1;
    if !arguments.pilot && !unasked {
        return Ok(planned);
    }
    out.say(&message!("trying the dear processes on a short part of the source: about {}", price.to_string()));
    let found = pilot.run(&Cancellation::default()).map_err(Failure::plain)?;
    let estimate = estimate.clone().piloted(&found, plan);
    Ok(Planned { compilation: Compilation { estimate, ..planned.compilation }, ..planned })
}

/// What is known beside the plan.
struct Found<'a> {
    limits: &'a Limits,
    options: &'a OptimizerOptions,
    standing: Option<&'a Standing>,
    /// What an earlier run took, if it is asked for.
    measured: Option<BTreeMap<JobId, Took>>,
    /// What is to be said of the machine, once for all sources.
    machine: &'a Diagnostics,
}

fn print(arguments: &Arguments, ready: &Ready, media: &Media, planned: &Planned, found: Found<'_>, out: &Out) {
    let Found { limits, options, standing, measured, machine } = found;
    let compilation = &planned.compilation;
    let shown = Shown { procedure: &ready.procedure.name, source: &media.facts, compilation, standing };
    if arguments.format == PlanFormat::Json && arguments.stage.is_none() {
        let mut document = explain::plan_json(shown);
        let mut warnings = planned.warnings.clone();
        warnings.extend(machine.clone());
        if let Some(measured) = &measured {
            document["measured"] = explain::analysis_json(compilation, measured);
        }
        document["diagnostics"] = json_list(&warnings, &ready.sources, out.language()).into();
        out.json(&document);
        return;
    }
    out.diagnostics(&planned.warnings, &ready.sources);
    if let Some(stage) = arguments.stage {
        return print_stage(arguments, &stage_text(stage, arguments.format, ready, shown, limits), out);
    }
    let analysed = measured.map(|measured| explain::analysis(compilation, &measured)).unwrap_or_default();
    let text = match arguments.format {
        _ if arguments.trace_rules => explain::trace(&compilation.logical, options),
        PlanFormat::Dot => explain::dot(&compilation.optimised),
        PlanFormat::Mermaid => explain::mermaid(shown),
        PlanFormat::Svg => explain::svg(shown),
        PlanFormat::Html => explain::html(shown),
        PlanFormat::Tree | PlanFormat::Json => {
            explain::plan_text(shown, arguments.detail) + &explain::estimate(&compilation.estimate) + &analysed
        }
    };
    out.result(&text);
}

fn stage_text(stage: Stage, format: PlanFormat, ready: &Ready, shown: Shown, limits: &Limits) -> String {
    let compilation = shown.compilation;
    match (stage, format) {
        (Stage::Hir, _) => explain::hir_text(&ready.procedure),
        (Stage::Logical, PlanFormat::Dot) => explain::dot(&compilation.logical),
        (Stage::Logical, _) => text::print(&compilation.logical),
        (_, PlanFormat::Dot) => explain::dot(&compilation.optimised),
        (Stage::Optimised, _) => text::print(&compilation.optimised),
        (Stage::Physical, _) => explain::physical(compilation),
        (Stage::Commands, _) => explain::commands(compilation),
        (Stage::Notes, _) => explain::notes(compilation),
        (Stage::Limits, _) => explain::limits(shown, limits, crate::exec::cores()),
    }
}

fn print_stage(arguments: &Arguments, text: &str, out: &Out) {
    match arguments.format {
        PlanFormat::Json => out.json(&json!({ "schema_version": 1, "kind": "stage", "text": text })),
        _ => out.result(text),
    }
}
