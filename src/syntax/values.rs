//! Builds values, of the language and of Lua, from the parser's pairs.

use super::ast::{Name, Quantity, Value, ValueKind};
use super::build::{Builder, normalised};
use super::grammar::Rule;
use super::literal;
use super::scan::MAXIMUM_ELEMENTS;
use crate::diag::{Diagnostic, Fix, codes, message};
use crate::expression::Operator;
use crate::text::{Span, Spanned};
use pest::iterators::Pair;
use pest::pratt_parser::{Assoc, Op, PrattParser};
use std::sync::OnceLock;

/// Most values, operators and signs of one expression, so that its tree cannot be deeper than any stage can walk.
const MAXIMUM_OPERANDS: usize = 200;

/// Which operator binds tighter, loosest first.
fn precedence() -> &'static PrattParser<Rule> {
    static PARSER: OnceLock<PrattParser<Rule>> = OnceLock::new();
    PARSER.get_or_init(|| {
        let left = |rule| Op::infix(rule, Assoc::Left);
        PrattParser::new()
            .op(left(Rule::k_or))
            .op(left(Rule::k_and))
            .op(Op::prefix(Rule::k_not))
            .op(left(Rule::equal)
                | left(Rule::unequal)
                | left(Rule::less)
                | left(Rule::no_more)
                | left(Rule::more)
                | left(Rule::at_least))
            .op(left(Rule::add) | left(Rule::subtract))
            .op(left(Rule::multiply) | left(Rule::divide))
            .op(Op::prefix(Rule::k_at_most))
    })
}

fn infix(rule: Rule) -> Operator {
    match rule {
        Rule::k_or => Operator::Or,
        Rule::k_and => Operator::And,
        Rule::equal => Operator::Equal,
        Rule::unequal => Operator::Unequal,
        Rule::less => Operator::Less,
        Rule::no_more => Operator::NoMore,
        Rule::more => Operator::More,
        Rule::at_least => Operator::AtLeast,
        Rule::add => Operator::Add,
        Rule::subtract => Operator::Subtract,
        Rule::multiply => Operator::Multiply,
        _ => Operator::Divide,
    }
}

impl Value {
    /// Stands for something that could not be read and was reported.
    pub(super) fn error(span: Span) -> Self {
        Value { kind: ValueKind::Error, span }
    }
}

impl Builder<'_> {
    /// A value of the language.
    pub(super) fn value(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.span(&pair);
        let is_comment = |inner: &Pair<'_, Rule>| matches!(inner.as_rule(), Rule::line_comment | Rule::block_comment);
        let parts: Vec<_> = pair.into_inner().filter(|inner| !is_comment(inner)).collect();
        if parts.len() > MAXIMUM_OPERANDS {
            let message = message!("the expression has more than {} parts", MAXIMUM_OPERANDS);
            self.diagnostics.push(Diagnostic::new(&codes::NESTED_TOO_DEEP, message).at(span, ""));
            return Value::error(span);
        }
        // The parser of expressions calls back for each part, and all of them report to this builder.
        let builder = std::cell::RefCell::new(self);
        let sign = |pair: &Pair<'_, Rule>| {
            let builder = builder.borrow();
            builder.span(pair)
        };
        precedence()
            .map_primary(|pair| builder.borrow_mut().primary(pair))
            .map_prefix(|operator, value| {
                let span = sign(&operator).to(value.span);
                let value = Box::new(value);
                let at_most = operator.as_rule() == Rule::k_at_most;
                Value { kind: if at_most { ValueKind::AtMost(value) } else { ValueKind::Not(value) }, span }
            })
            .map_infix(|left, operator, right| {
                let span = left.span.to(right.span);
                let operator = Spanned::new(infix(operator.as_rule()), sign(&operator));
                Value { kind: ValueKind::Binary { operator, left: Box::new(left), right: Box::new(right) }, span }
            })
            .parse(parts.into_iter())
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::quantity => match literal::quantity(pair.as_str(), span) {
                Ok(quantity) => ValueKind::Quantity(quantity),
                Err(problem) => {
                    self.diagnostics.push(problem);
                    ValueKind::Error
                }
            },
            Rule::string => self.checked_text(pair.as_str(), span).map_or(ValueKind::Error, ValueKind::Text),
            Rule::value_word => ValueKind::Word(normalised(pair.as_str())),
            Rule::fields_block => ValueKind::Record(self.record(pair)),
            Rule::list => {
                self.bracketed(&pair, Rule::value, "]");
                let values = pair.into_inner().filter(|inner| inner.as_rule() == Rule::value);
                let mut values = values.map(|value| self.value(value)).collect();
                self.limit(&mut values, MAXIMUM_ELEMENTS, message!("elements"), span);
                ValueKind::List(values)
            }
            Rule::path => ValueKind::Path(self.path(pair.as_str(), span)),
            _ => {
                self.bracketed(&pair, Rule::value, ")");
                let inside = pair.into_inner().find(|inner| inner.as_rule() == Rule::value);
                inside.map_or(ValueKind::Error, |inside| self.value(inside).kind)
            }
        };
        Value { kind, span }
    }

    /// The words between the points.
    fn path(&self, text: &str, span: Span) -> Vec<Name> {
        let mut at = span.start as usize;
        let words = text.split('.').map(|word| {
            let start = at;
            at += word.len() + 1;
            Name::new(normalised(word), self.source.span(start, start + word.len()))
        });
        words.collect()
    }

    /// A Lua value.
    pub(super) fn lua_value(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::lua_number => self.lua_number(pair.as_str(), span),
            Rule::string | Rule::lua_string => ValueKind::Text(literal::lua_text(pair.as_str())),
            Rule::lua_long => {
                let text = pair.into_inner().find(|inner| inner.as_rule() == Rule::lua_long_text);
                ValueKind::Text(text.map_or_else(String::new, |text| text.as_str().to_owned()))
            }
            Rule::lua_table => self.lua_table(pair, span),
            Rule::lua_brackets => self.lua_brackets(pair, span),
            _ => ValueKind::Word(pair.as_str().to_owned()),
        };
        Value { kind, span }
    }

    fn lua_number(&mut self, text: &str, span: Span) -> ValueKind {
        match literal::lua_number(text) {
            Some(number) => ValueKind::Quantity(Quantity::Number(number)),
            None => {
                let message = message!("the number `{}` is too large", text);
                self.diagnostics.push(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(span, ""));
                ValueKind::Error
            }
        }
    }

    /// A table of values is a list; one with keys is only recognised, because no preset takes one.
    fn lua_table(&mut self, pair: Pair<'_, Rule>, span: Span) -> ValueKind {
        let mut values = Vec::new();
        let mut keyed = false;
        for field in pair.into_inner().filter(|inner| inner.as_rule() == Rule::lua_field) {
            let parts: Vec<_> = field.into_inner().collect();
            if parts.iter().any(|part| part.as_rule() == Rule::equals) {
                keyed = true;
                continue;
            }
            values.extend(parts.into_iter().map(|part| self.lua_value(part)));
        }
        self.limit(&mut values, MAXIMUM_ELEMENTS, message!("elements"), span);
        if keyed { ValueKind::KeyedTable } else { ValueKind::List(values) }
    }

    fn lua_brackets(&mut self, pair: Pair<'_, Rule>, span: Span) -> ValueKind {
        let (start, end) = (span.start as usize, span.end as usize);
        let edits = vec![
            (self.source.span(start, start + 1), "{".to_owned()),
            (self.source.span(end.saturating_sub(1), end), "}".to_owned()),
        ];
        let mut problem =
            Diagnostic::new(&codes::BRACKETS_IN_CALL, message!("the list is written with square brackets"))
                .at(span, "")
                .with_help(message!("write `{` and `}`, as Lua does"));
        problem.fix = Some(Fix { edits });
        self.diagnostics.push(problem);
        let elements = pair
            .into_inner()
            .filter(|inner| !matches!(inner.as_rule(), Rule::open_bracket | Rule::close_bracket | Rule::comma));
        let mut values = elements.map(|element| self.lua_value(element)).collect();
        self.limit(&mut values, MAXIMUM_ELEMENTS, message!("elements"), span);
        ValueKind::List(values)
    }
}
