//! Puts a changed text into the place of a file without losing anything, or shows the change.

use super::files::read_procedure;
use crate::diag::{Diagnostic, codes, io_words, message};
use std::io::Write;
use std::path::Path;

/// What changed, as `patch` reads it.
pub fn difference(name: &str, before: &str, after: &str) -> String {
    let lines = similar::TextDiff::from_lines(before, after);
    lines.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
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
    if read_procedure(path)? != before {
        let note = message!("`{}` was changed in the meantime, and is left as it is", shown(path));
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
}
