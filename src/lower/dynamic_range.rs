//! Dynamic range: what becomes of pictures whose transfer curve is one of high dynamic range.

use super::{Lowering, Obstacle, Request};
use crate::catalog::template::Hdr;
use crate::diag::{Diagnostic, codes, message};
use crate::media::VideoFacts;
use crate::plan::op::Op;
use crate::plan::stream::HighRange;
use petgraph::stable_graph::NodeIndex;

/// What becomes of the dynamic range of a picture stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DynamicRange {
    /// It is the standard one, or is left alone because nothing can map it (with a warning).
    Untouched,
    /// It is mapped to the standard one.
    Mapped(HighRange),
    /// It is kept, and players are told.
    Kept(HighRange),
}

impl Lowering<'_> {
    /// Decides it from the source, a template's wish, and what the target can do.
    pub(super) fn dynamic_range(&mut self, wish: Hdr, facts: &VideoFacts) -> DynamicRange {
        let curve = match facts.colour.transfer.as_deref() {
            Some("smpte2084") => HighRange::Pq,
            Some("arib-std-b67") => HighRange::Hlg,
            _ => return DynamicRange::Untouched,
        };
        match wish {
            Hdr::Keep => DynamicRange::Kept(curve),
            Hdr::Sdr if self.input.target.maps_tones() => DynamicRange::Mapped(curve),
            Hdr::Sdr => {
                let note = message!(
                    "the source has a high dynamic range, which the installed ffmpeg cannot map to the standard range"
                );
                let help = message!("install an ffmpeg with the filters `zscale` and `tonemap`");
                self.diagnostics.push(Diagnostic::new(&codes::HDR_NOT_MAPPED, note).with_help(help));
                DynamicRange::Untouched
            }
        }
    }

    /// Still pictures are always of standard range.
    pub(super) fn stills_in_standard_range(&mut self, picture: NodeIndex, facts: &VideoFacts) -> NodeIndex {
        match self.dynamic_range(Hdr::Sdr, facts) {
            DynamicRange::Mapped(curve) => self.add(Op::ToneMap { curve }, &[picture]),
            _ => picture,
        }
    }

    /// The colours of marks are of standard range: laid over others they would glare.
    pub(super) fn mark_on_high_range(&mut self, request: &Request) -> Obstacle {
        let note = message!("`{}` keeps a high dynamic range, and no mark can be laid over it", &request.label);
        let help = message!("leave the mark out, or write `hdr: sdr`");
        let code = &codes::UNSUPPORTED_TEMPLATE;
        self.diagnostics.push(Diagnostic::new(code, note).at(request.asked, "").with_help(help));
        Obstacle::Refused
    }
}
