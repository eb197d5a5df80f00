//! What a place of a procedure wants: a template of a kind, a time, what a field accepts.

use super::fields::Field;
use super::words::{self, TYPES, Word};
use crate::syntax::ast::TypeName;

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// Not known: any value.
    Any,
    /// A template of this kind.
    Template(&'static str),
    /// A simple type.
    Scalar(&'static Word),
    /// Several of them, or one.
    List(Box<Wanted>),
    /// One of them or `none`.
    Optional(Box<Wanted>),
    /// What a field of a template accepts.
    Field(&'static Field),
    /// A condition.
    Condition,
}

impl Wanted {
    /// The type of a parameter as written; `Any` for one that could not be read.
    pub fn of_type(written: &TypeName) -> Wanted {
        let inner = written.inner.as_deref();
        let read = match (written.word.value.as_str(), inner) {
            ("list", Some(inner)) => Wanted::List(Box::new(Wanted::of_type(inner))),
            ("template", Some(inner)) => Wanted::template(&inner.word.value),
            (word, None) => Wanted::scalar(word),
            _ => Wanted::Any,
        };
        if written.optional { Wanted::Optional(Box::new(read)) } else { read }
    }

    /// A template of the kind of that name.
    pub fn template(kind: &str) -> Wanted {
        words::entry(words::KINDS, kind).map_or(Wanted::Any, |kind| Wanted::Template(kind.word))
    }

    /// The simple type of that name.
    pub fn scalar(word: &str) -> Wanted {
        words::entry(TYPES, word).map_or(Wanted::Any, Wanted::Scalar)
    }

    /// A list of it.
    pub fn list(self) -> Wanted {
        Wanted::List(Box::new(self))
    }

    /// What one element is.
    pub fn element(&self) -> &Wanted {
        match self {
            Wanted::List(inner) | Wanted::Optional(inner) => inner.element(),
            other => other,
        }
    }

    /// Whether `none` may stand there.
    pub fn may_be_none(&self) -> bool {
        matches!(self, Wanted::Optional(_))
    }

    /// Whether several may stand there.
    pub fn is_list(&self) -> bool {
        match self {
            Wanted::List(_) => true,
            Wanted::Optional(inner) => inner.is_list(),
            _ => false,
        }
    }

    /// The kind of template that stands there, if one does.
    pub fn kind(&self) -> Option<&'static str> {
        match self.element() {
            Wanted::Template(kind) => Some(kind),
            Wanted::Field(field) => field.template,
            _ => None,
        }
    }

    /// Whether a value of type `own` may stand there.
    pub fn takes(&self, own: &Wanted) -> bool {
        match (self.element(), own.element()) {
            (Wanted::Any, _) | (_, Wanted::Any) => true,
            (Wanted::Template(wanted), Wanted::Template(kind)) => wanted == kind && (self.is_list() || !own.is_list()),
            (Wanted::Scalar(wanted), Wanted::Scalar(scalar)) => {
                let fits = wanted == scalar
                    || (wanted.word == "time" && matches!(scalar.word, "duration" | "percent"))
                    || (wanted.word == "number" && scalar.word == "int");
                fits && (self.is_list() || !own.is_list())
            }
            (Wanted::Condition, Wanted::Scalar(_)) => !own.is_list(),
            (Wanted::Field(field), Wanted::Scalar(scalar)) => !own.is_list() && field.takes_type(scalar.word),
            _ => false,
        }
    }
}
