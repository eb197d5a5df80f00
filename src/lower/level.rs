//! Levels: the rate up to which a player of a declared level must keep up, a ceiling where only the quality is fixed.

use crate::catalog::template::{Profile, VideoCodec, VideoSettings};
use crate::units::Bitrate;

/// Levels in tenths with their rates in kbit/s, for the profiles up to `main` (H.264, table A-1; the buffer may be as
/// large, and from 4.0 on larger).
const H264: [(u8, u64); 19] = [
    (10, 64),
    (11, 192),
    (12, 384),
    (13, 768),
    (20, 2_000),
    (21, 4_000),
    (22, 4_000),
    (30, 10_000),
    (31, 14_000),
    (32, 20_000),
    (40, 20_000),
    (41, 50_000),
    (42, 50_000),
    (50, 135_000),
    (51, 240_000),
    (52, 240_000),
    (60, 240_000),
    (61, 480_000),
    (62, 800_000),
];

/// The same for the main tier of H.265 (table A.8).
const H265: [(u8, u64); 13] = [
    (10, 128),
    (20, 1_500),
    (21, 3_000),
    (30, 6_000),
    (31, 10_000),
    (40, 12_000),
    (41, 20_000),
    (50, 25_000),
    (51, 40_000),
    (52, 60_000),
    (60, 60_000),
    (61, 120_000),
    (62, 240_000),
];

/// The highest rate of the level that a template declares. A level between two of a table has the rate of the lower. Of
/// AV1 there is none: SVT-AV1 is told the level and no rate.
pub fn highest_rate(settings: &VideoSettings) -> Option<Bitrate> {
    let level = settings.level?;
    let rate = |table: &[(u8, u64)]| table.iter().rev().find(|(known, _)| *known <= level).map(|(_, rate)| *rate);
    let kbps = match (settings.codec, settings.profile.unwrap_or(Profile::High)) {
        (VideoCodec::H264, Profile::High) => rate(&H264)? * 5 / 4,
        (VideoCodec::H264, _) => rate(&H264)?,
        (VideoCodec::H265, _) => rate(&H265)?,
        (VideoCodec::Av1, _) => return None,
    };
    Some(Bitrate::from_kbps(kbps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_level_and_profile() {
        let rate = |codec, level, profile| {
            let settings = VideoSettings { codec, level, profile, ..VideoSettings::usual() };
            highest_rate(&settings).map_or("none".to_owned(), |rate| rate.to_string())
        };
        assert_eq!(rate(VideoCodec::H264, Some(41), None), "62500k");
        assert_eq!(rate(VideoCodec::H264, Some(41), Some(Profile::Main)), "50000k");
        assert_eq!(rate(VideoCodec::H264, Some(14), Some(Profile::Main)), "768k");
        assert_eq!(rate(VideoCodec::H265, Some(31), None), "10000k");
        assert_eq!(rate(VideoCodec::H265, None, None), "none");
        assert_eq!(rate(VideoCodec::Av1, Some(41), None), "none");
    }
}
