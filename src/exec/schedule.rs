//! The course of a run: jobs in order, each output published as soon as it is whole, failures kept to themselves.

use super::attempt::{Attempt, Prepared, clear, prepare};
use super::cause::{self, Cause, CauseClass};
use super::delivery::uses;
use super::event::RunEvent;
use super::material;
use super::outcome::{JobRecord, OutputOutcome, OutputState, RunOutcome, SourceRecord, Totals};
use super::package;
use super::report;
use super::seal::Seal;
use super::space;
use super::verify::{Surroundings, Verified, verify};
use super::{Request, Reuse};
use crate::diag::{Diagnostic, codes, message};
use crate::fault::{self, Point};
use crate::physical::{ArtifactId, Expectation, Job, Work};
use crate::plan::{Disposition, OutputId, OutputSpec};
use crate::process::{self, Cancellation};
use crate::store::{OutputFolder, report};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Free bytes below which a file that came out short is blamed on the disk: HLS on a full disk ends with exit code 0.
const NEARLY_FULL: u64 = 1 << 20;

/// Runs a plan. It blocks its thread, which starts all processes (see [`crate::process`]); `events` is called on it.
///
/// An error means that nothing was started. What went wrong with single outputs is in the outcome.
pub fn run(
    request: &Request<'_>,
    store: &mut OutputFolder,
    events: &dyn Fn(RunEvent),
    cancel: &Cancellation,
) -> Result<RunOutcome, Diagnostic> {
    request.stamp.check(request.source)?;
    if let Some(diagnostic) = report(&store.conflicts(&request.plan.deliveries)) {
        return Err(diagnostic);
    }
    let begun = report::now();
    let (started, cpu_before) = (Instant::now(), process::children_cpu_seconds());
    let mut course = Course::new(request, store, events, cancel);
    course.settle_decided();
    if request.reuse != Reuse::Nothing {
        course.settle_current();
    }
    space::check(&course)?;
    let jobs = course.select();
    if !jobs.is_empty() || !course.is_settled() || request.reports.notify.is_some() {
        course.store.begin(&request.facts.identity)?;
    }
    course.write_marks(&jobs);
    course.write_texts();
    // An error here has no output to go to.
    let _ = fault::pass(Point::MarksWritten);
    course.run_jobs(jobs);
    course.settle();
    course.settle_rest();
    let mut outcome = course.outcome();
    outcome.totals = Totals {
        cpu_seconds: (process::children_cpu_seconds() - cpu_before).max(0.0),
        wall_seconds: started.elapsed().as_secs_f64(),
    };
    if is_worth_a_summary(&outcome) {
        report::publish_result(store, &mut outcome);
    }
    report::publish(request, store, &mut outcome, (begun, report::now()));
    if is_worth_a_summary(&outcome) {
        close(request, store, &mut outcome);
    }
    events(RunEvent::Finished {
        done: outcome.count(OutputState::Done),
        failed: outcome.count(OutputState::Failed),
        cancelled: outcome.count(OutputState::Cancelled),
        skipped: outcome.count(OutputState::Skipped),
    });
    Ok(outcome)
}

/// A run that was stopped before it published anything leaves the summary of an earlier one true.
fn is_worth_a_summary(outcome: &RunOutcome) -> bool {
    let is_new = |output: &OutputOutcome| output.state == OutputState::Done && !output.reused;
    !outcome.cancelled || outcome.outputs.iter().any(is_new)
}

/// Keeps the store within its limit and says that the run ended.
fn close(request: &Request<'_>, store: &mut OutputFolder, outcome: &mut RunOutcome) {
    let pruned = store.prune(request.cache_limit).map(|_| ());
    let ended = fault::pass(Point::RunEnded).map_or_else(|_| Ok(()), |()| store.end());
    outcome.warnings.extend(pruned.and(ended).err());
}

/// A run under way.
pub(super) struct Course<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) store: &'a mut OutputFolder,
    pub(super) events: &'a dyn Fn(RunEvent),
    pub(super) cancel: &'a Cancellation,
    /// What became of the artefacts that were tried.
    pub(super) artifacts: BTreeMap<ArtifactId, Result<Verified, Cause>>,
    /// Which outputs an artefact works for, directly or through a package.
    pub(super) users: BTreeMap<ArtifactId, BTreeSet<OutputId>>,
    /// How often a file or folder of the work folder is still needed.
    pub(super) uses: BTreeMap<String, usize>,
    /// Marks that could not be written, by their names in the work folder.
    pub(super) lost_marks: BTreeMap<String, Cause>,
    pub(super) started: BTreeSet<OutputId>,
    pub(super) settled: BTreeMap<OutputId, OutputOutcome>,
    pub(super) damaged: BTreeSet<ArtifactId>,
    /// What encrypts an artefact.
    seals: BTreeMap<ArtifactId, Seal>,
    /// Artefacts that were not made by this run but taken from the store.
    pub(super) recalled: BTreeSet<ArtifactId>,
    /// Whether it was said already that something could not be kept.
    pub(super) unkept: bool,
    pub(super) jobs: Vec<JobRecord>,
    pub(super) warnings: Vec<Diagnostic>,
}

impl<'a> Course<'a> {
    fn new(
        request: &'a Request<'a>,
        store: &'a mut OutputFolder,
        events: &'a dyn Fn(RunEvent),
        cancel: &'a Cancellation,
    ) -> Self {
        Course {
            request,
            store,
            events,
            cancel,
            artifacts: BTreeMap::new(),
            users: users(request),
            uses: uses(request),
            lost_marks: BTreeMap::new(),
            started: BTreeSet::new(),
            settled: BTreeMap::new(),
            damaged: BTreeSet::new(),
            seals: BTreeMap::new(),
            recalled: BTreeSet::new(),
            unkept: false,
            jobs: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Outputs about which the plan decided already.
    fn settle_decided(&mut self) {
        for output in &self.request.plan.outputs {
            match &output.disposition {
                Disposition::Make => {}
                Disposition::Skip(reason) => {
                    let outcome = OutputOutcome::new(output, OutputState::Skipped);
                    self.settled.insert(output.id, OutputOutcome { reason: Some(reason.clone()), ..outcome });
                    (self.events)(RunEvent::OutputSkipped { output: output.id, reason: reason.clone() });
                }
                Disposition::Fail(code, reason) => {
                    let outcome = OutputOutcome::new(output, OutputState::Failed);
                    let (code, reason) = (code.clone(), reason.clone());
                    (self.events)(RunEvent::OutputFailed {
                        output: output.id,
                        code: code.clone(),
                        reason: reason.clone(),
                    });
                    self.settled.insert(output.id, OutputOutcome { code: Some(code), reason: Some(reason), ..outcome });
                }
            }
        }
    }

    fn is_settled(&self) -> bool {
        self.request.plan.outputs.iter().all(|output| self.settled.contains_key(&output.id))
    }

    /// Writes the marks that jobs read.
    fn write_marks(&mut self, jobs: &[Job]) {
        let options = |job: &Job| match &job.work {
            Work::Encode(encode) => encode.graph.filters.iter().flat_map(|filter| filter.options.clone()).collect(),
            Work::Package(_) | Work::Adaptive(_) => Vec::new(),
        };
        let read: BTreeSet<String> = jobs.iter().flat_map(options).map(|(_, value)| value).collect();
        for mark in self.request.plan.marks.iter().filter(|mark| read.contains(&mark.name)) {
            if let Err(cause) = material::write_mark(self.request.marks, self.request.limits, self.store.work(), mark) {
                self.lost_marks.insert(mark.name.clone(), cause);
            }
        }
    }

    /// Writes the files that need no job. Each belongs to an output that a job makes the rest of.
    fn write_texts(&mut self) {
        for text in &self.request.plan.texts {
            let (artifact, work) = (self.request.plan.artifact(text.artifact), self.store.work());
            let written = std::fs::write(work.join(&artifact.name), &text.content)
                .map_err(|error| material::storage(&artifact.name, &error));
            let codecs = Vec::new();
            let around = Surroundings { tools: self.request.tools, work, damaged: false, key: None, codecs };
            let verdict = written.and_then(|()| verify(&around, artifact));
            self.artifacts.insert(text.artifact, verdict);
        }
    }

    /// The outputs that still wait for a job.
    pub(super) fn waiting_for(&self, job: &Job) -> Vec<OutputId> {
        let users = job.makes().into_iter().filter_map(|artifact| self.users.get(&artifact)).flatten();
        let waiting: BTreeSet<OutputId> = users.copied().filter(|output| !self.settled.contains_key(output)).collect();
        waiting.into_iter().collect()
    }

    /// Whether everything that a job reads is there; prepares keys.
    pub(super) fn inputs(&mut self, job: &Job) -> Result<(), Cause> {
        for input in job.reads() {
            match self.artifacts.get(&input) {
                Some(Ok(_)) => {}
                Some(Err(cause)) => return Err(cause.clone()),
                None => return Err(wrong_plan()),
            }
            if self.damaged.contains(&input) {
                self.damaged.extend(job.makes());
            }
        }
        for (artifact, encryption) in job.encryptions() {
            let seal = Seal::of(self.store, &self.request.facts.identity, encryption)?;
            self.seals.insert(artifact, seal);
        }
        Ok(())
    }

    fn is_ready(&self, job: &Job) -> bool {
        job.makes().iter().all(|artifact| matches!(self.artifacts.get(artifact), Some(Ok(_))))
    }

    pub(super) fn lost_mark(&self, job: &Job) -> Option<&Cause> {
        let Work::Encode(encode) = &job.work else { return None };
        let mut options = encode.graph.filters.iter().flat_map(|filter| &filter.options);
        options.find_map(|(_, value)| self.lost_marks.get(value))
    }

    pub(super) fn fail(&mut self, job: &Job, cause: &Cause) {
        for artifact in job.makes() {
            self.artifacts.insert(artifact, Err(cause.clone()));
        }
    }

    /// What a process needs to start on a job.
    pub(super) fn prepare(&self, job: &Job) -> Result<Prepared, Cause> {
        let prepared = prepare(self.request, self.store.work(), job)?;
        fault::pass(Point::JobPrepared).map_err(|error| material::storage("a job", &error))?;
        Ok(prepared)
    }

    /// Writes down what a job took.
    pub(super) fn record(&mut self, job: &Job, attempt: &Attempt) {
        let whole = self.is_ready(job);
        self.jobs.push(JobRecord {
            job: job.id,
            makes: job.makes().into_iter().map(|id| self.request.plan.artifact(id).name.clone()).collect(),
            wall_seconds: attempt.wall_seconds,
            cpu_seconds: attempt.cpu_seconds,
            whole,
            log: if has_other_way(job, attempt) { String::new() } else { attempt.log.clone() },
        });
        (self.events)(RunEvent::JobFinished { job: job.id, whole });
    }

    /// Verifies all that a process made, and keeps what is right.
    pub(super) fn judge(&mut self, job: &Job, attempt: &Attempt) {
        let stopped = attempt.cause.as_ref().filter(|cause| cause.class == CauseClass::Cancelled);
        let changed = self.request.stamp.check(self.request.source).err();
        let changed = changed.map(|diagnostic| Cause::new(CauseClass::BadInput, diagnostic.code, diagnostic.message));
        for id in job.makes() {
            let unsure = self.is_unsure(job, id, attempt).then(|| attempt.cause.clone().unwrap_or_else(not_from_there));
            let damaged = !self.request.facts.damage.is_empty() || (attempt.decode_errors > 0 && unsure.is_none());
            if damaged && matches!(job.work, Work::Encode(_)) {
                self.damaged.insert(id);
            }
            let verdict = match stopped.cloned().or_else(|| changed.clone()).or(unsure) {
                Some(cause) => Err(cause),
                None => self.verdict(job, id, attempt),
            };
            match &verdict {
                Ok(verified) => self.keep(job, id, verified),
                Err(_) => clear(self.store.work(), self.request.plan.artifact(id)),
            }
            self.artifacts.insert(id, verdict);
        }
    }

    /// Whether what a process left cannot be relied on. Pictures for another process are known by their numbers, so none
    /// may be missing among them, even if the source is to blame; that process then decodes everything.
    fn is_unsure(&self, job: &Job, id: ArtifactId, attempt: &Attempt) -> bool {
        let is_raw = matches!(self.request.plan.artifact(id).expect, Expectation::Raw(_));
        has_other_way(job, attempt) || (is_raw && attempt.decode_errors > 0)
    }

    /// Whether an artefact is right; where it is not, the process knows better why, if it said anything.
    fn verdict(&self, job: &Job, id: ArtifactId, attempt: &Attempt) -> Result<Verified, Cause> {
        let seal = self.seals.get(&id);
        let work = self.store.work();
        let damaged = self.damaged.contains(&id);
        let codecs = self.codecs_of(job);
        let named = job.reads().iter().map(|input| codecs.get(input).cloned()).collect();
        let around =
            Surroundings { tools: self.request.tools, work, damaged, key: seal.map(|seal| &seal.key), codecs: named };
        let artifact = self.request.plan.artifact(id);
        let finished = match &job.work {
            Work::Adaptive(adaptive) => package::finish(work, adaptive, artifact, &codecs, seal),
            Work::Package(_) => package::finish_rendition(work, artifact, seal),
            Work::Encode(_) => Ok(()),
        };
        let finished = finished
            .and_then(|()| fault::pass(Point::Finished).map_err(|error| material::storage(&artifact.name, &error)));
        let found = finished.and_then(|()| verify(&around, artifact)).map_err(|wrong| {
            let full = self.store.free_space().is_some_and(|bytes| bytes < NEARLY_FULL);
            let known = match &attempt.cause {
                Some(cause) => Some(cause.clone()),
                None if full => Some(Cause::new(CauseClass::NoSpace, &codes::NO_SPACE, "the disk is full")),
                None => attempt.suspected.clone(),
            };
            known.unwrap_or(Cause { log: Some(attempt.log.clone()), ..wrong })
        })?;
        match &attempt.cause {
            // A process stopped from outside closes its files; what it was still working on cannot be trusted, and of a
            // package nothing tells how far it came.
            Some(cause) if found.shortfall.is_some() || !matches!(job.work, Work::Encode(_)) => Err(cause.clone()),
            _ => Ok(found),
        }
    }

    /// Names of the codecs that a job reads, where they have one.
    fn codecs_of(&self, job: &Job) -> BTreeMap<ArtifactId, String> {
        let name = |id: &ArtifactId| Some((*id, self.artifacts.get(id)?.as_ref().ok()?.codec.clone()?));
        job.reads().iter().filter_map(name).collect()
    }

    /// Publishes or fails every output about whose artefacts all is known, then what lists them.
    pub(super) fn settle(&mut self) {
        self.settle_known();
        self.write_masters();
        self.settle_known();
    }

    fn settle_known(&mut self) {
        for output in &self.request.plan.outputs {
            if self.settled.contains_key(&output.id) {
                continue;
            }
            let parts = self.parts(output);
            let failed = parts.iter().find_map(|id| self.artifacts.get(id)?.as_ref().err().cloned());
            if let Some(cause) = failed {
                self.settle_failed(output, &cause);
            } else if !parts.is_empty() && parts.iter().all(|id| self.artifacts.contains_key(id)) {
                self.publish(output, &parts);
            }
        }
    }

    pub(super) fn settle_failed(&mut self, output: &OutputSpec, cause: &Cause) {
        let outcome = OutputOutcome::failed(output, cause);
        (self.events)(match outcome.state {
            OutputState::Cancelled => RunEvent::OutputCancelled { output: output.id },
            _ => RunEvent::OutputFailed {
                output: output.id,
                code: cause.code.id.to_owned(),
                reason: cause.reason.clone(),
            },
        });
        self.settled.insert(output.id, outcome);
    }

    /// Outputs that no job finished: given up by a cancelled run, or forgotten by the plan.
    fn settle_rest(&mut self) {
        let cause = if self.cancel.is_cancelled() { Cause::cancelled() } else { wrong_plan() };
        for output in &self.request.plan.outputs {
            if !self.settled.contains_key(&output.id) {
                self.settle_failed(output, &cause);
            }
        }
    }

    fn outcome(mut self) -> RunOutcome {
        let mut source = SourceRecord::of(self.request.facts);
        // What the probe saw already is not told twice.
        let errors = self.jobs.iter().map(|job| cause::decode_errors(&job.log)).max().unwrap_or(0);
        if source.damage.is_empty() && errors > 0 {
            let found = format!("decoding it gave {errors} error message{}", if errors == 1 { "" } else { "s" });
            let note = message!("`{}` is damaged: {}", &source.name, &found);
            self.warnings.push(Diagnostic::new(&codes::SOURCE_DAMAGED, note));
            source.damage.push(found);
        }
        RunOutcome {
            task_id: report::task_id(),
            source,
            outputs: self.settled.into_values().map(|output| report::explained(self.request, output)).collect(),
            warnings: self.warnings,
            jobs: self.jobs,
            totals: Totals { cpu_seconds: 0.0, wall_seconds: 0.0 },
            cancelled: self.cancel.is_cancelled(),
            unsaved: None,
        }
    }
}

/// Which outputs each artefact works for.
fn users(request: &Request<'_>) -> BTreeMap<ArtifactId, BTreeSet<OutputId>> {
    let mut users: BTreeMap<ArtifactId, BTreeSet<OutputId>> = BTreeMap::new();
    for delivery in &request.plan.deliveries {
        users.entry(delivery.artifact).or_default().insert(delivery.output);
    }
    for job in request.plan.jobs.iter().rev() {
        let made = job.makes().into_iter().filter_map(|artifact| users.get(&artifact));
        let outputs: BTreeSet<OutputId> = made.flatten().copied().collect();
        for input in job.reads() {
            users.entry(input).or_default().extend(&outputs);
        }
    }
    users
}

/// Whether a process that did not start at the beginning complained or failed: then the source may be damaged, or not be
/// decodable from there, and what it left may look whole and be something else. Starting at the beginning shows it.
fn has_other_way(job: &Job, attempt: &Attempt) -> bool {
    job.plainer().is_some() && (attempt.decode_errors > 0 || attempt.cause.is_some())
}

fn not_from_there() -> Cause {
    Cause::new(CauseClass::Wrong, &codes::TOOL_FAILED, "what follows a keyframe cannot be decoded from there")
}

/// The cause when a plan does not say how an output comes about.
fn wrong_plan() -> Cause {
    Cause::new(CauseClass::Internal, &codes::TOOL_FAILED, "the plan has no job that makes it")
}
