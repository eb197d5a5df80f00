//! From the tree to pieces: where blanks, ends of lines and commas stand.

use super::lines::{self, Element};
use super::print::{Flat, Piece, When};
use super::tree::{Comment, Node, Tree, is_tight};
use crate::syntax::grammar::Rule;

/// What follows a statement, which decides whether its clauses may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Something that was read, or the end of the block.
    Sound,
    /// A mistake, which must meet the same end of the statement as before.
    Mistake,
}

/// Lays out one item.
pub struct Layout<'a, 't> {
    tree: &'t Tree<'a>,
    pieces: Vec<Piece<'a>>,
    /// Comments before this byte are in the pieces already, as a part of something that was copied.
    copied: usize,
    /// The token whose comments behind it are about a whole statement, and come at its end.
    held: Option<usize>,
}

impl<'a, 't> Layout<'a, 't> {
    /// Lays out what stands behind `copied`.
    pub fn new(tree: &'t Tree<'a>, copied: usize) -> Self {
        Layout { tree, pieces: Vec::new(), copied, held: None }
    }

    /// What was laid out since the last call.
    pub fn take(&mut self) -> Vec<Piece<'a>> {
        std::mem::take(&mut self.pieces)
    }

    /// Up to which byte everything is printed.
    pub fn copied(&self) -> usize {
        self.copied
    }

    /// An item, a statement or a field.
    pub fn element(&mut self, element: &Element<'_>, next: Next) {
        match element.node {
            Some(node) if !element.dirty => self.statement(node, next),
            _ => {
                self.leading(element.first);
                let start = self.tree.tokens[element.first].start;
                self.text(&self.tree.text[start..element.end]);
                self.copied = self.copied.max(element.end);
                self.trailing(element.last);
            }
        }
    }

    fn statement(&mut self, node: &Node, next: Next) {
        if node.rule == Rule::request { self.request(node, next) } else { self.node(node) }
    }

    fn node(&mut self, node: &Node) {
        match node.rule {
            _ if node.children.is_empty() => self.token(node.first),
            Rule::list | Rule::arguments | Rule::parameters | Rule::mark_arguments => self.list(node),
            Rule::lua_table => self.lua_table(node),
            Rule::fields_block => self.record(node),
            Rule::block => self.block(node),
            Rule::values => self.values(&node.children, 1),
            Rule::value => self.expression(node),
            Rule::name | Rule::bare_call | Rule::call | Rule::mark | Rule::r#type | Rule::inner_type | Rule::group => {
                node.children.iter().for_each(|child| self.node(child));
            }
            _ => self.spaced(node),
        }
    }

    /// Words with a blank between them.
    fn spaced(&mut self, node: &Node) {
        for (at, child) in node.children.iter().enumerate() {
            match child.rule {
                _ if at == 0 => {}
                Rule::colon | Rule::parameters | Rule::arguments => {}
                // A comment behind the block before it would push the word aside.
                Rule::else_when | Rule::else_block if self.has_comment_before(child.first) => {
                    self.pieces.push(Piece::Newline { blank: false });
                }
                _ => self.pieces.push(Piece::Space),
            }
            self.node(child);
        }
    }

    fn has_comment_before(&self, at: usize) -> bool {
        let before = self.tree.tokens[at - 1].trailing.iter().any(|comment| comment.to_line_end);
        before || self.tree.tokens[at].leading.iter().any(|comment| comment.to_line_end)
    }

    // ── tokens and comments ──

    fn text(&mut self, text: &'a str) {
        self.pieces.push(Piece::Text(text.into()));
    }

    fn token(&mut self, at: usize) {
        self.leading(at);
        self.text(self.tree.token_text(at));
        self.trailing(at);
    }

    /// Comments before a token: those on lines of their own, then those on its line.
    pub fn leading(&mut self, at: usize) {
        let own = self.own_lines(at);
        let tree = self.tree;
        for comment in tree.tokens[at].leading.iter().filter(|comment| comment.start >= self.copied.max(own)) {
            self.pieces.push(Piece::CommentBefore(tree.comment_text(comment)));
            self.pieces.push(Piece::Space);
        }
    }

    /// The comments on lines of their own before an item, by themselves.
    pub fn comments_of_item(&mut self, at: usize) {
        self.copied = self.own_lines(at);
    }

    /// Comments before a token up to the last one that ends its line; gives where that one ends.
    fn own_lines(&mut self, at: usize) -> usize {
        let tree = self.tree;
        let token = &tree.tokens[at];
        let comments: Vec<_> = token.leading.iter().filter(|comment| comment.start >= self.copied).collect();
        let newlines = |at: usize| comments.get(at + 1).map_or(token.newlines, |next| next.newlines);
        let ends = |at: usize| comments[at].to_line_end || newlines(at) > 0;
        let Some(last) = (0..comments.len()).rfind(|at| ends(*at)) else { return self.copied };
        self.pieces.push(Piece::Fresh);
        for (at, comment) in comments[..=last].iter().enumerate() {
            self.pieces.push(Piece::Text(tree.comment_text(comment)));
            self.pieces.push(if ends(at) { Piece::Newline { blank: newlines(at) > 1 } } else { Piece::Space });
        }
        comments[last].end
    }

    fn trailing(&mut self, at: usize) {
        if self.held == Some(at) {
            return;
        }
        let tree = self.tree;
        for comment in tree.tokens[at].trailing.iter().filter(|comment| comment.start >= self.copied) {
            let text = tree.comment_text(comment);
            if comment.to_line_end {
                self.pieces.push(Piece::LineComment(text));
                continue;
            }
            self.pieces.push(Piece::Comment(text));
            if !is_tight(tree.tokens[at + 1].rule) {
                self.pieces.push(Piece::Space);
            }
        }
    }

    /// A comma and, whether it is printed or not, the comments at it.
    fn comma(&mut self, at: Option<usize>, when: When) {
        self.pieces.push(Piece::Comma(when));
        if let Some(at) = at {
            self.trailing(at);
        }
    }

    // ── brackets ──

    fn open(&mut self, broken: bool, levels: usize) {
        self.pieces.push(Piece::Open { broken, levels });
    }

    fn line(&mut self, flat: Flat, blank: bool) {
        self.pieces.push(Piece::Line { flat, blank });
    }

    /// The closing sign, behind the comments before it.
    fn close(&mut self, at: usize, flat: Flat) {
        let tree = self.tree;
        let comments = tree.tokens[at].leading.iter().filter(|comment| comment.start >= self.copied);
        for comment in comments {
            self.pieces.push(Piece::Line { flat, blank: comment.newlines > 1 });
            self.pieces.push(Piece::Text(tree.comment_text(comment)));
        }
        self.pieces.push(Piece::Outdent);
        self.line(flat, false);
        self.text(tree.token_text(at));
        self.pieces.push(Piece::Close);
        self.trailing(at);
    }

    /// Whether nothing at all stands between two brackets.
    fn is_empty(&self, node: &Node) -> bool {
        let (open, close) = (&self.tree.tokens[node.first], &self.tree.tokens[node.last]);
        node.first + 1 == node.last && open.trailing.is_empty() && close.leading.is_empty()
    }

    fn nothing(&mut self, node: &Node) {
        self.token(node.first);
        self.token(node.last);
    }

    /// Elements between brackets with commas between them, on one line or one a line.
    fn list(&mut self, node: &Node) {
        if self.is_empty(node) {
            return self.nothing(node);
        }
        let mut inner = node.children[1..node.children.len() - 1].iter().peekable();
        self.open(self.tree.is_broken(node.first, node.last), 1);
        self.token(node.first);
        let mut flat = Flat::Nothing;
        while let Some(child) = inner.next() {
            self.line(flat, flat == Flat::Space && self.tree.blank_before(child.first));
            self.node(child);
            let comma = inner.next_if(|next| next.rule == Rule::comma).map(|comma| comma.first);
            self.comma(comma, if inner.peek().is_some() { When::Always } else { When::Broken });
            flat = Flat::Space;
        }
        self.close(node.last, Flat::Nothing);
    }

    /// Tables with signs that mean something else when they stand closer are copied.
    fn lua_table(&mut self, node: &Node) {
        if self.is_plain(node) {
            self.list(node);
        } else {
            self.leading(node.first);
            self.text(&self.tree.text[self.tree.tokens[node.first].start..self.tree.tokens[node.last].end]);
            self.copied = self.copied.max(self.tree.tokens[node.last].end);
            self.trailing(node.last);
        }
    }

    fn is_plain(&self, node: &Node) -> bool {
        let special = matches!(node.rule, Rule::lua_brackets | Rule::lua_long);
        let separated = self.tree.tokens[node.first + 1..=node.last].iter().any(|token| token.semicolon.is_some());
        !special && !separated && node.children.iter().all(|child| self.is_plain(child))
    }

    /// Fields, with commas between them when they stand on one line.
    fn record(&mut self, node: &Node) {
        if self.is_empty(node) {
            return self.nothing(node);
        }
        let elements =
            lines::elements(self.tree, &node.children[1..node.children.len() - 1], node.first + 1..node.last);
        self.open(self.tree.is_broken(node.first, node.last), 1);
        self.token(node.first);
        for (at, element) in elements.iter().enumerate() {
            self.line(Flat::Space, at > 0 && self.tree.blank_before(element.first));
            self.element(element, Next::Sound);
            let when = match elements.get(at + 1) {
                // Without its comma the field would go on: `a: x, and: y`.
                Some(next) if element.comma.is_some() && self.needs_comma(next) => When::Always,
                Some(_) if element.dirty => continue,
                Some(_) => When::Flat,
                None => {
                    element.comma.into_iter().for_each(|comma| self.trailing(comma));
                    continue;
                }
            };
            self.comma(element.comma, when);
        }
        self.close(node.last, Flat::Space);
    }

    fn needs_comma(&self, next: &Element<'_>) -> bool {
        next.dirty || matches!(self.tree.token_text(next.first), "and" | "or")
    }

    /// Statements, one a line.
    fn block(&mut self, node: &Node) {
        if self.is_empty(node) {
            return self.nothing(node);
        }
        let elements =
            lines::elements(self.tree, &node.children[1..node.children.len() - 1], node.first + 1..node.last);
        self.open(!elements.is_empty() || self.tree.is_broken(node.first, node.last), 1);
        self.token(node.first);
        for (at, element) in elements.iter().enumerate() {
            self.line(Flat::Space, at > 0 && self.tree.blank_before(element.first));
            let next = if elements.get(at + 1).is_some_and(|next| next.dirty) { Next::Mistake } else { Next::Sound };
            self.element(element, next);
        }
        self.close(node.last, Flat::Space);
    }

    // ── requests and values ──

    /// The verb, its templates and overrides, then the clauses in their usual order, on one line or one a line.
    fn request(&mut self, node: &Node, next: Next) {
        let clauses = lines::clauses(node, next == Next::Sound);
        let written_broken = node.children[1..]
            .iter()
            .any(|child| !matches!(child.rule, Rule::values | Rule::overrides) && self.tree.breaks_before(child.first));
        // On one line, a comment at its end is about the whole statement.
        self.held = (!written_broken).then_some(node.last);
        self.token(node.first);
        let mut rest = clauses.as_slice();
        let mut before = node.first;
        while let Some((clause, others)) = rest.split_first() {
            if rest.len() < clauses.len() && clause.rule != Rule::overrides {
                break;
            }
            self.pieces.push(Piece::Space);
            self.clause(clause, 2);
            before = clause.last;
            rest = others;
        }
        let mut ends = std::iter::once(before).chain(rest.iter().map(|clause| clause.last));
        let parted = rest.iter().any(|clause| ends.next().is_some_and(|end| self.comments_part(end, clause.first)));
        self.open((written_broken || parted) && !rest.is_empty(), 1);
        for clause in rest {
            self.line(Flat::Space, false);
            self.clause(clause, 1);
        }
        self.pieces.push(Piece::Close);
        if self.held.take().is_some() {
            self.trailing(node.last);
        }
    }

    /// Whether comments will end the line between two tokens that come to stand behind each other.
    fn comments_part(&self, before: usize, behind: usize) -> bool {
        let is_long = |comment: &Comment| self.tree.comment_text(comment).contains('\n');
        let (before, behind_token) = (&self.tree.tokens[before], &self.tree.tokens[behind]);
        let held = self.held.is_some_and(|held| std::ptr::eq(&self.tree.tokens[held], before));
        let trails = !held && before.trailing.iter().any(|comment| comment.to_line_end || is_long(comment));
        let mut leads = behind_token.leading.iter().enumerate();
        trails || leads.any(|(at, comment)| is_long(comment) || self.tree.ends_line(behind, at))
    }

    fn clause(&mut self, node: &Node, levels: usize) {
        match node.rule {
            Rule::values => self.values(&node.children, levels),
            Rule::overrides => self.node(&node.children[0]),
            _ => {
                self.token(node.first);
                self.pieces.push(Piece::Space);
                let values = match &node.children[1..] {
                    [only] if only.rule == Rule::values => &only.children,
                    several => several,
                };
                self.values(values, levels);
            }
        }
    }

    /// Values with commas between them and no brackets around them.
    fn values(&mut self, nodes: &[Node], levels: usize) {
        let written_broken = nodes.iter().skip(1).any(|node| self.tree.breaks_before(node.first));
        self.open(written_broken, levels);
        for (at, node) in nodes.iter().enumerate() {
            if node.rule == Rule::comma {
                self.comma(Some(node.first), When::Always);
                continue;
            }
            if at > 0 {
                self.line(Flat::Space, false);
            }
            self.node(node);
        }
        self.pieces.push(Piece::Close);
    }

    /// Operands and operators; a line ends before the operators that bind loosest.
    fn expression(&mut self, node: &Node) {
        let Some(loosest) = node.children.iter().filter_map(|child| binding(child.rule)).min() else {
            for (at, child) in node.children.iter().enumerate() {
                if at > 0 {
                    self.pieces.push(Piece::Space);
                }
                self.node(child);
            }
            return;
        };
        let mut pairs = node.children.windows(2);
        let written_broken = pairs.any(|pair| {
            let joins = binding(pair[0].rule).is_some() || binding(pair[1].rule).is_some();
            joins && self.tree.breaks_before(pair[1].first)
        });
        self.open(written_broken, 1);
        for (at, child) in node.children.iter().enumerate() {
            match binding(child.rule) {
                _ if at == 0 => {}
                Some(strength) if strength == loosest => self.line(Flat::Space, false),
                _ => self.pieces.push(Piece::Space),
            }
            self.node(child);
        }
        self.pieces.push(Piece::Close);
    }
}

/// How tight an operator binds; `None` for what is none.
fn binding(rule: Rule) -> Option<u8> {
    Some(match rule {
        Rule::k_or => 0,
        Rule::k_and => 1,
        Rule::equal | Rule::unequal | Rule::less | Rule::no_more | Rule::more | Rule::at_least => 2,
        Rule::add | Rule::subtract => 3,
        Rule::multiply | Rule::divide => 4,
        _ => return None,
    })
}
