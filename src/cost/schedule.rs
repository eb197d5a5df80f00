//! Time by the clock: jobs put on the cores of a machine as the executor does it.

use super::amount::{CpuTime, WallTime, part};
use super::estimate::JobEstimate;
use crate::physical::{Job, JobId};
use std::collections::BTreeMap;

/// Of several cores, hundredths that a process keeps busy at best.
const BUSY: u64 = 93;

/// How long one job takes when it has the machine for itself: as long as what cannot be done at the same time, and as
/// all of it on all cores.
pub(super) fn alone(cpu: CpuTime, longest: CpuTime, cores: u32) -> WallTime {
    let busy = if cores > 1 { BUSY } else { 100 };
    WallTime(part(cpu.0, 100, u64::from(cores.max(1)) * busy).max(longest.0.min(cpu.0)))
}

/// How long a plan takes and how much memory it holds at once. Jobs start in their order as soon as those before them
/// are done and there is room: all threads of what runs fit on the cores, or nothing else runs.
pub(super) fn run(jobs: &[Job], estimates: &[JobEstimate], cores: u32) -> (WallTime, u64) {
    let by_id: BTreeMap<JobId, &JobEstimate> = estimates.iter().map(|estimate| (estimate.job, estimate)).collect();
    let mut waiting: Vec<&Job> = jobs.iter().collect();
    let mut ends: BTreeMap<JobId, u64> = BTreeMap::new();
    let mut running: Vec<(u64, JobId)> = Vec::new();
    let (mut now, mut most) = (0, 0);
    let threads = |running: &[(u64, JobId)]| -> u32 {
        running.iter().filter_map(|(_, id)| by_id.get(id)).map(|estimate| estimate.threads).sum()
    };
    while !waiting.is_empty() || !running.is_empty() {
        let mut at = 0;
        while let Some(job) = waiting.get(at) {
            let Some(estimate) = by_id.get(&job.id) else {
                waiting.remove(at);
                continue;
            };
            let ready =
                job.needs.iter().all(|need| ends.get(need).is_some_and(|end| *end <= now) || !by_id.contains_key(need));
            let room = running.is_empty() || threads(&running) + estimate.threads <= cores;
            if ready && room {
                running.push((now.saturating_add(estimate.wall.0), job.id));
                waiting.remove(at);
            } else {
                at += 1;
            }
        }
        let held = running.iter().filter_map(|(_, id)| by_id.get(id)).map(|estimate| estimate.memory.0);
        most = most.max(held.fold(0, u64::saturating_add));
        let Some(next) = running.iter().min().copied() else { break };
        now = next.0;
        ends.insert(next.1, now);
        running.retain(|one| *one != next);
    }
    (WallTime(now), most)
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
