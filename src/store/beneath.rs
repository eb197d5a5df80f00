//! Files below a folder, reached one step at a time so that no symbolic link leads out of it (`reliability.md` R13).

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Whether folders on the way are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Create {
    /// No.
    Never,
    /// With the usual permissions.
    Visible,
    /// For the owner alone.
    Private,
}

/// What lies somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub kind: Kind,
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
}

/// Kinds of entries, as far as they matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Other,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

pub(super) fn open_root(path: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(path, FOLDER, Mode::empty())?)
}

/// Opens the folder with a relative path, `/` between its parts.
pub(super) fn open_folder(root: &OwnedFd, path: &str, create: Create) -> io::Result<OwnedFd> {
    let mut folder = root.try_clone()?;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if create != Create::Never {
            let mode = if create == Create::Private { 0o700 } else { 0o777 };
            match rustix::fs::mkdirat(&folder, part, Mode::from_raw_mode(mode)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        folder = rustix::fs::openat(&folder, part, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
    }
    Ok(folder)
}

/// What lies at a relative path; `None` for nothing. A link or a file where a folder should be is an error.
pub(super) fn look(root: &OwnedFd, path: &str) -> io::Result<Option<Entry>> {
    let (folder, name) = split(path);
    let folder = match open_folder(root, folder, Create::Never) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    look_at(&folder, name)
}

/// What lies directly in a folder.
pub(super) fn look_at(folder: impl AsFd, name: &str) -> io::Result<Option<Entry>> {
    let stat = match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        _ => Kind::Other,
    };
    Ok(Some(Entry {
        kind,
        device: stat.st_dev,
        inode: stat.st_ino,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        modified: stat.st_mtime.saturating_mul(1_000_000_000).saturating_add_unsigned(stat.st_mtime_nsec),
    }))
}

/// The names in a folder, sorted; names that are no text are given with replacement characters, which none of ours has.
pub(super) fn names(folder: &OwnedFd) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != "." && name != ".." {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Folder and name of a relative path.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
