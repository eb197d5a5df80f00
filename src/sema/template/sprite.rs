//! The fields of `template sprite` (`vod.md` C.5).

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply_top, infos, set};
use super::picture::{EVERY_DOC, PictureDraft, check_format, every, picture_rules};
use super::{conflict, missing, place};
use crate::catalog::template::{Every, Fill, Sides, SpriteTemplate, Template, TemplateHead, TemplateKind};
use crate::diag::message;
use crate::sema::read::{Ranges, Reader};
use crate::syntax::ast::{Record, Value};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Sides of a cell in pixels.
const CELL: RangeInclusive<u32> = 128..=4096;
/// Cells along one side of a sheet: more than 117 of the smallest would exceed the sheet.
const CELLS: RangeInclusive<u32> = 1..=117;
/// Longest side of a sheet in pixels.
const SHEET: u32 = 15_000;
const FILL: &[&str] = &["black", "stretch"];

struct Grid {
    every: Option<Every>,
    rows: Option<u32>,
    columns: Option<u32>,
}

type Draft = PictureDraft<Grid>;

const GRID: [FieldRule<Draft>; 3] = [
    FieldRule::new("every", EVERY_DOC, Accepts::Distance, Absent::Required, |reader, value, draft| {
        draft.extra.every = every(reader, value).or(draft.extra.every);
    }),
    FieldRule::new(
        "rows",
        "Cells of a sheet from top to bottom.",
        Accepts::Integer { range: CELLS, words: &[] },
        Absent::Required,
        |reader, value, draft| draft.extra.rows = reader.integer(value, CELLS).or(draft.extra.rows),
    ),
    FieldRule::new(
        "columns",
        "Cells of a sheet from left to right.",
        Accepts::Integer { range: CELLS, words: &[] },
        Absent::Required,
        |reader, value, draft| draft.extra.columns = reader.integer(value, CELLS).or(draft.extra.columns),
    ),
];

/// The fields of a picture with the ranges of a cell.
fn cell_rule(rule: FieldRule<Draft>) -> FieldRule<Draft> {
    let side = |read| FieldRule { accepts: Accepts::Side(CELL), read, ..rule };
    match rule.name {
        "short_side" => side(|reader, value, draft: &mut Draft| cell(reader, value, &mut draft.sides.short)),
        "long_side" => side(|reader, value, draft: &mut Draft| cell(reader, value, &mut draft.sides.long)),
        "width" => side(|reader, value, draft: &mut Draft| cell(reader, value, &mut draft.sides.width)),
        "height" => side(|reader, value, draft: &mut Draft| cell(reader, value, &mut draft.sides.height)),
        "fill" => FieldRule {
            accepts: Accepts::Words(FILL),
            read: |reader, value, draft| {
                let fill = |word: &str| Fill::from_word(word).filter(|fill| FILL.contains(&fill.word()));
                set(&mut draft.fill, reader.word(value, FILL, fill));
            },
            ..rule
        },
        _ => rule,
    }
}

fn cell(reader: &mut Reader<'_>, value: &Value, slot: &mut Option<u32>) {
    *slot = reader.side(value, CELL).flatten();
}

fn rules() -> Vec<FieldRule<Draft>> {
    GRID.into_iter().chain(picture_rules().into_iter().map(cell_rule)).collect()
}

/// The fields of the kind, for people.
pub fn fields() -> Vec<FieldInfo> {
    infos(&rules())
}

/// Builds a sprite template.
pub fn build(
    reader: &mut Reader<'_>,
    head: TemplateHead,
    record: &Record,
    base: Option<&SpriteTemplate>,
) -> Option<Template> {
    let grid = Grid {
        every: base.map(|base| base.every),
        rows: base.map(|base| base.rows),
        columns: base.map(|base| base.columns),
    };
    let mut draft = PictureDraft::new(base.map(|base| &base.cell), grid);
    apply_top(reader, record, TemplateKind::Sprite, &rules(), &mut draft);
    let cell = draft.finish(reader, record, base.map(|base| &base.cell));
    check_format(reader, record, &cell, head.declared);
    let Grid { every, rows, columns } = draft.extra;
    let Some(every) = every else { return missing(reader, &head, record, "every", "10s") };
    let Some(rows) = rows else { return missing(reader, &head, record, "rows", "10") };
    let Some(columns) = columns else { return missing(reader, &head, record, "columns", "10") };
    let template = SpriteTemplate { head, cell, every, rows, columns };
    check_sheet(reader, record, &template);
    Some(Template::Sprite(Arc::new(template)))
}

/// A sheet whose cells have literal sides must not be too large for players; others are looked at with the source.
fn check_sheet(reader: &mut Reader<'_>, record: &Record, sprite: &SpriteTemplate) {
    let Sides::Literal { width, height } = sprite.cell.sides else { return };
    if reader.ranges == Ranges::Waived {
        return;
    }
    let directions = [
        ("width", message!("width"), "columns", width, sprite.columns),
        ("height", message!("height"), "rows", height, sprite.rows),
    ];
    for (side, measure, count, cell, cells) in directions {
        let Some(cell) = cell.filter(|cell| cell.saturating_mul(cells) > SHEET) else { continue };
        let at = place(record, count).or(place(record, side)).unwrap_or(sprite.head.declared);
        let message = message!("the sheet's {} is {} times {} pixels, more than {}", measure, cells, cell, SHEET);
        let problem = conflict(at, message);
        let most = SHEET / cell.max(1);
        reader.diagnostics.push(problem.with_help(message!(
            "write `{}: {}` or less, or a smaller `{}`",
            count,
            most,
            side
        )));
    }
}
