//! The formatter: one layout for every text, comments and the author's grouping kept, mistakes left alone.
//!
//! Text → tree of tokens with comments (`tree`) → lines and what of them is only copied (`lines`) → pieces (`layout`) →
//! text (`print`). What is printed is read again and compared (`same`): nothing but blanks, `;` and optional commas may
//! be gone.

mod layout;
mod lines;
mod print;
mod same;
mod tree;

use crate::syntax::grammar::Rule;
use crate::text::{Source, SourceMap};
use layout::{Layout, Next};
use lines::Element;
use tree::Tree;

/// A text in the usual layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The text; as it was when nothing could be done.
    pub text: String,
    /// Whether it differs from what was given.
    pub changed: bool,
    /// What was done.
    pub outcome: Outcome,
}

/// How much of a text the formatter could lay out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All that could be read is laid out; mistakes were copied.
    Done,
    /// The text is too deep or too long to be parsed, and comes back as it was.
    Unreadable,
    /// The layout would have lost something, a mistake in vodflow; the text comes back as it was.
    Refused,
}

/// Lays out a `.vod` text; one in JSON comes back as it was.
pub fn format(source: &Source) -> Formatted {
    if super::json::is_json(source) {
        return Formatted { text: source.text.to_string(), changed: false, outcome: Outcome::Unreadable };
    }
    let mut unix = source.text.replace("\r\n", "\n");
    // What is not closed before the end of its line is not closed before the end of the text either.
    if !unix.ends_with('\n') {
        unix.push('\n');
    }
    let unix = SourceMap::default().add(source.name.as_str(), &unix);
    let unchanged = |outcome| Formatted { text: source.text.to_string(), changed: false, outcome };
    // A lone carriage return ends lines in some places only.
    let tree = if unix.text.contains('\r') { None } else { tree::read(&unix) };
    let Some(tree) = tree else { return unchanged(Outcome::Unreadable) };
    let text = file(&tree);
    if *text == *source.text {
        return unchanged(Outcome::Done);
    }
    let printed = SourceMap::default().add(source.name.as_str(), &text);
    let kept = tree::read(&printed).is_some_and(|again| same::says_the_same(&tree, &again));
    if kept { Formatted { text, changed: true, outcome: Outcome::Done } } else { unchanged(Outcome::Refused) }
}

/// An item as text.
struct Printed {
    /// Comments before it, with the ends of their lines.
    comments: String,
    body: String,
    kind: Kind,
}

/// Which items may stand together without an empty line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Import,
    Call,
    OneLineTemplate,
    /// Stays where it is.
    Mistake,
    Other,
}

fn file(tree: &Tree<'_>) -> String {
    let (end, items) = match tree.items.split_last() {
        Some((end, items)) => (end.first, items),
        None => return String::new(),
    };
    let elements = lines::elements(tree, items, 0..end);
    let mut copied = 0;
    let mut text = String::new();
    let mut before: Option<Kind> = None;
    for (at, element) in elements.iter().enumerate() {
        let next = if elements.get(at + 1).is_some_and(|next| next.dirty) { Next::Mistake } else { Next::Sound };
        let printed = item(tree, element, next, &mut copied);
        let blank = tree.blank_before(element.first);
        if let Some(before) = before {
            let inside = printed.comments.contains("\n\n");
            let may_touch = before == printed.kind && before != Kind::Other;
            let free = may_touch || before == Kind::Mistake || printed.kind == Kind::Mistake || inside;
            text.push_str(if blank || !free { "\n" } else { "" });
        }
        text.push_str(&printed.comments);
        text.push_str(&printed.body);
        text.push('\n');
        before = Some(printed.kind);
    }
    let mut layout = Layout::new(tree, copied);
    layout.leading(end);
    let rest = print::print(layout.take());
    if before.is_some() && !rest.is_empty() && tree.blank_before(end) {
        text.push('\n');
    }
    text.push_str(&rest);
    if !rest.is_empty() {
        text.push('\n');
    }
    text
}

/// Comments before an item are printed by themselves: whether the item has one line is asked of it alone.
fn item(tree: &Tree<'_>, element: &Element<'_>, next: Next, copied: &mut usize) -> Printed {
    let mut layout = Layout::new(tree, *copied);
    layout.comments_of_item(element.first);
    let mut comments = print::print(layout.take());
    if !comments.is_empty() {
        let token = &tree.tokens[element.first];
        let inline = token.leading.iter().find(|comment| comment.start >= layout.copied());
        let newlines = inline.map_or(token.newlines, |comment| comment.newlines);
        comments.push_str(if newlines > 1 { "\n\n" } else { "\n" });
    }
    layout.element(element, next);
    let body = print::print(layout.take());
    *copied = layout.copied();
    let kind = match element.node.map(|node| node.rule) {
        _ if element.dirty => Kind::Mistake,
        Some(Rule::import) => Kind::Import,
        Some(Rule::call | Rule::bare_call) => Kind::Call,
        Some(Rule::template) if !body.contains('\n') => Kind::OneLineTemplate,
        _ => Kind::Other,
    };
    Printed { comments, body, kind }
}
