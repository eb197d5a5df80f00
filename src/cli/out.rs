//! What is printed: results to stdout, everything for people to stderr. The only place that prints.

use crate::diag::{Diagnostic, Diagnostics, Language, Message, RenderOptions, Severity, render};
use crate::text::{SourceMap, printable};
use anstream::{AutoStream, ColorChoice};
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// Where words go, and how.
pub struct Out {
    colour: ColorChoice,
    quiet: bool,
    language: Language,
}

impl Out {
    pub(super) fn new(colour: clap::ColorChoice, quiet: bool, language: Language) -> Self {
        let colour = match colour {
            clap::ColorChoice::Auto => ColorChoice::Auto,
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
        };
        Out { colour, quiet, language }
    }

    /// What words are said in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A result. A reader that went away is no error.
    pub fn result(&self, text: &str) {
        let mut stdout = AutoStream::new(std::io::stdout(), self.colour).lock();
        let _ = stdout.write_all(printable(text).as_bytes()).and_then(|()| stdout.flush());
    }

    /// A result of words of our own, with colour escapes, which are left out where no colour is wanted.
    pub fn styled_result(&self, text: &str) {
        let mut stdout = AutoStream::new(std::io::stdout(), self.colour).lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Columns that a result may fill.
    pub fn result_width(&self) -> usize {
        width_of(std::io::stdout())
    }

    /// A text of the user's own, byte for byte; made harmless only where it is shown on a terminal.
    pub fn text(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let shown = if stdout.is_terminal() { printable(text) } else { text.to_owned() };
        let _ = stdout.write_all(shown.as_bytes()).and_then(|()| stdout.flush());
    }

    /// A result for a program, as it is.
    pub fn bytes(&self, bytes: &[u8]) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
    }

    /// A result as JSON, in one piece.
    pub fn json(&self, value: &Value) {
        self.result(&format!("{value:#}\n"));
    }

    /// A result as one line of JSON.
    pub fn json_line(&self, value: &Value) {
        self.result(&format!("{value}\n"));
    }

    /// A line for people.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.stderr(&format!("{}\n", printable(text)));
        }
    }

    /// A line for people, in their language.
    pub fn say(&self, message: &Message) {
        self.note(&message.text(self.language));
    }

    /// Diagnostics for people; only errors when people asked for quiet.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        let spoken = |diagnostic: &&Diagnostic| !self.quiet || diagnostic.severity() == Severity::Error;
        let said: Diagnostics = diagnostics.iter().filter(spoken).cloned().collect();
        if said.is_empty() {
            return;
        }
        let colour = AutoStream::choice(&std::io::stderr());
        let colour = match self.colour {
            ColorChoice::Auto => colour != ColorChoice::Never,
            forced => forced != ColorChoice::Never,
        };
        let options = RenderOptions { colour, width: width_of(std::io::stderr()), language: self.language };
        self.stderr(&render(&said, sources, options));
    }

    /// Whether bars may be drawn.
    pub fn draws_bars(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal() && std::env::var_os("CI").is_none()
    }

    fn stderr(&self, text: &str) {
        let mut stderr = AutoStream::new(std::io::stderr(), self.colour).lock();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

/// Columns of a terminal; 100 where there is none.
fn width_of(stream: impl rustix::fd::AsFd) -> usize {
    let size = rustix::termios::tcgetwinsize(stream).ok();
    size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns >= 40).unwrap_or(100).min(120)
}
