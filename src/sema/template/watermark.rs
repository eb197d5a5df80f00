//! The fields of `template watermark` (`vod.md` C.2).

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply, apply_top, infos, set};
use super::{conflict, missing, offer_deletion, place};
use crate::catalog::template::{
    Corner, FileReference, MarkContent, Repeat, Template, TemplateHead, TemplateKind, TextStyle, WatermarkTemplate,
};
use crate::diag::{Diagnostic, Message, codes, message};
use crate::sema::read::Reader;
use crate::syntax::ast::{Record, Value, ValueKind};
use crate::units::{Length, Percent, Rational};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A mark being built.
struct Draft {
    content: Option<MarkContent>,
    corner: Corner,
    x: Length,
    y: Length,
    width: Option<Length>,
    height: Option<Length>,
    sized: bool,
    repeat: Repeat,
    opacity: Percent,
}

/// A look of text being built; what v3 requires is required.
struct TextDraft {
    font: Option<FileReference>,
    size: Option<Length>,
    colour: u32,
    opacity: Percent,
}

/// Sides of marks in pixels; 0 leaves a side to the other one. Offsets may be anything up to the largest picture.
const SIDE: RangeInclusive<u32> = 8..=4096;
const OFFSET: RangeInclusive<u32> = 0..=8192;
const WHITE: u32 = 0xFF_FFFF;

const RULES: &[FieldRule<Draft>] = &[
    FieldRule::new(
        "image",
        "A PNG, JPEG, GIF or APNG file, relative to the file of the template; or the picture itself, `data:image/png;base64,…`.",
        Accepts::Text("logo.png"),
        Absent::Nothing,
        |reader, value, draft| {
            if let Some(file) = file(reader, value) {
                draft.content = Some(MarkContent::Image(file));
            }
        },
    ),
    FieldRule::new(
        "text",
        "A mark of text, which comes with the mark: `with caption(text: \"…\")`.",
        Accepts::Record { fields: text_infos, words: &[] },
        Absent::Nothing,
        text,
    ),
    FieldRule::new(
        "svg",
        "A mark of SVG, which comes with the mark: `with badge(svg: \"…\")`.",
        Accepts::Record { fields: Vec::new, words: &[] },
        Absent::Nothing,
        svg,
    ),
    FieldRule::new(
        "origin",
        "The corner from which offsets count; the mark's own corner lies there.",
        Accepts::Words(Corner::WORDS),
        Absent::Usual("top_left"),
        |reader, value, draft| set(&mut draft.corner, reader.word(value, Corner::WORDS, Corner::from_word)),
    ),
    FieldRule::new(
        "x",
        "Offset to the side.",
        Accepts::Length(OFFSET),
        Absent::Usual("0px"),
        |reader, value, draft| set(&mut draft.x, reader.length(value, OFFSET)),
    ),
    FieldRule::new("y", "Offset up or down.", Accepts::Length(OFFSET), Absent::Usual("0px"), |reader, value, draft| {
        set(&mut draft.y, reader.length(value, OFFSET))
    }),
    FieldRule::new(
        "width",
        "Width of the mark; 0px follows the height.",
        Accepts::Length(SIDE),
        Absent::Usual("10%"),
        |reader, value, draft| {
            draft.sized = true;
            draft.width = side(reader, value);
        },
    ),
    FieldRule::new(
        "height",
        "Height of the mark; without it in proportion to the width.",
        Accepts::Length(SIDE),
        Absent::Usual("0px"),
        |reader, value, draft| {
            draft.sized = true;
            draft.height = side(reader, value);
        },
    ),
    FieldRule::new(
        "repeat",
        "How an animated picture goes on when it is over.",
        Accepts::Words(Repeat::WORDS),
        Absent::Usual("loop"),
        |reader, value, draft| set(&mut draft.repeat, reader.word(value, Repeat::WORDS, Repeat::from_word)),
    ),
    FieldRule::new(
        "opacity",
        "100% covers what is below.",
        Accepts::Percent,
        Absent::Usual("100%"),
        |reader, value, draft| set(&mut draft.opacity, reader.percent(value)),
    ),
];

const TEXT_RULES: &[FieldRule<TextDraft>] = &[
    FieldRule::new(
        "font",
        "The font's file, relative to the file of the template.",
        Accepts::Text("NotoSans.ttf"),
        Absent::Required,
        |reader, value, draft| draft.font = file(reader, value).or(draft.font.take()),
    ),
    FieldRule::new(
        "size",
        "Height of a line; a share is of the picture's height.",
        Accepts::Length(SIDE),
        Absent::Required,
        |reader, value, draft| draft.size = reader.length(value, SIDE).or(draft.size),
    ),
    FieldRule::new(
        "color",
        "Colour of the letters.",
        Accepts::Colour,
        Absent::Usual("0xFFFFFF"),
        |reader, value, draft| set(&mut draft.colour, reader.colour(value)),
    ),
    FieldRule::new(
        "opacity",
        "Opacity of the letters, above 0%.",
        Accepts::Percent,
        Absent::Usual("100%"),
        |reader, value, draft| {
            let Some(opacity) = reader.percent(value) else { return };
            if opacity.0 > Rational::ZERO {
                draft.opacity = opacity;
            } else {
                reader.out_of_range::<()>(value.span, message!("above 0% up to 100% is allowed"));
            }
        },
    ),
];

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(RULES)
}

fn text_infos() -> Vec<FieldInfo> {
    infos(TEXT_RULES)
}

/// Builds a watermark template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&WatermarkTemplate>,
) -> Option<Template> {
    let mut draft = Draft {
        content: base.map(|base| base.content.clone()),
        corner: base.map_or(Corner::TopLeft, |base| base.corner),
        x: base.map_or(Length::Pixels(0), |base| base.x),
        y: base.map_or(Length::Pixels(0), |base| base.y),
        width: base.and_then(|base| base.width),
        height: base.and_then(|base| base.height),
        sized: base.is_some(),
        repeat: base.map_or(Repeat::Loop, |base| base.repeat),
        opacity: base.map_or(Percent::from_integer(100), |base| base.opacity),
    };
    apply_top(reader, record, TemplateKind::Watermark, RULES, &mut draft);
    check_one_content(reader, record);
    let Some(content) = draft.content else {
        let said = ["text", "svg"].iter().any(|name| place(record, name).is_some());
        return if said { None } else { missing(reader, &head, record, "image", "\"logo.png\"") };
    };
    check_content(reader, record, &content);
    // A tenth of the picture, as the cloud's templates have it, unless a side is written.
    let width = if draft.sized { draft.width } else { Some(Length::Percent(Percent::from_integer(10))) };
    Some(Template::Watermark(Arc::new(WatermarkTemplate {
        head,
        content,
        corner: draft.corner,
        x: draft.x,
        y: draft.y,
        width,
        height: draft.height,
        repeat: draft.repeat,
        opacity: draft.opacity,
    })))
}

/// A mark is one thing: a picture, a text or an SVG.
fn check_one_content(reader: &mut Reader<'_>, record: &Record) {
    let mut places: Vec<_> = ["image", "text", "svg"].iter().filter_map(|name| place(record, name)).collect();
    places.sort_unstable();
    if let [first, second, ..] = places.as_slice() {
        let problem = conflict(*second, message!("`image`, `text` and `svg` exclude each other"));
        reader.diagnostics.push(problem.with_label(*first, message!("the mark's content is given here")));
    }
}

/// Fields that only marks of another content listen to.
fn check_content(reader: &mut Reader<'_>, record: &Record, content: &MarkContent) {
    let (mark, deaf): (Message, &[&str]) = match content {
        MarkContent::Image(_) => return,
        MarkContent::Text(_) => (message!("a mark of text"), &["width", "height", "repeat"]),
        MarkContent::Svg => (message!("a mark of SVG"), &["repeat"]),
    };
    for name in deaf {
        let Some(place) = place(record, name) else { continue };
        let message = message!("`{}` has no effect on {}", *name, mark.clone());
        let problem = offer_deletion(Diagnostic::new(&codes::NO_EFFECT, message).at(place, ""), reader, record, name);
        reader.diagnostics.push(problem);
    }
}

/// A file as written, with the text that names it.
fn file(reader: &mut Reader<'_>, value: &Value) -> Option<FileReference> {
    let path = reader.text(value)?;
    let base = reader.sources.get(value.span.source).map_or_else(String::new, |source| source.name.clone());
    Some(FileReference { path, span: value.span, base })
}

/// A side of a mark; `0px` leaves it to the other one.
fn side(reader: &mut Reader<'_>, value: &Value) -> Option<Length> {
    use crate::syntax::ast::Quantity;
    if matches!(value.kind, ValueKind::Quantity(Quantity::Pixels(pixels)) if pixels == Rational::ZERO) {
        return None;
    }
    reader.length(value, SIDE)
}

fn text(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    let ValueKind::Record(record) = &value.kind else {
        reader.wrong_type::<()>(value, message!("a block such as `{ font: \"NotoSans.ttf\", size: 5% }`"));
        return;
    };
    let base = match &draft.content {
        Some(MarkContent::Text(style)) => Some(style.clone()),
        _ => None,
    };
    let mut style = TextDraft {
        font: base.as_ref().map(|base| base.font.clone()),
        size: base.as_ref().map(|base| base.size),
        colour: base.as_ref().map_or(WHITE, |base| base.colour),
        opacity: base.as_ref().map_or(Percent::from_integer(100), |base| base.opacity),
    };
    apply(reader, record, || message!("`text`"), TEXT_RULES, &mut style);
    draft.content = None;
    for (name, lacks, example) in
        [("font", style.font.is_none(), "\"NotoSans.ttf\""), ("size", style.size.is_none(), "5%")]
    {
        if lacks && !record.damaged && place(record, name).is_none() {
            let problem = Diagnostic::new(&codes::MISSING_FIELD, message!("the text lacks the field `{}`", name));
            reader.diagnostics.push(problem.at(value.span, "").with_help(message!("add `{}: {}`", name, example)));
        }
    }
    if let (Some(font), Some(size)) = (style.font, style.size) {
        draft.content = Some(MarkContent::Text(TextStyle { font, size, colour: style.colour, opacity: style.opacity }));
    }
}

fn svg(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    let ValueKind::Record(record) = &value.kind else {
        reader.wrong_type::<()>(value, message!("an empty block `{ }`"));
        return;
    };
    const NONE: &[FieldRule<()>] = &[];
    apply(reader, record, || message!("`svg`"), NONE, &mut ());
    draft.content = Some(MarkContent::Svg);
}
