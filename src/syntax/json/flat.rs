//! Dotted keys as form fields have them (`transcode.definition.0`) to the object that they denote.

use super::value::{Kind, Member, Value};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::syntax::scan::MAXIMUM_DEPTH;
use crate::text::Span;
use std::collections::BTreeMap;

/// Whether a body is written with dotted keys.
pub fn is_flat(value: &Value) -> bool {
    value.members().iter().any(|member| member.name.contains('.'))
}

/// A tree of named parts, in the order first named.
enum Tree {
    Leaf(Value),
    Branch(Branch),
}

/// Parts by name, and where each of them is.
struct Branch {
    parts: Vec<(String, Span, Tree)>,
    places: BTreeMap<String, usize>,
    span: Span,
}

impl Branch {
    fn at(span: Span) -> Self {
        Branch { parts: Vec::new(), places: BTreeMap::new(), span }
    }

    fn push(&mut self, step: &str, name: Span, tree: Tree) {
        self.places.insert(step.to_owned(), self.parts.len());
        self.parts.push((step.to_owned(), name, tree));
    }
}

/// The object that dotted keys denote. Objects whose keys are numbers become lists.
pub fn nested(value: &Value) -> (Value, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let mut root = Tree::Branch(Branch::at(value.span));
    for member in value.members() {
        let steps: Vec<&str> = member.name.split('.').collect();
        let is_sound = steps.len() <= MAXIMUM_DEPTH && steps.iter().all(|step| !step.is_empty());
        if !is_sound || !insert(&mut root, &steps, member) {
            let message = message!("the key `{}` names no place beside the others", &member.name);
            diagnostics.push(Diagnostic::new(&codes::CONFLICTING_FIELDS, message).at(member.name_span, ""));
        }
    }
    (finished(root), diagnostics)
}

/// Puts a member at its place; not where something else stands already. The depth was bounded by the caller.
fn insert(tree: &mut Tree, steps: &[&str], member: &Member) -> bool {
    let (Tree::Branch(branch), Some((step, rest))) = (tree, steps.split_first()) else { return false };
    match (branch.places.get(*step).copied(), rest.is_empty()) {
        (Some(_), true) => false,
        (Some(at), false) => branch.parts.get_mut(at).is_some_and(|(_, _, part)| insert(part, rest, member)),
        (None, true) => {
            branch.push(step, member.name_span, Tree::Leaf(member.value.clone()));
            true
        }
        (None, false) => {
            let mut inner = Tree::Branch(Branch::at(member.name_span.to(member.value.span)));
            let placed = insert(&mut inner, rest, member);
            branch.push(step, member.name_span, inner);
            placed
        }
    }
}

fn finished(tree: Tree) -> Value {
    let (parts, span) = match tree {
        Tree::Leaf(value) => return value,
        Tree::Branch(branch) => (branch.parts, branch.span),
    };
    let index = |name: &str| name.parse::<usize>().ok();
    if !parts.is_empty() && parts.iter().all(|(name, ..)| index(name).is_some()) {
        let mut elements: Vec<(Option<usize>, Tree)> =
            parts.into_iter().map(|(name, _, tree)| (index(&name), tree)).collect();
        elements.sort_by_key(|(at, _)| *at);
        return Value { span, kind: Kind::Array(elements.into_iter().map(|(_, tree)| finished(tree)).collect()) };
    }
    let members = parts.into_iter().map(|(name, name_span, tree)| Member { name, name_span, value: finished(tree) });
    Value { span, kind: Kind::Object(members.collect()) }
}
