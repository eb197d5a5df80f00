//! The checked procedure as text: one line per task, branches indented, in the words of the language.

use crate::hir::{Mark, OrDefault, Procedure, Statement, TaskKind, TaskOptions, Time, Trim};
use std::fmt::Write;

/// A procedure as text: `transcode 220 with logo(from 5s to -5s) encrypt vault`, branches indented.
pub fn hir_text(procedure: &Procedure) -> String {
    let mut text = String::new();
    statements(&mut text, &procedure.body, 0);
    text
}

/// Nesting is limited by the checker, so this recursion is bounded.
fn statements(text: &mut String, body: &[Statement], depth: usize) {
    let indent = "    ".repeat(depth);
    for statement in body {
        match statement {
            Statement::Task(task) => {
                text.push_str(&format!("{indent}{}{}\n", line(&task.kind), options(&task.options)));
            }
            Statement::When(when) => {
                for (at, branch) in when.branches.iter().enumerate() {
                    let word = if at == 0 { "when" } else { "else when" };
                    text.push_str(&format!("{indent}{word} {}\n", branch.condition));
                    statements(text, &branch.body, depth + 1);
                }
                if !when.otherwise.is_empty() {
                    text.push_str(&format!("{indent}else\n"));
                    statements(text, &when.otherwise, depth + 1);
                }
            }
        }
    }
}

fn line(kind: &TaskKind) -> String {
    match kind {
        TaskKind::Transcode(transcode) => {
            let template = or_default(&transcode.template, |template| template.head.label());
            let encrypt = transcode.encryption.as_ref().map(|template| format!(" encrypt {}", template.head.label()));
            let (trim, marks) = (trim(&transcode.trim), marks(&transcode.marks));
            format!("transcode {template}{trim}{marks}{}", encrypt.unwrap_or_default())
        }
        TaskKind::Snapshot { template, times, marks: with } => {
            let times: Vec<String> = times.iter().map(time).collect();
            format!("snapshot at {} using {}{}", times.join(", "), template.head.label(), marks(with))
        }
        TaskKind::Sample { template, marks: with } => format!("sample using {}{}", template.head.label(), marks(with)),
        TaskKind::Cover { template, time: at, marks: with } => {
            format!("cover at {} using {}{}", time(at), template.head.label(), marks(with))
        }
        TaskKind::Adaptive { template, trim: part, marks: with } => {
            format!("adaptive {}{}{}", template.head.label(), trim(part), marks(with))
        }
        TaskKind::Sprite(template) => format!("sprite using {}", template.head.label()),
        TaskKind::Animate { template, trim: part } => format!("animate {}{}", template.head.label(), trim(part)),
        TaskKind::Review(template) => format!("review using {}", template.head.label()),
    }
}

fn time(time: &Time) -> String {
    match time {
        Time::Known(time) => time.to_string(),
        Time::Computed(expression, _) => format!("({expression})"),
    }
}

fn trim(trim: &Trim) -> String {
    let end = |word: &str, at: &Option<Time>| at.as_ref().map(|at| format!(" {word} {}", time(at)));
    format!("{}{}", end("from", &trim.from).unwrap_or_default(), end("to", &trim.to).unwrap_or_default())
}

/// `  [speed fast, master playlist 1]`, or nothing.
fn options(options: &TaskOptions) -> String {
    let mut said = Vec::new();
    if options.only_below_source_bitrate {
        said.push("only below source bitrate".to_owned());
    }
    said.extend(options.master_playlist.map(|group| format!("master playlist {}", group.0)));
    said.extend(options.idr_alignment.map(|group| format!("aligned {}", group.0)));
    said.extend(options.upscale.map(|upscale| format!("upscale {upscale}")));
    said.extend(options.speed.map(|speed| format!("speed {speed}")));
    said.extend(options.copy.map(|copy| format!("copy {copy}")));
    if said.is_empty() { String::new() } else { format!("  [{}]", said.join(", ")) }
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
        let from = mark.from.as_ref().map(|at| format!("from {}", time(at)));
        let to = mark.to.as_ref().map(|at| format!("to {}", time(at)));
        let content = mark.content.as_ref().map(|content| format!("{:?}", content.value));
        let span: Vec<String> = from.into_iter().chain(to).chain(content).collect();
        let span = if span.is_empty() { String::new() } else { format!("({})", span.join(" ")) };
        // Writing to a String cannot fail.
        let _ = write!(text, "{link}{name}{span}");
    }
    text
}
