//! Templates of renditions: containers, segments, picture and sound.

use super::{
    AudioCodec, CodecTag, Container, Copy, Deinterlace, Denoise, Fill, Hdr, Profile, RateMode, SegmentKind, Sides,
    Speed, TemplateHead, Upscale, VideoCodec, VideoPixelFormat,
};
use crate::units::{Bitrate, Duration, FrameRate, Frequency};

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
    /// Sample entry of H.265; `None` is `hvc1`.
    pub tag: Option<CodecTag>,
    /// How pixels are stored.
    pub pixel_format: VideoPixelFormat,
    /// What becomes of a high dynamic range.
    pub hdr: Hdr,
    /// What becomes of interlaced pictures.
    pub deinterlace: Deinterlace,
    /// Whether noise is filtered out.
    pub denoise: Denoise,
    /// How often the encoder looks at the source.
    pub passes: Passes,
    /// Enlargement, where the template says something; see [`VideoSettings::upscale`].
    pub upscale: Option<Upscale>,
    /// CPU against quality, where the template says something; see [`VideoSettings::speed`].
    pub speed: Option<Speed>,
    /// Copy policy, where the template says something; see [`VideoSettings::copy`].
    pub copy: Option<Copy>,
}

impl VideoSettings {
    /// What a template without a word about the picture means.
    pub fn usual() -> Self {
        VideoSettings {
            codec: VideoCodec::H264,
            bitrate: Setting::Auto,
            mode: RateMode::Vbr,
            crf: None,
            rate: Setting::Auto,
            sides: Sides::Source,
            fill: Fill::Black,
            gop: Gop::Auto,
            profile: None,
            level: None,
            bframes: None,
            tag: None,
            pixel_format: VideoPixelFormat::Yuv420p,
            hdr: Hdr::Sdr,
            deinterlace: Deinterlace::Auto,
            denoise: Denoise::Off,
            passes: Passes::One,
            upscale: None,
            speed: None,
            copy: None,
        }
    }

    /// Enlargement, as written or as usual. Options of a procedure stand between the two: whoever knows them fills
    /// what the template leaves open.
    pub fn upscale(&self) -> Upscale {
        self.upscale.unwrap_or(Upscale::Allow)
    }

    /// CPU against quality, as written or as usual.
    pub fn speed(&self) -> Speed {
        self.speed.unwrap_or(Speed::Medium)
    }

    /// Copy policy, as written or as usual.
    pub fn copy(&self) -> Copy {
        self.copy.unwrap_or(Copy::Auto)
    }
}

/// How often the encoder looks at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Passes {
    /// Once; the default.
    One,
    /// Twice: the first look finds out where bits are needed.
    Two,
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
    /// Which sound tracks of the source, counted from 1 in file order; empty is the first.
    pub tracks: Vec<u32>,
}

impl AudioSettings {
    /// What a template without a word about the sound means, but for the codec, which follows the container.
    pub fn usual() -> Self {
        AudioSettings {
            codec: AudioCodec::Aac,
            bitrate: Setting::Auto,
            sample_rate: Setting::Auto,
            channels: Some(2),
            tracks: Vec::new(),
        }
    }
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
