//! What a script left behind, as an AST: the actions of its sets become the statements of a procedure.

mod actions;
mod paths;
mod places;
mod problems;

pub use paths::{Explored, explore};
pub use problems::too_large as script_too_large;

use super::Parsed;
use super::ast::{Argument, Call, Field, File, Import, Item, Name, Procedure, Record, Statement, StatementKind, Value};
use super::ast::{Quantity, ValueKind};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::text::{Source, Spanned};
use crate::units::Rational;
use crate::world::{ScriptAction, ScriptClass, ScriptEnd, ScriptOutcome, ScriptValue};
use actions::Actions;
use places::Places;

/// A script is at most this long: its compiler cannot be interrupted.
pub const MAXIMUM_SCRIPT_BYTES: usize = 256 << 10;

/// The procedure that a script becomes has the name of the function that every script defines.
const FACTORY: &str = "CreateProcedure";

const fn class(name: &'static str, fields: &'static [&'static str]) -> ScriptClass {
    ScriptClass { name, fields }
}

/// The classes of actions (`vod.md` B.2) with what the JSON form has beyond them (B.3).
pub const SCRIPT_CLASSES: &[ScriptClass] = &[
    class(
        "TranscodeAction",
        &[
            "transcodeDefinition",
            "watermarkDefinition",
            "disableHigherBitrate",
            "drm",
            "hlsMasterPlaylist",
            "idrAlignment",
        ],
    ),
    class("SampleSnapshotAction", &["definition"]),
    class("SnapshotByTimeOffsetAction", &["definition", "timeOffset"]),
    class("CoverBySnapshotAction", &["definition", "positionType", "position"]),
    class("ImageSpriteAction", &["definition"]),
    class("AnimatedGraphicsAction", &["definition", "startTime", "endTime"]),
    class("AdaptiveDynamicStreamingAction", &["definition", "watermarkDefinition"]),
    class("AiReviewAction", &["definition"]),
    class("ManualReviewAction", &["definition"]),
];

/// The texts of a run: the script, and the call that has its arguments.
#[derive(Debug, Clone, Copy)]
pub struct ScriptTexts<'a> {
    /// The script.
    pub script: &'a Source,
    /// The call, if there is one, with its text.
    pub call: Option<(&'a Source, &'a Call)>,
}

/// The arguments of a call as Lua writes them.
pub fn script_arguments(source: &Source, call: &Call) -> String {
    let arguments = call.arguments.iter().map(|argument| argument_text(source, &argument.value));
    arguments.collect::<Vec<_>>().join(", ")
}

/// Square brackets were tolerated with a warning; Lua itself does not take them. Everything else is as written.
fn argument_text(source: &Source, value: &Value) -> String {
    match &value.kind {
        ValueKind::List(elements) => {
            let elements: Vec<String> = elements.iter().map(|element| argument_text(source, element)).collect();
            format!("{{{}}}", elements.join(", "))
        }
        _ => source.text.get(value.span.range()).unwrap_or("nil").to_owned(),
    }
}

/// What a script's outcome says: one procedure that takes no arguments, and a call of it.
pub fn script_file(outcome: &ScriptOutcome, texts: ScriptTexts<'_>) -> Parsed {
    let places = Places::new(texts);
    let mut diagnostics = Diagnostics::default();
    problems::arguments(outcome, &places, &mut diagnostics);
    problems::report(outcome, &places, &mut diagnostics);
    let mut file = File::default();
    if outcome.end == ScriptEnd::Done {
        file = procedures(outcome, &places, &mut diagnostics);
        file.items.splice(0..0, imports(texts.script).into_iter().map(Item::Import));
    }
    diagnostics.sort();
    Parsed { file, diagnostics }
}

/// `-- import "brand.vod"` in the comments at the top of a script: texts with templates of one's own. To Lua it says
/// nothing, so the script stays one everywhere.
pub(super) fn imports(script: &Source) -> Vec<Import> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in script.text.split_inclusive('\n') {
        let Some(comment) = line.trim().strip_prefix("--").or(line.trim().is_empty().then_some("")) else { break };
        let path = comment.trim().strip_prefix("import").and_then(|rest| rest.trim().strip_prefix('"'));
        if let Some(path) = path.and_then(|rest| rest.strip_suffix('"')).filter(|path| !path.contains('"')) {
            let at = start + line.find('"').unwrap_or_default();
            let span = script.span(at, at + path.len() + 2);
            found.push(Import { path: Spanned::new(path.to_owned(), span), span });
        }
        start += line.len();
    }
    found
}

/// The switches of a transcode action that are options of a procedure: their fields and words.
const SWITCHES: &[(&str, &str)] = &[
    ("disableHigherBitrate", "only_below_source_bitrate"),
    ("hlsMasterPlaylist", "master_playlist"),
    ("idrAlignment", "idr_alignment"),
];

/// A procedure over all actions. Where transcode actions differ in their switches, each gets a procedure of its own.
fn procedures(outcome: &ScriptOutcome, places: &Places<'_>, diagnostics: &mut Diagnostics) -> File {
    let mut actions = Actions { places, diagnostics };
    let transcodes = outcome.actions.iter().filter(|action| action.class == "TranscodeAction");
    let mut switches: Vec<Vec<Field>> = transcodes.map(|action| actions.switches(action)).collect();
    let words = |fields: &[Field]| fields.iter().map(|field| field.name.value.clone()).collect::<Vec<_>>();
    let alike = switches.windows(2).all(|pair| words(&pair[0]) == words(&pair[1]));
    let mut main = Vec::new();
    let mut items = Vec::new();
    let mut options = if alike { switches.first().cloned().unwrap_or_default() } else { Vec::new() };
    for action in &outcome.actions {
        let Some(statement) = actions.statement(action) else { continue };
        let own = if !alike && action.class == "TranscodeAction" { switches.remove(0) } else { Vec::new() };
        if own.is_empty() {
            main.push(statement);
            continue;
        }
        let span = statement.span;
        let name = Name::new(format!("{FACTORY} {}", items.len() + 2), span);
        items.push(Item::Procedure(procedure(name.clone(), own, vec![statement])));
        let call = Call { name, arguments: Vec::<Argument>::new(), damaged: false, span };
        main.push(Statement { kind: StatementKind::Call(call), span });
    }
    options.extend(priority(outcome, places, actions.diagnostics));
    let name = Name::new(FACTORY.to_owned(), places.whole());
    let call = Call { name: name.clone(), arguments: Vec::new(), damaged: false, span: name.span };
    items.insert(0, Item::Procedure(procedure(name, options, main)));
    items.push(Item::Call(call));
    File { items }
}

fn procedure(name: Name, options: Vec<Field>, body: Vec<Statement>) -> Procedure {
    let span = name.span;
    let options = (!options.is_empty()).then_some(Record { fields: options, damaged: false, span });
    Procedure { name, parameters: Vec::new(), parameters_damaged: false, options, body, doc: None, span }
}

fn priority(outcome: &ScriptOutcome, places: &Places<'_>, diagnostics: &mut Diagnostics) -> Option<Field> {
    let (value, line) = outcome.priority.as_ref()?;
    let span = places.value(value, *line);
    match value {
        ScriptValue::Number(number) if number.is_finite() => {
            let kind = ValueKind::Quantity(Quantity::Number(exact(*number)));
            Some(Field { name: Name::new("priority".to_owned(), span), value: Value { kind, span } })
        }
        other => {
            let message = message!("`{}` takes a number, not {}", "setPriority", problems::what(other));
            diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(span, ""));
            None
        }
    }
}

/// A number of Lua, exact to a millionth.
fn exact(number: f64) -> Rational {
    // Saturates; what is that large is out of every range.
    if number.fract() == 0.0 {
        Rational::from_integer(number as i64)
    } else {
        Rational::of((number * 1e6).round() as i64, 1_000_000)
    }
}

/// The class of an action, as far as it is one of ours.
fn class_of(action: &ScriptAction) -> Option<&'static ScriptClass> {
    SCRIPT_CLASSES.iter().find(|class| class.name == action.class)
}
