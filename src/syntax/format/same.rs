//! Whether two texts say the same: the same tokens and the same comments in the same order, but for what may go.
//!
//! The clauses of a request may stand in any order, so the words of one request are compared as a heap.

use super::tree::{Comment, Node, Token, Tree, is_junk_text};
use crate::syntax::grammar::Rule;

/// Whether nothing was lost between two texts but blanks, `;` and optional commas.
pub fn says_the_same(one: &Tree<'_>, other: &Tree<'_>) -> bool {
    let (one, other) = (Words::of(one), Words::of(other));
    one.tokens == other.tokens && one.comments == other.comments
}

/// What a text says; within a request in alphabetical order.
struct Words<'a> {
    tokens: Vec<&'a str>,
    comments: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn of(tree: &Tree<'a>) -> Self {
        let mut marks = Marks { optional: vec![false; tree.tokens.len()], requests: Vec::new() };
        tree.items.iter().for_each(|item| marks.read(item));
        let mut words = Words { tokens: Vec::new(), comments: Vec::new() };
        let mut requests = marks.requests.iter().peekable();
        let mut started = (0, 0);
        for (at, token) in tree.tokens.iter().enumerate() {
            words.comments.extend(token.leading.iter().map(|comment| said(tree, comment)));
            if requests.peek().is_some_and(|request| request.0 == at) {
                started = (words.tokens.len(), words.comments.len());
            }
            if !marks.optional[at] {
                words.token(tree, token);
            }
            words.comments.extend(token.trailing.iter().map(|comment| said(tree, comment)));
            if requests.next_if(|request| request.1 == at).is_some() {
                words.tokens[started.0..].sort_unstable();
                words.comments[started.1..].sort_unstable();
            }
        }
        words
    }

    fn token(&mut self, tree: &Tree<'a>, token: &Token) {
        let text = &tree.text[token.start..token.end];
        if token.rule.is_some_and(is_junk_text) {
            self.tokens.extend(text.split_ascii_whitespace());
        } else if !text.is_empty() {
            self.tokens.push(text);
        }
    }
}

/// A comment without the blanks that the formatter may add or take.
fn said<'a>(tree: &Tree<'a>, comment: &Comment) -> &'a str {
    let text = &tree.text[comment.start..comment.end];
    text.strip_prefix("// ").or(text.strip_prefix("//").filter(|words| !words.starts_with('/'))).unwrap_or(text)
}

/// What must be known of the tokens.
struct Marks {
    /// Commas that may come and go.
    optional: Vec<bool>,
    /// First and last token of each request.
    requests: Vec<(usize, usize)>,
}

impl Marks {
    fn read(&mut self, node: &Node) {
        if node.rule == Rule::request {
            self.requests.push((node.first, node.last));
        }
        let between_fields = node.rule == Rule::fields_block;
        for (at, child) in node.children.iter().enumerate() {
            let last = node.children.get(at + 1).is_some_and(|next| is_closing(next.rule));
            if child.rule == Rule::comma && (between_fields || last) {
                self.optional[child.first] = true;
            }
            self.read(child);
        }
    }
}

fn is_closing(rule: Rule) -> bool {
    matches!(rule, Rule::close_paren | Rule::close_bracket | Rule::close_brace)
}
