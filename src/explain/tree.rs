//! The plan for people: what will come out, the tree of work behind it, the counts last.

use super::conformance::{all_clauses, not_copied};
use super::count::{WorkCount, counted};
use super::detail::Detail;
use super::{Shown, output_label, source_line};
use crate::physical::{Choice, Decision, Measure, PhysicalPlan};
use crate::plan::op::Op;
use crate::plan::stream::StreamType;
use crate::plan::{Disposition, LogicalPlan, OutputSpec, Sign, Standing};
use crate::units::Rational;
use petgraph::stable_graph::NodeIndex;
use std::collections::BTreeMap;
use termtree::Tree;
use unicode_width::UnicodeWidthStr;

/// The whole text. Signs: `+` make, `~` make again, `=` up to date, `-` not asked for any more, `·` left out, `!` cannot
/// be made.
pub fn plan_tree(shown: Shown) -> String {
    plan_text(shown, Detail::Default)
}

/// The same with less or more of it.
pub fn plan_text(shown: Shown, detail: Detail) -> String {
    let compilation = shown.compilation;
    let mut text = format!("{}   {}\n\n", shown.procedure, source_line(shown.source));
    text.push_str(&output_lines(&compilation.outputs, shown.standing));
    if !compilation.optimised.is_empty() && detail != Detail::Short {
        text.push('\n');
        text.push_str(&work_tree(&compilation.optimised, &compilation.outputs));
    }
    let weighed = match detail {
        Detail::Short => String::new(),
        Detail::Default => not_copied(&compilation.outputs),
        Detail::Full => all_clauses(&compilation.outputs),
    };
    if !weighed.is_empty() {
        text.push_str(&format!("\n{weighed}"));
    }
    if detail == Detail::Full && !compilation.physical.jobs.is_empty() {
        text.push_str(&format!("\n{}", super::physical(compilation)));
    }
    if !compilation.outputs.is_empty() {
        text.push('\n');
    }
    text.push_str(&decisions(&compilation.physical));
    text.push_str(&summary(shown));
    text
}

/// `Read: 10 pictures by seeking 10 times, 2.1 s; by decoding all before would take 83.0 s.`
fn decisions(plan: &PhysicalPlan) -> String {
    let seconds = |choice: &Choice| Rational::new(i128::from(choice.microseconds), 1_000_000).unwrap_or(Rational::ZERO);
    let price = |choice: &Choice| format!("{} s", seconds(choice).to_decimal(2));
    let line = |decision: &Decision| {
        let Decision { measure, subject, chosen, rejected } = decision;
        let (taken, other) = (price(chosen), price(rejected));
        match measure {
            Measure::Cpu => format!("Read: {subject} {}, {taken}; {} would take {other}.\n", chosen.way, rejected.way),
            Measure::Wall => {
                format!(
                    "Processes: {subject} {}: {taken} by the clock; {} would take {other}.\n",
                    chosen.way, rejected.way
                )
            }
        }
    };
    plan.decisions.iter().map(line).collect()
}

/// A row for each output, and one for those that nobody asks for any more.
pub(super) fn output_rows(outputs: &[OutputSpec], standing: Option<&Standing>) -> Vec<Row> {
    let mut rows: Vec<Row> = outputs.iter().map(|output| row(output, standing)).collect();
    let stale = standing.map(|standing| standing.stale.as_slice()).unwrap_or_default();
    if let Some(first) = stale.first() {
        let rest = if stale.len() > 1 { format!("{first} and {} more", stale.len() - 1) } else { first.clone() };
        rows.push(("-", "no longer asked".into(), "left as it is".into(), rest));
    }
    rows
}

fn output_lines(outputs: &[OutputSpec], standing: Option<&Standing>) -> String {
    let rows = output_rows(outputs, standing);
    let labels = rows.iter().map(|(_, label, _, _)| label.width()).max().unwrap_or(0);
    let summaries = rows.iter().map(|(_, _, summary, _)| summary.width()).max().unwrap_or(0);
    let line = |(sign, label, summary, rest): &Row| {
        let line = format!("  {sign} {}  {}  {rest}", padded(label, labels), padded(summary, summaries));
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

/// Sign, label, what it is, where it goes.
pub(super) type Row = (&'static str, String, String, String);

fn row(output: &OutputSpec, standing: Option<&Standing>) -> Row {
    let label = output_label(output);
    match &output.disposition {
        Disposition::Make => {
            let sign = standing.and_then(|standing| standing.signs.get(&output.id));
            let kept = standing.is_some_and(|standing| standing.kept.contains(&output.id));
            let mut rest = paths(output);
            if let Some(Sign::Remake(why)) = sign {
                rest.push_str(&format!("  ({why})"));
            }
            if kept {
                rest.push_str("  from kept streams");
            }
            let sign = match sign {
                None | Some(Sign::Make) => "+",
                Some(Sign::Remake(_)) => "~",
                Some(Sign::UpToDate) => "=",
            };
            (sign, label, output.summary.clone(), rest)
        }
        Disposition::Skip(reason) => ("·", label, "left out".into(), reason.clone()),
        Disposition::Fail(code, reason) => ("!", label, format!("cannot be made ({code})"), reason.clone()),
    }
}

fn paths(output: &OutputSpec) -> String {
    let marks = if output.marks.is_empty() { String::new() } else { format!("  with {}", output.marks.join(", ")) };
    let files = match output.paths.as_slice() {
        [first, .., last] => format!("{first} … {}", last.file_name()),
        [only] => only.to_string(),
        [] => String::new(),
    };
    format!("{files}{marks}")
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Each decode with what is made from it. A picture or sound that several outputs use stands once.
fn work_tree(plan: &LogicalPlan, outputs: &[OutputSpec]) -> String {
    let labels = sink_labels(plan, outputs);
    let roots =
        plan.ordered().into_iter().filter(|index| matches!(plan.node(*index).op, Op::Decode { .. } | Op::Copy(_)));
    roots.map(|root| branch(plan, root, &labels).to_string()).collect()
}

pub(super) fn sink_labels(plan: &LogicalPlan, outputs: &[OutputSpec]) -> BTreeMap<NodeIndex, String> {
    let made = outputs.iter().filter(|output| output.disposition == Disposition::Make);
    let name = |output: &OutputSpec| match output.kind {
        crate::plan::OutputKind::Transcode => output.label.clone(),
        crate::plan::OutputKind::AdaptiveDynamicStreaming => format!("adaptive {}", output.label),
        kind => kind.noun().to_owned(),
    };
    plan.sinks().iter().copied().zip(made.map(name)).collect()
}

fn branch(plan: &LogicalPlan, start: NodeIndex, labels: &BTreeMap<NodeIndex, String>) -> Tree<String> {
    let mut words = vec![describe(plan, start)];
    let mut end = start;
    // A chain without branches is one line.
    loop {
        let users = users(plan, end);
        match users.as_slice() {
            [(user, _)] if !plan.node(*user).op.is_sink() => {
                end = *user;
                words.push(describe(plan, end));
            }
            _ => break,
        }
    }
    let (sinks, others): (Vec<_>, Vec<_>) =
        users(plan, end).into_iter().partition(|(user, _)| plan.node(*user).op.is_sink());
    words.retain(|word| !word.is_empty());
    let mut line = words.join(", ");
    if !sinks.is_empty() {
        let mut sinks: Vec<_> = sinks.into_iter().map(|(sink, _)| sink).collect();
        // A package may read one stream at several ports.
        sinks.dedup();
        let names: Vec<&str> = sinks.iter().filter_map(|sink| labels.get(sink).map(String::as_str)).collect();
        line.push_str(&format!(" → {}", names.join(", ")));
    }
    let mut tree = Tree::new(line);
    tree.leaves = others.into_iter().map(|(user, _)| branch(plan, user, labels)).collect();
    tree
}

/// Who reads from a node; a second pass stands below its pictures, not below what the first one found out.
fn users(plan: &LogicalPlan, index: NodeIndex) -> Vec<(NodeIndex, u8)> {
    let mut users = plan.users(index);
    if matches!(plan.node(index).op, Op::AnalyseVideo(_)) {
        users.clear();
    }
    users
}

/// An operation in a few words; nothing where people need not know of it.
pub(super) fn describe(plan: &LogicalPlan, index: NodeIndex) -> String {
    match &plan.node(index).op {
        Op::Decode { stream, output } => match output {
            StreamType::Video(video) => format!("decode picture {stream} {}", video.size),
            _ => format!("decode sound {stream}"),
        },
        Op::Copy(copy) => match &copy.output {
            StreamType::EncodedVideo(codec, _) => format!("copy {codec} {}", copy.stream),
            StreamType::EncodedAudio(codec, _) => format!("copy {codec} {}", copy.stream),
            _ => "copy".into(),
        },
        Op::Shift { zero } => format!("from {zero} on"),
        Op::Deinterlace => "deinterlace".into(),
        Op::Denoise => "denoise".into(),
        Op::ToneMap { .. } => "tone-map".into(),
        Op::Trim(trim) => format!("{} to {}", trim.from, trim.to),
        Op::Retime { rate } => format!("{} fps", rate.per_second().to_decimal(3)),
        Op::Pick { pictures } => counted(pictures.len(), "picture"),
        Op::Scale { size, .. } => format!("scale {size}"),
        Op::Pad { size, fill } => format!("{fill} bars to {size}"),
        Op::Tile { columns, rows, cells } => {
            let sheets = cells.len().div_ceil((*columns as usize * *rows as usize).max(1));
            format!("{} of {columns}x{rows}", counted(sheets, "sheet"))
        }
        Op::Animate { rate, .. } => format!("{} fps", rate.per_second().to_decimal(3)),
        Op::Overlay { .. } => marks_on(plan, index),
        Op::Resample { sample_rate, channels } => format!("{sample_rate} Hz {channels} ch"),
        Op::AnalyseVideo(coding) => format!("first pass {}", coding.codec),
        Op::EncodeVideo(coding) if plan.inputs(index).len() > 1 => format!("second pass {}", coding.codec),
        Op::EncodeVideo(coding) => format!("encode {}", coding.codec),
        Op::EncodeAudio(coding) => format!("encode {}", coding.codec),
        Op::EncodePictures(coding) => format!("encode {}", coding.format),
        Op::EncodeAnimation(coding) => format!("encode {}", coding.format),
        Op::Convert { .. }
        | Op::Demux { .. }
        | Op::Mark { .. }
        | Op::Mux(_)
        | Op::Adaptive(_)
        | Op::Master(_)
        | Op::Write(_)
        | Op::WriteAnimation { .. } => String::new(),
    }
}

fn marks_on(plan: &LogicalPlan, overlay: NodeIndex) -> String {
    let names = plan.inputs(overlay).into_iter().filter_map(|input| match &plan.node(input).op {
        Op::Mark { name, size, .. } => Some(format!("mark {name} {size}")),
        _ => None,
    });
    names.collect::<Vec<_>>().join(", ")
}

/// How many outputs become what, and how much work that is.
pub(super) fn summary(shown: Shown) -> String {
    let compilation = shown.compilation;
    let number = |wanted: fn(&Disposition) -> bool| {
        compilation.outputs.iter().filter(|output| wanted(&output.disposition)).count()
    };
    let make = number(|disposition| *disposition == Disposition::Make);
    let left_out = number(|disposition| matches!(disposition, Disposition::Skip(_)));
    let fail = number(|disposition| matches!(disposition, Disposition::Fail(..)));
    let signs = || shown.standing.into_iter().flat_map(|standing| standing.signs.values());
    let remake = signs().filter(|sign| matches!(sign, Sign::Remake(_))).count();
    let up_to_date = signs().filter(|sign| **sign == Sign::UpToDate).count();
    let mut verdict = vec![format!("{} to make", make - remake - up_to_date)];
    if remake > 0 {
        verdict.push(format!("{remake} to make again"));
    }
    if up_to_date > 0 {
        verdict.push(format!("{up_to_date} up to date"));
    }
    if left_out > 0 {
        verdict.push(format!("{left_out} left out"));
    }
    if fail > 0 {
        verdict.push(format!("{fail} cannot be made"));
    }
    let (shared, unshared) = (WorkCount::of(&compilation.optimised), WorkCount::of(&compilation.logical));
    let processes = counted(compilation.physical.jobs.len(), "process");
    let mut text = format!("Plan: {}. {shared}, {processes}.\n", verdict.join(", "));
    if let Some(standing) = shown.standing.filter(|standing| standing.processes < compilation.physical.jobs.len()) {
        text.push_str(&format!(
            "Of these, a run starts {}: the rest is there already.\n",
            counted(standing.processes, "process")
        ));
    }
    if shared != unshared {
        text.push_str(&format!("Unshared: {unshared}.\n"));
    }
    text
}
