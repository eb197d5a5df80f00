//! `vodflow plan`: what a procedure would make of a source. Nothing is encoded, and nothing written but what is remembered.

use crate::cli::Global;
use crate::cli::analysis;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::{self, Failure, Form, Media, Planned, Ready};
use crate::cli::subject::Subject;
use crate::cost::CpuTime;
use crate::diag::{Diagnostics, json_list, message};
use crate::driver::Compilation;
use crate::exec::{self, Pilot};
use crate::explain::{self, Shown, Took};
use crate::limits::Limits;
use crate::optimizer::OptimizerOptions;
use crate::physical::{Job, JobId};
use crate::plan::{Disposition, Sign, Standing, text};
use crate::probe::Tools;
use crate::process::Cancellation;
use crate::store::Published;
use crate::text::SourceMap;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::run::stem;

/// Arguments of `plan`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow plan publish.vod lesson.mp4\n  vodflow plan 'publish.vod:publish(cover_at: 3s)' --input lesson.mp4 --format json\n  vodflow plan 'QCVB_SimpleProcessFile(1,0,10,10)' lesson.mp4 --stage commands"
)]
pub struct Arguments {
    #[command(flatten)]
    subject: Subject,
    /// How to show the plan
    #[arg(long, default_value = "tree", value_name = "FORMAT")]
    format: PlanFormat,
    /// Show one stage of the compiler instead
    #[arg(long, value_name = "STAGE")]
    stage: Option<Stage>,
    /// Show what each application of a rule changes in the plan
    #[arg(long, conflicts_with = "stage")]
    trace_rules: bool,
    /// Compare with what this output folder holds: what is new, made again and why, or up to date
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Say of each process what it is estimated at and what it took when the folder of `--out` was last made
    #[arg(long, requires = "out", conflicts_with = "stage")]
    analyze: bool,
    /// Try the dear processes on a short part of the source, for an estimate that holds more narrowly
    #[arg(long, conflicts_with = "stage")]
    pilot: bool,
    /// Estimate without trying anything; otherwise long work is tried when that takes little beside it
    #[arg(long, conflicts_with = "pilot")]
    no_pilot: bool,
    /// Exit with 20 when there is work to do
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum PlanFormat {
    /// Outputs, tree of work, counts
    Tree,
    /// For programs
    Json,
    /// For Graphviz
    Dot,
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
    /// Why streams are encoded and not copied
    Notes,
    /// What sources, outputs and processes may be at most
    Limits,
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.format == PlanFormat::Json { Form::Json } else { Form::People };
    show(arguments, global, out, form).unwrap_or_else(|failure| failure.report(out, form))
}

fn show(arguments: &Arguments, global: &Global, out: &Out, form: Form) -> Result<Exit, Failure> {
    let (options, wanted) = arguments.subject.prepare(global)?;
    if let (Some(Stage::Hir), Some(ready)) = (arguments.stage, wanted.without_source()) {
        out.diagnostics(&ready.warnings, &ready.sources);
        print_stage(arguments, &explain::hir_text(&ready.procedure), out);
        return Ok(Exit::Done);
    }
    let usage = match wanted.without_source() {
        Some(_) => "vodflow plan WHAT --input MEDIA (`--stage hir` needs none)",
        None => "vodflow plan WHAT --input MEDIA (`vodflow check` runs a script without one)",
    };
    let inputs = arguments.subject.inputs(usage)?;
    let limits = session::limits(global)?;
    let machine: Diagnostics = session::sandbox_warning(global).into_iter().collect();
    if form == Form::People {
        out.diagnostics(&machine, &SourceMap::default());
    }
    let (mut work, mut exit) = (false, Exit::Done);
    for input in &inputs {
        let looked = session::look(global, input, out, form);
        let planned = looked.and_then(|(tools, media, target)| {
            let ready = wanted.for_source(&media.facts)?;
            let planned = session::plan(&ready, &media, &target, &options, &limits)?;
            let planned = try_out(arguments, &tools, &limits, &media, planned, out)?;
            Ok((ready, media, planned))
        });
        let (ready, media, planned) = match planned {
            Ok(planned) => planned,
            // One that cannot be used does not keep the others from being shown.
            Err(failure) if inputs.len() > 1 => {
                let end = failure.report(out, form);
                exit = if exit == Exit::Done { end } else { exit };
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let standing = arguments.out.as_deref().map(|folder| {
            let folder = if inputs.len() == 1 { folder.to_owned() } else { folder.join(stem(input)) };
            exec::standing(&planned.compilation.physical, Published::look(&folder).as_ref())
        });
        let folder = arguments.out.as_deref().filter(|_| arguments.analyze);
        let folder = folder.map(|folder| if inputs.len() == 1 { folder.to_owned() } else { folder.join(stem(input)) });
        let measured = folder.map(|folder| analysis::of_folder(&planned.compilation, &folder));
        let found =
            Found { limits: &limits, options: &options, standing: standing.as_ref(), measured, machine: &machine };
        print(arguments, &ready, &media, &planned, found, out);
        work |= match &standing {
            Some(standing) => standing.signs.values().any(|sign| *sign != Sign::UpToDate),
            None => planned.compilation.outputs.iter().any(|output| output.disposition == Disposition::Make),
        };
    }
    Ok(if exit == Exit::Done && arguments.exit_code && work { Exit::WorkToDo } else { exit })
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
    let analysed = measured.map(|measured| explain::analysis(compilation, &measured)).unwrap_or_default();
    let text = match (arguments.stage, arguments.format) {
        (Some(Stage::Hir), _) => explain::hir_text(&ready.procedure),
        (Some(Stage::Logical), PlanFormat::Dot) => explain::dot(&compilation.logical),
        (Some(Stage::Logical), _) => text::print(&compilation.logical),
        (_, PlanFormat::Dot) => explain::dot(&compilation.optimised),
        (Some(Stage::Optimised), _) => text::print(&compilation.optimised),
        (Some(Stage::Physical), _) => explain::physical(compilation),
        (Some(Stage::Commands), _) => explain::commands(compilation),
        (Some(Stage::Notes), _) => explain::notes(compilation),
        (Some(Stage::Limits), _) => explain::limits(shown, limits, crate::exec::cores()),
        (None, _) if arguments.trace_rules => explain::trace(&compilation.logical, options),
        (None, _) => explain::plan_tree(shown) + &explain::estimate(&compilation.estimate) + &analysed,
    };
    match arguments.stage {
        Some(_) => print_stage(arguments, &text, out),
        None => out.result(&text),
    }
}

fn print_stage(arguments: &Arguments, text: &str, out: &Out) {
    match arguments.format {
        PlanFormat::Json => out.json(&json!({ "schema_version": 1, "kind": "stage", "text": text })),
        PlanFormat::Tree | PlanFormat::Dot => out.result(text),
    }
}
