//! What one operation of the logical plan costs.

use super::amount::CpuTime;
use super::content::{self, ContentClass};
use super::machine::Subject;
use super::prices::Prices;
use crate::catalog::template::{AnimatedFormat, Fill, Speed, VideoCodec};
use crate::plan::op::Op;
use crate::plan::stream::{StreamType, VideoType};
use crate::plan::{AnimationCoding, AudioCoding, LogicalPlan, RateControl, VideoCoding};
use crate::units::{Duration, Rational, Resolution};
use petgraph::stable_graph::NodeIndex;
use std::collections::{BTreeMap, BTreeSet};

/// The price of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodePrice {
    pub subject: Subject,
    pub cpu: CpuTime,
    /// Written to the disk.
    pub bytes: u64,
}

/// How many pictures of a node's input are asked for; `None` for all.
pub(super) type Needs = BTreeMap<NodeIndex, Option<u64>>;

/// What each node needs of the nodes above it: pictures are decoded and filtered only up to the last one that is wanted.
pub(super) fn needs(plan: &LogicalPlan, order: &[NodeIndex], members: Option<&BTreeSet<NodeIndex>>) -> Needs {
    let mut needs = Needs::new();
    for index in order.iter().rev().filter(|index| members.is_none_or(|members| members.contains(index))) {
        let own = match &plan.node(*index).op {
            Op::Pick { pictures } => Some(pictures.last().map_or(0, |picked| picked.picture.index + 1)),
            Op::Trim(trim) => plan.input_types(*index).first().and_then(|input| pictures_until(input, trim.to.0)),
            _ => {
                let users = plan.users(*index);
                let asked: Vec<Option<u64>> = users.iter().filter_map(|(user, _)| needs.get(user).copied()).collect();
                // Whoever reads everything, or a node without users, wants all.
                if asked.is_empty() || asked.contains(&None) { None } else { asked.into_iter().flatten().max() }
            }
        };
        needs.insert(*index, own);
    }
    needs
}

fn pictures_until(input: &StreamType, end: Rational) -> Option<u64> {
    let StreamType::Video(video) = input else { return None };
    let pictures = (end - video.start.0) * video.timing.rate().per_second();
    Some(u64::try_from(pictures.ceil()).unwrap_or(0).saturating_add(1).min(video.frames))
}

impl Prices<'_> {
    pub(super) fn node(&self, plan: &LogicalPlan, index: NodeIndex, needs: &Needs) -> NodePrice {
        let given = plan.input_types(index);
        let limit = needs.get(&index).copied().flatten();
        let op = &plan.node(index).op;
        let (subject, time, bytes) = match (op, given.first()) {
            (Op::EncodeVideo(coding), Some(StreamType::Video(video))) => {
                let bits = self.encoded_bits(coding, video);
                (self.subject(coding, coding.speed), self.encoding(coding, coding.speed, video, bits), bits / 8)
            }
            (Op::AnalyseVideo(coding), Some(StreamType::Video(video))) => {
                let (speed, bits) = (first_pass(coding), self.encoded_bits(coding, video));
                (self.subject(coding, speed), self.encoding(coding, speed, video, bits), video.frames * 500)
            }
            // What changes nothing is not done, whether it was taken out or not.
            _ if op.is_no_op(&given.iter().collect::<Vec<_>>()) => (Subject::Rest, CpuTime::ZERO, 0),
            _ => {
                let (time, bytes) = self.rest(op, &given, limit);
                (Subject::Rest, time, bytes)
            }
        };
        NodePrice { subject, cpu: self.machine.corrections.corrected(subject, time), bytes }
    }

    fn subject(&self, coding: &VideoCoding, speed: Speed) -> Subject {
        Subject::Encode(coding.codec, speed, ContentClass::of(self.source))
    }

    fn encoding(&self, coding: &VideoCoding, speed: Speed, video: &VideoType, bits: u64) -> CpuTime {
        let price = self.machine.coefficients.encoder(coding.codec, speed);
        let usual = price.pixel.of(video.size.pixels().saturating_mul(video.frames)) + price.bit.of(bits);
        usual.share(content::liveliness(self.source, video.frames, video.duration), 1000)
    }

    /// Bits of an encoded stream. What only has a quality is taken to spend as the source does, but on smaller pictures
    /// more for a pixel.
    pub(super) fn encoded_bits(&self, coding: &VideoCoding, video: &VideoType) -> u64 {
        match coding.rate_control {
            RateControl::Rate { target, .. } => over(target.0, video.duration),
            RateControl::Quality { crf, .. } => {
                let pixels = video.size.pixels().saturating_mul(video.frames);
                let source = self.source.picture().map_or(0, |source| source.coded_size.pixels());
                let spent = content::thousandth_bits(self.source) as f64 / 1000.0;
                // Measured on five clips at three sizes; six steps of quality are half the bits, in every codec.
                let smaller = (source as f64 / video.size.pixels().max(1) as f64).max(1.0).powf(0.25);
                let quality = 2f64.powf((23.0 - f64::from(crf)) / 6.0);
                (pixels as f64 * (spent * 0.65 * smaller * quality).clamp(0.005, 0.5)) as u64
            }
        }
    }

    /// Everything but encoding pictures that move.
    fn rest(&self, op: &Op, given: &[StreamType], limit: Option<u64>) -> (CpuTime, u64) {
        let prices = &self.machine.coefficients;
        let input = given.first();
        let (size, frames) = match input {
            Some(StreamType::Video(video) | StreamType::Stills(video)) => {
                (video.size, video.frames.min(limit.unwrap_or(u64::MAX)))
            }
            _ => (Resolution::new(0, 0), 0),
        };
        let seen = size.pixels().saturating_mul(frames);
        let filters = &prices.filters;
        let time = match op {
            Op::Demux { .. } => self.process(),
            Op::Decode { stream, output: StreamType::Video(_) } => match limit {
                Some(pictures) => self.decode_pictures(stream.index(), pictures),
                None => self.decode_all(stream.index()),
            },
            Op::Decode { .. } => self.sound(Rational::ONE),
            Op::Deinterlace => filters.deinterlace.of(seen),
            Op::Denoise => filters.denoise.of(seen),
            Op::ToneMap { .. } => filters.tone_map.of(seen),
            Op::Scale { size: result, scaler } => {
                let worked = u64::from(size.height) * u64::from(result.width);
                prices.scaler(*scaler).of(worked.max(result.pixels()).saturating_mul(frames))
            }
            Op::Convert { .. } => filters.convert.of(seen),
            Op::Pad { size: canvas, fill: Fill::Blur } => filters.blur.of(canvas.pixels().saturating_mul(frames)),
            Op::Pad { size: canvas, .. } => filters.pad.of(canvas.pixels().saturating_mul(frames)),
            Op::Tile { .. } | Op::Animate { .. } => filters.pad.of(seen),
            Op::Overlay { .. } => match given.get(1) {
                Some(StreamType::Mark(mark)) => filters.overlay.of(mark.pixels().saturating_mul(frames)),
                _ => CpuTime::ZERO,
            },
            Op::Resample { .. } => prices.audio.resample.of(length(given)),
            Op::EncodeAudio(coding) => {
                let bytes = over(audio_rate(coding), length(given)) / 8;
                return (prices.sound(coding.codec).of(length(given)), bytes);
            }
            Op::EncodePictures(coding) => {
                return (prices.picture(coding.format).of(seen), seen / 4);
            }
            Op::EncodeAnimation(coding) => return (self.film(coding, seen), seen / 4),
            Op::Copy(_) => {
                return (prices.copied_byte.of(self.source.size.0), self.source.size.0);
            }
            Op::Mux(mux) => return self.package(given, mux.encryption.is_some()),
            Op::Adaptive(package) => return self.package(given, package.encryption.is_some()),
            _ => CpuTime::ZERO,
        };
        (time, 0)
    }

    fn film(&self, coding: &AnimationCoding, pixels: u64) -> CpuTime {
        let pictures = &self.machine.coefficients.pictures;
        match coding.format {
            AnimatedFormat::Gif => pictures.palette.of(pixels),
            AnimatedFormat::Webp => pictures.webp.of(pixels),
        }
    }

    fn package(&self, given: &[StreamType], encrypted: bool) -> (CpuTime, u64) {
        let prices = &self.machine.coefficients;
        let bytes = given.iter().map(|stream| self.stream_bytes(stream)).fold(0, u64::saturating_add);
        let sealed = if encrypted { prices.encrypted_byte.of(bytes) } else { CpuTime::ZERO };
        (self.process() + prices.copied_byte.of(bytes) + sealed, bytes)
    }

    /// Bytes of an encoded stream, about: the edge does not say its rate.
    fn stream_bytes(&self, stream: &StreamType) -> u64 {
        match stream {
            StreamType::EncodedVideo(_, video) => {
                let bits = content::thousandth_bits(self.source).clamp(20, 150);
                video.size.pixels().saturating_mul(video.frames) / 1000 * bits / 8
            }
            StreamType::EncodedAudio(_, sound) => over(128_000, sound.duration) / 8,
            _ => 0,
        }
    }
}

/// The first pass of x264 is made as quickly as its own `fast`; the others' is as dear as an encode.
fn first_pass(coding: &VideoCoding) -> Speed {
    if coding.codec == VideoCodec::H264 { Speed::Fast } else { coding.speed }
}

fn length(given: &[StreamType]) -> Duration {
    match given.first() {
        Some(StreamType::Audio(sound)) => sound.duration,
        _ => Duration::ZERO,
    }
}

fn audio_rate(coding: &AudioCoding) -> u64 {
    let samples = u64::from(coding.sample_rate.0) * u64::from(coding.channels) * 16;
    coding.bitrate.map_or(samples, |rate| rate.0)
}

fn over(bits_per_second: u64, duration: Duration) -> u64 {
    (bits_per_second as f64 * duration.seconds().to_f64()) as u64
}
