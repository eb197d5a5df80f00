//! The outbox: notifications that are on the disk before a run is reported finished, until their receivers have them.
//!
//! A letter is a file of `OUT/.vodflow/outbox/`. Whoever delivered it removes it; two that deliver at the same time both
//! do, which receivers see by its id.

use super::beneath::{self, Create};
use super::manifest::write_whole;
use super::{OutputFolder, artifacts};
use crate::fault::{self, Point};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

const NAME: &str = "outbox";
const ENDING: &str = ".json";

/// A notification on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The same for every attempt to deliver it.
    pub id: String,
    /// When it was written, in milliseconds since 1970.
    pub written: u64,
    /// Where it goes.
    pub url: String,
    /// Whether it may only go out signed.
    pub signed: bool,
    /// What is posted, byte for byte.
    pub body: String,
}

impl Letter {
    /// Names sort by age: no letter is younger than one that lies here already, whatever the clock says.
    fn after(&self, names: &[String]) -> Letter {
        let last = names.iter().filter_map(|name| name.split('-').next()?.parse::<u64>().ok()).max();
        let written = last.map_or(self.written, |last| self.written.max(last.saturating_add(1)));
        Letter { written, ..self.clone() }
    }

    fn file_name(&self) -> String {
        format!("{:013}-{}{ENDING}", self.written, self.id)
    }
}

impl OutputFolder {
    /// Lays a letter into the outbox; when this returns, it is on the disk.
    pub fn post(&self, letter: &Letter) -> io::Result<()> {
        let folder = beneath::open_folder(&self.state_fd, NAME, Create::Private)?;
        rustix::fs::fsync(&self.state_fd)?;
        // Half written by a run that died.
        let names = beneath::names(&folder)?;
        for name in names.iter().filter(|name| !name.ends_with(ENDING)) {
            remove(&folder, name)?;
        }
        let letter = &letter.after(&names);
        write_whole(&folder, &letter.file_name(), &serde_json::to_vec(letter)?)?;
        fault::pass(Point::LetterPosted)
    }
}

/// The outbox of an output folder.
#[derive(Debug)]
pub struct Outbox {
    folder: OwnedFd,
}

impl Outbox {
    /// The outbox of a folder; `None` when nothing was ever laid into it.
    pub fn of(out: &Path) -> io::Result<Option<Outbox>> {
        let Some(state) = artifacts::state_of(out)? else { return Ok(None) };
        match beneath::open_folder(&state, NAME, Create::Never) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            folder => Ok(Some(Outbox { folder: folder? })),
        }
    }

    /// What lies in it, the oldest first. What cannot be read stays where it is.
    pub fn letters(&self) -> io::Result<Vec<Letter>> {
        let names = beneath::names(&self.folder)?;
        let whole = |name: &String| self.read(name).filter(|letter| letter.file_name() == *name);
        Ok(names.iter().filter_map(whole).collect())
    }

    fn read(&self, name: &str) -> Option<Letter> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = rustix::fs::openat(&self.folder, name, flags, Mode::empty()).ok()?;
        let mut text = Vec::new();
        File::from(file).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Takes a letter out that its receiver has; another may have done so.
    pub fn remove(&self, letter: &Letter) -> io::Result<()> {
        fault::pass(Point::LetterAccepted)?;
        remove(&self.folder, &letter.file_name())?;
        Ok(rustix::fs::fsync(&self.folder)?)
    }
}

fn remove(folder: &OwnedFd, name: &str) -> io::Result<()> {
    match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
