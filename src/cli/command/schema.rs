//! `vodflow schema`: the JSON Schema of a form.

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::driver;
use clap::{Args, ValueEnum};

/// Arguments of `schema`.
#[derive(Args)]
#[command(after_help = "Examples:\n  vodflow schema > vodflow.schema.json\n  vodflow schema json-v2")]
pub struct Arguments {
    /// The form: json-v3 or json-v2
    #[arg(value_name = "FORM", default_value = "json-v3", hide_possible_values = true)]
    form: SchemaForm,
}

/// A form that has a schema.
#[derive(Clone, Copy, ValueEnum)]
enum SchemaForm {
    /// Bodies of the current generation of the API
    JsonV3,
    /// Bodies of the first generation
    JsonV2,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let form = match arguments.form {
        SchemaForm::JsonV3 => driver::Form::JsonV3,
        SchemaForm::JsonV2 => driver::Form::JsonV2,
    };
    if let Some(schema) = driver::schema(form) {
        out.json(&schema);
    }
    Exit::Done
}
