//! One picture of each rendition at a moment of the source, from the very filters of the plan and without encoding films.
//!
//! Made from a lowered plan: the chain before each encode is kept, but that the picture is chosen where it is decoded and
//! nothing is cut or brought to a rate before. So it shows what is delivered and is no second way of making it.

use super::picture::still_format;
use super::{LowerInput, Lowered};
use crate::catalog::template::ImageFormat;
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::media::Timeline;
use crate::plan::op::{Op, Picked, Write};
use crate::plan::stream::StreamType;
use crate::plan::{
    Disposition, LogicalPlan, Moments, OutputId, OutputKind, OutputPath, OutputSpec, PictureCoding, PlanError,
    VideoCoding,
};
use crate::units::{TimePoint, Timestamp};
use petgraph::stable_graph::NodeIndex;

/// The plan of one PNG picture for each rendition of a lowered plan, at a moment on the procedure's time line. A rendition
/// that does not show the moment is left out, with the reason.
pub fn preview(lowered: &Lowered, input: LowerInput, at: TimePoint) -> Result<(Lowered, Diagnostics), PlanError> {
    let mut diagnostics = Diagnostics::default();
    let timeline = Timeline::of(input.source.picture(), input.source.sound());
    let format = ImageFormat::Png;
    let (Some(facts), Some(timeline), Some(encoder)) =
        (input.source.picture(), timeline, input.target.image_encoder(format))
    else {
        let note = message!("there is no picture that could be shown");
        diagnostics.push(Diagnostic::new(&codes::NOTHING_TO_MAKE, note));
        return Ok((Lowered { plan: LogicalPlan::default(), outputs: Vec::new() }, diagnostics));
    };
    let time = at.resolve(timeline.duration());
    let picture = timeline.picture_at(facts, time);
    let before = picture.index.checked_sub(1).map(|index| timeline.picture(facts, index));
    let not_before = before.map(|before| Timestamp(before.time.0.midpoint(picture.time.0)));
    let picked = Picked { picture, not_before };
    let coding = PictureCoding { format, implementation: encoder, count: 1 };
    let mut making = Making { from: &lowered.plan, plan: LogicalPlan::default(), input, picked, time };
    let mut outputs = Vec::new();
    let made = lowered.outputs.iter().filter(|output| output.disposition == Disposition::Make);
    for (output, sink) in made.zip(lowered.plan.sinks()) {
        let encodes = making.encodes(*sink);
        if encodes.is_empty() && making.copies_a_picture(*sink) {
            let reason = "its picture is copied, as the source has it".to_owned();
            outputs.push(making.named(output, "", outputs.len(), Disposition::Skip(reason)));
        }
        for (at, encode) in encodes.iter().enumerate() {
            let rung = (encodes.len() > 1).then_some(at + 1);
            outputs.push(making.output(output, rung, *encode, &coding, outputs.len())?);
        }
    }
    if outputs.iter().all(|output| output.disposition != Disposition::Make) {
        let note = message!("no rendition of the procedure is encoded and shows a picture at {}", at.to_string());
        diagnostics.push(Diagnostic::new(&codes::NOTHING_TO_MAKE, note));
    }
    Ok((Lowered { plan: making.plan, outputs }, diagnostics))
}

/// A plan under construction.
struct Making<'a> {
    from: &'a LogicalPlan,
    plan: LogicalPlan,
    input: LowerInput<'a>,
    picked: Picked,
    /// The moment on the procedure's time line.
    time: Timestamp,
}

impl Making<'_> {
    /// The encodes of moving pictures that an output is made of; of copies and animations there is nothing to compose.
    fn encodes(&self, sink: NodeIndex) -> Vec<NodeIndex> {
        let encodes = |op: &Op| matches!(op, Op::EncodeVideo(_));
        let inputs = self.from.inputs(sink).into_iter();
        let listed = !matches!(self.from.node(sink).op, Op::Master(_));
        inputs.filter(|index| listed && encodes(&self.from.node(*index).op)).collect()
    }

    /// Whether an output has a picture that is copied.
    fn copies_a_picture(&self, sink: NodeIndex) -> bool {
        let is_picture = |op: &Op| matches!(op, Op::Copy(copy) if matches!(copy.output, StreamType::EncodedVideo(..)));
        self.from.inputs(sink).into_iter().any(|index| is_picture(&self.from.node(index).op))
    }

    /// An output for a picture of another, without the picture.
    fn named(&self, output: &OutputSpec, rung: &str, number: usize, disposition: Disposition) -> OutputSpec {
        OutputSpec {
            id: OutputId(number as u32),
            kind: OutputKind::SnapshotByTimeOffset,
            label: format!("{}{rung}", output.label),
            paths: Vec::new(),
            moments: Moments::At(vec![self.time]),
            notes: Vec::new(),
            conformance: Vec::new(),
            disposition,
            ..output.clone()
        }
    }

    /// The picture of one encode as an output of its own, which is left out when the encode does not show the moment.
    fn output(
        &mut self,
        output: &OutputSpec,
        rung: Option<usize>,
        encode: NodeIndex,
        coding: &PictureCoding,
        number: usize,
    ) -> Result<OutputSpec, PlanError> {
        let chain = self.chain(encode);
        let rung = rung.map(|rung| format!("_{rung}")).unwrap_or_default();
        let shown = output.paths.first().map_or("preview", |path| path.file_name());
        let name = shown.rsplit_once('.').map_or(shown, |(stem, _)| stem);
        let stem = OutputPath::new(&format!("{number}/{name}{rung}"));
        let (Some(time), Some(stem)) = (self.time_within(&chain), stem) else {
            let reason = format!("it does not show {}", self.time);
            return Ok(self.named(output, &rung, number, Disposition::Skip(reason)));
        };
        let mut picture = self.copied(&chain, time)?;
        if let Op::EncodeVideo(VideoCoding { high_range: Some(curve), .. }) = &self.from.node(encode).op {
            picture = self.plan.add(Op::ToneMap { curve: *curve }, &[picture])?;
        }
        let (pixel_format, colour) = still_format(coding.format);
        let convert = Op::Convert { pixel_format, colour, scaler: self.input.target.scaler() };
        let converted = self.plan.add(convert, &[picture])?;
        let size = match self.plan.output(converted)? {
            StreamType::Stills(video) => video.size.to_string(),
            _ => String::new(),
        };
        let encoded = self.plan.add(Op::EncodePictures(coding.clone()), &[converted])?;
        let write = Write { stem, format: coding.format, pictures: vec![1], index: None };
        let paths = write.paths();
        self.plan.add(Op::Write(write), &[encoded])?;
        Ok(OutputSpec { summary: size, paths, ..self.named(output, &rung, number, Disposition::Make) })
    }

    /// From the source to the last filter before an encode.
    fn chain(&self, encode: NodeIndex) -> Vec<NodeIndex> {
        let mut chain = Vec::new();
        let mut at = encode;
        while let Some(above) = self.from.inputs(at).first().copied() {
            chain.push(above);
            at = above;
        }
        chain.reverse();
        chain
    }

    /// The moment on the output's own time line, on which marks are seen; nothing where the output is cut before or after.
    fn time_within(&self, chain: &[NodeIndex]) -> Option<Timestamp> {
        let trims = chain.iter().filter_map(|index| match &self.from.node(*index).op {
            Op::Trim(trim) => Some(*trim),
            _ => None,
        });
        let mut time = self.time;
        for trim in trims {
            if time < trim.from || time >= trim.to {
                return None;
            }
            time = Timestamp(time.0 - trim.from.0);
        }
        Some(time)
    }

    /// The chain again, the picture chosen behind the decode. What works on films only is left out: it changes when
    /// pictures are shown, or needs those around.
    fn copied(&mut self, chain: &[NodeIndex], time: Timestamp) -> Result<NodeIndex, PlanError> {
        let mut picture = None;
        let mut is_chosen = false;
        for index in chain {
            let op = self.from.node(*index).op.clone();
            let leads = matches!(op, Op::Demux { .. } | Op::Decode { .. } | Op::Shift { .. } | Op::Deinterlace);
            if let Some(film) = picture.filter(|_| !leads && !is_chosen) {
                picture = Some(self.plan.add(Op::Pick { pictures: vec![self.picked] }, &[film])?);
                is_chosen = true;
            }
            let inputs: Vec<NodeIndex> = picture.into_iter().collect();
            picture = match op {
                Op::Trim(_) | Op::Retime { .. } | Op::Denoise => picture,
                Op::Overlay { x, y, from, to } => match inputs.first() {
                    Some(below) if is_seen(from, to, time) => Some(self.overlaid(*index, *below, x, y)?),
                    _ => picture,
                },
                op => Some(self.plan.add(op, &inputs)?),
            };
        }
        // A chain has a source; a film that nothing filters is chosen from here.
        let film = picture.ok_or(PlanError::Sinks)?;
        if is_chosen { Ok(film) } else { self.plan.add(Op::Pick { pictures: vec![self.picked] }, &[film]) }
    }

    /// A mark that is seen now, without its times; of one that moves the first picture.
    fn overlaid(&mut self, overlay: NodeIndex, below: NodeIndex, x: i64, y: i64) -> Result<NodeIndex, PlanError> {
        let mark = self.from.inputs(overlay).get(1).map(|mark| self.from.node(*mark).op.clone());
        let Some(Op::Mark { name, image, size, opacity, inset, .. }) = mark else { return Ok(below) };
        let mark = self.plan.add(Op::Mark { name, image, size, opacity, inset, play: None }, &[])?;
        self.plan.add(Op::Overlay { x, y, from: None, to: None }, &[below, mark])
    }
}

fn is_seen(from: Option<Timestamp>, to: Option<Timestamp>, time: Timestamp) -> bool {
    from.is_none_or(|from| from <= time) && to.is_none_or(|to| time < to)
}
