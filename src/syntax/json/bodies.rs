//! Which body an object is: told by its `Action`, or by names that only one of them has.

use super::flow::procedure;
use super::read::{Extent, Reader, near};
use super::shape::{self, Fields};
use super::table::{Generation, Table};
use super::templates::{ADAPTIVE, ANIMATED, ENCRYPTION, SAMPLE, SNAPSHOT, SPRITE, TRANSCODE, WATERMARK};
use super::value::{Kind, Value};
use super::{flat, table};
use crate::diag::{Diagnostic, Diagnostics, codes, message};
use crate::syntax::ast::{Item, Name, Quantity, Record, Template, ValueKind};
use crate::text::Spanned;
use std::borrow::Cow;

/// What an object declares.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A flow.
    Flow,
    /// A template, by the word of its kind.
    Template(&'static str),
}

/// The table and the `.vod` word of every kind of template.
pub const KINDS: [(&str, &Table); 8] = [
    ("transcode", &TRANSCODE),
    ("watermark", &WATERMARK),
    ("snapshot", &SNAPSHOT),
    ("sample", &SAMPLE),
    ("sprite", &SPRITE),
    ("adaptive", &ADAPTIVE),
    ("animated", &ANIMATED),
    ("encryption", &ENCRYPTION),
];

/// Names that tell bodies apart, in the order asked: those of later rows also occur in earlier ones.
const TELLING: &[(Sort, &[&str])] = &[
    (
        Sort::Flow,
        &[
            "MediaProcessTask",
            "TranscodeTaskSet",
            "AnimatedGraphicTaskSet",
            "SnapshotByTimeOffsetTaskSet",
            "SampleSnapshotTaskSet",
            "ImageSpriteTaskSet",
            "CoverBySnapshotTaskSet",
            "AdaptiveDynamicStreamingTaskSet",
            "AiContentReviewTask",
            "process",
            "transcode",
            "animatedGraphics",
            "snapshotByTimeOffset",
            "sampleSnapshot",
            "imageSprite",
            "coverBySnapshot",
            "aiReview",
            "FileId",
            "fileId",
        ],
    ),
    (Sort::Template("adaptive"), &["StreamInfos"]),
    (
        Sort::Template("transcode"),
        &["Container", "VideoTemplate", "AudioTemplate", "container", "video", "audio", "isFiltrateVideo"],
    ),
    (
        Sort::Template("watermark"),
        &["ImageTemplate", "TextTemplate", "SvgTemplate", "CoordinateOrigin", "XPos", "YPos", "url", "left", "top"],
    ),
    (Sort::Template("sprite"), &["RowCount", "ColumnCount", "rowCount", "columnCount"]),
    (Sort::Template("sample"), &["SampleType", "SampleInterval", "sampleType", "sampleInterval"]),
    (Sort::Template("animated"), &["Quality", "Fps", "quality", "fps"]),
    (Sort::Template("encryption"), &["getKeyUrl", "keySource", "algorithm", "encryptType"]),
    (
        Sort::Template("snapshot"),
        &["Format", "FillType", "ResolutionAdaptive", "Width", "Height", "format", "fillType", "width", "height"],
    ),
];

/// The actions of the API whose bodies are read.
const FLOW_ACTIONS: [&str; 5] =
    ["CreateProcedureTemplate", "ResetProcedureTemplate", "ProcessMedia", "ProcessFile", "RunProcedure"];

/// The items of a text: of one body, or of a list of them.
pub fn items(value: &Value) -> (Vec<Item>, Diagnostics) {
    let bodies = match &value.kind {
        Kind::Array(elements) => elements.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let (mut items, mut diagnostics) = (Vec::new(), Diagnostics::default());
    for body in bodies {
        if diagnostics.is_full() {
            break;
        }
        items.extend(item(body, &mut diagnostics));
    }
    (items, diagnostics)
}

fn item(body: &Value, diagnostics: &mut Diagnostics) -> Option<Item> {
    let (Kind::Object(members), span) = (&body.kind, body.span) else {
        let message = message!("a procedure or a template is an object");
        diagnostics.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(body.span, ""));
        return None;
    };
    let body = if flat::is_flat(body) {
        let (nested, found) = flat::nested(body);
        diagnostics.extend(found);
        Cow::Owned(nested)
    } else {
        Cow::Borrowed(body)
    };
    let Some(sort) = sort(&body, diagnostics) else {
        let problem = Diagnostic::new(&codes::FORM_NOT_SUPPORTED, message!("the object is no body that is known"));
        let at = members.first().map_or(span, |member| member.name_span);
        let help =
            message!("write a flow (`MediaProcessTask`, `transcode`), or the body of a `Create…Template` request");
        diagnostics.push(problem.at(at, "").with_help(help));
        return None;
    };
    let mut reader = Reader::new(generation(&body));
    let item = match sort {
        Sort::Flow => Item::Procedure(procedure(&mut reader, &body, "flow")),
        Sort::Template(kind) => Item::Template(template(&mut reader, &body, kind)?),
    };
    diagnostics.extend(reader.diagnostics);
    Some(item)
}

/// How many names of a body are looked at to tell what it is; no body has as many fields.
const MOST_NAMES: usize = 100;

/// What a body declares; `None` when nothing tells it.
fn sort(body: &Value, diagnostics: &mut Diagnostics) -> Option<Sort> {
    if let Some(Value { kind: Kind::String(action), span }) = body.get("Action") {
        let kinds = KINDS.iter().map(|(kind, table)| (table.name, Sort::Template(kind)));
        let known: Vec<(&str, Sort)> = kinds.chain(FLOW_ACTIONS.iter().map(|action| (*action, Sort::Flow))).collect();
        if let Some((_, sort)) = known.iter().find(|(name, _)| name == action) {
            return Some(*sort);
        }
        let message = message!("`{}` does not take `{}`", "Action", action);
        let problem = Diagnostic::new(&codes::UNKNOWN_WORD, message).at(*span, "");
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        diagnostics.push(match near(action, names.iter().copied()) {
            Some(near) => problem.with_help(message!("write `{}`", near)).with_fix(*span, format!("\"{near}\"")),
            None => problem.with_help(message!("it takes {}", crate::diag::all_of(&names))),
        });
    }
    let names: Vec<&str> = body.members().iter().map(|member| member.name.as_str()).take(MOST_NAMES).collect();
    let told = |is: &dyn Fn(&str, &str) -> bool| {
        let row =
            TELLING.iter().find(|(_, telling)| telling.iter().any(|word| names.iter().any(|name| is(name, word))));
        row.map(|(sort, _)| *sort)
    };
    told(&|name, word| name == word).or_else(|| told(&|name, word| near(name, [word]).is_some()))
}

/// The generation is told by how its names begin.
fn generation(body: &Value) -> Generation {
    // Names that both generations write with a capital say nothing.
    const NEITHER: [&str; 9] =
        ["$schema", "Action", "SubAppId", "Region", "Timestamp", "Nonce", "SecretId", "Signature", "SignatureMethod"];
    let telling = body.members().iter().filter(|member| !NEITHER.contains(&member.name.as_str()));
    let (mut capitals, mut small) = (0, 0);
    for member in telling {
        match member.name.starts_with(|sign: char| sign.is_ascii_uppercase()) {
            true => capitals += 1,
            false => small += 1,
        }
    }
    if capitals >= small && capitals > 0 { Generation::V3 } else { Generation::V2 }
}

fn template(reader: &mut Reader, body: &Value, kind: &'static str) -> Option<Template> {
    let (_, table): &(&str, &'static table::Table) = KINDS.iter().find(|(word, _)| *word == kind)?;
    let record = reader.object(body, table, Extent::Whole);
    let record = shape::template(reader, kind, &record);
    let mut fields = Fields { rest: record.fields };
    let mut name = None;
    if let Some(written) = fields.take("@name")
        && let ValueKind::Text(text) = written.value.kind
    {
        name = Some(Name::new(super::super::normalised(&text), written.value.span));
    }
    if let Some(mut id) = fields.take("@id") {
        match &id.value.kind {
            // A name where the number stands is what flows of this text call it.
            ValueKind::Text(text) => name = name.or(Some(Name::new(text.clone(), id.value.span))),
            ValueKind::Quantity(Quantity::Number(number)) => {
                name = name.or(Some(Name::new(format!("{kind}-{number}"), id.value.span)));
                id.name.value = "id".to_owned();
                fields.rest.push(id);
            }
            _ => {}
        }
    }
    let record = Record { fields: fields.rest, ..record };
    Some(Template {
        kind: Spanned::new(kind.to_owned(), body.span),
        name: name.unwrap_or_else(|| Name::new(kind.to_owned(), body.span)),
        fields: record,
        doc: None,
        span: body.span,
    })
}
