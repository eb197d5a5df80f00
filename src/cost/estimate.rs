//! What plans cost as a whole: the logical plan by operations, the physical plan by processes.

use super::amount::{CpuTime, WallTime};
use super::interval::{Confidence, Interval};
use super::machine::{Machine, Subject};
use super::node::needs;
use super::prices::Prices;
use super::{memory, schedule};
use crate::media::SourceFacts;
use crate::physical::{ArtifactId, EncodeWork, Job, JobId, Opening, PhysicalPlan, Work};
use crate::plan::op::Op;
use crate::plan::stream::StreamType;
use crate::plan::{LogicalPlan, SpecKey};
use crate::units::Bytes;
use petgraph::stable_graph::NodeIndex;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What one process is expected to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobEstimate {
    /// The job.
    pub job: JobId,
    /// Processor time by what it is spent on; what runs teach is attributed by it.
    pub parts: BTreeMap<Subject, CpuTime>,
    /// Processor time, all together.
    pub cpu: CpuTime,
    /// Processor time of looking at what it made; it is spent when the process has ended.
    pub verification: CpuTime,
    /// What of it is spent on chosen pictures, however long the source is.
    pub stills: CpuTime,
    /// By the clock, when it has the machine for itself.
    pub wall: WallTime,
    /// Memory at once.
    pub memory: Bytes,
    /// Written to the disk.
    pub bytes: Bytes,
    /// Threads that it keeps busy.
    pub threads: u32,
}

/// What a rule of the optimiser saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleSaving {
    /// The rule.
    pub rule: &'static str,
    /// How much, over all its applications.
    pub cpu: CpuTime,
}

/// What a plan is expected to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEstimate {
    /// For each job, in the order of the plan.
    pub jobs: Vec<JobEstimate>,
    /// Processor time.
    pub cpu: CpuTime,
    /// Between which it is expected to lie.
    pub interval: Interval,
    /// What the interval rests on.
    pub confidence: Confidence,
    /// By the clock on so many cores.
    pub wall: WallTime,
    /// Cores.
    pub cores: u32,
    /// Memory of all processes at once.
    pub memory: Bytes,
    /// Written to the disk, streams and containers.
    pub bytes: Bytes,
    /// Processor time of the plan before the rules.
    pub unshared: CpuTime,
    /// What each rule saves, those that save something.
    pub savings: Vec<RuleSaving>,
}

/// Processor time of each node of a logical plan, by its number. Each chain with a source of its own is a process.
pub fn estimate_logical(plan: &LogicalPlan, source: &SourceFacts, machine: &Machine) -> BTreeMap<u32, CpuTime> {
    let mut logical = LogicalPrices::new(source, machine);
    logical.nodes(plan).into_iter().collect()
}

/// Prices of one plan through its rewrites: a node keeps its number, so what it costs is reckoned once.
#[derive(Debug)]
pub struct LogicalPrices<'a> {
    prices: Prices<'a>,
    known: BTreeMap<(u32, Option<u64>), CpuTime>,
}

impl<'a> LogicalPrices<'a> {
    /// Nothing is known yet.
    pub fn new(source: &'a SourceFacts, machine: &'a Machine) -> Self {
        LogicalPrices { prices: Prices { machine, source }, known: BTreeMap::new() }
    }

    /// Processor time of the whole plan as it is now.
    pub fn total(&mut self, plan: &LogicalPlan) -> CpuTime {
        self.nodes(plan).into_iter().map(|(_, cpu)| cpu).sum()
    }

    fn nodes(&mut self, plan: &LogicalPlan) -> Vec<(u32, CpuTime)> {
        let order = plan.ordered();
        let needs = needs(plan, &order, None);
        let price = |index: &NodeIndex| {
            let number = plan.node(*index).number;
            let limit = needs.get(index).copied().flatten();
            let known = self.known.entry((number, limit));
            (number, *known.or_insert_with(|| self.prices.node(plan, *index, &needs).cpu))
        };
        order.iter().map(price).collect()
    }
}

/// What the processes of a plan take; `unshared` and the savings are the caller's, who saw the rules at work.
pub fn estimate_physical(
    logical: &LogicalPlan,
    physical: &PhysicalPlan,
    source: &SourceFacts,
    machine: &Machine,
) -> PlanEstimate {
    let estimator = Estimator::of(logical, physical, Prices { machine, source });
    let mut ends = estimator.ends();
    let jobs: Vec<JobEstimate> = physical.jobs.iter().map(|job| estimator.job(job, &mut ends)).collect();
    let (wall, memory) = schedule::run(&physical.jobs, &jobs, machine.cores);
    let cpu: CpuTime = jobs.iter().map(|job| job.cpu + job.verification).sum();
    // What is a tenth of the whole or more is what the estimate stands or falls with.
    let mut shares: BTreeMap<Subject, CpuTime> = BTreeMap::new();
    for (subject, time) in jobs.iter().flat_map(|job| &job.parts) {
        let sum = shares.entry(*subject).or_default();
        *sum = *sum + *time;
    }
    let dear = shares.into_iter().filter(|(_, time)| time.times(10) >= cpu).map(|(subject, _)| subject);
    let confidence = machine.confidence(dear);
    PlanEstimate {
        cpu,
        interval: confidence.around(cpu),
        confidence,
        wall,
        cores: machine.cores,
        memory: Bytes(memory),
        bytes: Bytes(jobs.iter().map(|job| job.bytes.0).fold(0, u64::saturating_add)),
        unshared: cpu,
        savings: Vec::new(),
        jobs,
    }
}

impl PlanEstimate {
    /// Processor time of looking at all that is made.
    pub fn verification(&self) -> CpuTime {
        self.jobs.iter().map(|job| job.verification).sum()
    }

    /// The same with what a pilot found out about some jobs. It holds as a pilot's does when that is nearly all.
    pub fn piloted(self, found: &BTreeMap<JobId, CpuTime>, plan: &PhysicalPlan) -> PlanEstimate {
        let piloted = |mut job: JobEstimate| {
            if let Some(cpu) = found.get(&job.job) {
                let before = job.cpu;
                let scaled = |time: CpuTime| time.share(cpu.0, job.cpu.0);
                job.parts = job.parts.iter().map(|(subject, time)| (*subject, scaled(*time))).collect();
                job.cpu = *cpu;
                job.wall = WallTime(CpuTime(job.wall.0).share(cpu.0, before.0).0);
            }
            job
        };
        let jobs: Vec<JobEstimate> = self.jobs.into_iter().map(piloted).collect();
        let cpu: CpuTime = jobs.iter().map(|job| job.cpu + job.verification).sum();
        let known: CpuTime = jobs.iter().filter(|job| found.contains_key(&job.job)).map(|job| job.cpu).sum();
        let processes: CpuTime = jobs.iter().map(|job| job.cpu).sum();
        let confidence = if known.times(10) >= processes.times(8) { Confidence::Pilot } else { self.confidence };
        let (wall, memory) = schedule::run(&plan.jobs, &jobs, self.cores);
        let interval = confidence.around(cpu);
        PlanEstimate { jobs, cpu, confidence, interval, wall, memory: Bytes(memory), ..self }
    }
}

/// Nodes at the ends of processes, by the key of what is made there; of equal ones each is given once.
type Ends = BTreeMap<SpecKey, Vec<NodeIndex>>;

/// What of a process cannot be done at the same time.
#[derive(Default)]
struct Line {
    /// What one thread does, one after the other.
    behind: CpuTime,
    /// What is done meanwhile, each by itself.
    beside: Vec<CpuTime>,
}

impl Line {
    /// The least time by the clock, whatever the number of cores; of a process about which nothing is known, all of it.
    fn longest(&self, all: CpuTime) -> CpuTime {
        if self.behind == CpuTime::ZERO && self.beside.is_empty() {
            return all;
        }
        self.beside.iter().copied().fold(self.behind, CpuTime::max)
    }
}

struct Estimator<'a> {
    logical: &'a LogicalPlan,
    order: Vec<NodeIndex>,
    /// The first node that makes what is an artefact, by its key.
    made: BTreeMap<&'a SpecKey, NodeIndex>,
    physical: &'a PhysicalPlan,
    prices: Prices<'a>,
}

impl<'a> Estimator<'a> {
    fn of(logical: &'a LogicalPlan, physical: &'a PhysicalPlan, prices: Prices<'a>) -> Self {
        let order = logical.ordered();
        let kept: BTreeSet<&SpecKey> = physical.artifacts.iter().map(|artifact| &artifact.key).collect();
        let made = order.iter().rev().map(|index| (&logical.node(*index).key, *index));
        let made = made.filter(|(key, _)| kept.contains(key)).collect();
        Estimator { logical, order, physical, prices, made }
    }

    fn ends(&self) -> Ends {
        let mut ends = Ends::new();
        for index in self.order.iter().rev() {
            let key = &self.logical.node(*index).key;
            if self.made.contains_key(key) {
                ends.entry(key.clone()).or_default().push(*index);
            }
        }
        ends
    }

    fn job(&self, job: &Job, ends: &mut Ends) -> JobEstimate {
        let mut estimate = JobEstimate {
            job: job.id,
            parts: BTreeMap::new(),
            cpu: CpuTime::ZERO,
            verification: self.verification(job),
            stills: CpuTime::ZERO,
            wall: WallTime::default(),
            memory: Bytes(memory::PROCESS),
            bytes: Bytes(0),
            threads: job.threads(self.physical.parallel_encoders),
        };
        let mut line = Line::default();
        match &job.work {
            Work::Encode(work) => {
                let keys = work.products.iter().map(|product| &self.physical.artifact(product.artifact).key);
                let nodes: Vec<NodeIndex> = keys.filter_map(|key| ends.get_mut(key)?.pop()).collect();
                line = self.encode(&nodes, work, &mut estimate);
                if !work.decodes_all() {
                    let pictures = work.decoded.iter().sum();
                    let time = self.places(&work.openings, pictures);
                    // Several decoders have no threads of their own.
                    line.behind = line.behind + time;
                    add(&mut estimate, Subject::Rest, time, 0);
                }
            }
            Work::Package(_) | Work::Adaptive(_) => self.package(job, &mut estimate),
        }
        estimate.cpu = estimate.parts.values().copied().sum();
        estimate.wall = schedule::alone(estimate.cpu, line.longest(estimate.cpu), self.prices.machine.cores);
        estimate
    }

    /// A process starts for each media file that is looked at, which takes longer than the looking.
    fn verification(&self, job: &Job) -> CpuTime {
        let made = job.makes().into_iter();
        self.prices.process().times(made.map(|id| self.physical.artifact(id).expect.listings()).sum())
    }

    /// Going to places of the source and decoding so many pictures there.
    fn places(&self, openings: &[Opening], pictures: u64) -> CpuTime {
        let behind = openings.iter().filter(|opening| matches!(opening, Opening::Keyframe(_))).count() as u64;
        let stream = self.prices.source.picture().map_or(0, |video| video.index);
        let time = self.prices.machine.coefficients.seek.times(behind) + self.prices.decode_pictures(stream, pictures);
        self.prices.machine.corrections.corrected(Subject::Rest, time)
    }

    /// All that a process does for some encodes; what they share is done once.
    fn encode(&self, ends: &[NodeIndex], work: &EncodeWork, estimate: &mut JobEstimate) -> Line {
        let mut line = Line::default();
        let handed: Vec<ArtifactId> = work.openings.iter().filter_map(Opening::raw).collect();
        let handed = handed.into_iter().map(|artifact| &self.physical.artifact(artifact).key).collect();
        let members = self.members(ends, &handed);
        let needs = needs(self.logical, &self.order, Some(&members));
        for index in &members {
            let op = &self.logical.node(*index).op;
            // The process itself is counted below, once.
            if matches!(op, Op::Demux { .. }) {
                continue;
            }
            estimate.memory.0 = estimate.memory.0.saturating_add(self.memory(*index));
            if !work.decodes_all() && matches!(op, Op::Decode { .. }) {
                continue;
            }
            let price = self.prices.node(self.logical, *index, &needs);
            add(estimate, price.subject, price.cpu, price.bytes);
            self.put(&mut line, op, price.cpu);
            if matches!(self.logical.input_types(*index).first(), Some(StreamType::Stills(_))) {
                estimate.stills = estimate.stills + price.cpu;
            }
        }
        add(estimate, Subject::Rest, self.prices.process(), 0);
        line
    }

    /// Puts a node's time beside the others or behind them. A decoder works ahead in threads of its own, and so does an
    /// encoder that has several; all else is done by one thread, one after the other, unless encoders have theirs.
    fn put(&self, line: &mut Line, op: &Op, cpu: CpuTime) {
        let parallel = self.physical.parallel_encoders;
        match op {
            Op::Decode { output: StreamType::Video(_), .. } => {
                line.beside.push(cpu.share(1, u64::from(self.prices.machine.cores)))
            }
            Op::EncodeVideo(coding) | Op::AnalyseVideo(coding) if parallel || coding.threads.count() > 1 => {
                line.beside.push(cpu.share(1, u64::from(coding.threads.count())));
            }
            _ if parallel && op.is_encode() => line.beside.push(cpu),
            _ => line.behind = line.behind + cpu,
        }
    }

    fn memory(&self, index: NodeIndex) -> u64 {
        let given = self.logical.input_types(index);
        match (&self.logical.node(index).op, given.first()) {
            (Op::Decode { output: StreamType::Video(video), .. }, _) => {
                memory::decoding(video, self.prices.machine.cores)
            }
            (Op::EncodeVideo(coding) | Op::AnalyseVideo(coding), Some(StreamType::Video(video))) => {
                memory::encoding(coding, video)
            }
            (Op::EncodePictures(_), Some(StreamType::Stills(video)))
            | (Op::EncodeAnimation(_), Some(StreamType::Video(video))) => memory::pictures(video),
            _ => 0,
        }
    }

    /// The ends of a process and everything above them that runs in it too.
    fn members(&self, ends: &[NodeIndex], handed: &BTreeSet<&SpecKey>) -> BTreeSet<NodeIndex> {
        let mut members: BTreeSet<NodeIndex> = ends.iter().copied().collect();
        let mut waiting: Vec<NodeIndex> = ends.to_vec();
        while let Some(index) = waiting.pop() {
            let above = self.logical.inputs(index).into_iter().filter(|input| {
                let node = self.logical.node(*input);
                !node.op.is_encode() && !handed.contains(&node.key)
            });
            waiting.extend(above.filter(|input| members.insert(*input)));
        }
        members
    }

    /// A package reads what the encodes wrote, and writes it once for each container.
    fn package(&self, job: &Job, estimate: &mut JobEstimate) {
        let written: Vec<u64> = match &job.work {
            Work::Package(package) => package.containers.iter().map(|one| self.bytes(&one.streams)).collect(),
            Work::Encode(_) | Work::Adaptive(_) => vec![self.bytes(&job.reads())],
        };
        let sealed: BTreeSet<ArtifactId> = job.encryptions().into_iter().map(|(artifact, _)| artifact).collect();
        let coefficients = &self.prices.machine.coefficients;
        let mut time = self.prices.process();
        for (made, bytes) in job.makes().into_iter().zip(&written) {
            time = time + coefficients.copied_byte.of(*bytes);
            if sealed.contains(&made) {
                time = time + coefficients.encrypted_byte.of(*bytes);
            }
        }
        let time = self.prices.machine.corrections.corrected(Subject::Rest, time);
        add(estimate, Subject::Rest, time, written.into_iter().fold(0, u64::saturating_add));
    }

    /// Bytes of elementary streams, each key once.
    fn bytes(&self, streams: &[ArtifactId]) -> u64 {
        let empty = super::node::Needs::new();
        let keys: BTreeSet<&SpecKey> = streams.iter().map(|stream| &self.physical.artifact(*stream).key).collect();
        let nodes = keys.into_iter().filter_map(|key| self.made.get(key));
        nodes.map(|node| self.prices.node(self.logical, *node, &empty).bytes).fold(0, u64::saturating_add)
    }
}

fn add(estimate: &mut JobEstimate, subject: Subject, time: CpuTime, bytes: u64) {
    let sum = estimate.parts.entry(subject).or_default();
    *sum = *sum + time;
    estimate.bytes.0 = estimate.bytes.0.saturating_add(bytes);
}
