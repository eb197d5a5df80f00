//! A plan in short: what every output is, in clauses that two plans can be compared by, and how much work there is.

use super::{Shown, WorkCount};
use crate::plan::op::{Mux, Op, Write};
use crate::plan::stream::{StreamType, VideoType};
use crate::plan::{Disposition, FrameTiming, LogicalPlan, OutputSpec, RateControl, VideoCoding, recipe};
use crate::units::FrameRate;
use petgraph::stable_graph::NodeIndex;
use serde::{Deserialize, Serialize};

/// A plan in short. It is kept in saved plans, so that plans of different versions can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDigest {
    /// The procedure as called.
    pub procedure: String,
    /// The source's name.
    pub source: String,
    /// Its content.
    pub identity: String,
    /// All outputs, in the order asked.
    pub outputs: Vec<OutputDigest>,
    /// How much work there is.
    pub work: WorkCount,
    /// How many processes do it.
    pub processes: usize,
}

/// An output in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputDigest {
    /// Its kind, as the API names it.
    pub kind: String,
    /// Its kind and how people call its template: `sprite 10`.
    pub label: String,
    /// `make`, `skip` or `fail`.
    pub state: String,
    /// What it is, in a line; why it is not made, where it is not.
    pub summary: String,
    /// What it is, clause by clause, each a name and a value.
    pub clauses: Vec<(String, String)>,
    /// How it is made, one line for each operation.
    pub recipe: Vec<String>,
}

impl PlanDigest {
    /// A plan in short.
    pub fn of(shown: Shown) -> Self {
        let compilation = shown.compilation;
        let plan = &compilation.logical;
        let mut sinks = plan.sinks().iter().copied();
        let digest = |output: &OutputSpec| {
            let made = output.disposition == Disposition::Make;
            OutputDigest::of(plan, output, if made { sinks.next() } else { None })
        };
        PlanDigest {
            procedure: shown.procedure.to_owned(),
            source: shown.source.name.clone(),
            identity: shown.source.identity.to_string(),
            outputs: compilation.outputs.iter().map(digest).collect(),
            work: WorkCount::of(&compilation.optimised),
            processes: compilation.physical.jobs.len(),
        }
    }
}

impl OutputDigest {
    fn of(plan: &LogicalPlan, output: &OutputSpec, sink: Option<NodeIndex>) -> Self {
        let (state, summary) = match &output.disposition {
            Disposition::Make => ("make", output.summary.clone()),
            Disposition::Skip(reason) => ("skip", reason.clone()),
            Disposition::Fail(_, reason) => ("fail", reason.clone()),
        };
        let mut clauses = sink.map_or_else(Vec::new, |sink| clauses(plan, sink));
        let files = output.paths.len();
        if files > 1 {
            clauses.push(("files".into(), files.to_string()));
        }
        OutputDigest {
            kind: format!("{:?}", output.kind),
            label: super::output_label(output),
            state: state.to_owned(),
            summary,
            clauses,
            recipe: sink.map_or_else(Vec::new, |sink| recipe(plan, sink)),
        }
    }
}

type Clauses = Vec<(String, String)>;

/// What a sink delivers: the container, then each stream. Streams are numbered where a sink may have several of a kind,
/// unless all of them are the same.
fn clauses(plan: &LogicalPlan, sink: NodeIndex) -> Clauses {
    let mut said = delivered(&plan.node(sink).op);
    let is_sound = |index: &NodeIndex| matches!(plan.output(*index), Ok(StreamType::EncodedAudio(..)));
    let (sounds, pictures): (Vec<_>, Vec<_>) = plan.inputs(sink).into_iter().partition(is_sound);
    let several = matches!(plan.node(sink).op, Op::Adaptive(_) | Op::Master(_));
    for (sort, streams) in [("video", pictures), ("audio", sounds)] {
        let own: Vec<Clauses> = streams.iter().map(|stream| stream_clauses(plan, *stream)).collect();
        let alike = own.windows(2).all(|pair| pair[0] == pair[1]) && (!several || sort == "audio");
        for (at, clauses) in own.into_iter().enumerate().take(if alike { 1 } else { usize::MAX }) {
            let prefix = match (alike, sort) {
                (true, "video") => String::new(),
                (true, _) => format!("{sort} "),
                (false, _) => format!("{sort} {} ", at + 1),
            };
            said.extend(clauses.into_iter().map(|(clause, value)| (format!("{prefix}{clause}"), value)));
        }
    }
    said
}

fn delivered(sink: &Op) -> Clauses {
    let mut said = Clauses::new();
    let mut say = |name: &str, value: String| said.push((name.to_owned(), value));
    match sink {
        Op::Mux(Mux { container, segment, encryption, tags, .. }) => {
            say("container", container.to_string());
            if let Some((kind, length)) = segment {
                say("segment", format!("{kind} {length}"));
            }
            if let Some(encryption) = encryption {
                say("encryption", format!("{} {}", encryption.label, encryption.method));
                say("key url", encryption.key_url.clone());
            }
            for (at, tag) in tags.iter().enumerate() {
                let said = [tag.language.as_deref(), tag.title.as_deref()];
                say(&format!("track {}", at + 1), said.into_iter().flatten().collect::<Vec<_>>().join(" "));
            }
        }
        Op::Adaptive(package) => {
            say("container", package.format.to_string());
            say("segment", format!("{} {}", package.segments, package.segment));
            say("renditions", package.variants.len().to_string());
            if let Some(encryption) = &package.encryption {
                say("encryption", format!("{} {}", encryption.label, encryption.method));
                say("key url", encryption.key_url.clone());
            }
        }
        Op::Master(master) => say("renditions", master.members.len().to_string()),
        Op::Write(Write { format, index, .. }) => {
            say("format", format.to_string());
            if let Some(index) = index {
                say("grid", format!("{}x{}", index.columns, index.rows));
                say("cells", index.cells.to_string());
                say("every", index.every.to_string());
            }
        }
        _ => {}
    }
    said
}

/// What one encoded stream is.
fn stream_clauses(plan: &LogicalPlan, stream: NodeIndex) -> Clauses {
    let mut said = Clauses::new();
    match plan.output(stream) {
        Ok(StreamType::EncodedVideo(codec, video)) => {
            said.push(("codec".into(), codec.to_string()));
            said.extend(picture(&video));
        }
        Ok(StreamType::EncodedAudio(codec, sound)) => {
            said.push(("codec".into(), codec.to_string()));
            said.push(("sampling rate".into(), sound.sample_rate.to_string()));
            said.push(("channels".into(), sound.channels.to_string()));
        }
        Ok(StreamType::EncodedStills(_, video)) => said.push(("size".into(), video.size.to_string())),
        Ok(StreamType::EncodedAnimation(format, video)) => {
            said.push(("format".into(), format.to_string()));
            said.extend(picture(&video));
        }
        _ => {}
    }
    match &plan.node(stream).op {
        Op::EncodeVideo(coding) => said.extend(coded(coding)),
        Op::EncodeAudio(coding) => said.extend(coding.bitrate.map(|rate| ("bitrate".into(), rate.to_string()))),
        Op::EncodeAnimation(coding) => said.extend(coding.quality.map(|best| ("quality".into(), best.to_string()))),
        Op::Copy(_) => said.push(("bitrate".into(), "as the source (copied)".into())),
        _ => {}
    }
    said.extend(on_the_way(plan, stream));
    said
}

fn picture(video: &VideoType) -> Clauses {
    let rate = |rate: FrameRate| rate.per_second().to_decimal(3);
    let fps = match video.timing {
        FrameTiming::Constant(constant) => rate(constant),
        FrameTiming::AsSource(average) => format!("variable, {} on average", rate(average)),
    };
    vec![
        ("size".into(), video.size.to_string()),
        ("fps".into(), fps),
        ("pixel format".into(), video.pixel_format.0.clone()),
        ("colour".into(), video.colour.to_string()),
    ]
}

fn coded(coding: &VideoCoding) -> Clauses {
    let rate = match coding.rate_control {
        RateControl::Quality { crf, .. } => ("quality", format!("crf {crf}")),
        RateControl::Rate { target, constant: true, .. } => ("bitrate", format!("{target} constant")),
        RateControl::Rate { target, .. } => ("bitrate", target.to_string()),
    };
    let mut said = vec![(rate.0.to_owned(), rate.1), ("gop".into(), coding.gop.to_string())];
    said.push(("speed".into(), coding.speed.to_string()));
    said.extend(coding.profile.map(|profile| ("profile".into(), profile.to_string())));
    said.extend(coding.level.map(|level| ("level".into(), format!("{}.{}", level / 10, level % 10))));
    said.extend(coding.bframes.map(|count| ("B-frames".into(), count.to_string())));
    said.extend(coding.tag.map(|tag| ("tag".into(), tag.to_string())));
    said.extend(coding.high_range.map(|curve| ("dynamic range".into(), curve.word().to_owned())));
    said
}

/// What is done to a stream between its decode and its encode, in that order.
fn on_the_way(plan: &LogicalPlan, stream: NodeIndex) -> Clauses {
    let mut said = Clauses::new();
    let mut at = stream;
    // Inputs before users and no cycles: this walks up a chain and ends at the source.
    while let Some(above) = plan.inputs(at).first().copied() {
        let mut say = |name: &str, value: String| said.push((name.to_owned(), value));
        match &plan.node(at).op {
            Op::Trim(trim) => say("part", format!("{} to {}", trim.from, trim.to)),
            Op::Deinterlace => say("deinterlace", "on".into()),
            Op::Denoise => say("denoise", "on".into()),
            Op::ToneMap { .. } => say("dynamic range", "tone-mapped".into()),
            Op::Pad { size, fill } => say("bars", format!("{fill} to {size}")),
            Op::Overlay { x, y, .. } => {
                let mark = plan.inputs(at).get(1).map(|mark| mark_words(plan, *mark)).unwrap_or_default();
                say("mark", format!("{mark} at {x},{y}"));
            }
            Op::EncodeVideo(_) if plan.inputs(at).len() > 1 => say("passes", "2".into()),
            _ => {}
        }
        at = above;
    }
    said.reverse();
    said
}

fn mark_words(plan: &LogicalPlan, mark: NodeIndex) -> String {
    match &plan.node(mark).op {
        Op::Mark { name, size, .. } => format!("{name} {size}"),
        _ => String::new(),
    }
}
