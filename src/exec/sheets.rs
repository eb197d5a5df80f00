//! Verifies the index of sheets: a cue for each cell, in order of time, each pointing at its place on a sheet.

use super::cause::Cause;
use super::outcome::MediaRecord;
use super::verify::{Verified, present, wrong};
use crate::plan::sequence::SheetIndex;
use std::path::Path;

/// Verifies the index in a file of the work folder. What it says of the output is one cell and the number of cells.
pub(super) fn verify(work: &Path, name: &str, index: &SheetIndex) -> Result<Verified, Cause> {
    let path = work.join(name);
    present(&path)?;
    let text = std::fs::read_to_string(&path).map_err(|_| wrong(format!("`{name}` cannot be read")))?;
    let mut lines = text.lines();
    if lines.next() != Some("WEBVTT") {
        return Err(wrong(format!("`{name}` is no WebVTT")));
    }
    let mut cues = 0;
    while let Some(line) = lines.next() {
        let Some((from, to)) = line.split_once(" --> ") else { continue };
        let target = lines.next().unwrap_or_default();
        // Times of equal form are in order when their texts are.
        if (from.len(), from) >= (to.len(), to) || !is_on_its_sheet(target, index) {
            return Err(wrong(format!("cue {} of `{name}` is wrong", cues + 1)));
        }
        cues += 1;
    }
    if cues != index.cells {
        return Err(wrong(format!("`{name}` has {cues} cues, {} were planned", index.cells)));
    }
    let (width, height) = (Some(index.cell.width), Some(index.cell.height));
    let media = MediaRecord { width, height, pictures: Some(cues), ..MediaRecord::default() };
    Ok(Verified { media, ..Verified::default() })
}

/// Whether `sheet#xywh=x,y,w,h` names a whole cell of a sheet.
fn is_on_its_sheet(target: &str, index: &SheetIndex) -> bool {
    let Some((sheet, rectangle)) = target.split_once("#xywh=") else { return false };
    let numbers: Vec<u32> = rectangle.split(',').filter_map(|number| number.parse().ok()).collect();
    let [x, y, width, height] = numbers.as_slice() else { return false };
    let inside = x + width <= index.columns * index.cell.width && y + height <= index.rows * index.cell.height;
    !sheet.is_empty() && (*width, *height) == (index.cell.width, index.cell.height) && inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Duration, Resolution};

    #[test]
    fn an_index_must_be_whole_and_stay_on_its_sheets() {
        let folder = tempfile::tempdir().expect("a folder");
        let (cell, second) = (Resolution::new(160, 90), Duration::from_millis(1000));
        let end = Duration::from_millis(2500);
        let index = SheetIndex { cells: 3, columns: 2, rows: 1, cell, every: second, end, starts: Vec::new() };
        let check = |text: &str| {
            std::fs::write(folder.path().join("i.vtt"), text).expect("writable");
            verify(folder.path(), "i.vtt", &index)
        };
        let whole = index.web_vtt(&["s_0.jpg", "s_1.jpg"]);
        let media = check(&whole).expect("right").media;
        assert_eq!((media.width, media.pictures), (Some(160), Some(3)));
        let reason = |text: &str| check(text).expect_err("wrong").reason;
        assert!(reason("").contains("empty"));
        assert!(reason("text").contains("no WebVTT"));
        assert!(reason(whole.split_once("\n00:00:02").expect("a third cue").0).contains("2 cues, 3 were planned"));
        assert!(reason(&whole.replace("160,0,160", "161,0,160")).contains("cue 2"));
        assert!(reason(&whole.replace("--> 00:00:01.000", "--> 00:00:00.000")).contains("cue 1"));
        assert!(reason(&index.web_vtt(&["s_0.jpg"])).contains("cue 3"));
    }
}
