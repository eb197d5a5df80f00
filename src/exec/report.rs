//! What is said of a flow when it ends: the summary, the media info and the notification, all before the run is over.

use super::Request;
use super::api::{self, ApiForm, Digests, Flow, Protection, Streams, api_code};
use super::outcome::{OutputOutcome, OutputState, Place, RunOutcome, result_json};
use crate::diag::{Diagnostic, codes, io_words, message};
use crate::plan::{OutputId, OutputKind};
use crate::store::{Document, Letter, OutputFolder};
use md5::{Digest, Md5};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is wanted beside the summary.
#[derive(Debug, Clone, Default)]
pub struct Reports<'a> {
    /// Where the procedure asks for each output.
    pub places: BTreeMap<OutputId, Place>,
    /// The media's name at the API; without one it is the identity of the source.
    pub file_id: Option<&'a str>,
    /// The address below which the output folder is served; empty when that is not known.
    pub base_url: &'a str,
    /// Whether `media-info.json` is written, and in which form.
    pub media_info: Option<ApiForm>,
    /// Who is told.
    pub notify: Option<Notice>,
}

/// A receiver of the event that a flow ended.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Where the event is posted.
    pub url: String,
    /// In which form.
    pub form: ApiForm,
    /// Whether it may only go out signed.
    pub signed: bool,
}

/// Time since 1970.
pub(super) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A name for a flow, of a shape that the API has (`vod.md` E.1).
pub(super) fn task_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // A name must differ from others, not be secret.
        let moment = format!("{} {}", now().as_nanos(), std::process::id());
        bytes.copy_from_slice(&blake3::hash(moment.as_bytes()).as_bytes()[..16]);
    }
    format!("procedure-{}", hexadecimal(&bytes))
}

/// A failed output with the API's number and its place in the procedure.
pub(super) fn explained(request: &Request<'_>, output: OutputOutcome) -> OutputOutcome {
    if !matches!(output.state, OutputState::Failed | OutputState::Cancelled) {
        return output;
    }
    let number = api_code(output.code.as_deref().unwrap_or_default(), output.kind, Streams::of(request.facts));
    let place = request.reports.places.get(&output.id).cloned();
    OutputOutcome { api_code: Some(number), place, ..output }
}

/// The outputs are there; that their summary could not be written is a warning.
pub(super) fn publish_result(store: &mut OutputFolder, outcome: &mut RunOutcome) {
    let text = serde_json::to_vec_pretty(&result_json(outcome)).unwrap_or_default();
    outcome.warnings.extend(store.publish_document(Document::Result, &text).err());
}

/// Writes the media info and lays the notification into the outbox, if they are wanted.
pub(super) fn publish(
    request: &Request<'_>,
    store: &mut OutputFolder,
    outcome: &mut RunOutcome,
    span: (Duration, Duration),
) {
    let reports = request.reports;
    if reports.media_info.is_none() && reports.notify.is_none() {
        return;
    }
    let (digests, protections) = (digests(request, store, outcome), protections(request, store, outcome));
    let flow = Flow {
        file_id: reports.file_id.unwrap_or(&request.facts.identity.0),
        outcome,
        facts: request.facts,
        outputs: &request.plan.outputs,
        protections: &protections,
        digests: &digests,
        base_url: reports.base_url,
        span: (span.0.as_secs(), span.1.as_secs()),
    };
    let info = reports.media_info.map(|form| api::media_info(form, &flow));
    let letter = reports.notify.as_ref().map(|notice| letter(notice, &flow));
    if let Some(info) = info {
        let text = serde_json::to_vec_pretty(&info).unwrap_or_default();
        outcome.warnings.extend(store.publish_document(Document::MediaInfo, &text).err());
    }
    if let Some(letter) = letter
        && let Err(error) = store.post(&letter)
    {
        let what = message!("the notification cannot be kept in the outbox: {}", io_words(&error));
        outcome.warnings.push(Diagnostic::new(&codes::NOT_NOTIFIED, what));
        outcome.unsaved = Some(letter);
    }
}

fn letter(notice: &Notice, flow: &Flow<'_>) -> Letter {
    let body = api::event(notice.form, flow).to_string();
    let name = format!("{}\n{}\n{}", flow.outcome.task_id, notice.form.word(), notice.url);
    let id = format!("evt-{}", &blake3::hash(name.as_bytes()).to_hex()[..32]);
    let written = u64::try_from(now().as_millis()).unwrap_or(u64::MAX);
    Letter { id, written, url: notice.url.clone(), signed: notice.signed, body }
}

/// The public half of the keys of encrypted outputs that are there.
fn protections(request: &Request<'_>, store: &OutputFolder, outcome: &RunOutcome) -> BTreeMap<OutputId, Protection> {
    let plan = request.plan;
    let done = |id: &OutputId| outcome.outputs.iter().any(|one| one.id == *id && one.state == OutputState::Done);
    let mut protections = BTreeMap::new();
    for (artifact, spec) in plan.jobs.iter().flat_map(|job| job.encryptions()) {
        // A key that cannot be read has failed the output already.
        let Ok(key) = store.content_key(&request.facts.identity, &spec.label) else { continue };
        let mine = plan.deliveries.iter().filter(|delivery| delivery.artifact == artifact);
        protections.extend(mine.map(|delivery| delivery.output).filter(done).map(|output| {
            let (label, key_url) = (spec.label.clone(), spec.key_url.clone());
            (output, Protection { label, key_url, key_source: spec.key_source.clone(), key_id: key.id.clone() })
        }));
    }
    protections
}

/// The sums that the API gives: of the source, of renditions and of animations. A file that cannot be read has none.
fn digests(request: &Request<'_>, store: &OutputFolder, outcome: &RunOutcome) -> Digests {
    let summed = [OutputKind::Transcode, OutputKind::AnimatedGraphics];
    let pairs = request.plan.outputs.iter().zip(&outcome.outputs);
    let wanted = pairs.filter(|(asked, made)| made.state == OutputState::Done && summed.contains(&asked.kind));
    let paths = wanted.filter_map(|(asked, _)| asked.paths.first());
    let sum = |path: &Path| md5_of(path).ok();
    let files = paths.filter_map(|path| Some((path.to_string(), sum(&store.root().join(path.as_str()))?)));
    Digests { source: sum(request.source), files: files.collect() }
}

fn md5_of(path: &Path) -> io::Result<String> {
    let (mut file, mut sum, mut buffer) = (File::open(path)?, Md5::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&sum.finalize())),
            count => sum.update(&buffer[..count]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
