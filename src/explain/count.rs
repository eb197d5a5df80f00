//! How much work a plan is, in numbers of operations.

use crate::plan::stream::StreamType;
use crate::plan::{LogicalPlan, Op};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Numbers of the dear operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkCount {
    /// Decodes of a picture stream.
    pub decodes: usize,
    /// First passes over moving pictures.
    pub analyses: usize,
    /// Encodes of moving pictures.
    pub video_encodes: usize,
    /// Encodes of sound.
    pub audio_encodes: usize,
    /// Encodes of sets of still pictures.
    pub picture_encodes: usize,
    /// Streams of the source that are copied.
    pub copies: usize,
    /// Encodes of animations.
    pub animation_encodes: usize,
}

impl WorkCount {
    /// Counts a plan.
    pub fn of(plan: &LogicalPlan) -> Self {
        WorkCount {
            decodes: plan.count(|op| matches!(op, Op::Decode { output: StreamType::Video(_), .. })),
            analyses: plan.count(|op| matches!(op, Op::AnalyseVideo(_))),
            video_encodes: plan.count(|op| matches!(op, Op::EncodeVideo(_))),
            audio_encodes: plan.count(|op| matches!(op, Op::EncodeAudio(_))),
            picture_encodes: plan.count(|op| matches!(op, Op::EncodePictures(_))),
            copies: plan.count(|op| matches!(op, Op::Copy(_))),
            animation_encodes: plan.count(|op| matches!(op, Op::EncodeAnimation(_))),
        }
    }
}

impl fmt::Display for WorkCount {
    /// `1 decode, 3 video encodes, 2 audio encodes, 2 picture encodes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.decodes, "decode"),
            (self.analyses, "first pass"),
            (self.video_encodes, "video encode"),
            (self.audio_encodes, "audio encode"),
            (self.picture_encodes, "picture encode"),
            (self.copies, "copied stream"),
            (self.animation_encodes, "animation encode"),
        ];
        let said: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
        f.write_str(&if said.is_empty() { "no work".to_owned() } else { said.join(", ") })
    }
}

/// `1 process`, `3 processes`.
pub fn counted(count: usize, noun: &str) -> String {
    let ending = match (count, noun.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {noun}{ending}")
}
