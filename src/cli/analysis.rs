//! What processes took, beside what they were estimated at: from a run, or from what a run left in its folder.

use crate::cost::{CpuTime, JobEstimate, Subject};
use crate::driver::Compilation;
use crate::exec::JobRecord;
use crate::explain::Took;
use crate::physical::JobId;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Shorter jobs are mostly their own start, and teach little about anything else.
const LEAST_LESSON: CpuTime = CpuTime::from_millis(500);

/// What the jobs of a run took that did all their work at the first try: what was made in part or twice says nothing.
pub fn measured(compilation: &Compilation, records: &[JobRecord]) -> BTreeMap<JobId, Took> {
    let mut measured = BTreeMap::new();
    for record in records.iter().filter(|record| record.whole && makes(compilation, record.job) == record.makes) {
        let took = Took { cpu_seconds: record.cpu_seconds, wall_seconds: record.wall_seconds };
        if records.iter().filter(|other| other.job == record.job).count() == 1 {
            measured.insert(record.job, took);
        }
    }
    measured
}

/// The same from `result.json` of an output folder, as far as it is about the same jobs.
pub fn of_folder(compilation: &Compilation, folder: &Path) -> BTreeMap<JobId, Took> {
    let text = std::fs::read_to_string(folder.join("result.json")).unwrap_or_default();
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    let records = document["jobs"].as_array().map(Vec::as_slice).unwrap_or_default();
    records.iter().filter_map(|record| took(compilation, record)).collect()
}

fn took(compilation: &Compilation, record: &Value) -> Option<(JobId, Took)> {
    let job = JobId(u32::try_from(record["job"].as_u64()?).ok()?);
    let names: Vec<&str> = record["makes"].as_array()?.iter().filter_map(Value::as_str).collect();
    let same = record["whole"] == true && makes(compilation, job) == names;
    let took = Took { cpu_seconds: record["cpu_seconds"].as_f64()?, wall_seconds: record["wall_seconds"].as_f64()? };
    same.then_some((job, took))
}

fn makes(compilation: &Compilation, job: JobId) -> Vec<&str> {
    let plan = &compilation.physical;
    let made = plan.jobs.iter().find(|one| one.id == job).map(|job| job.makes()).unwrap_or_default();
    made.into_iter().map(|id| plan.artifact(id).name.as_str()).collect()
}

/// What can be learned: the parts of each estimate with what the job took.
pub fn lessons(
    compilation: &Compilation,
    measured: &BTreeMap<JobId, Took>,
) -> Vec<(BTreeMap<Subject, CpuTime>, CpuTime)> {
    let worth = |job: &&JobEstimate| job.cpu >= LEAST_LESSON;
    compilation
        .estimate
        .jobs
        .iter()
        .filter(worth)
        .filter_map(|job| Some((job.parts.clone(), CpuTime::from_seconds(measured.get(&job.job)?.cpu_seconds))))
        .collect()
}
