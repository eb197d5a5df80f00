//! `share-filters`: two equal filters of one picture or sound become one.
//!
//! Rewrites
//!     %2 = scale %1 640x360        %2 = scale %1 640x360
//!     %3 = scale %1 640x360   =>   (users of %3 read %2)
//! Exact: bits. A filter is a function of its input and its options; both are equal.
//! Needs: the same input nodes, equal options; marks with equal content, size and opacity.
//! Does not fire: any option differs.
//! Order: after `share-decode` and `remove-no-ops`, which make inputs equal; before `share-encodes`.
//! Saves: the filter, once for each merged node.

use crate::optimizer::merge::merge_equal;
use crate::optimizer::{Exactness, OptimizerRule};
use crate::plan::{LogicalPlan, Op};

pub(super) struct ShareFilters;

impl OptimizerRule for ShareFilters {
    fn name(&self) -> &'static str {
        "share-filters"
    }

    fn summary(&self) -> &'static str {
        "filter once what several outputs need filtered in the same way"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Bits
    }

    fn head(&self) -> &'static str {
        super::head_of(include_str!("share_filters.rs"))
    }

    fn rewrite(&self, plan: &mut LogicalPlan, most: usize) -> usize {
        merge_equal(plan, most, Op::is_filter)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{difference, with_sinks};
    use super::*;

    #[test]
    fn equal_chains_are_merged_from_the_source_on() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = retime %1 24\n%3 = scale %2 640x360 zimg\n%4 = retime %1 24\n%5 = scale %4 640x360 zimg";
        insta::assert_snapshot!(difference(&ShareFilters, &with_sinks(plan, &[(3, 6), (5, 7)])), @r#"
        - %4 = retime %1 24
        - %5 = scale %4 640x360 zimg
        - %7 = encode-video %5 h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25
        + %7 = encode-video %3 h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25
        "#);
    }

    #[test]
    fn another_size_is_another_filter() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = scale %1 640x360 zimg\n%3 = scale %1 320x180 zimg";
        insta::assert_snapshot!(difference(&ShareFilters, &with_sinks(plan, &[(2, 6), (3, 7)])), @"unchanged");
    }
}
