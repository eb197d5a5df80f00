//! Checks an AST against the catalogue: names, types, units and ranges; calls are expanded, and what is left is meant.

mod scope;
mod read;
mod template;
mod resolve;
mod value_type;
mod bindings;
mod value;
mod infer;
mod fold;
mod options;
mod call;
mod recursion;
mod reach;
mod expand;
mod request;
mod mark;
mod words;

use crate::catalog::Catalog;
use crate::catalog::template::{Origin, Template};
use crate::diag::{Diagnostic, Diagnostics, Message, all_of, any_of, codes, message};
use crate::hir;
use crate::syntax::ast::{self, Call, File, Item};
use crate::text::{SourceMap, Span};
use bindings::{Bindings, Bound, Declaration, Evaluated, Meaning};
use call::Signature;
use expand::{Calls, Expander};
pub use options::{OptionRule, RULES as OPTIONS};
use read::{Ranges, Reader};
pub use scope::Declarations;
use scope::Scope;
pub use template::{FieldInfo, Presence, fields};
use value::Evaluator;

/// The texts of one compilation: the main one first, then what it imports.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// Their ASTs.
    pub files: &'a [File],
    /// Their texts, for names of files and of calls.
    pub sources: &'a SourceMap,
    /// Whether all of them could be read.
    pub declarations: Declarations,
    /// Whether there were no errors so far; only then is a lack worth telling.
    pub sound: bool,
}

/// What of a compilation is to run.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// The top-level calls of the main text, or its only procedure that needs no arguments.
    Main,
    /// This call.
    Call(&'a Call),
    /// Nothing: the texts are checked, and that is all.
    Nothing,
}

/// What a check gives.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What is to be made; `None` if there is an error or nothing was to run.
    pub procedure: Option<hir::Procedure>,
    /// The templates that the texts declare, as far as they have no mistakes, in the order declared.
    pub templates: Vec<Template>,
    /// What was found, by place.
    pub diagnostics: Diagnostics,
}

/// Checks the texts and expands what is to run.
pub fn check(unit: Unit<'_>, catalog: &Catalog, entry: Entry<'_>) -> Checked {
    let mut reader = Reader { sources: unit.sources, diagnostics: Diagnostics::default(), ranges: Ranges::Enforced };
    let scope = declare(unit, catalog, Origin::User, &mut reader);
    let calls = entry_calls(unit, &entry, &mut reader);
    let mut static_check = Expander::new(&scope, &mut reader, Calls::Checked);
    for call in top_level_calls(unit).into_iter().chain(&calls.calls) {
        static_check.call(call, &Bindings::default());
    }
    let procedure = if matches!(entry, Entry::Nothing) || !unit.sound || reader.diagnostics.has_errors() {
        None
    } else {
        let mut expander = Expander::new(&scope, &mut reader, Calls::Followed);
        for call in &calls.calls {
            expander.call(call, &Bindings::default());
        }
        Some(hir::Procedure { name: calls.name, body: std::mem::take(&mut expander.statements), flow: expander.flow })
    };
    let templates = scope.templates.iter().filter_map(|declared| declared.built.clone()).collect();
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort();
    Checked { procedure: procedure.filter(|_| !diagnostics.has_errors()), templates, diagnostics }
}

/// Checks the texts of the system's catalogue and makes the catalogue of them.
pub fn compile_catalog(unit: Unit<'_>) -> (Catalog, Diagnostics) {
    let empty = Catalog::default();
    let mut reader = Reader { sources: unit.sources, diagnostics: Diagnostics::default(), ranges: Ranges::Waived };
    let scope = declare(unit, &empty, Origin::System, &mut reader);
    let templates = scope.templates.iter().filter_map(|declared| declared.built.clone());
    let procedures = scope.own_procedures().iter().map(|procedure| (**procedure).clone());
    let catalog = Catalog::new(templates, procedures);
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort();
    (catalog, diagnostics)
}

/// Declares and builds everything, and checks every procedure, called or not.
fn declare<'a>(unit: Unit<'a>, catalog: &'a Catalog, origin: Origin, reader: &mut Reader<'a>) -> Scope<'a> {
    let mut scope = Scope::declare(unit.files, unit.declarations, catalog, origin, &mut reader.diagnostics);
    resolve::templates(&mut scope, reader);
    recursion::check(&scope, &mut reader.diagnostics);
    for procedure in scope.own_procedures() {
        check_procedure(&scope, reader, procedure, unit.sound);
    }
    scope
}

/// Checks a procedure whatever its arguments will be: its parameters are typed and unknown.
fn check_procedure(scope: &Scope<'_>, reader: &mut Reader<'_>, procedure: &ast::Procedure, sound: bool) {
    let signature = Signature::of(procedure, scope.origin, reader);
    let mut bindings = Bindings::default();
    let nothing_bound = Bindings::default();
    let evaluator = Evaluator { scope, bindings: &nothing_bound };
    for (at, (parameter, kind)) in procedure.parameters.iter().zip(&signature.kinds).enumerate() {
        let name = &parameter.name;
        if let Some(first) = procedure.parameters[..at].iter().find(|earlier| earlier.name.value == name.value) {
            let message = message!("the parameter `{}` is declared twice", &name.value);
            let problem = Diagnostic::new(&codes::DUPLICATE_NAME, message).at(name.span, "");
            reader.diagnostics.push(problem.with_label(first.name.span, message!("first declared here")));
            bindings.get(&name.value);
        }
        if let Some(default) = &parameter.default {
            drop(evaluator.evaluate(reader, default, kind));
        }
        let value = Evaluated { meaning: Meaning::Unknown, span: name.span };
        let bound = Bound { of: kind.clone(), value, declared: name.span, as_what: Declaration::Parameter };
        bindings.bind(&name.value, bound);
    }
    if procedure.parameters_damaged {
        // Its names may be parameters that could not be read.
        return;
    }
    Expander::new(scope, reader, Calls::Checked).procedure(procedure, &bindings);
    // Parts that could not be read may be the ones that use it; the system's presets keep their documented parameters.
    if sound && scope.origin == Origin::User {
        for (name, what, span) in bindings.unused() {
            let message = message!("the {} `{}` is never used", what.words(), name);
            reader.diagnostics.push(Diagnostic::new(&codes::UNUSED_NAME, message).at(span, ""));
        }
    }
}

/// The calls that run, and what people call them together.
struct EntryCalls {
    calls: Vec<Call>,
    name: String,
}

fn entry_calls(unit: Unit<'_>, entry: &Entry<'_>, reader: &mut Reader<'_>) -> EntryCalls {
    match entry {
        Entry::Nothing => EntryCalls { calls: Vec::new(), name: String::new() },
        Entry::Call(call) => EntryCalls { calls: vec![(*call).clone()], name: text_of(unit.sources, call.span) },
        Entry::Main => main_calls(unit, reader),
    }
}

fn top_level_calls(unit: Unit<'_>) -> Vec<&Call> {
    let items = unit.files.first().map(|file| file.items.as_slice()).unwrap_or_default();
    items.iter().filter_map(|item| if let Item::Call(call) = item { Some(call) } else { None }).collect()
}

fn main_calls(unit: Unit<'_>, reader: &mut Reader<'_>) -> EntryCalls {
    let calls: Vec<Call> = top_level_calls(unit).into_iter().cloned().collect();
    if let Some(first) = calls.first() {
        let name = match calls.as_slice() {
            [only] => text_of(unit.sources, only.span),
            _ => unit.sources.get(first.span.source).map_or_else(String::new, |source| source.name.clone()),
        };
        return EntryCalls { calls, name };
    }
    let items = unit.files.first().map(|file| file.items.as_slice()).unwrap_or_default();
    let procedures: Vec<&ast::Procedure> =
        items.iter().filter_map(|item| if let Item::Procedure(node) = item { Some(node) } else { None }).collect();
    let ready: Vec<&ast::Procedure> = procedures
        .iter()
        .copied()
        .filter(|procedure| procedure.parameters.iter().all(|parameter| parameter.default.is_some()))
        .collect();
    if let [only] = ready.as_slice() {
        let span = only.name.span;
        let call = Call { name: only.name.clone(), arguments: Vec::new(), damaged: false, span };
        return EntryCalls { calls: vec![call], name: only.name.value.clone() };
    }
    if unit.sound && !reader.diagnostics.has_errors() {
        reader.diagnostics.push(nothing_to_run(&procedures, &ready));
    }
    EntryCalls { calls: Vec::new(), name: String::new() }
}

fn nothing_to_run(procedures: &[&ast::Procedure], ready: &[&ast::Procedure]) -> Diagnostic {
    let names = |of: &[&ast::Procedure]| of.iter().map(|procedure| procedure.name.value.clone()).collect::<Vec<_>>();
    let problem = |message: Message| Diagnostic::new(&codes::NOTHING_TO_RUN, message);
    let mut problem =
        match (procedures, ready) {
            ([], _) => problem(message!("the file calls nothing and declares no procedure"))
                .with_help(message!("add a procedure and a call of it")),
            (_, []) => problem(message!("the file calls nothing, and all its procedures need arguments"))
                .with_help(message!("add a call of {}", any_of(&names(procedures)))),
            _ => problem(message!("the file calls nothing, and several of its procedures could run")).with_help(
                message!("choose one: {}; `FILE:{}` runs the first", all_of(&names(ready)), &ready[0].name.value),
            ),
        };
    let listed = if ready.is_empty() { procedures } else { ready };
    if let Some((first, rest)) = listed.split_first() {
        problem = problem.at(first.name.span, "");
        for other in rest.iter().take(8) {
            problem = problem.with_label(other.name.span, message!("or this one"));
        }
    }
    problem
}

/// A call is its own name in plans and logs: long ones are cut.
const MOST_NAME_CHARACTERS: usize = 200;

fn text_of(sources: &SourceMap, span: Span) -> String {
    let text = sources.get(span.source).and_then(|source| source.text.get(span.range())).unwrap_or("");
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().take(MOST_NAME_CHARACTERS).collect()
}
