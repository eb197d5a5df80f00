//! What is known about marks: pictures, text and SVG; and the pace of those that move.

use super::ContentHash;
use crate::units::{Duration, Rational, Resolution};
use std::fmt;
use std::str::FromStr;

/// Which mark facts are about: a template and, of text and SVG, the content that comes with the mark.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MarkKey {
    /// The template's name.
    pub template: String,
    /// The text or SVG as written; none for pictures.
    pub content: Option<String>,
}

/// What is known about a mark.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MarkFacts {
    /// Hash of the picture file, or of the drawing and of the fonts in it.
    pub identity: ContentHash,
    /// Its own size.
    pub size: Resolution,
    /// In what its own size counts.
    pub measure: MarkMeasure,
    /// Families of the fonts its letters come from.
    pub fonts: Vec<String>,
    /// Of a picture that moves, how fast.
    pub pace: Option<Pace>,
}

impl MarkFacts {
    /// A mark that does not move, measured in pixels.
    pub fn still(identity: ContentHash, size: Resolution) -> Self {
        MarkFacts { identity, size, measure: MarkMeasure::Pixels, fonts: Vec::new(), pace: None }
    }
}

/// What the own size of a mark counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MarkMeasure {
    /// Pixels.
    Pixels,
    /// Thousandths of the height of a text's letters.
    ThousandthsOfEm,
}

/// How long each picture of an animation is shown: runs of pictures with equal times, in order.
///
/// Its text is `3x1/10+1x2`: three pictures for a tenth of a second each, then one for two seconds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pace {
    runs: Vec<(u32, Duration)>,
}

impl Pace {
    /// From the time of each picture; `None` for fewer than two pictures, or when no time goes by.
    pub fn of(times: &[Duration]) -> Option<Self> {
        let mut runs: Vec<(u32, Duration)> = Vec::new();
        for time in times {
            match runs.last_mut() {
                Some((count, same)) if same == time => *count += 1,
                _ => runs.push((1, *time)),
            }
        }
        let positive = times.iter().all(|time| time.seconds() > Rational::ZERO);
        (times.len() > 1 && positive).then_some(Pace { runs })
    }

    /// Runs of pictures that are shown equally long.
    pub fn runs(&self) -> &[(u32, Duration)] {
        &self.runs
    }

    /// Number of pictures.
    pub fn count(&self) -> u32 {
        self.runs.iter().fold(0, |sum: u32, (count, _)| sum.saturating_add(*count))
    }

    /// Time of one round.
    pub fn round(&self) -> Duration {
        let seconds = self.runs.iter().map(|(count, time)| Rational::from(*count) * time.seconds());
        Duration::from_seconds(seconds.fold(Rational::ZERO, |sum, run| sum + run))
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (count, time)) in self.runs.iter().enumerate() {
            let plus = if at == 0 { "" } else { "+" };
            write!(f, "{plus}{count}x{}", time.seconds())?;
        }
        Ok(())
    }
}

/// A text that is no pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pace such as `3x1/10+1x2`")]
pub struct ParsePaceError;

impl FromStr for Pace {
    type Err = ParsePaceError;

    fn from_str(text: &str) -> Result<Self, ParsePaceError> {
        let mut runs = Vec::new();
        for run in text.split('+') {
            let (count, time) = run.split_once('x').ok_or(ParsePaceError)?;
            let count: u32 = count.parse().map_err(|_| ParsePaceError)?;
            let time: Rational = time.parse().map_err(|_| ParsePaceError)?;
            if count == 0 || time <= Rational::ZERO {
                return Err(ParsePaceError);
            }
            runs.push((count, Duration::from_seconds(time)));
        }
        let pace = Pace { runs };
        if pace.count() > 1 { Ok(pace) } else { Err(ParsePaceError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_told_in_runs() {
        let tenth = Duration::from_seconds(Rational::of(1, 10));
        let two = Duration::from_seconds(Rational::of(2, 1));
        let pace = Pace::of(&[tenth, tenth, tenth, two]).expect("moves");
        assert_eq!((pace.to_string(), pace.count()), ("3x1/10+1x2".to_owned(), 4));
        assert_eq!(pace.round().seconds(), Rational::of(23, 10));
        assert_eq!("3x1/10+1x2".parse(), Ok(pace));
        assert_eq!(Pace::of(&[two]), None, "one picture does not move");
        assert_eq!(Pace::of(&[two, Duration::ZERO]), None);
        for wrong in ["", "1x2", "0x1+2x1", "2x0", "2y1", "x", "2x-1"] {
            assert_eq!(wrong.parse::<Pace>(), Err(ParsePaceError), "{wrong}");
        }
    }
}
