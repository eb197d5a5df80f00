//! What `plan` and `run` do first: check the procedure, look at the source and the machine, compile.

use super::exit::Exit;
use super::fetching::{self, Local};
use super::flows::Flows;
use super::marks;
use super::out::Out;
use super::saved::SavedWorld;
use super::what::{self, Asked, What, Written};
use super::{Global, SandboxChoice};
use crate::calibration::{Kept as Prices, Memory};
use crate::cost::Machine;
use crate::diag::{Code, Diagnostic, Diagnostics, Findings, codes, message, to_json};
use crate::driver::{
    Checked, Compilation, CompileError, Compiler, DECISIONS, Entry, KeyService, LowerInput, Script, compile,
    compile_preview,
};
use crate::fetch::Kept;
use crate::hir::{Defaults, Procedure};
use crate::limits::Limits;
use crate::media::{ContentHash, SourceFacts};
use crate::optimizer::{OptLevel, OptimizerOptions};
use crate::probe::{self, MarkMaterial, Sandbox, SourceStamp, Tools};
use crate::process::Layers;
use crate::target::Target;
use crate::text::SourceMap;
use crate::units::TimePoint;
use crate::world::World;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why a command cannot go on.
pub struct Failure {
    /// What is to be said.
    pub diagnostics: Diagnostics,
    /// What it points into.
    pub sources: SourceMap,
}

impl Failure {
    /// A failure that points nowhere.
    pub fn plain(diagnostic: Diagnostic) -> Self {
        Failure { diagnostics: diagnostic.into(), sources: SourceMap::default() }
    }

    /// The same, borrowed.
    pub fn findings(&self) -> Findings<'_> {
        Findings { diagnostics: &self.diagnostics, sources: &self.sources }
    }

    /// Says it, to people or to programs, and gives the exit code.
    pub fn report(&self, out: &Out, form: Form) -> Exit {
        match form {
            Form::Json => out.json(&to_json(&[self.findings()], out.language())),
            Form::JsonLines => out.json_line(&to_json(&[self.findings()], out.language())),
            Form::People => out.diagnostics(&self.diagnostics, &self.sources),
        }
        Exit::of(&self.diagnostics)
    }
}

/// For whom results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    People,
    /// For programs, one document.
    Json,
    /// For programs, one document a line.
    JsonLines,
}

/// A procedure that is ready to be planned.
#[derive(Clone)]
pub struct Ready {
    /// All texts.
    pub sources: SourceMap,
    /// The procedure.
    pub procedure: Procedure,
    /// Warnings so far.
    pub warnings: Diagnostics,
    defaults: Defaults,
    /// Where players find keys.
    pub keys: KeyService,
}

/// A procedure that was asked for; a script is only ready when the source is known.
pub struct Wanted {
    compiler: Compiler,
    keys: KeyService,
    written: Written,
    kind: WantedKind,
}

enum WantedKind {
    Ready(Box<Ready>),
    Script(Script, Box<dyn World>),
}

impl Wanted {
    /// Reads a procedure and checks it, as far as that needs no source; errors are the failure.
    pub fn read(what: &str, flows: &Flows, keys: KeyService) -> Result<Wanted, Failure> {
        let compiler = Compiler::new();
        let (kind, written) = match what::ask(&compiler, &What::read(what), flows).map_err(Failure::plain)? {
            Asked::Checked(checked, written) => {
                (WantedKind::Ready(Box::new(ready(&compiler, checked, &keys)?)), written)
            }
            Asked::Script(script, world) => {
                let (name, flow, call) = (script.name.clone(), script.flow.clone(), script.call.clone());
                (WantedKind::Script(script, Box::new(world)), Written::Script { name, flow, call })
            }
        };
        Ok(Wanted { compiler, keys, written, kind })
    }

    /// The same from texts that were kept; the failure is none where the main text is not among them.
    pub fn of_texts(written: Written, world: SavedWorld, keys: KeyService) -> Result<Wanted, Option<Failure>> {
        let compiler = Compiler::new();
        let text = |name: &str| world.text(name).map(str::to_owned).ok_or(None);
        let checked = match &written {
            Written::Script { name, flow, call } => {
                let text = text(name)?;
                let script = Script { name: name.clone(), text, flow: flow.clone(), call: call.clone() };
                let kind = WantedKind::Script(script, Box::new(world));
                return Ok(Wanted { compiler, keys, written, kind });
            }
            Written::Call { call } => compiler.check_call(call),
            Written::Text { name, call } => {
                let entry = call.clone().map_or(Entry::Main, Entry::Call);
                compiler.check_file(name, &text(name)?, entry, &world)
            }
        };
        let kind = WantedKind::Ready(Box::new(ready(&compiler, checked, &keys)?));
        Ok(Wanted { compiler, keys, written, kind })
    }

    /// What was asked for.
    pub fn written(&self) -> &Written {
        &self.written
    }

    /// The texts that the procedure was read from, but for the system's own and those of the command line.
    pub fn own_texts<'r>(&self, ready: &'r Ready) -> impl Iterator<Item = (String, &'r str)> {
        let system = self.compiler.sources().iter().count();
        let script = match &self.kind {
            WantedKind::Script(..) => Some(self.written.main().to_owned()),
            WantedKind::Ready(_) => None,
        };
        let own = ready.sources.iter().skip(system).filter(move |source| {
            let imported = script.as_ref().is_none_or(|main| *main == source.name || source.name.ends_with(".vod"));
            imported && source.name != "<call>"
        });
        own.map(|source| (source.name.clone(), &*source.text))
    }

    /// The procedure, unless it wants to know the source.
    pub fn without_source(&self) -> Option<&Ready> {
        match &self.kind {
            WantedKind::Ready(ready) => Some(ready),
            WantedKind::Script(..) => None,
        }
    }

    /// The procedure for a source; a script is run. Errors are the failure.
    pub fn for_source(&self, facts: &SourceFacts) -> Result<Ready, Failure> {
        match &self.kind {
            WantedKind::Ready(procedure) => Ok((**procedure).clone()),
            WantedKind::Script(script, world) => {
                ready(&self.compiler, self.compiler.check_script(script, facts, &**world), &self.keys)
            }
        }
    }
}

/// What was checked, if it has no errors; warnings are kept.
fn ready(compiler: &Compiler, checked: Checked, keys: &KeyService) -> Result<Ready, Failure> {
    let Checked { sources, procedure, diagnostics, .. } = checked;
    match procedure {
        Some(procedure) if !diagnostics.has_errors() => {
            let (defaults, keys) = (compiler.defaults(), keys.clone());
            Ok(Ready { sources, procedure, warnings: diagnostics, defaults, keys })
        }
        _ => Err(Failure { diagnostics, sources }),
    }
}

/// A source that was looked at.
pub struct Media {
    /// Where it is.
    pub path: PathBuf,
    /// How the file looked before it was read.
    pub stamp: SourceStamp,
    /// What is in it.
    pub facts: SourceFacts,
    /// While it lives, a file that was fetched stays.
    kept: Option<Kept>,
}

impl Media {
    /// Whether it was given by its address.
    pub fn is_fetched(&self) -> bool {
        self.kept.is_some()
    }
}

/// The programs, in the sandbox that the flags ask for.
pub fn tools(global: &Global) -> Result<Tools, Failure> {
    let found = Tools::find(global.ffmpeg.as_deref(), std::env::var_os("PATH").as_deref()).map_err(Failure::plain)?;
    if global.sandbox == SandboxChoice::Require {
        lacking(&codes::SANDBOX_MISSING).map_or(Ok(()), |problem| {
            let help = message!("`vodflow doctor` says what the kernel has; without `--sandbox require` it goes on");
            Err(Failure::plain(problem.with_help(help)))
        })?;
    }
    let sandbox = if global.sandbox == SandboxChoice::Off { Sandbox::Off } else { Sandbox::On };
    Ok(Tools { sandbox, ..found })
}

/// What is to be said when processes run in less of a sandbox than there could be.
pub fn sandbox_warning(global: &Global) -> Option<Diagnostic> {
    let help = message!("`vodflow doctor` says what the kernel has; `--sandbox off` says that none is wanted");
    let wanted = global.sandbox == SandboxChoice::Auto;
    wanted.then(|| lacking(&codes::SANDBOX_PARTIAL)).flatten().map(|problem| problem.with_help(help))
}

/// The parts of the sandbox that the kernel lacks, under a code.
fn lacking(code: &'static Code) -> Option<Diagnostic> {
    let missing = Layers::of_kernel().missing();
    let parts = message!("this kernel lacks a part of the sandbox: {}", missing.join(", "));
    (!missing.is_empty()).then(|| Diagnostic::new(code, parts))
}

/// The limits that the flags give.
pub fn limits(global: &Global) -> Result<Limits, Failure> {
    limits_with(global, &[])
}

/// The same after others that were given earlier.
pub fn limits_with(global: &Global, earlier: &[String]) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    for text in earlier.iter().chain(&global.limits) {
        limits.set(text).map_err(Failure::plain)?;
    }
    Ok(limits)
}

/// Looks at a source, which is fetched if it is given by its address. A missing file is said before a missing program:
/// it is the nearer mistake. A missing program is said before anything is fetched.
pub fn media(global: &Global, input: &Path, out: &Out, form: Form) -> Result<(Tools, Media), Failure> {
    if fetching::address(input).is_none() {
        SourceStamp::of(input).map_err(Failure::plain)?;
    }
    let (tools, limits) = (tools(global)?, limits(global)?);
    let Local { path, address, kept } = fetching::local(global, &limits, input, out, form)?;
    // What is said about a file of ours is said about its address.
    let name = |problem: Diagnostic| match &address {
        Some(address) => Diagnostic { message: problem.message.renamed(&path.to_string_lossy(), address), ..problem },
        None => problem,
    };
    let stamp = SourceStamp::of(&path).map_err(|problem| Failure::plain(name(problem)))?;
    let facts = probe::remembered_source(&tools, &path, &limits, cache_folder().as_deref());
    let facts = facts.map_err(|problem| Failure::plain(name(problem)))?;
    Ok((tools, Media { path, stamp, facts, kept }))
}

/// A source that is only assumed. Nothing of it is read, so nothing of it can be run.
pub fn assumed(facts: SourceFacts) -> Media {
    Media { path: PathBuf::new(), stamp: SourceStamp::default(), facts, kept: None }
}

/// Looks at a source and at the machine.
pub fn look(global: &Global, input: &Path, out: &Out, form: Form) -> Result<(Tools, Media, Target), Failure> {
    let (tools, media) = media(global, input, out, form)?;
    let target = target(&tools)?;
    Ok((tools, media, target))
}

/// What the installed ffmpeg can do, remembered between runs.
pub fn target(tools: &Tools) -> Result<Target, Failure> {
    probe::target(tools, cache_folder().as_deref()).map_err(Failure::plain)
}

/// The XDG cache folder.
pub(super) fn cache_folder() -> Option<PathBuf> {
    let given = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    given
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .map(|cache| cache.join("vodflow"))
}

/// Where prices of this machine are kept: the file of `VODFLOW_MACHINE`, nowhere when that is empty, else in the cache.
pub fn memory(target: &Target) -> Memory {
    let place = match std::env::var_os("VODFLOW_MACHINE") {
        Some(named) => Some(PathBuf::from(named)).filter(|path| !path.as_os_str().is_empty()),
        None => cache_folder().map(|folder| folder.join("machine.json")),
    };
    Memory::new(place, &target.version)
}

/// What plans are priced by.
pub fn machine(target: &Target) -> Prices {
    memory(target).recall(u32::try_from(crate::exec::cores()).unwrap_or(u32::MAX))
}

/// A procedure compiled for a source.
pub struct Planned {
    /// All stages.
    pub compilation: Compilation,
    /// Warnings of all stages.
    pub warnings: Diagnostics,
    /// What marks are made from.
    pub marks: BTreeMap<ContentHash, MarkMaterial>,
}

/// How far to optimise, without rules and decisions that are named; a name that none has is a mistake.
pub fn options<'a>(
    level: OptLevel,
    disabled: impl IntoIterator<Item = &'a String>,
    most: Option<usize>,
) -> Result<OptimizerOptions, Failure> {
    let disabled = disabled.into_iter().cloned().collect();
    let options = OptimizerOptions { level, disabled, most: most.unwrap_or(usize::MAX) };
    options.check(DECISIONS).map_err(Failure::plain)?;
    Ok(options)
}

/// Compiles for one source.
pub fn plan(
    ready: &Ready,
    media: &Media,
    target: &Target,
    options: &OptimizerOptions,
    limits: &Limits,
) -> Result<Planned, Failure> {
    plan_at(ready, media, target, options, limits, None)
}

/// The same at prices that were kept, or those of this machine.
pub fn plan_at(
    ready: &Ready,
    media: &Media,
    target: &Target,
    options: &OptimizerOptions,
    limits: &Limits,
    prices: Option<&Machine>,
) -> Result<Planned, Failure> {
    plan_by(ready, media, target, limits, prices, |input, machine| compile(&ready.procedure, input, options, machine))
}

/// The same for one picture of each rendition at a moment.
pub fn plan_preview(
    ready: &Ready,
    media: &Media,
    target: &Target,
    options: &OptimizerOptions,
    limits: &Limits,
    at: TimePoint,
) -> Result<Planned, Failure> {
    plan_by(ready, media, target, limits, None, |input, machine| {
        compile_preview(&ready.procedure, input, options, machine, at)
    })
}

/// What a compilation gives, or that vodflow made a mistake.
type Compiled = Result<(Option<Compilation>, Diagnostics), CompileError>;

fn plan_by(
    ready: &Ready,
    media: &Media,
    target: &Target,
    limits: &Limits,
    prices_of_plan: Option<&Machine>,
    compile: impl Fn(LowerInput, &Machine) -> Compiled,
) -> Result<Planned, Failure> {
    let fail = |diagnostics: Diagnostics| Failure { diagnostics, sources: ready.sources.clone() };
    let (facts, materials) = marks::look(&ready.procedure, &ready.sources, limits).map_err(&fail)?;
    let (defaults, keys) = (&ready.defaults, &ready.keys);
    let input = LowerInput { source: &media.facts, marks: &facts, target, defaults, keys, limits };
    let prices = machine(target);
    let (compilation, diagnostics) = compile(input, prices_of_plan.unwrap_or(&prices.machine)).map_err(|error| {
        let help = message!(
            "this is a mistake in vodflow: please report it; `--opt-level 0` or `--disable-rule` may get around it"
        );
        fail(Diagnostic::new(&codes::INTERNAL, error.to_string()).with_help(help).into())
    })?;
    let mut warnings = ready.warnings.clone();
    warnings.extend(damage(&media.facts));
    warnings.extend(diagnostics.clone());
    warnings.extend(prices.warning.map(Diagnostics::from).unwrap_or_default());
    match compilation {
        Some(compilation) => Ok(Planned { compilation, warnings, marks: materials }),
        None => Err(fail(warnings)),
    }
}

/// That parts of a source could not be read.
pub fn damage(facts: &SourceFacts) -> Diagnostics {
    let say =
        |damage: &String| Diagnostic::new(&codes::SOURCE_DAMAGED, message!("`{}` is damaged: {}", &facts.name, damage));
    facts.damage.iter().map(say).collect()
}
