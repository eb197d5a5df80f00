//! `vodflow check`: everything that is wrong with procedures.

use crate::cli::Global;
use crate::cli::branches::{self, Branches};
use crate::cli::exit::Exit;
use crate::cli::files::{FileWorld, read_procedure, read_text};
use crate::cli::flows::Flows;
use crate::cli::mend::{mended, read_for_writing};
use crate::cli::out::Out;
use crate::cli::rewrite::{difference, replace};
use crate::cli::session::Failure;
use crate::cli::what::{self, Asked, What, is_script, refuse_script};
use crate::diag::{Diagnostic, Mended, Message, ReportFormat, Severity, all_of, codes, message, to_json};
use crate::driver::{Compiler, Entry};
use clap::{Args, ValueEnum};
use std::path::Path;

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
    /// Apply the edits that diagnostics offer; `-` is mended onto stdout
    #[arg(long, conflicts_with = "expr")]
    fix: bool,
    /// Show what `--fix` would change, and change nothing
    #[arg(long, conflicts_with = "expr")]
    diff: bool,
    /// What else is to count as an error: `warnings`
    #[arg(short = 'D', long, value_name = "WHAT", hide_possible_values = true)]
    deny: Option<Denied>,
}

#[derive(Clone, Copy, ValueEnum)]
enum CheckFormat {
    /// For people, on stderr
    Human,
    /// For programs, on stdout
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Denied {
    /// Warnings end the command as errors do
    Warnings,
}

impl CheckFormat {
    fn report(self) -> Option<ReportFormat> {
        match self {
            CheckFormat::Human => None,
            CheckFormat::Json => Some(ReportFormat::Json),
            CheckFormat::Github => Some(ReportFormat::Github),
            CheckFormat::Sarif => Some(ReportFormat::Sarif),
        }
    }
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let compiler = Compiler::new();
    let mut scripts = Vec::new();
    let found = if arguments.fix || arguments.diff {
        if let Some(clash) = arguments.two_results() {
            let refused = Failure::plain(clash);
            out.diagnostics(&refused.diagnostics, &refused.sources);
            return Exit::Usage;
        }
        arguments.files.iter().map(|file| mend_one(&compiler, file, arguments, out)).collect()
    } else {
        look(&compiler, arguments, &Flows::of(global.flows.as_deref()), &mut scripts)
    };
    report(arguments, &found, &scripts, out);
    exit(arguments, &found)
}

impl Arguments {
    /// Both a document and a text, or two texts, on stdout could not be told apart.
    fn two_results(&self) -> Option<Diagnostic> {
        let texts = self.files.iter().filter(|file| *file == "-").count();
        let writes_text = self.diff || texts > 0;
        let clashes = (writes_text && self.format.report().is_some()) || (!self.diff && texts > 1);
        let note = || message!("a mended text and another result cannot both go to stdout");
        let help = || message!("leave `--format` out, and give `-` once");
        clashes.then(|| Diagnostic::new(&codes::INVALID_OPTION, note()).with_help(help()))
    }
}

fn look(compiler: &Compiler, arguments: &Arguments, flows: &Flows, scripts: &mut Vec<Branches>) -> Vec<Failure> {
    let mut look = |what| match what::ask(compiler, &what, flows) {
        Ok(Asked::Checked(checked, _)) => Failure { diagnostics: checked.diagnostics, sources: checked.sources },
        Ok(Asked::Script(script, world)) => {
            let (found, branches) = branches::of(compiler, &script, &world);
            scripts.push(branches);
            found
        }
        Err(diagnostic) => Failure::plain(diagnostic),
    };
    let mut found = Vec::new();
    for file in &arguments.files {
        found.push(match file.as_str() {
            "-" => match read_text(std::io::stdin().lock(), STDIN) {
                Ok(text) => checked(compiler, STDIN, &text, None),
                Err(diagnostic) => Failure::plain(diagnostic),
            },
            path => look(named(path)),
        });
    }
    found.extend(arguments.expr.iter().map(|call| look(What::Call(call.clone()))));
    found
}

/// A file to check; of a script also `FILE:CreateProcedure(arguments)`.
fn named(path: &str) -> What {
    match What::read(path) {
        What::File(path, entry) if is_script(&path) => What::File(path, entry),
        _ => What::File(path.into(), Entry::Nothing),
    }
}

/// How standard input is called in positions.
const STDIN: &str = "<stdin>";

/// What there is to say about a text. It may be one that only declares, wherever it came from.
fn checked(compiler: &Compiler, name: &str, text: &str, path: Option<&Path>) -> Failure {
    let checked = compiler.check_file(name, text, Entry::Nothing, &FileWorld::of(path));
    Failure { diagnostics: checked.diagnostics, sources: checked.sources }
}

/// Mends one file, and gives what is left to say about it.
fn mend_one(compiler: &Compiler, file: &str, arguments: &Arguments, out: &Out) -> Failure {
    let path = (file != "-").then(|| Path::new(file));
    let name = path.map_or(STDIN, |_| file);
    let text = match path {
        None => read_text(std::io::stdin().lock(), name),
        Some(path) if arguments.diff => refuse_script(path).and_then(|()| read_procedure(path)),
        Some(path) => refuse_script(path).and_then(|()| read_for_writing(path)),
    };
    let text = match text {
        Ok(text) => text,
        Err(diagnostic) => return Failure::plain(diagnostic),
    };
    let mended = mended(compiler, name, &text, path);
    let changed = mended.text != text;
    match path {
        _ if arguments.diff => out.text(&difference(name, &text, &mended.text)),
        None => out.text(&mended.text),
        Some(path) if changed => {
            if let Err(diagnostic) = replace(path, &text, &mended.text) {
                return Failure::plain(diagnostic);
            }
        }
        Some(_) => {}
    }
    if changed {
        out.say(&what_was_mended(name, &mended, arguments));
    }
    let kept = if arguments.diff { &text } else { &mended.text };
    checked(compiler, name, kept, path)
}

fn what_was_mended(name: &str, mended: &Mended, arguments: &Arguments) -> Message {
    let mut codes: Vec<&str> = mended.fixes.iter().map(|code| code.name).collect();
    codes.sort_unstable();
    codes.dedup();
    let (count, codes) = (mended.fixes.len(), all_of(&codes));
    match arguments.diff {
        true => message!("`{}`: {} to be mended ({})", name, count, codes),
        false => message!("`{}`: {} mended ({})", name, count, codes),
    }
}

fn report(arguments: &Arguments, found: &[Failure], scripts: &[Branches], out: &Out) {
    match arguments.format.report() {
        Some(ReportFormat::Json) if !scripts.is_empty() => {
            let findings: Vec<_> = found.iter().map(Failure::findings).collect();
            let mut document = to_json(&findings, out.language());
            document["scripts"] = scripts.iter().map(Branches::json).collect::<Vec<_>>().into();
            out.json(&document);
        }
        Some(format) => {
            let found: Vec<_> = found.iter().map(Failure::findings).collect();
            out.result(&format.document(&found, out.language()));
        }
        None => {
            found.iter().for_each(|found| out.diagnostics(&found.diagnostics, &found.sources));
            scripts.iter().for_each(|branches| out.result(&branches.table()));
            out.say(&verdict(found));
        }
    }
}

fn exit(arguments: &Arguments, found: &[Failure]) -> Exit {
    let denied = arguments.deny == Some(Denied::Warnings);
    let exit_of = |found: &Failure| match Exit::of(&found.diagnostics) {
        Exit::Done if denied && !found.diagnostics.is_empty() => Exit::Procedure,
        exit => exit,
    };
    found.iter().map(exit_of).find(|exit| *exit != Exit::Done).unwrap_or(Exit::Done)
}

fn verdict(found: &[Failure]) -> Message {
    let count = |severity| {
        found.iter().flat_map(|found| found.diagnostics.iter()).filter(|one| one.severity() == severity).count()
    };
    match (count(Severity::Error), count(Severity::Warning), found.len()) {
        (0, 0, 1) => message!("1 procedure checked, nothing to say"),
        (0, 0, procedures) => message!("{} procedures checked, nothing to say", procedures),
        (errors, warnings, _) => match mendable(found) {
            0 => message!("{}, {}", counted_errors(errors), counted_warnings(warnings)),
            mendable => message!(
                "{}, {}; `vodflow check --fix` mends {} of them",
                counted_errors(errors),
                counted_warnings(warnings),
                mendable
            ),
        },
    }
}

/// How many findings in files offer an edit; a call on the command line is mended by hand.
fn mendable(found: &[Failure]) -> usize {
    let in_file = |found: &Failure, one: &Diagnostic| {
        let source = one.primary.as_ref().and_then(|label| found.sources.get(label.span.source));
        one.fix.is_some() && source.is_some_and(|source| !source.name.starts_with('<'))
    };
    found.iter().map(|found| found.diagnostics.iter().filter(|one| in_file(found, one)).count()).sum()
}

fn counted_errors(count: usize) -> Message {
    if count == 1 { message!("1 error") } else { message!("{} errors", count) }
}

fn counted_warnings(count: usize) -> Message {
    if count == 1 { message!("1 warning") } else { message!("{} warnings", count) }
}
