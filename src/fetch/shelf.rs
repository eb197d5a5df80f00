//! What was downloaded: parts, finished files under their content's identity, and which address gave which.
//!
//! A part belongs to whoever holds its lock; a finished file never changes, and is not removed while somebody holds a
//! lock on it. Locks die with their owners.

use super::address::Address;
use crate::fault::{self, Point};
use rustix::fs::{FlockOperation, flock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What an address gave the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The identity of the content; the name of its folder.
    pub identity: String,
    /// The name of the file in it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// By what the server tells versions apart.
    pub version: Version,
}

/// By what a server tells versions of a file apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    /// `ETag`.
    pub tag: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<String>,
}

impl Version {
    /// What proves, byte for byte, that a rest belongs to what is there: a weak tag does not (RFC 9110 13.1.5).
    pub fn proof(&self) -> Option<&str> {
        let strong = self.tag.as_deref().filter(|tag| !tag.starts_with("W/"));
        strong.or(self.modified.as_deref())
    }
}

/// What is known about a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    /// Bytes from the start that are on the disk for certain.
    pub safe: u64,
    /// Bytes that there will be.
    pub length: Option<u64>,
    /// Of which version.
    pub version: Version,
}

/// The folder of downloads.
pub(super) struct Shelf {
    root: PathBuf,
}

/// A download under way; ours while the lock on its file is held.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    /// What is there already.
    pub begun: Begun,
}

/// A finished file that stays as long as this lives.
#[derive(Debug)]
pub struct Kept {
    /// Where it is.
    pub path: PathBuf,
    _lock: File,
}

impl Shelf {
    /// Opens or makes a folder, for the owner alone.
    pub fn open(root: &Path) -> io::Result<Shelf> {
        for folder in ["addresses", "files", "parts"] {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(root.join(folder))?;
        }
        Ok(Shelf { root: root.to_owned() })
    }

    /// Bytes that are free on the disk, if it knows.
    pub fn free_space(&self) -> Option<u64> {
        let status = rustix::fs::statvfs(&self.root).ok()?;
        (status.f_blocks > 0).then(|| status.f_bavail.saturating_mul(status.f_frsize))
    }

    fn record_path(&self, address: &Address) -> PathBuf {
        self.root.join("addresses").join(format!("{}.json", address.key()))
    }

    /// What an address gave the last time, if it is still as it was.
    pub fn find(&self, address: &Address) -> Option<(Record, Kept)> {
        let record: Record = read(&self.record_path(address))?;
        let kept = self.hold(&record)?;
        Some((record, kept))
    }

    /// Holds a finished file, if it is there and as we left it.
    fn hold(&self, record: &Record) -> Option<Kept> {
        let path = self.root.join("files").join(&record.identity).join(&record.name);
        let lock = File::open(&path).ok()?;
        flock(&lock, FlockOperation::LockShared).ok()?;
        let held = lock.metadata().ok()?;
        // Between opening and locking it may have been removed, and nobody but us may have written to it.
        let untouched = held.len() == record.size && held.modified().ok() == Some(SETTLED);
        (untouched && is_there(&lock, &path)).then_some(Kept { path, _lock: lock })
    }

    /// The part of an address, when nobody else is working on it any more.
    pub fn part(&self, address: &Address) -> io::Result<Part> {
        let path = self.root.join("parts").join(address.key());
        loop {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
            flock(&file, FlockOperation::LockExclusive)?;
            // Whoever had it may have finished it, and moved it away.
            if is_there(&file, &path) {
                let begun: Begun = read(&beside(&path)).unwrap_or_default();
                let mut part = Part { path, file, begun };
                // Behind what is safe there may be anything.
                if part.file.metadata()?.len() < part.begun.safe {
                    part.begun = Begun::default();
                }
                part.file.set_len(part.begun.safe)?;
                return Ok(part);
            }
        }
    }

    /// Puts a finished part in its place and remembers where it came from.
    pub fn place(&self, address: &Address, mut part: Part) -> io::Result<Kept> {
        part.file.sync_all()?;
        fault::pass(Point::FetchFlushed)?;
        part.file.rewind()?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&part.file)?;
        let identity = hasher.finalize().to_hex()[..32].to_owned();
        let (name, size) = (address.file_name(), part.file.metadata()?.len());
        let record = Record { identity, name, size, version: part.begun.version.clone() };
        let kept = match self.hold(&record) {
            // Another address gave the same, and somebody may be reading it.
            Some(kept) => kept,
            None => self.move_there(&part, &record)?,
        };
        fault::pass(Point::FetchPlaced)?;
        self.remember(address, &record)?;
        part.discard();
        Ok(kept)
    }

    fn move_there(&self, part: &Part, record: &Record) -> io::Result<Kept> {
        let folder = self.root.join("files").join(&record.identity);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        part.file.set_modified(SETTLED)?;
        let path = folder.join(&record.name);
        std::fs::rename(&part.path, &path)?;
        File::open(&folder)?.sync_all()?;
        // Should another have begun anew meanwhile, this costs it no more than a second look.
        let _ = std::fs::remove_file(beside(&part.path));
        part.file.set_permissions(Permissions::from_mode(0o400))?;
        let lock = part.file.try_clone()?;
        flock(&lock, FlockOperation::LockShared)?;
        Ok(Kept { path, _lock: lock })
    }

    /// Writes down what an address gives, or that it was asked again: what was asked last stays longest.
    pub fn remember(&self, address: &Address, record: &Record) -> io::Result<()> {
        write(&self.record_path(address), record)
    }

    /// Removes what was longest of no use, until everything takes at most `most` bytes. What is in use stays.
    pub fn tidy(&self, most: u64) {
        let mut things = self.things();
        things.sort();
        let mut sum: u64 = things.iter().map(|thing| thing.size).sum();
        for thing in things {
            if sum <= most {
                break;
            }
            let unused = File::open(&thing.path)
                .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok());
            if unused && std::fs::remove_file(&thing.path).is_ok() {
                sum -= thing.size;
                let _ = std::fs::remove_file(beside(&thing.path));
                let _ = thing.path.parent().map(std::fs::remove_dir);
            }
        }
        self.forget();
    }

    /// Forgets addresses whose file is gone, and of too many those that were not asked for longest.
    fn forget(&self) {
        let mut records = self.records();
        records.sort_by_key(|(used, ..)| *used);
        let surplus = records.len().saturating_sub(MOST_ADDRESSES);
        for (at, (_, place, record)) in records.iter().enumerate() {
            if at < surplus || !self.root.join("files").join(&record.identity).join(&record.name).exists() {
                let _ = std::fs::remove_file(place);
            }
        }
    }

    /// What addresses gave, with when each was last asked and where that is written.
    fn records(&self) -> Vec<(SystemTime, PathBuf, Record)> {
        let one = |path: PathBuf| Some((used(&path), path.clone(), read(&path)?));
        entries(&self.root.join("addresses")).filter_map(one).collect()
    }

    /// All parts and files; a file was last of use when an address that gave it was last asked.
    fn things(&self) -> Vec<Thing> {
        let records = self.records();
        let mut things = Vec::new();
        for path in entries(&self.root.join("files")).flat_map(|folder| entries(&folder)) {
            let of_this = |record: &Record| path.ends_with(Path::new(&record.identity).join(&record.name));
            let last = records.iter().filter(|(.., record)| of_this(record)).map(|(used, ..)| *used).max();
            things.extend(Thing::new(last.unwrap_or(SETTLED), path));
        }
        let parts = entries(&self.root.join("parts"));
        things.extend(parts.filter(|path| path.extension().is_none()).filter_map(|path| Thing::new(used(&path), path)));
        things
    }
}

/// Something on the shelf, sorted by when it was last of use.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Thing {
    used: SystemTime,
    path: PathBuf,
    size: u64,
}

impl Thing {
    fn new(used: SystemTime, path: PathBuf) -> Option<Thing> {
        let size = std::fs::symlink_metadata(&path).ok()?.len();
        Some(Thing { used, path, size })
    }
}

/// How many addresses are remembered: those that are signed for an hour are as many as there are downloads.
const MOST_ADDRESSES: usize = 1000;

/// When finished files say that they were changed: long ago, because they never change again. A file that is young by
/// its own word is looked at anew each time.
const SETTLED: SystemTime = SystemTime::UNIX_EPOCH;

impl Part {
    /// Forgets what is there, and begins anew with another version.
    pub fn restart(&mut self, version: Version, length: Option<u64>) -> io::Result<()> {
        self.begun = Begun { safe: 0, length, version };
        write(&beside(&self.path), &self.begun)?;
        self.file.set_len(0)?;
        self.file.rewind()
    }

    /// Goes on behind the first `from` bytes.
    pub fn resume(&mut self, from: u64) -> io::Result<()> {
        self.file.set_len(from)?;
        self.file.seek(SeekFrom::Start(from)).map(|_| ())
    }

    /// Adds bytes; they are not safe yet.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Makes the first `count` bytes safe.
    pub fn flush(&mut self, count: u64) -> io::Result<()> {
        self.file.sync_data()?;
        self.begun.safe = count;
        write(&beside(&self.path), &self.begun)?;
        fault::pass(Point::FetchGrown)
    }

    /// Lets go of a part of which nothing is worth keeping.
    pub fn discard(self) {
        if is_there(&self.file, &self.path) {
            let _ = std::fs::remove_file(beside(&self.path));
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// What lies in a folder; nothing if it cannot be read.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// When a file was written.
fn used(path: &Path) -> SystemTime {
    std::fs::metadata(path).and_then(|data| data.modified()).unwrap_or(SETTLED)
}

/// Whether a path still names the file that is open.
fn is_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(held), Ok(there)) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Where it is written what is known about a part.
fn beside(part: &Path) -> PathBuf {
    part.with_extension("json")
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Whole or not at all.
fn write<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(&serde_json::to_vec(value)?)?;
    file.as_file().sync_data()?;
    file.persist(path)?;
    Ok(())
}
