//! The fields of templates, marks and options, as an editor shows them: the one place that knows where they come from.

use crate::catalog::template::TemplateKind;
use crate::sema::{self, FieldInfo, Presence};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A field of a record.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// The word before the colon.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// What may stand there, in words.
    pub accepts: String,
    /// Words and values that may stand there, as they are offered.
    pub choices: Vec<String>,
    /// What holds when it is absent; empty where nothing does.
    pub default: &'static str,
    /// Whether a template cannot do without it.
    pub required: bool,
    /// The kind of template that stands there.
    pub template: Option<&'static str>,
    /// What form the value has.
    pub form: Form,
    /// The fields of the record that stands there.
    pub inner: Vec<Field>,
}

/// The form of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A word, a number, a text.
    Simple,
    /// `{ field* }`
    Record,
    /// `[{ field* }, …]`
    Records,
}

/// Values that show the form of what a field takes; a record before the dot where a field's name is not enough.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("video.bitrate", &["1800kbps", "at_most 1800kbps"]),
    ("audio.bitrate", &["64kbps", "128kbps", "at_most 128kbps"]),
    ("video.fps", &["25", "30000/1001", "at_most 30"]),
    ("fps", &["10"]),
    ("short_side", &["360", "540", "720", "1080"]),
    ("long_side", &["640", "1280", "1920"]),
    ("video.width", &["640", "1280", "1920"]),
    ("video.height", &["360", "720", "1080"]),
    ("watermark.width", &["10%", "64px"]),
    ("watermark.height", &["10%", "64px"]),
    ("width", &["160", "320", "640"]),
    ("height", &["90", "180", "360"]),
    ("gop", &["2s", "48frames"]),
    ("crf", &["23"]),
    ("level", &["4.1"]),
    ("bframes", &["2"]),
    ("passes", &["1", "2"]),
    ("sample_rate", &["44.1kHz", "48kHz"]),
    ("channels", &["1", "2", "6"]),
    ("tracks", &["[1]"]),
    ("segment.time", &["6s"]),
    ("time", &["6s"]),
    ("every", &["10%", "10s"]),
    ("rows", &["10"]),
    ("columns", &["10"]),
    ("tolerance", &["0s", "1s"]),
    ("quality", &["75"]),
    ("x", &["16px", "2%"]),
    ("y", &["16px", "2%"]),
    ("size", &["24px"]),
    ("color", &["0xFFFFFF"]),
    ("opacity", &["80%", "100%"]),
    ("key_url", &["\"https://\""]),
    ("priority", &["0"]),
    ("mark.from", &["5s", "50%"]),
    ("mark.to", &["-5s", "end"]),
];

impl Field {
    fn of(info: FieldInfo, record: &str) -> Self {
        let form = match (info.accepts_text.contains("blocks of fields"), info.accepts_text.contains("block of fields"))
        {
            (true, _) => Form::Records,
            (false, true) => Form::Record,
            (false, false) => Form::Simple,
        };
        let inner = info.inner.into_iter().map(|inner| Field::of(inner, info.name)).collect();
        Field {
            choices: choices(record, info.name, &info.words, &info.accepts_text),
            name: info.name,
            doc: info.doc,
            accepts: info.accepts_text,
            default: info.default_text.unwrap_or_default(),
            required: info.presence == Presence::Required,
            template: info.template.map(TemplateKind::word),
            form,
            inner,
        }
    }

    /// Whether a parameter of that type may stand there.
    pub fn takes_type(&self, type_word: &str) -> bool {
        let units: &[&str] = match type_word {
            "duration" => &["s", "ms"],
            "time" => &["end"],
            "bitrate" => &["kbps"],
            "frequency" => &["Hz"],
            "length" => &["px"],
            "percent" => &["%"],
            "gop" => &["frames"],
            "text" => &["\""],
            "color" => return self.choices.iter().any(|value| value.starts_with("0x")),
            "bool" => return self.choices.iter().any(|value| value == "true"),
            "int" | "number" => {
                return self
                    .choices
                    .iter()
                    .any(|value| value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
            }
            _ => &[],
        };
        units.iter().any(|unit| self.choices.iter().any(|value| value.ends_with(unit)))
    }
}

fn choices(record: &str, name: &str, words: &[&'static str], accepts: &str) -> Vec<String> {
    let whole = format!("{record}.{name}");
    let found = |wanted: &str| EXAMPLES.iter().find(|(key, _)| *key == wanted).map(|(_, examples)| *examples);
    let examples = found(&whole).or_else(|| found(name)).unwrap_or_default();
    let text = (examples.is_empty() && accepts.starts_with("a text")).then_some("\"\"");
    words.iter().copied().chain(examples.iter().copied()).chain(text).map(str::to_owned).collect()
}

/// The fields of a record: `root` is a kind of template, `mark` or `options`, `path` leads into it.
pub fn inside(root: &str, path: &[String]) -> &'static [Field] {
    let mut fields = of(root);
    for step in path {
        match fields.iter().find(|field| field.name == step) {
            Some(field) => fields = &field.inner,
            None => return &[],
        }
    }
    fields
}

/// The fields of a kind of template, of a mark or of the options.
pub fn of(root: &str) -> &'static [Field] {
    static TABLES: LazyLock<BTreeMap<&'static str, Vec<Field>>> = LazyLock::new(tables);
    TABLES.get(root).map(Vec::as_slice).unwrap_or_default()
}

fn tables() -> BTreeMap<&'static str, Vec<Field>> {
    let kinds = TemplateKind::WORDS.iter().filter_map(|word| Some((*word, TemplateKind::from_word(word)?)));
    let templates = kinds.map(|(word, kind)| {
        // Fields of every template are rarely what is looked for.
        let (head, own): (Vec<_>, Vec<_>) =
            sema::fields(kind).into_iter().partition(|field| matches!(field.name, "id" | "extends" | "comment"));
        (word, own.into_iter().chain(head).map(|info| Field::of(info, word)).collect())
    });
    templates.chain([("mark", mark()), ("options", options())]).collect()
}

fn simple(record: &str, name: &'static str, doc: &'static str, accepts: &str) -> Field {
    // Words stand in backticks.
    let words: Vec<&str> = accepts.split('`').skip(1).step_by(2).collect();
    let mut field = Field {
        name,
        doc,
        accepts: accepts.replace('`', ""),
        choices: choices(record, name, &[], accepts),
        default: "",
        required: false,
        template: None,
        form: Form::Simple,
        inner: Vec::new(),
    };
    field.choices.splice(0..0, words.into_iter().map(str::to_owned));
    field
}

fn options() -> Vec<Field> {
    sema::OPTIONS.iter().map(|option| simple("options", option.name, option.doc, option.takes)).collect()
}

/// Settings of a mark, which stand where the mark is used.
fn mark() -> Vec<Field> {
    vec![
        simple("mark", "from", "From when the mark is seen; the start without it.", "a time"),
        simple("mark", "to", "Until when the mark is seen; the end without it.", "a time"),
        simple("mark", "text", "The text of a mark whose template sets a text.", "a text"),
        simple("mark", "svg", "The file of the drawing of a mark whose template sets a drawing.", "a text"),
    ]
}
