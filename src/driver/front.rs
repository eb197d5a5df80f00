//! The front half of the compiler: from text to a checked procedure.

use super::load::Loader;
use crate::catalog::template::{Template, TemplateKind};
use crate::catalog::{Catalog, EMBEDDED};
use crate::diag::Diagnostics;
use crate::hir::{Defaults, Procedure};
use crate::sema::{self, Declarations, Unit};
use crate::syntax::ast::{File, Item};
use crate::syntax::{self, decode_call, parse_call, parse_vod_call};
use crate::text::SourceMap;
use crate::units::TemplateId;
use crate::world::{NoFiles, World};

/// Ids that `default` stands for out of the box (`language.md` 2).
const DEFAULT_TRANSCODE: [TemplateId; 3] = [TemplateId(10), TemplateId(20), TemplateId(30)];

/// What of a file is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Its top-level calls, or its only procedure that needs no arguments.
    Main,
    /// A call in the file's scope: `publish(cover_at: 1.5s)` or `publish`.
    Call(String),
    /// Nothing: the file is checked, and may be one that only declares.
    Nothing,
}

/// What the front end found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Every text that diagnostics and tasks point into.
    pub sources: SourceMap,
    /// The ASTs of the texts, the main one first, then what it imports; none for a call.
    pub files: Vec<File>,
    /// The templates that the texts declare, as far as they have no mistakes.
    pub templates: Vec<Template>,
    /// What is to be made; `None` after an error, or when nothing was to run.
    pub procedure: Option<Procedure>,
    /// What there is to say, by place.
    pub diagnostics: Diagnostics,
}

/// The compiler with the system's catalogue.
#[derive(Debug, Clone)]
pub struct Compiler {
    sources: SourceMap,
    catalog: Catalog,
    catalog_diagnostics: Diagnostics,
}

impl Default for Compiler {
    fn default() -> Self {
        Compiler::new()
    }
}

impl Compiler {
    /// Compiles the embedded catalogue, once for all checks.
    pub fn new() -> Self {
        let mut loader = Loader::new(&NoFiles, SourceMap::default());
        for (name, text) in EMBEDDED {
            loader.load(name, text);
        }
        let Loader { sources, files, mut diagnostics, .. } = loader;
        let (catalog, found) = sema::compile_catalog(Unit {
            files: &files,
            sources: &sources,
            declarations: Declarations::Complete,
            sound: true,
        });
        diagnostics.extend(found);
        Compiler { sources, catalog, catalog_diagnostics: diagnostics }
    }

    /// The system's templates and procedures.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The catalogue's texts, which spans of system templates point into.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// What the catalogue's own compilation had to say: nothing, in a sound build.
    pub fn catalog_diagnostics(&self) -> &Diagnostics {
        &self.catalog_diagnostics
    }

    /// What `default` stands for out of the box.
    pub fn defaults(&self) -> Defaults {
        let transcode =
            DEFAULT_TRANSCODE.iter().filter_map(|id| match self.catalog.template(TemplateKind::Transcode, *id) {
                Some(Template::Transcode(template)) => Some(template.clone()),
                _ => None,
            });
        Defaults { transcode: transcode.collect(), watermark: None }
    }

    /// Checks a file and what it imports.
    pub fn check_file(&self, name: &str, text: &str, entry: Entry, world: &dyn World) -> Checked {
        let mut loader = Loader::new(world, self.sources.clone());
        loader.load(name, text);
        let declarations = loader.declarations();
        let Loader { mut sources, files, mut diagnostics, .. } = loader;
        let mut call = None;
        if let Entry::Call(written) = &entry {
            let parsed = parse_vod_call(&sources.add("<call>", written));
            diagnostics.extend(parsed.diagnostics);
            call = parsed.call;
        }
        let entry = match (&entry, &call) {
            (Entry::Main, _) => sema::Entry::Main,
            (_, Some(call)) => sema::Entry::Call(call),
            (_, None) => sema::Entry::Nothing,
        };
        let unit = Unit { files: &files, sources: &sources, declarations, sound: !diagnostics.has_errors() };
        let checked = sema::check(unit, &self.catalog, entry);
        diagnostics.extend(checked.diagnostics);
        for source in sources.iter().filter(|source| syntax::json::is_json(source)) {
            diagnostics = syntax::json::localised(source, diagnostics);
        }
        diagnostics.sort();
        Checked { sources, files, templates: checked.templates, procedure: checked.procedure, diagnostics }
    }

    /// Whether a text declares a procedure of that name.
    pub fn declares(&self, text: &str, name: &str) -> bool {
        let parsed = syntax::parse(&self.sources.clone().add("<declares>", text));
        let named = |item: &Item| matches!(item, Item::Procedure(procedure) if procedure.name.value == name);
        parsed.file.items.iter().any(named)
    }

    /// Checks a preset call or a bare name of the catalogue; percent-encoded text is decoded.
    pub fn check_call(&self, text: &str) -> Checked {
        let mut sources = self.sources.clone();
        let source = sources.add("<call>", &decode_call(text));
        let syntax::ParsedCall { call, mut diagnostics } = parse_call(&source);
        let mut procedure = None;
        if let Some(call) = call {
            let sound = !diagnostics.has_errors();
            let unit = Unit { files: &[], sources: &sources, declarations: Declarations::Complete, sound };
            let checked = sema::check(unit, &self.catalog, sema::Entry::Call(&call));
            diagnostics.extend(checked.diagnostics);
            procedure = checked.procedure;
        }
        diagnostics.sort();
        Checked { sources, files: Vec::new(), templates: Vec::new(), procedure, diagnostics }
    }
}
