//! `vodflow convert`: a procedure in another form.

use crate::cli::Global;
use crate::cli::exit::Exit;
use crate::cli::flows::Flows;
use crate::cli::out::Out;
use crate::cli::session::Failure;
use crate::cli::what::{self, What};
use crate::driver::{Compiler, Form};
use clap::{Args, ValueEnum};

/// Arguments of `convert`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow convert course.json --to vod\n  vodflow convert ladder.lua --to vod\n  vodflow convert publish.vod --to json-v3 > publish.json\n  vodflow convert 'QCVB_SimpleProcessFile({10,20},0,10,10)' --to json-v2\n\nCalls are expanded. What the form has no word for is reported, and then nothing is written (exit code 3)."
)]
pub struct Arguments {
    /// A procedure file, FILE:procedure(arguments), a preset call, or `-`
    #[arg(value_name = "WHAT")]
    what: String,
    /// The form: vod, json-v2 or json-v3
    #[arg(long, value_name = "FORM", hide_possible_values = true)]
    to: FormChoice,
}

/// A form as the command line names it.
#[derive(Clone, Copy, ValueEnum)]
pub enum FormChoice {
    /// The language
    Vod,
    /// Request bodies of the first generation
    JsonV2,
    /// Request bodies of the current generation
    JsonV3,
}

impl FormChoice {
    /// The form meant.
    pub fn form(self) -> Form {
        match self {
            FormChoice::Vod => Form::Vod,
            FormChoice::JsonV2 => Form::JsonV2,
            FormChoice::JsonV3 => Form::JsonV3,
        }
    }
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let compiler = Compiler::new();
    let flows = Flows::of(global.flows.as_deref());
    let converted = match what::convert(&compiler, &What::read(&arguments.what), arguments.to.form(), &flows) {
        Ok(converted) => converted,
        Err(diagnostic) => {
            let failure = Failure::plain(diagnostic);
            out.diagnostics(&failure.diagnostics, &failure.sources);
            return Exit::of(&failure.diagnostics);
        }
    };
    out.diagnostics(&converted.diagnostics, &converted.sources);
    if let Some(text) = &converted.text {
        out.text(text);
    }
    Exit::of(&converted.diagnostics)
}
