//! Flows of both generations as statements of the language.

use super::flows::FLOW;
use super::read::{Extent, Reader};
use super::shape::{self, Fields, word};
use super::table::Generation;
use super::value::Value as Json;
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::syntax::ast::{
    Field, Mark, Name, Procedure, Quantity, Record, Statement, StatementKind, Trim, Value, ValueKind,
};
use crate::text::Span;
use crate::units::{Duration, Percent, Rational};

/// What a flow says, as parts of a procedure.
#[derive(Debug, Clone)]
pub struct Body {
    /// Settings of the procedure; `None` when nothing is said.
    pub options: Option<Record>,
    /// Its statements, in the order written.
    pub statements: Vec<Statement>,
    /// What was wrong.
    pub diagnostics: Diagnostics,
}

/// Reads the object of a `ProcessFile` request (`vod.md` B.3), or the same below `process`; blocks may be lists of
/// blocks. For whoever computes one instead of writing it.
pub fn procedure_v2(value: &Json) -> Body {
    let mut reader = Reader::new(Generation::V2);
    let procedure = procedure(&mut reader, value, "flow");
    Body { options: procedure.options, statements: procedure.body, diagnostics: reader.diagnostics }
}

/// Reads a flow of either generation.
pub fn procedure(reader: &mut Reader, value: &Json, unnamed: &str) -> Procedure {
    let record = reader.object(value, &FLOW, Extent::Whole);
    let mut fields = Fields::of(&record);
    let text = |field: Option<Field>| match field.map(|field| (field.value.kind, field.value.span)) {
        Some((ValueKind::Text(text), span)) => Some(Name::new(text, span)),
        _ => None,
    };
    let name = text(fields.take("@name")).map(|name| Name::new(super::super::normalised(&name.value), name.span));
    let doc = text(fields.take("@comment")).map(|comment| comment.value);
    let mut flow = Flow { reader, options: Vec::new(), statements: Vec::new(), sharing: None };
    for option in ["priority", "notify"] {
        flow.options.extend(fields.take(option));
    }
    // A review comes before anything is made (`vod.md` B.1).
    if let Some(review) = fields.take("@review") {
        flow.requests(&review);
    }
    if let Some(Field { value: Value { kind: ValueKind::Record(inner), .. }, .. }) = fields.take("@flow") {
        inner.fields.iter().for_each(|field| flow.requests(field));
    }
    fields.rest.iter().for_each(|field| flow.requests(field));
    let options = match flow.options.first() {
        None => None,
        Some(_) => Some(Record { fields: flow.options, damaged: record.damaged, span: value.span }),
    };
    Procedure {
        name: name.unwrap_or_else(|| Name::new(unnamed.to_owned(), value.span)),
        parameters: Vec::new(),
        parameters_damaged: false,
        options,
        body: flow.statements,
        doc,
        span: value.span,
    }
}

struct Flow<'r> {
    reader: &'r mut Reader,
    options: Vec<Field>,
    statements: Vec<Statement>,
    /// The settings of the first block of renditions, which are those of the whole procedure.
    sharing: Option<Vec<(String, Value)>>,
}

impl Flow<'_> {
    /// The requests of one list or block.
    fn requests(&mut self, field: &Field) {
        let entries = match &field.value.kind {
            ValueKind::List(entries) => entries.as_slice(),
            _ => std::slice::from_ref(&field.value),
        };
        for entry in entries {
            let ValueKind::Record(record) = &entry.kind else { continue };
            let kind = self.request(field.name.value.as_str(), record).unwrap_or(StatementKind::Error);
            self.statements.push(Statement { kind, span: record.span });
        }
    }

    /// One request; `None` when it has no template, which was reported. Other parts that could not be read are left
    /// out, so that what they do not touch is still checked.
    fn request(&mut self, sort: &str, record: &Record) -> Option<StatementKind> {
        let mut fields = Fields::of(record);
        let marks = self.marks(&mut fields);
        let trim = Trim { from: value(&mut fields, "from"), to: value(&mut fields, "to") };
        if sort == "@transcode" {
            self.shared_settings(&mut fields, record.span);
        }
        let template = value(&mut fields, "@template")?;
        Some(match sort {
            "@transcode" => {
                let overrides = match fields.take("@overrides").map(|field| field.value.kind) {
                    Some(ValueKind::Record(inner)) if !inner.fields.is_empty() || inner.damaged => {
                        Some(shape::overrides(self.reader, &inner))
                    }
                    _ => None,
                };
                let encrypt = fields.take("@drm").and_then(|drm| match drm.value.kind {
                    ValueKind::Record(inner) => value(&mut Fields::of(&inner), "@template"),
                    _ => None,
                });
                StatementKind::Transcode { templates: list(template), overrides, trim, marks, encrypt }
            }
            "@animate" => StatementKind::Animate { templates: list(template), trim: some_end(trim, record.span) },
            "@snapshot" => StatementKind::Snapshot { times: self.times(&mut fields, record), template, marks },
            "@sample" => StatementKind::Sample { template, marks },
            "@sprite" => StatementKind::Sprite { template },
            "@cover" => StatementKind::Cover { time: position(&mut fields, record.span), template, marks },
            "@adaptive" => StatementKind::Adaptive { templates: list(template), trim, marks },
            "@review" => StatementKind::Review { template },
            _ => return None,
        })
    }

    /// Settings that the second generation has on its block of renditions, and the language on the procedure.
    fn shared_settings(&mut self, fields: &mut Fields, span: Span) {
        const SHARED: [&str; 3] = ["only_below_source_bitrate", "master_playlist", "idr_alignment"];
        if self.reader.generation != Generation::V2 {
            return;
        }
        let found: Vec<Field> = SHARED.iter().filter_map(|word| fields.take(word)).collect();
        let is_on = |field: &&Field| shape::word_of(&field.value) == Some("true");
        let on: Vec<(String, Value)> =
            found.iter().filter(is_on).map(|field| (field.name.value.clone(), field.value.clone())).collect();
        let words = |settings: &[(String, Value)]| settings.iter().map(|(word, _)| word.clone()).collect::<Vec<_>>();
        match &self.sharing {
            None => {
                self.options.extend(found);
                self.sharing = Some(on);
            }
            Some(first) if words(first) != words(&on) => {
                let message = message!(
                    "the blocks of a flow have one setting of `disableHigherBitrate`, `hlsMasterPlaylist` and `idrAlignment`"
                );
                let problem = Diagnostic::new(&codes::CONFLICTING_FIELDS, message).at(span, "");
                self.reader.diagnostics.push(problem.with_help(message!("give every block the same settings")));
            }
            Some(_) => {}
        }
    }

    fn marks(&mut self, fields: &mut Fields) -> Vec<Mark> {
        if let Some(mark) = fields.take("@mark") {
            let number = match &mark.value.kind {
                ValueKind::Quantity(Quantity::Number(number)) => Some(*number),
                _ => None,
            };
            let span = mark.value.span;
            // In the second generation 0 is no mark, and 1 the configured one (`vod.md` H).
            if number == Some(Rational::ZERO) {
                return Vec::new();
            }
            let template = if number == Some(Rational::ONE) { word("default", span) } else { mark.value };
            return vec![Mark { template, arguments: Vec::new(), span }];
        }
        let Some(Field { value: Value { kind: ValueKind::List(entries), .. }, .. }) = fields.take("@marks") else {
            return Vec::new();
        };
        let marks = entries.into_iter().filter_map(|entry| {
            let ValueKind::Record(record) = entry.kind else { return None };
            let mut fields = Fields::of(&record);
            let template = value(&mut fields, "@template")?;
            Some(Mark { template, arguments: fields.rest, span: record.span })
        });
        marks.collect()
    }

    /// When pictures are taken: in strings, or in the older milliseconds.
    fn times(&mut self, fields: &mut Fields, record: &Record) -> Vec<Value> {
        let (times, old) = (fields.take("@times"), fields.take("@old_times"));
        if let (Some(_), Some(old)) = (&times, &old) {
            let message = message!("`TimeOffsetSet` has no effect beside `ExtTimeOffsetSet`");
            self.reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(old.name.span, ""));
        }
        match times.or(old).map(|field| field.value.kind) {
            Some(ValueKind::List(times)) if !times.is_empty() => return times,
            // One that could not be read was reported.
            _ if record.damaged => {}
            _ => {
                let wanted = self.reader.generation.pick("timeOffset", "ExtTimeOffsetSet");
                let message = message!("no time is given at which a picture is taken");
                let problem = Diagnostic::new(&codes::MISSING_FIELD, message).at(record.span, "");
                let help = message!("add `\"{}\"` with at least one time", wanted);
                self.reader.diagnostics.push(problem.with_help(help));
            }
        }
        Vec::new()
    }
}

fn value(fields: &mut Fields, word: &str) -> Option<Value> {
    fields.take(word).map(|field| field.value)
}

/// The elements of a list, or one value alone.
fn list(value: Value) -> Vec<Value> {
    match value.kind {
        ValueKind::List(elements) => elements,
        _ => vec![value],
    }
}

/// An animation of the whole source starts at its start: the language wants one end said.
fn some_end(trim: Trim, span: Span) -> Trim {
    if trim.from.is_some() || trim.to.is_some() {
        return trim;
    }
    let start = ValueKind::Quantity(Quantity::Duration(Duration::ZERO));
    Trim { from: Some(Value { kind: start, span }), to: None }
}

/// Where a cover is taken: a time or a share of the length; the start where that could not be read.
fn position(fields: &mut Fields, span: Span) -> Value {
    let (kind, at) = (fields.take("@position_type"), fields.take("@position"));
    let place = at.as_ref().map_or(span, |at| at.value.span);
    let number = match at.map(|at| at.value.kind) {
        Some(ValueKind::Quantity(Quantity::Number(number))) => number,
        _ => Rational::ZERO,
    };
    let quantity = match kind.as_ref().and_then(|kind| shape::word_of(&kind.value)) {
        Some("percent") => Quantity::Percent(Percent(number)),
        _ => Quantity::Duration(Duration::from_seconds(number)),
    };
    Value { kind: ValueKind::Quantity(quantity), span: place }
}
