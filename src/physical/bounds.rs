//! What one process may use at most, from the plan: memory, processor time, bytes of a file, time without progress.
//!
//! The figures are bounds, not forecasts. The estimate of processor time goes by pixels alone, with a price for each
//! coding that is above what was measured on one slow core; the limit is a multiple of it. A sound job never meets its
//! bounds; one that loops, or was made to, meets them in finite time (`reliability.md` R7, R22).

use super::{ArtifactId, Coding, Expectation, Filter, Job, PhysicalPlan, Product, RawPictures, Work};
use crate::catalog::template::{Speed, VideoCodec};
use crate::limits::{Limits, MEBIBYTE};
use crate::media::SourceFacts;
use crate::plan::{AudioCoding, RateControl, VideoCoding};
use crate::units::{Bytes, Duration};
use serde::Serialize;

/// Seconds of processor time that any process gets, whatever it does.
const START_SECONDS: u64 = 30;
/// Bytes that any file may have: headers, indices and rates that are only aimed at.
const START_BYTES: u64 = 64 * MEBIBYTE;
/// Address space for each core: every thread reserves a stack and an arena of the allocator.
const BYTES_PER_CORE: u64 = 256 * MEBIBYTE;
/// Address space for each encoder at least.
const BYTES_PER_ENCODER: u64 = 1 << 30;
/// Pictures that an encoder holds: looked ahead at, referred to, worked on. x264 needs 40 of 8K in 4 GiB.
const PICTURES_PER_ENCODER: u64 = 100;
/// Pictures that decoding and filtering hold beside the encoders.
const PICTURES_IN_FLIGHT: u64 = 64;
/// Bytes of a pixel in memory: 10 bits, colour at half resolution.
const BYTES_PER_PIXEL: u64 = 3;
/// Smallest room for one allocation: an index of a film's packets fits (`reliability.md` 2).
const LEAST_ALLOCATION: u64 = 256 * MEBIBYTE;

/// What one process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// Bytes of address space.
    pub address_space: Bytes,
    /// Seconds of processor time, all threads together.
    pub processor_seconds: u64,
    /// Bytes of any one file that it writes.
    pub file_size: Bytes,
    /// Files that it has open.
    pub open_files: u64,
    /// Seconds in which neither media time nor files may grow.
    pub stall_seconds: u64,
}

/// How a foreign file may be read: what ffmpeg is told to refuse by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReadBounds {
    /// Pixels of a picture.
    pub pixels: u64,
    /// Streams.
    pub streams: u64,
    /// Bytes of one allocation.
    pub allocation: u64,
}

impl ReadBounds {
    /// Those that limits give. A picture of the largest size must fit into one allocation, with 16 bits in each of
    /// four channels; the room is that of the whole process, outputs included.
    pub fn of(limits: &Limits) -> ReadBounds {
        let picture = limits.source_pixels.max(limits.output_pixels).max(limits.sheet_pixels).saturating_mul(8);
        ReadBounds {
            pixels: limits.source_pixels,
            streams: limits.source_streams,
            allocation: picture.clamp(LEAST_ALLOCATION, i32::MAX as u64),
        }
    }
}

/// The bounds of a job, on a machine with so many cores.
pub fn bounds(plan: &PhysicalPlan, source: &SourceFacts, job: &Job, limits: &Limits, cores: u64) -> Bounds {
    let load = Load { plan, source };
    let estimate = load.nanoseconds(job).div_ceil(1_000_000_000);
    let memory = limits.memory.saturating_mul(MEBIBYTE).saturating_add(cores.saturating_mul(BYTES_PER_CORE));
    let slowest = load.slowest_picture(job).saturating_mul(PICTURES_PER_ENCODER) / 1_000_000_000;
    Bounds {
        address_space: Bytes(memory.saturating_add(load.memory(job))),
        processor_seconds: estimate.saturating_mul(limits.processor_factor).saturating_add(START_SECONDS),
        file_size: Bytes(load.job_bytes(job).saturating_mul(limits.bytes_factor).saturating_add(START_BYTES)),
        open_files: limits.open_files,
        stall_seconds: limits.stall.max(slowest),
    }
}

/// What jobs do, in pixels and bytes.
struct Load<'a> {
    plan: &'a PhysicalPlan,
    source: &'a SourceFacts,
}

impl Load<'_> {
    /// Pixels of a picture, and pictures, of the source.
    fn read(&self) -> (u64, u64) {
        let video = self.source.picture();
        video.map_or((0, 0), |video| (video.coded_size.pixels(), video.frames.count()))
    }

    /// Pixels of a picture, and pictures, of what a product encodes.
    fn made(&self, product: &Product) -> (u64, u64) {
        match &self.plan.artifact(product.artifact).expect {
            Expectation::Streams { video: Some(video), .. } => (video.size.pixels(), video.frames),
            Expectation::Pictures { count, size, .. } | Expectation::Raw(RawPictures { count, size, .. }) => {
                (size.pixels(), u64::from(*count))
            }
            Expectation::Animation { size, frames, .. } | Expectation::Statistics { size, frames, .. } => {
                (size.pixels(), *frames)
            }
            _ => (0, 0),
        }
    }

    /// Estimated processor time. Every filter is taken to see every picture of the source or of the largest product.
    fn nanoseconds(&self, job: &Job) -> u64 {
        let seconds = self.source.duration().seconds().ceil().clamp(0, i128::from(u32::MAX)) as u64;
        let Work::Encode(encode) = &job.work else {
            // Copying costs by bytes; a second of it goes through more than 100 MB.
            return self.job_bytes(job).saturating_mul(10);
        };
        let (pixels, pictures) = self.read();
        let sizes = encode.products.iter().map(|product| self.made(product));
        let seen = sizes.fold(pixels.saturating_mul(pictures), |most, (pixels, pictures)| {
            most.max(pixels.saturating_mul(pictures))
        });
        let decoding = pixels.saturating_mul(pictures).saturating_mul(20);
        let filters = encode.graph.filters.iter().map(price_of_filter).fold(0, u64::saturating_add);
        let encoding = encode.products.iter().fold(0, |sum: u64, product| {
            let (pixels, pictures) = self.made(product);
            sum.saturating_add(pixels.saturating_mul(pictures).saturating_mul(price(&product.coding)))
        });
        // Sound: a fiftieth of its length for each track that is decoded or encoded.
        let sound = seconds.saturating_mul(20_000_000).saturating_mul(1 + encode.products.len() as u64);
        [decoding, seen.saturating_mul(filters), encoding, sound].into_iter().fold(0, u64::saturating_add)
    }

    /// Processor time of one picture of the dearest encoder.
    fn slowest_picture(&self, job: &Job) -> u64 {
        let Work::Encode(encode) = &job.work else { return 0 };
        let picture = |product: &Product| self.made(product).0.saturating_mul(price(&product.coding));
        encode.products.iter().map(picture).max().unwrap_or(0)
    }

    /// Address space for pictures.
    fn memory(&self, job: &Job) -> u64 {
        let Work::Encode(encode) = &job.work else { return 0 };
        let bytes = |pixels: u64, pictures: u64| pixels.saturating_mul(BYTES_PER_PIXEL).saturating_mul(pictures);
        // What was laid by is small, and read picture by picture: much less than the source, which is taken for it.
        let read = bytes(self.read().0, PICTURES_IN_FLIGHT).saturating_mul(encode.openings.len() as u64);
        encode.products.iter().fold(read, |sum: u64, product| {
            let more = match product.coding {
                Coding::Video(_) | Coding::Analysis(_) => {
                    bytes(self.made(product).0, PICTURES_PER_ENCODER).max(BYTES_PER_ENCODER)
                }
                // A sheet or a film that goes round is put together in memory.
                Coding::Pictures(_) | Coding::Animation(_) => bytes(self.made(product).0, PICTURES_IN_FLIGHT),
                Coding::Raw(_) => bytes(self.made(product).0, PICTURES_IN_FLIGHT),
                Coding::Audio(_) | Coding::Copy(_) => 0,
            };
            sum.saturating_add(more)
        })
    }

    /// Estimated bytes of the largest file that a job writes.
    fn job_bytes(&self, job: &Job) -> u64 {
        match &job.work {
            Work::Encode(encode) => encode.products.iter().map(|product| self.bytes(product)).max().unwrap_or(0),
            Work::Package(_) | Work::Adaptive(_) => {
                job.reads().iter().fold(0, |sum: u64, input| sum.saturating_add(self.artifact_bytes(*input)))
            }
        }
    }

    /// Estimated bytes of an artefact that some encode job makes.
    fn artifact_bytes(&self, artifact: ArtifactId) -> u64 {
        let products = self.plan.jobs.iter().filter_map(|job| match &job.work {
            Work::Encode(encode) => Some(&encode.products),
            Work::Package(_) | Work::Adaptive(_) => None,
        });
        let found = products.flatten().find(|product| product.artifact == artifact);
        // Small elementary streams may grow by as much as a large one before they meet their bound.
        found.map_or(0, |product| self.bytes(product).saturating_add(START_BYTES))
    }

    /// Estimated bytes. Where only the quality is fixed, what the pictures have uncompressed is the measure.
    fn bytes(&self, product: &Product) -> u64 {
        let (pixels, pictures) = self.made(product);
        match (&product.coding, &self.plan.artifact(product.artifact).expect) {
            (Coding::Video(coding), Expectation::Streams { video: Some(video), .. }) => match coding.rate_control {
                RateControl::Rate { target, .. } => at_rate(target.0, video.duration),
                RateControl::Quality { .. } => pixels.saturating_mul(pictures).saturating_mul(2),
            },
            (Coding::Audio(coding), Expectation::Streams { audio: Some(audio), .. }) => {
                at_rate(audio_rate(coding), audio.duration)
            }
            (Coding::Copy(_), _) => self.source.size.0,
            // Statistics have some words for each picture, and x264's some bytes for each of its blocks.
            (Coding::Analysis(_), _) => pictures.saturating_mul(1000 + pixels / 32),
            // One file holds them all.
            (Coding::Animation(_), _) => pixels.saturating_mul(pictures).saturating_mul(4),
            (Coding::Pictures(_), _) => pixels.saturating_mul(8),
            (Coding::Raw(raw), _) => raw.bytes().unwrap_or(0),
            _ => 0,
        }
    }
}

/// Nanoseconds for a pixel of one picture.
fn price(coding: &Coding) -> u64 {
    match coding {
        Coding::Video(VideoCoding { codec, speed, .. }) | Coding::Analysis(VideoCoding { codec, speed, .. }) => {
            match (codec, speed) {
                (VideoCodec::H264, Speed::Fast) => 20,
                (VideoCodec::H264, Speed::Medium) => 50,
                (VideoCodec::H264, Speed::Slow) => 200,
                (VideoCodec::H265, Speed::Fast) => 60,
                (VideoCodec::H265, Speed::Medium) => 150,
                (VideoCodec::H265, Speed::Slow) => 800,
                (VideoCodec::Av1, Speed::Fast) => 80,
                (VideoCodec::Av1, Speed::Medium) => 200,
                (VideoCodec::Av1, Speed::Slow) => 1000,
            }
        }
        Coding::Pictures(_) => 300,
        Coding::Animation(_) => 1000,
        Coding::Raw(_) => 10,
        Coding::Audio(_) | Coding::Copy(_) => 0,
    }
}

/// Nanoseconds for a pixel that a filter sees.
fn price_of_filter(filter: &Filter) -> u64 {
    match filter.name {
        "palettegen" | "paletteuse" | "tonemap" | "hqdn3d" | "avgblur" | "boxblur" | "gblur" => 100,
        "zscale" | "scale" | "yadif" | "bwdif" | "overlay" => 30,
        _ => 5,
    }
}

/// Without a rate the sound is lossless.
fn audio_rate(coding: &AudioCoding) -> u64 {
    let samples = u64::from(coding.sample_rate.0) * u64::from(coding.channels) * 16;
    coding.bitrate.map_or(samples, |rate| rate.0)
}

fn at_rate(bits_per_second: u64, duration: Duration) -> u64 {
    let seconds = duration.seconds().ceil().clamp(0, i128::from(u32::MAX)) as u64;
    (bits_per_second / 8).saturating_mul(seconds)
}
