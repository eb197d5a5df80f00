//! Lowering: a checked procedure and the facts of a source become the obvious plan, one chain per output, nothing shared.
//!
//! Everything that decides what is delivered is decided here: sizes, rates, groups of pictures, threads, scaler, which
//! picture is shown when. The planner, the machine and sibling outputs change none of it (`language.md` 5).

mod adaptive;
mod animation;
mod condition;
mod conform;
mod copy;
mod dynamic_range;
mod level;
mod limit;
mod mark;
mod master;
mod names;
mod part;
mod picture;
mod preview;
mod rate;
mod refuse;
mod rendition;
mod size;
mod source;
mod sprite;
mod summary;
mod tracks;

pub use preview::preview;

use crate::catalog::template::{Deinterlace, EncryptionTemplate, ReviewAction, ReviewTemplate, TranscodeTemplate};
use crate::diag::{Code, Diagnostic, Diagnostics, codes, message};
use crate::hir::{Defaults, Group, OrDefault, Procedure, Task, TaskKind, TaskOptions, Transcode};
use crate::limits::Limits;
use crate::media::{AudioFacts, MarkFacts, MarkKey, SourceFacts, Timeline};
use crate::plan::conformance::Conformance;
use crate::plan::stream::StreamType;
use crate::plan::{
    Disposition, EncryptionSpec, FrameTiming, LogicalPlan, Moments, Op, OutputId, OutputKind, OutputPath, OutputSpec,
    StreamSelector,
};
use crate::target::Target;
use crate::text::Span;
use crate::units::TemplateId;
use petgraph::stable_graph::NodeIndex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a plan depends on beside the procedure.
#[derive(Debug, Clone, Copy)]
pub struct LowerInput<'a> {
    /// The source.
    pub source: &'a SourceFacts,
    /// What is known about each mark of the procedure.
    pub marks: &'a BTreeMap<MarkKey, MarkFacts>,
    /// What encodes.
    pub target: &'a Target,
    /// What the word `default` stands for.
    pub defaults: &'a Defaults,
    /// What outputs may be at most.
    pub limits: &'a Limits,
    /// Where players find keys.
    pub keys: &'a KeyService,
}

/// What a run says about the keys of encrypted outputs. It is written into their playlists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyService {
    /// The address for encryption templates that say none.
    pub url: Option<String>,
    /// The media's name at the key service.
    pub file_id: Option<String>,
}

impl KeyService {
    /// What a template asks for, completed by what the run says.
    fn encryption(&self, template: &EncryptionTemplate) -> EncryptionSpec {
        EncryptionSpec {
            label: template.head.label(),
            method: template.method,
            key_url: template.key_url.clone().or_else(|| self.url.clone()).unwrap_or_default(),
            key_source: template.key_source.clone(),
            file_id: self.file_id.clone(),
        }
    }
}

/// What lowering gives.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The plan. Its sinks are the outputs that will be made, in order.
    pub plan: LogicalPlan,
    /// All outputs that were asked for, in order.
    pub outputs: Vec<OutputSpec>,
}

/// Makes the plan of a procedure for a source.
pub fn lower(procedure: &Procedure, input: LowerInput) -> (Lowered, Diagnostics) {
    let timeline = Timeline::of(input.source.picture(), input.source.sound());
    let mut lowering = Lowering {
        input,
        timeline,
        plan: LogicalPlan::default(),
        outputs: Vec::new(),
        masters: Vec::new(),
        names: names::Names::default(),
        requests: BTreeSet::new(),
        stopping_review: false,
        aligned: BTreeMap::new(),
        diagnostics: Diagnostics::default(),
    };
    lowering.statements(&procedure.body);
    lowering.master_playlists();
    lowering.refuse_large_pictures();
    if lowering.stopping_review {
        lowering.fail_closed();
    }
    // After an error, that nothing is left is no news.
    if lowering.outputs.is_empty() && !lowering.diagnostics.has_errors() {
        let note = message!("the procedure asks for no output; the source is only probed");
        lowering.diagnostics.push(Diagnostic::new(&codes::NOTHING_TO_MAKE, note));
    }
    (Lowered { plan: lowering.plan, outputs: lowering.outputs }, lowering.diagnostics)
}

/// Why an output is not made.
enum Obstacle {
    /// It fails, with a code and a reason.
    Fail(&'static Code, String),
    /// It is left out on purpose.
    Skip(String),
    /// It makes the whole procedure unusable; the diagnostic is pushed already.
    Refused,
}

/// What is being built.
struct Lowering<'a> {
    input: LowerInput<'a>,
    timeline: Option<Timeline>,
    plan: LogicalPlan,
    outputs: Vec<OutputSpec>,
    /// Master playlists that are asked for.
    masters: Vec<master::Wanted>,
    names: names::Names,
    requests: BTreeSet<String>,
    /// Whether a review is asked for that may stop the flow.
    stopping_review: bool,
    /// For each group of aligned keyframes its first rendition, its rate and its group of pictures.
    aligned: BTreeMap<Group, (String, FrameTiming, u32)>,
    diagnostics: Diagnostics,
}

/// An output before its chain exists.
struct Request {
    kind: OutputKind,
    label: String,
    definition: Option<TemplateId>,
    moments: Moments,
    asked: Span,
}

/// A chain that is ready to be recorded.
struct Made {
    summary: String,
    paths: Vec<OutputPath>,
    marks: Vec<String>,
    /// What was weighed on the way, for people.
    notes: Vec<String>,
    /// What was weighed before its streams were copied or encoded.
    conformance: Vec<Conformance>,
}

impl Lowering<'_> {
    fn task(&mut self, task: &Task) {
        let asked = asked(task);
        match &task.kind {
            TaskKind::Transcode(transcode) => self.transcode(transcode, &task.options, asked),
            TaskKind::Snapshot { template, times, marks } => {
                let times: Vec<_> = times.iter().map(|time| self.moment(time)).collect();
                if let Some(times) = times.into_iter().collect::<Option<Vec<_>>>() {
                    self.snapshot(template, &times, marks, asked);
                }
            }
            TaskKind::Sample { template, marks } => self.sample(template, marks, asked),
            TaskKind::Cover { template, time, marks } => {
                if let Some(time) = self.moment(time) {
                    self.cover(template, time, marks, asked);
                }
            }
            TaskKind::Adaptive { template, trim, marks } => {
                self.adaptive(template, trim, marks, &task.options, asked);
            }
            TaskKind::Sprite(template) => self.sprite(template, asked),
            TaskKind::Animate { template, trim } => self.animation(template, trim, asked),
            TaskKind::Review(review) => self.review(review, condition::request(task)),
        }
    }

    /// Whether the target has these filters; the first that it lacks is named.
    fn needs_filters(&mut self, filters: &[&str], what: &str, request: &Request) -> Result<(), Obstacle> {
        match filters.iter().find(|filter| !self.input.target.filters.contains(**filter)) {
            Some(filter) => Err(self.lacking(request.asked, (what, filter), None, &request.label)),
            None => Ok(()),
        }
    }

    fn review(&mut self, review: &ReviewTemplate, request: Request) {
        self.stopping_review |= review.when_flagged == ReviewAction::Stop;
        let note = format!("review `{}` cannot be done: no review is configured", request.label);
        let help = "configure a review, or leave the review out of the procedure";
        self.diagnostics.push(Diagnostic::new(&codes::REVIEW_UNSUPPORTED, note).at(request.asked, "").with_help(help));
        let reason = "reviews are unsupported: no review is configured".to_owned();
        self.record(request, Err(Obstacle::Fail(&codes::REVIEW_UNAVAILABLE, reason)));
    }

    fn transcode(&mut self, transcode: &Transcode, options: &TaskOptions, asked: Span) {
        let templates: Vec<Arc<TranscodeTemplate>> = match &transcode.template {
            OrDefault::Given(template) => vec![template.clone()],
            OrDefault::Default => self.input.defaults.transcode.clone(),
        };
        self.want_master(options, asked);
        for template in templates {
            self.rendition(&under_options(&template, options), transcode, options, asked);
        }
    }

    /// A flow that may be stopped by a review which cannot be done publishes nothing.
    fn fail_closed(&mut self) {
        self.plan = LogicalPlan::default();
        let reason = "the review that may stop this flow cannot be done".to_owned();
        for output in self.outputs.iter_mut().filter(|output| output.disposition == Disposition::Make) {
            output.disposition = Disposition::Fail(codes::REVIEW_UNAVAILABLE.id.to_owned(), reason.clone());
        }
    }

    /// Whether the same was asked for before; then it is made once, with a warning.
    fn is_repeated(&mut self, request: &Request, details: &str) -> bool {
        if self.requests.insert(format!("{:?} {} {details}", request.kind, request.label)) {
            return false;
        }
        let note = message!("`{}` is asked for twice in the same way, and made once", &request.label);
        self.diagnostics.push(Diagnostic::new(&codes::MERGED_REQUEST, note).at(request.asked, ""));
        true
    }

    fn record(&mut self, request: Request, made: Result<Made, Obstacle>) {
        let (made, disposition) = match made {
            Ok(made) => (made, Disposition::Make),
            Err(Obstacle::Refused) => return,
            Err(Obstacle::Skip(reason)) => (Made::nothing(), Disposition::Skip(reason)),
            Err(Obstacle::Fail(code, reason)) => (Made::nothing(), Disposition::Fail(code.id.to_owned(), reason)),
        };
        let mut notes = made.notes;
        if disposition == Disposition::Make {
            notes.splice(0..0, tracks::choices(self.input.source, request.kind));
        }
        self.outputs.push(OutputSpec {
            id: OutputId(self.outputs.len() as u32),
            kind: request.kind,
            label: request.label,
            definition: request.definition,
            summary: made.summary,
            paths: made.paths,
            marks: made.marks,
            notes,
            conformance: made.conformance,
            moments: request.moments,
            asked: request.asked,
            disposition,
        });
    }

    /// Adds an operation. Lowering gives every operation what it takes, so this cannot fail.
    fn add(&mut self, op: Op, inputs: &[NodeIndex]) -> NodeIndex {
        self.plan.add(op, inputs).expect("lowering gives every operation the streams it takes")
    }

    fn demux(&mut self) -> NodeIndex {
        let source = self.input.source;
        self.add(Op::Demux { name: source.name.clone(), identity: source.identity.clone() }, &[])
    }

    /// The picture stream, upright, progressive unless that is switched off, with T0 at zero.
    fn decode_video(&mut self, demux: NodeIndex, deinterlace: Deinterlace) -> Option<NodeIndex> {
        let (facts, timeline) = (self.input.source.picture()?, self.timeline?);
        let output = StreamType::Video(source::decoded_video(facts));
        let decoded = self.add(Op::Decode { stream: StreamSelector::Video { index: facts.index }, output }, &[demux]);
        let shifted = self.add(Op::Shift { zero: timeline.zero() }, &[decoded]);
        let fields = match deinterlace {
            Deinterlace::Auto => facts.interlaced,
            Deinterlace::On => true,
            Deinterlace::Off => false,
        };
        Some(if fields { self.add(Op::Deinterlace, &[shifted]) } else { shifted })
    }

    fn decode_audio(&mut self, demux: NodeIndex, facts: &AudioFacts) -> Option<NodeIndex> {
        let timeline = self.timeline?;
        let stream = StreamSelector::Audio { index: facts.index };
        let decoded = self.add(Op::Decode { stream, output: source::decoded_audio(facts) }, &[demux]);
        Some(self.add(Op::Shift { zero: timeline.zero() }, &[decoded]))
    }

    /// An output path, or the diagnostic about the one that has it already.
    fn path(&mut self, request: &Request, stem: &str, path: impl Fn(&str) -> String) -> Result<OutputPath, Obstacle> {
        self.names.assign(&request.label, stem, path).map_err(|taken| {
            let note = message!(
                "`{}` would be written by `{}` and by `{}`",
                taken.path.to_string(),
                taken.by.to_string(),
                &request.label
            );
            let help = message!("rename one of the two templates");
            self.diagnostics
                .push(Diagnostic::new(&codes::DUPLICATE_OUTPUT, note).at(request.asked, "").with_help(help));
            Obstacle::Refused
        })
    }

    /// What the target lacks, as a diagnostic; `instead` is a field and the word in it that the target can make.
    fn lacking(
        &mut self,
        asked: Span,
        (what, encoder): (&str, &str),
        instead: Option<(&str, &str)>,
        label: &str,
    ) -> Obstacle {
        let note =
            message!("the installed ffmpeg cannot make {}, which `{}` needs: it lacks `{}`", what, label, encoder);
        let help = match instead {
            Some((field, word)) => message!(
                "install an ffmpeg that has it (`vodflow doctor` lists what is missing), or write `{}: {}`, which this one can make",
                field,
                word
            ),
            None => message!("install an ffmpeg that has it (`vodflow doctor` lists what is missing)"),
        };
        self.diagnostics.push(Diagnostic::new(&codes::ENCODER_MISSING, note).at(asked, "").with_help(help));
        Obstacle::Refused
    }
}

/// Where people asked for a task: a statement of a library is not what they wrote, the call of it is.
fn asked(task: &Task) -> Span {
    match task.called_from.first() {
        Some(call) if call.source != task.asked.source => *call,
        _ => task.asked,
    }
}

/// The template with what it leaves open filled in from the procedure's options.
fn under_options(template: &TranscodeTemplate, options: &TaskOptions) -> TranscodeTemplate {
    let mut template = template.clone();
    if let Some(video) = &mut template.video {
        video.upscale = video.upscale.or(options.upscale);
        video.speed = video.speed.or(options.speed);
        video.copy = video.copy.or(options.copy);
    }
    template
}

impl Made {
    fn nothing() -> Self {
        Made {
            summary: String::new(),
            paths: Vec::new(),
            marks: Vec::new(),
            notes: Vec::new(),
            conformance: Vec::new(),
        }
    }
}
