//! What ffmpeg and ffprobe call the streams of a codec.

use super::{AudioCodec, VideoCodec};

impl VideoCodec {
    /// ffprobe's `codec_name`.
    pub fn stream_name(self) -> &'static str {
        match self {
            VideoCodec::H264 => "h264",
            VideoCodec::H265 => "hevc",
            VideoCodec::Av1 => "av1",
        }
    }
}

impl AudioCodec {
    /// ffprobe's `codec_name`.
    pub fn stream_name(self) -> &'static str {
        match self {
            AudioCodec::Aac => "aac",
            AudioCodec::Mp3 => "mp3",
            AudioCodec::Flac => "flac",
            AudioCodec::Opus => "opus",
            AudioCodec::Pcm16 => "pcm_s16le",
        }
    }
}
