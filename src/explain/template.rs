//! Templates shown: in one line with what matters, and field by field with where each value came from.

use super::setting_text::{self as text, Sidedness};
use crate::catalog::template::{
    AdaptiveTemplate, AnimatedTemplate, AudioSettings, Copy, EncryptionTemplate, Every, MarkContent, Passes,
    PictureSettings, Profile, SpriteTemplate, Template, TemplateHead, TranscodeTemplate, VideoCodec, VideoSettings,
    WatermarkTemplate, Written,
};
use crate::text::SourceMap;
use std::fmt::Display;

/// A field of a resolved template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownField {
    /// `video.bitrate`; blocks of a list are numbered from 1: `rungs.2.video.fps`.
    pub path: String,
    /// As the language writes it.
    pub value: String,
    /// Where it came from.
    pub origin: FieldOrigin,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldOrigin {
    /// Nobody wrote it.
    Default,
    /// The container implies it.
    Container,
    /// It was written.
    Written {
        /// Name of the text.
        file: String,
        /// From 1.
        line: usize,
        /// The label of the template that says it, if that is one which this template extends.
        extends: Option<String>,
    },
}

impl Display for FieldOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FieldOrigin::Default => f.write_str("default"),
            FieldOrigin::Container => f.write_str("container"),
            FieldOrigin::Written { file, line, extends: None } => write!(f, "{file}:{line}"),
            FieldOrigin::Written { file, line, extends: Some(label) } => write!(f, "extends {label}, {file}:{line}"),
        }
    }
}

/// Every field of a template, resolved; `sources` are the texts in which templates were written.
pub fn template_fields(template: &Template, sources: &SourceMap) -> Vec<ShownField> {
    let mut list = List { fields: Vec::new(), head: template.head(), sources };
    match template {
        Template::Transcode(template) => list.transcode(template),
        Template::Watermark(template) => list.watermark(template),
        Template::Snapshot(template) => list.picture(&template.picture),
        Template::Sample(template) => {
            list.picture(&template.picture);
            list.add("every", every(template.every));
        }
        Template::Sprite(template) => list.sprite(template),
        Template::Adaptive(template) => list.adaptive(template),
        Template::Animated(template) => list.animated(template),
        Template::Encryption(template) => list.encryption(template),
        Template::Review(template) => list.add("when_flagged", template.when_flagged),
    }
    list.fields
}

struct List<'a> {
    fields: Vec<ShownField>,
    head: &'a TemplateHead,
    sources: &'a SourceMap,
}

impl List<'_> {
    fn add(&mut self, path: impl Into<String>, value: impl Display) {
        let path = path.into();
        let origin = self.head.provenance.of(&path).map_or(FieldOrigin::Default, |written| self.written(written));
        self.fields.push(ShownField { path, value: value.to_string(), origin });
    }

    /// A field that only shows when something is asked for.
    fn add_some(&mut self, path: impl Into<String>, value: Option<impl Display>) {
        if let Some(value) = value {
            self.add(path, value);
        }
    }

    fn written(&self, written: &Written) -> FieldOrigin {
        let Some(source) = self.sources.get(written.span.source) else { return FieldOrigin::Default };
        let line = source.position(written.span.start).line;
        let extends = (written.by != self.head.label()).then(|| written.by.clone());
        FieldOrigin::Written { file: source.name.clone(), line, extends }
    }

    fn transcode(&mut self, template: &TranscodeTemplate) {
        self.add("container", template.container);
        if template.container.is_segmented() {
            self.add("segment.type", template.segment.kind);
            self.add("segment.time", template.segment.time.map_or("auto".to_owned(), |time| time.to_string()));
        }
        self.streams("", template.video.as_ref(), template.audio.as_ref());
    }

    fn streams(&mut self, prefix: &str, video: Option<&VideoSettings>, audio: Option<&AudioSettings>) {
        match video {
            Some(video) => self.video(&format!("{prefix}video."), video),
            None => self.add(format!("{prefix}video"), "none"),
        }
        match audio {
            Some(audio) => self.audio(&format!("{prefix}audio."), audio),
            None => self.add(format!("{prefix}audio"), "none"),
        }
    }

    fn video(&mut self, prefix: &str, video: &VideoSettings) {
        let path = |name: &str| format!("{prefix}{name}");
        self.add(path("codec"), video.codec);
        self.add(path("bitrate"), text::bitrate(&video.bitrate));
        self.add(path("mode"), video.mode);
        self.add_some(path("crf"), video.crf);
        self.add(path("fps"), text::rate(&video.rate));
        for (name, side) in text::sides(video.sides) {
            self.add(path(name), side);
        }
        self.add(path("fill"), video.fill);
        self.add(path("gop"), text::gop(video.gop));
        let usual = (video.codec == VideoCodec::H264).then_some(Profile::High);
        self.add_some(path("profile"), video.profile.or(usual));
        self.add(path("level"), text::level(video.level));
        self.add_some(path("bframes"), video.bframes);
        self.add_some(path("tag"), video.tag);
        self.add(path("pixel_format"), video.pixel_format);
        self.add(path("hdr"), video.hdr);
        self.add(path("deinterlace"), video.deinterlace);
        self.add(path("denoise"), video.denoise);
        self.add(path("passes"), if video.passes == Passes::Two { 2 } else { 1 });
        // The package says it for its rungs.
        let is_rung = prefix.starts_with("rungs.");
        self.add_some(path("upscale"), if is_rung { video.upscale } else { Some(video.upscale()) });
        self.add(path("speed"), video.speed());
        self.add(path("copy"), video.copy());
    }

    fn audio(&mut self, prefix: &str, audio: &AudioSettings) {
        let path = |name: &str| format!("{prefix}{name}");
        self.add(path("codec"), audio.codec);
        if let Some(codec) = self.fields.last_mut().filter(|codec| codec.origin == FieldOrigin::Default) {
            codec.origin = FieldOrigin::Container;
        }
        self.add(path("bitrate"), text::bitrate(&audio.bitrate));
        self.add(path("sample_rate"), text::sample_rate(&audio.sample_rate));
        self.add(path("channels"), text::channels(audio.channels));
        if !audio.tracks.is_empty() {
            let tracks: Vec<String> = audio.tracks.iter().map(u32::to_string).collect();
            self.add(path("tracks"), format!("[{}]", tracks.join(", ")));
        }
    }

    fn picture(&mut self, picture: &PictureSettings) {
        for (name, side) in text::sides(picture.sides) {
            self.add(name, side);
        }
        self.add("fill", picture.fill);
        self.add("format", picture.format);
        self.add("tolerance", picture.tolerance);
    }

    fn sprite(&mut self, template: &SpriteTemplate) {
        self.add("every", every(template.every));
        self.add("rows", template.rows);
        self.add("columns", template.columns);
        self.picture(&template.cell);
    }

    fn animated(&mut self, template: &AnimatedTemplate) {
        self.add("fps", template.rate);
        for (name, side) in text::sides(template.sides) {
            self.add(name, side);
        }
        self.add("format", template.format);
        self.add("quality", template.quality);
    }

    fn adaptive(&mut self, template: &AdaptiveTemplate) {
        self.add("format", template.format);
        self.add("segment.type", template.segment.kind);
        self.add("segment.time", template.segment.time);
        self.add("encrypt", template.encrypt.as_ref().map_or("none".to_owned(), |template| template.head.label()));
        self.add("upscale", template.upscale);
        for (at, rung) in template.rungs.iter().enumerate() {
            self.streams(&format!("rungs.{}.", at + 1), rung.video.as_ref(), rung.audio.as_ref());
        }
    }

    fn encryption(&mut self, template: &EncryptionTemplate) {
        self.add("method", template.method);
        self.add("key_url", template.key_url.as_ref().map_or("none".to_owned(), |url| format!("{url:?}")));
        self.add_some("key_source", template.key_source.as_ref().map(|source| format!("{source:?}")));
        self.add("keys", "one");
    }

    fn watermark(&mut self, template: &WatermarkTemplate) {
        match &template.content {
            MarkContent::Image(file) => self.add("image", format!("{:?}", file.shown())),
            MarkContent::Text(style) => {
                self.add("text.font", format!("{:?}", style.font.path));
                self.add("text.size", style.size);
                self.add("text.color", format!("0x{:06X}", style.colour));
                self.add("text.opacity", style.opacity);
            }
            MarkContent::Svg => self.add("svg", "{ }"),
        }
        self.add("origin", template.corner);
        self.add("x", template.x);
        self.add("y", template.y);
        if !matches!(template.content, MarkContent::Text(_)) {
            let side = |side: Option<crate::units::Length>| side.map_or("0px".to_owned(), |side| side.to_string());
            self.add("width", side(template.width));
            self.add("height", side(template.height));
        }
        if matches!(template.content, MarkContent::Image(_)) {
            self.add("repeat", template.repeat);
        }
        self.add("opacity", template.opacity);
    }
}

/// The settings in one line, defaults left out.
pub fn template_summary(template: &Template) -> String {
    let picture = |picture: &PictureSettings| format!("{} {}", picture.format, Sidedness(picture.sides));
    match template {
        Template::Transcode(template) => rendition(template),
        Template::Snapshot(template) => picture(&template.picture),
        Template::Sample(template) => format!("{} every {}", picture(&template.picture), every(template.every)),
        Template::Sprite(template) => {
            let grid = format!("{} columns and {} rows", template.columns, template.rows);
            format!("{} every {}, {grid}", picture(&template.cell), every(template.every))
        }
        Template::Adaptive(template) => adaptive(template),
        Template::Animated(template) => {
            format!("{} {} {} fps", template.format, Sidedness(template.sides), template.rate)
        }
        Template::Watermark(template) => {
            let content = match &template.content {
                MarkContent::Image(file) => file.shown().to_owned(),
                MarkContent::Text(style) => format!("text in {}", style.font.path),
                MarkContent::Svg => "SVG".to_owned(),
            };
            format!("{content} at {} {} {}", template.corner, template.x, template.y)
        }
        Template::Encryption(template) => {
            format!("{} {}", template.method, template.key_url.as_deref().unwrap_or("without key_url"))
        }
        Template::Review(template) => format!("when flagged: {}", template.when_flagged),
    }
}

fn rendition(template: &TranscodeTemplate) -> String {
    let video = template.video.as_ref().map(video_summary);
    let audio = template.audio.as_ref().map(audio_summary);
    [Some(template.container.to_string()), video, audio].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn video_summary(video: &VideoSettings) -> String {
    if video.copy() == Copy::Always {
        return "copy".to_owned();
    }
    let bits = video.crf.map_or(text::bitrate(&video.bitrate), |crf| format!("crf {crf}"));
    let gop = text::gop(video.gop);
    let gop = if gop == "auto" { String::new() } else { format!(" gop {gop}") };
    format!("{} {} {} fps {bits}{gop}", video.codec, Sidedness(video.sides), text::rate(&video.rate))
}

fn audio_summary(audio: &AudioSettings) -> String {
    let channels = audio.channels.map(|channels| format!(" {channels} ch")).unwrap_or_default();
    let (bitrate, rate) = (text::bitrate(&audio.bitrate), text::sample_rate(&audio.sample_rate));
    format!("{} {bitrate} {rate}{channels}", audio.codec)
}

fn adaptive(template: &AdaptiveTemplate) -> String {
    let sides: Vec<String> = template
        .rungs
        .iter()
        .filter_map(|rung| rung.video.as_ref())
        .map(|video| Sidedness(video.sides).to_string().replace("short side ", ""))
        .collect();
    let encrypted = if template.encrypt.is_some() { " encrypted" } else { "" };
    let (format, kind, time) = (template.format, template.segment.kind, template.segment.time);
    format!("{format}{encrypted} {kind} {time}, rungs {}", sides.join(" "))
}

fn every(every: Every) -> String {
    match every {
        Every::Percent(percent) => percent.to_string(),
        Every::Duration(duration) => duration.to_string(),
    }
}
