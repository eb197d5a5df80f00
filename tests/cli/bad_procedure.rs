//! Procedures that are none, and marks whose pictures are none.

use crate::house::{House, clips};

#[test]
fn files_that_are_no_procedures_end_with_3() {
    let house = House::with_clip();
    house.write("a.vod/inside", "");
    house.write("binary.vod", [0xff, 0xfe, 0x00, 0x80, 0xc3]);
    house.write("large.vod", " ".repeat((1 << 20) + 1));
    house.write("nul.vod", "procedure p {\0 transcode 10 }\np()\n");
    house.write("escape.vod", "procedure p { transcode \u{1b}[31m10 }\np()\n");
    house.write("empty.vod", "");
    house.write("deep.vod", format!("procedure p {{ transcode {}", "[".repeat(100_000)));
    house.write("wide.vod", format!("procedure p {{ transcode 10 {} }}\n", "长".repeat(50_000)));
    house.write("media.vod", std::fs::read(&clips().both).expect("reads"));
    house.write("old.json", "{}");
    assert!(std::process::Command::new("mkfifo").arg(house.path("pipe.vod")).status().expect("mkfifo").success());
    for (file, code, words) in [
        ("none.vod", "E0001", "does not exist"),
        ("a.vod", "E0001", "is a folder"),
        ("pipe.vod", "E0001", "is a named pipe"),
        ("binary.vod", "E0003", "is not UTF-8 text"),
        ("media.vod", "E0003", "is not UTF-8 text"),
        ("large.vod", "E0002", "is larger than 1 MiB"),
        ("/dev/zero", "E0002", "is larger than 1 MiB"),
        ("nul.vod", "E0101", "nul.vod:1:14"),
        ("escape.vod", "E0101", "escape.vod:1:25"),
        ("empty.vod", "E0006", "declares no procedure"),
        ("deep.vod", "E01", "deep.vod:1:"),
        ("wide.vod", "E0205", "wide.vod:1:28"),
        ("old.json", "E0008", "no body that is known"),
    ] {
        let told = house.vodflow(&["run", file, "clip.mp4", "--out", "out"]).ends_with(3).says(&[code, words]);
        assert!(!told.stderr.contains(['\0', '\u{1b}']) && !told.stderr.contains("os error"), "{}", told.text());
        assert!(told.stderr.len() < 20_000, "{file}: {} bytes", told.stderr.len());
        if file != "empty.vod" {
            house.vodflow(&["check", file]).ends_with(3).says(&[code, words]);
        }
    }
    assert!(!house.path("out").exists());
}

#[test]
fn the_picture_of_a_mark_must_be_one() {
    let house = House::with_clip();
    house.write("text.png", "no picture");
    house.write("list.png", "#EXTM3U\n#EXTINF:2,\nclip.mp4\n");
    house.write("empty.png", "");
    house.write("drawing.png", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    house.write("folder.png/x", "");
    house.write("huge.png", png_header(20_000, 20_000));
    house.write("cut.png", &png_header(20, 20)[..30]);
    for (image, words) in [
        ("none.png", "does not exist"),
        ("text.png", "it is not a PNG, JPEG or GIF picture"),
        ("list.png", "it is an HLS playlist"),
        ("empty.png", "is empty"),
        ("drawing.png", "it is an SVG drawing"),
        ("folder.png", "it is not a file"),
        ("clip.mp4", "it is not a PNG, JPEG or GIF picture"),
        ("huge.png", "20000x20000"),
        ("cut.png", "is damaged"),
    ] {
        let mark =
            format!("template watermark 标 {{ image: \"{image}\", origin: top_right, x: 2%, y: 2%, width: 10% }}");
        house.write("p.vod", format!("{mark}\nprocedure p {{ transcode 10 with 标 }}\np()\n"));
        let told = house.vodflow(&["run", "p.vod", "clip.mp4", "--out", "out"]).ends_with(3);
        let told = told.says(&["E0410", "`标`", "p.vod:1:31"]);
        let message = told.stderr.replace("\n  │", "");
        assert!(message.contains(words), "{image}: {}", told.text());
        assert!(!house.path("out").exists());
    }
}

/// A PNG that promises a size and holds nothing.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", b""), &chunk(b"IEND", b"")].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}
