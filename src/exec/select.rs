//! Which work a run still has to do: what is visible and up to date, or kept in the store, is not made again.

use super::Reuse;
use super::cause::Cause;
use super::pictures::numbered;
use super::schedule::Course;
use super::statistics;
use super::verify::Verified;
use crate::diag::Diagnostic;
use crate::fault::{self, Point};
use crate::ffmpeg::{Argument, Command};
use crate::physical::{Artifact, ArtifactId, Expectation, Job, Work};
use crate::store::{BuildRecord, KeptArtifact};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is remembered of the verification of a kept artefact.
#[derive(Serialize, Deserialize)]
struct Remembered {
    verified: Verified,
    /// Whether the source was damaged.
    damaged: bool,
}

impl Course<'_> {
    /// The jobs that must run, each with only the products that are needed and not kept. Kept artefacts that are
    /// needed are put into the work folder.
    pub(super) fn select(&mut self) -> Vec<Job> {
        let plan = self.request.plan;
        let waiting = plan.deliveries.iter().filter(|delivery| !self.settled.contains_key(&delivery.output));
        let mut needed: BTreeSet<ArtifactId> = waiting.map(|delivery| delivery.artifact).collect();
        let mut jobs = Vec::new();
        for job in plan.jobs.iter().rev() {
            let wanted = job.makes().into_iter().filter(|artifact| needed.contains(artifact));
            let missing: BTreeSet<ArtifactId> = wanted.filter(|artifact| !self.recall(job, *artifact)).collect();
            if !missing.is_empty() {
                let job = job.restricted_to(&missing);
                needed.extend(job.reads());
                jobs.push(job);
            }
        }
        jobs.reverse();
        jobs
    }

    /// Takes an artefact from the store, if it is kept there.
    fn recall(&mut self, job: &Job, id: ArtifactId) -> bool {
        let artifact = self.request.plan.artifact(id);
        if !is_kept(job, artifact) || self.request.reuse == Reuse::Nothing {
            return false;
        }
        let accepted = |kept: &KeptArtifact| self.request.strict_tool().is_none_or(|tool| tool == kept.build.tool);
        let Some(kept) = self.store.kept(&artifact.kept_key()).filter(accepted) else { return false };
        let Some((remembered, names)) = remembered(&kept, artifact) else { return false };
        if self.store.recall(&kept, &names).is_err() {
            return false;
        }
        if remembered.damaged {
            self.damaged.insert(id);
        }
        self.artifacts.insert(id, Ok(remembered.verified));
        self.recalled.insert(id);
        true
    }

    /// Keeps what a job made. An artefact that cannot be kept costs time later, nothing else.
    pub(super) fn keep(&mut self, job: &Job, id: ArtifactId, verified: &Verified) {
        let artifact = self.request.plan.artifact(id);
        if !is_kept(job, artifact) || self.request.cache_limit == 0 {
            return;
        }
        let remembered = Remembered { verified: verified.clone(), damaged: self.damaged.contains(&id) };
        let kept = fault::pass(Point::Verified)
            .map_err(|error| Cause::from_io(&artifact.name, &error))
            .and_then(|()| {
                serde_json::to_value(&remembered).map_err(|error| Cause::from_io(&artifact.name, &error.into()))
            })
            .and_then(|value| {
                let files = self.files_of(artifact);
                let build = build_record(&(self.request.emit)(job), self.request.tool);
                Ok(self.store.keep(&artifact.kept_key(), &files, value, build)?)
            });
        if let Err(cause) = kept
            && !self.unkept
        {
            self.unkept = true;
            self.warnings.push(Diagnostic::new(&crate::diag::codes::NOT_KEPT, cause.reason));
        }
    }

    /// The files of an artefact that are there.
    fn files_of(&self, artifact: &Artifact) -> Vec<String> {
        match artifact.expect {
            Expectation::Pictures { count, .. } => {
                let names = (1..=count).map(|number| numbered(&artifact.name, number));
                names.take_while(|name| self.store.work().join(name).is_file()).collect()
            }
            Expectation::Statistics { codec, .. } => {
                let names = statistics::names(&artifact.name, codec).into_iter();
                names.take_while(|name| self.store.work().join(name).is_file()).collect()
            }
            _ => vec![artifact.name.clone()],
        }
    }
}

/// Elementary streams and pictures are kept. Packages are copies of them, made again in no time, and lie in the output
/// folder anyway; of pictures for another process, what that makes of them is kept.
pub(super) fn is_kept(job: &Job, artifact: &Artifact) -> bool {
    matches!(job.work, Work::Encode(_)) && !matches!(artifact.expect, Expectation::Raw(_))
}

/// What is known of a kept artefact, and the names of its files in a work folder.
fn remembered(kept: &KeptArtifact, artifact: &Artifact) -> Option<(Remembered, Vec<String>)> {
    let remembered = serde_json::from_value(kept.verified.clone()).ok()?;
    let names = match artifact.expect {
        Expectation::Pictures { .. } => {
            (1..=kept.count() as u32).map(|number| numbered(&artifact.name, number)).collect()
        }
        Expectation::Statistics { codec, .. } => {
            statistics::names(&artifact.name, codec).into_iter().take(kept.count()).collect()
        }
        _ => vec![artifact.name.clone()],
    };
    Some((remembered, names))
}

fn build_record(command: &Command, tool: &str) -> BuildRecord {
    let text = |argument: &Argument| match argument {
        Argument::Text(text) => text.clone(),
        Argument::Source(_) => "SOURCE".to_owned(),
        Argument::TextFile { content, .. } => content.clone(),
    };
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    BuildRecord { tool: tool.to_owned(), arguments: command.arguments.iter().map(text).collect(), host }
}
