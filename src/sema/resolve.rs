//! Builds every declared template in an order in which the extended ones come first.

use super::read::Reader;
use super::scope::Scope;
use super::template::{build, field, id};
use crate::catalog::template::{Template, TemplateKind};
use crate::diag::{Diagnostic, codes, message};
use crate::syntax::ast::{Value, ValueKind};

/// How far building of a template has come.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Waiting,
    OnTheWay,
    Done,
}

/// What a template extends.
enum Base {
    Nothing,
    Declared(usize),
    System(Box<Template>),
    Damaged,
}

/// Builds all templates. Chains of `extends` are followed by a loop, so that their length is no danger. Templates that
/// name templates of another kind (`encrypt` of adaptive ones) come last.
pub fn templates(scope: &mut Scope<'_>, reader: &mut Reader<'_>) {
    let mut progress = vec![Progress::Waiting; scope.templates.len()];
    let names_others = |index: &usize| scope.templates[*index].kind == Some(TemplateKind::Adaptive);
    let (last, first): (Vec<usize>, Vec<usize>) = (0..scope.templates.len()).partition(names_others);
    for start in first.into_iter().chain(last) {
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next {
            match progress[index] {
                Progress::Done => break,
                Progress::OnTheWay => {
                    report_cycle(scope, reader, &chain, index);
                    break;
                }
                Progress::Waiting => {}
            }
            progress[index] = Progress::OnTheWay;
            let base = base(scope, reader, index);
            next = if let Base::Declared(base) = &base { Some(*base) } else { None };
            chain.push((index, base));
        }
        while let Some((index, base)) = chain.pop() {
            progress[index] = Progress::Done;
            build_one(scope, reader, index, &base);
        }
    }
}

fn build_one(scope: &mut Scope<'_>, reader: &mut Reader<'_>, index: usize, base: &Base) {
    let declared = &scope.templates[index];
    let Some(kind) = declared.kind else { return };
    let (base, whole) = match base {
        Base::Nothing => (None, true),
        Base::System(template) => (Some((**template).clone()), true),
        Base::Declared(base) => {
            let built = scope.templates[*base].built.clone();
            let whole = built.is_some();
            (built, whole)
        }
        Base::Damaged => (None, false),
    };
    if !whole {
        // Its fields are still worth reading, but what it lacks may be what the base would have given.
        check_fields_only(scope, reader, index, kind);
        return;
    }
    let errors_before = reader.diagnostics.iter().count();
    let node = declared.node;
    let built = build(reader, scope, kind, node, base.as_ref());
    let failed = reader.diagnostics.iter().skip(errors_before).any(|problem| problem.code.id.starts_with('E'));
    scope.templates[index].built = built.filter(|_| !failed);
}

fn check_fields_only(scope: &Scope<'_>, reader: &mut Reader<'_>, index: usize, kind: TemplateKind) {
    let mut node = scope.templates[index].node.clone();
    node.fields.damaged = true;
    drop(build(reader, scope, kind, &node, None));
}

fn base(scope: &Scope<'_>, reader: &mut Reader<'_>, index: usize) -> Base {
    let declared = &scope.templates[index];
    let Some(value) = field(&declared.node.fields, "extends") else { return Base::Nothing };
    let Some(kind) = declared.kind else { return Base::Damaged };
    let by_name = match &value.kind {
        ValueKind::Word(name) | ValueKind::Text(name) => scope.declared_index(name),
        _ => id(value).and_then(|id| scope.declared_index_of_id(kind, id)),
    };
    match by_name {
        Some(base) if scope.templates[base].kind == Some(kind) => Base::Declared(base),
        _ => system_base(scope, reader, kind, value),
    }
}

fn system_base(scope: &Scope<'_>, reader: &mut Reader<'_>, kind: TemplateKind, value: &Value) -> Base {
    use super::scope::Found;
    let found = match &value.kind {
        ValueKind::Word(name) | ValueKind::Text(name) => scope.by_name(kind, name, value.span),
        _ => match id(value) {
            Some(id) => scope.by_id(kind, id).ok_or_else(|| scope.unknown_id(kind, id, value.span)),
            None => {
                reader.wrong_type::<()>(value, message!("the name or id of a template"));
                return Base::Damaged;
            }
        },
    };
    match found {
        Ok(Found::Template(template)) => Base::System(Box::new(template)),
        Ok(Found::Damaged(_)) => Base::Damaged,
        Err(problem) => {
            reader.diagnostics.push(problem);
            Base::Damaged
        }
    }
}

fn report_cycle(scope: &Scope<'_>, reader: &mut Reader<'_>, chain: &[(usize, Base)], again: usize) {
    let from = chain.iter().position(|(index, _)| *index == again).unwrap_or(0);
    let name = |index: usize| scope.templates[index].node.name.value.as_str();
    let circle: Vec<&str> = chain[from..].iter().map(|(index, _)| name(*index)).chain([name(again)]).collect();
    let node = scope.templates[again].node;
    let span = field(&node.fields, "extends").map_or(node.name.span, |value| value.span);
    let message = message!("templates extend each other in a circle: {}", circle.join(" → "));
    reader.diagnostics.push(Diagnostic::new(&codes::CYCLE, message).at(span, ""));
}
