//! Kept artefacts: verified elementary streams and pictures under their spec keys, so that no run makes them again.
//!
//! `OUT/.vodflow/artifacts/KEY/` holds the files and `record.json`. A folder appears there by one rename, whole. Its
//! files are links to what is delivered where that is the same file; one that was changed since does not count.

use super::beneath::{self, Create, Kind, look_at};
use super::{OutputFolder, manifest, unwritable};
use crate::diag::Diagnostic;
use crate::fault::{self, Point};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

const FOLDER: &str = "artifacts";
const RECORD: &str = "record.json";
/// Begins the name of a folder that is not complete.
const UNFINISHED: &str = "new-";

/// Who made an artefact, and how: stored and shown, part of no key (`language.md` 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRecord {
    /// ffmpeg's version.
    pub tool: String,
    /// The arguments of the command that made it, without paths of the machine.
    pub arguments: Vec<String>,
    /// The machine's name.
    pub host: String,
}

/// A kept artefact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptArtifact {
    /// The spec key.
    pub key: String,
    /// What was found in it when it was verified; the store does not look into it.
    pub verified: serde_json::Value,
    /// How it was made.
    pub build: BuildRecord,
    files: Vec<KeptFile>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptFile {
    size: u64,
    modified: i64,
}

impl KeptArtifact {
    /// How many files it has.
    pub fn count(&self) -> usize {
        self.files.len()
    }
}

/// One line of the list of kept artefacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShelfEntry {
    /// The spec key.
    pub key: String,
    /// Bytes that its removal would free: files that are delivered too cost nothing here.
    pub bytes: u64,
    /// When it was last of use, in nanoseconds since 1970.
    pub used: i64,
}

impl OutputFolder {
    /// Keeps verified files of the work folder under a spec key. They stay in the work folder too.
    pub fn keep(
        &mut self,
        key: &str,
        files: &[String],
        verified: serde_json::Value,
        build: BuildRecord,
    ) -> Result<(), Diagnostic> {
        self.try_keep(key, files, verified, build).map_err(|error| unwritable(&self.root, &error))
    }

    fn try_keep(
        &mut self,
        key: &str,
        files: &[String],
        verified: serde_json::Value,
        build: BuildRecord,
    ) -> io::Result<()> {
        let shelf = beneath::open_folder(&self.state_fd, FOLDER, Create::Private)?;
        let work = beneath::open_root(&self.work)?;
        let unfinished = format!("{UNFINISHED}{key}");
        remove_folder(&shelf, &unfinished)?;
        let folder = beneath::open_folder(&shelf, &unfinished, Create::Private)?;
        let mut kept = Vec::new();
        for (at, name) in files.iter().enumerate() {
            let place = file_name(at);
            link(&work, name, &folder, &place)?;
            rustix::fs::fsync(open(&folder, &place)?)?;
            let entry = look_at(&folder, &place)?.ok_or(io::ErrorKind::NotFound)?;
            kept.push(KeptFile { size: entry.size, modified: entry.modified });
        }
        fault::pass(Point::KeepLinked)?;
        let record = KeptArtifact { key: key.to_owned(), verified, build, files: kept };
        manifest::write_whole(&folder, RECORD, &serde_json::to_vec_pretty(&record)?)?;
        fault::pass(Point::KeepRecorded)?;
        remove_folder(&shelf, key)?;
        rustix::fs::renameat(&shelf, &unfinished, &shelf, key)?;
        rustix::fs::fsync(&shelf)?;
        fault::pass(Point::Kept)?;
        self.journal(super::Entry::ArtifactKept { key: key.to_owned() })?;
        fault::pass(Point::KeptJournaled)
    }

    /// The artefact that is kept under a key, if all its files are as they were.
    pub fn kept(&self, key: &str) -> Option<KeptArtifact> {
        kept(&self.state_fd, key)
    }

    /// Puts the files of a kept artefact into the work folder under these names.
    pub fn recall(&self, artifact: &KeptArtifact, names: &[String]) -> io::Result<()> {
        if names.len() != artifact.files.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let shelf = beneath::open_folder(&self.state_fd, FOLDER, Create::Never)?;
        let folder = beneath::open_folder(&shelf, &artifact.key, Create::Never)?;
        let work = beneath::open_root(&self.work)?;
        for (at, name) in names.iter().enumerate() {
            link(&folder, &file_name(at), &work, name)?;
        }
        // The time of change of the folder says when the artefact was last of use.
        let now = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
        let _ = rustix::fs::futimens(&folder, &rustix::fs::Timestamps { last_access: now, last_modification: now });
        Ok(())
    }

    /// Removes the artefacts that were longest of no use until the others take at most `limit` bytes; gives how many
    /// and how many bytes went.
    pub fn prune(&mut self, limit: u64) -> Result<(usize, u64), Diagnostic> {
        prune(&self.state_fd, limit).map_err(|error| unwritable(&self.root, &error))
    }
}

/// The artefact below a state folder that is kept under a key.
pub(super) fn kept(state: &OwnedFd, key: &str) -> Option<KeptArtifact> {
    let folder = beneath::open_folder(state, &format!("{FOLDER}/{key}"), Create::Never).ok()?;
    let mut text = Vec::new();
    open(&folder, RECORD).ok()?.read_to_end(&mut text).ok()?;
    let record: KeptArtifact = serde_json::from_slice(&text).ok()?;
    let as_it_was = |(at, file): (usize, &KeptFile)| {
        let entry = look_at(&folder, &file_name(at)).ok().flatten();
        entry.is_some_and(|entry| (entry.kind, entry.size, entry.modified) == (Kind::File, file.size, file.modified))
    };
    (record.key == key && record.files.iter().enumerate().all(as_it_was)).then_some(record)
}

/// What is kept in an output folder, the longest unused first.
pub(super) fn list(state: &OwnedFd) -> io::Result<Vec<ShelfEntry>> {
    let shelf = match beneath::open_folder(state, FOLDER, Create::Never) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        shelf => shelf?,
    };
    let mut entries = Vec::new();
    for key in beneath::names(&shelf)? {
        let Some(place) = look_at(&shelf, &key)?.filter(|entry| entry.kind == Kind::Folder) else { continue };
        let folder = beneath::open_folder(&shelf, &key, Create::Never)?;
        let mut bytes = 0;
        for name in beneath::names(&folder)? {
            let status = rustix::fs::statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            let alone = status.st_nlink == 1;
            bytes += if alone { u64::try_from(status.st_size).unwrap_or(0) } else { 0 };
        }
        entries.push(ShelfEntry { key, bytes, used: place.modified });
    }
    entries.sort_by(|a, b| (a.used, &a.key).cmp(&(b.used, &b.key)));
    Ok(entries)
}

pub(super) fn prune(state: &OwnedFd, limit: u64) -> io::Result<(usize, u64)> {
    let entries = list(state)?;
    let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
    let (mut count, mut freed) = (0, 0);
    for entry in entries {
        let unfinished = entry.key.starts_with(UNFINISHED);
        if total <= limit && !unfinished {
            continue;
        }
        let shelf = beneath::open_folder(state, FOLDER, Create::Never)?;
        remove_folder(&shelf, &entry.key)?;
        total -= entry.bytes;
        (count, freed) = (count + usize::from(!unfinished), freed + entry.bytes);
    }
    Ok((count, freed))
}

/// Names of the work folder play no part here: they differ from plan to plan.
fn file_name(at: usize) -> String {
    format!("{at:05}")
}

fn open(folder: &OwnedFd, name: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    Ok(File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?))
}

/// One more name for a file; a copy where the file system has no links.
fn link(from: &OwnedFd, old: &str, to: &OwnedFd, new: &str) -> io::Result<()> {
    match rustix::fs::unlinkat(to, new, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    match rustix::fs::linkat(from, old, to, new, AtFlags::empty()) {
        Err(Errno::PERM | Errno::OPNOTSUPP | Errno::MLINK | Errno::XDEV | Errno::NOSYS) => copy(from, old, to, new),
        result => Ok(result?),
    }
}

fn copy(from: &OwnedFd, old: &str, to: &OwnedFd, new: &str) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut copy = File::from(rustix::fs::openat(to, new, flags, Mode::from_raw_mode(0o666))?);
    io::copy(&mut open(from, old)?, &mut copy)?;
    Ok(())
}

/// A folder of files, if it is there.
fn remove_folder(parent: &OwnedFd, name: &str) -> io::Result<()> {
    let folder = match beneath::open_folder(parent, name, Create::Never) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        folder => folder?,
    };
    for file in beneath::names(&folder)? {
        rustix::fs::unlinkat(&folder, &file, AtFlags::empty())?;
    }
    Ok(rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)?)
}

/// The state folder of an output folder, to look at or to tidy while no run uses it.
pub(super) fn state_of(out: &Path) -> io::Result<Option<OwnedFd>> {
    let root = beneath::open_root(out)?;
    match beneath::open_folder(&root, super::STATE, Create::Never) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        state => state.map(Some),
    }
}
