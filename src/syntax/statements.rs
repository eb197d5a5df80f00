//! Builds statements and calls from the parser's pairs.

use super::ast::{Argument, Call, Mark, Name, Statement, StatementKind, Value};
use super::build::{Builder, normalised};
use super::grammar::Rule;
use super::literal::later;
use super::scan::{MAXIMUM_ELEMENTS, MAXIMUM_MARKS};
use crate::diag::{Diagnostic, codes};
use pest::iterators::Pair;

impl Builder<'_> {
    /// The statements of a block. Nesting is limited before parsing, so this recursion is bounded.
    pub(super) fn block(&mut self, pair: Pair<'_, Rule>) -> Vec<Statement> {
        let span = self.span(&pair);
        let mut statements = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::open_brace | Rule::close_brace => {}
                Rule::missing_close => self.unclosed(span),
                _ => statements.push(self.statement(inner)),
            }
        }
        statements
    }

    fn statement(&mut self, pair: Pair<'_, Rule>) -> Statement {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::transcode => self.transcode(pair),
            Rule::snapshot | Rule::sample | Rule::cover | Rule::review => self.picture(pair),
            Rule::call => StatementKind::Call(self.call(pair)),
            Rule::bare_call => StatementKind::Call(self.bare_call(pair)),
            Rule::later => self.later_statement(pair),
            _ => self.junk_statement(pair),
        };
        Statement { kind, span }
    }

    fn later_statement(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::later_keyword => {
                    let what = format!("the statement `{}`", inner.as_str());
                    self.diagnostics.push(later(&what, self.span(&inner)));
                    if inner.as_str() == "options" {
                        break;
                    }
                }
                // The statements inside may use names that this one declares: only their form is judged.
                Rule::block => drop(self.block(inner)),
                _ => {}
            }
        }
        StatementKind::Error
    }

    fn junk_statement(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let mut headless = true;
        for inner in pair.into_inner() {
            if inner.as_rule() == Rule::junk_head {
                headless = false;
                let message = self.junk(&inner).statement();
                self.diagnostics.push(message);
            } else if inner.as_rule() == Rule::block {
                if headless {
                    let at = inner.as_span().start();
                    let message = Diagnostic::new(&codes::SYNTAX, "a block without a statement before it");
                    self.diagnostics.push(message.at(self.source.span(at, at + 1), ""));
                }
                drop(self.block(inner));
            }
        }
        StatementKind::Error
    }

    fn transcode(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let (mut templates, mut marks, mut encrypt) = (Vec::new(), Vec::new(), None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::values => templates = self.values(inner),
                Rule::overrides => {
                    let span = self.span(&inner);
                    self.diagnostics.push(later("overriding fields of a template", span));
                }
                Rule::trim => {
                    let span = self.span(&inner);
                    self.diagnostics.push(later("trimming with `from` and `to`", span));
                }
                Rule::marks => marks = self.marks(inner),
                Rule::encrypt => encrypt = self.only_value(inner),
                _ => {}
            }
        }
        StatementKind::Transcode { templates, marks, encrypt }
    }

    fn picture(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let rule = pair.as_rule();
        let span = self.span(&pair);
        let (mut times, mut template, mut marks) = (Vec::new(), Value::error(span), Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::values => times = self.values(inner),
                Rule::value => times.push(self.value(inner)),
                Rule::using => template = self.only_value(inner).unwrap_or(template),
                Rule::marks => marks = self.marks(inner),
                _ => {}
            }
        }
        match rule {
            Rule::snapshot => StatementKind::Snapshot { times, template, marks },
            Rule::sample => StatementKind::Sample { template, marks },
            Rule::review => StatementKind::Review { template },
            _ => {
                let time = times.pop().unwrap_or_else(|| Value::error(span));
                StatementKind::Cover { time, template, marks }
            }
        }
    }

    fn values(&mut self, pair: Pair<'_, Rule>) -> Vec<Value> {
        let span = self.span(&pair);
        let values = pair.into_inner().filter(|inner| inner.as_rule() == Rule::value);
        let mut values = values.map(|value| self.value(value)).collect();
        self.limit(&mut values, MAXIMUM_ELEMENTS, "values", span);
        values
    }

    fn only_value(&mut self, pair: Pair<'_, Rule>) -> Option<Value> {
        pair.into_inner().find(|inner| inner.as_rule() == Rule::value).map(|value| self.value(value))
    }

    fn marks(&mut self, pair: Pair<'_, Rule>) -> Vec<Mark> {
        let span = self.span(&pair);
        let marks = pair.into_inner().filter(|inner| inner.as_rule() == Rule::mark);
        let mut marks = marks.map(|mark| self.mark(mark)).collect();
        self.limit(&mut marks, MAXIMUM_MARKS, "watermarks", span);
        marks
    }

    fn mark(&mut self, pair: Pair<'_, Rule>) -> Mark {
        let span = self.span(&pair);
        let mut mark = Mark { template: Value::error(span), arguments: Vec::new(), span };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::value => mark.template = self.value(inner),
                Rule::mark_arguments => {
                    self.bracketed(&inner, Rule::field, ")");
                    let fields = inner.into_inner().filter(|inner| inner.as_rule() == Rule::field);
                    mark.arguments = fields.map(|field| self.field(field)).collect();
                }
                _ => {}
            }
        }
        mark
    }

    pub(super) fn bare_call(&mut self, pair: Pair<'_, Rule>) -> Call {
        let span = self.span(&pair);
        let name = if pair.as_rule() == Rule::name { self.name(pair) } else { self.only_name(pair) };
        Call { name, arguments: Vec::new(), damaged: false, span }
    }

    pub(super) fn call(&mut self, pair: Pair<'_, Rule>) -> Call {
        let span = self.span(&pair);
        let mut call = Call { name: Name::new(String::new(), span), arguments: Vec::new(), damaged: false, span };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => call.name = self.name(inner),
                Rule::arguments => {
                    call.damaged = self.bracketed(&inner, Rule::argument, ")");
                    let arguments = inner.into_inner().filter(|inner| inner.as_rule() == Rule::argument);
                    call.arguments = arguments.map(|argument| self.argument(argument)).collect();
                }
                _ => {}
            }
        }
        call
    }

    fn argument(&mut self, pair: Pair<'_, Rule>) -> Argument {
        let mut argument = Argument { name: None, value: Value::error(self.span(&pair)) };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::field_name => argument.name = Some(Name::new(normalised(inner.as_str()), self.span(&inner))),
                Rule::value => argument.value = self.value(inner),
                Rule::lua_table => argument.value = self.lua_value(inner),
                _ => {}
            }
        }
        argument
    }
}
