//! Operations of the logical plan, and the type of what each gives.

use crate::catalog::template::{Container, Fill, ImageFormat, Repeat, SegmentKind};
use crate::media::{ContentHash, Pace, PictureRef};
use crate::plan::sequence::{self, SheetIndex, Shown};
use crate::plan::stream::{AudioType, Colour, HighRange, PixelFormat, StreamType, VideoType};
use crate::plan::{
    Adaptive, AnimationCoding, AudioCoding, EncryptionSpec, FrameTiming, Master, OutputPath, PictureCoding,
    StreamSelector, VideoCoding,
};
use crate::target::Scaler;
use crate::units::{Duration, FrameRate, Frequency, Percent, Rational, Resolution, Timestamp};

/// One operation. Its inputs are the plan's edges, in port order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// Opens the source.
    Demux {
        /// Its name, for people.
        name: String,
        /// Its content.
        identity: ContentHash,
    },
    /// Decodes one stream; pictures come out upright (rotation undone).
    Decode {
        /// Which.
        stream: StreamSelector,
        /// What comes out.
        output: StreamType,
    },
    /// A mark's picture, decoded and scaled by us.
    Mark {
        /// File name, for people.
        name: String,
        /// Content.
        image: ContentHash,
        /// Size on the output.
        size: Resolution,
        /// How much it covers.
        opacity: Percent,
        /// Transparent columns to its left and rows above it (0 or 1): pictures whose colour planes have half the
        /// pixels take marks at even places only.
        inset: (u8, u8),
        /// How it moves, if it does.
        play: Option<Play>,
    },
    /// Moves time stamps so that `zero` becomes 0.
    Shift {
        /// T0 on the container's time line.
        zero: Timestamp,
    },
    /// Makes full pictures of interleaved fields.
    Deinterlace,
    /// Keeps a part; its start becomes time zero.
    Trim(Trim),
    /// Makes the rate constant from time zero: each slot shows the nearest picture.
    Retime {
        /// The rate.
        rate: FrameRate,
    },
    /// Keeps only some pictures.
    Pick {
        /// Which, in order of time, each once.
        pictures: Vec<Picked>,
    },
    /// Resizes; pixels come out square.
    Scale {
        /// To this size.
        size: Resolution,
        /// By this scaler.
        scaler: Scaler,
    },
    /// Puts the picture in the middle of a larger one.
    Pad {
        /// The larger size.
        size: Resolution,
        /// What fills the rest.
        fill: Fill,
    },
    /// Lays chosen pictures out on sheets, row by row; the last sheet is as large as the others.
    Tile {
        /// Pictures from left to right.
        columns: u32,
        /// Pictures from top to bottom.
        rows: u32,
        /// What each cell of all sheets shows.
        cells: Vec<Shown>,
    },
    /// Makes a film of chosen pictures, at a constant rate from time zero.
    Animate {
        /// The rate.
        rate: FrameRate,
        /// What each picture of the film shows.
        pictures: Vec<Shown>,
    },
    /// Changes pixel format and colour.
    Convert {
        /// To this format.
        pixel_format: PixelFormat,
        /// To this colour.
        colour: Colour,
        /// By this scaler's arithmetic.
        scaler: Scaler,
    },
    /// Maps a high dynamic range to the standard one, as 8-bit 4:2:0 in BT.709.
    ToneMap {
        /// The curve of the source.
        curve: HighRange,
    },
    /// Filters noise out.
    Denoise,
    /// Lays the second input over the first.
    Overlay {
        /// Pixels from the left edge to the mark's left edge.
        x: i64,
        /// Pixels from the top edge to the mark's top edge.
        y: i64,
        /// From when it is seen, if not from the start.
        from: Option<Timestamp>,
        /// Until when it is seen, if not to the end.
        to: Option<Timestamp>,
    },
    /// Brings sound to a rate and channel count, starting at time zero and without gaps.
    Resample {
        /// The rate.
        sample_rate: Frequency,
        /// The channels.
        channels: u8,
    },
    /// Takes an encoded stream of the source as it is.
    Copy(StreamCopy),
    /// Looks at pictures that move as an encoder does, and keeps what it found out instead of a stream: the first of two
    /// passes.
    AnalyseVideo(VideoCoding),
    /// Encodes pictures that move; with a second input, knowing what an analysis of the same pictures found out.
    EncodeVideo(VideoCoding),
    /// Encodes sound.
    EncodeAudio(AudioCoding),
    /// Encodes still pictures.
    EncodePictures(PictureCoding),
    /// Encodes a short silent film that browsers show as a picture.
    EncodeAnimation(AnimationCoding),
    /// Sink: puts encoded streams into a container by copying.
    Mux(Mux),
    /// Sink: puts encoded streams into an adaptive package by copying.
    Adaptive(Adaptive),
    /// Sink: lists renditions that other sinks write; its inputs are their streams.
    Master(Master),
    /// Sink: encoded pictures become files.
    Write(Write),
    /// Sink: an animation becomes a file.
    WriteAnimation {
        /// The visible file.
        path: OutputPath,
    },
}

/// How an animated mark is shown, from the moment on from which it is seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Play {
    /// Its pictures' times.
    pub pace: Pace,
    /// What follows the last one.
    pub repeat: Repeat,
}

/// A chosen picture and the moment from which on it is the one to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Picked {
    /// The picture.
    pub picture: PictureRef,
    /// Half-way between it and the one before: the first decoded picture from here on is the one. `None` for the very
    /// first picture. Comparing with half-way makes the choice independent of how time stamps are rounded.
    pub not_before: Option<Timestamp>,
}

/// A stream of the source that is copied.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StreamCopy {
    /// Which.
    pub stream: StreamSelector,
    /// T0 on the container's time line, which becomes zero.
    pub zero: Timestamp,
    /// What it is: encoded pictures or encoded sound, times counted from zero.
    pub output: StreamType,
}

/// A part of pictures or sound, from inclusive, to exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trim {
    /// Start of the part, which becomes zero.
    pub from: Timestamp,
    /// End of the part.
    pub to: Timestamp,
    /// Which pictures are kept; none for sound, which is cut at the sample.
    pub pictures: Option<KeptPictures>,
}

/// The pictures that a part keeps. Moments lie half-way between two pictures, as in [`Picked`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeptPictures {
    /// How many.
    pub count: u64,
    /// The first kept picture is the first from here on; `None` when it is the very first.
    pub not_before: Option<Timestamp>,
    /// No picture from here on is kept; `None` when the last one is.
    pub before: Option<Timestamp>,
}

/// A container to be written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mux {
    /// Its format.
    pub container: Container,
    /// The visible file; of a segmented container the playlist, whose folder belongs to the output alone.
    pub path: OutputPath,
    /// Form and nominal length of segments.
    pub segment: Option<(SegmentKind, Duration)>,
    /// Encryption of segments.
    pub encryption: Option<EncryptionSpec>,
    /// What is said of each sound track, in their order; empty where nothing is.
    pub tags: Vec<TrackTag>,
}

/// What a container says of a sound track.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TrackTag {
    /// Its language, as three letters of ISO 639-2.
    pub language: Option<String>,
    /// Its name, for people.
    pub title: Option<String>,
}

/// Pictures to be written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Write {
    /// The visible files are this and `_0`, `_1` … and the format's ending.
    pub stem: OutputPath,
    /// The format.
    pub format: ImageFormat,
    /// For each file, the number (from 1) of the encoded picture that it shows; one may serve several.
    pub pictures: Vec<u32>,
    /// Where on these files what time is seen, if they are sheets: written beside them for players.
    pub index: Option<SheetIndex>,
}

impl Write {
    /// The visible pictures, in order.
    pub fn paths(&self) -> Vec<OutputPath> {
        let path = |index| OutputPath::new(&format!("{}_{index}.{}", self.stem, self.format));
        (0..self.pictures.len()).filter_map(path).collect()
    }

    /// The visible index, if there is one.
    pub fn index_path(&self) -> Option<OutputPath> {
        self.index.as_ref().and_then(|_| OutputPath::new(&format!("{}.vtt", self.stem)))
    }
}

/// Inputs that an operation cannot work on: a mistake in vodflow, found when the plan is verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{op} cannot take {got}")]
pub struct TypeMismatch {
    op: &'static str,
    got: String,
}

impl Op {
    /// The word in plan text.
    pub fn word(&self) -> &'static str {
        match self {
            Op::Demux { .. } => "demux",
            Op::Decode { .. } => "decode",
            Op::Mark { .. } => "mark",
            Op::Shift { .. } => "shift",
            Op::Deinterlace => "deinterlace",
            Op::Trim(_) => "trim",
            Op::Retime { .. } => "retime",
            Op::Pick { .. } => "pick",
            Op::Scale { .. } => "scale",
            Op::Pad { .. } => "pad",
            Op::Tile { .. } => "tile",
            Op::Animate { .. } => "animate",
            Op::Convert { .. } => "convert",
            Op::ToneMap { .. } => "tone-map",
            Op::Denoise => "denoise",
            Op::Overlay { .. } => "overlay",
            Op::Resample { .. } => "resample",
            Op::Copy(_) => "copy",
            Op::AnalyseVideo(_) => "analyse-video",
            Op::EncodeVideo(_) => "encode-video",
            Op::EncodeAudio(_) => "encode-audio",
            Op::EncodePictures(_) => "encode-pictures",
            Op::EncodeAnimation(_) => "encode-animation",
            Op::Mux(_) => "mux",
            Op::Adaptive(_) => "adaptive",
            Op::Master(_) => "master",
            Op::Write(_) => "write",
            Op::WriteAnimation { .. } => "write-animation",
        }
    }

    /// Whether nothing reads from it.
    pub fn is_sink(&self) -> bool {
        matches!(self, Op::Mux(_) | Op::Adaptive(_) | Op::Master(_) | Op::Write(_) | Op::WriteAnimation { .. })
    }

    /// Whether it makes a file: an elementary stream or pictures, by encoding or by copying, or an encoder's statistics.
    pub fn is_encode(&self) -> bool {
        matches!(
            self,
            Op::Copy(_)
                | Op::AnalyseVideo(_)
                | Op::EncodeVideo(_)
                | Op::EncodeAudio(_)
                | Op::EncodePictures(_)
                | Op::EncodeAnimation(_)
        )
    }

    /// Whether it changes raw pictures or sound, or brings in a mark.
    pub fn is_filter(&self) -> bool {
        !self.is_sink() && !self.is_encode() && !matches!(self, Op::Demux { .. } | Op::Decode { .. })
    }

    /// What it gives, from what it is given; the one place that knows how operations change streams.
    pub fn output(&self, inputs: &[&StreamType]) -> Result<StreamType, TypeMismatch> {
        use StreamType::{
            Audio, Container, EncodedAnimation, EncodedAudio, EncodedStills, EncodedVideo, Mark, Nothing, Statistics,
            Stills, Video,
        };
        match (self, inputs) {
            (Op::Demux { .. }, []) => Ok(Container),
            (Op::Decode { output, .. }, [Container]) => Ok(output.clone()),
            (Op::Copy(StreamCopy { output: output @ (EncodedVideo(..) | EncodedAudio(..)), .. }), [Container]) => {
                Ok(output.clone())
            }
            (Op::Mark { size, .. }, []) => Ok(Mark(*size)),
            (Op::Shift { zero }, [Audio(sound)]) => {
                Ok(Audio(AudioType { start: earlier(sound.start, *zero), ..sound.clone() }))
            }
            (Op::Trim(Trim { from, to, pictures: None }), [Audio(sound)]) => {
                let (start, duration) = within(sound.start, sound.duration, *from, *to);
                Ok(Audio(AudioType { start, duration, ..sound.clone() }))
            }
            (Op::Resample { sample_rate, channels }, [Audio(sound)]) => {
                Ok(Audio(resampled(sound, *sample_rate, *channels)))
            }
            (Op::Pick { pictures }, [Video(video)]) => {
                Ok(Stills(VideoType { frames: pictures.len() as u64, ..video.clone() }))
            }
            (Op::Tile { columns, rows, cells }, [Stills(video)]) => {
                Ok(Stills(sequence::sheets(video, *columns, *rows, cells.len())))
            }
            (Op::Animate { rate, pictures }, [Stills(video)]) => {
                Ok(Video(sequence::film(video, *rate, pictures.len())))
            }
            (Op::Overlay { .. }, [Video(video), Mark(_)]) => Ok(Video(video.clone())),
            (Op::Overlay { .. }, [Stills(video), Mark(_)]) => Ok(Stills(video.clone())),
            (Op::AnalyseVideo(coding), [Video(video)]) => Ok(Statistics(coding.codec, video.clone())),
            (Op::EncodeVideo(coding), [Video(video)]) => Ok(EncodedVideo(coding.codec, video.clone())),
            (Op::EncodeVideo(coding), [Video(video), Statistics(codec, seen)])
                if *codec == coding.codec && seen == video =>
            {
                Ok(EncodedVideo(coding.codec, video.clone()))
            }
            (Op::EncodeAudio(coding), [Audio(sound)]) => Ok(EncodedAudio(coding.codec, sound.clone())),
            (Op::EncodePictures(coding), [Stills(video)]) => Ok(EncodedStills(coding.format, video.clone())),
            (Op::Mux(_), [EncodedVideo(..) | EncodedAudio(..), tracks @ ..])
                if tracks.iter().all(|track| matches!(track, EncodedAudio(..))) =>
            {
                Ok(Nothing)
            }
            (Op::EncodeAnimation(coding), [Video(video)]) => Ok(EncodedAnimation(coding.format, video.clone())),
            (Op::WriteAnimation { .. }, [EncodedAnimation(..)]) => Ok(Nothing),
            (Op::Adaptive(package), streams) if encoded(streams).is_some_and(|kinds| package.fits(&kinds)) => {
                Ok(Nothing)
            }
            (Op::Master(master), streams) if encoded(streams).is_some() => {
                let named: usize = master.members.iter().map(|member| usize::from(member.streams)).sum();
                if named == streams.len() && named > 0 { Ok(Nothing) } else { Err(self.mismatch(inputs)) }
            }
            (Op::Write(_), [EncodedStills(..)]) => Ok(Nothing),
            (op, [Video(video)]) => op.changed(video).map(Video).ok_or_else(|| self.mismatch(inputs)),
            (op, [Stills(video)]) => op.changed(video).map(Stills).ok_or_else(|| self.mismatch(inputs)),
            _ => Err(self.mismatch(inputs)),
        }
    }

    /// Whether it gives exactly what it is given (`remove-no-ops`). A `retime` never counts: it also tells the encoder
    /// the rate, which otherwise is the demuxer's guess.
    pub fn is_no_op(&self, inputs: &[&StreamType]) -> bool {
        match (self, inputs) {
            (Op::Shift { .. } | Op::Trim(_) | Op::Scale { .. } | Op::Pad { .. } | Op::Convert { .. }, [input]) => {
                self.output(inputs).as_ref() == Ok(*input)
            }
            _ => false,
        }
    }

    fn changed(&self, video: &VideoType) -> Option<VideoType> {
        let mut changed = video.clone();
        match self {
            Op::Shift { zero } => changed.start = earlier(video.start, *zero),
            Op::Deinterlace | Op::Denoise => {}
            Op::ToneMap { .. } => {
                changed.pixel_format = PixelFormat::yuv420p();
                changed.colour = Colour::STANDARD;
            }
            Op::Trim(Trim { from, to, pictures: Some(kept) }) => {
                (changed.start, changed.duration) = within(video.start, video.duration, *from, *to);
                changed.frames = kept.count;
            }
            Op::Retime { rate } => {
                let end = video.start.0 + video.duration.seconds();
                changed.timing = FrameTiming::Constant(*rate);
                changed.start = Timestamp::ZERO;
                changed.frames = u64::try_from((end * rate.per_second()).round()).unwrap_or(0).max(1);
                changed.duration =
                    Duration::from_seconds(Rational::of(changed.frames as i64, 1) * rate.frame_duration());
                changed.time_base = rate.frame_duration();
            }
            Op::Scale { size, .. } => {
                changed.size = *size;
                changed.sample_aspect = Rational::ONE;
            }
            // The picture is laid over its blurred copy, which needs one of the formats of renditions.
            Op::Pad { fill: Fill::Blur, .. } if !video.pixel_format.is_planar_420() => return None,
            Op::Pad { size, .. } => changed.size = *size,
            Op::Convert { pixel_format, colour, .. } => {
                changed.pixel_format = pixel_format.clone();
                changed.colour = *colour;
            }
            _ => return None,
        }
        Some(changed)
    }

    fn mismatch(&self, inputs: &[&StreamType]) -> TypeMismatch {
        TypeMismatch { op: self.word(), got: format!("{inputs:?}") }
    }
}

/// For each elementary stream whether it is a picture; `None` if one is something else.
fn encoded(streams: &[&StreamType]) -> Option<Vec<bool>> {
    let kind = |stream: &&StreamType| match stream {
        StreamType::EncodedVideo(..) => Some(true),
        StreamType::EncodedAudio(..) => Some(false),
        _ => None,
    };
    streams.iter().map(kind).collect()
}

fn earlier(start: Timestamp, zero: Timestamp) -> Timestamp {
    Timestamp(start.0 - zero.0)
}

/// Start and length of what lies between two moments, counted from the first of them.
fn within(start: Timestamp, duration: Duration, from: Timestamp, to: Timestamp) -> (Timestamp, Duration) {
    let end = (start.0 + duration.seconds()).min(to.0);
    let start = start.0.max(from.0);
    (Timestamp(start - from.0), Duration::from_seconds(end - start))
}

fn resampled(sound: &AudioType, sample_rate: Frequency, channels: u8) -> AudioType {
    let duration = Duration::from_seconds(sound.start.0 + sound.duration.seconds());
    AudioType { sample_rate, channels, start: Timestamp::ZERO, duration }
}
