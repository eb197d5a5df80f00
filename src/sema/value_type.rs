//! Types of parameters and values.

use super::read::Reader;
use crate::catalog::template::TemplateKind;
use crate::diag::{Argument, Diagnostic, any_of, codes, message, nearest};
use crate::expression::Scalar;
use crate::syntax::ast::TypeName;
use crate::text::Span;
use std::fmt;

/// A type that a parameter or a value can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A simple one.
    Scalar(Scalar),
    /// A template of a kind.
    Template(TemplateKind),
    /// A list.
    List(Box<Type>),
    /// The type or `none`.
    Optional(Box<Type>),
    /// One that could not be read, which was reported; or one that says nothing, as that of an empty list.
    Damaged,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Scalar(scalar) => f.write_str(scalar.word()),
            Type::Template(kind) => write!(f, "template<{kind}>"),
            Type::List(inner) => write!(f, "list<{inner}>"),
            Type::Optional(inner) => write!(f, "{inner}?"),
            Type::Damaged => f.write_str("value"),
        }
    }
}

impl From<&Type> for Argument {
    fn from(of: &Type) -> Self {
        of.to_string().into()
    }
}

impl Type {
    /// Reads a written type.
    pub fn read(name: &TypeName, reader: &mut Reader<'_>) -> Type {
        let read = match (name.word.value.as_str(), &name.inner) {
            ("list", Some(inner)) => Type::List(Box::new(Type::read(inner, reader))),
            ("template", Some(inner)) => {
                match TemplateKind::from_word(&inner.word.value).filter(|_| inner.inner.is_none() && !inner.optional) {
                    Some(kind) => Type::Template(kind),
                    None => return unknown_type(&inner.word.value, inner.span, TemplateKind::WORDS, reader),
                }
            }
            (word, None) => match Scalar::from_word(word) {
                Some(scalar) => Type::Scalar(scalar),
                None if word == "list" || word == "template" => {
                    let held = if word == "list" { "time" } else { "transcode" };
                    let message = message!("the type `{}` needs what it holds, such as `{}<{}>`", word, word, held);
                    reader.diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(name.span, ""));
                    return Type::Damaged;
                }
                None => {
                    let words: Vec<&str> = Scalar::all_words().chain(["template<…>", "list<…>"]).collect();
                    return unknown_type(word, name.word.span, &words, reader);
                }
            },
            (word, Some(_)) => return unknown_type(&format!("{word}<…>"), name.span, &["list", "template"], reader),
        };
        if name.optional { Type::Optional(Box::new(read)) } else { read }
    }

    /// Whether `none` is one of its values.
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// The type without `none`.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    /// What a list of this type holds, and a single value stands for.
    pub fn element(&self) -> &Type {
        match self.required() {
            Type::List(inner) => inner,
            other => other,
        }
    }

    /// Whether a value of this type can stand where `wanted` is needed.
    pub fn fits(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (Type::Damaged, _) | (_, Type::Damaged) => true,
            (Type::Optional(inner), Type::Optional(wanted)) => inner.fits(wanted),
            (Type::Optional(_), _) => false,
            (own, Type::Optional(wanted)) => own.fits(wanted),
            (Type::List(inner), Type::List(wanted)) => inner.fits(wanted),
            (own, Type::List(wanted)) => own.fits(wanted),
            (Type::Scalar(own), Type::Scalar(wanted)) => own.fits(*wanted),
            (own, wanted) => own == wanted,
        }
    }
}

fn unknown_type(word: &str, span: Span, known: &[&str], reader: &mut Reader<'_>) -> Type {
    let problem = Diagnostic::new(&codes::UNKNOWN_WORD, message!("`{}` is no type", word));
    let problem = problem.at(span, "").with_help(message!("write {}", any_of(known)));
    reader.diagnostics.push(match nearest(word, known.iter().copied()) {
        Some(near) => problem.with_fix(span, near),
        None => problem,
    });
    Type::Damaged
}
