//! Sources that are no sources: each is refused in a sentence, without a dump, a hang or a trace in the output folder.

use crate::house::{House, SMALL, Told, clips};
use rustix::fs::inotify;

/// A run into `out`, which must fail without making anything.
fn refused(house: &House, source: &str, exit: i32, code: &str) -> Told {
    let told = house.vodflow(&["run", SMALL, source, "--out", "out"]).ends_with(exit).says(&[code]);
    assert_eq!(house.visible("out"), Vec::<String>::new(), "{source}");
    assert_eq!(told.stdout, "", "{source}");
    for word in ["os error", "Invalid data", "[mov", "moov", "0x", "lavf", "thread '"] {
        assert!(!told.stderr.contains(word), "{source}: {word} in {}", told.text());
    }
    told
}

#[test]
fn what_is_no_media_file_is_refused() {
    let house = House::new();
    house.write("empty.mp4", "");
    house.write("text.mp4", "dear diary, today I recorded nothing");
    let noise: Vec<u8> = (0..50_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    house.write("garbage.mp4", noise);
    let whole = std::fs::read(&clips().both).expect("reads");
    house.write("headless.mp4", &whole[..whole.len() / 2]);
    house.write("a.mp4/inside.txt", "");
    assert!(std::process::Command::new("mkfifo").arg(house.path("fifo.mp4")).status().expect("mkfifo").success());
    std::os::unix::fs::symlink("nowhere.mp4", house.path("dangling.mp4")).expect("links");
    std::os::unix::fs::symlink("circle.mp4", house.path("circle.mp4")).expect("links");
    for (source, code, words) in [
        ("none.mp4", "E0401", "does not exist"),
        ("dangling.mp4", "E0401", "does not exist"),
        ("circle.mp4", "E0401", "cannot be opened"),
        ("empty.mp4", "E0402", "is empty"),
        ("text.mp4", "E0403", "is not a media file"),
        ("garbage.mp4", "E0403", "is not a media file"),
        ("headless.mp4", "E0403", "too damaged to be read"),
        ("a.mp4", "E0404", "is a folder"),
        ("fifo.mp4", "E0404", "is a named pipe"),
        ("/dev/zero", "E0404", "is a device"),
        ("none.mp4/x.mp4", "E0401", "does not exist"),
        ("empty.mp4/x.mp4", "E0401", "cannot be opened"),
    ] {
        refused(&house, source, 4, code).says(&[words, source]);
        house.vodflow(&["plan", SMALL, source]).ends_with(4).says(&[code]);
        house.vodflow(&["probe", source]).ends_with(4).says(&[code]);
    }
}

#[test]
fn a_cut_file_gives_what_is_there_with_a_warning() {
    let house = House::new();
    house.put(&clips().cut, "cut.mp4");
    let told = house.vodflow(&["run", SMALL, "cut.mp4", "--out", "out"]).ends_with(0).says(&["W0409", "is damaged"]);
    assert!(told.stdout.contains("Done: 1 of 1 output"), "{}", told.text());
    assert!(house.json("out/result.json")["source"]["damage"].as_array().is_some_and(|damage| !damage.is_empty()));
}

/// Files that make ffmpeg open their neighbours, under a harmless name.
#[test]
fn what_leads_to_other_files_is_refused_and_they_are_never_opened() {
    let house = House::new();
    house.put(&clips().both, "secret.mp4");
    house.put(&clips().both, "secret.ts");
    let dash = "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
        mediaPresentationDuration=\"PT2S\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" \
        bandwidth=\"1\"><BaseURL>secret.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>";
    let session =
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n";
    let drawing =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><image href=\"secret.mp4\"/></svg>";
    let files = [
        ("hls.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsecret.ts\n#EXT-X-ENDLIST\n", "HLS playlist"),
        ("blanks.mp4", "\u{feff}\n #EXTM3U\n#EXTINF:2,\nsecret.ts\n", "HLS playlist"),
        ("dash.mp4", dash, "DASH manifest"),
        ("concat.mp4", "ffconcat version 1.0\nfile secret.mp4\n", "list of files to join"),
        ("sdp.mp4", session, "session description"),
        ("svg.mp4", drawing, "SVG drawing"),
    ];
    files.iter().for_each(|(name, content, _)| house.write(name, content));
    let watch = inotify::init(inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC).expect("inotify");
    for name in ["secret.mp4", "secret.ts"] {
        inotify::add_watch(&watch, house.path(name), inotify::WatchFlags::OPEN).expect("watches");
    }
    for (name, _, words) in files {
        refused(&house, name, 4, "E0404").says(&[words, "help: "]);
    }
    let mut events = [0; 1024];
    assert_eq!(rustix::io::read(&watch, &mut events[..]), Err(rustix::io::Errno::AGAIN), "a neighbour was opened");
    // The watch itself sees what it should.
    drop(std::fs::File::open(house.path("secret.mp4")).expect("opens"));
    assert!(rustix::io::read(&watch, &mut events[..]).is_ok());
}

#[test]
fn pictures_are_no_sources() {
    let house = House::new();
    house.write("a.mp4", b"\x89PNG\r\n\x1a\n and so on");
    refused(&house, "a.mp4", 4, "E0404").says(&["a still picture (PNG)"]);
}

#[test]
fn strange_names_are_names_like_others() {
    let house = House::new();
    for name in ["-x.mp4", "a:b'c,d[e];%d 中文.mp4", "new\nline \u{1b}[31m.mp4"] {
        house.put(&clips().both, name);
        let out = format!("{name}.d");
        for arguments in [
            vec!["run".to_owned(), SMALL.into(), format!("./{name}"), format!("--out={out}")],
            vec![
                "run".into(),
                format!("--input={name}"),
                SMALL.into(),
                "--out".into(),
                format!("./{out}"),
                "--force".into(),
            ],
            vec!["run".into(), format!("--out={out}"), "--force".into(), "--".into(), SMALL.into(), name.into()],
        ] {
            let told = house.vodflow(&arguments).ends_with(0);
            assert!(!told.text().contains('\u{1b}'), "{}", told.text());
            assert_eq!(house.visible(&out), ["result.json", "v.f10.mp4"]);
        }
        assert_eq!(house.json(&format!("{out}/result.json"))["source"]["name"], name);
        let told = house.vodflow(&["plan", SMALL, &format!("./{name}")]).ends_with(0);
        assert!(!told.text().contains('\u{1b}'), "{}", told.text());
    }
    // Names of an older world: no text at all.
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.mp4");
    if std::fs::copy(&clips().both, house.path("").join(name)).is_ok() {
        let words = [std::ffi::OsStr::new("run"), SMALL.as_ref(), name, "--out".as_ref(), "old".as_ref()];
        house.vodflow(&words).ends_with(0);
        assert_eq!(house.visible("old"), ["result.json", "v.f10.mp4"]);
    }
}

#[test]
fn a_name_in_a_message_cannot_draw_on_the_terminal() {
    let told = refused(&House::new(), "\u{1b}]0;owned\u{7}.mp4", 4, "E0401");
    assert!(told.stderr.contains("\\u{1b}]0;owned\\u{7}.mp4") && !told.stderr.contains('\u{1b}'), "{}", told.text());
}
