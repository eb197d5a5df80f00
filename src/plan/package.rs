//! Several renditions behind one address: adaptive packages, and master playlists over renditions of their own.

use crate::catalog::template::{AdaptiveFormat, PackageSegments, SegmentKind};
use crate::plan::{EncryptionSpec, OutputPath};
use crate::units::Duration;

/// An adaptive package to be written: a manifest and the renditions it lists, all in one folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Adaptive {
    /// HLS or DASH.
    pub format: AdaptiveFormat,
    /// The manifest, whose folder belongs to the output alone.
    pub path: OutputPath,
    /// Form of the segments.
    pub segments: PackageSegments,
    /// Nominal length of a segment.
    pub segment: Duration,
    /// What players choose from, in the order of the template.
    pub variants: Vec<Variant>,
    /// Encryption of segments.
    pub encryption: Option<EncryptionSpec>,
}

/// One choice of a player, as numbers of the operation's inputs. At least one of the two is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Variant {
    /// The picture.
    pub video: Option<u8>,
    /// The sound; with segments that keep sound apart, several variants may name one.
    pub audio: Option<u8>,
}

impl Adaptive {
    /// Name of the playlist or media file with a number of this package: `video_10_0.m3u8` (`vod.md` E.6).
    pub fn child(&self, kind: &str, number: usize, ending: &str) -> String {
        let name = self.path.file_name();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        format!("{kind}_{}_{number}.{ending}", stem.strip_prefix("adp.").unwrap_or(stem))
    }

    /// Whether the variants name exactly the inputs of the operation, of which `is_video` tells the kind.
    pub fn fits(&self, is_video: &[bool]) -> bool {
        let named = |port: Option<u8>, video: bool| port.is_none_or(|port| is_video.get(port as usize) == Some(&video));
        let uses = |one: &Variant, at: u8| one.video == Some(at) || one.audio == Some(at);
        let used = |at| u8::try_from(at).is_ok_and(|at| self.variants.iter().any(|one| uses(one, at)));
        let sound = |one: &Variant| {
            named(one.video, true) && named(one.audio, false) && (one.video.is_some() || one.audio.is_some())
        };
        !self.variants.is_empty() && self.variants.iter().all(sound) && (0..is_video.len()).all(used)
    }
}

/// A playlist over HLS renditions that are outputs of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Master {
    /// The visible file.
    pub path: OutputPath,
    /// The renditions, in the order asked.
    pub members: Vec<Member>,
}

/// A rendition in a master playlist. All of it is content: the playlist says where the rendition is and how many bits
/// its segments take.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its own playlist.
    pub path: OutputPath,
    /// Form and nominal length of its segments.
    pub segment: (SegmentKind, Duration),
    /// How many of the operation's inputs are its streams; they follow those of the member before.
    pub streams: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, variants: &[(Option<u8>, Option<u8>)]) -> Adaptive {
        Adaptive {
            format: AdaptiveFormat::Hls,
            path: OutputPath::new(&format!("{name}/{name}")).expect("a path"),
            segments: PackageSegments::TsSegment,
            segment: Duration::from_millis(6000),
            variants: variants.iter().map(|(video, audio)| Variant { video: *video, audio: *audio }).collect(),
            encryption: None,
        }
    }

    #[test]
    fn children_are_numbered_below_the_template() {
        assert_eq!(package("adp.10.m3u8", &[]).child("video", 2, "m3u8"), "video_10_2.m3u8");
        assert_eq!(package("adp.a.b_2.mpd", &[]).child("audio", 0, "mp4"), "audio_a.b_2_0.mp4");
    }

    #[test]
    fn variants_name_all_inputs_and_no_others() {
        let fits = |variants: &[_], is_video: &[bool]| package("adp.10.m3u8", variants).fits(is_video);
        assert!(fits(&[(Some(0), Some(1)), (Some(2), Some(1))], &[true, false, true]));
        assert!(fits(&[(None, Some(0))], &[false]));
        assert!(!fits(&[(Some(0), None)], &[true, false]), "an input is left over");
        assert!(!fits(&[(Some(1), Some(0))], &[true, false]), "the kinds are exchanged");
        assert!(!fits(&[(Some(0), Some(7))], &[true]), "there is no such input");
        assert!(!fits(&[(Some(0), None), (None, None)], &[true]), "a variant is empty");
        assert!(!fits(&[], &[]), "there is no variant");
    }
}
