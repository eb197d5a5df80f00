//! Sound tracks: which of the source's are meant, and what each is encoded as.
//!
//! Several tracks of one file are brought to the rate and channels of the first of them. Which stream is meant where none
//! is named says `SourceFacts`.

use super::part::{Part, Sort};
use super::{Lowering, Obstacle};
use crate::catalog::template::AudioSettings;
use crate::diag::codes;
use crate::media::{AudioFacts, SourceFacts};
use crate::plan::op::Op;
use crate::plan::{AudioCoding, OutputKind};
use petgraph::stable_graph::NodeIndex;

impl<'a> Lowering<'a> {
    /// The tracks that a template names, or the one that is meant without; only those that are heard in the part.
    pub(super) fn tracks(&self, settings: &AudioSettings, part: Option<Part>) -> Result<Vec<&'a AudioFacts>, Obstacle> {
        let sound = &self.input.source.audio;
        if sound.is_empty() {
            return Ok(Vec::new());
        }
        if settings.tracks.is_empty() {
            let meant = self.input.source.sound();
            return Ok(meant
                .filter(|facts| part.is_none_or(|part| self.sounds_within(part, facts)))
                .into_iter()
                .collect());
        }
        let mut found = Vec::new();
        for number in &settings.tracks {
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

/// Which of several streams is meant where none is named, and why.
pub(super) fn choices(source: &SourceFacts, kind: OutputKind) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Some(picture), 2..) = (source.picture(), source.video.len()) {
        let largest = source.video.iter().all(|other| other.coded_size.pixels() <= picture.coded_size.pixels());
        let why = match (picture.preferred, largest) {
            (true, _) => "which the container prefers",
            (false, true) => "the largest",
            (false, false) => "the first",
        };
        let (index, count) = (picture.index, source.video.len());
        notes.push(format!("picture: v:{index} of {count} streams, {why} ({})", picture.coded_size));
    }
    let sounds = matches!(kind, OutputKind::Transcode | OutputKind::AdaptiveDynamicStreaming);
    if let (Some(sound), 2.., true) = (source.sound(), source.audio.len(), sounds) {
        let why = if sound.preferred { "which the container prefers" } else { "the first" };
        let (index, count) = (sound.index, source.audio.len());
        let language = sound.language.as_ref().map(|language| format!(" ({language})")).unwrap_or_default();
        notes.push(format!("sound without `tracks`: a:{index} of {count} streams, {why}{language}"));
    }
    notes
}
