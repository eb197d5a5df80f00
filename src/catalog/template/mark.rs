//! Templates of marks laid over pictures.

use super::{Corner, Repeat, TemplateHead};
use crate::text::Span;
use crate::units::{Length, Percent};

/// Something laid over pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatermarkTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// What is laid over them.
    pub content: MarkContent,
    /// The corner from which offsets count.
    pub corner: Corner,
    /// Offset to the side.
    pub x: Length,
    /// Offset up or down.
    pub y: Length,
    /// Width; with `None` in proportion to the height. Marks of text have their own size.
    pub width: Option<Length>,
    /// Height; with `None` in proportion to the width; both `None` keep the picture's own size.
    pub height: Option<Length>,
    /// How an animated picture goes on.
    pub repeat: Repeat,
    /// Of the whole mark: 100 % covers what is below.
    pub opacity: Percent,
}

impl WatermarkTemplate {
    /// The picture's file, of marks that are pictures.
    pub fn image(&self) -> Option<&FileReference> {
        match &self.content {
            MarkContent::Image(file) => Some(file),
            MarkContent::Text(_) | MarkContent::Svg => None,
        }
    }
}

/// What a mark consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkContent {
    /// A picture from a file, perhaps an animated one.
    Image(FileReference),
    /// A text, which comes with the mark: `with caption(text: "…")`.
    Text(TextStyle),
    /// An SVG picture, which comes with the mark: `with badge(svg: "…")`.
    Svg,
}

/// A file that a template names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReference {
    /// As written: relative to the file that declares the template.
    pub path: String,
    /// Where the path is written, for messages about the file.
    pub span: Span,
    /// Name of the source text that declares the template; the base of a relative path.
    pub base: String,
}

impl FileReference {
    /// Whether it is no file but the picture itself, as a `data:` text.
    pub fn is_inline(&self) -> bool {
        self.path.starts_with("data:")
    }

    /// What people see of it: the path, or for a picture in the text only its type.
    pub fn shown(&self) -> &str {
        if self.is_inline() { self.path.split(',').next().unwrap_or_default() } else { &self.path }
    }
}

/// The look of a mark of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextStyle {
    /// The font's file.
    pub font: FileReference,
    /// Height of a line.
    pub size: Length,
    /// Colour as `0xRRGGBB`.
    pub colour: u32,
    /// Of the letters; above 0 %.
    pub opacity: Percent,
}
