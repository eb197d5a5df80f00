//! `vodflow calibrate`: measures what steps cost on this machine, so that plans say what they take.

use crate::calibration::{self, Measured};
use crate::cli::Global;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::{self, Failure, Form};
use crate::cli::stop::Stop;
use crate::diag::{Diagnostic, codes, io_words, message};
use clap::Args;
use serde_json::json;

/// Arguments of `calibrate`.
#[derive(Args)]
#[command(
    after_help = "It takes about ten seconds, on pictures of its own. Nothing else should be busy meanwhile.\nExamples:\n  vodflow calibrate\n  VODFLOW_MACHINE=prices.json vodflow calibrate"
)]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.json { Form::Json } else { Form::People };
    calibrate(global, out, form).unwrap_or_else(|failure| failure.report(out, form))
}

fn calibrate(global: &Global, out: &Out, form: Form) -> Result<Exit, Failure> {
    let tools = session::tools(global)?;
    let memory = session::memory(&session::target(&tools)?);
    let Some(place) = memory.place() else {
        let note = message!("there is no place for the prices of this machine");
        let help = message!("name a file in `VODFLOW_MACHINE`");
        return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)));
    };
    let unwritable = |error: &std::io::Error| {
        let note = message!("`{}` cannot be written: {}", &place.to_string_lossy().into_owned(), io_words(error));
        Failure::plain(Diagnostic::new(&codes::OUTPUT_UNWRITABLE, note))
    };
    let work = tempfile::tempdir().map_err(|error| unwritable(&error))?;
    let stop = Stop::listen();
    let _busy = stop.busy();
    let mut steps: Vec<Measured> = Vec::new();
    let measured = calibration::measure(&tools, work.path(), &stop.cancellation, &mut |step| {
        if form == Form::People {
            let ratio = format!("{}.{:02}", step.hundredths / 100, step.hundredths % 100);
            out.result(&format!("{:20}  {:>7}  {ratio:>5} of the reference\n", step.name, step.here.to_string()));
        }
        steps.push(step);
    });
    if let Some(stopped) = stop.exit() {
        return Ok(stopped);
    }
    let coefficients = measured.map_err(Failure::plain)?;
    memory.keep(&coefficients).map_err(|error| unwritable(&error))?;
    match form {
        Form::People => out.result(&format!("\nPrices of this machine are kept in {}.\n", place.display())),
        Form::Json | Form::JsonLines => out.json(&json!({
            "schema_version": 1,
            "kind": "calibration",
            "place": place,
            "steps": steps.iter().map(|step| json!({
                "name": step.name,
                "cpu_seconds": step.here.seconds(),
                "of_reference": step.hundredths as f64 / 100.0,
            })).collect::<Vec<_>>(),
            "coefficients": coefficients,
        })),
    }
    Ok(Exit::Done)
}
