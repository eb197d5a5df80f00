//! Progress of a run: a bar per output on a terminal, plain lines elsewhere, events as JSON for programs.

use super::out::Out;
use super::session::Form;
use crate::exec::RunEvent;
use crate::explain::counted;
use crate::plan::{Disposition, OutputId, OutputKind, OutputSpec};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// Steps of a bar.
const STEPS: u64 = 1000;

/// Shows what happens during a run.
pub struct Progress<'a> {
    out: &'a Out,
    view: View,
    labels: BTreeMap<OutputId, String>,
}

enum View {
    Json,
    Bars {
        all: MultiProgress,
        bars: BTreeMap<OutputId, ProgressBar>,
    },
    /// Tenths that were said already, by job.
    Lines(RefCell<BTreeMap<u32, u32>>),
}

impl<'a> Progress<'a> {
    /// A view of the outputs of a plan.
    pub fn new(outputs: &[OutputSpec], out: &'a Out, form: Form) -> Self {
        let labels: BTreeMap<OutputId, String> = outputs.iter().map(|output| (output.id, label(output))).collect();
        let view = match form {
            Form::Json | Form::JsonLines => View::Json,
            Form::People if out.draws_bars() => bars(outputs, &labels),
            Form::People => View::Lines(RefCell::default()),
        };
        Progress { out, view, labels }
    }

    /// Shows an event.
    pub fn event(&self, event: &RunEvent) {
        match &self.view {
            View::Json => self.out.json_line(&serde_json::json!(event)),
            View::Bars { bars, .. } => draw(bars, event),
            View::Lines(said) => self.line(said, event),
        }
    }

    /// Takes the bars away; the result is printed in their place.
    pub fn finish(&self) {
        if let View::Bars { all, .. } = &self.view {
            let _ = all.clear();
        }
    }

    fn line(&self, said: &RefCell<BTreeMap<u32, u32>>, event: &RunEvent) {
        let label = |output: &OutputId| self.labels.get(output).map_or("?", String::as_str);
        match event {
            RunEvent::Progress { job, outputs, fraction, speed } => {
                let tenths = (fraction * 10.0) as u32;
                let mut said = said.borrow_mut();
                let last = said.entry(job.0).or_insert(0);
                if tenths > *last {
                    *last = tenths;
                    let speed = speed.map(|speed| format!(", {speed:.1}x")).unwrap_or_default();
                    self.out.note(&format!("{job}: {}% of {}{speed}", tenths * 10, counted(outputs.len(), "output")));
                }
            }
            RunEvent::OutputDone { output, reused: true, .. } => {
                self.out.note(&format!("{} up to date", label(output)))
            }
            RunEvent::OutputDone { output, files, .. } => {
                self.out.note(&format!("{} done, {}", label(output), counted(files.len(), "file")));
            }
            RunEvent::OutputFailed { output, code, reason } => {
                self.out.note(&format!("{} failed ({code}): {reason}", label(output)))
            }
            _ => {}
        }
    }
}

fn label(output: &OutputSpec) -> String {
    match output.kind {
        OutputKind::Transcode => output.label.clone(),
        kind => format!("{} {}", kind.noun(), output.label),
    }
}

fn bars(outputs: &[OutputSpec], labels: &BTreeMap<OutputId, String>) -> View {
    let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(8));
    let width = labels.values().map(|label| label.chars().count()).max().unwrap_or(0);
    let template = format!("  {{prefix:{width}}} {{bar:30}} {{percent:>3}}%  {{msg}}");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─");
    let made = outputs.iter().filter(|output| output.disposition == Disposition::Make);
    let bar = |output: &OutputSpec| {
        let bar = all.add(ProgressBar::new(STEPS).with_style(style.clone()));
        bar.set_prefix(labels.get(&output.id).cloned().unwrap_or_default());
        bar.set_message("waiting");
        bar.tick();
        (output.id, bar)
    };
    let bars = made.map(bar).collect();
    View::Bars { all, bars }
}

fn draw(bars: &BTreeMap<OutputId, ProgressBar>, event: &RunEvent) {
    match event {
        RunEvent::Progress { outputs, fraction, speed, .. } => {
            for bar in outputs.iter().filter_map(|output| bars.get(output)).filter(|bar| !bar.is_finished()) {
                // The last step is the check and the publication.
                bar.set_position(((fraction * STEPS as f64) as u64).min(STEPS - 1).max(bar.position()));
                let left = left(bar.elapsed(), *fraction);
                let speed = speed.map(|speed| format!("{speed:.1}x")).unwrap_or_default();
                bar.set_message(format!("{speed}  {left}"));
            }
        }
        RunEvent::OutputDone { output, reused, .. } => {
            finish(bars.get(output), if *reused { "up to date" } else { "done" })
        }
        RunEvent::OutputFailed { output, .. } => finish(bars.get(output), "failed"),
        RunEvent::OutputCancelled { output } => finish(bars.get(output), "cancelled"),
        _ => {}
    }
}

fn finish(bar: Option<&ProgressBar>, message: &'static str) {
    if let Some(bar) = bar {
        if matches!(message, "done" | "up to date") {
            bar.set_position(STEPS);
        }
        bar.abandon_with_message(message);
    }
}

fn left(elapsed: Duration, fraction: f64) -> String {
    if fraction < 0.02 {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() / fraction * (1.0 - fraction);
    format!("{seconds:.0} s left")
}
