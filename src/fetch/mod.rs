//! Downloads sources: only from addresses that may be asked, within limits, resumed after a cut, not again if unchanged.
//!
//! ffmpeg never sees an address (`reliability.md` R4, R5, R36). What was downloaded lies under the identity of its
//! content and is a file like any other from then on.

mod address;
mod answer;
mod receive;
mod shelf;

pub use crate::http::AllowedHost;
pub use address::Address;
pub use shelf::Kept;

use crate::diag::{Code, Diagnostic, Message, codes, io_words, message};
use crate::http::{self, Reach};
use crate::limits::{Limits, MEBIBYTE};
use shelf::{Part, Record, Shelf};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};
use ureq::Agent;

/// The pause after the first attempt that brought nothing; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Pauses never get longer, whatever a server asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How far a download is.
#[derive(Debug)]
pub enum Step<'a> {
    /// Bytes come now.
    Begun {
        /// How many there will be, if the server says so.
        length: Option<u64>,
        /// How many were there already.
        there: u64,
    },
    /// Another tenth of a length that is known, and long, is there.
    Tenth(u64),
    /// An attempt failed; there will be another one.
    Again {
        /// Why.
        problem: &'a Diagnostic,
        /// After how long.
        pause: Duration,
    },
    /// It is whole.
    Done {
        /// Its size.
        bytes: u64,
    },
    /// What was downloaded before is still right.
    Unchanged {
        /// Its size.
        bytes: u64,
    },
}

/// Downloads sources into a folder.
pub struct Fetcher<'a> {
    agent: Agent,
    allowed: Vec<AllowedHost>,
    limits: &'a Limits,
    shelf: Shelf,
    tell: &'a dyn Fn(&Step<'_>),
}

/// Why an attempt failed.
enum Trouble {
    /// Trying again does not help.
    Final(Diagnostic),
    /// It may pass, sooner than after so long only if the server says nothing.
    Passing(Diagnostic, Duration),
}

impl Trouble {
    fn passing(diagnostic: Diagnostic) -> Self {
        Trouble::Passing(diagnostic, Duration::ZERO)
    }
}

/// What an attempt came to.
enum Got {
    Whole,
    Unchanged,
}

impl<'a> Fetcher<'a> {
    /// One that keeps downloads in `folder`, and asks `allowed` hosts though they are not public.
    pub fn new(
        folder: &Path,
        allowed: Vec<AllowedHost>,
        limits: &'a Limits,
        tell: &'a dyn Fn(&Step<'_>),
    ) -> Result<Self, Diagnostic> {
        let agent = http::patient_agent(Reach::PublicAnd(allowed.clone()), Duration::from_secs(limits.fetch_pace));
        let shelf = Shelf::open(folder).map_err(|error| unkept(&error))?;
        Ok(Fetcher { agent, allowed, limits, shelf, tell })
    }

    /// Makes the file behind an address one that lies here.
    pub fn fetch(&self, address: &Address) -> Result<Kept, Diagnostic> {
        // Another run that downloads the same is waited for; what it brings is right for us too.
        let mut part = self.shelf.part(address).map_err(|error| unkept(&error))?;
        let (record, kept) = self.shelf.find(address).unzip();
        match self.insist(address, &mut part, record.as_ref()) {
            Ok(Got::Whole) => {
                let kept = self.shelf.place(address, part).map_err(|error| unkept(&error))?;
                self.shelf.tidy(self.limits.fetched_mebibytes.saturating_mul(MEBIBYTE));
                (self.tell)(&Step::Done { bytes: std::fs::metadata(&kept.path).map_or(0, |data| data.len()) });
                Ok(kept)
            }
            Ok(Got::Unchanged) => {
                part.discard();
                let (Some(record), Some(kept)) = (record, kept) else {
                    return Err(failed(address, message!("`{}` gives nothing", address.shown())));
                };
                // That it was of use is worth knowing, and nothing more.
                let _ = self.shelf.remember(address, &record);
                (self.tell)(&Step::Unchanged { bytes: record.size });
                Ok(kept)
            }
            Err(problem) => {
                if part.begun.safe == 0 {
                    part.discard();
                }
                Err(problem)
            }
        }
    }

    /// Tries again while that may help. Attempts count only while none brings more than there was.
    fn insist(&self, address: &Address, part: &mut Part, known: Option<&Record>) -> Result<Got, Diagnostic> {
        let end = Instant::now() + Duration::from_secs(self.limits.fetch_seconds);
        let (mut failures, mut farthest) = (0_u32, part.begun.safe);
        loop {
            let (problem, wish) = match self.try_once(address, part, known, end) {
                Ok(got) => return Ok(got),
                Err(Trouble::Final(problem)) => return Err(problem),
                Err(Trouble::Passing(problem, wish)) => (problem, wish),
            };
            if part.begun.safe >= farthest.saturating_add(MEBIBYTE) {
                failures = 0;
            }
            farthest = farthest.max(part.begun.safe);
            failures += 1;
            let pause = (FIRST_PAUSE * (1 << (failures - 1).min(10))).max(wish).min(LONGEST_PAUSE);
            if u64::from(failures) >= self.limits.fetch_attempts || Instant::now() + pause >= end {
                return Err(problem);
            }
            (self.tell)(&Step::Again { problem: &problem, pause });
            std::thread::sleep(pause);
        }
    }
}

/// E0416 for an address.
fn failed(address: &Address, problem: Message) -> Diagnostic {
    let help = message!("check `{}` with another program", address.shown());
    Diagnostic::new(&codes::SOURCE_NOT_FETCHED, problem).with_help(help)
}

/// E0405: a limit of downloads.
fn over(limit: &str, problem: Message) -> Diagnostic {
    let help = message!("a source that is sound may have more with `--max {}=…`", limit);
    Diagnostic::new(&codes::SOURCE_LIMIT, problem).with_help(help)
}

/// That the folder of downloads does not take what is to be kept.
fn unkept(error: &io::Error) -> Diagnostic {
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let code: &'static Code = if is_full { &codes::NO_SPACE } else { &codes::SOURCE_NOT_FETCHED };
    let problem = message!("the folder of downloads cannot be written: {}", io_words(error));
    Diagnostic::new(code, problem).with_help(message!("make room, or set XDG_CACHE_HOME to a folder on another disk"))
}
