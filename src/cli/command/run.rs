//! `vodflow run`: plans and makes it so.

use crate::cli::Global;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::progress::Progress;
use crate::cli::session::{self, CompilerFlags, Failure, Form, Media, Ready};
use crate::diag::{Diagnostic, Diagnostics, codes, to_json};
use crate::exec::{self, OutputOutcome, OutputState, Request, Reuse, RunLimits, RunOutcome, result_json};
use crate::explain::counted;
use crate::optimizer::OptimizerOptions;
use crate::process::Cancellation;
use crate::store::{OutputFolder, Overwrite};
use crate::target::Target;
use crate::units::Bytes;
use clap::Args;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use unicode_width::UnicodeWidthStr;

/// Arguments of `run`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow run publish.vod --input lesson.mp4 --out out/\n  vodflow run 'QCVB_SimpleProcessFile({10,20},0,10,10)' lesson.mp4 --out out/\n  vodflow run publish.vod a.mp4 b.mp4 --out out/     (outputs go to out/a and out/b)"
)]
pub struct Arguments {
    /// A procedure file, FILE:procedure(arguments), a preset call, or `-`
    #[arg(value_name = "WHAT")]
    what: String,
    /// The source; may be repeated
    #[arg(value_name = "MEDIA")]
    media: Vec<PathBuf>,
    /// The source; may be repeated
    #[arg(short, long, value_name = "MEDIA")]
    input: Vec<PathBuf>,
    /// The folder for outputs; made if it does not exist
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Replace files that vodflow did not make, or that were edited since
    #[arg(long)]
    force: bool,
    /// Print events and the result as lines of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    compiler: CompilerFlags,
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.json { Form::JsonLines } else { Form::People };
    let (options, ready, inputs) = match prepare(arguments) {
        Ok(prepared) => prepared,
        Err(failure) => return failure.report(out, form),
    };
    let stop = Stop::listen();
    let mut exit = Exit::Done;
    for input in &inputs {
        let folder = if inputs.len() == 1 { arguments.out.clone() } else { arguments.out.join(stem(input)) };
        if form == Form::JsonLines && inputs.len() > 1 {
            out.json_line(&json!({ "event": "source_started", "source": input.to_string_lossy(), "out": folder.to_string_lossy() }));
        }
        let one = Run { arguments, global, out, form, ready: &ready, options: &options, stop: &stop };
        let outcome = one.source(input, &folder).unwrap_or_else(|failure| failure.report(out, form));
        if exit == Exit::Done {
            exit = outcome;
        }
        if let Some(stopped) = stop.exit() {
            return stopped;
        }
    }
    exit
}

fn prepare(arguments: &Arguments) -> Result<(OptimizerOptions, Ready, Vec<PathBuf>), Failure> {
    let options = arguments.compiler.options().map_err(Failure::plain)?;
    let ready = session::ready(&arguments.what)?;
    let inputs: Vec<PathBuf> = arguments.media.iter().chain(&arguments.input).cloned().collect();
    let wrong = |note: &str, help: &str| Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help));
    if inputs.is_empty() {
        return Err(wrong("no source is given", "give one: vodflow run WHAT --input MEDIA --out DIR"));
    }
    let stems: BTreeSet<String> = inputs.iter().map(|input| stem(input).to_lowercase()).collect();
    if stems.len() < inputs.len() {
        return Err(wrong(
            "two sources have the same name, and would share a folder",
            "run them into different folders",
        ));
    }
    Ok((options, ready, inputs))
}

/// The folder of one of several sources.
fn stem(input: &Path) -> String {
    input.file_stem().unwrap_or(input.as_os_str()).to_string_lossy().into_owned()
}

/// One run of a procedure over one source.
struct Run<'a> {
    arguments: &'a Arguments,
    global: &'a Global,
    out: &'a Out,
    form: Form,
    ready: &'a Ready,
    options: &'a OptimizerOptions,
    stop: &'a Stop,
}

impl Run<'_> {
    fn source(&self, input: &Path, folder: &Path) -> Result<Exit, Failure> {
        crate::probe::SourceStamp::of(input).map_err(Failure::plain)?;
        let tools = session::tools(self.global)?;
        let media = session::media(&tools, input)?;
        let target = session::target(&tools)?;
        self.compiled(&tools, &media, &target, folder)
    }

    fn compiled(
        &self,
        tools: &crate::probe::Tools,
        media: &Media,
        target: &Target,
        folder: &Path,
    ) -> Result<Exit, Failure> {
        let planned = session::plan(self.ready, media, target, self.options)?;
        let plan = &planned.compilation.physical;
        if self.form == Form::People {
            self.out.diagnostics(&planned.warnings, &self.ready.sources);
        }
        let _busy = self.stop.busy();
        let overwrite = if self.arguments.force { Overwrite::Anything } else { Overwrite::Ours };
        let mut store = OutputFolder::open(folder, &media.path, overwrite).map_err(Failure::plain)?;
        let request = Request {
            plan,
            facts: &media.facts,
            source: &media.path,
            stamp: media.stamp,
            tools,
            emit: &|job| crate::ffmpeg::emit(plan, job),
            marks: &planned.marks,
            limits: RunLimits::default(),
            reuse: if self.arguments.force { Reuse::Nothing } else { Reuse::UpToDate },
        };
        let progress = Progress::new(&plan.outputs, self.out, self.form);
        let outcome = exec::run(&request, &mut store, &|event| progress.event(&event), &self.stop.cancellation);
        progress.finish();
        let outcome = outcome.map_err(Failure::plain)?;
        self.report(&outcome, folder, &planned.warnings);
        Ok(match self.stop.exit() {
            Some(stopped) => stopped,
            None if outcome.count(OutputState::Failed) > 0 => Exit::OutputFailed,
            None => Exit::Done,
        })
    }

    fn report(&self, outcome: &RunOutcome, folder: &Path, warnings: &Diagnostics) {
        if self.form == Form::JsonLines {
            let mut document = result_json(outcome);
            document["diagnostics"] = to_json(warnings, &self.ready.sources)["diagnostics"].take();
            self.out.json_line(&document);
            return;
        }
        let late: Diagnostics = outcome.warnings.iter().cloned().collect();
        self.out.diagnostics(&late, &self.ready.sources);
        self.out.result(&list(outcome, folder));
        for output in outcome.outputs.iter().filter(|output| output.state == OutputState::Failed) {
            if let Some(log) = output.log.as_ref().filter(|_| self.global.verbose) {
                self.out.note(&format!("\nlog of {}:\n{}", output.label, log.trim_end()));
            }
        }
        if outcome.cancelled {
            self.out
                .note("interrupted: finished outputs are kept, nothing half-made is left; the same command goes on");
        }
    }
}

/// What became of each output, and what it took.
fn list(outcome: &RunOutcome, folder: &Path) -> String {
    let labels: Vec<String> = outcome.outputs.iter().map(label).collect();
    let width = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    let mut text = String::new();
    for (output, label) in outcome.outputs.iter().zip(&labels) {
        let sign = match output.state {
            OutputState::Done if output.reused => "=",
            OutputState::Done => "+",
            OutputState::Skipped => "·",
            OutputState::Failed | OutputState::Cancelled => "!",
        };
        let gap = " ".repeat(width - label.width());
        text.push_str(&format!("  {sign} {label}{gap}  {}\n", what_became(output)));
        output.warnings.iter().for_each(|warning| text.push_str(&format!("    {}  {warning}\n", " ".repeat(width))));
    }
    let done = outcome.count(OutputState::Done);
    let wanted = outcome.outputs.len() - outcome.count(OutputState::Skipped);
    let totals = outcome.totals;
    text.push_str(&format!(
        "\n{}: {done} of {} in {}. {:.1} s CPU, {:.1} s.\n",
        if outcome.cancelled { "Stopped" } else { "Done" },
        counted(wanted, "output"),
        folder.display(),
        totals.cpu_seconds,
        totals.wall_seconds
    ));
    text
}

fn label(output: &OutputOutcome) -> String {
    match output.kind {
        crate::plan::OutputKind::Transcode => output.label.clone(),
        kind => format!("{} {}", kind.noun(), output.label),
    }
}

fn what_became(output: &OutputOutcome) -> String {
    match output.state {
        OutputState::Done => {
            let size = Bytes(output.files.iter().map(|file| file.size).sum());
            let shown = output.files.iter().find(|file| file.path.ends_with(".m3u8")).or(output.files.first());
            let path = shown.map(|file| file.path.clone()).unwrap_or_default();
            let more = match output.files.len() {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            format!("{:>9}  {}  {path}{more}", size.to_string(), media(output))
        }
        OutputState::Cancelled => "cancelled".into(),
        OutputState::Skipped => format!("left out: {}", output.reason.as_deref().unwrap_or_default()),
        OutputState::Failed => {
            format!("failed ({}): {}", output.code.as_deref().unwrap_or("?"), output.reason.as_deref().unwrap_or("?"))
        }
    }
}

fn media(output: &OutputOutcome) -> String {
    let Some(media) = &output.media else { return String::new() };
    let mut words = Vec::new();
    if let (Some(width), Some(height)) = (media.width, media.height) {
        words.push(format!("{width}x{height}"));
    }
    words.extend(media.video_codec.clone());
    words.extend(media.audio_codec.clone());
    words.extend(media.duration.map(|seconds| format!("{seconds:.2} s")));
    words.extend(media.segments.map(|count| counted(count as usize, "segment")));
    words.join(" ")
}

/// Ctrl-C and requests to terminate. The first stops the processes in order; the second ends the program at once, and
/// the kernel its children.
struct Stop {
    cancellation: Cancellation,
    signal: Arc<AtomicU8>,
    /// Whether there is something to stop in order. Before, a request ends the program at once.
    is_busy: Arc<AtomicBool>,
}

/// While it lives, there is something to stop in order.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Stop {
    fn listen() -> Self {
        let stop = Stop { cancellation: Cancellation::default(), signal: Arc::default(), is_busy: Arc::default() };
        let (cancellation, signal, is_busy) = (stop.cancellation.clone(), stop.signal.clone(), stop.is_busy.clone());
        // Without a thread to listen, Ctrl-C keeps its ordinary meaning.
        let _ = std::thread::Builder::new().name("signals".into()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                use tokio::signal::unix::{SignalKind, signal as subscribe};
                let (Ok(mut interrupt), Ok(mut terminate)) =
                    (subscribe(SignalKind::interrupt()), subscribe(SignalKind::terminate()))
                else {
                    return;
                };
                loop {
                    let exit = tokio::select! {
                        _ = interrupt.recv() => Exit::Interrupted,
                        _ = terminate.recv() => Exit::Terminated,
                    };
                    let before = signal.swap(exit.code(), Ordering::SeqCst);
                    cancellation.cancel();
                    if before != 0 || !is_busy.load(Ordering::SeqCst) {
                        // Nothing is under way, or it is the second signal.
                        std::process::exit(i32::from(exit.code()));
                    }
                }
            });
        });
        stop
    }

    fn busy(&self) -> Busy {
        self.is_busy.store(true, Ordering::SeqCst);
        Busy(self.is_busy.clone())
    }

    fn exit(&self) -> Option<Exit> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            143 => Some(Exit::Terminated),
            _ => Some(Exit::Interrupted),
        }
    }
}
