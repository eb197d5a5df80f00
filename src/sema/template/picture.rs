//! Sizes, and the fields that snapshots and samples share.

use super::{FieldRule, place};
use crate::catalog::template::{Fill, ImageFormat, PictureSettings, Sides};
use crate::diag::{Diagnostic, codes};
use crate::sema::read::Reader;
use crate::syntax::ast::{Record, Value};
use crate::units::Duration;
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
                "`short_side` and `long_side` exclude `width` and `height`",
            );
            reader.diagnostics.push(problem.at(second, "").with_label(first, "the other pair is used here"));
        }
        if let (Some(short), Some(long)) = (self.short, self.long)
            && long < short
        {
            let problem = Diagnostic::new(
                &codes::CONFLICTING_FIELDS,
                format!("the long side ({long}) is below the short side ({short})"),
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
        FieldRule { name: "short_side", read: |reader, value, draft| side(reader, value, &mut draft.sides.short) },
        FieldRule { name: "long_side", read: |reader, value, draft| side(reader, value, &mut draft.sides.long) },
        FieldRule { name: "width", read: |reader, value, draft| side(reader, value, &mut draft.sides.width) },
        FieldRule { name: "height", read: |reader, value, draft| side(reader, value, &mut draft.sides.height) },
        FieldRule {
            name: "fill",
            read: |reader, value, draft| {
                draft.fill = reader.word(value, Fill::WORDS, Fill::from_word).unwrap_or(draft.fill);
            },
        },
        FieldRule {
            name: "format",
            read: |reader, value, draft| {
                draft.format = reader.word(value, ImageFormat::WORDS, ImageFormat::from_word).unwrap_or(draft.format);
            },
        },
        FieldRule {
            name: "tolerance",
            read: |reader, value, draft| draft.tolerance = reader.duration(value).unwrap_or(draft.tolerance),
        },
    ]
}

fn side(reader: &mut Reader<'_>, value: &Value, slot: &mut Option<u32>) {
    *slot = reader.side(value, SIDE).flatten();
}
