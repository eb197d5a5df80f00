//! What depends on the source in a procedure: which branches count, and when computed times are.

use super::{Lowering, Obstacle, Request};
use crate::catalog::template::TemplateHead;
use crate::diag::{Diagnostic, codes};
use crate::expression::{Constant, EvaluationError, Expression};
use crate::hir::{OrDefault, Statement, Task, TaskKind, Time, When};
use crate::plan::{Moments, OutputKind};
use crate::text::Span;
use crate::units::TimePoint;

impl Lowering<'_> {
    /// Statements in order; nesting is limited by the checker, so this recursion is bounded.
    pub(super) fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            match statement {
                Statement::Task(task) => self.task(task),
                Statement::When(when) => self.when(when),
            }
        }
    }

    /// The first branch that holds; what the others ask for is told, not made.
    fn when(&mut self, when: &When) {
        let mut taken = false;
        let mut because = Vec::new();
        for branch in &when.branches {
            if taken {
                self.not_asked(&branch.body, &because);
                continue;
            }
            let Some(holds) = self.holds(&branch.condition, branch.asked) else { return };
            because.extend(self.facts_of(&branch.condition));
            because.dedup();
            if holds {
                taken = true;
                self.statements(&branch.body);
            } else {
                self.not_asked(&branch.body, &because);
            }
        }
        if taken {
            self.not_asked(&when.otherwise, &because);
        } else {
            self.statements(&when.otherwise);
        }
    }

    fn holds(&mut self, condition: &Expression, asked: Span) -> Option<bool> {
        match self.evaluate(condition, asked)? {
            Constant::Bool(holds) => Some(holds),
            _ => {
                self.no_value(EvaluationError::Operands, asked);
                None
            }
        }
    }

    fn evaluate(&mut self, expression: &Expression, asked: Span) -> Option<Constant> {
        match expression.evaluate(self.input.source) {
            Ok(value) => Some(value),
            Err(error) => {
                self.no_value(error, asked);
                None
            }
        }
    }

    fn no_value(&mut self, error: EvaluationError, asked: Span) {
        let message = format!("this has no value for this source: {error}");
        let help = "ask for the case with `when` before";
        self.diagnostics.push(Diagnostic::new(&codes::NO_VALUE, message).at(asked, "").with_help(help));
    }

    /// `source.height is 720`, for every fact that a condition asks for.
    fn facts_of(&self, condition: &Expression) -> Vec<String> {
        let facts = condition.facts().into_iter();
        facts.map(|fact| format!("source.{} is {}", fact.word(), fact.of(self.input.source))).collect()
    }

    /// Outputs of a branch that is not taken: the plan lists them with the reason.
    fn not_asked(&mut self, statements: &[Statement], because: &[String]) {
        for statement in statements {
            match statement {
                Statement::Task(task) => {
                    let reason = format!("not asked: {}", because.join(", "));
                    self.record(request(task), Err(Obstacle::Skip(reason)));
                }
                Statement::When(when) => {
                    when.branches.iter().for_each(|branch| self.not_asked(&branch.body, because));
                    self.not_asked(&when.otherwise, because);
                }
            }
        }
    }

    /// The moment that a written or computed time is; `None` after a diagnostic.
    pub(super) fn moment(&mut self, time: &Time) -> Option<TimePoint> {
        match time {
            Time::Known(time) => Some(*time),
            Time::Computed(expression, asked) => {
                let value = self.evaluate(expression, *asked)?;
                let time = value.as_time();
                if time.is_none() {
                    self.no_value(EvaluationError::Operands, *asked);
                }
                time
            }
        }
    }
}

/// The output that a task asks for, as plans call it; the configured set counts as one.
pub(super) fn request(task: &Task) -> Request {
    let asked = super::asked(task);
    let of = |kind, head: &TemplateHead| Request {
        kind,
        label: head.label(),
        definition: head.id,
        moments: Moments::Unnamed,
        asked,
    };
    match &task.kind {
        TaskKind::Transcode(transcode) => match &transcode.template {
            OrDefault::Given(template) => of(OutputKind::Transcode, &template.head),
            OrDefault::Default => Request {
                kind: OutputKind::Transcode,
                label: "default".into(),
                definition: None,
                moments: Moments::Unnamed,
                asked,
            },
        },
        TaskKind::Snapshot { template, .. } => of(OutputKind::SnapshotByTimeOffset, &template.head),
        TaskKind::Sample { template, .. } => of(OutputKind::SampleSnapshot, &template.head),
        TaskKind::Cover { template, .. } => of(OutputKind::CoverBySnapshot, &template.head),
        TaskKind::Adaptive { template, .. } => of(OutputKind::AdaptiveDynamicStreaming, &template.head),
        TaskKind::Sprite(template) => of(OutputKind::ImageSprites, &template.head),
        TaskKind::Animate { template, .. } => of(OutputKind::AnimatedGraphics, &template.head),
        TaskKind::Review(template) => of(OutputKind::AiReview, &template.head),
    }
}
