//! Walks the statements of a procedure: names, loops, branches and calls; requests go to `request`.

use super::bindings::{Bindings, Bound, Declaration, Evaluated, Meaning};
use super::call::{Signature, bind, unknown_procedure};
use super::options::{self, Options};
use super::reach::{self, Known, Unreachable};
use super::read::Reader;
use super::scope::Scope;
use super::value::Evaluator;
use super::value_type::Type;
use crate::diag::{Diagnostic, Message, codes, message};
use crate::expression::{Constant, Scalar};
use crate::hir::{self, FlowOptions, Group, Task, TaskKind, TaskOptions};
use crate::syntax::ast::{Branch, Call, Name, Procedure, Statement, StatementKind, Value};
use crate::text::Span;
use std::sync::Arc;

/// Deepest nesting of calls and blocks together.
const MAXIMUM_DEPTH: usize = 128;
/// Most steps of an expansion: statements, tasks and elements of lists that are passed on.
const MAXIMUM_STEPS: usize = 100_000;

/// Whether calls are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Only their arguments are checked; every procedure is checked on its own, with all its branches.
    Checked,
    /// They become the tasks of what they call; branches that a parameter decides are decided.
    Followed,
}

/// Makes tasks of statements.
pub struct Expander<'a, 'r, 'b> {
    pub scope: &'b Scope<'a>,
    pub reader: &'b mut Reader<'r>,
    pub calls: Calls,
    /// What came out so far.
    pub statements: Vec<hir::Statement>,
    /// What the outermost procedures say of the flow.
    pub flow: FlowOptions,
    options: Options,
    shared_options: Arc<TaskOptions>,
    groups: u32,
    path: Vec<Span>,
    depth: usize,
    steps: usize,
}

impl<'a, 'r, 'b> Expander<'a, 'r, 'b> {
    /// Starts with no tasks.
    pub fn new(scope: &'b Scope<'a>, reader: &'b mut Reader<'r>, calls: Calls) -> Self {
        Expander {
            scope,
            reader,
            calls,
            statements: Vec::new(),
            flow: FlowOptions::default(),
            options: Options::default(),
            shared_options: Arc::default(),
            groups: 0,
            path: Vec::new(),
            depth: 0,
            steps: 0,
        }
    }

    /// A procedure with its parameters bound: its options count for it and for what it calls.
    pub fn procedure(&mut self, procedure: &Procedure, bindings: &Bindings) {
        let outer = (self.options.clone(), Arc::clone(&self.shared_options));
        if let Some(record) = &procedure.options {
            let record = super::fold::record(self.reader, self.scope, bindings, record);
            self.groups += 1;
            self.options = options::read(self.reader, &record, Group(self.groups), &outer.0);
            self.shared_options = Arc::new(self.options.tasks.clone());
            // The first procedure that says something of the flow says it for the flow.
            self.flow.priority = self.flow.priority.or(self.options.flow.priority);
            self.flow.notify = self.flow.notify.or(self.options.flow.notify);
        }
        self.body(&procedure.body, bindings.clone());
        (self.options, self.shared_options) = outer;
    }

    /// The statements of a body, one after the other; each sees the names of those before it.
    fn body(&mut self, body: &[Statement], mut bindings: Bindings) {
        if self.depth >= MAXIMUM_DEPTH {
            if let Some(first) = body.first() {
                let message = message!("calls and blocks are nested deeper than {} levels", MAXIMUM_DEPTH);
                self.reader.diagnostics.push(Diagnostic::new(&codes::EXPANSION_TOO_LARGE, message).at(first.span, ""));
            }
            return;
        }
        self.depth += 1;
        for statement in body {
            if !self.may_step(1, statement.span) {
                break;
            }
            self.statement(statement, &mut bindings);
        }
        self.depth -= 1;
    }

    /// Counts steps; false once there were too many, which is reported once.
    fn may_step(&mut self, steps: usize, span: Span) -> bool {
        let before = self.steps;
        self.steps = self.steps.saturating_add(steps);
        if self.steps <= MAXIMUM_STEPS {
            return true;
        }
        if before <= MAXIMUM_STEPS {
            let message = message!("calls and loops expand to more than {} steps", MAXIMUM_STEPS);
            self.reader.diagnostics.push(Diagnostic::new(&codes::EXPANSION_TOO_LARGE, message).at(span, ""));
        }
        false
    }

    fn statement(&mut self, statement: &Statement, bindings: &mut Bindings) {
        match &statement.kind {
            StatementKind::Error => {}
            StatementKind::Call(call) => self.call(call, bindings),
            StatementKind::Let { name, value } => self.let_name(name, value, bindings),
            StatementKind::For { name, list, body } => self.for_each(name, list, body, bindings),
            StatementKind::When { branches, otherwise } => self.when(branches, otherwise.as_deref(), bindings),
            _ => self.request(statement, bindings),
        }
    }

    /// One more task, under the options that hold here.
    pub(super) fn push(&mut self, kind: TaskKind, asked: Span) {
        // A procedure that is only checked makes no flow, whatever its length.
        if self.calls == Calls::Followed && self.may_step(1, asked) {
            let options = Arc::clone(&self.shared_options);
            let task = Task { kind, options, asked, called_from: self.path.clone() };
            self.statements.push(hir::Statement::Task(task));
        }
    }

    pub(super) fn evaluate(&mut self, value: &Value, wanted: &Type, bindings: &Bindings) -> Evaluated {
        Evaluator { scope: self.scope, bindings }.evaluate(self.reader, value, wanted)
    }

    fn infer(&mut self, value: &Value, bindings: &Bindings) -> (Type, Evaluated) {
        Evaluator { scope: self.scope, bindings }.infer(self.reader, value)
    }

    fn let_name(&mut self, name: &Name, value: &Value, bindings: &mut Bindings) {
        let (of, value) = self.infer(value, bindings);
        self.declare(name, Bound { of, value, declared: name.span, as_what: Declaration::Let }, bindings);
    }

    /// Declares a name of a block; one that is taken already would only confuse.
    fn declare(&mut self, name: &Name, bound: Bound, bindings: &mut Bindings) {
        if let Some((first, what)) = bindings.declared(&name.value) {
            let message = message!("`{}` is declared already", &name.value);
            let problem = Diagnostic::new(&codes::DUPLICATE_NAME, message).at(name.span, "");
            self.reader.diagnostics.push(problem.with_label(first, message!("this {} has the name", what.words())));
            // Which of the two a later use means is open, so neither is called unused.
            bindings.get(&name.value);
        }
        bindings.bind(&name.value, bound);
    }

    fn for_each(&mut self, name: &Name, list: &Value, body: &[Statement], bindings: &Bindings) {
        let (of, found) = self.infer(list, bindings);
        let element = match &of {
            Type::List(inner) => (**inner).clone(),
            Type::Damaged => Type::Damaged,
            other => {
                let message = message!("`for` goes over a list, this has the type `{}`", other);
                let problem = Diagnostic::new(&codes::WRONG_TYPE, message).at(list.span, "");
                self.reader.diagnostics.push(problem.with_help(message!("write the elements in brackets: `[10, 20]`")));
                Type::Damaged
            }
        };
        let elements = match found.meaning {
            Meaning::List(elements) => elements,
            _ => vec![Evaluated { meaning: Meaning::Unknown, span: list.span }],
        };
        if elements.is_empty() {
            let problem = Diagnostic::new(&codes::NO_EFFECT, message!("the list is empty, so the loop does nothing"));
            self.reader.diagnostics.push(problem.at(list.span, ""));
        }
        for value in elements {
            if !self.may_step(1, list.span) {
                return;
            }
            let mut inner = bindings.clone();
            let bound = Bound { of: element.clone(), value, declared: name.span, as_what: Declaration::Loop };
            self.declare(name, bound, &mut inner);
            self.body(body, inner);
        }
    }

    fn when(&mut self, branches: &[Branch], otherwise: Option<&[Statement]>, bindings: &Bindings) {
        let wanted = Type::Scalar(Scalar::Bool);
        let mut known = Vec::new();
        let mut open: Vec<hir::Branch> = Vec::new();
        for branch in branches {
            let condition = self.evaluate(&branch.condition, &wanted, bindings);
            known.push(match &condition.meaning {
                Meaning::Constant(Constant::Bool(value)) => Known::Always(*value),
                Meaning::Computed(expression) => Known::Source(expression.clone()),
                _ => Known::Open,
            });
            self.warn_unreachable(branches, &known);
            let always =
                known.last().and_then(|known| if let Known::Always(value) = known { Some(*value) } else { None });
            if self.calls == Calls::Followed && always == Some(false) {
                continue;
            }
            let body = self.apart(|expander| expander.body(&branch.body, bindings.clone()));
            if self.calls == Calls::Checked {
                continue;
            }
            if always == Some(true) {
                self.push_when(open, body);
                return;
            }
            if let Meaning::Computed(condition) = condition.meaning {
                open.push(hir::Branch { condition, asked: branch.condition.span, body });
            }
        }
        if self.calls == Calls::Checked
            && let Some(body) = otherwise.filter(|body| !body.is_empty())
            && let Some(at) = known.iter().position(|known| matches!(known, Known::Always(true)))
        {
            self.warn_taken(body[0].span, message!("this `else` is never taken"), branches[at].condition.span);
        }
        let body = self.apart(|expander| expander.body(otherwise.unwrap_or_default(), bindings.clone()));
        if self.calls == Calls::Followed {
            self.push_when(open, body);
        }
    }

    /// What `work` adds, kept apart from what is there.
    fn apart(&mut self, work: impl FnOnce(&mut Self)) -> Vec<hir::Statement> {
        let before = std::mem::take(&mut self.statements);
        work(self);
        std::mem::replace(&mut self.statements, before)
    }

    fn push_when(&mut self, branches: Vec<hir::Branch>, otherwise: Vec<hir::Statement>) {
        if branches.is_empty() {
            self.statements.extend(otherwise);
        } else {
            self.statements.push(hir::Statement::When(hir::When { branches, otherwise }));
        }
    }

    fn warn_unreachable(&mut self, branches: &[Branch], known: &[Known]) {
        // Parameters are known while calls are followed, and may decide what they like.
        if self.calls == Calls::Followed {
            return;
        }
        let Some(branch) = known.len().checked_sub(1).and_then(|last| branches.get(last)) else { return };
        match reach::unreachable(known) {
            None => {}
            Some(Unreachable::NeverTrue) => {
                let problem = Diagnostic::new(&codes::UNREACHABLE, message!("this condition never holds"));
                self.reader
                    .diagnostics
                    .push(problem.at(branch.condition.span, "").with_help(message!("take the branch away")));
            }
            Some(Unreachable::TakenBy(earlier)) => {
                let other = branches[earlier].condition.span;
                self.warn_taken(branch.condition.span, message!("this branch is never taken"), other);
            }
        }
    }

    fn warn_taken(&mut self, span: Span, message: Message, other: Span) {
        let problem = Diagnostic::new(&codes::UNREACHABLE, message).at(span, "");
        let problem = problem.with_label(other, message!("this one comes first and holds for every such source"));
        self.reader
            .diagnostics
            .push(problem.with_help(message!("ask the narrower condition first, or take the branch away")));
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
        if !self.may_step(bound.elements(), call.span) {
            return;
        }
        self.path.push(call.span);
        self.procedure(&procedure, &bound);
        self.path.pop();
    }
}
