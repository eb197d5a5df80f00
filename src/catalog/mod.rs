//! Parameter templates and named procedures: data and look-up only.

pub mod template;

use crate::syntax::ast;
use crate::units::TemplateId;
use std::collections::BTreeMap;
use std::sync::Arc;
use template::{Template, TemplateKind};

/// The texts that come with vodflow, templates first.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("catalog:transcode.vod", include_str!("../../catalog/transcode.vod")),
    ("catalog:snapshot.vod", include_str!("../../catalog/snapshot.vod")),
    ("catalog:sample.vod", include_str!("../../catalog/sample.vod")),
    ("catalog:sprite.vod", include_str!("../../catalog/sprite.vod")),
    ("catalog:adaptive.vod", include_str!("../../catalog/adaptive.vod")),
    ("catalog:animated.vod", include_str!("../../catalog/animated.vod")),
    ("catalog:encryption.vod", include_str!("../../catalog/encryption.vod")),
    ("catalog:review.vod", include_str!("../../catalog/review.vod")),
    ("catalog:presets.vod", include_str!("../../catalog/presets.vod")),
    ("catalog:flows.vod", include_str!("../../catalog/flows.vod")),
];

/// The system's templates and procedures.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    by_name: BTreeMap<String, Template>,
    by_id: BTreeMap<(TemplateKind, TemplateId), Template>,
    procedures: BTreeMap<String, Arc<ast::Procedure>>,
}

impl Catalog {
    /// Takes in templates and procedures; a later one of the same name replaces an earlier one.
    pub fn new(
        templates: impl IntoIterator<Item = Template>,
        procedures: impl IntoIterator<Item = ast::Procedure>,
    ) -> Self {
        let mut catalog = Catalog::default();
        for template in templates {
            if let Some(id) = template.head().id {
                catalog.by_id.insert((template.kind(), id), template.clone());
            }
            catalog.by_name.insert(template.head().name.clone(), template);
        }
        for procedure in procedures {
            catalog.procedures.insert(procedure.name.value.clone(), Arc::new(procedure));
        }
        catalog
    }

    /// The template of that kind and number.
    pub fn template(&self, kind: TemplateKind, id: TemplateId) -> Option<&Template> {
        self.by_id.get(&(kind, id))
    }

    /// The template of that name, of whatever kind.
    pub fn template_named(&self, name: &str) -> Option<&Template> {
        self.by_name.get(name)
    }

    /// All templates, by kind and number.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.by_id.values()
    }

    /// The numbers of a kind, ascending.
    pub fn ids(&self, kind: TemplateKind) -> impl Iterator<Item = TemplateId> {
        self.by_id.keys().filter(move |(of, _)| *of == kind).map(|(_, id)| *id)
    }

    /// The procedure of that name.
    pub fn procedure(&self, name: &str) -> Option<&Arc<ast::Procedure>> {
        self.procedures.get(name)
    }

    /// All procedures, by name.
    pub fn procedures(&self) -> impl Iterator<Item = &Arc<ast::Procedure>> {
        self.procedures.values()
    }
}
