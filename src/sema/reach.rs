//! Branches of a `when` that can never be taken: what comes before them always holds where they would.

use crate::expression::{Constant, Expression, Operator, SourceFact};

/// Why a branch is never taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// Its own condition never holds.
    NeverTrue,
    /// The branch of this index, before it, takes every such source.
    TakenBy(usize),
}

/// What a condition is known to be before the source is.
#[derive(Debug, Clone)]
pub enum Known {
    /// The same for every source.
    Always(bool),
    /// The source decides.
    Source(Expression),
    /// A parameter decides, or it was reported.
    Open,
}

/// Why the branch at the end of `conditions` is never taken, if it never is.
pub fn unreachable(conditions: &[Known]) -> Option<Unreachable> {
    let (last, earlier) = conditions.split_last()?;
    let always = earlier.iter().position(|condition| matches!(condition, Known::Always(true)));
    match last {
        Known::Always(false) => Some(Unreachable::NeverTrue),
        Known::Source(own) => {
            let implied =
                earlier.iter().position(|before| matches!(before, Known::Source(before) if implies(own, before)));
            always.or(implied).map(Unreachable::TakenBy)
        }
        Known::Always(true) | Known::Open => always.map(Unreachable::TakenBy),
    }
}

/// Whether `stronger` never holds without `weaker`. Says no where it cannot tell.
///
/// The conditions have at most a few hundred parts (the grammar's limit), so this recursion is bounded.
fn implies(stronger: &Expression, weaker: &Expression) -> bool {
    if stronger == weaker {
        return true;
    }
    if let Expression::Binary { operator: Operator::Or, left, right } = weaker
        && (implies(stronger, left) || implies(stronger, right))
    {
        return true;
    }
    if let Expression::Binary { operator: Operator::And, left, right } = weaker {
        return implies(stronger, left) && implies(stronger, right);
    }
    if let Expression::Binary { operator: Operator::And, left, right } = stronger
        && (implies(left, weaker) || implies(right, weaker))
    {
        return true;
    }
    if let Expression::Binary { operator: Operator::Or, left, right } = stronger {
        return implies(left, weaker) && implies(right, weaker);
    }
    match (bound(stronger), bound(weaker)) {
        (Some((fact, own, at)), Some((other_fact, other, limit))) if fact == other_fact => {
            let less = |a: &Constant, b: &Constant| Operator::Less.apply(a, b) == Ok(Constant::Bool(true));
            let no_more = |a: &Constant, b: &Constant| Operator::NoMore.apply(a, b) == Ok(Constant::Bool(true));
            match (own, other) {
                (Operator::AtLeast, Operator::AtLeast) | (Operator::More, Operator::More | Operator::AtLeast) => {
                    no_more(limit, at)
                }
                (Operator::AtLeast, Operator::More) => less(limit, at),
                (Operator::NoMore, Operator::NoMore) | (Operator::Less, Operator::Less | Operator::NoMore) => {
                    no_more(at, limit)
                }
                (Operator::NoMore, Operator::Less) => less(at, limit),
                (Operator::Equal, wanted) => wanted.apply(at, limit) == Ok(Constant::Bool(true)),
                _ => false,
            }
        }
        _ => false,
    }
}

/// A comparison of one fact with a constant, the fact on the left.
fn bound(expression: &Expression) -> Option<(SourceFact, Operator, &Constant)> {
    let Expression::Binary { operator, left, right } = expression else { return None };
    match (&**left, &**right) {
        (Expression::Fact(fact), Expression::Constant(constant)) => Some((*fact, *operator, constant)),
        (Expression::Constant(constant), Expression::Fact(fact)) => {
            let turned = match operator {
                Operator::Less => Operator::More,
                Operator::More => Operator::Less,
                Operator::NoMore => Operator::AtLeast,
                Operator::AtLeast => Operator::NoMore,
                same => *same,
            };
            Some((*fact, turned, constant))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rational;

    fn compared(operator: Operator, limit: i64) -> Expression {
        let constant = Constant::Number(Rational::from_integer(limit));
        Expression::Binary {
            operator,
            left: Box::new(Expression::Fact(SourceFact::Height)),
            right: Box::new(Expression::Constant(constant)),
        }
    }

    /// Every pair of comparisons, held against every height near them: an implication that is claimed always holds.
    #[test]
    fn a_claimed_implication_holds_for_every_value() {
        use Operator as O;
        let operators = [O::Equal, O::Unequal, O::Less, O::NoMore, O::More, O::AtLeast];
        let holds = |operator: Operator, value: i64, limit: i64| {
            let number = |value| Constant::Number(Rational::from_integer(value));
            operator.apply(&number(value), &number(limit)) == Ok(Constant::Bool(true))
        };
        let mut claimed = 0;
        for (own, other) in operators.iter().flat_map(|own| operators.iter().map(move |other| (*own, *other))) {
            for (at, limit) in (0..5).flat_map(|at| (0..5).map(move |limit| (at, limit))) {
                if implies(&compared(own, at), &compared(other, limit)) {
                    claimed += 1;
                    let counterexample = (-1..7).find(|value| holds(own, *value, at) && !holds(other, *value, limit));
                    assert_eq!(counterexample, None, "{own:?} {at} => {other:?} {limit}");
                }
            }
        }
        assert!(claimed > 100, "{claimed}");
    }
}
