//! Finds procedures that call themselves, directly or through others.

use super::scope::Scope;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::syntax::ast::{Call, StatementKind};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use std::collections::BTreeMap;

/// Reports every circle of calls once, at a call that closes it.
pub fn check(scope: &Scope<'_>, out: &mut Diagnostics) {
    let procedures = scope.own_procedures();
    let mut graph: DiGraph<usize, &Call> = DiGraph::new();
    let nodes: Vec<_> = (0..procedures.len()).map(|index| graph.add_node(index)).collect();
    let mut by_name = BTreeMap::new();
    for (procedure, node) in procedures.iter().zip(&nodes) {
        by_name.entry(procedure.name.value.as_str()).or_insert(*node);
    }
    for (procedure, node) in procedures.iter().zip(&nodes) {
        for statement in &procedure.body {
            if let StatementKind::Call(call) = &statement.kind
                && let Some(called) = by_name.get(call.name.value.as_str())
            {
                graph.add_edge(*node, *called, call);
            }
        }
    }
    for group in kosaraju_scc(&graph) {
        let inside = |edge: &petgraph::graph::EdgeReference<'_, &Call>| {
            use petgraph::visit::EdgeRef;
            group.contains(&edge.target())
        };
        let calls = group.iter().flat_map(|node| graph.edges(*node)).filter(inside);
        let Some(closing) = calls.map(|edge| *edge.weight()).max_by_key(|call| call.span) else { continue };
        let mut names: Vec<&str> = group.iter().map(|node| procedures[graph[*node]].name.value.as_str()).collect();
        names.sort_unstable();
        let message = match names.as_slice() {
            [only] => format!("the procedure `{only}` calls itself"),
            names => format!("the procedures {} call each other in a circle", crate::diag::word_list(names)),
        };
        out.push(Diagnostic::new(&codes::CYCLE, message).at(closing.span, ""));
    }
}
