//! One request: what is asked, where it leads, and what the answer says about itself.

use super::shelf::{Part, Record, Version};
use super::{Address, Fetcher, Got, LONGEST_PAUSE, Trouble, failed, over, unkept};
use crate::diag::{Diagnostic, Message, codes, io_words, message};
use crate::http;
use crate::units::Bytes;
use std::time::{Duration, Instant};
use ureq::Body;
use ureq::http::{HeaderMap, Response, StatusCode};

/// Left free on the disk, for others.
const MARGIN: u64 = 16 << 20;

impl Fetcher<'_> {
    /// Asks once, for what is missing or for all of it.
    pub(super) fn try_once(
        &self,
        address: &Address,
        part: &mut Part,
        known: Option<&Record>,
        end: Instant,
    ) -> Result<Got, Trouble> {
        let from = resumes_at(part);
        let asked = headers(part, known, from);
        let (address, mut answer) = self.ask(address, &asked, end)?;
        let status = answer.status();
        match status.as_u16() {
            304 if from == 0 && known.is_some() => return Ok(Got::Unchanged),
            200 => self.begin(&address, part, &answer)?,
            206 if from > 0 => {
                if let Err(changed) = goes_on(&address, part, answer.headers(), from) {
                    part.restart(Version::default(), None).map_err(kept_out)?;
                    return Err(Trouble::passing(changed));
                }
                part.resume(from).map_err(kept_out)?;
            }
            // What is there is not what the server has any more.
            416 if from > 0 => {
                part.restart(Version::default(), None).map_err(kept_out)?;
                return Err(Trouble::passing(changed(&address)));
            }
            _ => return Err(refusal(&address, status, answer.headers())),
        }
        let from = if status == StatusCode::PARTIAL_CONTENT { from } else { 0 };
        self.receive(&address, part, &mut answer.body_mut().as_reader(), from, end)?;
        Ok(Got::Whole)
    }

    /// Follows redirects by ourselves, so that every address is judged.
    fn ask(
        &self,
        address: &Address,
        headers: &[(&'static str, String)],
        end: Instant,
    ) -> Result<(Address, Response<Body>), Trouble> {
        let mut at = address.clone();
        for _ in 0..=self.limits.fetch_redirects {
            at.check(&self.allowed).map_err(Trouble::Final)?;
            let rest = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let mut request = self.agent.get(at.uri()).header("Accept-Encoding", "identity");
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            let answer = request.config().timeout_global(Some(rest)).build().call();
            let answer = answer.map_err(|error| self.unanswered(&at, error, end))?;
            if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok((at, answer));
            }
            let location = text(answer.headers(), "location").unwrap_or_default();
            at = at.follow(&location).map_err(Trouble::Final)?;
        }
        let most = self.limits.fetch_redirects.to_string();
        let problem = message!("`{}` leads on to more than {} other addresses", address.shown(), most);
        Err(Trouble::Final(over("fetch-redirects", problem)))
    }

    /// Judges a whole answer and begins the part anew with it.
    fn begin(&self, address: &Address, part: &mut Part, answer: &Response<Body>) -> Result<(), Trouble> {
        let headers = answer.headers();
        if let Some(coding) = text(headers, "content-encoding").filter(|coding| coding != "identity") {
            let problem = message!("`{}` sends the file packed as `{}`", address.shown(), coding);
            return Err(Trouble::Final(failed(address, problem)));
        }
        let length = answer.body().content_length();
        if let Some(length) = length {
            self.fits(address, length).map_err(Trouble::Final)?;
        }
        let version = Version { tag: text(headers, "etag"), modified: text(headers, "last-modified") };
        part.restart(version, length).map_err(kept_out)
    }

    /// Whether so many bytes are allowed and find room.
    fn fits(&self, address: &Address, length: u64) -> Result<(), Diagnostic> {
        if length > self.limits.source_bytes {
            return Err(self.too_large(address, length));
        }
        match self.shelf.free_space() {
            Some(free) if free < length.saturating_add(MARGIN) => {
                let (need, free) = (Bytes(length).to_string(), Bytes(free).to_string());
                let problem =
                    message!("`{}` has {}, and the disk for downloads has {} free", address.shown(), need, free);
                let help = message!("make room, or set XDG_CACHE_HOME to a folder on another disk");
                Err(Diagnostic::new(&codes::NO_SPACE, problem).with_help(help))
            }
            _ => Ok(()),
        }
    }

    /// E0405: more bytes than a source may have.
    pub(super) fn too_large(&self, address: &Address, bytes: u64) -> Diagnostic {
        let (size, most) = (Bytes(bytes).to_string(), Bytes(self.limits.source_bytes).to_string());
        over("source-bytes", message!("`{}` has {} or more; the limit is {}", address.shown(), size, most))
    }

    /// Why there was no answer.
    fn unanswered(&self, address: &Address, error: ureq::Error, end: Instant) -> Trouble {
        let shown = address.shown();
        if http::is_refused(&error) {
            return Trouble::Final(address.refused(message!("`{}` is an address of a private network", shown)));
        }
        match error {
            ureq::Error::Timeout(_) => self.too_slow(address, end),
            ureq::Error::Io(error) => {
                let unreachable = failed(address, message!("`{}` cannot be reached: {}", shown, io_words(&error)));
                // A name that nobody knows is a mistake of the address; one that nobody can ask for now may pass.
                let words = error.to_string();
                let unknown = words.contains("failed to lookup") && !words.contains("Temporary");
                if unknown { Trouble::Final(unreachable) } else { Trouble::passing(unreachable) }
            }
            error @ (ureq::Error::HostNotFound | ureq::Error::ConnectionFailed) => {
                Trouble::passing(failed(address, message!("`{}` cannot be reached: {}", shown, error.to_string())))
            }
            error => Trouble::Final(failed(address, message!("`{}` cannot be fetched: {}", shown, error.to_string()))),
        }
    }

    /// E0405: nothing, or too little, came in time.
    pub(super) fn too_slow(&self, address: &Address, end: Instant) -> Trouble {
        let (shown, limits) = (address.shown(), self.limits);
        if Instant::now() >= end {
            let seconds = limits.fetch_seconds.to_string();
            return Trouble::Final(over("fetch-seconds", message!("`{}` did not come within {} s", shown, seconds)));
        }
        let seconds = limits.fetch_pace.to_string();
        let problem = message!("`{}` is too slow: less than a mebibyte in {} s", shown, seconds);
        Trouble::passing(over("fetch-pace", problem))
    }
}

/// Where a part goes on: nowhere without proof of its version. At least one byte is asked for, to hear whether the rest
/// is still right.
fn resumes_at(part: &Part) -> u64 {
    let begun = &part.begun;
    match (begun.version.proof(), begun.length) {
        (None, _) => 0,
        (Some(_), Some(length)) => begun.safe.min(length.saturating_sub(1)),
        (Some(_), None) => begun.safe,
    }
}

fn headers(part: &Part, known: Option<&Record>, from: u64) -> Vec<(&'static str, String)> {
    if let Some(proof) = part.begun.version.proof().filter(|_| from > 0) {
        return vec![("Range", format!("bytes={from}-")), ("If-Range", proof.to_owned())];
    }
    let version = known.map(|record| record.version.clone()).unwrap_or_default();
    match version {
        Version { tag: Some(tag), .. } => vec![("If-None-Match", tag)],
        Version { modified: Some(modified), .. } => vec![("If-Modified-Since", modified)],
        Version { .. } => Vec::new(),
    }
}

/// A header that is text of at most a kilobyte.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    // An address may be longer than anything else.
    (!value.is_empty() && value.len() <= 8192).then(|| value.to_owned())
}

/// An error unless a partial answer is the rest of what is there: its place, its whole, its version.
fn goes_on(address: &Address, part: &Part, headers: &HeaderMap, from: u64) -> Result<(), Diagnostic> {
    let range = text(headers, "content-range").unwrap_or_default();
    let (place, whole) = range.strip_prefix("bytes ").and_then(|range| range.split_once('/')).unwrap_or_default();
    let starts = place.split_once('-').and_then(|(start, _)| start.parse().ok()) == Some(from);
    let same_whole = whole.parse().ok() == part.begun.length || (whole == "*" && part.begun.length.is_none());
    let tag = text(headers, "etag");
    let same_tag = tag.is_none() || part.begun.version.tag.is_none() || tag == part.begun.version.tag;
    if starts && same_whole && same_tag { Ok(()) } else { Err(changed(address)) }
}

fn changed(address: &Address) -> Diagnostic {
    let problem = message!("`{}` changed while it was downloaded", address.shown());
    Diagnostic::new(&codes::SOURCE_CHANGED, problem)
        .with_help(message!("wait until the file is complete and run again"))
}

/// What a status means that brings no file.
fn refusal(address: &Address, status: StatusCode, headers: &HeaderMap) -> Trouble {
    let number = status.as_u16().to_string();
    let problem: Message = message!("`{}` answers with status {}", address.shown(), number);
    let problem = failed(address, problem);
    if !matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502..=504) {
        return Trouble::Final(problem);
    }
    let wish =
        text(headers, "retry-after").and_then(|text| text.parse().ok()).map_or(Duration::ZERO, Duration::from_secs);
    Trouble::Passing(problem, wish.min(LONGEST_PAUSE))
}

fn kept_out(error: std::io::Error) -> Trouble {
    Trouble::Final(unkept(&error))
}
