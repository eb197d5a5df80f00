//! What became of a run, for people.

use crate::exec::{OutputOutcome, OutputState, RunOutcome};
use crate::explain::counted;
use crate::units::Bytes;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

/// What became of each output, and what it took.
pub fn result_list(outcome: &RunOutcome, folder: &Path) -> String {
    let labels: Vec<String> = outcome.outputs.iter().map(label).collect();
    let width = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    let mut text = String::new();
    for (output, label) in outcome.outputs.iter().zip(&labels) {
        let sign = match output.state {
            OutputState::Done if output.reused => "=",
            OutputState::Done => "+",
            OutputState::Skipped => "·",
            OutputState::Failed | OutputState::Cancelled => "!",
        };
        let gap = " ".repeat(width - label.width());
        text.push_str(&format!("  {sign} {label}{gap}  {}\n", what_became(output)));
        output.warnings.iter().for_each(|warning| text.push_str(&format!("    {}  {warning}\n", " ".repeat(width))));
    }
    let done = outcome.count(OutputState::Done);
    let wanted = outcome.outputs.len() - outcome.count(OutputState::Skipped);
    let totals = outcome.totals;
    text.push_str(&format!(
        "\n{}: {done} of {} in {}. {:.1} s CPU, {:.1} s.\n",
        if outcome.cancelled { "Stopped" } else { "Done" },
        counted(wanted, "output"),
        folder.display(),
        totals.cpu_seconds,
        totals.wall_seconds
    ));
    text
}

fn label(output: &OutputOutcome) -> String {
    match output.kind {
        crate::plan::OutputKind::Transcode => output.label.clone(),
        kind => format!("{} {}", kind.noun(), output.label),
    }
}

fn what_became(output: &OutputOutcome) -> String {
    match output.state {
        OutputState::Done => {
            let size = Bytes(output.files.iter().map(|file| file.size).sum());
            let shown = output.files.iter().find(|file| file.path.ends_with(".m3u8")).or(output.files.first());
            let path = shown.map(|file| file.path.clone()).unwrap_or_default();
            let more = match output.files.len() {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            format!("{:>9}  {}  {path}{more}", size.to_string(), media(output))
        }
        OutputState::Cancelled => "cancelled".into(),
        OutputState::Skipped => format!("left out: {}", output.reason.as_deref().unwrap_or_default()),
        OutputState::Failed => {
            format!("failed ({}): {}", output.code.as_deref().unwrap_or("?"), output.reason.as_deref().unwrap_or("?"))
        }
    }
}

fn media(output: &OutputOutcome) -> String {
    let Some(media) = &output.media else { return String::new() };
    let mut words = Vec::new();
    if let (Some(width), Some(height)) = (media.width, media.height) {
        words.push(format!("{width}x{height}"));
    }
    words.extend(media.video_codec.clone());
    words.extend(media.audio_codec.clone());
    words.extend(media.duration.map(|seconds| format!("{seconds:.2} s")));
    words.extend(media.segments.map(|count| counted(count as usize, "segment")));
    words.join(" ")
}
