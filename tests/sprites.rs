//! Sprites and animations show the right pictures in the right places, counted by the numbers that the pictures carry.

mod stage;

use std::path::{Path, PathBuf};

/// Cells of a numbered clip: 8 bits side by side need cells of the clip's shape.
const SPRITES: &str = "
template sprite tenths { every: 10%, rows: 2, columns: 3, width: 256, height: 144, format: png }
template sprite seconds { every: 1s, rows: 10, columns: 2, width: 256, height: 144 }
template sprite web { every: 700ms, rows: 1, columns: 4, width: 256, height: 144, format: webp }
procedure p() { sprite using tenths sprite using seconds sprite using web }";

/// The number of the picture in each cell that the index names, and when the cell starts, in milliseconds.
fn cells(out: &Path, name: &str) -> Vec<(u32, u32)> {
    let text = std::fs::read_to_string(out.join(format!("imageSprite/imageSprite_{name}.vtt"))).expect("an index");
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some((from, _)) = line.split_once(" --> ") else { continue };
        let (sheet, rectangle) = lines.next().and_then(|line| line.split_once("#xywh=")).expect("a place");
        let part = out.join("cell.png");
        let [x, y, width, height] = rectangle.split(',').collect::<Vec<_>>()[..] else { panic!("{rectangle}") };
        let sheet = out.join("imageSprite").join(sheet);
        let crop = format!("crop={width}:{height}:{x}:{y}:exact=1");
        let (sheet, target) = (sheet.to_str().expect("UTF-8"), part.to_str().expect("UTF-8"));
        stage::ffmpeg(&["-i", sheet, "-vf", &crop, "-update", "1", "-frames:v", "1", target]);
        found.push((stage::number_of(&part), milliseconds(from)));
    }
    found
}

fn milliseconds(clock: &str) -> u32 {
    let numbers: Vec<u32> = clock.split([':', '.']).map(|part| part.parse().expect("a number")).collect();
    ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) * 1000 + numbers[3]
}

fn made(clip: &Path, name: &str, text: &str) -> PathBuf {
    let procedure = stage::write(&format!("{name}.vod"), text);
    let out = stage::folder().join(format!("out-{name}"));
    stage::run(&procedure, clip, &out, &[]);
    out
}

/// Width and height.
fn size(picture: &Path) -> (u32, u32) {
    let pixels = stage::ffmpeg(&["-i", picture.to_str().expect("UTF-8"), "-f", "framecrc", "-c", "copy", "-"]);
    let text = String::from_utf8_lossy(&pixels).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("#dimensions 0: ")).expect("dimensions");
    let (width, height) = line.split_once('x').expect("a size");
    (width.parse().expect("a number"), height.parse().expect("a number"))
}

#[test]
fn each_cell_shows_the_picture_of_its_time() {
    // 101 pictures last 4.04 s: ten tenths start at 0, 10.1, 20.2 … pictures.
    let clip = stage::numbered_clip("sprite.mp4", 101, &["-an"]);
    let out = made(&clip, "sprite", SPRITES);
    let tenths: Vec<(u32, u32)> = (0..10).map(|k| (k * 101 / 10, k * 404)).collect();
    assert_eq!(cells(&out, "tenths"), tenths);
    assert_eq!(cells(&out, "seconds"), (0..5).map(|k| (k * 25, k * 1000)).collect::<Vec<_>>());
    assert_eq!(cells(&out, "web"), (0..6).map(|k| (k * 35 / 2, k * 700)).collect::<Vec<_>>());
    // A sheet that is not full is as large as the others, and black where it has no cells.
    for (file, expected) in [("tenths_0.png", (768, 288)), ("tenths_1.png", (768, 288)), ("seconds_0.jpg", (512, 1440))]
    {
        assert_eq!(size(&out.join(format!("imageSprite/imageSprite_{file}"))), expected, "{file}");
    }
    let last = out.join("imageSprite/imageSprite_seconds_0.jpg");
    let filter = "crop=512:1000:0:436,format=rgb24";
    let rest = stage::ffmpeg(&["-i", last.to_str().expect("UTF-8"), "-vf", filter, "-f", "rawvideo", "-"]);
    assert!(rest.iter().all(|value| *value < 8), "the rest is black");
}

#[test]
fn late_pictures_stand_in_for_what_comes_before_and_after_them() {
    // Sound of 4 s; pictures 0 to 24 from 1 s to 2 s.
    let clip = stage::numbered_clip("short.mp4", 25, &["-an"]);
    let late = stage::folder().join("late.mkv");
    let (clip, target) = (clip.to_str().expect("UTF-8"), late.to_str().expect("UTF-8"));
    let tone = "sine=frequency=440:sample_rate=48000:duration=4";
    stage::ffmpeg(&["-itsoffset", "1", "-i", clip, "-f", "lavfi", "-i", tone, "-c:v", "copy", "-c:a", "flac", target]);
    let out = made(&late, "late", SPRITES);
    let numbers: Vec<u32> = cells(&out, "tenths").into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [0, 0, 0, 5, 15, 24, 24, 24, 24, 24]);
    assert_eq!(cells(&out, "seconds"), [(0, 0), (0, 1000), (24, 2000), (24, 3000)]);
}

#[test]
fn a_variable_rate_fills_cells_by_time() {
    // Picture n is shown at n²/50 s.
    let options = ["-an", "-vf", "settb=1/1000,setpts=N*N*20", "-fps_mode", "passthrough", "-enc_time_base", "1:1000"];
    let clip = stage::numbered_clip("squares.mp4", 20, &options);
    let out = made(&clip, "squares", SPRITES);
    for (number, start) in cells(&out, "web").into_iter().chain(cells(&out, "seconds")) {
        assert!(number * number * 20 <= start && (number + 1) * (number + 1) * 20 > start, "{number} at {start}");
    }
}

/// The numbers of the pictures of an animation.
fn film(path: &Path) -> Vec<u32> {
    let stem = path.to_str().expect("UTF-8");
    stage::ffmpeg(&["-i", stem, "-fps_mode", "passthrough", &format!("{stem}_%03d.png")]);
    let pictures = (1..).map(|number| PathBuf::from(format!("{stem}_{number:03}.png")));
    pictures.take_while(|path| path.is_file()).map(|path| stage::number_of(&path)).collect()
}

#[test]
fn an_animation_holds_exactly_the_pictures_between_its_ends() {
    let clip = stage::numbered_clip("animated.mp4", 100, &["-an"]);
    let text = "
template animated five { fps: 5 }
template animated odd { fps: 30 width: 256 }
procedure p() {
    animate five from 1s to 2s
    animate five from -1s
    animate five from 0.039s to 10%
    animate odd from 3s
}";
    let out = made(&clip, "animated", text);
    assert_eq!(film(&out.join("v.five.gif")), [25, 30, 35, 40, 45]);
    assert_eq!(film(&out.join("v.five_2.gif")), [75, 80, 85, 90, 95]);
    assert_eq!(film(&out.join("v.five_3.gif")), [0, 5]);
    let thirty: Vec<u32> = (0..30).map(|number| 75 + number * 25 / 30).collect();
    assert_eq!(film(&out.join("v.odd.gif")), thirty);
}

#[test]
fn sound_alone_fails_what_needs_pictures_and_nothing_else() {
    let sound = stage::folder().join("sound.m4a");
    let tone = "sine=frequency=440:sample_rate=48000:duration=2";
    stage::ffmpeg(&["-f", "lavfi", "-i", tone, sound.to_str().expect("UTF-8")]);
    let procedure = stage::write("sound.vod", "procedure p() { sprite using 10 animate 20000 to 1s transcode 1010 }");
    let out = stage::folder().join("out-sound");
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let output = stage::vodflow(&["run", &text(&procedure), "--input", &text(&sound), "--out", &text(&out)]);
    assert_eq!(output.status.code(), Some(1));
    let result = std::fs::read(out.join("result.json")).expect("a result");
    let result: serde_json::Value = serde_json::from_slice(&result).expect("JSON");
    let states: Vec<&str> = (0..3).filter_map(|at| result["outputs"][at]["state"].as_str()).collect();
    assert_eq!(states, ["failed", "failed", "done"]);
    assert_eq!(result["outputs"][0]["code"], "E0406");
}

/// The average red, green and blue of the middle of each quarter of a picture.
fn quarters(picture: &Path, decoded: &str) -> Vec<[u8; 3]> {
    let path = picture.to_str().expect("UTF-8");
    let middle = |x: &str, y: &str| {
        let filter = format!("{decoded}format=rgb24,crop=iw/8:ih/8:iw*{x}:ih*{y},scale=1:1:flags=area");
        let pixel = stage::ffmpeg(&["-i", path, "-vf", &filter, "-frames:v", "1", "-f", "rawvideo", "-"]);
        [pixel[0], pixel[1], pixel[2]]
    };
    [("3/16", "3/16"), ("11/16", "3/16"), ("3/16", "11/16"), ("11/16", "11/16")].map(|(x, y)| middle(x, y)).to_vec()
}

#[test]
fn colours_and_shapes_are_those_of_the_film_in_every_format() {
    // Four colours in BT.709, on pixels that are wider than high.
    let clip = stage::folder().join("colours.mp4");
    let colours = [[200u8, 40, 40], [40, 160, 60], [50, 70, 200], [210, 200, 90]];
    let hex =
        colours.map(|[red, green, blue]| format!("color=c=0x{red:02X}{green:02X}{blue:02X}:s=360x288:r=25:d=0.4"));
    let graph = "[0][1]hstack[top];[2][3]hstack[low];[top][low]vstack,format=gbrp,\
        scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=16/15";
    let mut arguments: Vec<&str> = Vec::new();
    hex.iter().for_each(|input| arguments.extend(["-f", "lavfi", "-i", input]));
    arguments.extend(["-filter_complex", graph, "-c:v", "libx264", "-qp", "4", "-colorspace", "bt709"]);
    let tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"];
    arguments.extend(tags);
    arguments.push(clip.to_str().expect("UTF-8"));
    stage::ffmpeg(&arguments);
    let text = "
template snapshot j { short_side: 288 }
template snapshot p { short_side: 288 format: png }
template snapshot w { short_side: 288 format: webp }
template snapshot b { width: 384 height: 640 fill: blur format: png }
template sprite s { every: 1s rows: 1 columns: 1 short_side: 288 format: png }
template animated g { fps: 5 short_side: 288 }
template animated a { fps: 5 short_side: 288 format: webp }
procedure all() {
    snapshot at 0s using j  snapshot at 0s using p  snapshot at 0s using w  snapshot at 0s using b
    sprite using s  animate g to 0.4s  animate a to 0.4s
}";
    let out = made(&clip, "colours", text);
    let still = |name: &str| out.join(format!("snapshotByTimeOffset/snapshotByTimeOffset_{name}"));
    let blurred = "crop=384:288:0:176,";
    for (picture, decoded) in [
        (still("j_0.jpg"), "scale=in_color_matrix=bt601:in_range=pc,"),
        (still("p_0.png"), ""),
        (still("w_0.webp"), "scale=in_color_matrix=bt601:in_range=tv,"),
        (still("b_0.png"), blurred),
        (out.join("imageSprite/imageSprite_s_0.png"), ""),
        (out.join("v.g.gif"), ""),
    ] {
        let expected = if decoded == blurred { (384, 640) } else { (384, 288) };
        assert_eq!(size(&picture), expected, "{}", picture.display());
        for (found, wanted) in quarters(&picture, decoded).iter().zip(&colours) {
            let near = found.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(*wanted) <= 4);
            assert!(near, "{}: {found:?}, not {wanted:?}", picture.display());
        }
    }
    let result: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("result.json")).expect("a result")).expect("JSON");
    let media = |output: usize, field: &str| result["outputs"][output]["media"][field].clone();
    assert_eq!((media(6, "width"), media(6, "height"), media(6, "frames")), (384.into(), 288.into(), 2.into()));
    assert_eq!(media(4, "pictures"), 1);
}

#[test]
fn blurred_bars_are_made_of_the_picture_itself() {
    // Left half bright, right half dark: above the picture the bars are so as well, without its edge.
    let clip = stage::folder().join("halves.mp4");
    let graph = "color=c=0xE0E0E0:s=160x180:r=25:d=0.4[a];color=c=0x202020:s=160x180:r=25:d=0.4[b];[a][b]hstack";
    let target = clip.to_str().expect("UTF-8");
    stage::ffmpeg(&["-f", "lavfi", "-i", graph, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-crf", "5", target]);
    let text = "
template snapshot still { width: 320 height: 568 fill: blur format: png }
template transcode tall { container: mp4 video: { codec: h264 width: 320 height: 568 fill: blur crf: 5 } audio: none }
procedure p() { snapshot at 0s using still  transcode tall }";
    let out = made(&clip, "halves", text);
    let row = |path: &Path, y: u32| {
        let filter = format!("format=gray,crop=iw:4:0:{y},scale=320:1:flags=area");
        stage::ffmpeg(&["-i", path.to_str().expect("UTF-8"), "-vf", &filter, "-frames:v", "1", "-f", "rawvideo", "-"])
    };
    for file in ["snapshotByTimeOffset/snapshotByTimeOffset_still_0.png", "v.tall.mp4"] {
        let (bar, picture) = (row(&out.join(file), 60), row(&out.join(file), 284));
        assert!(bar[10] > 200 && bar[309] < 60, "{file}: the sides of the bar");
        assert!(picture[150] > 200 && picture[169] < 60, "{file}: the picture is sharp");
        assert!((90..170).contains(&bar[160]), "{file}: the middle of the bar is soft: {}", bar[160]);
        assert_eq!(size(&out.join(file)), (320, 568));
    }
}
