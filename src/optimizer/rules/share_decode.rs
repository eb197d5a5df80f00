//! `share-decode`: the source is opened once, and two decodes of one stream become one.
//!
//! Rewrites
//!     %0 = demux $IN/a.mp4        %0 = demux $IN/a.mp4
//!     %1 = decode %0 v:0          %1 = decode %0 v:0
//!     %2 = demux $IN/a.mp4   =>   (users of %3 read %1)
//!     %3 = decode %2 v:0
//! Exact: bits. A decoder is a function of packets and options; both are equal.
//! Needs: the same content, the same stream, equal decoder output.
//! Does not fire: streams differ.
//! Order: first; every other sharing rule compares inputs by node.
//! Saves: one decode of the stream for each merged node.

use crate::optimizer::merge::merge_equal;
use crate::optimizer::{Exactness, OptimizerRule};
use crate::plan::{LogicalPlan, Op};

pub(super) struct ShareDecode;

impl OptimizerRule for ShareDecode {
    fn name(&self) -> &'static str {
        "share-decode"
    }

    fn summary(&self) -> &'static str {
        "decode each stream of the source once"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Bits
    }

    fn head(&self) -> &'static str {
        super::head_of(include_str!("share_decode.rs"))
    }

    fn rewrite(&self, plan: &mut LogicalPlan, most: usize) -> usize {
        merge_equal(plan, most, |op| matches!(op, Op::Demux { .. } | Op::Decode { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{difference, with_sinks};
    use super::*;

    #[test]
    fn two_decodes_of_one_stream_become_one() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = demux $IN/a.mp4 aa\n%3 = decode %2 v:0 size=1920x1080 aspect=1 fps=25 pixels=yuv420p colour=bt709/tv base=1/25 start=0 length=4 frames=100";
        insta::assert_snapshot!(difference(&ShareDecode, &with_sinks(plan, &[(1, 4), (3, 5)])), @r#"
        - %2 = demux $IN/a.mp4 aa
        - %3 = decode %2 v:0 size=1920x1080 aspect=1 fps=25 pixels=yuv420p colour=bt709/tv base=1/25 start=0 length=4 frames=100
        - %5 = encode-video %3 h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25
        + %5 = encode-video %1 h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25
        "#);
    }

    #[test]
    fn decodes_of_different_streams_stay() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = decode %0 v:3 size=1920x1080 aspect=1 fps=25 pixels=yuv420p colour=bt709/tv base=1/25 start=0 length=4 frames=100";
        insta::assert_snapshot!(difference(&ShareDecode, &with_sinks(plan, &[(1, 4), (2, 5)])), @"unchanged");
    }
}
