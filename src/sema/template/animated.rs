//! The fields of `template animated` (`vod.md` C.7).

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply_top, infos, set};
use super::missing;
use super::picture::SidesDraft;
use super::video::small;
use crate::catalog::template::{AnimatedFormat, AnimatedTemplate, Sides, Template, TemplateHead, TemplateKind};
use crate::sema::read::Reader;
use crate::syntax::ast::Record;
use crate::units::FrameRate;
use std::ops::RangeInclusive;
use std::sync::Arc;

const RATE: RangeInclusive<u32> = 1..=30;
const SIDE: RangeInclusive<u32> = 128..=4096;
const QUALITY: RangeInclusive<u32> = 1..=100;

struct Draft {
    rate: Option<FrameRate>,
    sides: SidesDraft,
    format: AnimatedFormat,
    quality: u8,
}

const RULES: &[FieldRule<Draft>] = &[
    FieldRule::new(
        "fps",
        "Pictures per second.",
        Accepts::Rate { range: RATE, words: &[] },
        Absent::Required,
        |reader, value, draft| draft.rate = reader.fixed_rate(value, RATE).or(draft.rate),
    ),
    FieldRule::new(
        "short_side",
        "Pixels of the shorter side, whatever the orientation; excludes `width` and `height`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.short = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "long_side",
        "Pixels of the longer side, whatever the orientation; excludes `width` and `height`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.long = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "width",
        "Pixels from left to right; excludes `short_side` and `long_side`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.width = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "height",
        "Pixels from top to bottom; excludes `short_side` and `long_side`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.height = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "format",
        "The file format.",
        Accepts::Words(AnimatedFormat::WORDS),
        Absent::Usual("gif"),
        |reader, value, draft| {
            set(&mut draft.format, reader.word(value, AnimatedFormat::WORDS, AnimatedFormat::from_word));
        },
    ),
    FieldRule::new(
        "quality",
        "Quality of formats that lose something, 100 is best.",
        Accepts::Integer { range: QUALITY, words: &[] },
        Absent::Usual("75"),
        |reader, value, draft| set(&mut draft.quality, small(reader.integer(value, QUALITY))),
    ),
];

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(RULES)
}

/// Builds an animated template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&AnimatedTemplate>,
) -> Option<Template> {
    let mut draft = Draft {
        rate: base.map(|base| base.rate),
        sides: SidesDraft::default(),
        format: base.map_or(AnimatedFormat::Gif, |base| base.format),
        quality: base.map_or(75, |base| base.quality),
    };
    apply_top(reader, record, TemplateKind::Animated, RULES, &mut draft);
    let sides = draft.sides.finish(reader, record, base.map_or(Sides::Source, |base| base.sides));
    let Some(rate) = draft.rate else { return missing(reader, &head, record, "fps", "10") };
    let Draft { format, quality, .. } = draft;
    Some(Template::Animated(Arc::new(AnimatedTemplate { head, rate, sides, format, quality })))
}
