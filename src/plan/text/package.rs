//! Words of packages: variants and members of playlists.

use crate::catalog::template::SegmentKind;
use crate::plan::OutputPath;
use crate::plan::package::{Member, Variant};
use crate::units::Duration;

/// `0+1,2+1,+1`: picture and sound of each variant by the numbers of the operation's inputs.
pub(super) fn variants_text(variants: &[Variant]) -> String {
    let number = |port: Option<u8>| port.map(|port| port.to_string()).unwrap_or_default();
    let words: Vec<String> =
        variants.iter().map(|one| format!("{}+{}", number(one.video), number(one.audio))).collect();
    words.join(",")
}

/// The inverse of [`variants_text`].
pub(super) fn variants_from(text: &str) -> Option<Vec<Variant>> {
    let number = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let variant = |text: &str| {
        let (video, audio) = text.split_once('+')?;
        Some(Variant { video: number(video)?, audio: number(audio)? })
    };
    text.split(',').map(variant).collect()
}

/// `2:ts:6:v.f220/v.f220.m3u8`: number of streams, form and length of segments, the playlist.
pub(super) fn member_text(member: &Member) -> String {
    let (kind, length) = member.segment;
    format!("{}:{kind}:{}:{}", member.streams, length.seconds(), member.path)
}

/// The inverse of [`member_text`].
pub(super) fn member_from(text: &str) -> Option<Member> {
    let mut parts = text.splitn(4, ':');
    let streams = parts.next()?.parse().ok()?;
    let kind = SegmentKind::from_word(parts.next()?)?;
    let length = Duration::from_seconds(parts.next()?.parse().ok()?);
    Some(Member { streams, segment: (kind, length), path: OutputPath::new(parts.next()?)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_packages_are_read_back() {
        for text in ["0+1", "0+,2+1,+1", "11+3"] {
            assert_eq!(variants_from(text).map(|variants| variants_text(&variants)).as_deref(), Some(text));
        }
        for text in ["2:ts:6:v.f220/v.f220.m3u8", "1:fmp4:6006/1000:v.a:b/v.a:b.m3u8"] {
            let read = member_from(text).expect("a member");
            assert_eq!(member_from(&member_text(&read)), Some(read));
        }
        assert_eq!(variants_from("0"), None);
        assert_eq!(variants_from("x+1"), None);
        assert_eq!(member_from("2:ts:6"), None);
        assert_eq!(member_from("2:ts:6:../x"), None);
    }
}
