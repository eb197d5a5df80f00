//! Exit codes: the one place that says which mistake gives which number (`design.md` 6).

use crate::diag::{Diagnostics, Severity, codes};
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done.
    Done,
    /// Some output failed.
    OutputFailed,
    /// `fmt --check`: a text is not in the usual layout.
    Differs,
    /// The arguments make no sense.
    Usage,
    /// The procedure has errors.
    Procedure,
    /// The source is unusable.
    Source,
    /// The machine lacks something.
    Machine,
    /// Refused, because something would be overwritten, or a saved plan is out of date.
    Refused,
    /// `plan --exit-code`: there is work to do, or with `--diff` a difference.
    WorkToDo,
    /// Stopped by Ctrl-C.
    Interrupted,
    /// Stopped by a request to terminate.
    Terminated,
    /// Its terminal went away.
    HungUp,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::OutputFailed | Exit::Differs => 1,
            Exit::Usage => 2,
            Exit::Procedure => 3,
            Exit::Source => 4,
            Exit::Machine => 5,
            Exit::Refused => 6,
            Exit::WorkToDo => 20,
            Exit::Interrupted => 130,
            Exit::HungUp => 129,
            Exit::Terminated => 143,
        }
    }

    /// The code for diagnostics: that of the first error, by its family.
    pub fn of(diagnostics: &Diagnostics) -> Exit {
        let first = diagnostics.iter().find(|diagnostic| diagnostic.severity() == Severity::Error);
        let Some(code) = first.map(|diagnostic| diagnostic.code) else { return Exit::Done };
        let is = |one: &'static crate::diag::Code| std::ptr::eq(code, one);
        if is(&codes::UNKNOWN_RULE) || is(&codes::INVALID_OPTION) {
            return Exit::Usage;
        }
        let refused = [&codes::OUTPUT_FOREIGN, &codes::OUTPUT_IS_SOURCE, &codes::OUTPUT_BUSY, &codes::PLAN_OUTDATED];
        if refused.into_iter().any(is) {
            return Exit::Refused;
        }
        // The picture of a mark belongs to the procedure, not to the source.
        if is(&codes::MARK_UNREADABLE) {
            return Exit::Procedure;
        }
        // As a diagnostic of the whole run it means that nothing was started.
        if is(&codes::NO_SPACE) {
            return Exit::Machine;
        }
        match code.id.get(1..3) {
            Some("04") => Exit::Source,
            Some("06") => Exit::Machine,
            Some("07") => Exit::OutputFailed,
            _ => Exit::Procedure,
        }
    }

    /// The code for what clap has to say.
    pub(super) fn from_clap(error: &clap::Error) -> Exit {
        if error.use_stderr() { Exit::Usage } else { Exit::Done }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
