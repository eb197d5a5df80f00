//! `vodflow bench`: what vodflow uses of the processor, side by side with commands written by hand.

use crate::cli::Global;
use crate::cli::bench::{CASES, Case, Counter, Measured, Prepared, Rival, Setting, measure};
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::{self, Failure, Form, Media};
use crate::cli::stop::Stop;
use crate::diag::{Diagnostic, Message, all_of, codes, message, nearest};
use crate::probe::Tools;
use crate::process::Invocation;
use clap::Args;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Arguments of `bench`.
#[derive(Args)]
pub struct Arguments {
    /// The comparisons; all of them unless some are named
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// The film: landscape, with sound; a short one is repeated where a comparison needs a longer
    #[arg(short, long, value_name = "MEDIA", required_unless_present = "list")]
    input: Option<PathBuf>,
    /// How often each is run; they take turns, and ratios are taken turn by turn
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pairs: u32,
    /// List the comparisons
    #[arg(long)]
    list: bool,
    /// Print the procedure and the scripts that are compared, and run nothing
    #[arg(long)]
    show: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What came of a comparison.
struct Comparison {
    case: &'static Case,
    ours: Vec<Measured>,
    theirs: Vec<(&'static Rival, Vec<Measured>)>,
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.json { Form::Json } else { Form::People };
    bench(arguments, global, out, form).unwrap_or_else(|failure| failure.report(out, form))
}

fn bench(arguments: &Arguments, global: &Global, out: &Out, form: Form) -> Result<Exit, Failure> {
    let cases = chosen(&arguments.cases)?;
    if arguments.list {
        list(&cases, form, out);
        return Ok(Exit::Done);
    }
    if arguments.show {
        cases.iter().for_each(|case| show(case, out));
        return Ok(Exit::Done);
    }
    let Some(input) = &arguments.input else { return Ok(Exit::Usage) };
    let (tools, Media { facts, path, .. }) = session::media(global, input, out, form)?;
    let landscape = facts.picture().is_some_and(|video| {
        let shown = video.displayed_size();
        shown.width > shown.height
    });
    if !landscape || facts.audio.is_empty() {
        let note = message!("`{}` is no landscape film with sound", facts.name);
        return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note)));
    }
    let stop = Stop::listen();
    let seconds = facts.duration().seconds().to_f64();
    let counter = Counter::find(std::env::var_os("PATH").as_deref());
    if counter.is_none() {
        out.note("instructions are not counted on this machine; processor time is");
    }
    let mut documents = Vec::new();
    for case in cases {
        let prepared = Prepared::new(&tools.ffmpeg, &path, seconds, case).map_err(failed)?;
        if form == Form::People {
            out.result(&format!("{}: {}; {} s of {}\n", case.name, case.summary, prepared.seconds.round(), facts.name));
        }
        let result = compare(case, &prepared, (&tools, counter.as_ref()), arguments.pairs, &stop, out)?;
        match form {
            Form::People => out.result(&text(&result)),
            _ => documents.push(document(&result, prepared.seconds)),
        }
        if let Some(exit) = stop.exit() {
            return Ok(exit);
        }
    }
    if form != Form::People {
        out.json(&json!({ "schema_version": 1, "kind": "bench", "source": facts.name, "cases": documents }));
    }
    Ok(Exit::Done)
}

fn chosen(names: &[String]) -> Result<Vec<&'static Case>, Failure> {
    let all: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    let find = |name: &String| {
        CASES.iter().find(|case| case.name == *name).ok_or_else(|| {
            let help = match nearest(name, all.iter().copied()) {
                Some(near) => message!("the nearest is `{}`", near),
                None => message!("the comparisons are {}", all_of(&all)),
            };
            let note = message!("there is no comparison `{}`", name);
            Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help))
        })
    };
    if names.is_empty() { Ok(CASES.iter().collect()) } else { names.iter().map(find).collect() }
}

fn list(cases: &[&Case], form: Form, out: &Out) {
    if form != Form::People {
        let listed: Vec<Value> =
            cases.iter().map(|case| json!({ "name": case.name, "summary": case.summary })).collect();
        return out.json(&json!({ "schema_version": 1, "kind": "bench_cases", "cases": listed }));
    }
    for case in cases {
        out.result(&format!("{:<20} {}\n", case.name, case.summary));
        case.rivals
            .iter()
            .for_each(|rival| out.result(&format!("{:<20} against {}: {}\n", "", rival.name, rival.summary)));
    }
}

fn show(case: &Case, out: &Out) {
    out.result(&format!("# {}: vodflow\n{}\n# all scripts\n{}\n", case.name, case.procedure, crate::cli::bench::HEAD));
    case.rivals.iter().for_each(|rival| out.result(&format!("# {}: {}\n{}\n", case.name, rival.name, rival.script)));
}

/// Everybody takes turns, so that a machine whose speed drifts favours nobody.
fn compare(
    case: &'static Case,
    prepared: &Prepared,
    (tools, counter): (&Tools, Option<&Counter>),
    pairs: u32,
    stop: &Stop,
    out: &Out,
) -> Result<Comparison, Failure> {
    let mut result =
        Comparison { case, ours: Vec::new(), theirs: case.rivals.iter().map(|rival| (rival, Vec::new())).collect() };
    for turn in 1..=pairs {
        let folder = prepared.outputs().map_err(failed)?;
        let ours = ourselves(prepared, tools, &folder).map_err(failed)?;
        result.ours.push(measure(&ours, counter, &stop.cancellation).map_err(failed)?);
        for (rival, measured) in &mut result.theirs {
            let mut variables = prepared.variables(&tools.ffmpeg, case);
            variables.push(("OUT", prepared.outputs().map_err(failed)?.into()));
            let setting = Setting { shell: "/bin/sh".into(), variables };
            measured.push(
                measure(&setting.script(rival.script), counter, &stop.cancellation)
                    .map_err(|error| failed(io::Error::new(error.kind(), format!("{}: {error}", rival.name))))?,
            );
        }
        out.note(&format!("{}: turn {turn} of {pairs} done", case.name));
    }
    Ok(result)
}

/// The whole of vodflow, as a user starts it.
fn ourselves(prepared: &Prepared, tools: &Tools, folder: &Path) -> io::Result<Invocation> {
    let mut arguments: Vec<OsString> = vec!["run".into(), prepared.procedure().into(), "--input".into()];
    arguments.push(prepared.source.clone().into());
    arguments.extend(["--out".into(), folder.into(), "--ffmpeg".into(), tools.ffmpeg.clone().into(), "--quiet".into()]);
    Ok(Invocation::new(&std::env::current_exe()?, arguments))
}

fn failed(error: io::Error) -> Failure {
    let code = if error.kind() == io::ErrorKind::Interrupted { &codes::INTERRUPTED } else { &codes::TOOL_FAILED };
    let note: Message = message!("the comparison ended early: {}", error.to_string());
    Failure::plain(Diagnostic::new(code, note))
}

/// Least, middle and largest.
fn spread(mut figures: Vec<f64>) -> [f64; 3] {
    figures.sort_by(f64::total_cmp);
    let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
    [at(0), at(figures.len() / 2), at(figures.len().saturating_sub(1))]
}

fn cpu(measured: &[Measured]) -> [f64; 3] {
    spread(measured.iter().map(|one| one.cpu).collect())
}

/// Ratios of instructions turn by turn, where all were counted.
fn instructions(ours: &[Measured], theirs: &[Measured]) -> Option<[f64; 3]> {
    let pairs = ours.iter().zip(theirs);
    let ratios = pairs.map(|(ours, theirs)| Some(ours.instructions? as f64 / (theirs.instructions? as f64).max(1.0)));
    Some(spread(ratios.collect::<Option<Vec<f64>>>()?))
}

fn ratio(ours: &[Measured], theirs: &[Measured]) -> [f64; 3] {
    spread(ours.iter().zip(theirs).map(|(ours, theirs)| ours.cpu / theirs.cpu.max(0.01)).collect())
}

fn memory(measured: &[Measured]) -> u64 {
    measured.iter().map(|one| one.memory).max().unwrap_or(0)
}

fn text(result: &Comparison) -> String {
    let line = |name: &str, measured: &[Measured], ratio: Option<[f64; 3]>| {
        let ratio =
            ratio.map_or(String::new(), |[low, middle, high]| format!("  {middle:>6.3}  ({low:.3} to {high:.3})"));
        let wall = spread(measured.iter().map(|one| one.wall).collect())[1];
        let megabytes = memory(measured) / 1_000_000;
        format!("  {name:<12} {:>9.2} s {wall:>9.2} s {megabytes:>6} MB{ratio}\n", cpu(measured)[1])
    };
    let mut text =
        format!("  {:<12} {:>11} {:>11} {:>9}  {}\n", "", "CPU", "wall", "memory", "vodflow's CPU against it");
    text.push_str(&line("vodflow", &result.ours, None));
    for (rival, measured) in &result.theirs {
        text.push_str(&line(rival.name, measured, Some(ratio(&result.ours, measured))));
        if let Some([low, middle, high]) = instructions(&result.ours, measured) {
            text.push_str(&format!("  {:<36} instructions  {middle:>6.3}  ({low:.3} to {high:.3})\n", ""));
        }
    }
    text + "\n"
}

fn document(result: &Comparison, seconds: f64) -> Value {
    let figures = |measured: &[Measured]| {
        let all = |field: fn(&Measured) -> f64| measured.iter().map(field).collect::<Vec<f64>>();
        json!({ "cpu_seconds": all(|one| one.cpu), "wall_seconds": all(|one| one.wall), "memory_bytes": memory(measured) })
    };
    let rivals: Vec<Value> = result
        .theirs
        .iter()
        .map(|(rival, measured)| {
            let [low, middle, high] = ratio(&result.ours, measured);
            let mut value = figures(measured);
            value["name"] = rival.name.into();
            value["cpu_ratio"] = json!({ "low": low, "middle": middle, "high": high });
            if let Some([low, middle, high]) = instructions(&result.ours, measured) {
                value["instruction_ratio"] = json!({ "low": low, "middle": middle, "high": high });
            }
            value
        })
        .collect();
    json!({ "name": result.case.name, "seconds": seconds, "vodflow": figures(&result.ours), "rivals": rivals })
}
