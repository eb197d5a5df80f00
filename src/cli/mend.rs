//! `check --fix` on files: what a file becomes, and which files may become it.

use super::files::{FileWorld, read_procedure};
use crate::diag::{Diagnostic, Looked, Mended, codes, mend, message};
use crate::driver::{Compiler, Entry};
use std::path::Path;

/// Mends a text that came from a file, or from standard input.
pub fn mended(compiler: &Compiler, name: &str, text: &str, main: Option<&Path>) -> Mended {
    let world = FileWorld::of(main);
    mend(text, |text| {
        let checked = compiler.check_file(name, text, Entry::Nothing, &world);
        Looked { source: checked.sources.find(name).map(|source| source.id), diagnostics: checked.diagnostics }
    })
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

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_not_written_through() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("a.vod"), folder.path().join("b.vod"));
        std::fs::write(&path, "old").expect("writes");
        std::os::unix::fs::symlink(&path, &link).expect("links");
        assert_eq!(read_for_writing(&link).expect_err("refused").code.id, "E0507");
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "old");
    }
}
