//! Filter graphs as values: filters with typed ends; text and escaping belong to `ffmpeg`.

use crate::plan::StreamSelector;
use std::collections::BTreeSet;

/// An end of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pad {
    /// A decoded stream of the source, as it is opened first.
    Source(StreamSelector),
    /// A decoded stream of the source as it is opened for the second time (1) or later.
    Again(u32, StreamSelector),
    /// A link inside the graph.
    Link(u32),
}

/// One filter with its options in the order they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// ffmpeg's name of the filter.
    pub name: &'static str,
    /// Options, unescaped. A value without a name is positional.
    pub options: Vec<(&'static str, String)>,
    /// Where it reads.
    pub inputs: Vec<Pad>,
    /// What it makes.
    pub outputs: Vec<Pad>,
}

/// Filters in an order in which each reads only what an earlier one makes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterGraph {
    /// The filters.
    pub filters: Vec<Filter>,
}

impl FilterGraph {
    /// The part of the graph that the wanted ends need. A filter with several ends keeps only the wanted ones.
    pub fn restricted_to(&self, wanted: &[Pad]) -> FilterGraph {
        let mut needed: BTreeSet<Pad> = wanted.iter().copied().collect();
        let mut kept = Vec::new();
        for filter in self.filters.iter().rev() {
            let outputs: Vec<Pad> = filter.outputs.iter().copied().filter(|pad| needed.contains(pad)).collect();
            if outputs.is_empty() {
                continue;
            }
            needed.extend(&filter.inputs);
            kept.push(Filter { outputs, ..filter.clone() });
        }
        kept.reverse();
        FilterGraph { filters: kept }
    }

    /// The streams of the source that the graph reads.
    pub fn source_streams(&self) -> BTreeSet<StreamSelector> {
        let pads = self.filters.iter().flat_map(|filter| &filter.inputs);
        pads.filter_map(|pad| match pad {
            Pad::Source(stream) | Pad::Again(_, stream) => Some(*stream),
            Pad::Link(_) => None,
        })
        .collect()
    }
}
