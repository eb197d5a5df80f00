//! Reading from places gives what decoding everything gives, for every kind of container, clock and group of pictures.

mod stage;

use std::path::{Path, PathBuf};

/// Pictures at moments of all kinds, more sets than one process reads, and parts with sound.
const PROCEDURE: &str = "
template snapshot still { short_side: 144, format: png }
template sample often { every: 9%, short_side: 72 }
template sprite wall { every: 25%, rows: 2, columns: 2, short_side: 128 }
template animated film { fps: 5, short_side: 128 }
procedure p() {
    snapshot at 0s, 0.5s, 1.02s, 50%, -0.3s, end using still
    sample using often
    sprite using wall
    animate film from 70% to 75%
    cover at 80% using still
}";

/// Sets that share pictures, and sheets and a film of more pictures than one process goes to.
const SHEETS: &str = "
template sample often { every: 8%, short_side: 72, format: png }
template sample tall { every: 6%, short_side: 64 }
template sprite wall { every: 8%, rows: 2, columns: 3, width: 128, height: 144, fill: stretch, format: png }
template sprite small { every: 6%, rows: 3, columns: 3, width: 161, height: 129, fill: stretch }
template snapshot still { short_side: 144, format: png }
template animated film { fps: 2, short_side: 128 }
template animated smooth { fps: 2, short_side: 130, format: webp }
procedure p() {
    sample using often
    sample using tall
    sprite using wall
    sprite using small
    animate film from 10% to 90%
    animate smooth from 20% to 70%
    snapshot at 40%, end using still
    cover at 8% using still
}";

/// Parts with sound and without, one of them to the end.
const PARTS: &str = "
template transcode part { container: mp4 video: { codec: h264, crf: 12, speed: fast } audio: { codec: aac } }
template transcode slow { container: mp4 video: { codec: h264, short_side: 128, fps: 12, gop: 1s, speed: fast } audio: none }
procedure p() {
    transcode part from 60% to 70%
    transcode slow from 90%
}";

fn clip(name: &str, options: &str) -> PathBuf {
    stage::numbered_clip(name, 200, &options.split_whitespace().collect::<Vec<_>>())
}

/// How many processes go to places, by the plan of the processes.
fn places(source: &Path, flags: &[&str]) -> usize {
    processes(source, PROCEDURE, flags, " from ")
}

/// How many lines of the plan of the processes say something.
fn processes(source: &Path, text: &str, flags: &[&str], word: &str) -> usize {
    let file = stage::write("pictures.vod", text);
    let (file, source) = (file.to_str().expect("UTF-8"), source.to_str().expect("UTF-8"));
    let mut arguments = vec!["plan", file, source, "--stage", "physical"];
    arguments.extend(flags);
    let said = stage::priced(stage::free_seeks(), &arguments).stdout;
    String::from_utf8_lossy(&said).lines().filter(|line| line.contains(word)).count()
}

/// Runs with free seeks and without any, holds all files side by side, and gives the folder of the first.
fn same(name: &str, source: &Path) -> PathBuf {
    same_of(&format!("{name}-parts"), source, PARTS);
    same_of(&format!("{name}-sheets"), source, SHEETS);
    same_of(name, source, PROCEDURE)
}

fn same_of(name: &str, source: &Path, text: &str) -> PathBuf {
    let (out, said) = compared(name, source, text);
    assert!(!said.contains("damaged"), "{name}: a decoder's complaint after a seek is no damage\n{said}");
    out
}

/// Runs both ways; gives the folder of the one with free seeks, and what it said.
fn compared(name: &str, source: &Path, text: &str) -> (PathBuf, String) {
    let file = stage::write(&format!("{name}.vod"), text);
    let (file, input) = (file.to_str().expect("UTF-8"), source.to_str().expect("UTF-8"));
    let made = |kind: &str, flags: &[&str]| {
        let out = stage::folder().join(format!("{name}-{kind}"));
        let mut arguments = vec!["run", file, "--input", input, "--out", out.to_str().expect("UTF-8"), "--verbose"];
        arguments.extend(flags);
        let output = stage::priced(stage::free_seeks(), &arguments);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}\n{said}");
        (out, said)
    };
    let (sought, said) = made("sought", &[]);
    let (decoded, _) = made("decoded", &["--disable-rule", "seek-pictures", "--disable-rule", "seek-parts"]);
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
    (sought, said)
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
        assert!(places(&clip, &[]) > 0, "{name} is read from places");
        let gathered = processes(&clip, SHEETS, &[], "encode r");
        // In the last one so few places are keyframes that one process reads them all.
        assert!(gathered > 0 || name == "refresh.mp4", "{name}: sheets and films are made of what was laid by");
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
        // Its first pictures are there to be decoded, and not to be shown.
        copied("edited.mp4", "-ss 1.3", ""),
        copied("early.mp4", "-itsoffset -0.5", ""),
        clip("uneven.mp4", "-an -g 12 -vf settb=1/1000,setpts=N*N*2 -fps_mode passthrough -enc_time_base 1:1000 -t 60"),
    ] {
        let name = clip.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        assert!(places(&clip, &[]) > 0, "{name} is read from places");
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
    assert!(places(&closed, &[]) > 0);
}

#[test]
fn sheets_of_a_source_that_turns_out_damaged_are_made_from_everything() {
    let whole = clip("hurt.mp4", "-an -g 12");
    let mut bytes = std::fs::read(&whole).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].iter_mut().for_each(|byte| *byte ^= 0x5a);
    let hurt = stage::folder().join("hurt-now.mp4");
    std::fs::write(&hurt, bytes).expect("writes");
    assert!(processes(&hurt, SHEETS, &[], "encode r") > 2, "nothing is known of the damage before");
    let (_, said) = compared("hurt", &hurt, SHEETS);
    assert!(said.contains("damaged"), "{said}");
}
