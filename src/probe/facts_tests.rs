//! Facts about generated clips, about real ones with oddities where they are at hand, and about files that are none.

use super::*;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::Command;

fn tools() -> Tools {
    Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed")
}

/// A two-second clip at 25 pictures a second with a tone.
fn clip(folder: &Path, name: &OsStr) -> PathBuf {
    let path = folder.join(name);
    let status = Command::new(tools().ffmpeg)
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=s=128x72:r=25:d=2", "-f", "lavfi", "-i"])
        .args(["sine=r=48000:d=2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"])
        .args(["-movflags", "+faststart", "-f", "mp4"])
        .arg(super::super::file_argument(&path))
        .status()
        .expect("ffmpeg starts");
    assert!(status.success());
    path
}

#[test]
fn a_clip_is_known_exactly() {
    let folder = tempfile::tempdir().expect("a folder");
    let facts = source(&tools(), &clip(folder.path(), OsStr::new("clip.mp4"))).expect("facts");
    let (video, audio) = (&facts.video[0], &facts.audio[0]);
    assert_eq!((video.codec.as_str(), video.coded_size.to_string().as_str()), ("h264", "128x72"));
    assert_eq!((video.frames.count(), video.rate), (50, FrameRate::from_integer(25)));
    assert_eq!(video.frames.constant_rate(), Some(FrameRate::from_integer(25)));
    assert_eq!((video.start(), video.end()), (Timestamp::ZERO, Timestamp(Rational::from_integer(2))));
    assert_eq!((audio.codec.as_str(), audio.channels, audio.sample_rate), ("aac", 1, Frequency(48000)));
    assert_eq!((audio.start, audio.end), (Timestamp::ZERO, Timestamp(Rational::from_integer(2))));
    assert_eq!(facts.damage, Vec::<String>::new());
    assert_eq!((facts.identity.0.len(), facts.duration().to_string().as_str()), (32, "2s"));
}

#[test]
fn names_that_look_like_something_else_are_only_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let original = clip(folder.path(), OsStr::new("clip.mp4"));
    let identity = source(&tools(), &original).expect("facts").identity;
    let names: [&[u8]; 6] = [
        b"-x.mp4",
        "a:b'c,d[e];%d \u{4e2d}\u{6587}.mp4".as_bytes(),
        b"\xff\xfe.mp4",
        b"pipe:1",
        b"a|b\"$(x).mp4",
        b" ",
    ];
    for name in names {
        let path = folder.path().join(OsStr::from_bytes(name));
        std::fs::copy(&original, &path).expect("copies");
        assert_eq!(source(&tools(), &path).expect("facts").identity, identity, "{name:?}");
    }
}

#[test]
fn a_cut_file_tells_what_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = clip(folder.path(), OsStr::new("cut.mp4"));
    let bytes = std::fs::read(&path).expect("reads");
    std::fs::write(&path, &bytes[..bytes.len() * 6 / 10]).expect("writes");
    let facts = source(&tools(), &path).expect("facts");
    assert!(!facts.damage.is_empty());
    assert!(facts.video[0].frames.count() < 45 && facts.duration().seconds() < Rational::of(19, 10));
    assert!(facts.audio[0].end.0 < Rational::of(19, 10), "{}", facts.audio[0].end);
}

/// Lengths that a demuxer only estimates are not believed, and a cover is neither a video nor cut short.
#[test]
fn sound_without_a_true_length_is_measured_by_its_packets() {
    let folder = tempfile::tempdir().expect("a folder");
    // Half silence, half noise: a bit rate that varies, so that every estimate is wrong.
    let sound = "anoisesrc=r=44100:d=4:a=0.5,volume='if(lt(t,2),0,1)':eval=frame";
    for (name, options, covers) in [
        ("a.aac", "-map 0:a -c:a aac", 0),
        ("a.mp3", "-map 0:a -c:a libmp3lame -q:a 4 -write_xing 0", 0),
        ("b.mp3", "-map 0:a -map 1:v -c:a libmp3lame -q:a 4 -frames:v 1 -c:v png -disposition:v attached_pic", 1),
    ] {
        let path = folder.path().join(name);
        let status = Command::new(tools().ffmpeg)
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", sound, "-f", "lavfi", "-i", "testsrc=s=64x64:d=1"])
            .args(options.split_whitespace())
            .arg(&path)
            .status();
        assert!(status.expect("ffmpeg starts").success());
        let facts = source(&tools(), &path).expect("facts");
        assert_eq!((facts.video.len(), facts.attached_pictures, facts.damage.len()), (0, covers, 0), "{facts:?}");
        let off = facts.duration().seconds() - Rational::from_integer(4);
        assert!(off < Rational::of(1, 10) && off > Rational::of(-1, 10), "{name}: {}", facts.duration());
    }
}

#[test]
fn what_is_no_media_is_said_in_a_sentence_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("noise.mp4");
    std::fs::write(&path, vec![0x55; 100_000]).expect("writes");
    let diagnostic = source(&tools(), &path).expect_err("no media");
    assert_eq!(diagnostic.code.id, "E0403");
    assert!(!diagnostic.message.contains("0x"), "{}", diagnostic.message);
}

#[test]
fn limits_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = clip(folder.path(), OsStr::new("clip.mp4"));
    let usual = Limits::default();
    for (limits, name) in [
        (Limits { source_bytes: 100, ..usual }, "source-bytes"),
        (Limits { source_side: 100, ..usual }, "source-side"),
        (Limits { source_pixels: 100, ..usual }, "source-pixels"),
        (Limits { source_rate: 24, ..usual }, "source-rate"),
        (Limits { source_seconds: 1, ..usual }, "source-seconds"),
    ] {
        let refused = source_with_limits(&tools(), &path, &limits).expect_err("too much");
        assert_eq!(refused.code.id, "E0405");
        assert!(refused.help.is_some_and(|help| help.contains(name)), "{name}");
    }
    let alone = Limits { source_streams: 1, ..usual };
    assert_eq!(source_with_limits(&tools(), &path, &alone).expect_err("too much").code.id, "E0405");
}

#[test]
fn formats_codecs_and_numbers_of_streams_beyond_the_lists_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let many = "-map 0:a ".repeat(40) + "-c:a aac many.mp4";
    for (options, name, code) in [
        ("-map 1:v -c:v magicyuv codec.avi", "codec.avi", "E0404"),
        ("-map 1:v -c:v mpeg4 format.nut", "format.nut", "E0404"),
        (&many, "many.mp4", "E0405"),
    ] {
        let status = Command::new(tools().ffmpeg)
            .current_dir(folder.path())
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "sine=d=0.2", "-f", "lavfi", "-i"])
            .arg("testsrc=s=64x64:d=0.2")
            .args(options.split_whitespace())
            .status();
        assert!(status.expect("ffmpeg starts").success());
        let diagnostic = source(&tools(), &folder.path().join(name)).expect_err("refused");
        assert_eq!(diagnostic.code.id, code, "{name}: {}", diagnostic.message);
    }
}

/// The collection of real clips lies beside the repository on development machines only; elsewhere this test says so
/// and the generated clips above stand alone.
#[test]
fn real_clips_with_oddities_are_known() {
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media");
    if !media.is_dir() {
        println!("no real clips here, only generated ones were tested");
        return;
    }
    let (mut lines, tools) = (Vec::new(), tools());
    let mut names: Vec<_> = std::fs::read_dir(&media).expect("lists").flatten().map(|entry| entry.path()).collect();
    names.sort();
    for path in names.iter().filter(|path| !path.ends_with("README.md") && !path.ends_with("manifest.json")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        lines.push(match source(&tools, path) {
            Ok(facts) => format!("{name}: {}", summary(&facts)),
            Err(diagnostic) => format!("{name}: {}", diagnostic.code.id),
        });
    }
    assert_eq!(lines.join("\n"), EXPECTED.trim());
}

fn summary(facts: &SourceFacts) -> String {
    let video = facts.video.iter().map(|video| {
        let (displayed, count) = (video.displayed_size(), video.frames.count());
        let kind = if video.frames.constant_rate().is_some() { "even" } else { "uneven" };
        format!("{} {displayed} {count} {kind} {}..{}", video.codec, video.start(), video.end())
    });
    let audio =
        facts.audio.iter().map(|audio| format!("{} {}ch {}..{}", audio.codec, audio.channels, audio.start, audio.end));
    let mut parts: Vec<String> = video.chain(audio).collect();
    if facts.attached_pictures > 0 {
        parts.push(format!("{} attached", facts.attached_pictures));
    }
    if !facts.damage.is_empty() {
        parts.push("damaged".to_owned());
    }
    parts.join(" + ")
}

const EXPECTED: &str = "
bbb-1080p24-30s-51.mp4: h264 1920x1080 721 even 0s..30.042s + aac 6ch 0s..30.037s
bbb-1080p60-1s-vp8.webm: vp8 1920x1080 60 uneven 0s..0.999s + vorbis 6ch 0s..1.012s
bbb-642x642-vp9.webm: vp9 642x642 90 uneven 0s..3s
bbb-800x640-sar64x45.mp4: h264 1138x640 120 even 0s..4s
butterfly-720p2997.mp4: h264 1280x720 226 even 0s..7.54s + aac 2ch 0s..7.53s
classroom.gif: gif 480x270 45 uneven 0s..2.99s
corrupt-no-moov.mp4: E0403
corrupt-truncated.mp4: h264 1920x1080 6 uneven 0s..0.5s + damaged
count-2audio-1sub.mkv: h264 640x480 245 uneven 0.046s..24.487s + aac 1ch 0s..22.244s + aac 1ch 0s..22.522s
flower-853x479-odd.webm: vp9 853x479 150 uneven 0.007s..5.012s + opus 2ch 0s..5.057s
interlaced-576i25-mpeg2.ts: mpeg2video 1024x576 250 even 1.44s..11.44s + mp2 2ch 1.43s..11.438s
landscape-2video-422p10.mp4: h264 1280x720 500 even 0s..10s + h264 1920x1080 250 even 0s..10s
logo-alpha.png: E0404
logo.svg: E0404
music-97s.mp3: mp3 2ch 0.025s..1m37.429s
music-cover-20s.flac: flac 2ch 0s..19.714s + 1 attached
noaudio-360p-40s.mp4: h264 640x360 1189 even 0s..39.855s
one-frame.mp4: mpeg4 256x144 1 even 0s..0.033s
phone-4k60-rot90.mp4: h264 2160x3840 18 uneven 0s..0.3s + aac 2ch 0s..0.313s
phone-720p-rot180-vfr.mp4: h264 1280x720 25 uneven 0s..2.38s + aac 1ch 0s..2.416s
phone-hdr10-1080p-hevc10.mp4: hevc 1920x1080 28 uneven 0s..1.017s + aac 2ch 0s..1.003s
portrait-1080x1916-12s.mp4: h264 1080x1916 369 uneven 0s..12.3s
reel-1080p30-30s.mp4: h264 1920x1080 900 even 0s..30s + aac 2ch 0s..20.245s
screencast-vfr-3026x1386.mp4: h264 3026x1386 63 uneven 0s..8.726s
street-432p-30s.mp4: h264 768x432 377 even 0s..30.16s + aac 2ch 0s..30.16s
";
