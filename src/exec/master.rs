//! Master playlists: what players choose from, with the bit rates of the real segments.

use super::cause::{Cause, CauseClass};
use super::material::storage;
use super::outcome::{MediaRecord, OutputState};
use super::schedule::Course;
use super::verify::{Verified, wrong};
use crate::diag::codes;
use crate::physical::MasterWork;
use crate::plan::OutputId;
use crate::units::{FrameRate, Rational};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Bits a second of the busiest stretch that lasts as long as a segment, and on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rates {
    pub peak: u64,
    pub average: u64,
}

impl Rates {
    /// The rates of segments, given as seconds and bytes. The peak is that of RFC 8216, 4.3.4.2: the largest bit rate
    /// of segments in a row that last from half to one and a half of the target duration.
    pub fn of(segments: &[(Rational, u64)], target: Rational) -> Rates {
        let (shortest, longest) = (target * Rational::of(1, 2), target * Rational::of(3, 2));
        let mut peak = 0;
        for start in 0..segments.len() {
            let (mut length, mut bytes) = (Rational::ZERO, 0u64);
            for (seconds, size) in &segments[start..] {
                length = length + *seconds;
                bytes = bytes.saturating_add(*size);
                if length > longest {
                    break;
                }
                if length >= shortest {
                    peak = peak.max(rate(bytes, length));
                }
            }
        }
        let length = segments.iter().fold(Rational::ZERO, |sum, (seconds, _)| sum + *seconds);
        let average = rate(segments.iter().map(|(_, bytes)| bytes).sum(), length);
        Rates { peak: peak.max(average), average }
    }

    pub fn plus(self, other: Rates) -> Rates {
        Rates { peak: self.peak + other.peak, average: self.average + other.average }
    }
}

fn rate(bytes: u64, seconds: Rational) -> u64 {
    let seconds = seconds.to_f64();
    if seconds > 0.0 { (bytes as f64 * 8.0 / seconds).ceil() as u64 } else { 0 }
}

/// A choice of the player.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub uri: String,
    pub rates: Rates,
    /// Names of the codecs, picture first.
    pub codecs: Vec<String>,
    pub size: Option<(u32, u32)>,
    pub rate: Option<FrameRate>,
    /// The playlist of its sound, where sound is kept apart.
    pub sound: Option<String>,
}

impl Choice {
    /// A rendition that is an output of its own, as it was found; `None` where something was not found out.
    pub fn of(uri: String, media: &MediaRecord) -> Option<Choice> {
        Some(Choice {
            uri,
            rates: Rates { peak: media.peak_bitrate?, average: media.bitrate? },
            codecs: media.codecs.as_ref()?.split(',').map(str::to_owned).collect(),
            size: media.width.zip(media.height),
            rate: media.frame_rate.as_ref().and_then(|rate| FrameRate::new(rate.parse().ok()?)),
            sound: None,
        })
    }
}

impl Course<'_> {
    /// Writes the playlists over outputs all of which are settled now. A playlist is all or nothing: one that leaves
    /// out what happened to fail would be another at each run.
    pub(super) fn write_masters(&mut self) {
        let plan = self.request.plan;
        for master in &plan.masters {
            let known = self.artifacts.contains_key(&master.artifact) || self.settled.contains_key(&master.output);
            if !known && master.members.iter().all(|member| self.settled.contains_key(member)) {
                let written = self.write_master(master);
                self.artifacts.insert(master.artifact, written);
            }
        }
    }

    fn write_master(&self, master: &MasterWork) -> Result<Verified, Cause> {
        let choices: Result<Vec<Choice>, Cause> = master.members.iter().map(|member| self.choice(*member)).collect();
        let name = &self.request.plan.artifact(master.artifact).name;
        std::fs::write(self.store.work().join(name), master_text(&choices?, &[]))
            .map_err(|error| storage(name, &error))?;
        Ok(Verified::default())
    }

    fn choice(&self, member: OutputId) -> Result<Choice, Cause> {
        let output = self.request.plan.output(member);
        let failed = |because: &str| {
            let reason = format!("the rendition `{}` that it lists was not made{because}", output.label);
            Cause::new(CauseClass::Internal, &codes::TOOL_FAILED, reason)
        };
        let outcome = self.settled.get(&member).ok_or_else(|| failed(""))?;
        match outcome.state {
            OutputState::Done => {}
            OutputState::Cancelled => return Err(Cause::cancelled()),
            OutputState::Failed | OutputState::Skipped => {
                let parts = self.parts(output);
                let cause = parts.iter().find_map(|part| self.artifacts.get(part)?.as_ref().err());
                let because = outcome.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                let told = failed(&because);
                return Err(cause.map_or(told.clone(), |cause| Cause { reason: told.reason, ..cause.clone() }));
            }
        }
        let uri = output.paths.first().map(|path| as_address(path.as_str())).unwrap_or_default();
        let choice = outcome.media.as_ref().and_then(|media| Choice::of(uri, media));
        choice.ok_or_else(|| wrong(format!("the codecs of the rendition `{}` are not known", output.label)))
    }
}

/// The playlist over these choices; `tags` are lines that hold for all of them.
pub(super) fn master_text(choices: &[Choice], tags: &[&str]) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n");
    tags.iter().for_each(|tag| text.push_str(&format!("{tag}\n")));
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for sound in choices.iter().filter_map(|choice| choice.sound.as_deref()) {
        let number = groups.len();
        if *groups.entry(sound).or_insert(number) == number {
            let _ = writeln!(
                text,
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio_{number}\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,URI=\"{}\"",
                quotable(sound)
            );
        }
    }
    for choice in choices {
        let Rates { peak, average } = choice.rates;
        let _ = write!(text, "#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average}");
        let _ = write!(text, ",CODECS=\"{}\"", choice.codecs.join(","));
        if let Some((width, height)) = choice.size {
            let _ = write!(text, ",RESOLUTION={width}x{height}");
        }
        if let Some(rate) = choice.rate {
            let _ = write!(text, ",FRAME-RATE={:.3}", rate.per_second().to_f64());
        }
        if let Some(number) = choice.sound.as_deref().and_then(|sound| groups.get(sound)) {
            let _ = write!(text, ",AUDIO=\"audio_{number}\"");
        }
        let _ = writeln!(text, "\n{}", choice.uri);
    }
    text
}

/// A name as a part of an address: names of templates may hold anything.
pub(super) fn as_address(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/!$&'()*+,;=@".contains(&byte) || byte >= 0x80;
    let mut address = Vec::new();
    for byte in name.bytes() {
        match plain(byte) {
            true => address.push(byte),
            false => address.extend(format!("%{byte:02X}").bytes()),
        }
    }
    // Only ASCII was replaced, so that what was UTF-8 is UTF-8.
    String::from_utf8_lossy(&address).into_owned()
}

fn quotable(address: &str) -> String {
    address.replace(['"', '\n'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(segments: &[(i64, u64)]) -> Vec<(Rational, u64)> {
        segments.iter().map(|(seconds, bytes)| (Rational::of(*seconds, 1), *bytes)).collect()
    }

    #[test]
    fn the_peak_is_that_of_stretches_as_long_as_a_segment() {
        let rates = |segments: &[(i64, u64)]| {
            let Rates { peak, average } = Rates::of(&seconds(segments), Rational::of(6, 1));
            (peak, average)
        };
        assert_eq!(rates(&[(6, 6000), (6, 12000), (3, 3000)]), (16000, 11200));
        // The last second is too short to count, and long enough to raise what is before it.
        assert_eq!(rates(&[(6, 6000), (1, 9000)]).0, 17143);
        assert_eq!(rates(&[(2, 500)]), (2000, 2000));
        assert_eq!(rates(&[]), (0, 0));
    }

    #[test]
    fn a_playlist_says_what_players_ask() {
        let choice = |uri: &str, size, sound: Option<&str>| Choice {
            uri: uri.into(),
            rates: Rates { peak: 900, average: 700 },
            codecs: vec!["avc1.64001f".into(), "mp4a.40.2".into()],
            size,
            rate: FrameRate::new(Rational::of(30000, 1001)),
            sound: sound.map(str::to_owned),
        };
        let text = master_text(
            &[choice("a.m3u8", Some((426, 240)), Some("s.m3u8")), choice("b.m3u8", None, Some("s.m3u8"))],
            &["#EXT-X-INDEPENDENT-SEGMENTS"],
        );
        assert_eq!(
            text,
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio_0\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,URI=\"s.m3u8\"\n\
             #EXT-X-STREAM-INF:BANDWIDTH=900,AVERAGE-BANDWIDTH=700,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=426x240,\
             FRAME-RATE=29.970,AUDIO=\"audio_0\"\na.m3u8\n\
             #EXT-X-STREAM-INF:BANDWIDTH=900,AVERAGE-BANDWIDTH=700,CODECS=\"avc1.64001f,mp4a.40.2\",FRAME-RATE=29.970,\
             AUDIO=\"audio_0\"\nb.m3u8\n"
        );
    }

    #[test]
    fn names_become_addresses() {
        assert_eq!(as_address("v.高清/v.a b#%?.m3u8"), "v.高清/v.a%20b%23%25%3F.m3u8");
    }
}
