//! Measuring this machine: the same small work as on the machine of the default prices, and how much more it takes.
//!
//! The pictures are a slow zoom into a fractal under moving noise, 48 of 640x360: every block changes, details come up
//! everywhere, and nothing can be skipped, as it can in a test card. What they cost is not what films cost; so only the
//! *ratio* to the reference machine is taken from them, and the prices fitted to real films are multiplied by it.

use crate::cost::{BySpeed, Coefficients, CpuTime, EncodePrice, PerBit, PerPixel, PerSecond};
use crate::diag::{Diagnostic, codes, message};
use crate::probe::Tools;
use crate::process::{self, Cancellation, Collect, Ending, Invocation, Limits};
use std::path::Path;
use std::time::Duration;

/// What was found out about one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Its name, for people.
    pub name: &'static str,
    /// What it took here.
    pub here: CpuTime,
    /// How much that is of what it takes on the reference machine, in hundredths.
    pub hundredths: u64,
}

/// A piece of work and the prices that follow it.
struct Step {
    name: &'static str,
    /// ffmpeg's words, from the input to the output.
    words: &'static str,
    /// Milliseconds on the reference machine, two cores of a server, the start of the process included.
    reference: u64,
    apply: fn(&mut Coefficients, Ratio),
}

/// Measured by reference, in thousandths.
#[derive(Debug, Clone, Copy)]
struct Ratio(u64);

/// No one step may take longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// What takes longer is measured once.
const LONG: CpuTime = CpuTime::from_millis(1000);
/// Ratios beyond these are a disturbance, not a machine.
const RATIOS: (u64, u64) = (50, 20_000);

const RAW: &str = "-f rawvideo -s 640x360 -r 24 -i pictures.yuv";

/// Makes what the steps work on.
const PICTURES: &str = "-f lavfi -i mandelbrot=size=640x360:rate=24 -vf noise=alls=8:allf=t,format=yuv420p -frames:v 48 -f rawvideo pictures.yuv";
const CODED: &str = "-c:v libx264 -preset medium -threads 2 -b:v 1500k -g 24 -f mp4 coded.mp4";

#[rustfmt::skip]
const STEPS: &[Step] = &[
    Step { name: "start of a process", words: "RAW -frames:v 1 -f null -", reference: 50,
        apply: |prices, by| by.time(&mut prices.process) },
    Step { name: "h264 decode", words: "-stream_loop 3 -i coded.mp4 -f null -", reference: 263,
        apply: |prices, by| {
            let decode = &mut prices.decode;
            [&mut decode.h264, &mut decode.h265, &mut decode.vp9, &mut decode.av1, &mut decode.other].into_iter().for_each(|one| by.encode(one));
            by.time(&mut prices.seek);
        } },
    Step { name: "h264 encode, fast", words: "RAW -c:v libx264 -preset veryfast -threads 2 -b:v 700k -f null -", reference: 239,
        apply: |prices, by| by.encode(&mut prices.h264.fast) },
    Step { name: "h264 encode, medium", words: "RAW -c:v libx264 -preset medium -threads 2 -b:v 700k -f null -", reference: 520,
        apply: |prices, by| by.encode(&mut prices.h264.medium) },
    Step { name: "h264 encode, slow", words: "RAW -c:v libx264 -preset slower -threads 2 -b:v 700k -f null -", reference: 1662,
        apply: |prices, by| by.encode(&mut prices.h264.slow) },
    Step { name: "h265 encode, fast", words: "RAW -c:v libx265 -preset ultrafast -x265-params pools=2:frame-threads=1:log-level=error -b:v 700k -f null -", reference: 405,
        apply: |prices, by| by.encode(&mut prices.h265.fast) },
    Step { name: "h265 encode, medium", words: "RAW -frames:v 24 -c:v libx265 -preset fast -x265-params pools=2:frame-threads=1:log-level=error -b:v 700k -f null -", reference: 581,
        apply: |prices, by| by.rest_of(&mut prices.h265) },
    Step { name: "av1 encode, medium", words: "RAW -frames:v 24 -c:v libsvtav1 -preset 8 -svtav1-params lp=2 -b:v 700k -f null -", reference: 951,
        apply: |prices, by| by.all_of(&mut prices.av1) },
    Step { name: "scaling by zimg", words: "-stream_loop 2 RAW -vf zscale=w=1280:h=720:filter=bicubic -f null -", reference: 118,
        apply: |prices, by| by.pixel(&mut prices.filters.zimg) },
    Step { name: "scaling by swscale", words: "-stream_loop 2 RAW -vf scale=w=1280:h=720:flags=bicubic+accurate_rnd -f null -", reference: 145,
        apply: |prices, by| by.pixel(&mut prices.filters.swscale) },
    Step { name: "filters", words: "-stream_loop 2 RAW -vf hqdn3d=luma_spatial=6,yadif -f null -", reference: 264,
        apply: |prices, by| {
            let filters = &mut prices.filters;
            [
                &mut filters.convert, &mut filters.deinterlace, &mut filters.denoise, &mut filters.tone_map,
                &mut filters.pad, &mut filters.blur, &mut filters.overlay, &mut prices.pictures.palette,
            ].into_iter().for_each(|one| by.pixel(one));
        } },
    Step { name: "jpg encode", words: "RAW -c:v mjpeg -q:v 2 -pix_fmt yuvj420p -threads 1 -f null -", reference: 204,
        apply: |prices, by| by.pixel(&mut prices.pictures.jpg) },
    Step { name: "png encode", words: "RAW -c:v png -pred mixed -threads 1 -frames:v 12 -f null -", reference: 463,
        apply: |prices, by| by.pixel(&mut prices.pictures.png) },
    Step { name: "webp encode", words: "RAW -c:v libwebp -quality 85 -threads 1 -frames:v 12 -f null -", reference: 313,
        apply: |prices, by| by.pixel(&mut prices.pictures.webp) },
    Step { name: "sound", words: "-f lavfi -i anoisesrc=duration=20:sample_rate=48000 -ac 2 -c:a aac -b:a 128k -f null -", reference: 310,
        apply: |prices, by| {
            let sound = &mut prices.audio;
            [&mut sound.decode, &mut sound.resample, &mut sound.aac, &mut sound.mp3, &mut sound.opus, &mut sound.lossless]
                .into_iter().for_each(|one| by.second(one));
        } },
];

/// Measures all that this ffmpeg can do, in about ten seconds, and tells of each step. What cannot be done here keeps
/// its default price.
pub fn measure(
    tools: &Tools,
    work: &Path,
    cancel: &Cancellation,
    told: &mut dyn FnMut(Measured),
) -> Result<Coefficients, Diagnostic> {
    let maker = Maker { tools, work, cancel };
    let failed =
        |what: &str| Diagnostic::new(&codes::TOOL_FAILED, message!("ffmpeg cannot do the first step: {}", what));
    maker.time(PICTURES).ok_or_else(|| failed("making pictures"))?;
    maker.time(&with_input(&format!("RAW {CODED}"))).ok_or_else(|| failed("making a film"))?;
    let mut coefficients = Coefficients::default();
    let (mut start, reference_start) = (CpuTime::ZERO, CpuTime::from_millis(STEPS[0].reference));
    for (number, step) in STEPS.iter().enumerate() {
        let words = with_input(step.words);
        let Some(first) = maker.time(&words) else { continue };
        // The quicker of two: what disturbs makes everything slower, nothing quicker. Over a second it evens out.
        let again = if first < LONG { maker.time(&words) } else { None };
        let here = again.map_or(first, |again| again.min(first));
        let reference = CpuTime::from_millis(step.reference);
        let ratio = match number {
            0 => Ratio::of(here, reference),
            _ => Ratio::of(here.without(start), reference.without(reference_start)),
        };
        if number == 0 {
            start = here;
        }
        (step.apply)(&mut coefficients, ratio);
        told(Measured { name: step.name, here, hundredths: ratio.0 / 10 });
    }
    Ok(coefficients)
}

fn with_input(words: &str) -> String {
    words.replacen("RAW", RAW, 1)
}

struct Maker<'a> {
    tools: &'a Tools,
    work: &'a Path,
    cancel: &'a Cancellation,
}

impl Maker<'_> {
    /// Processor time of one process; `None` when it did not do its work.
    fn time(&self, words: &str) -> Option<CpuTime> {
        let before = ["-v", "error", "-nostdin", "-y"];
        let arguments = before.into_iter().chain(words.split_whitespace()).map(Into::into).collect();
        let mut invocation = Invocation::new(&self.tools.ffmpeg, arguments);
        invocation.folder = Some(self.work.to_owned());
        invocation.limits = Limits { wall: Some(PATIENCE), ..Limits::default() };
        invocation.sandbox = self.tools.sandbox(Vec::new(), vec![self.work.to_owned()]);
        let finished = process::run(&invocation, &mut Collect::default(), self.cancel).ok()?;
        (finished.ending == Ending::Code(0)).then(|| CpuTime::from_seconds(finished.cpu_seconds))
    }
}

impl Ratio {
    fn of(here: CpuTime, reference: CpuTime) -> Ratio {
        let thousandths = here.share(1000, reference.0).0;
        Ratio(thousandths.clamp(RATIOS.0, RATIOS.1))
    }

    fn scaled(self, price: u64) -> u64 {
        CpuTime(price).share(self.0, 1000).0.max(1)
    }

    fn time(self, time: &mut CpuTime) {
        *time = CpuTime(self.scaled(time.0));
    }

    fn pixel(self, price: &mut PerPixel) {
        *price = PerPixel(self.scaled(price.0));
    }

    fn second(self, price: &mut PerSecond) {
        *price = PerSecond(self.scaled(price.0));
    }

    fn encode(self, price: &mut EncodePrice) {
        self.pixel(&mut price.pixel);
        price.bit = PerBit(self.scaled(price.bit.0));
    }

    fn rest_of(self, speeds: &mut BySpeed) {
        self.encode(&mut speeds.medium);
        self.encode(&mut speeds.slow);
    }

    fn all_of(self, speeds: &mut BySpeed) {
        self.encode(&mut speeds.fast);
        self.rest_of(speeds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_follow_the_ratio_to_the_reference() {
        let mut prices = Coefficients::default();
        let twice = Ratio::of(CpuTime::from_millis(300), CpuTime::from_millis(150));
        for step in STEPS {
            (step.apply)(&mut prices, twice);
        }
        let before = Coefficients::default();
        let doubled =
            |now: EncodePrice, then: EncodePrice| (now.pixel.0, now.bit.0) == (then.pixel.0 * 2, then.bit.0 * 2);
        assert!(doubled(prices.h264.slow, before.h264.slow) && doubled(prices.av1.fast, before.av1.fast));
        assert!(doubled(prices.h265.slow, before.h265.slow) && doubled(prices.decode.av1, before.decode.av1));
        assert_eq!(prices.process.0, before.process.0 * 2);
        assert_eq!(prices.filters.tone_map.0, before.filters.tone_map.0 * 2);
        assert_eq!(Ratio::of(CpuTime::ZERO, CpuTime(1)).0, RATIOS.0, "too quick to be true");
    }
}
