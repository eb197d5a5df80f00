//! Pictures of outputs that are larger than the limits allow (`reliability.md` R6).

use super::Lowering;
use crate::diag::{Diagnostic, codes, message};
use crate::plan::stream::StreamType;
use crate::plan::{Disposition, Op};
use crate::units::Resolution;
use petgraph::stable_graph::NodeIndex;

impl Lowering<'_> {
    /// Looks at what is encoded for each output; the first picture that is too large is an error.
    pub(super) fn refuse_large_pictures(&mut self) {
        let made = self.outputs.iter().filter(|output| output.disposition == Disposition::Make);
        let outputs: Vec<_> = made.map(|output| (output.label.clone(), output.asked)).collect();
        let sinks = self.plan.sinks().to_vec();
        for (sink, (label, asked)) in sinks.into_iter().zip(outputs) {
            let Some((name, most, size)) = self.too_large(sink) else { continue };
            let note = message!(
                "`{}` would have pictures of {}, and the limit is {} pixels",
                &label,
                size.to_string(),
                most.to_string()
            );
            let help = message!(
                "give the output a smaller size, or raise the limit with `--limit {}={}`",
                name,
                size.pixels().to_string()
            );
            self.diagnostics.push(Diagnostic::new(&codes::OUTPUT_LIMIT, note).at(asked, "").with_help(help));
        }
    }

    /// Name and value of the limit that something above a sink exceeds, and its size.
    fn too_large(&self, sink: NodeIndex) -> Option<(&'static str, u64, Resolution)> {
        let limits = self.input.limits;
        let mut waiting = vec![sink];
        while let Some(node) = waiting.pop() {
            let inputs = self.plan.inputs(node);
            let (name, most) = match (&self.plan.node(node).op, inputs.first()) {
                (Op::EncodePictures(_), Some(input)) if matches!(self.plan.node(*input).op, Op::Tile { .. }) => {
                    ("sheet-pixels", limits.sheet_pixels)
                }
                (Op::EncodePictures(_) | Op::EncodeVideo(_) | Op::EncodeAnimation(_), _) => {
                    ("output-pixels", limits.output_pixels)
                }
                _ => {
                    waiting.extend(inputs);
                    continue;
                }
            };
            let streams = inputs.iter().filter_map(|input| self.plan.output(*input).ok());
            let mut sizes = streams.filter_map(|stream| match stream {
                StreamType::Video(video) | StreamType::Stills(video) => Some(video.size),
                _ => None,
            });
            if let Some(size) = sizes.find(|size| size.pixels() > most) {
                return Some((name, most, size));
            }
        }
        None
    }
}
