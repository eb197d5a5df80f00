//! What is delivered is what was asked for: renditions as their templates say, ladders that align, encryption that holds.

mod stage;

use std::path::Path;
use std::process::Command;

fn probe(media: &Path, entries: &str) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", entries, "-of", "csv=p=0"])
        .arg(media)
        .output()
        .expect("ffprobe is installed");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The lengths of a playlist's segments, as written.
fn lengths(playlist: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(playlist).expect("a playlist");
    text.lines().filter_map(|line| line.strip_prefix("#EXTINF:")).map(str::to_owned).collect()
}

#[test]
fn nine_renditions_are_what_their_templates_say() {
    let clip = stage::numbered_clip("nine.mp4", 75, &[]);
    let call = "QCVB_SimpleProcessFile({10,20,30,210,220,230,10046,10047,10048},0,10,10)";
    let out = stage::folder().join("out-nine");
    stage::run(Path::new(call), &clip, &out, &["--quiet"]);
    let tiers = [(10, 210, 10046, 320, 180), (20, 220, 10047, 640, 360), (30, 230, 10048, 1280, 720)];
    for (mp4, hls, flv, width, height) in tiers {
        let files = [
            (format!("v.f{mp4}.mp4"), "aac"),
            (format!("v.f{hls}/v.f{hls}.m3u8"), "aac"),
            (format!("v.f{flv}.flv"), "mp3"),
        ];
        for (file, audio) in files {
            let found = probe(&out.join(&file), "stream=codec_name,width,height,avg_frame_rate,sample_rate,channels");
            assert!(found.contains(&format!("h264,{width},{height}")), "{file}: {found}");
            assert!(found.contains(&format!("{audio},44100,2")), "{file}: {found}");
        }
        let rate = probe(&out.join(format!("v.f{mp4}.mp4")), "stream=avg_frame_rate");
        assert!(rate.contains("24/1"), "{mp4}: {rate}");
    }
}

#[test]
fn segments_of_a_ladder_align_and_start_with_keyframes() {
    let clip = stage::numbered_clip("ladder.mp4", 150, &[]);
    let text = "
template transcode low { container: hls segment: { time: 2s } video: { codec: h264, short_side: 128, bitrate: 100kbps, fps: 25, speed: fast } audio: { codec: aac } }
template transcode high { extends: low video: { short_side: 144, bitrate: 300kbps } }
procedure p() { transcode low, high }";
    let out = stage::folder().join("out-ladder");
    stage::run(&stage::write("ladder.vod", text), &clip, &out, &[]);
    let (low, high) = (out.join("v.low/v.low.m3u8"), out.join("v.high/v.high.m3u8"));
    assert_eq!(lengths(&low), ["2.000000,", "2.000000,", "2.000000,"]);
    assert_eq!(lengths(&low), lengths(&high));
    for file in stage::files(&out).iter().filter(|file| file.ends_with(".ts")) {
        let flags = probe(&out.join(file), "packet=codec_type,flags");
        let first = flags.lines().find(|line| line.starts_with("video")).unwrap_or_default().to_owned();
        assert!(first.contains('K'), "{file} starts with {first}");
    }
}

#[test]
fn an_encrypted_stream_plays_with_its_key_and_not_without() {
    let clip = stage::numbered_clip("secret.mp4", 100, &[]);
    let text = "
template encryption vault { method: aes_128, key_url: \"https://keys.example.com/getkey?app=7\", key_source: \"own\" }
template transcode t { container: hls segment: { time: 1s } video: { codec: h264, short_side: 128, fps: 25, speed: fast } audio: { codec: aac } }
procedure p() { transcode t encrypt vault transcode t }";
    let out = stage::folder().join("out-secret");
    stage::run(&stage::write("secret.vod", text), &clip, &out, &[]);
    let (secret, clear) = (out.join("drm/v.t/v.t.m3u8"), out.join("v.t/v.t.m3u8"));
    let playlist = std::fs::read_to_string(&secret).expect("a playlist");
    assert!(playlist.contains("URI=\"https://keys.example.com/getkey?app=7&fileId="), "{playlist}");
    assert!(playlist.contains("&keySource=own&edk="), "{playlist}");
    // One key, and no vector in it: that of a segment is its number.
    assert_eq!(playlist.matches("#EXT-X-KEY:").count(), 1, "{playlist}");
    assert!(!playlist.contains("IV="), "{playlist}");

    let with_key = stage::with_local_key(&secret, &out);
    assert_eq!(stage::packet_hashes(&with_key), stage::packet_hashes(&clear));
    let segment = out.join("drm/v.t/seg_00000.ts");
    assert_eq!(probe(&segment, "stream=codec_name"), "", "a segment can be read without the key");
    let wrong = out.join("drm/v.t/test.key");
    std::fs::write(&wrong, [0u8; 16]).expect("writable");
    let read = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-protocol_whitelist",
            "file,crypto",
            "-allowed_extensions",
            "ALL",
            "-show_entries",
            "stream=codec_name",
        ])
        .arg(&with_key)
        .output()
        .expect("ffprobe is installed");
    assert!(!String::from_utf8_lossy(&read.stdout).contains("h264"), "a wrong key opens the stream");
}

#[test]
fn neither_key_nor_secret_path_is_in_what_is_shown() {
    let clip = stage::numbered_clip("quiet.mp4", 30, &[]);
    let text = "
template encryption vault { method: aes_128, key_url: \"https://keys.example.com/k\" }
procedure p() { transcode 210 encrypt vault }";
    let procedure = stage::write("quiet.vod", text);
    let out = stage::folder().join("out-quiet");
    stage::run(&procedure, &clip, &out, &[]);
    let kept =
        std::fs::read_dir(out.join(".vodflow/keys")).expect("keys").next().expect("a key").expect("readable").path();
    let record: serde_json::Value = serde_json::from_slice(&std::fs::read(&kept).expect("readable")).expect("JSON");
    let key = record["key"].as_str().expect("a key");
    let result = std::fs::read_to_string(out.join("result.json")).expect("a result");
    let plan = stage::vodflow(&[
        "plan",
        procedure.to_str().expect("UTF-8"),
        clip.to_str().expect("UTF-8"),
        "--format",
        "json",
    ]);
    let plan = String::from_utf8_lossy(&plan.stdout).into_owned();
    assert!(!result.contains(key) && !plan.contains(key));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&kept).expect("readable").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_variable_rate_is_kept_picture_by_picture() {
    let times = |media: &Path| -> Vec<u64> {
        let found = probe(media, "packet=codec_type,pts_time");
        let pictures = found.lines().filter_map(|line| line.strip_prefix("video,"));
        let mut millis: Vec<u64> =
            pictures.filter_map(|time| time.parse::<f64>().ok()).map(|time| (time * 1000.0).round() as u64).collect();
        millis.sort_unstable();
        millis
    };
    let options = ["-an", "-vf", "settb=1/1000,setpts=N*N*20", "-fps_mode", "passthrough", "-enc_time_base", "1:1000"];
    let clip = stage::numbered_clip("uneven.mp4", 12, &options);
    let text = "template transcode t { container: mp4 video: { codec: h264, speed: fast } audio: none } procedure p() { transcode t }";
    let out = stage::folder().join("out-uneven");
    stage::run(&stage::write("uneven.vod", text), &clip, &out, &[]);
    let kept = times(&out.join("v.t.mp4"));
    assert_eq!(kept.len(), 12);
    assert_eq!(kept, times(&clip));
    // The last one is shown as long as in the source, although packets are not in its order.
    let length = |media: &Path| probe(media, "format=duration");
    assert_eq!(length(&out.join("v.t.mp4")), length(&clip));
}
