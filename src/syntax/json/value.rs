//! JSON values with their places: what every JSON form, and what computes one, is read from.

use crate::text::Span;
use crate::units::Rational;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// All of it.
    pub span: Span,
    /// What.
    pub kind: Kind,
}

/// The forms of values.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number as written: what it can mean depends on the field.
    Number(String),
    /// A text, escapes resolved.
    String(String),
    /// `[…]`
    Array(Vec<Value>),
    /// `{…}`, in the order written, no name twice.
    Object(Vec<Member>),
}

/// `"name": value`
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The name, escapes resolved.
    pub name: String,
    /// Where it stands.
    pub name_span: Span,
    /// What follows it.
    pub value: Value,
}

/// Most digits of a number, before and behind the point, exponent applied.
const MOST_DIGITS: usize = 30;

impl Value {
    /// The members of an object; none of anything else.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members().iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// Where a span lies in this value, as a JSON pointer (RFC 6901) such as `/StreamInfos/0/Video/Fps`.
    pub fn pointer(&self, span: Span) -> String {
        let mut pointer = String::new();
        let mut here = self;
        let holds = |outer: Span| outer.to(span) == outer && outer.source == span.source;
        loop {
            let inside = match &here.kind {
                Kind::Object(members) => members
                    .iter()
                    .find(|member| holds(member.name_span.to(member.value.span)))
                    .map(|member| (member.name.replace('~', "~0").replace('/', "~1"), &member.value)),
                Kind::Array(elements) => {
                    let at = elements.partition_point(|element| element.span.end < span.end);
                    let element = elements.get(at).filter(|element| holds(element.span));
                    element.map(|element| (at.to_string(), element))
                }
                _ => None,
            };
            let Some((step, value)) = inside else { return pointer };
            pointer.push('/');
            pointer.push_str(&step);
            here = value;
        }
    }
}

/// The exact value of a JSON number; `None` for one of more than thirty digits.
pub fn exact(written: &str) -> Option<Rational> {
    let (digits, exponent) = match written.split_once(['e', 'E']) {
        None => (written, 0),
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
    };
    let significant = digits.bytes().filter(u8::is_ascii_digit).count();
    if significant > MOST_DIGITS || exponent.unsigned_abs() as usize > MOST_DIGITS {
        return None;
    }
    let number: Rational = digits.parse().ok()?;
    let power = Rational::new(10i128.checked_pow(exponent.unsigned_abs())?, 1)?;
    if exponent < 0 {
        return number.checked_div(power);
    }
    let scaled = number * power;
    (scaled != Rational::MAX).then_some(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_bounded() {
        let text = |written: &str| exact(written).map(|number| number.to_string());
        assert_eq!(text("12"), Some("12".to_owned()));
        assert_eq!(text("-2.50"), Some("-5/2".to_owned()));
        assert_eq!(text("1.5e3"), Some("1500".to_owned()));
        assert_eq!(text("25E-1"), Some("5/2".to_owned()));
        for absurd in ["1e31", "1e999999999999", "1234567890123456789012345678901", "9e29999"] {
            assert_eq!(text(absurd), None, "{absurd}");
        }
    }
}
