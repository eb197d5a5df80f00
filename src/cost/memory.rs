//! How much memory a process is expected to hold: a forecast; what it may hold at most is `physical`'s.

use crate::catalog::template::{Speed, VideoCodec};
use crate::plan::VideoCoding;
use crate::plan::stream::VideoType;

/// A process with its libraries, before it has a picture.
pub(super) const PROCESS: u64 = 45 << 20;
/// Pictures that a decoder and the filters behind it hold, beside one for each thread.
const DECODED: u64 = 20;

/// Bytes of pictures of 4:2:0.
fn bytes(pixels: u64, deep: bool, pictures: u64) -> u64 {
    pixels.saturating_mul(if deep { 3 } else { 2 }).saturating_mul(pictures)
}

/// What decoding holds on so many cores.
pub(super) fn decoding(video: &VideoType, cores: u32) -> u64 {
    bytes(video.size.pixels(), is_deep(video), DECODED + u64::from(cores))
}

/// What an encoder holds: pictures it looks ahead at, refers to and works on.
pub(super) fn encoding(coding: &VideoCoding, video: &VideoType) -> u64 {
    let pictures = match (coding.codec, coding.speed) {
        (VideoCodec::H264, Speed::Fast) => 30,
        (VideoCodec::H264, Speed::Medium) => 70,
        (VideoCodec::H264, Speed::Slow) => 90,
        (VideoCodec::H265, Speed::Fast | Speed::Medium) => 60,
        (VideoCodec::H265, Speed::Slow) => 80,
        (VideoCodec::Av1, _) => 140,
    };
    bytes(video.size.pixels(), is_deep(video), pictures + 2 * u64::from(coding.threads.count()))
}

/// What a sheet, a picture or a film holds while it is put together.
pub(super) fn pictures(video: &VideoType) -> u64 {
    bytes(video.size.pixels(), false, 4)
}

fn is_deep(video: &VideoType) -> bool {
    video.pixel_format.0.contains("10") || video.pixel_format.0.contains("12")
}
