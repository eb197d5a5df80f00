//! Tasks of the checked procedure as statements of the language.

use super::{Form, Input, template};
use crate::catalog::template::{Template, TemplateHead, TemplateKind, TranscodeTemplate};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::hir::{self, OrDefault, Task, TaskKind, Time, When};
use crate::syntax::ast::{
    Branch, Field, Mark, Name, Quantity, Record, Statement, StatementKind, Trim, Value, ValueKind,
};
use crate::syntax::value_text;
use crate::text::Span;
use crate::units::TimePoint;
use std::sync::Arc;

/// Turns tasks into statements of one procedure.
pub struct Requests<'a> {
    pub input: Input<'a>,
    pub form: Form,
    pub diagnostics: &'a mut Diagnostics,
}

impl Requests<'_> {
    /// The statements of a body. Nesting was bounded by the checker, so this recursion is bounded.
    pub fn statements(&mut self, body: &[hir::Statement]) -> Vec<Statement> {
        let mut statements: Vec<Statement> = Vec::new();
        for statement in body {
            match statement {
                hir::Statement::Task(task) => {
                    let next = Statement { kind: self.task(task), span: self.input.place(task) };
                    if !statements.last_mut().is_some_and(|last| joined(last, &next)) {
                        statements.push(next);
                    }
                }
                hir::Statement::When(when) => statements.extend(self.branches(when)),
            }
        }
        statements
    }

    fn branches(&mut self, when: &When) -> Option<Statement> {
        let span = when.branches.first()?.asked;
        if self.form != Form::Vod {
            let message = message!("the form `{}` has no conditions", self.form.word());
            let problem = Diagnostic::new(&codes::FORM_LACKS_WORD, message).at(span, "");
            self.diagnostics
                .push(problem.with_help(message!("convert to `vod`, or write one procedure for each branch")));
            return None;
        }
        let branches = when.branches.iter().map(|branch| Branch {
            // The text of an expression is the language's own.
            condition: word(branch.condition.to_string(), branch.asked),
            body: self.statements(&branch.body),
        });
        let branches = branches.collect();
        let otherwise = (!when.otherwise.is_empty()).then(|| self.statements(&when.otherwise));
        Some(Statement { kind: StatementKind::When { branches, otherwise }, span })
    }

    fn task(&mut self, task: &Task) -> StatementKind {
        let span = self.input.place(task);
        let form = self.form;
        let named = |head: &TemplateHead| Value { kind: template::reference(head, form), span };
        match &task.kind {
            TaskKind::Transcode(transcode) => StatementKind::Transcode {
                templates: vec![match &transcode.template {
                    OrDefault::Default => word("default".to_owned(), span),
                    OrDefault::Given(template) => named(&template.head),
                }],
                overrides: self.overrides(&transcode.template, span),
                trim: trim(&transcode.trim, span),
                marks: self.marks(&transcode.marks),
                encrypt: transcode.encryption.as_ref().map(|encryption| named(&encryption.head)),
            },
            TaskKind::Adaptive { template, trim: part, marks } => StatementKind::Adaptive {
                templates: vec![named(&template.head)],
                trim: trim(part, span),
                marks: self.marks(marks),
            },
            TaskKind::Snapshot { template, times, marks } => StatementKind::Snapshot {
                times: times.iter().map(|at| time(at, span)).collect(),
                template: named(&template.head),
                marks: self.marks(marks),
            },
            TaskKind::Sample { template, marks } => {
                StatementKind::Sample { template: named(&template.head), marks: self.marks(marks) }
            }
            TaskKind::Cover { template, time: at, marks } => {
                StatementKind::Cover { time: time(at, span), template: named(&template.head), marks: self.marks(marks) }
            }
            TaskKind::Sprite(template) => StatementKind::Sprite { template: named(&template.head) },
            TaskKind::Animate { template, trim: part } => {
                StatementKind::Animate { templates: vec![named(&template.head)], trim: trim(part, span) }
            }
            TaskKind::Review(template) => StatementKind::Review { template: named(&template.head) },
        }
    }

    /// What the statement changed of its template.
    fn overrides(&self, given: &OrDefault<Arc<TranscodeTemplate>>, span: Span) -> Option<Record> {
        let OrDefault::Given(given) = given else { return None };
        let declared = match given.head.id.filter(|_| super::is_system(given.head.origin)) {
            Some(id) => self.input.catalog.template(TemplateKind::Transcode, id),
            None => self.input.templates.iter().find(|template| template.head().name == given.head.name),
        };
        let whole = template::record(&Template::Transcode(Arc::clone(given)));
        let changes = template::difference(&whole, &template::record(declared?));
        let changes = if self.form == Form::Vod { template::without_idle(changes) } else { changes };
        (!changes.fields.is_empty()).then_some(Record { span, ..changes })
    }

    fn marks(&mut self, marks: &[hir::Mark]) -> Vec<Mark> {
        let mark = |mark: &hir::Mark| {
            let span = mark.asked;
            let template = match &mark.template {
                OrDefault::Default => word("default".to_owned(), span),
                OrDefault::Given(template) => Value { kind: template::reference(&template.head, self.form), span },
            };
            let is_svg = matches!(&mark.template, OrDefault::Given(template)
                if template.content == crate::catalog::template::MarkContent::Svg);
            let ends = [("from", &mark.from), ("to", &mark.to)];
            let ends = ends.into_iter().filter_map(|(name, end)| Some((name, time(end.as_ref()?, span))));
            let content = mark.content.as_ref().map(|content| {
                let kind = ValueKind::Text(content.value.clone());
                (if is_svg { "svg" } else { "text" }, Value { kind, span: content.span })
            });
            let argument = |(name, value): (&str, Value)| Field { name: Name::new(name.to_owned(), span), value };
            Mark { template, arguments: ends.chain(content).map(argument).collect(), span }
        };
        marks.iter().map(mark).collect()
    }
}

fn word(text: String, span: Span) -> Value {
    Value { kind: ValueKind::Word(text), span }
}

fn time(time: &Time, span: Span) -> Value {
    let kind = match time {
        Time::Known(TimePoint::FromStart(duration)) => ValueKind::Quantity(Quantity::Duration(*duration)),
        Time::Known(TimePoint::FromEnd(duration)) => ValueKind::Quantity(Quantity::BeforeEnd(*duration)),
        Time::Known(TimePoint::Percent(percent)) => ValueKind::Quantity(Quantity::Percent(*percent)),
        Time::Known(TimePoint::End) => ValueKind::Word("end".to_owned()),
        Time::Computed(expression, _) => ValueKind::Word(format!("({expression})")),
    };
    Value { kind, span }
}

fn trim(trim: &hir::Trim, span: Span) -> Trim {
    let end = |end: &Option<Time>| end.as_ref().map(|end| time(end, span));
    Trim { from: end(&trim.from), to: end(&trim.to) }
}

/// Renditions that differ in their template only are one statement; so are animations and packages.
fn joined(last: &mut Statement, next: &Statement) -> bool {
    let texts = |values: &[Value]| values.iter().map(value_text).collect::<Vec<_>>();
    let ends = |trim: &Trim| [trim.from.as_ref().map(value_text), trim.to.as_ref().map(value_text)];
    let marks = |marks: &[Mark]| {
        let mark = |mark: &Mark| {
            let arguments =
                mark.arguments.iter().map(|field| format!("{}{}", field.name.value, value_text(&field.value)));
            (value_text(&mark.template), arguments.collect::<Vec<_>>())
        };
        marks.iter().map(mark).collect::<Vec<_>>()
    };
    use StatementKind::{Adaptive, Animate, Transcode};
    let (templates, more) = match (&mut last.kind, &next.kind) {
        (
            Transcode { templates, overrides: None, trim, marks: with, encrypt },
            Transcode { templates: more, overrides: None, trim: part, marks: and, encrypt: also },
        ) if ends(trim) == ends(part)
            && marks(with) == marks(and)
            && encrypt.as_ref().map(value_text) == also.as_ref().map(value_text) =>
        {
            (templates, more)
        }
        (Adaptive { templates, trim, marks: with }, Adaptive { templates: more, trim: part, marks: and })
            if ends(trim) == ends(part) && marks(with) == marks(and) =>
        {
            (templates, more)
        }
        (Animate { templates, trim }, Animate { templates: more, trim: part }) if ends(trim) == ends(part) => {
            (templates, more)
        }
        _ => return false,
    };
    // A template that is asked for again would be left out of the list.
    if more.iter().any(|value| texts(templates).contains(&value_text(value))) {
        return false;
    }
    templates.extend(more.iter().cloned());
    true
}
