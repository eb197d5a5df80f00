//! The list of files that we published, to tell ours from others'.
//!
//! A file is ours when its path, size and time of change are in the list. Files about to be published are written
//! down before they are moved, so that a run killed in between leaves nothing that looks foreign (R19).

use super::beneath::Entry;
use crate::fault::{self, Point};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

const NAME: &str = "manifest.json";

/// What we published, by path below the output folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    schema_version: u32,
    files: BTreeMap<String, Record>,
    /// How each output was made, by its name.
    #[serde(default)]
    recipes: BTreeMap<String, Vec<String>>,
    /// Announced, perhaps in place already.
    #[serde(default)]
    pending: Option<Publication>,
}

/// A publication under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Publication {
    /// Of which output.
    pub output: String,
    /// Name of the work folder that the files come from.
    pub work: String,
    /// What goes where.
    pub moves: Vec<Move>,
    /// How the output was made.
    #[serde(default)]
    pub recipe: Vec<String>,
    /// The files as they will be, by path below the output folder.
    pub records: BTreeMap<String, Record>,
}

/// One rename of a publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Move {
    /// Name in the work folder.
    pub from: String,
    /// Path below the output folder.
    pub to: String,
}

/// How a published file looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
    /// Which output it belongs to.
    pub output: String,
    /// The key of what it was made from.
    pub key: String,
    /// Version of ffmpeg that made it.
    #[serde(default)]
    pub tool: String,
}

impl Manifest {
    /// The list in our folder. One that cannot be read counts as empty: then everything is foreign.
    pub fn load(state: &OwnedFd) -> Manifest {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let Ok(file) = rustix::fs::openat(state, NAME, flags, Mode::empty()) else { return Manifest::default() };
        let mut text = String::new();
        let read = File::from(file).read_to_string(&mut text);
        read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Whether a file is as we left it.
    pub fn owns(&self, path: &str, entry: &Entry) -> bool {
        let same = |record: &Record| (record.size, record.modified) == (entry.size, entry.modified);
        self.files.get(path).is_some_and(same) || self.announced(path).is_some_and(same)
    }

    /// Whether we ever put a file there.
    pub fn knows(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.announced(path).is_some()
    }

    fn announced(&self, path: &str) -> Option<&Record> {
        self.pending.as_ref()?.records.get(path)
    }

    /// The publication that is not confirmed.
    pub fn pending(&self) -> Option<&Publication> {
        self.pending.as_ref()
    }

    /// Files of outputs that are not among these.
    pub fn others<'a>(&'a self, outputs: &'a BTreeSet<String>) -> impl Iterator<Item = &'a String> {
        self.files.iter().filter(|(_, record)| !outputs.contains(&record.output)).map(|(path, _)| path)
    }

    /// How an output was made, if it is known.
    pub fn recipe(&self, output: &str) -> Option<&[String]> {
        self.recipes.get(output).map(Vec::as_slice)
    }

    /// The files of an output.
    pub fn of_output<'a>(&'a self, output: &'a str) -> impl Iterator<Item = &'a String> {
        self.files.iter().filter(move |(_, record)| record.output == output).map(|(path, _)| path)
    }

    /// The files in a folder.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a String> {
        let inside = move |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.files.keys().filter(move |path| inside(path))
    }

    /// Whether the file at a path was made from a key and, if that matters, by a version of ffmpeg.
    pub fn is_made_from(&self, path: &str, key: &str, tool: Option<&str>) -> bool {
        self.files.get(path).is_some_and(|one| one.key == key && tool.is_none_or(|tool| one.tool == tool))
    }

    /// Announces a publication.
    pub fn announce(&mut self, publication: Publication) {
        self.pending = Some(publication);
    }

    /// Takes the announcement back.
    pub fn withdraw(&mut self) {
        self.pending = None;
    }

    /// The announced files that are in place are ours, but make no whole output.
    pub fn abandon(&mut self) {
        let records = self.pending.take().map(|publication| publication.records).unwrap_or_default();
        self.files.extend(records.into_iter().map(|(path, record)| (path, Record { key: String::new(), ..record })));
    }

    /// The announced files are in place.
    pub fn confirm(&mut self) {
        let Some(publication) = self.pending.take() else { return };
        self.files.extend(publication.records);
        self.recipes.insert(publication.output, publication.recipe);
    }

    /// A file, or everything in a folder, is gone.
    pub fn forget(&mut self, path: &str) {
        let inside = format!("{path}/");
        self.files.retain(|known, _| known != path && !known.starts_with(&inside));
    }

    /// Writes the list, whole or not at all.
    pub fn save(&mut self, state: &OwnedFd) -> io::Result<()> {
        self.schema_version = 1;
        write_whole(state, NAME, &serde_json::to_vec_pretty(self)?)
    }
}

/// Writes a private file whole or not at all: beside, to the disk, then over the old one.
pub(super) fn write_whole(folder: &OwnedFd, name: &str, content: &[u8]) -> io::Result<()> {
    let beside = format!("{name}.new");
    match rustix::fs::unlinkat(folder, &beside, rustix::fs::AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut file = File::from(rustix::fs::openat(folder, &beside, flags, Mode::RUSR | Mode::WUSR)?);
    file.write_all(content)?;
    file.sync_all()?;
    fault::pass(Point::WriteBeside)?;
    rustix::fs::renameat(folder, &beside, folder, name)?;
    rustix::fs::fsync(folder)?;
    fault::pass(Point::WriteRenamed)
}
