//! One attempt at one job: the process is started, watched and judged by how it ended.

use super::Request;
use super::cause::{self, Cause};
use super::material::storage;
use super::pictures::numbered;
use super::progress::Progress;
use super::statistics;
use crate::ffmpeg::{Argument, Command};
use crate::physical::{Artifact, Bounds, Expectation, Job, bounds};
use crate::probe::file_argument;
use crate::process::{self, Cancellation, Invocation, Limits};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is left of an attempt.
pub(super) struct Attempt {
    /// Why the process did not do its work, unless it says that it did.
    pub cause: Option<Cause>,
    /// Why something may be wrong with what it made, although it says that it did its work.
    pub suspected: Option<Cause>,
    /// What it wrote.
    pub log: String,
    /// Seconds by the clock.
    pub wall_seconds: f64,
    /// Seconds of processor time.
    pub cpu_seconds: f64,
    /// Whether parts of the source could not be decoded.
    pub decode_errors: usize,
}

impl Attempt {
    /// An attempt that did not come to a process.
    pub fn failed(cause: Cause) -> Self {
        let log = cause.log.clone().unwrap_or_default();
        Attempt { cause: Some(cause), suspected: None, log, wall_seconds: 0.0, cpu_seconds: 0.0, decode_errors: 0 }
    }
}

/// All that a process needs to start, without anything of the run: it goes to another thread.
pub(super) struct Prepared {
    invocation: Invocation,
    span_seconds: f64,
    stall: Duration,
    work: PathBuf,
    bounds: Bounds,
}

/// Runs a prepared process; `started` hears its number, `report` of its progress.
pub(super) fn execute(
    prepared: &Prepared,
    started: &dyn Fn(u32),
    report: &mut dyn FnMut(f64, Option<f64>),
    cancel: &Cancellation,
) -> Attempt {
    let mut progress = Progress::new(prepared.span_seconds, prepared.stall, &prepared.work, started, report);
    let finished = match process::run(&prepared.invocation, &mut progress, cancel) {
        Ok(finished) => finished,
        Err(error) => return Attempt::failed(not_started(&error)),
    };
    let log = finished.log.text();
    let cpu_seconds = finished.cpu_seconds;
    Attempt {
        cause: cause::of_process(finished.ending, &log, &prepared.bounds, cpu_seconds),
        suspected: cause::suspected(&log, &prepared.bounds),
        decode_errors: cause::decode_errors(&log),
        wall_seconds: finished.wall.as_secs_f64(),
        cpu_seconds,
        log,
    }
}

fn not_started(error: &io::Error) -> Cause {
    let code = &crate::diag::codes::FFMPEG_MISSING;
    Cause::new(cause::CauseClass::Internal, code, format!("ffmpeg does not start: {}", crate::diag::io_words(error)))
}

/// Clears the place of the job's artefacts and writes what its command needs.
pub(super) fn prepare(request: &Request<'_>, work: &Path, job: &Job) -> Result<Prepared, Cause> {
    let bounds = bounds(request.plan, request.facts, job, request.limits, super::cores());
    for id in job.makes() {
        let artifact = request.plan.artifact(id);
        clear(work, artifact);
        if matches!(artifact.expect, Expectation::Playlist { .. } | Expectation::Package { .. }) {
            let folder = work.join(&artifact.name);
            std::fs::create_dir_all(&folder).map_err(|error| storage(&artifact.name, &error))?;
        }
    }
    let arguments = arguments(&(request.emit)(job), request.source, work)?;
    let mut invocation = Invocation::new(&request.tools.ffmpeg, arguments);
    invocation.folder = Some(work.to_owned());
    invocation.limits = limits(&bounds);
    invocation.sandbox = request.tools.sandbox(vec![request.source.to_owned()], vec![work.to_owned()]);
    let (span_seconds, stall) = (job.span.seconds().to_f64(), Duration::from_secs(bounds.stall_seconds));
    Ok(Prepared { invocation, span_seconds, stall, work: work.to_owned(), bounds })
}

fn arguments(command: &Command, source: &Path, work: &Path) -> Result<Vec<OsString>, Cause> {
    let argument = |argument: &Argument| match argument {
        Argument::Text(text) => Ok(OsString::from(text)),
        Argument::Source(_) => Ok(file_argument(source)),
        Argument::TextFile { name, content } => {
            std::fs::write(work.join(name), content).map_err(|error| storage(name, &error))?;
            Ok(OsString::from(name))
        }
    };
    command.arguments.iter().map(argument).collect()
}

fn limits(bounds: &Bounds) -> Limits {
    Limits {
        address_space: Some(bounds.address_space.0),
        cpu_seconds: Some(bounds.processor_seconds),
        file_size: Some(bounds.file_size.0),
        open_files: Some(bounds.open_files),
        wall: None,
    }
}

/// Removes what an earlier attempt left of an artefact.
pub(super) fn clear(work: &Path, artifact: &Artifact) {
    let path = work.join(&artifact.name);
    match &artifact.expect {
        Expectation::Playlist { .. } | Expectation::Package { .. } => drop(std::fs::remove_dir_all(path)),
        Expectation::Statistics { codec, .. } => {
            statistics::names(&artifact.name, *codec)
                .iter()
                .for_each(|name| drop(std::fs::remove_file(work.join(name))));
        }
        Expectation::Streams { .. }
        | Expectation::Master
        | Expectation::Animation { .. }
        | Expectation::SheetIndex(_)
        | Expectation::Raw(_) => drop(std::fs::remove_file(path)),
        Expectation::Pictures { .. } => {
            for number in 1.. {
                if std::fs::remove_file(work.join(numbered(&artifact.name, number))).is_err() {
                    break;
                }
            }
        }
    }
}
