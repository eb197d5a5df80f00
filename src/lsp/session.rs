//! One client's session: its documents and what was understood of them.

use super::convert::{Abilities, Converter};
use super::documents::{Document, Documents, path_of};
use super::overlay::{Overlay, folder};
use crate::driver::Compiler;
use crate::ide::Analysis;
use crate::world::World;
use lsp_server::{Message, Notification};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Notification as _,
    PublishDiagnostics,
};
use lsp_types::{PublishDiagnosticsParams, Uri};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// How a session reads files: the world of the main text of that name.
pub type Disk<'d> = dyn Fn(&str) -> Box<dyn World> + 'd;

/// A session.
pub struct Session<'c> {
    compiler: &'c Compiler,
    disk: &'c Disk<'c>,
    abilities: Abilities,
    documents: Documents,
    analyses: BTreeMap<String, Analysis<'c>>,
    /// Documents whose diagnostics the client does not have yet.
    unpublished: BTreeSet<String>,
}

impl<'c> Session<'c> {
    /// A session without documents.
    pub fn new(compiler: &'c Compiler, disk: &'c Disk<'c>, abilities: Abilities) -> Self {
        Session {
            compiler,
            disk,
            abilities,
            documents: Documents::new(),
            analyses: BTreeMap::new(),
            unpublished: BTreeSet::new(),
        }
    }

    /// Takes a notification; one that cannot be read is ignored, as the protocol wants it.
    pub fn notify(&mut self, notification: Notification) {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Some(params) = params::<DidOpenTextDocument>(notification) {
                    self.open(params.text_document);
                }
            }
            DidChangeTextDocument::METHOD => {
                let Some(params) = params::<DidChangeTextDocument>(notification) else { return };
                let address = params.text_document.uri.as_str().to_owned();
                if let Some(document) = self.documents.get_mut(&address) {
                    document.change(params.text_document.version, params.content_changes);
                    self.changed(&address);
                }
            }
            DidSaveTextDocument::METHOD => {
                // What lies on the disk may be what another document imports.
                if let Some(params) = params::<DidSaveTextDocument>(notification) {
                    self.changed(params.text_document.uri.as_str());
                }
            }
            DidCloseTextDocument::METHOD => {
                if let Some(params) = params::<DidCloseTextDocument>(notification) {
                    self.close(&params.text_document.uri);
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, item: lsp_types::TextDocumentItem) {
        let address = item.uri.as_str().to_owned();
        // Procedures in JSON and Lua are other languages; editors may send them to us all the same.
        if !is_ours(&address, &item.language_id) {
            return;
        }
        let name = path_of(&address).unwrap_or_else(|| address.clone());
        self.documents.insert(address.clone(), Document::new(name, item.version, &item.text, self.abilities.encoding));
        self.changed(&address);
    }

    fn close(&mut self, uri: &Uri) {
        let address = uri.as_str();
        let Some(document) = self.documents.remove(address) else { return };
        self.forget_dependents(&document.name);
        self.analyses.remove(address);
        self.unpublished.insert(address.to_owned());
    }

    fn changed(&mut self, address: &str) {
        let Some(name) = self.documents.get(address).map(|document| document.name.clone()) else { return };
        self.forget_dependents(&name);
        self.analyses.remove(address);
        self.unpublished.insert(address.to_owned());
    }

    /// Documents that import a text are read again when it changes, and those that lack one may find it now.
    fn forget_dependents(&mut self, name: &str) {
        let depends = |analysis: &Analysis<'_>| {
            let (imported, lost) = analysis.imports();
            lost || imported.contains(&name)
        };
        let dependents: Vec<String> = self
            .analyses
            .iter()
            .filter(|(_, analysis)| depends(analysis))
            .map(|(address, _)| address.clone())
            .collect();
        for address in dependents {
            self.analyses.remove(&address);
            self.unpublished.insert(address);
        }
    }

    /// What is understood of a document; kept until it changes.
    fn analysis(&mut self, address: &str) -> Option<&Analysis<'c>> {
        if !self.analyses.contains_key(address) {
            let document = self.documents.get(address)?;
            let disk = (self.disk)(&document.name);
            let world = Overlay { documents: &self.documents, disk, root: folder(&document.name) };
            let analysis = Analysis::new(self.compiler, &document.name, &document.text, &world);
            self.analyses.insert(address.to_owned(), analysis);
        }
        self.analyses.get(address)
    }

    /// The diagnostics that the client does not have yet, each with the version it belongs to.
    pub fn publish(&mut self) -> Vec<Message> {
        let addresses = std::mem::take(&mut self.unpublished);
        addresses.into_iter().filter_map(|address| self.diagnostics(&address)).collect()
    }

    fn diagnostics(&mut self, address: &str) -> Option<Message> {
        let uri = Uri::from_str(address).ok()?;
        let problems = self.analysis(address).map(Analysis::diagnostics).unwrap_or_default();
        let document = self.documents.get(address);
        let diagnostics = document.map(|document| {
            let convert = Converter { document, uri: &uri, abilities: self.abilities };
            problems.iter().map(|problem| convert.diagnostic(problem)).collect()
        });
        let version = document.map(|document| document.version);
        let params = PublishDiagnosticsParams { uri, diagnostics: diagnostics.unwrap_or_default(), version };
        Some(Notification::new(PublishDiagnostics::METHOD.to_owned(), params).into())
    }

    /// What a document was understood to be, with the means to answer in its client's words; `None` for one that is
    /// not open, or not ours.
    pub(super) fn ask<R>(&mut self, uri: &Uri, answer: impl FnOnce(&Analysis<'c>, Converter<'_>) -> R) -> Option<R> {
        self.analysis(uri.as_str())?;
        let (document, analysis) = (self.documents.get(uri.as_str())?, self.analyses.get(uri.as_str())?);
        Some(answer(analysis, Converter { document, uri, abilities: self.abilities }))
    }

    /// The content of a text of the catalogue.
    pub(super) fn catalog_text(&self, address: &str) -> Option<String> {
        self.compiler.sources().iter().find(|source| source.name == address).map(|source| source.text.to_string())
    }
}

fn params<N: lsp_types::notification::Notification>(notification: Notification) -> Option<N::Params> {
    serde_json::from_value(notification.params).ok()
}

/// Whether a document is a `.vod` text, by its ending or else by what the editor calls its language.
fn is_ours(address: &str, language: &str) -> bool {
    let file = address.rsplit('/').next().unwrap_or(address);
    match file.rsplit_once('.') {
        Some((_, ending)) if !address.starts_with("untitled:") => {
            ending.eq_ignore_ascii_case("vod") || language == "vod"
        }
        _ => language == "vod",
    }
}
