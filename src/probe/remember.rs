//! Facts of a source, remembered until the file or the program changes (`language.md` 5, *Source identity*).

use super::facts::{check_limits, source_with_limits};
use super::{SourceStamp, Tools};
use crate::diag::Diagnostic;
use crate::limits::Limits;
use crate::media::SourceFacts;
use std::fs::Metadata;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Grows with every change of what facts hold.
const SHAPE: u32 = 3;
/// How many sources are remembered.
const MOST: usize = 200;
/// A file that changed so shortly ago may change again within one tick of its time stamp, and is not remembered.
const YOUNG: Duration = Duration::from_secs(2);

/// Looks at a source. With a folder for caches, one that is as it was is not read again.
pub fn remembered_source(
    tools: &Tools,
    path: &Path,
    limits: &Limits,
    cache: Option<&Path>,
) -> Result<SourceFacts, Diagnostic> {
    let place = cache.and_then(|folder| place(tools, path, folder));
    if let Some(facts) = place.as_deref().and_then(recall) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Another name of the same file is as good.
        let facts = SourceFacts { name, ..facts };
        check_limits(&facts, limits)?;
        return Ok(facts);
    }
    let facts = source_with_limits(tools, path, limits)?;
    if let Some(place) = place.filter(|_| is_settled(path)) {
        // A cache that cannot be written costs time, nothing else.
        let _ = remember(&place, &facts);
    }
    Ok(facts)
}

/// Where facts are remembered: the name says which file and which program, as they are now.
fn place(tools: &Tools, path: &Path, folder: &Path) -> Option<PathBuf> {
    let look = |path: &Path| Some(fingerprint(&std::fs::metadata(path).ok()?));
    let program = tools.ffprobe.canonicalize().ok()?;
    let text = format!("{SHAPE} {} {} {}", look(path)?, program.display(), look(&program)?);
    let name = blake3::hash(format!("{text} {}", env!("CARGO_PKG_VERSION")).as_bytes()).to_hex();
    Some(folder.join("sources").join(format!("{}.json", &name[..32])))
}

fn fingerprint(metadata: &Metadata) -> String {
    let SourceStamp { device, inode, size, modified } = SourceStamp::from_metadata(metadata);
    // The time of change of the entry cannot be set back by whoever sets back the other one.
    let (changed, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    format!("{device}:{inode}:{size}:{modified}:{changed}.{nanoseconds}")
}

fn is_settled(path: &Path) -> bool {
    let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| SystemTime::now().duration_since(modified).is_ok_and(|age| age > YOUNG))
}

fn recall(place: &Path) -> Option<SourceFacts> {
    serde_json::from_slice(&std::fs::read(place).ok()?).ok()
}

fn remember(place: &Path, facts: &SourceFacts) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(facts)?)?;
    file.persist(place)?;
    forget_oldest(folder)
}

fn forget_oldest(folder: &Path) -> io::Result<()> {
    let files = std::fs::read_dir(folder)?.flatten();
    let mut files: Vec<_> =
        files.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    files.sort();
    let surplus = files.len().saturating_sub(MOST);
    files.into_iter().take(surplus).try_for_each(|(_, path)| std::fs::remove_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn an_unchanged_file_is_not_read_again_and_a_changed_one_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let (clip, cache) = (folder.path().join("clip.mp4"), folder.path().join("cache"));
        let make = |seconds: &str| {
            let made = Command::new("ffmpeg")
                .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc=s=64x64:r=25", "-t", seconds])
                .arg(&clip)
                .status();
            assert!(made.expect("ffmpeg starts").success());
            let old = SystemTime::now() - Duration::from_secs(60);
            std::fs::File::open(&clip).and_then(|file| file.set_modified(old)).expect("sets the time");
        };
        let tools = Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
        let limits = Limits::default();
        let look = |tools: &Tools| remembered_source(tools, &clip, &limits, Some(&cache));
        make("1");
        let first = look(&tools).expect("facts");
        let stored = std::fs::read_dir(cache.join("sources")).expect("lists").flatten().next().expect("a file").path();
        let mut marked = recall(&stored).expect("facts");
        assert_eq!(marked, first);
        // Only a remembered answer can have this in it.
        marked.damage.push("remembered".into());
        remember(&stored, &marked).expect("writes");
        assert_eq!(look(&tools).expect("facts").damage, ["remembered"]);
        make("2");
        let second = look(&tools).expect("facts");
        assert!(second.damage.is_empty() && second.duration() > first.duration());
        let strict = Limits { source_seconds: 1, ..Limits::default() };
        assert!(remembered_source(&tools, &clip, &strict, Some(&cache)).is_err(), "limits hold for the remembered too");
    }
}
