//! The folder in which contenders run: the source, long enough; a mark, a key.

use super::{Case, MARK};
use crate::process::{self, Cancellation, Collect, Ending, Invocation};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A key that protects nothing, for the scripts; vodflow makes its own.
const KEY: &[u8; 16] = b"bench, no secret";

/// What all contenders of a comparison share.
pub struct Prepared {
    folder: TempDir,
    /// The film that is read.
    pub source: PathBuf,
    /// Its length in seconds.
    pub seconds: f64,
}

impl Prepared {
    /// Lays everything out. A film that is too short is repeated by copying, which changes neither its pictures nor
    /// the distance of its keyframes.
    pub fn new(ffmpeg: &Path, clip: &Path, seconds: f64, case: &Case) -> io::Result<Prepared> {
        let folder = tempfile::Builder::new().prefix("vodflow-bench-").tempdir()?;
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("keys"))?;
        std::fs::write(at("keys/key"), KEY)?;
        let info = format!("https://keys.example.com/course\n{}\n", at("keys/key").display());
        std::fs::write(at("keys/info"), info)?;
        std::fs::write(at("mark.png"), MARK)?;
        std::fs::write(at("procedure.vod"), case.procedure)?;
        let times = (case.seconds as f64 / seconds.max(0.04)).ceil();
        if times <= 1.0 {
            return Ok(Prepared { source: std::fs::canonicalize(clip)?, seconds, folder });
        }
        let source = at("source.mp4");
        repeat(ffmpeg, clip, times as u64, &source)?;
        Ok(Prepared { source, seconds: seconds * times, folder })
    }

    /// The procedure's file.
    pub fn procedure(&self) -> PathBuf {
        self.folder.path().join("procedure.vod")
    }

    /// An empty folder for a contender's outputs.
    pub fn outputs(&self) -> io::Result<PathBuf> {
        let folder = self.folder.path().join("out");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// The variables of scripts that do not change from run to run.
    pub fn variables(&self, ffmpeg: &Path, case: &Case) -> Vec<(&'static str, OsString)> {
        let at = |name: &str| self.folder.path().join(name).into_os_string();
        vec![
            ("FFMPEG", ffmpeg.into()),
            ("SOURCE", self.source.clone().into()),
            ("SECONDS_LONG", format!("{:.3}", self.seconds).into()),
            ("PRESET", case.preset.into()),
            ("MARK", at("mark.png")),
            ("KEYS", at("keys")),
        ]
    }
}

fn repeat(ffmpeg: &Path, clip: &Path, times: u64, to: &Path) -> io::Result<()> {
    let loops = (times.saturating_sub(1)).to_string();
    let mut arguments: Vec<OsString> =
        ["-nostdin", "-v", "error", "-stream_loop", &loops, "-i"].into_iter().map(Into::into).collect();
    arguments.push(clip.into());
    arguments.extend(["-map", "0:v:0", "-map", "0:a:0", "-c", "copy", "-f", "mp4"].into_iter().map(OsString::from));
    arguments.push(to.into());
    let made = process::run(&Invocation::new(ffmpeg, arguments), &mut Collect::default(), &Cancellation::default())?;
    match made.ending {
        Ending::Code(0) => Ok(()),
        _ => Err(io::Error::other(made.log.text().lines().last().unwrap_or("ffmpeg failed").to_owned())),
    }
}
