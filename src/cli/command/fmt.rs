//! `vodflow fmt`: brings procedure files into the usual layout.

use crate::cli::exit::Exit;
use crate::cli::files::{read_procedure, read_text, vod_files};
use crate::cli::out::Out;
use crate::cli::rewrite::{difference, replace};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::driver::{self, Laid};
use crate::explain::counted;
use crate::text::SourceMap;
use clap::Args;
use std::path::Path;

/// Arguments of `fmt`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow fmt publish.vod\n  vodflow fmt --check procedures/\n  vodflow fmt --diff publish.vod\n  vodflow fmt - < publish.vod\n\nExit codes: 1 `--check` found a file that is not in the usual layout; 3 a file has syntax errors (what can be\nread of it is laid out, the rest stays as it is) or cannot be read or written"
)]
pub struct Arguments {
    /// Procedure files, or folders with `.vod` files; `-` is standard input, printed to standard output
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Write nothing; list the files that would change, and end with 1 if there are any
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
}

/// What came of the files.
#[derive(Default)]
struct Tally {
    changed: usize,
    unchanged: usize,
    broken: usize,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let mut tally = Tally::default();
    for given in &arguments.files {
        if given == "-" {
            standard_input(arguments, out, &mut tally);
            continue;
        }
        match vod_files(Path::new(given)) {
            Ok(files) => files.iter().for_each(|file| one(file, arguments, out, &mut tally)),
            Err(problem) => fail(problem, out, &mut tally),
        }
    }
    out.note(&verdict(arguments, &tally));
    match tally {
        Tally { broken: 1.., .. } => Exit::Procedure,
        Tally { changed: 1.., .. } if arguments.check => Exit::Differs,
        _ => Exit::Done,
    }
}

fn standard_input(arguments: &Arguments, out: &Out, tally: &mut Tally) {
    match read_text(std::io::stdin().lock(), "<stdin>") {
        Ok(text) => {
            let laid = lay_out("<stdin>", &text, arguments, out, tally);
            if !arguments.check && !arguments.diff {
                out.text(&laid.formatted.text);
            }
        }
        Err(problem) => fail(problem, out, tally),
    }
}

fn one(file: &Path, arguments: &Arguments, out: &Out, tally: &mut Tally) {
    let text = match read_procedure(file) {
        Ok(text) => text,
        Err(problem) => return fail(problem, out, tally),
    };
    let laid = lay_out(&file.display().to_string(), &text, arguments, out, tally);
    if laid.formatted.changed
        && !arguments.check
        && !arguments.diff
        // A link stays one: the file that it leads to is replaced.
        && let Err(problem) =
            replace(&file.canonicalize().unwrap_or_else(|_| file.to_owned()), &text, &laid.formatted.text)
    {
        fail(problem, out, tally);
    }
}

/// Lays out a text and says what there is to say about it.
fn lay_out(name: &str, text: &str, arguments: &Arguments, out: &Out, tally: &mut Tally) -> Laid {
    let laid = driver::format(name, text);
    // What is only unusual is the business of `check`.
    let errors: Diagnostics =
        laid.diagnostics.iter().filter(|problem| problem.severity() == Severity::Error).cloned().collect();
    out.diagnostics(&errors, &laid.sources);
    if laid.diagnostics.has_errors() {
        tally.broken += 1;
    }
    if !laid.formatted.changed {
        tally.unchanged += 1;
        return laid;
    }
    tally.changed += 1;
    if arguments.check {
        out.result(&format!("{name}\n"));
    }
    if arguments.diff {
        out.result(&difference(name, text, &laid.formatted.text));
    }
    laid
}

fn fail(problem: Diagnostic, out: &Out, tally: &mut Tally) {
    out.diagnostics(&problem.into(), &SourceMap::default());
    tally.broken += 1;
}

fn verdict(arguments: &Arguments, tally: &Tally) -> String {
    let would = if arguments.check || arguments.diff { "would change" } else { "changed" };
    let mut words =
        vec![format!("{} {would}", counted(tally.changed, "file")), format!("{} unchanged", tally.unchanged)];
    if tally.broken > 0 {
        words.push(format!("{} with errors", tally.broken));
    }
    words.join(", ")
}
