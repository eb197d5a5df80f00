//! From verified artefacts to visible outputs: what goes where, what is copied first, what is there already.

use super::Request;
use super::cause::Cause;
use super::event::RunEvent;
use super::material;
use super::outcome::{OutputOutcome, OutputState, media_in};
use super::pictures::numbered;
use super::schedule::Course;
use super::verify::Verified;
use crate::diag::{Diagnostic, codes};
use crate::physical::{ArtifactId, DeliveryForm, Expectation};
use crate::plan::{OutputId, OutputPath, OutputSpec};
use crate::store::{Placement, PublishedFile};
use std::collections::{BTreeMap, BTreeSet};

impl Course<'_> {
    /// Outputs that an earlier run published and that would come out the same.
    pub(super) fn settle_current(&mut self) {
        let plan = self.request.plan;
        let last = self.store.last_result().unwrap_or_default();
        let is_current = |output| self.current_files(output).is_some();
        let stale = plan.masters.iter().filter(|master| !is_current(master.output));
        // What a playlist says of them must be known, or be found out by making them again.
        let listed: BTreeSet<OutputId> = stale.flat_map(|master| master.members.iter().copied()).collect();
        for output in &plan.outputs {
            let Some(files) = self.current_files(output.id).filter(|_| !self.settled.contains_key(&output.id)) else {
                continue;
            };
            let media = media_in(&last, &files);
            if listed.contains(&output.id) && media.as_ref().is_none_or(|media| media.codecs.is_none()) {
                continue;
            }
            (self.events)(RunEvent::OutputDone { output: output.id, files: files.clone(), reused: true });
            let outcome = OutputOutcome::new(output, OutputState::Done);
            self.settled.insert(output.id, OutputOutcome { files, media, reused: true, ..outcome });
        }
    }

    /// The visible files of an output, if an earlier run published all of them as this one would.
    fn current_files(&self, output: OutputId) -> Option<Vec<PublishedFile>> {
        let plan = self.request.plan;
        let mine = plan.deliveries.iter().filter(|delivery| delivery.output == output);
        let tool = self.request.strict_tool();
        let files = mine.map(|delivery| self.store.current(delivery, &plan.artifact(delivery.artifact).key.0, tool));
        let files: Vec<PublishedFile> = files.collect::<Option<Vec<_>>>()?.concat();
        (!files.is_empty()).then_some(files)
    }

    /// The artefacts that an output is delivered from.
    pub(super) fn parts(&self, output: &OutputSpec) -> Vec<ArtifactId> {
        let mine = self.request.plan.deliveries.iter().filter(|delivery| delivery.output == output.id);
        mine.map(|delivery| delivery.artifact).collect()
    }

    pub(super) fn publish(&mut self, output: &OutputSpec, parts: &[ArtifactId]) {
        let recipe = self.request.plan.recipes.get(&output.id).cloned().unwrap_or_default();
        let published = self
            .placements(output)
            .and_then(|placements| Ok(self.store.publish(&output_name(output), &placements, &recipe)?));
        let files = match published {
            Ok(files) => files,
            Err(cause) => return self.settle_failed(output, &cause),
        };
        let found: Vec<Verified> =
            parts.iter().filter_map(|id| self.artifacts.get(id)?.as_ref().ok().cloned()).collect();
        let warnings: Vec<String> = found.iter().filter_map(|found| found.shortfall.clone()).collect();
        for warning in &warnings {
            let message =
                format!("`{}` is shorter than planned, because the source is damaged: {warning}", output.label);
            self.warnings.push(Diagnostic::new(&codes::SOURCE_DAMAGED, message));
        }
        (self.events)(RunEvent::OutputDone { output: output.id, files: files.clone(), reused: false });
        let media = found.into_iter().next().map(|found| found.media);
        let outcome = OutputOutcome::new(output, OutputState::Done);
        self.settled.insert(output.id, OutputOutcome { files, media, warnings, ..outcome });
    }

    /// What goes where. A file that is needed again later is copied first, so that no two outputs share one.
    fn placements(&mut self, output: &OutputSpec) -> Result<Vec<Placement>, Cause> {
        let mut placements = Vec::new();
        for delivery in self.request.plan.deliveries.iter().filter(|delivery| delivery.output == output.id) {
            let artifact = self.request.plan.artifact(delivery.artifact);
            let key = artifact.key.to_string();
            let targets = match &delivery.form {
                DeliveryForm::File(path) => vec![(artifact.name.clone(), path.clone())],
                DeliveryForm::Folder { folder, .. } => vec![(artifact.name.clone(), folder.clone())],
                DeliveryForm::Pictures(pictures) => {
                    pictures.iter().map(|(number, path)| (numbered(&artifact.name, *number), path.clone())).collect()
                }
            };
            for (name, to) in targets {
                let from = self.take(&name).map_err(|error| material::storage(to.as_str(), &error))?;
                if let (DeliveryForm::Folder { playlist, .. }, Expectation::Playlist { file, .. }) =
                    (&delivery.form, &artifact.expect)
                {
                    self.name_playlist(&from, file, playlist)
                        .map_err(|error| material::storage(playlist.as_str(), &error))?;
                }
                placements.push(Placement { from, to, key: key.clone(), tool: self.request.tool.to_owned() });
            }
        }
        Ok(placements)
    }

    /// The segmenter wrote a playlist with a name of ours; people see the one that the plan announced.
    fn name_playlist(&self, folder: &str, ours: &str, visible: &OutputPath) -> std::io::Result<()> {
        let folder = self.store.work().join(folder);
        std::fs::rename(folder.join(ours), folder.join(visible.file_name()))
    }

    /// The name under which a file or folder may be moved away.
    fn take(&mut self, name: &str) -> std::io::Result<String> {
        let left = self.uses.entry(name.to_owned()).or_insert(1);
        *left = left.saturating_sub(1);
        if *left == 0 {
            return Ok(name.to_owned());
        }
        let copy = format!("copy{left}_{name}");
        let (from, to) = (self.store.work().join(name), self.store.work().join(&copy));
        if from.is_dir() {
            std::fs::create_dir(&to)?;
            for entry in std::fs::read_dir(&from)? {
                let entry = entry?;
                std::fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        } else {
            std::fs::copy(&from, &to)?;
        }
        Ok(copy)
    }
}

/// What tells outputs apart over runs.
pub(super) fn output_name(output: &OutputSpec) -> String {
    format!("{:?} {}", output.kind, output.paths.first().map_or(output.label.as_str(), |path| path.as_str()))
}

/// How often each file or folder of the work folder is delivered or read by a package. A package reads without taking,
/// so files that packages read are always copied.
pub(super) fn uses(request: &Request<'_>) -> BTreeMap<String, usize> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = |name: String| *uses.entry(name).or_default() += 1;
    for delivery in &request.plan.deliveries {
        let name = &request.plan.artifact(delivery.artifact).name;
        match &delivery.form {
            DeliveryForm::Pictures(pictures) => pictures.iter().for_each(|(number, _)| count(numbered(name, *number))),
            _ => count(name.clone()),
        }
    }
    for input in request.plan.jobs.iter().flat_map(|job| job.reads()) {
        count(request.plan.artifact(input).name.clone());
    }
    uses
}
