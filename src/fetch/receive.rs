//! The bytes of an answer: counted, looked at, timed, and written down.

use super::shelf::{Part, Version};
use super::{Address, Fetcher, Step, Trouble, unkept};
use crate::diag::{Diagnostic, codes, message};
use crate::limits::MEBIBYTE;
use crate::probe;
use crate::units::Bytes;
use std::io::{self, Read};
use std::time::{Duration, Instant};

/// As much as is looked at to tell what it is.
const HEAD: usize = 1024;
/// After so many bytes what is there is made safe.
const SAFE: u64 = 8 * MEBIBYTE;

impl Fetcher<'_> {
    /// Adds the bytes of an answer to a part, behind the first `from`, until all are there.
    pub(super) fn receive(
        &self,
        address: &Address,
        part: &mut Part,
        body: &mut impl Read,
        from: u64,
        end: Instant,
    ) -> Result<(), Trouble> {
        let mut count = from;
        (self.tell)(&Step::Begun { length: part.begun.length, there: from });
        let outcome = self.copy(address, part, body, &mut count, end);
        match &outcome {
            // Nothing of what is refused is kept.
            Err(Trouble::Final(problem)) if problem.code.id != codes::SOURCE_LIMIT.id || self.is_too_much(count) => {
                // It was refused already; what is left of it is taken away with the part.
                let _ = part.restart(Version::default(), None);
            }
            _ => part.flush(count).map_err(|error| Trouble::Final(unkept(&error)))?,
        }
        outcome
    }

    fn is_too_much(&self, count: u64) -> bool {
        count > self.limits.source_bytes
    }

    fn copy(
        &self,
        address: &Address,
        part: &mut Part,
        body: &mut impl Read,
        count: &mut u64,
        end: Instant,
    ) -> Result<(), Trouble> {
        let length = part.begun.length;
        let mut head = Head::of_all(*count, address);
        let mut pace = Pace::new(*count, Duration::from_secs(self.limits.fetch_pace));
        let mut buffer = vec![0; 64 << 10];
        let (mut safe, mut tenth) = (*count, tenths(*count, length));
        loop {
            let bytes = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(size) => &buffer[..size],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(address, error, *count, length, end)),
            };
            head.look(bytes).map_err(Trouble::Final)?;
            *count += bytes.len() as u64;
            if self.is_too_much(*count) {
                return Err(Trouble::Final(self.too_large(address, *count)));
            }
            part.write(bytes).map_err(|error| Trouble::Final(unkept(&error)))?;
            if *count >= safe + SAFE {
                part.flush(*count).map_err(|error| Trouble::Final(unkept(&error)))?;
                safe = *count;
            }
            if Instant::now() >= end || !pace.keeps(*count) {
                return Err(self.too_slow(address, end));
            }
            if tenths(*count, length) > tenth {
                tenth = tenths(*count, length);
                (self.tell)(&Step::Tenth(tenth));
            }
        }
        head.end().map_err(Trouble::Final)?;
        match length {
            Some(length) if length != *count => Err(Trouble::passing(incomplete(address, *count, Some(length)))),
            _ => Ok(()),
        }
    }

    /// What an answer that broke off means.
    fn broken(&self, address: &Address, error: io::Error, count: u64, length: Option<u64>, end: Instant) -> Trouble {
        match ureq::Error::from(error) {
            ureq::Error::Timeout(_) => self.too_slow(address, end),
            _ => Trouble::passing(incomplete(address, count, length)),
        }
    }
}

/// E0418: not all of it came.
fn incomplete(address: &Address, count: u64, length: Option<u64>) -> Diagnostic {
    let (shown, count) = (address.shown(), Bytes(count).to_string());
    let problem = match length {
        Some(length) => message!("`{}` ended after {} of {}", shown, count, Bytes(length).to_string()),
        None => message!("`{}` ended in its middle, after {}", shown, count),
    };
    Diagnostic::new(&codes::SOURCE_INCOMPLETE, problem).with_help(message!("run again: what is there is kept"))
}

/// What is smaller is there before anybody reads how far it is.
const WORTH_TELLING: u64 = 32 * MEBIBYTE;

fn tenths(count: u64, length: Option<u64>) -> u64 {
    length.filter(|length| *length >= WORTH_TELLING).map_or(0, |length| count.saturating_mul(10) / length)
}

/// The first bytes, judged as soon as there are enough of them.
struct Head<'a> {
    address: &'a Address,
    /// `None` once it was judged.
    bytes: Option<Vec<u8>>,
}

impl<'a> Head<'a> {
    /// Of an answer that begins behind so many bytes; only what begins at the beginning has a head.
    fn of_all(from: u64, address: &'a Address) -> Self {
        Head { address, bytes: (from == 0).then(Vec::new) }
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), Diagnostic> {
        let Some(head) = &mut self.bytes else { return Ok(()) };
        head.extend_from_slice(&bytes[..bytes.len().min(HEAD)]);
        if head.len() >= HEAD { self.judge() } else { Ok(()) }
    }

    fn judge(&mut self) -> Result<(), Diagnostic> {
        let head = self.bytes.take().unwrap_or_default();
        probe::check_head(&head[..head.len().min(HEAD)], &self.address.shown())
    }

    /// All bytes were seen.
    fn end(&mut self) -> Result<(), Diagnostic> {
        match &self.bytes {
            None => Ok(()),
            Some(head) if head.is_empty() => {
                Err(Diagnostic::new(&codes::SOURCE_EMPTY, message!("`{}` is empty", self.address.shown())))
            }
            Some(_) => self.judge(),
        }
    }
}

/// Whether each further mebibyte comes in time: a server that sends a byte now and then is never silent.
struct Pace {
    since: Instant,
    at: u64,
    limit: Duration,
}

impl Pace {
    fn new(at: u64, limit: Duration) -> Self {
        Pace { since: Instant::now(), at, limit }
    }

    fn keeps(&mut self, count: u64) -> bool {
        let now = Instant::now();
        if count >= self.at + MEBIBYTE {
            (self.since, self.at) = (now, count);
        }
        now.duration_since(self.since) <= self.limit
    }
}
