//! The output folder: whose files are whose, a private place to work in, keys, and publication by rename.
//!
//! `OUT/.vodflow/` holds the lock, the manifest of what we published, the keys of encrypted outputs and the work
//! folders of runs. Everything else in `OUT` is visible and appears there only whole.

mod artifacts;
mod beneath;
mod conflict;
mod fence;
mod journal;
mod keys;
mod manifest;
mod outbox;
mod publish;
mod published;
mod recover;

pub use artifacts::{BuildRecord, KeptArtifact, ShelfEntry};
pub use conflict::{Conflict, ConflictKind, report};
pub use fence::{Busy, Owner};
pub use journal::Entry;
pub use keys::{ContentKey, kept_key};
pub use outbox::{Letter, Outbox};
pub use publish::{Document, Placement, PublishedFile};
pub use published::Published;

use crate::diag::{Diagnostic, codes, io_words, message};
use crate::fault::{self, Point};
use crate::media::ContentHash;
use crate::probe::SourceStamp;
use beneath::Create;
use fence::Fence;
use journal::Journal;
use manifest::Manifest;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Name of our folder in the output folder.
const STATE: &str = ".vodflow";
/// Folder below it in which each run works.
const WORK: &str = "work";

/// What may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Only files that we published and nobody edited since.
    Ours,
    /// Also files of others (`--force`); never the source.
    Anything,
}

/// An output folder that this process alone uses, until the value is dropped.
#[derive(Debug)]
pub struct OutputFolder {
    root: PathBuf,
    root_fd: OwnedFd,
    state_fd: OwnedFd,
    source: SourceStamp,
    overwrite: Overwrite,
    manifest: Manifest,
    journal: Journal,
    work: PathBuf,
    fence: Fence,
    interrupted: Option<Interrupted>,
}

/// What an earlier run left behind that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interrupted {
    /// Processes of it that were still there, and are not any more.
    pub killed: usize,
    /// Outputs that it was just publishing, and that are complete now.
    pub completed: Vec<String>,
}

impl OutputFolder {
    /// Opens or creates the folder `out` for outputs that are made from `source`. What a dead run left is put right.
    pub fn open(out: &Path, source: &Path, overwrite: Overwrite, busy: Busy) -> Result<Self, Diagnostic> {
        let source_stamp = SourceStamp::of(source)?;
        let root = create(out)?;
        refuse_folder_of_source(out, &root, source, overwrite)?;
        let fail = |error: io::Error| unwritable(out, &error);
        let root_fd = beneath::open_root(&root).map_err(fail)?;
        tempfile::tempfile_in(&root).map_err(fail)?;
        let state_fd = beneath::open_folder(&root_fd, STATE, Create::Private).map_err(fail)?;
        let fence = Fence::take(&state_fd, out, busy)?;
        let (journal, entries) = Journal::open(&state_fd).map_err(fail)?;
        let manifest = Manifest::load(&state_fd);
        let mut folder = OutputFolder {
            work: root.join(STATE),
            root,
            root_fd,
            state_fd,
            source: source_stamp,
            overwrite,
            manifest,
            journal,
            fence,
            interrupted: None,
        };
        folder.interrupted = folder.recover(&entries).map_err(fail)?;
        folder.work = work_folder(&folder.root.join(STATE), &folder.state_fd).map_err(fail)?;
        fault::pass(Point::WorkMade).map_err(fail)?;
        Ok(folder)
    }

    /// What an earlier run left behind, if it did not come to its end.
    pub fn interrupted(&self) -> Option<&Interrupted> {
        self.interrupted.as_ref()
    }

    /// Writes down that a run over a source begins.
    pub fn begin(&mut self, source: &ContentHash) -> Result<(), Diagnostic> {
        let (run, owner) = (self.fence.number, self.fence.owner.clone());
        let entry = Entry::RunStarted { run, owner, source: source.to_string() };
        let written = self.journal(entry).and_then(|()| fault::pass(Point::RunJournaled));
        written.map_err(|error| unwritable(&self.root, &error))
    }

    /// Writes down that the run came to its end.
    pub fn end(&mut self) -> Result<(), Diagnostic> {
        let entry = Entry::RunFinished { run: self.fence.number };
        let written = self.journal(entry).and_then(|()| fault::pass(Point::EndJournaled));
        written.map_err(|error| unwritable(&self.root, &error))
    }

    /// Writes a line of the journal; it is on the disk when this returns.
    pub fn journal(&mut self, entry: Entry) -> io::Result<()> {
        self.journal.write(entry)
    }

    /// An error when another run took the folder over while this one was paused.
    pub fn check_fence(&self) -> Result<(), Diagnostic> {
        if self.fence.holds(&self.state_fd) { Ok(()) } else { Err(fence::lost(&self.root)) }
    }

    /// The folder itself, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The private folder of this run, on the same file system; removed when the value is dropped.
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// Bytes that are free on the file system, if it says so.
    pub fn free_space(&self) -> Option<u64> {
        let status = rustix::fs::fstatvfs(&self.root_fd).ok()?;
        // Some network file systems do not know, and say that they have no blocks at all.
        (status.f_blocks > 0).then(|| status.f_bavail.saturating_mul(status.f_frsize))
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        // What stays behind is removed by the next run.
        let _ = std::fs::remove_dir_all(&self.work);
        self.fence.release();
    }
}

fn create(out: &Path) -> Result<PathBuf, Diagnostic> {
    if out.exists() && !out.is_dir() {
        let message = message!("`{}` is not a folder", out.display());
        return Err(
            Diagnostic::new(&codes::OUTPUT_UNWRITABLE, message).with_help(message!("give another folder with `--out`"))
        );
    }
    std::fs::create_dir_all(out).and_then(|()| out.canonicalize()).map_err(|error| unwritable(out, &error))
}

fn unwritable(out: &Path, error: &io::Error) -> Diagnostic {
    let code = if is_full(error) { &codes::NO_SPACE } else { &codes::OUTPUT_UNWRITABLE };
    Diagnostic::new(code, message!("the output folder `{}` cannot be written: {}", out.display(), io_words(error)))
}

/// Whether a disk or a quota is full.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn refuse_folder_of_source(out: &Path, root: &Path, source: &Path, overwrite: Overwrite) -> Result<(), Diagnostic> {
    let folder = source.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
    let stamp = |path: &Path| SourceStamp::of(path).ok();
    let same = match (folder.as_deref().and_then(stamp), stamp(root)) {
        (Some(folder), Some(root)) => folder.is_same_file(&root),
        _ => false,
    };
    if !same || overwrite == Overwrite::Anything {
        return Ok(());
    }
    let message = message!("the output folder `{}` is the folder of the source", out.display());
    Err(Diagnostic::new(&codes::OUTPUT_IS_SOURCE, message)
        .with_help(message!("give another folder with `--out`, or insist with `--force`")))
}

/// A new folder for this run. Those of earlier runs are removed: we have the lock, so their runs are dead.
fn work_folder(state: &Path, state_fd: &OwnedFd) -> io::Result<PathBuf> {
    beneath::open_folder(state_fd, WORK, Create::Private)?;
    let all = state.join(WORK);
    for stale in std::fs::read_dir(&all)?.flatten() {
        let _ = std::fs::remove_dir_all(stale.path());
    }
    fault::pass(Point::WorkRemoved)?;
    let private = std::fs::Permissions::from_mode(0o700);
    Ok(tempfile::Builder::new().prefix("run-").permissions(private).tempdir_in(&all)?.keep())
}

/// What is kept in an output folder, the longest unused first; nothing for a folder of others.
pub fn shelf(out: &Path) -> io::Result<Vec<ShelfEntry>> {
    artifacts::state_of(out)?.map_or_else(|| Ok(Vec::new()), |state| artifacts::list(&state))
}

/// Removes kept artefacts of an output folder that no run is using, until at most `limit` bytes are left; gives how
/// many and how many bytes went.
pub fn prune(out: &Path, limit: u64) -> Result<(usize, u64), Diagnostic> {
    let fail = |error: io::Error| unwritable(out, &error);
    let Some(state) = artifacts::state_of(out).map_err(fail)? else { return Ok((0, 0)) };
    let fence = Fence::take(&state, out, Busy::Refuse)?;
    let pruned = artifacts::prune(&state, limit).map_err(fail);
    fence.release();
    pruned
}

#[cfg(test)]
mod tests;
