//! The logical plan: what must be produced, as a graph of operations; its checks and its text form.

mod coding;
mod output;

pub use coding::{
    AudioCoding, EncryptionSpec, FrameTiming, PictureCoding, RateControl, SpecKey, StreamSelector, VideoCoding,
};
pub use output::{Disposition, OutputId, OutputKind, OutputPath, OutputSpec};
