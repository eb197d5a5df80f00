//! The back half of the compiler: from a checked procedure to processes.

use crate::diag::Diagnostics;
use crate::hir::Procedure;
use crate::lower::{LowerInput, Lowered, lower, preview};
use crate::optimizer::{Applied, OptimizerError, OptimizerOptions, optimize};
use crate::physical::PhysicalPlan;
use crate::plan::{LogicalPlan, OutputSpec, PlanError};
use crate::units::TimePoint;

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

/// Compiles a procedure for a source; no compilation when a diagnostic forbids it.
pub fn compile(
    procedure: &Procedure,
    input: LowerInput,
    options: &OptimizerOptions,
) -> Result<(Option<Compilation>, Diagnostics), CompileError> {
    let (lowered, diagnostics) = lower(procedure, input);
    if diagnostics.has_errors() {
        return Ok((None, diagnostics));
    }
    Ok((Some(finish(lowered, input, options)?), diagnostics))
}

/// Compiles a procedure for a source to one picture of each rendition at a moment; no compilation when a diagnostic
/// forbids it.
pub fn compile_preview(
    procedure: &Procedure,
    input: LowerInput,
    options: &OptimizerOptions,
    at: TimePoint,
) -> Result<(Option<Compilation>, Diagnostics), CompileError> {
    let (lowered, mut diagnostics) = lower(procedure, input);
    if diagnostics.has_errors() {
        return Ok((None, diagnostics));
    }
    let (shown, found) = preview(&lowered, input, at)?;
    diagnostics.extend(found);
    Ok((Some(finish(shown, input, options)?), diagnostics))
}

/// From the obvious plan to processes.
fn finish(lowered: Lowered, input: LowerInput, options: &OptimizerOptions) -> Result<Compilation, CompileError> {
    lowered.plan.verify()?;
    let (optimised, applied) = optimize(lowered.plan.clone(), options)?;
    let physical = crate::planner::plan(&optimised, &lowered.outputs, input.source, input.target, input.limits);
    Ok(Compilation { outputs: lowered.outputs, logical: lowered.plan, optimised, applied, physical })
}
