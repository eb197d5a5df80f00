//! Adaptive packages and master playlists: streams become tracks, tracks what players choose from.

use super::{Planning, expect};
use crate::catalog::template::AdaptiveFormat;
use crate::physical::{
    AdaptiveWork, Artifact, ArtifactId, Delivery, DeliveryForm, Expectation, ExpectedTrack, Job, JobId, MasterWork,
    Track, TrackChoice, Work,
};
use crate::plan::package::Variant;
use crate::plan::{Adaptive, Disposition, Master, OutputId, OutputPath, OutputSpec};
use crate::units::Duration;
use petgraph::stable_graph::NodeIndex;

impl Planning<'_> {
    pub(super) fn adaptive(
        &mut self,
        sink: NodeIndex,
        package: &Adaptive,
        output: OutputId,
        streams: &[(ArtifactId, JobId)],
        span: Duration,
    ) {
        let artifact = self.next_artifact();
        let ports: Vec<ArtifactId> = streams.iter().map(|(artifact, _)| *artifact).collect();
        let mut inputs = Vec::new();
        ports.iter().for_each(|input| {
            if !inputs.contains(input) {
                inputs.push(*input);
            }
        });
        let mut needs: Vec<JobId> = streams.iter().map(|(_, job)| *job).collect();
        needs.sort();
        needs.dedup();
        let (tracks, variants) = tracks(package, &ports);
        let expected = tracks.iter().map(|track| self.expected_track(track)).collect();
        let manifest = package.path.file_name().to_owned();
        let expect = Expectation::Package {
            format: package.format,
            file: manifest.clone(),
            tracks: expected,
            encrypted: package.encryption.is_some(),
        };
        let key = self.logical.node(sink).key.clone();
        self.artifacts.push(Artifact { id: artifact, key, name: format!("o{}", artifact.0), part: None, expect });
        let work = Work::Adaptive(AdaptiveWork {
            inputs,
            format: package.format,
            segments: package.segments,
            segment: package.segment,
            encryption: package.encryption.clone(),
            tracks,
            variants,
            manifest,
            artifact,
        });
        self.jobs.push(Job { id: JobId(self.jobs.len() as u32), needs, work, span });
        let form = match package.path.folder().and_then(OutputPath::new) {
            Some(folder) => DeliveryForm::Folder { folder, playlist: package.path.clone() },
            None => DeliveryForm::File(package.path.clone()),
        };
        self.deliveries.push(Delivery { output, artifact, form });
    }

    fn expected_track(&self, track: &Track) -> ExpectedTrack {
        let streams = [track.video, track.audio].into_iter().flatten();
        let parts: Vec<&Expectation> = streams.map(|id| &self.artifacts[id.0 as usize].expect).collect();
        let (video, audio) = expect::joined(&parts);
        ExpectedTrack { file: track.file.clone(), video, audio }
    }

    /// A playlist over other outputs: no process writes it.
    pub(super) fn master(&mut self, sink: NodeIndex, master: &Master, output: OutputId, outputs: &[OutputSpec]) {
        let artifact = self.next_artifact();
        let writes = |one: &&OutputSpec, path: &OutputPath| {
            one.disposition == Disposition::Make && one.id != output && one.paths.first() == Some(path)
        };
        let member = |path| outputs.iter().find(|one| writes(one, path)).map(|one| one.id);
        let members = master.members.iter().filter_map(|one| member(&one.path)).collect();
        let key = self.logical.node(sink).key.clone();
        let name = format!("o{}.m3u8", artifact.0);
        self.artifacts.push(Artifact { id: artifact, key, name, part: None, expect: Expectation::Master });
        self.masters.push(MasterWork { artifact, output, members });
        self.deliveries.push(Delivery { output, artifact, form: DeliveryForm::File(master.path.clone()) });
    }
}

/// The tracks of a package, pictures first, and how its variants choose among them.
fn tracks(package: &Adaptive, ports: &[ArtifactId]) -> (Vec<Track>, Vec<TrackChoice>) {
    let stream = |port: Option<u8>| port.and_then(|port| ports.get(port as usize)).copied();
    let mut parts: Vec<Variant> = Vec::new();
    let apart = package.segments.keeps_sound_apart();
    for one in &package.variants {
        let part = if apart && one.video.is_some() { Variant { audio: None, ..*one } } else { *one };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if apart {
        for one in package.variants.iter().filter(|one| one.audio.is_some()) {
            let sound = Variant { video: None, ..*one };
            if !parts.contains(&sound) {
                parts.push(sound);
            }
        }
        parts.sort_by_key(|part| part.video.is_none());
    }
    let place = |wanted: Variant| parts.iter().position(|part| *part == wanted);
    let choice = |one: &Variant| {
        if apart && one.video.is_some() {
            let sound = one.audio.and_then(|audio| place(Variant { video: None, audio: Some(audio) }));
            Some(TrackChoice { track: place(Variant { audio: None, ..*one })?, sound })
        } else {
            Some(TrackChoice { track: place(*one)?, sound: None })
        }
    };
    let variants = package.variants.iter().filter_map(choice).collect();
    let mut counts = [0, 0];
    let ending = match package.format {
        AdaptiveFormat::Hls => "m3u8",
        AdaptiveFormat::Dash => "mp4",
    };
    let track = |part: &Variant| {
        let (word, count) = match part.video {
            Some(_) => ("video", &mut counts[0]),
            None => ("audio", &mut counts[1]),
        };
        let number = *count;
        *count += 1;
        let file = package.child(word, number, ending);
        Track { name: format!("{word}_{number}"), file, video: stream(part.video), audio: stream(part.audio) }
    };
    (parts.iter().map(track).collect(), variants)
}
