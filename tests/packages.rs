//! Packages are what players expect: every rung decodes, all are cut at the same pictures, playlists tell the truth.

mod stage;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Two rungs and one of sound alone, in every form of segments that is made.
const SMALL: &str = "
template encryption vault { method: aes_128, key_url: \"https://keys.example.com/getkey?app=7\", key_source: \"own\" }
template adaptive small {
    format: hls
    segment: { type: ts_segment, time: 2s }
    rungs: [
        { video: { short_side: 128, bitrate: 60kbps, fps: 25, speed: fast }  audio: { bitrate: 48kbps } },
        { video: { short_side: 144, bitrate: 200kbps, fps: 25, gop: 1s, speed: fast }  audio: { bitrate: 48kbps } },
        { video: none  audio: { bitrate: 48kbps } },
    ]
}
";

fn made(name: &str, text: &str, pictures: u32) -> PathBuf {
    let clip = stage::numbered_clip(&format!("{name}.mp4"), pictures, &[]);
    let out = stage::folder().join(format!("out-{name}"));
    stage::run(&stage::write(&format!("{name}.vod"), &format!("{SMALL}{text}")), &clip, &out, &[]);
    out
}

fn probe(media: &Path, arguments: &[&str]) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "csv=p=0"])
        .args(arguments)
        .args(if media.extension().is_some_and(|ending| ending == "m3u8") {
            &["-protocol_whitelist", "file,crypto", "-allowed_extensions", "ALL"][..]
        } else {
            &[]
        })
        .arg(media)
        .output()
        .expect("ffprobe is installed");
    assert!(output.status.success(), "{}: {}", media.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Size and number of pictures of the first picture stream, after decoding it.
fn pictures(media: &Path) -> String {
    let arguments = ["-select_streams", "v:0", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames"];
    probe(media, &arguments).lines().last().unwrap_or_default().to_owned()
}

/// Times of the keyframes, in pictures of the clip.
fn keyframes(media: &Path) -> Vec<i64> {
    let found = probe(media, &["-select_streams", "v:0", "-show_entries", "packet=pts_time,flags"]);
    let keys = found.lines().filter(|line| line.contains(",K")).filter_map(|line| line.split(',').next());
    let times: Vec<f64> = keys.filter_map(|time| time.parse().ok()).collect();
    let first = times.first().copied().unwrap_or(0.0);
    times.iter().map(|time| ((time - first) * 25.0).round() as i64).collect()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lengths(playlist: &Path) -> Vec<f64> {
    let text = text(playlist);
    text.lines()
        .filter_map(|line| line.strip_prefix("#EXTINF:"))
        .map(|length| length.trim_end_matches(',').parse().expect("a length"))
        .collect()
}

/// The attribute of a line, without quotes.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = line.find(&format!("{name}="))? + name.len() + 1;
    match line[start..].strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => line[start..].split(',').next(),
    }
}

/// Each variant's line with the playlist that follows it.
fn variants(master: &Path) -> Vec<(String, PathBuf)> {
    let text = text(master);
    let lines: Vec<&str> = text.lines().collect();
    let folder = master.parent().expect("a folder");
    lines
        .windows(2)
        .filter(|pair| pair[0].starts_with("#EXT-X-STREAM-INF:"))
        .map(|pair| (pair[0].to_owned(), folder.join(pair[1])))
        .collect()
}

#[test]
fn every_form_of_segments_decodes_and_is_cut_at_the_same_pictures() {
    let kinds = [
        "ts_segment",
        "ts_byterange",
        "mp4_segment",
        "mp4_byterange",
        "ts_ts_segment",
        "ts_ts_byterange",
        "mp4_mp4_segment",
        "mp4_mp4_byterange",
        "ts_packed_audio",
        "ts_packed_audio_byterange",
        "mp4_packed_audio",
        "mp4_packed_audio_byterange",
    ];
    let mut procedure = String::new();
    for kind in kinds {
        procedure.push_str(&format!(
            "template adaptive {kind} {{ extends: small  segment: {{ type: {kind}, time: 2s }} }}\n"
        ));
    }
    procedure.push_str(&format!("procedure p {{ adaptive {} }}", kinds.join(", ")));
    let out = made("kinds", &procedure, 130);
    for kind in kinds {
        let folder = out.join(format!("adp.{kind}"));
        let master = folder.join(format!("adp.{kind}.m3u8"));
        let packed = kind.contains("packed");
        let apart = kind.starts_with("ts_ts") || kind.starts_with("mp4_mp4") || packed;
        let found = variants(&master);
        assert_eq!(found.len(), 3, "{kind}: {}", text(&master));
        for (at, (line, playlist)) in found.iter().enumerate().take(2) {
            let size = ["228,128,130", "256,144,130"][at];
            assert_eq!(pictures(playlist), size, "{kind} {at}");
            assert_eq!(keyframes(playlist), [0, 25, 50, 75, 100, 125], "{kind} {at}");
            assert_eq!(lengths(playlist), [2.0, 2.0, 1.2], "{kind} {at}");
            let sound = probe(playlist, &["-select_streams", "a", "-show_entries", "stream=codec_name"]);
            assert_eq!(sound.is_empty(), apart, "{kind} {at}: {sound}");
            assert_eq!(attribute(line, "RESOLUTION"), Some(["228x128", "256x144"][at]), "{line}");
            assert_eq!(attribute(line, "FRAME-RATE"), Some("25.000"), "{line}");
            assert!(
                attribute(line, "CODECS")
                    .is_some_and(|codecs| codecs.starts_with("avc1.64") && codecs.ends_with(",mp4a.40.2"))
            );
            assert_eq!(attribute(line, "AUDIO").is_some(), apart, "{line}");
        }
        let (line, sound) = &found[2];
        assert_eq!(attribute(line, "CODECS"), Some("mp4a.40.2"), "{line}");
        assert_eq!(attribute(line, "RESOLUTION"), None, "{line}");
        assert!(probe(sound, &["-show_entries", "stream=codec_name"]).contains("aac"), "{kind}");
        let length: f64 = lengths(sound).iter().sum();
        // ffmpeg ends the tone of the clip with its last picture, a few blocks early.
        assert!((length - 5.1).abs() < 0.1, "{kind}: {length}");
        let files = stage::files(&folder);
        assert_eq!(files.iter().filter(|file| file.ends_with(".m3u8")).count(), 4, "{files:?}");
        let media = files.len() - 4;
        assert_eq!(files.iter().any(|file| file.ends_with(".aac")), packed, "{files:?}");
        let expected = match (kind.ends_with("byterange"), kind.starts_with("mp4")) {
            (true, _) => 3,
            // Packed sound has no initialisation section.
            (false, true) => 3 * 4 - usize::from(packed),
            (false, false) => 3 * 3,
        };
        assert_eq!(media, expected, "{files:?}");
        assert!(files.contains(&format!("video_{kind}_0.m3u8")) && files.contains(&format!("audio_{kind}_0.m3u8")));
    }
}

/// Seconds from the start of the pictures to the start of the sound, as players see them.
fn sound_starts(pictures: &Path, sound: &Path) -> f64 {
    let start = |playlist: &Path, kind: &str| -> f64 {
        let found = probe(playlist, &["-select_streams", kind, "-show_entries", "packet=pts_time"]);
        let times = found.lines().filter_map(|line| line.trim_end_matches(',').parse().ok());
        times.fold(f64::INFINITY, f64::min)
    };
    start(sound, "a:0") - start(pictures, "v:0")
}

/// Sound that is kept apart is as early or late as beside its pictures: only by its priming.
#[test]
fn sound_apart_keeps_its_time() {
    let kinds = [
        "ts_segment",
        "ts_ts_segment",
        "mp4_segment",
        "mp4_mp4_segment",
        "ts_packed_audio",
        "mp4_packed_audio_byterange",
    ];
    let template =
        |kind: &&str| format!("template adaptive {kind} {{ extends: small  segment: {{ type: {kind}, time: 2s }} }}\n");
    let mut procedure: String = kinds.iter().map(template).collect();
    procedure.push_str(&format!("procedure p {{ adaptive {} }}", kinds.join(", ")));
    let out = made("sound-apart", &procedure, 75);
    for kind in kinds {
        let file = |name: &str| out.join(format!("adp.{kind}/{name}_{kind}_0.m3u8"));
        // Browsers do not read all edit lists: the times of the fragments themselves must be right.
        for media in stage::files(&out.join(format!("adp.{kind}"))).iter().filter(|name| name.ends_with(".mp4")) {
            let content = std::fs::read(out.join(format!("adp.{kind}/{media}"))).expect("readable");
            assert!(!content.windows(4).any(|word| word == b"elst"), "{kind}: {media} has an edit list");
        }
        for sound in ["video", "audio"] {
            if sound == "video" && !["ts_segment", "mp4_segment"].contains(&kind) {
                continue;
            }
            let late = sound_starts(&file("video"), &file(sound));
            assert!((late + 1024.0 / 48000.0).abs() < 0.001, "{kind} {sound}: {late}");
        }
    }
}

#[test]
fn bit_rates_are_those_of_the_segments() {
    let out = made("rates", "procedure p { adaptive small }", 130);
    let (line, playlist) = variants(&out.join("adp.small/adp.small.m3u8")).swap_remove(1);
    let folder = playlist.parent().expect("a folder");
    let text = text(&playlist);
    let files = text.lines().filter(|line| !line.starts_with('#'));
    let sizes: Vec<f64> =
        files.map(|file| std::fs::metadata(folder.join(file)).expect("a segment").len() as f64 * 8.0).collect();
    let lengths = lengths(&playlist);
    let average = (sizes.iter().sum::<f64>() / lengths.iter().sum::<f64>()).ceil();
    let said = |name| attribute(&line, name).and_then(|rate| rate.parse::<f64>().ok()).expect("a rate");
    assert_eq!(said("AVERAGE-BANDWIDTH"), average);
    let single = sizes.iter().zip(&lengths).map(|(bits, seconds)| bits / seconds).fold(0.0, f64::max);
    assert!(said("BANDWIDTH") >= single.floor() && said("BANDWIDTH") >= average, "{line}");
}

#[test]
fn a_dash_package_is_read_by_its_manifest() {
    let out = made(
        "dash",
        "template adaptive d { extends: small  format: dash  segment: { type: mp4, time: 2s } } procedure p { adaptive d }",
        130,
    );
    let folder = out.join("adp.d");
    assert_eq!(stage::files(&folder), ["adp.d.mpd", "audio_d_0.mp4", "video_d_0.mp4", "video_d_1.mp4"]);
    let manifest = text(&folder.join("adp.d.mpd"));
    assert_eq!(manifest.matches("<Representation ").count(), 3, "{manifest}");
    assert_eq!(manifest.matches("<AdaptationSet ").count(), 2, "{manifest}");
    for (file, size) in [("video_d_0.mp4", "228,128,130"), ("video_d_1.mp4", "256,144,130")] {
        assert_eq!(pictures(&folder.join(file)), size);
        assert_eq!(keyframes(&folder.join(file)), [0, 25, 50, 75, 100, 125]);
    }
    let demuxers = Command::new("ffmpeg").args(["-hide_banner", "-demuxers"]).output().expect("ffmpeg is installed");
    if String::from_utf8_lossy(&demuxers.stdout).contains(" dash ") {
        let found = probe(&folder.join("adp.d.mpd"), &["-show_entries", "stream=codec_name,width"]);
        for stream in ["h264,228", "h264,256", "aac"] {
            assert!(found.contains(stream), "{found}");
        }
    }
}

/// The same playlist over files: every range becomes a file of its own, since ffmpeg cannot decrypt ranges.
fn with_files_for_ranges(playlist: &Path) -> PathBuf {
    let folder = playlist.parent().expect("a folder");
    let cut = |words: &str, file: &str, name: &str| {
        let (length, start) = words.split_once('@').expect("a range");
        let (length, start): (usize, usize) = (length.parse().expect("bytes"), start.parse().expect("bytes"));
        let content = std::fs::read(folder.join(file)).expect("a media file");
        let ending = file.rsplit('.').next().expect("an ending");
        let name = format!("cut_{name}.{ending}");
        std::fs::write(folder.join(&name), &content[start..start + length]).expect("writable");
        name
    };
    let (mut made, mut range, mut number) = (String::new(), None, 0);
    for line in text(playlist).lines() {
        if let Some(words) = line.strip_prefix("#EXT-X-BYTERANGE:") {
            range = Some(words.to_owned());
            continue;
        }
        let map = attribute(line, "BYTERANGE").filter(|_| line.starts_with("#EXT-X-MAP:"));
        made.push_str(&match (map, &range) {
            (Some(words), _) => {
                let name = cut(words, attribute(line, "URI").expect("a file"), "init");
                format!("#EXT-X-MAP:URI=\"{name}\"\n")
            }
            (None, Some(words)) if !line.starts_with('#') => {
                number += 1;
                cut(words, line, &number.to_string()) + "\n"
            }
            _ => format!("{line}\n"),
        });
    }
    let local = folder.join("files.m3u8");
    std::fs::write(&local, made).expect("writable");
    local
}

/// Every kind of segments decrypts, by ffmpeg's cipher, to what the same package in the clear holds.
#[test]
fn encrypted_packages_of_every_kind_hold_what_clear_ones_hold() {
    let kinds = [
        "ts_segment",
        "ts_byterange",
        "mp4_segment",
        "mp4_byterange",
        "ts_ts_segment",
        "mp4_mp4_byterange",
        "ts_packed_audio",
        "mp4_packed_audio_byterange",
    ];
    let mut procedure = String::new();
    for kind in kinds {
        procedure.push_str(&format!(
            "template adaptive {kind} {{ extends: small  segment: {{ type: {kind}, time: 2s }} }}\n\
             template adaptive {kind}_secret {{ extends: {kind}  encrypt: vault }}\n"
        ));
    }
    let asked = kinds.map(|kind| format!("{kind}, {kind}_secret")).join(", ");
    procedure.push_str(&format!("procedure p {{ adaptive {asked} }}"));
    let out = made("secret-kinds", &procedure, 130);
    for kind in kinds {
        let folder = out.join(format!("drm/adp.{kind}_secret"));
        let clear = out.join(format!("adp.{kind}"));
        for track in ["video_KIND_0", "video_KIND_1", "audio_KIND_0"] {
            let secret = folder.join(track.replace("KIND", &format!("{kind}_secret")) + ".m3u8");
            let clear = clear.join(track.replace("KIND", kind) + ".m3u8");
            let found = text(&secret);
            assert_eq!(found.matches("#EXT-X-KEY:").count(), 1, "{found}");
            // Before the key, so that it is no part of what is encrypted.
            let section = found.find("#EXT-X-MAP:").unwrap_or(0);
            assert!(section < found.find("#EXT-X-KEY:").expect("a key"), "{found}");
            let sections = kind.starts_with("mp4") && !(kind.contains("packed") && track.starts_with("audio"));
            assert_eq!(found.contains("#EXT-X-MAP:"), sections, "{found}");
            assert_eq!(lengths(&secret), lengths(&clear));
            let with_key = stage::with_local_key(&with_files_for_ranges(&secret), &out);
            assert_eq!(stage::packet_hashes(&with_key), stage::packet_hashes(&clear), "{kind} {track}");
        }
    }
}

#[test]
fn all_tracks_of_an_encrypted_package_name_one_key() {
    let text_of = "template adaptive secret { extends: small  encrypt: vault } procedure p { adaptive secret, small }";
    let out = made("secret", text_of, 130);
    let folder = out.join("drm/adp.secret");
    let mut addresses = Vec::new();
    for rung in 0..2 {
        let playlist = text(&folder.join(format!("video_secret_{rung}.m3u8")));
        let key = playlist.lines().find(|line| line.starts_with("#EXT-X-KEY:")).expect("a key");
        let address = attribute(key, "URI").expect("an address").to_owned();
        assert!(address.starts_with("https://keys.example.com/getkey?app=7&fileId="), "{address}");
        assert!(address.contains("&keySource=own&edk="), "{address}");
        addresses.push(address);
        let segment = std::fs::read(folder.join(format!("video_{rung}_00000.ts"))).expect("a segment");
        assert_ne!(segment[0], 0x47, "a segment is in the clear");
    }
    assert_eq!(addresses[0], addresses[1]);
    assert!(!text(&folder.join("adp.secret.m3u8")).contains("getkey"));
}

#[test]
fn a_package_of_a_part_shows_the_part() {
    let out = made("part", "procedure p { adaptive small from 1s to 4s }", 130);
    for (_, playlist) in variants(&out.join("adp.small/adp.small.m3u8")).iter().take(2) {
        assert!(pictures(playlist).ends_with(",75"), "{}", pictures(playlist));
        assert_eq!(lengths(playlist), [2.0, 1.0]);
        let picture = stage::folder().join("first-of-part.png");
        let (from, to) = (playlist.to_str().expect("UTF-8"), picture.to_str().expect("UTF-8"));
        stage::ffmpeg(&["-i", from, "-frames:v", "1", to]);
        assert_eq!(stage::number_of(&picture), 25);
    }
}

const LADDER: &str = "
template transcode low { container: hls  segment: { time: 2s }  video: { short_side: 128, bitrate: 60kbps, fps: 25, speed: fast }  audio: { bitrate: 48kbps } }
template transcode high { extends: low  segment: { type: fmp4, time: 2s }  video: { short_side: 144, bitrate: 200kbps } }
procedure p { options { master_playlist: true } transcode low, high }";

#[test]
fn a_master_playlist_lists_renditions_as_they_are() {
    let out = made("master", LADDER, 130);
    let found = variants(&out.join("master_playlist.m3u8"));
    assert_eq!(found.len(), 2);
    for ((line, playlist), size) in found.iter().zip(["228,128,130", "256,144,130"]) {
        assert_eq!(pictures(playlist), size, "{line}");
        // The higher one is a copy of the source, and says so.
        let profile = if line.contains("256x144") { "avc1.42" } else { "avc1.64" };
        assert!(attribute(line, "CODECS").is_some_and(|codecs| codecs.starts_with(profile)), "{line}");
    }
    let result: serde_json::Value = serde_json::from_str(&text(&out.join("result.json"))).expect("JSON");
    let last = result["outputs"].as_array().and_then(|outputs| outputs.last().cloned()).expect("outputs");
    assert_eq!((&last["type"], &last["definition"]), (&"Transcode".into(), &10000.into()));
    assert_eq!(last["files"][0]["path"], "master_playlist.m3u8");
}

/// Only what is stale is made again; a lost master playlist needs no encode.
#[test]
fn a_master_playlist_is_made_again_from_what_is_known() {
    let out = made("again", LADDER, 50);
    let master = out.join("master_playlist.m3u8");
    let first = text(&master);
    let modified = |path: &str| std::fs::metadata(out.join(path)).and_then(|file| file.modified()).expect("a time");
    let before = modified("v.low/v.low.m3u8");
    std::fs::remove_file(&master).expect("removes");
    assert_eq!(text(&made("again", LADDER, 50).join("master_playlist.m3u8")), first);
    assert_eq!(modified("v.low/v.low.m3u8"), before);
    std::fs::remove_file(&master).expect("removes");
    std::fs::remove_file(out.join("result.json")).expect("removes");
    assert_eq!(text(&made("again", LADDER, 50).join("master_playlist.m3u8")), first);
}

#[test]
fn a_package_in_place_is_not_made_again() {
    let procedure = "procedure p { adaptive small }";
    let out = made("current", procedure, 50);
    let modified =
        || std::fs::metadata(out.join("adp.small/adp.small.m3u8")).and_then(|file| file.modified()).expect("a time");
    let before = modified();
    made("current", procedure, 50);
    assert_eq!(modified(), before);
    std::fs::remove_file(out.join("adp.small/video_1_00000.ts")).expect("removes");
    made("current", procedure, 50);
    assert!(out.join("adp.small/video_1_00000.ts").is_file());
    assert_ne!(modified(), before);
}

#[test]
fn av1_is_cut_into_mp4_and_named_by_its_headers() {
    let text = "
template adaptive modern {
    format: hls
    segment: { type: mp4_mp4_segment, time: 1s }
    rungs: [
        { video: { codec: av1, short_side: 128, bitrate: 60kbps, fps: 25, gop: 1s, speed: fast }  audio: { bitrate: 48kbps } },
        { video: { codec: av1, short_side: 144, crf: 40, fps: 25, gop: 1s, speed: fast }  audio: { bitrate: 48kbps } },
    ]
}
template adaptive dashed { extends: modern  format: dash  segment: { type: mp4, time: 1s } }
template transcode cut { container: hls  segment: { type: fmp4, time: 1s }  video: { codec: av1, short_side: 144, crf: 40, fps: 25, gop: 1s, speed: fast }  audio: { bitrate: 48kbps } }
procedure p() { options { master_playlist: true }  adaptive modern, dashed  transcode cut }";
    let out = made("av1", text, 75);
    let names = [(0, "av01.0.00M.08"), (1, "av01.0.00M.08")];
    let listed = variants(&out.join("adp.modern/adp.modern.m3u8"));
    for (at, name) in names {
        let (line, playlist) = &listed[at];
        assert_eq!(attribute(line, "CODECS"), Some(format!("{name},mp4a.40.2").as_str()), "{line}");
        assert_eq!(keyframes(playlist), [0, 25, 50]);
        assert_eq!(lengths(playlist), [1.0, 1.0, 1.0]);
    }
    assert!(pictures(&listed[0].1).ends_with(",128,75"), "{}", pictures(&listed[0].1));
    assert!(text_of_manifest(&out).contains("codecs=\"av01.0.00M.08\""));
    let (line, playlist) = &variants(&out.join("master_playlist.m3u8"))[0];
    assert_eq!(attribute(line, "CODECS"), Some("av01.0.00M.08,mp4a.40.2"));
    assert_eq!(pictures(playlist), "256,144,75");
}

fn text_of_manifest(out: &Path) -> String {
    text(&out.join("adp.dashed/adp.dashed.mpd"))
}
