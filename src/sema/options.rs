//! The `options { … }` of a procedure.

use super::read::Reader;
use super::template::unknown_field;
use crate::catalog::template::{Copy, Notify, Speed, Upscale};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::{FlowOptions, Group, TaskOptions};
use crate::syntax::ast::{Quantity, Record, Value, ValueKind};

/// What a procedure's options say: of its tasks, and of the flow.
#[derive(Clone, Default)]
pub struct Options {
    /// Of the tasks.
    pub tasks: TaskOptions,
    /// Of the flow.
    pub flow: FlowOptions,
}

/// Whether a switch is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Switch {
    On,
    Off,
}

/// A field of `options`: its word, what it does, what it takes, and how it is read.
pub struct OptionRule {
    /// The word before the colon.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// What it takes, in words.
    pub takes: &'static str,
    read: fn(&mut Reader<'_>, &Value, Group, &mut Options),
}

/// Every option.
pub const RULES: &[OptionRule] = &[
    OptionRule {
        name: "only_below_source_bitrate",
        doc: "Leaves out renditions whose bitrate is above the source's.",
        takes: "`true` or `false`",
        read: |reader, value, _, options| {
            if let Some(switch) = switch(reader, value) {
                options.tasks.only_below_source_bitrate = switch == Switch::On;
            }
        },
    },
    OptionRule {
        name: "master_playlist",
        doc: "Writes one playlist over all HLS renditions of the procedure.",
        takes: "`true` or `false`",
        read: |reader, value, group, options| {
            if let Some(switch) = switch(reader, value) {
                options.tasks.master_playlist = (switch == Switch::On).then_some(group);
            }
        },
    },
    OptionRule {
        name: "idr_alignment",
        doc: "Puts the keyframes of all renditions at the same times; their frame rates must be equal.",
        takes: "`true` or `false`",
        read: |reader, value, group, options| {
            if let Some(switch) = switch(reader, value) {
                options.tasks.idr_alignment = (switch == Switch::On).then_some(group);
            }
        },
    },
    OptionRule {
        name: "priority",
        doc: "Where the flow stands in the service's queue: higher comes first.",
        takes: "a whole number from -10 to 10",
        read: |reader, value, _, options| options.flow.priority = priority(reader, value).or(options.flow.priority),
    },
    OptionRule {
        name: "notify",
        doc: "When the service sends events: at the end, at every change, or never.",
        takes: "`finish`, `change` or `none`",
        read: |reader, value, _, options| {
            options.flow.notify = reader.word(value, Notify::WORDS, Notify::from_word).or(options.flow.notify);
        },
    },
    OptionRule {
        name: "upscale",
        doc: "What templates that leave it open do when the source is smaller.",
        takes: "`allow`, `clamp` or `skip`",
        read: |reader, value, _, options| {
            options.tasks.upscale = reader.word(value, Upscale::WORDS, Upscale::from_word).or(options.tasks.upscale);
        },
    },
    OptionRule {
        name: "speed",
        doc: "How much CPU encodes spend whose templates leave it open.",
        takes: "`fast`, `medium` or `slow`",
        read: |reader, value, _, options| {
            options.tasks.speed = reader.word(value, Speed::WORDS, Speed::from_word).or(options.tasks.speed);
        },
    },
    OptionRule {
        name: "copy",
        doc: "Whether streams that fit already are copied, where a template leaves it open.",
        takes: "`never`, `auto` or `always`",
        read: |reader, value, _, options| {
            options.tasks.copy = reader.word(value, Copy::WORDS, Copy::from_word).or(options.tasks.copy);
        },
    },
];

/// The options of a procedure over those of its caller; `group` is the procedure's own.
pub fn read(reader: &mut Reader<'_>, record: &Record, group: Group, outer: &Options) -> Options {
    let mut options = outer.clone();
    for (at, field) in record.fields.iter().enumerate() {
        if reader.diagnostics.is_full() {
            break;
        }
        let (word, span) = (field.name.value.as_str(), field.name.span);
        if let Some(first) = record.fields[..at].iter().find(|earlier| earlier.name.value == word) {
            let problem = Diagnostic::new(&codes::DUPLICATE_FIELD, message!("`{}` is given twice", word)).at(span, "");
            reader.diagnostics.push(problem.with_label(first.name.span, message!("first given here")));
        } else if let Some(rule) = RULES.iter().find(|rule| rule.name == word) {
            (rule.read)(reader, &field.value, group, &mut options);
        } else {
            let known: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
            reader.diagnostics.push(unknown_field(word, span, message!("the block `options`"), &known));
        }
    }
    options
}

fn switch(reader: &mut Reader<'_>, value: &Value) -> Option<Switch> {
    match &value.kind {
        ValueKind::Word(word) if word == "true" => Some(Switch::On),
        ValueKind::Word(word) if word == "false" => Some(Switch::Off),
        _ => reader.wrong_type(value, message!("`true` or `false`")),
    }
}

fn priority(reader: &mut Reader<'_>, value: &Value) -> Option<i8> {
    let ValueKind::Quantity(Quantity::Number(number)) = value.kind else {
        return reader.wrong_type(value, message!("a whole number from -10 to 10"));
    };
    let whole = number.is_integer().then(|| i8::try_from(number.numerator()).ok()).flatten();
    match whole.filter(|whole| (-10..=10).contains(whole)) {
        Some(whole) => Some(whole),
        None => reader.out_of_range(value.span, message!("a whole number from -10 to 10 is allowed")),
    }
}
