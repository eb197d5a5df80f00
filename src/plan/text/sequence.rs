//! What places of sheets and films show, as one word: `first,249/50,10*3`.

use crate::plan::sequence::Shown;
use crate::units::Timestamp;

/// More places than this are not read: a slip in a count must not fill the memory.
const MOST_PLACES: usize = 1_000_000;

/// Moments in order; what several places in a row show stands once, with their number.
pub(super) fn print(shown: &[Shown]) -> String {
    let runs = shown.chunk_by(|one, next| one == next);
    let word = |run: &[Shown]| {
        let moment = run.first().and_then(|shown| shown.0).map_or("first".to_owned(), |time| time.0.to_string());
        if run.len() == 1 { moment } else { format!("{moment}*{}", run.len()) }
    };
    runs.map(word).collect::<Vec<_>>().join(",")
}

/// Reads what `print` wrote.
pub(super) fn parse(text: &str) -> Option<Vec<Shown>> {
    let mut shown = Vec::new();
    for word in text.split(',') {
        let (moment, count) =
            word.split_once('*').map_or((word, Some(1)), |(moment, count)| (moment, count.parse().ok()));
        let moment = match moment {
            "first" => Shown(None),
            time => Shown(Some(Timestamp(time.parse().ok()?))),
        };
        let count: usize = count.filter(|count| *count > 0 && *count <= MOST_PLACES - shown.len())?;
        shown.extend(std::iter::repeat_n(moment, count));
    }
    Some(shown)
}
