//! `--assume`: a source that is not at hand, from a few words.

use crate::diag::{Diagnostic, Message, codes, message};
use crate::media::SourceFacts;

/// What is taken where nothing is said.
const USUAL: (&str, &str, &str) = ("1920x1080", "25/1", "60s");

/// ffprobe's names of picture codecs, by what people call them.
const PICTURES: [(&str, &str); 9] = [
    ("h264", "h264"),
    ("avc", "h264"),
    ("h265", "hevc"),
    ("hevc", "hevc"),
    ("av1", "av1"),
    ("vp8", "vp8"),
    ("vp9", "vp9"),
    ("mpeg2", "mpeg2video"),
    ("mpeg4", "mpeg4"),
];

/// The same of sound codecs.
const SOUNDS: [(&str, &str); 7] = [
    ("aac", "aac"),
    ("mp3", "mp3"),
    ("opus", "opus"),
    ("flac", "flac"),
    ("vorbis", "vorbis"),
    ("ac3", "ac3"),
    ("pcm", "pcm_s16le"),
];

/// An assumed source.
pub struct Assumed {
    /// Its facts.
    pub facts: SourceFacts,
    /// All that is assumed, what was not said included.
    pub said: Message,
}

/// What the words say so far.
#[derive(Default)]
struct Words<'a> {
    size: Option<&'a str>,
    rate: Option<String>,
    length: Option<String>,
    picture: Option<&'static str>,
    sound: Option<&'static str>,
    bitrate: Option<String>,
    /// Words that the facts of a picture have themselves.
    flags: Vec<String>,
}

/// Reads `1920x1080,25fps,10m,h264,aac`: size, rate, length, codecs, bitrate (`5000kbps`) and `hdr`, `hlg`, `interlaced`,
/// `vfr`, `rot=90`, in any order. Without a sound codec there is no sound; with no other word there is no picture.
pub fn read(text: &str) -> Result<Assumed, Diagnostic> {
    let mut words = Words::default();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        words.take(word).ok_or_else(|| unknown(word))?;
    }
    let shows = words.size.is_some() || words.rate.is_some() || words.picture.is_some() || !words.flags.is_empty();
    if !shows && words.sound.is_none() {
        return Err(unknown(text));
    }
    let (size, rate, length) = USUAL;
    let (size, length) = (words.size.unwrap_or(size), words.length.as_deref().unwrap_or(length));
    let mut lines = Vec::new();
    if shows {
        let rate = words.rate.as_deref().unwrap_or(rate);
        let deep = words.flags.iter().any(|flag| flag == "hdr" || flag == "hlg");
        let pixels = if deep { "yuv420p10le" } else { "yuv420p" };
        let bitrate = words.bitrate.as_ref().map(|rate| format!(" bitrate={rate}")).unwrap_or_default();
        let flags: String = words.flags.iter().map(|flag| format!(" {flag}")).collect();
        let codec = words.picture.unwrap_or("h264");
        lines.push(format!("video 0 {codec} {size} {rate} {pixels} {length}{bitrate}{flags}"));
    }
    if let Some(codec) = words.sound {
        lines.push(format!("audio {} {codec} 48000 stereo {length}", lines.len()));
    }
    let mut facts: SourceFacts = lines.join("\n").parse().map_err(|error: crate::media::FactsTextError| {
        Diagnostic::new(&codes::INVALID_OPTION, message!("no source can be assumed from `{}`: {}", text, error.message))
    })?;
    facts.name = "assumed.mp4".to_owned();
    let said = message!("no source is looked at; assumed: {}", lines.join("; "));
    Ok(Assumed { facts, said })
}

fn unknown(word: &str) -> Diagnostic {
    let note = message!("`{}` says nothing about a source", word);
    let help = message!("write, for example, `--assume 1920x1080,25fps,10m,h264,aac`");
    Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help)
}

impl<'a> Words<'a> {
    fn take(&mut self, word: &'a str) -> Option<()> {
        let named =
            |list: &[(&str, &'static str)]| list.iter().find(|(name, _)| *name == word).map(|(_, codec)| *codec);
        if let Some(codec) = named(&PICTURES) {
            return once(&mut self.picture, codec);
        }
        if let Some(codec) = named(&SOUNDS) {
            return once(&mut self.sound, codec);
        }
        if ["hdr", "hlg", "interlaced", "vfr", "rot=90", "rot=180", "rot=270"].contains(&word) {
            self.flags.push(word.to_owned());
            return Some(());
        }
        if let Some(rate) = word.strip_suffix("fps") {
            return once(&mut self.rate, whole_rate(rate)?);
        }
        if let Some(rate) = word.strip_suffix("kbps") {
            return once(&mut self.bitrate, format!("{}k", rate.parse::<u64>().ok()?));
        }
        if let Some((width, height)) = word.split_once('x') {
            width.parse::<u32>().ok().and(height.parse::<u32>().ok())?;
            return once(&mut self.size, word);
        }
        once(&mut self.length, format!("{}s", seconds(word)?))
    }
}

/// A thing is said once.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

/// `25` becomes `25/1`; `29.97` and its kin are what everybody means by them.
fn whole_rate(text: &str) -> Option<String> {
    let known = [("23.976", "24000/1001"), ("29.97", "30000/1001"), ("59.94", "60000/1001")];
    if let Some((_, exact)) = known.iter().find(|(written, _)| *written == text) {
        return Some((*exact).to_owned());
    }
    match text.split_once('/') {
        Some((above, below)) => {
            above.parse::<u32>().ok().and(below.parse::<u32>().ok())?;
            Some(text.to_owned())
        }
        None => Some(format!("{}/1", text.parse::<u32>().ok()?)),
    }
}

/// `1h30m`, `10m`, `90s`, `1:30:00`.
fn seconds(text: &str) -> Option<u64> {
    if text.contains(':') {
        return text.split(':').try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?));
    }
    let (mut sum, mut number) = (0_u64, String::new());
    for sign in text.chars() {
        let unit = match sign {
            '0'..='9' => {
                number.push(sign);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && sum > 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_facts() {
        let said = |text: &str| match read(text) {
            Ok(assumed) => assumed.said.to_string().replace("no source is looked at; assumed: ", ""),
            Err(problem) => problem.message.to_string(),
        };
        assert_eq!(
            said("1920x1080,25fps,10m,h264,aac"),
            "video 0 h264 1920x1080 25/1 yuv420p 600s; audio 1 aac 48000 stereo 600s"
        );
        assert_eq!(said("hdr, 29.97fps,1:00:05"), "video 0 h264 1920x1080 30000/1001 yuv420p10le 3605s hdr");
        assert_eq!(said("mp3,1h2m3s"), "audio 0 mp3 48000 stereo 3723s");
        assert_eq!(said("h265,8000kbps,rot=90"), "video 0 hevc 1920x1080 25/1 yuv420p 60s bitrate=8000k rot=90");
        assert_eq!(said("h264,h265"), "`h265` says nothing about a source");
        assert_eq!(said("10"), "`10` says nothing about a source");
        assert_eq!(said("99999999999999999999h,h264"), "`99999999999999999999h` says nothing about a source");
        assert_eq!(
            said("0x0,h264"),
            "no source can be assumed from `0x0,h264`: `0x0` is not a size such as `1920x1080`"
        );
    }
}
