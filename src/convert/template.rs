//! Checked templates as records of the language, every field said.

use super::Form;
use crate::catalog::template::{
    AdaptiveFormat, AdaptiveTemplate, AudioSettings, EncryptionTemplate, Every, Gop, MarkContent, PackageSegments,
    Passes, PictureSettings, Rung, Setting, Sides, SpriteTemplate, Template, TemplateHead, TranscodeTemplate,
    VideoSettings, WatermarkTemplate,
};
use crate::syntax::ast::{Field, Name, Quantity, Record, Value, ValueKind};
use crate::syntax::value_text;
use crate::text::Span;
use crate::units::{Duration, Length, Percent, Rational};

/// Every field of a template, in the language's words.
pub fn record(template: &Template) -> Record {
    let mut out = Out::new(template.head());
    match template {
        Template::Transcode(template) => rendition(&mut out, template),
        Template::Watermark(template) => watermark(&mut out, template),
        Template::Snapshot(template) => picture(&mut out, &template.picture),
        Template::Sample(template) => {
            out.add("every", every(template.every));
            picture(&mut out, &template.picture);
        }
        Template::Sprite(template) => sprite(&mut out, template),
        Template::Adaptive(template) => adaptive(&mut out, template),
        Template::Animated(template) => {
            out.add("fps", number(template.rate.per_second()));
            sides(&mut out, template.sides);
            out.word("format", template.format.word());
            out.add("quality", whole_number(template.quality.into()));
        }
        Template::Encryption(template) => encryption(&mut out, template),
        Template::Review(template) => out.word("when_flagged", template.when_flagged.word()),
    }
    out.record()
}

/// The same template with nothing said that need not be: what a declaration may leave out.
pub fn usual(template: &Template) -> Record {
    let mut out = Out::new(template.head());
    let still = PictureSettings {
        sides: Sides::Source,
        fill: crate::catalog::template::Fill::Black,
        format: crate::catalog::template::ImageFormat::Jpg,
        tolerance: Duration::ZERO,
    };
    match template {
        Template::Transcode(template) => {
            let segment =
                crate::catalog::template::Segment { time: None, kind: crate::catalog::template::SegmentKind::Ts };
            segment_of(&mut out, template, segment);
            streams(&mut out, Some(&VideoSettings::usual()), Some(&usual_audio()));
        }
        Template::Watermark(template) => {
            // What the mark consists of is always said.
            match &template.content {
                MarkContent::Image(_) => {}
                MarkContent::Text(_) => out.block("text", |_| {}),
                MarkContent::Svg => out.block("svg", |out| out.word("nothing", "none")),
            }
            out.word("origin", "top_left");
            out.add("x", length(Length::Pixels(0)));
            out.add("y", length(Length::Pixels(0)));
            out.word("repeat", "loop");
            out.add("opacity", ValueKind::Quantity(Quantity::Percent(Percent::from_integer(100))));
        }
        Template::Snapshot(_) | Template::Sample(_) | Template::Sprite(_) => picture(&mut out, &still),
        Template::Adaptive(template) => usual_package(&mut out, template),
        Template::Animated(_) => {
            sides(&mut out, Sides::Source);
            out.word("format", "gif");
            out.add("quality", whole_number(75));
        }
        Template::Encryption(_) => {
            out.word("method", "aes_128");
            out.word("keys", "one");
        }
        Template::Review(_) => {}
    }
    out.record()
}

/// The codec follows the container, and is better said.
fn usual_audio() -> AudioSettings {
    AudioSettings { codec: crate::catalog::template::AudioCodec::Opus, ..AudioSettings::usual() }
}

fn usual_package(out: &mut Out<'_>, template: &AdaptiveTemplate) {
    let kind = match template.format {
        AdaptiveFormat::Hls => PackageSegments::TsSegment,
        AdaptiveFormat::Dash => PackageSegments::Mp4Mp4Byterange,
    };
    out.block("segment", |out| {
        out.word("type", kind.word());
        out.add("time", duration(Duration::from_millis(6000)));
    });
    out.word("encrypt", "none");
    out.word("upscale", "skip");
    let usual = |_: &Rung| Rung { video: Some(VideoSettings::usual()), audio: Some(usual_audio()) };
    let rungs: Vec<Rung> = template.rungs.iter().map(usual).collect();
    rung_list(out, &rungs);
}

/// The fields of a record that another does not have so; blocks are compared inside.
pub fn difference(record: &Record, base: &Record) -> Record {
    let inside = |field: &Field| {
        let other = base.fields.iter().find(|other| other.name.value == field.name.value);
        match (&field.value.kind, other.map(|other| &other.value)) {
            (_, Some(other)) if value_text(&field.value) == value_text(other) => None,
            (ValueKind::Record(inner), Some(Value { kind: ValueKind::Record(other), .. })) => {
                let kind = ValueKind::Record(difference(inner, other));
                Some(Field { name: field.name.clone(), value: Value { kind, span: field.value.span } })
            }
            (ValueKind::List(elements), Some(Value { kind: ValueKind::List(others), .. }))
                if elements.len() == others.len() =>
            {
                Some(Field { name: field.name.clone(), value: elementwise(elements, others, field.value.span) })
            }
            _ => Some(field.clone()),
        }
    };
    Record { fields: record.fields.iter().filter_map(inside).collect(), damaged: false, span: record.span }
}

/// Leaves out what a constant quality makes idle: the language warns of a bitrate beside it.
pub fn without_idle(mut record: Record) -> Record {
    for field in &mut record.fields {
        match &mut field.value.kind {
            ValueKind::Record(inner) => *inner = without_idle(inner.clone()),
            ValueKind::List(elements) => {
                for element in elements {
                    if let ValueKind::Record(inner) = &mut element.kind {
                        *inner = without_idle(inner.clone());
                    }
                }
            }
            _ => {}
        }
    }
    let is = |name: &str, word: &str| {
        record.fields.iter().any(|field| field.name.value == name && value_text(&field.value) == word)
    };
    if is("mode", "crf") && is("bitrate", "auto") {
        record.fields.retain(|field| field.name.value != "bitrate");
    }
    record
}

/// A list of blocks, each without what its counterpart says: rungs.
fn elementwise(elements: &[Value], others: &[Value], span: Span) -> Value {
    let pair = |(element, other): (&Value, &Value)| match (&element.kind, &other.kind) {
        (ValueKind::Record(inner), ValueKind::Record(other)) => {
            Value { kind: ValueKind::Record(difference(inner, other)), span: element.span }
        }
        _ => element.clone(),
    };
    Value { kind: ValueKind::List(elements.iter().zip(others).map(pair).collect()), span }
}

/// The number and the remark of a template, which may be its doc comment.
pub fn head_fields(head: &TemplateHead, doc: Option<&String>) -> Vec<Field> {
    let mut out = Out::new(head);
    if let Some(id) = head.id {
        out.add("id", whole_number(i64::try_from(id.0).unwrap_or(i64::MAX)));
    }
    if let Some(comment) = head.comment.as_ref().or(doc) {
        out.add("comment", ValueKind::Text(comment.clone()));
    }
    out.fields
}

/// A record being made: where its template says a field is where the field stands.
struct Out<'a> {
    head: &'a TemplateHead,
    path: String,
    fields: Vec<Field>,
}

impl<'a> Out<'a> {
    fn new(head: &'a TemplateHead) -> Self {
        Out { head, path: String::new(), fields: Vec::new() }
    }

    fn span(&self, name: &str) -> Span {
        let path = format!("{}{name}", self.path);
        self.head.provenance.of(&path).map_or(self.head.declared, |written| written.span)
    }

    fn add(&mut self, name: &str, kind: ValueKind) {
        let span = self.span(name);
        self.fields.push(Field { name: Name::new(name.to_owned(), span), value: Value { kind, span } });
    }

    fn word(&mut self, name: &str, word: &str) {
        self.add(name, ValueKind::Word(word.to_owned()));
    }

    fn block(&mut self, name: &str, fill: impl FnOnce(&mut Out<'a>)) {
        let mut inner = Out { head: self.head, path: format!("{}{name}.", self.path), fields: Vec::new() };
        fill(&mut inner);
        self.add(name, ValueKind::Record(inner.record()));
    }

    fn record(self) -> Record {
        Record { fields: self.fields, damaged: false, span: self.head.declared }
    }
}

/// A whole number as a value.
pub fn whole_number(number: i64) -> ValueKind {
    ValueKind::Quantity(Quantity::Number(Rational::from_integer(number)))
}

fn number(number: Rational) -> ValueKind {
    ValueKind::Quantity(if number.is_integer() { Quantity::Number(number) } else { Quantity::Fraction(number) })
}

fn duration(duration: Duration) -> ValueKind {
    ValueKind::Quantity(Quantity::Duration(duration))
}

fn length(length: Length) -> ValueKind {
    ValueKind::Quantity(match length {
        Length::Pixels(pixels) => Quantity::Pixels(pixels.into()),
        Length::Percent(percent) => Quantity::Percent(percent),
        Length::PercentOf(percent, side) => Quantity::SideShare(percent, side),
    })
}

fn every(every: Every) -> ValueKind {
    match every {
        Every::Percent(percent) => ValueKind::Quantity(Quantity::Percent(percent)),
        Every::Duration(distance) => duration(distance),
    }
}

fn setting<T>(out: &mut Out<'_>, name: &str, setting: Setting<T>, automatic: &str, kind: impl Fn(T) -> ValueKind) {
    match setting {
        Setting::Auto => out.word(name, automatic),
        Setting::Exactly(value) => out.add(name, kind(value)),
        Setting::AtMost(value) => {
            let inner = Value { kind: kind(value), span: out.span(name) };
            out.add(name, ValueKind::AtMost(Box::new(inner)));
        }
    }
}

fn sides(out: &mut Out<'_>, sides: Sides) {
    let side = |out: &mut Out<'_>, name: &str, side: Option<u32>| match side {
        Some(side) => out.add(name, whole_number(side.into())),
        None => out.word(name, "source"),
    };
    match sides {
        Sides::Source => {
            side(out, "short_side", None);
            side(out, "long_side", None);
        }
        Sides::Oriented { short, long } => {
            side(out, "short_side", short);
            side(out, "long_side", long);
        }
        Sides::Literal { width, height } => {
            side(out, "width", width);
            side(out, "height", height);
        }
    }
}

fn rendition(out: &mut Out<'_>, template: &TranscodeTemplate) {
    out.word("container", template.container.word());
    segment_of(out, template, template.segment);
    streams(out, template.video.as_ref(), template.audio.as_ref());
}

/// Only where there are segments.
fn segment_of(out: &mut Out<'_>, template: &TranscodeTemplate, segment: crate::catalog::template::Segment) {
    if !template.container.is_segmented() {
        return;
    }
    out.block("segment", |out| {
        out.word("type", segment.kind.word());
        match segment.time {
            Some(time) => out.add("time", duration(time)),
            None => out.word("time", "auto"),
        }
    });
}

fn streams(out: &mut Out<'_>, of_picture: Option<&VideoSettings>, of_sound: Option<&AudioSettings>) {
    match of_picture {
        Some(settings) => out.block("video", |out| video(out, settings)),
        None => out.word("video", "none"),
    }
    match of_sound {
        Some(settings) => out.block("audio", |out| audio(out, settings)),
        None => out.word("audio", "none"),
    }
}

fn video(out: &mut Out<'_>, video: &VideoSettings) {
    out.word("codec", video.codec.word());
    setting(out, "bitrate", video.bitrate, "auto", |rate| ValueKind::Quantity(Quantity::Bitrate(rate)));
    out.word("mode", video.mode.word());
    if let Some(crf) = video.crf {
        out.add("crf", whole_number(crf.into()));
    }
    setting(out, "fps", video.rate, "source", |rate| number(rate.per_second()));
    sides(out, video.sides);
    out.word("fill", video.fill.word());
    match video.gop {
        Gop::Auto => out.word("gop", "auto"),
        Gop::Duration(distance) => out.add("gop", duration(distance)),
        Gop::Frames(frames) => out.add("gop", ValueKind::Quantity(Quantity::Frames(frames.into()))),
    }
    let words = [
        ("profile", video.profile.map(|profile| profile.word())),
        ("tag", video.tag.map(|tag| tag.word())),
        ("pixel_format", Some(video.pixel_format.word())),
        ("hdr", Some(video.hdr.word())),
        ("deinterlace", Some(video.deinterlace.word())),
        ("denoise", Some(video.denoise.word())),
        ("upscale", video.upscale.map(|upscale| upscale.word())),
        ("speed", video.speed.map(|speed| speed.word())),
        ("copy", video.copy.map(|copy| copy.word())),
    ];
    for (name, word) in words {
        if let Some(word) = word {
            out.word(name, word);
        }
    }
    match video.level {
        Some(tenths) => out.add("level", ValueKind::Quantity(Quantity::Number(Rational::of(tenths.into(), 10)))),
        None => out.word("level", "auto"),
    }
    if let Some(bframes) = video.bframes {
        out.add("bframes", whole_number(bframes.into()));
    }
    out.add("passes", whole_number(if video.passes == Passes::Two { 2 } else { 1 }));
}

fn audio(out: &mut Out<'_>, audio: &AudioSettings) {
    out.word("codec", audio.codec.word());
    setting(out, "bitrate", audio.bitrate, "auto", |rate| ValueKind::Quantity(Quantity::Bitrate(rate)));
    setting(out, "sample_rate", audio.sample_rate, "source", |rate| {
        ValueKind::Quantity(Quantity::Frequency(rate.0.into()))
    });
    match audio.channels {
        Some(channels) => out.add("channels", whole_number(channels.into())),
        None => out.word("channels", "source"),
    }
    if !audio.tracks.is_empty() {
        let span = out.span("tracks");
        let track = |track: &u32| Value { kind: whole_number((*track).into()), span };
        out.add("tracks", ValueKind::List(audio.tracks.iter().map(track).collect()));
    }
}

fn picture(out: &mut Out<'_>, picture: &PictureSettings) {
    sides(out, picture.sides);
    out.word("fill", picture.fill.word());
    out.word("format", picture.format.word());
    out.add("tolerance", duration(picture.tolerance));
}

fn sprite(out: &mut Out<'_>, template: &SpriteTemplate) {
    out.add("every", every(template.every));
    out.add("rows", whole_number(template.rows.into()));
    out.add("columns", whole_number(template.columns.into()));
    picture(out, &template.cell);
}

fn adaptive(out: &mut Out<'_>, template: &AdaptiveTemplate) {
    out.word("format", template.format.word());
    out.block("segment", |out| {
        out.word("type", template.segment.kind.word());
        out.add("time", duration(template.segment.time));
    });
    match &template.encrypt {
        Some(encryption) => out.add("encrypt", reference(&encryption.head, Form::Vod)),
        None => out.word("encrypt", "none"),
    }
    out.word("upscale", template.upscale.word());
    rung_list(out, &template.rungs);
}

fn rung_list(out: &mut Out<'_>, rungs: &[Rung]) {
    let span = out.span("rungs");
    let mut list = Vec::new();
    for (at, rung) in rungs.iter().enumerate() {
        let mut inner = Out { head: out.head, path: format!("rungs.{}.", at + 1), fields: Vec::new() };
        streams(&mut inner, rung.video.as_ref(), rung.audio.as_ref());
        list.push(Value { kind: ValueKind::Record(inner.record()), span });
    }
    out.add("rungs", ValueKind::List(list));
}

fn encryption(out: &mut Out<'_>, template: &EncryptionTemplate) {
    out.word("method", template.method.word());
    match &template.key_url {
        Some(url) => out.add("key_url", ValueKind::Text(url.clone())),
        None => out.word("key_url", "none"),
    }
    if let Some(source) = &template.key_source {
        out.add("key_source", ValueKind::Text(source.clone()));
    }
    out.word("keys", "one");
}

fn watermark(out: &mut Out<'_>, template: &WatermarkTemplate) {
    match &template.content {
        MarkContent::Image(file) => out.add("image", ValueKind::Text(file.path.clone())),
        MarkContent::Text(style) => out.block("text", |out| {
            out.add("font", ValueKind::Text(style.font.path.clone()));
            out.add("size", length(style.size));
            out.add("color", ValueKind::Quantity(Quantity::Colour(style.colour)));
            out.add("opacity", ValueKind::Quantity(Quantity::Percent(style.opacity)));
        }),
        MarkContent::Svg => out.block("svg", |_| {}),
    }
    out.word("origin", template.corner.word());
    out.add("x", length(template.x));
    out.add("y", length(template.y));
    let is_text = matches!(template.content, MarkContent::Text(_));
    if !is_text {
        out.add("width", length(template.width.unwrap_or(Length::Pixels(0))));
        out.add("height", length(template.height.unwrap_or(Length::Pixels(0))));
    }
    if matches!(template.content, MarkContent::Image(_)) {
        out.word("repeat", template.repeat.word());
    }
    out.add("opacity", ValueKind::Quantity(Quantity::Percent(template.opacity)));
}

/// How statements name a template: those of the system by number, and in JSON all that have one.
pub fn reference(head: &TemplateHead, form: Form) -> ValueKind {
    match head.id.filter(|_| super::is_system(head.origin) || form != Form::Vod) {
        Some(id) => whole_number(i64::try_from(id.0).unwrap_or(i64::MAX)),
        None => ValueKind::Text(head.name.clone()),
    }
}
