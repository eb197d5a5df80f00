//! AST to JSON bodies, by the same tables; what a generation has no word for is told.

use super::bodies::KINDS;
use super::convert::{decimal, holds, length_text, measured, time_text};
use super::flows::FLOW;
use super::read::Extent;
use super::table::{Field, Generation, Need, Number, Sort, Table, Takes};
use super::text;
use super::unshape;
use super::value::{Kind, Member, Value};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::syntax::ast::{self, File, Item, Quantity, Record, ValueKind};
use crate::syntax::write::value_text;
use crate::text::Span;
use crate::units::Rational;

/// A text in a JSON form, and what it cannot say.
#[derive(Debug, Clone)]
pub struct Written {
    /// The body, or the list of bodies.
    pub text: String,
    /// What the form has no word for, at the place where it is said.
    pub unsaid: Diagnostics,
}

/// Writes templates and procedures; `usual` gives what a template means where it says nothing, about which nothing is
/// told either.
pub fn write(file: &File, generation: Generation, usual: &dyn Fn(&ast::Template) -> Record) -> Written {
    let mut writer = Writer { generation, unsaid: Diagnostics::default() };
    let mut bodies = Vec::new();
    for item in &file.items {
        match item {
            Item::Template(node) => bodies.extend(writer.template(node, &usual(node))),
            Item::Procedure(node) => bodies.push(writer.procedure(node)),
            _ => {}
        }
    }
    let value = match bodies.len() {
        1 => bodies.remove(0),
        _ => Value { span: nowhere(), kind: Kind::Array(bodies) },
    };
    Written { text: text::pretty(&value), unsaid: writer.unsaid }
}

/// What is written has no place yet.
fn nowhere() -> Span {
    crate::text::SourceMap::default().add("", "").span(0, 0)
}

/// The address of the schema of a form, as written files name it.
pub fn schema_id(generation: Generation) -> String {
    format!("urn:vodflow:{}", generation.pick("json-v2", "json-v3"))
}

pub struct Writer {
    pub generation: Generation,
    pub unsaid: Diagnostics,
}

impl Writer {
    fn template(&mut self, node: &ast::Template, usual: &Record) -> Option<Value> {
        let kind = node.kind.value.as_str();
        let of_kind = KINDS.iter().find(|(word, _)| *word == kind).map(|(_, table)| *table);
        let Some(table) = of_kind.filter(|table| has_own_fields(table, self.generation)) else {
            let message = message!("API `{}` has no templates of the kind `{}`", self.generation.word(), kind);
            self.unsaid.push(Diagnostic::new(&codes::FORM_LACKS_WORD, message).at(node.name.span, ""));
            return None;
        };
        let record = unshape::template(self.generation, kind, &node.fields, &node.name);
        let usual = unshape::template(self.generation, kind, usual, &node.name);
        let mut members = head(self.generation, table.name);
        members.extend(self.object(&record, table, &usual, Extent::Whole));
        Some(Value { span: node.span, kind: Kind::Object(members) })
    }

    fn procedure(&mut self, node: &ast::Procedure) -> Value {
        let mut members = head(self.generation, "");
        let record = unshape::procedure(self, node);
        members.extend(self.object(&record, &FLOW, &nothing(node.span), Extent::Whole));
        if self.generation == Generation::V3 {
            let (lists, around): (Vec<Member>, Vec<Member>) =
                members.into_iter().partition(|member| matches!(member.value.kind, Kind::Array(_)));
            let lists = Value { span: node.span, kind: Kind::Object(lists) };
            members = around;
            members.push(Member { name: "MediaProcessTask".to_owned(), name_span: node.span, value: lists });
        }
        Value { span: node.span, kind: Kind::Object(members) }
    }

    /// The members that say what a record says, in the order of the table.
    pub fn object(&mut self, record: &Record, table: &'static Table, usual: &Record, extent: Extent) -> Vec<Member> {
        let mut members: Vec<(usize, Member)> = Vec::new();
        let mut said: Vec<usize> = Vec::new();
        for field in table.of(self.generation).filter(|field| !field.word.is_empty()) {
            let found = record.fields.iter().enumerate().find(|(_, known)| known.name.value == field.word);
            let Some((at, known)) = found.filter(|(at, _)| !said.contains(at)) else { continue };
            said.push(at);
            let inner = usual.fields.iter().find(|usual| usual.name.value == field.word);
            if let Some(kind) = self.value(field, &known.value, inner.map(|usual| &usual.value), extent) {
                let value = Value { span: known.value.span, kind };
                let name = field.name(self.generation).to_owned();
                members.push((at, Member { name, name_span: known.name.span, value }));
            }
        }
        for (at, field) in record.fields.iter().enumerate() {
            let is_usual = usual.fields.iter().any(|usual| {
                usual.name.value == field.name.value && value_text(&usual.value) == value_text(&field.value)
            });
            if !said.contains(&at) && !is_usual {
                self.lacks(&field.name.value, &field.value, table.name);
            }
        }
        // The lists of a flow are in the order of the requests.
        if std::ptr::eq(table, &FLOW) {
            members.sort_by_key(|(at, _)| *at);
        }
        let members: Vec<Member> = members.into_iter().map(|(_, member)| member).collect();
        if extent == Extent::Whole {
            self.lacks_required(&members, table, record);
        }
        members
    }

    /// What the API wants and the record does not say.
    fn lacks_required(&mut self, members: &[Member], table: &'static Table, record: &Record) {
        for field in table.of(self.generation).filter(|field| field.need == Need::Required) {
            let name = field.name(self.generation);
            if !members.iter().any(|member| member.name == name) && self.unsaid.is_empty() {
                let message = message!(
                    "`{}` of API `{}` needs `{}`, for which nothing is said",
                    table.name,
                    self.generation.word(),
                    name
                );
                self.unsaid.push(Diagnostic::new(&codes::FORM_LACKS_WORD, message).at(record.span, ""));
            }
        }
    }

    /// Tells that a form has no word for a field.
    pub fn lacks(&mut self, word: &str, value: &ast::Value, table: &str) {
        let shown = value_text(value);
        let is_long = shown.chars().count() > 60 || shown.contains('@');
        let (word, api) = (language_word(word), self.generation.word());
        let message = match is_long {
            true => message!("`{}` of API `{}` has no word for this `{}`", table, api, word),
            false => message!("`{}` of API `{}` has no word for `{}: {}`", table, api, word, shown),
        };
        self.unsaid.push(Diagnostic::new(&codes::FORM_LACKS_WORD, message).at(value.span, ""));
    }

    fn value(
        &mut self,
        field: &'static Field,
        value: &ast::Value,
        usual: Option<&ast::Value>,
        extent: Extent,
    ) -> Option<Kind> {
        let name = field.name(self.generation);
        let kind = match (&field.takes, &value.kind) {
            (Takes::Words(words), _) => word_for(words, &value_text(value)),
            (Takes::Number(number), _) => self.number(number, value),
            (Takes::Numbers(number), ValueKind::List(elements)) => {
                self.array(elements, |writer, element| writer.number(number, element))
            }
            (Takes::Text(most), ValueKind::Text(text)) if text.chars().count() <= *most as usize => {
                Some(Kind::String(text.clone()))
            }
            (Takes::Length, ValueKind::Quantity(quantity)) => length_text(*quantity).map(Kind::String),
            (Takes::Colour, ValueKind::Quantity(Quantity::Colour(colour))) => {
                Some(Kind::String(format!("0x{colour:06X}")))
            }
            (Takes::Times, ValueKind::List(elements)) => self.array(elements, |_, element| match element.kind {
                ValueKind::Quantity(quantity) => time_text(quantity).map(Kind::String),
                _ => None,
            }),
            (Takes::Template(_), _) => template(value),
            (Takes::Templates(_), ValueKind::List(elements)) => self.array(elements, |_, element| template(element)),
            (Takes::Object(table), ValueKind::Record(record)) => {
                let empty = nothing(record.span);
                let usual = match usual.map(|usual| &usual.kind) {
                    Some(ValueKind::Record(usual)) => usual,
                    _ => &empty,
                };
                let extent = if field.word == "@overrides" { Extent::Changes } else { extent };
                Some(Kind::Object(self.object(record, table, usual, extent)))
            }
            (Takes::Object(table), ValueKind::List(elements)) if elements.len() == 1 => {
                Some(self.objects(elements, table, usual))
            }
            (Takes::Objects(table, _), ValueKind::List(elements)) => Some(self.objects(elements, table, usual)),
            _ => None,
        };
        match kind {
            Some(Kind::Null) => None,
            Some(kind) => Some(kind),
            None => {
                let is_usual = usual.is_some_and(|usual| value_text(usual) == value_text(value));
                if !is_usual || field.need == Need::Required {
                    self.lacks(field.word, value, name);
                }
                None
            }
        }
    }

    fn objects(&mut self, elements: &[ast::Value], table: &'static Table, usual: Option<&ast::Value>) -> Kind {
        let usual = match usual.map(|usual| &usual.kind) {
            Some(ValueKind::List(usual)) => usual.as_slice(),
            _ => &[],
        };
        let mut objects = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            let ValueKind::Record(record) = &element.kind else { continue };
            let empty = nothing(record.span);
            let usual = match usual.get(at).map(|usual| &usual.kind) {
                Some(ValueKind::Record(usual)) => usual,
                _ => &empty,
            };
            objects.push(Value {
                span: element.span,
                kind: Kind::Object(self.object(record, table, usual, Extent::Whole)),
            });
        }
        // One block of the second generation stands alone.
        if self.generation == Generation::V2 && objects.len() == 1 {
            return objects.remove(0).kind;
        }
        Kind::Array(objects)
    }

    fn array(
        &mut self,
        elements: &[ast::Value],
        mut write: impl FnMut(&mut Self, &ast::Value) -> Option<Kind>,
    ) -> Option<Kind> {
        let values: Option<Vec<Value>> = elements
            .iter()
            .map(|element| write(self, element).map(|kind| Value { span: element.span, kind }))
            .collect();
        values.map(Kind::Array)
    }

    fn number(&mut self, takes: &Number, value: &ast::Value) -> Option<Kind> {
        let bounds = takes.bounds(self.generation);
        let (inner, is_ceiling) = match &value.kind {
            ValueKind::AtMost(inner) => (inner.as_ref(), true),
            _ => (value, false),
        };
        if let ValueKind::Word(word) = &inner.kind {
            return (takes.zero == Some(word.as_str())).then(|| Kind::Number("0".to_owned()));
        }
        let ValueKind::Quantity(quantity) = inner.kind else { return None };
        let number = measured(quantity, takes.unit)?;
        if is_ceiling && bounds.sort != Sort::Ceiling {
            return None;
        }
        let is_said =
            holds(bounds, number) && !(number == Rational::ZERO && takes.zero.is_some_and(|zero| !zero.is_empty()));
        let written = decimal(number).filter(|_| is_said)?;
        Some(Kind::Number(if is_ceiling { format!("-{written}") } else { written }))
    }
}

/// `$schema` and, for templates, the action that tells them apart.
fn head(generation: Generation, action: &str) -> Vec<Member> {
    let member = |name: &str, text: &str| Member {
        name: name.to_owned(),
        name_span: nowhere(),
        value: Value { span: nowhere(), kind: Kind::String(text.to_owned()) },
    };
    let action = (!action.is_empty()).then(|| member("Action", action));
    [member("$schema", &schema_id(generation))].into_iter().chain(action).collect()
}

fn nothing(span: Span) -> Record {
    Record { fields: Vec::new(), damaged: false, span }
}

/// What people know a regrouped field by.
fn language_word(word: &str) -> &str {
    match word {
        "@times" | "@old_times" | "@position" => "at",
        "@marks" | "@mark" => "with",
        "@sample_interval" => "every",
        "@segment_time" => "segment.time",
        "@segment_type" => "segment.type",
        "@least_gop" | "@most_gop" => "gop",
        "@drm" => "encrypt",
        word => word.trim_start_matches('@'),
    }
}

/// Whether a generation has templates of the kind.
pub fn has_own_fields(table: &'static Table, generation: Generation) -> bool {
    table.fields.iter().skip(1).flat_map(|fields| fields.iter()).any(|field| !field.name(generation).is_empty())
}

fn word_for(words: &'static [(&str, &str)], meaning: &str) -> Option<Kind> {
    let (word, _) = words.iter().find(|(_, known)| *known == meaning)?;
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_number { Kind::Number((*word).to_owned()) } else { Kind::String((*word).to_owned()) })
}

fn template(value: &ast::Value) -> Option<Kind> {
    match &value.kind {
        ValueKind::Quantity(Quantity::Number(number)) => decimal(*number).map(Kind::Number),
        ValueKind::Text(name) => Some(Kind::String(name.clone())),
        _ => None,
    }
}
