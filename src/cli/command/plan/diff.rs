//! `plan --diff`: what differs between a plan and another one: of another procedure, another source, or an earlier version.

use super::Arguments;
use crate::cli::Global;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::saved::{self, SavedPlan};
use crate::cli::session::{self, Failure, Form, Media, Planned, Ready, Wanted};
use crate::diag::{Diagnostic, codes, message};
use crate::explain::{PlanDiff, PlanDigest, Shown};
use crate::limits::Limits;
use crate::optimizer::OptimizerOptions;
use crate::target::Target;
use std::path::Path;

/// The plan that is asked for, and all it was made with.
pub struct Later<'a> {
    /// What was asked for.
    pub wanted: &'a Wanted,
    /// The same for the source.
    pub ready: &'a Ready,
    /// The source.
    pub media: &'a Media,
    /// What encodes.
    pub target: &'a Target,
    /// The plan.
    pub planned: &'a Planned,
    /// How far it is optimised.
    pub options: &'a OptimizerOptions,
    /// What outputs may be at most.
    pub limits: &'a Limits,
}

/// Whether a comparison is asked for.
pub fn is_asked(arguments: &Arguments) -> bool {
    arguments.diff.is_some() || arguments.diff_input.is_some()
}

/// Shows what differs, and gives the exit code.
pub fn show(arguments: &Arguments, global: &Global, later: &Later, out: &Out, form: Form) -> Result<Exit, Failure> {
    let before = before(arguments, global, later, out, form)?;
    let after = digest(later.ready, later.media, later.planned);
    let diff = PlanDiff::of(&before, &after);
    match form {
        Form::People => out.result(&diff.text(arguments.detail)),
        Form::Json | Form::JsonLines => out.json(&diff.json()),
    }
    Ok(if arguments.exit_code && diff.differs() { Exit::WorkToDo } else { Exit::Done })
}

fn before(arguments: &Arguments, global: &Global, later: &Later, out: &Out, form: Form) -> Result<PlanDigest, Failure> {
    let kept = arguments.diff.as_deref().map(Path::new).filter(|file| saved::is_saved_plan(file));
    if let Some(file) = kept {
        if arguments.diff_input.is_some() {
            let note = message!("a saved plan has its own source");
            let help = message!("leave `--diff-input` out");
            return Err(Failure::plain(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)));
        }
        return Ok(SavedPlan::read(file)?.digest().clone());
    }
    let looked = match &arguments.diff_input {
        Some(input) => Some(session::look(global, input, out, form)?.1),
        None => None,
    };
    let media = looked.as_ref().unwrap_or(later.media);
    let other = match &arguments.diff {
        Some(what) => Some(arguments.subject.other(what, global)?),
        None => None,
    };
    let ready = other.as_ref().unwrap_or(later.wanted).for_source(&media.facts)?;
    let planned = session::plan(&ready, media, later.target, later.options, later.limits)?;
    Ok(digest(&ready, media, &planned))
}

fn digest(ready: &Ready, media: &Media, planned: &Planned) -> PlanDigest {
    PlanDigest::of(Shown {
        procedure: &ready.procedure.name,
        source: &media.facts,
        compilation: &planned.compilation,
        standing: None,
    })
}
