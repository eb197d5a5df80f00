//! What names and ids stand for in one compilation: own declarations first, then the catalogue's.

use crate::catalog::Catalog;
use crate::catalog::template::{Template, TemplateKind};
use crate::syntax::ast::{self, File, Item};
use crate::text::Span;
use crate::units::TemplateId;
use std::collections::BTreeMap;

/// A template: its declaration, or what the catalogue holds of it.
#[derive(Debug, Clone, Copy)]
pub struct TemplateRef<'a> {
    /// Its declaration, for templates of users.
    pub node: Option<&'a ast::Template>,
    /// What it was built to; `None` while it has mistakes.
    pub built: Option<&'a Template>,
}

impl<'a> TemplateRef<'a> {
    /// Its name.
    pub fn name(&self) -> &'a str {
        match (self.node, self.built) {
            (Some(node), _) => &node.name.value,
            (None, Some(built)) => &built.head().name,
            (None, None) => "",
        }
    }

    /// The word of its kind.
    pub fn kind(&self) -> &'a str {
        match (self.node, self.built) {
            (Some(node), _) => &node.kind.value,
            (None, Some(built)) => built.kind().word(),
            (None, None) => "",
        }
    }

    /// Where its name is declared.
    pub fn declared(&self) -> Option<Span> {
        self.node.map(|node| node.name.span).or_else(|| self.built.map(|built| built.head().declared))
    }

    /// Whether it comes with vodflow.
    pub fn is_system(&self) -> bool {
        self.node.is_none()
    }

    /// Its id, if it has one.
    pub fn id(&self) -> Option<TemplateId> {
        match (self.built, self.node) {
            (Some(built), _) => built.head().id,
            (None, Some(node)) => written_id(node),
            (None, None) => None,
        }
    }

    /// How statements call it: the id for the catalogue's, else the name.
    pub fn label(&self) -> String {
        match (self.is_system(), self.id()) {
            (true, Some(id)) => id.to_string(),
            _ => super::words::spelt(self.name()),
        }
    }
}

/// A procedure and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct ProcedureRef<'a> {
    /// Its declaration.
    pub node: &'a ast::Procedure,
    /// Whether it comes with vodflow, and takes the arguments of preset calls.
    pub is_system: bool,
}

/// Where declarations stand, so that no look-up has to search: file and item of each name and id.
#[derive(Debug, Default)]
pub struct Index {
    templates: BTreeMap<String, (usize, usize)>,
    ids: BTreeMap<(String, TemplateId), (usize, usize)>,
    procedures: BTreeMap<String, (usize, usize)>,
    built: BTreeMap<Span, usize>,
}

impl Index {
    /// Reads what the texts declare; of two declarations of one name the first counts.
    pub fn of(files: &[File], built: &[Template]) -> Self {
        let built = built.iter().enumerate().map(|(at, built)| (built.head().declared, at)).collect();
        let mut index = Index { built, ..Index::default() };
        for (file, text) in files.iter().enumerate() {
            for (item, node) in text.items.iter().enumerate() {
                match node {
                    Item::Template(node) => {
                        index.templates.entry(node.name.value.clone()).or_insert((file, item));
                        if let Some(id) = written_id(node) {
                            index.ids.entry((node.kind.value.clone(), id)).or_insert((file, item));
                        }
                    }
                    Item::Procedure(node) => {
                        index.procedures.entry(node.name.value.clone()).or_insert((file, item));
                    }
                    _ => {}
                }
            }
        }
        index
    }
}

/// Looks up names and ids.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The system's templates and procedures.
    pub catalog: &'a Catalog,
    /// The texts of the compilation.
    pub files: &'a [File],
    /// What the templates of the texts were built to.
    pub built: &'a [Template],
    /// Where they are declared.
    pub index: &'a Index,
}

impl<'a> Names<'a> {
    fn items(&self) -> impl Iterator<Item = &'a Item> + use<'a> {
        self.files.iter().flat_map(|file| &file.items)
    }

    fn item(&self, place: Option<&(usize, usize)>) -> Option<&'a Item> {
        place.and_then(|(file, item)| self.files.get(*file)?.items.get(*item))
    }

    fn own_template(&self, place: Option<&(usize, usize)>) -> Option<TemplateRef<'a>> {
        match self.item(place)? {
            Item::Template(node) => Some(self.of_node(node)),
            _ => None,
        }
    }

    /// A declaration with what it was built to.
    pub fn of_node(&self, node: &'a ast::Template) -> TemplateRef<'a> {
        let built = self.index.built.get(&node.name.span).and_then(|at| self.built.get(*at));
        TemplateRef { node: Some(node), built }
    }

    /// The template of that name, of whatever kind.
    pub fn template(&self, name: &str) -> Option<TemplateRef<'a>> {
        self.own_template(self.index.templates.get(name)).or_else(|| {
            let built = self.catalog.template_named(name)?;
            Some(TemplateRef { node: None, built: Some(built) })
        })
    }

    /// The template of that kind and number.
    pub fn template_of_id(&self, kind: &str, id: TemplateId) -> Option<TemplateRef<'a>> {
        self.own_template(self.index.ids.get(&(kind.to_owned(), id))).or_else(|| {
            let built = self.catalog.template(TemplateKind::from_word(kind)?, id)?;
            Some(TemplateRef { node: None, built: Some(built) })
        })
    }

    /// Every template of a kind: own ones as they are written, then the catalogue's by number.
    pub fn templates(&self, kind: &str) -> Vec<TemplateRef<'a>> {
        let own = self.items().filter_map(|item| match item {
            Item::Template(node) if node.kind.value == kind => Some(self.of_node(node)),
            _ => None,
        });
        let system = self.catalog.templates().filter(|built| built.kind().word() == kind);
        own.chain(system.map(|built| TemplateRef { node: None, built: Some(built) })).collect()
    }

    /// The procedure of that name.
    pub fn procedure(&self, name: &str) -> Option<ProcedureRef<'a>> {
        match self.item(self.index.procedures.get(name)) {
            Some(Item::Procedure(node)) => Some(ProcedureRef { node, is_system: false }),
            _ => self.catalog.procedure(name).map(|node| ProcedureRef { node, is_system: true }),
        }
    }

    /// Every procedure: own ones as they are written, then the catalogue's.
    pub fn procedures(&self) -> Vec<ProcedureRef<'a>> {
        let own = self.items().filter_map(|item| if let Item::Procedure(node) = item { Some(node) } else { None });
        let own = own.map(|node| ProcedureRef { node, is_system: false });
        own.chain(self.catalog.procedures().map(|node| ProcedureRef { node, is_system: true })).collect()
    }
}

fn written_id(node: &ast::Template) -> Option<TemplateId> {
    let field = node.fields.fields.iter().find(|field| field.name.value == "id")?;
    id_of(&field.value)
}

/// The id that a value writes.
pub fn id_of(value: &ast::Value) -> Option<TemplateId> {
    match value.kind {
        ast::ValueKind::Quantity(ast::Quantity::Number(number)) if number.is_integer() => {
            u64::try_from(number.numerator()).ok().filter(|id| *id > 0).map(TemplateId)
        }
        _ => None,
    }
}
