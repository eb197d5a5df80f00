//! Keys of encrypted media: where players are sent for them, and how their service gets them.

use crate::house::House;

const SECRET: &str = "
template encryption vault { method: aes_128, key_url: \"https://keys.example.com/getkey\" }
template adaptive small {
    format: hls
    segment: { type: mp4_segment, time: 1s }
    rungs: [{ video: { short_side: 128, fps: 25, speed: fast }  audio: none }]
    encrypt: vault
}
template transcode t { container: hls  segment: { type: fmp4, time: 1s }  video: { short_side: 128, fps: 25, speed: fast }  audio: none }
procedure p { adaptive small  transcode t encrypt vault }
procedure system { adaptive 12 }
procedure clear { transcode t }
";

fn house() -> House {
    let house = House::with_clip();
    house.write("p.vod", SECRET);
    house
}

/// The line of a playlist that says where its key is.
fn key_line(house: &House, playlist: &str) -> String {
    let text = String::from_utf8(std::fs::read(house.path(playlist)).expect("reads")).expect("text");
    text.lines().find(|line| line.starts_with("#EXT-X-KEY:")).expect("a key").to_owned()
}

#[test]
fn the_key_of_a_playlist_is_told_to_who_may_know_it() {
    let house = house();
    house.vodflow(&["run", "p.vod:p", "clip.mp4", "--out", "out"]).ends_with(0);
    let playlists =
        ["out/drm/v.t/v.t.m3u8", "out/drm/adp.small/adp.small.m3u8", "out/drm/adp.small/video_small_0.m3u8"];
    let told = playlists.map(|playlist| house.vodflow(&["key", playlist]).ends_with(0).stdout);
    assert!(told.iter().all(|key| key == &told[0]), "one key for a media and a template: {told:?}");
    let hexadecimal = told[0].trim();
    assert_eq!(hexadecimal.len(), 32);
    let kept = std::fs::read_dir(house.path("out/.vodflow/keys")).expect("keys").next().expect("a key");
    let kept: serde_json::Value =
        serde_json::from_slice(&std::fs::read(kept.expect("readable").path()).expect("reads")).expect("JSON");
    assert_eq!(kept["key"], hexadecimal);
    // The raw form decrypts: it is what a key service answers.
    let raw = house.program(&["key", "--raw", playlists[0]]).output().expect("runs").stdout;
    assert_eq!(raw.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), hexadecimal);
}

#[test]
fn a_playlist_without_a_key_of_ours_is_named() {
    let house = house();
    house.vodflow(&["run", "p.vod:clear", "clip.mp4", "--out", "out"]).ends_with(0);
    house.vodflow(&["key", "out/v.t/v.t.m3u8"]).ends_with(2).says(&["E0507", "names no key of ours", "help: "]);
    house.vodflow(&["key", "out/nothing.m3u8"]).ends_with(2).says(&["E0507", "`out/nothing.m3u8` cannot be read"]);
    house.write("moved.m3u8", "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"https://k/?edk=abc\"\n");
    house.vodflow(&["key", "moved.m3u8"]).ends_with(2).says(&["E0507", "the key `abc` is not kept", "help: "]);
}

/// The system's encryption template says no address; the command line can.
#[test]
fn the_command_line_says_where_keys_are_and_what_the_media_is_called() {
    let house = house();
    let run = |more: &[&str]| {
        let words = ["run", "p.vod:system", "clip.mp4", "--out", "out"];
        house.vodflow(&[&words, more].concat())
    };
    run(&[]).ends_with(3).says(&["E0211", "has no `key_url`", "--key-url"]);
    run(&["--key-url", "keys.example.com"]).ends_with(2).says(&["E0507", "the key URL is no address"]);
    run(&["--key-url", "https://k.example.com/get?app=7", "--file-id", "528 589"]).ends_with(0);
    let line = key_line(&house, "out/drm/adp.12/video_12_0.m3u8");
    assert!(
        line.contains("URI=\"https://k.example.com/get?app=7&fileId=528%20589&keySource=VodBuildInKMS&edk="),
        "{line}"
    );
    // Another name for the media is another playlist, and the same key.
    let key = house.vodflow(&["key", "out/drm/adp.12/adp.12.m3u8"]).ends_with(0).stdout;
    run(&["--key-url", "https://k.example.com/get?app=7", "--file-id", "529"]).ends_with(0);
    let line = key_line(&house, "out/drm/adp.12/video_12_0.m3u8");
    assert!(line.contains("&fileId=529&keySource"), "{line}");
    assert_eq!(house.vodflow(&["key", "out/drm/adp.12/adp.12.m3u8"]).ends_with(0).stdout, key);
    let several = ["run", "p.vod:clear", "clip.mp4", "other.mp4", "--out", "more", "--file-id", "1"];
    house.vodflow(&several).ends_with(2).says(&["E0507", "one file id is given for several sources"]);
}

/// Nothing in the clear is left anywhere, neither when all went well nor when a package failed.
#[test]
fn nothing_clear_is_left_behind() {
    let house = house();
    let spoil = "\"$REAL\" \"$@\" || exit\ncase \" $* \" in *\"-f hls\"*) echo '#EXTM3U' > o*/video_0.m3u8;; esac";
    house.pretend_ffmpeg("bad", spoil);
    house.vodflow(&["run", "p.vod:p", "clip.mp4", "--out", "out", "--ffmpeg", "bad"]).ends_with(1);
    assert_eq!(house.left_in_work("out"), 0);
    house.vodflow(&["run", "p.vod:p", "clip.mp4", "--out", "out"]).ends_with(0);
    assert_eq!(house.left_in_work("out"), 0);
    for file in house.visible("out/drm").into_iter().filter(|file| file.ends_with(".m4s")) {
        let segment = std::fs::read(house.path(&format!("out/drm/{file}"))).expect("reads");
        assert!(!segment.windows(4).any(|word| word == b"moof"), "{file} is in the clear");
    }
}
