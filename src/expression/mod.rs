//! Values, operators and expressions over facts of the source: their types, their folding, their evaluation.
//!
//! One place decides what `source.duration / 2` means; `sema` folds with it what is known before a source is, `lower`
//! evaluates the rest.

mod constant;
mod fact;
mod operator;

pub use constant::{Constant, Scalar};
pub use fact::SourceFact;
pub use operator::Operator;

use crate::media::SourceFacts;
use std::collections::BTreeSet;

/// Something that is known once the source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A value.
    Constant(Constant),
    /// A fact of the source.
    Fact(SourceFact),
    /// `not X`
    Not(Box<Expression>),
    /// `X + Y`
    Binary {
        /// What joins the two.
        operator: Operator,
        /// What stands before it.
        left: Box<Expression>,
        /// What stands behind it.
        right: Box<Expression>,
    },
}

/// Why an expression has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A division by zero.
    #[error("a division by zero")]
    DivisionByZero,
    /// A duration or a rate came out below zero.
    #[error("the result is below zero")]
    BelowZero,
    /// Operands that the checker does not let pass.
    #[error("the operands do not go together")]
    Operands,
}

impl Expression {
    /// Its value for a source. `and` and `or` look at their right side only where it matters.
    pub fn evaluate(&self, source: &SourceFacts) -> Result<Constant, EvaluationError> {
        match self {
            Expression::Constant(constant) => Ok(constant.clone()),
            Expression::Fact(fact) => Ok(fact.of(source)),
            Expression::Not(inner) => inner.evaluate(source)?.negated(),
            Expression::Binary { operator, left, right } => {
                let left = left.evaluate(source)?;
                match (operator, &left) {
                    (Operator::And, Constant::Bool(false)) | (Operator::Or, Constant::Bool(true)) => Ok(left),
                    _ => operator.apply(&left, &right.evaluate(source)?),
                }
            }
        }
    }

    /// The facts it asks for.
    pub fn facts(&self) -> BTreeSet<SourceFact> {
        let mut facts = BTreeSet::new();
        self.collect(&mut facts);
        facts
    }

    /// Expressions have at most a few hundred parts (the grammar's limit), so this recursion is bounded.
    fn collect(&self, facts: &mut BTreeSet<SourceFact>) {
        match self {
            Expression::Constant(_) => {}
            Expression::Fact(fact) => {
                facts.insert(*fact);
            }
            Expression::Not(inner) => inner.collect(facts),
            Expression::Binary { left, right, .. } => {
                left.collect(facts);
                right.collect(facts);
            }
        }
    }
}

impl std::fmt::Display for Expression {
    /// As the language writes it, every operation in parentheses but the outermost.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inner = |expression: &Expression| match expression {
            Expression::Binary { .. } | Expression::Not(_) => format!("({expression})"),
            _ => expression.to_string(),
        };
        match self {
            Expression::Constant(constant) => constant.fmt(f),
            Expression::Fact(fact) => write!(f, "source.{}", fact.word()),
            Expression::Not(operand) => write!(f, "not {}", inner(operand)),
            Expression::Binary { operator, left, right } => {
                write!(f, "{} {} {}", inner(left), operator.sign(), inner(right))
            }
        }
    }
}
