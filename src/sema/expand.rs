//! Turns the statements of a procedure into tasks, and calls into the statements of what they call.

use super::call::{Signature, bind, unknown_procedure};
use super::read::Reader;
use super::scope::Scope;
use super::template::unknown_field;
use super::value::{Bindings, Evaluated, Evaluator, Meaning, Scalar, Type};
use crate::catalog::template::{
    EncryptionTemplate, SampleTemplate, SnapshotTemplate, Template, TemplateKind, TranscodeTemplate, WatermarkTemplate,
};
use crate::diag::{Diagnostic, codes};
use crate::hir::{Mark, OrDefault, Task, TaskKind, Transcode};
use crate::syntax::ast::{self, Call, Field, Statement, StatementKind, Value};
use crate::syntax::later;
use crate::text::Span;
use crate::units::TimePoint;
use std::sync::Arc;

/// Deepest nesting of calls.
const MAXIMUM_DEPTH: usize = 64;
/// Most steps of an expansion: statements, tasks and elements of lists that are passed on.
const MAXIMUM_STEPS: usize = 100_000;

/// Whether calls are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Only their arguments are checked; every procedure is checked on its own.
    Checked,
    /// They become the tasks of what they call.
    Followed,
}

/// Makes tasks of statements.
pub struct Expander<'a, 'r, 'b> {
    pub scope: &'b Scope<'a>,
    pub reader: &'b mut Reader<'r>,
    pub calls: Calls,
    pub tasks: Vec<Task>,
    path: Vec<Span>,
    steps: usize,
}

impl<'a, 'r, 'b> Expander<'a, 'r, 'b> {
    /// Starts with no tasks.
    pub fn new(scope: &'b Scope<'a>, reader: &'b mut Reader<'r>, calls: Calls) -> Self {
        Expander { scope, reader, calls, tasks: Vec::new(), path: Vec::new(), steps: 0 }
    }

    /// The statements of a body, one after the other.
    pub fn body(&mut self, body: &[Statement], bindings: &Bindings) {
        for statement in body {
            if !self.may_step(1, statement.span) {
                return;
            }
            self.statement(statement, bindings);
        }
    }

    /// Counts steps; false once there were too many, which is reported once.
    fn may_step(&mut self, steps: usize, span: Span) -> bool {
        let before = self.steps;
        self.steps = self.steps.saturating_add(steps);
        if self.steps <= MAXIMUM_STEPS {
            return true;
        }
        if before <= MAXIMUM_STEPS {
            let message = format!("the calls expand to more than {MAXIMUM_STEPS} steps");
            self.reader.diagnostics.push(Diagnostic::new(&codes::EXPANSION_TOO_LARGE, message).at(span, ""));
        }
        false
    }

    fn statement(&mut self, statement: &Statement, bindings: &Bindings) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Error => {}
            StatementKind::Call(call) => self.call(call, bindings),
            StatementKind::Adaptive { .. }
            | StatementKind::Sprite { .. }
            | StatementKind::Animate { .. }
            | StatementKind::Let { .. }
            | StatementKind::For { .. }
            | StatementKind::When { .. } => self.reader.diagnostics.push(later("this statement", span)),
            StatementKind::Transcode { templates, marks, encrypt, .. } => {
                self.transcode(span, templates, marks, encrypt.as_ref(), bindings);
            }
            StatementKind::Snapshot { times, template, marks } => {
                let times = self.times(times, bindings);
                let template = self.template(template, TemplateKind::Snapshot, bindings).and_then(as_snapshot);
                let marks = self.marks(marks, bindings);
                if let (Some(template), Some(times), Some(marks)) = (template, times, marks)
                    && !times.is_empty()
                {
                    self.push(TaskKind::Snapshot { template, times, marks: found(marks) }, span);
                }
            }
            StatementKind::Sample { template, marks } => {
                let template = self.template(template, TemplateKind::Sample, bindings).and_then(as_sample);
                let marks = self.marks(marks, bindings);
                if let (Some(template), Some(marks)) = (template, marks) {
                    self.push(TaskKind::Sample { template, marks: found(marks) }, span);
                }
            }
            StatementKind::Cover { time, template, marks } => {
                let time = self.evaluate(time, &Type::Scalar(Scalar::Time), bindings);
                let template = self.template(template, TemplateKind::Snapshot, bindings).and_then(as_snapshot);
                let marks = self.marks(marks, bindings);
                if let (Meaning::Time(time), Some(template), Some(marks)) = (time.meaning, template, marks) {
                    self.push(TaskKind::Cover { template, time, marks: found(marks) }, span);
                }
            }
            StatementKind::Review { template } => {
                if let Some(Template::Review(template)) = self.template(template, TemplateKind::Review, bindings) {
                    self.push(TaskKind::Review(template), span);
                }
            }
        }
    }

    fn push(&mut self, kind: TaskKind, asked: Span) {
        // A procedure that is only checked makes no flow, whatever its length.
        if self.calls == Calls::Followed && self.may_step(1, asked) {
            self.tasks.push(Task { kind, asked, called_from: self.path.clone() });
        }
    }

    fn evaluate(&mut self, value: &Value, wanted: &Type, bindings: &Bindings) -> Evaluated {
        Evaluator { scope: self.scope, bindings }.evaluate(self.reader, value, wanted)
    }

    /// A statement's only template; `None` when there is none or it is not known.
    fn template(&mut self, value: &Value, kind: TemplateKind, bindings: &Bindings) -> Option<Template> {
        let wanted = Type::Optional(Box::new(Type::Template(kind)));
        match self.evaluate(value, &wanted, bindings).meaning {
            Meaning::Template(template) => Some(template),
            _ => None,
        }
    }

    /// `None` when a time is not known.
    fn times(&mut self, values: &[Value], bindings: &Bindings) -> Option<Vec<TimePoint>> {
        let wanted = Type::List(Box::new(Type::Scalar(Scalar::Time)));
        let evaluated: Vec<_> = values.iter().map(|value| self.evaluate(value, &wanted, bindings)).collect();
        let mut times = Vec::new();
        for element in flat(evaluated) {
            match element.meaning {
                Meaning::Time(time) => times.push(time),
                _ => return None,
            }
        }
        Some(times)
    }

    /// The marks with the places where they are asked for; `None` when one is not known.
    fn marks(&mut self, marks: &[ast::Mark], bindings: &Bindings) -> Option<Vec<(Mark, Span)>> {
        let read: Vec<_> = marks.iter().map(|mark| self.mark(mark, bindings)).collect();
        let whole: Option<Vec<_>> = read.into_iter().collect();
        whole.map(|marks| marks.into_iter().flatten().collect())
    }

    /// An inner `None` is `with none`.
    fn mark(&mut self, node: &ast::Mark, bindings: &Bindings) -> Option<Option<(Mark, Span)>> {
        let wanted = Type::Optional(Box::new(Type::Template(TemplateKind::Watermark)));
        let evaluated = self.evaluate(&node.template, &wanted, bindings);
        let from = self.mark_time(&node.arguments, "from", bindings);
        let to = self.mark_time(&node.arguments, "to", bindings);
        self.check_mark_fields(&node.arguments);
        let template = match evaluated.meaning {
            Meaning::None => return Some(None),
            Meaning::Default => OrDefault::Default,
            Meaning::Template(template) => OrDefault::Given(as_watermark(template)?),
            _ => return None,
        };
        let mark = Mark { template, from: from?, to: to?, asked: node.span };
        Some(Some((mark, evaluated.span)))
    }

    /// An outer `None` is a time that is not known, an inner one a field that is not given.
    fn mark_time(&mut self, fields: &[Field], name: &str, bindings: &Bindings) -> Option<Option<TimePoint>> {
        let Some(field) = fields.iter().find(|field| field.name.value == name) else { return Some(None) };
        match self.evaluate(&field.value, &Type::Scalar(Scalar::Time), bindings).meaning {
            Meaning::Time(time) => Some(Some(time)),
            _ => None,
        }
    }

    fn check_mark_fields(&mut self, fields: &[Field]) {
        for (at, field) in fields.iter().enumerate() {
            if self.reader.diagnostics.is_full() {
                return;
            }
            let word = field.name.value.as_str();
            let span = field.name.span;
            if let Some(first) = fields[..at].iter().find(|earlier| earlier.name.value == word) {
                let problem = Diagnostic::new(&codes::DUPLICATE_FIELD, format!("`{word}` is given twice")).at(span, "");
                self.reader.diagnostics.push(problem.with_label(first.name.span, "first given here"));
            } else if matches!(word, "text" | "svg") {
                self.reader.diagnostics.push(later(&format!("marks with `{word}`"), span));
            } else if !matches!(word, "from" | "to") {
                self.reader.diagnostics.push(unknown_field(word, span, "a mark", &["from", "to"]));
            }
        }
    }

    fn transcode(
        &mut self,
        span: Span,
        templates: &[Value],
        marks: &[ast::Mark],
        encrypt: Option<&Value>,
        bindings: &Bindings,
    ) {
        let wanted = Type::Optional(Box::new(Type::List(Box::new(Type::Template(TemplateKind::Transcode)))));
        let evaluated: Vec<_> = templates.iter().map(|value| self.evaluate(value, &wanted, bindings)).collect();
        let marks = self.marks(marks, bindings);
        let encryption = encrypt.map(|value| {
            let wanted = Type::Optional(Box::new(Type::Template(TemplateKind::Encryption)));
            self.evaluate(value, &wanted, bindings)
        });
        let asked = self.distinct(flat(evaluated));
        let unknown_encryption = matches!(&encryption, Some(Evaluated { meaning: Meaning::Unknown, .. }));
        let encryption = encryption.and_then(|encryption| match encryption.meaning {
            Meaning::Template(template) => as_encryption(template).map(|template| (template, encryption.span)),
            _ => None,
        });
        let Some(asked) = asked else { return };
        if asked.is_empty() {
            self.warn_without_transcode(
                marks.as_deref().unwrap_or_default(),
                encryption.as_ref().map(|(_, span)| *span),
            );
            return;
        }
        for (template, at) in asked {
            self.check_output(&template, at, marks.as_deref().unwrap_or_default(), encryption.as_ref());
            if let (Some(marks), false) = (&marks, unknown_encryption) {
                let marks = marks.iter().map(|(mark, _)| mark.clone()).collect();
                let encryption = encryption.as_ref().map(|(template, _)| Arc::clone(template));
                // A template of an argument stands in the call; the statement is what asks for it here.
                let asked = if at.to(span) == span { at } else { span };
                self.push(TaskKind::Transcode(Transcode { template, marks, encryption }), asked);
            }
        }
    }

    /// The templates without repetitions; `None` when one is not known.
    fn distinct(&mut self, elements: Vec<Evaluated>) -> Option<Vec<(OrDefault<Arc<TranscodeTemplate>>, Span)>> {
        let mut distinct: Vec<(OrDefault<Arc<TranscodeTemplate>>, Span)> = Vec::new();
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
                    let message = format!("`{name}` is asked for twice; the second is ignored");
                    let problem = Diagnostic::new(&codes::DUPLICATE_TEMPLATE, message).at(element.span, "");
                    self.reader.diagnostics.push(problem.with_label(*first, "first asked for here"));
                }
            }
        }
        (!unknown).then_some(distinct)
    }

    fn warn_without_transcode(&mut self, marks: &[(Mark, Span)], encryption: Option<Span>) {
        let mut warn = |span, what: &str| {
            let message = format!("the {what} has no effect without a transcode template");
            self.reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(span, ""));
        };
        for (_, span) in marks {
            warn(*span, "watermark");
        }
        if let Some(span) = encryption {
            warn(span, "encryption");
        }
    }

    fn check_output(
        &mut self,
        template: &OrDefault<Arc<TranscodeTemplate>>,
        at: Span,
        marks: &[(Mark, Span)],
        encryption: Option<&(Arc<EncryptionTemplate>, Span)>,
    ) {
        let OrDefault::Given(template) = template else { return };
        let (label, container) = (template.head.label(), template.container);
        if let (Some((_, span)), false) = (encryption, container.is_segmented()) {
            let message = format!("`{label}` makes `{container}`, which cannot be encrypted");
            let problem = Diagnostic::new(&codes::CLEAR_MEDIA, message).at(at, "this would be published in the clear");
            let problem = problem.with_label(*span, "encryption is asked for here");
            self.reader.diagnostics.push(problem.with_help("encrypt `hls` outputs only, in a statement of their own"));
        }
        if let (Some((_, span)), None) = (marks.first(), &template.video) {
            let message = format!("the watermark has no effect on `{label}`, which has no picture");
            self.reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(*span, ""));
        }
    }

    /// A call: checked always, followed if asked to.
    pub fn call(&mut self, call: &Call, bindings: &Bindings) {
        let Some((procedure, origin)) = self.scope.procedure(&call.name.value) else {
            if !self.scope.may_be_lost(&call.name.value) && !self.reader.diagnostics.is_full() {
                self.reader.diagnostics.push(unknown_procedure(self.scope, call));
            }
            return;
        };
        let signature = Signature::of(&procedure, origin, self.reader);
        let bound = bind(self.reader, self.scope, &signature, call, bindings, self.calls);
        let (Some(bound), Calls::Followed) = (bound, self.calls) else { return };
        if self.path.len() >= MAXIMUM_DEPTH {
            let message = format!("the calls are nested deeper than {MAXIMUM_DEPTH} levels");
            self.reader.diagnostics.push(Diagnostic::new(&codes::EXPANSION_TOO_LARGE, message).at(call.span, ""));
            return;
        }
        if !self.may_step(bound.elements(), call.span) {
            return;
        }
        self.path.push(call.span);
        self.body(&procedure.body, &bound);
        self.path.pop();
    }
}

fn found(marks: Vec<(Mark, Span)>) -> Vec<Mark> {
    marks.into_iter().map(|(mark, _)| mark).collect()
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

macro_rules! casts {
    ($($name:ident $variant:ident $kind:ident;)*) => {
        $(fn $name(template: Template) -> Option<Arc<$kind>> {
            match template {
                Template::$variant(template) => Some(template),
                _ => None,
            }
        })*
    };
}

casts! {
    as_snapshot Snapshot SnapshotTemplate;
    as_sample Sample SampleTemplate;
    as_watermark Watermark WatermarkTemplate;
    as_encryption Encryption EncryptionTemplate;
}
