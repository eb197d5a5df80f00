//! `prune-unused`: what no output needs is not done.
//!
//! Rewrites
//!     %4 = demux $IN/a.mp4   (read by nobody)   =>   (nothing)
//! Exact: bits. No delivered stream depends on it.
//! Needs: no path from the node to a sink.
//! Does not fire: anything reads from the node.
//! Order: last; the sharing rules leave inputs without users behind.
//! Saves: whatever the node would have cost.

use crate::optimizer::{Exactness, OptimizerRule};
use crate::plan::LogicalPlan;

pub(super) struct PruneUnused;

impl OptimizerRule for PruneUnused {
    fn name(&self) -> &'static str {
        "prune-unused"
    }

    fn summary(&self) -> &'static str {
        "leave out what no output needs"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Bits
    }

    fn head(&self) -> &'static str {
        super::head_of(include_str!("prune_unused.rs"))
    }

    fn rewrite(&self, plan: &mut LogicalPlan, most: usize) -> usize {
        let before = plan.len();
        for index in plan.ordered().into_iter().rev() {
            if before - plan.len() < most && plan.users(index).is_empty() {
                plan.remove(index);
            }
        }
        before - plan.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{difference, with_sinks};
    use super::*;

    #[test]
    fn a_chain_that_ends_nowhere_disappears() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = demux $IN/a.mp4 aa\n%3 = scale %1 640x360 zimg";
        insta::assert_snapshot!(difference(&PruneUnused, &with_sinks(plan, &[(1, 4)])), @r#"
        - %2 = demux $IN/a.mp4 aa
        - %3 = scale %1 640x360 zimg
        "#);
    }

    #[test]
    fn what_an_output_needs_stays() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = scale %1 640x360 zimg";
        insta::assert_snapshot!(difference(&PruneUnused, &with_sinks(plan, &[(1, 4), (2, 5)])), @"unchanged");
    }
}
