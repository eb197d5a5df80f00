//! The system's catalogue against the figures of its documentation (`vod.md` D), written down here a second time.

use std::collections::BTreeMap;
use vodflow::catalog::template::{
    AudioSettings, Copy, EncryptionMethod, Every, Gop, ImageFormat, Profile, RateMode, Setting, Sides, Template,
    TemplateKind, TranscodeTemplate, VideoCodec, VideoSettings,
};
use vodflow::driver::Compiler;
use vodflow::units::TemplateId;

/// D.1, H.264: size, kbps, pictures per second, ids in MP4, HLS and FLV.
const LEGACY_H264: &[(&str, u32, u32, [u64; 3])] = &[
    ("long 320", 256, 24, [10, 210, 10046]),
    ("long 640", 512, 24, [20, 220, 10047]),
    ("long 1280", 1024, 24, [30, 230, 10048]),
    ("long 1920", 2500, 24, [40, 240, 10049]),
    ("short 1440", 3072, 30, [70, 270, 370]),
    ("short 2160", 6144, 30, [80, 280, 380]),
];

/// D.1, H.265.
const LEGACY_H265: &[(&str, u32, u32, [u64; 3])] = &[
    ("short 240", 250, 15, [510, 610, 710]),
    ("short 480", 600, 24, [520, 620, 720]),
    ("short 720", 800, 25, [530, 630, 730]),
    ("short 1080", 1400, 30, [540, 640, 740]),
    ("short 1440", 2048, 30, [570, 670, 770]),
    ("short 2160", 4096, 30, [580, 680, 780]),
];

/// D.2: short side, kbps, ids in MP4 and HLS, kbps of the sound.
const CURRENT: &[(u32, u32, [u64; 2], u32)] = &[
    (360, 400, [100010, 100210], 64),
    (540, 1000, [100020, 100220], 64),
    (720, 1800, [100030, 100230], 128),
    (1080, 2500, [100040, 100240], 128),
    (1440, 3000, [100070, 100270], 160),
    (2160, 6000, [100080, 100280], 160),
];

/// D.2, top speed: id, short side, kbps of the sound.
const TOP_SPEED: &[(u64, u32, u32)] = &[(100810, 360, 64), (100820, 540, 64), (100830, 720, 128), (100840, 1080, 128)];

/// D.2, sound only: id, container, codec, kbps.
const SOUND: &[(u64, &str, &str, u32)] = &[
    (1100, "m4a", "aac", 24),
    (1110, "m4a", "aac", 48),
    (1120, "m4a", "aac", 96),
    (1130, "m4a", "aac", 192),
    (1140, "m4a", "aac", 256),
    (1010, "mp3", "mp3", 128),
    (1020, "mp3", "mp3", 320),
];

/// D.1 and D.2, remux: id and container.
const REMUX: &[(u64, &str)] = &[(9, "mp4"), (6, "hls"), (875, "mp4"), (876, "hls")];

/// D.3, rungs of adaptive packages: short side and kbps, with the ruling for 720 and 1080.
const RUNGS: &[(u32, u32)] = &[(240, 256), (480, 512), (720, 1024), (1080, 2500), (1440, 3072), (2160, 6144)];

fn documented_renditions() -> BTreeMap<u64, String> {
    let mut all = BTreeMap::new();
    for (codec, tiers) in [("h264 high", LEGACY_H264), ("h265", LEGACY_H265)] {
        for (size, kbps, fps, ids) in tiers {
            for (id, container) in ids.iter().zip(["mp4", "hls", "flv"]) {
                let sound = if codec == "h264 high" && container == "flv" { "mp3" } else { "aac" };
                let picture = format!("{codec} {size} {kbps}kbps vbr {fps}fps gop 240frames black");
                all.insert(*id, format!("{container}; {picture}; {sound} 48kbps 44100 2ch"));
            }
        }
    }
    for (short, kbps, ids, sound) in CURRENT {
        for (id, container) in ids.iter().zip(["mp4", "hls"]) {
            let picture = format!("h264 high short {short} {kbps}kbps vbr 25fps gop auto black");
            all.insert(*id, format!("{container}; {picture}; aac {sound}kbps 44100 2ch"));
        }
    }
    let top_speed = |size: &str| format!("h264 high {size} auto vbr 25fps gop auto black");
    all.insert(100800, format!("mp4; {}; aac auto source source ch", top_speed("source")));
    for (id, short, sound) in TOP_SPEED {
        all.insert(*id, format!("mp4; {}; aac {sound}kbps 44100 2ch", top_speed(&format!("short {short}"))));
    }
    all.extend(
        SOUND.iter().map(|(id, container, codec, kbps)| (*id, format!("{container}; {codec} {kbps}kbps 44100 2ch"))),
    );
    all.extend(REMUX.iter().map(|(id, container)| (*id, format!("{container}; copy; aac auto source source ch"))));
    all
}

fn rendition(template: &TranscodeTemplate) -> String {
    let parts = [
        Some(template.container.to_string()),
        template.video.as_ref().map(|video| picture(video, Detail::All)),
        template.audio.as_ref().map(sound),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

#[derive(PartialEq)]
enum Detail {
    All,
    Rung,
}

fn picture(video: &VideoSettings, detail: Detail) -> String {
    if video.copy() == Copy::Always {
        return "copy".to_owned();
    }
    let codec = match (video.codec, video.profile) {
        (VideoCodec::H264, Some(Profile::High)) => "h264 high".to_owned(),
        (codec, profile) => format!("{codec}{}", profile.map(|profile| format!(" {profile}")).unwrap_or_default()),
    };
    let size = sides(video.sides);
    let kbps = match video.bitrate {
        Setting::Exactly(rate) => format!("{}kbps", rate.0 / 1000),
        _ => "auto".to_owned(),
    };
    let fps = match video.rate {
        Setting::Exactly(rate) => rate.to_string(),
        _ => "source ".to_owned(),
    };
    assert_eq!(video.mode, RateMode::Vbr);
    if detail == Detail::Rung {
        return format!("{codec} {size} {kbps} {fps}fps");
    }
    let gop = match video.gop {
        Gop::Frames(frames) => format!("{frames}frames"),
        Gop::Duration(duration) => duration.to_string(),
        Gop::Auto => "auto".to_owned(),
    };
    format!("{codec} {size} {kbps} {} {fps}fps gop {gop} {}", video.mode, video.fill)
}

fn sides(sides: Sides) -> String {
    match sides {
        Sides::Source => "source".to_owned(),
        Sides::Oriented { short: Some(short), long: None } => format!("short {short}"),
        Sides::Oriented { short: None, long: Some(long) } => format!("long {long}"),
        Sides::Literal { width: Some(width), height: Some(height) } => format!("{width}x{height}"),
        Sides::Oriented { .. } | Sides::Literal { .. } => "two sides".to_owned(),
    }
}

fn sound(audio: &AudioSettings) -> String {
    let kbps = match audio.bitrate {
        Setting::Exactly(rate) => format!("{}kbps", rate.0 / 1000),
        _ => "auto".to_owned(),
    };
    let rate = match audio.sample_rate {
        Setting::Exactly(rate) => rate.to_string(),
        _ => "source".to_owned(),
    };
    let channels = audio.channels.map_or("source ".to_owned(), |channels| channels.to_string());
    format!("{} {kbps} {rate} {channels}ch", audio.codec)
}

#[test]
fn renditions_are_as_documented_and_no_others_are_there() {
    let compiler = Compiler::new();
    let found: BTreeMap<u64, String> = compiler
        .catalog()
        .templates()
        .filter_map(|template| match template {
            Template::Transcode(template) => Some((template.head.id?.0, rendition(template))),
            _ => None,
        })
        .collect();
    let documented = documented_renditions();
    assert_eq!(found.keys().collect::<Vec<_>>(), documented.keys().collect::<Vec<_>>());
    for (id, documented) in &documented {
        assert_eq!(&found[id], documented, "{id}");
    }
}

#[test]
fn other_kinds_are_as_documented() {
    let compiler = Compiler::new();
    let catalog = compiler.catalog();
    let ids = |kind| catalog.ids(kind).map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(ids(TemplateKind::Animated), [20000, 20001]);
    assert_eq!(ids(TemplateKind::Snapshot), [10]);
    assert_eq!(ids(TemplateKind::Sample), [10]);
    assert_eq!(ids(TemplateKind::Sprite), [10]);
    assert_eq!(ids(TemplateKind::Adaptive), [10, 12, 20]);
    assert_eq!(ids(TemplateKind::Encryption), [10]);
    assert_eq!(ids(TemplateKind::Review), [10, 20]);
    assert_eq!(ids(TemplateKind::Watermark), [] as [u64; 0], "there is no system watermark");
    let says = |kind, id| one_line(catalog.template(kind, TemplateId(id)).expect("its id is in the list"));
    assert_eq!(says(TemplateKind::Animated, 20000), "gif source 2fps");
    assert_eq!(says(TemplateKind::Animated, 20001), "webp source 2fps");
    assert_eq!(says(TemplateKind::Snapshot, 10), "jpg source stretch");
    assert_eq!(says(TemplateKind::Sample, 10), "jpg source stretch every 10%");
    assert_eq!(says(TemplateKind::Sprite, 10), "jpg 142x80 black every 10s 10x10");
    assert_eq!(says(TemplateKind::Encryption, 10), "aes_128");
    assert_eq!(says(TemplateKind::Review, 10), "stop");
    assert_eq!(says(TemplateKind::Review, 20), "report");
    assert_eq!(says(TemplateKind::Adaptive, 10), "hls clear skip");
    assert_eq!(says(TemplateKind::Adaptive, 12), "hls encrypted skip");
    assert_eq!(says(TemplateKind::Adaptive, 20), "dash clear allow");
}

#[test]
fn every_adaptive_package_has_the_documented_rungs() {
    let documented: Vec<String> = RUNGS
        .iter()
        .map(|(short, kbps)| format!("h264 short {short} {kbps}kbps 24fps; aac 48kbps 44100 2ch"))
        .collect();
    let compiler = Compiler::new();
    for id in [10, 12, 20] {
        let found = compiler.catalog().template(TemplateKind::Adaptive, TemplateId(id));
        let Some(Template::Adaptive(template)) = found else { panic!("{id} is no adaptive template") };
        let rungs: Vec<String> = template
            .rungs
            .iter()
            .map(|rung| {
                let (video, audio) = (rung.video.as_ref().expect("a picture"), rung.audio.as_ref().expect("a sound"));
                format!("{}; {}", picture(video, Detail::Rung), sound(audio))
            })
            .collect();
        assert_eq!(rungs, documented, "{id}");
        assert_eq!(template.segment.time.to_string(), "6s");
    }
}

/// What the documentation says about templates that are no renditions.
fn one_line(template: &Template) -> String {
    let format = |format: ImageFormat| format.to_string();
    let every = |every: Every| match every {
        Every::Percent(percent) => percent.to_string(),
        Every::Duration(duration) => duration.to_string(),
    };
    match template {
        Template::Snapshot(template) => {
            let picture = &template.picture;
            format!("{} {} {}", format(picture.format), sides(picture.sides), picture.fill)
        }
        Template::Sample(template) => {
            let picture = &template.picture;
            let every = every(template.every);
            format!("{} {} {} every {every}", format(picture.format), sides(picture.sides), picture.fill)
        }
        Template::Sprite(template) => {
            let (cell, every) = (&template.cell, every(template.every));
            let cell = format!("{} {} {}", format(cell.format), sides(cell.sides), cell.fill);
            format!("{cell} every {every} {}x{}", template.rows, template.columns)
        }
        Template::Animated(template) => format!("{} {} {}fps", template.format, sides(template.sides), template.rate),
        Template::Adaptive(template) => {
            let clear = if template.encrypt.is_some() { "encrypted" } else { "clear" };
            format!("{} {clear} {}", template.format, template.upscale)
        }
        Template::Encryption(template) => {
            assert_eq!(template.method, EncryptionMethod::Aes128);
            template.method.to_string()
        }
        Template::Review(template) => template.when_flagged.to_string(),
        Template::Transcode(_) | Template::Watermark(_) => "told elsewhere".to_owned(),
    }
}
