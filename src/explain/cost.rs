//! What a plan is expected to take, in a sentence and for programs.

use crate::cost::{Confidence, CpuTime, JobEstimate, PlanEstimate};
use serde_json::{Value, json};

/// Savings below this share of the whole are not told, in hundredths.
const WORTH_TELLING: u64 = 1;

/// `Estimate: 148 s CPU (124 to 171), 79 s on 2 cores, 410.0 MB of memory.`, then what it would be unshared and which
/// rules bring the difference. Nothing for a plan without processes.
pub fn estimate(estimate: &PlanEstimate) -> String {
    if estimate.jobs.is_empty() {
        return String::new();
    }
    let (low, high) = (bare(estimate.interval.low), bare(estimate.interval.high));
    let basis = match estimate.confidence {
        Confidence::Assumed => ", not calibrated",
        Confidence::Pilot => ", by a pilot",
        Confidence::Calibrated | Confidence::Corrected => "",
    };
    let mut text = format!(
        "Estimate: {} CPU ({low} to {high}{basis}), {} on {}, {} of memory.\n",
        estimate.cpu,
        estimate.wall,
        super::count::counted(estimate.cores as usize, "core"),
        estimate.memory,
    );
    let told = |cpu: CpuTime| cpu.times(100) >= estimate.unshared.times(WORTH_TELLING);
    let savings: Vec<String> = estimate
        .savings
        .iter()
        .filter(|saving| told(saving.cpu))
        .map(|saving| format!("{} saves {}", saving.rule, saving.cpu))
        .collect();
    if !savings.is_empty() {
        text.push_str(&format!("Unshared: {} CPU; {}.\n", estimate.unshared, savings.join(", ")));
    }
    text
}

/// Without its unit.
fn bare(time: CpuTime) -> String {
    time.to_string().trim_end_matches(" s").to_owned()
}

/// Seconds and bytes.
pub(super) fn estimate_json(estimate: &PlanEstimate) -> Value {
    let savings = estimate.savings.iter();
    json!({
        "cpu_seconds": rounded(estimate.cpu.seconds()),
        "cpu_seconds_low": rounded(estimate.interval.low.seconds()),
        "cpu_seconds_high": rounded(estimate.interval.high.seconds()),
        "confidence": estimate.confidence,
        "wall_seconds": rounded(estimate.wall.seconds()),
        "cores": estimate.cores,
        "memory_bytes": estimate.memory,
        "written_bytes": estimate.bytes,
        "unshared_cpu_seconds": rounded(estimate.unshared.seconds()),
        "rules": savings.map(|one| json!({ "rule": one.rule, "saves_cpu_seconds": rounded(one.cpu.seconds()) })).collect::<Vec<_>>(),
    })
}

/// One job's share.
pub(super) fn job_json(estimate: &JobEstimate) -> Value {
    json!({
        "cpu_seconds": rounded(estimate.cpu.seconds()),
        "verification_cpu_seconds": rounded(estimate.verification.seconds()),
        "wall_seconds": rounded(estimate.wall.seconds()),
        "memory_bytes": estimate.memory,
        "written_bytes": estimate.bytes,
    })
}

/// Milliseconds are more than an estimate knows.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
