//! The edit that brings a text into the usual layout.

use super::Analysis;
use crate::syntax;
use std::ops::Range;

/// The range of whole lines that changes, and what stands there then; `None` when nothing changes. Lines that stay are
/// left out, so that an editor keeps its cursor and its marks.
pub fn edit(analysis: &Analysis<'_>) -> Option<(Range<usize>, String)> {
    let source = analysis.unit.main()?;
    let formatted = syntax::format(source);
    let (before, after) = (&*source.text, formatted.text.as_str());
    if !formatted.changed || before == after {
        return None;
    }
    let same = |pairs: &mut dyn Iterator<Item = (&str, &str)>| -> usize {
        pairs.take_while(|(old, new)| old == new).map(|(old, _)| old.len()).sum()
    };
    let lines = |text| str::split_inclusive(text, '\n');
    let start = same(&mut lines(before).zip(lines(after)));
    let (old, new) = (&before[start..], &after[start..]);
    let end = same(&mut lines(old).rev().zip(lines(new).rev()));
    Some((start..before.len() - end, new[..new.len() - end].to_owned()))
}
