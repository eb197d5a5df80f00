//! Dotted keys as form fields have them (`transcode.definition.0`) to the object that they denote.

use super::value::{Kind, Member, Value};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::syntax::scan::MAXIMUM_DEPTH;
use crate::text::Span;

/// Whether a body is written with dotted keys.
pub fn is_flat(value: &Value) -> bool {
    value.members().iter().any(|member| member.name.contains('.'))
}

/// A tree of named parts, in the order first named.
enum Tree {
    Leaf(Value),
    Branch(Vec<(String, Span, Tree)>, Span),
}

/// The object that dotted keys denote. Objects whose keys are numbers become lists.
pub fn nested(value: &Value) -> (Value, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let mut root = Tree::Branch(Vec::new(), value.span);
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
    let (Tree::Branch(parts, _), Some((step, rest))) = (tree, steps.split_first()) else { return false };
    let known = parts.iter().position(|(name, ..)| name == step);
    match (known, rest.is_empty()) {
        (Some(_), true) => false,
        (Some(at), false) => insert(&mut parts[at].2, rest, member),
        (None, true) => {
            parts.push(((*step).to_owned(), member.name_span, Tree::Leaf(member.value.clone())));
            true
        }
        (None, false) => {
            let span = member.name_span.to(member.value.span);
            let mut branch = Tree::Branch(Vec::new(), span);
            let placed = insert(&mut branch, rest, member);
            parts.push(((*step).to_owned(), member.name_span, branch));
            placed
        }
    }
}

fn finished(tree: Tree) -> Value {
    let (parts, span) = match tree {
        Tree::Leaf(value) => return value,
        Tree::Branch(parts, span) => (parts, span),
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
