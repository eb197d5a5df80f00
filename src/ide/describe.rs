//! Templates and procedures in words: one line for lists, Markdown for hovering.

use super::names::{ProcedureRef, TemplateRef};
use super::words;
use crate::catalog::template::{AudioSettings, Every, Gop, PictureSettings, Setting, Sides, Template, VideoSettings};
use crate::syntax::ast::{Parameter, TypeName};
use crate::units::Bitrate;

/// What a preset does, for hovering over its name.
const PRESETS: &[(&str, &str)] = &[
    (
        "QCVB_SimpleProcessFile",
        "A preset of the cloud: arguments by position, `{10, 20}` is a list, `0` and `nil` mean nothing, `1` means the \
         configured default in the first two. Without arguments only the source's facts are read.",
    ),
    (
        "QCVB_ProcessUGCFile",
        "A preset of the cloud: arguments by position, `{10, 20}` is a list, `0` and `nil` mean nothing, `1` means the \
         configured default in the first two. The review runs first and may stop the flow.",
    ),
];

/// What a slot of a preset means, by the parameter's name.
const SLOTS: &[(&str, &str)] = &[
    ("transcode_definition", "The renditions: a list of transcode templates. `1` is the configured default set."),
    ("watermark_definition", "The watermark laid over the renditions. `1` is the configured default mark."),
    ("cover_definition", "The first picture becomes the cover, made with this snapshot template."),
    ("sample_definition", "Pictures at regular distances, made with this sample template."),
    (
        "ai_review_definition",
        "A content review before everything else: 10 stops the flow when something is found, 20 reports it.",
    ),
];

/// What a slot of a preset means.
pub fn slot(parameter: &str) -> Option<&'static str> {
    SLOTS.iter().find(|(name, _)| *name == parameter).map(|(_, says)| *says)
}

/// What a preset does beside what its declaration says.
pub fn preset(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(preset, _)| *preset == name).map(|(_, says)| *says)
}

/// A template in one line: `1280x720 h264 1800k mp4`.
pub fn summary(template: &Template) -> String {
    match template {
        Template::Transcode(template) => {
            let mut parts = Vec::new();
            if let Some(video) = &template.video {
                parts.push(short_video(video));
            }
            if let (Some(audio), None) = (&template.audio, &template.video) {
                parts.push(short_audio(audio));
            }
            parts.push(template.container.to_string());
            parts.join(" ")
        }
        Template::Snapshot(template) => short_picture(&template.picture),
        Template::Sample(template) => format!("{} every {}", short_picture(&template.picture), every(template.every)),
        Template::Sprite(template) => format!(
            "{}x{} of {} every {}",
            template.columns,
            template.rows,
            sides(template.cell.sides),
            every(template.every)
        ),
        Template::Adaptive(template) => {
            let sizes = template.rungs.iter().filter_map(|rung| rung.video.as_ref()).map(|video| sides(video.sides));
            format!("{} {}", template.format, sizes.collect::<Vec<_>>().join(", "))
        }
        Template::Animated(template) => format!("{} {} fps {}", sides(template.sides), template.rate, template.format),
        Template::Watermark(template) => format!("{} x {} y {}", template.corner, template.x, template.y),
        Template::Encryption(template) => template.method.to_string(),
        Template::Review(template) => format!("when flagged: {}", template.when_flagged),
    }
}

fn short_video(video: &VideoSettings) -> String {
    let bits = match (video.crf, &video.bitrate) {
        (Some(crf), _) => format!("crf {crf}"),
        (None, bitrate) => setting(bitrate, Bitrate::to_string, "auto"),
    };
    format!("{} {} {bits}", sides(video.sides), video.codec)
}

fn short_audio(audio: &AudioSettings) -> String {
    format!("{} {}", audio.codec, setting(&audio.bitrate, Bitrate::to_string, "auto"))
}

fn short_picture(picture: &PictureSettings) -> String {
    format!("{} {}", sides(picture.sides), picture.format)
}

fn every(distance: Every) -> String {
    match distance {
        Every::Percent(percent) => percent.to_string(),
        Every::Duration(duration) => duration.to_string(),
    }
}

fn setting<T>(setting: &Setting<T>, written: impl Fn(&T) -> String, automatic: &str) -> String {
    match setting {
        Setting::Auto => automatic.to_owned(),
        Setting::Exactly(value) => written(value),
        Setting::AtMost(value) => format!("at most {}", written(value)),
    }
}

/// Sides as people say them; an oriented pair is shown for a wide picture.
fn sides(sides: Sides) -> String {
    let side = |side: Option<u32>| side.map_or("auto".to_owned(), |side| side.to_string());
    match sides {
        Sides::Source => "source size".into(),
        Sides::Oriented { short: Some(short), long: None } => format!("short side {short}"),
        Sides::Oriented { short: None, long } => format!("long side {}", side(long)),
        Sides::Oriented { short, long } => format!("{}x{}", side(long), side(short)),
        Sides::Literal { width, height } => format!("{}x{}", side(width), side(height)),
    }
}

/// A template for hovering; `origin` is the text that declares it.
pub fn template(template: TemplateRef<'_>, origin: &str) -> String {
    let name = words::spelt(template.name());
    let id = template.id().map_or(String::new(), |id| format!(" · id {id}"));
    let mut text = format!("```vod\ntemplate {} {name}\n```\n", template.kind());
    let doc = template.node.and_then(|node| node.doc.clone());
    let comment = template.built.and_then(|built| built.head().comment.clone());
    for says in [doc, comment].into_iter().flatten() {
        text.push_str(&format!("{says}\n\n"));
    }
    for line in template.built.map(details).unwrap_or_default() {
        text.push_str(&format!("- {line}\n"));
    }
    if template.built.is_none() {
        text.push_str("The template has mistakes of its own.\n");
    }
    let whose = if template.is_system() { "system template" } else { "declared" };
    text.push_str(&format!("\n*{whose} in `{origin}`{id}*"));
    text
}

fn details(template: &Template) -> Vec<String> {
    match template {
        Template::Transcode(template) => {
            let container = match template.container.is_segmented() {
                true => format!(
                    "container: {} ({} segments, {})",
                    template.container,
                    template.segment.kind,
                    template.segment.time.map_or("length chosen".to_owned(), |time| time.to_string())
                ),
                false => format!("container: {}", template.container),
            };
            let video = template.video.as_ref().map_or("video: none".to_owned(), video_line);
            let audio = template.audio.as_ref().map_or("audio: none".to_owned(), audio_line);
            vec![container, video, audio]
        }
        Template::Watermark(template) => {
            let side =
                |side: Option<crate::units::Length>| side.map_or("in proportion".into(), |side| side.to_string());
            vec![
                format!("origin: {}, x {}, y {}", template.corner, template.x, template.y),
                format!("width: {}, height: {}", side(template.width), side(template.height)),
                format!("opacity: {}", template.opacity),
            ]
        }
        Template::Snapshot(template) => vec![picture_line(&template.picture)],
        Template::Sample(template) => {
            vec![picture_line(&template.picture), format!("every: {}", every(template.every))]
        }
        Template::Adaptive(template) => {
            let head =
                format!("format: {}, {} segments of {}", template.format, template.segment.kind, template.segment.time);
            let rungs = template.rungs.iter().map(|rung| {
                let video = rung.video.as_ref().map_or("video: none".to_owned(), video_line);
                format!("{video}; {}", rung.audio.as_ref().map_or("audio: none".to_owned(), audio_line))
            });
            std::iter::once(head).chain(rungs).collect()
        }
        other => vec![summary(other)],
    }
}

fn video_line(video: &VideoSettings) -> String {
    let rate = setting(&video.rate, |rate| rate.to_string(), "source");
    let gop = match video.gop {
        Gop::Auto => "auto".to_owned(),
        Gop::Duration(duration) => duration.to_string(),
        Gop::Frames(frames) => format!("{frames} frames"),
    };
    let bits = match (video.crf, &video.bitrate) {
        (Some(crf), _) => format!("crf {crf}"),
        (None, bitrate) => setting(bitrate, kbps, "auto"),
    };
    format!("video: {}, {}, {bits}, {rate} fps, keyframes {gop}, fill {}", video.codec, sides(video.sides), video.fill)
}

fn audio_line(audio: &AudioSettings) -> String {
    let rate = setting(&audio.sample_rate, |rate| format!("{rate} Hz"), "source rate");
    let channels = audio.channels.map_or("source channels".to_owned(), |channels| format!("{channels} channels"));
    format!("audio: {}, {}, {rate}, {channels}", audio.codec, setting(&audio.bitrate, kbps, "auto"))
}

fn kbps(rate: &Bitrate) -> String {
    if rate.0.is_multiple_of(1000) { format!("{} kbps", rate.0 / 1000) } else { format!("{} bps", rate.0) }
}

fn picture_line(picture: &PictureSettings) -> String {
    format!("picture: {}, {}, fill {}", picture.format, sides(picture.sides), picture.fill)
}

/// A type as it is written.
pub fn type_name(name: &TypeName) -> String {
    let inner = name.inner.as_ref().map_or(String::new(), |inner| format!("<{}>", type_name(inner)));
    format!("{}{inner}{}", name.word.value, if name.optional { "?" } else { "" })
}

/// `name: type = default`, with the default as `text` has it.
pub fn parameter(parameter: &Parameter, text: &str) -> String {
    let default = parameter.default.as_ref().and_then(|value| text.get(value.span.range()));
    let default = default.map_or(String::new(), |default| format!(" = {default}"));
    format!("{}: {}{default}", words::spelt(&parameter.name.value), type_name(&parameter.type_name))
}

/// The parameters of a procedure as labels; `text` is the text that declares it.
pub fn parameters(procedure: ProcedureRef<'_>, text: &str) -> Vec<String> {
    procedure.node.parameters.iter().map(|one| parameter(one, text)).collect()
}

/// A procedure for hovering.
pub fn procedure(procedure: ProcedureRef<'_>, text: &str, origin: &str) -> String {
    let node = procedure.node;
    let listed = parameters(procedure, text);
    let head = format!("procedure {}", words::spelt(&node.name.value));
    let signature = match listed.as_slice() {
        [] => head,
        _ if head.len() + listed.iter().map(String::len).sum::<usize>() < 80 => {
            format!("{head}({})", listed.join(", "))
        }
        _ => format!("{head}(\n    {}\n)", listed.join(",\n    ")),
    };
    let mut out = format!("```vod\n{signature}\n```\n");
    for says in [node.doc.as_deref(), preset(&node.name.value)].into_iter().flatten() {
        out.push_str(&format!("{says}\n\n"));
    }
    let whose = if procedure.is_system { "system procedure" } else { "declared" };
    out.push_str(&format!("*{whose} in `{origin}`*"));
    out
}
