//! The work as boxes and arrows: operations that follow each other without a branch share a box.

use super::Shown;
use super::tree::{describe, sink_labels};
use crate::plan::op::Op;
use crate::plan::{LogicalPlan, text};
use petgraph::stable_graph::NodeIndex;
use std::collections::BTreeMap;

/// Boxes and arrows, inputs before users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkGraph {
    /// The boxes; arrows name them by their place here.
    pub boxes: Vec<WorkBox>,
    /// From what is read to what reads it, without doubles.
    pub arrows: Vec<(usize, usize)>,
}

/// Some operations in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkBox {
    /// What it does, a few words a line.
    pub lines: Vec<String>,
    /// What sort of work it is.
    pub sort: WorkSort,
    /// Its operations as lines of plan text.
    pub operations: Vec<String>,
}

/// Sorts of work, by the dearest operation of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkSort {
    /// Reading.
    Source,
    /// Filters.
    Filter,
    /// Copies of streams.
    Copy,
    /// Decodes.
    Decode,
    /// Encodes.
    Encode,
    /// Delivery of an output.
    Deliver,
}

impl WorkSort {
    /// One word, the name of a class in pictures.
    pub fn word(self) -> &'static str {
        match self {
            WorkSort::Source => "source",
            WorkSort::Filter => "filter",
            WorkSort::Copy => "copy",
            WorkSort::Decode => "decode",
            WorkSort::Encode => "encode",
            WorkSort::Deliver => "deliver",
        }
    }

    /// All of them, for legends.
    pub const ALL: [WorkSort; 6] =
        [WorkSort::Source, WorkSort::Decode, WorkSort::Filter, WorkSort::Encode, WorkSort::Copy, WorkSort::Deliver];

    fn of(op: &Op) -> Self {
        match op {
            Op::Demux { .. } => WorkSort::Source,
            Op::Decode { .. } => WorkSort::Decode,
            Op::Copy(_) => WorkSort::Copy,
            op if op.is_encode() => WorkSort::Encode,
            op if op.is_sink() => WorkSort::Deliver,
            _ => WorkSort::Filter,
        }
    }
}

impl WorkGraph {
    /// The optimised plan of a compilation.
    pub fn of(shown: Shown) -> Self {
        let plan = &shown.compilation.optimised;
        let labels = sink_labels(plan, &shown.compilation.outputs);
        let mut graph = WorkGraph::default();
        let mut places: BTreeMap<NodeIndex, usize> = BTreeMap::new();
        for index in plan.ordered().into_iter().filter(|index| !is_mark(plan, *index)) {
            let inputs: Vec<NodeIndex> =
                plan.inputs(index).into_iter().filter(|input| !is_mark(plan, *input)).collect();
            let place = match inputs.as_slice() {
                [input] if follows(plan, *input, index) => places[input],
                _ => graph.open(),
            };
            graph.boxes[place].take(plan, index, labels.get(&index));
            for input in inputs {
                let arrow = (places[&input], place);
                if arrow.0 != arrow.1 && !graph.arrows.contains(&arrow) {
                    graph.arrows.push(arrow);
                }
            }
            places.insert(index, place);
        }
        graph
    }

    fn open(&mut self) -> usize {
        self.boxes.push(WorkBox { lines: Vec::new(), sort: WorkSort::Source, operations: Vec::new() });
        self.boxes.len() - 1
    }
}

impl WorkBox {
    fn take(&mut self, plan: &LogicalPlan, index: NodeIndex, label: Option<&String>) {
        let op = &plan.node(index).op;
        let words = match (op, label) {
            (Op::Demux { name, .. }, _) => name.clone(),
            (_, Some(label)) => label.clone(),
            _ => describe(plan, index),
        };
        if !words.is_empty() {
            self.lines.push(words);
        }
        self.sort = self.sort.max(WorkSort::of(op));
        self.operations.push(text::node_line(plan, index));
    }
}

/// A mark is told with the overlay that shows it.
fn is_mark(plan: &LogicalPlan, index: NodeIndex) -> bool {
    matches!(plan.node(index).op, Op::Mark { .. })
}

/// Whether an operation stands in the box of the one it reads: it is the only reader, and neither the source nor an
/// output, which have boxes of their own.
fn follows(plan: &LogicalPlan, input: NodeIndex, index: NodeIndex) -> bool {
    let alone = plan.users(input).len() == 1;
    alone && !plan.node(index).op.is_sink() && !matches!(plan.node(input).op, Op::Demux { .. })
}
