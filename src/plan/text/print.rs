//! Operations as words.

use super::package::{member_text, variants_text};
use crate::plan::op::{Mux, Op, Picked, Trim, Write};
use crate::plan::stream::{AudioType, HighRange, StreamType, VideoType};
use crate::plan::{
    Adaptive, AnimationCoding, AudioCoding, EncryptionSpec, FrameTiming, LogicalPlan, Master, Palette, PictureCoding,
    RateControl, VideoCoding,
};
use petgraph::stable_graph::NodeIndex;
use std::fmt::Display;

/// The whole plan, one node a line.
pub fn print(plan: &LogicalPlan) -> String {
    let mut text = String::new();
    for index in plan.ordered() {
        text.push_str(&node_line(plan, index));
        text.push('\n');
    }
    text
}

/// One node as its line.
pub fn node_line(plan: &LogicalPlan, index: NodeIndex) -> String {
    let node = plan.node(index);
    let mut line = Line(String::new());
    if !node.op.is_sink() {
        line.0 = format!("%{} =", node.number);
    }
    line.raw(node.op.word());
    for input in plan.inputs(index) {
        line.raw(&format!("%{}", plan.node(input).number));
    }
    line.op(&node.op, Names::Shown);
    line.0.trim_start().to_owned()
}

/// What of an operation its key depends on: the same words without the names that only people see.
pub(in crate::plan) fn key_text(op: &Op) -> String {
    let mut line = Line(op.word().to_owned());
    line.op(op, Names::Hidden);
    line.0
}

/// Whether names of files are printed.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Shown,
    Hidden,
}

/// A line under construction.
struct Line(String);

impl Line {
    fn raw(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(word);
    }

    fn atom(&mut self, value: impl Display) {
        let value = quoted_if_needed(&value.to_string());
        self.raw(&value);
    }

    fn pair(&mut self, key: &str, value: impl Display) {
        let value = quoted_if_needed(&value.to_string());
        self.raw(&format!("{key}={value}"));
    }

    fn optional(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.pair(key, value);
        }
    }

    fn name(&mut self, names: Names, prefix: &str, name: impl Display) {
        if names == Names::Shown {
            self.atom(format!("{prefix}{name}"));
        }
    }

    fn op(&mut self, op: &Op, names: Names) {
        match op {
            Op::Demux { name, identity } => {
                self.name(names, "$IN/", name);
                self.atom(identity);
            }
            Op::Decode { stream, output } => {
                self.atom(stream);
                self.stream(output);
            }
            Op::Mark { name, image, size, opacity, inset, play } => {
                self.name(names, "$MARK/", name);
                self.atom(image);
                self.atom(size);
                self.pair("opacity", opacity);
                if *inset != (0, 0) {
                    self.pair("inset", format!("{}x{}", inset.0, inset.1));
                }
                if let Some(play) = play {
                    self.pair("play", play.repeat);
                    self.pair("pace", &play.pace);
                }
            }
            Op::Copy(copy) => {
                self.atom(copy.stream);
                self.stream(&copy.output);
                self.pair("zero", copy.zero.0);
            }
            Op::Shift { zero } => self.pair("zero", zero.0),
            Op::Deinterlace | Op::Denoise => {}
            Op::ToneMap { curve } => self.atom(curve.word()),
            Op::Trim(trim) => self.trim(trim),
            Op::Retime { rate } => self.atom(rate),
            Op::Pick { pictures } => pictures.iter().for_each(|picked| self.picked(picked)),
            Op::Scale { size, scaler } => {
                self.atom(size);
                self.atom(scaler.word());
            }
            Op::Pad { size, fill } => {
                self.atom(size);
                self.atom(fill);
            }
            Op::Tile { columns, rows, cells } => {
                self.atom(format!("{columns}x{rows}"));
                self.atom(super::sequence::print(cells));
            }
            Op::Animate { rate, pictures } => {
                self.atom(rate);
                self.atom(super::sequence::print(pictures));
            }
            Op::Convert { pixel_format, colour, scaler } => {
                self.atom(&pixel_format.0);
                self.atom(colour);
                self.atom(scaler.word());
            }
            Op::Overlay { x, y, from, to } => {
                self.pair("x", x);
                self.pair("y", y);
                self.optional("from", from.map(|time| time.0));
                self.optional("to", to.map(|time| time.0));
            }
            Op::Resample { sample_rate, channels } => {
                self.atom(sample_rate);
                self.pair("channels", channels);
            }
            Op::AnalyseVideo(coding) | Op::EncodeVideo(coding) => self.video_coding(coding),
            Op::EncodeAudio(coding) => self.audio_coding(coding),
            Op::EncodePictures(coding) => self.picture_coding(coding),
            Op::EncodeAnimation(coding) => self.animation_coding(coding),
            Op::WriteAnimation { path } => self.name(names, "$OUT/", path),
            Op::Mux(mux) => self.mux(mux, names),
            Op::Adaptive(package) => self.adaptive(package, names),
            Op::Master(master) => self.master(master, names),
            Op::Write(write) => self.write(write, names),
        }
    }

    fn stream(&mut self, stream: &StreamType) {
        match stream {
            StreamType::Video(video) => self.video(video),
            StreamType::Audio(sound) => self.sound(sound),
            StreamType::EncodedVideo(codec, video) => {
                self.atom(codec);
                self.video(video);
            }
            StreamType::EncodedAudio(codec, sound) => {
                self.atom(codec);
                self.sound(sound);
            }
            _ => {}
        }
    }

    fn video(&mut self, video: &VideoType) {
        self.pair("size", video.size);
        self.pair("aspect", video.sample_aspect);
        self.timing(video.timing);
        self.pair("pixels", &video.pixel_format.0);
        self.pair("colour", video.colour);
        self.pair("base", video.time_base);
        self.pair("start", video.start.0);
        self.pair("length", video.duration.seconds());
        self.pair("frames", video.frames);
    }

    fn sound(&mut self, sound: &AudioType) {
        self.pair("rate", sound.sample_rate);
        self.pair("channels", sound.channels);
        self.pair("start", sound.start.0);
        self.pair("length", sound.duration.seconds());
    }

    fn timing(&mut self, timing: FrameTiming) {
        match timing {
            FrameTiming::Constant(rate) => self.pair("fps", rate),
            FrameTiming::AsSource(rate) => self.pair("fps", format!("vfr:{rate}")),
        }
    }

    fn picked(&mut self, picked: &Picked) {
        let from = picked.not_before.map(|time| format!(">{}", time.0)).unwrap_or_default();
        self.atom(format!("{}@{}{from}", picked.picture.index, picked.picture.time.0));
    }

    fn trim(&mut self, trim: &Trim) {
        self.pair("from", trim.from.0);
        self.pair("to", trim.to.0);
        if let Some(kept) = &trim.pictures {
            self.pair("pictures", kept.count);
            self.optional("not_before", kept.not_before.map(|time| time.0));
            self.optional("before", kept.before.map(|time| time.0));
        }
    }

    fn video_coding(&mut self, coding: &VideoCoding) {
        self.atom(coding.codec);
        self.pair("by", &coding.implementation);
        match coding.rate_control {
            RateControl::Quality { crf, ceiling } => {
                self.pair("crf", crf);
                self.optional("ceiling", ceiling);
            }
            RateControl::Rate { target, ceiling, buffer, constant } => {
                self.pair(if constant { "constant" } else { "rate" }, target);
                self.optional("ceiling", ceiling);
                self.optional("buffer", buffer);
            }
        }
        self.optional("profile", coding.profile);
        self.optional("level", coding.level);
        self.optional("bframes", coding.bframes);
        self.pair("gop", coding.gop);
        self.pair("speed", coding.speed);
        self.pair("threads", coding.threads);
        self.timing(coding.timing);
        self.optional("tag", coding.tag);
        self.optional("curve", coding.high_range.map(HighRange::word));
        self.optional("mastering", coding.mastering);
        self.optional("light", coding.light);
    }

    fn audio_coding(&mut self, coding: &AudioCoding) {
        self.atom(coding.codec);
        self.pair("by", &coding.implementation);
        self.optional("bitrate", coding.bitrate);
        self.pair("rate", coding.sample_rate);
        self.pair("channels", coding.channels);
    }

    fn picture_coding(&mut self, coding: &PictureCoding) {
        self.atom(coding.format);
        self.pair("by", &coding.implementation);
        self.pair("count", coding.count);
    }

    fn animation_coding(&mut self, coding: &AnimationCoding) {
        self.atom(coding.format);
        self.pair("by", &coding.implementation);
        self.optional("quality", coding.quality);
        self.optional("palette", coding.palette.map(Palette::word));
    }

    fn mux(&mut self, mux: &Mux, names: Names) {
        self.atom(mux.container);
        self.name(names, "$OUT/", &mux.path);
        if let Some((kind, duration)) = mux.segment {
            self.pair("segment", format!("{kind}:{}", duration.seconds()));
        }
        self.encryption(mux.encryption.as_ref());
        for (at, tag) in mux.tags.iter().enumerate() {
            let (language, title) = (tag.language.as_deref(), tag.title.as_deref());
            self.pair(&format!("track{at}"), format!("{}:{}", language.unwrap_or_default(), title.unwrap_or_default()));
        }
    }

    fn adaptive(&mut self, package: &Adaptive, names: Names) {
        self.atom(package.format);
        self.name(names, "$OUT/", &package.path);
        self.pair("segment", format!("{}:{}", package.segments, package.segment.seconds()));
        self.pair("variants", variants_text(&package.variants));
        self.encryption(package.encryption.as_ref());
    }

    fn master(&mut self, master: &Master, names: Names) {
        self.name(names, "$OUT/", &master.path);
        master.members.iter().for_each(|member| self.atom(member_text(member)));
    }

    fn encryption(&mut self, encryption: Option<&EncryptionSpec>) {
        if let Some(encryption) = encryption {
            self.pair("encrypt", &encryption.label);
            self.pair("method", encryption.method);
            self.pair("key_url", &encryption.key_url);
            self.optional("key_source", encryption.key_source.as_ref());
            self.optional("file_id", encryption.file_id.as_ref());
        }
    }

    fn write(&mut self, write: &Write, names: Names) {
        self.atom(write.format);
        self.name(names, "$OUT/", &write.stem);
        let numbers: Vec<String> = write.pictures.iter().map(u32::to_string).collect();
        self.pair("pictures", ranges(&write.pictures).unwrap_or_else(|| numbers.join(",")));
        if let Some(index) = &write.index {
            self.pair("cells", index.cells);
            self.pair("grid", format!("{}x{}", index.columns, index.rows));
            self.pair("cell", index.cell);
            self.pair("every", index.every.seconds());
            self.pair("end", index.end.seconds());
            let starts: Vec<String> = index.starts.iter().map(|start| start.0.to_string()).collect();
            self.optional("starts", Some(starts.join(",")).filter(|list| !list.is_empty()));
        }
    }
}

/// `1-10` for consecutive numbers.
fn ranges(numbers: &[u32]) -> Option<String> {
    let (first, last) = (numbers.first()?, numbers.last()?);
    let consecutive = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    (consecutive && numbers.len() > 2).then(|| format!("{first}-{last}"))
}

/// Quotes a value that white space, quotes or marks of the grammar would break, with JSON's escapes.
fn quoted_if_needed(value: &str) -> String {
    let breaks = |c: char| c.is_whitespace() || c.is_control() || "\"#=\\".contains(c);
    if value.is_empty() || value.contains(breaks) || (value.starts_with('%')) {
        serde_json::Value::from(value).to_string()
    } else {
        value.to_owned()
    }
}
