//! `remove-no-ops`: an operation that gives exactly the stream it is given disappears.
//!
//! Rewrites
//!     %2 = scale %1 1920x1080   (of a 1920x1080 picture with square pixels)   =>   (users of %2 read %1)
//! Exact: bits. The types before and after are equal, and operations of these kinds change nothing but types.
//! Needs: equal stream types on both sides: size, aspect, timing, pixel format, colour, time base, start, length.
//! Does not fire: any part of the type differs; a `retime`, which also tells the encoder the rate.
//! Order: after `share-decode`; before `share-filters`, which finds more equal inputs afterwards.
//! Saves: the filter's time, and conversions around it.

use crate::optimizer::{Exactness, OptimizerRule};
use crate::plan::LogicalPlan;

pub(super) struct RemoveNoOps;

impl OptimizerRule for RemoveNoOps {
    fn name(&self) -> &'static str {
        "remove-no-ops"
    }

    fn summary(&self) -> &'static str {
        "leave out operations that change nothing"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Bits
    }

    fn head(&self) -> &'static str {
        super::head_of(include_str!("remove_no_ops.rs"))
    }

    fn rewrite(&self, plan: &mut LogicalPlan, most: usize) -> usize {
        let mut removed = 0;
        for index in plan.ordered() {
            let types = plan.input_types(index);
            if removed < most && plan.node(index).op.is_no_op(&types.iter().collect::<Vec<_>>()) {
                let input = plan.inputs(index)[0];
                plan.redirect(index, input);
                plan.remove(index);
                removed += 1;
            }
        }
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{difference, with_sinks};
    use super::*;

    #[test]
    fn a_scale_to_the_same_size_disappears() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = shift %1 zero=0\n%3 = scale %2 1920x1080 zimg\n%4 = convert %3 yuv420p bt709/tv zimg";
        insta::assert_snapshot!(difference(&RemoveNoOps, &with_sinks(plan, &[(4, 5)])), @r#"
        - %2 = shift %1 zero=0
        - %3 = scale %2 1920x1080 zimg
        - %4 = convert %3 yuv420p bt709/tv zimg
        - %5 = encode-video %4 h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25
        + %5 = encode-video %1 h264 by=libx264/164 rate=512k gop=50 speed=medium threads=slices:2 fps=25
        "#);
    }

    #[test]
    fn a_scale_that_makes_pixels_square_stays() {
        let plan = "%0 = demux $IN/a.mp4 aa\n%1 = DECODE\n%2 = scale %1 1920x1080 zimg"
            .replace("DECODE", super::super::testing::DECODE)
            .replace("aspect=1", "aspect=4/3");
        insta::assert_snapshot!(difference(&RemoveNoOps, &with_sinks(&plan, &[(2, 5)])), @"unchanged");
    }
}
