//! From fields as the API groups them to fields as the language does: sizes, groups of pictures, segments, streams.

use super::read::{Extent, Reader};
use super::table::Generation;
use crate::diag::{Diagnostic, codes, message};
use crate::syntax::ast::{Field, Name, Quantity, Record, Value, ValueKind};
use crate::text::Span;
use crate::units::{Duration, Percent, Rational};

/// What stands before a picture in base64 in the language; its type is told by its bytes.
pub const INLINE: &str = "data:;base64,";

/// Fields of a record while they are regrouped.
pub struct Fields {
    /// Those that stay.
    pub rest: Vec<Field>,
}

impl Fields {
    /// Those of a record.
    pub fn of(record: &Record) -> Self {
        Fields { rest: record.fields.clone() }
    }

    /// Takes a field out.
    pub fn take(&mut self, word: &str) -> Option<Field> {
        let at = self.rest.iter().position(|field| field.name.value == word)?;
        Some(self.rest.remove(at))
    }

    /// The value of a field that stays.
    pub fn get(&self, word: &str) -> Option<&Value> {
        self.rest.iter().find(|field| field.name.value == word).map(|field| &field.value)
    }

    /// Adds a field at the place of another.
    pub fn put(&mut self, word: &str, span: Span, value: Value) {
        self.rest.push(Field { name: Name::new(word.to_owned(), span), value });
    }

    /// Whether a field that stays is this word.
    fn is(&self, word: &str, meaning: &str) -> bool {
        self.get(word).and_then(word_of) == Some(meaning)
    }
}

/// A value that is a word.
pub fn word_of(value: &Value) -> Option<&str> {
    match &value.kind {
        ValueKind::Word(word) => Some(word),
        _ => None,
    }
}

/// A word as a value.
pub fn word(text: &str, span: Span) -> Value {
    Value { kind: ValueKind::Word(text.to_owned()), span }
}

fn number_of(value: &Value) -> Option<Rational> {
    match value.kind {
        ValueKind::Quantity(Quantity::Number(number)) => Some(number),
        _ => None,
    }
}

fn record_of(value: &Value) -> Option<&Record> {
    match &value.kind {
        ValueKind::Record(record) => Some(record),
        _ => None,
    }
}

/// A template's record in the language's fields, the name and the number left in.
pub fn template(reader: &mut Reader, kind: &str, record: &Record) -> Record {
    let mut fields = Fields::of(record);
    match kind {
        "transcode" => rendition(reader, &mut fields, Extent::Whole, record.span),
        "watermark" => watermark(reader, &mut fields, record),
        "adaptive" => adaptive(reader, &mut fields, record.span),
        "sample" | "sprite" => {
            sides(&mut fields, Extent::Whole);
            distance(reader, &mut fields);
        }
        "snapshot" | "animated" => sides(&mut fields, Extent::Whole),
        _ => {}
    }
    let damaged = record.damaged || reader.diagnostics.has_errors();
    Record { fields: fields.rest, damaged, span: record.span }
}

/// The fields of `OverrideParameter`.
pub fn overrides(reader: &mut Reader, record: &Record) -> Record {
    let mut fields = Fields::of(record);
    rendition(reader, &mut fields, Extent::Changes, record.span);
    Record { fields: fields.rest, ..*record }
}

fn rendition(reader: &mut Reader, fields: &mut Fields, extent: Extent, span: Span) {
    let mut segment = Vec::new();
    if let Some(mut kind) = fields.take("@segment_type") {
        kind.name.value = "type".to_owned();
        segment.push(kind);
    }
    let denoise = fields.take("@denoise");
    segment.extend(streams(reader, fields, extent, span));
    if let (Some(denoise), Some(video)) = (denoise, fields.rest.iter_mut().find(|field| field.name.value == "video"))
        && let (Some(inner), ValueKind::Record(video)) = (record_of(&denoise.value), &mut video.value.kind)
        && let Some(mut enable) = inner.fields.first().cloned()
    {
        enable.name.value = "denoise".to_owned();
        video.fields.push(enable);
    }
    put_segment(fields, segment);
}

fn put_segment(fields: &mut Fields, segment: Vec<Field>) {
    let Some(first) = segment.first() else { return };
    let (name, span) = (first.name.span, first.name.span.to(first.value.span));
    let record = Record { fields: segment, damaged: false, span };
    fields.put("segment", name, Value { kind: ValueKind::Record(record), span });
}

/// Picture and sound, given or left out; gives the length of segments, which the API keeps in the picture.
fn streams(reader: &mut Reader, fields: &mut Fields, extent: Extent, span: Span) -> Option<Field> {
    let mut segment_time = None;
    for (word_of_stream, switch) in [("video", "@no_video"), ("audio", "@no_audio")] {
        let removed = fields.take(switch);
        let Some(mut stream) = fields.take(word_of_stream) else {
            match removed {
                Some(removed) => fields.put(word_of_stream, removed.name.span, removed.value),
                None if extent == Extent::Whole => lacks_stream(reader, word_of_stream, span),
                None => {}
            }
            continue;
        };
        if let Some(removed) = removed {
            fields.put(word_of_stream, removed.name.span, removed.value);
            continue;
        }
        if let (ValueKind::Record(record), "video") = (&mut stream.value.kind, word_of_stream) {
            let mut video = Fields { rest: std::mem::take(&mut record.fields) };
            segment_time = picture(reader, &mut video, extent);
            record.fields = video.rest;
        }
        fields.rest.push(stream);
    }
    segment_time
}

fn lacks_stream(reader: &mut Reader, stream: &str, span: Span) {
    let (field, switch) = match (reader.generation, stream) {
        (Generation::V3, "video") => ("VideoTemplate", "RemoveVideo"),
        (Generation::V3, _) => ("AudioTemplate", "RemoveAudio"),
        (Generation::V2, "video") => ("video", "isFiltrateVideo"),
        (Generation::V2, _) => ("audio", "isFiltrateAudio"),
    };
    let problem = Diagnostic::new(&codes::MISSING_FIELD, message!("the template lacks the field `{}`", field));
    reader.diagnostics.push(problem.at(span, "").with_help(message!("add it, or write `\"{}\": 1`", switch)));
}

/// The fields of a picture; gives the length of segments.
fn picture(reader: &mut Reader, fields: &mut Fields, extent: Extent) -> Option<Field> {
    sides(fields, extent);
    keyframes(reader, fields);
    let below_zero = |value: &Value| number_of(value).is_some_and(Rational::is_negative);
    if let Some(bframes) = fields.take("@bframes").filter(|field| !below_zero(&field.value)) {
        fields.put("bframes", bframes.name.span, bframes.value);
    }
    // A constant quality stands above what the API wants beside it.
    if fields.get("crf").is_some() {
        if fields.is("bitrate", "auto") {
            fields.take("bitrate");
        }
        if let Some(mode) = fields.take("mode").filter(|mode| word_of(&mode.value) != Some("crf")) {
            let problem = Diagnostic::new(&codes::NO_EFFECT, message!("`Mode` has no effect beside `Vcrf`"));
            reader.diagnostics.push(problem.at(mode.name.span, ""));
        }
    }
    if let Some(hdr) = fields.get("hdr").filter(|hdr| word_of(hdr) == Some("keep"))
        && !fields.is("codec", "h264")
        && fields.get("pixel_format").is_none()
    {
        let span = hdr.span;
        fields.put("pixel_format", span, word("yuv420p10", span));
    }
    // The second generation wants the only profile of H.265 said.
    if fields.is("codec", "h265") && fields.is("profile", "main") {
        fields.take("profile");
    }
    let mut time =
        fields.take("@segment_time").filter(|time| extent == Extent::Changes || number_or_time(&time.value))?;
    time.name.value = "time".to_owned();
    Some(time)
}

/// Whether a value is more than the word `auto`.
fn number_or_time(value: &Value) -> bool {
    word_of(value).is_none()
}

/// Width and height: the sides by orientation, unless the template says otherwise; 0 follows the other or the source.
fn sides(fields: &mut Fields, extent: Extent) {
    let adaptive = fields.take("@adaptive");
    let is_open = adaptive.as_ref().and_then(|field| word_of(&field.value)) != Some("close");
    let mut ceiling = None;
    for (raw, open, close) in [("@width", "long_side", "width"), ("@height", "short_side", "height")] {
        let Some(side) = fields.take(raw) else { continue };
        let value = match side.value.kind {
            ValueKind::AtMost(inner) => {
                ceiling = Some(side.name.span);
                *inner
            }
            _ => side.value,
        };
        if word_of(&value).is_none() || extent == Extent::Changes {
            fields.put(if is_open { open } else { close }, side.name.span, value);
        }
    }
    if let Some(span) = ceiling {
        fields.put("upscale", span, word("clamp", span));
    }
}

/// `Gop` with its unit; or the limits of the second generation, between which one fixed length lies.
fn keyframes(reader: &mut Reader, fields: &mut Fields) {
    let unit = fields.take("@gop_unit");
    let in_seconds = unit.as_ref().and_then(|unit| word_of(&unit.value)) == Some("second");
    if let Some(gop) = fields.take("@gop") {
        let kind = match number_of(&gop.value) {
            Some(number) if in_seconds => ValueKind::Quantity(Quantity::Duration(Duration::from_seconds(number))),
            Some(number) => ValueKind::Quantity(Quantity::Frames(number)),
            None => gop.value.kind,
        };
        fields.put("gop", gop.name.span, Value { kind, span: gop.value.span });
    }
    let (least, most) = (fields.take("@least_gop"), fields.take("@most_gop"));
    let seconds = |field: &Field| match field.value.kind {
        ValueKind::Quantity(Quantity::Duration(duration)) => Some(duration),
        _ => None,
    };
    if let (Some(least), Some(most)) = (&least, &most)
        && seconds(least) > seconds(most)
    {
        let problem = Diagnostic::new(&codes::CONFLICTING_FIELDS, message!("`minGop` is above `maxGop`"));
        reader.diagnostics.push(problem.at(least.name.span, "").with_label(most.name.span, ""));
    }
    if let Some(gop) = most.or(least) {
        fields.put("gop", gop.name.span, gop.value);
    }
}

/// `SampleType` and `SampleInterval`: a share of the length or a time.
fn distance(reader: &mut Reader, fields: &mut Fields) {
    let (kind, interval) = (fields.take("@sample_type"), fields.take("@sample_interval"));
    let (Some(kind), Some(interval)) = (kind, interval) else { return };
    let Some(number) = number_of(&interval.value) else { return };
    let quantity = match word_of(&kind.value) {
        Some("percent") if number > Rational::from_integer(100) => {
            let message = message!(
                "`{}` is {}, API `{}` allows {}",
                "SampleInterval",
                number.to_string(),
                reader.generation.word(),
                message!("whole numbers from {} to {}", 1, 100)
            );
            reader.diagnostics.push(Diagnostic::new(&codes::OUT_OF_RANGE, message).at(interval.value.span, ""));
            return;
        }
        Some("percent") => Quantity::Percent(Percent(number)),
        _ => Quantity::Duration(Duration::from_seconds(number)),
    };
    fields.put("every", interval.name.span, Value { kind: ValueKind::Quantity(quantity), span: interval.value.span });
}

fn adaptive(reader: &mut Reader, fields: &mut Fields, span: Span) {
    let mut segment = Vec::new();
    for (raw, inner) in [("@segment_type", "type"), ("@segment_time", "time")] {
        if let Some(mut field) = fields.take(raw) {
            field.name.value = inner.to_owned();
            segment.push(field);
        }
    }
    put_segment(fields, segment);
    if let Some(drm) = fields.take("@drm") {
        fields.put("encrypt", drm.name.span, drm.value);
    }
    // Without a word rungs above the source are made, unlike in the language.
    if fields.get("upscale").is_none() {
        fields.put("upscale", span, word("allow", span));
    }
    let Some(rungs) = fields.rest.iter_mut().find(|field| field.name.value == "rungs") else { return };
    let ValueKind::List(rungs) = &mut rungs.value.kind else { return };
    for rung in rungs {
        let ValueKind::Record(record) = &mut rung.kind else { continue };
        let mut inner = Fields { rest: std::mem::take(&mut record.fields) };
        if let Some(time) = streams(reader, &mut inner, Extent::Whole, record.span) {
            let message = message!("`HlsTime` has no effect in a package; `SegmentDuration` is its length of segments");
            reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(time.name.span, ""));
        }
        record.fields = inner.rest;
    }
}

fn watermark(reader: &mut Reader, fields: &mut Fields, whole: &Record) {
    let mark = fields.take("@mark");
    let is = |kind: &str| mark.as_ref().and_then(|mark| word_of(&mark.value)) == Some(kind);
    let (image, svg) = (fields.take("@image"), fields.take("@svg"));
    let text = fields.take("text");
    for (kind, block, name) in
        [("image", &image, "ImageTemplate"), ("text", &text, "TextTemplate"), ("svg", &svg, "SvgTemplate")]
    {
        if let (Some(block), false) = (block, is(kind)) {
            let message = message!("`{}` has no effect on a mark of another type", name);
            reader.diagnostics.push(Diagnostic::new(&codes::NO_EFFECT, message).at(block.name.span, ""));
        } else if is(kind) && block.is_none() && kind != "svg" && reader.generation == Generation::V3 {
            let message = message!("`{}` lacks the field `{}`", "CreateWatermarkTemplate", name);
            let problem = Diagnostic::new(&codes::MISSING_FIELD, message).at(whole.span, "");
            reader.diagnostics.push(problem.with_help(message!("add the object")));
        }
    }
    if let Some(text) = text.filter(|_| is("text")) {
        fields.rest.push(text);
    } else if is("svg") {
        let span = mark.as_ref().map_or(whole.span, |mark| mark.name.span);
        let empty = Record { fields: Vec::new(), damaged: false, span };
        fields.put("svg", span, Value { kind: ValueKind::Record(empty), span });
        fields.rest.extend(svg.iter().filter_map(|svg| record_of(&svg.value)).flat_map(|svg| svg.fields.clone()));
    } else if let Some(image) = image.as_ref().filter(|_| is("image")) {
        fields.rest.extend(record_of(&image.value).into_iter().flat_map(|image| image.fields.clone()));
        picture_of_mark(reader, fields, image.name.span);
    }
    // The width is a tenth of the picture unless it is said, whatever the height.
    if let (Some(height), None) = (fields.get("height"), fields.get("width")) {
        let span = height.span;
        let tenth = ValueKind::Quantity(Quantity::Percent(Percent::from_integer(10)));
        fields.put("width", span, Value { kind: tenth, span });
    }
}

/// The picture itself in base64, or, which is ours, a file beside the text.
fn picture_of_mark(reader: &mut Reader, fields: &mut Fields, span: Span) {
    match (fields.take("@content"), fields.get("image").is_some()) {
        (Some(content), true) => {
            let message = message!("`ImageContent` and `ImageUrl` exclude each other");
            let problem = Diagnostic::new(&codes::CONFLICTING_FIELDS, message).at(content.name.span, "");
            reader.diagnostics.push(problem);
        }
        (Some(content), false) => {
            let ValueKind::Text(base64) = &content.value.kind else { return };
            let kind = ValueKind::Text(format!("{INLINE}{base64}"));
            fields.put("image", content.name.span, Value { kind, span: content.value.span });
        }
        (None, true) => {}
        (None, false) => {
            let message = message!("`{}` lacks the field `{}`", "ImageTemplate", "ImageContent");
            let problem = Diagnostic::new(&codes::MISSING_FIELD, message).at(span, "");
            let help = message!("give the picture in base64, or as `\"ImageUrl\"` a file beside this one");
            reader.diagnostics.push(problem.with_help(help));
        }
    }
}
