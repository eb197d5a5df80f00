//! Looks at all marks that a procedure uses: pictures are measured, text is set, SVG is read.

use crate::catalog::template::{Corner, MarkContent, TextStyle, WatermarkTemplate};
use crate::diag::{Diagnostic, Diagnostics, Message, codes, message};
use crate::hir::{Mark, OrDefault, Procedure};
use crate::limits::Limits;
use crate::media::{ContentHash, MarkFacts, MarkKey};
use crate::probe::{self, Drawing, Fonts, LineSide, MarkMaterial, TextLook};
use crate::text::{SourceMap, Span, Spanned};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is known about marks, and what they are made from.
pub type MarkTables = (BTreeMap<MarkKey, MarkFacts>, BTreeMap<ContentHash, MarkMaterial>);

/// Looks at every mark of a procedure once; all that cannot be used are told.
pub fn look(procedure: &Procedure, sources: &SourceMap, limits: &Limits) -> Result<MarkTables, Diagnostics> {
    let mut problems = Diagnostics::default();
    let (mut facts, mut materials) = (BTreeMap::new(), BTreeMap::new());
    let looker = Looker { sources, most: limits.mark_pixels, fonts: OnceCell::new() };
    let mut seen = std::collections::BTreeSet::new();
    for mark in procedure.tasks().into_iter().flat_map(|task| task.marks()) {
        let OrDefault::Given(template) = &mark.template else { continue };
        let content = mark.content.as_ref().map(|content| content.value.clone());
        let key = MarkKey { template: template.head.name.clone(), content };
        if !seen.insert(key.clone()) {
            continue;
        }
        match looker.look(template, mark) {
            Ok((found, material)) => {
                materials.insert(found.identity.clone(), material);
                facts.insert(key, found);
            }
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok((facts, materials)) } else { Err(problems) }
}

struct Looker<'a> {
    sources: &'a SourceMap,
    /// Pixels of a picture.
    most: u64,
    /// Looked for only when a mark has letters.
    fonts: OnceCell<Fonts>,
}

type Found = Result<(MarkFacts, MarkMaterial), Box<Diagnostic>>;

impl Looker<'_> {
    fn look(&self, template: &WatermarkTemplate, mark: &Mark) -> Found {
        match (&template.content, &mark.content) {
            (MarkContent::Image(image), _) => {
                let path = beside(&image.base, &image.path);
                let looked = match image.is_inline() {
                    true => probe::inline_mark(&image.path, self.most),
                    false => probe::mark(&path, self.most).map(|facts| (facts, MarkMaterial::Picture(path))),
                };
                looked.map_err(|reason| {
                    let note =
                        message!("the picture of watermark `{}` cannot be used: {}", &template.head.name, reason);
                    let help =
                        message!("give a PNG, JPEG or GIF picture, relative to the file that declares the template");
                    unusable(note, image.span, help)
                })
            }
            (MarkContent::Text(style), Some(text)) => self.text(template, style, text),
            (MarkContent::Svg, Some(svg)) => self.svg(template, svg),
            (MarkContent::Text(_) | MarkContent::Svg, None) => {
                let note = message!("the picture of watermark `{}` is not known", &template.head.name);
                Err(Box::new(Diagnostic::new(&codes::MARK_UNREADABLE, note).at(mark.asked, "")))
            }
        }
    }

    fn text(&self, template: &WatermarkTemplate, style: &TextStyle, text: &Spanned<String>) -> Found {
        let mut fonts = self.fonts().clone();
        let folder = Path::new(&style.font.base).parent().unwrap_or(Path::new(""));
        let font = fonts.choose(folder, &style.font.path).map_err(|reason| {
            let note = message!("the font `{}` cannot be used: {}", &style.font.path, reason);
            unusable(note, style.font.span, font_help())
        })?;
        let side = match template.corner {
            Corner::TopLeft | Corner::BottomLeft => LineSide::Left,
            Corner::TopRight | Corner::BottomRight => LineSide::Right,
        };
        let look = TextLook { font, colour: style.colour, opacity: style.opacity, side };
        let (facts, drawing) = Drawing::of_text(&text.value, &look, &fonts).map_err(|reason| {
            let note = message!("the text of watermark `{}` cannot be set: {}", &template.head.name, reason);
            unusable(note, text.span, font_help())
        })?;
        Ok((facts, MarkMaterial::Drawing(Box::new(drawing))))
    }

    fn svg(&self, template: &WatermarkTemplate, content: &Spanned<String>) -> Found {
        let inline = content.value.trim_start().starts_with('<');
        let base = self.sources.get(content.span.source).map_or("", |source| source.name.as_str());
        let svg = match inline {
            true => Ok(content.value.trim_start().to_owned()),
            false => probe::svg_file(&beside(base, &content.value)),
        };
        let none = Fonts::none();
        let drawn = svg.and_then(|svg| {
            let fonts = if svg.contains("text") { self.fonts() } else { &none };
            Drawing::of_svg(&svg, fonts)
        });
        let (facts, drawing) = drawn.map_err(|reason| {
            let note = message!("the SVG of watermark `{}` cannot be used: {}", &template.head.name, reason);
            let help = message!(
                "give the SVG itself, `<svg …`, or a file relative to this one; what it shows must be inside it"
            );
            unusable(note, content.span, help)
        })?;
        Ok((facts, MarkMaterial::Drawing(Box::new(drawing))))
    }

    fn fonts(&self) -> &Fonts {
        self.fonts.get_or_init(Fonts::installed)
    }
}

fn font_help() -> Message {
    message!(
        "name a font file beside the template, or install fonts (Debian, Ubuntu: `fonts-noto-cjk`, `fonts-wqy-zenhei`)"
    )
}

fn unusable(note: Message, at: Span, help: Message) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(&codes::MARK_UNREADABLE, note).at(at, "").with_help(help))
}

fn beside(base: &str, path: &str) -> PathBuf {
    Path::new(base).parent().unwrap_or(Path::new("")).join(path)
}
