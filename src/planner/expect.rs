//! What every artefact must be, computed from the plan's stream types (`reliability.md` R14).

use crate::catalog::template::{AudioCodec, Container, VideoCodec};
use crate::physical::{Coding, Expectation, ExpectedAudio, ExpectedVideo, LastPicture, PLAYLIST_NAME};
use crate::plan::FrameTiming;
use crate::plan::op::Mux;
use crate::plan::stream::{StreamType, VideoType};
use crate::units::{Duration, Resolution};

/// The private file form of an audio codec: MP4 keeps AAC's priming (`language.md` 5, *Physical form*).
pub fn audio_ending(codec: AudioCodec) -> &'static str {
    match codec {
        AudioCodec::Aac => ".mp4",
        AudioCodec::Mp3 => ".mp3",
        AudioCodec::Flac => ".flac",
        AudioCodec::Opus => ".ogg",
        AudioCodec::Pcm16 => ".wav",
    }
}

/// The private file form of a copied stream. MP4 keeps when it starts; of PCM it knows nothing before ffmpeg 6.1.
pub fn copy_ending(stream: &StreamType) -> &'static str {
    match stream {
        StreamType::EncodedAudio(AudioCodec::Pcm16, _) => ".wav",
        _ => ".mp4",
    }
}

/// What an encoder must have written, given what it reads.
pub fn elementary(coding: &Coding, inputs: &[StreamType]) -> Expectation {
    match (coding, inputs.first()) {
        (Coding::Video(coding), Some(StreamType::Video(video))) => {
            Expectation::Streams { video: Some(pictures(coding.codec, coding.timing, video)), audio: None }
        }
        (Coding::Analysis(coding), Some(StreamType::Video(video))) => {
            Expectation::Statistics { codec: coding.codec, size: video.size, frames: video.frames }
        }
        (Coding::Copy(copy), _) => copied(&copy.output),
        (Coding::Raw(raw), _) => Expectation::Raw(raw.clone()),
        (Coding::Audio(coding), Some(StreamType::Audio(sound))) => Expectation::Streams {
            video: None,
            audio: Some(ExpectedAudio {
                codec: coding.codec,
                sample_rate: coding.sample_rate,
                channels: coding.channels,
                duration: sound.duration,
                tracks: 1,
            }),
        },
        (Coding::Pictures(coding), Some(StreamType::Stills(video))) => {
            Expectation::Pictures { count: coding.count, size: video.size, format: coding.format }
        }
        (Coding::Animation(coding), Some(StreamType::Video(video))) => Expectation::Animation {
            format: coding.format,
            size: video.size,
            rate: video.timing.rate(),
            frames: video.frames,
        },
        (Coding::Pictures(coding), _) => {
            Expectation::Pictures { count: coding.count, size: Resolution::new(0, 0), format: coding.format }
        }
        _ => Expectation::Streams { video: None, audio: None },
    }
}

fn pictures(codec: VideoCodec, timing: FrameTiming, video: &VideoType) -> ExpectedVideo {
    let rate = match timing {
        FrameTiming::Constant(rate) => Some(rate),
        FrameTiming::AsSource(_) => None,
    };
    let (frames, duration) = (video.frames, video.duration);
    ExpectedVideo { codec, size: video.size, rate, frames, duration, says_its_end: false }
}

fn copied(stream: &StreamType) -> Expectation {
    let (mut picture, mut audio) = (None, None);
    match stream {
        StreamType::EncodedVideo(codec, video) => picture = Some(pictures(*codec, video.timing, video)),
        StreamType::EncodedAudio(codec, sound) => {
            let (sample_rate, channels, duration) = (sound.sample_rate, sound.channels, sound.duration);
            audio = Some(ExpectedAudio { codec: *codec, sample_rate, channels, duration, tracks: 1 });
        }
        _ => {}
    }
    Expectation::Streams { video: picture, audio }
}

/// The picture and the sound of elementary streams.
pub fn joined(streams: &[&Expectation]) -> (Option<ExpectedVideo>, Option<ExpectedAudio>) {
    let mut video = None;
    let mut audio: Option<ExpectedAudio> = None;
    for stream in streams {
        if let Expectation::Streams { video: picture, audio: sound } = stream {
            video = video.or_else(|| picture.clone());
            audio = match (audio, sound) {
                (Some(first), Some(_)) => Some(ExpectedAudio { tracks: first.tracks + 1, ..first }),
                (first, sound) => first.or_else(|| sound.clone()),
            };
        }
    }
    (video, audio)
}

/// What a container must hold, given what its streams are.
pub fn package(mux: &Mux, streams: &[&Expectation], last: Option<LastPicture>) -> Expectation {
    let (mut video, audio) = joined(streams);
    if let Some(video) = &mut video {
        video.says_its_end = last.is_some();
    }
    if mux.container != Container::Hls {
        return Expectation::Streams { video, audio };
    }
    let segment = mux.segment.map_or(Duration::ZERO, |(_, duration)| duration);
    Expectation::Playlist { file: PLAYLIST_NAME.into(), video, audio, segment, encrypted: mux.encryption.is_some() }
}
