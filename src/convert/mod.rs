//! A checked procedure back to text: to `.vod`, or to a JSON form, with what the form has no word for told.
//!
//! Calls are expanded and loops unrolled by then. The AST is the pivot: it is made here, and written by `syntax`.

mod files;
mod request;
mod template;

use crate::catalog::Catalog;
use crate::catalog::template::{Origin, Template};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::hir::{FlowOptions, Procedure, Task, TaskOptions};
use crate::syntax::ast;
use crate::syntax::json::{self, Generation, Written};
use crate::syntax::write_vod;
use crate::text::{SourceMap, Span};

/// A form of procedure that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The language.
    Vod,
    /// Bodies of the first generation of the API.
    JsonV2,
    /// Bodies of the current one.
    JsonV3,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 3] = [Form::Vod, Form::JsonV2, Form::JsonV3];

    /// Its word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Form::Vod => "vod",
            Form::JsonV2 => "json-v2",
            Form::JsonV3 => "json-v3",
        }
    }

    /// The generation of a JSON form.
    pub fn generation(self) -> Option<Generation> {
        match self {
            Form::Vod => None,
            Form::JsonV2 => Some(Generation::V2),
            Form::JsonV3 => Some(Generation::V3),
        }
    }
}

/// What is to be converted: checked, and without errors.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The templates that its texts declare.
    pub templates: &'a [Template],
    /// Its procedures.
    pub procedures: &'a [Procedure],
    /// What is said of procedures, by name: the checked procedure does not know it.
    pub docs: &'a [(String, String)],
    /// The system's templates.
    pub catalog: &'a Catalog,
    /// The texts that all of it points into.
    pub sources: &'a SourceMap,
    /// The name of the main text: what is written takes its place, so files are named from its folder.
    pub main: &'a str,
}

impl Input<'_> {
    /// Where people asked for a task: in their text, not in the procedure of the catalogue that it calls.
    fn place(&self, task: &Task) -> Span {
        let is_own = |span: &Span| self.sources.get(span.source).is_some_and(|text| !text.name.starts_with("catalog:"));
        let places = std::iter::once(&task.asked).chain(task.called_from.iter().rev());
        places.copied().find(is_own).unwrap_or(task.asked)
    }
}

/// Writes the templates and procedures in a form; no text when the form has no word for something.
pub fn convert(input: Input<'_>, form: Form) -> (Option<String>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let moved: Vec<Template> = input.templates.iter().map(|template| files::moved(template, input.main)).collect();
    let declarations = moved.iter().map(|template| declaration(template, form));
    let mut items: Vec<ast::Item> = declarations.map(ast::Item::Template).collect();
    for procedure in input.procedures {
        items.push(ast::Item::Procedure(one(input, procedure, form, &mut diagnostics)));
    }
    let file = ast::File { items };
    let text = match form.generation() {
        None => laid_out(&write_vod(&file)),
        Some(generation) => {
            let usual = |node: &ast::Template| {
                let like = input.templates.iter().find(|like| like.head().name == node.name.value);
                let nothing = || ast::Record { fields: Vec::new(), damaged: false, span: node.span };
                like.map_or_else(nothing, template::usual)
            };
            let Written { text, unsaid } = json::write(&file, generation, &usual);
            diagnostics.extend(unsaid);
            text
        }
    };
    diagnostics.sort();
    ((!diagnostics.has_errors()).then_some(text), diagnostics)
}

fn laid_out(text: &str) -> String {
    let source = SourceMap::default().add("converted.vod", text);
    crate::syntax::format(&source).text
}

/// A template as its text declares it; for the language without what is usual anyway.
fn declaration(template: &Template, form: Form) -> ast::Template {
    let head = template.head();
    let whole = template::record(template);
    let mut fields = match form {
        Form::Vod => template::without_idle(template::difference(&whole, &template::usual(template))),
        Form::JsonV2 | Form::JsonV3 => whole,
    };
    let doc = head.doc.as_ref().filter(|_| form != Form::Vod && head.comment.is_none());
    fields.fields.splice(0..0, template::head_fields(head, doc));
    ast::Template {
        kind: ast::Name::new(template.kind().word().to_owned(), head.declared),
        name: ast::Name::new(head.name.clone(), head.declared),
        fields,
        doc: head.doc.clone(),
        span: head.declared,
    }
}

fn one(input: Input<'_>, procedure: &Procedure, form: Form, diagnostics: &mut Diagnostics) -> ast::Procedure {
    let tasks = procedure.tasks();
    let mut writer = request::Requests { input, form, diagnostics };
    let body = writer.statements(&procedure.body);
    let span = tasks.first().map_or_else(nowhere, |task| input.place(task));
    let name = name_of(input.catalog, &procedure.name);
    let doc = input.docs.iter().find(|(of, _)| *of == name).map(|(_, doc)| doc.clone());
    let options = options(input, &tasks, procedure.flow, span, diagnostics);
    ast::Procedure {
        name: ast::Name::new(name, span),
        parameters: Vec::new(),
        parameters_damaged: false,
        options,
        body,
        doc,
        span,
    }
}

/// A procedure that asks for nothing stands nowhere.
fn nowhere() -> Span {
    SourceMap::default().add("", "").span(0, 0)
}

/// The name of what was called; a name of the catalogue cannot be declared again.
fn name_of(catalog: &Catalog, called: &str) -> String {
    let name = called.split('(').next().unwrap_or_default().trim().trim_matches('"');
    let is_free = catalog.procedure(name).is_none() && catalog.template_named(name).is_none();
    let is_name = !name.is_empty() && name.chars().count() <= 64 && !name.contains(['/', '\\', '<', '>', '.']);
    if is_name && is_free { name.to_owned() } else { "flow".to_owned() }
}

/// The options of the procedure. Tasks of called procedures may have their own, which one procedure cannot say.
fn options(
    input: Input<'_>,
    tasks: &[&Task],
    flow: FlowOptions,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<ast::Record> {
    let shared = tasks.first().map(|task| (*task.options).clone()).unwrap_or_default();
    if let Some(other) = tasks.iter().find(|task| *task.options != shared) {
        let message =
            message!("the procedures that are called here have options of their own, and one procedure has one set");
        diagnostics.push(Diagnostic::new(&codes::FORM_LACKS_WORD, message).at(input.place(other), ""));
    }
    let fields = option_fields(&shared, flow, span);
    (!fields.is_empty()).then_some(ast::Record { fields, damaged: false, span })
}

fn option_fields(tasks: &TaskOptions, flow: FlowOptions, span: Span) -> Vec<ast::Field> {
    let word = |text: &str| ast::ValueKind::Word(text.to_owned());
    let switches = [
        ("only_below_source_bitrate", tasks.only_below_source_bitrate),
        ("master_playlist", tasks.master_playlist.is_some()),
        ("idr_alignment", tasks.idr_alignment.is_some()),
    ];
    let switches = switches.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| (name, word("true")));
    let words = [
        ("upscale", tasks.upscale.map(|upscale| word(upscale.word()))),
        ("speed", tasks.speed.map(|speed| word(speed.word()))),
        ("copy", tasks.copy.map(|copy| word(copy.word()))),
        ("notify", flow.notify.map(|notify| word(notify.word()))),
        ("priority", flow.priority.map(|priority| template::whole_number(i64::from(priority)))),
    ];
    let words = words.into_iter().filter_map(|(name, kind)| kind.map(|kind| (name, kind)));
    let field = |(name, kind): (&str, ast::ValueKind)| ast::Field {
        name: ast::Name::new(name.to_owned(), span),
        value: ast::Value { kind, span },
    };
    switches.chain(words).map(field).collect()
}

/// Whether a template comes with vodflow, so that its number names it everywhere.
fn is_system(origin: Origin) -> bool {
    origin == Origin::System
}
