//! Declared names and ids, and the messages for those that are not declared.

use super::template::field;
use super::template::id as written_id;
use crate::catalog::Catalog;
use crate::catalog::template::{Origin, Template, TemplateKind};
use crate::diag::{Diagnostic, Diagnostics, all_of, any_of, codes, message, nearest};
use crate::syntax::ast::{self, Item};
use crate::text::Span;
use crate::units::TemplateId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A template as declared, before it is built.
pub struct Declared<'a> {
    /// Its declaration.
    pub node: &'a ast::Template,
    /// Its kind; `None` when that could not be read or is not supported, which was reported.
    pub kind: Option<TemplateKind>,
    /// What it was built to; `None` until then, and for good if it has mistakes.
    pub built: Option<Template>,
}

/// What a name stands for.
#[derive(Debug, Clone)]
enum Symbol {
    Template(usize),
    Procedure(Arc<ast::Procedure>),
}

/// A template that a name or id leads to.
pub enum Found {
    /// A whole one.
    Template(Template),
    /// One with mistakes of its own, which were reported.
    Damaged(Option<TemplateKind>),
}

/// Everything that names and ids can mean in one compilation.
pub struct Scope<'a> {
    /// The embedded catalogue (empty while it is compiled itself).
    pub catalog: &'a Catalog,
    /// Templates of the compiled texts.
    pub templates: Vec<Declared<'a>>,
    /// Whose texts they are.
    pub origin: Origin,
    names: BTreeMap<&'a str, (Symbol, Span)>,
    ids: BTreeMap<(TemplateKind, TemplateId), usize>,
    procedures: Vec<Arc<ast::Procedure>>,
    damaged: BTreeSet<&'a str>,
    declarations: Declarations,
}

/// Whether all texts of the compilation could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declarations {
    /// Every one: a name that is not declared is a mistake.
    Complete,
    /// An import failed: names that are not known may be declared there.
    SomeLost,
}

impl<'a> Scope<'a> {
    /// Declares everything of the texts.
    pub fn declare(
        files: &'a [ast::File],
        declarations: Declarations,
        catalog: &'a Catalog,
        origin: Origin,
        out: &mut Diagnostics,
    ) -> Self {
        let mut scope = Scope {
            catalog,
            templates: Vec::new(),
            origin,
            names: BTreeMap::new(),
            ids: BTreeMap::new(),
            procedures: Vec::new(),
            damaged: BTreeSet::new(),
            declarations,
        };
        for item in files.iter().flat_map(|file| &file.items) {
            match item {
                Item::Template(node) => scope.declare_template(node, out),
                Item::Procedure(node) => {
                    let node_arc = Arc::new(node.clone());
                    scope.procedures.push(Arc::clone(&node_arc));
                    scope.declare_name(&node.name, Symbol::Procedure(node_arc), out);
                }
                Item::Error(error) => scope.damaged.extend(error.words.iter().map(String::as_str)),
                Item::Import(_) | Item::Call(_) => {}
            }
        }
        scope
    }

    /// Whether an unknown name may be one that a text declares which could not be read, which was reported.
    pub fn may_be_lost(&self, name: &str) -> bool {
        self.declarations == Declarations::SomeLost || self.damaged.contains(name)
    }

    /// Every procedure of the texts.
    pub fn own_procedures(&self) -> &[Arc<ast::Procedure>] {
        &self.procedures
    }

    fn declare_template(&mut self, node: &'a ast::Template, out: &mut Diagnostics) {
        let kind = read_kind(&node.kind, out);
        let index = self.templates.len();
        self.templates.push(Declared { node, kind, built: None });
        self.declare_name(&node.name, Symbol::Template(index), out);
        let Some(id_value) = field(&node.fields, "id") else { return };
        let Some(id) = written_id(id_value) else {
            let message = message!("an id is a whole number from 1 to 2^63 - 1");
            out.push(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(id_value.span, ""));
            return;
        };
        let Some(kind) = kind else { return };
        if self.catalog.template(kind, id).is_some() {
            let message = message!("the {} `{}` belongs to the system catalogue", kind.named(), id.to_string());
            let problem = Diagnostic::new(&codes::SYSTEM_ID, message).at(id_value.span, "");
            out.push(problem.with_help(message!("take another id, or leave it out and use the name")));
        } else if let Some(first) = self.ids.get(&(kind, id)) {
            let other = self.templates[*first].node;
            let label = field(&other.fields, "id").map_or(other.name.span, |value| value.span);
            let problem =
                Diagnostic::new(&codes::DUPLICATE_NAME, message!("the id `{}` is taken already", id.to_string()));
            out.push(problem.at(id_value.span, "").with_label(label, message!("first taken here")));
        } else {
            self.ids.insert((kind, id), index);
        }
    }

    fn declare_name(&mut self, name: &'a ast::Name, symbol: Symbol, out: &mut Diagnostics) {
        let word = name.value.as_str();
        if word.is_empty() {
            return;
        }
        if self.catalog.template_named(word).is_some() || self.catalog.procedure(word).is_some() {
            let problem =
                Diagnostic::new(&codes::DUPLICATE_NAME, message!("`{}` is a name of the system catalogue", word));
            out.push(problem.at(name.span, "").with_help(message!("take another name")));
        }
        match self.names.get(word) {
            Some((_, first)) => {
                let problem = Diagnostic::new(&codes::DUPLICATE_NAME, message!("`{}` is declared already", word));
                out.push(problem.at(name.span, "").with_label(*first, message!("first declared here")));
            }
            None => {
                self.names.insert(word, (symbol, name.span));
            }
        }
    }

    /// The procedure of that name and whose it is.
    pub fn procedure(&self, name: &str) -> Option<(Arc<ast::Procedure>, Origin)> {
        match self.names.get(name) {
            Some((Symbol::Procedure(procedure), _)) => Some((Arc::clone(procedure), self.origin)),
            Some(_) => None,
            None => self.catalog.procedure(name).map(|procedure| (Arc::clone(procedure), Origin::System)),
        }
    }

    /// Whether a name means anything at all.
    pub fn is_template_name(&self, name: &str) -> bool {
        matches!(self.names.get(name), Some((Symbol::Template(_), _))) || self.catalog.template_named(name).is_some()
    }

    /// The index of the declared template that a name means.
    pub fn declared_index(&self, name: &str) -> Option<usize> {
        match self.names.get(name)? {
            (Symbol::Template(index), _) => Some(*index),
            _ => None,
        }
    }

    /// The index of the declared template that an id means.
    pub fn declared_index_of_id(&self, kind: TemplateKind, id: TemplateId) -> Option<usize> {
        self.ids.get(&(kind, id)).copied()
    }

    /// The template that a number means.
    pub fn by_id(&self, kind: TemplateKind, id: TemplateId) -> Option<Found> {
        match self.ids.get(&(kind, id)) {
            Some(index) => Some(self.found(*index)),
            None => self.catalog.template(kind, id).cloned().map(Found::Template),
        }
    }

    /// The template of that name and its kind, whatever it is.
    pub fn template_by_name(&self, name: &str) -> Option<(Option<TemplateKind>, Found)> {
        match self.names.get(name) {
            Some((Symbol::Template(index), _)) => Some((self.templates[*index].kind, self.found(*index))),
            Some(_) => None,
            None => {
                let template = self.catalog.template_named(name)?;
                Some((Some(template.kind()), Found::Template(template.clone())))
            }
        }
    }

    /// The template of that kind and name, or the message.
    pub fn by_name(&self, kind: TemplateKind, name: &str, span: Span) -> Result<Found, Diagnostic> {
        let found = match self.names.get(name) {
            Some((Symbol::Template(index), _)) => Some(self.found(*index)),
            Some((Symbol::Procedure(procedure), _)) => {
                let problem = Diagnostic::new(&codes::WRONG_TEMPLATE_KIND, message!("`{}` is a procedure", name));
                return Err(problem
                    .at(span, message!("{} is expected", kind.one()))
                    .with_label(procedure.name.span, message!("declared here")));
            }
            None => self.catalog.template_named(name).cloned().map(Found::Template),
        };
        match found {
            Some(Found::Template(template)) if template.kind() != kind => {
                let message = message!("`{}` is {}", name, template.kind().one());
                let problem = Diagnostic::new(&codes::WRONG_TEMPLATE_KIND, message);
                Err(problem
                    .at(span, message!("{} is expected", kind.one()))
                    .with_label(template.head().declared, message!("declared here")))
            }
            Some(Found::Damaged(Some(other))) if other != kind => {
                let problem = Diagnostic::new(&codes::WRONG_TEMPLATE_KIND, message!("`{}` is {}", name, other.one()));
                Err(problem.at(span, message!("{} is expected", kind.one())))
            }
            Some(found) => Ok(found),
            None if self.may_be_lost(name) => Ok(Found::Damaged(None)),
            None => Err(self.unknown_name(kind, name, span)),
        }
    }

    fn found(&self, index: usize) -> Found {
        let declared = &self.templates[index];
        declared.built.clone().map_or(Found::Damaged(declared.kind), Found::Template)
    }

    fn unknown_name(&self, kind: TemplateKind, name: &str, span: Span) -> Diagnostic {
        let problem =
            Diagnostic::new(&codes::UNKNOWN_TEMPLATE, message!("the {} `{}` does not exist", kind.named(), name));
        let problem = problem.about_word(name).at(span, "");
        let own = self.templates.iter().filter(|declared| declared.kind == Some(kind));
        let own: Vec<&str> = own.map(|declared| declared.node.name.value.as_str()).collect();
        match nearest(name, own.iter().copied()) {
            Some(near) => problem.with_help(message!("write `{}`", near)).with_fix(span, near),
            None if !own.is_empty() && own.len() <= 8 => {
                problem.with_help(message!("the {}s declared here are {}", kind.named(), all_of(&own)))
            }
            None => problem.with_help(message!("declare `template {} {} { … }`", kind, name)),
        }
    }

    /// The message for a number that means no template of that kind.
    pub fn unknown_id(&self, kind: TemplateKind, id: TemplateId, span: Span) -> Diagnostic {
        let problem = Diagnostic::new(
            &codes::UNKNOWN_TEMPLATE,
            message!("the {} `{}` does not exist", kind.named(), id.to_string()),
        );
        let problem = problem.at(span, "");
        let own = self.ids.keys().filter(|(of, _)| *of == kind).map(|(_, id)| *id);
        let known: Vec<String> = self.catalog.ids(kind).chain(own).map(|id| id.to_string()).collect();
        if known.is_empty() {
            return problem.with_help(message!(
                "declare `template {} NAME { id: {} … }` in a `.vod` file",
                kind,
                id.to_string()
            ));
        }
        let elsewhere =
            self.catalog.templates().find(|template| template.kind() != kind && template.head().id == Some(id));
        if let Some(other) = elsewhere {
            let (id, other) = (id.to_string(), other.kind().one());
            return problem.with_help(match known.len() {
                ..=8 => message!("`{}` is {}; {}s are {}", id, other, kind.named(), all_of(&known)),
                _ => message!("`{}` is {}", id, other),
            });
        }
        let written = id.to_string();
        let limit = 2;
        let mut near: Vec<(usize, &String)> =
            known.iter().map(|known| (strsim::damerau_levenshtein(&written, known), known)).collect();
        near.sort_by_key(|(distance, _)| *distance);
        let best = near.first().map_or(limit, |(distance, _)| *distance);
        let near: Vec<&String> =
            near.iter().filter(|(distance, _)| *distance <= best.min(limit)).take(4).map(|(_, known)| *known).collect();
        match near.as_slice() {
            [] => problem.with_help(message!("there are {} of them; `vodflow templates` lists them", known.len())),
            [only] => problem.with_help(message!("the nearest is `{}`", *only)),
            near => problem.with_help(message!("near ones are {}", all_of(near))),
        }
    }

    /// Names of procedures, for near names.
    pub fn procedure_names(&self) -> Vec<&str> {
        let own = self.procedures.iter().map(|procedure| procedure.name.value.as_str());
        own.chain(self.catalog.procedures().map(|procedure| procedure.name.value.as_str())).collect()
    }
}

fn read_kind(kind: &ast::Name, out: &mut Diagnostics) -> Option<TemplateKind> {
    let word = kind.value.as_str();
    if let Some(kind) = TemplateKind::from_word(word) {
        return Some(kind);
    }
    if !word.is_empty() {
        let problem = Diagnostic::new(&codes::UNKNOWN_WORD, message!("`{}` is no kind of template", word));
        let problem = problem.about_word(word).at(kind.span, "");
        let problem = problem.with_help(message!("write {}", any_of(TemplateKind::WORDS)));
        out.push(match nearest(word, TemplateKind::WORDS.iter().copied()) {
            Some(near) => problem.with_fix(kind.span, near),
            None => problem,
        });
    }
    None
}
