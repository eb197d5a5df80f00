//! The parser's pairs as a tree over a flat list of tokens, with the comments that stand between them.
//!
//! Every character of the text that is not blank and no `;` belongs to a token or a comment: what the formatter prints
//! by tokens it cannot lose. Mistakes make the nodes around them `dirty`; such nodes are copied, not laid out.

use crate::syntax::grammar::{self, Rule};
use crate::syntax::scan::{self, Dialect};
use crate::text::Source;
use pest::iterators::Pair;
use std::borrow::Cow;

/// A comment between two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// First byte.
    pub start: usize,
    /// One past the last byte that is not blank.
    pub end: usize,
    /// Ends of lines between it and whatever stands before it.
    pub newlines: usize,
    /// Whether it ends its line.
    pub to_line_end: bool,
}

/// The smallest thing that is moved as a whole.
#[derive(Debug, Clone)]
pub struct Token {
    /// What the grammar says it is; `None` for characters that the scanner mended away.
    pub rule: Option<Rule>,
    /// First byte.
    pub start: usize,
    /// One past the last byte that is not blank.
    pub end: usize,
    /// Comments before it that do not belong to the line of the token before.
    pub leading: Vec<Comment>,
    /// Comments behind it on its line.
    pub trailing: Vec<Comment>,
    /// Ends of lines between it and whatever stands before it.
    pub newlines: usize,
    /// Whether the grammar read something else than is written.
    pub mended: bool,
    /// The end of the last `;` between it and the token before.
    pub semicolon: Option<usize>,
}

/// A pair of the parser: a range of tokens.
#[derive(Debug)]
pub struct Node {
    /// Which.
    pub rule: Rule,
    /// Its first token.
    pub first: usize,
    /// Its last token.
    pub last: usize,
    /// Whether a part of it could not be read, or was read in another way than it is written.
    pub dirty: bool,
    /// Whether something in it is dirty, be it on a line of its own.
    pub tainted: bool,
    /// Its parts; a token has none.
    pub children: Vec<Node>,
}

/// A text that was read.
#[derive(Debug)]
pub struct Tree<'a> {
    /// As written.
    pub text: &'a str,
    /// In order; the last one is the empty end of the text.
    pub tokens: Vec<Token>,
    /// The items, and the end.
    pub items: Vec<Node>,
}

/// Reads a text; `None` when it must not or cannot be parsed.
pub fn read(source: &Source) -> Option<Tree<'_>> {
    let mended = scan::scan(source, Dialect::Vod).text?;
    let pairs = grammar::parse(Rule::file, &mended).ok()?;
    let mut grower = Grower { text: &source.text, mended: &mended, tokens: Vec::new(), end: 0 };
    let mut items = Vec::new();
    for pair in pairs.flat_map(Pair::into_inner).filter(|pair| !is_comment(pair.as_rule())) {
        items.push(grower.node(pair).node?);
    }
    let mut tokens = grower.tokens;
    pass_over_commas(&mut tokens);
    Some(Tree { text: &source.text, tokens, items })
}

fn is_comment(rule: Rule) -> bool {
    matches!(rule, Rule::line_comment | Rule::block_comment)
}

fn is_mistake(rule: Rule) -> bool {
    use Rule::{junk_field, junk_item, junk_statement, missing_close, missing_end};
    matches!(rule, junk_field | junk_item | junk_statement | missing_close | missing_end) || is_junk_text(rule)
}

/// A token that holds what could not be read, blanks and comments included.
pub fn is_junk_text(rule: Rule) -> bool {
    use Rule::{junk_arguments, junk_field_head, junk_head, junk_item_head, junk_list, junk_parameters};
    matches!(rule, junk_arguments | junk_field_head | junk_head | junk_item_head | junk_list | junk_parameters)
}

/// Tokens that stand directly behind what is before them, so that a comment before one belongs to that.
pub fn is_tight(rule: Option<Rule>) -> bool {
    use Rule::{close_angle, close_brace, close_bracket, close_paren, colon, comma, open_angle, optional};
    let tight = [close_angle, close_brace, close_bracket, close_paren, colon, comma, open_angle, optional];
    rule.is_some_and(|rule| tight.contains(&rule))
}

/// Whether a byte separates tokens.
fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\n' | '\r')
}

/// Comments on lines of their own before a comma go behind it, where the next element starts.
fn pass_over_commas(tokens: &mut [Token]) {
    for at in 1..tokens.len() {
        if tokens[at - 1].rule == Some(Rule::comma) && !tokens[at - 1].leading.is_empty() {
            let mut comments = std::mem::take(&mut tokens[at - 1].leading);
            comments.append(&mut tokens[at].leading);
            tokens[at].leading = comments;
        }
    }
}

/// What became of a pair.
struct Grown {
    /// `None` for what stands for nothing in the text.
    node: Option<Node>,
    dirty: bool,
    tainted: bool,
}

struct Grower<'a> {
    text: &'a str,
    mended: &'a str,
    tokens: Vec<Token>,
    /// The end of the last token.
    end: usize,
}

impl Grower<'_> {
    /// Pairs nest as deep as the text does, which the scan limits.
    fn node(&mut self, pair: Pair<'_, Rule>) -> Grown {
        let rule = pair.as_rule();
        let (start, end) = (pair.as_span().start(), pair.as_span().end());
        let mut dirty = is_mistake(rule);
        let in_lines = rule == Rule::block || rule == Rule::fields_block && self.is_broken(start, end);
        let mut tainted = dirty;
        let mut children = Vec::new();
        if rule != Rule::lua_long {
            for inner in pair.into_inner().filter(|inner| !is_comment(inner.as_rule())) {
                let inner_rule = inner.as_rule();
                let grown = self.node(inner);
                // Of what stands on lines of its own, each line is copied or not by itself.
                let is_line =
                    in_lines && !matches!(inner_rule, Rule::open_brace | Rule::close_brace | Rule::missing_close);
                dirty |= grown.dirty && !is_line;
                tainted |= grown.tainted;
                children.extend(grown.node);
            }
        }
        let (first, last) = match (children.first(), children.last()) {
            (Some(first), Some(last)) => (first.first, last.last),
            _ if start == end && rule != Rule::EOI => return Grown { node: None, dirty, tainted },
            _ => {
                let at = self.token(rule, start, end);
                (at, at)
            }
        };
        dirty |= if children.is_empty() {
            self.tokens[first].mended
        } else {
            // The parts know about themselves; what stands between them belongs to none, and is no part of the grammar.
            !in_lines && children.windows(2).any(|pair| pair[0].last + 1 < pair[1].first)
        };
        tainted |= dirty;
        Grown { node: Some(Node { rule, first, last, dirty, tainted, children }), dirty, tainted }
    }

    /// Whether a pair was written on several lines; the blanks behind it are no part of it.
    fn is_broken(&self, start: usize, end: usize) -> bool {
        let closing = self.mended[start..end].rfind('}').map_or(end, |closing| start + closing);
        self.text.as_bytes()[start..closing].contains(&b'\n')
    }

    /// Takes in a token and what stands before it.
    fn token(&mut self, rule: Rule, start: usize, end: usize) -> usize {
        let start = (0..=start).rfind(|at| self.text.is_char_boundary(*at)).unwrap_or(start).max(self.end);
        let end = self.widened(end).max(start);
        self.gap(rule, start);
        let text = self.text[start..end].trim_end_matches(is_blank);
        let last = self.tokens.len() - 1;
        self.tokens[last].start = start;
        self.tokens[last].mended = self.text.as_bytes()[start..end] != self.mended.as_bytes()[start..end];
        // The end of a line that the scanner took for a quote is still the end of a line.
        self.end = start + text.len();
        self.tokens[last].end = self.end;
        last
    }

    /// The end in the written text of what ends there in the mended one: a mended sign is shorter.
    fn widened(&self, end: usize) -> usize {
        let (written, read) = (self.text.as_bytes(), self.mended.as_bytes());
        let mut end = end;
        while end < written.len()
            && (!self.text.is_char_boundary(end) || written[end] != read[end] && read[end] == b' ')
        {
            end += 1;
        }
        end
    }

    /// Reads comments, `;` and foreign characters up to a place, and starts the token there.
    fn gap(&mut self, rule: Rule, until: usize) {
        let mut gap = Gap::default();
        let mut at = self.end;
        while let Some(sign) = self.text[at..until].chars().next() {
            let rest = &self.text[at..until];
            let start = at;
            at += match sign {
                '\n' => {
                    gap.newlines += 1;
                    1
                }
                sign if is_blank(sign) => 1,
                ';' => {
                    gap.semicolon = Some(at + 1);
                    gap.newlines = 0;
                    1
                }
                '/' if rest.starts_with("//") => gap.comment(at, rest.find('\n').unwrap_or(rest.len()), true, rest),
                '/' if rest.starts_with("/*") => {
                    let end = rest[2..].find("*/").map_or(rest.len(), |length| length + 4);
                    gap.comment(at, end, false, rest)
                }
                _ => {
                    let end = rest.find(|sign| is_blank(sign) || sign == ';' || sign == '/').unwrap_or(rest.len());
                    end.max(sign.len_utf8())
                }
            };
            if !is_blank(sign) && sign != ';' && gap.comments.last().is_none_or(|comment| comment.start != start) {
                let found = std::mem::take(&mut gap);
                self.open(None, found, start);
                let last = self.tokens.len() - 1;
                self.tokens[last].end = at;
            }
        }
        self.open(Some(rule), gap, until);
    }

    /// Starts a token behind a gap and deals out the gap's comments.
    fn open(&mut self, rule: Option<Rule>, gap: Gap, start: usize) {
        let Gap { mut comments, newlines, semicolon } = gap;
        let ends_line =
            |at: usize| comments[at].to_line_end || comments.get(at + 1).map_or(newlines, |next| next.newlines) > 0;
        let on_line = comments.iter().take_while(|comment| comment.newlines == 0).count();
        let at_end = rule == Some(Rule::EOI);
        // Behind the first end of a line nothing is on the line of the token before.
        let chain = (0..on_line).find(|at| ends_line(*at)).map(|at| at + 1);
        let mut trailing = chain.unwrap_or(if at_end { on_line } else { 0 });
        if trailing == 0 && is_tight(rule) && !(0..comments.len()).any(ends_line) {
            trailing = comments.len();
        }
        let leading = comments.split_off(trailing);
        let mut token = Token {
            rule,
            start,
            end: start,
            leading,
            trailing: Vec::new(),
            newlines,
            mended: rule.is_none(),
            semicolon,
        };
        match self.tokens.last_mut() {
            Some(before) => before.trailing = comments,
            // Nothing stands before the first token.
            None => token.leading.splice(0..0, comments).for_each(drop),
        }
        self.tokens.push(token);
    }
}

/// What stands between two tokens.
#[derive(Default)]
struct Gap {
    comments: Vec<Comment>,
    newlines: usize,
    semicolon: Option<usize>,
}

impl Gap {
    /// Takes in a comment; gives its length.
    fn comment(&mut self, start: usize, length: usize, to_line_end: bool, rest: &str) -> usize {
        let end = start + rest[..length].trim_end_matches(is_blank).len();
        self.comments.push(Comment { start, end, newlines: std::mem::take(&mut self.newlines), to_line_end });
        length
    }
}

impl<'a> Tree<'a> {
    /// The text of a token.
    pub fn token_text(&self, at: usize) -> &'a str {
        &self.text[self.tokens[at].start..self.tokens[at].end]
    }

    /// The text of a comment as it is printed.
    pub fn comment_text(&self, comment: &Comment) -> Cow<'a, str> {
        let written = &self.text[comment.start..comment.end];
        match written.strip_prefix("//") {
            Some(words)
                if comment.to_line_end && !words.is_empty() && !words.starts_with([' ', '\t', '/', '!', '-']) =>
            {
                format!("// {words}").into()
            }
            _ => written.into(),
        }
    }

    /// Whether a line ends behind a comment before a token.
    pub fn ends_line(&self, at: usize, comment: usize) -> bool {
        let token = &self.tokens[at];
        let newlines = token.leading.get(comment + 1).map_or(token.newlines, |next| next.newlines);
        token.leading[comment].to_line_end || newlines > 0
    }

    /// Whether a line ends between a token and the one before it.
    pub fn breaks_before(&self, at: usize) -> bool {
        at > 0 && self.text[self.tokens[at - 1].end..self.tokens[at].start].contains('\n')
    }

    /// Whether a line ends inside a range of tokens.
    pub fn is_broken(&self, first: usize, last: usize) -> bool {
        self.text[self.tokens[first].start..self.tokens[last].end].contains('\n')
    }

    /// Whether an empty line stands before a token or its comments.
    pub fn blank_before(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        token.leading.first().map_or(token.newlines, |comment| comment.newlines) > 1
    }
}
