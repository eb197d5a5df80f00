//! Marks are measured and drawn as the language says, and nothing that people give makes us fail otherwise than in words.

use super::*;
use crate::media::MarkMeasure;
use crate::units::Rational;
use image::{Frame, Rgba};

/// As many pixels as without a wish.
const MOST: u64 = 16_000_000;

fn saved(name: &str, picture: &RgbaImage) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    picture.save(&path).expect("saves");
    (folder, path)
}

fn shape(width: u32, height: u32, opacity: i64) -> MarkShape {
    let (size, opacity) = (Resolution::new(width, height), Percent::from_integer(opacity));
    MarkShape { size, inset: (0, 0), opacity, motion: MarkMotion::Still }
}

fn prepared(material: &MarkMaterial, shape: MarkShape) -> RgbaImage {
    image::load_from_memory(&prepare_mark(material, shape, MOST).expect("is made")).expect("our PNG").into_rgba8()
}

#[test]
fn a_mark_is_measured_scaled_and_made_translucent() {
    // Left half opaque red, right half transparent green: no green may bleed into the edge.
    let half = RgbaImage::from_fn(40, 20, |x, _| if x < 20 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) });
    let (_folder, path) = saved("half.png", &half);
    assert_eq!(mark(&path, MOST).expect("a picture").size, Resolution::new(40, 20));
    let material = MarkMaterial::Picture(path);
    let once = prepare_mark(&material, shape(10, 5, 50), MOST).expect("scales");
    assert_eq!(once, prepare_mark(&material, shape(10, 5, 50), MOST).expect("scales"));
    let small = prepared(&material, shape(10, 5, 50));
    assert_eq!(small.dimensions(), (10, 5));
    assert_eq!(*small.get_pixel(0, 2), Rgba([255, 0, 0, 128]));
    assert_eq!(small.get_pixel(9, 2).0[3], 0);
    assert!(small.pixels().all(|pixel| pixel.0[3] == 0 || pixel.0[1] == 0), "green bled");
    let moved = prepared(&material, MarkShape { inset: (1, 1), ..shape(10, 5, 50) });
    assert_eq!(moved.dimensions(), (11, 6));
    assert_eq!((moved.get_pixel(0, 3).0[3], *moved.get_pixel(1, 3)), (0, Rgba([255, 0, 0, 128])));
}

#[test]
fn an_unscaled_opaque_picture_stays_as_it_is() {
    let ramp = RgbaImage::from_fn(16, 16, |x, y| Rgba([(x * 16) as u8, (y * 16) as u8, 7, 255]));
    let (_folder, path) = saved("ramp.png", &ramp);
    assert_eq!(prepared(&MarkMaterial::Picture(path), shape(16, 16, 100)), ramp);
}

#[test]
fn what_is_no_picture_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("logo.png");
    for (content, words) in [
        (&b""[..], "empty"),
        (b"#EXTM3U\nhttp://x/", "HLS playlist"),
        (b"<svg xmlns='x'/>", "SVG"),
        (b"plain text", "not a PNG"),
        (b"\x89PNG\r\n\x1a\nbroken", "damaged"),
    ] {
        std::fs::write(&path, content).expect("writes");
        let reason = mark(&path, MOST).expect_err("refused");
        assert!(reason.contains(words), "{reason}");
    }
    assert!(mark(folder.path(), MOST).expect_err("refused").contains("not a file"));
    assert!(mark(&folder.path().join("none"), MOST).expect_err("refused").contains("does not exist"));
}

#[test]
fn a_picture_beyond_the_limit_is_refused_before_it_is_decoded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.png");
    image::GrayImage::new(5000, 4000).save(&path).expect("saves");
    assert!(mark(&path, MOST).expect_err("refused").contains("5000x4000"));
}

/// A GIF whose pictures are grey in steps of 50, each with its time in milliseconds.
fn gif(times: &[u32]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("steps.gif");
    let mut encoder = image::codecs::gif::GifEncoder::new(File::create(&path).expect("creates"));
    for (at, time) in times.iter().enumerate() {
        let grey = at as u8 * 50;
        let picture = RgbaImage::from_pixel(8, 8, Rgba([grey, grey, grey, 255]));
        let delay = image::Delay::from_numer_denom_ms(*time, 1);
        encoder.encode_frame(Frame::from_parts(picture, 0, 0, delay)).expect("encodes");
    }
    drop(encoder);
    (folder, path)
}

#[test]
fn an_animation_keeps_its_times_and_the_shortest_are_those_of_browsers() {
    let (_folder, path) = gif(&[100, 100, 500]);
    assert_eq!(mark(&path, MOST).expect("moves").pace.map(|pace| pace.to_string()), Some("2x1/10+1x1/2".into()));
    let (_folder, fast) = gif(&[10, 20]);
    assert_eq!(mark(&fast, MOST).expect("moves").pace.map(|pace| pace.to_string()), Some("1x1/10+1x1/50".into()));
    let (_folder, alone) = gif(&[100]);
    assert_eq!(mark(&alone, MOST).expect("a picture").pace, None);
    let material = MarkMaterial::Picture(path);
    let count = |motion| {
        let bytes = prepare_mark(&material, MarkShape { motion, ..shape(8, 8, 100) }, MOST).expect("is made");
        bytes.windows(8).filter(|window| *window == b"\x89PNG\r\n\x1a\n").count()
    };
    assert_eq!([MarkMotion::Still, MarkMotion::All, MarkMotion::AllAndNothing].map(count), [1, 3, 4]);
}

#[test]
fn an_svg_is_drawn_at_its_exact_size_with_straight_alpha() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'>\
        <rect width='20' height='20' fill='#f00'/><rect x='20' width='20' height='20' fill='#00f' opacity='0.5'/></svg>";
    let (facts, drawing) = Drawing::of_svg(svg, &Fonts::none()).expect("an SVG");
    assert_eq!((facts.size, facts.measure), (Resolution::new(40, 20), MarkMeasure::Pixels));
    let drawn = prepared(&MarkMaterial::Drawing(Box::new(drawing)), shape(400, 100, 100));
    for (x, y, wanted) in
        [(0, 0, [255, 0, 0, 255]), (199, 99, [255, 0, 0, 255]), (200, 0, [0, 0, 255, 128]), (399, 99, [0, 0, 255, 128])]
    {
        assert_eq!(drawn.get_pixel(x, y).0, wanted, "{x},{y}");
    }
}

#[test]
fn an_svg_that_refers_to_the_outside_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret.png");
    RgbaImage::from_pixel(4, 4, Rgba([1, 2, 3, 255])).save(&secret).expect("saves");
    let file = secret.display();
    for inside in [
        format!("<image href='{file}' width='9' height='9'/>"),
        format!("<image xlink:href='file://{file}' width='9' height='9'/>"),
        "<image href='https://example.org/a.png' width='9' height='9'/>".to_owned(),
        "<style>@import 'a.css';</style>".to_owned(),
        "<rect width='9' height='9' fill='url(http://example.org/a.svg#x)'/>".to_owned(),
        "<style>rect { fill: URL( \"a.svg#x\" ) }</style>".to_owned(),
    ] {
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='9' height='9'>{inside}</svg>"
        );
        let reason = Drawing::of_svg(&svg, &Fonts::none()).expect_err("refused");
        assert!(reason.contains("outside"), "{inside}: {reason}");
    }
    let entity = "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>&a;</svg>";
    assert!(Drawing::of_svg(entity, &Fonts::none()).is_err());
    let own = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><defs><linearGradient id='a'/></defs><rect width='9' height='9' fill='url(#a)'/></svg>";
    assert!(Drawing::of_svg(own, &Fonts::none()).is_ok());
}

/// The fonts of the tests alone, and one that has ten Chinese letters.
fn han() -> (Fonts, FontChoice) {
    let mut fonts = Fonts::none();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts");
    let font = fonts.choose(&folder, "han.ttf").expect("the font of the tests");
    (fonts, font)
}

fn text(words: &str) -> Result<(MarkFacts, Drawing), String> {
    let (fonts, font) = han();
    let look = TextLook { font, colour: 0xFF8000, opacity: Percent::from_integer(50), side: LineSide::Left };
    Drawing::of_text(words, &look, &fonts)
}

fn drawn(words: &str, em: u32) -> RgbaImage {
    let (facts, drawing) = text(words).expect("a text");
    let side = |own: u32| (Rational::from(own) * Rational::of(i64::from(em), 1000)).ceil() as u32;
    let (width, height) = (side(facts.size.width), side(facts.size.height));
    prepared(&MarkMaterial::Drawing(Box::new(drawing)), shape(width, height, 100))
}

fn ink(picture: &RgbaImage) -> usize {
    picture.pixels().filter(|pixel| pixel.0[3] > 0).count()
}

#[test]
fn chinese_letters_are_drawn_each_as_itself() {
    let (one, other) = (drawn("中", 48), drawn("文", 48));
    assert_eq!(one.dimensions(), other.dimensions(), "Chinese letters are equally wide");
    assert_ne!(one, other);
    assert!(ink(&one) > 200 && ink(&other) > 200, "{} {}", ink(&one), ink(&other));
    let colour = one.pixels().max_by_key(|pixel| pixel.0[3]).expect("pixels").0;
    assert_eq!(colour, [255, 128, 0, 128], "in its colour and opacity");
    let (facts, _) = text("版权所有").expect("a text");
    assert_eq!(facts.size.width, 4000, "four letters are four times as wide as high");
    let missing = text("中國").expect_err("not in the font");
    assert!(missing.contains('國'), "{missing}");
}

#[test]
fn lines_stand_below_each_other_and_all_sizes_show_the_same() {
    let (one, _) = text("中文").expect("a text");
    let (two, _) = text("中文\n版").expect("a text");
    assert_eq!(two.size, Resolution::new(one.size.width, 2 * one.size.height));
    let both = drawn("中文\n版", 40);
    let right_half_below =
        image::imageops::crop_imm(&both, both.width() / 2, both.height() / 2, both.width() / 2, both.height() / 2);
    assert_eq!(ink(&right_half_below.to_image()), 0, "the short line is flush left");
    assert!(text(" \n ").expect_err("empty").contains("shows nothing"));
}

#[test]
fn a_text_is_known_by_its_words_its_look_and_its_font() {
    let identity = |words: &str| text(words).expect("a text").0.identity;
    assert_eq!(identity("中文"), identity("中文"));
    assert_ne!(identity("中文"), identity("文中"));
    let (facts, _) = text("中文").expect("a text");
    assert_eq!(facts.fonts, ["Droid Sans Fallback"]);
}

#[test]
fn markup_in_a_text_is_text() {
    let (fonts, font) = han();
    let look = TextLook { font, colour: 0, opacity: Percent::from_integer(100), side: LineSide::Left };
    let reason = Drawing::of_text("<svg>&amp;", &look, &fonts).expect_err("no Latin letters in this font");
    assert!(reason.contains('<'), "{reason}");
}

#[test]
fn a_font_that_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.ttf"), "no font").expect("writes");
    let mut fonts = Fonts::none();
    assert_eq!(fonts.choose(folder.path(), "a.ttf"), Err("it is no font".to_owned()));
    assert_eq!(fonts.choose(folder.path(), "simkai.ttf"), Err("no font is installed".to_owned()));
}

/// Numbers that look random and are the same in every run.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
}

#[test]
fn damaged_files_are_refused_and_nothing_else_happens() {
    let folder = tempfile::tempdir().expect("a folder");
    let png = folder.path().join("whole.png");
    RgbaImage::from_fn(16, 16, |x, y| Rgba([x as u8, y as u8, 0, 255])).save(&png).expect("saves");
    let (_kept, gif) = gif(&[100, 100]);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><path d='M0 0 L9 9 A1 2 3 0 1 4 5z' stroke='red'/><text>\xe4\xb8\xad</text></svg>".to_vec();
    let whole = [std::fs::read(&png).expect("reads"), std::fs::read(&gif).expect("reads"), svg];
    let path = folder.path().join("spoilt");
    let (fonts, _) = han();
    for seed in 0..300u64 {
        let mut bytes = whole[seed as usize % 3].clone();
        let mut random = noise(seed + 1);
        for _ in 0..=seed % 7 {
            let at = usize::from(random.next().unwrap_or(0)) * bytes.len() / 256;
            bytes[at] = random.next().unwrap_or(0);
        }
        if seed % 5 == 0 {
            bytes.truncate(usize::from(random.next().unwrap_or(0)) * bytes.len() / 256);
        }
        std::fs::write(&path, &bytes).expect("writes");
        let found = mark(&path, MOST);
        let made = prepare_mark(&MarkMaterial::Picture(path.clone()), shape(5, 5, 100), MOST);
        let said = [found.err(), made.err()];
        assert!(said.iter().flatten().all(|reason| !reason.is_empty()), "{seed}");
        if let Ok((_, drawing)) = Drawing::of_svg(&String::from_utf8_lossy(&bytes), &fonts) {
            let made = prepare_mark(&MarkMaterial::Drawing(Box::new(drawing)), shape(5, 5, 100), MOST);
            assert!(made.is_ok(), "{seed}: {made:?}");
        }
    }
}

#[test]
fn the_limit_of_pixels_is_the_callers() {
    let (_folder, path) = saved("large.png", &RgbaImage::new(40, 20));
    assert!(mark(&path, 799).expect_err("too large").contains("the limit is 799 in all (`--max mark-pixels=…`)"));
    assert!(mark(&path, 800).is_ok());
    let material = MarkMaterial::Picture(path);
    assert!(prepare_mark(&material, shape(10, 10, 100), 799).is_err());
    assert!(prepare_mark(&material, shape(10, 10, 100), 800).is_ok());
    assert!(prepare_mark(&material, shape(30, 30, 100), 800).is_err());
}
