//! Marks lie where they should, look as they should and are seen when they should: pixels of real runs.

mod stage;

use std::path::{Path, PathBuf};

const WIDTH: usize = 320;
const HEIGHT: usize = 180;
/// Luma of the clip below the marks, which is black.
const BLACK: u8 = 16;

/// A black clip, so that whatever is lighter is a mark.
fn black_clip(name: &str, count: u32) -> PathBuf {
    let path = stage::folder().join(name);
    let source = format!("color=c=black:s={WIDTH}x{HEIGHT}:r=25,format=yuv420p");
    let (count, target) = (count.to_string(), path.to_str().expect("UTF-8").to_owned());
    stage::ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        &source,
        "-frames:v",
        &count,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        &target,
    ]);
    path
}

/// Luma of all pictures of the one rendition of a run.
fn luma(name: &str, declarations: &str, statement: &str, count: u32) -> Vec<Vec<u8>> {
    let clip = black_clip(&format!("{name}.mp4"), count);
    let text = format!(
        "{declarations}\ntemplate transcode t {{ container: mp4 video: {{ codec: h264, mode: crf, crf: 1 }} audio: none }}\nprocedure p {{ {statement} }}\n"
    );
    let out = stage::folder().join(format!("out-{name}"));
    stage::run(&stage::write(&format!("{name}.vod"), &text), &clip, &out, &[]);
    let made = out.join("v.t.mp4");
    let made = made.to_str().expect("UTF-8");
    let pixels = stage::ffmpeg(&["-i", made, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"]);
    pixels.chunks(WIDTH * HEIGHT * 3 / 2).map(|picture| picture[..WIDTH * HEIGHT].to_vec()).collect()
}

/// The box of all pixels that are nearer to the mark than to the black below: left, top, width, height.
fn lit(picture: &[u8], above: u8) -> Option<[usize; 4]> {
    let lit: Vec<(usize, usize)> =
        (0..picture.len()).filter(|at| picture[*at] > above).map(|at| (at % WIDTH, at / WIDTH)).collect();
    let (left, right) = (lit.iter().map(|at| at.0).min()?, lit.iter().map(|at| at.0).max()?);
    let (top, bottom) = (lit.iter().map(|at| at.1).min()?, lit.iter().map(|at| at.1).max()?);
    Some([left, top, right - left + 1, bottom - top + 1])
}

const SQUARE: &str =
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><rect width='8' height='8' fill='white'/></svg>";

#[test]
fn a_mark_lies_on_the_pixel_at_every_corner_and_in_every_unit() {
    let marks = [
        ("a", "origin: top_left, x: 7px, y: 5px, width: 33px, height: 21px", [7, 5, 33, 21]),
        ("b", "origin: top_right, x: 10%, y: 10%, width: 10%", [320 - 32 - 32, 18, 32, 32]),
        ("c", "origin: bottom_left, x: 1px, y: 1px, width: 10h%, height: 10l%", [1, 180 - 1 - 32, 18, 32]),
        ("d", "origin: bottom_right, x: 2px, y: 3px, width: 25s%, height: 10w%", [320 - 2 - 45, 180 - 3 - 32, 45, 32]),
        ("e", "x: 100px, y: 50px, width: 0px, height: 0px", [100, 50, 8, 8]),
    ];
    for (name, fields, wanted) in marks {
        let pictures = luma(
            &format!("corner-{name}"),
            &format!("template watermark m {{ svg: {{}}, {fields} }}"),
            &format!("transcode t with m(svg: \"{SQUARE}\")"),
            2,
        );
        assert_eq!(lit(&pictures[1], 126), Some(wanted), "{fields}");
        assert!(pictures[1][(wanted[1] + 2) * WIDTH + wanted[0] + 2] > 230, "{fields}: not white");
    }
}

#[test]
fn opacity_covers_by_its_share_and_the_last_mark_is_on_top() {
    let declarations = "template watermark half { svg: {}, width: 64px, opacity: 50% }\n\
        template watermark dark { svg: {}, x: 32px, width: 64px }";
    let black = SQUARE.replace("white", "black");
    let statement = format!("transcode t with half(svg: \"{SQUARE}\"), dark(svg: \"{black}\")");
    let pictures = luma("opacity", declarations, &statement, 2);
    let at = |x: usize| pictures[1][20 * WIDTH + x];
    // White is 235, black 16: half of it is 125 or 126.
    assert!((123..=128).contains(&at(10)), "{}", at(10));
    assert!(at(40) < BLACK + 4, "{}: the second mark covers the first", at(40));
}

#[test]
fn a_mark_is_seen_from_its_first_picture_to_its_last() {
    // Pictures lie at n/25 s: 0.28 s is picture 7, 0.60 s picture 15, which is the first one without.
    let statement = format!("transcode t with m(svg: \"{SQUARE}\", from: 0.28s, to: 0.6s)");
    let pictures = luma("span", "template watermark m { svg: {}, width: 32px }", &statement, 25);
    assert_eq!(pictures.len(), 25);
    let seen: Vec<usize> = (0..25).filter(|at| lit(&pictures[*at], 126).is_some()).collect();
    assert_eq!(seen, (7..15).collect::<Vec<_>>());
}

#[test]
fn a_chinese_text_changes_pixels_only_inside_its_box() {
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts/han.ttf");
    std::fs::copy(font, stage::folder().join("han.ttf")).expect("copies");
    let caption =
        "template watermark m { text: { font: \"han.ttf\", size: 20% } origin: bottom_right, x: 11px, y: 7px }";
    let pictures = luma("text", caption, "transcode t with m(text: \"中文\")", 2);
    let [left, top, width, height] = lit(&pictures[1], 60).expect("letters");
    // Two letters of 36 pixels; the box is a little larger than their ink.
    let (right, bottom) = (left + width, top + height);
    assert!(right <= 320 - 11 && right > 320 - 11 - 8 && (60..=74).contains(&width), "{left} {width}");
    assert!(bottom <= 180 - 7 && bottom > 180 - 7 - 20 && (26..=44).contains(&height), "{top} {height}");
    let other = luma("text-other", caption, "transcode t with m(text: \"版权\")", 2);
    assert_ne!(pictures[1], other[1], "other letters look different");
}

/// A GIF of ten pictures a second whose pictures are grey in steps of 40 from 35.
fn steps() {
    let path = stage::folder().join("steps.gif");
    let grey = "color=c=black:s=32x32:r=10:d=0.5,geq=r='35+40*N':g='35+40*N':b='35+40*N',format=rgb24";
    let plain = "split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none";
    let target = path.to_str().expect("UTF-8").to_owned();
    stage::ffmpeg(&["-f", "lavfi", "-i", &format!("{grey},{plain}"), &target]);
}

/// Which picture of the GIF is seen on each picture, `.` for none.
fn steps_seen(pictures: &[Vec<u8>]) -> String {
    let seen = |picture: &Vec<u8>| match i32::from(picture[20 * WIDTH + 20]) {
        luma if luma < 30 => '.',
        // Grey 35 + 40 n is luma 16 + 219/255 of that.
        luma => char::from_digit(((luma - 46 + 17) / 34).clamp(0, 9) as u32, 10).unwrap_or('?'),
    };
    pictures.iter().map(seen).collect()
}

#[test]
fn an_animation_shows_picture_k_at_its_time() {
    steps();
    // Picture n of the film is shown at n/25 s, picture k of the mark from k/10 s on.
    let playing = |repeat: &str, n: u32| match (repeat, n * 10 / 25) {
        ("loop", k) => k % 5,
        ("hold", k) => k.min(4),
        (_, k) => k,
    };
    for repeat in ["loop", "hold", "once"] {
        let digit = |k: u32| if k < 5 { char::from_digit(k, 10).unwrap_or('?') } else { '.' };
        let wanted: String = (0..40).map(|n| digit(playing(repeat, n))).collect();
        let declaration = format!("template watermark m {{ image: \"steps.gif\", width: 40px, repeat: {repeat} }}");
        let pictures = luma(&format!("steps-{repeat}"), &declaration, "transcode t with m", 40);
        assert_eq!(steps_seen(&pictures), wanted, "{repeat}");
    }
    let declaration = "template watermark m { image: \"steps.gif\", width: 40px, repeat: once }";
    let pictures = luma("steps-later", declaration, "transcode t with m(from: 0.4s)", 40);
    assert_eq!(steps_seen(&pictures), "..........0001122233444.................", "it starts when it is first seen");
}

#[test]
fn a_text_on_several_renditions_of_one_size_is_set_once() {
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts/han.ttf");
    std::fs::copy(font, stage::folder().join("han.ttf")).expect("copies");
    let text = "template watermark m { text: { font: \"han.ttf\", size: 20% } }\n\
        template transcode a { container: mp4 video: { codec: h264, crf: 20 } audio: none }\n\
        template transcode b { container: mp4 video: { codec: h264, crf: 30 } audio: none }\n\
        procedure p { transcode a, b with m(text: \"中文\") }\n";
    let clip = black_clip("twice.mp4", 2);
    let procedure = stage::write("twice.vod", text);
    let plan = stage::vodflow(&[
        "plan",
        procedure.to_str().expect("UTF-8"),
        clip.to_str().expect("UTF-8"),
        "--stage",
        "optimised",
    ]);
    let plan = String::from_utf8_lossy(&plan.stdout).into_owned();
    assert_eq!(plan.lines().filter(|line| line.contains("$MARK/")).count(), 1, "{plan}");
}

#[test]
fn what_cannot_be_a_mark_is_told_before_anything_is_made() {
    let clip = black_clip("refused.mp4", 2);
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts/han.ttf");
    std::fs::copy(font, stage::folder().join("han.ttf")).expect("copies");
    let outside = SQUARE.replace("<rect", "<image href='secret.png'/><rect");
    for (declaration, mark, words) in [
        ("svg: {}", format!("m(svg: \"{outside}\")"), "outside"),
        ("svg: {}", "m(svg: \"none.svg\")".to_owned(), "does not exist"),
        ("svg: {}", "m(svg: \"<svg\")".to_owned(), "no SVG"),
        (
            "text: { font: \"none.ttf\", size: 10% }",
            "m(text: \"中\")".to_owned(),
            "neither a file nor an installed font",
        ),
        ("text: { font: \"refused.mp4\", size: 10% }", "m(text: \"中\")".to_owned(), "no font"),
        (
            "text: { font: \"han.ttf\", size: 10% }",
            "m(text: \"\u{10ffff}\")".to_owned(),
            "no installed font has the letter",
        ),
    ] {
        let text = format!("template watermark m {{ {declaration} }}\nprocedure p {{ transcode 10 with {mark} }}\n");
        let procedure = stage::write("refused.vod", &text);
        let said = stage::vodflow(&["plan", procedure.to_str().expect("UTF-8"), clip.to_str().expect("UTF-8")]);
        let told = String::from_utf8_lossy(&said.stderr).into_owned();
        let flat = told.split(['\n', '│']).map(str::trim).collect::<Vec<_>>().join(" ");
        assert_eq!(said.status.code(), Some(3), "{mark}: {told}");
        assert!(told.contains("E0410") && flat.contains(words), "{mark}: {told}");
    }
}
