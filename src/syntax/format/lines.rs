//! What stands on lines of its own: items, statements and fields; which of them are only copied; the order of clauses.

use super::tree::{Node, Tree};
use crate::syntax::grammar::Rule;
use std::ops::Range;

/// Something on a line of its own.
#[derive(Debug)]
pub struct Element<'n> {
    /// What was read; `None` for several things that share a line with a mistake.
    pub node: Option<&'n Node>,
    /// Its first token.
    pub first: usize,
    /// Its last token.
    pub last: usize,
    /// One past its last byte.
    pub end: usize,
    /// Whether it is copied as it is written.
    pub dirty: bool,
    /// The comma behind it; that of a copied one is a part of it.
    pub comma: Option<usize>,
}

/// The elements among some tokens. What stands on the line of a mistake is copied with it, because where a mistake ends
/// depends on what is beside it.
pub fn elements<'n>(tree: &Tree<'_>, nodes: &'n [Node], tokens: Range<usize>) -> Vec<Element<'n>> {
    let mut found: Vec<Element<'n>> = Vec::new();
    let mut next = tokens.start;
    for node in nodes {
        foreign(tree, next..node.first, &mut found);
        next = node.last + 1;
        if node.rule == Rule::comma {
            if let Some(mut before) = found.pop() {
                // A full-width comma is a mistake, and none that may be left out.
                before.dirty |= tree.tokens[node.first].mended;
                if before.dirty {
                    (before.last, before.end) = (node.first, tree.tokens[node.first].end);
                } else {
                    before.comma = Some(node.first);
                }
                push(tree, before, &mut found);
            }
            continue;
        }
        // A verb alone ends at its `;`: the next statement would be its template.
        let bare = node.rule == Rule::request && node.children.len() == 1;
        let fragile = bare && tree.tokens.get(next).is_some_and(|token| token.semicolon.is_some());
        let (first, last, dirty) = (node.first, node.last, node.dirty || fragile);
        push(
            tree,
            Element { node: Some(node), first, last, end: tree.tokens[last].end, dirty, comma: None },
            &mut found,
        );
    }
    foreign(tree, next..tokens.end, &mut found);
    found
}

/// Tokens that belong to nothing.
fn foreign(tree: &Tree<'_>, tokens: Range<usize>, found: &mut Vec<Element<'_>>) {
    for at in tokens {
        let end = tree.tokens[at].end;
        push(tree, Element { node: None, first: at, last: at, end, dirty: true, comma: None }, found);
    }
}

fn push<'n>(tree: &Tree<'_>, mut element: Element<'n>, found: &mut Vec<Element<'n>>) {
    if element.dirty {
        keep_semicolon(tree, &mut element);
    }
    while let Some(before) = found.pop_if(|before| shares_line(tree, before, &element)) {
        element.first = before.first;
        element.node = None;
        element.dirty = true;
        keep_semicolon(tree, &mut element);
    }
    found.push(element);
}

/// A `;` may be all that ends a mistake.
fn keep_semicolon(tree: &Tree<'_>, element: &mut Element<'_>) {
    if let Some(end) = tree.tokens.get(element.last + 1).and_then(|token| token.semicolon) {
        element.end = element.end.max(end);
    }
}

fn shares_line(tree: &Tree<'_>, before: &Element<'_>, element: &Element<'_>) -> bool {
    if !before.dirty && !element.dirty {
        return false;
    }
    let start = tree.tokens[element.first].start;
    let parted = tree.text[before.end.min(start)..start].contains('\n');
    !parted || element.dirty && tree.tokens[element.first].semicolon.is_some() && !before.dirty
}

/// The clauses of a request, in the usual order if they may move.
pub fn clauses(node: &Node, may_move: bool) -> Vec<&Node> {
    let mut clauses: Vec<&Node> = node.children[1..].iter().collect();
    let has = |rule| clauses.iter().any(|clause| clause.rule == rule);
    // Right behind a verb, overrides would be read as what is to be made.
    if may_move && !node.tainted && (has(Rule::values) || !has(Rule::overrides)) {
        clauses.sort_by_key(|clause| place(clause.rule));
    }
    clauses
}

fn place(rule: Rule) -> u8 {
    match rule {
        Rule::values => 0,
        Rule::overrides => 1,
        Rule::from => 2,
        Rule::to => 3,
        Rule::at => 4,
        Rule::using => 5,
        Rule::marks => 6,
        _ => 7,
    }
}
