//! JSON values as text, laid out for people.

use super::value::{Kind, Value};

/// Longest line that an object or a list may be.
const LINE: usize = 100;

/// A value as text, ended by a line break: short objects and lists on one line, members indented by two.
pub fn pretty(value: &Value) -> String {
    let mut text = String::new();
    put(&mut text, value, 0);
    text.push('\n');
    text
}

/// Nesting is what the tables have, so this recursion is bounded.
fn put(text: &mut String, value: &Value, depth: usize) {
    let line = on_one_line(value);
    if depth > 0 && line.len() + 2 * depth <= LINE || !matches!(value.kind, Kind::Array(_) | Kind::Object(_)) {
        text.push_str(&line);
        return;
    }
    let indent = "  ".repeat(depth + 1);
    let (open, close, count) = match &value.kind {
        Kind::Array(elements) => ('[', ']', elements.len()),
        _ => ('{', '}', value.members().len()),
    };
    text.push(open);
    for at in 0..count {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&indent);
        match &value.kind {
            Kind::Array(elements) => put(text, &elements[at], depth + 1),
            _ => {
                let member = &value.members()[at];
                text.push_str(&format!("{}: ", quoted(&member.name)));
                put(text, &member.value, depth + 1);
            }
        }
    }
    text.push_str(&format!("\n{}{close}", "  ".repeat(depth)));
}

fn on_one_line(value: &Value) -> String {
    match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Boolean(is) => is.to_string(),
        Kind::Number(written) => written.clone(),
        Kind::String(text) => quoted(text),
        Kind::Array(elements) => format!("[{}]", elements.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        Kind::Object(members) if members.is_empty() => "{}".to_owned(),
        Kind::Object(members) => {
            let member =
                |member: &super::value::Member| format!("{}: {}", quoted(&member.name), on_one_line(&member.value));
            format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            sign if sign < ' ' => quoted.push_str(&format!("\\u{:04x}", sign as u32)),
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}
