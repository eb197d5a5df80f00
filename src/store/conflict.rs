//! Whether an output would overwrite what is not ours.

use super::beneath::{self, Create, Entry, Kind};
use super::{OutputFolder, Overwrite};
use crate::diag::{Diagnostic, Message, codes, message};
use crate::physical::{Delivery, DeliveryForm};

/// A path that an output may not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Below the output folder.
    pub path: String,
    /// Why not.
    pub kind: ConflictKind,
}

/// Why a path may not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// We did not put it there.
    Foreign,
    /// We did, and it was changed since.
    Edited,
    /// It is the source.
    Source,
    /// A folder or a link lies where a file should be, or the other way round.
    WrongKind,
}

impl ConflictKind {
    /// What is to be said of a file that stands in the way.
    fn said(self) -> Message {
        match self {
            ConflictKind::Foreign => message!("is not ours"),
            ConflictKind::Edited => message!("was changed after we made it"),
            ConflictKind::Source => message!("is the source"),
            ConflictKind::WrongKind => message!("is something that is never replaced"),
        }
    }
}

/// One diagnostic for conflicts; `None` without any.
pub fn report(conflicts: &[Conflict]) -> Option<Diagnostic> {
    let first = conflicts.first()?;
    let more = match conflicts.len() {
        1 => Message::default(),
        2 => message!(", and so does one more"),
        count => message!(", and so do {} more", count - 1),
    };
    let path = first.path.to_string();
    let message = message!("`{}` stands in the way and {}{}", path, first.kind.said(), more);
    let help = match first.kind {
        ConflictKind::Source | ConflictKind::WrongKind => message!("give another folder with `--out`"),
        _ => message!("move it away, give another folder with `--out`, or replace it with `--force`"),
    };
    Some(Diagnostic::new(&codes::OUTPUT_FOREIGN, message).with_help(help))
}

impl OutputFolder {
    /// What stands in the way of these deliveries and of `result.json`; see [`report`]. With
    /// [`Overwrite::Anything`] only what is never replaced.
    pub fn conflicts(&self, deliveries: &[Delivery]) -> Vec<Conflict> {
        let of = |delivery: &Delivery| -> Vec<Conflict> {
            match &delivery.form {
                DeliveryForm::File(path) => self.file_conflict(path.as_str()).into_iter().collect(),
                DeliveryForm::Folder { folder, .. } => self.folder_conflict(folder.as_str()).into_iter().collect(),
                DeliveryForm::Pictures(pictures) => {
                    pictures.iter().filter_map(|(_, path)| self.file_conflict(path.as_str())).collect()
                }
            }
        };
        let mut conflicts: Vec<Conflict> = deliveries.iter().flat_map(of).collect();
        conflicts.extend(self.file_conflict(super::publish::RESULT));
        conflicts.sort_by(|a, b| a.path.cmp(&b.path));
        conflicts.dedup();
        conflicts
    }

    /// Why a file may not be put at `path`.
    pub(super) fn file_conflict(&self, path: &str) -> Option<Conflict> {
        let conflict = |kind| Some(Conflict { path: path.to_owned(), kind });
        match beneath::look(&self.root_fd, path) {
            Ok(None) => None,
            Ok(Some(entry)) if self.is_source(&entry) => conflict(ConflictKind::Source),
            Ok(Some(entry)) if entry.kind == Kind::File => self.foreign(path, &entry).and_then(conflict),
            _ => conflict(ConflictKind::WrongKind),
        }
    }

    /// Why a folder may not be put at `path`: each file in an older one must be ours.
    pub(super) fn folder_conflict(&self, path: &str) -> Option<Conflict> {
        let conflict = |kind| Some(Conflict { path: path.to_owned(), kind });
        match beneath::look(&self.root_fd, path) {
            Ok(None) => return None,
            Ok(Some(Entry { kind: Kind::Folder, .. })) => {}
            _ => return conflict(ConflictKind::WrongKind),
        }
        let names = beneath::open_folder(&self.root_fd, path, Create::Never).and_then(|folder| beneath::names(&folder));
        let Ok(names) = names else { return conflict(ConflictKind::WrongKind) };
        names.iter().find_map(|name| self.file_conflict(&format!("{path}/{name}")))
    }

    fn is_source(&self, entry: &Entry) -> bool {
        (entry.device, entry.inode) == (self.source.device, self.source.inode)
    }

    fn foreign(&self, path: &str, entry: &Entry) -> Option<ConflictKind> {
        if self.overwrite == Overwrite::Anything || self.manifest.owns(path, entry) {
            return None;
        }
        Some(if self.manifest.knows(path) { ConflictKind::Edited } else { ConflictKind::Foreign })
    }
}
