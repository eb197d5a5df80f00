//! The two escapes of text inside a filter graph, in this order: option level, then graph level (`reliability.md` R10).

/// Option level: protects what separates options inside one filter.
pub fn escape_option(value: &str) -> String {
    escape(value, |c| matches!(c, '\\' | '\'' | ':') || c.is_ascii_whitespace())
}

/// Graph level: protects what separates filters inside one graph.
pub fn escape_for_graph(option: &str) -> String {
    escape(option, |c| matches!(c, '\\' | '\'' | '[' | ']' | ',' | ';') || c.is_ascii_whitespace())
}

fn escape(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if special(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
