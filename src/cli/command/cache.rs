//! `vodflow cache`: the finished streams and pictures that an output folder keeps for later runs.

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::resources::bytes;
use crate::cli::session::{Failure, Form};
use crate::diag::{Diagnostic, codes, io_words, message};
use crate::store::{self, ShelfEntry};
use crate::units::Bytes;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Arguments of `cache`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow cache out/                what is kept, the longest unused first\n  vodflow cache out/ --keep 2GB     until no more than 2 GB is left\n  vodflow cache out/ --clear"
)]
pub struct Arguments {
    /// The output folder
    #[arg(value_name = "DIR")]
    out: PathBuf,
    /// Remove what was longest of no use until the rest takes at most this
    #[arg(long, value_name = "BYTES", value_parser = bytes, conflicts_with = "clear")]
    keep: Option<u64>,
    /// Remove everything that is kept; outputs stay
    #[arg(long)]
    clear: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let form = if arguments.json { Form::Json } else { Form::People };
    show(arguments, out).unwrap_or_else(|failure| failure.report(out, form))
}

fn show(arguments: &Arguments, out: &Out) -> Result<Exit, Failure> {
    let limit = if arguments.clear { Some(0) } else { arguments.keep };
    let removed = match limit {
        Some(limit) => store::prune(&arguments.out, limit).map_err(Failure::plain)?,
        None => (0, 0),
    };
    let kept = store::shelf(&arguments.out).map_err(|error| {
        let place = arguments.out.display().to_string();
        let what = message!("the folder `{}` cannot be read: {}", place, io_words(&error));
        Failure::plain(Diagnostic::new(&codes::OUTPUT_UNWRITABLE, what))
    })?;
    let total: u64 = kept.iter().map(|entry| entry.bytes).sum();
    if arguments.json {
        out.json(&json!({
            "schema_version": 1,
            "kind": "cache",
            "entries": kept,
            "bytes": total,
            "removed": { "entries": removed.0, "bytes": removed.1 },
        }));
        return Ok(Exit::Done);
    }
    let mut text: String = if limit.is_some() { String::new() } else { kept.iter().map(line).collect() };
    if limit.is_some() {
        text.push_str(&format!("removed {}, {}\n", removed.0, Bytes(removed.1)));
    }
    text.push_str(&format!("{} kept, {}\n", kept.len(), Bytes(total)));
    out.result(&text);
    Ok(Exit::Done)
}

fn line(entry: &ShelfEntry) -> String {
    format!("{}  {:>10}  used {} ago\n", entry.key, Bytes(entry.bytes).to_string(), ago(entry.used))
}

/// The largest unit that fits.
fn ago(nanoseconds: i64) -> String {
    let then = UNIX_EPOCH + Duration::from_nanos(nanoseconds.max(0).unsigned_abs());
    let seconds = SystemTime::now().duration_since(then).map_or(0, |since| since.as_secs());
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
