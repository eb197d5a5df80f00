//! Finds the programs ffmpeg and ffprobe.

use crate::diag::{Diagnostic, Message, codes, message};
use crate::process::Reach;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where the programs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// The converter.
    pub ffmpeg: PathBuf,
    /// Its reader of facts.
    pub ffprobe: PathBuf,
    /// How both run.
    pub sandbox: Sandbox,
}

/// Whether the programs run in a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sandbox {
    /// In all layers that the kernel has.
    #[default]
    On,
    /// In none.
    Off,
}

impl Tools {
    /// Finds both: at `explicit` (the ffmpeg program, ffprobe beside it, or the folder that holds both), else along
    /// `search_path`, the value of the caller's `PATH`.
    pub fn find(explicit: Option<&Path>, search_path: Option<&OsStr>) -> Result<Tools, Diagnostic> {
        if let Some(given) = explicit {
            let folder = if given.is_dir() { given } else { given.parent().unwrap_or(Path::new("")) };
            let ffmpeg = if given.is_dir() { given.join("ffmpeg") } else { given.to_owned() };
            let ffprobe = program(&folder.join("ffprobe"))?;
            return Ok(Tools { ffmpeg: program(&ffmpeg)?, ffprobe, sandbox: Sandbox::On });
        }
        let find = |name: &str| {
            let found = which::which_in(name, search_path, Path::new("/"));
            found.map_err(|_| missing(message!("the program `{}` is not found", name)))
        };
        Ok(Tools { ffmpeg: find("ffmpeg")?, ffprobe: find("ffprobe")?, sandbox: Sandbox::On })
    }

    /// The sandbox of a process that reads and writes so much, if it has one.
    pub(crate) fn sandbox(&self, reads: Vec<PathBuf>, writes: Vec<PathBuf>) -> Option<Reach> {
        match self.sandbox {
            Sandbox::On => Some(Reach { reads, writes }),
            Sandbox::Off => None,
        }
    }
}

fn program(path: &Path) -> Result<PathBuf, Diagnostic> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if which::which_in(&absolute, Some(""), Path::new("/")).is_ok() {
        return Ok(absolute);
    }
    Err(missing(message!("`{}` is not a program that can be started", path.display())))
}

/// The diagnostic for programs that are not there or do not start.
pub(crate) fn missing(message: impl Into<Message>) -> Diagnostic {
    Diagnostic::new(&codes::FFMPEG_MISSING, message).with_help(message!(
        "install ffmpeg: `apt-get install ffmpeg`, `dnf install ffmpeg` or `brew install ffmpeg`; it brings ffprobe along"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_along_the_path_or_where_the_user_says() {
        let found = Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
        assert_eq!(Tools::find(Some(&found.ffmpeg), None).expect("by file"), found);
        assert_eq!(Tools::find(found.ffmpeg.parent(), None).expect("by folder"), found);
    }

    #[test]
    fn a_missing_program_comes_with_help() {
        for explicit in [None, Some(Path::new("/nowhere/ffmpeg")), Some(Path::new("/"))] {
            let diagnostic = Tools::find(explicit, Some(OsStr::new("/nowhere"))).expect_err("nothing there");
            assert_eq!(diagnostic.code.id, "E0601");
            assert!(diagnostic.help.is_some_and(|help| help.contains("apt-get install ffmpeg")));
        }
    }
}
