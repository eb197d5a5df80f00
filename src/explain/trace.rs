//! What each application of a rule changes, as a difference of plan text.

use crate::optimizer::{OptimizerOptions, optimize_watched};
use crate::plan::{LogicalPlan, text};

/// For each application the rule's name, the lines that went (`-`) and those that came (`+`); the rules are applied anew.
pub fn trace(logical: &LogicalPlan, options: &OptimizerOptions) -> String {
    let mut shown = String::new();
    let mut before = text::print(logical);
    let mut watch = |rule: &'static str, plan: &LogicalPlan| {
        let after = text::print(plan);
        shown.push_str(&format!("{rule}\n{}", difference(&before, &after)));
        before = after;
    };
    // A plan that is shown has been through the same rules without a mistake.
    match optimize_watched(logical.clone(), options, &mut watch) {
        Ok((_, applied)) if applied.is_empty() => "no rule finds anything\n".to_owned(),
        Ok(_) => shown,
        Err(error) => format!("{shown}{error}\n"),
    }
}

fn difference(before: &str, after: &str) -> String {
    let only = |these: &str, those: &str, sign: char| -> String {
        let others: std::collections::BTreeSet<&str> = those.lines().collect();
        these.lines().filter(|line| !others.contains(line)).map(|line| format!("{sign} {line}\n")).collect()
    };
    only(before, after, '-') + &only(after, before, '+')
}
