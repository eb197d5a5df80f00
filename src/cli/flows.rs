//! The catalogue folder: flows by name, whatever they are written in.
//!
//! A flow's name is that of its file without the ending. Only the folder itself is looked at, not what lies below it.

use crate::diag::{Diagnostic, all_of, codes, io_words, message, nearest};
use crate::driver::{Compiler, flow_name};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Endings of files that hold a flow.
const ENDINGS: &[&str] = &["vod", "json", "lua"];

/// Where flows lie that are called by name.
#[derive(Debug, Clone)]
pub struct Flows {
    folder: PathBuf,
    /// Whether the folder was asked for; otherwise it need not exist.
    asked: bool,
}

/// The folder that is looked at when none is given.
const FOLDER: &str = "flows";

impl Flows {
    /// The folder that was given, or `flows` below the current one.
    pub fn of(given: Option<&Path>) -> Self {
        Flows { folder: given.unwrap_or(Path::new(FOLDER)).to_owned(), asked: given.is_some() }
    }

    /// The file of a flow; `None` when no file has that name.
    ///
    /// Two files of one name, a file with the name of a procedure of the system, and a folder that was asked for and
    /// cannot be read are errors.
    pub fn find(&self, name: &str, compiler: &Compiler) -> Result<Option<PathBuf>, Diagnostic> {
        let mut all = self.files()?;
        let Some(files) = all.remove(name) else { return Ok(None) };
        let shown: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let clash =
            |problem: Diagnostic| Err(problem.with_help(message!("rename one of them, or name the file itself")));
        if files.len() > 1 {
            return clash(Diagnostic::new(
                &codes::FLOW_CLASH,
                message!("two flows are called `{}`: {}", name, all_of(&shown)),
            ));
        }
        if compiler.catalog().procedure(name).is_some() {
            let message = message!("`{}` has the name of a procedure of the system", shown.join(""));
            return clash(Diagnostic::new(&codes::FLOW_CLASH, message));
        }
        Ok(files.into_iter().next())
    }

    /// What to say of a name that is no procedure: the names of the folder that are near.
    pub fn help(&self, name: &str, problem: Diagnostic) -> Diagnostic {
        let names = self.files().unwrap_or_default();
        let folder = self.folder.display().to_string();
        let names: Vec<&str> = names.keys().map(String::as_str).collect();
        let near = nearest(name, names.iter().copied());
        match near {
            // A near name of the system says more than all names of the folder.
            None if problem.fix.is_some() => problem,
            Some(near) => problem.with_help(message!("write `{}`, which the folder `{}` has", near, &folder)),
            None if names.is_empty() => problem,
            None => {
                problem.with_help(message!("the folder `{}` has {}", &folder, all_of(&names[..names.len().min(12)])))
            }
        }
    }

    /// The files of the folder by the names of their flows.
    fn files(&self) -> Result<BTreeMap<String, Vec<PathBuf>>, Diagnostic> {
        let entries = match std::fs::read_dir(&self.folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(_) if !self.asked => return Ok(BTreeMap::new()),
            Err(error) => {
                let folder = self.folder.display();
                let message = message!("the folder `{}` of flows cannot be read: {}", folder, io_words(&error));
                return Err(Diagnostic::new(&codes::FILE_UNREADABLE, message));
            }
        };
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for path in entries.into_iter().map(|entry| entry.path()) {
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
                let name = flow_name(&path.display().to_string()).to_owned();
                files.entry(name).or_default().push(path);
            }
        }
        files.values_mut().for_each(|same| same.sort());
        Ok(files)
    }
}
