//! Sizes, and the fields that snapshots, samples and cells of sprites share.

use super::field::{Absent, Accepts, FieldRule, set};
use super::{conflict, place};
use crate::catalog::template::{Every, Fill, ImageFormat, PictureSettings, Sides};
use crate::diag::{Diagnostic, codes, message};
use crate::sema::read::Reader;
use crate::syntax::ast::{Quantity, Record, Value, ValueKind};
use crate::text::Span;
use crate::units::{Duration, Rational};
use std::ops::RangeInclusive;

/// Sides as written; the pairs exclude each other.
#[derive(Default)]
pub struct SidesDraft {
    pub short: Option<u32>,
    pub long: Option<u32>,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

impl SidesDraft {
    /// What the written sides mean; none written leaves those of the extended template. Sides never mix with
    /// inherited ones, so that a template's size can be read in one place.
    pub fn finish(&self, reader: &mut Reader<'_>, record: &Record, base: Sides) -> Sides {
        const NAMES: [&str; 4] = ["short_side", "long_side", "width", "height"];
        let oriented = NAMES[..2].iter().find_map(|name| place(record, name));
        let literal = NAMES[2..].iter().find_map(|name| place(record, name));
        if let (Some(oriented), Some(literal)) = (oriented, literal) {
            let (first, second) = if oriented < literal { (oriented, literal) } else { (literal, oriented) };
            let problem = Diagnostic::new(
                &codes::CONFLICTING_FIELDS,
                message!("`short_side` and `long_side` exclude `width` and `height`"),
            );
            reader.diagnostics.push(problem.at(second, "").with_label(first, message!("the other pair is used here")));
        }
        if let (Some(short), Some(long)) = (self.short, self.long)
            && long < short
        {
            let problem = Diagnostic::new(
                &codes::CONFLICTING_FIELDS,
                message!("the long side ({}) is below the short side ({})", long, short),
            );
            reader.diagnostics.push(problem.at(place(record, "long_side").unwrap_or(record.span), ""));
        }
        match (oriented.is_some(), literal.is_some()) {
            (false, false) => base,
            (true, _) if self.short.is_none() && self.long.is_none() => Sides::Source,
            (true, _) => Sides::Oriented { short: self.short, long: self.long },
            (_, true) if self.width.is_none() && self.height.is_none() => Sides::Source,
            (_, true) => Sides::Literal { width: self.width, height: self.height },
        }
    }
}

/// A still picture being built; `extra` is what its kind adds.
pub struct PictureDraft<E> {
    pub sides: SidesDraft,
    pub fill: Fill,
    pub format: ImageFormat,
    pub tolerance: Duration,
    pub extra: E,
}

impl<E> PictureDraft<E> {
    /// Starts from the extended template's picture.
    pub fn new(base: Option<&PictureSettings>, extra: E) -> Self {
        PictureDraft {
            sides: SidesDraft::default(),
            fill: base.map_or(Fill::Black, |base| base.fill),
            format: base.map_or(ImageFormat::Jpg, |base| base.format),
            tolerance: base.map_or(Duration::ZERO, |base| base.tolerance),
            extra,
        }
    }

    /// The finished picture.
    pub fn finish(&self, reader: &mut Reader<'_>, record: &Record, base: Option<&PictureSettings>) -> PictureSettings {
        let sides = self.sides.finish(reader, record, base.map_or(Sides::Source, |base| base.sides));
        PictureSettings { sides, fill: self.fill, format: self.format, tolerance: self.tolerance }
    }
}

/// Sides of still pictures (`vod.md` C.3).
const SIDE: RangeInclusive<u32> = 32..=4096;

/// The fields of every still picture.
pub const fn picture_rules<E>() -> [FieldRule<PictureDraft<E>>; 7] {
    [
        FieldRule::new(
            "short_side",
            "Pixels of the shorter side, whatever the orientation; excludes `width` and `height`.",
            Accepts::Side(SIDE),
            Absent::Usual("source"),
            |reader, value, draft| side(reader, value, &mut draft.sides.short),
        ),
        FieldRule::new(
            "long_side",
            "Pixels of the longer side, whatever the orientation; excludes `width` and `height`.",
            Accepts::Side(SIDE),
            Absent::Usual("source"),
            |reader, value, draft| side(reader, value, &mut draft.sides.long),
        ),
        FieldRule::new(
            "width",
            "Pixels from left to right; excludes `short_side` and `long_side`.",
            Accepts::Side(SIDE),
            Absent::Usual("source"),
            |reader, value, draft| side(reader, value, &mut draft.sides.width),
        ),
        FieldRule::new(
            "height",
            "Pixels from top to bottom; excludes `short_side` and `long_side`.",
            Accepts::Side(SIDE),
            Absent::Usual("source"),
            |reader, value, draft| side(reader, value, &mut draft.sides.height),
        ),
        FieldRule::new(
            "fill",
            "What fills the rest when the shape differs from the source's.",
            Accepts::Words(Fill::WORDS),
            Absent::Usual("black"),
            |reader, value, draft| set(&mut draft.fill, reader.word(value, Fill::WORDS, Fill::from_word)),
        ),
        FieldRule::new(
            "format",
            "The file format; `webp` needs a size.",
            Accepts::Words(ImageFormat::WORDS),
            Absent::Usual("jpg"),
            |reader, value, draft| {
                set(&mut draft.format, reader.word(value, ImageFormat::WORDS, ImageFormat::from_word))
            },
        ),
        FieldRule::new(
            "tolerance",
            "How far from the asked time the picture may be taken.",
            Accepts::Duration { range: None, words: &[] },
            Absent::Usual("0s"),
            |reader, value, draft| set(&mut draft.tolerance, reader.duration(value)),
        ),
    ]
}

fn side(reader: &mut Reader<'_>, value: &Value, slot: &mut Option<u32>) {
    *slot = reader.side(value, SIDE).flatten();
}

/// The distance of pictures in time, required.
pub const EVERY_DOC: &str =
    "The distance of the pictures, a share of the length or a time; the first is the first picture.";

/// A regular distance above zero.
pub fn every(reader: &mut Reader<'_>, value: &Value) -> Option<Every> {
    match value.kind {
        ValueKind::Quantity(Quantity::Percent(percent)) if percent.0 > Rational::ZERO => {
            reader.percent(value).map(Every::Percent)
        }
        ValueKind::Quantity(Quantity::Duration(duration)) if duration > Duration::ZERO => {
            Some(Every::Duration(duration))
        }
        ValueKind::Quantity(Quantity::Percent(_) | Quantity::Duration(_)) => {
            reader.out_of_range(value.span, message!("the distance must be above zero"))
        }
        ValueKind::Quantity(Quantity::Number(_)) => reader.percent(value).map(Every::Percent),
        _ => reader.wrong_type(value, message!("a share such as `10%` or a duration such as `10s`")),
    }
}

/// WebP pictures need a size of their own (`vod.md` C.3, *FormatWebpLackWidthAndHeight*).
pub fn check_format(reader: &mut Reader<'_>, record: &Record, picture: &PictureSettings, declared: Span) {
    if picture.format != ImageFormat::Webp || picture.sides != Sides::Source || record.damaged {
        return;
    }
    let problem =
        conflict(place(record, "format").unwrap_or(declared), message!("`webp` needs a size, and none is given"));
    reader
        .diagnostics
        .push(problem.with_help(message!("add a side such as `short_side: 720`, or take `jpg` or `png`")));
}
