//! Sprites: small pictures at regular distances on sheets, and the index that tells players where each time is.

use super::picture::{not_too_many, request, still_format};
use super::{Lowering, Made, Obstacle, Request, size, source};
use crate::catalog::template::{Deinterlace, Every, SpriteTemplate, Upscale};
use crate::diag::{Diagnostic, codes, message};
use crate::media::Timeline;
use crate::plan::op::{Op, Picked, Write};
use crate::plan::sequence::{SheetIndex, Shown, real_starts};
use crate::plan::{OutputKind, PictureCoding};
use crate::text::Span;
use crate::units::{Duration, Resolution, Timestamp};

/// Longest side of a sheet in pixels (`vod.md` C.5).
const LONGEST_SIDE: u32 = 15_000;

impl Lowering<'_> {
    pub(super) fn sprite(&mut self, template: &SpriteTemplate, asked: Span) {
        let request = request(OutputKind::ImageSprites, &template.head, asked);
        if !self.is_repeated(&request, "") {
            let made = self.make_sprite(template, &request);
            self.record(request, made);
        }
    }

    /// Cells are chosen like sampled snapshots. The last sheet is as large as the others, so that one rule of rows and
    /// columns holds for all; what it lacks is black.
    fn make_sprite(&mut self, template: &SpriteTemplate, request: &Request) -> Result<Made, Obstacle> {
        let (Some(facts), Some(timeline)) = (self.input.source.picture(), self.timeline) else {
            return Err(Obstacle::Fail(&codes::NO_SUCH_STREAM, "the source has no picture".into()));
        };
        let (times, every) = grid(timeline, template.every);
        not_too_many(times.len(), request)?;
        let format = template.cell.format;
        let implementation = self.image_encoder(format, request)?;
        self.needs_filters(&["tile", "tpad"], "sprites", request)?;
        let decoded = source::decoded_video(facts);
        let size = size::decide(&decoded, template.cell.sides, template.cell.fill, Upscale::Allow);
        let cell = size.output();
        self.refuse_large_sheets(template, cell, request)?;
        self.judge_enlargement(size, Upscale::Allow, facts.displayed_size(), request)?;
        let (pictures, numbers) = self.choose(facts, timeline, &times, template.cell.tolerance, request);
        let chosen: Vec<Picked> =
            numbers.iter().filter_map(|number| pictures.get(*number as usize - 1)).copied().collect();
        let cells: Vec<Shown> = chosen.iter().map(Shown::of).collect();
        let name = request.definition.map_or_else(|| request.label.clone(), |id| id.to_string());
        let stem = self.path(request, &format!("imageSprite_{name}"), |stem| format!("imageSprite/{stem}"))?;

        let (columns, rows, count) = (template.columns, template.rows, cells.len() as u32);
        let sheets = count.div_ceil(columns.saturating_mul(rows).max(1));
        let demux = self.demux();
        let Some(picture) = self.decode_video(demux, Deinterlace::Auto) else { return Ok(Made::nothing()) };
        let picked = self.add(Op::Pick { pictures }, &[picture]);
        let scaled = self.scale(picked, &decoded, size, template.cell.fill);
        let scaled = self.stills_in_standard_range(scaled, facts);
        let (pixel_format, colour) = still_format(format);
        let converted = self.convert(scaled, pixel_format, colour);
        let tiled = self.add(Op::Tile { columns, rows, cells }, &[converted]);
        let coding = PictureCoding { format, implementation, count: sheets };
        let encoded = self.add(Op::EncodePictures(coding), &[tiled]);
        let shown: Vec<Timestamp> = chosen.iter().map(|one| one.picture.time).collect();
        let starts = if template.cell.tolerance == Duration::ZERO { Vec::new() } else { real_starts(&shown) };
        let index = SheetIndex { cells: count, columns, rows, cell, every, end: timeline.duration(), starts };
        let write = Write { stem, format, pictures: (1..=sheets).collect(), index: Some(index) };
        let paths = write.paths().into_iter().chain(write.index_path()).collect();
        self.add(Op::Write(write), &[encoded]);
        let plural = |count: u32| if count == 1 { "" } else { "s" };
        let summary = format!("{cell} {format}  {count} cell{} on {sheets} sheet{}", plural(count), plural(sheets));
        Ok(Made { summary, paths, ..Made::nothing() })
    }

    /// Cells whose size comes from the source can make sheets that nobody can show.
    fn refuse_large_sheets(
        &mut self,
        template: &SpriteTemplate,
        cell: Resolution,
        request: &Request,
    ) -> Result<(), Obstacle> {
        let sides = [("columns", template.columns, cell.width), ("rows", template.rows, cell.height)];
        let large = sides.into_iter().find(|(_, count, side)| count.saturating_mul(*side) > LONGEST_SIDE);
        let Some((field, _, side)) = large else { return Ok(()) };
        let (width, height) = (template.columns * cell.width, template.rows * cell.height);
        let note = message!(
            "`{}` asks for sheets of {} pixels, more than {} in a direction",
            &request.label,
            format!("{width}x{height}"),
            LONGEST_SIDE
        );
        let help = message!("write `{}: {}` or less, or give the cells a size", field, LONGEST_SIDE / side.max(1));
        self.diagnostics.push(Diagnostic::new(&codes::CONFLICTING_FIELDS, note).at(request.asked, "").with_help(help));
        Err(Obstacle::Refused)
    }
}

/// When cells start, and how far they are apart.
fn grid(timeline: Timeline, every: Every) -> (Vec<Timestamp>, Duration) {
    match every {
        Every::Percent(share) => {
            let distance = Duration::from_seconds(share.of(timeline.duration().seconds()));
            (timeline.every_percent(share), distance)
        }
        Every::Duration(distance) => (timeline.every_duration(distance), distance),
    }
}
