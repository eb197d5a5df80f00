//! From fields as the language groups them to fields as the API does: the way back of `shape`.

use super::shape::{Fields, word, word_of};
use super::table::Generation;
use super::write::Writer;
use crate::syntax::ast::{self, Field, Mark, Name, Quantity, Record, Statement, StatementKind, Trim, Value, ValueKind};
use crate::text::Span;
use crate::units::{Duration, Rational};

/// The fields of a template as the API groups them, with its name.
pub fn template(generation: Generation, kind: &str, record: &Record, name: &Name) -> Record {
    let mut fields = Fields::of(record);
    rename(&mut fields, "id", "@id");
    match kind {
        "transcode" => rendition(generation, &mut fields),
        "adaptive" => adaptive(generation, &mut fields),
        "sample" | "sprite" => {
            sides(generation, &mut fields);
            distance(&mut fields);
        }
        "snapshot" | "animated" => sides(generation, &mut fields),
        "watermark" => watermark(generation, &mut fields, record.span),
        _ => {}
    }
    fields.put("@name", name.span, Value { kind: ValueKind::Text(name.value.clone()), span: name.span });
    Record { fields: fields.rest, damaged: false, span: record.span }
}

fn rename(fields: &mut Fields, from: &str, to: &str) {
    if let Some(mut field) = fields.take(from) {
        field.name.value = to.to_owned();
        fields.rest.push(field);
    }
}

fn text(kind: ValueKind, span: Span) -> Value {
    Value { kind, span }
}

fn inner_mut<'a>(fields: &'a mut Fields, name: &str) -> Option<&'a mut Record> {
    match &mut fields.rest.iter_mut().find(|field| field.name.value == name)?.value.kind {
        ValueKind::Record(record) => Some(record),
        _ => None,
    }
}

fn rendition(generation: Generation, fields: &mut Fields) {
    streams(generation, fields);
    if generation == Generation::V2 {
        let denoise = inner_mut(fields, "video").and_then(|video| {
            let mut inner = Fields { rest: std::mem::take(&mut video.fields) };
            let denoise = inner.take("denoise");
            video.fields = inner.rest;
            denoise
        });
        if let Some(mut denoise) = denoise {
            let span = denoise.name.span;
            denoise.name.value = "enable".to_owned();
            let record = Record { fields: vec![denoise], damaged: false, span };
            fields.put("@denoise", span, text(ValueKind::Record(record), span));
        }
        return;
    }
    // The length of segments stands in the picture.
    let time = segment(fields);
    match (time, inner_mut(fields, "video")) {
        (Some(mut time), Some(video)) => {
            time.name.value = "@segment_time".to_owned();
            video.fields.push(time);
        }
        (Some(time), None) if word_of(&time.value) != Some("auto") => fields.rest.push(time),
        _ => {}
    }
}

/// Takes the block of segments apart: its type stays, its length is given.
fn segment(fields: &mut Fields) -> Option<Field> {
    let ValueKind::Record(record) = fields.take("segment")?.value.kind else { return None };
    let mut inner = Fields { rest: record.fields };
    if let Some(mut kind) = inner.take("type") {
        kind.name.value = "@segment_type".to_owned();
        fields.rest.push(kind);
    }
    inner.take("time")
}

/// Streams that are left out have a switch of their own.
fn streams(generation: Generation, fields: &mut Fields) {
    for (stream, switch) in [("video", "@no_video"), ("audio", "@no_audio")] {
        if fields.get(stream).and_then(word_of) == Some("none") {
            rename(fields, stream, switch);
        }
    }
    if let Some(video) = inner_mut(fields, "video") {
        let mut inner = Fields { rest: std::mem::take(&mut video.fields) };
        picture(generation, &mut inner);
        video.fields = inner.rest;
    }
}

fn picture(generation: Generation, fields: &mut Fields) {
    sides(generation, fields);
    keyframes(generation, fields);
    rename(fields, "bframes", "@bframes");
    let keeps_range = fields.get("hdr").and_then(word_of) == Some("keep");
    if generation == Generation::V3 && keeps_range && fields.get("pixel_format").and_then(word_of) == Some("yuv420p10")
    {
        fields.take("pixel_format");
    }
}

fn sides(generation: Generation, fields: &mut Fields) {
    let is_clamped = fields.get("upscale").and_then(word_of) == Some("clamp");
    let mut clamped = false;
    for (open, close, raw) in [("long_side", "width", "@width"), ("short_side", "height", "@height")] {
        for (name, meaning) in [(open, "open"), (close, "close")] {
            let Some(mut side) = fields.take(name) else { continue };
            if fields.get("@adaptive").is_none() {
                fields.put("@adaptive", side.name.span, word(meaning, side.name.span));
            }
            if generation == Generation::V2 && is_clamped && word_of(&side.value).is_none() {
                side.value = text(ValueKind::AtMost(Box::new(side.value.clone())), side.value.span);
                clamped = true;
            }
            side.name.value = raw.to_owned();
            fields.rest.push(side);
        }
    }
    if clamped {
        fields.take("upscale");
    }
}

fn keyframes(generation: Generation, fields: &mut Fields) {
    let kind = match fields.get("gop") {
        Some(Value { kind: ValueKind::Quantity(quantity), .. }) => Some(*quantity),
        Some(_) if generation == Generation::V3 => None,
        _ => return,
    };
    let put = |fields: &mut Fields, number: Value, unit: &str| {
        let span = number.span;
        fields.take("gop");
        fields.put("@gop", span, number);
        fields.put("@gop_unit", span, word(unit, span));
    };
    let Some(span) = fields.get("gop").map(|gop| gop.span) else { return };
    match (kind, generation) {
        (Some(Quantity::Frames(frames)), Generation::V3) => {
            put(fields, text(ValueKind::Quantity(Quantity::Number(frames)), span), "frame");
        }
        (Some(Quantity::Duration(duration)), Generation::V3) if duration.seconds().is_integer() => {
            put(fields, text(ValueKind::Quantity(Quantity::Number(duration.seconds())), span), "second");
        }
        (None, Generation::V3) => put(fields, word("auto", span), "frame"),
        (Some(Quantity::Duration(_)), Generation::V2) => {
            if let Some(gop) = fields.take("gop") {
                fields.put("@least_gop", span, gop.value.clone());
                fields.put("@most_gop", span, gop.value);
            }
        }
        _ => {}
    }
}

fn distance(fields: &mut Fields) {
    let Some(every) = fields.take("every") else { return };
    let span = every.value.span;
    let (kind, number) = match every.value.kind {
        ValueKind::Quantity(Quantity::Percent(percent)) => ("percent", percent.0),
        ValueKind::Quantity(Quantity::Duration(duration)) => ("time", duration.seconds()),
        _ => return,
    };
    fields.put("@sample_type", span, word(kind, span));
    fields.put("@sample_interval", span, text(ValueKind::Quantity(Quantity::Number(number)), span));
}

fn adaptive(generation: Generation, fields: &mut Fields) {
    if let Some(mut time) = segment(fields) {
        time.name.value = "@segment_time".to_owned();
        fields.rest.push(time);
    }
    match fields.get("encrypt").and_then(word_of) {
        Some("none") => drop(fields.take("encrypt")),
        _ => rename(fields, "encrypt", "@drm"),
    }
    let Some(rungs) = fields.rest.iter_mut().find(|field| field.name.value == "rungs") else { return };
    let ValueKind::List(rungs) = &mut rungs.value.kind else { return };
    for rung in rungs {
        let ValueKind::Record(record) = &mut rung.kind else { continue };
        let mut inner = Fields { rest: std::mem::take(&mut record.fields) };
        streams(generation, &mut inner);
        record.fields = inner.rest;
    }
}

fn watermark(generation: Generation, fields: &mut Fields, span: Span) {
    let kind = ["text", "svg"].into_iter().find(|kind| fields.get(kind).is_some()).unwrap_or("image");
    fields.put("@mark", span, word(kind, span));
    if generation == Generation::V2 {
        return;
    }
    let inside: &[&str] = match kind {
        "image" => &["@content", "image", "width", "height", "repeat", "opacity"],
        "svg" => &["width", "height"],
        _ => return,
    };
    fields.take("svg");
    if let Some(Value { kind: ValueKind::Text(picture), span }) = fields.get("image")
        && let Some((head, base64)) = picture.split_once(',')
        && head.starts_with("data:")
        && head.ends_with(";base64")
    {
        let (content, span) = (text(ValueKind::Text(base64.to_owned()), *span), *span);
        fields.take("image");
        fields.put("@content", span, content);
    }
    let inside: Vec<Field> = inside.iter().filter_map(|name| fields.take(name)).collect();
    let record = Record { fields: inside, damaged: false, span };
    fields.put(&format!("@{kind}"), span, text(ValueKind::Record(record), span));
}

/// The lists of a flow, with its name and options.
pub fn procedure(writer: &mut Writer, node: &ast::Procedure) -> Record {
    let mut fields = Fields { rest: Vec::new() };
    let span = node.span;
    fields.put("@name", span, text(ValueKind::Text(node.name.value.clone()), span));
    if let Some(doc) = &node.doc {
        fields.put("@comment", span, text(ValueKind::Text(doc.clone()), span));
    }
    let mut shared = Vec::new();
    for option in node.options.iter().flat_map(|options| &options.fields) {
        let is_shared =
            ["only_below_source_bitrate", "master_playlist", "idr_alignment"].contains(&option.name.value.as_str());
        match is_shared && writer.generation == Generation::V2 {
            true => shared.push(option.clone()),
            false => fields.rest.push(option.clone()),
        }
    }
    for statement in &node.body {
        for (list, entry) in requests(writer, statement, &shared) {
            let value = text(ValueKind::Record(entry), statement.span);
            match fields.rest.iter_mut().find(|field| field.name.value == list) {
                Some(Field { value: Value { kind: ValueKind::List(entries), .. }, .. }) => entries.push(value),
                _ => fields.put(list, statement.span, text(ValueKind::List(vec![value]), statement.span)),
            }
        }
    }
    // They stand on the block of renditions; without one there is no place for them.
    if fields.get("@transcode").is_none() {
        fields.rest.extend(shared);
    }
    Record { fields: fields.rest, damaged: false, span }
}

/// A statement as entries of the list that it belongs to.
fn requests(writer: &mut Writer, statement: &Statement, shared: &[Field]) -> Vec<(&'static str, Record)> {
    let span = statement.span;
    let mut entry = Entry { writer, fields: Fields { rest: Vec::new() }, span };
    let (list, templates): (&'static str, &[Value]) = match &statement.kind {
        StatementKind::Transcode { templates, overrides, trim, marks, encrypt } => {
            entry.fields.rest.extend(shared.iter().cloned());
            entry.trim(trim);
            entry.marks(marks);
            if let Some(overrides) = overrides {
                let mut fields = Fields::of(overrides);
                rendition(entry.writer.generation, &mut fields);
                let record = Record { fields: fields.rest, damaged: false, span };
                entry.fields.put("@overrides", span, text(ValueKind::Record(record), span));
            }
            if let Some(encrypt) = encrypt {
                let field = Field { name: Name::new("@template".to_owned(), span), value: encrypt.clone() };
                let record = Record { fields: vec![field], damaged: false, span };
                entry.fields.put("@drm", span, text(ValueKind::Record(record), span));
            }
            ("@transcode", templates)
        }
        StatementKind::Adaptive { templates, trim, marks } => {
            entry.trim(trim);
            entry.marks(marks);
            ("@adaptive", templates)
        }
        StatementKind::Animate { templates, trim } => {
            entry.both_ends(trim);
            ("@animate", templates)
        }
        StatementKind::Snapshot { times, template, marks } => {
            let all = text(ValueKind::List(times.clone()), span);
            let word = entry.writer.generation.pick("@old_times", "@times");
            entry.fields.put(word, span, all);
            entry.marks(marks);
            ("@snapshot", std::slice::from_ref(template))
        }
        StatementKind::Sample { template, marks } => {
            entry.marks(marks);
            ("@sample", std::slice::from_ref(template))
        }
        StatementKind::Cover { time, template, marks } => {
            entry.position(time);
            entry.marks(marks);
            ("@cover", std::slice::from_ref(template))
        }
        StatementKind::Sprite { template } => ("@sprite", std::slice::from_ref(template)),
        StatementKind::Review { template } => ("@review", std::slice::from_ref(template)),
        _ => return Vec::new(),
    };
    let several = entry.writer.generation == Generation::V2 && matches!(list, "@transcode" | "@animate");
    let templates: Vec<Value> = match several {
        true => vec![text(ValueKind::List(templates.to_vec()), span)],
        false => templates.to_vec(),
    };
    let entry = entry.fields.rest;
    let one = |template: Value| {
        let name = Name::new("@template".to_owned(), template.span);
        let fields = [Field { name, value: template }].into_iter().chain(entry.iter().cloned()).collect();
        (list, Record { fields, damaged: false, span })
    };
    templates.into_iter().map(one).collect()
}

/// A request being made.
struct Entry<'w> {
    writer: &'w mut Writer,
    fields: Fields,
    span: Span,
}

impl Entry<'_> {
    fn trim(&mut self, trim: &Trim) {
        // The end of the source is where a part ends anyway.
        let to = trim.to.as_ref().filter(|to| word_of(to) != Some("end"));
        for (name, end) in [("from", trim.from.as_ref()), ("to", to)] {
            if let Some(end) = end {
                self.fields.put(name, self.span, end.clone());
            }
        }
    }

    /// Ends that are natural are written as 0.
    fn both_ends(&mut self, trim: &Trim) {
        self.trim(trim);
        if self.writer.generation == Generation::V3 {
            let zero = ValueKind::Quantity(Quantity::Duration(Duration::ZERO));
            for name in ["from", "to"] {
                if self.fields.get(name).is_none() {
                    self.fields.put(name, self.span, text(zero.clone(), self.span));
                }
            }
        }
    }

    fn marks(&mut self, marks: &[Mark]) {
        if marks.is_empty() {
            return;
        }
        if let (Generation::V2, [mark]) = (self.writer.generation, marks)
            && mark.arguments.is_empty()
        {
            let one = ValueKind::Quantity(Quantity::Number(Rational::ONE));
            let template = match word_of(&mark.template) {
                Some("default") => text(one, mark.span),
                _ => mark.template.clone(),
            };
            self.fields.put("@mark", mark.span, template);
            return;
        }
        let mark = |mark: &Mark| {
            let name = Name::new("@template".to_owned(), mark.span);
            let fields = [Field { name, value: mark.template.clone() }].into_iter().chain(mark.arguments.clone());
            text(ValueKind::Record(Record { fields: fields.collect(), damaged: false, span: mark.span }), mark.span)
        };
        self.fields.put("@marks", self.span, text(ValueKind::List(marks.iter().map(mark).collect()), self.span));
    }

    fn position(&mut self, time: &Value) {
        let (kind, number) = match time.kind {
            ValueKind::Quantity(Quantity::Percent(percent)) => ("percent", percent.0),
            ValueKind::Quantity(Quantity::Duration(duration)) => ("time", duration.seconds()),
            _ => {
                self.writer.lacks("at", time, "CoverBySnapshotTaskInput");
                return;
            }
        };
        self.fields.put("@position_type", self.span, word(kind, self.span));
        self.fields.put("@position", self.span, text(ValueKind::Quantity(Quantity::Number(number)), self.span));
    }
}
