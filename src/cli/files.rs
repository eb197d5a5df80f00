//! Files of procedures: read whole, within limits, imports inside the main file's folder.

use crate::diag::{Diagnostic, codes, io_words, message};
use crate::world::{ImportError, ImportedText, World};
#[cfg(feature = "lua")]
use crate::world::{ScriptOutcome, ScriptRun};
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::{Component, Path, PathBuf};

/// A procedure's text is at most this long (`language.md` 1).
const LONGEST_TEXT: u64 = 1 << 20;

/// Reads a file of a procedure.
pub fn read_procedure(path: &Path) -> Result<String, Diagnostic> {
    let name = path.display();
    let unreadable = |error: std::io::Error| {
        let help = message!("check the path; a call such as 'QCVB_SimpleProcessFile(1)' is written in quotes");
        Diagnostic::new(&codes::FILE_UNREADABLE, message!("`{}` cannot be read: {}", path.display(), io_words(&error)))
            .with_help(help)
    };
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if facts.is_dir() {
        return Err(Diagnostic::new(&codes::FILE_UNREADABLE, message!("`{}` is a folder", path.display())));
    }
    // Opening one would wait for a writer. The pipes of `<(...)` have one already, and no real path.
    if facts.file_type().is_fifo() && path.canonicalize().is_ok() {
        return Err(Diagnostic::new(&codes::FILE_UNREADABLE, message!("`{}` is a named pipe", path.display()))
            .with_help(message!("write the procedure into a file, or give it on standard input as `-`")));
    }
    let file = std::fs::File::open(path).map_err(unreadable)?;
    read_text(file, &name.to_string())
}

/// Reads a procedure from standard input or a file that is open.
pub fn read_text(from: impl Read, name: &str) -> Result<String, Diagnostic> {
    let mut bytes = Vec::new();
    from.take(LONGEST_TEXT + 1).read_to_end(&mut bytes).map_err(|error| {
        Diagnostic::new(&codes::FILE_UNREADABLE, message!("`{}` cannot be read: {}", name, io_words(&error)))
    })?;
    if bytes.len() as u64 > LONGEST_TEXT {
        let help = message!("split it with `import`");
        return Err(
            Diagnostic::new(&codes::FILE_TOO_LARGE, message!("`{}` is larger than 1 MiB", name)).with_help(help)
        );
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Diagnostic::new(&codes::FILE_NOT_UTF8, message!("`{}` is not UTF-8 text (first at byte {})", name, at))
    })
}

/// A file itself; of a folder the `.vod` files below it, sorted. Hidden and linked folders are left out.
pub fn vod_files(path: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|error| {
        let message = format!("`{}` cannot be read: {}", path.display(), io_words(&error));
        Diagnostic::new(&codes::FILE_UNREADABLE, message)
    })?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let linked = path.is_symlink();
        if path.is_dir() && !hidden && !linked {
            found.extend(vod_files(&path)?);
        } else if path.is_file() && path.extension().is_some_and(|ending| ending == "vod") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The world of the command line: imports lie in the main file's folder or below.
pub struct FileWorld {
    root: PathBuf,
}

impl FileWorld {
    /// The world of a main file; `None` for a call or standard input, which may import from the current folder.
    pub fn of(main: Option<&Path>) -> Self {
        let folder = main.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
        FileWorld { root: folder.map_or_else(|| PathBuf::from("."), Path::to_owned) }
    }
}

impl World for FileWorld {
    fn read_import(&self, from: &str, path: &str) -> Result<ImportedText, ImportError> {
        if path.contains("://") {
            return Err(ImportError::Address);
        }
        let written = Path::new(path);
        if written.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
            return Err(ImportError::NotRelative);
        }
        let folder = Path::new(from).parent().filter(|folder| !folder.as_os_str().is_empty());
        let joined = folder.unwrap_or(Path::new(".")).join(written);
        let real = joined.canonicalize().map_err(|_| ImportError::NotFound)?;
        let root = self.root.canonicalize().map_err(|_| ImportError::NotFound)?;
        let Ok(inside) = real.strip_prefix(&root) else {
            return Err(ImportError::OutsideRoot);
        };
        let name = self.root.join(inside);
        let text = read_procedure(&name).map_err(|problem| match problem.code.name {
            "file-too-large" => ImportError::TooLarge,
            _ => ImportError::Unreadable(problem.message.to_string()),
        })?;
        let name = name.strip_prefix("./").unwrap_or(&name).display().to_string();
        Ok(ImportedText { name, text })
    }

    #[cfg(feature = "lua")]
    fn run_script(&self, run: &ScriptRun<'_>) -> Option<ScriptOutcome> {
        Some(crate::lua::run(run))
    }
}
