//! Reads what a script left behind out of the interpreter, within bounds.

use crate::world::{
    ScriptAction, ScriptDecision, ScriptEnd, ScriptExpression, ScriptField, ScriptOutcome, ScriptProblem, ScriptValue,
};
use mlua::{Function, Table, Value};

/// Most actions of a script.
const MOST_ACTIONS: usize = 1000;
/// Most elements of a list that are read.
const MOST_ELEMENTS: usize = 2000;
/// Deepest nesting of values.
const MOST_DEPTH: usize = 8;

/// Everything that the prelude kept.
pub fn read(prelude: &Table, end: ScriptEnd) -> mlua::Result<ScriptOutcome> {
    let collect: Function = prelude.get("collect")?;
    let left: Table = prelude.get("left")?;
    let mut outcome = ScriptOutcome {
        end,
        actions: Vec::new(),
        priority: None,
        problems: list(&left, "problems", problem)?,
        decisions: list(&left, "decisions", decision)?,
        parameters: None,
    };
    if let Some(priority) = left.get::<Option<Table>>("priority")? {
        outcome.priority = Some((value(priority.get("value")?, None, 0)?, priority.get("line")?));
    }
    if outcome.end == ScriptEnd::Done {
        let actions: Table = collect.call(())?;
        for entry in actions.sequence_values::<Table>().take(MOST_ACTIONS) {
            outcome.actions.push(action(&entry?)?);
        }
    }
    Ok(outcome)
}

fn list<T>(left: &Table, name: &str, read: fn(&Table) -> mlua::Result<T>) -> mlua::Result<Vec<T>> {
    let entries: Table = left.get(name)?;
    entries.sequence_values::<Table>().map(|entry| read(&entry?)).collect()
}

fn action(entry: &Table) -> mlua::Result<ScriptAction> {
    let fields: Table = entry.get("fields")?;
    let fields = fields.sequence_values::<Table>().map(|entry| field(&entry?)).collect::<mlua::Result<_>>()?;
    Ok(ScriptAction { class: text(entry, "class")?, stage: text(entry, "stage")?, line: entry.get("line")?, fields })
}

fn field(entry: &Table) -> mlua::Result<ScriptField> {
    let lines: Option<Table> = entry.get("lines")?;
    let value = value(entry.get("value")?, lines.as_ref(), 0)?;
    Ok(ScriptField { name: text(entry, "name")?, line: entry.get("line")?, value })
}

/// A text of the script as far as it is one; what is no UTF-8 is shown as such.
fn text(entry: &Table, name: &str) -> mlua::Result<String> {
    Ok(entry.get::<mlua::LuaString>(name)?.to_string_lossy())
}

fn value(from: Value, lines: Option<&Table>, depth: usize) -> mlua::Result<ScriptValue> {
    Ok(match from {
        Value::Nil => ScriptValue::Nil,
        Value::Boolean(value) => ScriptValue::Boolean(value),
        Value::Integer(number) => ScriptValue::Number(number as f64),
        Value::Number(number) => ScriptValue::Number(number),
        Value::String(text) => ScriptValue::Text(text.to_string_lossy()),
        Value::Table(table) if depth < MOST_DEPTH => from_table(&table, lines, depth + 1)?,
        other => ScriptValue::Other(other.type_name().to_owned()),
    })
}

fn from_table(table: &Table, lines: Option<&Table>, depth: usize) -> mlua::Result<ScriptValue> {
    if table.raw_len() > 0 || table.is_empty() {
        let mut elements = Vec::new();
        for at in 1..=table.raw_len().min(MOST_ELEMENTS) {
            let line = lines.map_or(Ok(None), |lines| lines.raw_get(at))?;
            elements.push((value(table.raw_get(at)?, None, depth)?, line));
        }
        return Ok(ScriptValue::List(elements));
    }
    let mut members = Vec::new();
    for pair in table.pairs::<Value, Value>().take(MOST_ELEMENTS) {
        let (key, member) = pair?;
        let key = key.to_string()?;
        members.push((key, value(member, None, depth)?));
    }
    members.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(ScriptValue::Table(members))
}

fn problem(entry: &Table) -> mlua::Result<ScriptProblem> {
    let line: Option<u32> = entry.get("line")?;
    let known_line = line.unwrap_or(1);
    Ok(match text(entry, "kind")?.as_str() {
        "member" => {
            ScriptProblem::NoSuchMember { class: text(entry, "class")?, name: text(entry, "name")?, line: known_line }
        }
        "global" => ScriptProblem::NoSuchGlobal { name: text(entry, "name")?, line: known_line },
        "action" => ScriptProblem::NotAnAction { what: text(entry, "what")?, line: known_line },
        "procedure" => ScriptProblem::NotAProcedure { what: text(entry, "what")?, line },
        "set" => ScriptProblem::NotASet { handler: text(entry, "handler")?, what: text(entry, "what")?, line },
        "stage" => ScriptProblem::Stage { name: text(entry, "name")?, line },
        _ => ScriptProblem::NoFactory,
    })
}

fn decision(entry: &Table) -> mlua::Result<ScriptDecision> {
    Ok(ScriptDecision {
        operator: text(entry, "operator")?,
        left: expression(&entry.get("left")?, 0)?,
        right: expression(&entry.get("right")?, 0)?,
        line: entry.get("line")?,
        holds: entry.get("holds")?,
    })
}

fn expression(entry: &Table, depth: usize) -> mlua::Result<ScriptExpression> {
    if let Some(fact) = entry.get::<Option<String>>("fact")? {
        return Ok(ScriptExpression::Fact(fact));
    }
    match entry.get::<Option<String>>("operator")? {
        Some(operator) if depth < 4 * MOST_DEPTH => {
            let sides = (expression(&entry.get("left")?, depth + 1)?, expression(&entry.get("right")?, depth + 1)?);
            Ok(ScriptExpression::Computed(operator, Box::new(sides)))
        }
        _ => Ok(ScriptExpression::Value(value(entry.get("value")?, None, 0)?)),
    }
}
