//! What a place of a text means, in Markdown.

use super::cursor::{TokenKind, token_at};
use super::fields::Field;
use super::occurrence::{Local, LocalKind, Occurrence, Slot, Target};
use super::wanted::Wanted;
use super::words::{self, Word};
use super::{Analysis, describe};
use crate::syntax::ast::{Quantity, Value, ValueKind};
use std::ops::Range;

/// A text about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The place.
    pub range: Range<usize>,
    /// Markdown.
    pub text: String,
}

/// What is to be said about the place at an offset.
pub fn hover(analysis: &Analysis<'_>, offset: usize) -> Option<Hover> {
    let word = keyword(analysis, offset);
    let found = analysis.resolve_at(offset);
    match (found, word) {
        // A list around the cursor says less than the word under it.
        (Some(found), Some(word)) if found.span.range().len() > word.range.len() => Some(word),
        (Some(found), _) => {
            let text = about(analysis, &found)?;
            Some(Hover { range: found.span.range(), text })
        }
        (None, word) => word,
    }
}

fn keyword(analysis: &Analysis<'_>, offset: usize) -> Option<Hover> {
    let token = token_at(analysis.text(), offset).filter(|token| token.kind == TokenKind::Word)?;
    let word = words::keyword(token.text)?;
    Some(Hover { range: token.start..token.end(), text: word_text(word) })
}

fn word_text(word: &Word) -> String {
    format!("```vod\n{}\n```\n{}", word.form, word.says)
}

fn about(analysis: &Analysis<'_>, found: &Occurrence<'_>) -> Option<String> {
    let text = match &found.target {
        Target::Template(template) => describe::template(*template, &analysis.origin(template.declared())),
        Target::Procedure(procedure) => {
            let declared = procedure.node.name.span;
            describe::procedure(*procedure, analysis.text_of(declared), &analysis.origin(Some(declared)))
        }
        Target::Local(local) => local_text(analysis, local),
        Target::Fact(fact) => format!("```vod\nsource.{}: {}\n```\n{}", fact.word, fact.form, fact.says),
        Target::Field(field) => field_text(field),
        Target::Kind(word) => word_text(word),
        Target::TypeWord(word) => format!("```vod\n{}\n```\n{} For example `{}`.", word.word, word.says, word.form),
        Target::Import(import) => format!("Takes in the templates and procedures of `{}`.", import.path.value),
        Target::Value { value, wanted } => value_text(analysis, value, wanted, found.slot)?,
    };
    Some(match found.slot.filter(|_| !matches!(found.target, Target::Local(_) | Target::Value { .. })) {
        Some(slot) => format!("{text}\n\n---\n{}", slot_text(analysis, slot)),
        None => text,
    })
}

fn local_text(analysis: &Analysis<'_>, local: &Local<'_>) -> String {
    let text = analysis.text_of(local.name.span);
    let value = local.value.and_then(|value| text.get(value.span.range())).unwrap_or("");
    let name = words::spelt(&local.name.value);
    match local.kind {
        LocalKind::Parameter => {
            let written = local.type_name.map(describe::type_name).unwrap_or_default();
            let default = if value.is_empty() { String::new() } else { format!(" = {value}") };
            let needed = if value.is_empty() { "A call must give it." } else { "A call may leave it out." };
            let says = describe::slot(&local.name.value).filter(|_| local.is_system);
            let says = says.map_or(String::new(), |says| format!("{says}\n\n"));
            format!("```vod\n{name}: {written}{default}\n```\n{says}A parameter. {needed}")
        }
        LocalKind::Let => format!("```vod\nlet {name} = {value}\n```\nA name from here to the end of its block."),
        LocalKind::Loop => format!("```vod\nfor {name} in {value}\n```\nEach element of the list in turn."),
    }
}

fn field_text(field: &Field) -> String {
    let mut text = format!("```vod\n{}: …\n```\n{}\n\nTakes: {}", field.name, field.doc, field.accepts);
    match (field.required, field.default) {
        (true, _) => text.push_str("\n\nRequired."),
        (false, "") => {}
        (false, default) => text.push_str(&format!("\n\nDefault: {default}")),
    }
    text
}

/// The sentence about an argument's place in its call.
fn slot_text(analysis: &Analysis<'_>, slot: Slot<'_>) -> String {
    let Some(parameter) = slot.procedure.node.parameters.get(slot.index) else { return String::new() };
    let written = describe::parameter(parameter, analysis.text_of(parameter.name.span));
    let says = describe::slot(&parameter.name.value).filter(|_| slot.procedure.is_system);
    let says = says.map_or(String::new(), |says| format!(": {says}"));
    format!("Argument {} of `{}`, `{written}`{says}", slot.index + 1, slot.procedure.node.name.value)
}

fn value_text(analysis: &Analysis<'_>, value: &Value, wanted: &Wanted, slot: Option<Slot<'_>>) -> Option<String> {
    let meaning = match &value.kind {
        ValueKind::Word(word) => word_meaning(word, wanted),
        ValueKind::Quantity(quantity) => match preset_number(quantity, wanted, slot) {
            Some(says) => Some(says),
            None if wanted.kind().is_some() => {
                let written = analysis.text().get(value.span.range()).unwrap_or("");
                Some(format!("`{written}` is no {} template.", wanted.kind().unwrap_or("known")))
            }
            None => Some(unit_meaning(analysis, value, quantity)),
        },
        _ => None,
    };
    let slot = slot.map(|slot| slot_text(analysis, slot));
    let parts: Vec<String> = [meaning, slot].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("\n\n---\n"))
}

fn word_meaning(word: &str, wanted: &Wanted) -> Option<String> {
    if let Wanted::Field(field) = wanted
        && field.choices.iter().any(|choice| choice == word)
    {
        let value = words::entry(words::VALUES, word).map_or(String::new(), |value| format!("\n\n{}", value.says));
        return Some(format!("`{word}`, a value of `{}`: {}{value}", field.name, field.doc));
    }
    let says = words::entry(words::VALUES, word)?.says;
    Some(match (word, wanted.kind()) {
        ("default", Some("watermark")) => {
            "`default`: the configured default mark; out of the box there is none.".to_owned()
        }
        _ => format!("`{word}`: {says}"),
    })
}

/// The numbers of preset calls that are no ids.
fn preset_number(quantity: &Quantity, wanted: &Wanted, slot: Option<Slot<'_>>) -> Option<String> {
    let slot = slot.filter(|slot| slot.procedure.is_system)?;
    let Quantity::Number(number) = quantity else { return None };
    let kind = wanted.kind()?;
    match (number.to_decimal(0).as_str(), kind) {
        ("0", _) => Some(format!("`0`: nothing. No {kind} template is used.")),
        ("1", "transcode") if !slot.in_list => {
            Some("`1`: the configured default set, out of the box the transcode templates 10, 20 and 30.".to_owned())
        }
        ("1", "transcode") => Some("`1` means the default set only alone, not inside a list.".to_owned()),
        ("1", "watermark") => Some("`1`: the configured default mark; out of the box there is none.".to_owned()),
        _ => None,
    }
}

fn unit_meaning(analysis: &Analysis<'_>, value: &Value, quantity: &Quantity) -> String {
    let written = analysis.text().get(value.span.range()).unwrap_or("");
    let says = match quantity {
        Quantity::Number(_) => "a number without unit".to_owned(),
        Quantity::Fraction(rate) => format!("{} pictures per second", rate.to_decimal(3)),
        Quantity::Duration(duration) => format!("{duration} long, or that long after the start of the source"),
        Quantity::BeforeEnd(duration) => format!("{duration} before the end of the source"),
        Quantity::Percent(_) => "a share: of the source's length, or of the picture's side".to_owned(),
        Quantity::Bitrate(rate) => format!("{} bits per second", rate.0),
        Quantity::Frequency(rate) => format!("{} samples per second", rate.to_decimal(0)),
        Quantity::SideShare(..) => {
            "a share of one side of the picture: its width, height, short or long side".to_owned()
        }
        Quantity::Pixels(_) => "pixels".to_owned(),
        Quantity::Frames(_) => "pictures".to_owned(),
        Quantity::Colour(colour) => {
            format!("the colour with red {}, green {}, blue {}", colour >> 16, colour >> 8 & 255, colour & 255)
        }
    };
    format!("`{written}`: {says}")
}
