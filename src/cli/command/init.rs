//! `vodflow init`: writes a first procedure that runs as it is, or one of the examples.

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::diag::{Diagnostic, codes, io_words, nearest};
use clap::Args;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Arguments of `init`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow init\n  vodflow init site/publish.vod --example publish\n  vodflow init --list"
)]
pub struct Arguments {
    /// The file to write; its folder must exist
    #[arg(default_value = "procedure.vod", value_name = "FILE")]
    file: PathBuf,
    /// Write this example instead of the first procedure
    #[arg(long, value_name = "NAME", conflicts_with = "list")]
    example: Option<String>,
    /// List the examples
    #[arg(long)]
    list: bool,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// A procedure that the program carries.
struct Example {
    name: &'static str,
    about: &'static str,
    text: &'static str,
    needs: &'static [Companion],
}

/// A file that an example names, by its name beside it.
type Companion = (&'static str, &'static [u8]);

/// The first is what `init` writes; every one is checked, planned and run by the tests of the examples.
const EXAMPLES: &[Example] = &[
    Example {
        name: "init",
        about: "a first procedure: a rendition, a larger one for larger sources, pictures",
        text: include_str!("../../../examples/init.vod"),
        needs: &[],
    },
    Example {
        name: "publish",
        about: "a video site: renditions with a logo, encrypted streams, pictures, a cover",
        text: include_str!("../../../examples/publish.vod"),
        needs: &[LOGO],
    },
    Example {
        name: "ladder",
        about: "a school: one lesson in four encrypted sizes",
        text: include_str!("../../../examples/ladder.vod"),
        needs: &[],
    },
    Example {
        name: "lecture",
        about: "a university: renditions and sound alone",
        text: include_str!("../../../examples/lecture.vod"),
        needs: &[],
    },
];

const LOGO: Companion = ("logo.png", include_bytes!("../../../examples/logo.png"));

/// Whether files that exist are replaced.
#[derive(Clone, Copy)]
enum Existing {
    Refused,
    Replaced,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    if arguments.list {
        let lines: String = EXAMPLES.iter().map(|one| format!("{:<9}{}\n", one.name, one.about)).collect();
        out.result(&lines);
        return Exit::Done;
    }
    let wanted = arguments.example.as_deref().unwrap_or(EXAMPLES[0].name);
    let existing = if arguments.force { Existing::Replaced } else { Existing::Refused };
    let written = find(wanted).and_then(|example| write_example(example, &arguments.file, existing));
    match written {
        Ok(names) => {
            names.iter().for_each(|name| out.note(&format!("wrote {name}")));
            out.note(&next_commands(&arguments.file.display().to_string()));
            Exit::Done
        }
        Err(problem) => {
            let diagnostics = problem.into();
            out.diagnostics(&diagnostics, &crate::text::SourceMap::default());
            Exit::of(&diagnostics)
        }
    }
}

fn find(name: &str) -> Result<&'static Example, Diagnostic> {
    EXAMPLES.iter().find(|example| example.name == name).ok_or_else(|| {
        let problem = Diagnostic::new(&codes::INVALID_OPTION, format!("there is no example `{name}`"));
        problem.with_help(match nearest(name, EXAMPLES.iter().map(|example| example.name)) {
            Some(near) => format!("write `--example {near}`"),
            None => "`vodflow init --list` lists them".to_owned(),
        })
    })
}

/// Writes the example and what it needs; the names of what was written. A companion that is there already stays.
fn write_example(example: &Example, file: &Path, existing: Existing) -> Result<Vec<String>, Diagnostic> {
    write(file, example.text.as_bytes(), existing)?;
    let mut names = vec![file.display().to_string()];
    for (name, bytes) in example.needs {
        let beside = file.with_file_name(name);
        if !beside.exists() {
            write(&beside, bytes, Existing::Refused)?;
            names.push(beside.display().to_string());
        }
    }
    Ok(names)
}

fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Diagnostic> {
    let mut options = OpenOptions::new();
    match existing {
        // One step, so that a file that appears in between is not lost.
        Existing::Refused => options.write(true).create_new(true),
        Existing::Replaced => options.write(true).create(true).truncate(true),
    };
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| {
        let name = path.display();
        // For people it is the same mistake as an output in the way of a run.
        if error.kind() == ErrorKind::AlreadyExists {
            let problem = Diagnostic::new(&codes::OUTPUT_FOREIGN, format!("`{name}` exists already"));
            return problem.with_help("name another file, or replace it with `--force`");
        }
        Diagnostic::new(&codes::OUTPUT_UNWRITABLE, format!("`{name}` cannot be written: {}", io_words(&error)))
    })
}

fn next_commands(file: &str) -> String {
    let plain = |sign: char| sign.is_alphanumeric() || "._-/".contains(sign);
    let file = if file.chars().all(plain) { file.to_owned() } else { format!("'{}'", file.replace('\'', r"'\''")) };
    format!("\nNext:\n  vodflow plan {file} --input VIDEO\n  vodflow run {file} --input VIDEO --out out/")
}
