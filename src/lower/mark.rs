//! Marks on outputs: what is known about them, where they lie (`vod.md` C.2, *Geometry*: percentages are of the output
//! picture), and the operations that lay them over it.

use super::{Lowering, Obstacle};
use crate::catalog::template::{Corner, MarkContent, Repeat, WatermarkTemplate};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::{Mark, OrDefault, Time};
use crate::media::{MarkFacts, MarkKey, MarkMeasure};
use crate::plan::Op;
use crate::plan::op::Play;
use crate::units::{Duration, PictureSide, Rational, Resolution, Timestamp};
use petgraph::stable_graph::NodeIndex;
use std::sync::Arc;

/// So many times the pixels of a mark may have all pictures of one that plays in a loop: they are kept in memory, at
/// 2.5 bytes for each.
const LOOPED: u64 = 4;
/// Most letters of a text that are shown where only its name has room.
const SHOWN_LETTERS: usize = 24;

/// A mark with its place on one output.
pub(super) struct PlacedMark {
    pub(super) template: Arc<WatermarkTemplate>,
    name: String,
    facts: MarkFacts,
    placement: Placement,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Lowering<'_> {
    /// Resolves marks and places them on a picture.
    pub(super) fn place_marks(&mut self, marks: &[Mark], picture: Resolution) -> Result<Vec<PlacedMark>, Obstacle> {
        let length = self.timeline.map_or(Duration::ZERO, |timeline| timeline.duration());
        self.place_marks_during(marks, picture, length)
    }

    /// The same on an output of another length than the source's: marks are seen at moments of the output.
    pub(super) fn place_marks_during(
        &mut self,
        marks: &[Mark],
        picture: Resolution,
        length: Duration,
    ) -> Result<Vec<PlacedMark>, Obstacle> {
        let mut placed = Vec::new();
        for mark in marks {
            let Some(template) = self.mark_template(mark) else { continue };
            let content = mark.content.as_ref().map(|content| content.value.clone());
            let key = MarkKey { template: template.head.name.clone(), content };
            let Some(facts) = self.input.marks.get(&key).cloned() else {
                let note = message!("the picture of watermark `{}` is not known", &template.head.name);
                self.diagnostics.push(Diagnostic::new(&codes::MARK_UNREADABLE, note).at(mark.asked, ""));
                return Err(Obstacle::Refused);
            };
            let placement = place(&template, &facts, picture);
            self.check_size(mark, &template, &facts, placement, picture)?;
            let mut end = |time: &Option<Time>| match time {
                Some(time) => self.moment(time).map(|time| Some(time.resolve(length))).ok_or(Obstacle::Refused),
                None => Ok(None),
            };
            let (from, to) = (end(&mark.from)?, end(&mark.to)?);
            let name = name(&template, mark, &facts);
            placed.push(PlacedMark { template, name, facts, placement, from, to });
        }
        Ok(placed)
    }

    /// `None` after the warning that no default is configured.
    fn mark_template(&mut self, mark: &Mark) -> Option<Arc<WatermarkTemplate>> {
        let default = match &mark.template {
            OrDefault::Given(template) => return Some(template.clone()),
            OrDefault::Default => self.input.defaults.watermark.clone(),
        };
        if default.is_none() {
            let note = message!("the default watermark is asked for, and none is configured");
            let help = message!("name a watermark template, or set `defaults.watermark`");
            let problem = Diagnostic::new(&codes::NO_DEFAULT_WATERMARK, note).at(mark.asked, "");
            self.diagnostics.push(problem.with_help(help));
        }
        default
    }

    fn check_size(
        &mut self,
        mark: &Mark,
        template: &WatermarkTemplate,
        facts: &MarkFacts,
        placement: Placement,
        picture: Resolution,
    ) -> Result<(), Obstacle> {
        let label = template.head.label();
        let (size, frames) = (placement.size, facts.pace.as_ref().map_or(1, |pace| u64::from(pace.count())));
        let looped = frames > 1 && template.repeat == Repeat::Loop;
        let most = self.input.limits.mark_pixels;
        if size.pixels() > most || (looped && size.pixels().saturating_mul(frames) > most.saturating_mul(LOOPED)) {
            let note = message!(
                "the mark `{}` would have {} pictures of {} pixels, which is too much",
                &label,
                frames.to_string(),
                size.to_string()
            );
            let problem = Diagnostic::new(&codes::MARK_UNREADABLE, note).at(mark.asked, "");
            self.diagnostics.push(
                problem
                    .with_help(message!("make the mark smaller or shorter, or raise the limit `--max mark-pixels=…`")),
            );
            return Err(Obstacle::Refused);
        }
        let (right, bottom) = (placement.x + i64::from(size.width), placement.y + i64::from(size.height));
        let inside = placement.x >= 0
            && placement.y >= 0
            && right <= i64::from(picture.width)
            && bottom <= i64::from(picture.height);
        if !inside {
            let note = message!(
                "the mark `{}` of {} reaches beyond the picture of {} and is cut",
                &label,
                size.to_string(),
                picture.to_string()
            );
            let problem = Diagnostic::new(&codes::MARK_CUT, note).at(mark.asked, "");
            self.diagnostics
                .push(problem.with_help(message!("make the mark smaller, or give shares of the picture (`%`)")));
        }
        Ok(())
    }

    pub(super) fn overlay_marks(&mut self, mut picture: NodeIndex, marks: &[PlacedMark]) -> NodeIndex {
        for mark in marks {
            let (x, y) = (mark.placement.x, mark.placement.y);
            // Four pixels share their colour, so overlays move by two: an odd place is an even one and an inset.
            let inset = (x.rem_euclid(2), y.rem_euclid(2));
            let repeat = mark.template.repeat;
            let prepared = Op::Mark {
                name: mark.name.clone(),
                image: mark.facts.identity.clone(),
                size: mark.placement.size,
                opacity: mark.template.opacity,
                inset: (inset.0 as u8, inset.1 as u8),
                play: mark.facts.pace.clone().map(|pace| Play { pace, repeat }),
            };
            let prepared = self.add(prepared, &[]);
            let overlay = Op::Overlay { x: x - inset.0, y: y - inset.1, from: mark.from, to: mark.to };
            picture = self.add(overlay, &[picture, prepared]);
        }
        picture
    }
}

/// What people see of a mark: a file's name, or a text and the fonts that write it.
fn name(template: &WatermarkTemplate, mark: &Mark, facts: &MarkFacts) -> String {
    let content = mark.content.as_ref().map(|content| content.value.as_str()).unwrap_or_default();
    let fonts = match facts.fonts.is_empty() {
        true => String::new(),
        false => format!(" in {}", facts.fonts.join(", ")),
    };
    match &template.content {
        MarkContent::Image(file) if file.is_inline() => "inline".to_owned(),
        MarkContent::Image(file) => last_part(&file.path).to_owned(),
        MarkContent::Svg if content.trim_start().starts_with('<') => format!("SVG of {}{fonts}", template.head.label()),
        MarkContent::Svg => format!("{}{fonts}", last_part(content)),
        MarkContent::Text(_) => {
            let shown: String = content.chars().take(SHOWN_LETTERS).collect();
            let more = if content.chars().nth(SHOWN_LETTERS).is_some() { "…" } else { "" };
            format!("“{}{more}”{fonts}", shown.replace(char::is_control, " "))
        }
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// A mark on an output picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Its size.
    pub size: Resolution,
    /// From the picture's left edge to the mark's.
    pub x: i64,
    /// From the picture's top edge to the mark's.
    pub y: i64,
}

/// Size and place of a mark on an output picture.
pub fn place(template: &WatermarkTemplate, facts: &MarkFacts, picture: Resolution) -> Placement {
    let size = match (&template.content, facts.measure) {
        (MarkContent::Text(style), MarkMeasure::ThousandthsOfEm) => {
            let em = style.size.resolve(PictureSide::Height, picture).max(1);
            let side = |own: u32| u32::try_from((Rational::from(own) * Rational::of(i64::from(em), 1000)).ceil());
            Resolution::new(side(facts.size.width).unwrap_or(u32::MAX), side(facts.size.height).unwrap_or(u32::MAX))
        }
        _ => sized(template, facts.size, picture),
    };
    let (x, y) = (
        i64::from(template.x.resolve(PictureSide::Width, picture)),
        i64::from(template.y.resolve(PictureSide::Height, picture)),
    );
    let from_right = i64::from(picture.width) - i64::from(size.width) - x;
    let from_bottom = i64::from(picture.height) - i64::from(size.height) - y;
    let (x, y) = match template.corner {
        Corner::TopLeft => (x, y),
        Corner::TopRight => (from_right, y),
        Corner::BottomLeft => (x, from_bottom),
        Corner::BottomRight => (from_right, from_bottom),
    };
    Placement { size, x, y }
}

/// The size of a mark whose own picture has `natural` size.
fn sized(template: &WatermarkTemplate, natural: Resolution, picture: Resolution) -> Resolution {
    let width = template.width.map(|width| width.resolve(PictureSide::Width, picture)).filter(|width| *width > 0);
    let height =
        template.height.map(|height| height.resolve(PictureSide::Height, picture)).filter(|height| *height > 0);
    match (width, height) {
        (Some(width), Some(height)) => Resolution::new(width, height),
        (Some(width), None) => Resolution::new(width, in_proportion(width, natural.height, natural.width)),
        (None, Some(height)) => Resolution::new(in_proportion(height, natural.width, natural.height), height),
        (None, None) => natural,
    }
}

fn in_proportion(side: u32, other: u32, own: u32) -> u32 {
    let scaled = Rational::from(side) * Rational::of(i64::from(other), i64::from(own));
    u32::try_from(scaled.round()).unwrap_or(u32::MAX).max(1)
}
