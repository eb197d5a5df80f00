//! `check --fix` on files: what a file becomes, how that is shown, and how it is written without losing anything.

use super::files::{FileWorld, read_procedure};
use crate::diag::{Diagnostic, Looked, Mended, codes, io_words, mend, message};
use crate::driver::{Compiler, Entry};
use std::io::Write;
use std::path::Path;

/// Mends a text that came from a file, or from standard input.
pub fn mended(compiler: &Compiler, name: &str, text: &str, main: Option<&Path>) -> Mended {
    let world = FileWorld::of(main);
    mend(text, |text| {
        let checked = compiler.check_file(name, text, Entry::Nothing, &world);
        Looked { source: checked.sources.find(name).map(|source| source.id), diagnostics: checked.diagnostics }
    })
}

/// What changed, as `patch` reads it.
pub fn difference(name: &str, before: &str, after: &str) -> String {
    let lines = similar::TextDiff::from_lines(before, after);
    lines.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// Reads a file that may be written afterwards. A symbolic link is refused: whoever names it may not know what it leads
/// to, and to put a file into its place would cut it.
pub fn read_for_writing(path: &Path) -> Result<String, Diagnostic> {
    if std::fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink()) {
        let note = message!("`{}` is a symbolic link, which `--fix` does not write through", shown(path));
        return Err(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(message!("name the file that it leads to")));
    }
    read_procedure(path)
}

/// Puts a text into the place of another in one step, with the rights of the old file. What was written there since it
/// was read is not overwritten.
pub fn replace(path: &Path, before: &str, after: &str) -> Result<(), Diagnostic> {
    let unwritable = |error: &std::io::Error| {
        let note = message!("`{}` cannot be written: {}", shown(path), io_words(error));
        Diagnostic::new(&codes::FILE_UNWRITABLE, note)
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let rights = std::fs::metadata(path)?.permissions();
        // What may not be written is not replaced either, though the folder would allow it.
        std::fs::OpenOptions::new().append(true).open(path)?;
        let mut beside = tempfile::Builder::new().prefix(".vodflow-").tempfile_in(folder)?;
        beside.write_all(after.as_bytes())?;
        beside.as_file().set_permissions(rights)?;
        beside.as_file().sync_all()?;
        Ok(beside)
    };
    let beside = write().map_err(|error| unwritable(&error))?;
    if read_for_writing(path)? != before {
        let note = message!("`{}` was changed while it was checked, and is left as it is", shown(path));
        return Err(Diagnostic::new(&codes::FILE_UNWRITABLE, note).with_help(message!("run the command again")));
    }
    beside.persist(path).map(|_| ()).map_err(|error| unwritable(&error.error))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_keeps_its_rights_and_what_was_written_meanwhile() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.vod");
        std::fs::write(&path, "old").expect("writes");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("sets");
        replace(&path, "old", "new").expect("replaces");
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "new");
        assert_eq!(std::fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o640);
        assert_eq!(replace(&path, "old", "newer").expect_err("was changed").code.id, "E0007");
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "new");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_link_is_not_written_through() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("a.vod"), folder.path().join("b.vod"));
        std::fs::write(&path, "old").expect("writes");
        std::os::unix::fs::symlink(&path, &link).expect("links");
        assert_eq!(read_for_writing(&link).expect_err("refused").code.id, "E0507");
        assert!(replace(&link, "old", "new").is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "old");
    }
}
