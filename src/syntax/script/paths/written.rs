//! The lines of a procedure that a script becomes, and how they are written.

use super::condition::Condition;
use crate::syntax::ast::{Item, Mark, Statement, StatementKind, Trim, Value};
use crate::syntax::write::value_text as value;
use crate::text::SourceMap;

/// A request of one template.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What stands before the template: `transcode `, `cover at 0s using `.
    head: String,
    template: String,
    /// What stands behind it: ` with 150`.
    rest: String,
    /// Whether several templates may stand in one statement.
    takes_several: bool,
}

/// A line of a procedure, or a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A request.
    Request(Request),
    /// A `when` with its condition, its negation, and both bodies.
    When(Condition, Vec<Line>, Vec<Line>),
}

impl Request {
    /// A statement as one request for each of its templates.
    pub fn all_of(statement: &Statement) -> Vec<Request> {
        let several = |head: &str, templates: &[Value], rest: String| {
            let one = |template: &Value| Request {
                head: head.to_owned(),
                template: value(template),
                rest: rest.clone(),
                takes_several: true,
            };
            templates.iter().map(one).collect()
        };
        let one = |head: String, template: &Value| {
            vec![Request { head, template: value(template), rest: String::new(), takes_several: false }]
        };
        match &statement.kind {
            StatementKind::Transcode { templates, marks, encrypt, .. } => {
                let encrypt = encrypt.as_ref().map(|template| format!(" encrypt {}", value(template)));
                several("transcode ", templates, format!("{}{}", with(marks), encrypt.unwrap_or_default()))
            }
            StatementKind::Adaptive { templates, marks, .. } => several("adaptive ", templates, with(marks)),
            StatementKind::Animate { templates, trim } => several("animate ", templates, part(trim)),
            StatementKind::Sample { template, .. } => one("sample using ".into(), template),
            StatementKind::Sprite { template } => one("sprite using ".into(), template),
            StatementKind::Review { template } => one("review using ".into(), template),
            StatementKind::Cover { time, template, .. } => one(format!("cover at {} using ", value(time)), template),
            StatementKind::Snapshot { times, template, .. } => {
                let times: Vec<String> = times.iter().map(value).collect();
                one(format!("snapshot at {} using ", times.join(", ")), template)
            }
            _ => Vec::new(),
        }
    }
}

/// Both ways of a decision: what they share at their start and end stands outside.
pub fn joined(condition: &Condition, mut holds: Vec<Line>, mut otherwise: Vec<Line>) -> Vec<Line> {
    let shared = |(one, other): &(&Line, &Line)| one == other;
    let start = holds.iter().zip(&otherwise).take_while(shared).count();
    let (mut lines, rest): (Vec<Line>, Vec<Line>) = (holds.drain(..start).collect(), otherwise.split_off(start));
    let end = holds.iter().rev().zip(rest.iter().rev()).take_while(shared).count();
    let mut otherwise = rest;
    otherwise.truncate(otherwise.len() - end);
    let tail = holds.split_off(holds.len() - end);
    if !holds.is_empty() || !otherwise.is_empty() {
        lines.push(Line::When(condition.clone(), holds, otherwise));
    }
    lines.extend(tail);
    lines
}

/// A name as the language takes it: keywords and what is no word stand in quotes.
fn name_text(name: &str) -> String {
    let bare = SourceMap::default().add("<name>", &format!("procedure {name} {{}}"));
    let parsed = crate::syntax::parse(&bare);
    let alone = matches!(parsed.file.items.as_slice(), [Item::Procedure(procedure)] if procedure.name.value == name);
    if alone && parsed.diagnostics.is_empty() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace(['"', '\\'], "_"))
    }
}

/// A procedure as text.
pub fn procedure(name: &str, options: &[(String, String)], lines: &[Line]) -> String {
    let name = name_text(name);
    let mut text = format!("procedure {name} {{\n");
    if !options.is_empty() {
        let fields: Vec<String> = options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        text.push_str(&format!("    options {{ {} }}\n", fields.join(", ")));
    }
    body(&mut text, lines, 1);
    text.push_str("}\n");
    text
}

/// The depth is that of the decisions of a script, which is bounded.
fn body(text: &mut String, lines: &[Line], depth: usize) {
    let indent = "    ".repeat(depth);
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let request = match line {
            Line::When(condition, holds, otherwise) => {
                text.push_str(&indent);
                when(text, condition, holds, otherwise, depth);
                continue;
            }
            Line::Request(request) => request,
        };
        let mut templates = vec![request.template.as_str()];
        while let Some(Line::Request(next)) = lines.get(at) {
            let joins = next.takes_several && next.head == request.head && next.rest == request.rest;
            if !joins {
                break;
            }
            templates.push(&next.template);
            at += 1;
        }
        text.push_str(&format!("{indent}{}{}{}\n", request.head, templates.join(", "), request.rest));
    }
}

/// The words of a `when`, its body, and that of its `else`: one without a body is turned round.
fn turned<'l>(
    condition: &'l Condition,
    holds: &'l [Line],
    otherwise: &'l [Line],
) -> (&'l String, &'l [Line], &'l [Line]) {
    match holds.is_empty() {
        true => (&condition.fails, otherwise, holds),
        false => (&condition.holds, holds, otherwise),
    }
}

fn when(text: &mut String, condition: &Condition, holds: &[Line], otherwise: &[Line], depth: usize) {
    let indent = "    ".repeat(depth);
    let (words, mut first, second) = turned(condition, holds, otherwise);
    let mut words = words.clone();
    // `when a { when b { … } }` is `when a and b { … }`.
    while let ([], [Line::When(inner, holds, otherwise)]) = (second, first) {
        let (more, body, []) = turned(inner, holds, otherwise) else { break };
        words.push_str(&format!(" and {more}"));
        first = body;
    }
    text.push_str(&format!("when {words} {{\n"));
    body(text, first, depth + 1);
    match second {
        [] => text.push_str(&format!("{indent}}}\n")),
        [Line::When(inner, holds, otherwise)] => {
            text.push_str(&format!("{indent}}} else "));
            when(text, inner, holds, otherwise, depth);
        }
        _ => {
            text.push_str(&format!("{indent}}} else {{\n"));
            body(text, second, depth + 1);
            text.push_str(&format!("{indent}}}\n"));
        }
    }
}

fn with(marks: &[Mark]) -> String {
    let marks: Vec<String> = marks.iter().map(|mark| value(&mark.template)).collect();
    if marks.is_empty() { String::new() } else { format!(" with {}", marks.join(", ")) }
}

fn part(trim: &Trim) -> String {
    let end = |word: &str, at: &Option<Value>| at.as_ref().map(|at| format!(" {word} {}", value(at)));
    format!("{}{}", end("from", &trim.from).unwrap_or_default(), end("to", &trim.to).unwrap_or_default())
}
