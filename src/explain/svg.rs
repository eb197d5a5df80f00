//! The work as a picture: boxes in layers, arrows behind them, every operation in the hover text of its box.

use super::Shown;
use super::graph::{WorkBox, WorkGraph, WorkSort};
use super::layout::{Boxes, Layout, layout};
use unicode_width::UnicodeWidthStr;

/// Width of a letter of the font below, in pixels, rounded up.
const LETTER: i64 = 8;
/// Distance of lines.
const LINE: i64 = 17;
/// Inside a box, around its words.
const PADDING: i64 = 9;
/// Longer lines are cut; hover text has them in full.
const LONGEST: usize = 44;

/// Colours of boxes: fill and border, for light and dark pages.
const COLOURS: [(WorkSort, &str, &str, &str, &str); 6] = [
    (WorkSort::Source, "#e8eaed", "#5f6368", "#3a3d41", "#9aa0a6"),
    (WorkSort::Decode, "#fdecc8", "#b06000", "#4a3510", "#f2b04d"),
    (WorkSort::Filter, "#e3ecfd", "#3367d6", "#22304f", "#8ab4f8"),
    (WorkSort::Encode, "#fadcd9", "#b3261e", "#4f2422", "#f28b82"),
    (WorkSort::Copy, "#d9f2e0", "#137333", "#1b3d27", "#81c995"),
    (WorkSort::Deliver, "#ffffff", "#202124", "#202124", "#e8eaed"),
];

/// A whole document, with a style for light and dark.
pub fn svg(shown: Shown) -> String {
    let graph = WorkGraph::of(shown);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", element(&graph, shown.procedure))
}

/// The picture as an element that pages may hold.
pub(super) fn element(graph: &WorkGraph, title: &str) -> String {
    let sizes: Vec<(i64, i64)> = graph.boxes.iter().map(size).collect();
    let placed = layout(&Boxes { sizes: &sizes, arrows: &graph.arrows });
    let (width, height) = (placed.width, placed.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plan\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<style>\n{}</style>\n",
        escaped(title),
        style()
    );
    text.push_str(&format!("<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n"));
    for ((from, to), way) in graph.arrows.iter().zip(&placed.ways) {
        text.push_str(&arrow(&placed, &sizes, (*from, *to), way));
    }
    for (at, one) in graph.boxes.iter().enumerate() {
        text.push_str(&drawn(one, placed.corners[at], sizes[at]));
    }
    text.push_str("</svg>\n");
    text
}

fn size(one: &WorkBox) -> (i64, i64) {
    let widest = one.lines.iter().map(|line| cut(line).width()).max().unwrap_or(0).max(4);
    (widest as i64 * LETTER + 2 * PADDING, one.lines.len().max(1) as i64 * LINE + 2 * PADDING)
}

/// From the right side of a box, straight through the lanes of the layers between, to the left side of another.
fn arrow(placed: &Layout, sizes: &[(i64, i64)], (from, to): (usize, usize), way: &[(i64, i64, i64)]) -> String {
    let (left, right) = (placed.corners[from], placed.corners[to]);
    let (mut x, mut y) = (left.0 + sizes[from].0, left.1 + sizes[from].1 / 2);
    let (end, below) = (right.0, right.1 + sizes[to].1 / 2);
    let mut path = format!("M{x} {y}");
    for (start, stop, level) in way.iter().copied().chain([(end - 6, end - 6, below)]) {
        let bend = ((start - x) / 2).min(50);
        path.push_str(&format!("C{} {y} {} {level} {start} {level}", x + bend, start - bend));
        if stop > start {
            path.push_str(&format!("H{stop}"));
        }
        (x, y) = (stop, level);
    }
    format!("<path class=\"arrow\" d=\"{path}\"/><path class=\"head\" d=\"M{end} {below}l-7 -4v8z\"/>\n")
}

fn drawn(one: &WorkBox, (left, top): (i64, i64), (width, height): (i64, i64)) -> String {
    let mut text = format!(
        "<g class=\"{}\"><title>{}</title><rect class=\"box\" x=\"{left}\" y=\"{top}\" width=\"{width}\" \
         height=\"{height}\" rx=\"4\"/>",
        one.sort.word(),
        escaped(&one.operations.join("\n"))
    );
    for (at, line) in one.lines.iter().enumerate() {
        let (x, y) = (left + PADDING, top + PADDING + LINE * at as i64 + 13);
        text.push_str(&format!("<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(&cut(line))));
    }
    text.push_str("</g>\n");
    text
}

/// A line of a box, at most so long.
fn cut(line: &str) -> String {
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let start: String = line.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// Everything is said by classes of this picture, so that a page around it is not changed.
fn style() -> String {
    let mut text = String::from(
        ".plan text{font:12px ui-monospace,\"DejaVu Sans Mono\",monospace;fill:#202124}\n\
         .plan .ground{fill:#ffffff}.plan .arrow{fill:none;stroke:#80868b;stroke-width:1.2}.plan .head{fill:#80868b}\n",
    );
    for (sort, fill, border, _, _) in COLOURS {
        text.push_str(&format!(".plan .{} .box{{fill:{fill};stroke:{border}}}\n", sort.word()));
    }
    text.push_str("@media (prefers-color-scheme: dark){\n.plan text{fill:#e8eaed}.plan .ground{fill:#17181a}\n");
    for (sort, _, _, fill, border) in COLOURS {
        text.push_str(&format!(".plan .{} .box{{fill:{fill};stroke:{border}}}\n", sort.word()));
    }
    text.push_str("}\n");
    text
}

/// Text of a document in XML or HTML, in elements and in quoted values. What no document may hold is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(sign),
            sign if sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}') => {}
            sign => safe.push(sign),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_are_words() {
        assert_eq!(escaped("<script>\u{1}alert('&\")"), "&lt;script&gt;alert(&#39;&amp;&quot;)");
        assert_eq!(cut(&"长".repeat(60)).chars().count(), LONGEST);
    }
}
