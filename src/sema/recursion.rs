//! Finds procedures that call themselves, directly or through others.

use super::scope::Scope;
use crate::diag::{Diagnostic, Diagnostics, all_of, codes, message};
use crate::syntax::ast::{Call, Statement, StatementKind};
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
        let mut calls = Vec::new();
        calls_of(&procedure.body, &mut calls);
        for call in calls {
            if let Some(called) = by_name.get(call.name.value.as_str()) {
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
            [only] => message!("the procedure `{}` calls itself", only),
            names => message!("the procedures {} call each other in a circle", all_of(names)),
        };
        out.push(Diagnostic::new(&codes::CYCLE, message).at(closing.span, ""));
    }
}

/// The calls of a body and of the blocks in it, whose nesting is limited before parsing.
fn calls_of<'a>(body: &'a [Statement], calls: &mut Vec<&'a Call>) {
    for statement in body {
        match &statement.kind {
            StatementKind::Call(call) => calls.push(call),
            StatementKind::For { body, .. } => calls_of(body, calls),
            StatementKind::When { branches, otherwise } => {
                branches.iter().for_each(|branch| calls_of(&branch.body, calls));
                otherwise.iter().for_each(|body| calls_of(body, calls));
            }
            _ => {}
        }
    }
}
