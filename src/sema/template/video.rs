//! The picture of a rendition or of a rung: its fields, and which of them go together.

use super::field::{Absent, Accepts, FieldInfo, FieldRule, apply, infos, set};
use super::picture::SidesDraft;
use super::{conflict, offer_deletion, place};
use crate::catalog::template::{
    CodecTag, Copy, Deinterlace, Denoise, Fill, Gop, Hdr, Passes, Profile, RateMode, Setting, Speed, Upscale,
    VideoCodec, VideoPixelFormat, VideoSettings,
};
use crate::diag::{Diagnostic, codes, message};
use crate::sema::read::Reader;
use crate::syntax::ast::{Quantity, Record, Value, ValueKind};
use crate::units::{Duration, Rational};
use std::ops::RangeInclusive;

/// Ranges of `vod.md` C.1 for users' templates.
const KBPS: RangeInclusive<u64> = 10..=100_000;
const SIDE: RangeInclusive<u32> = 128..=8192;
const CRF: RangeInclusive<u32> = 1..=51;
const BFRAMES: RangeInclusive<u32> = 0..=16;
const RATE: RangeInclusive<u32> = 1..=100;
const GOP_FRAMES: RangeInclusive<u32> = 1..=100_000;
const PASSES: RangeInclusive<u32> = 1..=2;

/// A stream of a template being built.
pub enum Stream<T> {
    /// Nothing was said: what the container implies.
    Implied,
    /// Left out.
    Absent,
    /// Given here or inherited.
    Given(T),
}

impl<T: Clone> Stream<T> {
    /// That of an extended template.
    pub fn inherited(base: Option<&T>) -> Self {
        base.map_or(Stream::Absent, |settings| Stream::Given(settings.clone()))
    }
}

/// Picture settings and the sides as written.
struct Draft {
    settings: VideoSettings,
    sides: SidesDraft,
    mode: Option<RateMode>,
}

const RULES: &[FieldRule<Draft>] = &[
    FieldRule::new(
        "codec",
        "How the picture is compressed.",
        Accepts::Words(VideoCodec::WORDS),
        Absent::Usual("h264"),
        |reader, value, draft| {
            set(&mut draft.settings.codec, reader.word(value, VideoCodec::WORDS, VideoCodec::from_word));
        },
    ),
    FieldRule::new(
        "bitrate",
        "Bits per second; `auto` keeps the quality constant instead.",
        Accepts::Bitrate(KBPS),
        Absent::Usual("auto"),
        |reader, value, draft| set(&mut draft.settings.bitrate, reader.bitrate(value, KBPS)),
    ),
    FieldRule::new(
        "mode",
        "How bits are spread over time.",
        Accepts::Words(RateMode::WORDS),
        Absent::Usual("vbr"),
        |reader, value, draft| draft.mode = reader.word(value, RateMode::WORDS, RateMode::from_word),
    ),
    FieldRule::new(
        "crf",
        "Constant quality, 1 is best; excludes a bitrate.",
        Accepts::Integer { range: CRF, words: &[] },
        Absent::Nothing,
        |reader, value, draft| draft.settings.crf = small(reader.integer(value, CRF)).or(draft.settings.crf),
    ),
    FieldRule::new(
        "fps",
        "Pictures per second.",
        Accepts::Rate { range: RATE, words: &["source"] },
        Absent::Usual("source"),
        |reader, value, draft| set(&mut draft.settings.rate, reader.rate(value)),
    ),
    FieldRule::new(
        "short_side",
        "Pixels of the shorter side, whatever the orientation; excludes `width` and `height`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.short = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "long_side",
        "Pixels of the longer side, whatever the orientation; excludes `width` and `height`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.long = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "width",
        "Pixels from left to right; excludes `short_side` and `long_side`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.width = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "height",
        "Pixels from top to bottom; excludes `short_side` and `long_side`.",
        Accepts::Side(SIDE),
        Absent::Usual("source"),
        |reader, value, draft| draft.sides.height = reader.side(value, SIDE).flatten(),
    ),
    FieldRule::new(
        "fill",
        "What fills the rest when the shape differs from the source's.",
        Accepts::Words(Fill::WORDS),
        Absent::Usual("black"),
        |reader, value, draft| set(&mut draft.settings.fill, reader.word(value, Fill::WORDS, Fill::from_word)),
    ),
    FieldRule::new(
        "gop",
        "Distance of keyframes, in time or in pictures.",
        Accepts::Gop,
        Absent::Usual("auto"),
        |reader, value, draft| set(&mut draft.settings.gop, gop(reader, value)),
    ),
    FieldRule::new(
        "profile",
        "H.264 profile: which tools the encoder may use.",
        Accepts::Words(Profile::WORDS),
        Absent::Usual("high"),
        |reader, value, draft| {
            draft.settings.profile = reader.word(value, Profile::WORDS, Profile::from_word).or(draft.settings.profile);
        },
    ),
    FieldRule::new(
        "level",
        "Codec level: which size and rate a player must manage.",
        Accepts::Level,
        Absent::Usual("auto"),
        level,
    ),
    FieldRule::new(
        "bframes",
        "Most B-frames in a row; without it the encoder decides.",
        Accepts::Integer { range: BFRAMES, words: &[] },
        Absent::Nothing,
        |reader, value, draft| {
            draft.settings.bframes = small(reader.integer(value, BFRAMES)).or(draft.settings.bframes)
        },
    ),
    FieldRule::new(
        "tag",
        "Sample entry of H.265 in MP4; Apple's players need `hvc1`.",
        Accepts::Words(CodecTag::WORDS),
        Absent::Usual("hvc1"),
        |reader, value, draft| {
            draft.settings.tag = reader.word(value, CodecTag::WORDS, CodecTag::from_word).or(draft.settings.tag);
        },
    ),
    FieldRule::new(
        "pixel_format",
        "How pixels are stored: 8 or 10 bits.",
        Accepts::Words(VideoPixelFormat::WORDS),
        Absent::Usual("yuv420p"),
        |reader, value, draft| {
            let read = reader.word(value, VideoPixelFormat::WORDS, VideoPixelFormat::from_word);
            set(&mut draft.settings.pixel_format, read);
        },
    ),
    FieldRule::new(
        "hdr",
        "What becomes of a high dynamic range: kept, or mapped to the standard range.",
        Accepts::Words(Hdr::WORDS),
        Absent::Usual("sdr"),
        |reader, value, draft| set(&mut draft.settings.hdr, reader.word(value, Hdr::WORDS, Hdr::from_word)),
    ),
    FieldRule::new(
        "deinterlace",
        "Whether interlaced pictures are made progressive; `auto` asks the source.",
        Accepts::Words(Deinterlace::WORDS),
        Absent::Usual("auto"),
        |reader, value, draft| {
            set(&mut draft.settings.deinterlace, reader.word(value, Deinterlace::WORDS, Deinterlace::from_word));
        },
    ),
    FieldRule::new(
        "denoise",
        "Whether noise is filtered out.",
        Accepts::Words(Denoise::WORDS),
        Absent::Usual("off"),
        |reader, value, draft| {
            set(&mut draft.settings.denoise, reader.word(value, Denoise::WORDS, Denoise::from_word));
        },
    ),
    FieldRule::new(
        "passes",
        "How often the encoder looks at the source; 2 spreads a bitrate better and takes twice as long.",
        Accepts::Integer { range: PASSES, words: &[] },
        Absent::Usual("1"),
        |reader, value, draft| {
            let read = reader.integer(value, PASSES);
            set(&mut draft.settings.passes, read.map(|passes| if passes == 2 { Passes::Two } else { Passes::One }));
        },
    ),
    FieldRule::new(
        "upscale",
        "What happens when more pixels are asked for than the source has.",
        Accepts::Words(Upscale::WORDS),
        Absent::Usual("allow"),
        |reader, value, draft| {
            draft.settings.upscale = reader.word(value, Upscale::WORDS, Upscale::from_word).or(draft.settings.upscale);
        },
    ),
    FieldRule::new(
        "speed",
        "CPU against quality.",
        Accepts::Words(Speed::WORDS),
        Absent::Usual("medium"),
        |reader, value, draft| {
            draft.settings.speed = reader.word(value, Speed::WORDS, Speed::from_word).or(draft.settings.speed);
        },
    ),
    FieldRule::new(
        "copy",
        "Whether a source stream that already fits is copied.",
        Accepts::Words(Copy::WORDS),
        Absent::Usual("auto"),
        |reader, value, draft| {
            draft.settings.copy = reader.word(value, Copy::WORDS, Copy::from_word).or(draft.settings.copy);
        },
    ),
];

/// The fields of a picture, for people.
pub fn video_infos() -> Vec<FieldInfo> {
    infos(RULES)
}

/// Reads `video: { … }` or `video: none` over what the template extends.
pub fn read(reader: &mut Reader<'_>, value: &Value, stream: &mut Stream<VideoSettings>) {
    let record = match &value.kind {
        ValueKind::Record(record) => record,
        ValueKind::Word(word) if word == "none" => {
            *stream = Stream::Absent;
            return;
        }
        _ => {
            reader.wrong_type::<()>(value, message!("a block such as `{ codec: h264 }`, or `none`"));
            return;
        }
    };
    let settings = match &stream {
        Stream::Given(settings) => settings.clone(),
        Stream::Implied | Stream::Absent => VideoSettings::usual(),
    };
    let inherited_sides = settings.sides;
    let mut draft = Draft { settings, sides: SidesDraft::default(), mode: None };
    apply(reader, record, || message!("`video`"), RULES, &mut draft);
    draft.settings.sides = draft.sides.finish(reader, record, inherited_sides);
    settle_mode(reader, record, &mut draft);
    settle_codec(reader, record, &mut draft.settings);
    check(reader, record, &draft.settings);
    *stream = Stream::Given(draft.settings);
}

/// `crf` alone means constant quality; with another mode it is a contradiction, beside a bitrate it wins.
fn settle_mode(reader: &mut Reader<'_>, record: &Record, draft: &mut Draft) {
    let crf = place(record, "crf");
    match (draft.mode, crf) {
        (Some(mode), Some(crf)) if mode != RateMode::Crf => {
            let problem = conflict(crf, message!("`crf` contradicts the mode `{}`", mode));
            let place = place(record, "mode").unwrap_or(crf);
            reader.diagnostics.push(problem.with_label(place, message!("the mode is given here")));
        }
        (Some(mode), _) => draft.settings.mode = mode,
        (None, Some(_)) => draft.settings.mode = RateMode::Crf,
        (None, None) => {}
    }
    if draft.settings.mode != RateMode::Crf {
        // An inherited quality means nothing under another mode.
        draft.settings.crf = if crf.is_some() { draft.settings.crf } else { None };
        return;
    }
    if let Some(bitrate) = place(record, "bitrate") {
        let problem = Diagnostic::new(&codes::NO_EFFECT, message!("`bitrate` has no effect with constant quality"));
        let problem = offer_deletion(problem.at(bitrate, ""), reader, record, "bitrate");
        reader.diagnostics.push(problem);
    }
    draft.settings.bitrate = Setting::Auto;
}

/// What only one codec has is refused where it is written with another, and dropped where it was inherited.
fn settle_codec(reader: &mut Reader<'_>, record: &Record, settings: &mut VideoSettings) {
    let codec = settings.codec;
    for (name, only) in [("profile", VideoCodec::H264), ("tag", VideoCodec::H265)] {
        if codec == only {
            continue;
        }
        if let Some(written) = place(record, name) {
            let problem = conflict(written, message!("`{}` is for `{}`, the codec is `{}`", name, only, codec));
            let problem = offer_deletion(problem.with_help(message!("leave `{}` out", name)), reader, record, name);
            reader.diagnostics.push(problem);
        }
        match only {
            VideoCodec::H264 => settings.profile = None,
            _ => settings.tag = None,
        }
    }
}

/// Settings that exclude each other, one rule after the other; each is told at a field that is written here.
fn check(reader: &mut Reader<'_>, record: &Record, video: &VideoSettings) {
    let at = |names: &[&str]| names.iter().find_map(|name| place(record, name)).unwrap_or(record.span);
    let constant_quality = video.mode == RateMode::Crf || video.crf.is_some();
    if video.profile == Some(Profile::Baseline) && video.bframes.is_some_and(|bframes| bframes > 0) {
        let problem = conflict(at(&["bframes", "profile"]), message!("the profile `baseline` has no B-frames"));
        let problem = problem.with_help(message!("write `bframes: 0`, or take the profile `main`"));
        reader.diagnostics.push(match super::field(record, "bframes") {
            Some(value) => problem.with_fix(value.span, "0"),
            None => problem,
        });
    }
    if let Some(bframes) = place(record, "bframes").filter(|_| video.codec == VideoCodec::Av1) {
        let problem = Diagnostic::new(&codes::NO_EFFECT, message!("`bframes` has no effect on `av1`")).at(bframes, "");
        let problem = offer_deletion(problem, reader, record, "bframes");
        reader.diagnostics.push(problem);
    }
    if matches!(video.mode, RateMode::Cbr | RateMode::Abr) && video.bitrate == Setting::Auto && !constant_quality {
        let problem = conflict(at(&["mode", "bitrate"]), message!("the mode `{}` needs a `bitrate`", video.mode));
        reader.diagnostics.push(problem.with_help(message!("add a bitrate such as `bitrate: 1800kbps`")));
    } else if video.passes == Passes::Two && (constant_quality || video.bitrate == Setting::Auto) {
        let problem = conflict(
            at(&["passes", "crf", "bitrate"]),
            message!("two passes need a `bitrate`: the quality is constant"),
        );
        let problem = problem.with_help(message!("add a bitrate such as `bitrate: 1800kbps`, or write `passes: 1`"));
        reader.diagnostics.push(match super::field(record, "passes") {
            Some(value) => problem.with_fix(value.span, "1"),
            None => problem,
        });
    }
    check_depth(reader, record, video);
}

/// Ten bits are for the codecs that players decode so, and a high dynamic range needs them.
fn check_depth(reader: &mut Reader<'_>, record: &Record, video: &VideoSettings) {
    let at = |names: &[&str]| names.iter().find_map(|name| place(record, name)).unwrap_or(record.span);
    if video.pixel_format == VideoPixelFormat::Yuv420p10 && video.codec == VideoCodec::H264 {
        let problem = conflict(
            at(&["pixel_format", "codec"]),
            message!("`yuv420p10` is for `h265` and `av1`, the codec is `h264`"),
        );
        reader.diagnostics.push(problem.with_help(message!("write `codec: h265`, or `pixel_format: yuv420p`")));
    } else if video.hdr == Hdr::Keep && video.pixel_format != VideoPixelFormat::Yuv420p10 {
        let problem = conflict(at(&["hdr", "pixel_format"]), message!("`hdr: keep` needs `pixel_format: yuv420p10`"));
        let help = match video.codec {
            VideoCodec::H264 => message!("write `codec: h265` and `pixel_format: yuv420p10`"),
            _ => message!("write `pixel_format: yuv420p10`"),
        };
        let problem = problem.with_help(help);
        reader.diagnostics.push(match super::field(record, "pixel_format") {
            Some(value) if video.codec != VideoCodec::H264 => problem.with_fix(value.span, "yuv420p10"),
            _ => problem,
        });
    }
}

fn gop(reader: &mut Reader<'_>, value: &Value) -> Option<Gop> {
    match &value.kind {
        ValueKind::Word(word) if word == "auto" => Some(Gop::Auto),
        ValueKind::Quantity(Quantity::Duration(duration)) => {
            if *duration > Duration::ZERO && *duration <= Duration::from_millis(3_600_000) {
                return Some(Gop::Duration(*duration));
            }
            reader.out_of_range(value.span, message!("above 0s up to 1h is allowed"))
        }
        ValueKind::Quantity(Quantity::Frames(frames)) => {
            let whole = frames.is_integer().then(|| u32::try_from(frames.numerator()).ok()).flatten();
            match whole.filter(|frames| GOP_FRAMES.contains(frames)) {
                Some(frames) => Some(Gop::Frames(frames)),
                None => reader.out_of_range(value.span, message!("1 to 100000 frames are allowed")),
            }
        }
        ValueKind::Quantity(Quantity::Number(number)) => {
            let fixed = format!("{}frames", number.to_decimal(3));
            let problem = Diagnostic::new(&codes::MISSING_UNIT, message!("the distance of keyframes needs a unit"))
                .at(value.span, "")
                .with_help(message!("write `{}`, or a duration such as `2s`", &fixed))
                .with_fix(value.span, fixed);
            reader.report(problem)
        }
        _ => reader.wrong_type(value, message!("a distance such as `2s` or `48frames`, or `auto`")),
    }
}

fn level(reader: &mut Reader<'_>, value: &Value, draft: &mut Draft) {
    if matches!(&value.kind, ValueKind::Word(word) if word == "auto") {
        draft.settings.level = None;
        return;
    }
    let ValueKind::Quantity(Quantity::Number(number)) = value.kind else {
        reader.wrong_type::<()>(value, message!("a level such as `4.1`, or `auto`"));
        return;
    };
    let tenths = number * Rational::from_integer(10);
    let read = tenths.is_integer().then(|| u8::try_from(tenths.numerator()).ok()).flatten();
    match read.filter(|tenths| (10..=62).contains(tenths)) {
        Some(tenths) => draft.settings.level = Some(tenths),
        None => {
            reader.out_of_range::<()>(value.span, message!("1.0 to 6.2 are allowed"));
        }
    }
}

/// A number whose range fits a byte.
pub fn small(value: Option<u32>) -> Option<u8> {
    value.and_then(|value| u8::try_from(value).ok())
}
