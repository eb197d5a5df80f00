//! Still pictures: snapshots, samples and covers.

use super::{Lowering, Made, Obstacle, Request, size, source};
use crate::catalog::template::{
    Deinterlace, Every, ImageFormat, PictureSettings, SampleTemplate, SnapshotTemplate, TemplateHead, Upscale,
};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::Mark;
use crate::media::{Timeline, VideoFacts};
use crate::plan::op::{Op, Picked, Write};
use crate::plan::stream::{Colour, ColourRange, Matrix, PixelFormat};
use crate::plan::{Moments, OutputKind, PictureCoding};
use crate::target::{Implementation, Target};
use crate::text::Span;
use crate::units::{Duration, TimePoint, Timestamp};

/// More pictures than this in one set are refused: nobody looks at them, and one slip in `every` asks for millions.
const MOST_PICTURES: usize = 10_000;

impl Lowering<'_> {
    pub(super) fn snapshot(&mut self, template: &SnapshotTemplate, times: &[TimePoint], marks: &[Mark], asked: Span) {
        let mut request = request(OutputKind::SnapshotByTimeOffset, &template.head, asked);
        request.moments = self.moments_at(times);
        self.stills(request, "snapshotByTimeOffset", &template.picture, marks, |timeline| {
            times.iter().map(|time| time.resolve(timeline.duration())).collect()
        });
    }

    pub(super) fn sample(&mut self, template: &SampleTemplate, marks: &[Mark], asked: Span) {
        let mut request = request(OutputKind::SampleSnapshot, &template.head, asked);
        request.moments = Moments::Every(template.every);
        self.stills(request, "sampleSnapshot", &template.picture, marks, |timeline| match template.every {
            Every::Percent(percent) => timeline.every_percent(percent),
            Every::Duration(duration) => timeline.every_duration(duration),
        });
    }

    pub(super) fn cover(&mut self, template: &SnapshotTemplate, time: TimePoint, marks: &[Mark], asked: Span) {
        let mut request = request(OutputKind::CoverBySnapshot, &template.head, asked);
        request.moments = self.moments_at(&[time]);
        self.stills(request, "coverBySnapshot", &template.picture, marks, |timeline| {
            vec![time.resolve(timeline.duration())]
        });
    }

    fn moments_at(&self, times: &[TimePoint]) -> Moments {
        let length = self.timeline.map_or(Duration::ZERO, |timeline| timeline.duration());
        Moments::At(times.iter().map(|time| time.resolve(length)).collect())
    }

    /// One set of pictures. `times` are on the procedure's time line.
    fn stills(
        &mut self,
        request: Request,
        family: &str,
        settings: &PictureSettings,
        marks: &[Mark],
        times: impl Fn(Timeline) -> Vec<Timestamp>,
    ) {
        let made = self.make_stills(&request, family, settings, marks, times);
        if let Some(made) = made.transpose() {
            self.record(request, made);
        }
    }

    /// `None` when the same was asked for before.
    fn make_stills(
        &mut self,
        request: &Request,
        family: &str,
        settings: &PictureSettings,
        marks: &[Mark],
        times: impl Fn(Timeline) -> Vec<Timestamp>,
    ) -> Result<Option<Made>, Obstacle> {
        let (Some(facts), Some(timeline)) = (self.input.source.picture(), self.timeline) else {
            return Err(Obstacle::Fail(&codes::NO_SUCH_STREAM, "the source has no picture".into()));
        };
        let times = times(timeline);
        let described: Vec<_> = marks.iter().map(|mark| (&mark.template, &mark.from, &mark.to)).collect();
        if self.is_repeated(request, &format!("{times:?} {described:?}")) {
            return Ok(None);
        }
        not_too_many(times.len(), request)?;
        let implementation = self.image_encoder(settings.format, request)?;
        let decoded = source::decoded_video(facts);
        let size = size::decide(&decoded, settings.sides, settings.fill, Upscale::Allow);
        self.judge_enlargement(size, Upscale::Allow, facts.displayed_size(), request)?;
        let (pictures, files) = self.choose(facts, timeline, &times, settings.tolerance, request);
        let placed = self.place_marks(marks, size.output())?;
        let template = request.definition.map_or_else(|| request.label.clone(), |id| id.to_string());
        let stem = self.path(request, &format!("{family}_{template}"), |stem| format!("{family}/{stem}"))?;

        let demux = self.demux();
        let Some(picture) = self.decode_video(demux, Deinterlace::Auto) else { return Ok(None) };
        let count = pictures.len() as u32;
        let picked = self.add(Op::Pick { pictures }, &[picture]);
        let scaled = self.scale(picked, &decoded, size, settings.fill);
        let mut picture = self.stills_in_standard_range(scaled, facts);
        if !placed.is_empty() {
            let colour = source::rendition_colour(&decoded);
            picture = self.convert(picture, PixelFormat::yuv420p(), colour);
            picture = self.overlay_marks(picture, &placed);
        }
        let (pixel_format, colour) = still_format(settings.format);
        let converted = self.convert(picture, pixel_format, colour);
        let coding = PictureCoding { format: settings.format, implementation, count };
        let encoded = self.add(Op::EncodePictures(coding), &[converted]);
        let write = Write { stem, format: settings.format, pictures: files, index: None };
        let paths = write.paths();
        self.add(Op::Write(write), &[encoded]);
        let plural = if paths.len() == 1 { "" } else { "s" };
        let summary = format!("{} {}  {} picture{plural}", size.output(), settings.format, paths.len());
        let marks = placed.iter().map(|mark| mark.template.head.label()).collect();
        Ok(Some(Made { summary, paths, marks, ..Made::nothing() }))
    }

    /// What writes a picture format.
    pub(super) fn image_encoder(&mut self, format: ImageFormat, request: &Request) -> Result<Implementation, Obstacle> {
        let known = self.input.target.image_encoder(format);
        known.ok_or_else(|| {
            let present = [ImageFormat::Jpg, ImageFormat::Png, ImageFormat::Webp]
                .into_iter()
                .find(|format| self.input.target.image_encoder(*format).is_some());
            let instead = present.map(|format| ("format", format.word()));
            let lacks = (format.word(), Target::image_encoder_name(format));
            self.lacking(request.asked, lacks, instead, &request.label)
        })
    }

    /// The pictures for a list of times: each picture once, in order of time, and for each time the number of its picture.
    pub(super) fn choose(
        &mut self,
        facts: &VideoFacts,
        timeline: Timeline,
        times: &[Timestamp],
        tolerance: Duration,
        request: &Request,
    ) -> (Vec<Picked>, Vec<u32>) {
        let shown: Vec<_> = times.iter().map(|time| timeline.picture_near(facts, *time, tolerance)).collect();
        let late = times.iter().filter(|time| timeline.is_after_the_end(facts, **time)).count();
        if late > 0 {
            let note = message!(
                "{} of the pictures of `{}` lie after the last picture, which stands in for them",
                late,
                &request.label
            );
            self.diagnostics.push(Diagnostic::new(&codes::AFTER_THE_END, note).at(request.asked, ""));
        }
        let mut distinct = shown.clone();
        distinct.sort();
        distinct.dedup();
        let pictures = distinct.iter().map(|picture| {
            let before = picture.index.checked_sub(1).map(|index| timeline.picture(facts, index));
            let not_before = before.map(|before| Timestamp(before.time.0.midpoint(picture.time.0)));
            Picked { picture: *picture, not_before }
        });
        let number = |picture| distinct.binary_search(picture).map_or(1, |at| at as u32 + 1);
        (pictures.collect(), shown.iter().map(number).collect())
    }
}

/// More pictures than anybody looks at fail the output.
pub(super) fn not_too_many(count: usize, request: &Request) -> Result<(), Obstacle> {
    if count <= MOST_PICTURES {
        return Ok(());
    }
    let reason = format!("`{}` asks for {count} pictures; at most {MOST_PICTURES} are made", request.label);
    Err(Obstacle::Fail(&codes::OUT_OF_RANGE, reason))
}

pub(super) fn request(kind: OutputKind, head: &TemplateHead, asked: Span) -> Request {
    Request { kind, label: head.label(), definition: head.id, moments: Moments::Unnamed, asked }
}

/// What a picture format stores. Readers of JPEG assume BT.601 with full range (`planner.md` 4.12).
pub(super) fn still_format(format: ImageFormat) -> (PixelFormat, Colour) {
    match format {
        ImageFormat::Jpg => {
            (PixelFormat("yuvj420p".into()), Colour { matrix: Matrix::Bt601, range: ColourRange::Full })
        }
        ImageFormat::Png => (PixelFormat("rgb24".into()), Colour { matrix: Matrix::Rgb, range: ColourRange::Full }),
        ImageFormat::Webp => (PixelFormat::yuv420p(), Colour { matrix: Matrix::Bt601, range: ColourRange::Limited }),
    }
}
