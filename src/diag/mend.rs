//! Applies the edits that diagnostics offer, round by round, and never leaves a text worse than it was.

use super::{Code, Diagnostics, Fix, Severity};
use crate::text::SourceId;
use std::collections::BTreeSet;
use std::ops::Range;

/// Edits may offer further edits; after so many rounds the rest is for people.
const MOST_ROUNDS: usize = 10;

/// What a look at a text found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Everything that was found, in imported texts too.
    pub diagnostics: Diagnostics,
    /// The text itself among the sources; only its edits are applied.
    pub source: Option<SourceId>,
}

/// A text after its edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The text, with the byte-order mark that it had.
    pub text: String,
    /// The code of each fix that was applied.
    pub fixes: Vec<&'static Code>,
}

/// Applies edits until nothing more can be mended. A round that would add an error is undone; then the fixes are tried
/// one at a time.
pub fn mend(text: &str, mut look: impl FnMut(&str) -> Looked) -> Mended {
    // Spans do not count the mark.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = &text[..text.len() - body.len()];
    let mut mended = Mended { text: body.to_owned(), fixes: Vec::new() };
    let mut found = look(body);
    let mut seen = BTreeSet::from([body.to_owned()]);
    for _ in 0..MOST_ROUNDS {
        let offered = offers(&mended.text, &found);
        let one_by_one = offered.iter().map(|offer| vec![offer.clone()]);
        let attempts = std::iter::once(offered.clone()).chain(one_by_one.filter(|_| offered.len() > 1));
        let better = attempts.filter(|offers| !offers.is_empty()).find_map(|offers| {
            let next = applied(&mended.text, &offers);
            if !seen.insert(next.clone()) {
                return None;
            }
            let looked = look(&next);
            is_no_worse(&looked.diagnostics, &found.diagnostics).then_some((next, looked, offers))
        });
        let Some((next, looked, offers)) = better else { break };
        mended.fixes.extend(offers.iter().map(|offer| offer.code));
        (mended.text, found) = (next, looked);
    }
    mended.text.insert_str(0, mark);
    mended
}

/// A fix that fits beside those before it.
#[derive(Clone)]
struct Offer {
    code: &'static Code,
    edits: Vec<(Range<usize>, String)>,
}

/// The fixes of the text itself that do not touch each other, in order.
fn offers(text: &str, found: &Looked) -> Vec<Offer> {
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut offers = Vec::new();
    for diagnostic in found.diagnostics.iter() {
        let Some(edits) = diagnostic.fix.as_ref().and_then(|fix| own_edits(fix, text, found.source?)) else { continue };
        let mut ranges = taken.clone();
        let fits = edits.iter().all(|(range, _)| {
            let free = ranges.iter().all(|other| !touch(range, other));
            ranges.push(range.clone());
            free
        });
        if fits {
            taken = ranges;
            offers.push(Offer { code: diagnostic.code, edits });
        }
    }
    offers
}

/// The edits as ranges of the text; `None` if one of them belongs elsewhere.
fn own_edits(fix: &Fix, text: &str, source: SourceId) -> Option<Vec<(Range<usize>, String)>> {
    let own = |(span, replacement): &(crate::text::Span, String)| {
        let range = span.range();
        (span.source == source && text.get(range.clone()).is_some()).then(|| (range, replacement.clone()))
    };
    fix.edits.iter().map(own).collect()
}

/// Whether both edits change one place. What is inserted at an edge of another edit has no order to it.
fn touch(one: &Range<usize>, other: &Range<usize>) -> bool {
    let empty = one.is_empty() || other.is_empty();
    if empty {
        one.start <= other.end && other.start <= one.end
    } else {
        one.start < other.end && other.start < one.end
    }
}

fn applied(text: &str, offers: &[Offer]) -> String {
    let mut edits: Vec<&(Range<usize>, String)> = offers.iter().flat_map(|offer| &offer.edits).collect();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    edits.into_iter().for_each(|(range, replacement)| text.replace_range(range.clone(), replacement));
    text
}

/// No more errors than before, and no more of those that keep the text from being read.
fn is_no_worse(after: &Diagnostics, before: &Diagnostics) -> bool {
    let errors = |found: &Diagnostics| found.iter().filter(|one| one.severity() == Severity::Error).count();
    let unread = |found: &Diagnostics| found.iter().filter(|one| one.code.family() == "01").count();
    errors(after) <= errors(before) && unread(after) <= unread(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnostic, codes};
    use crate::text::{Source, SourceMap};

    /// Each `a` is an error with this edit; `b` is nothing.
    fn look_for_a(replacement: &'static str) -> impl FnMut(&str) -> Looked {
        move |text| {
            let source: Source = SourceMap::default().add("x", text);
            let find = |(at, _): (usize, &str)| {
                let span = source.span(at, at + 1);
                Diagnostic::new(&codes::SYNTAX, "an a").at(span, "").with_fix(span, replacement)
            };
            Looked { diagnostics: text.match_indices('a').map(find).collect(), source: Some(source.id) }
        }
    }

    #[test]
    fn all_edits_of_a_round_are_applied_and_the_mark_stays() {
        let mended = mend("\u{feff}xa高aa", look_for_a("b"));
        assert_eq!((mended.text.as_str(), mended.fixes.len()), ("\u{feff}xb高bb", 3));
    }

    #[test]
    fn a_round_that_makes_it_worse_is_undone_and_one_that_changes_nothing_ends() {
        assert_eq!(mend("xa", look_for_a("aa")), Mended { text: "xa".into(), fixes: vec![] });
        assert_eq!(mend("xa", look_for_a("a")), Mended { text: "xa".into(), fixes: vec![] });
    }

    #[test]
    fn edits_that_touch_are_not_applied_together_and_foreign_ones_never() {
        let mut sources = SourceMap::default();
        let (own, foreign) = (sources.add("x", "abc"), sources.add("y", "abc"));
        let offer = |source: &Source, start, end, text: &str| {
            Diagnostic::new(&codes::SYNTAX, text).with_fix(source.span(start, end), text)
        };
        let list = [offer(&own, 0, 2, "1"), offer(&own, 1, 3, "2"), offer(&own, 2, 2, "3"), offer(&foreign, 2, 3, "4")];
        let found = Looked { diagnostics: list.into_iter().collect(), source: Some(own.id) };
        assert_eq!(applied("abc", &offers("abc", &found)), "1c");
    }
}
