//! Whether there is room for a run: a rough need, compared with what is free before anything starts.

use super::Request;
use super::schedule::Course;
use crate::catalog::template::ImageFormat;
use crate::diag::{Diagnostic, codes, message};
use crate::physical::{ArtifactId, Coding, Expectation, Job, Product, Work};
use crate::plan::{AudioCoding, RateControl, VideoCoding};
use crate::units::{Bytes, Duration};
use std::collections::BTreeMap;

/// An error when the outputs that are still to be made will hardly fit.
pub(super) fn check(course: &Course<'_>) -> Result<(), Diagnostic> {
    let jobs: Vec<&Job> = course.request.plan.jobs.iter().filter(|job| !course.waiting_for(job).is_empty()).collect();
    match course.store.free_space() {
        Some(free) => fits(need(course.request, &jobs), free),
        None => Ok(()),
    }
}

fn fits(need: u64, free: u64) -> Result<(), Diagnostic> {
    if need <= free {
        return Ok(());
    }
    let (need, free) = (Bytes(need).to_string(), Bytes(free).to_string());
    let message = message!("the outputs need about {}, and the disk has {} free", need, free);
    let help = message!("make room, or give a folder on another disk with `--out`");
    Err(Diagnostic::new(&codes::NO_SPACE, message).with_help(help))
}

/// Bytes that jobs write, with a third on top: containers are copies, and rates are only aimed at.
fn need(request: &Request<'_>, jobs: &[&Job]) -> u64 {
    let mut sizes: BTreeMap<ArtifactId, u64> = BTreeMap::new();
    for job in jobs {
        match &job.work {
            Work::Encode(encode) => {
                sizes.extend(encode.products.iter().map(|product| (product.artifact, size(request, product))));
            }
            Work::Package(_) | Work::Adaptive(_) => {
                let copied: u64 = job.reads().iter().filter_map(|input| sizes.get(input)).sum();
                let sealed: Vec<ArtifactId> = job.encryptions().into_iter().map(|(artifact, _)| artifact).collect();
                // What is encrypted is decrypted once more, to be verified.
                let times = |made: &ArtifactId| if sealed.contains(made) { 2 } else { 1 };
                sizes.extend(job.makes().into_iter().map(|made| (made, copied.saturating_mul(times(&made)))));
            }
        }
    }
    let sum = sizes.values().fold(0, |sum: u64, size| sum.saturating_add(*size));
    sum.saturating_add(sum / 10 * 3)
}

/// Bytes of one elementary stream or set of pictures. Where only the quality is fixed, the source is the measure.
fn size(request: &Request<'_>, product: &Product) -> u64 {
    match (&product.coding, &request.plan.artifact(product.artifact).expect) {
        (Coding::Video(coding), Expectation::Streams { video: Some(expected), .. }) => {
            video_rate(coding).map_or(request.facts.size.0, |rate| bytes(rate, expected.duration))
        }
        // Two bytes for each block of 16x16.
        (Coding::Analysis(_), Expectation::Statistics { size, frames, .. }) => {
            (size.pixels() / 128).saturating_mul(*frames)
        }
        (Coding::Audio(coding), Expectation::Streams { audio: Some(expected), .. }) => {
            bytes(audio_rate(coding), expected.duration)
        }
        // At most the whole source.
        (Coding::Copy(_), _) => request.facts.size.0,
        // A byte for each pixel is what a picture of many colours comes to.
        (Coding::Animation(_), Expectation::Animation { size, frames, .. }) => size.pixels().saturating_mul(*frames),
        (Coding::Raw(raw), _) => raw.bytes().unwrap_or(0),
        (Coding::Pictures(coding), Expectation::Pictures { size, .. }) => {
            let each = match coding.format {
                ImageFormat::Png => size.pixels() * 2,
                ImageFormat::Jpg | ImageFormat::Webp => size.pixels() / 4,
            };
            each.saturating_mul(u64::from(coding.count))
        }
        _ => 0,
    }
}

fn video_rate(coding: &VideoCoding) -> Option<u64> {
    match coding.rate_control {
        RateControl::Rate { target, .. } => Some(target.0),
        RateControl::Quality { .. } => None,
    }
}

/// Without a rate the sound is lossless.
fn audio_rate(coding: &AudioCoding) -> u64 {
    coding.bitrate.map_or(u64::from(coding.sample_rate.0) * u64::from(coding.channels) * 16, |rate| rate.0)
}

fn bytes(bits_per_second: u64, duration: Duration) -> u64 {
    (bits_per_second as f64 / 8.0 * duration.seconds().to_f64()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_said_in_figures() {
        assert_eq!(fits(1000, 1000), Ok(()));
        let diagnostic = fits(2_500_000_000, 700_000).expect_err("too little");
        assert_eq!(diagnostic.code.id, "E0706");
        assert_eq!(diagnostic.message, "the outputs need about 2.5 GB, and the disk has 700.0 kB free");
    }
}
