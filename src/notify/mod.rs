//! Delivers notifications: signed, again and again for a while, at least once (`reliability.md` R37).

mod sign;

pub use sign::Secret;

use crate::http::{self, Reach};
use crate::process::Cancellation;
use crate::store::{Letter, Outbox};
use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use ureq::Agent;

/// After this an attempt has failed.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The pause after the first attempt; each is twice as long as the one before, give or take a half.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Pauses never get longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// Of an answer no more is read; nothing in it matters.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Why a letter stays in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It may only go out signed, and there is no secret.
    NoSecret,
    /// Its address belongs to a private network.
    Refused,
    /// The receiver answered with this status.
    Status(u16),
    /// There was no answer, and why.
    Unreachable(String),
    /// The receiver did not take one before it.
    After,
    /// The run was interrupted.
    Interrupted,
    /// It is delivered, and could not be taken out of the outbox; it will be delivered again.
    NotRemoved(String),
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// Host and port that it is for.
    pub receiver: String,
    /// How often it was sent.
    pub attempts: u32,
    /// Why it is not done with; `None` when the receiver has it.
    pub waiting: Option<Reason>,
}

/// Carries letters to their receivers.
pub struct Courier<'a> {
    agent: Agent,
    secret: Option<Secret>,
    patience: Duration,
    cancel: &'a Cancellation,
    /// Receivers that did not take a letter: one that is down delays nobody twice.
    down: BTreeSet<String>,
}

impl<'a> Courier<'a> {
    /// One who waits for each receiver at most as long as `patience`, and not at all once `cancel` is told.
    pub fn new(reach: Reach, secret: Option<Secret>, patience: Duration, cancel: &'a Cancellation) -> Self {
        Courier { agent: http::agent(reach, ATTEMPT), secret, patience, cancel, down: BTreeSet::new() }
    }

    /// Delivers what lies in an outbox, the oldest first, then what could not be laid there.
    pub fn empty(&mut self, outbox: Option<&Outbox>, unsaved: Option<&Letter>) -> io::Result<Vec<Delivery>> {
        let mut deliveries = Vec::new();
        if let Some(outbox) = outbox {
            for letter in outbox.letters()? {
                let mut delivery = self.deliver(&letter);
                if delivery.waiting.is_none() {
                    delivery.waiting = outbox.remove(&letter).err().map(|error| Reason::NotRemoved(error.to_string()));
                }
                deliveries.push(delivery);
            }
        }
        deliveries.extend(unsaved.map(|letter| self.deliver(letter)));
        Ok(deliveries)
    }

    fn deliver(&mut self, letter: &Letter) -> Delivery {
        // An address that is none was refused before it was written down.
        let receiver = http::receiver(&letter.url).unwrap_or_default();
        let (attempts, waiting) = if letter.signed && self.secret.is_none() {
            (0, Some(Reason::NoSecret))
        } else if self.down.contains(&receiver) {
            (0, Some(Reason::After))
        } else {
            self.insist(letter)
        };
        if !matches!(waiting, None | Some(Reason::NoSecret)) {
            self.down.insert(receiver.clone());
        }
        Delivery { id: letter.id.clone(), receiver, attempts, waiting }
    }

    /// Tries until it is taken or patience is over; gives how often, and the last reason.
    fn insist(&self, letter: &Letter) -> (u32, Option<Reason>) {
        let end = Instant::now() + self.patience;
        let mut pause = FIRST_PAUSE;
        for attempts in 1.. {
            let Err(reason) = self.try_once(letter) else { return (attempts, None) };
            let now = Instant::now();
            let until = now + scattered(pause);
            if reason == Reason::Refused || until > end || !self.wait(until) {
                return (attempts, Some(reason));
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        (u32::MAX, Some(Reason::Interrupted))
    }

    fn try_once(&self, letter: &Letter) -> Result<(), Reason> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut request = self
            .agent
            .post(&letter.url)
            .header("Content-Type", "application/json")
            .header("Vodflow-Event-Id", &letter.id)
            .header("Vodflow-Timestamp", seconds.to_string());
        if let Some(secret) = &self.secret {
            request = request.header("Vodflow-Signature", secret.signature(seconds, &letter.body));
        }
        let mut answer = match request.send(letter.body.as_bytes()) {
            Ok(answer) => answer,
            Err(error) if http::is_refused(&error) => return Err(Reason::Refused),
            Err(error) => return Err(Reason::Unreachable(error.to_string())),
        };
        // Read so that the receiver can finish; that it cannot is its own affair.
        let _ = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec();
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(Reason::Status(status.as_u16())) }
    }

    /// Waits; `false` when that was cut short.
    fn wait(&self, until: Instant) -> bool {
        while Instant::now() < until {
            if self.cancel.is_cancelled() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20).min(until.saturating_duration_since(Instant::now())));
        }
        !self.cancel.is_cancelled()
    }
}

/// Half to one and a half of a pause, so that many who failed together do not come back together.
fn scattered(pause: Duration) -> Duration {
    let mut byte = [128];
    // Without randomness the pause is as it is.
    let _ = getrandom::fill(&mut byte);
    pause.mul_f64(0.5 + f64::from(byte[0]) / 256.0)
}
