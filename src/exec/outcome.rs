//! What became of a run, as values and as `result.json`.

use super::cause::{Cause, CauseClass};
use crate::diag::Diagnostic;
use crate::media::SourceFacts;
use crate::physical::JobId;
use crate::plan::{OutputId, OutputKind, OutputSpec};
use crate::store::{Letter, PublishedFile};
use crate::units::TemplateId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What became of a run.
#[derive(Debug)]
pub struct RunOutcome {
    /// The flow's name at the API; every run is a flow of its own.
    pub task_id: String,
    /// What it was made from.
    pub source: SourceRecord,
    /// One for each output of the plan, in its order.
    pub outputs: Vec<OutputOutcome>,
    /// What should be known although nothing failed.
    pub warnings: Vec<Diagnostic>,
    /// The processes that ran, in order.
    pub jobs: Vec<JobRecord>,
    /// What it took.
    pub totals: Totals,
    /// Whether the run was stopped before its end.
    pub cancelled: bool,
    /// The notification that could not be laid into the outbox.
    pub unsaved: Option<Letter>,
}

impl RunOutcome {
    /// How many outputs are in a state.
    pub fn count(&self, state: OutputState) -> usize {
        self.outputs.iter().filter(|output| output.state == state).count()
    }
}

/// The source, in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceRecord {
    /// File name.
    pub name: String,
    /// Hash of the content.
    pub identity: String,
    /// Bytes.
    pub size: u64,
    /// Demuxer names.
    pub container: String,
    /// Seconds.
    pub duration: f64,
    /// Bits per second.
    pub bitrate: Option<u64>,
    /// Displayed width.
    pub width: Option<u32>,
    /// Displayed height.
    pub height: Option<u32>,
    /// Pictures per second.
    pub frame_rate: Option<f64>,
    /// Codec of the first video stream.
    pub video_codec: Option<String>,
    /// Codec of the first audio stream.
    pub audio_codec: Option<String>,
    /// What is damaged, in words.
    pub damage: Vec<String>,
}

impl SourceRecord {
    /// The short form of facts.
    pub fn of(facts: &SourceFacts) -> Self {
        let video = facts.picture();
        let displayed = video.map(|video| video.displayed_size());
        SourceRecord {
            name: facts.name.clone(),
            identity: facts.identity.to_string(),
            size: facts.size.0,
            container: facts.container.clone(),
            duration: facts.duration().seconds().to_f64(),
            bitrate: facts.bitrate().map(|bitrate| bitrate.0),
            width: displayed.map(|size| size.width),
            height: displayed.map(|size| size.height),
            frame_rate: video.map(|video| video.rate.per_second().to_f64()),
            video_codec: video.map(|video| video.codec.clone()),
            audio_codec: facts.sound().map(|audio| audio.codec.clone()),
            damage: facts.damage.clone(),
        }
    }
}

/// Where an output ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputState {
    /// Visible.
    Done,
    /// Not made, for a reason.
    Failed,
    /// Given up because the run was stopped.
    Cancelled,
    /// Left out on purpose.
    Skipped,
}

/// A place in a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The text's name as people know it: a path, or `<call>`.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// What became of one output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputOutcome {
    /// Its number in the plan.
    pub id: OutputId,
    /// Its kind, by the name of the API.
    #[serde(rename = "type")]
    pub kind: OutputKind,
    /// The template's id.
    pub definition: Option<TemplateId>,
    /// How people call the template.
    pub label: String,
    /// Where it ended.
    pub state: OutputState,
    /// The code of the diagnostic, if it failed.
    pub code: Option<String>,
    /// The kind of failure.
    pub class: Option<CauseClass>,
    /// The API's number for the failure (`vod.md` E.7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_code: Option<i32>,
    /// Where the procedure asks for it, if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Why it failed or was left out, in a sentence.
    pub reason: Option<String>,
    /// Whether it was there already, up to date.
    pub reused: bool,
    /// What should be known about it although it did not fail.
    pub warnings: Vec<String>,
    /// Its visible files.
    pub files: Vec<PublishedFile>,
    /// What is in them, as found there.
    pub media: Option<MediaRecord>,
    /// What the process wrote, for those who ask.
    #[serde(skip)]
    pub log: Option<String>,
}

impl OutputOutcome {
    /// An output in a state, with nothing else to say.
    pub(super) fn new(output: &OutputSpec, state: OutputState) -> Self {
        OutputOutcome {
            id: output.id,
            kind: output.kind,
            definition: output.definition,
            label: output.label.clone(),
            state,
            code: None,
            class: None,
            api_code: None,
            place: None,
            reason: None,
            reused: false,
            warnings: Vec::new(),
            files: Vec::new(),
            media: None,
            log: None,
        }
    }

    /// An output that was not made.
    pub(super) fn failed(output: &OutputSpec, cause: &Cause) -> Self {
        let cancelled = cause.class == CauseClass::Cancelled;
        OutputOutcome {
            code: Some(cause.code.id.to_owned()),
            class: Some(cause.class),
            reason: Some(cause.reason.clone()),
            log: cause.log.clone(),
            ..Self::new(output, if cancelled { OutputState::Cancelled } else { OutputState::Failed })
        }
    }
}

/// What was found in the files of an output.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MediaRecord {
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// Seconds.
    pub duration: Option<f64>,
    /// Bits per second of the whole.
    pub bitrate: Option<u64>,
    /// Codec of the pictures.
    pub video_codec: Option<String>,
    /// Codec of the sound.
    pub audio_codec: Option<String>,
    /// Number of moving pictures.
    pub frames: Option<u64>,
    /// Number of segments.
    pub segments: Option<u32>,
    /// Number of still pictures.
    pub pictures: Option<u32>,
    /// Bits per second of the pictures, where the container says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_bitrate: Option<u64>,
    /// Bits per second of the first sound track, where the container says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_bitrate: Option<u64>,
    /// Samples per second of the sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// Bits per second of the busiest stretch as long as a segment, of segmented outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bitrate: Option<u64>,
    /// Names of the codecs for manifests (RFC 6381), of segmented outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codecs: Option<String>,
    /// Pictures per second as a fraction, of segmented outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<String>,
    /// The tracks of an adaptive package.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_streams: Vec<SubStream>,
}

/// One track of an adaptive package (`SubStreamSet` of the API, `vod.md` E.5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubStream {
    /// `video` or `audio`; a track with both is `video`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its playlist or media file, beside the manifest.
    pub file: String,
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// Bits per second.
    pub bitrate: Option<u64>,
    /// Bytes.
    pub size: u64,
}

/// One process that ran.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobRecord {
    /// Which job.
    pub job: JobId,
    /// The names of what it made in the work folder: not all of the job's, when the rest was there.
    pub makes: Vec<String>,
    /// Seconds by the clock.
    pub wall_seconds: f64,
    /// Seconds of processor time, all threads together.
    pub cpu_seconds: f64,
    /// Whether everything that it makes was right.
    pub whole: bool,
    /// What it wrote, for those who ask.
    #[serde(skip)]
    pub log: String,
}

/// What a run took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Totals {
    /// Seconds of processor time of all processes.
    pub cpu_seconds: f64,
    /// Seconds by the clock.
    pub wall_seconds: f64,
}

/// What the summary of an earlier run says is in these files.
pub(super) fn media_in(result: &Value, files: &[PublishedFile]) -> Option<MediaRecord> {
    let wanted = json!(files);
    let output = result["outputs"].as_array()?.iter().find(|output| output["files"] == wanted)?;
    MediaRecord::deserialize(&output["media"]).ok()
}

/// The document `result.json`.
pub fn result_json(outcome: &RunOutcome) -> Value {
    let warnings: Vec<Value> = outcome
        .warnings
        .iter()
        .map(|warning| json!({ "code": warning.code.id, "message": warning.message.to_string() }))
        .collect();
    json!({
        "schema_version": 1,
        "kind": "result",
        "task_id": outcome.task_id,
        // A flow is finished when nothing of it runs any more; which outputs failed is said below.
        "status": "FINISH",
        "source": outcome.source,
        "outputs": outcome.outputs,
        "warnings": warnings,
        "jobs": outcome.jobs,
        "totals": outcome.totals,
    })
}
