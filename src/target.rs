//! What the installed ffmpeg can do, as values. Found out by `probe`; here only asked.

use crate::catalog::template::{AnimatedFormat, AudioCodec, ImageFormat, RateMode, VideoCodec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The quick encoder of AV1.
pub const SVT_AV1: &str = "libsvtav1";

/// The encoder of AV1 that came first.
pub const AOM_AV1: &str = "libaom-av1";

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
                "libx264 libx265 libsvtav1 libaom-av1 aac libmp3lame flac libopus pcm_s16le mjpeg png libwebp gif libwebp_anim",
            ),
            decoders: set("h264 hevc vp8 vp9 av1 mpeg4 mpeg2video gif aac mp3 flac vorbis opus png mjpeg"),
            muxers: set("mp4 hls flv mp3 ipod flac ogg wav image2 mpegts"),
            demuxers: set("mov mp4 matroska webm mpegts flv avi gif mp3 flac ogg wav png_pipe"),
            filters: set(
                "zscale scale fps select overlay movie split format aresample aformat setpts asetpts setsar pad settb tpad \
                 trim interleave tile palettegen paletteuse crop gblur atrim tonemap hqdn3d",
            ),
            x264_build: Some(164),
            x265_version: Some("3.5".into()),
        }
    }

    /// Whether the version is this one or a later one. What has no number (builds from the newest sources) is later than
    /// all.
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let digits = self.version.trim_start_matches(['n', 'N', 'v']);
        let mut numbers = digits.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().ok());
        match numbers.next().flatten() {
            Some(found) => (found, numbers.next().flatten().unwrap_or(0)) >= (major, minor),
            None => true,
        }
    }

    /// Whether FLV can be written with H.265 in it (enhanced RTMP).
    pub fn writes_h265_in_flv(&self) -> bool {
        self.is_at_least(6, 1)
    }

    /// The implementation that encodes a video codec, if one is installed. SVT-AV1 can be told what we need from ffmpeg 5.1
    /// on, and makes a constant rate only in a form that it calls unfit for use; libaom takes its place.
    pub fn video_encoder(&self, codec: VideoCodec, mode: RateMode) -> Option<Implementation> {
        let build = match codec {
            VideoCodec::H264 => self.x264_build.map(|build| build.to_string()),
            VideoCodec::H265 => self.x265_version.clone(),
            VideoCodec::Av1 => None,
        };
        let usual = Self::video_encoder_name(codec, mode);
        let is_fit = usual != SVT_AV1 || self.is_at_least(5, 1);
        let found = is_fit.then(|| self.implementation(usual, build)).flatten();
        found.or_else(|| self.implementation(AOM_AV1, None).filter(|_| codec == VideoCodec::Av1))
    }

    /// What ffmpeg calls the encoder of a video codec.
    pub fn video_encoder_name(codec: VideoCodec, mode: RateMode) -> &'static str {
        match codec {
            VideoCodec::H264 => "libx264",
            VideoCodec::H265 => "libx265",
            VideoCodec::Av1 if mode == RateMode::Cbr => AOM_AV1,
            VideoCodec::Av1 => SVT_AV1,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let is = |version: &str| Target { version: version.into(), ..Target::assumed() }.is_at_least(6, 1);
        for old in ["4.4", "5.1.9-0+deb12u1", "6.0", "n6.0.1", "6"] {
            assert!(!is(old), "{old}");
        }
        for new in ["6.1", "7.0.2", "10.0", "n6.1.1", "N-118000-g1234567", "git-2026-01-01"] {
            assert!(is(new), "{new}");
        }
    }

    #[test]
    fn av1_falls_back_to_libaom_and_nothing_else_does() {
        let by = |target: &Target, codec, mode| target.video_encoder(codec, mode).map(|found| found.0);
        let mut target = Target::assumed();
        assert_eq!(by(&target, VideoCodec::Av1, RateMode::Vbr).as_deref(), Some(SVT_AV1));
        assert_eq!(by(&target, VideoCodec::Av1, RateMode::Cbr).as_deref(), Some(AOM_AV1));
        target.version = "4.4".into();
        assert_eq!(by(&target, VideoCodec::Av1, RateMode::Vbr).as_deref(), Some(AOM_AV1));
        target.encoders.remove("libx265");
        assert_eq!(by(&target, VideoCodec::H265, RateMode::Vbr), None);
        target.encoders.remove(AOM_AV1);
        assert_eq!(by(&target, VideoCodec::Av1, RateMode::Cbr), None);
    }
}
