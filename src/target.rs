//! What the installed ffmpeg can do, as values. Found out by `probe`; here only asked.

use crate::catalog::template::{AnimatedFormat, AudioCodec, ImageFormat, VideoCodec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The installed ffmpeg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The version line's number, `5.1.9-0+deb12u1`.
    pub version: String,
    /// Names of encoders.
    pub encoders: BTreeSet<String>,
    /// Names of decoders that may run: installed, and on the probe's allow-list (`reliability.md` R2).
    pub decoders: BTreeSet<String>,
    /// Names of muxers.
    pub muxers: BTreeSet<String>,
    /// Names of demuxers, each alias on its own.
    pub demuxers: BTreeSet<String>,
    /// Names of filters.
    pub filters: BTreeSet<String>,
    /// x264's build number, which decides its output.
    pub x264_build: Option<u32>,
    /// x265's version, which decides its output.
    pub x265_version: Option<String>,
}

/// Which program code makes a stream: the encoder's name and, where its output depends on it, its build.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Implementation(pub String);

impl Implementation {
    /// The encoder's name as ffmpeg wants it.
    pub fn encoder(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which scaler resizes pictures; the two differ visibly to a machine, so it is part of what is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scaler {
    /// zimg through `zscale`.
    Zimg,
    /// libswscale through `scale`.
    Swscale,
}

impl Scaler {
    /// The name in plan text.
    pub fn word(self) -> &'static str {
        match self {
            Scaler::Zimg => "zimg",
            Scaler::Swscale => "swscale",
        }
    }

    /// Reads the name in plan text.
    pub fn from_word(word: &str) -> Option<Self> {
        [Scaler::Zimg, Scaler::Swscale].into_iter().find(|scaler| scaler.word() == word)
    }
}

impl Target {
    /// Debian 12's ffmpeg, for plans that are made without looking at the machine.
    pub fn assumed() -> Self {
        let set = |words: &str| words.split_whitespace().map(str::to_owned).collect();
        Target {
            version: "5.1.9".into(),
            encoders: set(
                "libx264 libx265 libsvtav1 aac libmp3lame flac libopus pcm_s16le mjpeg png libwebp gif libwebp_anim",
            ),
            decoders: set("h264 hevc vp8 vp9 av1 mpeg4 mpeg2video gif aac mp3 flac vorbis opus png mjpeg"),
            muxers: set("mp4 hls flv mp3 ipod flac ogg wav image2 mpegts"),
            demuxers: set("mov mp4 matroska webm mpegts flv avi gif mp3 flac ogg wav png_pipe"),
            filters: set(
                "zscale scale fps select overlay movie split format aresample aformat setpts asetpts setsar pad settb tpad \
                 trim tile palettegen paletteuse crop gblur atrim tonemap hqdn3d",
            ),
            x264_build: Some(164),
            x265_version: Some("3.5".into()),
        }
    }

    /// The implementation that encodes a video codec, if one is installed.
    pub fn video_encoder(&self, codec: VideoCodec) -> Option<Implementation> {
        let build = match codec {
            VideoCodec::H264 => self.x264_build.map(|build| build.to_string()),
            VideoCodec::H265 => self.x265_version.clone(),
            VideoCodec::Av1 => None,
        };
        self.implementation(Self::video_encoder_name(codec), build)
    }

    /// What ffmpeg calls the encoder of a video codec.
    pub fn video_encoder_name(codec: VideoCodec) -> &'static str {
        match codec {
            VideoCodec::H264 => "libx264",
            VideoCodec::H265 => "libx265",
            VideoCodec::Av1 => "libsvtav1",
        }
    }

    /// The implementation that encodes an audio codec, if one is installed.
    pub fn audio_encoder(&self, codec: AudioCodec) -> Option<Implementation> {
        self.implementation(Self::audio_encoder_name(codec), None)
    }

    /// What ffmpeg calls the encoder of an audio codec.
    pub fn audio_encoder_name(codec: AudioCodec) -> &'static str {
        match codec {
            AudioCodec::Aac => "aac",
            AudioCodec::Mp3 => "libmp3lame",
            AudioCodec::Flac => "flac",
            AudioCodec::Opus => "libopus",
            AudioCodec::Pcm16 => "pcm_s16le",
        }
    }

    /// The implementation that writes a picture format, if one is installed.
    pub fn image_encoder(&self, format: ImageFormat) -> Option<Implementation> {
        self.implementation(Self::image_encoder_name(format), None)
    }

    /// What ffmpeg calls the encoder of a picture format.
    pub fn image_encoder_name(format: ImageFormat) -> &'static str {
        match format {
            ImageFormat::Jpg => "mjpeg",
            ImageFormat::Png => "png",
            ImageFormat::Webp => "libwebp",
        }
    }

    /// The implementation that writes an animation, if one is installed.
    pub fn animation_encoder(&self, format: AnimatedFormat) -> Option<Implementation> {
        self.implementation(Self::animation_encoder_name(format), None)
    }

    /// What ffmpeg calls the encoder of an animation.
    pub fn animation_encoder_name(format: AnimatedFormat) -> &'static str {
        match format {
            AnimatedFormat::Gif => "gif",
            AnimatedFormat::Webp => "libwebp_anim",
        }
    }

    /// zimg where it is installed: a third of the time, and strict about colour (`planner.md` 2).
    pub fn scaler(&self) -> Scaler {
        if self.filters.contains("zscale") { Scaler::Zimg } else { Scaler::Swscale }
    }

    /// Whether a high dynamic range can be mapped to the standard one.
    pub fn maps_tones(&self) -> bool {
        ["zscale", "tonemap"].iter().all(|filter| self.filters.contains(*filter))
    }

    fn implementation(&self, encoder: &str, build: Option<String>) -> Option<Implementation> {
        self.encoders.contains(encoder).then(|| match build {
            Some(build) => Implementation(format!("{encoder}/{build}")),
            None => Implementation(encoder.to_owned()),
        })
    }
}
