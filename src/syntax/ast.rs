//! What was written, with its place and without its meaning; mistakes are kept as nodes, so that later stages skip them.

use crate::expression::Operator;
use crate::text::{Span, Spanned};
use crate::units::{Bitrate, Duration, Percent, PictureSide, Rational};

/// A whole text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// In the order written.
    pub items: Vec<Item>,
}

/// Something at the top of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `import "…"`
    Import(Import),
    /// A parameter template.
    Template(Template),
    /// A procedure.
    Procedure(Procedure),
    /// A call that `run` runs.
    Call(Call),
    /// A mistake, already reported.
    Error(ErrorItem),
}

/// An item that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorItem {
    /// The words at its start; one of them may be the name it would have declared.
    pub words: Vec<String>,
    /// All of it.
    pub span: Span,
}

/// `import "path"`
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// As written.
    pub path: Spanned<String>,
    /// All of it.
    pub span: Span,
}

/// A name where it is declared or used.
pub type Name = Spanned<String>;

/// `template KIND NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The word that names its kind.
    pub kind: Name,
    /// Its name.
    pub name: Name,
    /// Its fields.
    pub fields: Record,
    /// The doc comment before it.
    pub doc: Option<String>,
    /// All of it.
    pub span: Span,
}

/// `{ field* }`
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// In the order written.
    pub fields: Vec<Field>,
    /// Whether a part of it could not be read, so that absent fields prove nothing.
    pub damaged: bool,
    /// With its braces.
    pub span: Span,
}

/// `name: value`
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The word before the colon.
    pub name: Name,
    /// What follows it.
    pub value: Value,
}

/// `procedure NAME(…) { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Procedure {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Whether the parameters could not be read, so that calls cannot be checked against them.
    pub parameters_damaged: bool,
    /// Its settings, if it has any.
    pub options: Option<Record>,
    /// Its statements.
    pub body: Vec<Statement>,
    /// The doc comment before it.
    pub doc: Option<String>,
    /// All of it.
    pub span: Span,
}

/// `name: type = default`
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub type_name: TypeName,
    /// What it is when a call does not give it.
    pub default: Option<Value>,
}

/// `list<template<transcode>>?`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeName {
    /// `list`, `template`, `time`, …
    pub word: Name,
    /// What stands between the angle brackets.
    pub inner: Option<Box<TypeName>>,
    /// Whether `none` is allowed.
    pub optional: bool,
    /// All of it.
    pub span: Span,
}

/// One line of a procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Which.
    pub kind: StatementKind,
    /// All of it.
    pub span: Span,
}

/// The statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `transcode TEMPLATES { OVERRIDES } from TIME to TIME with MARKS encrypt TEMPLATE`
    Transcode {
        /// Which renditions.
        templates: Vec<Value>,
        /// Fields merged over each of them.
        overrides: Option<Record>,
        /// A part of the source.
        trim: Trim,
        /// Watermarks.
        marks: Vec<Mark>,
        /// Encryption template.
        encrypt: Option<Value>,
    },
    /// `adaptive TEMPLATES from TIME to TIME with MARKS`
    Adaptive {
        /// Which packages.
        templates: Vec<Value>,
        /// A part of the source.
        trim: Trim,
        /// Watermarks.
        marks: Vec<Mark>,
    },
    /// `snapshot at TIMES using TEMPLATE with MARKS`
    Snapshot {
        /// When.
        times: Vec<Value>,
        /// Which template.
        template: Value,
        /// Watermarks.
        marks: Vec<Mark>,
    },
    /// `sample using TEMPLATE with MARKS`
    Sample {
        /// Which template.
        template: Value,
        /// Watermarks.
        marks: Vec<Mark>,
    },
    /// `sprite using TEMPLATE`
    Sprite {
        /// Which template.
        template: Value,
    },
    /// `cover at TIME using TEMPLATE with MARKS`
    Cover {
        /// When.
        time: Value,
        /// Which template.
        template: Value,
        /// Watermarks.
        marks: Vec<Mark>,
    },
    /// `animate TEMPLATES from TIME to TIME`
    Animate {
        /// Which animations.
        templates: Vec<Value>,
        /// A part of the source; at least one end is given.
        trim: Trim,
    },
    /// `review using TEMPLATE`
    Review {
        /// Which template.
        template: Value,
    },
    /// `let NAME = VALUE`
    Let {
        /// What it is called from here to the end of its block.
        name: Name,
        /// What it stands for.
        value: Value,
    },
    /// `for NAME in LIST { … }`
    For {
        /// What each element is called.
        name: Name,
        /// The elements.
        list: Value,
        /// What is done for each.
        body: Vec<Statement>,
    },
    /// `when CONDITION { … } else when CONDITION { … } else { … }`
    When {
        /// In the order they are asked; at least one.
        branches: Vec<Branch>,
        /// What is done when none holds.
        otherwise: Option<Vec<Statement>>,
    },
    /// `name(arguments)`
    Call(Call),
    /// A mistake, already reported.
    Error,
}

/// `CONDITION { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// When its statements count.
    pub condition: Value,
    /// Its statements.
    pub body: Vec<Statement>,
}

/// `from TIME to TIME`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trim {
    /// The start of the part.
    pub from: Option<Value>,
    /// Its end.
    pub to: Option<Value>,
}

/// `logo(from: 5s, to: -5s)`
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Which watermark.
    pub template: Value,
    /// Its settings.
    pub arguments: Vec<Field>,
    /// All of it.
    pub span: Span,
}

/// `name(arguments)` or `name`
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What is called.
    pub name: Name,
    /// With what.
    pub arguments: Vec<Argument>,
    /// Whether a part of the arguments could not be read, so that absent ones prove nothing.
    pub damaged: bool,
    /// All of it.
    pub span: Span,
}

/// `value` or `name: value`
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The parameter meant; positional without.
    pub name: Option<Name>,
    /// What is passed.
    pub value: Value,
}

/// A value as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What.
    pub kind: ValueKind,
    /// Where.
    pub span: Span,
}

/// The forms of values.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// A bare word: an enum word, a parameter, a template's name, `none`, `default`, `true`.
    Word(String),
    /// `"…"`
    Text(String),
    /// A number, with its unit if it has one.
    Quantity(Quantity),
    /// `[a, b]`, or a Lua table of values only.
    List(Vec<Value>),
    /// A Lua table with keys.
    KeyedTable,
    /// `{ field* }`
    Record(Record),
    /// `at_most X`
    AtMost(Box<Value>),
    /// `source.height`
    Path(Vec<Name>),
    /// `not X`
    Not(Box<Value>),
    /// `X + Y`
    Binary {
        /// What joins the two.
        operator: Spanned<Operator>,
        /// What stands before it.
        left: Box<Value>,
        /// What stands behind it.
        right: Box<Value>,
    },
    /// A mistake, already reported.
    Error,
}

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Without unit.
    Number(Rational),
    /// `30000/1001`
    Fraction(Rational),
    /// `1m30s`
    Duration(Duration),
    /// `-5s`
    BeforeEnd(Duration),
    /// `12.5%`
    Percent(Percent),
    /// `10s%`: of a named side of a picture
    SideShare(Percent, PictureSide),
    /// `1800kbps`
    Bitrate(Bitrate),
    /// `44.1kHz`, in hertz
    Frequency(Rational),
    /// `24px`
    Pixels(Rational),
    /// `48frames`
    Frames(Rational),
    /// `0xRRGGBB`
    Colour(u32),
}
