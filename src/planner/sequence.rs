//! Filters that put chosen pictures into places: cells of sheets, pictures of films; and the palettes of films.

use super::filters::Options;
use crate::plan::Palette;
use crate::plan::op::Picked;
use crate::plan::sequence::Shown;
use crate::units::{FrameRate, Rational};

type Filters = Vec<(&'static str, Options)>;

/// Time stamps on the way to places are in millionths of a second.
const TICKS: i64 = 1_000_000;

/// Pictures laid out on sheets. What a half-filled last sheet lacks is black.
pub(super) fn tiled(columns: u32, rows: u32, cells: &[Shown]) -> Filters {
    let mut filters = film(FrameRate::from_integer(1), cells);
    filters.push(("tile", vec![("layout", format!("{columns}x{rows}"))]));
    filters
}

/// Pictures at a constant rate, each as often as it is shown: every picture gets the time of its first place, the
/// places between are filled with the one before, and the last one stays to the end.
pub(super) fn film(rate: FrameRate, places: &[Shown]) -> Filters {
    vec![
        ("settb", vec![("expr", format!("1/{TICKS}"))]),
        ("setpts", vec![("expr", placed(rate, places))]),
        (
            "fps",
            vec![
                ("fps", rate.to_string()),
                ("start_time", "0".into()),
                ("round", "near".into()),
                ("eof_action", "pass".into()),
            ],
        ),
        ("tpad", vec![("stop", places.len().to_string()), ("stop_mode", "clone".into())]),
        ("trim", vec![("end_frame", places.len().to_string())]),
    ]
}

/// Ends the stream with the picture after the last chosen one, so that nothing behind it is decoded for a film. A
/// millisecond is more than times are rounded by, and a picture that comes sooner does no harm; where a tick is longer,
/// as in GIF and AVI, the end is rounded to one, and less would cut off the last picture itself.
pub(super) fn end_after(pictures: &[Picked], tick: Rational) -> Option<(&'static str, Options)> {
    let end = pictures.last()?.picture.time.0 + tick.max(Rational::of(1, 1000));
    Some(("trim", vec![("end", end.to_decimal(6))]))
}

/// By a picture's own time, one tick after the start of its first place: a search tree over the moments. One tick,
/// because the stream ends where its last picture starts, and rounded up the end must lie behind, or `fps` drops it.
fn placed(rate: FrameRate, places: &[Shown]) -> String {
    let step = rate.frame_duration() * Rational::of(TICKS, 1);
    let mut firsts: Vec<(Shown, i128)> = Vec::new();
    for (number, shown) in places.iter().enumerate() {
        if firsts.last().is_none_or(|(known, _)| known != shown) {
            firsts.push((*shown, (step * Rational::from(number as u32)).round() + 1));
        }
    }
    search(&firsts)
}

/// Depth is the logarithm of the number of places, which is limited.
fn search(firsts: &[(Shown, i128)]) -> String {
    let (before, after) = firsts.split_at(firsts.len() / 2);
    match (after, after.first()) {
        (_, None) => "0".into(),
        ([(_, tick)], _) if before.is_empty() => tick.to_string(),
        (_, Some((Shown(moment), _))) => {
            let moment = moment.map_or(Rational::ZERO, |time| time.0).to_decimal(6);
            format!("if(lt(T,{moment}),{},{})", search(before), search(after))
        }
    }
}

/// Options of the filters that make and use a palette. All pixels count, so that still parts keep their colours, and
/// errors are spread to their neighbours: nearest to the source by measurement, 8 % larger than ordered dots.
pub(super) fn palette(palette: Palette) -> (Options, Options) {
    let dither = ("dither", "sierra2_4a".to_owned());
    let made = |statistics: &str| vec![("stats_mode", statistics.to_owned())];
    match palette {
        Palette::Shared => (made("full"), vec![dither]),
        Palette::Each => (made("single"), vec![dither, ("new", "1".into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Timestamp;

    #[test]
    fn each_picture_gets_the_time_of_its_first_place() {
        let at = |seconds: i64| Shown(Some(Timestamp(Rational::of(seconds, 1))));
        let two = FrameRate::from_integer(2);
        assert_eq!(placed(two, &[]), "0");
        assert_eq!(placed(two, &[at(3), at(3)]), "1");
        let places = [Shown(None), Shown(None), at(1), at(2), at(2), at(2), at(9)];
        insta::assert_snapshot!(
            placed(two, &places),
            @"if(lt(T,2),if(lt(T,1),1,1000001),if(lt(T,9),1500001,3000001))"
        );
    }
}
