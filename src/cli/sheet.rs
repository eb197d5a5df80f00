//! A contact sheet: several pictures on one, each with its name below it.

use crate::probe::{Drawing, Fonts, MarkMaterial, MarkMotion, MarkShape, prepare_mark};
use crate::text::printable;
use crate::units::{Percent, Resolution};
use std::io::Cursor;
use std::path::PathBuf;

/// Longest side of a picture on the sheet.
const CELL: u32 = 400;
/// Below a picture, for its name.
const LABEL: u32 = 44;
/// Between pictures.
const GAP: u32 = 16;
/// Pixels that no sheet has more of.
const MOST: u64 = 64_000_000;

/// A picture of a sheet.
pub struct Cell {
    /// Its file.
    pub file: PathBuf,
    /// What is written below it, two lines.
    pub label: [String; 2],
}

/// The sheet as PNG: three pictures in a row.
pub fn sheet(cells: &[Cell]) -> Result<Vec<u8>, String> {
    let columns = (cells.len() as u32).clamp(1, 3);
    let rows = (cells.len() as u32).div_ceil(columns);
    let size = Resolution::new(columns * (CELL + GAP) + GAP, rows * (CELL * 9 / 16 + LABEL + GAP) + GAP);
    let (width, height) = (size.width, size.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\">\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#202124\"/>"
    );
    for (at, cell) in cells.iter().enumerate() {
        let (column, row) = (at as u32 % columns, at as u32 / columns);
        let corner = (GAP + column * (CELL + GAP), GAP + row * (CELL * 9 / 16 + LABEL + GAP));
        svg.push_str(&drawn(cell, corner)?);
    }
    svg.push_str("</svg>");
    let (_, drawing) = Drawing::of_svg(&svg, &Fonts::installed())?;
    let shape = MarkShape { size, inset: (0, 0), opacity: Percent::from_integer(100), motion: MarkMotion::Still };
    prepare_mark(&MarkMaterial::Drawing(Box::new(drawing)), shape, MOST)
}

/// A picture in the middle of its cell, and its name.
fn drawn(cell: &Cell, (left, top): (u32, u32)) -> Result<String, String> {
    let high = CELL * 9 / 16;
    let picture = image::open(&cell.file).map_err(|error| error.to_string())?;
    let small = picture.thumbnail(CELL, high).into_rgb8();
    let (width, height) = small.dimensions();
    let mut jpeg = Cursor::new(Vec::new());
    small.write_to(&mut jpeg, image::ImageFormat::Jpeg).map_err(|error| error.to_string())?;
    let (x, y) = (left + (CELL - width) / 2, top + (high - height) / 2);
    let mut svg = format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" href=\"data:image/jpeg;base64,{}\"/>",
        base64(&jpeg.into_inner())
    );
    for (line, (text, colour)) in cell.label.iter().zip(["#ffffff", "#9aa0a6"]).enumerate() {
        let below = top + high + 18 + 17 * line as u32;
        svg.push_str(&format!(
            "<text x=\"{left}\" y=\"{below}\" font-family=\"sans-serif\" font-size=\"14\" fill=\"{colour}\">{}</text>",
            escaped(text)
        ));
    }
    Ok(svg)
}

fn escaped(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(sign) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_in_rfc_4648() {
        let written = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(written, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
