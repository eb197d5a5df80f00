//! The checked procedure: what is meant, with every name resolved, independent of any source. Data only.

use crate::catalog::template::{
    EncryptionTemplate, ReviewTemplate, SampleTemplate, SnapshotTemplate, TranscodeTemplate, WatermarkTemplate,
};
use crate::text::Span;
use crate::units::TimePoint;
use std::sync::Arc;

/// A procedure with all calls expanded and all parameters bound: a flat list of tasks in the order written.
#[derive(Debug, Clone, PartialEq)]
pub struct Procedure {
    /// What people call it: `publish(cover_at: 1.5s)`, a file name.
    pub name: String,
    /// What is asked for.
    pub tasks: Vec<Task>,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What is to be made.
    pub kind: TaskKind,
    /// The words that ask for it; for a call, the place in the called procedure.
    pub asked: Span,
    /// The calls that led there, outermost first.
    pub called_from: Vec<Span>,
}

/// What a task makes.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskKind {
    /// A rendition.
    Transcode(Transcode),
    /// Pictures at times.
    Snapshot {
        /// Size and format.
        template: Arc<SnapshotTemplate>,
        /// When, in the order written.
        times: Vec<TimePoint>,
        /// Marks, lowest first.
        marks: Vec<Mark>,
    },
    /// Pictures at regular distances.
    Sample {
        /// Size, format, distance.
        template: Arc<SampleTemplate>,
        /// Marks, lowest first.
        marks: Vec<Mark>,
    },
    /// The picture that stands for the video.
    Cover {
        /// Size and format.
        template: Arc<SnapshotTemplate>,
        /// When.
        time: TimePoint,
        /// Marks, lowest first.
        marks: Vec<Mark>,
    },
    /// A content review. No hook exists yet, so this sub-task fails, and one that may stop the flow fails closed.
    Review(Arc<ReviewTemplate>),
}

/// A rendition with what this procedure adds to its template.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcode {
    /// Which template, or the configured set.
    pub template: OrDefault<Arc<TranscodeTemplate>>,
    /// Marks, lowest first.
    pub marks: Vec<Mark>,
    /// Encryption; only with segmented containers.
    pub encryption: Option<Arc<EncryptionTemplate>>,
}

/// A template, or the word `default`, which stays a name until the plan is made.
#[derive(Debug, Clone, PartialEq)]
pub enum OrDefault<T> {
    /// The configured default.
    Default,
    /// This one.
    Given(T),
}

/// A watermark on an output.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Which.
    pub template: OrDefault<Arc<WatermarkTemplate>>,
    /// From when it is seen; the start when absent.
    pub from: Option<TimePoint>,
    /// Until when it is seen; the end when absent.
    pub to: Option<TimePoint>,
    /// Where it is asked for.
    pub asked: Span,
}

/// What the word `default` stands for, from configuration (`language.md` 2).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Defaults {
    /// The renditions of `transcode default` and of a 1 in a preset call's first slot.
    pub transcode: Vec<Arc<TranscodeTemplate>>,
    /// The mark of `with default`; none out of the box.
    pub watermark: Option<Arc<WatermarkTemplate>>,
}
