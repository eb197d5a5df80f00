//! The back half of the compiler: from a checked procedure to processes.

use crate::cost::{CpuTime, LogicalPrices, Machine, PlanEstimate, RuleSaving};
use crate::diag::Diagnostics;
use crate::hir::Procedure;
use crate::lower::{LowerInput, Lowered, lower, preview};
use crate::optimizer::{Applied, OptLevel, OptimizerError, OptimizerOptions, optimize_watched};
use crate::physical::PhysicalPlan;
use crate::plan::{LogicalPlan, OutputSpec, PlanError};
use crate::planner::{DECISIONS, Situation};
use crate::units::TimePoint;
use std::collections::BTreeSet;

/// Every stage of one compilation, for printing and for running.
#[derive(Debug, Clone)]
pub struct Compilation {
    /// What was asked for, in order.
    pub outputs: Vec<OutputSpec>,
    /// The obvious plan, nothing shared.
    pub logical: LogicalPlan,
    /// The plan after the rules.
    pub optimised: LogicalPlan,
    /// Which rules did something.
    pub applied: Vec<Applied>,
    /// The processes.
    pub physical: PhysicalPlan,
    /// What they are expected to take.
    pub estimate: PlanEstimate,
}

/// A mistake in vodflow, found by its own checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// Lowering made a plan that is not well formed.
    #[error("the lowered plan is broken: {0}")]
    Lowered(#[from] PlanError),
    /// A rule broke the plan.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
}

/// Compiles a procedure for a source, priced by a machine; no compilation when a diagnostic forbids it.
pub fn compile(
    procedure: &Procedure,
    input: LowerInput,
    options: &OptimizerOptions,
    machine: &Machine,
) -> Result<(Option<Compilation>, Diagnostics), CompileError> {
    let (lowered, diagnostics) = lower(procedure, input);
    if diagnostics.has_errors() {
        return Ok((None, diagnostics));
    }
    Ok((Some(finish(lowered, input, options, machine)?), diagnostics))
}

/// Compiles a procedure for a source to one picture of each rendition at a moment; no compilation when a diagnostic
/// forbids it.
pub fn compile_preview(
    procedure: &Procedure,
    input: LowerInput,
    options: &OptimizerOptions,
    machine: &Machine,
    at: TimePoint,
) -> Result<(Option<Compilation>, Diagnostics), CompileError> {
    let (lowered, mut diagnostics) = lower(procedure, input);
    if diagnostics.has_errors() {
        return Ok((None, diagnostics));
    }
    let (shown, found) = preview(&lowered, input, at)?;
    diagnostics.extend(found);
    Ok((Some(finish(shown, input, options, machine)?), diagnostics))
}

/// From the obvious plan to processes.
fn finish(
    lowered: Lowered,
    input: LowerInput,
    options: &OptimizerOptions,
    machine: &Machine,
) -> Result<Compilation, CompileError> {
    lowered.plan.verify()?;
    let mut prices = LogicalPrices::new(input.source, machine);
    let unshared = prices.total(&lowered.plan);
    let (mut before, mut savings) = (unshared, Vec::new());
    let (optimised, applied) = optimize_watched(lowered.plan.clone(), options, &mut |rule, plan| {
        let after = prices.total(plan);
        save(&mut savings, rule, before.without(after));
        before = after;
    })?;
    let forbidden = forbidden(options);
    let LowerInput { source, target, limits, .. } = input;
    let situation = Situation { source, target, limits, machine, forbidden: &forbidden };
    let (physical, estimate) = crate::planner::plan(&optimised, &lowered.outputs, situation);
    // Whoever shares nothing has as many results to look at.
    let unshared = unshared + estimate.verification();
    let estimate = PlanEstimate { unshared, savings, ..estimate };
    Ok(Compilation { outputs: lowered.outputs, logical: lowered.plan, optimised, applied, physical, estimate })
}

/// Decisions of the planner that are not taken: without any optimisation, none is.
fn forbidden(options: &OptimizerOptions) -> BTreeSet<String> {
    match options.level {
        OptLevel::None => DECISIONS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        _ => options.disabled.clone(),
    }
}

/// Adds what one application of a rule saves.
fn save(savings: &mut Vec<RuleSaving>, rule: &'static str, cpu: CpuTime) {
    match savings.iter_mut().find(|saving| saving.rule == rule) {
        Some(saving) => saving.cpu = saving.cpu + cpu,
        None if cpu > CpuTime::ZERO => savings.push(RuleSaving { rule, cpu }),
        None => {}
    }
}
