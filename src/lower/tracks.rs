//! Sound tracks: which of the source's are meant, and what each is encoded as.
//!
//! Several tracks of one file are brought to the rate and channels of the first of them. Of several picture streams the
//! first is taken: it is what players show.

use super::part::{Part, Sort};
use super::{Lowering, Obstacle};
use crate::catalog::template::AudioSettings;
use crate::diag::codes;
use crate::media::AudioFacts;
use crate::plan::AudioCoding;
use crate::plan::op::Op;
use petgraph::stable_graph::NodeIndex;

impl<'a> Lowering<'a> {
    /// The tracks that a template names, or the first; only those that are heard in the part.
    pub(super) fn tracks(&self, settings: &AudioSettings, part: Option<Part>) -> Result<Vec<&'a AudioFacts>, Obstacle> {
        let sound = &self.input.source.audio;
        if sound.is_empty() {
            return Ok(Vec::new());
        }
        let wanted: &[u32] = if settings.tracks.is_empty() { &[1] } else { &settings.tracks };
        let mut found = Vec::new();
        for number in wanted {
            let facts = (*number as usize).checked_sub(1).and_then(|at| sound.get(at)).ok_or_else(|| {
                let reason = format!("the source has no sound track {number}; it has {}", sound.len());
                Obstacle::Fail(&codes::NO_SUCH_STREAM, reason)
            })?;
            if part.is_none_or(|part| self.sounds_within(part, facts)) {
                found.push(facts);
            }
        }
        Ok(found)
    }

    /// One track from the source to its encoder.
    pub(super) fn track(
        &mut self,
        demux: NodeIndex,
        facts: &AudioFacts,
        coding: &AudioCoding,
        part: Option<Part>,
    ) -> Option<NodeIndex> {
        let mut sound = self.decode_audio(demux, facts)?;
        if let Some(part) = part {
            sound = self.trim(sound, part, Sort::Sound)?;
        }
        let resample = Op::Resample { sample_rate: coding.sample_rate, channels: coding.channels };
        let sound = self.add(resample, &[sound]);
        Some(self.add(Op::EncodeAudio(coding.clone()), &[sound]))
    }
}
