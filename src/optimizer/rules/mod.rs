//! The list of rules, in the order in which they run. A new rule is a file here and a line below.

mod prune_unused;
mod remove_no_ops;
mod share_decode;
mod share_encodes;
mod share_filters;

use super::OptimizerRule;

/// Every rule, in order.
pub static ALL: &[&dyn OptimizerRule] = &[
    &share_decode::ShareDecode,
    &remove_no_ops::RemoveNoOps,
    &share_filters::ShareFilters,
    &share_encodes::ShareEncodes,
    &prune_unused::PruneUnused,
];

/// The head of a rule's file, without its marks.
fn head_of(file: &'static str) -> &'static str {
    file.find("\n\n").map_or(file, |end| &file[..end])
}

#[cfg(test)]
mod testing {
    //! One helper for the tests of all rules: plan text in, difference out.

    use super::*;
    use crate::plan::text;

    /// The lines that the rule takes away (`-`) and adds (`+`), or `unchanged`.
    pub fn difference(rule: &dyn OptimizerRule, before: &str) -> String {
        let mut plan = text::parse(before).expect("plan text of a test");
        let old = text::print(&plan);
        if rule.rewrite(&mut plan, usize::MAX) == 0 {
            return "unchanged".into();
        }
        plan.verify().expect("a rewritten plan is well formed");
        let new = text::print(&plan);
        let gone = old.lines().filter(|line| !new.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
        let come = new.lines().filter(|line| !old.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
        gone.chain(come).collect::<Vec<_>>().join("\n")
    }

    /// A decode of 1080p25 pictures from `%0`, for tests that are not about decoding.
    pub const DECODE: &str = "decode %0 v:0 size=1920x1080 aspect=1 fps=25 pixels=yuv420p colour=bt709/tv base=1/25 start=0 length=4 frames=100";

    /// A plan that ends in an encode and a container for each of the numbered pictures.
    pub fn with_sinks(head: &str, pictures: &[(u32, u32)]) -> String {
        let mut text = head.replace("DECODE", DECODE);
        for (picture, number) in pictures {
            let encode = "h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25";
            text.push_str(&format!(
                "\n%{number} = encode-video %{picture} {encode}\nmux %{number} mp4 $OUT/{number}.mp4"
            ));
        }
        text
    }
}
