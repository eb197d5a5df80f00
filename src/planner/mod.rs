//! Planning: the logical plan becomes processes.
//!
//! Encodes that share any operation run in one process; containers are made by copying when it has ended. What
//! is delivered is fixed already: nothing here changes it.

mod blur;
mod copies;
mod cuts;
mod expect;
mod filters;
mod motion;
mod package;
mod places;
mod reading;
mod relay;
mod sequence;

pub use places::DECISIONS;

use crate::catalog::template::Container;
use crate::cost::{Machine, PlanEstimate};
use crate::limits::Limits;
use crate::media::SourceFacts;
use crate::physical::{
    Artifact, ArtifactId, Coding, ContainerWork, Decision, Delivery, DeliveryForm, EncodeWork, Expectation, InputTimes,
    Job, JobId, LastPicture, MasterWork, Opening, PackageWork, Pad, PhysicalPlan, PlannedText, PreparedMark, Product,
    ReadBounds, SourceInput, Work,
};
use crate::plan::op::{Mux, Write};
use crate::plan::stream::StreamType;
use crate::plan::{Disposition, FrameTiming, LogicalPlan, Op, OutputId, OutputPath, OutputSpec, PictureCoding, recipe};
use crate::target::Target;
use crate::units::{Duration, Timestamp};
use filters::{Purpose, Windows};
use petgraph::stable_graph::NodeIndex;
use reading::{Place, Reader};
use relay::Relay;
use std::collections::{BTreeMap, BTreeSet};

/// What planning goes by beside the plan itself.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The source.
    pub source: &'a SourceFacts,
    /// The installed ffmpeg.
    pub target: &'a Target,
    /// What processes may use.
    pub limits: &'a Limits,
    /// What things cost.
    pub machine: &'a Machine,
    /// Names of [`DECISIONS`] that are not taken.
    pub forbidden: &'a BTreeSet<String>,
}

/// Makes the physical plan, with what it is expected to take; unshared cost and savings are the caller's, who saw the
/// rules at work.
pub fn plan(logical: &LogicalPlan, outputs: &[OutputSpec], situation: Situation) -> (PhysicalPlan, PlanEstimate) {
    let make = |groups: &[Vec<NodeIndex>]| grouped(logical, outputs, situation, groups);
    let (mut plan, estimate) = cuts::planned(logical, groups(logical), situation, &make);
    // How an output is made does not depend on the processes that make it.
    let made = made(logical, outputs);
    plan.recipes = made.into_iter().map(|(sink, output)| (output, recipe(logical, sink))).collect();
    (plan, estimate)
}

/// The ends of a logical plan with the outputs that they are.
fn made(logical: &LogicalPlan, outputs: &[OutputSpec]) -> Vec<(NodeIndex, OutputId)> {
    let made = outputs.iter().filter(|output| output.disposition == Disposition::Make).map(|output| output.id);
    logical.sinks().iter().copied().zip(made).collect()
}

/// The physical plan in which each group of encodes is made together, still without recipes.
fn grouped(
    logical: &LogicalPlan,
    outputs: &[OutputSpec],
    situation: Situation,
    groups: &[Vec<NodeIndex>],
) -> PhysicalPlan {
    let Situation { source, target, limits, machine, forbidden } = situation;
    let mut planning = Planning {
        reader: Reader::of(source, target, machine),
        forbidden,
        span: source.duration(),
        decisions: Vec::new(),
        logical,
        artifacts: Vec::new(),
        jobs: Vec::new(),
        marks: Vec::new(),
        texts: Vec::new(),
        deliveries: Vec::new(),
        masters: Vec::new(),
        made_by: BTreeMap::new(),
        parts: BTreeMap::new(),
        laid_by: BTreeMap::new(),
    };
    for encodes in groups {
        planning.group(encodes);
    }
    for (sink, output) in made(logical, outputs) {
        planning.deliver(sink, output, outputs, source.duration());
    }
    let jobs = if forbidden.contains(copies::SHARE) { planning.jobs } else { copies::shared(planning.jobs) };
    PhysicalPlan {
        source: source_input(source, target, limits),
        outputs: outputs.to_vec(),
        artifacts: planning.artifacts,
        jobs,
        marks: planning.marks,
        masters: planning.masters,
        texts: planning.texts,
        deliveries: planning.deliveries,
        decisions: planning.decisions,
        recipes: BTreeMap::new(),
        parallel_encoders: target.is_at_least(7, 0),
    }
}

/// Encodes that share an operation, in the order of the plan. What a moving mark lies on is made alone: beside an encode
/// that ends late, the pictures below the mark would wait in memory (`planner.md` 4.1; 0.2 GB at 10 s, 0.6 GB at 60 s).
fn groups(logical: &LogicalPlan) -> Vec<Vec<NodeIndex>> {
    let encodes = logical.ordered().into_iter().filter(|index| logical.node(*index).op.is_encode());
    // What a second pass reads is whole only when the process of the first one has ended.
    let (second, first): (Vec<_>, Vec<_>) = encodes.partition(|encode| analysis_for(logical, *encode).is_some());
    let mut groups = sharing(logical, first);
    groups.extend(sharing(logical, second));
    groups
}

/// The analysis that an encode needs before it can start.
fn analysis_for(logical: &LogicalPlan, encode: NodeIndex) -> Option<NodeIndex> {
    logical.inputs(encode).into_iter().find(|input| matches!(logical.node(*input).op, Op::AnalyseVideo(_)))
}

fn sharing(logical: &LogicalPlan, encodes: Vec<NodeIndex>) -> Vec<Vec<NodeIndex>> {
    let mut group_of: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<NodeIndex>> = Vec::new();
    for encode in encodes {
        let above = ancestors(logical, encode);
        if above.iter().any(|index| matches!(logical.node(*index).op, Op::Mark { play: Some(_), .. })) {
            groups.push(vec![encode]);
            continue;
        }
        let mut joined: Vec<usize> = above.iter().filter_map(|index| group_of.get(index).copied()).collect();
        joined.sort_unstable();
        joined.dedup();
        let home = joined.first().copied().unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        for other in joined.into_iter().skip(1) {
            let moved = std::mem::take(&mut groups[other]);
            groups[home].extend(moved);
            group_of.values_mut().filter(|group| **group == other).for_each(|group| *group = home);
        }
        groups[home].push(encode);
        above.into_iter().for_each(|index| {
            group_of.insert(index, home);
        });
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Everything that an encode reads from in its own process: not the analysis, whose pictures are the same.
fn ancestors(logical: &LogicalPlan, start: NodeIndex) -> Vec<NodeIndex> {
    let mut found = Vec::new();
    let mut waiting = logical.inputs(start);
    waiting.retain(|input| !logical.node(*input).op.is_encode());
    while let Some(index) = waiting.pop() {
        if !found.contains(&index) {
            found.push(index);
            waiting.extend(logical.inputs(index));
        }
    }
    found
}

/// Everything that reads from a node, directly or not.
fn descendants(logical: &LogicalPlan, start: NodeIndex) -> BTreeSet<NodeIndex> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(index) = waiting.pop() {
        let users = logical.users(index).into_iter().map(|(user, _)| user);
        waiting.extend(users.filter(|user| found.insert(*user)));
    }
    found
}

fn source_input(source: &SourceFacts, target: &Target, limits: &Limits) -> SourceInput {
    let codecs = source.video.iter().map(|stream| &stream.codec).chain(source.audio.iter().map(|stream| &stream.codec));
    let mut decoders: Vec<String> =
        codecs.flat_map(|codec| decoders_of(codec)).filter(|name| target.decoders.contains(name)).collect();
    decoders.sort();
    decoders.dedup();
    SourceInput {
        name: source.name.clone(),
        demuxer: source.container.split(',').next().unwrap_or_default().to_owned(),
        decoders,
        bounds: ReadBounds::of(limits),
        identity: source.identity.clone(),
    }
}

/// ffmpeg's decoders of a codec: most have the codec's name, some another or a second one.
fn decoders_of(codec: &str) -> Vec<String> {
    let others: &[&str] = match codec {
        "av1" => &["libdav1d", "libaom-av1"],
        "mp3" | "mp2" | "mp1" => &["mp3float", "mp2float", "mp1float"],
        "vp8" => &["libvpx"],
        "vp9" => &["libvpx-vp9"],
        "opus" => &["libopus"],
        "vorbis" => &["libvorbis"],
        _ => &[],
    };
    std::iter::once(codec).chain(others.iter().copied()).map(str::to_owned).collect()
}

/// What one process makes, and where it reads the source.
#[derive(Debug, Default)]
struct EncodeTask {
    makes: Vec<Piece>,
    /// Empty when it is read from the start.
    places: Vec<Place>,
    /// Of each of what it makes, the places that it needs; empty where it needs them all.
    needs: Vec<Vec<u32>>,
    /// Of choices of pictures that several processes share out, the part that is this one's.
    windows: Windows,
    /// What is read instead of the source.
    relay: Option<Relay>,
}

/// Something that a process makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// All that an encode makes.
    Whole(NodeIndex),
    /// Of the pictures of an encode, so many from a number on.
    Part(NodeIndex, (u32, u32)),
    /// So many of the pictures that an operation puts together in another process.
    Raw(NodeIndex, (u32, u32)),
}

impl Piece {
    /// The operation that reads it, or that encodes it.
    fn reader(self) -> NodeIndex {
        match self {
            Piece::Whole(node) | Piece::Part(node, _) | Piece::Raw(node, _) => node,
        }
    }

    fn part(self) -> Option<(u32, u32)> {
        match self {
            Piece::Whole(_) => None,
            Piece::Part(_, part) | Piece::Raw(_, part) => Some(part),
        }
    }
}

impl EncodeTask {
    fn whole(encodes: Vec<NodeIndex>) -> Self {
        EncodeTask { makes: encodes.into_iter().map(Piece::Whole).collect(), ..EncodeTask::default() }
    }
}

struct Planning<'a> {
    logical: &'a LogicalPlan,
    reader: Option<Reader<'a>>,
    forbidden: &'a BTreeSet<String>,
    /// How much media time a process goes through.
    span: Duration,
    decisions: Vec<Decision>,
    artifacts: Vec<Artifact>,
    jobs: Vec<Job>,
    marks: Vec<PreparedMark>,
    texts: Vec<PlannedText>,
    deliveries: Vec<Delivery>,
    masters: Vec<MasterWork>,
    /// Encode node → its artefact and the job that makes it; of a set of pictures in parts, the first part.
    made_by: BTreeMap<NodeIndex, (ArtifactId, JobId)>,
    /// Sets of pictures that several processes make: artefact, number of its first picture, and how many it has.
    parts: BTreeMap<NodeIndex, Vec<(ArtifactId, u32, u32)>>,
    /// Pictures laid by for operations that put them together, in their order, and the jobs that do it.
    laid_by: BTreeMap<NodeIndex, Vec<(ArtifactId, JobId)>>,
}

impl Planning<'_> {
    fn next_artifact(&self) -> ArtifactId {
        ArtifactId(self.artifacts.len() as u32)
    }

    fn encode_job(&mut self, task: &EncodeTask) {
        let id = JobId(self.jobs.len() as u32);
        let first_mark = self.marks.len();
        let readers: Vec<NodeIndex> = task.makes.iter().map(|piece| piece.reader()).collect();
        let purpose = Purpose {
            readers: &readers,
            places: &task.places,
            windows: &task.windows,
            relay: task.relay.as_ref(),
            first_mark,
        };
        let built = filters::build(self.logical, purpose);
        self.marks.extend(built.marks);
        let (mut products, mut needs) = (Vec::new(), Vec::new());
        for (number, (piece, pad)) in task.makes.iter().zip(built.ends).enumerate() {
            let Some(product) = self.product(*piece, pad, id) else { continue };
            let openings = task.needs.get(number).cloned().unwrap_or_default();
            let statistics = analysis_for(self.logical, piece.reader());
            let statistics = statistics.and_then(|analysis| self.made_by.get(&analysis));
            needs.extend(statistics.map(|(_, job)| *job));
            products.push(Product { openings, statistics: statistics.map(|(artifact, _)| *artifact), ..product });
        }
        needs.extend(self.relayed(task).map(|(_, job)| *job));
        let (graph, guards) = (built.graph, built.guards);
        let work = EncodeWork { graph, guards, products, ..EncodeWork::default() };
        let work = self.read_from(task, work, Purpose { places: &[], relay: None, ..purpose });
        needs.sort();
        needs.dedup();
        self.jobs.push(Job { id, needs, work: Work::Encode(work), span: self.span });
    }

    /// What a task reads instead of the source.
    fn relayed(&self, task: &EncodeTask) -> impl Iterator<Item = &(ArtifactId, JobId)> {
        task.relay.iter().filter_map(|relay| self.laid_by.get(&relay.reader)).flatten()
    }

    /// What comes out at one end of a job's graph, as an artefact of the plan.
    fn product(&mut self, piece: Piece, pad: Pad, job: JobId) -> Option<Product> {
        let artifact = self.next_artifact();
        let (reader, part) = (piece.reader(), piece.part());
        let (coding, prefix, ending) = self.coding(piece)?;
        let name = match &coding {
            Coding::Pictures(_) => format!("{prefix}{}_%05d.{ending}", artifact.0),
            Coding::Animation(_) => format!("{prefix}{}.{ending}", artifact.0),
            _ => format!("{prefix}{}{ending}", artifact.0),
        };
        let inputs = self.logical.input_types(reader);
        let colour = match (&coding, inputs.first()) {
            (Coding::Video(_), Some(StreamType::Video(video))) => Some(video.colour),
            _ => None,
        };
        let expect = expect::elementary(&coding, &inputs);
        let key = match piece {
            Piece::Raw(..) => self.logical.inputs(reader).first().map(|input| self.logical.node(*input).key.clone())?,
            Piece::Whole(_) | Piece::Part(..) => self.logical.node(reader).key.clone(),
        };
        self.artifacts.push(Artifact { id: artifact, key, name, part: part.map(|(first, _)| first), expect });
        match piece {
            Piece::Raw(..) => self.laid_by.entry(reader).or_default().push((artifact, job)),
            Piece::Whole(_) => drop(self.made_by.entry(reader).or_insert((artifact, job))),
            Piece::Part(_, (first, count)) => {
                self.made_by.entry(reader).or_insert((artifact, job));
                self.parts.entry(reader).or_default().push((artifact, first, count));
            }
        }
        Some(Product { pad, artifact, coding, colour, openings: Vec::new(), statistics: None })
    }

    /// How it is encoded, and the beginning and the ending of its name.
    fn coding(&self, piece: Piece) -> Option<(Coding, &'static str, &'static str)> {
        if let Piece::Raw(reader, (_, count)) = piece {
            let (raw, _) = relay::handed(self.logical, reader, count)?;
            return Some((Coding::Raw(raw), "r", ".raw"));
        }
        Some(match &self.logical.node(piece.reader()).op {
            Op::AnalyseVideo(coding) => (Coding::Analysis(coding.clone()), "s", ".log"),
            Op::EncodeVideo(coding) => (Coding::Video(coding.clone()), "v", ".mp4"),
            Op::EncodeAudio(coding) => (Coding::Audio(coding.clone()), "a", expect::audio_ending(coding.codec)),
            Op::EncodePictures(coding) => {
                let count = piece.part().map_or(coding.count, |(_, count)| count);
                (Coding::Pictures(PictureCoding { count, ..coding.clone() }), "p", coding.format.word())
            }
            Op::Copy(copy) => (Coding::Copy(copy.clone()), "c", expect::copy_ending(&copy.output)),
            Op::EncodeAnimation(coding) => (Coding::Animation(coding.clone()), "g", coding.format.word()),
            _ => return None,
        })
    }

    /// The work with how it opens the source, and with the same work that reads it from the start.
    fn read_from(&self, task: &EncodeTask, work: EncodeWork, plainly: Purpose) -> EncodeWork {
        if task.places.is_empty() && task.relay.is_none() {
            return EncodeWork { openings: vec![Opening::Start], ..work };
        }
        let built = filters::build(self.logical, plainly);
        let products = work.products.iter().cloned().zip(built.ends);
        let products = products.map(|(product, pad)| Product { pad, openings: Vec::new(), ..product });
        let (openings, products) = (vec![Opening::Start], products.collect());
        let plainer = EncodeWork { openings, graph: built.graph, products, ..EncodeWork::default() };
        let places = task.places.iter().map(|place| place.opening);
        let relayed = self.relayed(task).map(|(artifact, _)| Opening::Raw(*artifact));
        EncodeWork {
            openings: places.chain(relayed).collect(),
            decoded: task.places.iter().map(|place| place.decoded).collect(),
            plainer: Some(Box::new(plainer)),
            ..work
        }
    }

    fn deliver(&mut self, sink: NodeIndex, output: OutputId, outputs: &[OutputSpec], span: Duration) {
        let streams: Vec<_> =
            self.logical.inputs(sink).iter().filter_map(|input| self.made_by.get(input).copied()).collect();
        match &self.logical.node(sink).op {
            Op::Mux(mux) => self.package(sink, mux, output, &streams, span),
            Op::Adaptive(package) => self.adaptive(sink, package, output, &streams, span),
            Op::Master(master) => self.master(sink, master, output, outputs),
            Op::Write(write) => self.write(sink, write, output, &streams),
            Op::WriteAnimation { path } => self.file(path, output, &streams),
            _ => {}
        }
    }

    fn package(
        &mut self,
        sink: NodeIndex,
        mux: &Mux,
        output: OutputId,
        streams: &[(ArtifactId, JobId)],
        span: Duration,
    ) {
        let artifact = self.next_artifact();
        let inputs: Vec<ArtifactId> = streams.iter().map(|(artifact, _)| *artifact).collect();
        let mut needs: Vec<JobId> = streams.iter().map(|(_, job)| *job).collect();
        needs.dedup();
        let copied = |input: &NodeIndex| matches!(self.logical.node(*input).op, Op::Copy(_));
        let any_copied = self.logical.inputs(sink).iter().any(copied);
        let times = if any_copied { InputTimes::Kept } else { InputTimes::FromZero };
        let parts: Vec<_> = inputs.iter().map(|input| &self.artifacts[input.0 as usize].expect).collect();
        let last_picture = self.last_picture(sink, mux);
        let expect = expect::package(mux, &parts, last_picture);
        let form = match (mux.container.is_segmented(), mux.path.folder().and_then(OutputPath::new)) {
            (true, Some(folder)) => DeliveryForm::Folder { folder, playlist: mux.path.clone() },
            _ => DeliveryForm::File(mux.path.clone()),
        };
        let name = match &form {
            DeliveryForm::Folder { .. } => format!("o{}", artifact.0),
            _ => format!("o{}.{}", artifact.0, mux.container),
        };
        let key = self.logical.node(sink).key.clone();
        self.artifacts.push(Artifact { id: artifact, key, name, part: None, expect });
        let container = ContainerWork {
            streams: inputs,
            container: mux.container,
            segment: mux.segment,
            encryption: mux.encryption.clone(),
            tags: mux.tags.clone(),
            last_picture,
            artifact,
        };
        let work = Work::Package(PackageWork::of(times, vec![container]));
        self.jobs.push(Job { id: JobId(self.jobs.len() as u32), needs, work, span });
        self.deliveries.push(Delivery { output, artifact, form });
    }

    /// MP4 can say how long the last picture of a variable rate is shown; encoders do not.
    fn last_picture(&self, sink: NodeIndex, mux: &Mux) -> Option<LastPicture> {
        let picture = self.logical.inputs(sink).into_iter().find(|input| {
            mux.container == Container::Mp4 && matches!(self.logical.node(*input).op, Op::EncodeVideo(_))
        })?;
        let Ok(StreamType::EncodedVideo(_, video)) = self.logical.output(picture) else { return None };
        let end = Timestamp(video.start.0 + video.duration.seconds());
        matches!(video.timing, FrameTiming::AsSource(_)).then_some(LastPicture { count: video.frames, end })
    }

    fn file(&mut self, path: &OutputPath, output: OutputId, streams: &[(ArtifactId, JobId)]) {
        let Some((artifact, _)) = streams.first().copied() else { return };
        self.deliveries.push(Delivery { output, artifact, form: DeliveryForm::File(path.clone()) });
    }

    /// The index of sheets comes first: what it says about the output is said about all of it.
    fn index(&mut self, sink: NodeIndex, write: &Write, output: OutputId) {
        let (Some(index), Some(path)) = (&write.index, write.index_path()) else { return };
        let artifact = self.next_artifact();
        let (key, name) = (self.logical.node(sink).key.clone(), format!("i{}.vtt", artifact.0));
        let sheets = write.paths();
        let names: Vec<&str> = sheets.iter().map(OutputPath::file_name).collect();
        self.texts.push(PlannedText { artifact, content: index.web_vtt(&names) });
        let expect = Expectation::SheetIndex(index.clone());
        self.artifacts.push(Artifact { id: artifact, key, name, part: None, expect });
        self.deliveries.push(Delivery { output, artifact, form: DeliveryForm::File(path) });
    }

    fn write(&mut self, sink: NodeIndex, write: &Write, output: OutputId, streams: &[(ArtifactId, JobId)]) {
        let Some((artifact, _)) = streams.first().copied() else { return };
        self.index(sink, write, output);
        let mut shown: Vec<(u32, OutputPath)> = write.pictures.iter().copied().zip(write.paths()).collect();
        let parts = self.logical.inputs(sink).first().and_then(|encode| self.parts.get(encode));
        for (artifact, first, count) in parts.into_iter().flatten().copied() {
            let (mine, others) =
                shown.into_iter().partition(|(number, _)| (first + 1..=first + count).contains(number));
            shown = others;
            let mine = Vec::from_iter(mine.into_iter().map(|(number, path): (u32, OutputPath)| (number - first, path)));
            self.deliveries.push(Delivery { output, artifact, form: DeliveryForm::Pictures(mine) });
        }
        if !shown.is_empty() {
            self.deliveries.push(Delivery { output, artifact, form: DeliveryForm::Pictures(shown) });
        }
    }
}
