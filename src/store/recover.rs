//! What a dead run left is put right before anything else happens in its folder (`reliability.md` R19, R21).
//!
//! Its processes are killed. A publication that was announced is completed: all its files were verified and on the disk
//! before it was announced, so that going forward is always possible, and an output is never left half visible.

use super::beneath::{self, Create, Kind, look};
use super::journal::{is_finished, left_running};
use super::manifest::{Move, Publication};
use super::{Entry, Interrupted, OutputFolder, PublishedFile, STATE, WORK};
use crate::fault::{self, Point};
use std::io;

impl OutputFolder {
    /// Puts right what the run before this one left, if it did not end itself.
    pub(super) fn recover(&mut self, entries: &[Entry]) -> io::Result<Option<Interrupted>> {
        let killed = left_running(entries).iter().filter(|process| process.kill()).count();
        let completed = self.complete_publication()?;
        let found = !is_finished(entries) || completed.is_some();
        Ok(found.then(|| Interrupted { killed, completed: completed.into_iter().collect() }))
    }

    fn complete_publication(&mut self) -> io::Result<Option<String>> {
        let Some(publication) = self.manifest.pending().cloned() else { return Ok(None) };
        fault::pass(Point::RecoveryFound)?;
        if let Err(error) = self.place_rest(&publication) {
            // Somebody tidied our folder: what is in place stays ours, and counts as not up to date.
            if error.kind() != io::ErrorKind::NotFound {
                return Err(error);
            }
            self.manifest.abandon();
            self.manifest.save(&self.state_fd)?;
            return Ok(None);
        }
        let files = publication.records.iter();
        let published: Vec<PublishedFile> =
            files.map(|(path, record)| PublishedFile { path: path.clone(), size: record.size }).collect();
        self.settle(&publication.output, &published)?;
        fault::pass(Point::RecoveryDone)?;
        self.journal(Entry::OutputRecovered { output: publication.output.clone() })?;
        Ok(Some(publication.output))
    }

    fn place_rest(&self, publication: &Publication) -> io::Result<()> {
        for one in &publication.moves {
            if self.is_placed(publication, one) {
                continue;
            }
            let folder = format!("{STATE}/{WORK}/{}", publication.work);
            let work = beneath::open_folder(&self.root_fd, &folder, Create::Never)?;
            // What is in the way was ours when the publication was announced; if it changed since, it is somebody's.
            let ask = || match self.in_the_way(&one.to) {
                true => Err(io::ErrorKind::AlreadyExists.into()),
                false => Ok(()),
            };
            let (folder, _) = self.move_out(&work, &one.from, &one.to, &ask)?;
            rustix::fs::fsync(&folder)?;
            fault::pass(Point::RecoveryPlaced)?;
        }
        Ok(())
    }

    fn in_the_way(&self, path: &str) -> bool {
        match look(&self.root_fd, path) {
            Ok(Some(entry)) if entry.kind == Kind::Folder => self.folder_conflict(path).is_some(),
            _ => self.file_conflict(path).is_some(),
        }
    }

    /// Whether everything that a rename brings is at its place.
    fn is_placed(&self, publication: &Publication, one: &Move) -> bool {
        let inside = format!("{}/", one.to);
        let mut mine = publication.records.iter().filter(|(path, _)| **path == one.to || path.starts_with(&inside));
        mine.all(|(path, record)| {
            let entry = look(&self.root_fd, path).ok().flatten();
            entry.is_some_and(|entry| (entry.size, entry.modified) == (record.size, record.modified))
        })
    }
}
