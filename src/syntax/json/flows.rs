//! The fields of flows: the v2 request (`vod.md` B.3), the v3 task lists (B.4), and the bodies around them.

use super::table::{Field, Number, Table, Takes, Unit, any, whole};
use super::templates::OVERRIDES;

/// Most requests of one list; more are a mistake, and the expansion has limits of its own.
const MOST: u32 = 1000;

const fn offset() -> Takes {
    Takes::Number(Number { zero: Some(""), ..Number::both(Unit::Offset, any(-604_800, 604_800)) })
}

const PART: &[Field] =
    &[Field::new("", "StartTimeOffset", "from", offset()), Field::new("", "EndTimeOffset", "to", offset())];

const fn definition(kind: &'static str) -> Field {
    Field::required("definition", "Definition", "@template", Takes::Template(kind))
}

/// A mark on an output.
pub static MARK: Table = Table {
    name: "WatermarkInput",
    fields: &[
        &[
            definition("watermark"),
            Field::new("", "TextContent", "text", Takes::Text(100)),
            Field::new("", "SvgContent", "svg", Takes::Text(2_000_000)),
        ],
        PART,
    ],
};

const MARKS: &[Field] = &[Field::new("", "WatermarkSet", "@marks", Takes::Objects(&MARK, 10))];

/// What the vendor adds to pictures and sound, and the language does not.
const REFUSED: &[Field] = &[
    Field::refused("", "SubtitleInfoSet"),
    Field::refused("", "TraceWatermark"),
    Field::refused("", "CopyRightWatermark"),
    Field::refused("", "BlindWatermark"),
];

static TRANSCODE: Table = Table {
    name: "TranscodeTaskInput",
    fields: &[
        &[
            definition("transcode"),
            Field::new("", "OverrideParameter", "@overrides", Takes::Object(&OVERRIDES)),
            Field::refused("", "MosaicSet"),
            Field::refused("", "HeadTailSet"),
        ],
        PART,
        MARKS,
        REFUSED,
    ],
};
static ANIMATE: Table = Table {
    name: "AnimatedGraphicTaskInput",
    fields: &[&[
        definition("animated"),
        Field::required("", "StartTimeOffset", "from", offset()),
        Field::required("", "EndTimeOffset", "to", offset()),
    ]],
};
static SNAPSHOT: Table = Table {
    name: "SnapshotByTimeOffsetTaskInput",
    fields: &[
        &[
            definition("snapshot"),
            Field::new("", "ExtTimeOffsetSet", "@times", Takes::Times),
            Field::new("", "TimeOffsetSet", "@old_times", MILLISECONDS),
        ],
        MARKS,
    ],
};
static SAMPLE: Table = Table { name: "SampleSnapshotTaskInput", fields: &[&[definition("sample")], MARKS] };
static SPRITE: Table = Table { name: "ImageSpriteTaskInput", fields: &[&[definition("sprite")]] };
static COVER: Table = Table {
    name: "CoverBySnapshotTaskInput",
    fields: &[
        &[
            definition("snapshot"),
            Field::required("positionType", "PositionType", "@position_type", POSITION),
            Field::required(
                "position",
                "PositionValue",
                "@position",
                Takes::Number(Number { unit: Unit::One, v2: whole(0, 604_800), v3: any(0, 604_800), zero: None }),
            ),
        ],
        MARKS,
    ],
};
static ADAPTIVE: Table = Table {
    name: "AdaptiveDynamicStreamingTaskInput",
    fields: &[
        &[definition("adaptive"), Field::refused("", "SubtitleSet"), Field::refused("", "DrmInfo")],
        MARKS,
        REFUSED,
    ],
};

const MILLISECONDS: Takes =
    Takes::Numbers(Number { unit: Unit::Milliseconds, v2: whole(0, 604_800_000), v3: any(0, 604_800_000), zero: None });
const POSITION: Takes = Takes::Words(&[("Time", "time"), ("Percent", "percent")]);

const SETS: &[Field] = &[
    Field::new("", "TranscodeTaskSet", "@transcode", Takes::Objects(&TRANSCODE, MOST)),
    Field::new("", "AnimatedGraphicTaskSet", "@animate", Takes::Objects(&ANIMATE, MOST)),
    Field::new("", "SnapshotByTimeOffsetTaskSet", "@snapshot", Takes::Objects(&SNAPSHOT, MOST)),
    Field::new("", "SampleSnapshotTaskSet", "@sample", Takes::Objects(&SAMPLE, MOST)),
    Field::new("", "ImageSpriteTaskSet", "@sprite", Takes::Objects(&SPRITE, MOST)),
    Field::new("", "CoverBySnapshotTaskSet", "@cover", Takes::Objects(&COVER, MOST)),
    Field::new("", "AdaptiveDynamicStreamingTaskSet", "@adaptive", Takes::Objects(&ADAPTIVE, MOST)),
];

const SWITCH: Takes = Takes::Words(&[("0", "false"), ("1", "true")]);
const NOTIFY: Takes = Takes::Words(&[("Finish", "finish"), ("Change", "change"), ("None", "none")]);

static DRM: Table = Table { name: "drm", fields: &[&[definition("encryption")]] };
static TRANSCODE_V2: Table = Table {
    name: "transcode",
    fields: &[&[
        Field::required("definition", "", "@template", Takes::Templates("transcode")),
        Field::new("watermark", "", "@mark", Takes::Template("watermark")),
        Field::new("hlsMasterPlaylist", "", "master_playlist", SWITCH),
        Field::new("idrAlignment", "", "idr_alignment", SWITCH),
        Field::new("disableHigherBitrate", "", "only_below_source_bitrate", SWITCH),
        Field::new("drm", "", "@drm", Takes::Object(&DRM)),
    ]],
};
static ANIMATE_V2: Table = Table {
    name: "animatedGraphics",
    fields: &[&[
        Field::required("definition", "", "@template", Takes::Templates("animated")),
        // As in the third generation, 0 is where the source starts anyway.
        Field::new(
            "startTime",
            "",
            "from",
            Takes::Number(Number { zero: Some(""), ..Number::both(Unit::Seconds, whole(0, 604_800)) }),
        ),
        Field::new("endTime", "", "to", SECONDS),
    ]],
};
const SECONDS: Takes = Takes::Number(Number::both(Unit::Seconds, whole(0, 604_800)));
static SNAPSHOT_V2: Table = Table {
    name: "snapshotByTimeOffset",
    fields: &[&[definition("snapshot"), Field::required("timeOffset", "", "@old_times", MILLISECONDS)]],
};
static REVIEW: Table = Table { name: "aiReview", fields: &[&[definition("review")]] };

const BLOCKS: &[Field] = &[
    Field::new("aiReview", "", "@review", Takes::Object(&REVIEW)),
    Field::new("transcode", "", "@transcode", Takes::Objects(&TRANSCODE_V2, MOST)),
    Field::new("animatedGraphics", "", "@animate", Takes::Objects(&ANIMATE_V2, MOST)),
    Field::new("snapshotByTimeOffset", "", "@snapshot", Takes::Objects(&SNAPSHOT_V2, MOST)),
    Field::new("sampleSnapshot", "", "@sample", Takes::Objects(&SAMPLE, MOST)),
    Field::new("imageSprite", "", "@sprite", Takes::Objects(&SPRITE, MOST)),
    Field::new("coverBySnapshot", "", "@cover", Takes::Objects(&COVER, MOST)),
];

/// What stands around a flow: its name, and what a request has that is not about the procedure.
const AROUND: &[Field] = &[
    Field::new("$schema", "$schema", "", Takes::Mark),
    Field::new("Action", "Action", "", Takes::Mark),
    Field::new("version", "", "", Takes::Mark),
    Field::new("name", "Name", "@name", Takes::Text(64)),
    Field::new("comment", "Comment", "@comment", Takes::Text(256)),
    Field::new("notifyMode", "TasksNotifyMode", "notify", NOTIFY),
    Field::new("", "TasksPriority", "priority", Takes::Number(Number::both(Unit::One, whole(-10, 10)))),
    Field::ignored("fileId", "FileId"),
    Field::ignored("SubAppId", "SubAppId"),
    Field::ignored("", "MediaStoragePath"),
    Field::ignored("", "Url"),
    Field::ignored("", "SessionContext"),
    Field::ignored("", "SessionId"),
    Field::ignored("", "ExtInfo"),
    Field::ignored("", "OutputAsIndependentMedia"),
    Field::ignored("", "Type"),
    Field::ignored("", "CreateTime"),
    Field::ignored("", "UpdateTime"),
    Field::ignored("", "AiContentReviewTask"),
    Field::ignored("", "AiAnalysisTask"),
    Field::ignored("", "AiRecognitionTask"),
    Field::ignored("", "AiRecognitionTaskSet"),
    Field::ignored("", "ReviewAudioVideoTask"),
    Field::ignored("", "ImportMediaKnowledgeTaskSet"),
    Field::ignored("manualReview", ""),
    Field::ignored("Region", ""),
    Field::ignored("Timestamp", ""),
    Field::ignored("Nonce", ""),
    Field::ignored("SecretId", ""),
    Field::ignored("Signature", ""),
    Field::ignored("SignatureMethod", ""),
    Field::ignored("Token", ""),
    Field::ignored("RequestClient", ""),
];

/// A flow, within its body or without one.
pub static FLOW: Table = Table {
    name: "CreateProcedureTemplate",
    fields: &[AROUND, &[Field::new("process", "MediaProcessTask", "@flow", Takes::Object(&TASKS))], SETS, BLOCKS],
};

/// What a flow asks for, in either generation.
static TASKS: Table = Table { name: "MediaProcessTask", fields: &[SETS, BLOCKS] };
