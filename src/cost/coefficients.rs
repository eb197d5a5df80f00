//! What steps cost on a machine: prices, and where they come from.

use super::amount::{CpuTime, PerBit, PerPixel, PerSecond};
use crate::catalog::template::{AudioCodec, ImageFormat, Speed, VideoCodec};
use crate::target::Scaler;
use serde::{Deserialize, Serialize};

/// The prices of one machine. Pixels are those of all pictures that a step works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coefficients {
    /// Start and end of a process.
    pub process: CpuTime,
    /// Opening an input at a place and making its decoder ready, without what is decoded.
    pub seek: CpuTime,
    /// Decoding pictures.
    pub decode: DecodePrices,
    /// Encoding moving pictures with x264.
    pub h264: BySpeed,
    /// The same with x265.
    pub h265: BySpeed,
    /// The same with the encoder of AV1.
    pub av1: BySpeed,
    /// Encoding still pictures and films of few colours.
    pub pictures: PicturePrices,
    /// Changing pictures.
    pub filters: FilterPrices,
    /// Decoding and encoding sound.
    pub audio: AudioPrices,
    /// Reading and writing a byte of an encoded stream, in picoseconds.
    pub copied_byte: PerBit,
    /// Encrypting a byte, in picoseconds.
    pub encrypted_byte: PerBit,
}

/// Prices of decoding, for a pixel of the coded picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodePrices {
    /// H.264.
    pub h264: EncodePrice,
    /// H.265.
    pub h265: EncodePrice,
    /// VP8 and VP9.
    pub vp9: EncodePrice,
    /// AV1.
    pub av1: EncodePrice,
    /// Everything older.
    pub other: EncodePrice,
}

/// A price that has a share for pixels and a share for the bits of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodePrice {
    /// For a pixel.
    pub pixel: PerPixel,
    /// For a bit of the encoded stream: more bits are more motion and detail, which cost everywhere.
    pub bit: PerBit,
}

/// Prices of one encoder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BySpeed {
    /// Least CPU.
    pub fast: EncodePrice,
    /// The default.
    pub medium: EncodePrice,
    /// Most CPU.
    pub slow: EncodePrice,
}

/// Prices of pictures, for a pixel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PicturePrices {
    /// JPEG.
    pub jpg: PerPixel,
    /// PNG.
    pub png: PerPixel,
    /// WebP.
    pub webp: PerPixel,
    /// A palette, and the picture drawn with it.
    pub palette: PerPixel,
}

/// Prices of changes, for a pixel of what is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterPrices {
    /// Resizing by zimg, for a pixel of the source's height and the result's width.
    pub zimg: PerPixel,
    /// Resizing by swscale, likewise.
    pub swscale: PerPixel,
    /// Changing pixel format or colour.
    pub convert: PerPixel,
    /// Making full pictures of fields.
    pub deinterlace: PerPixel,
    /// Filtering noise out.
    pub denoise: PerPixel,
    /// Bringing a high range to the standard one.
    pub tone_map: PerPixel,
    /// Putting a picture into a larger one, for a pixel of that one.
    pub pad: PerPixel,
    /// A blurred background, for a pixel of the larger picture.
    pub blur: PerPixel,
    /// Laying a mark over, for a pixel of the mark.
    pub overlay: PerPixel,
}

/// Prices of sound, for a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioPrices {
    /// Decoding.
    pub decode: PerSecond,
    /// Bringing to a rate.
    pub resample: PerSecond,
    /// AAC.
    pub aac: PerSecond,
    /// MP3.
    pub mp3: PerSecond,
    /// Opus.
    pub opus: PerSecond,
    /// What does not lose anything.
    pub lossless: PerSecond,
}

impl Coefficients {
    /// The price of an encoder of moving pictures.
    pub fn encoder(&self, codec: VideoCodec, speed: Speed) -> EncodePrice {
        self.speeds(codec).of(speed)
    }

    /// The prices of all speeds of an encoder.
    pub fn speeds(&self, codec: VideoCodec) -> &BySpeed {
        match codec {
            VideoCodec::H264 => &self.h264,
            VideoCodec::H265 => &self.h265,
            VideoCodec::Av1 => &self.av1,
        }
    }

    /// The price of a decoder, by ffprobe's name of the codec.
    pub fn decoder(&self, codec: &str) -> EncodePrice {
        match codec {
            "h264" => self.decode.h264,
            "hevc" => self.decode.h265,
            "vp8" | "vp9" => self.decode.vp9,
            "av1" => self.decode.av1,
            _ => self.decode.other,
        }
    }

    /// The price of an encoder of still pictures.
    pub fn picture(&self, format: ImageFormat) -> PerPixel {
        match format {
            ImageFormat::Jpg => self.pictures.jpg,
            ImageFormat::Png => self.pictures.png,
            ImageFormat::Webp => self.pictures.webp,
        }
    }

    /// The price of an encoder of sound.
    pub fn sound(&self, codec: AudioCodec) -> PerSecond {
        match codec {
            AudioCodec::Aac => self.audio.aac,
            AudioCodec::Mp3 => self.audio.mp3,
            AudioCodec::Opus => self.audio.opus,
            AudioCodec::Flac | AudioCodec::Pcm16 => self.audio.lossless,
        }
    }

    /// The price of a scaler.
    pub fn scaler(&self, scaler: Scaler) -> PerPixel {
        match scaler {
            Scaler::Zimg => self.filters.zimg,
            Scaler::Swscale => self.filters.swscale,
        }
    }
}

impl BySpeed {
    /// The price at a speed.
    pub fn of(&self, speed: Speed) -> EncodePrice {
        match speed {
            Speed::Fast => self.fast,
            Speed::Medium => self.medium,
            Speed::Slow => self.slow,
        }
    }
}

const fn price(pixel: u64, bit: u64) -> EncodePrice {
    EncodePrice { pixel: PerPixel(pixel), bit: PerBit(bit) }
}

impl Default for Coefficients {
    /// Measured on two cores of a server with ffmpeg 5.1.9, x264 164 and x265 3.5; see `docs/design/0019-cost.md`.
    fn default() -> Self {
        Coefficients {
            process: CpuTime::from_millis(50),
            seek: CpuTime::from_millis(90),
            decode: DecodePrices {
                h264: price(2300, 2500),
                h265: price(3500, 3500),
                vp9: price(2200, 2500),
                av1: price(3000, 2500),
                other: price(1500, 2500),
            },
            h264: BySpeed { fast: price(8500, 60_000), medium: price(19_000, 165_000), slow: price(44_000, 520_000) },
            h265: BySpeed {
                fast: price(14_500, 145_000),
                medium: price(33_000, 415_000),
                slow: price(96_000, 810_000),
            },
            av1: BySpeed {
                fast: price(22_000, 190_000),
                medium: price(38_000, 600_000),
                slow: price(165_000, 2_850_000),
            },
            pictures: PicturePrices {
                jpg: PerPixel(5300),
                png: PerPixel(46_000),
                webp: PerPixel(61_000),
                palette: PerPixel(150_000),
            },
            filters: FilterPrices {
                zimg: PerPixel(400),
                swscale: PerPixel(1350),
                convert: PerPixel(1000),
                deinterlace: PerPixel(1900),
                denoise: PerPixel(4800),
                tone_map: PerPixel(60_000),
                pad: PerPixel(300),
                blur: PerPixel(5000),
                overlay: PerPixel(1500),
            },
            audio: AudioPrices {
                decode: PerSecond(3_000_000),
                resample: PerSecond(1_000_000),
                aac: PerSecond(14_000_000),
                mp3: PerSecond(18_000_000),
                opus: PerSecond(22_000_000),
                lossless: PerSecond(3_000_000),
            },
            copied_byte: PerBit(2000),
            encrypted_byte: PerBit(4000),
        }
    }
}
