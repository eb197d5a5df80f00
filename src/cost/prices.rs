//! Prices of reading one source: all of it, some pictures, a place in it.

use super::amount::CpuTime;
use super::content;
use super::machine::Machine;
use super::node::Needs;
use crate::media::{SourceFacts, VideoFacts};
use crate::plan::LogicalPlan;
use crate::units::Rational;
use petgraph::stable_graph::NodeIndex;

/// A machine's prices for one source.
#[derive(Debug, Clone, Copy)]
pub struct Prices<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// The source.
    pub source: &'a SourceFacts,
}

/// How many times the bits of an average picture a keyframe has.
const KEYFRAME_BITS: u64 = 8;

impl Prices<'_> {
    /// What an encode alone takes, without what it reads.
    pub fn encode(&self, plan: &LogicalPlan, encode: NodeIndex) -> CpuTime {
        self.node(plan, encode, &Needs::new()).cpu
    }

    /// Start and end of a process.
    pub fn process(&self) -> CpuTime {
        self.machine.coefficients.process
    }

    /// Decoding all pictures of a stream, by its index in the file.
    pub fn decode_all(&self, stream: u32) -> CpuTime {
        self.video(stream).map_or(CpuTime::ZERO, |video| self.decode(video, video.frames.count()))
    }

    /// Decoding so many pictures of a stream, one after the other.
    pub fn decode_pictures(&self, stream: u32, pictures: u64) -> CpuTime {
        self.video(stream).map_or(CpuTime::ZERO, |video| self.decode(video, pictures.min(video.frames.count())))
    }

    /// Going to one picture of a stream, and decoding from the keyframe before it; without the start of a process.
    pub fn seek(&self, stream: u32, picture: u64) -> CpuTime {
        let Some(video) = self.video(stream) else { return CpuTime::ZERO };
        let from = keyframe_before(video, picture);
        self.machine.coefficients.seek + self.decode(video, picture.saturating_sub(from) + 1)
    }

    /// Decoding only the keyframes of a stream; the rest is read and skipped.
    pub fn keyframes(&self, stream: u32) -> CpuTime {
        let Some(video) = self.video(stream) else { return CpuTime::ZERO };
        let count = (video.keyframes.len() as u64).max(1);
        let price = self.machine.coefficients.decoder(&video.codec);
        let pixels = video.coded_size.pixels().saturating_mul(count);
        let bits = self.bits(video, count).saturating_mul(KEYFRAME_BITS);
        let read = self.machine.coefficients.copied_byte.of(content::bits(self.source, video) / 8);
        price.pixel.of(pixels) + price.bit.of(bits) + read
    }

    /// Decoding the sound of a stream between its ends.
    pub(super) fn sound(&self, share: Rational) -> CpuTime {
        let length = crate::units::Duration::from_seconds(self.source.duration().seconds() * share);
        self.machine.coefficients.audio.decode.of(length)
    }

    fn decode(&self, video: &VideoFacts, pictures: u64) -> CpuTime {
        let price = self.machine.coefficients.decoder(&video.codec);
        let pixels = video.coded_size.pixels().saturating_mul(pictures);
        price.pixel.of(pixels) + price.bit.of(self.bits(video, pictures))
    }

    /// Bits of so many pictures on average.
    fn bits(&self, video: &VideoFacts, pictures: u64) -> u64 {
        super::amount::part(content::bits(self.source, video), pictures, video.frames.count())
    }

    pub(super) fn video(&self, stream: u32) -> Option<&VideoFacts> {
        self.source.video.iter().find(|video| video.index == stream)
    }
}

/// The keyframe from which a picture is decoded; the first picture where keyframes are not known.
fn keyframe_before(video: &VideoFacts, picture: u64) -> u64 {
    let before = video.keyframes.partition_point(|keyframe| *keyframe <= picture);
    before.checked_sub(1).and_then(|at| video.keyframes.get(at)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeking_pays_for_a_few_pictures_of_a_long_source() {
        let mut facts = "video 0 h264 1920x1080 25/1 yuv420p 600s\n".parse::<SourceFacts>().expect("facts");
        facts.video[0].keyframes = (0..15_000).step_by(50).collect();
        let machine = Machine::assumed();
        let prices = Prices { machine: &machine, source: &facts };
        let (all, seek) = (prices.decode_all(0), prices.seek(0, 7_449));
        assert_eq!(prices.decode_pictures(0, u64::MAX), all);
        assert!((60.0..100.0).contains(&all.seconds()), "{all}");
        assert!((0.2..0.5).contains(&seek.seconds()), "{seek}");
        assert!(prices.seek(0, 7_400) < seek && prices.seek(0, 7_451) < seek);
        assert!(prices.keyframes(0) < all.share(1, 10));
        assert_eq!(prices.seek(9, 1), CpuTime::ZERO, "no such stream");
    }
}
