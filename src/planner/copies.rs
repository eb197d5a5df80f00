//! Containers that get the same pictures are written by one process: its start costs more than most copies do.

use crate::physical::{ArtifactId, InputTimes, Job, JobId, PackageWork, Work};
use std::collections::BTreeMap;

/// The name under which each container has a process of its own.
pub(super) const SHARE: &str = "share-copies";

/// What containers of one process have in common: nobody waits for another's streams, and times are treated alike.
type Kin = (Vec<JobId>, Option<ArtifactId>, InputTimes);

/// The jobs with those that copy put together. Nothing reads what they make, so that their numbers are free.
pub(super) fn shared(jobs: Vec<Job>) -> Vec<Job> {
    let mut homes: BTreeMap<Kin, usize> = BTreeMap::new();
    let mut kept: Vec<Job> = Vec::new();
    for job in jobs {
        if let Work::Package(package) = &job.work {
            let kin = (job.needs.clone(), package.inputs.first().copied(), package.times);
            let home = *homes.entry(kin).or_insert(kept.len());
            if let Some(Job { work: Work::Package(together), .. }) = kept.get_mut(home) {
                let containers = together.containers.iter().chain(&package.containers).cloned().collect();
                *together = PackageWork::of(together.times, containers);
                continue;
            }
        }
        kept.push(Job { id: JobId(kept.len() as u32), ..job });
    }
    kept
}
