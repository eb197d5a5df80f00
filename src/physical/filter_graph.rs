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

impl Pad {
    /// The same when only some openings are left; `None` for a stream of another one.
    fn with_openings(self, kept: &[u32]) -> Option<Pad> {
        let (opening, stream) = match self {
            Pad::Source(stream) => (0, stream),
            Pad::Again(opening, stream) => (opening, stream),
            Pad::Link(_) => return Some(self),
        };
        let number = kept.iter().position(|one| *one == opening)? as u32;
        Some(if number == 0 { Pad::Source(stream) } else { Pad::Again(number, stream) })
    }
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

    /// The graph with only some of the openings of the source, counted anew: what read from no other goes, and what
    /// brings several together has fewer.
    pub fn with_openings(&self, kept: &[u32]) -> FilterGraph {
        let mut gone: BTreeSet<Pad> = BTreeSet::new();
        let mut filters = Vec::new();
        for filter in &self.filters {
            let left = filter.inputs.iter().filter(|pad| !gone.contains(pad)).filter_map(|pad| pad.with_openings(kept));
            let inputs: Vec<Pad> = left.collect();
            if inputs.is_empty() && !filter.inputs.is_empty() {
                gone.extend(&filter.outputs);
                continue;
            }
            let count = inputs.len().to_string();
            let fewer = |(name, value): &(&'static str, String)| match *name {
                "nb_inputs" => (*name, count.clone()),
                _ => (*name, value.clone()),
            };
            let options = filter.options.iter().map(fewer).collect();
            filters.push(Filter { inputs, options, ..filter.clone() });
        }
        FilterGraph { filters }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_read_only_from_openings_that_are_gone_goes_with_them() {
        let stream = StreamSelector::Video { index: 0 };
        let filter = |name, inputs: Vec<Pad>, output| Filter {
            name,
            options: if name == "interleave" { vec![("nb_inputs", "3".into())] } else { Vec::new() },
            inputs,
            outputs: vec![Pad::Link(output)],
        };
        let link = Pad::Link;
        let filters = vec![
            filter("trim", vec![Pad::Source(stream)], 0),
            filter("trim", vec![Pad::Again(1, stream)], 1),
            filter("trim", vec![Pad::Again(2, stream)], 2),
            filter("interleave", vec![link(0), link(1), link(2)], 3),
        ];
        let word = |pad: &Pad| match pad {
            Pad::Source(_) => "0".to_owned(),
            Pad::Again(opening, _) => opening.to_string(),
            Pad::Link(number) => format!("l{number}"),
        };
        let text = |graph: FilterGraph| {
            let line = |filter: &Filter| {
                let inputs: Vec<String> = filter.inputs.iter().map(word).collect();
                let options: Vec<String> =
                    filter.options.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("{} {}{}", filter.name, inputs.join(" "), options.concat())
            };
            graph.filters.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        let fewer = FilterGraph { filters }.with_openings(&[1, 2]);
        insta::assert_snapshot!(text(fewer.clone()), @r"
        trim 0
        trim 1
        interleave l1 l2 nb_inputs=2
        ");
        insta::assert_snapshot!(text(fewer.with_openings(&[1])), @r"
        trim 0
        interleave l2 nb_inputs=1
        ");
    }
}
