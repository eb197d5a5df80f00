//! The checked procedure: what is meant, with every name resolved, independent of any source. Data only.

use crate::catalog::template::{
    AdaptiveTemplate, AnimatedTemplate, Copy, EncryptionTemplate, Notify, ReviewTemplate, SampleTemplate,
    SnapshotTemplate, Speed, SpriteTemplate, TranscodeTemplate, Upscale, WatermarkTemplate,
};
use crate::expression::Expression;
use crate::text::{Span, Spanned};
use crate::units::TimePoint;
use std::sync::Arc;

/// A procedure with all calls expanded, all loops unrolled and all parameters bound: requests in the order written,
/// some under conditions that only the source can decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Procedure {
    /// What people call it: `publish(cover_at: 1.5s)`, a file name.
    pub name: String,
    /// What is asked for.
    pub body: Vec<Statement>,
    /// How the flow as a whole is run, from the outermost procedure that says it.
    pub flow: FlowOptions,
}

impl Procedure {
    /// Every task, whatever its conditions, in the order written.
    pub fn tasks(&self) -> Vec<&Task> {
        let mut tasks = Vec::new();
        collect(&self.body, &mut tasks);
        tasks
    }
}

/// Nesting is limited before parsing and in expansion, so this recursion is bounded.
fn collect<'a>(body: &'a [Statement], tasks: &mut Vec<&'a Task>) {
    for statement in body {
        match statement {
            Statement::Task(task) => tasks.push(task),
            Statement::When(when) => {
                when.branches.iter().for_each(|branch| collect(&branch.body, tasks));
                collect(&when.otherwise, tasks);
            }
        }
    }
}

/// A request, or requests under conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// One request.
    Task(Task),
    /// The first branch whose condition holds.
    When(When),
}

/// Branches of which the source chooses one.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// In the order they are asked.
    pub branches: Vec<Branch>,
    /// What is done when none holds.
    pub otherwise: Vec<Statement>,
}

/// Requests under a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// When they count.
    pub condition: Expression,
    /// Where it is written.
    pub asked: Span,
    /// What is done then.
    pub body: Vec<Statement>,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What is to be made.
    pub kind: TaskKind,
    /// Settings of the procedure it stands in.
    pub options: Arc<TaskOptions>,
    /// The words that ask for it; for a call, the place in the called procedure.
    pub asked: Span,
    /// The calls that led there, outermost first.
    pub called_from: Vec<Span>,
}

impl Task {
    /// The marks laid over what it makes.
    pub fn marks(&self) -> &[Mark] {
        match &self.kind {
            TaskKind::Transcode(transcode) => &transcode.marks,
            TaskKind::Snapshot { marks, .. }
            | TaskKind::Sample { marks, .. }
            | TaskKind::Cover { marks, .. }
            | TaskKind::Adaptive { marks, .. } => marks,
            TaskKind::Sprite(_) | TaskKind::Animate { .. } | TaskKind::Review(_) => &[],
        }
    }
}

/// Tasks that one procedure binds together: its master playlist, its aligned keyframes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group(pub u32);

/// What `options { … }` says of the tasks of a procedure and of those it calls; what a template states itself stands
/// above it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskOptions {
    /// Renditions above the source's bitrate are left out (`vod.md` B.3).
    pub only_below_source_bitrate: bool,
    /// One playlist over the HLS renditions of the group.
    pub master_playlist: Option<Group>,
    /// Keyframes of the group's renditions at the same times; their rates must be equal.
    pub idr_alignment: Option<Group>,
    /// Enlargement, where a template leaves it open.
    pub upscale: Option<Upscale>,
    /// Effort, where a template leaves it open.
    pub speed: Option<Speed>,
    /// Copy policy, where a template leaves it open.
    pub copy: Option<Copy>,
}

/// What `options { … }` says of the flow as a whole, for the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlowOptions {
    /// -10 to 10, 0 without.
    pub priority: Option<i8>,
    /// When events are sent.
    pub notify: Option<Notify>,
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
        times: Vec<Time>,
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
        time: Time,
        /// Marks, lowest first.
        marks: Vec<Mark>,
    },
    /// A master playlist and its renditions.
    Adaptive {
        /// Rungs and segments.
        template: Arc<AdaptiveTemplate>,
        /// The part of the source.
        trim: Trim,
        /// Marks, lowest first.
        marks: Vec<Mark>,
    },
    /// Sheets of small pictures with a WebVTT index.
    Sprite(Arc<SpriteTemplate>),
    /// A short animation.
    Animate {
        /// Size, rate and format.
        template: Arc<AnimatedTemplate>,
        /// The part of the source; at least one end is given.
        trim: Trim,
    },
    /// A content review. No hook exists yet, so this sub-task fails, and one that may stop the flow fails closed.
    Review(Arc<ReviewTemplate>),
}

/// A rendition with what this procedure adds to its template.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcode {
    /// Which template, with the statement's overrides merged over it, or the configured set.
    pub template: OrDefault<Arc<TranscodeTemplate>>,
    /// The part of the source.
    pub trim: Trim,
    /// Marks, lowest first.
    pub marks: Vec<Mark>,
    /// Encryption; only with segmented containers.
    pub encryption: Option<Arc<EncryptionTemplate>>,
}

/// A moment of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Time {
    /// One that is written.
    Known(TimePoint),
    /// One that is worked out from the source.
    Computed(Expression, Span),
}

/// A part of the source; the whole when no end is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trim {
    /// Its start.
    pub from: Option<Time>,
    /// Its end.
    pub to: Option<Time>,
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
    pub from: Option<Time>,
    /// Until when it is seen; the end when absent.
    pub to: Option<Time>,
    /// What a mark of text or SVG shows; none for pictures.
    pub content: Option<Spanned<String>>,
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
