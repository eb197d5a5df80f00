//! `vodflow notify`: delivers the events that wait in output folders.

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::reporting::{self, Delivering};
use crate::cli::session::{Failure, Form};
use crate::cli::stop::Stop;
use crate::diag::{Diagnostic, codes, io_words, message};
use crate::notify::Delivery;
use crate::store::Outbox;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Arguments of `notify`.
#[derive(Args)]
#[command(after_help = "Examples:\n  vodflow notify out/\n  vodflow notify out/a out/b --notify-patience 5min")]
pub struct Arguments {
    /// The output folders
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    delivery: Delivering,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let form = if arguments.json { Form::Json } else { Form::People };
    send(arguments, out).unwrap_or_else(|failure| failure.report(out, form))
}

fn send(arguments: &Arguments, out: &Out) -> Result<Exit, Failure> {
    let stop = Stop::listen();
    let _busy = stop.busy();
    let mut courier = arguments.delivery.courier(&stop.cancellation)?;
    let mut all: Vec<Delivery> = Vec::new();
    for folder in &arguments.folders {
        let unreadable = |error| unreadable(folder, &error);
        let outbox = Outbox::of(folder).map_err(unreadable)?;
        let deliveries = courier.empty(outbox.as_ref(), None).map_err(unreadable)?;
        if !arguments.json {
            reporting::tell(&deliveries, folder, out, Form::People);
        }
        all.extend(deliveries);
    }
    let waiting = all.iter().filter(|delivery| delivery.waiting.is_some()).count();
    if arguments.json {
        let list: Vec<_> = all.iter().map(reporting::event).collect();
        out.json(&json!({ "schema_version": 1, "kind": "notifications", "notifications": list }));
    } else {
        out.result(&format!("{} delivered, {waiting} waiting\n", all.len() - waiting));
    }
    Ok(stop.exit().unwrap_or(if waiting > 0 { Exit::OutputFailed } else { Exit::Done }))
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    let place = folder.display().to_string();
    let what = message!("the folder `{}` cannot be read: {}", place, io_words(error));
    Failure::plain(Diagnostic::new(&codes::OUTPUT_UNWRITABLE, what))
}
