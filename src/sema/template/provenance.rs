//! Notes where each field of a template was written, over what the extended template has noted.

use crate::catalog::template::{Provenance, TemplateKind, Written};
use crate::syntax::ast::{Record, ValueKind};

/// Fields of which a written one replaces all inherited ones.
const OF_PICTURES: &[&[&str]] = &[&["short_side", "long_side", "width", "height"], &["mode", "crf"]];
const OF_MARKS: &[&[&str]] = &[&["image", "text", "svg"]];

/// Notes every field of a template's record; `by` is the label of the template that says it.
pub fn trace(provenance: &mut Provenance, kind: TemplateKind, record: &Record, by: &str) {
    let groups = if kind == TemplateKind::Watermark { OF_MARKS } else { OF_PICTURES };
    trace_inside(provenance, "", record, (by, groups));
}

fn trace_inside(provenance: &mut Provenance, prefix: &str, record: &Record, context: (&str, &[&[&str]])) {
    let (by, groups) = context;
    for group in groups {
        if record.fields.iter().any(|field| group.contains(&field.name.value.as_str())) {
            group.iter().for_each(|word| provenance.forget(&format!("{prefix}{word}")));
        }
    }
    for field in record.fields.iter().filter(|field| !super::HEAD.contains(&field.name.value.as_str())) {
        let path = format!("{prefix}{}", field.name.value);
        let written = Written { span: field.name.span, by: by.to_owned() };
        match &field.value.kind {
            ValueKind::Record(inner) => {
                provenance.note(path.clone(), written);
                trace_inside(provenance, &format!("{path}."), inner, context);
            }
            ValueKind::List(elements) => {
                provenance.forget(&path);
                provenance.note(path.clone(), written);
                for (at, element) in elements.iter().enumerate() {
                    if let ValueKind::Record(inner) = &element.kind {
                        trace_inside(provenance, &format!("{path}.{}.", at + 1), inner, context);
                    }
                }
            }
            _ => {
                provenance.forget(&path);
                provenance.note(path, written);
            }
        }
    }
}
