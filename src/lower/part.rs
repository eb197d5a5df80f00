//! Parts of the source: `from` and `to` of a request become moments, and the pictures and sound that lie between.

use super::{Lowering, Obstacle, Request};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::{Time, Trim as Asked};
use crate::media::{AudioFacts, Timeline};
use crate::plan::Moments;
use crate::plan::op::{KeptPictures, Op, Trim};
use crate::units::{Duration, TimePoint, Timestamp};
use petgraph::stable_graph::NodeIndex;

/// A part of the source on the procedure's time line: from inclusive, to exclusive, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    from: Timestamp,
    to: Timestamp,
}

impl Part {
    /// Its start.
    pub(super) fn from(self) -> Timestamp {
        self.from
    }

    /// How long it is.
    pub(super) fn length(self) -> Duration {
        Duration::from_seconds(self.to.0 - self.from.0)
    }

    /// As summaries show it: `5s to 55s`.
    pub(super) fn words(self) -> String {
        format!("{} to {}", self.from, self.to)
    }
}

impl Lowering<'_> {
    /// The part that a request asks for, if not the whole. Ends after the source's end are moved there with a note; a
    /// part in which nothing is left fails the output.
    pub(super) fn part(&mut self, trim: &Asked, request: &mut Request) -> Result<Option<Part>, Obstacle> {
        let Some(timeline) = self.timeline.filter(|_| *trim != Asked::default()) else { return Ok(None) };
        let length = timeline.duration();
        let mut end = |time: &Option<Time>, natural| match time {
            Some(time) => self.moment(time).ok_or(Obstacle::Refused),
            None => Ok(natural),
        };
        let from = end(&trim.from, TimePoint::FromStart(Duration::ZERO))?.resolve(length);
        let to = end(&trim.to, TimePoint::End)?.resolve(length);
        let last = Timestamp(length.seconds());
        request.moments = Moments::Between(from, to);
        if from >= last || from >= to {
            let reason = format!("the part from {from} to {to} is empty; the source ends at {last}");
            return Err(Obstacle::Fail(&codes::OUT_OF_RANGE, reason));
        }
        if to > last {
            let (label, to, last) = (&request.label, to.to_string(), last.to_string());
            let note = message!(
                "the part of `{}` ends at {}, after the source, whose end at {} stands in for it",
                label,
                to,
                last
            );
            self.diagnostics.push(Diagnostic::new(&codes::AFTER_THE_END, note).at(request.asked, ""));
        }
        Ok(Some(Part { from, to: to.min(last) }))
    }

    /// Keeps a part of a decoded stream. `None` when nothing of the stream lies in the part.
    pub(super) fn trim(&mut self, stream: NodeIndex, part: Part, sort: Sort) -> Option<NodeIndex> {
        let timeline = self.timeline?;
        let pictures = match sort {
            Sort::Picture => Some(self.kept(timeline, part)?),
            Sort::Sound => None,
        };
        Some(self.add(Op::Trim(Trim { from: part.from, to: part.to, pictures }), &[stream]))
    }

    /// Whether something of the picture is shown in a part.
    pub(super) fn shows_within(&self, part: Part) -> bool {
        self.timeline.is_some_and(|timeline| self.kept(timeline, part).is_some())
    }

    /// Whether something of a sound track is heard in a part.
    pub(super) fn sounds_within(&self, part: Part, sound: &AudioFacts) -> bool {
        self.timeline.is_some_and(|timeline| {
            let (start, end) = (sound.start.0 - timeline.zero().0, sound.end.0 - timeline.zero().0);
            start < part.to.0 && end > part.from.0
        })
    }

    fn kept(&self, timeline: Timeline, part: Part) -> Option<KeptPictures> {
        let video = self.input.source.picture()?;
        let (first, last) = timeline.pictures_between(video, part.from, part.to)?;
        let time = |index| timeline.picture(video, index).time.0;
        let between = |index: u64| Timestamp(time(index).midpoint(time(index + 1)));
        Some(KeptPictures {
            count: last - first + 1,
            not_before: first.checked_sub(1).map(between),
            before: (last + 1 < video.frames.count()).then(|| between(last)),
        })
    }
}

/// What kind of stream is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Moving pictures.
    Picture,
    /// Sound.
    Sound,
}
