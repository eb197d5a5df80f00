//! What is printed: results to stdout, everything for people to stderr. The only place that prints.

use crate::diag::{Diagnostic, Diagnostics, RenderOptions, Severity, render};
use crate::text::{SourceMap, printable};
use anstream::{AutoStream, ColorChoice};
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// Where words go, and how.
pub struct Out {
    colour: ColorChoice,
    quiet: bool,
}

impl Out {
    pub(super) fn new(colour: clap::ColorChoice, quiet: bool) -> Self {
        let colour = match colour {
            clap::ColorChoice::Auto => ColorChoice::Auto,
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
        };
        Out { colour, quiet }
    }

    /// A result. A reader that went away is no error.
    pub fn result(&self, text: &str) {
        let mut stdout = AutoStream::new(std::io::stdout(), self.colour).lock();
        let _ = stdout.write_all(printable(text).as_bytes()).and_then(|()| stdout.flush());
    }

    /// A text as it is, for files and programs; on a terminal as a result.
    pub fn exactly(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        if stdout.is_terminal() {
            drop(stdout);
            return self.result(text);
        }
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
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
        self.stderr(&render(&said, sources, RenderOptions { colour, width: terminal_width() }));
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

fn terminal_width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok();
    size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns >= 40).unwrap_or(100).min(120)
}
