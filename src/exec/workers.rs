//! Several processes at the same time: as many as there are cores and memory for, each started by a thread of its own
//! that lives until the process is gone (see [`crate::process`]).

use super::attempt::{Attempt, Prepared, execute};
use super::cause::Cause;
use super::event::RunEvent;
use super::schedule::Course;
use crate::diag::{Diagnostic, io_words, message};
use crate::fault::{self, Point};
use crate::physical::{ArtifactId, Expectation, Job, Work};
use crate::plan::OutputId;
use crate::store::{Entry, Owner};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// How often a process is started that ends for a reason which may pass.
const MOST_ATTEMPTS: u32 = 4;
/// The pause before the second attempt; each one after that waits four times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// What all processes of a run may use together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crew {
    /// Processes.
    pub processes: usize,
    /// Cores.
    pub cores: u32,
    /// Bytes of memory.
    pub memory: u64,
}

impl Default for Crew {
    /// All cores, and three quarters of the memory that is free.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        Crew { processes: cores, cores: cores as u32, memory: free_memory().map_or(u64::MAX, |free| free / 4 * 3) }
    }
}

/// What the kernel thinks can be had without swapping.
fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What one job is expected to use; it decides about order only, never about what is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Load {
    pub cores: u32,
    pub memory: u64,
}

/// Bytes of memory of a process beside its pictures.
const PROCESS: u64 = 64 << 20;
/// Pictures that an encoder or the decoder holds at most: lookahead, references and what its threads work on.
const PICTURES_HELD: u64 = 80;

pub(super) fn load(course: &Course<'_>, job: &Job) -> Load {
    let cores = job.threads(course.request.plan.parallel_encoders);
    let Work::Encode(encode) = &job.work else { return Load { cores, memory: PROCESS } };
    let source = course.request.facts.video.iter().map(|video| video.displayed_size().pixels()).max().unwrap_or(0);
    let mut load = Load { cores, memory: PROCESS + source * 3 / 2 * PICTURES_HELD / 4 };
    for product in &encode.products {
        let pixels = match &course.request.plan.artifact(product.artifact).expect {
            Expectation::Streams { video: Some(video), .. } => video.size.pixels(),
            Expectation::Statistics { size, .. } => size.pixels(),
            Expectation::Pictures { size, .. } | Expectation::Animation { size, .. } => size.pixels() / 8,
            Expectation::Raw(raw) => raw.size.pixels() / 8,
            _ => 0,
        };
        load.memory += pixels * 3 / 2 * PICTURES_HELD;
    }
    load
}

/// A job that has not started.
struct Waiting {
    job: Job,
    attempt: u32,
    not_before: Instant,
}

/// A job that a process works on.
struct Running {
    job: Job,
    attempt: u32,
    load: Load,
    outputs: Vec<OutputId>,
}

/// What the threads tell.
enum News {
    Started(JobNumber, u32),
    Progress(JobNumber, f64, Option<f64>),
    Ended(JobNumber, Attempt),
}

/// Counts processes, because parts of one job may run at the same time.
type JobNumber = usize;

impl Course<'_> {
    /// Runs jobs until none is left. Each output is published as soon as all that it needs is there.
    pub(super) fn run_jobs(&mut self, jobs: Vec<Job>) {
        let now = Instant::now();
        let waiting = jobs.into_iter().map(|job| Waiting { job, attempt: 1, not_before: now }).collect();
        let (tell, hear) = channel();
        std::thread::scope(|scope| {
            let mut floor = Floor { waiting, running: BTreeMap::new(), next: 0, tell, hear };
            loop {
                floor.start(self, scope);
                self.settle();
                if floor.running.is_empty() && (floor.waiting.is_empty() || self.cancel.is_cancelled()) {
                    break;
                }
                floor.listen(self);
            }
        });
    }
}

/// Jobs that wait and jobs that run.
struct Floor {
    waiting: Vec<Waiting>,
    running: BTreeMap<JobNumber, Running>,
    next: JobNumber,
    tell: Sender<News>,
    hear: Receiver<News>,
}

impl Floor {
    /// Starts what can be started.
    fn start<'scope, 'env>(&mut self, course: &mut Course<'_>, scope: &'scope Scope<'scope, 'env>) {
        let mut at = 0;
        while at < self.waiting.len() && !course.cancel.is_cancelled() {
            let waiting = &self.waiting[at];
            let load = load(course, &waiting.job);
            let open = waiting.job.reads().iter().any(|input| !course.artifacts.contains_key(input));
            let made_later = open && waiting.job.reads().iter().any(|input| self.is_on_its_way(*input));
            if made_later || waiting.not_before > Instant::now() || !self.has_room(course.request.crew, load) {
                at += 1;
                continue;
            }
            let Waiting { job, attempt, .. } = self.waiting.remove(at);
            if !course.waiting_for(&job).is_empty() {
                self.start_one(course, scope, job, attempt, load);
            }
        }
    }

    fn is_on_its_way(&self, artifact: ArtifactId) -> bool {
        let mut jobs = self.waiting.iter().map(|one| &one.job).chain(self.running.values().map(|one| &one.job));
        jobs.any(|job| job.makes().contains(&artifact))
    }

    /// One job always runs, however large it is.
    fn has_room(&self, crew: Crew, load: Load) -> bool {
        let used = |what: fn(&Load) -> u64| self.running.values().map(|one| what(&one.load)).sum::<u64>();
        self.running.is_empty()
            || (self.running.len() < crew.processes
                && used(|load| u64::from(load.cores)) + u64::from(load.cores) <= u64::from(crew.cores)
                && used(|load| load.memory).saturating_add(load.memory) <= crew.memory)
    }

    fn start_one<'scope, 'env>(
        &mut self,
        course: &mut Course<'_>,
        scope: &'scope Scope<'scope, 'env>,
        job: Job,
        attempt: u32,
        load: Load,
    ) {
        if course.inputs(&job).is_err() || course.lost_mark(&job).is_some() {
            return self.without_what_is_lost(course, &job, attempt);
        }
        let outputs = course.announce(&job, attempt);
        let prepared = match course.prepare(&job) {
            Ok(prepared) => prepared,
            Err(cause) => return self.ended(course, Running { job, attempt, load, outputs }, &Attempt::failed(cause)),
        };
        let (number, tell, cancel) = (self.next, self.tell.clone(), course.cancel.clone());
        self.next += 1;
        self.running.insert(number, Running { job, attempt, load, outputs });
        scope.spawn(move || work(number, &prepared, &tell, &cancel));
    }

    /// The products that need a mark, statistics or pictures that could not be made fail, unless there is another way to
    /// make them; the others are made without.
    fn without_what_is_lost(&mut self, course: &mut Course<'_>, job: &Job, attempt: u32) {
        for part in job.isolated() {
            match course.lost_mark(&part).cloned().or_else(|| course.inputs(&part).err()) {
                Some(cause) => match part.plainer().filter(|plainer| plainer.reads() != part.reads()) {
                    Some(job) => self.waiting.push(Waiting { job, attempt: attempt + 1, not_before: Instant::now() }),
                    None => course.fail(&part, &cause),
                },
                None => self.waiting.push(Waiting { job: part, attempt: attempt + 1, not_before: Instant::now() }),
            }
        }
    }

    /// Waits for news, but not longer than until the next attempt is due.
    fn listen(&mut self, course: &mut Course<'_>) {
        let now = Instant::now();
        let due = self.waiting.iter().map(|one| one.not_before.saturating_duration_since(now));
        let due = due.filter(|pause| !pause.is_zero()).min().unwrap_or(Duration::from_millis(200));
        match self.hear.recv_timeout(due.min(Duration::from_millis(200))) {
            Ok(News::Started(number, process)) => self.journal_start(course, number, process),
            Ok(News::Progress(number, fraction, speed)) => {
                if let Some(Running { job, outputs, .. }) = self.running.get(&number) {
                    (course.events)(RunEvent::Progress { job: job.id, outputs: outputs.clone(), fraction, speed });
                }
            }
            Ok(News::Ended(number, attempt)) => {
                if let Some(running) = self.running.remove(&number) {
                    self.ended(course, running, &attempt);
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    fn journal_start(&self, course: &mut Course<'_>, number: JobNumber, process: u32) {
        let Some(job) = self.running.get(&number).map(|one| one.job.id) else { return };
        // A process that is gone already needs no line.
        if let Some(process) = Owner::of(process) {
            course.journal(Entry::ProcessStarted { job: job.0, process });
        }
        course.point(Point::ProcessStarted);
    }

    /// Judges what a process left, and decides what is tried again.
    fn ended(&mut self, course: &mut Course<'_>, running: Running, attempt: &Attempt) {
        let Running { job, attempt: number, .. } = running;
        course.journal(Entry::ProcessEnded { job: job.id.0 });
        course.point(Point::ProcessEnded);
        course.judge(&job, attempt);
        course.record(&job, attempt);
        let parts = job.isolated();
        for part in parts.iter().filter(|_| !course.cancel.is_cancelled()) {
            let Some(cause) = course.failure(part).cloned() else { continue };
            // What cannot be decoded from a keyframe is decoded from the start.
            let plainer = part.plainer().filter(|_| cause.is_worth_isolating());
            let otherwise = plainer.is_some() || (parts.len() > 1 && cause.is_worth_isolating());
            let pause = match cause.may_pass() && number < MOST_ATTEMPTS {
                true => FIRST_PAUSE * 4_u32.pow(number - 1),
                false if otherwise => Duration::ZERO,
                false => continue,
            };
            course.forget(part);
            let (job, not_before) = (plainer.unwrap_or_else(|| part.clone()), Instant::now() + pause);
            self.waiting.push(Waiting { job, attempt: number + 1, not_before });
        }
    }
}

/// One process on its thread. Nobody listens any more when the run itself has failed.
fn work(number: JobNumber, prepared: &Prepared, tell: &Sender<News>, cancel: &crate::process::Cancellation) {
    let started = |process| drop(tell.send(News::Started(number, process)));
    let mut report = |fraction, speed| drop(tell.send(News::Progress(number, fraction, speed)));
    let attempt = execute(prepared, &started, &mut report, cancel);
    drop(tell.send(News::Ended(number, attempt)));
}

impl Course<'_> {
    /// Writes a line of the journal. A disk that does not take it is told once; what is made is not worse for it.
    fn journal(&mut self, entry: Entry) {
        if let Err(error) = self.store.journal(entry)
            && !self.unkept
        {
            self.unkept = true;
            let what = message!("the journal cannot be written: {}", io_words(&error));
            self.warnings.push(Diagnostic::new(&crate::diag::codes::NOT_KEPT, what));
        }
    }

    fn point(&mut self, point: Point) {
        // An error at a point where nothing is written has nobody to go to.
        let _ = fault::pass(point);
    }

    /// Says that a job starts; gives the outputs that wait for it.
    fn announce(&mut self, job: &Job, attempt: u32) -> Vec<OutputId> {
        let outputs = self.waiting_for(job);
        for output in &outputs {
            if self.started.insert(*output) {
                let label = self.request.plan.output(*output).label.clone();
                (self.events)(RunEvent::OutputStarted { output: *output, label });
            }
        }
        (self.events)(RunEvent::JobStarted { job: job.id, outputs: outputs.clone(), attempt });
        outputs
    }

    /// Why a job did not make what it should.
    fn failure(&self, job: &Job) -> Option<&Cause> {
        job.makes().iter().find_map(|artifact| self.artifacts.get(artifact)?.as_ref().err())
    }

    /// Nothing is known any more of what a job makes.
    fn forget(&mut self, job: &Job) {
        job.makes().iter().for_each(|artifact| drop(self.artifacts.remove(artifact)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(loads: &[Load]) -> Floor {
        let (tell, hear) = channel();
        let work = Work::Encode(crate::physical::EncodeWork::default());
        let span = crate::units::Duration::ZERO;
        let job = Job { id: crate::physical::JobId(0), needs: Vec::new(), work, span };
        let running =
            loads.iter().map(|load| Running { job: job.clone(), attempt: 1, load: *load, outputs: Vec::new() });
        Floor { waiting: Vec::new(), running: running.enumerate().collect(), next: 0, tell, hear }
    }

    #[test]
    fn processes_share_the_machine_but_one_always_runs() {
        let crew = Crew { processes: 3, cores: 4, memory: 1000 };
        let load = |cores, memory| Load { cores, memory };
        assert!(floor(&[]).has_room(crew, load(64, 1 << 40)));
        assert!(floor(&[load(2, 100)]).has_room(crew, load(2, 900)));
        assert!(!floor(&[load(2, 100)]).has_room(crew, load(3, 100)), "cores");
        assert!(!floor(&[load(2, 100)]).has_room(crew, load(1, 901)), "memory");
        assert!(!floor(&[load(1, 1); 3]).has_room(crew, load(1, 1)), "processes");
    }
}
