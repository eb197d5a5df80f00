//! Requests: statements that ask for outputs, checked and turned into tasks.

use super::bindings::{Bindings, Evaluated, Meaning};
use super::expand::Expander;
use super::mark::MarkedOn;
use super::template::{build_over, check_fields};
use super::value_type::Type;
use crate::catalog::template::{EncryptionTemplate, Template, TemplateKind, TranscodeTemplate};
use crate::diag::{Diagnostic, Message, codes, message};
use crate::expression::{Constant, Scalar};
use crate::hir::{Mark, OrDefault, TaskKind, Time, Transcode, Trim};
use crate::syntax::ast::{self, Record, Statement, StatementKind, Value};
use crate::text::Span;
use crate::units::{Duration, Percent, Rational, TimePoint};
use std::sync::Arc;

/// The parts of a transcode statement.
struct TranscodeParts<'s> {
    templates: &'s [Value],
    overrides: Option<&'s Record>,
    trim: &'s ast::Trim,
    marks: &'s [ast::Mark],
    encrypt: Option<&'s Value>,
}

/// A rendition that is asked for, and where.
type Asked = (OrDefault<Arc<TranscodeTemplate>>, Span);
/// An encryption template, and where it is asked for.
type Encryption = (Arc<EncryptionTemplate>, Span);

impl Expander<'_, '_, '_> {
    /// A request becomes one task for each of its templates.
    pub(super) fn request(&mut self, statement: &Statement, bindings: &Bindings) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Transcode { templates, overrides, trim, marks, encrypt } => {
                let (overrides, encrypt) = (overrides.as_ref(), encrypt.as_ref());
                self.transcode(span, &TranscodeParts { templates, overrides, trim, marks, encrypt }, bindings);
            }
            StatementKind::Adaptive { templates, trim, marks } => {
                let trim = self.trim(trim, bindings);
                let marks = self.marks(marks, MarkedOn::Video, bindings);
                for template in self.templates(templates, TemplateKind::Adaptive, bindings) {
                    if let (Template::Adaptive(template), Some(trim), Some(marks)) = (template, &trim, &marks) {
                        let (trim, marks) = (trim.clone(), found(marks.clone()));
                        self.push(TaskKind::Adaptive { template, trim, marks }, span);
                    }
                }
            }
            StatementKind::Animate { templates, trim } => {
                let trim = self.trim(trim, bindings);
                for template in self.templates(templates, TemplateKind::Animated, bindings) {
                    if let (Template::Animated(template), Some(trim)) = (template, &trim) {
                        self.push(TaskKind::Animate { template, trim: trim.clone() }, span);
                    }
                }
            }
            _ => self.pictures(statement, bindings),
        }
    }

    fn pictures(&mut self, statement: &Statement, bindings: &Bindings) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Snapshot { times, template, marks } => {
                let times = self.times(times, bindings);
                let template = self.template(template, TemplateKind::Snapshot, bindings);
                let marks = self.marks(marks, MarkedOn::Picture, bindings);
                if let (Some(Template::Snapshot(template)), Some(times), Some(marks)) = (template, times, marks)
                    && !times.is_empty()
                {
                    self.push(TaskKind::Snapshot { template, times, marks: found(marks) }, span);
                }
            }
            StatementKind::Sample { template, marks } => {
                let template = self.template(template, TemplateKind::Sample, bindings);
                let marks = self.marks(marks, MarkedOn::Picture, bindings);
                if let (Some(Template::Sample(template)), Some(marks)) = (template, marks) {
                    self.push(TaskKind::Sample { template, marks: found(marks) }, span);
                }
            }
            StatementKind::Sprite { template } => {
                if let Some(Template::Sprite(template)) = self.template(template, TemplateKind::Sprite, bindings) {
                    self.push(TaskKind::Sprite(template), span);
                }
            }
            StatementKind::Cover { time, template, marks } => {
                let time = self.time(time, bindings);
                let template = self.template(template, TemplateKind::Snapshot, bindings);
                let marks = self.marks(marks, MarkedOn::Picture, bindings);
                if let (Some(time), Some(Template::Snapshot(template)), Some(marks)) = (time, template, marks) {
                    self.push(TaskKind::Cover { template, time, marks: found(marks) }, span);
                }
            }
            StatementKind::Review { template } => {
                if let Some(Template::Review(template)) = self.template(template, TemplateKind::Review, bindings) {
                    self.push(TaskKind::Review(template), span);
                }
            }
            _ => {}
        }
    }

    /// A statement's only template; `None` when there is none or it is not known.
    fn template(&mut self, value: &Value, kind: TemplateKind, bindings: &Bindings) -> Option<Template> {
        let wanted = Type::Optional(Box::new(Type::Template(kind)));
        match self.evaluate(value, &wanted, bindings).meaning {
            Meaning::Template(template) => Some(template),
            _ => None,
        }
    }

    /// The templates of a statement that are known, each once.
    fn templates(&mut self, values: &[Value], kind: TemplateKind, bindings: &Bindings) -> Vec<Template> {
        let wanted = Type::Optional(Box::new(Type::List(Box::new(Type::Template(kind)))));
        let evaluated: Vec<_> = values.iter().map(|value| self.evaluate(value, &wanted, bindings)).collect();
        let mut distinct: Vec<(Template, Span)> = Vec::new();
        for element in flat(evaluated) {
            let Meaning::Template(template) = element.meaning else { continue };
            match distinct.iter().find(|(earlier, _)| *earlier == template) {
                None => distinct.push((template, element.span)),
                Some((_, first)) => self.warn_twice(&template.head().label(), element.span, *first),
            }
        }
        distinct.into_iter().map(|(template, _)| template).collect()
    }

    /// A moment; `None` when it is not known.
    pub(super) fn time(&mut self, value: &Value, bindings: &Bindings) -> Option<Time> {
        let evaluated = self.evaluate(value, &Type::Scalar(Scalar::Time), bindings);
        time_of(evaluated, value.span)
    }

    /// `None` when a time is not known.
    fn times(&mut self, values: &[Value], bindings: &Bindings) -> Option<Vec<Time>> {
        let wanted = Type::List(Box::new(Type::Scalar(Scalar::Time)));
        let evaluated: Vec<_> = values.iter().map(|value| self.evaluate(value, &wanted, bindings)).collect();
        let times = flat(evaluated).into_iter().map(|element| {
            let span = element.span;
            time_of(element, span)
        });
        times.collect()
    }

    /// The part of the source; `None` when an end of it is not known.
    fn trim(&mut self, trim: &ast::Trim, bindings: &Bindings) -> Option<Trim> {
        let end = |expander: &mut Self, value: &Option<Value>| match value {
            Some(value) => expander.time(value, bindings).map(Some),
            None => Some(None),
        };
        let (from, to) = (end(self, &trim.from), end(self, &trim.to));
        let (from, to) = (from?, to?);
        let start = known_or(&from, TimePoint::FromStart(Duration::ZERO));
        let stop = known_or(&to, TimePoint::End);
        if let (Some(start), Some(stop), Some(written)) = (start, stop, trim.to.as_ref().or(trim.from.as_ref()))
            && is_empty(start, stop)
        {
            let problem = Diagnostic::new(
                &codes::OUT_OF_RANGE,
                message!("the part is empty: it ends where it starts, or before"),
            );
            let problem = problem.at(written.span, "");
            let from = trim.from.as_ref().filter(|_| trim.to.is_some());
            self.reader.diagnostics.push(match from {
                Some(from) => problem.with_label(from.span, message!("it starts here")),
                None => problem,
            });
            return None;
        }
        Some(Trim { from, to })
    }

    fn transcode(&mut self, span: Span, parts: &TranscodeParts<'_>, bindings: &Bindings) {
        let wanted = Type::Optional(Box::new(Type::List(Box::new(Type::Template(TemplateKind::Transcode)))));
        let evaluated: Vec<_> = parts.templates.iter().map(|value| self.evaluate(value, &wanted, bindings)).collect();
        let trim = self.trim(parts.trim, bindings);
        let marks = self.marks(parts.marks, MarkedOn::Video, bindings);
        let encryption = parts.encrypt.map(|value| {
            let wanted = Type::Optional(Box::new(Type::Template(TemplateKind::Encryption)));
            self.evaluate(value, &wanted, bindings)
        });
        let asked = self.distinct(flat(evaluated));
        let unknown_encryption = matches!(&encryption, Some(Evaluated { meaning: Meaning::Unknown, .. }));
        let encryption = encryption.and_then(|encryption| match encryption.meaning {
            Meaning::Template(Template::Encryption(template)) => Some((template, encryption.span)),
            _ => None,
        });
        let asked = match parts.overrides {
            Some(record) => self.overridden(asked, record, bindings),
            None => asked,
        };
        let Some(asked) = asked else { return };
        if asked.is_empty() {
            self.warn_without_transcode(marks.as_deref().unwrap_or_default(), encryption.as_ref().map(|(_, at)| *at));
            return;
        }
        for (template, at) in asked {
            self.check_output(&template, at, marks.as_deref().unwrap_or_default(), encryption.as_ref());
            if let (Some(marks), Some(trim), false) = (&marks, &trim, unknown_encryption) {
                let encryption = encryption.as_ref().map(|(template, _)| Arc::clone(template));
                // A template of an argument stands in the call; the statement is what asks for it here.
                let asked = if at.to(span) == span { at } else { span };
                let (trim, marks) = (trim.clone(), found(marks.clone()));
                self.push(TaskKind::Transcode(Transcode { template, trim, marks, encryption }), asked);
            }
        }
    }

    /// The templates with the statement's fields merged over them; the fields are checked even if no template is
    /// known.
    fn overridden(&mut self, asked: Option<Vec<Asked>>, record: &Record, bindings: &Bindings) -> Option<Vec<Asked>> {
        let record = super::fold::record(self.reader, self.scope, bindings, record);
        if record.fields.is_empty() && !record.damaged {
            let problem = Diagnostic::new(&codes::NO_EFFECT, message!("the block is empty, so it changes nothing"));
            self.reader.diagnostics.push(problem.at(record.span, ""));
        }
        let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
            check_fields(self.reader, self.scope, TemplateKind::Transcode, &record);
            return None;
        };
        let merged = asked.into_iter().map(|(template, at)| match template {
            OrDefault::Given(template) => {
                match build_over(self.reader, self.scope, &Template::Transcode(template), &record) {
                    Some(Template::Transcode(merged)) => Some((OrDefault::Given(merged), at)),
                    _ => None,
                }
            }
            OrDefault::Default => {
                let message = message!("fields are merged over a named template, not over the configured set");
                let problem = Diagnostic::new(&codes::MISPLACED_CLAUSE, message).at(record.span, "");
                let problem = problem.with_label(at, message!("the set is asked for here"));
                self.reader
                    .diagnostics
                    .push(problem.with_help(message!("name the templates: `transcode 10, 20, 30 { … }`")));
                None
            }
        });
        let merged: Vec<Option<Asked>> = merged.collect();
        merged.into_iter().collect()
    }

    fn warn_twice(&mut self, name: &str, span: Span, first: Span) {
        let message = message!("`{}` is asked for twice; the second is ignored", name);
        let problem = Diagnostic::new(&codes::DUPLICATE_TEMPLATE, message).at(span, "");
        self.reader.diagnostics.push(problem.with_label(first, message!("first asked for here")));
    }

    /// The templates without repetitions; `None` when one is not known.
    fn distinct(&mut self, elements: Vec<Evaluated>) -> Option<Vec<Asked>> {
        let mut distinct: Vec<Asked> = Vec::new();
        let mut unknown = false;
        for element in elements {
            let template = match element.meaning {
                Meaning::Default => OrDefault::Default,
                Meaning::Template(Template::Transcode(template)) => OrDefault::Given(template),
                Meaning::None => continue,
                _ => {
                    unknown = true;
                    continue;
                }
            };
            match distinct.iter().find(|(earlier, _)| *earlier == template) {
                None => distinct.push((template, element.span)),
                Some((_, first)) => {
                    let name = match &template {
                        OrDefault::Default => "default".to_owned(),
                        OrDefault::Given(template) => template.head.label(),
                    };
                    self.warn_twice(&name, element.span, *first);
                }
            }
        }
        (!unknown).then_some(distinct)
    }

    fn warn_without_transcode(&mut self, marks: &[(Mark, Span)], encryption: Option<Span>) {
        let mut warn = |span, message: Message| {
            self.reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(span, ""));
        };
        for (_, span) in marks {
            warn(*span, message!("the watermark has no effect without a transcode template"));
        }
        if let Some(span) = encryption {
            warn(span, message!("the encryption has no effect without a transcode template"));
        }
    }

    fn check_output(
        &mut self,
        template: &OrDefault<Arc<TranscodeTemplate>>,
        at: Span,
        marks: &[(Mark, Span)],
        encryption: Option<&Encryption>,
    ) {
        let OrDefault::Given(template) = template else { return };
        let (label, container) = (template.head.label(), template.container);
        if let (Some((_, span)), false) = (encryption, container.is_segmented()) {
            let message = message!("`{}` makes `{}`, which cannot be encrypted", &label, container);
            let problem =
                Diagnostic::new(&codes::CLEAR_MEDIA, message).at(at, message!("this would be published in the clear"));
            let problem = problem.with_label(*span, message!("encryption is asked for here"));
            self.reader
                .diagnostics
                .push(problem.with_help(message!("encrypt `hls` outputs only, in a statement of their own")));
        }
        if let (Some((_, span)), None) = (marks.first(), &template.video) {
            let message = message!("the watermark has no effect on `{}`, which has no picture", label);
            self.reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(*span, ""));
        }
    }
}

fn found(marks: Vec<(Mark, Span)>) -> Vec<Mark> {
    marks.into_iter().map(|(mark, _)| mark).collect()
}

fn time_of(evaluated: Evaluated, written: Span) -> Option<Time> {
    match evaluated.meaning {
        Meaning::Constant(Constant::Time(time)) => Some(Time::Known(time)),
        Meaning::Computed(expression) => Some(Time::Computed(expression, written)),
        _ => None,
    }
}

/// The end of a part where it is known before the source is; `usual` where it is not written.
fn known_or(time: &Option<Time>, usual: TimePoint) -> Option<TimePoint> {
    match time {
        None => Some(usual),
        Some(Time::Known(time)) => Some(*time),
        Some(Time::Computed(..)) => None,
    }
}

/// Whether a part is empty whatever the source: both ends count from the same side, or one lies at the other's zero.
fn is_empty(from: TimePoint, to: TimePoint) -> bool {
    let share = |hundredths| TimePoint::Percent(Percent(Rational::from_integer(hundredths)));
    let starts = [TimePoint::FromStart(Duration::ZERO), share(0)];
    let ends = [TimePoint::End, TimePoint::FromEnd(Duration::ZERO), share(100)];
    if starts.contains(&to) || ends.contains(&from) {
        return true;
    }
    match (from, to) {
        (TimePoint::FromStart(from), TimePoint::FromStart(to)) => from >= to,
        (TimePoint::FromEnd(from), TimePoint::FromEnd(to)) => from <= to,
        (TimePoint::Percent(from), TimePoint::Percent(to)) => from.0 >= to.0,
        _ => false,
    }
}

/// Lists and single values of a statement as one sequence.
fn flat(values: Vec<Evaluated>) -> Vec<Evaluated> {
    values
        .into_iter()
        .flat_map(|value| match value.meaning {
            Meaning::List(elements) => elements,
            Meaning::None => Vec::new(),
            _ => vec![value],
        })
        .collect()
}
