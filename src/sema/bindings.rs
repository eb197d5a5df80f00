//! Names of values: parameters, `let`, loops. What they are bound to, and whether anybody asked.

use super::value_type::Type;
use crate::catalog::template::Template;
use crate::diag::{Message, message};
use crate::expression::{Constant, Expression};
use crate::text::Span;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A value with the place where it was written, which for a parameter is in the call.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// What.
    pub meaning: Meaning,
    /// Where.
    pub span: Span,
}

/// What a value means.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// A parameter whose value is not known while its procedure is checked, or something reported.
    Unknown,
    /// `none`
    None,
    /// `default`
    Default,
    /// A template.
    Template(Template),
    /// A value of a simple type.
    Constant(Constant),
    /// A value that depends on the source.
    Computed(Expression),
    /// Several.
    List(Vec<Evaluated>),
}

/// What a name was declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declaration {
    /// A parameter of the procedure.
    Parameter,
    /// `let NAME = …`
    Let,
    /// `for NAME in …`
    Loop,
}

impl Declaration {
    /// How people call it.
    pub fn words(self) -> Message {
        match self {
            Declaration::Parameter => message!("parameter"),
            Declaration::Let => message!("name"),
            Declaration::Loop => message!("loop name"),
        }
    }
}

/// A name with its type and, where it is known, its value.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Its type.
    pub of: Type,
    /// Its value.
    pub value: Evaluated,
    /// Where it is declared.
    pub declared: Span,
    /// As what.
    pub as_what: Declaration,
}

/// The names that are seen at one place. Inner blocks see the outer names; all share the record of what was used.
#[derive(Default, Clone)]
pub struct Bindings {
    names: BTreeMap<String, Bound>,
    used: Rc<RefCell<BTreeSet<Span>>>,
    declared: Rc<RefCell<BTreeMap<Span, (String, Declaration)>>>,
}

impl Bindings {
    /// Gives a name its value.
    pub fn bind(&mut self, name: &str, bound: Bound) {
        self.declared.borrow_mut().entry(bound.declared).or_insert((name.to_owned(), bound.as_what));
        self.names.insert(name.to_owned(), bound);
    }

    /// What a name stands for; asking counts as using it.
    pub fn get(&self, name: &str) -> Option<&Bound> {
        let bound = self.names.get(name)?;
        self.used.borrow_mut().insert(bound.declared);
        Some(bound)
    }

    /// Where a name was declared, without using it.
    pub fn declared(&self, name: &str) -> Option<(Span, Declaration)> {
        self.names.get(name).map(|bound| (bound.declared, bound.as_what))
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// What was declared here or in inner blocks and never used.
    pub fn unused(&self) -> Vec<(String, Declaration, Span)> {
        let (used, declared) = (self.used.borrow(), self.declared.borrow());
        let unused = declared.iter().filter(|(span, _)| !used.contains(*span));
        unused.map(|(span, (name, what))| (name.clone(), *what, *span)).collect()
    }

    /// How many values they hold, elements of lists counted.
    pub fn elements(&self) -> usize {
        let count = |bound: &Bound| if let Meaning::List(list) = &bound.value.meaning { list.len() } else { 1 };
        self.names.values().map(count).sum()
    }
}
