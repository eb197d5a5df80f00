//! Prints a stream of pieces within a width: groups that do not fit on their line, or may not, are broken.

use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Columns of a line that are used when possible.
const WIDTH: usize = 100;
/// Columns of one level of indentation.
const INDENT: usize = 4;

/// A part of what is printed.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece<'a> {
    /// As it is.
    Text(Cow<'a, str>),
    /// One blank, unless a line ends there anyway.
    Space,
    /// In a broken group the end of a line, otherwise a blank or nothing.
    Line {
        /// What it is in a group on one line.
        flat: Flat,
        /// Whether an empty line follows.
        blank: bool,
    },
    /// The end of a line at the depth of the line before.
    Newline {
        /// Whether an empty line follows.
        blank: bool,
    },
    /// Starts a line of its own, in the middle of something if need be.
    Fresh,
    /// A comma, which may pass a comment that waits for the end of the line.
    Comma(When),
    /// A block comment before something.
    CommentBefore(Cow<'a, str>),
    /// A block comment behind something.
    Comment(Cow<'a, str>),
    /// A line comment behind something: it waits for the end of the line and makes it come.
    LineComment(Cow<'a, str>),
    /// Starts a group.
    Open {
        /// Whether it is broken even if it fits.
        broken: bool,
        /// Levels by which the lines of a broken one are indented.
        levels: usize,
    },
    /// Back to the depth outside of the group, for its closing sign.
    Outdent,
    /// Ends a group.
    Close,
}

/// What a possible end of a line is when it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flat {
    /// One blank.
    Space,
    /// Nothing.
    Nothing,
}

/// In which groups something is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In all.
    Always,
    /// In broken ones.
    Broken,
    /// In those on one line.
    Flat,
}

/// What comes before the next text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    Space,
    Newline { blank: bool },
}

struct Group {
    broken: bool,
    /// The depth outside.
    depth: usize,
}

struct Printer<'a> {
    out: String,
    column: usize,
    depth: usize,
    /// The depth of the line that is printed or about to start.
    level: usize,
    pending: Pending,
    waiting: Option<Cow<'a, str>>,
    groups: Vec<Group>,
}

/// Prints pieces; the text does not end with the end of a line.
pub fn print(pieces: Vec<Piece<'_>>) -> String {
    let mut printer = Printer {
        out: String::new(),
        column: 0,
        depth: 0,
        level: 0,
        pending: Pending::Nothing,
        waiting: None,
        groups: Vec::new(),
    };
    for at in 0..pieces.len() {
        printer.piece(&pieces, at);
    }
    printer.flush_comment();
    printer.out
}

impl<'a> Printer<'a> {
    fn piece(&mut self, pieces: &[Piece<'a>], at: usize) {
        match &pieces[at] {
            Piece::Text(text) => self.text(text),
            Piece::Space => self.space(),
            Piece::Line { flat, blank } => match (self.in_broken(), flat) {
                (true, _) => self.newline(*blank, self.depth),
                (false, Flat::Space) => self.space(),
                (false, Flat::Nothing) => {}
            },
            Piece::Newline { blank } => self.newline(*blank, self.level),
            Piece::Fresh => self.fresh(1),
            Piece::Comma(when) => {
                let broken = self.in_broken();
                if *when == When::Always || (*when == When::Broken) == broken {
                    self.comma();
                }
            }
            Piece::CommentBefore(text) => {
                self.space_before_comment();
                self.text(text);
            }
            Piece::Comment(text) => self.comment(text),
            Piece::LineComment(text) => match self.waiting {
                Some(_) => self.comment(text),
                None => self.waiting = Some(text.clone()),
            },
            Piece::Open { broken, levels } => {
                let broken = *broken || !self.fits(&pieces[at + 1..]);
                self.groups.push(Group { broken, depth: self.depth });
                self.depth += if broken { *levels } else { 0 };
            }
            Piece::Outdent => self.depth = self.groups.last().map_or(self.depth, |group| group.depth),
            Piece::Close => self.depth = self.groups.pop().map_or(self.depth, |group| group.depth),
        }
    }

    fn in_broken(&self) -> bool {
        self.groups.last().is_none_or(|group| group.broken)
    }

    fn space(&mut self) {
        if self.pending == Pending::Nothing {
            self.pending = Pending::Space;
        }
    }

    fn newline(&mut self, blank: bool, level: usize) {
        self.pending = Pending::Newline { blank };
        self.level = level;
    }

    fn fresh(&mut self, extra: usize) {
        if !matches!(self.pending, Pending::Newline { .. }) && !self.out.is_empty() {
            self.newline(false, self.depth + extra);
        }
    }

    fn comma(&mut self) {
        self.out.push(',');
        self.column += 1;
    }

    /// A second comment behind one that waits gets a line of its own.
    fn comment(&mut self, text: &str) {
        if self.waiting.is_some() {
            self.fresh(0);
            self.text(text);
            self.newline(false, self.level);
            return;
        }
        self.space_before_comment();
        self.text(text);
    }

    fn space_before_comment(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(['(', '[']) {
            self.space();
        }
    }

    fn flush_comment(&mut self) {
        if let Some(comment) = self.waiting.take() {
            self.out.push(' ');
            self.out.push_str(&comment);
        }
    }

    fn text(&mut self, text: &str) {
        if self.waiting.is_some() {
            self.fresh(1);
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => {}
            Pending::Space => {
                self.out.push(' ');
                self.column += 1;
            }
            Pending::Newline { blank } => {
                self.flush_comment();
                self.out.push_str(if blank { "\n\n" } else { "\n" });
                self.column = self.level * INDENT;
                self.out.extend(std::iter::repeat_n(' ', self.column));
            }
        }
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.width(),
            None => self.column += text.width(),
        }
    }

    /// Whether what follows fits on the line, up to the first end of a line that comes anyway.
    fn fits(&self, rest: &[Piece<'a>]) -> bool {
        let mut used = match self.pending {
            Pending::Nothing => self.column,
            Pending::Space => self.column + 1,
            Pending::Newline { .. } => self.level * INDENT,
        };
        let mut inner: Vec<bool> = vec![false];
        let mut spaced = false;
        for piece in rest {
            // Behind the group every possible end of a line is taken for one.
            let broken = inner.last().copied().unwrap_or(true);
            used += match piece {
                Piece::Text(text) | Piece::Comment(text) | Piece::CommentBefore(text) => match text.split_once('\n') {
                    Some((first, _)) => return used + first.width() <= WIDTH,
                    None => text.width(),
                },
                Piece::Line { .. } if broken => return used <= WIDTH,
                Piece::Space | Piece::Line { flat: Flat::Space, .. } => usize::from(!spaced),
                Piece::Comma(When::Always) => 1,
                Piece::Comma(when) => usize::from((*when == When::Broken) == broken),
                Piece::Newline { .. } | Piece::Fresh => return used <= WIDTH,
                Piece::Open { broken, .. } => {
                    inner.push(*broken || inner.is_empty());
                    0
                }
                Piece::Close => {
                    inner.pop();
                    0
                }
                Piece::Line { .. } | Piece::LineComment(_) | Piece::Outdent => 0,
            };
            spaced = match piece {
                Piece::Space | Piece::Line { flat: Flat::Space, .. } => true,
                Piece::Text(_) | Piece::Comment(_) | Piece::CommentBefore(_) | Piece::Comma(_) => false,
                _ => spaced,
            };
            if used > WIDTH {
                return false;
            }
        }
        true
    }
}
