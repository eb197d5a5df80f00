//! Publication: finished files go from the work folder to their visible place, all of an output or none.

use super::beneath::{self, Create, Kind, look_at, split};
use super::conflict::{Conflict, report};
use super::manifest::{Manifest, Move, Publication, Record};
use super::{OutputFolder, Overwrite, is_full};
use crate::diag::{Diagnostic, codes, io_words, message};
use crate::fault::{self, Point};
use crate::physical::{Delivery, DeliveryForm};
use crate::plan::OutputPath;
use rustix::fs::{AtFlags, OFlags, RenameFlags};
use rustix::io::Errno;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;

/// Name of the summary of a run in the output folder.
pub(super) const RESULT: &str = "result.json";

/// A document about a run, beside the outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The summary, `result.json`.
    Result,
    /// What the API would tell about the media, `media-info.json`.
    MediaInfo,
}

impl Document {
    fn file_name(self) -> &'static str {
        match self {
            Document::Result => RESULT,
            Document::MediaInfo => "media-info.json",
        }
    }

    /// The output that it belongs to in the list of published files.
    pub(super) fn output(self) -> &'static str {
        match self {
            Document::Result => "result",
            Document::MediaInfo => "media info",
        }
    }
}

/// One file or folder of the work folder and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Its name directly in the work folder.
    pub from: String,
    /// Where it becomes visible: as a file, or as a folder of files.
    pub to: OutputPath,
    /// The key of what it was made from.
    pub key: String,
    /// Version of ffmpeg that made it.
    pub tool: String,
}

/// A visible file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedFile {
    /// Below the output folder.
    pub path: String,
    /// In bytes.
    pub size: u64,
}

/// A placement done, to be undone if a later one fails.
struct Done<'a> {
    placement: &'a Placement,
    folder: OwnedFd,
    replaced: bool,
}

impl OutputFolder {
    /// Makes the files of one output visible, all or none; `output` tells outputs apart over runs. Files that an
    /// earlier run published for the same output and that are not made any more are removed, unless edited.
    /// `recipe` says how it was made.
    pub fn publish(
        &mut self,
        output: &str,
        placements: &[Placement],
        recipe: &[String],
    ) -> Result<Vec<PublishedFile>, Diagnostic> {
        let conflicts: Vec<Conflict> = placements.iter().filter_map(|placement| self.obstacle(placement)).collect();
        if let Some(diagnostic) = report(&conflicts) {
            return Err(diagnostic);
        }
        self.check_fence()?;
        self.publish_unopposed(output, placements, recipe).map_err(|error| {
            let code = if is_full(&error) { &codes::NO_SPACE } else { &codes::PUBLISH_FAILED };
            let path = placements.first().map_or(output, |placement| placement.to.as_str());
            Diagnostic::new(
                code,
                message!("`{}` could not be moved to its place: {}", path.to_string(), io_words(&error)),
            )
        })
    }

    /// Writes a document about a run beside the outputs.
    pub fn publish_document(&mut self, document: Document, content: &[u8]) -> Result<PublishedFile, Diagnostic> {
        let name = document.file_name();
        let fail = |reason: String| Diagnostic::new(&codes::PUBLISH_FAILED, format!("`{name}` {reason}"));
        let unwritable = |error: io::Error| fail(format!("cannot be written: {}", io_words(&error)));
        std::fs::write(self.work.join(name), content).map_err(unwritable)?;
        fault::pass(Point::ResultWritten).map_err(unwritable)?;
        let to = OutputPath::new(name).ok_or_else(|| fail("is no path".to_owned()))?;
        let placement = Placement { from: name.to_owned(), to, key: String::new(), tool: String::new() };
        let published = self.publish(document.output(), &[placement], &[])?;
        published.into_iter().next().ok_or_else(|| fail("is not there".to_owned()))
    }

    /// The summary of the last run, if it is as we left it.
    pub fn last_result(&self) -> Option<serde_json::Value> {
        let entry = beneath::look(&self.root_fd, RESULT).ok()??;
        let text = self.manifest.owns(RESULT, &entry).then(|| std::fs::read(self.root.join(RESULT)))?.ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The visible files of a delivery, if they are ours, complete, unmodified, made from `key` and, if that
    /// matters, by a version of ffmpeg.
    pub fn current(&self, delivery: &Delivery, key: &str, tool: Option<&str>) -> Option<Vec<PublishedFile>> {
        current(&self.root_fd, &self.manifest, delivery, key, tool)
    }

    fn obstacle(&self, placement: &Placement) -> Option<Conflict> {
        match self.work.join(&placement.from).is_dir() {
            true => self.folder_conflict(placement.to.as_str()),
            false => self.file_conflict(placement.to.as_str()),
        }
    }

    fn publish_unopposed(
        &mut self,
        output: &str,
        placements: &[Placement],
        recipe: &[String],
    ) -> io::Result<Vec<PublishedFile>> {
        let work = beneath::open_root(&self.work)?;
        let mut records = Vec::new();
        for placement in placements {
            records.extend(flush(&work, placement, output)?);
        }
        let published: Vec<PublishedFile> =
            records.iter().map(|(path, record)| PublishedFile { path: path.clone(), size: record.size }).collect();
        fault::pass(Point::PublishFlushed)?;
        let moves = placements.iter().map(|one| Move { from: one.from.clone(), to: one.to.to_string() }).collect();
        let folder = self.work.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let records = records.into_iter().collect();
        let (output_name, recipe) = (output.to_owned(), recipe.to_vec());
        self.manifest.announce(Publication { output: output_name, work: folder, moves, recipe, records });
        self.manifest.save(&self.state_fd)?;
        let placed = fault::pass(Point::PublishAnnounced).and_then(|()| self.place_all(&work, placements));
        let done = placed.inspect_err(|_| {
            self.manifest.withdraw();
            let _ = self.manifest.save(&self.state_fd);
        })?;
        for done in &done {
            // The new content is in place; that the directory reaches the disk is not worth failing for.
            let _ = rustix::fs::fsync(&done.folder);
        }
        if let Err(error) = self.settle(output, &published) {
            done.iter().rev().for_each(|done| undo(&work, done));
            self.manifest = Manifest::load(&self.state_fd);
            self.manifest.withdraw();
            let _ = self.manifest.save(&self.state_fd);
            return Err(error);
        }
        for done in done.iter().filter(|done| done.replaced) {
            discard(&self.work.join(&done.placement.from));
        }
        Ok(published)
    }

    /// What was announced is in place: what it replaces is forgotten, what is not made any more is removed.
    pub(super) fn settle(&mut self, output: &str, published: &[PublishedFile]) -> io::Result<()> {
        fault::pass(Point::PublishAllPlaced)?;
        let moves = self.manifest.pending().map(|publication| publication.moves.clone()).unwrap_or_default();
        moves.iter().for_each(|one| self.manifest.forget(&one.to));
        self.remove_stale(output, published);
        fault::pass(Point::StaleRemoved)?;
        self.manifest.confirm();
        self.manifest.save(&self.state_fd)?;
        // The manifest has said it; that the journal cannot is no reason to take the output away again.
        let files = published.iter().map(|file| file.path.clone()).collect();
        let _ = fault::pass(Point::PublishConfirmed)
            .and_then(|()| self.journal(super::Entry::OutputPublished { output: output.to_owned(), files }))
            .and_then(|()| fault::pass(Point::PublishJournaled));
        Ok(())
    }

    fn place_all<'a>(&self, work: &OwnedFd, placements: &'a [Placement]) -> io::Result<Vec<Done<'a>>> {
        let mut done: Vec<Done<'a>> = Vec::new();
        for placement in placements {
            match self.place(work, placement).and_then(|placed| {
                done.push(placed);
                fault::pass(Point::PublishPlaced)
            }) {
                Ok(()) => {}
                Err(error) => {
                    done.iter().rev().for_each(|done| undo(work, done));
                    return Err(error);
                }
            }
        }
        Ok(done)
    }

    /// One rename. What is there already changes places with the new, so that at no moment nothing is there.
    fn place<'a>(&self, work: &OwnedFd, placement: &'a Placement) -> io::Result<Done<'a>> {
        // Looked at again: it may have appeared since. Then it is kept, and this output fails.
        let (folder, replaced) = self.move_out(work, &placement.from, placement.to.as_str(), &|| {
            if self.obstacle(placement).is_some() { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(()) }
        })?;
        Ok(Done { placement, folder, replaced })
    }

    /// Moves something from a work folder to its place; `ask` is asked when something is there already. Gives the
    /// folder that it went to, and whether it replaced something, which is then in the work folder.
    pub(super) fn move_out(
        &self,
        work: &OwnedFd,
        from: &str,
        to: &str,
        ask: &dyn Fn() -> io::Result<()>,
    ) -> io::Result<(OwnedFd, bool)> {
        let (folder, name) = split(to);
        let folder = beneath::open_folder(&self.root_fd, folder, Create::Visible)?;
        match put(work, from, &folder, name) {
            Ok(()) => return Ok((folder, false)),
            Err(Errno::EXIST | Errno::NOTEMPTY) => {}
            Err(error) => return Err(error.into()),
        }
        ask()?;
        exchange(work, from, &folder, name)?;
        Ok((folder, true))
    }

    /// Removes what an earlier run made for the same output and this one did not.
    fn remove_stale(&mut self, output: &str, published: &[PublishedFile]) {
        let now: BTreeSet<&str> = published.iter().map(|file| file.path.as_str()).collect();
        let before: Vec<String> = self.manifest.of_output(output).cloned().collect();
        for path in before.iter().filter(|path| !now.contains(path.as_str())) {
            if let Ok(Some(entry)) = beneath::look(&self.root_fd, path)
                && entry.kind == Kind::File
                && self.manifest.owns(path, &entry)
            {
                let (folder, name) = split(path);
                let opened = beneath::open_folder(&self.root_fd, folder, Create::Never);
                let _ = opened.map(|folder| rustix::fs::unlinkat(folder, name, AtFlags::empty()));
            }
            self.manifest.forget(path);
        }
    }

    /// Whether files of others are replaced.
    pub fn overwrite(&self) -> Overwrite {
        self.overwrite
    }
}

/// The visible files of a delivery, if they are ours, complete, unmodified and made from `key`.
pub(super) fn current(
    root: &OwnedFd,
    manifest: &Manifest,
    delivery: &Delivery,
    key: &str,
    tool: Option<&str>,
) -> Option<Vec<PublishedFile>> {
    let file = |path: &str| {
        let entry = beneath::look(root, path).ok()??;
        let current = manifest.owns(path, &entry) && manifest.is_made_from(path, key, tool);
        current.then(|| PublishedFile { path: path.to_owned(), size: entry.size })
    };
    match &delivery.form {
        DeliveryForm::File(path) => Some(vec![file(path.as_str())?]),
        DeliveryForm::Pictures(pictures) => pictures.iter().map(|(_, path)| file(path.as_str())).collect(),
        DeliveryForm::Folder { folder, playlist } => {
            let files: Option<Vec<PublishedFile>> = manifest.below(folder.as_str()).map(|path| file(path)).collect();
            files.filter(|files| files.iter().any(|file| file.path == playlist.as_str()))
        }
    }
}

/// Brings a file, or a folder with its files, to the disk, and says what it will be.
fn flush(work: &OwnedFd, placement: &Placement, output: &str) -> io::Result<Vec<(String, Record)>> {
    let record = |entry: beneath::Entry| Record {
        size: entry.size,
        modified: entry.modified,
        output: output.to_owned(),
        key: placement.key.clone(),
        tool: placement.tool.clone(),
    };
    let entry = look_at(work, &placement.from)?.ok_or(io::ErrorKind::NotFound)?;
    if entry.kind == Kind::File {
        sync(work, &placement.from)?;
        return Ok(vec![(placement.to.to_string(), record(entry))]);
    }
    let folder = beneath::open_folder(work, &placement.from, Create::Never)?;
    let mut records = Vec::new();
    for name in beneath::names(&folder)? {
        let entry = look_at(&folder, &name)?.ok_or(io::ErrorKind::NotFound)?;
        if entry.kind != Kind::File {
            return Err(io::ErrorKind::InvalidData.into());
        }
        sync(&folder, &name)?;
        records.push((format!("{}/{name}", placement.to), record(entry)));
    }
    rustix::fs::fsync(&folder)?;
    Ok(records)
}

fn sync(folder: &OwnedFd, name: &str) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::openat(folder, name, flags, rustix::fs::Mode::empty())?;
    Ok(rustix::fs::fsync(&file)?)
}

/// Best effort: the caller reports the failure that made it necessary.
fn undo(work: &OwnedFd, done: &Done<'_>) {
    let (name, from) = (done.placement.to.file_name(), &done.placement.from);
    let _ = if done.replaced { exchange(&done.folder, name, work, from) } else { put(&done.folder, name, work, from) };
}

/// Moves something to where nothing is.
fn put(from: &OwnedFd, old: &str, to: &OwnedFd, new: &str) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
        Err(error) if lacks_flags(error) => put_plainly(from, old, to, new),
        result => result,
    }
}

/// Lets two files or folders change places.
fn exchange(from: &OwnedFd, old: &str, to: &OwnedFd, new: &str) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from, old, to, new, RenameFlags::EXCHANGE) {
        Err(error) if lacks_flags(error) => exchange_plainly(from, old, to, new),
        result => result,
    }
}

/// Network file systems know only the plain rename.
fn lacks_flags(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

/// Not safe against others who write there at this moment.
fn put_plainly(from: &OwnedFd, old: &str, to: &OwnedFd, new: &str) -> Result<(), Errno> {
    match rustix::fs::statat(to, new, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => rustix::fs::renameat(from, old, to, new),
        Err(error) => Err(error),
        Ok(_) => Err(Errno::EXIST),
    }
}

/// For a moment nothing is there.
fn exchange_plainly(from: &OwnedFd, old: &str, to: &OwnedFd, new: &str) -> Result<(), Errno> {
    let aside = format!("{old}.aside");
    rustix::fs::renameat(to, new, from, &aside)?;
    if let Err(error) = rustix::fs::renameat(from, old, to, new) {
        rustix::fs::renameat(from, &aside, to, new)?;
        return Err(error);
    }
    rustix::fs::renameat(from, &aside, from, old)
}

/// What was replaced; leftovers go with the work folder.
fn discard(path: &std::path::Path) {
    let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_help_of_the_file_system_files_still_change_places() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = beneath::open_root(folder.path()).expect("opens");
        let open = |name| beneath::open_folder(&root, name, Create::Visible).expect("opens");
        let (a, b) = (open("a"), open("b"));
        let write = |name: &str| std::fs::write(folder.path().join(name), name).expect("writes");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).ok();
        write("a/new");
        assert_eq!(put_plainly(&a, "new", &b, "file"), Ok(()));
        write("a/newer");
        assert_eq!(put_plainly(&a, "newer", &b, "file"), Err(Errno::EXIST));
        assert_eq!(exchange_plainly(&a, "newer", &b, "file"), Ok(()));
        assert_eq!((read("a/newer").as_deref(), read("b/file").as_deref()), (Some("a/new"), Some("a/newer")));
        assert!(exchange_plainly(&a, "none", &b, "file").is_err());
        assert_eq!(read("b/file").as_deref(), Some("a/newer"));
    }
}
