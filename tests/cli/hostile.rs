//! Files and names made to do harm, through every door of the program: an answer soon, in bounded memory, nothing opened.

use crate::house::{House, SMALL, Told, clips};
use rustix::fs::inotify;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

/// Kilobytes of address space: what the program and ffprobe together with their libraries need, and little more.
const MEMORY: &str = "2000000";

/// Runs the program in bounded memory; ten seconds of processor time are enough for any answer.
fn bounded(house: &House, arguments: &[&str]) -> Told {
    let program = house.program(arguments);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("ulimit -v {MEMORY}; ulimit -t 10; exec \"$0\" \"$@\"")])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(house.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    house.finish(shell.spawn().expect("starts"))
}

fn ffmpeg(house: &House, arguments: &str) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(arguments.split_whitespace())
        .current_dir(house.path(""))
        .status();
    assert!(status.expect("ffmpeg starts").success(), "{arguments}");
}

/// A watch on a file that nobody may open.
fn watched(house: &House, name: &str) -> OwnedFd {
    let watch = inotify::init(inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC).expect("inotify");
    inotify::add_watch(&watch, house.path(name), inotify::WatchFlags::OPEN).expect("watches");
    watch
}

fn is_untouched(watch: &OwnedFd) -> bool {
    rustix::io::read(watch, &mut [0; 1024][..]) == Err(rustix::io::Errno::AGAIN)
}

/// A zlib stream of so many zeros, written by hand: each code stands for 258 of them.
fn zeros(count: usize) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (vec![0x78, 0x9c], 0u64, 0u32);
    let mut push = |value: u64, length: u32| {
        held |= value << bits;
        bits += length;
        while bits >= 8 {
            bytes.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    };
    push(0b011, 3); // the last block, with the fixed codes
    push(0b00_0011_0000u64.reverse_bits() >> 56, 8); // one zero
    for _ in 0..count / 258 {
        push(u64::from(0b1100_0101u8.reverse_bits()), 8); // as before, 258 times
        push(0, 5); // from one byte ago
    }
    push(0, 7 + 7);
    bytes.extend([0; 4]);
    bytes
}

/// A PNG of one pixel with one more chunk, whose checksum is right.
fn png(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
        };
        !bytes.iter().fold(!0, step)
    };
    let chunk = |kind: &[u8; 4], content: &[u8]| {
        let named = [&kind[..], content].concat();
        [&(content.len() as u32).to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
    };
    let header = [&1u32.to_be_bytes()[..], &1u32.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let pixel = [0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0, 0, 2, 0, 1];
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &header),
        &chunk(kind, content),
        &chunk(b"IDAT", &pixel),
        &chunk(b"IEND", &[]),
    ]
    .concat()
}

#[test]
fn sources_that_are_bombs_get_an_answer_soon() {
    let house = House::with_clip();
    // A header of 65535 by 65535 pixels.
    house.write("wide.gif", b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x04\0\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;");
    ffmpeg(&house, &format!("-i clip.mp4 {} -c copy -t 1 -f mp4 tracks.mp4", "-map 0:a ".repeat(900)));
    ffmpeg(&house, "-f lavfi -i testsrc=s=64x64:r=25:d=0.08 -vf setpts=N*90000/TB -fps_mode passthrough apart.mkv");
    ffmpeg(&house, "-f lavfi -i color=s=16000x2000:r=25:d=0.04 -c:v mjpeg wall.avi");
    for (name, codes) in [
        ("wide.gif", ["E0403", "E0405"]),
        ("tracks.mp4", ["E0405", "E0405"]),
        ("apart.mkv", ["E0405", "E0405"]),
        ("wall.avi", ["E0405", "E0405"]),
    ] {
        for arguments in [vec!["probe", name], vec!["run", SMALL, name, "--out", "out"]] {
            let told = bounded(&house, &arguments).ends_with(4);
            assert!(codes.iter().any(|code| told.stderr.contains(code)), "{name}: {}", told.text());
        }
    }
    assert!(!house.path("out").exists());
}

#[test]
fn marks_that_are_bombs_or_lead_elsewhere_are_refused() {
    let house = House::with_clip();
    house.put(&clips().both, "secret.mp4");
    let watch = watched(&house, "secret.mp4");
    let mark = "template watermark logo { image: \"logo.png\", width: 10% }\n\
        template transcode t { container: mp4  video: { codec: h264, short_side: 128 } }\n\
        procedure p { transcode t with logo }\n";
    house.write("p.vod", mark);
    let bomb = zeros(600_000_000);
    let profile = [&b"icc\0\0"[..], &bomb].concat();
    let wide = [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &[0xff; 8], &[8, 6, 0, 0, 0, 0, 0, 0, 0]].concat();
    for (what, content, is_refused) in [
        ("a playlist", b"#EXTM3U\n#EXTINF:2,\nsecret.mp4\n".to_vec(), true),
        ("a list", b"ffconcat version 1.0\nfile secret.mp4\n".to_vec(), true),
        ("a drawing", b"<svg xmlns='http://www.w3.org/2000/svg'><image href='secret.mp4'/></svg>".to_vec(), true),
        ("too wide", wide, true),
        ("a large profile", png(b"iCCP", &profile), false),
        ("a large text", png(b"zTXt", &profile), false),
    ] {
        house.write("logo.png", &content);
        let told = bounded(&house, &["plan", "p.vod", "clip.mp4"]);
        // What lies in chunks that nobody needs is skipped or refused, but never unpacked.
        let fine = told.code == Some(3) && told.stderr.contains("E0410") || !is_refused && told.code == Some(0);
        assert!(fine, "{what}: {}", told.text());
        assert!(is_untouched(&watch), "{what}");
    }
}

/// A name that would be options, filters or another protocol if it were ever taken for text of a command.
#[test]
fn names_are_never_commands() {
    let house = House::new();
    house.put(&clips().both, "secret.mp4");
    let watch = watched(&house, "secret.mp4");
    for name in [
        "a',movie=secret.mp4,nullsink;[0:v]'.mp4",
        "concat:secret.mp4|secret.mp4",
        "pipe:0",
        "a%05d.mp4",
        "subfile,,start,0,end,9,,:secret.mp4",
        "x[out];movie=secret.mp4[x].mp4",
        "metadata=print:file=made.mp4",
        "$(touch made).mp4",
    ] {
        house.put(&clips().both, name);
        let input = format!("--input={name}");
        bounded(&house, &["probe", &input[8..].replacen("", "./", 1)]).ends_with(0);
        house.vodflow(&["run", SMALL, &input, "--out", "out", "--force"]).ends_with(0);
        assert!(is_untouched(&watch) && !house.path("made").exists() && !house.path("made.mp4").exists(), "{name}");
    }
}

#[test]
fn a_limit_that_is_reached_is_named_and_can_be_raised() {
    let house = House::with_clip();
    let told = house.vodflow(&["plan", SMALL, "clip.mp4", "--max", "source-rate=20"]).ends_with(4);
    told.says(&["E0405", "25 pictures a second; the limit is 20", "--max source-rate"]);
    house.vodflow(&["plan", SMALL, "clip.mp4", "--max", "output-pixels=1000"]).ends_with(4).says(&["E0415"]);
    house.vodflow(&["plan", SMALL, "clip.mp4", "--max", "sauce=1"]).ends_with(2).says(&["E0507"]);
    let told = house.vodflow(&["plan", SMALL, "clip.mp4", "--stage", "limits", "--max", "stall=90"]).ends_with(0);
    let stall = told.stdout.lines().find(|line| line.starts_with("stall ")).expect("listed");
    assert!(stall.contains(" 90 "), "{stall}");
    assert!(told.stdout.contains("job 0: ") && told.stdout.contains("90 s without progress"), "{}", told.text());
}
