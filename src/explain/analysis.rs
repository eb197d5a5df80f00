//! What processes took, beside what they were estimated at.

use crate::cost::{CpuTime, JobEstimate};
use crate::driver::Compilation;
use crate::physical::JobId;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a process took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Took {
    /// Seconds of processor time.
    pub cpu_seconds: f64,
    /// Seconds by the clock.
    pub wall_seconds: f64,
}

/// A table of all processes, with their sums last; processes that an earlier run did not start have no figures.
pub fn analysis(compilation: &Compilation, measured: &BTreeMap<JobId, Took>) -> String {
    let jobs = &compilation.estimate.jobs;
    let mut rows = vec![["process", "estimated", "measured", "ratio", "by the clock", ""].map(str::to_owned)];
    rows.extend(jobs.iter().map(|job| row(compilation, job, measured.get(&job.job))));
    let known = jobs.iter().filter_map(|job| Some((job.cpu, measured.get(&job.job)?)));
    let (mut estimated, mut taken) = (CpuTime::ZERO, 0.0);
    for (cpu, took) in known {
        (estimated, taken) = (estimated + cpu, taken + took.cpu_seconds);
    }
    if !measured.is_empty() {
        let sums = ["measured ones".to_owned(), estimated.to_string(), CpuTime::from_seconds(taken).to_string()];
        let [name, estimated_text, taken_text] = sums;
        rows.push([name, estimated_text, taken_text, ratio(taken, estimated), String::new(), String::new()]);
    }
    let widths: Vec<usize> =
        (0..6).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &[String; 6]| {
        let [name, estimated, measured, ratio, wall, made] = row;
        let [first, second, third, fourth, fifth, _] = widths[..] else { return String::new() };
        let line = format!(
            "{name:first$}  {estimated:>second$}  {measured:>third$}  {ratio:>fourth$}  {wall:>fifth$}  {made}"
        );
        format!("{}\n", line.trim_end())
    };
    format!("\n{}", rows.iter().map(line).collect::<String>())
}

fn row(compilation: &Compilation, job: &JobEstimate, took: Option<&Took>) -> [String; 6] {
    let measured = took.map(|took| CpuTime::from_seconds(took.cpu_seconds).to_string());
    let wall = took.map(|took| CpuTime::from_seconds(took.wall_seconds).to_string());
    [
        job.job.to_string(),
        job.cpu.to_string(),
        measured.unwrap_or_else(|| "-".into()),
        took.map_or_else(String::new, |took| ratio(took.cpu_seconds, job.cpu)),
        wall.unwrap_or_default(),
        makes(compilation, job.job).join(" "),
    ]
}

/// Measured by estimated.
fn ratio(seconds: f64, estimated: CpuTime) -> String {
    if estimated == CpuTime::ZERO { String::new() } else { format!("{:.2}", seconds / estimated.seconds()) }
}

fn makes(compilation: &Compilation, id: JobId) -> Vec<&str> {
    let plan = &compilation.physical;
    let made = plan.jobs.iter().find(|job| job.id == id).map(|job| job.makes()).unwrap_or_default();
    made.into_iter().map(|artifact| plan.artifact(artifact).name.as_str()).collect()
}

/// The same for programs; only what was measured.
pub fn analysis_json(compilation: &Compilation, measured: &BTreeMap<JobId, Took>) -> Value {
    let jobs = compilation.estimate.jobs.iter();
    let known = jobs.filter_map(|job| {
        let took = measured.get(&job.job)?;
        Some(json!({
            "job": job.job,
            "estimated_cpu_seconds": job.cpu.seconds(),
            "cpu_seconds": took.cpu_seconds,
            "wall_seconds": took.wall_seconds,
        }))
    });
    known.collect()
}
