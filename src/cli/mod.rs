//! The command line: arguments, terminal, exit codes. One file per subcommand under `command`.

mod analysis;
mod assume;
mod bench;
mod branches;
mod command;
mod exit;
mod fetching;
mod files;
mod flows;
mod language;
mod marks;
mod mend;
mod out;
mod page;
mod progress;
mod reporting;
mod resources;
mod result;
mod rewrite;
mod saved;
mod session;
mod sheet;
mod stop;
mod subject;
mod what;

use clap::{Args, ColorChoice, Parser, Subcommand};
use exit::Exit;
use out::Out;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  vodflow init
  vodflow plan 'QCVB_SimpleProcessFile({10,20},0,10,10)' lesson.mp4
  vodflow run publish.vod --input lesson.mp4 --out out/
  vodflow check publish.vod

Exit codes:
  0 done    1 some output failed    2 usage    3 the procedure has errors
  4 the source is unusable    5 the machine lacks something
  6 refused (would overwrite, or a saved plan is out of date)
  20 `plan --exit-code`: there is work to do, or a difference
  129 hung up    130 interrupted    143 terminated";

/// Compiles, plans and runs video-processing procedures.
#[derive(Parser)]
#[command(name = "vodflow", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every subcommand.
#[derive(Args)]
struct Global {
    /// When to use colour
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    color: ColorChoice,
    /// Language of messages, en or zh [default: that of the locale]
    #[arg(long, global = true, value_name = "LANG", hide_possible_values = true)]
    language: Option<language::Tongue>,
    /// Say less: errors only
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more: the log of failed processes
    #[arg(short, long, global = true)]
    verbose: bool,
    /// The ffmpeg program, or the folder that holds ffmpeg and ffprobe
    #[arg(long, global = true, value_name = "PATH", env = "VODFLOW_FFMPEG")]
    ffmpeg: Option<PathBuf>,
    /// The folder of flows that are called by name [default: ./flows]
    #[arg(long, global = true, value_name = "DIR", env = "VODFLOW_FLOWS")]
    flows: Option<PathBuf>,
    /// Set a limit (may be repeated); `plan --stage limits` lists them with their values
    #[arg(long = "max", global = true, value_name = "NAME=VALUE")]
    limits: Vec<String>,
    /// Fetch sources from this host though it is not public, or not asked on a usual port (may be repeated)
    #[arg(long, global = true, value_name = "HOST[:PORT]")]
    allow_host: Vec<String>,
    /// Run ffmpeg and ffprobe in a sandbox: auto, require or off
    #[arg(
        long,
        global = true,
        default_value = "auto",
        value_name = "WHEN",
        env = "VODFLOW_SANDBOX",
        hide_possible_values = true
    )]
    sandbox: SandboxChoice,
}

/// When processes run in a sandbox.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SandboxChoice {
    // With the parts that the kernel has; what it lacks is said.
    Auto,
    // With all parts, or nothing runs.
    Require,
    // Never.
    Off,
}

#[derive(Subcommand)]
enum Command {
    /// Write a first procedure that runs as it is
    Init(command::init::Arguments),
    /// Check procedures and report everything that is wrong with them
    Check(command::check::Arguments),
    /// Explain diagnostic codes such as E0203
    Explain(command::explain::Arguments),
    /// Write a procedure in another form: the language, or the JSON of either generation of the API
    Convert(command::convert::Arguments),
    /// Print the JSON Schema of a JSON form
    Schema(command::schema::Arguments),
    /// Bring procedure files into the usual layout
    Fmt(command::fmt::Arguments),
    /// Show what a procedure would make of a source, without making it
    Plan(command::plan::Arguments),
    /// Make one picture of each rendition at a moment, without encoding films
    Preview(command::preview::Arguments),
    /// Plan a procedure and run it
    Run(command::run::Arguments),
    /// Print the key of an encrypted playlist
    Key(command::key::Arguments),
    /// Deliver the events that wait in output folders
    Notify(command::notify::Arguments),
    /// List the system's parameter templates, or show one
    Templates(command::templates::Arguments),
    /// Show or tidy the finished streams that an output folder keeps for later runs
    Cache(command::cache::Arguments),
    /// Show what is known about a source
    Probe(command::probe::Arguments),
    /// Show what this machine can do and what it lacks
    Doctor(command::doctor::Arguments),
    /// Measure what steps cost on this machine, so that plans say what they take
    Calibrate(command::calibrate::Arguments),
    /// Compare with commands written by hand, on this machine
    Bench(command::bench::Arguments),
    /// Serve editors: the language server on standard input and output
    #[cfg(feature = "lsp")]
    Lsp(command::lsp::Arguments),
    /// Print a completion script for a shell
    Completions(command::completions::Arguments),
}

/// The program: reads the arguments, does what they say, gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results, not mistakes; a closed pipe is nobody's.
            let _ = error.print();
            return Exit::from_clap(&error).into();
        }
    };
    let language = language::chosen(cli.global.language, |name| std::env::var_os(name));
    let out = Out::new(cli.global.color, cli.global.quiet, language);
    let global = &cli.global;
    let exit = match &cli.command {
        Command::Init(arguments) => command::init::run(arguments, &out),
        Command::Check(arguments) => command::check::run(arguments, global, &out),
        Command::Explain(arguments) => command::explain::run(arguments, &out),
        Command::Convert(arguments) => command::convert::run(arguments, global, &out),
        Command::Schema(arguments) => command::schema::run(arguments, &out),
        Command::Fmt(arguments) => command::fmt::run(arguments, &out),
        Command::Plan(arguments) => command::plan::run(arguments, global, &out),
        Command::Preview(arguments) => command::preview::run(arguments, global, &out),
        Command::Run(arguments) => command::run::run(arguments, global, &out),
        Command::Key(arguments) => command::key::run(arguments, &out),
        Command::Notify(arguments) => command::notify::run(arguments, &out),
        Command::Templates(arguments) => command::templates::run(arguments, &out),
        Command::Probe(arguments) => command::probe::run(arguments, global, &out),
        Command::Cache(arguments) => command::cache::run(arguments, &out),
        Command::Doctor(arguments) => command::doctor::run(arguments, global, &out),
        Command::Calibrate(arguments) => command::calibrate::run(arguments, global, &out),
        Command::Bench(arguments) => command::bench::run(arguments, global, &out),
        #[cfg(feature = "lsp")]
        Command::Lsp(arguments) => command::lsp::run(arguments),
        Command::Completions(arguments) => command::completions::run(arguments, &out),
    };
    exit.into()
}
