//! Why streams are copied or encoded: the clauses of the prover in few words, in all, and for programs.

use crate::plan::OutputSpec;
use crate::plan::conformance::{Clause, Conformance, Relation};
use serde_json::{Value, json};

/// For each sort of stream that is not copied, the first clause that does not hold: the values where one output has
/// it, the name alone where several do.
pub fn not_copied(outputs: &[OutputSpec]) -> String {
    let mut text = String::new();
    for (noun, title) in [("picture", "Pictures not copied"), ("sound", "Sound not copied")] {
        let mut groups: Vec<(&Clause, Vec<&str>)> = Vec::new();
        for output in outputs {
            let proofs = output.conformance.iter().filter(|proof| proof.noun() == noun);
            for clause in proofs.filter_map(|proof| proof.failing().next()) {
                match groups.iter_mut().find(|(known, _)| known.name == clause.name) {
                    Some((_, labels)) if labels.contains(&output.label.as_str()) => {}
                    Some((_, labels)) => labels.push(&output.label),
                    None => groups.push((clause, vec![&output.label])),
                }
            }
        }
        let said = |(clause, labels): &(&Clause, Vec<&str>)| match labels.as_slice() {
            [label] => format!("{label}: {clause}"),
            labels => format!("{}: {}", labels.join(", "), clause.name),
        };
        if !groups.is_empty() {
            text.push_str(&format!("{title}: {}.\n", groups.iter().map(said).collect::<Vec<_>>().join("; ")));
        }
    }
    text
}

/// Every clause of every stream for which copying was considered.
pub fn all_clauses(outputs: &[OutputSpec]) -> String {
    let mut text = String::new();
    for output in outputs {
        for proof in &output.conformance {
            text.push_str(&format!("{} {} {}\n", output.label, proof.noun(), verdict(proof)));
            let width = proof.clauses.iter().map(|clause| clause.name.len()).max().unwrap_or(0);
            for clause in &proof.clauses {
                text.push_str(&format!("    {:width$}  {}\n", clause.name, clause.claim()));
            }
        }
    }
    text
}

/// `copied: all 24 clauses hold`, `encoded: 2 of 24 clauses do not hold`.
pub fn verdict(proof: &Conformance) -> String {
    let (all, failing) = (proof.clauses.len(), proof.failing().count());
    match failing {
        0 => format!("copied: all {all} clauses hold"),
        1 => format!("encoded: 1 of {all} clauses does not hold"),
        _ => format!("encoded: {failing} of {all} clauses do not hold"),
    }
}

/// The same for programs.
pub fn conformance_json(output: &OutputSpec) -> Value {
    let clause = |clause: &Clause| {
        json!({
            "name": clause.name,
            "found": clause.found,
            "relation": match clause.relation {
                Relation::Is => "is",
                Relation::AtMost => "at_most",
                Relation::OneOf => "one_of",
            },
            "wanted": clause.wanted,
            "holds": clause.holds,
        })
    };
    let proof = |proof: &Conformance| {
        json!({
            "stream": proof.stream.to_string(),
            "copied": proof.holds(),
            "clauses": proof.clauses.iter().map(clause).collect::<Vec<_>>(),
        })
    };
    output.conformance.iter().map(proof).collect()
}
