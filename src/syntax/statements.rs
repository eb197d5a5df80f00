//! Builds blocks, their statements (but requests) and calls from the parser's pairs.

use super::ast::{Argument, Branch, Call, Mark, Name, Record, Statement, StatementKind, Value};
use super::build::{Builder, normalised};
use super::grammar::Rule;
use super::junk::nothing_follows;
use super::scan::{MAXIMUM_ELEMENTS, MAXIMUM_MARKS};
use crate::diag::{Diagnostic, codes, message, nearest};
use crate::text::Span;
use pest::iterators::Pair;

impl Builder<'_> {
    /// The statements of a block. Nesting is limited before parsing, so this recursion is bounded.
    pub(super) fn block(&mut self, pair: Pair<'_, Rule>) -> Vec<Statement> {
        let span = self.span(&pair);
        self.sequence(pair.into_inner(), span)
    }

    /// The statements and the options of a procedure's body.
    pub(super) fn body(&mut self, pair: Pair<'_, Rule>) -> (Option<Record>, Vec<Statement>) {
        let mut first = true;
        let mut options = None;
        let mut rest = Vec::new();
        let span = self.span(&pair);
        for inner in pair.into_inner() {
            if inner.as_rule() == Rule::options && first {
                options = self.fields_of(inner);
                first = false;
            } else if !matches!(inner.as_rule(), Rule::open_brace | Rule::line_comment | Rule::block_comment) {
                first = false;
                rest.push(inner);
            }
        }
        (options, self.sequence(rest.into_iter(), span))
    }

    fn sequence<'i>(&mut self, pairs: impl Iterator<Item = Pair<'i, Rule>>, span: Span) -> Vec<Statement> {
        let mut statements = Vec::new();
        let mut after_broken_when = false;
        let is_comment = |pair: &Pair<'_, Rule>| matches!(pair.as_rule(), Rule::line_comment | Rule::block_comment);
        let mut pairs = pairs.filter(|pair| !is_comment(pair)).peekable();
        while let Some(inner) = pairs.next() {
            let broken_when = inner.as_rule() == Rule::junk_statement && self.starts_with(&inner, &["when", "else"]);
            let rest = pairs.peek().filter(|next| self.goes_on(&inner, next)).cloned();
            match inner.as_rule() {
                Rule::open_brace | Rule::close_brace => continue,
                Rule::missing_close => self.unclosed(span),
                // The `when` it belongs to was reported.
                Rule::junk_statement if after_broken_when && self.starts_with(&inner, &["else"]) => {
                    self.blocks_inside(inner);
                }
                _ => statements.push(self.statement(inner)),
            }
            let lacking = self.lacking.take();
            if let Some(rest) = rest {
                // What does not belong to the request may be what it lacks: that is told, once.
                pairs.next();
                self.out_of_place(&rest, lacking);
                self.blocks_inside(rest);
            } else {
                lacking.into_iter().for_each(|problem| self.diagnostics.push(problem));
            }
            after_broken_when = broken_when;
        }
        statements
    }

    /// Whether what follows a request on its line is no statement.
    fn goes_on(&self, request: &Pair<'_, Rule>, next: &Pair<'_, Rule>) -> bool {
        let start = next.as_span().start();
        let junk = self.junk(next);
        request.as_rule() == Rule::request
            && next.as_rule() == Rule::junk_statement
            && !self.text[self.span(request).end as usize..start].contains('\n')
            && !junk.first_word().is_some_and(super::junk::is_statement_word)
    }

    fn out_of_place(&mut self, junk: &Pair<'_, Rule>, lacking: Option<Diagnostic>) {
        let found = super::expect::found(junk.as_str()).unwrap_or_default();
        let start = junk.as_span().start();
        let span = self.source.span(start, start + found.len());
        let help = lacking.and_then(|lacking| lacking.help);
        let problem = Diagnostic::new(&codes::SYNTAX, message!("`{}` is out of place here", found)).at(span, "");
        let near = nearest(found, super::junk::CLAUSES.iter().chain(super::junk::STATEMENTS).copied());
        self.diagnostics.push(match (near, help) {
            (Some(near), _) => problem.with_help(message!("write `{}`", near)).with_fix(span, near),
            (None, Some(help)) => problem.with_help(help),
            (None, None) => problem,
        });
    }

    fn blocks_inside(&mut self, junk: Pair<'_, Rule>) {
        junk.into_inner().filter(|part| part.as_rule() == Rule::block).for_each(|block| drop(self.block(block)));
    }

    fn starts_with(&self, pair: &Pair<'_, Rule>, words: &[&str]) -> bool {
        self.junk(pair).first_word().is_some_and(|word| words.contains(&word))
    }

    fn statement(&mut self, pair: Pair<'_, Rule>) -> Statement {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::request => self.request(pair),
            Rule::call => StatementKind::Call(self.call(pair)),
            Rule::bare_call => StatementKind::Call(self.bare_call(pair)),
            Rule::let_name => self.let_name(pair),
            Rule::for_each => self.for_each(pair),
            Rule::when => self.when(pair),
            Rule::options => self.late_options(pair),
            _ => self.junk_statement(pair),
        };
        Statement { kind, span }
    }

    fn let_name(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let span = self.span(&pair);
        let mut name = Name::new(String::new(), span);
        let mut value = Value::error(span);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => name = self.name(inner),
                Rule::value => value = self.value(inner),
                _ => {}
            }
        }
        StatementKind::Let { name, value }
    }

    fn for_each(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let span = self.span(&pair);
        let (mut name, mut list) = (Name::new(String::new(), span), Value::error(span));
        let mut body = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => name = self.name(inner),
                Rule::value => list = self.value(inner),
                Rule::block => body = self.block(inner),
                _ => {}
            }
        }
        StatementKind::For { name, list, body }
    }

    fn when(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let mut branches = Vec::new();
        let mut otherwise = None;
        let mut condition = Value::error(self.span(&pair));
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::value => condition = self.value(inner),
                Rule::block => branches.push(Branch { condition: condition.clone(), body: self.block(inner) }),
                Rule::else_when => {
                    let mut condition = Value::error(self.span(&inner));
                    for part in inner.into_inner() {
                        match part.as_rule() {
                            Rule::value => condition = self.value(part),
                            Rule::block => {
                                branches.push(Branch { condition: condition.clone(), body: self.block(part) });
                            }
                            _ => {}
                        }
                    }
                }
                Rule::else_block => {
                    let block = inner.into_inner().find(|part| part.as_rule() == Rule::block);
                    otherwise = block.map(|block| self.block(block));
                }
                _ => {}
            }
        }
        StatementKind::When { branches, otherwise }
    }

    fn late_options(&mut self, pair: Pair<'_, Rule>) -> StatementKind {
        let problem =
            Diagnostic::new(&codes::MISPLACED_CLAUSE, message!("`options` stand first in a procedure, and once"));
        self.diagnostics
            .push(problem.at(self.span(&pair), "").with_help(message!("move them before the first statement")));
        drop(self.fields_of(pair));
        StatementKind::Error
    }

    fn fields_of(&mut self, pair: Pair<'_, Rule>) -> Option<Record> {
        pair.into_inner().find(|inner| inner.as_rule() == Rule::fields_block).map(|fields| self.record(fields))
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
                    let message = Diagnostic::new(&codes::SYNTAX, message!("a block without a statement before it"));
                    self.diagnostics.push(message.at(self.source.span(at, at + 1), ""));
                }
                drop(self.block(inner));
            }
        }
        StatementKind::Error
    }

    pub(super) fn values(&mut self, pair: Pair<'_, Rule>) -> Vec<Value> {
        let span = self.span(&pair);
        self.dangling(&pair);
        let values = pair.into_inner().filter(|inner| inner.as_rule() == Rule::value);
        let mut values = values.map(|value| self.value(value)).collect();
        self.limit(&mut values, MAXIMUM_ELEMENTS, message!("values"), span);
        values
    }

    /// Reports a comma at the end of a list that stands without brackets.
    fn dangling(&mut self, pair: &Pair<'_, Rule>) {
        if let Some(comma) = pair.clone().into_inner().find(|inner| inner.as_rule() == Rule::dangling) {
            let problem = nothing_follows(self.span(&comma));
            self.diagnostics.push(problem);
        }
    }

    pub(super) fn only_value(&mut self, pair: Pair<'_, Rule>) -> Option<Value> {
        pair.into_inner().find(|inner| inner.as_rule() == Rule::value).map(|value| self.value(value))
    }

    pub(super) fn marks(&mut self, pair: Pair<'_, Rule>) -> Vec<Mark> {
        let span = self.span(&pair);
        self.dangling(&pair);
        let marks = pair.into_inner().filter(|inner| inner.as_rule() == Rule::mark);
        let mut marks = marks.map(|mark| self.mark(mark)).collect();
        self.limit(&mut marks, MAXIMUM_MARKS, message!("watermarks"), span);
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
