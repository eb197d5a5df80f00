//! From one form of procedure to another, for those who know no stage.

use super::front::{Checked, Compiler, Entry};
use crate::convert::{Form, Input, convert};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::hir::Procedure;
use crate::syntax::ast::{self, Item};
use crate::text::SourceMap;
use crate::world::World;

/// A procedure in another form.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The text; `None` after an error.
    pub text: Option<String>,
    /// What is wrong with the procedure, and what the form cannot say.
    pub diagnostics: Diagnostics,
    /// What they point into.
    pub sources: SourceMap,
}

impl Compiler {
    /// Converts a file: its top-level calls as one procedure, else each procedure that needs no arguments; and the
    /// templates that it and its imports declare.
    pub fn convert_file(&self, name: &str, text: &str, entry: &Entry, form: Form, world: &dyn World) -> Converted {
        let checked = self.check_file(name, text, Entry::Nothing, world);
        if checked.diagnostics.has_errors() {
            return Converted { text: None, diagnostics: checked.diagnostics, sources: checked.sources };
        }
        let items = checked.files.first().map(|file| file.items.as_slice()).unwrap_or_default();
        let entries = match entry {
            Entry::Call(_) => vec![entry.clone()],
            _ => entries(items),
        };
        let mut procedures = Vec::new();
        for entry in entries {
            let run = self.check_file(name, text, entry, world);
            if run.diagnostics.has_errors() {
                return Converted { text: None, diagnostics: run.diagnostics, sources: run.sources };
            }
            procedures.extend(run.procedure);
        }
        let mut diagnostics = checked.diagnostics.clone();
        diagnostics.extend(with_parameters(items, entry));
        self.written(name, checked, &procedures, diagnostics, form)
    }

    /// Converts a call of the catalogue.
    pub fn convert_call(&self, call: &str, form: Form) -> Converted {
        let mut checked = self.check_call(call);
        let procedures: Vec<Procedure> = checked.procedure.take().into_iter().collect();
        let diagnostics = std::mem::take(&mut checked.diagnostics);
        self.written("<call>", checked, &procedures, diagnostics, form)
    }

    fn written(
        &self,
        main: &str,
        checked: Checked,
        procedures: &[Procedure],
        mut found: Diagnostics,
        form: Form,
    ) -> Converted {
        if found.has_errors() {
            return Converted { text: None, diagnostics: found, sources: checked.sources };
        }
        let items = checked.files.first().map(|file| file.items.as_slice()).unwrap_or_default();
        let doc = |node: &ast::Procedure| Some((node.name.value.clone(), node.doc.clone()?));
        let docs: Vec<(String, String)> = self::procedures(items).filter_map(doc).collect();
        let templates = &checked.templates;
        let input =
            Input { templates, procedures, docs: &docs, catalog: self.catalog(), sources: &checked.sources, main };
        let (text, unsaid) = convert(input, form);
        found.extend(unsaid);
        found.sort();
        Converted { text, diagnostics: found, sources: checked.sources }
    }
}

/// What of a file becomes procedures.
fn entries(items: &[Item]) -> Vec<Entry> {
    if items.iter().any(|item| matches!(item, Item::Call(_))) {
        return vec![Entry::Main];
    }
    let name = |procedure: &ast::Procedure| Entry::Call(format!("\"{}\"", procedure.name.value));
    ready(items).map(name).collect()
}

fn ready(items: &[Item]) -> impl Iterator<Item = &ast::Procedure> {
    procedures(items).filter(|procedure| procedure.parameters.iter().all(|parameter| parameter.default.is_some()))
}

fn procedures(items: &[Item]) -> impl Iterator<Item = &ast::Procedure> {
    items.iter().filter_map(|item| if let Item::Procedure(procedure) = item { Some(procedure) } else { None })
}

/// Procedures whose arguments nobody gives are lost, and that is told.
fn with_parameters(items: &[Item], entry: &Entry) -> Diagnostics {
    let is_called = matches!(entry, Entry::Call(_)) || items.iter().any(|item| matches!(item, Item::Call(_)));
    let needs = |procedure: &&ast::Procedure| procedure.parameters.iter().any(|parameter| parameter.default.is_none());
    let lost = procedures(items).filter(|_| !is_called).filter(needs).map(|procedure| {
        let message = message!("`{}` needs arguments, and is not converted", &procedure.name.value);
        let problem = Diagnostic::new(&codes::FORM_LACKS_WORD, message).at(procedure.name.span, "");
        problem.with_help(message!("convert a call of it: `FILE:{}(…)`", &procedure.name.value))
    });
    lost.collect()
}

/// The JSON Schema of a form; `None` of the language.
pub fn schema(form: Form) -> Option<serde_json::Value> {
    form.generation().map(crate::syntax::json::schema)
}
