//! Parameter templates, checked and complete: what each kind can say.
//!
//! Fields, ranges and defaults: `language.md` 4 and `vod.md` C. `extends` is already resolved here.

use crate::text::Span;
use crate::units::{Bitrate, Duration, FrameRate, Frequency, Length, Percent, TemplateId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Defines an enum whose variants are the words of the language, with `WORDS`, `word()` and `from_word()`.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word, in the order people should read them.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word of the language.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// Reads a word of the language.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// The kinds of parameter template.
    TemplateKind {
        /// Renditions.
        Transcode = "transcode",
        /// Marks laid over pictures.
        Watermark = "watermark",
        /// Pictures at given times, and covers.
        Snapshot = "snapshot",
        /// Pictures at regular distances.
        Sample = "sample",
        /// Key management of encrypted outputs.
        Encryption = "encryption",
        /// What a content review decides; see `docs/design/0002-review-statement.md`.
        Review = "review",
    }
}

words! {
    /// File formats of a rendition.
    Container {
        /// MPEG-4 file with its index in front.
        Mp4 = "mp4",
        /// HTTP Live Streaming: a playlist and segments.
        Hls = "hls",
        /// Flash Video.
        Flv = "flv",
        /// MP3 audio.
        Mp3 = "mp3",
        /// MPEG-4 audio.
        M4a = "m4a",
        /// FLAC audio.
        Flac = "flac",
        /// Ogg audio.
        Ogg = "ogg",
        /// RIFF audio.
        Wav = "wav",
    }
}

impl Container {
    /// Whether the output is a playlist with segments, the only form that can be encrypted.
    pub fn is_segmented(self) -> bool {
        self == Container::Hls
    }

    /// Whether the container holds sound only.
    pub fn is_audio_only(self) -> bool {
        matches!(self, Container::Mp3 | Container::M4a | Container::Flac | Container::Ogg | Container::Wav)
    }
}

words! {
    /// Forms of a segment.
    SegmentKind {
        /// MPEG transport stream.
        Ts = "ts",
        /// Fragmented MP4.
        Fmp4 = "fmp4",
    }
}

words! {
    /// Video codecs.
    VideoCodec {
        /// AVC.
        H264 = "h264",
        /// HEVC.
        H265 = "h265",
        /// AOMedia Video 1.
        Av1 = "av1",
    }
}

words! {
    /// Audio codecs.
    AudioCodec {
        /// AAC-LC.
        Aac = "aac",
        /// MPEG-1 layer III.
        Mp3 = "mp3",
        /// Free lossless audio codec.
        Flac = "flac",
        /// Opus.
        Opus = "opus",
        /// Uncompressed 16-bit.
        Pcm16 = "pcm16",
    }
}

words! {
    /// How bits are spread over time.
    RateMode {
        /// Variable, with a ceiling.
        Vbr = "vbr",
        /// Average only.
        Abr = "abr",
        /// Constant.
        Cbr = "cbr",
        /// Constant quality.
        Crf = "crf",
    }
}

words! {
    /// What fills the rest of a picture whose shape differs from the source's.
    Fill {
        /// Black bars.
        Black = "black",
        /// Distortion instead of bars.
        Stretch = "stretch",
        /// White bars.
        White = "white",
        /// A blurred copy of the picture.
        Blur = "blur",
    }
}

words! {
    /// H.264 profiles.
    Profile {
        /// No B-frames, no CABAC.
        Baseline = "baseline",
        /// B-frames and CABAC.
        Main = "main",
        /// Also 8x8 transforms.
        High = "high",
    }
}

words! {
    /// What happens when a template asks for more pixels than the source has.
    Upscale {
        /// Enlarge, with a warning.
        Allow = "allow",
        /// Keep the source's size.
        Clamp = "clamp",
        /// Leave the output out.
        Skip = "skip",
    }
}

words! {
    /// How much CPU an encode may spend for its quality.
    Speed {
        /// Least CPU.
        Fast = "fast",
        /// The default.
        Medium = "medium",
        /// Most CPU.
        Slow = "slow",
    }
}

words! {
    /// Whether a source stream that already fits may be copied.
    Copy {
        /// Always encode.
        Never = "never",
        /// When every clause of the template holds.
        Auto = "auto",
        /// Always copy.
        Always = "always",
    }
}

words! {
    /// Picture file formats.
    ImageFormat {
        /// JPEG.
        Jpg = "jpg",
        /// PNG.
        Png = "png",
        /// WebP.
        Webp = "webp",
    }
}

words! {
    /// The corner from which a mark's offsets count, and which of its own corners lies there.
    Corner {
        /// Top left.
        TopLeft = "top_left",
        /// Top right.
        TopRight = "top_right",
        /// Bottom left.
        BottomLeft = "bottom_left",
        /// Bottom right.
        BottomRight = "bottom_right",
    }
}

words! {
    /// What a flow does when a review finds something.
    ReviewAction {
        /// Stop: nothing is published.
        Stop = "stop",
        /// Report and go on.
        Report = "report",
    }
}

/// What every template has beside its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateHead {
    /// The name it was declared with.
    pub name: String,
    /// The number for calls and the API; templates of users may have none.
    pub id: Option<TemplateId>,
    /// A remark for people.
    pub comment: Option<String>,
    /// Whether it comes with vodflow.
    pub origin: Origin,
    /// Where its name is declared.
    pub declared: Span,
}

impl TemplateHead {
    /// How outputs and messages call it: the id for system templates, else the name.
    pub fn label(&self) -> String {
        match (self.origin, self.id) {
            (Origin::System, Some(id)) => id.to_string(),
            _ => self.name.clone(),
        }
    }

    /// The part of an output's file name that stands for this template (`vod.md` E.6): `f220` or `hd_mp4`.
    pub fn file_label(&self) -> String {
        match (self.origin, self.id) {
            (Origin::System, Some(id)) => format!("f{id}"),
            _ => self.name.clone(),
        }
    }
}

/// Whose template it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Of the embedded catalogue.
    System,
    /// Of a user's file.
    User,
}

/// The sides of a picture before the source is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sides {
    /// As the source is displayed.
    Source,
    /// By orientation: the short and long side, an absent one in proportion.
    Oriented {
        /// Pixels of the shorter side.
        short: Option<u32>,
        /// Pixels of the longer side.
        long: Option<u32>,
    },
    /// Literally, an absent one in proportion.
    Literal {
        /// Pixels from left to right.
        width: Option<u32>,
        /// Pixels from top to bottom.
        height: Option<u32>,
    },
}

/// A setting that may follow the source, be fixed, or be a ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setting<T> {
    /// As the source, or left to the encoder.
    Auto,
    /// Exactly so.
    Exactly(T),
    /// As the source, at most so (`at_most`).
    AtMost(T),
}

/// Distance of keyframes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gop {
    /// Chosen by vodflow: two seconds.
    Auto,
    /// In time; resolved after the frame rate.
    Duration(Duration),
    /// In pictures.
    Frames(u32),
}

/// Segments of an HLS output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segment {
    /// Their form.
    pub kind: SegmentKind,
    /// Their length; `None` is `auto`.
    pub time: Option<Duration>,
}

/// Picture settings of a rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoSettings {
    /// Codec.
    pub codec: VideoCodec,
    /// Target rate; `Auto` is constant quality.
    pub bitrate: Setting<Bitrate>,
    /// Spread of bits.
    pub mode: RateMode,
    /// Quality, 1 (best) to 51; `None` takes the codec's usual value where it is needed.
    pub crf: Option<u8>,
    /// Frame rate; `Auto` is the source's.
    pub rate: Setting<FrameRate>,
    /// Size.
    pub sides: Sides,
    /// What fills the rest.
    pub fill: Fill,
    /// Distance of keyframes.
    pub gop: Gop,
    /// H.264 profile; `None` is `high`.
    pub profile: Option<Profile>,
    /// Level in tenths (41 for 4.1); `None` is the encoder's choice.
    pub level: Option<u8>,
    /// B-frames in a row; `None` is the encoder's choice.
    pub bframes: Option<u8>,
    /// Enlargement.
    pub upscale: Upscale,
    /// CPU against quality.
    pub speed: Speed,
    /// Copy policy.
    pub copy: Copy,
}

/// Sound settings of a rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioSettings {
    /// Codec.
    pub codec: AudioCodec,
    /// Target rate; `Auto` is the encoder's choice.
    pub bitrate: Setting<Bitrate>,
    /// Sampling rate; `Auto` is the source's.
    pub sample_rate: Setting<Frequency>,
    /// Channels; `None` is as the source.
    pub channels: Option<u8>,
}

/// A rendition. At least one of `video` and `audio` is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscodeTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// File format.
    pub container: Container,
    /// Segments, used by segmented containers only.
    pub segment: Segment,
    /// Picture; `None` leaves it out.
    pub video: Option<VideoSettings>,
    /// Sound; `None` leaves it out.
    pub audio: Option<AudioSettings>,
}

/// A picture laid over other pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatermarkTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// The picture's file, as written: relative to the file that declares the template.
    pub image: String,
    /// Where the path is written, for messages about the file.
    pub image_span: Span,
    /// Name of the source text that declares the template; the base of a relative `image`.
    pub base: String,
    /// The corner from which offsets count.
    pub corner: Corner,
    /// Offset to the side.
    pub x: Length,
    /// Offset up or down.
    pub y: Length,
    /// Width; with `None` in proportion to the height.
    pub width: Option<Length>,
    /// Height; with `None` in proportion to the width; both `None` keep the picture's own size.
    pub height: Option<Length>,
    /// 100 % covers what is below.
    pub opacity: Percent,
}

/// Size and format of a still picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureSettings {
    /// Size.
    pub sides: Sides,
    /// What fills the rest.
    pub fill: Fill,
    /// File format.
    pub format: ImageFormat,
    /// How far from the asked time the picture may be taken.
    pub tolerance: Duration,
}

/// Pictures at given times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// The picture.
    pub picture: PictureSettings,
}

/// A regular distance over the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Every {
    /// A share of the length.
    Percent(Percent),
    /// A time.
    Duration(Duration),
}

/// Pictures at regular distances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// The picture.
    pub picture: PictureSettings,
    /// Distance; the first is always the first picture.
    pub every: Every,
}

words! {
    /// Encryption methods.
    EncryptionMethod {
        /// Whole segments, AES-128 in CBC mode, as HLS defines it.
        Aes128 = "aes_128",
    }
}

/// How an output is encrypted and where players find the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// Method.
    pub method: EncryptionMethod,
    /// The address that players ask for the key.
    pub key_url: String,
    /// Name of the key manager, handed to the key service (`vod.md` C.8).
    pub key_source: Option<String>,
}

/// What a content review decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// What happens when something is found.
    pub when_flagged: ReviewAction,
}

/// A template of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// Renditions.
    Transcode(Arc<TranscodeTemplate>),
    /// Marks.
    Watermark(Arc<WatermarkTemplate>),
    /// Pictures at times.
    Snapshot(Arc<SnapshotTemplate>),
    /// Pictures at regular distances.
    Sample(Arc<SampleTemplate>),
    /// Encryption.
    Encryption(Arc<EncryptionTemplate>),
    /// Reviews.
    Review(Arc<ReviewTemplate>),
}

impl Template {
    /// Its kind.
    pub fn kind(&self) -> TemplateKind {
        match self {
            Template::Transcode(_) => TemplateKind::Transcode,
            Template::Watermark(_) => TemplateKind::Watermark,
            Template::Snapshot(_) => TemplateKind::Snapshot,
            Template::Sample(_) => TemplateKind::Sample,
            Template::Encryption(_) => TemplateKind::Encryption,
            Template::Review(_) => TemplateKind::Review,
        }
    }

    /// Its name and id.
    pub fn head(&self) -> &TemplateHead {
        match self {
            Template::Transcode(template) => &template.head,
            Template::Watermark(template) => &template.head,
            Template::Snapshot(template) => &template.head,
            Template::Sample(template) => &template.head,
            Template::Encryption(template) => &template.head,
            Template::Review(template) => &template.head,
        }
    }
}
