//! Merging equal operations: the one mechanism under all rules that share.

use crate::plan::{LogicalPlan, Op};
use std::collections::BTreeMap;

/// Lets the users of every later node that does the same as an earlier one read from the earlier one; only nodes that
/// `fits` accepts, and at `most` so many. Two nodes do the same when their operations are equal and they read from the same nodes.
pub(super) fn merge_equal(plan: &mut LogicalPlan, most: usize, fits: impl Fn(&Op) -> bool) -> usize {
    let mut first: BTreeMap<(String, Vec<u32>), _> = BTreeMap::new();
    let mut merged = 0;
    for index in plan.ordered() {
        let node = plan.node(index);
        if !fits(&node.op) {
            continue;
        }
        let inputs = plan.inputs(index).into_iter().map(|input| plan.node(input).number).collect();
        let identity = (format!("{:?}", node.op), inputs);
        match first.get(&identity) {
            Some(kept) if merged < most => {
                plan.redirect(index, *kept);
                plan.remove(index);
                merged += 1;
            }
            Some(_) => return merged,
            None => {
                first.insert(identity, index);
            }
        }
    }
    merged
}
