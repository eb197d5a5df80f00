//! The tables of fields against the language's page (`language.md` 4), written down here a second time.

use super::{FieldInfo, Presence, fields};
use crate::catalog::template::TemplateKind;

const VIDEO: &str = "codec bitrate mode crf fps short_side long_side width height fill gop profile level bframes tag \
                     pixel_format hdr deinterlace denoise passes upscale speed copy";
const AUDIO: &str = "codec bitrate sample_rate channels tracks";
const SIDES: &str = "short_side long_side width height";

fn documented(kind: TemplateKind) -> Vec<(&'static str, String)> {
    let top = |words: &str| ("", words.to_owned());
    match kind {
        TemplateKind::Transcode => vec![
            top("container segment video audio"),
            ("segment", "type time".to_owned()),
            ("video", VIDEO.to_owned()),
            ("audio", AUDIO.to_owned()),
        ],
        TemplateKind::Watermark => vec![
            top("image text svg origin x y width height repeat opacity"),
            ("text", "font size color opacity".to_owned()),
        ],
        TemplateKind::Snapshot => vec![top(&format!("{SIDES} fill format tolerance"))],
        TemplateKind::Sample => vec![top(&format!("{SIDES} fill format tolerance every"))],
        TemplateKind::Sprite => vec![top(&format!("{SIDES} every rows columns fill format tolerance"))],
        TemplateKind::Adaptive => vec![
            top("format rungs segment encrypt upscale"),
            ("rungs", "video audio".to_owned()),
            ("segment", "type time".to_owned()),
        ],
        TemplateKind::Animated => vec![top(&format!("fps {SIDES} format quality"))],
        TemplateKind::Encryption => vec![top("method key_url key_source keys")],
        TemplateKind::Review => vec![top("when_flagged")],
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn every_kind_has_the_documented_fields_and_no_others() {
    for word in TemplateKind::WORDS {
        let kind = TemplateKind::from_word(word).expect("one of its words");
        let all = fields(kind);
        assert_eq!(all[..3].iter().map(|field| field.name).collect::<Vec<_>>(), ["id", "extends", "comment"]);
        for (block, words) in documented(kind) {
            let of: &[FieldInfo] = match all.iter().find(|field| field.name == block) {
                None => &all[3..],
                Some(field) => &field.inner,
            };
            let found = sorted(of.iter().map(|field| field.name));
            assert_eq!(found, sorted(words.split_whitespace()), "{kind} {block}");
        }
    }
}

#[test]
fn every_field_says_what_it_does_and_what_it_takes() {
    fn check(kind: TemplateKind, field: &FieldInfo) {
        assert!(field.doc.ends_with('.'), "{kind} {}: {}", field.name, field.doc);
        assert!(!field.accepts_text.is_empty(), "{kind} {}", field.name);
        assert!(field.presence == Presence::Optional || field.default_text.is_none(), "{kind} {}", field.name);
        field.inner.iter().for_each(|inner| check(kind, inner));
    }
    for word in TemplateKind::WORDS {
        let kind = TemplateKind::from_word(word).expect("one of its words");
        fields(kind).iter().for_each(|field| check(kind, field));
    }
}

#[test]
fn ranges_are_told_in_words() {
    let said = |kind: TemplateKind, path: &str| {
        let mut level = fields(kind);
        let mut text = String::new();
        for word in path.split('.') {
            let field = level.iter().find(|field| field.name == word).expect("the field is there").clone();
            let default = field.default_text.map(|text| format!(" = {text}")).unwrap_or_default();
            text = format!("{}{default}", field.accepts_text);
            level = field.inner;
        }
        text
    };
    let video = TemplateKind::Transcode;
    assert_eq!(said(video, "video.bitrate"), "auto, 10kbps to 100000kbps, also `at_most` = auto");
    assert_eq!(said(video, "video.fps"), "source, 1 to 100 pictures per second = source");
    assert_eq!(said(video, "video.short_side"), "source, 128 to 8192 pixels = source");
    assert_eq!(said(video, "video.crf"), "1 to 51");
    assert_eq!(said(video, "video.tag"), "hvc1, hev1 = hvc1");
    assert_eq!(said(video, "segment.time"), "auto, 1s to 10s = auto");
    assert_eq!(said(video, "audio.tracks"), "a list of 1 to 64");
    assert_eq!(said(TemplateKind::Sprite, "width"), "source, 128 to 4096 pixels = source");
    assert_eq!(said(TemplateKind::Sprite, "fill"), "black, stretch = black");
    assert_eq!(said(TemplateKind::Adaptive, "encrypt"), "none, a template of the kind encryption = none");
    assert_eq!(said(TemplateKind::Adaptive, "rungs.audio.bitrate"), "auto, 26kbps to 256kbps, also `at_most` = auto");
    assert_eq!(said(TemplateKind::Watermark, "text.color"), "a colour such as 0xFFFFFF = 0xFFFFFF");
}
