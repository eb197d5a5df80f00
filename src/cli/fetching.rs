//! Sources that are given by their addresses: fetched, and what is said meanwhile.

use super::Global;
use super::out::Out;
use super::session::{self, Failure, Form};
use crate::diag::{Diagnostic, codes, message};
use crate::fetch::{Address, AllowedHost, Fetcher, Kept, Step};
use crate::limits::Limits;
use crate::units::Bytes;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A source as a file.
pub struct Local {
    /// Where it is.
    pub path: PathBuf,
    /// What it was fetched from, for people.
    pub address: Option<String>,
    /// While it lives, the file stays.
    pub kept: Option<Kept>,
}

/// Whether a source is given by its address. What is there as a file is a file.
pub fn address(input: &Path) -> Option<&str> {
    input.to_str().filter(|text| Address::is_meant(text) && !input.exists())
}

/// A source for people and programs: an address without what may be secret in it.
pub fn shown(input: &Path) -> String {
    let fetched = address(input).and_then(|text| Address::read(text).ok());
    fetched.map_or_else(|| input.to_string_lossy().into_owned(), |address| address.shown())
}

/// The name of the file that a source is or will be.
pub fn file_name(input: &Path) -> PathBuf {
    let fetched = address(input).and_then(|text| Address::read(text).ok());
    fetched.map_or_else(|| input.to_owned(), |address| PathBuf::from(address.file_name()))
}

/// The file of a source; one that is given by its address is fetched first.
pub fn local(global: &Global, limits: &Limits, input: &Path, out: &Out, form: Form) -> Result<Local, Failure> {
    let Some(text) = address(input) else {
        return Ok(Local { path: input.to_owned(), address: None, kept: None });
    };
    let address = Address::read(text).map_err(Failure::plain)?;
    let shown = address.shown();
    let tell = |step: &Step<'_>| tell(&shown, step, out, form);
    let folder = folder().map_err(Failure::plain)?;
    let fetcher = Fetcher::new(&folder, allowed(global)?, limits, &tell).map_err(Failure::plain)?;
    let kept = fetcher.fetch(&address).map_err(Failure::plain)?;
    Ok(Local { path: kept.path.clone(), address: Some(shown.clone()), kept: Some(kept) })
}

fn allowed(global: &Global) -> Result<Vec<AllowedHost>, Failure> {
    let read = |text: &String| {
        AllowedHost::read(text).ok_or_else(|| {
            let problem = Diagnostic::new(&codes::INVALID_OPTION, message!("`{}` is no host", text));
            let help = message!("write `--allow-host HOST` or `--allow-host HOST:PORT`");
            Failure::plain(problem.with_help(help))
        })
    };
    global.allow_host.iter().map(read).collect()
}

fn folder() -> Result<PathBuf, Diagnostic> {
    session::cache_folder().map(|cache| cache.join("fetched")).ok_or_else(|| {
        let problem = message!("there is no folder for downloads: neither XDG_CACHE_HOME nor HOME is set");
        Diagnostic::new(&codes::SOURCE_NOT_FETCHED, problem).with_help(message!("set XDG_CACHE_HOME to a folder"))
    })
}

fn tell(shown: &str, step: &Step<'_>, out: &Out, form: Form) {
    if form == Form::JsonLines {
        return out.json_line(&event(shown, step));
    }
    if form == Form::Json {
        return;
    }
    let name = shown.to_owned();
    let size = |bytes: u64| Bytes(bytes).to_string();
    match step {
        Step::Begun { length: Some(length), there: 0 } => {
            out.say(&message!("downloading `{}`, {}", name, size(*length)));
        }
        Step::Begun { length: None, there: 0 } => out.say(&message!("downloading `{}`", name)),
        Step::Begun { there, .. } => out.say(&message!("downloading `{}`, going on after {}", name, size(*there))),
        Step::Tenth(10) | Step::Unchanged { .. } => {}
        Step::Tenth(tenth) => out.say(&message!("{}% downloaded", (tenth * 10).to_string())),
        Step::Again { problem, pause } => {
            let pause = format!("{:.1}", pause.as_secs_f64());
            out.say(&message!("{}; trying again in {} s", problem.message.clone(), pause));
        }
        Step::Done { bytes } => out.say(&message!("downloaded, {}", size(*bytes))),
    }
}

fn event(shown: &str, step: &Step<'_>) -> Value {
    match step {
        Step::Begun { length, there } => {
            json!({ "event": "fetch_started", "source": shown, "length": length, "there": there })
        }
        Step::Tenth(tenth) => {
            json!({ "event": "fetch_progress", "source": shown, "fraction": *tenth as f64 / 10.0 })
        }
        Step::Again { problem, pause } => json!({
            "event": "fetch_failed",
            "source": shown,
            "code": problem.code.id,
            "reason": problem.message.to_string(),
            "again_after": pause.as_secs_f64(),
        }),
        Step::Done { bytes } => json!({ "event": "fetch_done", "source": shown, "bytes": bytes, "unchanged": false }),
        Step::Unchanged { bytes } => {
            json!({ "event": "fetch_done", "source": shown, "bytes": bytes, "unchanged": true })
        }
    }
}
