//! Time by the clock: jobs put on the cores of a machine as the executor does it.

use super::amount::{CpuTime, WallTime, part};
use super::estimate::JobEstimate;
use crate::physical::{Job, JobId};
use std::collections::{BTreeMap, BTreeSet};

/// Of several cores, hundredths that a process keeps busy at best.
const BUSY: u64 = 93;

/// How long one job takes when it has the machine for itself: as long as what cannot be done at the same time, and as
/// all of it on all cores.
pub(super) fn alone(cpu: CpuTime, longest: CpuTime, cores: u32) -> WallTime {
    let busy = if cores > 1 { BUSY } else { 100 };
    WallTime(part(cpu.0, 100, u64::from(cores.max(1)) * busy).max(longest.0.min(cpu.0)))
}

/// How long a plan takes and how much memory it holds at once. Jobs start in their order as soon as those before them
/// are done and there is room: all threads of what runs fit on the cores, or nothing else runs. A job is done when what
/// it made has been looked at.
pub(super) fn run(jobs: &[Job], estimates: &[JobEstimate], cores: u32) -> (WallTime, u64) {
    let mut queue = Queue::of(jobs, estimates);
    let mut running: BTreeSet<(u64, usize)> = BTreeSet::new();
    let (mut now, mut most) = (0u64, 0);
    let (mut threads, mut memory) = (0u32, 0u64);
    while !queue.ready.is_empty() || !running.is_empty() {
        let mut next = 0;
        while threads < cores || running.is_empty() {
            let Some(at) = queue.ready.range(next..).next().copied() else { break };
            next = at + 1;
            let estimate = queue.estimates[at];
            if running.is_empty() || threads + estimate.threads <= cores {
                queue.ready.remove(&at);
                let end = now.saturating_add(estimate.wall.0).saturating_add(estimate.verification.0);
                running.insert((end, at));
                threads += estimate.threads;
                memory = memory.saturating_add(estimate.memory.0);
            }
        }
        most = most.max(memory);
        let Some((end, at)) = running.pop_first() else { break };
        now = end;
        threads -= queue.estimates[at].threads;
        memory = memory.saturating_sub(queue.estimates[at].memory.0);
        queue.end(at);
    }
    (WallTime(now), most)
}

/// Jobs that wait, by their place in the plan; what has no estimate is done already.
struct Queue<'a> {
    estimates: Vec<&'a JobEstimate>,
    /// Those that could start.
    ready: BTreeSet<usize>,
    /// Of each job, how many it still waits for.
    unmet: Vec<usize>,
    /// Of each job, who waits for it.
    users: Vec<Vec<usize>>,
}

impl<'a> Queue<'a> {
    fn of(jobs: &[Job], estimates: &'a [JobEstimate]) -> Self {
        let by_id: BTreeMap<JobId, &JobEstimate> = estimates.iter().map(|estimate| (estimate.job, estimate)).collect();
        let known: Vec<(&Job, &JobEstimate)> =
            jobs.iter().filter_map(|job| Some((job, *by_id.get(&job.id)?))).collect();
        let places: BTreeMap<JobId, usize> = known.iter().enumerate().map(|(at, (job, _))| (job.id, at)).collect();
        let mut queue = Queue {
            estimates: known.iter().map(|(_, estimate)| *estimate).collect(),
            ready: BTreeSet::new(),
            unmet: vec![0; known.len()],
            users: vec![Vec::new(); known.len()],
        };
        for (at, (job, _)) in known.iter().enumerate() {
            for need in job.needs.iter().filter_map(|need| places.get(need)) {
                queue.users[*need].push(at);
                queue.unmet[at] += 1;
            }
            if queue.unmet[at] == 0 {
                queue.ready.insert(at);
            }
        }
        queue
    }

    /// A job has ended: who waited for nothing else can start.
    fn end(&mut self, at: usize) {
        for user in std::mem::take(&mut self.users[at]) {
            self.unmet[user] -= 1;
            if self.unmet[user] == 0 {
                self.ready.insert(user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physical::{EncodeWork, Work};
    use crate::units::{Bytes, Duration};

    fn plan(jobs: &[(u64, u32, &[u32])], cores: u32) -> (f64, u64) {
        let work = || Work::Encode(EncodeWork::default());
        let numbered = || jobs.iter().enumerate().map(|(at, job)| (JobId(at as u32), job));
        let list: Vec<Job> = numbered()
            .map(|(id, (.., needs))| {
                let needs = needs.iter().map(|need| JobId(*need)).collect();
                Job { id, needs, work: work(), span: Duration::ZERO }
            })
            .collect();
        let estimates: Vec<JobEstimate> = numbered()
            .map(|(job, (seconds, threads, _))| JobEstimate {
                job,
                parts: BTreeMap::new(),
                cpu: CpuTime::from_millis(seconds * 1000),
                verification: CpuTime::ZERO,
                stills: CpuTime::ZERO,
                wall: WallTime(seconds * 1_000_000_000),
                memory: Bytes(100),
                bytes: Bytes(0),
                threads: *threads,
            })
            .collect();
        let (wall, memory) = run(&list, &estimates, cores);
        (wall.seconds(), memory)
    }

    #[test]
    fn jobs_share_the_cores_and_wait_for_what_they_read() {
        assert_eq!(plan(&[], 2), (0.0, 0));
        assert_eq!(plan(&[(4, 1, &[]), (3, 1, &[])], 2), (4.0, 200), "side by side");
        assert_eq!(plan(&[(4, 2, &[]), (3, 1, &[])], 2), (7.0, 100), "no room");
        assert_eq!(plan(&[(4, 9, &[]), (3, 1, &[0]), (2, 1, &[0])], 2), (7.0, 200), "one always runs");
        assert_eq!(plan(&[(4, 1, &[]), (3, 1, &[0]), (2, 1, &[])], 2), (7.0, 200), "a later one fills the gap");
    }

    #[test]
    fn a_process_takes_as_long_as_its_longest_line() {
        let seconds =
            |cpu, longest, cores| alone(CpuTime::from_millis(cpu), CpuTime::from_millis(longest), cores).seconds();
        assert_eq!(seconds(930, 0, 1), 0.93, "one core does it all");
        assert_eq!(seconds(930, 0, 2), 0.5, "two are busy most of the time");
        assert_eq!(seconds(930, 800, 2), 0.8, "one thread has much to do");
    }
}
