//! Outputs as people asked for them: one sub-task each, all or nothing inside.

use crate::catalog::template::Every;
use crate::plan::conformance::Conformance;
use crate::text::Span;
use crate::units::{TemplateId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Number of an output within a plan, in the order asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutputId(pub u32);

/// The kinds of sub-task, by the names of the API (`vod.md` E.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OutputKind {
    /// A rendition.
    Transcode,
    /// Pictures at given times.
    SnapshotByTimeOffset,
    /// Pictures at regular distances.
    SampleSnapshot,
    /// The picture that stands for the video.
    CoverBySnapshot,
    /// A master playlist and its renditions.
    AdaptiveDynamicStreaming,
    /// Sheets of small pictures with an index.
    ImageSprites,
    /// A short animation.
    AnimatedGraphics,
    /// A content review.
    AiReview,
}

impl OutputKind {
    /// The word for people.
    pub fn noun(self) -> &'static str {
        match self {
            OutputKind::Transcode => "rendition",
            OutputKind::SnapshotByTimeOffset => "snapshots",
            OutputKind::SampleSnapshot => "sampled snapshots",
            OutputKind::CoverBySnapshot => "cover",
            OutputKind::AdaptiveDynamicStreaming => "adaptive package",
            OutputKind::ImageSprites => "sprite",
            OutputKind::AnimatedGraphics => "animation",
            OutputKind::AiReview => "review",
        }
    }
}

/// A path below the output folder: relative, without `..`, control characters or empty parts (`reliability.md` R13).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutputPath(String);

impl OutputPath {
    /// Checks a path; parts are separated by `/`.
    pub fn new(path: &str) -> Option<Self> {
        let fits = |part: &str| {
            !part.is_empty() && part != "." && part != ".." && part.len() <= 255 && !part.chars().any(char::is_control)
        };
        let safe = path.split('/').all(fits) && !path.contains('\\') && !path.starts_with(".vodflow");
        safe.then(|| OutputPath(path.to_owned()))
    }

    /// The text, parts separated by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the last `/`, if there is one.
    pub fn folder(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(folder, _)| folder)
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for OutputPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is decided about an output before anything runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Disposition {
    /// It will be made.
    Make,
    /// It is left out on purpose, and why (state *skipped*).
    Skip(String),
    /// It cannot be made, and why (state *failed*): the code and the reason in words.
    Fail(String, String),
}

/// Which moments of the source a request names, on the procedure's time line (the inputs of `vod.md` E.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Moments {
    /// None: the whole, or what the template says.
    #[default]
    Unnamed,
    /// These, in the order asked.
    At(Vec<Timestamp>),
    /// Those at a regular distance.
    Every(Every),
    /// Those from the first to the second.
    Between(Timestamp, Timestamp),
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSpec {
    /// Its number.
    pub id: OutputId,
    /// Its kind.
    pub kind: OutputKind,
    /// How people call its template: `220`, `hd_mp4`.
    pub label: String,
    /// The template's id.
    pub definition: Option<TemplateId>,
    /// What it is, in a line: `640x360 h264 512k + aac 48k`.
    pub summary: String,
    /// The visible files: one for a rendition (of a segmented one the playlist), one per picture.
    pub paths: Vec<OutputPath>,
    /// Ids of the marks on it.
    pub marks: Vec<String>,
    /// Choices that were made where the procedure leaves one, for people.
    pub notes: Vec<String>,
    /// What was weighed before each of its streams was copied or encoded; empty where copying was not considered.
    pub conformance: Vec<Conformance>,
    /// Which moments of the source it is about.
    pub moments: Moments,
    /// Where it is asked for.
    pub asked: Span,
    /// Whether it will be made.
    pub disposition: Disposition,
}
