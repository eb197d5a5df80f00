//! The optimiser: rewrites of the logical plan that never change what is delivered. The laws are in `README.md` here.

mod merge;
pub mod rules;

use crate::diag::{Diagnostic, all_of, codes, message, nearest};
use crate::plan::{LogicalPlan, PlanError};
use std::collections::BTreeSet;

/// What a rewrite preserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exactness {
    /// The packets of every elementary stream.
    Bits,
    /// The same pictures and samples; packets may differ.
    Frames,
    /// A picture may come from another moment within the tolerance that its template declares.
    Tolerance,
}

/// How far the optimiser may go (`--opt-level`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptLevel {
    /// No rule runs.
    None,
    /// Rules that preserve bits.
    Bits,
    /// Also those that preserve frames.
    Frames,
    /// Also those that use a declared tolerance.
    Tolerance,
}

impl OptLevel {
    /// The level of the number on the command line, 0 to 3.
    pub fn from_number(number: u8) -> Option<Self> {
        [OptLevel::None, OptLevel::Bits, OptLevel::Frames, OptLevel::Tolerance].get(usize::from(number)).copied()
    }

    /// The number on the command line.
    pub fn number(self) -> u8 {
        self as u8
    }

    fn allows(self, exactness: Exactness) -> bool {
        match exactness {
            Exactness::Bits => self >= OptLevel::Bits,
            Exactness::Frames => self >= OptLevel::Frames,
            Exactness::Tolerance => self >= OptLevel::Tolerance,
        }
    }
}

/// One rewrite.
pub trait OptimizerRule: Sync {
    /// Its name, verb first: `share-decode`.
    fn name(&self) -> &'static str;

    /// What it does, in one line.
    fn summary(&self) -> &'static str;

    /// What it preserves.
    fn exactness(&self) -> Exactness;

    /// The head of its file: *Rewrites, Exact, Needs, Does not fire, Order, Saves*.
    fn head(&self) -> &'static str;

    /// Rewrites what it can in one pass, at `most` so many times, and says how many times it did.
    fn rewrite(&self, plan: &mut LogicalPlan, most: usize) -> usize;
}

/// Which rules run.
#[derive(Debug, Clone)]
pub struct OptimizerOptions {
    /// How far to go.
    pub level: OptLevel,
    /// Names of rules that do not run.
    pub disabled: BTreeSet<String>,
    /// Rewrites after which to stop: the one that makes a difference is found by halving.
    pub most: usize,
}

impl Default for OptimizerOptions {
    fn default() -> Self {
        OptimizerOptions { level: OptLevel::Tolerance, disabled: BTreeSet::new(), most: usize::MAX }
    }
}

impl OptimizerOptions {
    /// Complains about disabled names that are neither rules nor among `others`.
    pub fn check(&self, others: &[(&'static str, &str)]) -> Result<(), Diagnostic> {
        let others = others.iter().map(|(name, _)| *name);
        let names: Vec<&str> = rules::ALL.iter().map(|rule| rule.name()).chain(others).collect();
        let Some(unknown) = self.disabled.iter().find(|name| !names.contains(&name.as_str())) else { return Ok(()) };
        let help = match nearest(unknown, names.iter().copied()) {
            Some(near) => message!("the nearest is `{}`", near),
            None => message!("the rules are {}", all_of(&names)),
        };
        Err(Diagnostic::new(&codes::UNKNOWN_RULE, message!("there is no rule `{}`", unknown)).with_help(help))
    }
}

/// One application of a rule, for traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The rule.
    pub rule: &'static str,
    /// How many times it rewrote something.
    pub times: usize,
}

/// A rule that broke the plan: a mistake in vodflow, named so that `--disable-rule` gets around it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptimizerError {
    /// The plan is no longer well formed.
    #[error("rule `{rule}` broke the plan: {error}")]
    Broken {
        /// The rule.
        rule: &'static str,
        /// How.
        error: PlanError,
    },
    /// The outputs are no longer those that were asked for.
    #[error("rule `{rule}` changed what is delivered")]
    Delivered {
        /// The rule.
        rule: &'static str,
    },
}

/// Runs the rules, over and over in their order, until none finds anything.
pub fn optimize(plan: LogicalPlan, options: &OptimizerOptions) -> Result<(LogicalPlan, Vec<Applied>), OptimizerError> {
    optimize_watched(plan, options, &mut |_, _| {})
}

/// The same; `watch` sees the plan after each application of a rule.
pub fn optimize_watched(
    mut plan: LogicalPlan,
    options: &OptimizerOptions,
    watch: &mut dyn FnMut(&'static str, &LogicalPlan),
) -> Result<(LogicalPlan, Vec<Applied>), OptimizerError> {
    let enabled =
        |rule: &&&dyn OptimizerRule| options.level.allows(rule.exactness()) && !options.disabled.contains(rule.name());
    let rules: Vec<_> = rules::ALL.iter().filter(enabled).collect();
    let delivered = plan.delivered();
    let mut applied = Vec::new();
    let mut left = options.most;
    loop {
        let before = applied.len();
        for rule in &rules {
            let times = rule.rewrite(&mut plan, left);
            left -= times.min(left);
            if times == 0 {
                continue;
            }
            plan.verify().map_err(|error| OptimizerError::Broken { rule: rule.name(), error })?;
            if plan.delivered() != delivered {
                return Err(OptimizerError::Delivered { rule: rule.name() });
            }
            watch(rule.name(), &plan);
            applied.push(Applied { rule: rule.name(), times });
        }
        if applied.len() == before {
            return Ok((plan, applied));
        }
    }
}
