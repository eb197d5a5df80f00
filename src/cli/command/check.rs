//! `vodflow check`: everything that is wrong with procedures.

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::Failure;
use crate::cli::what::{self, What};
use crate::diag::{Diagnostics, Language, Message, Severity, message, to_json};
use crate::driver::{Compiler, Entry};
use crate::text::SourceMap;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

/// Arguments of `check`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow check publish.vod brand.vod\n  vodflow check --expr 'QCVB_SimpleProcessFile(1,0,0,0)'\n  vodflow check publish.vod --format json"
)]
pub struct Arguments {
    /// Procedure files; `-` is standard input
    #[arg(required_unless_present = "expr", value_name = "FILE")]
    files: Vec<String>,
    /// Check a call instead
    #[arg(long, value_name = "CALL")]
    expr: Vec<String>,
    /// How to say what was found
    #[arg(long, default_value = "human", value_name = "FORMAT")]
    format: CheckFormat,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum CheckFormat {
    /// For people, on stderr
    Human,
    /// For programs, on stdout
    Json,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let compiler = Compiler::new();
    let files = arguments
        .files
        .iter()
        .map(|file| if file == "-" { What::Stdin } else { What::File(file.into(), Entry::Nothing) });
    let calls = arguments.expr.iter().map(|call| What::Call(call.clone()));
    let found: Vec<Failure> = files
        .chain(calls)
        .map(|what| match what::check(&compiler, &what) {
            Ok(checked) => Failure { diagnostics: checked.diagnostics, sources: checked.sources },
            Err(diagnostic) => Failure::plain(diagnostic),
        })
        .collect();
    match arguments.format {
        CheckFormat::Json => out.json(&merged(&found, out.language())),
        CheckFormat::Human => {
            found.iter().for_each(|found| out.diagnostics(&found.diagnostics, &found.sources));
            out.say(&verdict(&found));
        }
    }
    found.iter().map(|found| Exit::of(&found.diagnostics)).find(|exit| *exit != Exit::Done).unwrap_or(Exit::Done)
}

/// One document for all files.
fn merged(found: &[Failure], language: Language) -> Value {
    let mut document = to_json(&Diagnostics::default(), &SourceMap::default(), language);
    let lists = found
        .iter()
        .filter_map(|found| to_json(&found.diagnostics, &found.sources, language)["diagnostics"].as_array().cloned());
    document["diagnostics"] = json!(lists.flatten().collect::<Vec<_>>());
    document
}

fn verdict(found: &[Failure]) -> Message {
    let count = |severity| {
        found.iter().flat_map(|found| found.diagnostics.iter()).filter(|one| one.severity() == severity).count()
    };
    match (count(Severity::Error), count(Severity::Warning), found.len()) {
        (0, 0, 1) => message!("1 procedure checked, nothing to say"),
        (0, 0, procedures) => message!("{} procedures checked, nothing to say", procedures),
        (errors, warnings, _) => message!("{}, {}", counted_errors(errors), counted_warnings(warnings)),
    }
}

fn counted_errors(count: usize) -> Message {
    if count == 1 { message!("1 error") } else { message!("{} errors", count) }
}

fn counted_warnings(count: usize) -> Message {
    if count == 1 { message!("1 warning") } else { message!("{} warnings", count) }
}
