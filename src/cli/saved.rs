//! Saved plans: everything that a plan was made from, so that it can be made again, and what must come out then.
//!
//! A plan file is foreign input. It holds no process and no option of ffmpeg: only texts of the language, names, and
//! hashes. A run compiles them anew, through every check there is, and goes on only when the same plan comes out
//! (`docs/design/0021`).

use super::files::FileWorld;
use super::session::{self, Failure, Media, Planned, Ready, Wanted};
use super::what::Written;
use crate::cost::Machine;
use crate::diag::{Diagnostic, Message, codes, io_words, message};
use crate::driver::KeyService;
use crate::explain::{self, PlanDigest, Shown};
use crate::limits::Limits;
use crate::optimizer::{OptLevel, OptimizerOptions};
use crate::plan::{LogicalPlan, Op, OutputPath, text};
use crate::target::Target;
use crate::world::{ImportError, ImportedText, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

/// Version of the file; a program reads the versions that it knows.
const SCHEMA_VERSION: u64 = 1;
/// No procedure makes a plan file of this size; longer ones are not read.
const LONGEST: u64 = 64 << 20;
/// What the document is called.
const KIND: &str = "saved-plan";

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    /// The program that wrote it.
    written_by: String,
    /// What was asked for.
    written: Written,
    /// The texts of the procedure by their names, seen from the folder of the main one.
    texts: BTreeMap<String, String>,
    /// The folder of the main text, seen from the plan file; none where it does not lie below it: files that texts name are
    /// then looked for beside the plan.
    base: Option<String>,
    opt_level: u8,
    disabled_rules: Vec<String>,
    most_rewrites: Option<usize>,
    limits: Vec<String>,
    key_url: Option<String>,
    file_id: Option<String>,
    source: SavedSource,
    /// Pictures, letters and drawings that are laid over outputs.
    marks: Vec<SavedMark>,
    /// The prices by which processes were chosen: those of the machine change with every run.
    machine: Machine,
    ffmpeg: String,
    /// Hash of all that the installed ffmpeg can do.
    target: String,
    /// Hash of the plan.
    key: String,
    /// The plan in short, for comparing.
    digest: PlanDigest,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSource {
    name: String,
    /// Where it is, seen from the plan file; none where it does not lie below it.
    path: Option<String>,
    identity: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedMark {
    name: String,
    identity: String,
}

/// What a plan is made from, beside procedure and source.
pub struct Conditions<'a> {
    /// How far it is optimised.
    pub options: &'a OptimizerOptions,
    /// Limits as given on the command line.
    pub limits: &'a [String],
    /// What encodes.
    pub target: &'a Target,
}

impl SavedPlan {
    /// A plan as it will be saved in a file.
    pub fn of(
        wanted: &Wanted,
        ready: &Ready,
        media: &Media,
        planned: &Planned,
        with: &Conditions,
        file: &Path,
    ) -> Self {
        let written = wanted.written().clone();
        let root = Path::new(written.main()).parent().unwrap_or(Path::new("")).to_owned();
        let below_root = |name: &str| name_of(Path::new(name).strip_prefix(&root).unwrap_or(Path::new(name)));
        let own = wanted.own_texts(ready).map(|(name, text)| (below_root(&name), text.to_owned()));
        let shown = Shown {
            procedure: &ready.procedure.name,
            source: &media.facts,
            compilation: &planned.compilation,
            standing: None,
        };
        let folder = folder_of(file);
        SavedPlan {
            written_by: written_by(),
            texts: own.collect(),
            base: seen_from(&folder, if root.as_os_str().is_empty() { Path::new(".") } else { &root }),
            written: written.clone().renamed(&below_root(written.main())),
            opt_level: with.options.level.number(),
            disabled_rules: with.options.disabled.iter().cloned().collect(),
            most_rewrites: Some(with.options.most).filter(|most| *most != usize::MAX),
            limits: with.limits.to_vec(),
            key_url: ready.keys.url.clone(),
            file_id: ready.keys.file_id.clone(),
            source: SavedSource {
                name: media.facts.name.clone(),
                path: seen_from(&folder, &media.path).filter(|_| !media.is_fetched()),
                identity: media.facts.identity.to_string(),
            },
            marks: marks(&planned.compilation.logical),
            machine: session::machine(with.target).machine,
            ffmpeg: with.target.version.clone(),
            target: target_key(with.target),
            key: plan_key(planned),
            digest: PlanDigest::of(shown),
        }
    }

    /// Writes it beside and renames it into place. A file that is no saved plan is not replaced.
    pub fn write(&self, file: &Path) -> Result<(), Failure> {
        if file.exists() && !is_saved_plan(file) {
            let note = message!("`{}` is there already, and is no saved plan", file.display());
            let help = message!("give the plan another name");
            return Err(Failure::plain(Diagnostic::new(&codes::OUTPUT_FOREIGN, note).with_help(help)));
        }
        let plan = json!(self);
        let document = json!({
            "schema_version": SCHEMA_VERSION,
            "kind": KIND,
            "checksum": checksum(&plan),
            "plan": plan,
        });
        let written = tempfile::NamedTempFile::new_in(folder_of(file)).and_then(|mut beside| {
            beside.write_all(format!("{document:#}\n").as_bytes())?;
            beside.as_file().sync_all()?;
            beside.persist(file).map_err(|error| error.error)
        });
        written.map(|_| ()).map_err(|error| {
            let note = message!("`{}` cannot be written: {}", file.display(), io_words(&error));
            Failure::plain(Diagnostic::new(&codes::FILE_UNWRITABLE, note))
        })
    }

    /// Reads a file and judges everything in it that does not depend on the machine.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let reason = |reason: Message| unusable(file, reason);
        let text = read_text(file)?;
        let document: Value = serde_json::from_str(&text).map_err(|_| reason(message!("it is damaged, or no plan")))?;
        if document["kind"] != KIND {
            return Err(reason(message!("it is damaged, or no plan")));
        }
        match document["schema_version"].as_u64() {
            Some(SCHEMA_VERSION) => {}
            Some(version) => {
                return Err(reason(message!(
                    "it is of version {} of the format; this program reads version {}",
                    version,
                    SCHEMA_VERSION
                )));
            }
            None => return Err(reason(message!("it is damaged, or no plan"))),
        }
        let plan = &document["plan"];
        if document["checksum"] != checksum(plan).as_str() {
            return Err(reason(message!("it was damaged or edited: its checksum does not fit")));
        }
        let saved: SavedPlan =
            serde_json::from_value(plan.clone()).map_err(|_| reason(message!("it is damaged, or no plan")))?;
        saved.refuse_paths().map_err(|path| reason(message!("the path `{}` in it leaves its folder", path)))?;
        Ok(saved)
    }

    /// The first path that is not relative, or leaves the folder of the file.
    fn refuse_paths(&self) -> Result<(), String> {
        let base = self.base.iter().filter(|base| !base.is_empty());
        let names = self.texts.keys().chain(base).chain(&self.source.path);
        match names.into_iter().find(|name| OutputPath::new(name).is_none()) {
            Some(name) => Err(name.clone()),
            None => Ok(()),
        }
    }

    /// The plan in short.
    pub fn digest(&self) -> &PlanDigest {
        &self.digest
    }

    /// Limits as they were given.
    pub fn limits(&self) -> &[String] {
        &self.limits
    }

    /// How far it was optimised.
    pub fn options(&self) -> Result<OptimizerOptions, Failure> {
        let level = OptLevel::from_number(self.opt_level).unwrap_or(OptLevel::Tolerance);
        session::options(level, &self.disabled_rules, self.most_rewrites)
    }

    /// The procedure, from the texts in the file.
    pub fn wanted(&self, file: &Path) -> Result<Wanted, Failure> {
        let folder = folder_of(file).join(self.base.as_deref().unwrap_or_default());
        let folder = folder.strip_prefix(".").map(Path::to_owned).unwrap_or(folder);
        let named = |name: &str| name_of(&folder.join(name));
        let texts = self.texts.iter().map(|(name, text)| (named(name), text.clone())).collect();
        let keys = KeyService { url: self.key_url.clone(), file_id: self.file_id.clone() };
        Wanted::of_texts(self.written.clone().renamed(&named(self.written.main())), SavedWorld { texts }, keys)
            .map_err(|failure| failure.unwrap_or_else(|| unusable(file, message!("it is damaged, or no plan"))))
    }

    /// Where the source is, unless another place is given.
    pub fn source(&self, file: &Path) -> Option<PathBuf> {
        self.source.path.as_ref().map(|path| folder_of(file).join(path))
    }

    /// Names the source as it was called, if it is still the same.
    pub fn recognise(&self, file: &Path, media: &mut Media, target: &Target) -> Result<(), Failure> {
        let mut changed = Vec::new();
        if media.facts.identity.to_string() != self.source.identity {
            changed.push(message!("the source `{}`", &self.source.name));
        }
        if target.version != self.ffmpeg {
            changed.push(message!("ffmpeg, which was {} and is {}", &self.ffmpeg, &target.version));
        } else if target_key(target) != self.target {
            changed.push(message!("what the installed ffmpeg can do"));
        }
        if !changed.is_empty() {
            return Err(outdated(file, changed));
        }
        media.facts.name.clone_from(&self.source.name);
        Ok(())
    }

    /// The plan, at the prices by which it was chosen.
    pub fn plan(
        &self,
        ready: &Ready,
        media: &Media,
        target: &Target,
        options: &OptimizerOptions,
        limits: &Limits,
    ) -> Result<Planned, Failure> {
        session::plan_at(ready, media, target, options, limits, Some(&self.machine))
    }

    /// Whether the plan that came out is the one that was saved.
    pub fn confirm(&self, file: &Path, planned: &Planned) -> Result<(), Failure> {
        if plan_key(planned) == self.key {
            return Ok(());
        }
        let now = marks(&planned.compilation.logical);
        let other = self.marks.iter().filter(|mark| !now.contains(mark));
        let mut changed: Vec<Message> = other.map(|mark| message!("the mark `{}`", &mark.name)).collect();
        if changed.is_empty() && self.written_by != written_by() {
            changed.push(message!("vodflow, which was `{}` and is `{}`", &self.written_by, written_by()));
        }
        if changed.is_empty() {
            changed.push(message!("what the options of this command say"));
        }
        Err(outdated(file, changed))
    }
}

/// Whether a file says that it is a saved plan.
pub fn is_saved_plan(file: &Path) -> bool {
    let mut start = [0; 256];
    let read = std::fs::File::open(file).and_then(|mut open| open.read(&mut start));
    let start = String::from_utf8_lossy(&start[..read.unwrap_or(0)]).into_owned();
    file.is_file() && start.trim_start().starts_with('{') && start.contains(&format!("\"{KIND}\""))
}

fn read_text(file: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| {
        let note = message!("`{}` cannot be read: {}", file.display(), io_words(&error));
        Failure::plain(Diagnostic::new(&codes::FILE_UNREADABLE, note))
    };
    if !std::fs::metadata(file).map_err(unreadable)?.is_file() {
        return Err(unusable(file, message!("it is no file")));
    }
    let mut text = String::new();
    let open = std::fs::File::open(file).map_err(unreadable)?;
    match open.take(LONGEST + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 <= LONGEST => Ok(text),
        Ok(_) => Err(unusable(file, message!("it is larger than any plan"))),
        Err(_) => Err(unusable(file, message!("it is damaged, or no plan"))),
    }
}

fn unusable(file: &Path, reason: Message) -> Failure {
    let note = message!("`{}` is no plan that can be used: {}", file.display(), reason);
    let help = message!("save it anew with `vodflow plan WHAT --input MEDIA -o FILE`");
    Failure::plain(Diagnostic::new(&codes::PLAN_UNUSABLE, note).with_help(help))
}

fn outdated(file: &Path, changed: Vec<Message>) -> Failure {
    let help = message!("look at `vodflow plan WHAT --input MEDIA --diff {}`, then save the plan anew", file.display());
    let said = changed.into_iter().map(|what| {
        let note = message!("`{}` was made for something else: {} changed since", file.display(), what);
        Diagnostic::new(&codes::PLAN_OUTDATED, note).with_help(help.clone())
    });
    Failure { diagnostics: said.collect(), sources: Default::default() }
}

fn written_by() -> String {
    format!("vodflow {}", env!("CARGO_PKG_VERSION"))
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

fn checksum(plan: &Value) -> String {
    hash(&plan.to_string())
}

fn target_key(target: &Target) -> String {
    hash(&json!(target).to_string())
}

/// Everything that a run does: the outputs, the plan before and after the rules, and the commands.
fn plan_key(planned: &Planned) -> String {
    let compilation = &planned.compilation;
    let mut text = text::print(&compilation.logical);
    text.push_str(&text::print(&compilation.optimised));
    text.push_str(&explain::physical(compilation));
    text.push_str(&explain::commands(compilation));
    for output in &compilation.outputs {
        text.push_str(&format!("{} {:?} {:?}\n", output.label, output.disposition, output.paths));
    }
    hash(&text)
}

fn marks(plan: &LogicalPlan) -> Vec<SavedMark> {
    let mut found: Vec<SavedMark> = Vec::new();
    for index in plan.ordered() {
        if let Op::Mark { name, image, .. } = &plan.node(index).op {
            let mark = SavedMark { name: name.clone(), identity: image.to_string() };
            if !found.contains(&mark) {
                found.push(mark);
            }
        }
    }
    found
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A path below a folder, relative to it: `None` where it lies elsewhere. Links are followed first.
fn seen_from(folder: &Path, path: &Path) -> Option<String> {
    let (folder, path) = (folder.canonicalize().ok()?, path.canonicalize().ok()?);
    let below = path.strip_prefix(folder).ok()?;
    let plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| below.to_str().map(str::to_owned)).flatten()
}

fn name_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The world of a saved plan: imports are found among its texts, and nowhere else.
pub struct SavedWorld {
    texts: BTreeMap<String, String>,
}

impl SavedWorld {
    /// A text by its name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }
}

impl World for SavedWorld {
    fn read_import(&self, from: &str, path: &str) -> Result<ImportedText, ImportError> {
        let mut name = Path::new(from).parent().unwrap_or(Path::new("")).to_owned();
        for part in Path::new(path).components() {
            match part {
                Component::Normal(part) => name.push(part),
                Component::CurDir => {}
                Component::ParentDir if name.pop() => {}
                _ => return Err(ImportError::NotRelative),
            }
        }
        let name = name_of(&name);
        match self.texts.get(&name) {
            Some(text) => Ok(ImportedText { text: text.clone(), name }),
            None => Err(ImportError::NotFound),
        }
    }

    #[cfg(feature = "lua")]
    fn run_script(&self, run: &crate::world::ScriptRun<'_>) -> Option<crate::world::ScriptOutcome> {
        FileWorld::of(None).run_script(run)
    }
}
