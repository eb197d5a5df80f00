//! Numbered points of a run at which a test can make the worst happen (`reliability.md` 10.1).
//!
//! Each durable step stands between two points. In debug builds, and with the feature `fault-points`, the variable
//! `VODFLOW_FAULT=NAME[:HIT]=ACTION` makes the HIT-th passage (from 1) of a point `kill` this process without any
//! farewell, `stop` it as ctrl-Z does, `delay` it by a second, or fail with `eio` or `enospc`; `VODFLOW_FAULT_TRACE`
//! names a file that gets a line for each passage. In other builds a point is nothing at all.

use std::io;

macro_rules! points {
    ($($variant:ident $name:literal $what:literal;)*) => {
        /// A place in the course of a run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Point {
            $(#[doc = $what] $variant,)*
        }

        /// All points in the order of a run; the number of a point is its place here.
        pub const POINTS: &[Point] = &[$(Point::$variant),*];

        impl Point {
            /// The name in `VODFLOW_FAULT`.
            pub fn name(self) -> &'static str {
                match self { $(Point::$variant => $name,)* }
            }
        }
    };
}

points! {
    FetchGrown "fetch-grown" "More of a source that is downloaded is on the disk.";
    FetchFlushed "fetch-flushed" "All of it is on the disk, under the name of a part.";
    FetchPlaced "fetch-placed" "It is in its place, nobody remembers from where.";
    LockTaken "lock-taken" "The lock is ours, nothing is written yet.";
    FenceRaised "fence-raised" "Our fence number is on the disk.";
    RunJournaled "run-journaled" "The journal says that a run started.";
    WorkMade "work-made" "The private work folder is there.";
    MarksWritten "marks-written" "Marks lie in the work folder.";
    JobPrepared "job-prepared" "Places are cleared, the process is not started.";
    ProcessStarted "process-started" "A process runs and is in the journal.";
    ProcessEnded "process-ended" "A process ended, nothing is verified.";
    Verified "verified" "An artefact is verified, nothing is kept.";
    KeepLinked "keep-linked" "An artefact's files are in the store, without a record.";
    KeepRecorded "keep-recorded" "The record is written and flushed, not in its place.";
    Kept "kept" "An artefact is in the store.";
    KeptJournaled "kept-journaled" "The journal says so.";
    Finished "finished" "A package was finished by us after its process.";
    KeyMade "key-made" "A content key is on the disk.";
    PublishFlushed "publish-flushed" "The files of an output are on the disk.";
    PublishAnnounced "publish-announced" "The manifest announces them, none is in place.";
    PublishPlaced "publish-placed" "One of them is in place.";
    PublishAllPlaced "publish-all-placed" "All are in place, the manifest does not know.";
    StaleRemoved "stale-removed" "What an earlier run made and this one did not is gone.";
    PublishConfirmed "publish-confirmed" "The manifest confirms them.";
    PublishJournaled "publish-journaled" "The journal says so, nobody was told.";
    WriteBeside "write-beside" "A state file is written beside the old one.";
    WriteRenamed "write-renamed" "A state file replaced the old one.";
    ResultWritten "result-written" "The summary lies in the work folder.";
    LetterPosted "letter-posted" "The notification is in the outbox, nobody was told.";
    RunEnded "run-ended" "Everything is done, the journal does not say so.";
    EndJournaled "end-journaled" "The journal says so; the work folder is still there.";
    LetterAccepted "letter-accepted" "The receiver has the notification; it is still in the outbox.";
    RecoveryFound "recovery-found" "A publication was found half done.";
    RecoveryPlaced "recovery-placed" "One of its files was put in place.";
    RecoveryDone "recovery-done" "The manifest confirms it.";
    WorkRemoved "work-removed" "Work folders of dead runs are gone.";
}

/// Passes a point. Without a fault nothing happens.
#[cfg(any(debug_assertions, feature = "fault-points"))]
pub fn pass(point: Point) -> io::Result<()> {
    armed::pass(point)
}

/// Passes a point: nothing happens.
#[cfg(not(any(debug_assertions, feature = "fault-points")))]
#[inline(always)]
pub fn pass(_: Point) -> io::Result<()> {
    Ok(())
}

#[cfg(any(debug_assertions, feature = "fault-points"))]
mod armed {
    use super::Point;
    use rustix::process::{Signal, getpid, kill_process};
    use std::io::{self, Write};
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    struct Fault {
        point: String,
        hit: u32,
        action: String,
    }

    static FAULT: LazyLock<Option<Fault>> = LazyLock::new(|| {
        let text = std::env::var("VODFLOW_FAULT").ok()?;
        let (place, action) = text.split_once('=')?;
        let (point, hit) = place.split_once(':').unwrap_or((place, "1"));
        Some(Fault { point: point.to_owned(), hit: hit.parse().ok()?, action: action.to_owned() })
    });
    static TRACE: LazyLock<Option<std::ffi::OsString>> = LazyLock::new(|| std::env::var_os("VODFLOW_FAULT_TRACE"));
    static PASSED: AtomicU32 = AtomicU32::new(0);

    pub(super) fn pass(point: Point) -> io::Result<()> {
        if let Some(path) = &*TRACE {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
            file.write_all(format!("{}\n", point.name()).as_bytes())?;
        }
        let Some(fault) = FAULT.as_ref().filter(|fault| fault.point == point.name()) else { return Ok(()) };
        if PASSED.fetch_add(1, Ordering::SeqCst) + 1 != fault.hit {
            return Ok(());
        }
        match fault.action.as_str() {
            "kill" => kill_process(getpid(), Signal::KILL)?,
            "stop" => kill_process(getpid(), Signal::STOP)?,
            "delay" => std::thread::sleep(Duration::from_secs(1)),
            "eio" => return Err(rustix::io::Errno::IO.into()),
            "enospc" => return Err(rustix::io::Errno::NOSPC.into()),
            other => return Err(io::Error::other(format!("no action `{other}` for fault points"))),
        }
        Ok(())
    }
}
