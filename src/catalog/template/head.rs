//! What every template has beside its settings: its name, and where each of its fields was written.

use crate::text::Span;
use crate::units::TemplateId;
use std::collections::BTreeMap;

/// What every template has beside its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateHead {
    /// The name it was declared with.
    pub name: String,
    /// The number for calls and the API; templates of users may have none.
    pub id: Option<TemplateId>,
    /// A remark for people.
    pub comment: Option<String>,
    /// The doc comment before it.
    pub doc: Option<String>,
    /// Whether it comes with vodflow.
    pub origin: Origin,
    /// Where its name is declared.
    pub declared: Span,
    /// Where its fields were written.
    pub provenance: Provenance,
}

impl TemplateHead {
    /// How outputs and messages call it: the id for system templates, else the name.
    pub fn label(&self) -> String {
        match (self.origin, self.id) {
            (Origin::System, Some(id)) => id.to_string(),
            _ => self.name.clone(),
        }
    }

    /// The part of an output's file name that stands for this template (`vod.md` E.6): `f220` or `hd_mp4`.
    pub fn file_label(&self) -> String {
        match (self.origin, self.id) {
            (Origin::System, Some(id)) => format!("f{id}"),
            _ => self.name.clone(),
        }
    }
}

/// Whose template it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Of the embedded catalogue.
    System,
    /// Of a user's file.
    User,
}

/// Where each field of a template was written; a field that is not in it has its default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance(BTreeMap<String, Written>);

/// The place of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The field's word.
    pub span: Span,
    /// Label of the template that says it: of the template itself, or of one that it extends.
    pub by: String,
}

impl Provenance {
    /// Where the field of that path (`video.bitrate`) was written.
    pub fn of(&self, path: &str) -> Option<&Written> {
        self.0.get(path)
    }

    /// Notes where a field is written.
    pub fn note(&mut self, path: String, written: Written) {
        self.0.insert(path, written);
    }

    /// Forgets a field and those inside it: something else was written instead.
    pub fn forget(&mut self, path: &str) {
        self.0.remove(path);
        // `/` is the sign after `.`: the range holds what starts with the path and a point.
        let inside = self.0.range(format!("{path}.")..format!("{path}/")).map(|(known, _)| known.clone());
        for known in inside.collect::<Vec<_>>() {
            self.0.remove(&known);
        }
    }
}
