//! Tables of fields: what a record can say, for reading it and for telling people.

use super::{Record, Value, unknown_field};
use crate::catalog::template::TemplateKind;
use crate::diag::{Diagnostic, Message, codes, message};
use crate::sema::read::Reader;
use std::ops::RangeInclusive;

/// A field of a record: its word, what people should know about it, and how it changes what is being built.
pub struct FieldRule<D> {
    /// The word before the colon.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// What may stand behind the colon.
    pub accepts: Accepts,
    /// What holds without it.
    pub absent: Absent,
    /// Reads the value into the draft.
    pub read: fn(&mut Reader<'_>, &Value, &mut D),
}

impl<D> FieldRule<D> {
    /// A field.
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        accepts: Accepts,
        absent: Absent,
        read: fn(&mut Reader<'_>, &Value, &mut D),
    ) -> Self {
        FieldRule { name, doc, accepts, absent, read }
    }

    fn info(&self) -> FieldInfo {
        FieldInfo {
            name: self.name,
            doc: self.doc,
            accepts_text: self.accepts.to_string(),
            words: self.accepts.words(),
            template: if let Accepts::Template(kind) = self.accepts { Some(kind) } else { None },
            default_text: match self.absent {
                Absent::Usual(text) => Some(text),
                Absent::Required | Absent::Nothing => None,
            },
            presence: if matches!(self.absent, Absent::Required) { Presence::Required } else { Presence::Optional },
            inner: self.accepts.inner(),
        }
    }
}

/// What holds when a field is not written, nor by a template that is extended.
#[derive(Debug, Clone, Copy)]
pub enum Absent {
    /// It must be written.
    Required,
    /// As if this were written.
    Usual(&'static str),
    /// Nothing is asked for.
    Nothing,
}

/// What may stand behind a field's colon. Ranges are inclusive; `words` may stand in place of a value.
#[derive(Debug)]
pub enum Accepts {
    /// One of these.
    Words(&'static [&'static str]),
    /// A bitrate in kbps, with `at_most` or without, or `auto`.
    Bitrate(RangeInclusive<u64>),
    /// Pictures per second.
    Rate {
        /// From so many to so many.
        range: RangeInclusive<u32>,
        /// Also these.
        words: &'static [&'static str],
    },
    /// A sampling rate out of a few.
    SampleRate,
    /// A whole number.
    Integer {
        /// From so much to so much.
        range: RangeInclusive<u32>,
        /// Also these.
        words: &'static [&'static str],
    },
    /// A distance of keyframes.
    Gop,
    /// A codec level such as `4.1`.
    Level,
    /// A side of a picture in pixels.
    Side(RangeInclusive<u32>),
    /// A length on a picture; the range is of those in pixels.
    Length(RangeInclusive<u32>),
    /// A time in milliseconds.
    Duration {
        /// From so much to so much; `None` is any.
        range: Option<RangeInclusive<u32>>,
        /// Also these.
        words: &'static [&'static str],
    },
    /// A regular distance: a share of the length or a time.
    Distance,
    /// A share.
    Percent,
    /// A colour.
    Colour,
    /// A text, for example this one.
    Text(&'static str),
    /// A template of a kind, or `none`.
    Template(TemplateKind),
    /// A block of fields, or one of the words.
    Record {
        /// The fields in it.
        fields: fn() -> Vec<FieldInfo>,
        /// Also these.
        words: &'static [&'static str],
    },
    /// A list of so many blocks.
    Records {
        /// The fields in each.
        fields: fn() -> Vec<FieldInfo>,
        /// From so many to so many.
        count: RangeInclusive<u32>,
    },
    /// A list of whole numbers.
    Integers(RangeInclusive<u32>),
}

impl Accepts {
    fn words(&self) -> Vec<&'static str> {
        match self {
            Accepts::Words(words)
            | Accepts::Rate { words, .. }
            | Accepts::Integer { words, .. }
            | Accepts::Duration { words, .. }
            | Accepts::Record { words, .. } => words.to_vec(),
            Accepts::Bitrate(_) | Accepts::Gop | Accepts::Level => vec!["auto"],
            Accepts::SampleRate => vec!["source", "auto"],
            Accepts::Side(_) => vec!["source"],
            Accepts::Template(_) => vec!["none"],
            _ => Vec::new(),
        }
    }

    fn inner(&self) -> Vec<FieldInfo> {
        match self {
            Accepts::Record { fields, .. } | Accepts::Records { fields, .. } => fields(),
            _ => Vec::new(),
        }
    }

    /// What a value is, words left out.
    fn value_text(&self) -> String {
        let span =
            |range: &RangeInclusive<u32>, unit: &str| format!("{}{unit} to {}{unit}", range.start(), range.end());
        match self {
            Accepts::Words(_) => String::new(),
            Accepts::Bitrate(kbps) => {
                format!("{}kbps to {}kbps, also `at_most`", kbps.start(), kbps.end())
            }
            Accepts::Rate { range, .. } => format!("{} pictures per second", span(range, "")),
            Accepts::SampleRate => "32kHz, 44.1kHz, 48kHz, 16kHz with `pcm16`".to_owned(),
            Accepts::Integer { range, .. } => span(range, ""),
            Accepts::Gop => "a duration up to 1h, 1frames to 100000frames".to_owned(),
            Accepts::Level => "1.0 to 6.2".to_owned(),
            Accepts::Side(range) => format!("{} pixels", span(range, "")),
            Accepts::Length(range) => format!("{}, 0% to 100%, also of a side: `w%` `h%` `s%` `l%`", span(range, "px")),
            Accepts::Duration { range: None, .. } => "a duration".to_owned(),
            Accepts::Duration { range: Some(range), .. } => {
                format!("{}s to {}s", range.start() / 1000, range.end() / 1000)
            }
            Accepts::Distance => "a share such as 10%, or a duration such as 10s".to_owned(),
            Accepts::Percent => "0% to 100%".to_owned(),
            Accepts::Colour => "a colour such as 0xFFFFFF".to_owned(),
            Accepts::Text(example) => format!("a text such as \"{example}\""),
            Accepts::Template(kind) => format!("a template of the kind {kind}"),
            Accepts::Record { .. } => "a block of fields".to_owned(),
            Accepts::Records { count, .. } => format!("a list of {} blocks of fields", span(count, "")),
            Accepts::Integers(range) => format!("a list of {}", span(range, "")),
        }
    }
}

impl std::fmt::Display for Accepts {
    /// For hover and reference: `auto, 10kbps to 100000kbps, also at_most`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = self.words().into_iter().map(str::to_owned);
        let parts: Vec<String> = words.chain([self.value_text()]).filter(|part| !part.is_empty()).collect();
        f.write_str(&parts.join(", "))
    }
}

/// Whether a field must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// By the template or one that it extends.
    Required,
    /// It has a default, or asks for something more.
    Optional,
}

/// A field as editors and the reference show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInfo {
    /// The word before the colon.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// What may stand behind the colon, in words.
    pub accepts_text: String,
    /// The words among it, for completion.
    pub words: Vec<&'static str>,
    /// The kind of template among it, for completion.
    pub template: Option<TemplateKind>,
    /// What holds without it, if that can be written.
    pub default_text: Option<&'static str>,
    /// Whether it must be written.
    pub presence: Presence,
    /// Fields of its block.
    pub inner: Vec<FieldInfo>,
}

/// What a table says to people.
pub fn infos<D>(rules: &[FieldRule<D>]) -> Vec<FieldInfo> {
    rules.iter().map(FieldRule::info).collect()
}

/// Fields that every template has.
pub fn head_infos() -> Vec<FieldInfo> {
    let info = |name, doc, accepts_text: &str| FieldInfo {
        name,
        doc,
        accepts_text: accepts_text.to_owned(),
        words: Vec::new(),
        template: None,
        default_text: None,
        presence: Presence::Optional,
        inner: Vec::new(),
    };
    vec![
        info(
            "id",
            "The number by which calls and the API name it.",
            "a whole number from 1 that the catalogue does not have",
        ),
        info("extends", "The template of the same kind whose fields hold where this one has none.", "a name or id"),
        info("comment", "A remark for people.", "a text"),
    ]
}

/// Reads the fields of a template; those that every template has are read elsewhere.
pub fn apply_top<D>(
    reader: &mut Reader<'_>,
    record: &Record,
    kind: TemplateKind,
    rules: &[FieldRule<D>],
    draft: &mut D,
) {
    apply_with(reader, record, || kind.one(), super::HEAD, rules, draft);
}

/// Reads the fields of a record inside a template.
pub fn apply<D>(
    reader: &mut Reader<'_>,
    record: &Record,
    what: fn() -> Message,
    rules: &[FieldRule<D>],
    draft: &mut D,
) {
    apply_with(reader, record, what, &[], rules, draft);
}

fn apply_with<D>(
    reader: &mut Reader<'_>,
    record: &Record,
    what: impl Fn() -> Message,
    others: &[&str],
    rules: &[FieldRule<D>],
    draft: &mut D,
) {
    for (at, field) in record.fields.iter().enumerate() {
        // Every further field is wrong too, or the list would be short: the limit keeps the search below linear.
        if reader.diagnostics.is_full() {
            return;
        }
        let word = field.name.value.as_str();
        if let Some(first) = record.fields[..at].iter().find(|earlier| earlier.name.value == word) {
            let problem = Diagnostic::new(&codes::DUPLICATE_FIELD, message!("`{}` is given twice", word))
                .at(field.name.span, "")
                .with_label(first.name.span, message!("first given here"));
            reader.diagnostics.push(problem);
        } else if let Some(rule) = rules.iter().find(|rule| rule.name == word) {
            (rule.read)(reader, &field.value, draft);
        } else if !others.contains(&word) {
            let known: Vec<&str> = others.iter().copied().chain(rules.iter().map(|rule| rule.name)).collect();
            reader.diagnostics.push(unknown_field(word, field.name.span, what(), &known));
        }
    }
}

/// Takes what was read, if anything was.
pub fn set<T>(slot: &mut T, read: Option<T>) {
    if let Some(read) = read {
        *slot = read;
    }
}
