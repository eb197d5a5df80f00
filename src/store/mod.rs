//! The output folder: whose files are whose, a private place to work in, keys, and publication by rename.
//!
//! `OUT/.vodflow/` holds the lock, the manifest of what we published, the keys of encrypted outputs and the work
//! folders of runs. Everything else in `OUT` is visible and appears there only whole.

mod beneath;
mod conflict;
mod keys;
mod manifest;
mod publish;

pub use conflict::{Conflict, ConflictKind, report};
pub use keys::{ContentKey, kept_key};
pub use publish::{Placement, PublishedFile};

use crate::diag::{Diagnostic, codes, io_words, message};
use crate::probe::SourceStamp;
use beneath::Create;
use fd_lock::RwLock;
use manifest::Manifest;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Name of our folder in the output folder.
const STATE: &str = ".vodflow";

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
    work: PathBuf,
    /// Locked as long as it is open; the kernel lets go when we die, however.
    lock: File,
}

impl OutputFolder {
    /// Opens or creates the folder `out` for outputs that are made from `source`.
    pub fn open(out: &Path, source: &Path, overwrite: Overwrite) -> Result<Self, Diagnostic> {
        let source_stamp = SourceStamp::of(source)?;
        let root = create(out)?;
        refuse_folder_of_source(out, &root, source, overwrite)?;
        let fail = |error: io::Error| unwritable(out, &error);
        let root_fd = beneath::open_root(&root).map_err(fail)?;
        tempfile::tempfile_in(&root).map_err(fail)?;
        let state_fd = beneath::open_folder(&root_fd, STATE, Create::Private).map_err(fail)?;
        let lock = lock(&state_fd, out)?;
        let manifest = Manifest::load(&state_fd);
        let work = work_folder(&root.join(STATE), &state_fd).map_err(fail)?;
        Ok(OutputFolder { root, root_fd, state_fd, source: source_stamp, overwrite, manifest, work, lock })
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
        // Said aloud, because a child that another thread is just starting holds a copy of the file until its exec.
        let _ = rustix::fs::flock(&self.lock, rustix::fs::FlockOperation::Unlock);
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

fn lock(state: &OwnedFd, out: &Path) -> Result<File, Diagnostic> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::openat(state, "lock", flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| unwritable(out, &error.into()))?;
    let mut lock = RwLock::new(File::from(file));
    match lock.try_write() {
        // The guard borrows the lock; without it the lock lasts as long as the open file, which is what we want.
        Ok(guard) => std::mem::forget(guard),
        Err(_) => {
            let message = message!("another run is using the output folder `{}`", out.display());
            return Err(Diagnostic::new(&codes::OUTPUT_BUSY, message)
                .with_help(message!("wait for it, or give another folder")));
        }
    }
    Ok(lock.into_inner())
}

/// A new folder for this run. Those of earlier runs are removed: we have the lock, so their runs are dead.
fn work_folder(state: &Path, state_fd: &OwnedFd) -> io::Result<PathBuf> {
    beneath::open_folder(state_fd, "work", Create::Private)?;
    let all = state.join("work");
    for stale in std::fs::read_dir(&all)?.flatten() {
        let _ = std::fs::remove_dir_all(stale.path());
    }
    let private = std::fs::Permissions::from_mode(0o700);
    Ok(tempfile::Builder::new().prefix("run-").permissions(private).tempdir_in(&all)?.keep())
}

#[cfg(test)]
mod tests;
