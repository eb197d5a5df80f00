//! Pictures handed from the processes that seek them to the one that puts them together: which, and how they are read.

use super::filters::Options;
use crate::physical::RawPictures;
use crate::plan::LogicalPlan;
use crate::plan::op::{Op, Picked};
use crate::plan::stream::{ColourRange, StreamType, VideoType};
use crate::units::{Rational, Timestamp};
use petgraph::stable_graph::NodeIndex;

/// More bytes than this are not laid by.
const MOST_BYTES: u64 = 256 << 20;
/// From more processes than this one does not read.
pub(super) const MOST_FILES: usize = 40;
/// Time stamps on the way are in millionths of a second, as on the way to places.
const TICKS: i64 = 1_000_000;

/// What a process reads instead of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relay {
    /// The operation that reads the pictures.
    pub reader: NodeIndex,
    /// How many files they come in.
    pub files: u32,
    /// When each picture is shown.
    pub times: Vec<Timestamp>,
    /// Of which colours their pixels have all values.
    pub range: ColourRange,
}

/// What puts single pictures together on the way to an encode: a sheet or a film.
pub(super) fn gatherer(logical: &LogicalPlan, above: &[NodeIndex]) -> Option<NodeIndex> {
    above.iter().copied().find(|index| matches!(logical.node(*index).op, Op::Tile { .. } | Op::Animate { .. }))
}

/// The pictures that a sheet or a film reads, if they can be handed over as they are: small enough, in a form without
/// secrets, and scaled, so that their pixels are square.
pub(super) fn handed(logical: &LogicalPlan, reader: NodeIndex, count: u32) -> Option<(RawPictures, VideoType)> {
    let types = logical.input_types(reader);
    let Some(StreamType::Stills(video)) = types.first() else { return None };
    let above = super::ancestors(logical, reader);
    let scaled = above.iter().any(|index| matches!(logical.node(*index).op, Op::Scale { .. }));
    let raw = RawPictures { count, size: video.size, pixel_format: video.pixel_format.clone() };
    (scaled && raw.bytes().is_some_and(|bytes| bytes <= MOST_BYTES)).then(|| (raw, video.clone()))
}

/// The filters that read what was laid by: each picture gets back its time by its number, and what a file without any
/// words cannot say of pixels is said.
pub(super) fn restored(relay: &Relay) -> Vec<(&'static str, Options)> {
    let ticks: Vec<i128> = relay.times.iter().map(|time| (time.0 * Rational::of(TICKS, 1)).round()).collect();
    let mut filters = vec![
        ("settb", vec![("expr", format!("1/{TICKS}"))]),
        ("setpts", vec![("expr", by_number(0, &ticks))]),
        ("setsar", vec![("sar", "1".into())]),
    ];
    if relay.range == ColourRange::Full {
        filters.push(("setparams", vec![("range", "full".into())]));
    }
    filters
}

/// When pictures are shown.
pub(super) fn times(pictures: &[Picked]) -> Vec<Timestamp> {
    pictures.iter().map(|picked| picked.picture.time).collect()
}

/// A search tree over numbers of pictures, as deep as the logarithm of how many there are.
fn by_number(first: usize, ticks: &[i128]) -> String {
    match ticks {
        [] => "0".into(),
        [tick] => tick.to_string(),
        _ => {
            let middle = ticks.len() / 2;
            let (before, after) = ticks.split_at(middle);
            let number = first + middle;
            format!("if(lt(N,{number}),{},{})", by_number(first, before), by_number(number, after))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_get_their_times_by_their_numbers() {
        insta::assert_snapshot!(by_number(0, &[5, 70, 900]), @"if(lt(N,1),5,if(lt(N,2),70,900))");
        assert_eq!(by_number(0, &[]), "0");
        let at = |seconds| Timestamp(Rational::of(seconds, 3));
        let relay = Relay { reader: NodeIndex::new(0), files: 2, times: vec![at(1), at(2)], range: ColourRange::Full };
        let words = restored(&relay).into_iter().map(|(name, options)| format!("{name} {}", options[0].1));
        insta::assert_snapshot!(words.collect::<Vec<_>>().join("\n"), @r"
        settb 1/1000000
        setpts if(lt(N,1),333333,666667)
        setsar 1
        setparams full
        ");
    }
}
