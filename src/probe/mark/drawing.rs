//! Marks that are drawn: SVG, and text, which is set as SVG, measured and rendered at its exact size by `resvg`.

use super::fonts::{FontChoice, Fonts};
use crate::media::{ContentHash, MarkFacts, MarkMeasure};
use crate::units::Resolution;
use image::RgbaImage;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::ID;
use resvg::usvg::{FontResolver, Group, ImageHrefResolver, ImageKind, Node, Options, Text, Tree};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Most characters of an SVG (`vod.md` B.4).
pub(super) const MOST_SVG: usize = 2_000_000;
/// Most elements of an SVG after shapes that are used again are multiplied: what takes longer than a second to draw.
const MOST_NODES: usize = 100_000;

/// A drawing ready to be rendered at any size.
#[derive(Debug, Clone)]
pub struct Drawing {
    svg: String,
    fonts: Fonts,
    chosen: Option<FontChoice>,
    pub(super) natural: Resolution,
    pub(super) measure: MarkMeasure,
}

/// An SVG that was read, with the fonts its letters came from.
pub(super) struct Parsed {
    pub(super) tree: Tree,
    used: BTreeSet<ID>,
    lacking: Option<String>,
}

impl Drawing {
    /// What is known about an SVG, and how it is drawn.
    pub fn of_svg(svg: &str, fonts: &Fonts) -> Result<(MarkFacts, Drawing), String> {
        if svg.len() > MOST_SVG * 4 || svg.chars().count() > MOST_SVG {
            return Err(format!("an SVG has at most {MOST_SVG} characters"));
        }
        let parsed = parse(svg, fonts, None)?;
        let size = parsed.tree.size().to_int_size();
        let natural = Resolution::new(size.width(), size.height());
        Drawing::finish(svg.to_owned(), fonts, None, natural, MarkMeasure::Pixels, &parsed)
    }

    /// A drawing with its facts: its identity are the drawing and the content of all fonts in it.
    pub(super) fn finish(
        svg: String,
        fonts: &Fonts,
        chosen: Option<FontChoice>,
        natural: Resolution,
        measure: MarkMeasure,
        parsed: &Parsed,
    ) -> Result<(MarkFacts, Drawing), String> {
        if let Some(lacking) = &parsed.lacking {
            return Err(lacking_font(fonts, lacking));
        }
        let identity = identity(&svg, fonts, &parsed.used);
        let families: BTreeSet<String> = parsed.used.iter().map(|id| fonts.family(*id)).collect();
        let facts = MarkFacts { fonts: families.into_iter().collect(), measure, ..MarkFacts::still(identity, natural) };
        Ok((facts, Drawing { svg, fonts: fonts.clone(), chosen, natural, measure }))
    }

    /// The drawing at a size, with straight alpha.
    pub(super) fn render(&self, size: Resolution) -> Result<RgbaImage, String> {
        let tree = parse(&self.svg, &self.fonts, self.chosen)?.tree;
        let mut pixmap = Pixmap::new(size.width, size.height).ok_or("it cannot be drawn at that size")?;
        let scale = match self.measure {
            // A box's height is that of its lines, rounded up: the letters' own height follows from it.
            MarkMeasure::ThousandthsOfEm => {
                let em = u64::from(size.height) * 1000 / u64::from(self.natural.height.max(1));
                (em as f32 / 1000.0, em as f32 / 1000.0)
            }
            MarkMeasure::Pixels => (size.width as f32 / tree.size().width(), size.height as f32 / tree.size().height()),
        };
        resvg::render(&tree, Transform::from_scale(scale.0, scale.1), &mut pixmap.as_mut());
        let straight = |pixel: &resvg::tiny_skia::PremultipliedColorU8| {
            let colour = pixel.demultiply();
            [colour.red(), colour.green(), colour.blue(), colour.alpha()]
        };
        let bytes: Vec<u8> = pixmap.pixels().iter().flat_map(straight).collect();
        RgbaImage::from_raw(size.width, size.height, bytes).ok_or_else(|| "it cannot be drawn".to_owned())
    }
}

fn identity(svg: &str, fonts: &Fonts, used: &BTreeSet<ID>) -> ContentHash {
    let mut hashes: Vec<String> =
        used.iter().filter_map(|id| fonts.hash(*id)).map(|hash| hash.to_hex().to_string()).collect();
    hashes.sort();
    let mut hasher = blake3::Hasher::new();
    hasher.update(svg.as_bytes());
    hashes.iter().for_each(|hash| {
        hasher.update(hash.as_bytes());
    });
    crate::probe::identity(hasher.finalize())
}

fn lacking_font(fonts: &Fonts, text: &str) -> String {
    match fonts.database().is_empty() {
        true => "no font is installed".to_owned(),
        false => format!("no installed font has the letter `{text}`"),
    }
}

/// Reads an SVG. Nothing outside of it is opened; a picture inside must be within the limits of pictures.
pub(super) fn parse(svg: &str, fonts: &Fonts, chosen: Option<FontChoice>) -> Result<Parsed, String> {
    let (foreign, bad) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let options = options(fonts, chosen, foreign.clone(), bad.clone());
    let tree = Tree::from_str(svg, &options).map_err(|error| match error {
        resvg::usvg::Error::InvalidSize => "the SVG has no size".to_owned(),
        resvg::usvg::Error::ElementsLimitReached => "the SVG has too many elements".to_owned(),
        _ => "it is no SVG".to_owned(),
    })?;
    if foreign.load(Ordering::Relaxed) || has_foreign_reference(svg) {
        return Err("the SVG refers to something outside of it".to_owned());
    }
    if bad.load(Ordering::Relaxed) {
        return Err("a picture inside the SVG is damaged or too large".to_owned());
    }
    let mut parsed = Parsed { tree, used: BTreeSet::new(), lacking: None };
    let mut found = Found::default();
    look_through(parsed.tree.root(), &mut found);
    if found.nodes > MOST_NODES {
        return Err("the SVG has too many elements".to_owned());
    }
    if fonts.database().is_empty() && svg.contains("<text") {
        found.lacking.get_or_insert_default();
    }
    (parsed.used, parsed.lacking) = (found.fonts, found.lacking);
    Ok(parsed)
}

fn options<'a>(
    fonts: &'a Fonts,
    chosen: Option<FontChoice>,
    foreign: Arc<AtomicBool>,
    bad: Arc<AtomicBool>,
) -> Options<'a> {
    let by_family = FontResolver::default_font_selector();
    let usual = fonts.usual();
    let resolve_data = move |_: &str, data: Arc<Vec<u8>>, _: &Options<'_>| {
        let kind = picture_kind(data);
        bad.fetch_or(kind.is_none(), Ordering::Relaxed);
        kind
    };
    let resolve_string = move |_: &str, _: &Options<'_>| {
        foreign.store(true, Ordering::Relaxed);
        None
    };
    Options {
        fontdb: fonts.database().clone(),
        font_family: "sans-serif".to_owned(),
        font_resolver: FontResolver {
            select_font: Box::new(move |font, database| match chosen {
                Some(chosen) => Some(chosen.0),
                None => by_family(font, database).or(usual.map(|usual| usual.0)),
            }),
            select_fallback: Box::new(|letter, used, _| fonts.with_letter(letter, used)),
        },
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(resolve_data),
            resolve_string: Box::new(resolve_string),
        },
        ..Options::default()
    }
}

/// Of a picture inside an SVG the size is looked at before anything decodes it; an SVG inside an SVG is none.
fn picture_kind(data: Arc<Vec<u8>>) -> Option<ImageKind> {
    let reader = image::ImageReader::new(Cursor::new(data.as_slice())).with_guessed_format().ok()?;
    let format = reader.format()?;
    let (width, height) = reader.into_dimensions().ok()?;
    if Resolution::new(width, height).pixels() > super::MOST_INNER_PIXELS {
        return None;
    }
    match format {
        image::ImageFormat::Png => Some(ImageKind::PNG(data)),
        image::ImageFormat::Jpeg => Some(ImageKind::JPEG(data)),
        image::ImageFormat::Gif => Some(ImageKind::GIF(data)),
        _ => None,
    }
}

/// What renderers may follow: style sheets and addresses. Nothing of it is opened here, but what was drawn without it
/// would not be what its author sees.
fn has_foreign_reference(svg: &str) -> bool {
    let lower = svg.to_ascii_lowercase();
    let style_sheet = lower.contains("<?xml-stylesheet") || lower.contains("@import");
    let addresses = lower.match_indices("url(").any(|(at, _)| {
        let target = lower[at + 4..].trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        !target.starts_with('#') && !target.starts_with("&quot;#") && !target.starts_with("data:")
    });
    style_sheet || addresses || lower.contains("<!entity")
}

#[derive(Default)]
struct Found {
    nodes: usize,
    fonts: BTreeSet<ID>,
    lacking: Option<String>,
}

fn look_through(group: &Group, found: &mut Found) {
    for node in group.children() {
        found.nodes += 1;
        if found.nodes > MOST_NODES {
            return;
        }
        if let Node::Text(text) = node {
            letters(text, found);
        }
        if let Node::Group(inner) = node {
            look_through(inner, found);
        }
    }
}

fn letters(text: &Text, found: &mut Found) {
    for glyph in text.layouted().iter().flat_map(|span| &span.positioned_glyphs) {
        found.fonts.insert(glyph.font);
        if glyph.id.0 == 0 && found.lacking.is_none() {
            found.lacking = Some(glyph.text.clone());
        }
    }
    let written = text.chunks().iter().any(|chunk| !chunk.text().trim().is_empty());
    if written && text.layouted().iter().all(|span| span.positioned_glyphs.is_empty()) {
        found.lacking.get_or_insert_with(String::new);
    }
}
