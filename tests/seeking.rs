//! Reading from places gives what decoding everything gives, for every kind of container, clock and group of pictures.

mod stage;

use std::path::{Path, PathBuf};

/// Pictures at moments of all kinds, more sets than one process reads, and parts with sound.
const PROCEDURE: &str = "
template snapshot still { short_side: 144, format: png }
template sample often { every: 9%, short_side: 72 }
template sprite wall { every: 25%, rows: 2, columns: 2, short_side: 128 }
template animated film { fps: 5, short_side: 128 }
template transcode part { container: mp4 video: { codec: h264, crf: 12, speed: fast } audio: { codec: aac } }
template transcode slow { container: mp4 video: { codec: h264, short_side: 128, fps: 12, gop: 1s, speed: fast } audio: none }
procedure p() {
    snapshot at 0s, 0.5s, 1.02s, 50%, -0.3s, end using still
    sample using often
    sprite using wall
    animate film from 70% to 75%
    transcode part from 60% to 70%
    transcode slow from 30% to 33%
    cover at 80% using still
}";

/// The same without sound, for clips that have none.
fn procedure(file: &str) -> PathBuf {
    stage::write(file, PROCEDURE)
}

fn clip(name: &str, options: &str) -> PathBuf {
    stage::numbered_clip(name, 200, &options.split_whitespace().collect::<Vec<_>>())
}

/// What of it goes to places, by the plan of the processes.
fn places(source: &Path, flags: &[&str]) -> usize {
    let file = procedure("seeking.vod");
    let (file, source) = (file.to_str().expect("UTF-8"), source.to_str().expect("UTF-8"));
    let mut arguments = vec!["plan", file, source, "--stage", "physical"];
    arguments.extend(flags);
    let said = stage::priced(stage::free_seeks(), &arguments).stdout;
    String::from_utf8_lossy(&said).lines().filter(|line| line.contains(" from ")).count()
}

/// Runs with free seeks and without any, holds all files side by side, and gives the folder of the first.
fn same(name: &str, source: &Path) -> PathBuf {
    let file = procedure("seeking.vod");
    let (file, input) = (file.to_str().expect("UTF-8"), source.to_str().expect("UTF-8"));
    let made = |kind: &str, flags: &[&str]| {
        let out = stage::folder().join(format!("{name}-{kind}"));
        let mut arguments = vec!["run", file, "--input", input, "--out", out.to_str().expect("UTF-8"), "--verbose"];
        arguments.extend(flags);
        let output = stage::priced(stage::free_seeks(), &arguments);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}\n{said}");
        assert!(!said.contains("damaged"), "{name}: a decoder's complaint after a seek is no damage\n{said}");
        out
    };
    let sought = made("sought", &[]);
    let decoded = made("decoded", &["--disable-rule", "seek-pictures", "--disable-rule", "seek-parts"]);
    let files = stage::files(&decoded);
    assert_eq!(stage::files(&sought), files, "{name}");
    for one in files.iter().filter(|one| one.as_str() != "result.json") {
        let same = match one.ends_with(".mp4") {
            true => stage::packet_hashes(&sought.join(one)) == stage::packet_hashes(&decoded.join(one)),
            false => {
                std::fs::read(sought.join(one)).expect("reads") == std::fs::read(decoded.join(one)).expect("reads")
            }
        };
        assert!(same, "{name}: `{one}` is another");
    }
    sought
}

#[test]
fn groups_of_all_kinds_give_the_same_pictures() {
    for (name, options) in [
        ("closed.mp4", "-g 12 -bf 2"),
        ("open.mp4", "-bf 3 -x264-params keyint=12:open-gop=1"),
        ("short.mp4", "-g 2 -bf 1"),
        ("intra.mp4", "-g 1"),
        ("hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params keyint=12:open-gop=1:bframes=3:log-level=error"),
        // Keyframes from which decoding gives nothing before a whole group has gone by.
        ("refresh.mp4", "-x264-params intra-refresh=1:keyint=24"),
    ] {
        let clip = clip(name, options);
        assert!(places(&clip, &[]) > 2, "{name} is read from places");
        let out = same(name, &clip);
        let number = |index: u32| {
            stage::number_of(&out.join(format!("snapshotByTimeOffset/snapshotByTimeOffset_still_{index}.png")))
        };
        assert_eq!([0, 1, 2, 3, 5].map(number), [0, 12, 25, 100, 199], "{name}");
    }
}

#[test]
fn containers_and_their_clocks_give_the_same_pictures() {
    let closed = clip("base.mp4", "-g 12 -bf 2");
    let closed = closed.to_str().expect("UTF-8");
    let copied = |name: &str, before: &str, after: &str| {
        let path = stage::folder().join(name);
        let mut arguments: Vec<&str> = before.split_whitespace().collect();
        arguments.extend(["-i", closed, "-c", "copy"]);
        arguments.extend(after.split_whitespace());
        arguments.push(path.to_str().expect("UTF-8"));
        stage::ffmpeg(&arguments);
        path
    };
    for clip in [
        copied("clock.mkv", "", ""),
        copied("late.mp4", "", "-output_ts_offset 3.7"),
        // Its first pictures are there to be decoded, and not to be shown.
        copied("edited.mp4", "-ss 1.3", ""),
        copied("early.mp4", "-itsoffset -0.5", ""),
        clip("uneven.mp4", "-an -g 12 -vf settb=1/1000,setpts=N*N*2 -fps_mode passthrough -enc_time_base 1:1000 -t 60"),
    ] {
        let name = clip.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        // A file that promises to be longer than it is counts as damaged, and is not sought in.
        assert!(places(&clip, &[]) > 0 || name.starts_with("late"), "{name} is read from places");
        same(&name, &clip);
    }
}

#[test]
fn where_a_keyframe_is_not_found_for_certain_nothing_is_sought() {
    let closed = clip("plain.mp4", "-g 12");
    let transport = stage::folder().join("plain.ts");
    stage::ffmpeg(&["-i", closed.to_str().expect("UTF-8"), "-c", "copy", transport.to_str().expect("UTF-8")]);
    assert_eq!(places(&transport, &[]), 0, "a transport stream has no index");
    assert_eq!(places(&closed, &["--opt-level", "0"]), 0);
    assert_eq!(places(&closed, &["--disable-rule", "seek-pictures", "--disable-rule", "seek-parts"]), 0);
    assert!(places(&closed, &[]) > 2);
}
