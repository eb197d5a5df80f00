//! What `source.…` can ask of a source (`language.md` 2).

use super::{Constant, Scalar};
use crate::media::{Rotation, SourceFacts};
use crate::units::{Bitrate, Rational};

/// Defines the facts with their word, type and meaning.
macro_rules! facts {
    ($($variant:ident $word:literal $scalar:ident $doc:literal;)*) => {
        /// A fact of the source.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum SourceFact {
            $(#[doc = $doc] $variant),*
        }

        impl SourceFact {
            /// All facts, in the order people should read them.
            pub const ALL: &'static [SourceFact] = &[$(SourceFact::$variant),*];

            /// The word behind `source.`.
            pub fn word(self) -> &'static str {
                match self { $(SourceFact::$variant => $word),* }
            }

            /// Its type.
            pub fn scalar(self) -> Scalar {
                match self { $(SourceFact::$variant => Scalar::$scalar),* }
            }

            /// What it is, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(SourceFact::$variant => $doc),* }
            }
        }
    };
}

facts! {
    Width "width" Int "Pixels from left to right, as the picture is displayed; 0 without a picture.";
    Height "height" Int "Pixels from top to bottom, as the picture is displayed; 0 without a picture.";
    ShortSide "short_side" Int "The shorter of width and height; 0 without a picture.";
    LongSide "long_side" Int "The longer of width and height; 0 without a picture.";
    Duration "duration" Duration "The length of the longest selected stream.";
    Bitrate "bitrate" Bitrate "Average bits per second of the whole file.";
    Fps "fps" Rate "Average pictures per second; 0 without a picture.";
    Size "size" Int "Size of the file in bytes.";
    Container "container" Text "The file format, as its usual word: `mp4`, `mov`, `hls`, `flv`, `mkv`, `avi`, `mpegts`, …";
    Rotation "rotation" Int "By how many degrees a player turns the picture clockwise: 0, 90, 180 or 270.";
    HasVideo "has_video" Bool "Whether there is a picture (cover art is none).";
    HasAudio "has_audio" Bool "Whether there is sound.";
    Interlaced "interlaced" Bool "Whether pictures are two interleaved fields.";
    Hdr "hdr" Bool "Whether the picture has a high dynamic range.";
    VideoCodec "video_codec" Text "The codec of the picture: `h264`, `h265`, `vp9`, …; empty without a picture.";
    AudioCodec "audio_codec" Text "The codec of the sound: `aac`, `mp3`, …; empty without sound.";
    Channels "channels" Int "Channels of the sound; 0 without sound.";
    Kind "kind" Text "How the source came: `upload`, `pull` or `record`.";
}

impl SourceFact {
    /// The fact that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.word() == word)
    }

    /// Its value for a source.
    pub fn of(self, source: &SourceFacts) -> Constant {
        let (video, audio) = (source.picture(), source.sound());
        let size = video.map(|video| video.displayed_size());
        let side = |of: fn(crate::units::Resolution) -> u32| {
            Constant::Number(size.map_or(Rational::ZERO, |size| Rational::from(of(size))))
        };
        let text = |text: &str| Constant::Text(text.to_owned());
        match self {
            SourceFact::Width => side(|size| size.width),
            SourceFact::Height => side(|size| size.height),
            SourceFact::ShortSide => side(|size| size.short_side()),
            SourceFact::LongSide => side(|size| size.long_side()),
            SourceFact::Duration => Constant::Duration(source.duration()),
            SourceFact::Bitrate => Constant::Bitrate(source.bitrate().unwrap_or(Bitrate(0))),
            SourceFact::Fps => Constant::Number(video.map_or(Rational::ZERO, |video| video.rate.per_second())),
            SourceFact::Size => {
                Constant::Number(Rational::from_integer(i64::try_from(source.size.0).unwrap_or(i64::MAX)))
            }
            SourceFact::Container => text(usual_container(&source.container)),
            SourceFact::Rotation => Constant::Number(video.map_or(Rational::ZERO, |video| degrees(video.rotation))),
            SourceFact::HasVideo => Constant::Bool(source.has_video()),
            SourceFact::HasAudio => Constant::Bool(source.has_audio()),
            SourceFact::Interlaced => Constant::Bool(video.is_some_and(|video| video.interlaced)),
            SourceFact::Hdr => Constant::Bool(video.is_some_and(|video| video.is_hdr())),
            SourceFact::VideoCodec => text(usual_codec(video.map_or("", |video| &video.codec))),
            SourceFact::AudioCodec => text(usual_codec(audio.map_or("", |audio| &audio.codec))),
            SourceFact::Channels => {
                Constant::Number(audio.map_or(Rational::ZERO, |audio| Rational::from(u32::from(audio.channels))))
            }
            // Pulled and recorded sources come through the service, which does not exist yet.
            SourceFact::Kind => text("upload"),
        }
    }
}

fn degrees(rotation: Rotation) -> Rational {
    Rational::from_integer(match rotation {
        Rotation::None => 0,
        Rotation::Quarter => 90,
        Rotation::Half => 180,
        Rotation::ThreeQuarters => 270,
    })
}

/// The language's word for a codec that ffprobe calls otherwise.
fn usual_codec(codec: &str) -> &str {
    if codec == "hevc" { "h265" } else { codec }
}

/// The usual word for a file format: ffprobe names demuxers, of which one reads a whole family.
fn usual_container(demuxer: &str) -> &str {
    match demuxer {
        "mov,mp4,m4a,3gp,3g2,mj2" => "mp4",
        "matroska,webm" => "mkv",
        other => other.split(',').next().unwrap_or(other),
    }
}
