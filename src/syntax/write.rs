//! AST to the text of the language, for what was not written in it; the formatter gives it the usual layout.

use super::ast::{
    Call, Field, File, Item, Mark, Procedure, Quantity, Record, Statement, StatementKind, Template, Trim, Value,
    ValueKind,
};
use crate::units::{Duration, Rational};

/// Longest line that is not broken by us.
const LINE: usize = 100;

/// The text of a file of templates and procedures.
pub fn write_vod(file: &File) -> String {
    let items = file.items.iter().filter_map(|item| match item {
        Item::Template(node) => Some(template(node)),
        Item::Procedure(node) => Some(procedure(node)),
        Item::Call(node) => Some(format!("{}\n", call(node))),
        Item::Import(node) => Some(format!("import {}\n", quoted(&node.path.value))),
        Item::Error(_) => None,
    });
    items.collect::<Vec<_>>().join("\n")
}

/// A value as the language writes it.
pub fn value_text(value: &Value) -> String {
    match &value.kind {
        ValueKind::Word(word) => word.clone(),
        ValueKind::Text(text) => quoted(text),
        ValueKind::Quantity(quantity) => quantity_text(*quantity),
        ValueKind::List(elements) => format!("[{}]", list(elements)),
        ValueKind::Record(fields) => record(fields),
        ValueKind::AtMost(inner) => format!("at_most {}", value_text(inner)),
        ValueKind::Path(names) => names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join("."),
        ValueKind::Not(inner) => format!("not ({})", value_text(inner)),
        ValueKind::Binary { operator, left, right } => {
            format!("({} {} {})", value_text(left), operator.value.sign(), value_text(right))
        }
        ValueKind::KeyedTable | ValueKind::Error => "none".to_owned(),
    }
}

fn list(values: &[Value]) -> String {
    values.iter().map(value_text).collect::<Vec<_>>().join(", ")
}

fn record(record: &Record) -> String {
    let fields: Vec<String> = record.fields.iter().map(field).collect();
    let line = format!("{{ {} }}", fields.join(", "));
    match line.len() <= LINE {
        true if fields.is_empty() => "{ }".to_owned(),
        true => line,
        false => format!("{{\n{}\n}}", fields.join("\n")),
    }
}

fn field(field: &Field) -> String {
    format!("{}: {}", field.name.value, value_text(&field.value))
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            sign if sign.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", sign as u32)),
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}

fn quantity_text(quantity: Quantity) -> String {
    match quantity {
        Quantity::Number(number) => number.to_decimal(9),
        Quantity::Fraction(number) => number.to_string(),
        Quantity::Duration(duration) => duration_text(duration),
        Quantity::BeforeEnd(duration) => format!("-{}", duration_text(duration)),
        Quantity::Percent(percent) => format!("{}%", percent.0.to_decimal(9)),
        Quantity::SideShare(percent, side) => format!("{}{}%", percent.0.to_decimal(9), side.letter()),
        Quantity::Bitrate(rate) => {
            let kilobits = Rational::new(i128::from(rate.0), 1000).unwrap_or(Rational::ZERO);
            format!("{}kbps", kilobits.to_decimal(3))
        }
        Quantity::Frequency(hertz) => format!("{}kHz", (hertz * Rational::of(1, 1000)).to_decimal(9)),
        Quantity::Pixels(pixels) => format!("{}px", pixels.to_decimal(9)),
        Quantity::Frames(frames) => format!("{}frames", frames.to_decimal(0)),
        Quantity::Colour(colour) => format!("0x{colour:06X}"),
    }
}

/// Hours and minutes where milliseconds are enough, else seconds with more places.
fn duration_text(duration: Duration) -> String {
    let is_coarse = (duration.seconds() * Rational::from_integer(1000)).is_integer();
    if is_coarse { duration.to_string() } else { format!("{}s", duration.seconds().to_decimal(9)) }
}

fn doc(doc: Option<&String>) -> String {
    doc.map(|doc| doc.lines().map(|line| format!("/// {}\n", line.trim())).collect()).unwrap_or_default()
}

/// Words that may not be names without quotes.
const WORDS: &[&str] = &[
    "import",
    "template",
    "procedure",
    "options",
    "transcode",
    "adaptive",
    "snapshot",
    "sample",
    "sprite",
    "cover",
    "animate",
    "review",
    "let",
    "for",
    "in",
    "when",
    "else",
    "with",
    "encrypt",
    "using",
    "at",
    "from",
    "to",
    "and",
    "or",
    "not",
    "true",
    "false",
    "none",
    "default",
    "auto",
    "source",
    "end",
    "at_most",
    "nil",
];

fn name(name: &str) -> String {
    let mut signs = name.chars();
    let is_word = signs.next().is_some_and(|sign| sign.is_ascii_alphabetic())
        && signs.all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    if is_word && !WORDS.contains(&name) { name.to_owned() } else { quoted(name) }
}

/// A template where it is used: a name needs no quotes that is a name without them.
fn used(value: &Value) -> String {
    match &value.kind {
        ValueKind::Text(text) => name(text),
        _ => value_text(value),
    }
}

fn used_list(values: &[Value]) -> String {
    values.iter().map(used).collect::<Vec<_>>().join(", ")
}

fn template(node: &Template) -> String {
    let mut text = format!("{}template {} {} {{\n", doc(node.doc.as_ref()), node.kind.value, name(&node.name.value));
    for entry in &node.fields.fields {
        // What encrypts a package is named like any template.
        let line = match (entry.name.value.as_str(), &entry.value.kind) {
            ("encrypt", ValueKind::Text(_)) => format!("encrypt: {}", used(&entry.value)),
            _ => field(entry),
        };
        text.push_str(&format!("    {line}\n"));
    }
    text.push_str("}\n");
    text
}

fn procedure(node: &Procedure) -> String {
    let mut text = format!("{}procedure {} {{\n", doc(node.doc.as_ref()), name(&node.name.value));
    if let Some(options) = &node.options {
        text.push_str(&format!("    options {}\n", record(options)));
    }
    text.push_str(&body(&node.body, 1));
    text.push_str("}\n");
    text
}

/// Nesting is what a checked procedure has, so this recursion is bounded.
fn body(statements: &[Statement], depth: usize) -> String {
    let indent = "    ".repeat(depth);
    let mut text = String::new();
    for statement in statements {
        match &statement.kind {
            StatementKind::When { branches, otherwise } => {
                text.push_str(&indent);
                for (at, branch) in branches.iter().enumerate() {
                    let link = if at == 0 { "when" } else { " else when" };
                    let inner = body(&branch.body, depth + 1);
                    text.push_str(&format!("{link} {} {{\n{inner}{indent}}}", value_text(&branch.condition)));
                }
                if let Some(otherwise) = otherwise {
                    text.push_str(&format!(" else {{\n{}{indent}}}", body(otherwise, depth + 1)));
                }
                text.push('\n');
            }
            kind => text.push_str(&format!("{indent}{}\n", line(kind))),
        }
    }
    text
}

fn line(kind: &StatementKind) -> String {
    match kind {
        StatementKind::Transcode { templates, overrides, trim, marks, encrypt } => {
            let overrides = overrides.as_ref().map(|fields| format!(" {}", record(fields))).unwrap_or_default();
            let encrypt = encrypt.as_ref().map(|value| format!(" encrypt {}", used(value))).unwrap_or_default();
            format!("transcode {}{overrides}{}{}{encrypt}", used_list(templates), part(trim), with(marks))
        }
        StatementKind::Adaptive { templates, trim, marks } => {
            format!("adaptive {}{}{}", used_list(templates), part(trim), with(marks))
        }
        StatementKind::Snapshot { times, template, marks } => {
            format!("snapshot at {} using {}{}", list(times), used(template), with(marks))
        }
        StatementKind::Sample { template, marks } => format!("sample using {}{}", used(template), with(marks)),
        StatementKind::Sprite { template } => format!("sprite using {}", used(template)),
        StatementKind::Cover { time, template, marks } => {
            format!("cover at {} using {}{}", value_text(time), used(template), with(marks))
        }
        StatementKind::Animate { templates, trim } => format!("animate {}{}", used_list(templates), part(trim)),
        StatementKind::Review { template } => format!("review using {}", used(template)),
        StatementKind::Let { name: of, value } => format!("let {} = {}", name(&of.value), value_text(value)),
        StatementKind::For { name: of, list, body: inner } => {
            format!("for {} in {} {{\n{}}}", name(&of.value), value_text(list), body(inner, 1))
        }
        StatementKind::Call(node) => call(node),
        StatementKind::When { .. } | StatementKind::Error => String::new(),
    }
}

fn call(node: &Call) -> String {
    let argument = |argument: &super::ast::Argument| match &argument.name {
        Some(of) => format!("{}: {}", of.value, used(&argument.value)),
        None => used(&argument.value),
    };
    let arguments: Vec<String> = node.arguments.iter().map(argument).collect();
    if arguments.is_empty() {
        name(&node.name.value)
    } else {
        format!("{}({})", name(&node.name.value), arguments.join(", "))
    }
}

fn part(trim: &Trim) -> String {
    let end = |word: &str, value: &Option<Value>| value.as_ref().map(|value| format!(" {word} {}", value_text(value)));
    format!("{}{}", end("from", &trim.from).unwrap_or_default(), end("to", &trim.to).unwrap_or_default())
}

fn with(marks: &[Mark]) -> String {
    let mark = |mark: &Mark| {
        let arguments: Vec<String> = mark.arguments.iter().map(field).collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        format!("{}{arguments}", used(&mark.template))
    };
    let marks: Vec<String> = marks.iter().map(mark).collect();
    if marks.is_empty() { String::new() } else { format!(" with {}", marks.join(", ")) }
}
