//! `vodflow completions`: completion scripts, made by clap.

use crate::cli::Cli;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Args)]
#[command(after_help = "Example:\n  vodflow completions bash > /etc/bash_completion.d/vodflow")]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "vodflow", &mut script);
    out.result(&String::from_utf8_lossy(&script));
    Exit::Done
}
