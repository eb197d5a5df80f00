//! Filter graphs as ffmpeg's text.

use super::escape::{escape_for_graph, escape_option};
use crate::physical::{Filter, FilterGraph, Pad};

/// The text of a graph. Filters that follow each other directly are joined by commas, others by semicolons.
pub fn graph_text(graph: &FilterGraph) -> String {
    let mut text = String::new();
    let mut open: Option<Pad> = None;
    for filter in &graph.filters {
        let continues = open.is_some() && filter.inputs.len() == 1 && filter.inputs.first() == open.as_ref();
        if continues {
            text.push(',');
        } else {
            if let Some(pad) = open {
                text.push_str(&label(pad));
            }
            if !text.is_empty() {
                text.push(';');
            }
            filter.inputs.iter().for_each(|pad| text.push_str(&label(*pad)));
        }
        text.push_str(&filter_text(filter));
        open = match filter.outputs.as_slice() {
            [single] => Some(*single),
            several => {
                several.iter().for_each(|pad| text.push_str(&label(*pad)));
                None
            }
        };
    }
    if let Some(pad) = open {
        text.push_str(&label(pad));
    }
    text
}

fn filter_text(filter: &Filter) -> String {
    let mut options: Vec<String> = filter
        .options
        .iter()
        .map(|(name, value)| format!("{name}={}", escape_for_graph(&escape_option(value))))
        .collect();
    if filter.name.ends_with("split") {
        options = vec![filter.outputs.len().to_string()];
    }
    if options.is_empty() { filter.name.to_owned() } else { format!("{}={}", filter.name, options.join(":")) }
}

/// `[0:3]` for a stream of the source by its index, `[l7]` for a link.
pub(super) fn label(pad: Pad) -> String {
    match pad {
        Pad::Source(stream) => format!("[0:{}]", stream.index()),
        Pad::Again(opening, stream) => format!("[{opening}:{}]", stream.index()),
        Pad::Link(number) => format!("[l{number}]"),
    }
}
