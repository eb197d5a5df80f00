//! `vodflow preview`: one picture of each rendition at a moment, as it will be delivered, without encoding films.

use crate::cli::Global;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::{self, Failure, Form, Media, Planned, Ready};
use crate::cli::sheet::{Cell, sheet};
use crate::cli::stop::Stop;
use crate::cli::subject::Subject;
use crate::diag::{Diagnostic, Message, codes, io_words, message};
use crate::driver::moment;
use crate::exec::{self, Crew, OutputState, Reports, Request, Reuse, RunOutcome};
use crate::limits::Limits;
use crate::plan::{Disposition, OutputSpec};
use crate::probe::Tools;
use crate::store::{Busy, OutputFolder, Overwrite};
use crate::target::Target;
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `preview`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow preview publish.vod lesson.mp4 --at 12s --out look/\n  vodflow preview publish.vod lesson.mp4 --at 50% --out look.png --sheet"
)]
pub struct Arguments {
    #[command(flatten)]
    subject: Subject,
    /// The moment of the source: `12s`, `-5s`, `50%`, `end`
    #[arg(long, value_name = "TIME", default_value = "0s", allow_hyphen_values = true)]
    at: String,
    /// A folder for the pictures, or a file that ends in `.png` for the only one or the contact sheet
    #[arg(short, long, value_name = "DIR|FILE")]
    out: PathBuf,
    /// Make a contact sheet of all pictures with their names
    #[arg(long)]
    sheet: bool,
    /// Replace files that are there already
    #[arg(long)]
    force: bool,
}

const USAGE: &str = "vodflow preview WHAT --input MEDIA --at TIME --out DIR";

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    show(arguments, global, out).unwrap_or_else(|failure| failure.report(out, Form::People))
}

fn show(arguments: &Arguments, global: &Global, out: &Out) -> Result<Exit, Failure> {
    let Some(at) = moment(&arguments.at) else {
        let note = message!("`{}` is no moment of a source", &arguments.at);
        return Err(refused(note, message!("write, for example, `12s`, `1m30s`, `-5s`, `50%` or `end`")));
    };
    if arguments.subject.assumed().is_some() {
        let note = message!("a source that is only assumed has no pictures");
        return Err(refused(note, message!("give a source: {}", USAGE)));
    }
    let (options, wanted) = arguments.subject.prepare(global, USAGE)?;
    let inputs = arguments.subject.inputs(USAGE)?;
    let [input] = inputs.as_slice() else {
        let note = message!("several sources are given, and one is looked at");
        return Err(refused(note, message!("give one: {}", USAGE)));
    };
    let limits = session::limits(global)?;
    let (tools, media, target) = session::look(global, input, out, Form::People)?;
    let ready = wanted.for_source(&media.facts)?;
    let planned = session::plan_preview(&ready, &media, &target, &options, &limits, at)?;
    out.diagnostics(&planned.warnings, &ready.sources);
    let made = Making { arguments, tools: &tools, media: &media, target: &target, planned: &planned, limits: &limits };
    made.run(&ready, out)
}

fn refused(note: Message, help: Message) -> Failure {
    Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help))
}

/// One preview.
struct Making<'a> {
    arguments: &'a Arguments,
    tools: &'a Tools,
    media: &'a Media,
    target: &'a Target,
    planned: &'a Planned,
    limits: &'a Limits,
}

impl Making<'_> {
    /// Makes all pictures in a folder of our own, and puts those that are wanted where they are wanted.
    fn run(&self, ready: &Ready, out: &Out) -> Result<Exit, Failure> {
        let (outputs, left): (Vec<&OutputSpec>, Vec<&OutputSpec>) =
            self.planned.compilation.outputs.iter().partition(|output| output.disposition == Disposition::Make);
        for output in left {
            if let Disposition::Skip(reason) = &output.disposition {
                out.result(&format!("{}  left out: {reason}\n", output.label));
            }
        }
        if outputs.is_empty() {
            return Ok(Exit::Done);
        }
        let wanted = self.wanted(&outputs)?;
        let folder = tempfile::tempdir().map_err(|error| unwritable(Path::new("a folder for pictures"), &error))?;
        let outcome = self.make(ready, folder.path())?;
        let failed: Vec<&str> = outcome.outputs.iter().filter_map(|output| output.reason.as_deref()).collect();
        if outcome.count(OutputState::Failed) > 0 {
            let note = message!("the pictures could not be made: {}", failed.join("; "));
            return Err(Failure::plain(Diagnostic::new(&codes::TOOL_FAILED, note)));
        }
        let file = |output: &OutputSpec| output.paths.first().map(|path| folder.path().join(path.as_str()));
        for (output, place) in outputs.iter().copied().zip(&wanted.pictures) {
            if let (Some(from), Some(to)) = (file(output), place) {
                put(to, &std::fs::read(&from).map_err(|error| unwritable(to, &error))?)?;
                out.result(&format!("{}  {}  {}\n", output.label, output.summary, to.display()));
            }
        }
        if let Some(place) = &wanted.sheet {
            let cell = |output: &OutputSpec| {
                Some(Cell { file: file(output)?, label: [output.label.clone(), output.summary.clone()] })
            };
            let cells: Vec<Cell> = outputs.iter().copied().filter_map(cell).collect();
            let picture = sheet(&cells).map_err(|reason| {
                Failure::plain(Diagnostic::new(&codes::TOOL_FAILED, message!("no sheet can be made: {}", reason)))
            })?;
            put(place, &picture)?;
            out.result(&format!("sheet  {}\n", place.display()));
        }
        Ok(Exit::Done)
    }

    fn make(&self, ready: &Ready, folder: &Path) -> Result<RunOutcome, Failure> {
        let (media, plan) = (self.media, &self.planned.compilation.physical);
        let stop = Stop::listen();
        let _busy = stop.busy();
        let mut store =
            OutputFolder::open(folder, &media.path, Overwrite::Ours, Busy::Refuse).map_err(Failure::plain)?;
        let reports = Reports { file_id: ready.keys.file_id.as_deref(), ..Reports::default() };
        let request = Request {
            plan,
            facts: &media.facts,
            source: &media.path,
            stamp: media.stamp,
            tools: self.tools,
            emit: &|job| crate::ffmpeg::emit(plan, job),
            marks: &self.planned.marks,
            limits: self.limits,
            reuse: Reuse::Nothing,
            crew: Crew::default(),
            tool: &self.target.version,
            reports: &reports,
            cache_limit: 0,
        };
        exec::run(&request, &mut store, &|_| {}, &stop.cancellation).map_err(Failure::plain)
    }

    /// Where pictures and sheet go; what is there already is not replaced unasked.
    fn wanted(&self, outputs: &[&OutputSpec]) -> Result<Wanted, Failure> {
        let (out, is_sheet) = (&self.arguments.out, self.arguments.sheet);
        let is_file = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
        let wanted = match (is_file, is_sheet, outputs) {
            (true, true, _) => Wanted { pictures: vec![None; outputs.len()], sheet: Some(out.clone()) },
            (true, false, [_]) => Wanted { pictures: vec![Some(out.clone())], sheet: None },
            (true, false, _) => {
                let note = message!("there are {} pictures, and one file is given", outputs.len());
                return Err(refused(note, message!("give a folder, or ask for a contact sheet with `--sheet`")));
            }
            (false, ..) => Wanted {
                pictures: outputs.iter().map(|output| Some(out.join(file_name(output)))).collect(),
                sheet: is_sheet.then(|| out.join("sheet.png")),
            },
        };
        let mut places = wanted.pictures.iter().flatten().chain(&wanted.sheet);
        match places.find(|place| place.exists() && !self.arguments.force) {
            Some(place) => {
                let note = message!("`{}` is there already", place.display());
                let help = message!("give another place, or replace it with `--force`");
                Err(Failure::plain(Diagnostic::new(&codes::OUTPUT_FOREIGN, note).with_help(help)))
            }
            None => Ok(wanted),
        }
    }
}

/// Where everything goes.
struct Wanted {
    pictures: Vec<Option<PathBuf>>,
    sheet: Option<PathBuf>,
}

/// `v.hd.png`: the name of the rendition. The number behind it, which the plan gives every picture, is left out.
fn file_name(output: &OutputSpec) -> String {
    let name = output.paths.first().map_or("preview", |path| path.file_name());
    let stem = name.strip_suffix(".png").unwrap_or(name);
    format!("{}.png", stem.strip_suffix("_0").unwrap_or(stem))
}

fn put(place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(place, bytes)).map_err(|error| unwritable(place, &error))
}

fn unwritable(place: &Path, error: &std::io::Error) -> Failure {
    let note = message!("`{}` cannot be written: {}", place.display(), io_words(error));
    Failure::plain(Diagnostic::new(&codes::OUTPUT_UNWRITABLE, note))
}
