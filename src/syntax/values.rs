//! Builds values, of the language and of Lua, from the parser's pairs.

use super::ast::{Quantity, Value, ValueKind};
use super::build::{Builder, normalised};
use super::grammar::Rule;
use super::literal::{self, later};
use super::scan::MAXIMUM_ELEMENTS;
use crate::diag::{Diagnostic, Fix, codes};
use crate::text::Span;
use pest::iterators::Pair;

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
        let inner: Vec<_> = pair.into_inner().collect();
        if let Some(operator) = inner.iter().find(|inner| inner.as_rule() == Rule::operator) {
            let what = format!("the operator `{}`", operator.as_str().trim());
            self.diagnostics.push(later(&what, self.span(operator)));
            return Value::error(span);
        }
        let mut at_most = false;
        let mut value = Value::error(span);
        for inner in inner {
            if inner.as_rule() != Rule::prefix {
                value = self.primary(inner);
            } else if inner.as_str().starts_with("not") || at_most {
                let what = format!("the operator `{}`", inner.as_str().trim());
                self.diagnostics.push(later(&what, self.span(&inner)));
                return Value::error(span);
            } else {
                at_most = true;
            }
        }
        if at_most { Value { kind: ValueKind::AtMost(Box::new(value)), span } } else { value }
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
                self.limit(&mut values, MAXIMUM_ELEMENTS, "elements", span);
                ValueKind::List(values)
            }
            Rule::path => {
                self.diagnostics.push(later(&format!("`{}`", pair.as_str()), span));
                ValueKind::Error
            }
            _ => {
                if !self.bracketed(&pair, Rule::value, ")") {
                    self.diagnostics.push(later("an expression in parentheses", span));
                }
                ValueKind::Error
            }
        };
        Value { kind, span }
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
                let message = format!("the number `{text}` is too large");
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
        self.limit(&mut values, MAXIMUM_ELEMENTS, "elements", span);
        if keyed { ValueKind::KeyedTable } else { ValueKind::List(values) }
    }

    fn lua_brackets(&mut self, pair: Pair<'_, Rule>, span: Span) -> ValueKind {
        let (start, end) = (span.start as usize, span.end as usize);
        let edits = vec![
            (self.source.span(start, start + 1), "{".to_owned()),
            (self.source.span(end.saturating_sub(1), end), "}".to_owned()),
        ];
        let mut problem = Diagnostic::new(&codes::BRACKETS_IN_CALL, "the list is written with square brackets")
            .at(span, "")
            .with_help("write `{` and `}`, as Lua does");
        problem.fix = Some(Fix { edits });
        self.diagnostics.push(problem);
        let elements = pair
            .into_inner()
            .filter(|inner| !matches!(inner.as_rule(), Rule::open_bracket | Rule::close_bracket | Rule::comma));
        let mut values = elements.map(|element| self.lua_value(element)).collect();
        self.limit(&mut values, MAXIMUM_ELEMENTS, "elements", span);
        ValueKind::List(values)
    }
}
