//! The fields of the parameter templates, kind by kind (`vod.md` C), and the words of `.vod` for them.

use super::table::{Bounds, Field, NO_WORD, Number, Sort, Table, Takes, Unit, any, ceiling, only, whole};

/// The name of a template, its number, a remark: what every kind has.
const HEAD: &[Field] = &[
    Field::new("$schema", "$schema", "", Takes::Mark),
    Field::new("Action", "Action", "", Takes::Mark),
    Field::new("definition", "Definition", "@id", Takes::Template("")),
    Field::new("name", "Name", "@name", Takes::Text(64)),
    Field::new("comment", "Comment", "comment", Takes::Text(256)),
    Field::ignored("", "SubAppId"),
    Field::ignored("SubAppId", ""),
    // Facts that a described template has.
    Field::ignored("type", "Type"),
    Field::ignored("createTime", "CreateTime"),
    Field::ignored("updateTime", "UpdateTime"),
];

const SWITCH_NONE: Takes = Takes::Words(&[("0", ""), ("1", "none")]);
const OPEN: &[(&str, &str)] = &[("open", "open"), ("close", "close")];
const OPEN_V2: &[(&str, &str)] = &[("open", "open"), ("close", "close"), ("1", "open"), ("0", "close")];
const FILL: Takes = Takes::Words(&[
    ("black", "black"),
    ("stretch", "stretch"),
    ("white", "white"),
    ("gauss", "blur"),
    ("transparent", NO_WORD),
]);

const fn side(v2: Bounds, v3: Bounds) -> Takes {
    Takes::Number(Number { unit: Unit::One, v2, v3, zero: Some("source") })
}

const VIDEO_SIDE: Takes = side(ceiling(128, 1920), whole(128, 8192));
const STILL_SIDE: Takes = side(whole(128, 4096), whole(32, 4096));
const CELL_SIDE: Takes = side(whole(128, 4096), whole(128, 4096));

/// `VideoTemplate`, and the video of a rung.
pub static VIDEO: Table = Table {
    name: "VideoTemplate",
    fields: &[&[
        Field::required(
            "codec",
            "Codec",
            "codec",
            Takes::Words(&[("libx264", "h264"), ("libx265", "h265"), ("av1", "av1"), ("H.266", NO_WORD)]),
        ),
        Field::required(
            "fps",
            "Fps",
            "fps",
            Takes::Number(Number {
                unit: Unit::One,
                v2: only(&[24, 25, 30], Sort::Ceiling),
                v3: whole(1, 100),
                zero: Some("source"),
            }),
        ),
        Field::required(
            "bitrate",
            "Bitrate",
            "bitrate",
            Takes::Number(Number {
                unit: Unit::Kilobits,
                v2: ceiling(128, 10_000),
                v3: whole(128, 100_000),
                zero: Some("auto"),
            }),
        ),
        Field::new("", "ResolutionAdaptive", "@adaptive", Takes::Words(OPEN)),
        Field::new("resolutionSelfAdapting", "", "@adaptive", Takes::Words(OPEN_V2)),
        Field::new("width", "Width", "@width", VIDEO_SIDE),
        Field::new("height", "Height", "@height", VIDEO_SIDE),
        Field::new("", "FillType", "fill", FILL),
        Field::new(
            "",
            "Vcrf",
            "crf",
            Takes::Number(Number { zero: Some(""), ..Number::both(Unit::One, whole(1, 51)) }),
        ),
        Field::new(
            "",
            "Gop",
            "@gop",
            Takes::Number(Number { zero: Some("auto"), ..Number::both(Unit::One, whole(1, 100_000)) }),
        ),
        Field::new("", "GopUnit", "@gop_unit", Takes::Words(&[("frame", "frame"), ("second", "second")])),
        Field::new("minGop", "", "@least_gop", Takes::Number(Number::both(Unit::Seconds, whole(1, 10)))),
        Field::new("maxGop", "", "@most_gop", Takes::Number(Number::both(Unit::Seconds, whole(1, 10)))),
        Field::new("", "PreserveHDRSwitch", "hdr", Takes::Words(&[("OFF", "sdr"), ("ON", "keep")])),
        Field::new("", "CodecTag", "tag", Takes::Words(&[("hvc1", "hvc1"), ("hev1", "hev1")])),
        Field::new(
            "",
            "Mode",
            "mode",
            Takes::Words(&[("VBR", "vbr"), ("ABR", "abr"), ("CBR", "cbr"), ("VCRF", "crf")]),
        ),
        // -1 leaves it to the encoder.
        Field::new("", "Bframes", "@bframes", Takes::Number(Number::both(Unit::One, whole(-1, 16)))),
        Field::new(
            "",
            "HlsTime",
            "@segment_time",
            Takes::Number(Number { zero: Some("auto"), ..Number::both(Unit::Seconds, whole(1, 10)) }),
        ),
        Field::new(
            "videoProfile",
            "VideoProfile",
            "profile",
            Takes::Words(&[("baseline", "baseline"), ("main", "main"), ("high", "high"), ("default", "")]),
        ),
        Field::new(
            "colorSpace",
            "",
            "pixel_format",
            Takes::Words(&[("yuv420p", "yuv420p"), ("yuv420p10le", "yuv420p10")]),
        ),
        Field::new("deinterlaced", "", "deinterlace", Takes::Words(&[("0", "off"), ("1", "on")])),
        Field::new("videoRateControl", "", "passes", Takes::Words(&[("0", "1"), ("1", "2")])),
    ]],
};

/// `AudioTemplate`, and the sound of a rung.
pub static AUDIO: Table = Table {
    name: "AudioTemplate",
    fields: &[&[
        Field::required(
            "codec",
            "Codec",
            "codec",
            Takes::Words(&[
                ("libfdk_aac", "aac"),
                ("libmp3lame", "mp3"),
                ("flac", "flac"),
                ("pcm16", "pcm16"),
                ("ac3", NO_WORD),
                ("mp2", NO_WORD),
            ]),
        ),
        Field::required(
            "bitrate",
            "Bitrate",
            "bitrate",
            Takes::Number(Number {
                unit: Unit::Kilobits,
                v2: ceiling(26, 256),
                v3: whole(26, 256),
                zero: Some("auto"),
            }),
        ),
        Field::required(
            "sampleRate",
            "SampleRate",
            "sample_rate",
            Takes::Number(Number {
                unit: Unit::Hertz,
                v2: only(&[44_100, 48_000], Sort::Ceiling),
                v3: only(&[16_000, 32_000, 44_100, 48_000], Sort::Whole),
                zero: None,
            }),
        ),
        Field::new(
            "soundSystem",
            "AudioChannel",
            "channels",
            Takes::Number(Number {
                unit: Unit::One,
                v2: only(&[1, 2], Sort::Whole),
                v3: only(&[1, 2, 6], Sort::Whole),
                zero: Some("source"),
            }),
        ),
        Field::new("", "StreamSelects", "tracks", Takes::Numbers(Number::both(Unit::One, whole(1, 64)))),
        Field::refused("audioResampler", ""),
        Field::refused("audioDownmixMode", ""),
    ]],
};

static DENOISE: Table = Table {
    name: "denoise",
    fields: &[&[Field::required("enable", "", "enable", Takes::Words(&[("0", "off"), ("1", "on")]))]],
};

const STREAMS: &[Field] = &[
    Field::new("isFiltrateVideo", "RemoveVideo", "@no_video", SWITCH_NONE),
    Field::new("isFiltrateAudio", "RemoveAudio", "@no_audio", SWITCH_NONE),
    Field::new("video", "VideoTemplate", "video", Takes::Object(&VIDEO)),
    Field::new("audio", "AudioTemplate", "audio", Takes::Object(&AUDIO)),
    Field::refused("", "TEHDConfig"),
    Field::refused("", "EnhanceConfig"),
    Field::refused("", "StdExtInfo"),
];

const CONTAINER: Takes = Takes::Words(&[
    ("mp4", "mp4"),
    ("hls", "hls"),
    ("flv", "flv"),
    ("mp3", "mp3"),
    ("m4a", "m4a"),
    ("flac", "flac"),
    ("ogg", "ogg"),
    ("wav", "wav"),
]);

/// A rendition.
pub static TRANSCODE: Table = Table {
    name: "CreateTranscodeTemplate",
    fields: &[
        HEAD,
        &[
            Field::required("container", "Container", "container", CONTAINER),
            Field::new("", "SegmentType", "@segment_type", Takes::Words(&[("ts", "ts"), ("fmp4", "fmp4")])),
            Field::new("denoise", "", "@denoise", Takes::Object(&DENOISE)),
        ],
        STREAMS,
    ],
};

/// What a task changes of its template.
pub static OVERRIDES: Table = Table {
    name: "OverrideParameter",
    fields: &[
        &[
            Field::new("", "Container", "container", CONTAINER),
            Field::new("", "SegmentType", "@segment_type", Takes::Words(&[("ts", "ts"), ("fmp4", "fmp4")])),
        ],
        STREAMS,
    ],
};

const SIZE: &[Field] = &[
    Field::new("", "ResolutionAdaptive", "@adaptive", Takes::Words(OPEN)),
    Field::new("resolutionSelfAdapting", "", "@adaptive", Takes::Words(OPEN_V2)),
    Field::new("width", "Width", "@width", STILL_SIDE),
    Field::new("height", "Height", "@height", STILL_SIDE),
];
const CELL: &[Field] = &[
    Field::new("", "ResolutionAdaptive", "@adaptive", Takes::Words(OPEN)),
    Field::new("resolutionSelfAdapting", "", "@adaptive", Takes::Words(OPEN_V2)),
    Field::new("width", "Width", "@width", CELL_SIDE),
    Field::new("height", "Height", "@height", CELL_SIDE),
];
const FORMAT: Field =
    Field::new("format", "Format", "format", Takes::Words(&[("jpg", "jpg"), ("png", "png"), ("webp", "webp")]));
const STILL: &[Field] = &[FORMAT, Field::new("fillType", "FillType", "fill", FILL)];
const CELL_STILL: &[Field] =
    &[FORMAT, Field::new("fillType", "FillType", "fill", Takes::Words(&[("black", "black"), ("stretch", "stretch")]))];
const DISTANCE: &[Field] = &[
    Field::required(
        "sampleType",
        "SampleType",
        "@sample_type",
        Takes::Words(&[("Percent", "percent"), ("Time", "time")]),
    ),
    Field::required(
        "sampleInterval",
        "SampleInterval",
        "@sample_interval",
        Takes::Number(Number::both(Unit::One, whole(1, 604_800))),
    ),
];

/// Pictures at given times.
pub static SNAPSHOT: Table = Table { name: "CreateSnapshotByTimeOffsetTemplate", fields: &[HEAD, SIZE, STILL] };

/// Pictures at regular distances.
pub static SAMPLE: Table = Table { name: "CreateSampleSnapshotTemplate", fields: &[HEAD, DISTANCE, SIZE, STILL] };

const fn cells() -> Takes {
    Takes::Number(Number { unit: Unit::One, v2: whole(1, 100), v3: whole(1, 117), zero: None })
}

/// Small pictures on sheets.
pub static SPRITE: Table = Table {
    name: "CreateImageSpriteTemplate",
    fields: &[
        HEAD,
        DISTANCE,
        &[
            Field::required("rowCount", "RowCount", "rows", cells()),
            Field::required("columnCount", "ColumnCount", "columns", cells()),
        ],
        CELL,
        CELL_STILL,
    ],
};

/// Short animations.
pub static ANIMATED: Table = Table {
    name: "CreateAnimatedGraphicsTemplate",
    fields: &[
        HEAD,
        &[
            Field::required("fps", "Fps", "fps", Takes::Number(Number::both(Unit::One, whole(1, 30)))),
            Field::new("format", "Format", "format", Takes::Words(&[("gif", "gif"), ("webp", "webp")])),
            Field::new("quality", "Quality", "quality", Takes::Number(Number::both(Unit::One, whole(1, 100)))),
        ],
        CELL,
    ],
};

/// A rung of a package.
pub static RUNG: Table = Table {
    name: "StreamInfos",
    fields: &[&[
        Field::new("", "RemoveVideo", "@no_video", SWITCH_NONE),
        Field::new("", "RemoveAudio", "@no_audio", SWITCH_NONE),
        Field::new("", "Video", "video", Takes::Object(&VIDEO)),
        Field::new("", "Audio", "audio", Takes::Object(&AUDIO)),
        Field::refused("", "TEHDConfig"),
        Field::refused("", "EnhanceConfig"),
    ]],
};

/// An adaptive package.
pub static ADAPTIVE: Table = Table {
    name: "CreateAdaptiveDynamicStreamingTemplate",
    fields: &[
        HEAD,
        &[
            Field::required("", "Format", "format", Takes::Words(&[("HLS", "hls"), ("MPEG-DASH", "dash")])),
            Field::required("", "StreamInfos", "rungs", Takes::Objects(&RUNG, 10)),
            Field::new("", "SegmentType", "@segment_type", Takes::Words(SEGMENTS)),
            Field::new(
                "",
                "SegmentDuration",
                "@segment_time",
                Takes::Number(Number::both(Unit::Seconds, whole(1, 10))),
            ),
            Field::new(
                "",
                "DrmType",
                "@drm",
                Takes::Words(&[
                    ("SimpleAES", "10"),
                    ("", ""),
                    ("Widevine", NO_WORD),
                    ("FairPlay", NO_WORD),
                    ("Widevine+FairPlay", NO_WORD),
                ]),
            ),
            Field::new("", "DrmKeyProvider", "-", Takes::Words(&[("VOD", ""), ("SDMC", NO_WORD), ("", "")])),
            Field::new("", "DrmEncryptType", "-", Takes::Words(&[("cbcs", NO_WORD), ("cenc", NO_WORD), ("", "")])),
            Field::new("", "DisableHigherVideoResolution", "upscale", Takes::Words(&[("0", "allow"), ("1", "skip")])),
            Field::refused("", "DisableHigherVideoBitrate"),
        ],
    ],
};

/// Forms of segments: the long words first, because they are what is written.
const SEGMENTS: &[(&str, &str)] = &[
    ("ts-segment", "ts_segment"),
    ("ts-byterange", "ts_byterange"),
    ("mp4-segment", "mp4_segment"),
    ("mp4-byterange", "mp4_byterange"),
    ("ts-packed-audio", "ts_packed_audio"),
    ("ts-packed-audio-byterange", "ts_packed_audio_byterange"),
    ("mp4-packed-audio", "mp4_packed_audio"),
    ("mp4-packed-audio-byterange", "mp4_packed_audio_byterange"),
    ("ts-ts-segment", "ts_ts_segment"),
    ("ts-ts-byterange", "ts_ts_byterange"),
    ("mp4-mp4-segment", "mp4_mp4_segment"),
    ("mp4-mp4-byterange", "mp4_mp4_byterange"),
    ("ts", "ts"),
    ("mp4", "mp4"),
    ("fmp4", "mp4"),
];

/// A picture as a mark.
pub static IMAGE: Table = Table {
    name: "ImageTemplate",
    fields: &[&[
        Field::new("", "ImageContent", "@content", Takes::Text(1 << 20)),
        Field::new("", "ImageUrl", "image", Takes::Text(1024)),
        Field::new("", "Width", "width", Takes::Length),
        Field::new("", "Height", "height", Takes::Length),
        Field::new(
            "",
            "RepeatType",
            "repeat",
            Takes::Words(&[("repeat", "loop"), ("once", "once"), ("repeat_last_frame", "hold")]),
        ),
        Field::new("", "Transparency", "opacity", Takes::Number(Number::both(Unit::Transparency, whole(0, 100)))),
    ]],
};

/// The look of text as a mark.
pub static LETTERS: Table = Table {
    name: "TextTemplate",
    fields: &[&[
        Field::required("", "FontType", "font", Takes::Text(255)),
        Field::required("", "FontSize", "size", Takes::Length),
        Field::required("", "FontColor", "color", Takes::Colour),
        Field::required("", "FontAlpha", "opacity", Takes::Number(Number::both(Unit::Share, any(0, 1)))),
    ]],
};

/// The size of an SVG as a mark.
pub static DRAWING: Table = Table {
    name: "SvgTemplate",
    fields: &[&[Field::new("", "Width", "width", Takes::Length), Field::new("", "Height", "height", Takes::Length)]],
};

/// Something laid over pictures.
pub static WATERMARK: Table = Table {
    name: "CreateWatermarkTemplate",
    fields: &[
        &[
            Field::required("", "Type", "@mark", Takes::Words(&[("image", "image"), ("text", "text"), ("svg", "svg")])),
            Field::new("type", "", "@mark", Takes::Words(&[("image", "image")])),
        ],
        HEAD,
        &[
            Field::new("", "CoordinateOrigin", "origin", Takes::Words(ORIGINS)),
            Field::new("left", "XPos", "x", Takes::Length),
            Field::new("top", "YPos", "y", Takes::Length),
            Field::new("", "ImageTemplate", "@image", Takes::Object(&IMAGE)),
            Field::new("", "TextTemplate", "text", Takes::Object(&LETTERS)),
            Field::new("", "SvgTemplate", "@svg", Takes::Object(&DRAWING)),
            Field::required("url", "", "image", Takes::Text(1024)),
            Field::required("width", "", "width", Takes::Length),
            Field::new("height", "", "height", Takes::Length),
            Field::new(
                "repeat_type",
                "",
                "repeat",
                Takes::Words(&[("repeat", "loop"), ("once", "once"), ("repeat_last_frame", "hold")]),
            ),
        ],
    ],
};

/// Described templates begin with a small letter.
const ORIGINS: &[(&str, &str)] = &[
    ("TopLeft", "top_left"),
    ("TopRight", "top_right"),
    ("BottomLeft", "bottom_left"),
    ("BottomRight", "bottom_right"),
    ("topLeft", "top_left"),
    ("topRight", "top_right"),
    ("bottomLeft", "bottom_left"),
    ("bottomRight", "bottom_right"),
];

/// How segments are encrypted. No body was published (`vod.md` C.8): these are the names of its reports.
pub static ENCRYPTION: Table = Table {
    name: "CreateEncryptionTemplate",
    fields: &[
        HEAD,
        &[
            Field::new("algorithm", "", "method", Takes::Words(&[("AES-128", "aes_128")])),
            Field::new("getKeyUrl", "", "key_url", Takes::Text(1024)),
            Field::new("keySource", "", "key_source", Takes::Text(64)),
            Field::new("encryptType", "", "keys", Takes::Words(&[("SingleKey", "one"), ("MultiKey", NO_WORD)])),
        ],
    ],
};
