//! Chosen pictures in a new order of places: cells of sheets, pictures of a film, and the index of sheets.

use crate::plan::FrameTiming;
use crate::plan::op::Picked;
use crate::plan::stream::VideoType;
use crate::units::{Duration, FrameRate, Rational, Resolution, Timestamp};

/// What a place shows: the picture that is the one to take from this moment on (`Picked::not_before`), `None` for the
/// very first. Places with equal moments show the same picture. A moment, not a number, so that a picture that a damaged
/// source lacks is stood in for by its neighbour and no other changes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shown(pub Option<Timestamp>);

impl Shown {
    /// A place for a chosen picture.
    pub fn of(picked: &Picked) -> Self {
        Shown(picked.not_before)
    }
}

/// Where on the sheets of a sprite which time is seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SheetIndex {
    /// Cells on all sheets.
    pub cells: u32,
    /// Cells of a sheet from left to right.
    pub columns: u32,
    /// Cells of a sheet from top to bottom.
    pub rows: u32,
    /// Size of a cell.
    pub cell: Resolution,
    /// Distance of the cells in time.
    pub every: Duration,
    /// When the last cell ends.
    pub end: Duration,
    /// When each cell starts, where its picture may come from another moment than the one that is its turn; else empty.
    pub starts: Vec<Timestamp>,
}

impl SheetIndex {
    /// The index as WebVTT: for each cell the time for which it stands, and the place of its picture on a sheet.
    /// `sheets` are the names of the files, seen from the index.
    pub fn web_vtt(&self, sheets: &[&str]) -> String {
        let mut text = String::from("WEBVTT\n");
        let per_sheet = self.columns.saturating_mul(self.rows).max(1);
        for number in 0..self.cells {
            let (from, to) = (self.start_of(number), self.start_of(number + 1));
            let place = number % per_sheet;
            let (column, row) = (place % self.columns.max(1), place / self.columns.max(1));
            let (x, y) = (column * self.cell.width, row * self.cell.height);
            let sheet = sheets.get((number / per_sheet) as usize).map_or(String::new(), |name| uri_encoded(name));
            let Resolution { width, height } = self.cell;
            let (from, to) = (clock(from), clock(to));
            text.push_str(&format!("\n{from} --> {to}\n{sheet}#xywh={x},{y},{width},{height}\n"));
        }
        text
    }

    /// When a cell starts; past the last, when all end.
    fn start_of(&self, number: u32) -> Rational {
        if let Some(start) = self.starts.get(number as usize) {
            return start.0;
        }
        (self.every.seconds() * Rational::from(number)).min(self.end.seconds())
    }
}

/// When cells start whose pictures are shown at these times instead of their turns: when the picture is, the first at
/// zero, and each later than the one before by a millisecond at least, the finest that the index tells.
pub fn real_starts(shown: &[Timestamp]) -> Vec<Timestamp> {
    let mut starts: Vec<Timestamp> = Vec::new();
    for time in shown {
        let least = starts.last().map(|before| before.0 + Rational::of(1, 1000));
        starts.push(Timestamp(least.map_or(Rational::ZERO, |least| least.max(time.0))));
    }
    starts
}

/// Hours, minutes, seconds and milliseconds as WebVTT writes them.
fn clock(seconds: Rational) -> String {
    let milliseconds = (seconds * Rational::of(1000, 1)).round().max(0);
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A file name as a relative address: what addresses give a meaning to is escaped, letters of any script as well.
fn uri_encoded(name: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(encode).collect()
}

/// The sheets that so many cells fill.
pub(super) fn sheets(cell: &VideoType, columns: u32, rows: u32, cells: usize) -> VideoType {
    let per_sheet = u64::from(columns.saturating_mul(rows).max(1));
    let size = Resolution::new(cell.size.width.saturating_mul(columns), cell.size.height.saturating_mul(rows));
    VideoType { size, frames: (cells as u64).div_ceil(per_sheet), ..cell.clone() }
}

/// The film that so many pictures make at a rate.
pub(super) fn film(picture: &VideoType, rate: FrameRate, pictures: usize) -> VideoType {
    let step = rate.frame_duration();
    VideoType {
        timing: FrameTiming::Constant(rate),
        time_base: step,
        start: Timestamp::ZERO,
        duration: Duration::from_seconds(Rational::from(pictures as u32) * step),
        frames: pictures as u64,
        ..picture.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_has_a_cue_for_each_cell_and_starts_a_new_sheet_when_one_is_full() {
        let index = SheetIndex {
            cells: 5,
            columns: 2,
            rows: 2,
            cell: Resolution::new(142, 80),
            every: Duration::from_seconds(Rational::of(10, 3)),
            end: Duration::from_millis(14_500),
            starts: Vec::new(),
        };
        insta::assert_snapshot!(index.web_vtt(&["a b_0.jpg", "a b_1.jpg"]), @r"
        WEBVTT

        00:00:00.000 --> 00:00:03.333
        a%20b_0.jpg#xywh=0,0,142,80

        00:00:03.333 --> 00:00:06.667
        a%20b_0.jpg#xywh=142,0,142,80

        00:00:06.667 --> 00:00:10.000
        a%20b_0.jpg#xywh=0,80,142,80

        00:00:10.000 --> 00:00:13.333
        a%20b_0.jpg#xywh=142,80,142,80

        00:00:13.333 --> 00:00:14.500
        a%20b_1.jpg#xywh=0,0,142,80
        ");
    }

    #[test]
    fn cells_start_when_their_pictures_do_and_never_at_once() {
        let at = |milliseconds| Timestamp(Rational::of(milliseconds, 1000));
        let starts = real_starts(&[at(40), at(2000), at(2000), at(5900)]);
        assert_eq!(starts, [at(0), at(2000), at(2001), at(5900)]);
    }

    #[test]
    fn hours_are_written_in_full() {
        assert_eq!(clock(Rational::of(360_000_999, 1000)), "100:00:00.999");
        assert_eq!(clock(Rational::of(59_999_600, 1_000_000)), "00:01:00.000");
    }
}
