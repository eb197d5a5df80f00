//! The line about a rendition, for people.

use super::part::Part;
use super::rendition::VideoDecision;
use crate::catalog::template::Container;
use crate::plan::stream::StreamType;
use crate::plan::{AudioCoding, EncryptionSpec, FrameTiming, RateControl};

/// The line about an output, built piece by piece.
#[derive(Default)]
pub(super) struct Summary(pub(super) String);

impl Summary {
    pub(super) fn video(&mut self, video: &VideoDecision) {
        let rate = match video.coding.rate_control {
            RateControl::Quality { crf, .. } => format!("crf {crf}"),
            RateControl::Rate { target, .. } => target.to_string(),
        };
        let fps = match video.coding.timing {
            FrameTiming::Constant(rate) => format!("{} fps", rate.per_second().to_decimal(3)),
            FrameTiming::AsSource(_) => "variable fps".to_owned(),
        };
        let passes = video.passes_words();
        self.0 = format!("{} {fps} {} {rate}{passes}", video.size.output(), video.coding.codec);
    }

    pub(super) fn audio(&mut self, coding: &AudioCoding) {
        let plus = if self.0.is_empty() { "" } else { " + " };
        let rate = coding.bitrate.map(|rate| format!(" {rate}")).unwrap_or_default();
        self.0.push_str(&format!("{plus}{}{rate}", coding.codec));
    }

    /// Streams that are copied say so in the place of a rate.
    pub(super) fn copied(&mut self, stream: &StreamType) {
        let plus = if self.0.is_empty() { "" } else { " + " };
        match stream {
            StreamType::EncodedVideo(codec, video) => self.0.push_str(&format!("{} {codec} copy", video.size)),
            StreamType::EncodedAudio(codec, _) => self.0.push_str(&format!("{plus}{codec} copy")),
            _ => {}
        }
    }

    /// How many sound tracks there are, where it is not one.
    pub(super) fn tracks(&mut self, count: usize) {
        if count > 1 {
            self.0.push_str(&format!(" in {count} tracks"));
        }
    }

    pub(super) fn part(&mut self, part: Option<Part>) {
        if let Some(part) = part {
            self.0.push_str(&format!("  {}", part.words()));
        }
    }

    pub(super) fn container(&mut self, container: Container, encryption: Option<&EncryptionSpec>) {
        self.0.push_str(&format!("  {container}"));
        if let Some(encryption) = encryption {
            self.0.push_str(&format!(" {}", encryption.method));
        }
    }
}
