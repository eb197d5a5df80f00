//! Every place of a text that means something, and what it means: the one walk that hover, definitions, references and
//! symbols share.

use super::fields::{self, Field, Form};
use super::names::{Names, ProcedureRef, TemplateRef, id_of};
use super::wanted::Wanted;
use super::words::{self, Word};
use crate::syntax::ast::{
    self, Argument, Call, File, Item, Mark, Name, Quantity, Record, Statement, StatementKind, TypeName, Value,
    ValueKind,
};
use crate::text::Span;

/// Whether a place declares what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It does.
    Declaration,
    /// It uses it.
    Use,
}

/// A place and its meaning.
#[derive(Debug, Clone)]
pub struct Occurrence<'a> {
    /// The place.
    pub span: Span,
    /// What it does with the thing.
    pub role: Role,
    /// The thing.
    pub target: Target<'a>,
    /// The argument of a call that the place is a part of.
    pub slot: Option<Slot<'a>>,
}

/// What a place means.
#[derive(Debug, Clone)]
pub enum Target<'a> {
    /// A parameter template.
    Template(TemplateRef<'a>),
    /// A procedure.
    Procedure(ProcedureRef<'a>),
    /// A parameter, a `let`, the name of a loop.
    Local(Local<'a>),
    /// What is known about the source.
    Fact(&'static Word),
    /// A field of a record.
    Field(&'static Field),
    /// A kind of template.
    Kind(&'static Word),
    /// A type.
    TypeWord(&'static Word),
    /// A literal or a word that is a value.
    Value {
        /// As written.
        value: &'a Value,
        /// What the place wants.
        wanted: Wanted,
    },
    /// Another file.
    Import(&'a ast::Import),
}

/// An argument's place in a call.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    /// What is called.
    pub procedure: ProcedureRef<'a>,
    /// Which parameter, from 0.
    pub index: usize,
    /// Whether the argument is a list, as a whole or around the value.
    pub in_list: bool,
}

/// How a local name is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalKind {
    /// Of a procedure.
    Parameter,
    /// `let`
    Let,
    /// `for`
    Loop,
}

/// A name that holds inside a procedure.
#[derive(Debug, Clone)]
pub struct Local<'a> {
    /// Where it is declared.
    pub name: &'a Name,
    /// How.
    pub kind: LocalKind,
    /// The type of a parameter.
    pub type_name: Option<&'a TypeName>,
    /// The default of a parameter, the value of a `let`, the list of a loop.
    pub value: Option<&'a Value>,
    /// What it can stand for.
    pub wanted: Wanted,
    /// Whether the catalogue declares it.
    pub is_system: bool,
}

impl<'a> Local<'a> {
    /// A parameter.
    pub fn parameter(procedure: ProcedureRef<'a>, index: usize) -> Option<Self> {
        let parameter = procedure.node.parameters.get(index)?;
        Some(Local {
            name: &parameter.name,
            kind: LocalKind::Parameter,
            type_name: Some(&parameter.type_name),
            value: parameter.default.as_ref(),
            wanted: Wanted::of_type(&parameter.type_name),
            is_system: procedure.is_system,
        })
    }
}

impl Target<'_> {
    /// Where the thing is declared, which is what tells two things of one name apart.
    pub fn declared(&self) -> Option<Span> {
        match self {
            Target::Template(template) => template.declared(),
            Target::Procedure(procedure) => Some(procedure.node.name.span),
            Target::Local(local) => Some(local.name.span),
            _ => None,
        }
    }
}

/// Every occurrence of a text, in no particular order.
pub fn occurrences<'a>(names: Names<'a>, file: &'a File) -> Vec<Occurrence<'a>> {
    let mut walk = Walk { names, scope: Vec::new(), found: Vec::new(), slot: None };
    for item in &file.items {
        match item {
            Item::Import(import) => walk.push(import.path.span, Role::Use, Target::Import(import)),
            Item::Template(node) => walk.template(node),
            Item::Procedure(node) => walk.procedure(node),
            Item::Call(call) => walk.call(call),
            Item::Error(_) => {}
        }
    }
    walk.found
}

struct Walk<'a> {
    names: Names<'a>,
    scope: Vec<Local<'a>>,
    found: Vec<Occurrence<'a>>,
    slot: Option<Slot<'a>>,
}

impl<'a> Walk<'a> {
    fn push(&mut self, span: Span, role: Role, target: Target<'a>) {
        self.found.push(Occurrence { span, role, target, slot: self.slot });
    }

    fn template(&mut self, node: &'a ast::Template) {
        self.kind(&node.kind);
        self.push(node.name.span, Role::Declaration, Target::Template(self.names.of_node(node)));
        self.record(&node.fields, fields::of(&node.kind.value), &node.kind.value);
    }

    fn kind(&mut self, word: &'a Name) {
        if let Some(kind) = words::entry(words::KINDS, &word.value) {
            self.push(word.span, Role::Use, Target::Kind(kind));
        }
    }

    fn record(&mut self, record: &'a Record, known: &'static [Field], root: &str) {
        for field in &record.fields {
            self.field(&field.name, &field.value, known, root);
        }
    }

    fn field(&mut self, name: &'a Name, value: &'a Value, known: &'static [Field], root: &str) {
        let Some(entry) = known.iter().find(|entry| entry.name == name.value) else {
            return self.value(value, &Wanted::Any);
        };
        self.push(name.span, Role::Use, Target::Field(entry));
        match (entry.name, &value.kind) {
            ("extends", _) => self.value(value, &Wanted::template(root)),
            (_, ValueKind::Record(inner)) => self.record(inner, &entry.inner, root),
            (_, ValueKind::List(elements)) if entry.form == Form::Records => {
                for element in elements {
                    match &element.kind {
                        ValueKind::Record(inner) => self.record(inner, &entry.inner, root),
                        _ => self.value(element, &Wanted::Any),
                    }
                }
            }
            _ => self.value(value, &Wanted::Field(entry)),
        }
    }

    fn procedure(&mut self, node: &'a ast::Procedure) {
        let procedure = ProcedureRef { node, is_system: false };
        self.push(node.name.span, Role::Declaration, Target::Procedure(procedure));
        for (index, parameter) in node.parameters.iter().enumerate() {
            self.type_name(&parameter.type_name);
            if let Some(default) = &parameter.default {
                // Defaults are read outside the procedure: no parameter is known there.
                self.value(default, &Wanted::of_type(&parameter.type_name));
            }
            if let Some(local) = Local::parameter(procedure, index) {
                self.push(parameter.name.span, Role::Declaration, Target::Local(local));
            }
        }
        let parameters = (0..node.parameters.len()).filter_map(|index| Local::parameter(procedure, index));
        self.scope.extend(parameters);
        if let Some(options) = &node.options {
            self.record(options, fields::of("options"), "options");
        }
        self.block(&node.body);
        self.scope.clear();
    }

    fn type_name(&mut self, node: &'a TypeName) {
        if let Some(word) = words::entry(words::TYPES, &node.word.value) {
            self.push(node.word.span, Role::Use, Target::TypeWord(word));
        }
        match &node.inner {
            Some(inner) if node.word.value == "template" => self.kind(&inner.word),
            Some(inner) => self.type_name(inner),
            None => {}
        }
    }

    /// What is declared in a block holds to its end.
    fn block(&mut self, body: &'a [Statement]) {
        let outer = self.scope.len();
        for statement in body {
            self.statement(statement);
        }
        self.scope.truncate(outer);
    }

    fn statement(&mut self, statement: &'a Statement) {
        let time = Wanted::scalar("time");
        match &statement.kind {
            StatementKind::Transcode { templates, overrides, trim, marks, encrypt } => {
                self.values(templates, &Wanted::template("transcode").list());
                if let Some(record) = overrides {
                    self.record(record, fields::of("transcode"), "transcode");
                }
                self.trim(trim);
                self.marks(marks);
                self.values(encrypt, &Wanted::template("encryption"));
            }
            StatementKind::Adaptive { templates, trim, marks } => {
                self.values(templates, &Wanted::template("adaptive").list());
                self.trim(trim);
                self.marks(marks);
            }
            StatementKind::Snapshot { times, template, marks } => {
                self.values(times, &time.list());
                self.value(template, &Wanted::template("snapshot"));
                self.marks(marks);
            }
            StatementKind::Sample { template, marks } => {
                self.value(template, &Wanted::template("sample"));
                self.marks(marks);
            }
            StatementKind::Sprite { template } => self.value(template, &Wanted::template("sprite")),
            StatementKind::Cover { time: at, template, marks } => {
                self.value(at, &time);
                self.value(template, &Wanted::template("snapshot"));
                self.marks(marks);
            }
            StatementKind::Animate { templates, trim } => {
                self.values(templates, &Wanted::template("animated").list());
                self.trim(trim);
            }
            StatementKind::Review { template } => self.value(template, &Wanted::template("review")),
            StatementKind::Let { name, value } => self.let_name(name, value),
            StatementKind::For { name, list, body } => self.for_each(name, list, body),
            StatementKind::When { branches, otherwise } => {
                for branch in branches {
                    self.value(&branch.condition, &Wanted::Condition);
                    self.block(&branch.body);
                }
                self.block(otherwise.as_deref().unwrap_or_default());
            }
            StatementKind::Call(call) => self.call(call),
            StatementKind::Error => {}
        }
    }

    fn let_name(&mut self, name: &'a Name, value: &'a Value) {
        self.value(value, &Wanted::Any);
        let wanted = self.type_of(value);
        self.declare(Local {
            name,
            kind: LocalKind::Let,
            type_name: None,
            value: Some(value),
            wanted,
            is_system: false,
        });
    }

    fn for_each(&mut self, name: &'a Name, list: &'a Value, body: &'a [Statement]) {
        self.value(list, &Wanted::Any.list());
        let wanted = self.type_of(list).element().clone();
        let outer = self.scope.len();
        self.declare(Local {
            name,
            kind: LocalKind::Loop,
            type_name: None,
            value: Some(list),
            wanted,
            is_system: false,
        });
        self.block(body);
        self.scope.truncate(outer);
    }

    fn declare(&mut self, local: Local<'a>) {
        self.push(local.name.span, Role::Declaration, Target::Local(local.clone()));
        self.scope.push(local);
    }

    /// The type of a value, as far as its form tells.
    fn type_of(&self, value: &Value) -> Wanted {
        match &value.kind {
            ValueKind::Quantity(Quantity::Duration(_)) => Wanted::scalar("duration"),
            ValueKind::Quantity(Quantity::BeforeEnd(_)) => Wanted::scalar("time"),
            ValueKind::Quantity(Quantity::Percent(_)) => Wanted::scalar("percent"),
            ValueKind::Quantity(Quantity::Bitrate(_)) => Wanted::scalar("bitrate"),
            ValueKind::Text(_) => Wanted::scalar("text"),
            ValueKind::Word(word) => match (self.local(word), self.names.template(word)) {
                (Some(local), _) => local.wanted.clone(),
                (None, Some(template)) => Wanted::template(template.kind()),
                (None, None) => Wanted::Any,
            },
            ValueKind::List(elements) => elements.first().map_or(Wanted::Any, |first| self.type_of(first)).list(),
            ValueKind::Binary { operator, left, .. } if matches!(operator.value.sign(), "+" | "-" | "*" | "/") => {
                self.type_of(left)
            }
            ValueKind::Binary { .. } | ValueKind::Not(_) => Wanted::scalar("bool"),
            ValueKind::Path(path) => {
                let fact = path.get(1).and_then(|name| words::entry(words::FACTS, &name.value));
                fact.map_or(Wanted::Any, |fact| Wanted::scalar(fact.form))
            }
            _ => Wanted::Any,
        }
    }

    fn local(&self, name: &str) -> Option<&Local<'a>> {
        self.scope.iter().rev().find(|local| local.name.value == name)
    }

    fn values(&mut self, values: impl IntoIterator<Item = &'a Value>, wanted: &Wanted) {
        values.into_iter().for_each(|value| self.value(value, wanted));
    }

    fn trim(&mut self, trim: &'a ast::Trim) {
        self.values(&trim.from, &Wanted::scalar("time"));
        self.values(&trim.to, &Wanted::scalar("time"));
    }

    fn marks(&mut self, marks: &'a [Mark]) {
        for mark in marks {
            self.value(&mark.template, &Wanted::template("watermark"));
            for field in &mark.arguments {
                self.field(&field.name, &field.value, fields::of("mark"), "mark");
            }
        }
    }

    fn call(&mut self, call: &'a Call) {
        let Some(procedure) = self.names.procedure(&call.name.value) else {
            return call.arguments.iter().for_each(|argument| self.value(&argument.value, &Wanted::Any));
        };
        self.push(call.name.span, Role::Use, Target::Procedure(procedure));
        for (position, argument) in call.arguments.iter().enumerate() {
            self.argument(procedure, position, argument);
        }
    }

    fn argument(&mut self, procedure: ProcedureRef<'a>, position: usize, argument: &'a Argument) {
        let parameters = &procedure.node.parameters;
        let index = match &argument.name {
            Some(name) => parameters.iter().position(|parameter| parameter.name.value == name.value),
            None => Some(position).filter(|position| *position < parameters.len()),
        };
        let Some((index, local)) = index.and_then(|index| Some((index, Local::parameter(procedure, index)?))) else {
            return self.value(&argument.value, &Wanted::Any);
        };
        let wanted = local.wanted.clone();
        if let Some(name) = &argument.name {
            self.push(name.span, Role::Use, Target::Local(local));
        }
        let in_list = matches!(argument.value.kind, ValueKind::List(_));
        self.slot = Some(Slot { procedure, index, in_list });
        self.value(&argument.value, &wanted);
        self.slot = None;
    }

    /// Nesting is limited before parsing, so this recursion is bounded.
    fn value(&mut self, value: &'a Value, wanted: &Wanted) {
        match &value.kind {
            ValueKind::Word(word) => self.word(value, word, wanted),
            ValueKind::Text(name) => {
                let named = wanted.kind().and_then(|kind| self.names.template(name).filter(|it| it.kind() == kind));
                match named {
                    Some(template) => self.push(value.span, Role::Use, Target::Template(template)),
                    None => self.plain(value, wanted),
                }
            }
            ValueKind::Quantity(_) => self.quantity(value, wanted),
            ValueKind::List(elements) => {
                // The brackets are the argument as a whole.
                self.plain(value, wanted);
                elements.iter().for_each(|element| self.value(element, wanted.element()));
            }
            ValueKind::Record(record) => self.record(record, &[], ""),
            ValueKind::AtMost(inner) => self.value(inner, wanted),
            ValueKind::Not(inner) => self.value(inner, &Wanted::Condition),
            ValueKind::Binary { operator, left, right } => {
                let arithmetic = matches!(operator.value.sign(), "+" | "-");
                let inner = if arithmetic { wanted.clone() } else { Wanted::Any };
                self.value(left, &inner);
                self.value(right, &inner);
            }
            ValueKind::Path(path) => self.path(value, path, wanted),
            ValueKind::KeyedTable | ValueKind::Error => {}
        }
    }

    fn plain(&mut self, value: &'a Value, wanted: &Wanted) {
        self.push(value.span, Role::Use, Target::Value { value, wanted: wanted.clone() });
    }

    fn word(&mut self, value: &'a Value, word: &str, wanted: &Wanted) {
        if let Wanted::Field(field) = wanted
            && field.choices.iter().any(|choice| choice == word)
        {
            return self.plain(value, wanted);
        }
        if let Some(local) = self.local(word).cloned() {
            return self.push(value.span, Role::Use, Target::Local(local));
        }
        let may_be_template = wanted.kind().is_some() || *wanted.element() == Wanted::Any;
        match self.names.template(word).filter(|_| may_be_template && !words::is_reserved(word)) {
            Some(template) => self.push(value.span, Role::Use, Target::Template(template)),
            None => self.plain(value, wanted),
        }
    }

    fn quantity(&mut self, value: &'a Value, wanted: &Wanted) {
        let template = wanted.kind().zip(id_of(value)).and_then(|(kind, id)| self.names.template_of_id(kind, id));
        match template {
            Some(template) => self.push(value.span, Role::Use, Target::Template(template)),
            None => self.plain(value, wanted),
        }
    }

    fn path(&mut self, value: &'a Value, path: &'a [Name], wanted: &Wanted) {
        let fact = path.get(1).and_then(|name| Some((name, words::entry(words::FACTS, &name.value)?)));
        match fact {
            Some((name, fact)) => self.push(name.span, Role::Use, Target::Fact(fact)),
            None => self.plain(value, wanted),
        }
    }
}
