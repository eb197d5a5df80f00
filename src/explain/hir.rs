//! The checked procedure as text: one line per task, in the words of the language.

use crate::hir::{Mark, OrDefault, Procedure, TaskKind};
use crate::units::TimePoint;
use std::fmt::Write;

/// A procedure as text: `transcode 220 with logo(from 5s to -5s) encrypt vault`.
pub fn hir_text(procedure: &Procedure) -> String {
    let mut text = String::new();
    for task in &procedure.tasks {
        let line = match &task.kind {
            TaskKind::Transcode(transcode) => {
                let template = or_default(&transcode.template, |template| template.head.label());
                let encrypt =
                    transcode.encryption.as_ref().map(|template| format!(" encrypt {}", template.head.label()));
                format!("transcode {template}{}{}", marks(&transcode.marks), encrypt.unwrap_or_default())
            }
            TaskKind::Snapshot { template, times, marks: with } => {
                let times: Vec<String> = times.iter().map(TimePoint::to_string).collect();
                format!("snapshot at {} using {}{}", times.join(", "), template.head.label(), marks(with))
            }
            TaskKind::Sample { template, marks: with } => {
                format!("sample using {}{}", template.head.label(), marks(with))
            }
            TaskKind::Cover { template, time, marks: with } => {
                format!("cover at {time} using {}{}", template.head.label(), marks(with))
            }
            TaskKind::Review(template) => format!("review using {}", template.head.label()),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn or_default<T>(template: &OrDefault<T>, label: impl Fn(&T) -> String) -> String {
    match template {
        OrDefault::Default => "default".to_owned(),
        OrDefault::Given(template) => label(template),
    }
}

fn marks(marks: &[Mark]) -> String {
    let mut text = String::new();
    for (at, mark) in marks.iter().enumerate() {
        let link = if at == 0 { " with " } else { ", " };
        let name = or_default(&mark.template, |template| template.head.label());
        let from = mark.from.map(|time| format!("from {time}"));
        let to = mark.to.map(|time| format!("to {time}"));
        let span: Vec<String> = from.into_iter().chain(to).collect();
        let span = if span.is_empty() { String::new() } else { format!("({})", span.join(" ")) };
        // Writing to a String cannot fail.
        let _ = write!(text, "{link}{name}{span}");
    }
    text
}
