//! The plan as Graphviz text.

use crate::plan::{LogicalPlan, text};

/// A directed graph, inputs above users; sinks are boxes with a double border.
pub fn dot(plan: &LogicalPlan) -> String {
    let mut text = String::from("digraph plan {\n  rankdir=TB;\n  node [shape=box, fontname=\"monospace\"];\n");
    for index in plan.ordered() {
        let node = plan.node(index);
        let line = text::node_line(plan, index);
        let label = line.split_once(" = ").map_or(line.as_str(), |(_, operation)| operation);
        let shape = if node.op.is_sink() { ", peripheries=2" } else { "" };
        text.push_str(&format!("  n{} [label=\"{}\"{shape}];\n", node.number, escaped(&folded(label))));
        for input in plan.inputs(index) {
            text.push_str(&format!("  n{} -> n{};\n", plan.node(input).number, node.number));
        }
    }
    text.push_str("}\n");
    text
}

/// Long lines are broken at spaces, so that boxes stay readable.
fn folded(label: &str) -> String {
    let mut lines = vec![String::new()];
    for word in label.split(' ').filter(|word| !word.starts_with('%')) {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].len() + word.len() > 32 {
            lines.push(word.to_owned());
        } else {
            let space = if lines[last].is_empty() { "" } else { " " };
            lines[last].push_str(&format!("{space}{word}"));
        }
    }
    lines.join("\n")
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
