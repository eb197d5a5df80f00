//! Animations: a short part of the source as a silent film that browsers show as a picture.

use super::part::Part;
use super::picture::{not_too_many, request};
use super::{Lowering, Made, Obstacle, Request, size, source};
use crate::catalog::template::{AnimatedFormat, AnimatedTemplate, Deinterlace, Fill, Upscale};
use crate::diag::{Diagnostic, codes, message};
use crate::hir::Trim;
use crate::plan::op::Op;
use crate::plan::sequence::Shown;
use crate::plan::stream::{Colour, ColourRange, Matrix, PixelFormat};
use crate::plan::{AnimationCoding, OutputKind, Palette};
use crate::target::{Implementation, Target};
use crate::text::Span;
use crate::units::{Duration, FrameRate, Rational, Resolution, Timestamp};

/// A palette for a whole film keeps all its pictures in memory; from this many bytes on each picture has its own.
const LARGEST_WAITING_FILM: u64 = 256 << 20;

impl Lowering<'_> {
    pub(super) fn animation(&mut self, template: &AnimatedTemplate, trim: &Trim, asked: Span) {
        let mut request = request(OutputKind::AnimatedGraphics, &template.head, asked);
        let made = self.make_animation(template, trim, &mut request);
        if let Some(made) = made.transpose() {
            self.record(request, made);
        }
    }

    /// `None` when the same was asked for before.
    fn make_animation(
        &mut self,
        template: &AnimatedTemplate,
        trim: &Trim,
        request: &mut Request,
    ) -> Result<Option<Made>, Obstacle> {
        let (Some(facts), Some(timeline)) = (self.input.source.picture(), self.timeline) else {
            return Err(Obstacle::Fail(&codes::NO_SUCH_STREAM, "the source has no picture".into()));
        };
        // The statement gives at least one end, so that there is a part.
        let Some(part) = self.part(trim, request)? else { return Ok(None) };
        if self.is_repeated(request, &part.words()) {
            return Ok(None);
        }
        let rate = template.rate;
        let count = (part.length().seconds() * rate.per_second()).ceil();
        not_too_many(usize::try_from(count).unwrap_or(usize::MAX), request)?;
        let times: Vec<Timestamp> = (0..count as u32).map(|number| moment(part, rate, number)).collect();
        let implementation = self.animation_encoder(template, request)?;
        let decoded = source::decoded_video(facts);
        let size = size::decide(&decoded, template.sides, Fill::Black, Upscale::Allow);
        self.judge_enlargement(size, Upscale::Allow, facts.displayed_size(), request)?;
        let (pictures, numbers) = self.choose(facts, timeline, &times, Duration::ZERO, request);
        let film: Vec<Shown> =
            numbers.iter().filter_map(|number| pictures.get(*number as usize - 1)).map(Shown::of).collect();
        let format = template.format;
        let path = self.path(request, &template.head.file_label(), |stem| format!("v.{stem}.{format}"))?;

        let demux = self.demux();
        let Some(picture) = self.decode_video(demux, Deinterlace::Auto) else { return Ok(None) };
        let picked = self.add(Op::Pick { pictures }, &[picture]);
        let scaled = self.scale(picked, &decoded, size, Fill::Black);
        let scaled = self.stills_in_standard_range(scaled, facts);
        let (pixel_format, colour) = film_format(format);
        let converted = self.convert(scaled, pixel_format, colour);
        let coding = coding(template, implementation, size.output(), film.len());
        let animated = self.add(Op::Animate { rate, pictures: film }, &[converted]);
        let encoded = self.add(Op::EncodeAnimation(coding), &[animated]);
        self.add(Op::WriteAnimation { path: path.clone() }, &[encoded]);
        let plural = if count == 1 { "" } else { "s" };
        let fps = rate.per_second().to_decimal(3);
        let summary = format!("{} {fps} fps {format}  {count} picture{plural}", size.output());
        Ok(Some(Made { summary, paths: vec![path], ..Made::nothing() }))
    }

    /// What writes the format. Without WebP, a GIF is the nearest that can be made.
    fn animation_encoder(
        &mut self,
        template: &AnimatedTemplate,
        request: &Request,
    ) -> Result<Implementation, Obstacle> {
        let name = Target::animation_encoder_name(template.format);
        self.needs_filters(&["tpad"], "animations", request)?;
        if template.format == AnimatedFormat::Gif {
            self.needs_filters(&["palettegen", "paletteuse"], "gif", request)?;
        }
        if let Some(implementation) = self.input.target.animation_encoder(template.format) {
            return Ok(implementation);
        }
        if template.format == AnimatedFormat::Gif {
            return Err(self.lacking(request.asked, ("gif", name), None, &request.label));
        }
        let note = message!("`{}` asks for animated WebP, and the installed ffmpeg lacks `{}`", &request.label, name);
        let help = message!("take a GIF: template `20000`, or `format: gif` in one of your own");
        self.diagnostics
            .push(Diagnostic::new(&codes::UNSUPPORTED_TEMPLATE, note).at(request.asked, "").with_help(help));
        Err(Obstacle::Refused)
    }
}

/// When a picture of the film is taken.
fn moment(part: Part, rate: FrameRate, number: u32) -> Timestamp {
    Timestamp(part.from().0 + Rational::from(number) * rate.frame_duration())
}

/// What the encoder is given: GIF red, green and blue to choose colours from, WebP what its decoders assume.
fn film_format(format: AnimatedFormat) -> (PixelFormat, Colour) {
    match format {
        AnimatedFormat::Gif => (PixelFormat("bgra".into()), Colour { matrix: Matrix::Rgb, range: ColourRange::Full }),
        AnimatedFormat::Webp => (PixelFormat::yuv420p(), Colour { matrix: Matrix::Bt601, range: ColourRange::Limited }),
    }
}

fn coding(
    template: &AnimatedTemplate,
    implementation: Implementation,
    size: Resolution,
    pictures: usize,
) -> AnimationCoding {
    let format = template.format;
    let bytes = size.pixels().saturating_mul(4).saturating_mul(pictures as u64);
    let palette = if bytes <= LARGEST_WAITING_FILM { Palette::Shared } else { Palette::Each };
    AnimationCoding {
        format,
        implementation,
        quality: (format == AnimatedFormat::Webp).then_some(template.quality),
        palette: (format == AnimatedFormat::Gif).then_some(palette),
    }
}
