//! The logical plan: what must be produced, as a graph of operations; its checks and its text form.

mod coding;
pub mod conformance;
mod graph;
pub mod op;
mod output;
pub mod package;
pub mod sequence;
mod standing;
pub mod stream;
pub mod text;

pub use coding::{
    AnimationCoding, AudioCoding, EncryptionSpec, FrameTiming, Palette, PictureCoding, RateControl, SpecKey,
    StreamSelector, Threads, VideoCoding,
};
pub use graph::{Edge, LogicalPlan, Node, PlanError};
pub use op::Op;
pub use output::{Disposition, Moments, OutputId, OutputKind, OutputPath, OutputSpec};
pub use package::{Adaptive, Master};
pub use standing::{Sign, Standing, difference, recipe};
