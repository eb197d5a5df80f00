//! A trial of a plan: its dear jobs on two short windows of the source. What a window costs more than a shorter one is
//! what a second of the source costs, without what starting costs.

use super::material;
use crate::cost::{CpuTime, JobEstimate, PlanEstimate};
use crate::diag::{Diagnostic, codes, message};
use crate::ffmpeg::{Argument, Command};
use crate::limits::Limits;
use crate::media::{ContentHash, SourceFacts, VideoFacts};
use crate::physical::{ArtifactId, Coding, EncodeWork, Job, JobId, PhysicalPlan, Work};
use crate::probe::{MarkMaterial, Tools, file_argument};
use crate::process::{self, Cancellation, Collect, Ending, Invocation};
use crate::units::Rational;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Seconds of the windows, in tenths; each starts at a keyframe.
const WINDOWS: (i64, i64) = (4, 14);
/// Seconds of a source below which it is looked at in one place only.
const TWO_PLACES_FROM: i64 = 6;
/// Seconds that a source must have at least: a window needs room behind its keyframe.
const SHORTEST: i64 = 3;
/// Jobs below this share of the whole are left to the model, in hundredths.
const DEAR: u64 = 10;
/// How long a window may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a pilot needs to know.
pub struct Pilot<'a> {
    /// What would be done.
    pub plan: &'a PhysicalPlan,
    /// What it is expected to take.
    pub estimate: &'a PlanEstimate,
    /// The source.
    pub facts: &'a SourceFacts,
    /// Where it is.
    pub source: &'a Path,
    /// The programs.
    pub tools: &'a Tools,
    /// Turns a job into a command.
    pub emit: &'a dyn Fn(&Job) -> Command,
    /// What marks are made from, by their content.
    pub marks: &'a BTreeMap<ContentHash, MarkMaterial>,
    /// What is allowed at most.
    pub limits: &'a Limits,
}

impl Pilot<'_> {
    /// What the pilot itself would take: the windows' share of the jobs that it looks at.
    pub fn price(&self) -> CpuTime {
        let seconds = self.facts.duration().seconds();
        let windows = Rational::of(WINDOWS.0 + WINDOWS.1, 10) * Rational::of(self.places().len() as i64, 1);
        let share = windows.checked_div(seconds).unwrap_or(Rational::ZERO);
        let dear = self.jobs().into_iter().map(|(estimate, _)| estimate.cpu).sum::<CpuTime>();
        CpuTime::from_seconds(dear.seconds() * share.to_f64())
    }

    /// What jobs take, as far as it could be found out. An error when there is no place to work in.
    pub fn run(&self, cancel: &Cancellation) -> Result<BTreeMap<JobId, CpuTime>, Diagnostic> {
        let folder = tempfile::tempdir().map_err(|error| {
            let note = message!("there is no place for temporary files: {}", crate::diag::io_words(&error));
            Diagnostic::new(&codes::OUTPUT_UNWRITABLE, note)
        })?;
        for mark in &self.plan.marks {
            // A job without its mark fails, and is left to the model.
            let _ = material::write_mark(self.marks, self.limits, folder.path(), mark);
        }
        let mut found = BTreeMap::new();
        for (estimate, job) in self.jobs() {
            if let Some(cpu) = self.job(estimate, &job, folder.path(), cancel) {
                found.insert(estimate.job, cpu);
            }
        }
        Ok(found)
    }

    /// Jobs worth a trial, with that part of their work that goes on as long as the source does.
    fn jobs(&self) -> Vec<(&JobEstimate, Job)> {
        let estimates = self.estimate.jobs.iter();
        let dear = estimates.filter(|one| one.cpu.times(100) >= self.estimate.cpu.times(DEAR));
        dear.filter_map(|estimate| {
            let job = self.plan.jobs.iter().find(|job| job.id == estimate.job)?;
            Some((estimate, continuous(job)?))
        })
        .collect()
    }

    fn job(&self, estimate: &JobEstimate, job: &Job, work: &Path, cancel: &Cancellation) -> Option<CpuTime> {
        let (mut slopes, mut starts, places) = (CpuTime::ZERO, CpuTime::ZERO, self.places());
        for place in &places {
            let window = |tenths| self.window(job, *place, Rational::of(tenths, 10), work, cancel);
            let (short, long) = (window(WINDOWS.0)?, window(WINDOWS.1)?);
            let second = long.without(short).share(10, (WINDOWS.1 - WINDOWS.0) as u64);
            slopes = slopes + second;
            starts = starts + short.without(second.share(WINDOWS.0 as u64, 10));
        }
        let count = (places.len() as u64).max(1);
        let seconds = self.facts.duration().seconds().to_f64();
        let going = CpuTime::from_seconds(slopes.share(1, count).seconds() * seconds);
        let tried = going + starts.share(1, count) + estimate.stills;
        // Two seconds are not the whole film, and the model knows something too: together they err less than each.
        (going > CpuTime::ZERO).then(|| (tried.times(4) + estimate.cpu).share(1, 5))
    }

    /// Processor time of a job on a part of the source.
    fn window(
        &self,
        job: &Job,
        from: Rational,
        length: Rational,
        work: &Path,
        cancel: &Cancellation,
    ) -> Option<CpuTime> {
        let arguments = self.windowed(&(self.emit)(job), from, length, work);
        let mut invocation = Invocation::new(&self.tools.ffmpeg, arguments);
        invocation.folder = Some(work.to_owned());
        invocation.limits.wall = Some(PATIENCE);
        invocation.sandbox = self.tools.sandbox(vec![self.source.to_owned()], vec![work.to_owned()]);
        let finished = process::run(&invocation, &mut Collect::default(), cancel).ok()?;
        (finished.ending == Ending::Code(0)).then(|| CpuTime::from_seconds(finished.cpu_seconds))
    }

    /// The command on a part of the source, whose start takes the place of the source's.
    fn windowed(&self, command: &Command, from: Rational, length: Rational, work: &Path) -> Vec<OsString> {
        let timeline = crate::media::Timeline::of(self.facts.picture(), self.facts.sound());
        let zero = timeline.map_or(Rational::ZERO, |timeline| timeline.zero().0);
        let mut arguments = Vec::new();
        for argument in &command.arguments {
            match argument {
                // Times are counted from the window, and moved to where the source's own begin.
                Argument::Text(text) if text == "-copyts" => {}
                Argument::Text(text) if text == "-i" => {
                    let window =
                        ["-ss", &from.to_decimal(6), "-t", &length.to_decimal(6), "-itsoffset"].map(OsString::from);
                    arguments.extend(window);
                    arguments.extend([OsString::from(zero.to_decimal(6)), "-i".into()]);
                }
                Argument::Text(text) => arguments.push(text.into()),
                Argument::Source(_) => arguments.push(file_argument(self.source)),
                Argument::TextFile { name, content } => {
                    // A graph that is not there fails the window, and the job is left to the model.
                    let _ = std::fs::write(work.join(name), content);
                    arguments.push(name.into());
                }
            }
        }
        arguments
    }

    /// Where windows start: keyframes about a third of the way, or a quarter and two thirds of it.
    fn places(&self) -> Vec<Rational> {
        let Some(video) = self.facts.picture() else { return Vec::new() };
        let seconds = (video.end().0 - video.start().0).floor();
        let shares: &[(i64, i64)] = match seconds {
            _ if seconds < i128::from(SHORTEST) => &[],
            _ if seconds < i128::from(TWO_PLACES_FROM) => &[(1, 3)],
            _ => &[(1, 4), (2, 3)],
        };
        shares.iter().map(|(part, whole)| keyframe(video, *part, *whole)).collect()
    }
}

/// The time of the keyframe at or before a share of the pictures, counted from the first one: that is how `-ss` counts.
fn keyframe(video: &VideoFacts, part: i64, whole: i64) -> Rational {
    let wanted = video.frames.count() * part.unsigned_abs() / whole.unsigned_abs().max(1);
    let before = video.keyframes.partition_point(|one| *one <= wanted).checked_sub(1);
    let picture = before.and_then(|at| video.keyframes.get(at)).copied().unwrap_or(wanted);
    video.frames.time(picture).0 - video.start().0
}

/// The encodes of a job that last as long as the source. None for jobs that read other jobs' work, or whose pictures
/// are those of a part of the source: a window may lie outside.
fn continuous(job: &Job) -> Option<Job> {
    let Work::Encode(EncodeWork { products, graph, plainer: None, .. }) = &job.work else { return None };
    let lasting = products
        .iter()
        .filter(|product| matches!(product.coding, Coding::Video(_) | Coding::Analysis(_) | Coding::Audio(_)));
    let lasting: BTreeSet<ArtifactId> = lasting.map(|product| product.artifact).collect();
    let seen = products.iter().any(|product| matches!(product.coding, Coding::Video(_) | Coding::Analysis(_)));
    let parts = graph.filters.iter().any(|filter| {
        matches!(filter.name, "trim" | "atrim") && filter.options.iter().any(|(name, _)| name.starts_with("start"))
    });
    (seen && !parts && job.reads().is_empty()).then(|| job.restricted_to(&lasting))
}
