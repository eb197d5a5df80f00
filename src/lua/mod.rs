//! Runs a Lua task flow in a closed interpreter: no files, no clock, bounded steps, time and memory.
//!
//! What the script leaves behind is read out as data ([`crate::world::ScriptOutcome`]); its meaning is the core's matter.
//! The settings are those that stopped every hostile script of `ecosystem.md` 3: a fresh Luau for each run, an
//! allow-list of globals, text only, an interrupt that errs at every call once it has erred.

mod outcome;
mod trace;

use crate::world::{ScriptEnd, ScriptOutcome, ScriptProblem, ScriptRun, ScriptSource, ScriptValue};
use mlua::chunk::{ChunkMode, Compiler};
use mlua::{Function, IntoLua, Lua, MultiValue, Table, Value, VmState};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What the interpreter may hold.
const MOST_MEMORY: usize = 32 << 20;
/// Loops and calls that a script may make. This decides before the clock does, so that every run ends alike.
const MOST_STEPS: u64 = 1_000_000;
/// For what takes long without steps.
const LONGEST: Duration = Duration::from_millis(500);
/// What the chunk of the script is called; the prelude looks for it to tell lines.
const CHUNK: &str = "script";

const PRELUDE: &str = include_str!("prelude.lua");
/// Its part for facts that stand for themselves.
const SYMBOLS: &str = include_str!("symbols.lua");

/// Runs a script and gives what it left behind.
pub fn run(run: &ScriptRun<'_>) -> ScriptOutcome {
    let budget = Budget::default();
    let lua = Lua::new();
    let ran = Session::open(&lua, run, &budget).and_then(|session| session.run(run));
    let mut outcome = ran.unwrap_or_else(|error| ended(ScriptEnd::Failed { line: None, words: error.to_string() }));
    if let Some(line) = budget.exceeded.get() {
        outcome.end = ScriptEnd::TooLong { line };
    } else if matches!(&outcome.end, ScriptEnd::Failed { words, .. } if words.contains("not enough memory")) {
        let line = if let ScriptEnd::Failed { line, .. } = outcome.end { line } else { None };
        outcome.end = ScriptEnd::TooMuchMemory { line };
    }
    outcome
}

/// An outcome of nothing but an end.
fn ended(end: ScriptEnd) -> ScriptOutcome {
    let (actions, problems, decisions) = (Vec::new(), Vec::new(), Vec::new());
    ScriptOutcome { end, actions, priority: None, problems, decisions, parameters: None }
}

/// How far a script has come.
#[derive(Clone, Default)]
struct Budget {
    /// The line at which it had used up what it may.
    exceeded: Rc<Cell<Option<Option<u32>>>>,
}

impl Budget {
    /// Makes the interpreter count.
    fn watch(&self, lua: &Lua) {
        let (exceeded, steps, start) = (self.exceeded.clone(), Cell::new(0u64), Instant::now());
        lua.set_interrupt(move |lua| {
            steps.set(steps.get() + 1);
            if exceeded.get().is_none() {
                let late = steps.get().is_multiple_of(64) && start.elapsed() > LONGEST;
                if steps.get() <= MOST_STEPS && !late {
                    return Ok(VmState::Continue);
                }
                exceeded.set(Some(line_at_work(lua)));
            }
            // The script may catch this error; the next call of it meets the next one.
            Err(mlua::Error::RuntimeError("the script runs too long".to_owned()))
        });
    }
}

/// The line of the script that is at work.
fn line_at_work(lua: &Lua) -> Option<u32> {
    (0..24).find_map(|level| {
        lua.inspect_stack(level, |frame| {
            let ours = frame.source().short_src.as_deref() == Some(CHUNK);
            ours.then(|| frame.current_line()).flatten().and_then(|line| u32::try_from(line).ok())
        })
        .flatten()
    })
}

/// An interpreter with the classes of task flows in it.
struct Session<'l> {
    lua: &'l Lua,
    prelude: Table,
}

impl<'l> Session<'l> {
    fn open(lua: &'l Lua, run: &ScriptRun<'_>, budget: &Budget) -> mlua::Result<Self> {
        lua.set_memory_limit(MOST_MEMORY)?;
        lua.set_compiler(Compiler::new().set_optimization_level(1).set_debug_level(1).set_disabled_builtins([
            // The prelude has its own of these.
            "type", "tonumber",
        ]));
        let classes = lua.create_table()?;
        for class in run.classes {
            classes.set(class.name, class.fields)?;
        }
        let (facts, choices) = match run.source {
            ScriptSource::Known(facts) => (lua_value(lua, facts)?, &[][..]),
            ScriptSource::Traced(choices) => (Value::Nil, choices),
        };
        let prelude = lua.load(PRELUDE).set_name("=prelude").set_mode(ChunkMode::Text);
        let symbols = lua.load(SYMBOLS).set_name("=prelude").set_mode(ChunkMode::Text).into_function()?;
        let prelude: Table = prelude.call((lua.globals(), classes, facts, choices, symbols))?;
        lua.sandbox(true)?;
        budget.watch(lua);
        Ok(Session { lua, prelude })
    }

    fn run(&self, run: &ScriptRun<'_>) -> mlua::Result<ScriptOutcome> {
        let text = match run.source {
            ScriptSource::Known(_) => run.text.to_owned(),
            ScriptSource::Traced(_) => match trace::traceable(run.text) {
                Ok(text) => text,
                Err(why) => return Ok(ended(ScriptEnd::Untraceable { line: Some(why.line), words: why.words })),
            },
        };
        let script = match self.load(&text, CHUNK) {
            Ok(script) => script,
            Err(error) => return Ok(ended(syntax(&error))),
        };
        let arguments: MultiValue = self.load(&format!("return {}", run.arguments), "call")?.call(())?;
        let mut end = self.guarded(&script, MultiValue::new(), run)?;
        let create: Value = self.lua.globals().raw_get("CreateProcedure")?;
        if end == ScriptEnd::Done {
            let whole: Function = self.prelude.get("run")?;
            let mut values = arguments;
            values.push_front(create.clone());
            end = self.guarded(&whole, values, run)?;
        }
        let untraceable: Function = self.prelude.get("untraceable")?;
        if let Some(why) = untraceable.call::<Option<Table>>(())? {
            end = ScriptEnd::Untraceable { line: why.get("line")?, words: why.get("words")? };
        }
        let mut outcome = outcome::read(&self.prelude, end)?;
        if let Value::Function(create) = create {
            outcome.parameters = self.prelude.get::<Function>("parameters")?.call(create)?;
        }
        let is_late = |problem: &ScriptProblem| matches!(problem, ScriptProblem::NoSuchGlobal { .. });
        if outcome.end == ScriptEnd::Done {
            outcome.problems.retain(|problem| !is_late(problem));
        }
        Ok(outcome)
    }

    fn load(&self, text: &str, name: &str) -> mlua::Result<Function> {
        self.lua.load(text).set_name(format!("={name}")).set_mode(ChunkMode::Text).into_function()
    }

    /// Calls a function and says how it ended.
    fn guarded(&self, call: &Function, arguments: MultiValue, run: &ScriptRun<'_>) -> mlua::Result<ScriptEnd> {
        let guarded: Function = self.prelude.get("guarded")?;
        let mut values = arguments;
        values.push_front(Value::Function(call.clone()));
        let failure = match guarded.call::<Option<Table>>(values) {
            Ok(failure) => failure,
            Err(error) => {
                let (line, words) = split(&plain(&error));
                return Ok(ScriptEnd::Failed { line, words });
            }
        };
        let Some(failure) = failure else { return Ok(ScriptEnd::Done) };
        let (line, kind): (Option<u32>, String) = (failure.get("line")?, failure.get("kind")?);
        let words: Option<String> = failure.get("words").unwrap_or(None);
        let (said_at, words) = words.map_or((None, format!("({kind})")), |words| split(&words));
        // What the script says of its own place may be anything.
        let said_at = said_at.filter(|line| (*line as usize) <= run.text.lines().count());
        Ok(ScriptEnd::Failed { line: said_at.or(line), words })
    }
}

/// A tree of facts as a value of Lua.
fn lua_value(lua: &Lua, value: &ScriptValue) -> mlua::Result<Value> {
    match value {
        ScriptValue::Nil | ScriptValue::Other(_) => Ok(Value::Nil),
        ScriptValue::Boolean(value) => Ok(Value::Boolean(*value)),
        ScriptValue::Number(value) => value.into_lua(lua),
        ScriptValue::Text(text) => text.as_str().into_lua(lua),
        ScriptValue::List(elements) => {
            let list = lua.create_table()?;
            for (element, _) in elements {
                list.raw_push(lua_value(lua, element)?)?;
            }
            list.into_lua(lua)
        }
        ScriptValue::Table(members) => {
            let table = lua.create_table()?;
            for (name, member) in members {
                table.raw_set(name.as_str(), lua_value(lua, member)?)?;
            }
            table.into_lua(lua)
        }
    }
}

fn syntax(error: &mlua::Error) -> ScriptEnd {
    let (line, words) = split(&plain(error));
    ScriptEnd::Syntax { line, words }
}

/// The words of an error, without what the binding puts around them.
fn plain(error: &mlua::Error) -> String {
    match error {
        mlua::Error::SyntaxError { message, .. } => message.clone(),
        mlua::Error::RuntimeError(message) | mlua::Error::MemoryError(message) => message.clone(),
        mlua::Error::CallbackError { cause, .. } => plain(cause),
        other => other.to_string(),
    }
}

/// `script:3: words` as a line and words; words of several lines are cut after the first.
fn split(message: &str) -> (Option<u32>, String) {
    let message = message.lines().next().unwrap_or_default();
    let placed = |chunk: &str| {
        let (line, words) = message.strip_prefix(chunk)?.strip_prefix(':')?.split_once(':')?;
        Some((line.parse::<u32>().ok()?, words.trim().to_owned()))
    };
    match (placed(CHUNK), placed("prelude")) {
        (Some((line, words)), _) => (Some(line), words),
        (None, Some((_, words))) => (None, words),
        (None, None) => (None, message.trim().to_owned()),
    }
}
