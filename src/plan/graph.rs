//! The graph itself: nodes in a petgraph DAG, sinks in the order asked, and the check that it is well formed.

use crate::plan::SpecKey;
use crate::plan::op::{Op, TypeMismatch};
use crate::plan::stream::StreamType;
use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;
use petgraph::visit::NodeIndexable;
use std::collections::BTreeMap;

/// One operation in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its number in plan text; it keeps it through all rewrites, so that a difference shows only a rule's work.
    pub number: u32,
    /// What it does.
    pub op: Op,
    /// Hash of everything it depends on.
    pub key: SpecKey,
}

/// A stream from one operation to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Which input of the user it is, from 0.
    pub port: u8,
    /// What flows.
    pub stream: StreamType,
}

/// What must be produced, in which steps.
#[derive(Debug, Clone, Default)]
pub struct LogicalPlan {
    graph: StableDiGraph<Node, Edge>,
    sinks: Vec<NodeIndex>,
    next_number: u32,
}

/// A plan that is not well formed: a mistake in vodflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// An operation is given what it cannot take.
    #[error("node %{number}: {error}")]
    Type {
        /// The node.
        number: u32,
        /// What is wrong.
        error: TypeMismatch,
    },
    /// An edge says another type than its operation gives.
    #[error("node %{0}: an edge carries another stream type than the operation gives")]
    EdgeType(u32),
    /// Input ports are not 0, 1, 2 ….
    #[error("node %{0}: its inputs are not numbered from 0 without gaps")]
    Ports(u32),
    /// There is a circle.
    #[error("the plan has a cycle")]
    Cycle,
    /// The list of sinks is not the list of sink nodes.
    #[error("the delivered outputs are not those that were asked for")]
    Sinks,
}

impl LogicalPlan {
    /// Adds an operation that reads from `inputs`.
    pub fn add(&mut self, op: Op, inputs: &[NodeIndex]) -> Result<NodeIndex, PlanError> {
        let number = self.next_number;
        self.add_numbered(number, op, inputs)
    }

    /// Adds an operation with a given number, as plan text has it.
    pub fn add_numbered(&mut self, number: u32, op: Op, inputs: &[NodeIndex]) -> Result<NodeIndex, PlanError> {
        let streams = inputs.iter().map(|input| self.output(*input)).collect::<Result<Vec<_>, _>>()?;
        let given: Vec<&StreamType> = streams.iter().collect();
        op.output(&given).map_err(|error| PlanError::Type { number, error })?;
        let key = self.key_of(&op, inputs, &given);
        let is_sink = op.is_sink();
        let index = self.graph.add_node(Node { number, op, key });
        for (port, (input, stream)) in inputs.iter().zip(streams).enumerate() {
            self.graph.add_edge(*input, index, Edge { port: port as u8, stream });
        }
        if is_sink {
            self.sinks.push(index);
        }
        self.next_number = self.next_number.max(number + 1);
        Ok(index)
    }

    /// The hash of an operation and all it depends on. A no-op has the key of its input, so that removing it changes
    /// no key; names that only people see are left out.
    fn key_of(&self, op: &Op, inputs: &[NodeIndex], given: &[&StreamType]) -> SpecKey {
        if op.is_no_op(given) {
            return self.node(inputs[0]).key.clone();
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(super::text::key_text(op).as_bytes());
        for input in inputs {
            hasher.update(b"\n");
            hasher.update(self.node(*input).key.0.as_bytes());
        }
        SpecKey(hasher.finalize().to_hex()[..32].to_owned())
    }

    /// The node at an index of this plan.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.graph[index]
    }

    /// Sinks in the order asked.
    pub fn sinks(&self) -> &[NodeIndex] {
        &self.sinks
    }

    /// All nodes, inputs before users; the order comes from the sinks and ports, never from insertion.
    pub fn ordered(&self) -> Vec<NodeIndex> {
        let mut seen = vec![false; NodeIndexable::node_bound(&self.graph)];
        let mut order = Vec::with_capacity(self.graph.node_count());
        let unused = |index: NodeIndex| self.graph.edges_directed(index, Direction::Outgoing).next().is_none();
        let lone = self.graph.node_indices().filter(|index| unused(*index) && !self.node(*index).op.is_sink());
        let mut stack: Vec<(NodeIndex, bool)> =
            self.sinks.iter().copied().chain(lone).rev().map(|sink| (sink, false)).collect();
        while let Some((index, inputs_done)) = stack.pop() {
            if inputs_done {
                order.push(index);
            } else if !std::mem::replace(&mut seen[index.index()], true) {
                stack.push((index, true));
                stack.extend(self.inputs(index).into_iter().rev().map(|input| (input, false)));
            }
        }
        order
    }

    /// What a node reads from, by port.
    pub fn inputs(&self, index: NodeIndex) -> Vec<NodeIndex> {
        let mut edges: Vec<_> = self.graph.edges_directed(index, Direction::Incoming).collect();
        edges.sort_by_key(|edge| edge.weight().port);
        edges.into_iter().map(|edge| edge.source()).collect()
    }

    /// Who reads from a node, with the port there, in the order of their numbers.
    pub fn users(&self, index: NodeIndex) -> Vec<(NodeIndex, u8)> {
        let edges = self.graph.edges_directed(index, Direction::Outgoing);
        let mut users: Vec<_> = edges.map(|edge| (edge.target(), edge.weight().port)).collect();
        users.sort_by_key(|(user, port)| (self.node(*user).number, *port));
        users
    }

    /// The types of what a node reads, by port.
    pub fn input_types(&self, index: NodeIndex) -> Vec<StreamType> {
        let mut edges: Vec<_> =
            self.graph.edges_directed(index, Direction::Incoming).map(|edge| edge.weight()).collect();
        edges.sort_by_key(|edge| edge.port);
        edges.into_iter().map(|edge| edge.stream.clone()).collect()
    }

    /// The type of what a node gives.
    pub fn output(&self, index: NodeIndex) -> Result<StreamType, PlanError> {
        let types = self.input_types(index);
        let node = self.node(index);
        node.op
            .output(&types.iter().collect::<Vec<_>>())
            .map_err(|error| PlanError::Type { number: node.number, error })
    }

    /// Lets all users of `old` read from `new` instead, which must give the same type.
    pub fn redirect(&mut self, old: NodeIndex, new: NodeIndex) {
        let edges: Vec<_> =
            self.graph.edges_directed(old, Direction::Outgoing).map(|edge| (edge.id(), edge.target())).collect();
        for (edge, user) in edges {
            if let Some(weight) = self.graph.remove_edge(edge) {
                self.graph.add_edge(new, user, weight);
            }
        }
    }

    /// Takes a node out of the plan; a sink is never taken out.
    pub fn remove(&mut self, index: NodeIndex) {
        if !self.sinks.contains(&index) {
            self.graph.remove_node(index);
        }
    }

    /// Whether the plan still has this node.
    pub fn contains(&self, index: NodeIndex) -> bool {
        self.graph.contains_node(index)
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.sinks.is_empty()
    }

    /// How many nodes there are of each word, for summaries.
    pub fn count(&self, wanted: impl Fn(&Op) -> bool) -> usize {
        self.graph.node_weights().filter(|node| wanted(&node.op)).count()
    }

    /// What is delivered: the sinks with the keys of all they depend on. No rewrite may change it.
    pub fn delivered(&self) -> Vec<(Op, SpecKey)> {
        self.sinks.iter().map(|sink| (self.node(*sink).op.clone(), self.node(*sink).key.clone())).collect()
    }

    /// Checks that the plan is well formed; run after lowering and after every rewrite.
    pub fn verify(&self) -> Result<(), PlanError> {
        if petgraph::algo::is_cyclic_directed(&self.graph) {
            return Err(PlanError::Cycle);
        }
        let sinks = self.graph.node_indices().filter(|index| self.node(*index).op.is_sink()).count();
        if sinks != self.sinks.len() || !self.sinks.iter().all(|sink| self.contains(*sink)) {
            return Err(PlanError::Sinks);
        }
        let mut types = BTreeMap::new();
        for index in self.ordered() {
            let number = self.node(index).number;
            let mut ports: Vec<_> = self.graph.edges_directed(index, Direction::Incoming).collect();
            ports.sort_by_key(|edge| edge.weight().port);
            if ports.iter().enumerate().any(|(at, edge)| at != usize::from(edge.weight().port)) {
                return Err(PlanError::Ports(number));
            }
            if ports.iter().any(|edge| types.get(&edge.source()) != Some(&edge.weight().stream)) {
                return Err(PlanError::EdgeType(number));
            }
            types.insert(index, self.output(index)?);
        }
        Ok(())
    }
}
