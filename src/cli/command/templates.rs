//! `vodflow templates`: parameter templates of the system and of files, listed, found and shown resolved.

use crate::catalog::template::{Template, TemplateKind};
use crate::cli::exit::Exit;
use crate::cli::files::{FileWorld, read_procedure};
use crate::cli::out::Out;
use crate::diag::{Diagnostic, codes, nearest};
use crate::driver::{Compiler, Entry};
use crate::explain::{FieldOrigin, counted, template_fields, template_summary};
use crate::text::SourceMap;
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use unicode_width::UnicodeWidthStr;

/// Arguments of `templates`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  vodflow templates\n  vodflow templates hls\n  vodflow templates 220\n  vodflow templates 10 --kind adaptive\n  vodflow templates --file publish.vod 高清"
)]
pub struct Arguments {
    /// An id, a name, or a word that the line of a template must contain; a single hit is shown with all its fields
    #[arg(value_name = "WHICH")]
    which: Option<String>,
    /// Only this kind: transcode, watermark, snapshot, sample, sprite, adaptive, animated, encryption, review
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The templates of this procedure file instead of the system's
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Show every field, with where its value came from, however many templates fit
    #[arg(long)]
    resolved: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How much of a template is shown.
#[derive(Clone, Copy, PartialEq)]
enum Detail {
    Line,
    Resolved,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let compiler = Compiler::new();
    let kind = match arguments.kind.as_deref().map(|word| TemplateKind::from_word(word).ok_or(word)).transpose() {
        Ok(kind) => kind,
        Err(word) => return refuse(out, unknown_kind(word)),
    };
    let (all, sources) = match &arguments.file {
        None => (compiler.catalog().templates().cloned().collect(), compiler.sources().clone()),
        Some(path) => match templates_of(&compiler, path, out) {
            Ok(found) => found,
            Err(exit) => return exit,
        },
    };
    let of_kind: Vec<&Template> = all.iter().filter(|one| kind.is_none_or(|kind| one.kind() == kind)).collect();
    let found = match &arguments.which {
        None => of_kind,
        Some(which) => fitting(of_kind, which),
    };
    if let (Some(which), true) = (&arguments.which, found.is_empty()) {
        return refuse(out, nothing_fits(which, &all));
    }
    let single = arguments.which.is_some() && found.len() == 1;
    let detail = if arguments.resolved || single { Detail::Resolved } else { Detail::Line };
    if arguments.json {
        let list: Vec<Value> = found.iter().map(|template| document(template, &sources, detail)).collect();
        out.json(&json!({ "schema_version": 1, "kind": "templates", "templates": list }));
    } else if detail == Detail::Resolved {
        let sheets: Vec<String> = found.iter().map(|template| sheet(template, &sources)).collect();
        out.result(&sheets.join("\n"));
    } else {
        out.result(&table(&found));
    }
    Exit::Done
}

/// The templates that a file and its imports declare; one with mistakes is told and ends the command.
fn templates_of(compiler: &Compiler, path: &std::path::Path, out: &Out) -> Result<(Vec<Template>, SourceMap), Exit> {
    let text = read_procedure(path).map_err(|problem| refuse(out, problem))?;
    let world = FileWorld::of(Some(path));
    let declared = compiler.check_file(&path.display().to_string(), &text, Entry::Nothing, &world);
    out.diagnostics(&declared.diagnostics, &declared.sources);
    match Exit::of(&declared.diagnostics) {
        Exit::Done => Ok((declared.templates, declared.sources)),
        exit => Err(exit),
    }
}

fn unknown_kind(word: &str) -> Diagnostic {
    let help = match nearest(word, TemplateKind::WORDS.iter().copied()) {
        Some(near) => format!("write `--kind {near}`"),
        None => format!("the kinds are {}", TemplateKind::WORDS.join(", ")),
    };
    Diagnostic::new(&codes::INVALID_OPTION, format!("`{word}` is no kind of template")).with_help(help)
}

fn nothing_fits(which: &str, all: &[Template]) -> Diagnostic {
    let labels: Vec<String> = all.iter().map(|template| template.head().label()).collect();
    let help = nearest(which, labels.iter().map(String::as_str))
        .map_or("`vodflow templates` lists all".to_owned(), |near| format!("`{near}` is near"));
    Diagnostic::new(&codes::INVALID_OPTION, format!("no template fits `{which}`")).with_help(help)
}

/// Says it; the exit code is that of its family.
fn refuse(out: &Out, problem: Diagnostic) -> Exit {
    let diagnostics = problem.into();
    out.diagnostics(&diagnostics, &SourceMap::default());
    Exit::of(&diagnostics)
}

/// Those with that id or name; if there is none, those in whose line all the words are.
fn fitting<'a>(templates: Vec<&'a Template>, which: &str) -> Vec<&'a Template> {
    let is_named = |template: &&Template| {
        let head = template.head();
        head.name == which || head.id.is_some_and(|id| id.to_string() == which)
    };
    let named: Vec<&Template> = templates.iter().copied().filter(is_named).collect();
    if !named.is_empty() || which.bytes().all(|byte| byte.is_ascii_digit()) {
        return named;
    }
    let words: Vec<String> = which.split_whitespace().map(str::to_lowercase).collect();
    let has_all = |template: &&Template| {
        let line = columns(template).join(" ").to_lowercase();
        let line = format!("{line} {}", template.head().name.to_lowercase());
        words.iter().all(|word| line.contains(word))
    };
    templates.into_iter().filter(has_all).collect()
}

fn columns(template: &Template) -> [String; 4] {
    let head = template.head();
    let comment = head.comment.clone().unwrap_or_default();
    [template.kind().to_string(), head.label(), template_summary(template), comment]
}

/// One line for each template, columns aligned by what a terminal shows; kinds apart.
fn table(found: &[&Template]) -> String {
    let rows: Vec<[String; 4]> = found.iter().map(|template| columns(template)).collect();
    let mut text = String::new();
    for (at, group) in rows.chunk_by(|left, right| left[0] == right[0]).enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let width = |column: usize| group.iter().map(|row| row[column].width()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for row in group {
            let cell = |column: usize| padded(&row[column], widths[column]);
            let line = format!("{}  {}  {}  {}", cell(0), cell(1), cell(2), row[3]);
            text.push_str(&format!("{}\n", line.trim_end()));
        }
    }
    text
}

/// A template with all its fields.
fn sheet(template: &Template, sources: &SourceMap) -> String {
    let head = template.head();
    let id = head.id.filter(|id| id.to_string() != head.label()).map(|id| format!("  id {id}")).unwrap_or_default();
    let comment = head.comment.as_ref().map(|comment| format!("  {comment}")).unwrap_or_default();
    let mut text = format!("{} {}{id}{comment}\n", template.kind(), head.label());
    for line in head.doc.iter().flat_map(|doc| doc.lines()) {
        text.push_str(&format!("  {}\n", line.trim()));
    }
    let fields = template_fields(template, sources);
    text.push_str(&format!("  {}\n", counted(fields.len(), "field")));
    let paths = fields.iter().map(|field| field.path.width()).max().unwrap_or(0);
    let values = fields.iter().map(|field| field.value.width()).max().unwrap_or(0);
    for field in &fields {
        let (path, value) = (padded(&field.path, paths), padded(&field.value, values));
        text.push_str(&format!("  {path}  {value}  {}\n", field.origin));
    }
    text
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn document(template: &Template, sources: &SourceMap, detail: Detail) -> Value {
    let head = template.head();
    let mut document = json!({
        "kind": template.kind(),
        "id": head.id,
        "name": head.name,
        "comment": head.comment,
        "settings": template_summary(template),
    });
    if detail == Detail::Resolved {
        let fields = template_fields(template, sources);
        let fields: Vec<Value> = fields
            .into_iter()
            .map(|field| json!({ "path": field.path, "value": field.value, "origin": origin(&field.origin) }))
            .collect();
        document["fields"] = json!(fields);
    }
    document
}

fn origin(origin: &FieldOrigin) -> Value {
    match origin {
        FieldOrigin::Default => json!({ "from": "default" }),
        FieldOrigin::Container => json!({ "from": "container" }),
        FieldOrigin::Written { file, line, extends } => {
            json!({ "from": "written", "file": file, "line": line, "extends": extends })
        }
    }
}
