//! The comparisons that `vodflow bench` knows: what vodflow is asked for, and the commands it is held against.
//!
//! All of them lie as files in `benches/cases/`, so that anyone can read what was compared; the program carries them.

mod count;
mod measure;
mod source;

pub use count::Counter;
pub use measure::{Measured, Setting, measure};
pub use source::Prepared;

/// What every script begins with.
pub const HEAD: &str = include_str!("../../../benches/cases/head.sh");
/// The picture of the ladder's mark.
pub const MARK: &[u8] = include_bytes!("../../../benches/cases/ladder/mark.png");

/// Commands of others for the same outputs.
#[derive(Debug, Clone, Copy)]
pub struct Rival {
    /// Its name in reports.
    pub name: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// A script for `sh`, without its head.
    pub script: &'static str,
}

/// One comparison.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Its name on the command line.
    pub name: &'static str,
    /// What is made.
    pub summary: &'static str,
    /// The procedure.
    pub procedure: &'static str,
    /// What it is held against.
    pub rivals: &'static [Rival],
    /// x264's preset in the scripts: that of the procedure's speed.
    pub preset: &'static str,
    /// Seconds that the source must have at least; a shorter one is repeated by copying.
    pub seconds: u64,
}

const fn one_each(script: &'static str) -> Rival {
    Rival { name: "one each", summary: "one command for each output", script }
}

const fn one_split(script: &'static str) -> Rival {
    Rival { name: "one split", summary: "one command that decodes once and encodes every output for itself", script }
}

/// Every comparison.
pub static CASES: &[Case] = &[
    Case {
        name: "nine-outputs",
        summary: "nine outputs in three containers, ten samples, a cover",
        procedure: include_str!("../../../benches/cases/nine-outputs/procedure.vod"),
        rivals: &[
            one_each(include_str!("../../../benches/cases/nine-outputs/one-each.sh")),
            one_split(include_str!("../../../benches/cases/nine-outputs/one-split.sh")),
            Rival {
                name: "limit",
                summary: "decoding once, each stream encoded once, nine copies; nothing is looked at afterwards",
                script: include_str!("../../../benches/cases/nine-outputs/limit.sh"),
            },
        ],
        preset: "medium",
        seconds: 0,
    },
    Case {
        name: "ladder",
        summary: "four encrypted HLS renditions with a mark, a cover, samples, sheets; speed fast",
        procedure: include_str!("../../../benches/cases/ladder/procedure.vod"),
        rivals: &[
            one_each(include_str!("../../../benches/cases/ladder/one-each.sh")),
            one_split(include_str!("../../../benches/cases/ladder/one-split.sh")),
            Rival {
                name: "limit",
                summary: "decoding once, each encode alone from raw pictures, sound once, copies",
                script: include_str!("../../../benches/cases/ladder/limit.sh"),
            },
        ],
        preset: "veryfast",
        seconds: 60,
    },
    Case {
        name: "ladder-twice",
        summary: "four renditions, each as MP4 and as HLS; speed fast",
        procedure: include_str!("../../../benches/cases/ladder-twice/procedure.vod"),
        rivals: &[
            one_each(include_str!("../../../benches/cases/ladder-twice/one-each.sh")),
            one_split(include_str!("../../../benches/cases/ladder-twice/one-split.sh")),
        ],
        preset: "veryfast",
        seconds: 0,
    },
    Case {
        name: "ladder-twice-medium",
        summary: "four renditions, each as MP4 and as HLS; speed medium",
        procedure: include_str!("../../../benches/cases/ladder-twice-medium/procedure.vod"),
        rivals: &[
            one_each(include_str!("../../../benches/cases/ladder-twice/one-each.sh")),
            one_split(include_str!("../../../benches/cases/ladder-twice/one-split.sh")),
        ],
        preset: "medium",
        seconds: 0,
    },
    Case {
        name: "pictures",
        summary: "pictures only, within a tolerance of five seconds: samples, sheets, a cover",
        procedure: include_str!("../../../benches/cases/pictures/procedure.vod"),
        rivals: &[one_each(include_str!("../../../benches/cases/pictures/one-each.sh"))],
        preset: "medium",
        seconds: 600,
    },
    Case {
        name: "pictures-exact",
        summary: "the same pictures, exactly",
        procedure: include_str!("../../../benches/cases/pictures-exact/procedure.vod"),
        rivals: &[
            Rival {
                name: "one decode",
                summary: "one command that decodes everything once",
                script: include_str!("../../../benches/cases/pictures-exact/one-decode.sh"),
            },
            Rival {
                name: "seeks",
                summary: "one command for each picture, by seeking",
                script: include_str!("../../../benches/cases/pictures-exact/seeks.sh"),
            },
        ],
        preset: "medium",
        seconds: 600,
    },
    Case {
        name: "conforming",
        summary: "a rendition that the source already is, copied",
        procedure: include_str!("../../../benches/cases/conforming/procedure.vod"),
        rivals: &[one_each(include_str!("../../../benches/cases/conforming/one-each.sh"))],
        preset: "medium",
        seconds: 0,
    },
];
