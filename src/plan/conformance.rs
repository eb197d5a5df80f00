//! Whether a stream of the source already is what an output asks for, clause by clause: values, decided by `lower`.

use super::StreamSelector;
use std::fmt;

/// What was weighed before a stream was copied or encoded. It is copied when every clause holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conformance {
    /// The stream of the source.
    pub stream: StreamSelector,
    /// Everything that has to hold, in a fixed order.
    pub clauses: Vec<Clause>,
}

/// One thing that has to hold: what the source has, and what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// What it is about: `bitrate`.
    pub name: &'static str,
    /// What the source has: `2400k`.
    pub found: String,
    /// How the two have to stand to each other.
    pub relation: Relation,
    /// What is asked for: `1800k`.
    pub wanted: String,
    /// Whether they do.
    pub holds: bool,
}

/// How what is found has to stand to what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is the same.
    Is,
    /// It is no more.
    AtMost,
    /// It is one of those.
    OneOf,
}

impl Relation {
    /// The sign between the two values.
    pub fn sign(self) -> &'static str {
        match self {
            Relation::Is => "=",
            Relation::AtMost => "≤",
            Relation::OneOf => "∈",
        }
    }
}

impl Conformance {
    /// Whether the stream is copied.
    pub fn holds(&self) -> bool {
        self.clauses.iter().all(|clause| clause.holds)
    }

    /// The clauses that do not hold.
    pub fn failing(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(|clause| !clause.holds)
    }

    /// `picture` or `sound`.
    pub fn noun(&self) -> &'static str {
        match self.stream {
            StreamSelector::Video { .. } => "picture",
            StreamSelector::Audio { .. } => "sound",
        }
    }
}

impl Clause {
    /// The two values with the sign between them, and whether it is true: `2400k ≤ 1800k ✗`.
    pub fn claim(&self) -> String {
        let verdict = if self.holds { '✓' } else { '✗' };
        format!("{} {} {} {verdict}", self.found, self.relation.sign(), self.wanted)
    }
}

impl fmt::Display for Clause {
    /// `bitrate 2400k ≤ 1800k ✗`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.claim())
    }
}
