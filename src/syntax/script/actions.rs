//! One action of a script becomes one statement.

use super::places::Places;
use super::problems::{unknown_field, what};
use super::{SWITCHES, class_of, exact};
use crate::diag::{Diagnostic, Diagnostics, Message, codes, message};
use crate::syntax::ast::{Field, Mark, Name, Quantity, Statement, StatementKind, Trim, Value, ValueKind};
use crate::text::Span;
use crate::units::{Duration, Percent, Rational};
use crate::world::{ScriptAction, ScriptField, ScriptValue};

/// Reads actions.
pub(super) struct Actions<'a, 'd> {
    pub(super) places: &'a Places<'a>,
    pub(super) diagnostics: &'d mut Diagnostics,
}

/// Which times a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimeUnit {
    Seconds,
    Milliseconds,
}

/// Whether the lack of templates is to be told, or follows from something told already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lack {
    Told,
    Explained,
}

impl Actions<'_, '_> {
    /// The statement of an action; fields that it does not have and actions that ask for nothing are reported.
    pub(super) fn statement(&mut self, action: &ScriptAction) -> Option<Statement> {
        let span = self.places.line(action.line);
        let said = self.diagnostics.iter().count();
        if let Some(class) = class_of(action) {
            for field in action.fields.iter().filter(|field| !class.fields.contains(&field.name.as_str())) {
                let place = self.places.word(&field.name, field.line).unwrap_or_else(|| self.places.line(field.line));
                self.diagnostics.push(unknown_field(class, &field.name, place));
            }
        }
        let review = matches!(action.class.as_str(), "AiReviewAction" | "ManualReviewAction");
        if review != (action.stage != "process") || action.class == "ManualReviewAction" {
            let message = message!("`{}` does not belong to the stage `{}`", &action.class, &action.stage);
            self.diagnostics.push(Diagnostic::new(&codes::SCRIPT_RESULT, message).at(span, ""));
            return None;
        }
        let kind = match action.class.as_str() {
            "TranscodeAction" => {
                let whole = self.diagnostics.iter().count() == said;
                self.transcode(action, if whole { Lack::Told } else { Lack::Explained })?
            }
            "SampleSnapshotAction" => {
                StatementKind::Sample { template: self.definition(action, span)?, marks: Vec::new() }
            }
            "ImageSpriteAction" => StatementKind::Sprite { template: self.definition(action, span)? },
            "AiReviewAction" => StatementKind::Review { template: self.definition(action, span)? },
            "CoverBySnapshotAction" => {
                let (template, time) = (self.definition(action, span)?, self.position(action, span)?);
                StatementKind::Cover { time, template, marks: Vec::new() }
            }
            "SnapshotByTimeOffsetAction" => {
                let (template, times) = (self.definition(action, span)?, self.offsets(action, span)?);
                StatementKind::Snapshot { times, template, marks: Vec::new() }
            }
            "AnimatedGraphicsAction" => {
                let templates = self.definitions(action, "definition", span)?;
                StatementKind::Animate { templates, trim: self.trim(action, span)? }
            }
            _ => {
                let templates = self.definitions(action, "definition", span)?;
                StatementKind::Adaptive { templates, trim: Trim::default(), marks: self.watermark(action)? }
            }
        };
        Some(Statement { kind, span })
    }

    fn transcode(&mut self, action: &ScriptAction, lack: Lack) -> Option<StatementKind> {
        let templates = match field(action, "transcodeDefinition") {
            None => Vec::new(),
            Some(ids) => self.ids(ids)?,
        };
        let encrypt = match field(action, "drm") {
            None => None,
            Some(drm) => self.encryption(drm)?,
        };
        let marks = self.watermark(action)?;
        if templates.is_empty() && lack == Lack::Explained {
            return None;
        }
        if templates.is_empty() {
            let message = message!("the `{}` names no template, so it makes nothing", "TranscodeAction");
            let problem = Diagnostic::new(&codes::NO_EFFECT, message).at(self.places.line(action.line), "");
            let help = message!("add one: `{}`", "addTranscodeDefinition(20)");
            self.diagnostics.push(problem.with_help(help));
            return None;
        }
        Some(StatementKind::Transcode { templates, overrides: None, trim: Trim::default(), marks, encrypt })
    }

    /// The options of a procedure that an action's switches stand for; those that are off are left out.
    pub(super) fn switches(&mut self, action: &ScriptAction) -> Vec<Field> {
        let mut options = Vec::new();
        for (name, word) in SWITCHES {
            let Some(field) = field(action, name) else { continue };
            let span = self.places.word(name, field.line).unwrap_or_else(|| self.places.line(field.line));
            match &field.value {
                ScriptValue::Boolean(true) => {}
                ScriptValue::Number(number) if *number == 1.0 => {}
                ScriptValue::Boolean(false) | ScriptValue::Nil => continue,
                ScriptValue::Number(number) if *number == 0.0 => continue,
                other => {
                    self.wrong::<()>(field, other, message!("`true` or `false`"));
                    continue;
                }
            }
            let value = Value { kind: ValueKind::Word("true".to_owned()), span };
            options.push(Field { name: Name::new((*word).to_owned(), span), value });
        }
        options
    }

    /// `nil` and 0 are none, 1 is the configured one, anything else an id.
    fn watermark(&mut self, action: &ScriptAction) -> Option<Vec<Mark>> {
        let Some(field) = field(action, "watermarkDefinition") else { return Some(Vec::new()) };
        let span = self.places.value(&field.value, field.line);
        let template = match &field.value {
            ScriptValue::Nil => return Some(Vec::new()),
            ScriptValue::Number(number) if *number == 0.0 => return Some(Vec::new()),
            ScriptValue::Number(number) if *number == 1.0 => Value { kind: ValueKind::Word("default".into()), span },
            other => self.id(field, other, field.line)?,
        };
        Some(vec![Mark { template, arguments: Vec::new(), span }])
    }

    /// `drm.definition`; the inner `None` is no encryption.
    fn encryption(&mut self, drm: &ScriptField) -> Option<Option<Value>> {
        match &drm.value {
            ScriptValue::Nil => Some(None),
            ScriptValue::Table(members) => match members.as_slice() {
                [(name, value)] if name == "definition" => self.id(drm, value, drm.line).map(Some),
                _ => self.wrong(drm, &drm.value, message!("a table with a `{}`", "definition")),
            },
            ScriptValue::List(elements) if elements.is_empty() => Some(None),
            other => self.wrong(drm, other, message!("a table with a `{}`", "definition")),
        }
    }

    /// The only template of an action.
    fn definition(&mut self, action: &ScriptAction, span: Span) -> Option<Value> {
        match field(action, "definition") {
            None | Some(ScriptField { value: ScriptValue::Nil, .. }) => self.lacks(action, "definition", span),
            Some(given) => self.id(given, &given.value, given.line),
        }
    }

    fn definitions(&mut self, action: &ScriptAction, name: &str, span: Span) -> Option<Vec<Value>> {
        match field(action, name) {
            None => self.lacks(action, name, span),
            Some(ids) => self.ids(ids),
        }
    }

    fn lacks<T>(&mut self, action: &ScriptAction, name: &str, span: Span) -> Option<T> {
        let message = message!("the `{}` has no `{}`", &action.class, name);
        self.diagnostics.push(Diagnostic::new(&codes::MISSING_FIELD, message).at(span, ""));
        None
    }

    /// A list of ids; a single one stands for a list of one.
    fn ids(&mut self, field: &ScriptField) -> Option<Vec<Value>> {
        let ScriptValue::List(elements) = &field.value else {
            return match &field.value {
                ScriptValue::Nil => Some(Vec::new()),
                ScriptValue::Table(_) => self.wrong(field, &field.value, message!("a list of template ids")),
                single => self.id(field, single, field.line).map(|id| vec![id]),
            };
        };
        let ids: Vec<Option<Value>> =
            elements.iter().map(|(element, line)| self.id(field, element, line.unwrap_or(field.line))).collect();
        ids.into_iter().collect()
    }

    fn id(&mut self, field: &ScriptField, value: &ScriptValue, line: u32) -> Option<Value> {
        let span = self.places.value(value, line);
        match value {
            ScriptValue::Number(number) if number.is_finite() => Some(number_value(exact(*number), span)),
            // A template that a project declares has a name.
            ScriptValue::Text(name) if !name.is_empty() => Some(Value { kind: ValueKind::Text(name.clone()), span }),
            other => {
                let message = message!("`{}` takes {}, not {}", &field.name, message!("a template id"), what(other));
                self.diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(span, ""));
                None
            }
        }
    }

    fn wrong<T>(&mut self, field: &ScriptField, value: &ScriptValue, wanted: Message) -> Option<T> {
        let message = message!("`{}` takes {}, not {}", &field.name, wanted, what(value));
        let span = self.places.value(value, field.line);
        self.diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(span, ""));
        None
    }

    /// `positionType` and `position`: the first picture when they are not given.
    fn position(&mut self, action: &ScriptAction, span: Span) -> Option<Value> {
        let percent = match field(action, "positionType") {
            None | Some(ScriptField { value: ScriptValue::Nil, .. }) => false,
            Some(ScriptField { value: ScriptValue::Text(text), .. }) if text.eq_ignore_ascii_case("time") => false,
            Some(ScriptField { value: ScriptValue::Text(text), .. }) if text.eq_ignore_ascii_case("percent") => true,
            Some(given) => return self.wrong(given, &given.value, message!("the text `Time` or `Percent`")),
        };
        match field(action, "position") {
            None => Some(time_value(Rational::ZERO, span)),
            Some(given) if percent => {
                let number = self.number(given, &given.value)?;
                Some(Value { kind: ValueKind::Quantity(Quantity::Percent(Percent(number))), span: self.at(given) })
            }
            Some(given) => self.time(given, &given.value, TimeUnit::Seconds),
        }
    }

    fn offsets(&mut self, action: &ScriptAction, span: Span) -> Option<Vec<Value>> {
        let Some(given) = field(action, "timeOffset") else { return self.lacks(action, "timeOffset", span) };
        let ScriptValue::List(elements) = &given.value else {
            return self.time(given, &given.value, TimeUnit::Milliseconds).map(|time| vec![time]);
        };
        let times: Vec<_> =
            elements.iter().map(|(element, _)| self.time(given, element, TimeUnit::Milliseconds)).collect();
        times.into_iter().collect()
    }

    /// Absent or 0 is the natural start or end, below zero so long before the end (`vod.md` B.4).
    fn trim(&mut self, action: &ScriptAction, span: Span) -> Option<Trim> {
        let mut ends = [None, None];
        for (end, name) in ends.iter_mut().zip(["startTime", "endTime"]) {
            if let Some(given) = field(action, name).filter(|given| given.value != ScriptValue::Number(0.0)) {
                *end = Some(self.time(given, &given.value, TimeUnit::Seconds)?);
            }
        }
        let [from, to] = ends;
        // The language wants one end at least.
        let from = if from.is_none() && to.is_none() { Some(time_value(Rational::ZERO, span)) } else { from };
        Some(Trim { from, to })
    }

    fn time(&mut self, field: &ScriptField, value: &ScriptValue, unit: TimeUnit) -> Option<Value> {
        let number = self.number(field, value)?;
        let scale = if unit == TimeUnit::Milliseconds { Rational::of(1, 1000) } else { Rational::ONE };
        let span = self.places.value(value, field.line);
        Some(time_value(number * scale, span))
    }

    fn number(&mut self, field: &ScriptField, value: &ScriptValue) -> Option<Rational> {
        match value {
            ScriptValue::Number(number) if number.is_finite() && number.abs() < 1e12 => Some(exact(*number)),
            other => self.wrong(field, other, message!("a number")),
        }
    }

    fn at(&self, field: &ScriptField) -> Span {
        self.places.value(&field.value, field.line)
    }
}

fn field<'a>(action: &'a ScriptAction, name: &str) -> Option<&'a ScriptField> {
    action.fields.iter().find(|field| field.name == name)
}

fn number_value(number: Rational, span: Span) -> Value {
    Value { kind: ValueKind::Quantity(Quantity::Number(number)), span }
}

fn time_value(seconds: Rational, span: Span) -> Value {
    let quantity = if seconds.is_negative() {
        Quantity::BeforeEnd(Duration::from_seconds(Rational::ZERO - seconds))
    } else {
        Quantity::Duration(Duration::from_seconds(seconds))
    };
    Value { kind: ValueKind::Quantity(quantity), span }
}
