//! `share-encodes`: two equal encodes of one picture or sound become one, whatever containers they go to.
//!
//! Rewrites
//!     %3 = encode-video %2 h264 …        %3 = encode-video %2 h264 …
//!     mux %3 mp4 $OUT/a.mp4         =>   mux %3 mp4 $OUT/a.mp4
//!     %4 = encode-video %2 h264 …        mux %3 hls $OUT/b/b.m3u8
//!     mux %4 hls $OUT/b/b.m3u8
//! Exact: bits. An encoder with a fixed thread count is a function of its input and settings; both are equal.
//! Needs: the same input node, every setting of the coding equal.
//! Does not fire: any setting differs, even if only the group of pictures or the threads.
//! Order: after `share-filters`, which makes inputs equal.
//! Saves: one encode for each merged node: the dearest work there is.

use crate::optimizer::merge::merge_equal;
use crate::optimizer::{Exactness, OptimizerRule};
use crate::plan::{LogicalPlan, Op};

pub(super) struct ShareEncodes;

impl OptimizerRule for ShareEncodes {
    fn name(&self) -> &'static str {
        "share-encodes"
    }

    fn summary(&self) -> &'static str {
        "encode once what goes into several containers"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Bits
    }

    fn head(&self) -> &'static str {
        super::head_of(include_str!("share_encodes.rs"))
    }

    fn rewrite(&self, plan: &mut LogicalPlan, most: usize) -> usize {
        merge_equal(plan, most, Op::is_encode)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{difference, with_sinks};
    use super::*;

    #[test]
    fn one_encode_serves_two_containers() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE";
        insta::assert_snapshot!(difference(&ShareEncodes, &with_sinks(plan, &[(1, 2), (1, 3)])), @r#"
        - %3 = encode-video %1 h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25
        - mux %3 mp4 $OUT/3.mp4
        + mux %2 mp4 $OUT/3.mp4
        "#);
    }

    #[test]
    fn another_group_of_pictures_is_another_encode() {
        let plan =
            with_sinks("%0 = demux $IN/a.mp4 aa\n%1 = DECODE", &[(1, 2), (1, 3)]).replacen("gop=50", "gop=48", 1);
        insta::assert_snapshot!(difference(&ShareEncodes, &plan), @"unchanged");
    }
}
