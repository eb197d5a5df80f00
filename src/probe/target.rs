//! ffmpeg into a `Target`: asked once, then remembered until the program changes.

use super::stamp::SourceStamp;
use super::{DECODERS, Tools, tools};
use crate::diag::{Diagnostic, io_words};
use crate::process::{self, Cancellation, Collect, Ending, Invocation, Limits};
use crate::target::Target;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the installed ffmpeg can do. With a folder for caches, an unchanged program is asked only once.
pub fn target(tools: &Tools, cache: Option<&Path>) -> Result<Target, Diagnostic> {
    let fingerprint = fingerprint(tools);
    let remembered = cache.map(|folder| folder.join("target.json"));
    if let Some(target) = remembered.as_deref().and_then(|path| recall(path, &fingerprint)) {
        return Ok(target);
    }
    let target = ask(tools)?;
    if let Some(path) = remembered {
        // A cache that cannot be written costs time, nothing else.
        let _ = remember(&path, &Cached { fingerprint, target: target.clone() });
    }
    Ok(target)
}

/// Which program was asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Fingerprint {
    shape: u32,
    path: PathBuf,
    size: u64,
    modified: String,
}

#[derive(Serialize, Deserialize)]
struct Cached {
    fingerprint: Fingerprint,
    target: Target,
}

fn fingerprint(tools: &Tools) -> Fingerprint {
    let path = tools.ffmpeg.canonicalize().unwrap_or_else(|_| tools.ffmpeg.clone());
    let stamp = std::fs::metadata(&path).map(|metadata| SourceStamp::from_metadata(&metadata));
    let (size, modified) = stamp.map_or((0, 0), |stamp| (stamp.size, stamp.modified));
    Fingerprint { shape: 2, path, size, modified: modified.to_string() }
}

fn recall(path: &Path, fingerprint: &Fingerprint) -> Option<Target> {
    let cached: Cached = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (cached.fingerprint == *fingerprint).then_some(cached.target)
}

fn remember(path: &Path, cached: &Cached) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(cached)?)?;
    file.persist(path)?;
    Ok(())
}

fn ask(tools: &Tools) -> Result<Target, Diagnostic> {
    let list = |option: &str, columns: usize| -> Result<BTreeSet<String>, Diagnostic> {
        let text = String::from_utf8_lossy(&output(tools, &["-hide_banner", option])?).into_owned();
        Ok(names(&text, columns))
    };
    let version = String::from_utf8_lossy(&output(tools, &["-version"])?).into_owned();
    let Some(version) = version.strip_prefix("ffmpeg version ").and_then(|rest| rest.split_whitespace().next()) else {
        return Err(tools::missing(format!("`{}` is not ffmpeg", tools.ffmpeg.display())));
    };
    Ok(Target {
        version: version.to_owned(),
        encoders: list("-encoders", 6)?,
        decoders: list("-decoders", 6)?.into_iter().filter(|name| DECODERS.contains(&name.as_str())).collect(),
        muxers: list("-muxers", 2)?,
        demuxers: list("-demuxers", 2)?,
        filters: list("-filters", 3)?,
        x264_build: build_of(tools, "libx264", "h264", "x264 - core ").and_then(|number| number.parse().ok()),
        x265_version: build_of(tools, "libx265", "hevc", " - ").map(|version| version.replace([':', '['], "")),
    })
}

/// The names in one of ffmpeg's lists: the word after the flags, aliases apart.
fn names(text: &str, most_flags: usize) -> BTreeSet<String> {
    let is_flags =
        |word: &str| word.len() <= most_flags && word.chars().all(|c| c == '.' || c == '|' || c.is_ascii_uppercase());
    let name = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| is_flags(word))?;
        words.next().filter(|name| *name != "=").map(str::to_owned)
    };
    text.lines().filter_map(name).flat_map(|name| name.split(',').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The build of an encoder, from the note that it leaves in a stream: what follows `mark`, up to a space.
fn build_of(tools: &Tools, encoder: &str, muxer: &str, mark: &str) -> Option<String> {
    let arguments = [
        "-v",
        "quiet",
        "-nostdin",
        "-f",
        "lavfi",
        "-i",
        "color=s=64x64:r=25",
        "-frames:v",
        "1",
        "-c:v",
        encoder,
        "-f",
        muxer,
        "-",
    ];
    let bytes = output(tools, &arguments).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let note = &text[text.find(encoder.strip_prefix("lib").unwrap_or(encoder))?..];
    let rest = &note[note.find(mark)? + mark.len()..];
    let end = rest.find([' ', '[', ':']).unwrap_or(rest.len());
    (1..32).contains(&end).then(|| rest[..end].to_owned())
}

fn output(tools: &Tools, arguments: &[&str]) -> Result<Vec<u8>, Diagnostic> {
    let fails = |reason: String| tools::missing(format!("`{}` {reason}", tools.ffmpeg.display()));
    let mut invocation = Invocation::new(&tools.ffmpeg, arguments.iter().map(OsString::from).collect());
    // No limit of memory: nothing foreign is read, and x265 reserves some for every core.
    invocation.limits = Limits { wall: Some(Duration::from_secs(20)), ..Limits::default() };
    invocation.sandbox = tools.sandbox(Vec::new(), Vec::new());
    let mut collected = Collect::default();
    let finished = process::run(&invocation, &mut collected, &Cancellation::default())
        .map_err(|error| fails(format!("does not start: {}", io_words(&error))))?;
    match finished.ending {
        Ending::Code(0) => Ok(collected.0),
        _ => Err(fails("does not answer".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Sandbox;

    #[test]
    fn names_are_read_from_the_four_kinds_of_list() {
        let encoders = "Encoders:\n V..... = Video\n ------\n V....D libx264              libx264 H.264 (codec h264)\n";
        assert_eq!(names(encoders, 6), BTreeSet::from(["libx264".to_owned()]));
        let demuxers = "File formats:\n D. = Demuxing supported\n --\n D  mov,mp4,m4a     QuickTime / MOV\n";
        assert_eq!(names(demuxers, 2).len(), 3);
        let filters = "Filters:\n  T.. = Timeline support\n  A = Audio\n ..C acopy  A->A  Copy\n ... zscale V->V x\n";
        assert_eq!(names(filters, 3), BTreeSet::from(["acopy".to_owned(), "zscale".to_owned()]));
    }

    #[test]
    fn the_installed_ffmpeg_is_asked_once_and_a_broken_cache_is_ignored() {
        let tools = Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
        let cache = tempfile::tempdir().expect("a folder");
        let first = target(&tools, Some(cache.path())).expect("answers");
        for (set, name) in [
            (&first.encoders, "libx264"),
            (&first.decoders, "h264"),
            (&first.muxers, "hls"),
            (&first.demuxers, "mp4"),
            (&first.demuxers, "matroska"),
            (&first.filters, "scale"),
        ] {
            assert!(set.contains(name), "{name}");
        }
        assert!(first.x264_build.is_some_and(|build| build > 100), "{:?}", first.x264_build);
        assert!(first.version.starts_with(|c: char| c.is_ascii_digit() || c == 'n' || c == 'N'));

        let path = cache.path().join("target.json");
        let mut cached: Cached = serde_json::from_slice(&std::fs::read(&path).expect("written")).expect("JSON");
        cached.target.version = "remembered".into();
        std::fs::write(&path, serde_json::to_vec(&cached).expect("JSON")).expect("writes");
        assert_eq!(target(&tools, Some(cache.path())).expect("answers").version, "remembered");
        std::fs::write(&path, "{broken").expect("writes");
        assert_eq!(target(&tools, Some(cache.path())).expect("answers"), first);
    }

    #[test]
    fn something_else_is_not_taken_for_ffmpeg() {
        let tools = Tools { ffmpeg: "/bin/true".into(), ffprobe: "/bin/true".into(), sandbox: Sandbox::On };
        assert_eq!(target(&tools, None).expect_err("no ffmpeg").code.id, "E0601");
    }
}
