//! The words of the language that templates are made of, each list as an enum.

use crate::diag::{Argument, Message, message};
use serde::{Deserialize, Serialize};
use std::fmt;

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

        impl From<$name> for Argument {
            fn from(word: $name) -> Self {
                word.word().into()
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
        /// Small pictures on sheets.
        Sprite = "sprite",
        /// Adaptive packages.
        Adaptive = "adaptive",
        /// Short silent animations.
        Animated = "animated",
        /// Key management of encrypted outputs.
        Encryption = "encryption",
        /// What a content review decides; see `docs/design/0002-review-statement.md`.
        Review = "review",
    }
}

impl TemplateKind {
    /// Templates of the kind in the middle of a sentence, without an article: `sprite template`.
    pub fn named(self) -> Message {
        match self {
            TemplateKind::Transcode => message!("transcode template"),
            TemplateKind::Watermark => message!("watermark template"),
            TemplateKind::Snapshot => message!("snapshot template"),
            TemplateKind::Sample => message!("sample template"),
            TemplateKind::Sprite => message!("sprite template"),
            TemplateKind::Adaptive => message!("adaptive template"),
            TemplateKind::Animated => message!("animated template"),
            TemplateKind::Encryption => message!("encryption template"),
            TemplateKind::Review => message!("review template"),
        }
    }

    /// A template of the kind in the middle of a sentence: `a sprite template`, `an adaptive template`.
    pub fn one(self) -> Message {
        match self {
            TemplateKind::Transcode => message!("a transcode template"),
            TemplateKind::Watermark => message!("a watermark template"),
            TemplateKind::Snapshot => message!("a snapshot template"),
            TemplateKind::Sample => message!("a sample template"),
            TemplateKind::Sprite => message!("a sprite template"),
            TemplateKind::Adaptive => message!("an adaptive template"),
            TemplateKind::Animated => message!("an animated template"),
            TemplateKind::Encryption => message!("an encryption template"),
            TemplateKind::Review => message!("a review template"),
        }
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
    /// The sample entry of H.265 in MP4 and fMP4.
    CodecTag {
        /// Parameter sets in the header, which Apple's players need; the default.
        Hvc1 = "hvc1",
        /// Parameter sets may also lie in the stream.
        Hev1 = "hev1",
    }
}

words! {
    /// How the pixels of a rendition are stored.
    VideoPixelFormat {
        /// 8 bits, colour at half resolution; the default.
        Yuv420p = "yuv420p",
        /// The same with 10 bits.
        Yuv420p10 = "yuv420p10",
    }
}

words! {
    /// What becomes of a source with a high dynamic range.
    Hdr {
        /// The range is kept.
        Keep = "keep",
        /// The picture is mapped to the standard range; the default.
        Sdr = "sdr",
    }
}

words! {
    /// Whether interlaced pictures are made progressive.
    Deinterlace {
        /// When the source says that it is interlaced; the default.
        Auto = "auto",
        /// Always.
        On = "on",
        /// Never.
        Off = "off",
    }
}

words! {
    /// Whether noise is filtered out.
    Denoise {
        /// Yes.
        On = "on",
        /// No; the default.
        Off = "off",
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

words! {
    /// How an animated mark goes on when its pictures are over.
    Repeat {
        /// From the start again; the default.
        Loop = "loop",
        /// It is gone.
        Once = "once",
        /// Its last picture stays.
        Hold = "hold",
    }
}

words! {
    /// File formats of short silent animations.
    AnimatedFormat {
        /// GIF; the default.
        Gif = "gif",
        /// Animated WebP.
        Webp = "webp",
    }
}

words! {
    /// Forms of adaptive streaming.
    AdaptiveFormat {
        /// HTTP Live Streaming.
        Hls = "hls",
        /// MPEG-DASH.
        Dash = "dash",
    }
}

words! {
    /// Forms of the segments of an adaptive package (`vod.md` C.6, with `_` for `-`). The first part is the container:
    /// once for sound and picture together, twice for one track each; `packed_audio` has sound without a container;
    /// `byterange` means one file per track, addressed by ranges.
    PackageSegments {
        /// MPEG transport streams with sound and picture.
        TsSegment = "ts_segment",
        /// The same as ranges of one file.
        TsByterange = "ts_byterange",
        /// Fragmented MP4 with sound and picture.
        Mp4Segment = "mp4_segment",
        /// The same as ranges of one file.
        Mp4Byterange = "mp4_byterange",
        /// Transport streams for the picture, packed sound.
        TsPackedAudio = "ts_packed_audio",
        /// The same as ranges of files.
        TsPackedAudioByterange = "ts_packed_audio_byterange",
        /// Fragmented MP4 for the picture, packed sound.
        Mp4PackedAudio = "mp4_packed_audio",
        /// The same as ranges of files.
        Mp4PackedAudioByterange = "mp4_packed_audio_byterange",
        /// Transport streams, sound and picture apart.
        TsTsSegment = "ts_ts_segment",
        /// The same as ranges of files.
        TsTsByterange = "ts_ts_byterange",
        /// Fragmented MP4, sound and picture apart.
        Mp4Mp4Segment = "mp4_mp4_segment",
        /// The same as ranges of files.
        Mp4Mp4Byterange = "mp4_mp4_byterange",
    }
}

impl PackageSegments {
    /// Whether sound and picture have segments of their own.
    pub fn keeps_sound_apart(self) -> bool {
        let word = self.word();
        word.starts_with("ts_ts") || word.starts_with("mp4_mp4") || self.packs_sound()
    }

    /// Whether sound has no container at all.
    pub fn packs_sound(self) -> bool {
        self.word().contains("packed_audio")
    }

    /// Whether segments are ranges of one file.
    pub fn is_byterange(self) -> bool {
        self.word().ends_with("byterange")
    }

    /// Whether segments are MPEG transport streams, which hold H.264 and H.265 only.
    pub fn is_transport_stream(self) -> bool {
        self.word().starts_with("ts")
    }
}

words! {
    /// Encryption methods.
    EncryptionMethod {
        /// Whole segments, AES-128 in CBC mode, as HLS defines it.
        Aes128 = "aes_128",
    }
}

words! {
    /// When events of a flow are sent (`vod.md` B.3).
    Notify {
        /// When it is over.
        Finish = "finish",
        /// At every change of a sub-task.
        Change = "change",
        /// Never.
        Never = "none",
    }
}
