//! The physical plan: which processes (jobs) make which files (artefacts), and what is delivered from them.
//!
//! All files have names of ours inside one private work folder; what people see is decided at delivery.

mod adaptive;
mod bounds;
mod filter_graph;
mod package;
mod raw;
mod reading;

pub use adaptive::{AdaptiveWork, ExpectedTrack, MANIFEST_NAME, MasterWork, Track, TrackChoice};
pub use bounds::{Bounds, ReadBounds, bounds};
pub use filter_graph::{Filter, FilterGraph, Pad};
pub use package::{ContainerWork, InputTimes, LastPicture, PackageWork};
pub use raw::RawPictures;
pub use reading::{Choice, Decision, Measure, Opening};

use crate::catalog::template::{AdaptiveFormat, AnimatedFormat, AudioCodec, ImageFormat, Repeat, VideoCodec};
use crate::media::ContentHash;
use crate::plan::op::StreamCopy;
use crate::plan::sequence::SheetIndex;
use crate::plan::stream::Colour;
use crate::plan::{
    AnimationCoding, AudioCoding, EncryptionSpec, OutputId, OutputPath, OutputSpec, PictureCoding, SpecKey, VideoCoding,
};
use crate::units::{Duration, FrameRate, Frequency, Percent, Resolution};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The processes of one run and what comes of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PhysicalPlan {
    /// How the source is read.
    pub source: SourceInput,
    /// Everything that was asked for, also what will not be made, in the order asked.
    pub outputs: Vec<OutputSpec>,
    /// Files in the work folder.
    pub artifacts: Vec<Artifact>,
    /// Processes, each after those whose artefacts it reads.
    pub jobs: Vec<Job>,
    /// Pictures that must lie in the work folder before the jobs start.
    pub marks: Vec<PreparedMark>,
    /// Playlists over outputs, written when those are done.
    pub masters: Vec<MasterWork>,
    /// Files of text whose content the plan itself gives; no job makes them.
    pub texts: Vec<PlannedText>,
    /// What becomes visible, and as what.
    pub deliveries: Vec<Delivery>,
    /// What was weighed about how the source is read and what shares a process.
    pub decisions: Vec<Decision>,
    /// Whether one process works on its encoders side by side, as ffmpeg does from 7.0 on; else one after the other, but
    /// for what an encoder does in threads of its own.
    pub parallel_encoders: bool,
    /// How each output is made, to tell later why it is made again.
    pub recipes: BTreeMap<OutputId, Vec<String>>,
}

impl PhysicalPlan {
    /// The artefact with a number of this plan.
    pub fn artifact(&self, id: ArtifactId) -> &Artifact {
        &self.artifacts[id.0 as usize]
    }

    /// The output with a number of this plan.
    pub fn output(&self, id: OutputId) -> &OutputSpec {
        &self.outputs[id.0 as usize]
    }
}

/// How processes read the source (`reliability.md` R1, R2): the path itself is known to the executor only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceInput {
    /// The file's name, for people.
    pub name: String,
    /// The demuxer that the probe found; no other may open the file.
    pub demuxer: String,
    /// The decoders that may run.
    pub decoders: Vec<String>,
    /// What ffmpeg itself is to refuse.
    pub bounds: ReadBounds,
    /// The file's identity when the plan was made.
    pub identity: ContentHash,
}

/// Number of an artefact within a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ArtifactId(pub u32);

/// A file, a numbered set of files or a folder in the work folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its number.
    pub id: ArtifactId,
    /// What it depends on, hashed.
    pub key: SpecKey,
    /// Its name in the work folder: `v0.mp4`, `p1_%05d.jpg` (pictures numbered from 1), `o2.mp4`, `o3` (a folder).
    pub name: String,
    /// The number, from 0, of the first picture of the set that it holds, where a set is made by several processes. They
    /// all have the key of the set, because it does not matter how many there were.
    pub part: Option<u32>,
    /// What it must be (`reliability.md` R14).
    pub expect: Expectation,
}

impl Artifact {
    /// Under what it is kept: parts of a set apart.
    pub fn kept_key(&self) -> String {
        match (&self.part, &self.expect) {
            (Some(first), Expectation::Pictures { count, .. }) => format!("{}-{first}-{count}", self.key),
            _ => self.key.to_string(),
        }
    }
}

/// Name of a playlist in its folder: ours, because the segmenter expands `%` in names. It gets its visible name when it
/// is delivered.
pub const PLAYLIST_NAME: &str = "index.m3u8";

/// What verification looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// A file with one or two streams.
    Streams {
        /// The picture.
        video: Option<ExpectedVideo>,
        /// The sound.
        audio: Option<ExpectedAudio>,
    },
    /// What the first of two passes found out.
    Statistics {
        /// For which codec.
        codec: VideoCodec,
        /// Size of the pictures.
        size: Resolution,
        /// How many pictures it saw.
        frames: u64,
    },
    /// A folder with a playlist and segments.
    Playlist {
        /// Name of the playlist in the folder.
        file: String,
        /// The picture.
        video: Option<ExpectedVideo>,
        /// The sound.
        audio: Option<ExpectedAudio>,
        /// Nominal length of a segment.
        segment: Duration,
        /// Whether every segment is encrypted.
        encrypted: bool,
    },
    /// A folder with a manifest and several tracks.
    Package {
        /// HLS or DASH.
        format: AdaptiveFormat,
        /// Name of the manifest in the folder.
        file: String,
        /// The tracks.
        tracks: Vec<ExpectedTrack>,
        /// Whether every segment is encrypted.
        encrypted: bool,
    },
    /// A playlist over outputs.
    Master,
    /// Numbered pictures.
    Pictures {
        /// How many, numbered from 1.
        count: u32,
        /// Their size.
        size: Resolution,
        /// Their format.
        format: ImageFormat,
    },
    /// A short silent film that goes round for ever.
    Animation {
        /// Its format.
        format: AnimatedFormat,
        /// Size.
        size: Resolution,
        /// Pictures per second.
        rate: FrameRate,
        /// Number of pictures; a format that joins equal neighbours may have fewer.
        frames: u64,
    },
    /// The index of sheets.
    SheetIndex(SheetIndex),
    /// Pictures for another process.
    Raw(RawPictures),
}

impl Expectation {
    /// How many media files the program that lists packets has to look at; all else is looked at by ourselves.
    pub fn listings(&self) -> u64 {
        match self {
            Expectation::Streams { .. } | Expectation::Playlist { .. } => 1,
            Expectation::Package { tracks, .. } => tracks.len() as u64,
            _ => 0,
        }
    }
}

/// A video stream as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedVideo {
    /// Codec.
    pub codec: VideoCodec,
    /// Size.
    pub size: Resolution,
    /// Constant rate, if it has one.
    pub rate: Option<FrameRate>,
    /// Number of pictures computed from the source.
    pub frames: u64,
    /// Length computed from the source.
    pub duration: Duration,
    /// Whether the container must say when the last picture of a variable rate ends.
    pub says_its_end: bool,
}

/// An audio stream as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAudio {
    /// Codec.
    pub codec: AudioCodec,
    /// Sampling rate.
    pub sample_rate: Frequency,
    /// Channels.
    pub channels: u8,
    /// Length computed from the source, of the first track.
    pub duration: Duration,
    /// How many tracks of that kind, at least one.
    pub tracks: u32,
}

/// A mark as our own PNG, decoded and scaled by us (`language.md` 5, *Marks*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedMark {
    /// Its name in the work folder.
    pub name: String,
    /// Name of the picture file, for people.
    pub image_name: String,
    /// Which picture, by content.
    pub image: ContentHash,
    /// Size to scale it to.
    pub size: Resolution,
    /// How much it covers.
    pub opacity: Percent,
    /// Transparent columns to its left and rows above it.
    pub inset: (u8, u8),
    /// Of a mark that moves, what follows its last picture.
    pub repeat: Option<Repeat>,
}

/// A file that we write ourselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedText {
    /// The artefact that it is.
    pub artifact: ArtifactId,
    /// The whole content.
    pub content: String,
}

/// Number of a job within a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct JobId(pub u32);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "job {}", self.0)
    }
}

/// One process.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Jobs that must be done before.
    pub needs: Vec<JobId>,
    /// What it does.
    pub work: Work,
    /// How much media time it goes through, for progress.
    pub span: Duration,
}

impl Job {
    /// The artefacts that this job makes.
    pub fn makes(&self) -> Vec<ArtifactId> {
        match &self.work {
            Work::Encode(encode) => encode.products.iter().map(|product| product.artifact).collect(),
            Work::Package(package) => package.containers.iter().map(|one| one.artifact).collect(),
            Work::Adaptive(package) => vec![package.artifact],
        }
    }

    /// The artefacts that this job reads, each once.
    pub fn reads(&self) -> Vec<ArtifactId> {
        match &self.work {
            Work::Encode(encode) => {
                let statistics = encode.products.iter().filter_map(|product| product.statistics);
                let raw = encode.openings.iter().filter_map(|opening| opening.raw());
                let read: BTreeSet<ArtifactId> = statistics.chain(raw).collect();
                read.into_iter().collect()
            }
            Work::Package(package) => package.inputs.clone(),
            Work::Adaptive(package) => package.inputs.clone(),
        }
    }

    /// Threads that it keeps busy at most, beside those of decoders.
    pub fn threads(&self, parallel_encoders: bool) -> u32 {
        let Work::Encode(encode) = &self.work else { return 1 };
        let own = encode.products.iter().map(|product| match &product.coding {
            Coding::Video(coding) | Coding::Analysis(coding) => u32::from(coding.threads.count()),
            _ => 0,
        });
        1 + own.filter(|threads| parallel_encoders || *threads > 1).sum::<u32>()
    }

    /// The encryption of what it makes, done when the process has ended, each with the artefact that it belongs to.
    pub fn encryptions(&self) -> Vec<(ArtifactId, &EncryptionSpec)> {
        match &self.work {
            Work::Encode(_) => Vec::new(),
            Work::Package(package) => {
                package.containers.iter().filter_map(|one| Some((one.artifact, one.encryption.as_ref()?))).collect()
            }
            Work::Adaptive(package) => {
                package.encryption.iter().map(|encryption| (package.artifact, encryption)).collect()
            }
        }
    }
}

impl Job {
    /// The same work as one job for each product, so that a failing one does not sink the others
    /// (`reliability.md` R17). A job with one product gives itself.
    pub fn isolated(&self) -> Vec<Job> {
        self.makes().into_iter().map(|artifact| self.restricted_to(&BTreeSet::from([artifact]))).collect()
    }

    /// The part of the work that makes the wanted artefacts; what is delivered does not depend on siblings. An adaptive
    /// package is one artefact.
    pub fn restricted_to(&self, wanted: &BTreeSet<ArtifactId>) -> Job {
        let work = match &self.work {
            Work::Encode(encode) => Work::Encode(encode.restricted_to(wanted)),
            Work::Package(package) => Work::Package(package.restricted_to(wanted)),
            Work::Adaptive(package) => Work::Adaptive(package.clone()),
        };
        Job { work, ..self.clone() }
    }

    /// The same work reading the source from the start, if it would be read from other places or from what another
    /// process laid by.
    pub fn plainer(&self) -> Option<Job> {
        let Work::Encode(encode) = &self.work else { return None };
        let plainer = encode.plainer.as_deref()?.clone();
        Some(Job { work: Work::Encode(plainer), ..self.clone() })
    }
}

/// What a process does.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Decodes the source, filters, encodes elementary streams and pictures.
    Encode(EncodeWork),
    /// Copies elementary streams into containers.
    Package(PackageWork),
    /// Copies elementary streams into an adaptive package.
    Adaptive(AdaptiveWork),
}

/// Decoding, filtering and encoding in one process.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EncodeWork {
    /// How the source, or what other processes laid by of it, is opened, once or several times; never empty.
    pub openings: Vec<Opening>,
    /// How many pictures are decoded at each, where it is known; empty where all are decoded.
    pub decoded: Vec<u64>,
    /// The filters between decoders and encoders.
    pub graph: FilterGraph,
    /// Ends of the graph that must give a picture, or the work is worth nothing: for each opening what is wanted first
    /// of it, where that is not the very start of all. Sheets and films would fill up what is missing.
    pub guards: Vec<Pad>,
    /// What is encoded.
    pub products: Vec<Product>,
    /// The same work reading the source once from the start, for when what lies behind a keyframe turns out not to be
    /// decodable from there.
    pub plainer: Option<Box<EncodeWork>>,
}

impl EncodeWork {
    /// The part that makes the wanted artefacts.
    fn restricted_to(&self, wanted: &BTreeSet<ArtifactId>) -> EncodeWork {
        let products = self.products.iter().filter(|product| wanted.contains(&product.artifact));
        let products: Vec<Product> = products.cloned().collect();
        let kept = self.openings_of(&products);
        let at = |index: &u32| *index as usize;
        let guards: Vec<Pad> = kept.iter().filter_map(|index| self.guards.get(at(index)).copied()).collect();
        let pads: Vec<Pad> = products.iter().map(|product| product.pad).chain(guards.iter().copied()).collect();
        let plainer = self.plainer.as_ref().map(|plainer| Box::new(plainer.restricted_to(wanted)));
        EncodeWork {
            openings: kept.iter().filter_map(|index| self.openings.get(at(index)).copied()).collect(),
            decoded: kept.iter().filter_map(|index| self.decoded.get(at(index)).copied()).collect(),
            guards,
            graph: self.graph.restricted_to(&pads).with_openings(&kept),
            products: products.into_iter().map(|product| product.with_openings(&kept)).collect(),
            plainer,
        }
    }

    /// Whether it decodes the source from the start, once.
    pub fn decodes_all(&self) -> bool {
        self.openings.iter().all(|opening| *opening == Opening::Start) && self.decoded.is_empty()
    }

    /// The openings that some products need, by their numbers.
    fn openings_of(&self, products: &[Product]) -> Vec<u32> {
        let needed = |index: &u32| products.iter().any(|product| product.needs_opening(*index));
        (0..self.openings.len() as u32).filter(needed).collect()
    }
}

/// One encoder of an encode job.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// The end of the filter graph that it reads.
    pub pad: Pad,
    /// What it writes.
    pub artifact: ArtifactId,
    /// How.
    pub coding: Coding,
    /// Numbers of the openings that it needs; empty where it needs them all.
    pub openings: Vec<u32>,
    /// What a first pass found out, for the second.
    pub statistics: Option<ArtifactId>,
    /// The colours of the pictures that it reads, where they are moving ones for players.
    pub colour: Option<Colour>,
}

impl Product {
    fn needs_opening(&self, index: u32) -> bool {
        self.openings.is_empty() || self.openings.contains(&index)
    }

    /// The same when only some openings are left, all that it needs among them.
    fn with_openings(self, kept: &[u32]) -> Product {
        let number = |index: &u32| kept.iter().position(|one| one == index).map(|at| at as u32);
        Product { openings: self.openings.iter().filter_map(number).collect(), ..self }
    }
}

/// How an elementary stream is encoded.
#[derive(Debug, Clone, PartialEq)]
pub enum Coding {
    /// The first of two passes over moving pictures: what it found out, and no stream.
    Analysis(VideoCoding),
    /// Moving pictures.
    Video(VideoCoding),
    /// Sound.
    Audio(AudioCoding),
    /// Still pictures.
    Pictures(PictureCoding),
    /// As the source has it.
    Copy(StreamCopy),
    /// A short silent film.
    Animation(AnimationCoding),
    /// Not at all: for another process.
    Raw(RawPictures),
}

/// One output made visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// For which output.
    pub output: OutputId,
    /// From which artefact.
    pub artifact: ArtifactId,
    /// As what.
    pub form: DeliveryForm,
}

/// How an artefact becomes visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryForm {
    /// One file.
    File(OutputPath),
    /// A whole folder, whose playlist has the second path.
    Folder {
        /// The folder.
        folder: OutputPath,
        /// The playlist inside.
        playlist: OutputPath,
    },
    /// Pictures: the number of the picture in the artefact (from 1) and the file it becomes. A picture may serve twice.
    Pictures(Vec<(u32, OutputPath)>),
}

impl DeliveryForm {
    /// The files that people open: all but what lies in a folder beside its playlist.
    pub fn shown(&self) -> impl Iterator<Item = &OutputPath> {
        let (one, several) = match self {
            DeliveryForm::File(path) | DeliveryForm::Folder { playlist: path, .. } => (Some(path), &[][..]),
            DeliveryForm::Pictures(pictures) => (None, pictures.as_slice()),
        };
        one.into_iter().chain(several.iter().map(|(_, path)| path))
    }
}
