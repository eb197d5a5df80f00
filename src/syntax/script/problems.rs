//! What a script did wrong, in our words and at its line.

use super::places::Places;
use super::{MAXIMUM_SCRIPT_BYTES, SCRIPT_CLASSES};
use crate::diag::{Code, Diagnostic, Diagnostics, Message, all_of, codes, message, nearest};
use crate::text::Span;
use crate::world::{ScriptClass, ScriptEnd, ScriptOutcome, ScriptProblem, ScriptValue};

/// Names that a script gets beside the classes of actions.
const NAMES: &[&str] = &["NewProcedureClass", "BaseProcedure", "ProcessActionSet", "File", "CreateProcedure"];

/// What Lua 5.1 has and a task flow does not.
const ABSENT: &[&str] = &[
    "io",
    "os",
    "require",
    "debug",
    "load",
    "loadstring",
    "loadfile",
    "dofile",
    "package",
    "module",
    "print",
    "collectgarbage",
    "getfenv",
    "setfenv",
    "newproxy",
    "gcinfo",
    "bit32",
    "utf8",
    "buffer",
];

/// A value in words.
pub(super) fn what(value: &ScriptValue) -> Message {
    match value {
        ScriptValue::Nil => message!("nothing"),
        ScriptValue::Boolean(value) => Message::Plain(format!("`{value}`")),
        ScriptValue::Number(number) => Message::Plain(format!("`{number}`")),
        ScriptValue::Text(_) => message!("a text"),
        ScriptValue::List(_) | ScriptValue::Table(_) => message!("a table"),
        ScriptValue::Other(kind) => type_words(kind),
    }
}

/// A type of Lua in words.
fn type_words(kind: &str) -> Message {
    match kind {
        "nil" => message!("nothing"),
        "number" => message!("a number"),
        "string" => message!("a text"),
        "table" => message!("a table"),
        "function" => message!("a function"),
        "boolean" => message!("`true` or `false`"),
        other => message!("a value of type `{}`", other),
    }
}

/// More arguments than the factory takes: Lua would drop them silently.
pub(super) fn arguments(outcome: &ScriptOutcome, places: &Places<'_>, diagnostics: &mut Diagnostics) {
    let (Some(takes), Some((_, call))) = (outcome.parameters, places.texts.call) else { return };
    if let Some(extra) = call.arguments.get(takes) {
        let given = call.arguments.len();
        let message = match takes {
            1 => message!("`{}` takes at most 1 argument, {} are given", "CreateProcedure", given),
            _ => message!("`{}` takes at most {} arguments, {} are given", "CreateProcedure", takes, given),
        };
        let problem = Diagnostic::new(&codes::ARGUMENT_COUNT, message).at(extra.value.span, "");
        diagnostics.push(problem.with_label(places.whole(), message!("declared here")));
    }
}

/// Everything that a script did wrong; what only follows from something said is left out.
pub(super) fn report(outcome: &ScriptOutcome, places: &Places<'_>, diagnostics: &mut Diagnostics) {
    let before = diagnostics.iter().count();
    for found in &outcome.problems {
        diagnostics.extend(problem(found, places).map(Diagnostics::from).unwrap_or_default());
    }
    let said = diagnostics.iter().skip(before).any(|problem| problem.severity() == crate::diag::Severity::Error);
    let end = match &outcome.end {
        ScriptEnd::Done => return,
        ScriptEnd::Failed { line, words } => {
            let global = outcome.problems.iter().rev().find_map(|found| match found {
                ScriptProblem::NoSuchGlobal { name, line: at } if Some(*at) == *line => Some(name),
                _ => None,
            });
            match global {
                Some(name) => unknown_global(name, line.unwrap_or(1), places),
                None if said => return,
                None => failure(&codes::SCRIPT_FAILED, failed(words), *line, places),
            }
        }
        ScriptEnd::Syntax { line, words } => syntax(words, *line, places),
        ScriptEnd::TooLong { line } => {
            let help = message!("a script may take 1000000 steps and half a second; look for a loop that does not end");
            failure(&codes::SCRIPT_BUDGET, message!("the script runs too long"), *line, places).with_help(help)
        }
        ScriptEnd::TooMuchMemory { line } => {
            let help = message!("a script may hold 32 MiB");
            failure(&codes::SCRIPT_BUDGET, message!("the script takes too much memory"), *line, places).with_help(help)
        }
        ScriptEnd::Untraceable { line, words } => untraceable(done_with_a_fact(words), *line, places),
    };
    diagnostics.push(end);
}

/// A script that is not run because it is too long.
pub fn too_large(name: &str) -> Diagnostic {
    let most = MAXIMUM_SCRIPT_BYTES >> 10;
    Diagnostic::new(&codes::FILE_TOO_LARGE, message!("`{}` is larger than {} KiB", name, most))
}

/// A script that cannot be written as a procedure of the language, and why.
pub(super) fn untraceable(why: Message, line: Option<u32>, places: &Places<'_>) -> Diagnostic {
    let message = message!("the script cannot be written as a procedure: {}", why);
    let help =
        message!("a fact of the source may be compared with a number or a text; run the script as it is otherwise");
    failure(&codes::NOT_CONVERTIBLE, message, line, places).with_help(help)
}

/// What a script did with a fact that stood for itself, in all languages.
fn done_with_a_fact(words: &str) -> Message {
    match words {
        "a stream other than the first is looked at" => message!("a stream other than the first is looked at"),
        "a fact is used as a table" => message!("a fact is used as a table"),
        "the length of a fact is taken" => message!("the length of a fact is taken"),
        "a remainder of a fact is taken" => message!("a remainder of a fact is taken"),
        "a power of a fact is taken" => message!("a power of a fact is taken"),
        "a fact is negated" => message!("a fact is negated"),
        "a fact is divided without rest" => message!("a fact is divided without rest"),
        "a fact is put into a text" => message!("a fact is put into a text"),
        "a fact is called" => message!("a fact is called"),
        "a loop goes over facts" => message!("a loop goes over facts"),
        "a table of facts is compared" => message!("a table of facts is compared"),
        "a number is read from a fact" => message!("a number is read from a fact"),
        "comparisons stand in a row" => message!("comparisons stand in a row"),
        _ => message!("a comparison is not understood"),
    }
}

fn failure(code: &'static Code, message: Message, line: Option<u32>, places: &Places<'_>) -> Diagnostic {
    let span = line.map_or_else(|| places.whole(), |line| places.line(line));
    Diagnostic::new(code, message).at(span, "")
}

/// The interpreter's words for what happens often, in ours.
fn failed(words: &str) -> Message {
    let quoted = |text: &str| text.split('\'').nth(1).map(str::to_owned);
    if let Some(name) = words.strip_prefix("attempt to index nil with ").and_then(quoted) {
        return message!("`{}` is asked of nothing", name);
    }
    if let Some(kind) = words.strip_prefix("attempt to call a ").and_then(|rest| rest.strip_suffix(" value")) {
        return message!("{} is called, and no function", type_words(kind));
    }
    if let Some(kinds) = words.strip_prefix("attempt to compare ") {
        return message!("values of different types are compared: `{}`", kinds);
    }
    if words.starts_with("attempt to perform arithmetic") {
        return message!("something is counted with that is no number");
    }
    if words.starts_with("stack overflow") || words.contains("C stack overflow") {
        return message!("functions call each other too deep");
    }
    if words == "the text and the pattern of `find` are too long" {
        return message!("the text and the pattern of `find` are too long");
    }
    match words.strip_prefix('(').and_then(|kind| kind.strip_suffix(')')) {
        Some(kind) if kind.chars().all(char::is_alphabetic) => {
            message!("the script ends with an error that is no text")
        }
        _ => message!("the script ends with an error: {}", crate::text::printable(words)),
    }
}

fn syntax(words: &str, line: Option<u32>, places: &Places<'_>) -> Diagnostic {
    let message = message!("the script does not follow the grammar of Lua: {}", lower_first(words));
    let problem = failure(&codes::SYNTAX, message, line, places);
    let at_line = line.map(|line| places.line(line)).and_then(|span| places.texts.script.text.get(span.range()));
    if at_line.is_some_and(|text| text.split_whitespace().any(|word| word == "goto")) {
        return problem.with_help(message!("write a loop; this Lua has no `goto`"));
    }
    problem
}

fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}

fn problem(found: &ScriptProblem, places: &Places<'_>) -> Option<Diagnostic> {
    let at = |line: Option<u32>| line.map_or_else(|| places.whole(), |line| places.line(line));
    Some(match found {
        ScriptProblem::NoSuchMember { class, name, line } => {
            let span = places.word(name, *line).unwrap_or_else(|| places.line(*line));
            match SCRIPT_CLASSES.iter().find(|known| known.name == class) {
                Some(class) => unknown_field(class, name, span),
                None => unknown_member(class, name, span, &["addAction"]),
            }
        }
        ScriptProblem::NoSuchGlobal { .. } => return None,
        ScriptProblem::NotAnAction { what, line } => {
            let message = message!("`{}` takes an action, not {}", "addAction", type_words(what));
            Diagnostic::new(&codes::WRONG_TYPE, message).at(places.line(*line), "")
        }
        ScriptProblem::NotAProcedure { what, line } => {
            let message = message!("`{}` gives {}, and not a procedure", "CreateProcedure", type_words(what));
            let help =
                message!("end it with `return MyClass:new(…)`, where `MyClass` comes from `NewProcedureClass()`");
            Diagnostic::new(&codes::SCRIPT_RESULT, message).at(at(*line), "").with_help(help)
        }
        ScriptProblem::NotASet { handler, what, line } => {
            let message = message!("`{}` gives {}, and not a set of actions", handler, type_words(what));
            let help = message!("end it with `return` and a set from `ProcessActionSet:new()`");
            Diagnostic::new(&codes::SCRIPT_RESULT, message).at(at(*line), "").with_help(help)
        }
        ScriptProblem::NoFactory => {
            let message = message!("the script defines no `{}`", "CreateProcedure");
            let help = message!("add `function CreateProcedure() return MyClass:new() end`");
            Diagnostic::new(&codes::SCRIPT_RESULT, message).at(places.line(1), "").with_help(help)
        }
        ScriptProblem::Stage { name, line } => {
            let message = message!("`{}` is not followed: only reviews by machine and the processing are", name);
            Diagnostic::new(&codes::SCRIPT_STAGE, message).at(at(*line), "")
        }
    })
}

/// A field or method that a class of actions does not have.
pub(super) fn unknown_field(class: &ScriptClass, name: &str, span: Span) -> Diagnostic {
    let methods: &[&str] = match class.fields.contains(&"transcodeDefinition") {
        true => &["addTranscodeDefinition", "clearTranscodeDefinition"],
        false => &[],
    };
    let known: Vec<&str> = class.fields.iter().chain(methods).copied().collect();
    unknown_member(class.name, name, span, &known)
}

fn unknown_member(class: &str, name: &str, span: Span, known: &[&str]) -> Diagnostic {
    let message = message!("`{}` has no `{}`", class, name);
    let problem = Diagnostic::new(&codes::UNKNOWN_FIELD, message).about_word(name).at(span, "");
    match nearest(name, known.iter().copied()) {
        Some(near) => {
            let problem = problem.with_help(message!("write `{}`", near));
            if span.range().len() == name.len() { problem.with_fix(span, near) } else { problem }
        }
        None => problem.with_help(message!("it has {}", all_of(known))),
    }
}

fn unknown_global(name: &str, line: u32, places: &Places<'_>) -> Diagnostic {
    let span = places.word(name, line).unwrap_or_else(|| places.line(line));
    let problem = Diagnostic::new(&codes::UNKNOWN_NAME, message!("`{}` does not exist", name)).about_word(name);
    let problem = problem.at(span, "");
    if ABSENT.contains(&name) {
        return problem.with_help(message!("a task flow has no files, clock or other programs; leave it out"));
    }
    let known = SCRIPT_CLASSES.iter().map(|class| class.name).chain(NAMES.iter().copied());
    match nearest(name, known) {
        Some(near) => problem.with_help(message!("write `{}`", near)).with_fix(span, near),
        None if name.ends_with("Action") => {
            let classes: Vec<&str> = SCRIPT_CLASSES.iter().map(|class| class.name).collect();
            problem.with_help(message!("the actions are {}", all_of(&classes)))
        }
        None => problem,
    }
}
