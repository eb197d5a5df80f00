//! Where what shares a decode is cut into several processes: one would hold too much memory, or keep too few cores busy.

use super::Situation;
use crate::cost::{CpuTime, PlanEstimate, Prices, estimate_physical};
use crate::limits::MEBIBYTE;
use crate::physical::{Choice, Decision, Measure, PhysicalPlan};
use crate::plan::{LogicalPlan, Op};
use crate::units::Bytes;
use petgraph::stable_graph::NodeIndex;

/// The names under which cuts are forbidden.
pub(super) const STALLS: &str = "cut-stalls";
pub(super) const MEMORY: &str = "cut-memory";
/// A cut must bring the time by the clock down to so many hundredths, or it is not worth another decode.
const FASTER: u64 = 80;
/// And it may raise processor time to so many: what cores are idle in one run is another run's.
const DEARER: u64 = 105;
/// Times by the clock of which the shorter is more than so many hundredths of the longer are alike: then fewer processes
/// are better.
const ALIKE: u64 = 95;
/// More processes than this are not made of one.
const MOST: usize = 8;
/// Shorter work than this is not cut, in seconds by the clock.
const SHORTEST: f64 = 10.0;

/// The processes for some groups of encodes.
pub(super) type Make<'a> = dyn Fn(&[Vec<NodeIndex>]) -> PhysicalPlan + 'a;

/// A plan with what it is expected to take.
struct Candidate {
    groups: Vec<Vec<NodeIndex>>,
    plan: PhysicalPlan,
    estimate: PlanEstimate,
}

struct Cutting<'a> {
    logical: &'a LogicalPlan,
    situation: Situation<'a>,
    make: &'a Make<'a>,
}

/// The plan of some groups, each cut where that is better, one after the other.
pub(super) fn planned(
    logical: &LogicalPlan,
    groups: Vec<Vec<NodeIndex>>,
    situation: Situation,
    make: &Make,
) -> (PhysicalPlan, PlanEstimate) {
    let cutting = Cutting { logical, situation, make };
    let large: Vec<Vec<NodeIndex>> = groups.iter().filter(|group| cutting.renditions(group) > 1).cloned().collect();
    let mut best = cutting.candidate(groups);
    for group in large {
        best = cutting.cut(best, &group);
    }
    (best.plan, best.estimate)
}

impl Cutting<'_> {
    fn candidate(&self, groups: Vec<Vec<NodeIndex>>) -> Candidate {
        let plan = (self.make)(&groups);
        let estimate = estimate_physical(self.logical, &plan, self.situation.source, self.situation.machine);
        Candidate { groups, plan, estimate }
    }

    /// How many encoders of moving pictures a group has.
    fn renditions(&self, group: &[NodeIndex]) -> usize {
        group.iter().filter(|encode| self.is_rendition(**encode)).count()
    }

    fn is_rendition(&self, encode: NodeIndex) -> bool {
        matches!(self.logical.node(encode).op, Op::EncodeVideo(_) | Op::AnalyseVideo(_))
    }

    /// The best of one process and several for a group.
    fn cut(&self, whole: Candidate, group: &[NodeIndex]) -> Candidate {
        let Situation { limits, machine, forbidden, .. } = self.situation;
        let bound = limits.process_memory.saturating_mul(MEBIBYTE);
        let too_large = !forbidden.contains(MEMORY) && most_memory(&whole.estimate) > bound;
        let idle = !forbidden.contains(STALLS) && machine.cores > 1 && keeps_cores_idle(&whole.estimate);
        if !too_large && !idle {
            return whole;
        }
        if too_large {
            let chosen = self.within(bound, &whole, group);
            let why = format!(", because one would hold {}", Bytes(most_memory(&whole.estimate)));
            return self.told(whole, chosen, group, &why);
        }
        let chosen = self.quickest(&whole, group);
        self.told(whole, chosen, group, "")
    }

    fn in_processes(&self, whole: &Candidate, group: &[NodeIndex], processes: usize) -> Candidate {
        self.candidate(self.cut_groups(&whole.groups, group, processes))
    }

    /// As few processes as hold no more than they may each; where that cannot be, as many as there can be.
    fn within(&self, bound: u64, whole: &Candidate, group: &[NodeIndex]) -> Option<Candidate> {
        let most = self.renditions(group).min(MOST);
        let mut tried = (2..=most).map(|processes| (processes, self.in_processes(whole, group, processes)));
        let fits = |one: &Candidate| most_memory(&one.estimate) <= bound;
        let chosen = tried.find(|(processes, one)| fits(one) || *processes == most).map(|(_, one)| one);
        chosen.filter(|one| most_memory(&one.estimate) < most_memory(&whole.estimate))
    }

    /// As many processes as make it quicker each time, at a price that is worth it.
    fn quickest(&self, whole: &Candidate, group: &[NodeIndex]) -> Option<Candidate> {
        let share = |time: u64, hundredths: u64| time / 100 * hundredths;
        let dearest = share(whole.estimate.cpu.0, DEARER);
        let mut best: Option<Candidate> = None;
        let cores = self.situation.machine.cores as usize;
        for processes in 2..=self.renditions(group).min(MOST).min(cores) {
            let one = self.in_processes(whole, group, processes);
            let known = best.as_ref().map_or(whole.estimate.wall.0, |best| best.estimate.wall.0);
            if one.estimate.cpu.0 > dearest || one.estimate.wall.0 > share(known, ALIKE) {
                break;
            }
            best = Some(one);
        }
        best.filter(|one| one.estimate.wall.0 <= share(whole.estimate.wall.0, FASTER))
    }

    /// The chosen plan, which says what it was chosen over.
    fn told(&self, whole: Candidate, chosen: Option<Candidate>, group: &[NodeIndex], why: &str) -> Candidate {
        let Some(mut chosen) = chosen else { return whole };
        let processes = chosen.groups.len() + 1 - whole.groups.len();
        let micros = |candidate: &Candidate| candidate.estimate.wall.0 / 1000;
        let mut decisions = whole.plan.decisions;
        decisions.retain(|decision| decision.measure == Measure::Wall);
        decisions.push(Decision {
            measure: Measure::Wall,
            subject: format!("{} renditions", self.renditions(group)),
            chosen: Choice {
                way: format!("in {processes} processes{why}"),
                name: "cut",
                microseconds: micros(&chosen),
            },
            rejected: Choice { way: "in one".into(), name: "whole", microseconds: whole.estimate.wall.0 / 1000 },
        });
        chosen.plan.decisions.splice(0..0, decisions);
        chosen
    }

    /// The groups with one of them dealt out: the dearest first, always to the process that has least to do, so that
    /// all end at about the same time.
    fn cut_groups(&self, groups: &[Vec<NodeIndex>], cut: &[NodeIndex], processes: usize) -> Vec<Vec<NodeIndex>> {
        let prices = Prices { machine: self.situation.machine, source: self.situation.source };
        let mut encodes: Vec<(CpuTime, bool, NodeIndex)> = cut
            .iter()
            .map(|encode| (prices.encode(self.logical, *encode), self.is_rendition(*encode), *encode))
            .collect();
        // Renditions first: they alone need every picture, so each process has one at least.
        encodes.sort_by_key(|(price, rendition, encode)| (!rendition, std::cmp::Reverse(*price), encode.index()));
        let mut dealt: Vec<(CpuTime, Vec<NodeIndex>)> = vec![(CpuTime::ZERO, Vec::new()); processes];
        for (price, _, encode) in encodes {
            if let Some(least) = dealt.iter_mut().min_by_key(|(sum, _)| *sum) {
                least.0 = least.0 + price;
                least.1.push(encode);
            }
        }
        let in_order = |(_, mut encodes): (CpuTime, Vec<NodeIndex>)| {
            encodes.sort_by_key(|encode| cut.iter().position(|one| one == encode));
            encodes
        };
        let mut parts: Vec<Vec<NodeIndex>> = dealt.into_iter().map(in_order).filter(|part| !part.is_empty()).collect();
        parts.sort_by_key(|part| cut.iter().position(|one| part.first() == Some(one)));
        let place = groups.iter().position(|group| group == cut).unwrap_or(groups.len());
        let mut all: Vec<Vec<NodeIndex>> = groups.to_vec();
        all.splice(place..(place + 1).min(groups.len()), parts);
        all
    }
}

/// Memory of the largest process.
fn most_memory(estimate: &PlanEstimate) -> u64 {
    estimate.jobs.iter().map(|job| job.memory.0).max().unwrap_or(0)
}

/// Whether there is something to win: the work is long, and takes much longer than all cores would need together.
fn keeps_cores_idle(estimate: &PlanEstimate) -> bool {
    let together = estimate.cpu.0 / u64::from(estimate.cores.max(1));
    estimate.wall.seconds() >= SHORTEST && together < estimate.wall.0 / 100 * FASTER
}
