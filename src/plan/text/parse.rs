//! Words as operations: the inverse of printing.

use super::package::{member_from, variants_from};
use crate::catalog::template::{
    AdaptiveFormat, AnimatedFormat, AudioCodec, CodecTag, Container, EncryptionMethod, Fill, ImageFormat,
    PackageSegments, Profile, Repeat, SegmentKind, Speed, VideoCodec,
};
use crate::media::{ContentHash, PictureRef};
use crate::plan::op::{KeptPictures, Mux, Op, Picked, Play, StreamCopy, TrackTag, Trim, Write};
use crate::plan::sequence::SheetIndex;
use crate::plan::stream::{AudioType, HighRange, PixelFormat, StreamType, VideoType};
use crate::plan::{
    Adaptive, AnimationCoding, AudioCoding, EncryptionSpec, FrameTiming, LogicalPlan, Master, OutputPath, Palette,
    PictureCoding, RateControl, StreamSelector, Threads, VideoCoding,
};
use crate::target::{Implementation, Scaler};
use crate::units::{Bitrate, Duration, FrameRate, Frequency, Percent, Rational, Resolution, Timestamp};
use pest::Parser;
use pest::iterators::Pair;
use std::collections::{BTreeMap, VecDeque};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/plan.pest"]
struct PlanParser;

/// Plan text that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("plan text, line {line}: {message}")]
pub struct PlanTextError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads a plan; keys are computed anew.
pub fn parse(text: &str) -> Result<LogicalPlan, PlanTextError> {
    let mut pairs = PlanParser::parse(Rule::plan, text).map_err(|error| PlanTextError {
        line: match error.line_col {
            pest::error::LineColLocation::Pos((line, _)) | pest::error::LineColLocation::Span((line, _), _) => line,
        },
        message: "not a line of the form `%1 = operation %0 option key=value`".into(),
    })?;
    let nodes = pairs.next().into_iter().flat_map(Pair::into_inner).filter(|pair| pair.as_rule() == Rule::node);
    let mut lines = Vec::new();
    for node in nodes {
        let line = node.line_col().0;
        lines.push((line, Words::read(node).map_err(|message| PlanTextError { line, message })?));
    }
    build(lines)
}

/// Nodes without a name (sinks) are numbered after all that have one.
fn build(lines: Vec<(usize, Words)>) -> Result<LogicalPlan, PlanTextError> {
    let mut plan = LogicalPlan::default();
    let mut by_number = BTreeMap::new();
    let mut next = lines.iter().filter_map(|(_, words)| words.number).max().map_or(0, |last| last.saturating_add(1));
    for (line, words) in lines {
        let fail = |message: String| PlanTextError { line, message };
        let inputs: Option<Vec<_>> = words.inputs.iter().map(|number| by_number.get(number).copied()).collect();
        let inputs = inputs.ok_or_else(|| fail("an input is not defined above".into()))?;
        let number = words.number.unwrap_or_else(|| {
            next = next.saturating_add(1);
            next - 1
        });
        let op = operation(words).map_err(fail)?;
        if by_number.contains_key(&number) {
            return Err(fail(format!("%{number} is defined twice")));
        }
        let index = plan.add_numbered(number, op, &inputs).map_err(|error| fail(error.to_string()))?;
        by_number.insert(number, index);
    }
    Ok(plan)
}

type Read<T> = Result<T, String>;

/// The words of one line, taken one by one.
struct Words {
    number: Option<u32>,
    word: String,
    inputs: Vec<u32>,
    atoms: VecDeque<String>,
    pairs: BTreeMap<String, String>,
}

impl Words {
    fn read(node: Pair<Rule>) -> Read<Words> {
        let mut words = Words {
            number: None,
            word: String::new(),
            inputs: Vec::new(),
            atoms: VecDeque::new(),
            pairs: BTreeMap::new(),
        };
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::name if words.word.is_empty() => words.number = Some(node_number(&part)?),
                Rule::name => words.inputs.push(node_number(&part)?),
                Rule::word => words.word = part.as_str().to_owned(),
                Rule::pair => {
                    let mut inner = part.into_inner();
                    let key = inner.next().map(|key| key.as_str().to_owned()).unwrap_or_default();
                    let value = inner.next().map_or(Ok(String::new()), |value| unquoted(&value))?;
                    if words.pairs.insert(key.clone(), value).is_some() {
                        return Err(format!("`{key}` is given twice"));
                    }
                }
                _ => words.atoms.push_back(unquoted(&part)?),
            }
        }
        Ok(words)
    }

    fn atom(&mut self) -> Read<String> {
        self.atoms.pop_front().ok_or_else(|| format!("`{}` lacks a word", self.word))
    }

    fn optional(&mut self, key: &str) -> Option<String> {
        self.pairs.remove(key)
    }

    fn pair(&mut self, key: &str) -> Read<String> {
        self.optional(key).ok_or_else(|| format!("`{}` lacks `{key}`", self.word))
    }

    fn number_pair<T: std::str::FromStr>(&mut self, key: &str) -> Read<T> {
        number(&self.pair(key)?)
    }

    fn optional_number<T: std::str::FromStr>(&mut self, key: &str) -> Read<Option<T>> {
        self.optional(key).map(|text| number(&text)).transpose()
    }

    fn named(&mut self, prefix: &str) -> Read<String> {
        let atom = self.atom()?;
        atom.strip_prefix(prefix).map(str::to_owned).ok_or_else(|| format!("`{atom}` should start with `{prefix}`"))
    }

    fn output_path(&mut self) -> Read<OutputPath> {
        let path = self.named("$OUT/")?;
        OutputPath::new(&path).ok_or_else(|| format!("`{path}` is no path below the output folder"))
    }

    fn word<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        let atom = self.atom()?;
        read(&atom).ok_or_else(|| unreadable(&atom))
    }

    fn finish(self) -> Read<()> {
        match self.atoms.front().or(self.pairs.keys().next()) {
            Some(rest) => Err(format!("`{}` takes no `{rest}`", self.word)),
            None => Ok(()),
        }
    }
}

fn inset(text: &str) -> Read<(u8, u8)> {
    let (columns, rows) = text.split_once('x').ok_or_else(|| unreadable(text))?;
    Ok((number(columns)?, number(rows)?))
}

fn play(repeat: &str, pace: &str) -> Read<Play> {
    let repeat = Repeat::from_word(repeat).ok_or_else(|| unreadable(repeat))?;
    Ok(Play { pace: pace.parse().map_err(|_| unreadable(pace))?, repeat })
}

fn operation(mut words: Words) -> Read<Op> {
    let w = &mut words;
    let op = match w.word.as_str() {
        "demux" => Op::Demux { name: w.named("$IN/")?, identity: ContentHash(w.atom()?) },
        "decode" => decode(w)?,
        "copy" => Op::Copy(copy(w)?),
        "mark" => Op::Mark {
            name: w.named("$MARK/")?,
            image: ContentHash(w.atom()?),
            size: resolution(&w.atom()?)?,
            opacity: percent(&w.pair("opacity")?)?,
            inset: w.optional("inset").map_or(Ok((0, 0)), |text| inset(&text))?,
            play: w.optional("play").map(|repeat| play(&repeat, &w.pair("pace")?)).transpose()?,
        },
        "shift" => Op::Shift { zero: Timestamp(w.number_pair("zero")?) },
        "deinterlace" => Op::Deinterlace,
        "denoise" => Op::Denoise,
        "tone-map" => Op::ToneMap { curve: w.word(HighRange::from_word)? },
        "trim" => Op::Trim(trim(w)?),
        "retime" => Op::Retime { rate: frame_rate(&w.atom()?)? },
        "pick" => Op::Pick { pictures: w.atoms.drain(..).map(|atom| picked(&atom)).collect::<Read<_>>()? },
        "scale" => Op::Scale { size: resolution(&w.atom()?)?, scaler: w.word(Scaler::from_word)? },
        "pad" => Op::Pad { size: resolution(&w.atom()?)?, fill: w.word(Fill::from_word)? },
        "tile" => {
            let grid = resolution(&w.atom()?)?;
            Op::Tile { columns: grid.width, rows: grid.height, cells: w.word(super::sequence::parse)? }
        }
        "animate" => Op::Animate { rate: frame_rate(&w.atom()?)?, pictures: w.word(super::sequence::parse)? },
        "convert" => Op::Convert {
            pixel_format: PixelFormat(w.atom()?),
            colour: w.word(|text| text.parse().ok())?,
            scaler: w.word(Scaler::from_word)?,
        },
        "overlay" => Op::Overlay {
            x: w.number_pair("x")?,
            y: w.number_pair("y")?,
            from: w.optional_number("from")?.map(Timestamp),
            to: w.optional_number("to")?.map(Timestamp),
        },
        "resample" => {
            Op::Resample { sample_rate: Frequency(number(&w.atom()?)?), channels: w.number_pair("channels")? }
        }
        "analyse-video" => Op::AnalyseVideo(video_coding(w)?),
        "encode-video" => Op::EncodeVideo(video_coding(w)?),
        "encode-audio" => Op::EncodeAudio(AudioCoding {
            codec: w.word(AudioCodec::from_word)?,
            implementation: Implementation(w.pair("by")?),
            bitrate: w.optional("bitrate").map(|text| bitrate(&text)).transpose()?,
            sample_rate: Frequency(w.number_pair("rate")?),
            channels: w.number_pair("channels")?,
        }),
        "encode-pictures" => Op::EncodePictures(PictureCoding {
            format: w.word(ImageFormat::from_word)?,
            implementation: Implementation(w.pair("by")?),
            count: w.number_pair("count")?,
        }),
        "encode-animation" => Op::EncodeAnimation(AnimationCoding {
            format: w.word(AnimatedFormat::from_word)?,
            implementation: Implementation(w.pair("by")?),
            quality: w.optional_number("quality")?,
            palette: w.optional("palette").map(|text| word(&text, Palette::from_word)).transpose()?,
        }),
        "write-animation" => Op::WriteAnimation { path: w.output_path()? },
        "mux" => Op::Mux(mux(w)?),
        "adaptive" => Op::Adaptive(adaptive(w)?),
        "master" => Op::Master(Master {
            path: w.output_path()?,
            members: w.atoms.drain(..).map(|atom| word(&atom, member_from)).collect::<Read<_>>()?,
        }),
        "write" => Op::Write(Write {
            format: w.word(ImageFormat::from_word)?,
            stem: w.output_path()?,
            pictures: numbers(&w.pair("pictures")?)?,
            index: sheet_index(w)?,
        }),
        other => return Err(format!("`{other}` is no operation")),
    };
    words.finish()?;
    Ok(op)
}

fn decode(w: &mut Words) -> Read<Op> {
    let stream = selector(&w.atom()?)?;
    let output = match stream {
        StreamSelector::Video { .. } => StreamType::Video(video(w)?),
        StreamSelector::Audio { .. } => StreamType::Audio(sound(w)?),
    };
    Ok(Op::Decode { stream, output })
}

fn copy(w: &mut Words) -> Read<StreamCopy> {
    let stream = selector(&w.atom()?)?;
    let output = match stream {
        StreamSelector::Video { .. } => StreamType::EncodedVideo(w.word(VideoCodec::from_word)?, video(w)?),
        StreamSelector::Audio { .. } => StreamType::EncodedAudio(w.word(AudioCodec::from_word)?, sound(w)?),
    };
    Ok(StreamCopy { stream, zero: Timestamp(w.number_pair("zero")?), output })
}

fn selector(text: &str) -> Read<StreamSelector> {
    match text.split_once(':') {
        Some(("v", index)) => Ok(StreamSelector::Video { index: number(index)? }),
        Some(("a", index)) => Ok(StreamSelector::Audio { index: number(index)? }),
        _ => Err(unreadable(text)),
    }
}

fn trim(w: &mut Words) -> Read<Trim> {
    let pictures = match w.optional_number("pictures")? {
        Some(count) => Some(KeptPictures {
            count,
            not_before: w.optional_number("not_before")?.map(Timestamp),
            before: w.optional_number("before")?.map(Timestamp),
        }),
        None => None,
    };
    Ok(Trim { from: Timestamp(w.number_pair("from")?), to: Timestamp(w.number_pair("to")?), pictures })
}

fn video(w: &mut Words) -> Read<VideoType> {
    Ok(VideoType {
        size: resolution(&w.pair("size")?)?,
        sample_aspect: w.number_pair("aspect")?,
        timing: timing(&w.pair("fps")?)?,
        pixel_format: PixelFormat(w.pair("pixels")?),
        colour: w.number_pair("colour")?,
        time_base: w.number_pair("base")?,
        start: Timestamp(w.number_pair("start")?),
        duration: Duration::from_seconds(w.number_pair("length")?),
        frames: w.number_pair("frames")?,
    })
}

fn sound(w: &mut Words) -> Read<AudioType> {
    Ok(AudioType {
        sample_rate: Frequency(w.number_pair("rate")?),
        channels: w.number_pair("channels")?,
        start: Timestamp(w.number_pair("start")?),
        duration: Duration::from_seconds(w.number_pair("length")?),
    })
}

fn video_coding(w: &mut Words) -> Read<VideoCoding> {
    let codec = w.word(VideoCodec::from_word)?;
    let implementation = Implementation(w.pair("by")?);
    let rate_control = match (w.optional_number("crf")?, w.optional("rate"), w.optional("constant")) {
        (Some(crf), None, None) => RateControl::Quality { crf, ceiling: ceiling(w)? },
        (None, Some(target), None) => rate(w, &target, false)?,
        (None, None, Some(target)) => rate(w, &target, true)?,
        _ => return Err("one of `crf`, `rate` and `constant` is needed".into()),
    };
    Ok(VideoCoding {
        codec,
        implementation,
        rate_control,
        profile: w.optional("profile").map(|text| word(&text, Profile::from_word)).transpose()?,
        level: w.optional_number("level")?,
        bframes: w.optional_number("bframes")?,
        gop: w.number_pair("gop")?,
        speed: word(&w.pair("speed")?, Speed::from_word)?,
        threads: threads(&w.pair("threads")?)?,
        timing: timing(&w.pair("fps")?)?,
        tag: w.optional("tag").map(|text| word(&text, CodecTag::from_word)).transpose()?,
        mastering: w.optional_number("mastering")?,
        light: w.optional_number("light")?,
        high_range: w.optional("curve").map(|text| word(&text, HighRange::from_word)).transpose()?,
    })
}

fn ceiling(w: &mut Words) -> Read<Option<Bitrate>> {
    w.optional("ceiling").map(|text| bitrate(&text)).transpose()
}

fn rate(w: &mut Words, target: &str, constant: bool) -> Read<RateControl> {
    Ok(RateControl::Rate {
        target: bitrate(target)?,
        ceiling: ceiling(w)?,
        buffer: w.optional("buffer").map(|text| bitrate(&text)).transpose()?,
        constant,
    })
}

fn mux(w: &mut Words) -> Read<Mux> {
    let container = w.word(Container::from_word)?;
    let path = w.output_path()?;
    let segment = w.optional("segment").map(|text| {
        let (kind, seconds) = text.split_once(':').ok_or_else(|| unreadable(&text))?;
        Ok::<_, String>((word(kind, SegmentKind::from_word)?, Duration::from_seconds(number(seconds)?)))
    });
    Ok(Mux { container, path, segment: segment.transpose()?, encryption: encryption(w)?, tags: tags(w)? })
}

fn tags(w: &mut Words) -> Read<Vec<TrackTag>> {
    let mut tags = Vec::new();
    while let Some(text) = w.optional(&format!("track{}", tags.len())) {
        let (language, title) = text.split_once(':').ok_or_else(|| unreadable(&text))?;
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        tags.push(TrackTag { language: said(language), title: said(title) });
    }
    Ok(tags)
}

fn adaptive(w: &mut Words) -> Read<Adaptive> {
    let format = w.word(AdaptiveFormat::from_word)?;
    let path = w.output_path()?;
    let segment = w.pair("segment")?;
    let (kind, seconds) = segment.split_once(':').ok_or_else(|| unreadable(&segment))?;
    Ok(Adaptive {
        format,
        path,
        segments: word(kind, PackageSegments::from_word)?,
        segment: Duration::from_seconds(number(seconds)?),
        variants: word(&w.pair("variants")?, variants_from)?,
        encryption: encryption(w)?,
    })
}

fn encryption(w: &mut Words) -> Read<Option<EncryptionSpec>> {
    let Some(label) = w.optional("encrypt") else { return Ok(None) };
    Ok(Some(EncryptionSpec {
        label,
        method: word(&w.pair("method")?, EncryptionMethod::from_word)?,
        key_url: w.pair("key_url")?,
        key_source: w.optional("key_source"),
        file_id: w.optional("file_id"),
    }))
}

fn sheet_index(w: &mut Words) -> Read<Option<SheetIndex>> {
    let Some(cells) = w.optional_number("cells")? else { return Ok(None) };
    let grid = resolution(&w.pair("grid")?)?;
    Ok(Some(SheetIndex {
        cells,
        columns: grid.width,
        rows: grid.height,
        cell: resolution(&w.pair("cell")?)?,
        every: Duration::from_seconds(w.number_pair("every")?),
        end: Duration::from_seconds(w.number_pair("end")?),
        starts: w
            .optional("starts")
            .map_or(Ok(Vec::new()), |list| list.split(',').map(|time| number(time).map(Timestamp)).collect())?,
    }))
}

fn picked(text: &str) -> Read<Picked> {
    let (index, times) = text.split_once('@').ok_or_else(|| unreadable(text))?;
    let (time, from) = times.split_once('>').map_or((times, None), |(time, from)| (time, Some(from)));
    let not_before = from.map(number::<Rational>).transpose()?.map(Timestamp);
    Ok(Picked { picture: PictureRef { index: number(index)?, time: Timestamp(number(time)?) }, not_before })
}

fn threads(text: &str) -> Read<Threads> {
    match text.split_once(':') {
        Some(("frames", count)) => number(count).map(Threads::Frames),
        Some(("slices", count)) => number(count).map(Threads::Slices),
        _ => Err(unreadable(text)),
    }
}

fn timing(text: &str) -> Read<FrameTiming> {
    match text.strip_prefix("vfr:") {
        Some(rate) => frame_rate(rate).map(FrameTiming::AsSource),
        None => frame_rate(text).map(FrameTiming::Constant),
    }
}

fn numbers(text: &str) -> Read<Vec<u32>> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (number::<u32>(first)?, number::<u32>(last)?);
        return if last.saturating_sub(first) < 100_000 { Ok((first..=last).collect()) } else { Err(unreadable(text)) };
    }
    text.split(',').map(number).collect()
}

fn number<T: std::str::FromStr>(text: &str) -> Read<T> {
    text.parse().map_err(|_| unreadable(text))
}

fn word<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
    read(text).ok_or_else(|| unreadable(text))
}

fn frame_rate(text: &str) -> Read<FrameRate> {
    FrameRate::new(number(text)?).ok_or_else(|| unreadable(text))
}

fn percent(text: &str) -> Read<Percent> {
    number(text.strip_suffix('%').unwrap_or(text)).map(Percent)
}

fn resolution(text: &str) -> Read<Resolution> {
    let (width, height) = text.split_once('x').ok_or_else(|| unreadable(text))?;
    Ok(Resolution::new(number(width)?, number(height)?))
}

fn bitrate(text: &str) -> Read<Bitrate> {
    match text.strip_suffix('k') {
        Some(thousands) => number::<u64>(thousands)?.checked_mul(1000).map(Bitrate).ok_or_else(|| unreadable(text)),
        None => number(text).map(Bitrate),
    }
}

fn node_number(name: &Pair<Rule>) -> Read<u32> {
    number(name.as_str().trim_start_matches('%'))
}

fn unquoted(pair: &Pair<Rule>) -> Read<String> {
    if pair.as_rule() == Rule::quoted {
        return serde_json::from_str(pair.as_str()).map_err(|_| unreadable(pair.as_str()));
    }
    Ok(pair.as_str().to_owned())
}

fn unreadable(text: &str) -> String {
    format!("`{}` cannot be read here", text.chars().take(64).collect::<String>())
}
