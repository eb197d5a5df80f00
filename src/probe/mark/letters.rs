//! Marks of text: set as SVG in the template's font, measured in thousandths of the letters' height.

use super::drawing::{Drawing, parse};
use super::fonts::{FontChoice, Fonts};
use crate::media::{MarkFacts, MarkMeasure};
use crate::units::{Percent, Rational, Resolution};
use resvg::usvg::{Node, Rect};

/// How a text looks, whatever its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLook {
    /// The font.
    pub font: FontChoice,
    /// Colour as `0xRRGGBB`.
    pub colour: u32,
    /// Of the letters.
    pub opacity: Percent,
    /// Where shorter lines lie.
    pub side: LineSide,
}

/// To which side lines of unequal length are flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineSide {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// Size of the em in the drawing.
const EM: u32 = 1000;

impl Drawing {
    /// What is known about a text, and how it is drawn.
    pub fn of_text(text: &str, look: &TextLook, fonts: &Fonts) -> Result<(MarkFacts, Drawing), String> {
        let lines: Vec<&str> = text.lines().collect();
        let boxes = lines.iter().map(|line| measured(line, look, fonts)).collect::<Result<Vec<_>, _>>()?;
        let seen: Vec<Rect> = boxes.iter().flatten().copied().collect();
        if seen.is_empty() {
            return Err("the text shows nothing".to_owned());
        }
        // All lines have one height, so that they stand in even distances.
        let above = seen.iter().map(|line| -line.top()).fold(0.0, f32::max).ceil();
        let below = seen.iter().map(|line| line.bottom()).fold(0.0, f32::max).ceil();
        let pitch = (above + below).max(EM as f32);
        let width = seen.iter().map(|line| line.width()).fold(1.0, f32::max).ceil();
        let natural = Resolution::new(width as u32, (pitch * lines.len() as f32) as u32);
        let mut body = String::new();
        for (at, (line, area)) in lines.iter().zip(&boxes).enumerate() {
            let Some(area) = area else { continue };
            let slack = match look.side {
                LineSide::Left => 0.0,
                LineSide::Right => width - area.width(),
            };
            body.push_str(&element(line, look, slack - area.left(), above + pitch * at as f32));
        }
        let svg = document(natural, &body);
        let parsed = parse(&svg, fonts, Some(look.font))?;
        Drawing::finish(svg, fonts, Some(look.font), natural, MarkMeasure::ThousandthsOfEm, &parsed)
    }
}

/// The box of one line around its origin: its font's height and all of its ink. `None` for an empty line.
fn measured(line: &str, look: &TextLook, fonts: &Fonts) -> Result<Option<Rect>, String> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let svg = document(Resolution::new(EM, EM), &element(line, look, 0.0, 0.0));
    let tree = parse(&svg, fonts, Some(look.font))?.tree;
    let Some(text) = first_text(tree.root()) else { return Ok(None) };
    let (set, ink) = (text.abs_bounding_box(), text.abs_stroke_bounding_box());
    let whole = Rect::from_ltrb(
        set.left().min(ink.left()),
        set.top().min(ink.top()),
        set.right().max(ink.right()),
        set.bottom().max(ink.bottom()),
    );
    Ok(whole)
}

fn first_text(group: &resvg::usvg::Group) -> Option<&resvg::usvg::Text> {
    group.children().iter().find_map(|node| match node {
        Node::Text(text) => Some(text.as_ref()),
        Node::Group(inner) => first_text(inner),
        _ => None,
    })
}

fn document(size: Resolution, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\">{body}</svg>",
        size.width, size.height
    )
}

fn element(line: &str, look: &TextLook, x: f32, y: f32) -> String {
    let thousandths = look.opacity.of(Rational::from_integer(1000)).round().clamp(0, 1000);
    format!(
        "<g opacity=\"{}.{:03}\"><text xml:space=\"preserve\" font-size=\"{EM}\" fill=\"#{:06x}\" x=\"{x}\" y=\"{y}\">{}</text></g>",
        thousandths / 1000,
        thousandths % 1000,
        look.colour,
        escaped(line),
    )
}

/// Characters that XML cannot hold are left out: sema refuses controls, this is for whoever comes another way.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '>' => safe.push_str("&gt;"),
            '\t' => safe.push(' '),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            letter => safe.push(letter),
        }
    }
    safe
}
