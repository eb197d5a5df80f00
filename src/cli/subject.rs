//! What `plan` and `run` are about: a procedure, sources, and how far to optimise.

use super::Global;
use super::flows::Flows;
use super::session::{self, Failure, Wanted};
use crate::catalog::template::EncryptionTemplate;
use crate::diag::{Diagnostic, codes, message};
use crate::driver::KeyService;
use crate::optimizer::{OptLevel, OptimizerOptions};
use clap::Args;
use std::path::PathBuf;

/// The arguments that both have.
#[derive(Args)]
pub struct Subject {
    /// A procedure file, FILE:procedure(arguments), a preset call, a flow of the folder of flows, or `-`
    #[arg(value_name = "WHAT")]
    what: Option<String>,
    /// The source, a file or an address; may be repeated
    #[arg(value_name = "MEDIA")]
    media: Vec<PathBuf>,
    /// The source, a file or an address; may be repeated
    #[arg(short, long, value_name = "MEDIA")]
    input: Vec<PathBuf>,
    /// Assume a source instead of looking at one: `1920x1080,25fps,10m,h264,aac`
    #[arg(long, value_name = "FACTS")]
    assume: Option<String>,
    /// How far to optimise: 0 not at all, 1 same bits, 2 same frames, 3 within declared tolerances
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=3))]
    opt_level: u8,
    /// Leave out a rule of the optimiser or a decision of the planner (may be repeated)
    #[arg(long, value_name = "RULE")]
    disable_rule: Vec<String>,
    /// Stop the optimiser after N rewrites, to find by halving the one that makes a difference
    #[arg(long, value_name = "N")]
    opt_limit: Option<usize>,
    /// Where players ask for keys, for encryption templates that do not say it
    #[arg(long, value_name = "URL", env = "VODFLOW_KEY_URL")]
    key_url: Option<String>,
    /// The media's name at the key service [default: the identity of its content]
    #[arg(long, value_name = "ID")]
    file_id: Option<String>,
}

impl Subject {
    /// The optimiser's options and the procedure; `usage` shows how one is given.
    pub fn prepare(&self, global: &Global, usage: &str) -> Result<(OptimizerOptions, Wanted), Failure> {
        let Some(what) = &self.what else {
            let problem = Diagnostic::new(&codes::INVALID_OPTION, message!("no procedure is given"));
            return Err(Failure::plain(problem.with_help(message!("give one: {}", usage))));
        };
        let options = self.options()?;
        let keys = self.keys().map_err(Failure::plain)?;
        Ok((options, Wanted::read(what, &Flows::of(global.flows.as_deref()), keys)?))
    }

    /// Another procedure under the same flags.
    pub fn other(&self, what: &str, global: &Global) -> Result<Wanted, Failure> {
        let keys = self.keys().map_err(Failure::plain)?;
        Wanted::read(what, &Flows::of(global.flows.as_deref()), keys)
    }

    /// Whether a procedure or a source is named beside `--input`.
    pub fn names_something(&self) -> bool {
        self.what.is_some()
    }

    /// Sources given with `--input`.
    pub fn given(&self) -> &[PathBuf] {
        &self.input
    }

    /// What is assumed of the source, if none is looked at.
    pub fn assumed(&self) -> Option<&str> {
        self.assume.as_deref()
    }

    /// The optimiser's options.
    pub fn options(&self) -> Result<OptimizerOptions, Failure> {
        let level = OptLevel::from_number(self.opt_level).unwrap_or(OptLevel::Tolerance);
        session::options(level, &self.disable_rule, self.opt_limit)
    }

    fn keys(&self) -> Result<KeyService, Diagnostic> {
        if self.key_url.as_ref().is_some_and(|url| !EncryptionTemplate::is_key_url(url)) {
            let note = message!("the key URL is no address that players could ask");
            let help = message!("write an `https://` address without blanks and quotes, percent-encoded where needed");
            return Err(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help));
        }
        if self.file_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 256) {
            let note = message!("the file id is empty or longer than 256 bytes");
            return Err(Diagnostic::new(&codes::INVALID_OPTION, note));
        }
        Ok(KeyService { url: self.key_url.clone(), file_id: self.file_id.clone() })
    }

    /// The sources, of which there must be one; `usage` shows how one is given.
    pub fn inputs(&self, usage: &str) -> Result<Vec<PathBuf>, Failure> {
        let inputs: Vec<PathBuf> = self.media.iter().chain(&self.input).cloned().collect();
        if inputs.is_empty() {
            let problem = Diagnostic::new(&codes::INVALID_OPTION, message!("no source is given"));
            return Err(Failure::plain(problem.with_help(message!("give one: {}", usage))));
        }
        if inputs.len() > 1 && self.file_id.is_some() {
            let note = message!("one file id is given for several sources");
            let help = message!("run each source by itself, or leave `--file-id` out");
            return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)));
        }
        Ok(inputs)
    }
}
