//! How a plan stands against an output folder: what a run would make, make again, only put together, or leave.

use super::delivery::output_name;
use super::select::is_kept;
use crate::physical::{ArtifactId, Job, PhysicalPlan};
use crate::plan::{Disposition, OutputSpec, Sign, Standing, difference};
use crate::store::Published;
use std::collections::BTreeSet;

/// Compares a plan with what a folder holds; `None` is a folder that no run has used.
pub fn standing(plan: &PhysicalPlan, folder: Option<&Published>) -> Standing {
    let mut standing = Standing::default();
    let made = || plan.outputs.iter().filter(|output| output.disposition == Disposition::Make);
    for output in made() {
        standing.signs.insert(output.id, folder.map_or(Sign::Make, |folder| sign(plan, folder, output)));
    }
    let mut needed: BTreeSet<ArtifactId> = BTreeSet::new();
    for delivery in &plan.deliveries {
        if standing.signs.get(&delivery.output) != Some(&Sign::UpToDate) {
            needed.insert(delivery.artifact);
        }
    }
    let mut missing: BTreeSet<ArtifactId> = BTreeSet::new();
    for job in plan.jobs.iter().rev() {
        let wanted = job.makes().into_iter().filter(|artifact| needed.contains(artifact));
        let wanted: Vec<_> = wanted.filter(|artifact| !is_there(plan, folder, job, *artifact)).collect();
        if !wanted.is_empty() {
            standing.processes += 1;
            needed.extend(job.reads());
            missing.extend(wanted.into_iter().filter(|artifact| is_kept(job, plan.artifact(*artifact))));
        }
    }
    standing.kept = made()
        .filter(|output| standing.signs.get(&output.id) != Some(&Sign::UpToDate))
        .filter(|output| folder.is_some() && streams(plan, output).is_disjoint(&missing))
        .map(|output| output.id)
        .collect();
    let names: BTreeSet<String> = plan.outputs.iter().map(output_name).collect();
    standing.stale = folder.map(|folder| folder.others(&names)).unwrap_or_default();
    standing
}

fn sign(plan: &PhysicalPlan, folder: &Published, output: &OutputSpec) -> Sign {
    let mut mine = plan.deliveries.iter().filter(|delivery| delivery.output == output.id);
    if mine.all(|delivery| folder.current(delivery, &plan.artifact(delivery.artifact).key.0, None).is_some()) {
        return Sign::UpToDate;
    }
    let now = plan.recipes.get(&output.id).map(Vec::as_slice).unwrap_or_default();
    match folder.recipe(&output_name(output)) {
        None => Sign::Make,
        Some(before) => Sign::Remake(difference(before, now).unwrap_or_else(|| "its files were changed".to_owned())),
    }
}

fn is_there(plan: &PhysicalPlan, folder: Option<&Published>, job: &Job, artifact: ArtifactId) -> bool {
    is_kept(job, plan.artifact(artifact))
        && folder.is_some_and(|folder| folder.kept(&plan.artifact(artifact).kept_key()).is_some())
}

/// The elementary streams and pictures that an output is made of.
fn streams(plan: &PhysicalPlan, output: &OutputSpec) -> BTreeSet<ArtifactId> {
    let mut needed: BTreeSet<ArtifactId> =
        plan.deliveries.iter().filter(|one| one.output == output.id).map(|one| one.artifact).collect();
    for job in plan.jobs.iter().rev() {
        if job.makes().iter().any(|artifact| needed.contains(artifact)) {
            needed.extend(job.reads());
        }
    }
    needed
}
