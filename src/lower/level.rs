//! Levels: what a player of a declared level must keep up with, in bits, pixels and pictures a second.
//!
//! References need no check of ours: ffmpeg tells x264 to keep no more pictures than the level has room for, and every
//! level has room for four of the largest; x265 and SVT-AV1 do so by themselves.

use crate::catalog::template::{Profile, VideoCodec, VideoSettings};
use crate::units::{Bitrate, FrameRate, Rational, Resolution};

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

/// For each level in tenths the most units a picture, and the most units a second.
type Sizes = &'static [(u8, u64, u64)];

/// Macroblocks (H.264, table A-1). Neither side may be longer than the root of eight times as many.
const H264_SIZES: Sizes = &[
    (10, 99, 1_485),
    (11, 396, 3_000),
    (12, 396, 6_000),
    (13, 396, 11_880),
    (20, 396, 11_880),
    (21, 792, 19_800),
    (22, 1_620, 20_250),
    (30, 1_620, 40_500),
    (31, 3_600, 108_000),
    (32, 5_120, 216_000),
    (40, 8_192, 245_760),
    (41, 8_192, 245_760),
    (42, 8_704, 522_240),
    (50, 22_080, 589_824),
    (51, 36_864, 983_040),
    (52, 36_864, 2_073_600),
    (60, 139_264, 4_177_920),
    (61, 139_264, 8_355_840),
    (62, 139_264, 16_711_680),
];

/// Pixels (H.265, tables A.8 and A.9), with the same rule for sides.
const H265_SIZES: Sizes = &[
    (10, 36_864, 552_960),
    (20, 122_880, 3_686_400),
    (21, 245_760, 7_372_800),
    (30, 552_960, 16_588_800),
    (31, 983_040, 33_177_600),
    (40, 2_228_224, 66_846_720),
    (41, 2_228_224, 133_693_440),
    (50, 8_912_896, 267_386_880),
    (51, 8_912_896, 534_773_760),
    (52, 8_912_896, 1_069_547_520),
    (60, 35_651_584, 1_069_547_520),
    (61, 35_651_584, 2_139_095_040),
    (62, 35_651_584, 4_278_190_080),
];

/// Pixels (AV1, annex A.3).
const AV1_SIZES: Sizes = &[
    (20, 147_456, 4_423_680),
    (21, 278_784, 8_363_520),
    (30, 665_856, 19_975_680),
    (31, 1_065_024, 31_950_720),
    (40, 2_359_296, 70_778_880),
    (41, 2_359_296, 141_557_760),
    (50, 8_912_896, 267_386_880),
    (51, 8_912_896, 534_773_760),
    (52, 8_912_896, 1_069_547_520),
    (60, 35_651_584, 1_069_547_520),
    (61, 35_651_584, 2_139_095_040),
    (62, 35_651_584, 4_278_190_080),
];

/// What is wrong with a declared level for pictures of a size and rate, and the lowest level that would do; nothing when
/// it is high enough, or not declared.
pub fn broken(settings: &VideoSettings, size: Resolution, rate: FrameRate) -> Option<String> {
    let level = settings.level?;
    let (table, block, unit): (Sizes, u32, &str) = match settings.codec {
        VideoCodec::H264 => (H264_SIZES, 16, "macroblocks"),
        VideoCodec::H265 => (H265_SIZES, 1, "pixels"),
        VideoCodec::Av1 => (AV1_SIZES, 1, "pixels"),
    };
    let sides = [size.width.div_ceil(block), size.height.div_ceil(block)].map(u64::from);
    let units = sides[0] * sides[1];
    let second = Rational::of(i64::try_from(units).unwrap_or(i64::MAX), 1) * rate.per_second();
    let second = u64::try_from(second.ceil()).unwrap_or(u64::MAX);
    let too_long = |most: u64| sides.iter().any(|side| side * side > 8 * most);
    let fits = |(_, most, speed): &(u8, u64, u64)| units <= *most && second <= *speed && !too_long(*most);
    let row = table.iter().rev().find(|(known, ..)| *known <= level).or(table.first())?;
    if fits(row) {
        return None;
    }
    let dotted = |level: u8| format!("{}.{}", level / 10, level % 10);
    let (_, most, speed) = row;
    let fact = if units > *most || too_long(*most) {
        format!("{most} {unit} a picture, and {size} are {units}")
    } else {
        let rate = rate.per_second().to_decimal(3);
        format!("{speed} {unit} a second, and {size} at {rate} fps are {second}")
    };
    let remedy = match table.iter().find(|row| fits(row)) {
        Some((lowest, ..)) => format!("level {} would do", dotted(*lowest)),
        None => "no level would do".to_owned(),
    };
    Some(format!("its level {} allows {fact}; {remedy}", dotted(level)))
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

    #[test]
    fn a_level_that_is_too_low_is_told_with_the_lowest_that_would_do() {
        let said = |codec, level, (width, height), rate| {
            let settings = VideoSettings { codec, level: Some(level), ..VideoSettings::usual() };
            let rate = FrameRate::new(Rational::of(rate, 1)).expect("a rate");
            broken(&settings, Resolution::new(width, height), rate).unwrap_or_else(|| "fits".to_owned())
        };
        let wide = (1920, 1080);
        assert_eq!(said(VideoCodec::H264, 40, wide, 30), "fits");
        assert_eq!(
            said(VideoCodec::H264, 40, wide, 31),
            "its level 4.0 allows 245760 macroblocks a second, and 1920x1080 at 31 fps are 252960; level 4.2 would do"
        );
        assert_eq!(
            said(VideoCodec::H264, 30, wide, 25),
            "its level 3.0 allows 1620 macroblocks a picture, and 1920x1080 are 8160; level 4.0 would do"
        );
        // Few pixels, but longer than a picture of this level may be.
        assert_eq!(
            said(VideoCodec::H264, 10, (640, 16), 1),
            "its level 1.0 allows 99 macroblocks a picture, and 640x16 are 40; level 1.1 would do"
        );
        assert_eq!(said(VideoCodec::H265, 40, wide, 30), "fits");
        assert_eq!(
            said(VideoCodec::Av1, 62, (16000, 9000), 60),
            "its level 6.2 allows 35651584 pixels a picture, and 16000x9000 are 144000000; no level would do"
        );
    }
}
