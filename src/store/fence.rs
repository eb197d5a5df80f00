//! Who uses an output folder: the lock, its owner, and a number that grows with every owner.
//!
//! The lock dies with its owner. The number is for owners that are not dead but paused: one that wakes up after its
//! folder was taken over finds a greater number, and may not publish any more (`reliability.md` R19).

use super::beneath::look_at;
use super::{manifest, unwritable};
use crate::diag::{Diagnostic, codes, message};
use fd_lock::RwLock;
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

const LOCK: &str = "lock";
const FENCE: &str = "fence.json";

/// What to do about a folder that another run is using.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// Say so.
    Refuse,
    /// End the other run, or shut it out if it cannot be ended from here.
    TakeOver,
}

/// A process, so that it cannot be mistaken for a later one with the same number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Its number.
    pub pid: u32,
    /// When it started, in the kernel's ticks since the machine started.
    pub started: u64,
    /// Which start of the machine.
    pub boot: String,
    /// The machine's name, for people.
    pub host: String,
}

/// What `/proc` says of a process.
struct Seen {
    started: u64,
    stopped: bool,
}

impl Owner {
    /// A process that runs now; `None` when it is gone already.
    pub fn of(pid: u32) -> Option<Owner> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let boot = read("/proc/sys/kernel/random/boot_id");
        Some(Owner { pid, started: seen(pid)?.started, boot, host: read("/proc/sys/kernel/hostname") })
    }

    /// What it is doing, if it is still there and on this machine.
    fn seen(&self) -> Option<Seen> {
        let now = Owner::of(self.pid)?;
        (now == *self).then(|| seen(self.pid)).flatten()
    }

    /// Kills it and the group that it leads, if it is still there.
    pub fn kill(&self) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        match (self.seen(), pid) {
            (Some(_), Some(pid)) => {
                kill_process_group(pid, Signal::KILL).or_else(|_| kill_process(pid, Signal::KILL)).is_ok()
            }
            _ => false,
        }
    }

    /// Kills it alone: a run may share its group with the shell that started it.
    fn kill_alone(&self) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        matches!((self.seen(), pid), (Some(_), Some(pid)) if kill_process(pid, Signal::KILL).is_ok())
    }
}

fn seen(pid: u32) -> Option<Seen> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    Some(Seen { started: fields.nth(18)?.parse().ok()?, stopped: matches!(state, "T" | "t") })
}

/// As it is on the disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Written {
    number: u64,
    owner: Owner,
}

/// That the folder is ours. The lock lasts as long as the file is open; the kernel lets go when we die, however.
#[derive(Debug)]
pub(super) struct Fence {
    pub number: u64,
    pub owner: Owner,
    lock: File,
    inode: u64,
}

impl Fence {
    /// Takes the lock.
    pub fn take(state: &OwnedFd, out: &Path, busy: Busy) -> Result<Fence, Diagnostic> {
        let fail = |error: io::Error| unwritable(out, &error);
        let before = read(state);
        let lock = match (try_lock(state).map_err(fail)?, busy) {
            (Some(lock), _) => lock,
            (None, Busy::Refuse) => return Err(is_busy(out, before.as_ref())),
            (None, Busy::TakeOver) => take_over(state, before.as_ref()).map_err(fail)?,
        };
        crate::fault::pass(crate::fault::Point::LockTaken).map_err(fail)?;
        let owner = Owner::of(std::process::id()).ok_or_else(|| fail(io::ErrorKind::NotFound.into()))?;
        // Read again: the other one may have raised it before it let go.
        let number = read(state).map_or(0, |written| written.number) + 1;
        let text = serde_json::to_vec(&Written { number, owner: owner.clone() }).map_err(|error| fail(error.into()))?;
        manifest::write_whole(state, FENCE, &text).map_err(fail)?;
        crate::fault::pass(crate::fault::Point::FenceRaised).map_err(fail)?;
        let inode = rustix::fs::fstat(&lock).map_err(|error| fail(error.into()))?.st_ino;
        Ok(Fence { number, owner, lock, inode })
    }

    /// Whether the folder is still ours.
    pub fn holds(&self, state: &OwnedFd) -> bool {
        let same = |written: Written| written.number == self.number && written.owner == self.owner;
        let locked = look_at(state, LOCK).ok().flatten().is_some_and(|entry| entry.inode == self.inode);
        locked && read(state).is_some_and(same)
    }

    /// Lets go. Said aloud, because a child that another thread is just starting holds a copy of the file until its
    /// exec.
    pub fn release(&self) {
        let _ = rustix::fs::flock(&self.lock, rustix::fs::FlockOperation::Unlock);
    }
}

fn read(state: &OwnedFd) -> Option<Written> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut text = String::new();
    File::from(rustix::fs::openat(state, FENCE, flags, Mode::empty()).ok()?).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn try_lock(state: &OwnedFd) -> io::Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut lock = RwLock::new(File::from(rustix::fs::openat(state, LOCK, flags, Mode::RUSR | Mode::WUSR)?));
    match lock.try_write() {
        // The guard borrows the lock; without it the lock lasts as long as the open file, which is what we want.
        Ok(guard) => std::mem::forget(guard),
        Err(_) => return Ok(None),
    }
    Ok(Some(lock.into_inner()))
}

/// Waits for a lock that is about to be let go.
fn wait(state: &OwnedFd, most: Duration) -> io::Result<Option<File>> {
    let started = Instant::now();
    loop {
        if let Some(lock) = try_lock(state)? {
            return Ok(Some(lock));
        }
        if started.elapsed() > most {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends the owner where that is possible; where it is not (another machine, another user), it is shut out: it keeps
/// a lock on a file that is nobody's any more, and its fence number is outdated.
fn take_over(state: &OwnedFd, before: Option<&Written>) -> io::Result<File> {
    if before.is_some_and(|written| written.owner.kill_alone())
        && let Some(lock) = wait(state, Duration::from_secs(5))?
    {
        return Ok(lock);
    }
    match rustix::fs::unlinkat(state, LOCK, AtFlags::empty()) {
        Ok(()) | Err(rustix::io::Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    try_lock(state)?.ok_or_else(|| io::ErrorKind::WouldBlock.into())
}

fn is_busy(out: &Path, owner: Option<&Written>) -> Diagnostic {
    let place = out.display().to_string();
    let known = owner.and_then(|written| Some((&written.owner, written.owner.seen()?)));
    let (what, help) = match known {
        Some((owner, Seen { stopped: true, .. })) => (
            message!("another run is using the output folder `{}`: process {}, which is stopped", place, owner.pid),
            message!("continue it with `kill -CONT {}`, or end it with `--take-over`", owner.pid),
        ),
        Some((owner, _)) => (
            message!("another run is using the output folder `{}`: process {}", place, owner.pid),
            message!("wait for it with `--wait`, or give another folder"),
        ),
        None => (
            message!("another run is using the output folder `{}`", place),
            message!("wait for it with `--wait`, or give another folder"),
        ),
    };
    Diagnostic::new(&codes::OUTPUT_BUSY, what).with_help(help)
}

/// The diagnostic of a run that lost its folder.
pub(super) fn lost(out: &Path) -> Diagnostic {
    let what = message!("another run took over the output folder `{}`", out.display().to_string());
    Diagnostic::new(&codes::OUTPUT_BUSY, what).with_help(message!("nothing was published after that; run again"))
}

#[cfg(test)]
mod tests {
    use super::super::beneath;
    use super::*;

    #[test]
    fn a_number_that_was_used_again_is_another_process() {
        let me = Owner::of(std::process::id()).expect("that is us");
        assert!(me.seen().is_some());
        assert!(Owner { started: me.started + 1, ..me.clone() }.seen().is_none());
        assert!(Owner { boot: "before".into(), ..me }.seen().is_none());
    }

    #[test]
    fn who_is_shut_out_knows_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = beneath::open_root(folder.path()).expect("opens");
        let first = Fence::take(&state, folder.path(), Busy::Refuse).expect("free");
        assert!(first.holds(&state));
        let busy = Fence::take(&state, folder.path(), Busy::Refuse).expect_err("busy");
        assert!(busy.message.to_string().contains(&format!("process {}", std::process::id())), "{}", busy.message);
        // As if the owner could not be killed from here.
        let unknown =
            Written { number: first.number, owner: Owner { host: "elsewhere".into(), ..first.owner.clone() } };
        let text = serde_json::to_vec(&unknown).expect("writes");
        manifest::write_whole(&state, FENCE, &text).expect("writes");
        let second = Fence::take(&state, folder.path(), Busy::TakeOver).expect("taken over");
        assert_eq!(second.number, first.number + 1);
        assert!(second.holds(&state) && !first.holds(&state));
        second.release();
        drop(second);
        assert!(Fence::take(&state, folder.path(), Busy::Refuse).is_ok());
    }
}
