//! What `plan` and `run` are about: a procedure, sources, and how far to optimise.

use super::session::{self, Failure, Ready};
use crate::diag::{Diagnostic, codes, message};
use crate::optimizer::{OptLevel, OptimizerOptions};
use clap::Args;
use std::path::PathBuf;

/// The arguments that both have.
#[derive(Args)]
pub struct Subject {
    /// A procedure file, FILE:procedure(arguments), a preset call, or `-`
    #[arg(value_name = "WHAT")]
    what: String,
    /// The source; may be repeated
    #[arg(value_name = "MEDIA")]
    media: Vec<PathBuf>,
    /// The source; may be repeated
    #[arg(short, long, value_name = "MEDIA")]
    input: Vec<PathBuf>,
    /// How far to optimise: 0 not at all, 1 same bits, 2 same frames, 3 within declared tolerances
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=3))]
    opt_level: u8,
    /// Leave out a rule of the optimiser (may be repeated)
    #[arg(long, value_name = "RULE")]
    disable_rule: Vec<String>,
}

impl Subject {
    /// The optimiser's options and the checked procedure.
    pub fn prepare(&self) -> Result<(OptimizerOptions, Ready), Failure> {
        let level = OptLevel::from_number(self.opt_level).unwrap_or(OptLevel::Tolerance);
        let options = OptimizerOptions { level, disabled: self.disable_rule.iter().cloned().collect() };
        options.check().map_err(Failure::plain)?;
        Ok((options, session::ready(&self.what)?))
    }

    /// The sources, of which there must be one; `usage` shows how one is given.
    pub fn inputs(&self, usage: &str) -> Result<Vec<PathBuf>, Failure> {
        let inputs: Vec<PathBuf> = self.media.iter().chain(&self.input).cloned().collect();
        if inputs.is_empty() {
            let problem = Diagnostic::new(&codes::INVALID_OPTION, message!("no source is given"));
            return Err(Failure::plain(problem.with_help(message!("give one: {}", usage))));
        }
        Ok(inputs)
    }
}
