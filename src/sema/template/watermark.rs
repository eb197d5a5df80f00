//! The fields of `template watermark`.

use super::{FieldRule, apply_top, missing};
use crate::catalog::template::{Corner, FileReference, MarkContent, Repeat, Template, TemplateHead, WatermarkTemplate};
use crate::sema::read::Reader;
use crate::syntax::ast::{Record, Value};
use crate::units::{Length, Percent};
use std::ops::RangeInclusive;
use std::sync::Arc;

struct Draft {
    image: Option<FileReference>,
    content_later: bool,
    corner: Corner,
    x: Length,
    y: Length,
    width: Option<Length>,
    height: Option<Length>,
    sized: bool,
    opacity: Percent,
}

/// Sides of marks in pixels (`vod.md` C.2); offsets may be anything up to the largest picture.
const SIDE: RangeInclusive<u32> = 8..=4096;
const OFFSET: RangeInclusive<u32> = 0..=8192;

const RULES: &[FieldRule<Draft>] = &[
    FieldRule { name: "image", read: image },
    FieldRule {
        name: "text",
        read: |reader, value, draft| {
            draft.content_later = true;
            reader.later("a watermark of text", value.span);
        },
    },
    FieldRule {
        name: "svg",
        read: |reader, value, draft| {
            draft.content_later = true;
            reader.later("a watermark of SVG", value.span);
        },
    },
    FieldRule {
        name: "origin",
        read: |reader, value, draft| {
            draft.corner = reader.word(value, Corner::WORDS, Corner::from_word).unwrap_or(draft.corner);
        },
    },
    FieldRule { name: "x", read: |reader, value, draft| draft.x = reader.length(value, OFFSET).unwrap_or(draft.x) },
    FieldRule { name: "y", read: |reader, value, draft| draft.y = reader.length(value, OFFSET).unwrap_or(draft.y) },
    FieldRule {
        name: "width",
        read: |reader, value, draft| {
            draft.sized = true;
            draft.width = reader.length(value, SIDE);
        },
    },
    FieldRule {
        name: "height",
        read: |reader, value, draft| {
            draft.sized = true;
            draft.height = reader.length(value, SIDE);
        },
    },
    FieldRule { name: "repeat", read: |reader, value, _| reader.later("the field `repeat`", value.span) },
    FieldRule {
        name: "opacity",
        read: |reader, value, draft| draft.opacity = reader.percent(value).unwrap_or(draft.opacity),
    },
];

fn image(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    let Some(path) = reader.text(value) else { return };
    let base = reader.sources.get(value.span.source).map_or_else(String::new, |source| source.name.clone());
    draft.image = Some(FileReference { path, span: value.span, base });
}

/// Builds a watermark template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&WatermarkTemplate>,
) -> Option<Template> {
    let mut draft = Draft {
        image: base.and_then(|base| base.image().cloned()),
        content_later: false,
        corner: base.map_or(Corner::TopLeft, |base| base.corner),
        x: base.map_or(Length::Pixels(0), |base| base.x),
        y: base.map_or(Length::Pixels(0), |base| base.y),
        width: base.and_then(|base| base.width),
        height: base.and_then(|base| base.height),
        sized: base.is_some(),
        opacity: base.map_or(Percent::from_integer(100), |base| base.opacity),
    };
    apply_top(reader, record, "a watermark template", RULES, &mut draft);
    if draft.content_later {
        return None;
    }
    let Some(image) = draft.image else {
        return missing(reader, &head, record, "image", "\"logo.png\"");
    };
    // A tenth of the picture, as the cloud's templates have it, unless a side is written.
    let width = if draft.sized { draft.width } else { Some(Length::Percent(Percent::from_integer(10))) };
    Some(Template::Watermark(Arc::new(WatermarkTemplate {
        head,
        content: MarkContent::Image(image),
        corner: draft.corner,
        x: draft.x,
        y: draft.y,
        width,
        height: draft.height,
        repeat: Repeat::Loop,
        opacity: draft.opacity,
    })))
}
