//! How the outputs of a plan stand against what an output folder holds already: values only, found out by `exec`.

use super::text::key_text;
use super::{LogicalPlan, OutputId};
use crate::units::Rational;
use petgraph::stable_graph::NodeIndex;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done about an output that the plan makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// It is not there: `+`.
    Make,
    /// It is there, made otherwise, and why it is made again: `~`.
    Remake(String),
    /// It is there and would come out the same: `=`.
    UpToDate,
}

/// A plan against an output folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// For each output that the plan makes.
    pub signs: BTreeMap<OutputId, Sign>,
    /// Outputs all of whose streams and pictures are kept, so that they are only put together.
    pub kept: BTreeSet<OutputId>,
    /// Files of outputs that nobody asks for any more: `-`.
    pub stale: Vec<String>,
    /// Processes that a run would start.
    pub processes: usize,
}

/// Longest line of a recipe; what is longer (a thousand chosen pictures) is told apart by its beginning and length.
const LONGEST: usize = 400;

/// How an output is made, one line for each operation: what two runs are compared by.
pub fn recipe(plan: &LogicalPlan, sink: NodeIndex) -> Vec<String> {
    let mut seen = BTreeSet::from([sink]);
    let mut waiting = vec![sink];
    let mut lines = Vec::new();
    while let Some(index) = waiting.pop() {
        let text = key_text(&plan.node(index).op);
        lines.push(match text.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}… ({} characters)", &text[..at], text.chars().count()),
            None => text,
        });
        waiting.extend(plan.inputs(index).into_iter().filter(|input| seen.insert(*input)));
    }
    lines.sort();
    lines.dedup();
    lines
}

/// What differs between two recipes, in the fewest words that say it; `None` without a difference.
pub fn difference(before: &[String], after: &[String]) -> Option<String> {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    let (mut gone, mut come) = (only(before, after), only(after, before));
    // Another source changes what is decoded and everything behind it; it is the whole reason.
    let operation = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    if gone.iter().chain(&come).any(|line| operation(line) == "demux") {
        return Some("the source is another".to_owned());
    }
    let mut said = Vec::new();
    gone.retain(|line| {
        let same = come.iter().position(|other| operation(other) == operation(line));
        let Some(at) = same else { return true };
        said.extend(words(line, &come.remove(at)));
        false
    });
    said.extend(gone.iter().map(|line| format!("without {}", operation(line))));
    said.extend(come.iter().map(|line| format!("with {}", operation(line))));
    said.dedup();
    const MOST: usize = 3;
    let more = said.len().saturating_sub(MOST);
    said.truncate(MOST);
    if more > 0 {
        said.push(format!("{more} more"));
    }
    (!said.is_empty()).then(|| said.join(", "))
}

/// The words that differ between two lines of one operation.
fn words(before: &str, after: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split(' ').collect(), after.split(' ').collect());
    let name = |word: &str| word.split_once('=').map(|(name, _)| name.to_owned());
    let mut come: Vec<&str> = new.iter().copied().filter(|word| !old.contains(word)).collect();
    let mut said = Vec::new();
    for gone in old.iter().filter(|word| !new.contains(word)) {
        let partner = come.iter().position(|word| name(word) == name(gone));
        said.push(match partner {
            Some(at) => {
                let word = come.remove(at);
                format!("{} → {}", plain(gone), plain(word.split_once('=').map_or(word, |(_, value)| value)))
            }
            None => format!("without {}", plain(gone)),
        });
    }
    said.extend(come.iter().map(|word| format!("with {}", plain(word))));
    said
}

/// A word as people say it: `60@2>119/60` is the picture at two seconds.
fn plain(word: &str) -> String {
    let chosen = word.split_once('@').filter(|(number, _)| number.parse::<u64>().is_ok());
    let time = chosen.and_then(|(_, rest)| rest.split('>').next()?.parse::<Rational>().ok());
    time.map_or_else(|| word.to_owned(), |time| format!("picture at {}s", time.to_decimal(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn the_reason_is_what_differs() {
        let before = lines("demux abc\nscale 1280x720 zimg\nencode-video h264 rate=1800k gop=50 speed=medium");
        let changed = |text: &str| difference(&before, &lines(text)).unwrap_or_default();
        assert_eq!(difference(&before, &before), None);
        assert_eq!(
            changed("demux abc\nscale 1280x720 zimg\nencode-video h264 rate=1200k gop=50 speed=medium"),
            "rate=1800k → 1200k"
        );
        assert_eq!(
            changed("demux abc\nscale 1280x720 zimg\noverlay x=1\nencode-video h264 rate=1800k gop=50 speed=medium"),
            "with overlay"
        );
        let (two, other) = (lines("demux abc\npick 60@2>119/60"), lines("demux abc\npick 45@3/2>89/60"));
        assert_eq!(difference(&two, &other).as_deref(), Some("picture at 2s → picture at 1.5s"));
        assert_eq!(changed("demux xyz\nscale 640x360 zimg\nencode-video h264 rate=1k gop=50"), "the source is another");
        assert_eq!(
            changed("demux abc\nscale 1280x720 zimg\nencode-video h264 rate=1k gop=25 speed=fast fps=25"),
            "rate=1800k → 1k, gop=50 → 25, speed=medium → fast, 1 more"
        );
        assert_eq!(
            changed("demux abc\nscale 640x360 zimg\nencode-video h264 rate=1800k gop=50 speed=medium"),
            "1280x720 → 640x360"
        );
    }
}
