//! Parameter templates, checked and complete: what each kind can say.
//!
//! Fields, ranges and defaults: `language.md` 4 and `vod.md` C. `extends` is already resolved here.

mod adaptive;
mod head;
mod mark;
mod picture;
mod rendition;
mod stream_name;
mod words;

pub use adaptive::{AdaptiveTemplate, PackageSegment, Rung};
pub use head::{Origin, Provenance, TemplateHead, Written};
pub use mark::{FileReference, MarkContent, TextStyle, WatermarkTemplate};
pub use picture::{AnimatedTemplate, Every, PictureSettings, SampleTemplate, Sides, SnapshotTemplate, SpriteTemplate};
pub use rendition::{AudioSettings, Gop, Passes, Segment, Setting, TranscodeTemplate, VideoSettings};
pub use words::{
    AdaptiveFormat, AnimatedFormat, AudioCodec, CodecTag, Container, Copy, Corner, Deinterlace, Denoise,
    EncryptionMethod, Fill, Hdr, ImageFormat, Notify, PackageSegments, Profile, RateMode, Repeat, ReviewAction,
    SegmentKind, Speed, TemplateKind, Upscale, VideoCodec, VideoPixelFormat,
};

use std::sync::Arc;

/// How an output is encrypted and where players find the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// Method.
    pub method: EncryptionMethod,
    /// The address that players ask for the key; `None` in templates that say nothing before it is configured.
    pub key_url: Option<String>,
    /// Name of the key manager, handed to the key service (`vod.md` C.8).
    pub key_source: Option<String>,
}

impl EncryptionTemplate {
    /// Whether a text is an address that players can ask and that can stand in quotes in a playlist line.
    pub fn is_key_url(text: &str) -> bool {
        let allowed = |sign: char| sign.is_ascii_graphic() && !matches!(sign, '"' | '<' | '>' | '\\');
        let is_http = text.starts_with("https://") || text.starts_with("http://");
        is_http && text.chars().all(allowed) && text.len() <= 2048
    }
}

/// What a content review decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewTemplate {
    /// Name and id.
    pub head: TemplateHead,
    /// What happens when something is found.
    pub when_flagged: ReviewAction,
}

/// A template of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// Renditions.
    Transcode(Arc<TranscodeTemplate>),
    /// Marks.
    Watermark(Arc<WatermarkTemplate>),
    /// Pictures at times.
    Snapshot(Arc<SnapshotTemplate>),
    /// Pictures at regular distances.
    Sample(Arc<SampleTemplate>),
    /// Pictures on sheets.
    Sprite(Arc<SpriteTemplate>),
    /// Adaptive packages.
    Adaptive(Arc<AdaptiveTemplate>),
    /// Animations.
    Animated(Arc<AnimatedTemplate>),
    /// Encryption.
    Encryption(Arc<EncryptionTemplate>),
    /// Reviews.
    Review(Arc<ReviewTemplate>),
}

impl Template {
    /// Its kind.
    pub fn kind(&self) -> TemplateKind {
        match self {
            Template::Transcode(_) => TemplateKind::Transcode,
            Template::Watermark(_) => TemplateKind::Watermark,
            Template::Snapshot(_) => TemplateKind::Snapshot,
            Template::Sample(_) => TemplateKind::Sample,
            Template::Sprite(_) => TemplateKind::Sprite,
            Template::Adaptive(_) => TemplateKind::Adaptive,
            Template::Animated(_) => TemplateKind::Animated,
            Template::Encryption(_) => TemplateKind::Encryption,
            Template::Review(_) => TemplateKind::Review,
        }
    }

    /// Its name and id.
    pub fn head(&self) -> &TemplateHead {
        match self {
            Template::Transcode(template) => &template.head,
            Template::Watermark(template) => &template.head,
            Template::Snapshot(template) => &template.head,
            Template::Sample(template) => &template.head,
            Template::Sprite(template) => &template.head,
            Template::Adaptive(template) => &template.head,
            Template::Animated(template) => &template.head,
            Template::Encryption(template) => &template.head,
            Template::Review(template) => &template.head,
        }
    }
}
