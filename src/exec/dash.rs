//! DASH: reads the index of a track's media file, and writes the manifest over tracks with it.

use super::cause::Cause;
use super::master::{Rates, as_address};
use super::verify::wrong;
use crate::units::{FrameRate, Frequency, Rational, Resolution};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// A header or index larger than this is not ours.
const LARGEST_BOX: u64 = 16 << 20;

/// Where the parts of a media file are, and its segments (`sidx`, ISO/IEC 14496-12, 8.16.3).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Index {
    /// First byte and bytes of the index; what is before it is the initialisation.
    pub at: (u64, u64),
    /// When the first segment starts, in seconds.
    pub start: Rational,
    /// Seconds and bytes of each segment.
    pub segments: Vec<(Rational, u64)>,
}

impl Index {
    /// Reads the index of a file in which it stands before the segments.
    pub fn of(path: &Path) -> Result<Index, Cause> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        read(path).ok_or_else(|| wrong(format!("`{name}` has no index of its segments")))
    }

    /// When the last segment ends, in seconds.
    pub fn end(&self) -> Rational {
        self.segments.iter().fold(self.start, |sum, (seconds, _)| sum + *seconds)
    }

    fn longest(&self) -> Rational {
        self.segments.iter().map(|(seconds, _)| *seconds).max().unwrap_or(Rational::ZERO)
    }
}

fn read(path: &Path) -> Option<Index> {
    let mut file = File::open(path).ok()?;
    let mut at = 0;
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head).ok()?;
        let size = u64::from(u32::from_be_bytes(head[..4].try_into().ok()?));
        if size < 8 || &head[4..] == b"moof" || &head[4..] == b"mdat" {
            return None;
        }
        if &head[4..] == b"sidx" {
            let mut content = Vec::new();
            file.take((size - 8).min(LARGEST_BOX)).read_to_end(&mut content).ok()?;
            return parse(&content).map(|index| Index { at: (at, size), ..index });
        }
        at += size;
        file.seek(SeekFrom::Start(at)).ok()?;
    }
}

fn parse(content: &[u8]) -> Option<Index> {
    let word = |at: usize| Some(u32::from_be_bytes(content.get(at..at + 4)?.try_into().ok()?));
    let scale = i64::from(word(8)?);
    let (start, mut at) = match content.first()? {
        0 => (i64::from(word(12)?), 20),
        _ => (i64::from(word(12)?) << 32 | i64::from(word(16)?), 28),
    };
    let seconds = |ticks: i64| Rational::new(i128::from(ticks), i128::from(scale));
    let count = word(at)? & 0xffff;
    at += 4;
    let mut segments = Vec::new();
    for _ in 0..count {
        segments.push((seconds(i64::from(word(at + 4)?))?, u64::from(word(at)? & 0x7fff_ffff)));
        at += 12;
    }
    (!segments.is_empty()).then_some(Index { at: (0, 0), start: seconds(start)?, segments })
}

/// A track as the manifest names it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Representation {
    pub file: String,
    pub codec: String,
    pub index: Index,
    pub kind: Kind,
}

/// What a track holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Picture(Resolution, Option<FrameRate>),
    Sound(Frequency, u8),
}

/// The manifest, in the form of the on-demand profile: one file for each track, addressed by its index.
pub(super) fn manifest(tracks: &[Representation]) -> String {
    let end = tracks.iter().map(|track| track.index.end()).max().unwrap_or(Rational::ZERO);
    let buffer = tracks.iter().map(|track| track.index.longest()).max().unwrap_or(Rational::ZERO);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" \
         type=\"static\" mediaPresentationDuration=\"PT{:.6}S\" minBufferTime=\"PT{:.6}S\">\n  <Period id=\"0\" \
         start=\"PT0S\">\n",
        end.to_f64(),
        buffer.to_f64()
    );
    let is_picture = |track: &&Representation| matches!(track.kind, Kind::Picture(..));
    let (pictures, sounds): (Vec<_>, Vec<_>) = tracks.iter().partition(is_picture);
    for (id, (word, members)) in [("video", pictures), ("audio", sounds)].into_iter().enumerate() {
        if members.is_empty() {
            continue;
        }
        let _ = writeln!(
            text,
            "    <AdaptationSet id=\"{id}\" contentType=\"{word}\" mimeType=\"{word}/mp4\" subsegmentAlignment=\"true\" \
             subsegmentStartsWithSAP=\"1\">"
        );
        members.iter().for_each(|track| representation(&mut text, word, track));
        text.push_str("    </AdaptationSet>\n");
    }
    text.push_str("  </Period>\n</MPD>\n");
    text
}

fn representation(text: &mut String, word: &str, track: &Representation) {
    let index = &track.index;
    let Rates { peak, .. } = Rates::of(&index.segments, index.longest());
    let file = escaped(&as_address(&track.file));
    let id = file.strip_suffix(".mp4").unwrap_or(word);
    let _ = write!(text, "      <Representation id=\"{id}\" codecs=\"{}\" bandwidth=\"{peak}\"", track.codec);
    let _ = match track.kind {
        Kind::Picture(size, rate) => {
            let _ = write!(text, " width=\"{}\" height=\"{}\" sar=\"1:1\"", size.width, size.height);
            rate.map_or(Ok(()), |rate| write!(text, " frameRate=\"{rate}\""))
        }
        Kind::Sound(rate, _) => write!(text, " audioSamplingRate=\"{}\"", rate.0),
    };
    text.push_str(">\n");
    if let Kind::Sound(_, channels) = track.kind {
        let scheme = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011";
        let _ = writeln!(text, "        <AudioChannelConfiguration schemeIdUri=\"{scheme}\" value=\"{channels}\"/>");
    }
    let (at, bytes) = index.at;
    let _ = writeln!(text, "        <BaseURL>{file}</BaseURL>");
    let _ = writeln!(
        text,
        "        <SegmentBase indexRange=\"{at}-{}\"><Initialization range=\"0-{}\"/></SegmentBase>",
        at + bytes - 1,
        at.saturating_sub(1)
    );
    text.push_str("      </Representation>\n");
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sidx(scale: u32, start: u64, segments: &[(u32, u32)]) -> Vec<u8> {
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 0, 1];
        bytes.extend(scale.to_be_bytes());
        bytes.extend(start.to_be_bytes());
        bytes.extend([0; 8]);
        bytes.extend((segments.len() as u32).to_be_bytes());
        for (ticks, size) in segments {
            [*size, *ticks, 0x8000_0000].iter().for_each(|word| bytes.extend(word.to_be_bytes()));
        }
        bytes
    }

    #[test]
    fn an_index_is_read() {
        let index = parse(&sidx(1000, 0, &[(6000, 500), (1500, 70)])).expect("an index");
        assert_eq!(index.segments, [(Rational::of(6, 1), 500), (Rational::of(3, 2), 70)]);
        assert_eq!(index.end(), Rational::of(15, 2));
        assert_eq!(parse(&sidx(0, 0, &[(1, 1)])), None, "no time scale");
        assert_eq!(parse(&sidx(1000, 0, &[])), None, "no segment");
        assert_eq!(parse(&sidx(1000, 0, &[(1, 1)])[..30]), None, "cut off");
    }

    #[test]
    fn a_manifest_names_each_track_with_its_ranges() {
        let index = Index { at: (833, 76), ..parse(&sidx(1000, 0, &[(6000, 6000)])).expect("an index") };
        let rate = FrameRate::new(Rational::of(30000, 1001));
        let tracks = [
            Representation {
                file: "video_a&b_0.mp4".into(),
                codec: "avc1.64001f".into(),
                index: index.clone(),
                kind: Kind::Picture(Resolution::new(426, 240), rate),
            },
            Representation {
                file: "audio_a&b_0.mp4".into(),
                codec: "mp4a.40.2".into(),
                index,
                kind: Kind::Sound(Frequency(44100), 2),
            },
        ];
        let text = manifest(&tracks);
        for part in [
            "mediaPresentationDuration=\"PT6.000000S\"",
            "<Representation id=\"video_a&amp;b_0\" codecs=\"avc1.64001f\" bandwidth=\"8000\" width=\"426\" height=\"240\" \
             sar=\"1:1\" frameRate=\"30000/1001\">",
            "<BaseURL>video_a&amp;b_0.mp4</BaseURL>",
            "<SegmentBase indexRange=\"833-908\"><Initialization range=\"0-832\"/></SegmentBase>",
            "codecs=\"mp4a.40.2\" bandwidth=\"8000\" audioSamplingRate=\"44100\">",
            "value=\"2\"/>",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}
