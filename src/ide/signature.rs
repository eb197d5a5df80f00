//! The procedure whose arguments are being written.

use super::{Analysis, cursor, describe, place};

/// A procedure's head while its call is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `publish(cover_at: time = 0s)`
    pub label: String,
    /// Its parameters as they stand in the label.
    pub parameters: Vec<String>,
    /// The parameter that the cursor is at.
    pub active: Option<usize>,
    /// What it does.
    pub doc: String,
}

/// The signature at a cursor between the parentheses of a call.
pub(super) fn signature(analysis: &Analysis<'_>, offset: usize) -> Option<Signature> {
    let before = cursor::before(analysis.text(), offset);
    let call = place::open_call(&before)?;
    let procedure = analysis.names().procedure(&call.callee)?;
    let parameters = describe::parameters(procedure, analysis.text_of(procedure.node.name.span));
    let by_name = |name: &String| procedure.node.parameters.iter().position(|one| one.name.value == *name);
    let active = match &call.name {
        Some(name) => by_name(name),
        None => Some(call.position),
    };
    let slot = active.and_then(|active| procedure.node.parameters.get(active));
    let slot = slot.filter(|_| procedure.is_system).and_then(|slot| describe::slot(&slot.name.value));
    let doc = [procedure.node.doc.as_deref(), slot].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    Some(Signature {
        label: format!("{}({})", procedure.node.name.value, parameters.join(", ")),
        active: active.filter(|active| *active < parameters.len()),
        parameters,
        doc,
    })
}
