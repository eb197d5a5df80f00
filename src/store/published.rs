//! What an output folder holds, looked at without using it: for plans.

use super::artifacts::{self, KeptArtifact};
use super::beneath::look;
use super::manifest::Manifest;
use super::publish::{Document, PublishedFile, current};
use super::{STATE, beneath};
use crate::physical::Delivery;
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::Path;

/// An output folder as it is now.
#[derive(Debug)]
pub struct Published {
    root: OwnedFd,
    state: OwnedFd,
    manifest: Manifest,
}

impl Published {
    /// Looks at a folder; `None` when no run has used it yet.
    pub fn look(out: &Path) -> Option<Published> {
        let root = beneath::open_root(out).ok()?;
        let state = beneath::open_folder(&root, STATE, beneath::Create::Never).ok()?;
        let manifest = Manifest::load(&state);
        Some(Published { root, state, manifest })
    }

    /// See [`OutputFolder::current`](super::OutputFolder::current).
    pub fn current(&self, delivery: &Delivery, key: &str, tool: Option<&str>) -> Option<Vec<PublishedFile>> {
        current(&self.root, &self.manifest, delivery, key, tool)
    }

    /// See [`OutputFolder::kept`](super::OutputFolder::kept).
    pub fn kept(&self, key: &str) -> Option<KeptArtifact> {
        artifacts::kept(&self.state, key)
    }

    /// How an output was made that was published once; `None` for one that never was.
    pub fn recipe(&self, output: &str) -> Option<&[String]> {
        self.manifest.recipe(output)
    }

    /// Files that are still there of outputs other than these.
    pub fn others(&self, outputs: &BTreeSet<String>) -> Vec<String> {
        let mut known = outputs.clone();
        known.extend([Document::Result, Document::MediaInfo].map(|document| document.output().to_owned()));
        let there = |path: &&String| look(&self.root, path).is_ok_and(|entry| entry.is_some());
        self.manifest.others(&known).filter(there).cloned().collect()
    }
}
