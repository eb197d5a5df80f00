//! `WHAT`: the procedure that a command is about — a file, a procedure in a file, a call, a name of the catalogue, `-`.

use super::files::{FileWorld, read_procedure, read_text};
use crate::diag::{Diagnostic, codes, message};
use crate::driver::{Checked, Compiler, Converted, Entry, Form};
use std::path::{Path, PathBuf};

/// What a user wrote, understood (`language.md` 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A file, and what of it is to run.
    File(PathBuf, Entry),
    /// A call of the catalogue, or one of its names.
    Call(String),
    /// Standard input.
    Stdin,
}

impl What {
    /// An existing file; `FILE:procedure(args)` split at the last colon whose left side exists; `-`; a call.
    pub fn read(text: &str) -> What {
        if text == "-" {
            return What::Stdin;
        }
        if Path::new(text).is_file() {
            return What::File(PathBuf::from(text), Entry::Main);
        }
        let colons: Vec<usize> = text.match_indices(':').map(|(at, _)| at).collect();
        for at in colons.into_iter().rev() {
            if Path::new(&text[..at]).is_file() {
                return What::File(PathBuf::from(&text[..at]), Entry::Call(text[at + 1..].to_owned()));
            }
        }
        if looks_like_a_path(text) { What::File(PathBuf::from(text), Entry::Main) } else { What::Call(text.to_owned()) }
    }
}

/// A name that nobody would give to a procedure is a file that does not exist.
fn looks_like_a_path(text: &str) -> bool {
    let before_arguments = text.split('(').next().unwrap_or(text);
    let has_ending = [".vod", ".json", ".lua"].iter().any(|ending| before_arguments.ends_with(ending));
    has_ending || before_arguments.contains('/') || Path::new(text).is_dir()
}

/// Reads and checks it.
pub fn check(compiler: &Compiler, what: &What) -> Result<Checked, Diagnostic> {
    match what {
        What::Call(text) => Ok(compiler.check_call(text)),
        What::Stdin => {
            let text = read_text(std::io::stdin().lock(), "<stdin>")?;
            Ok(compiler.check_file("<stdin>", &text, Entry::Main, &FileWorld::of(None)))
        }
        What::File(path, entry) => {
            refuse_other_forms(path)?;
            let text = read_procedure(path)?;
            Ok(compiler.check_file(&path.display().to_string(), &text, entry.clone(), &FileWorld::of(Some(path))))
        }
    }
}

/// Reads it and writes it in another form.
pub fn convert(compiler: &Compiler, what: &What, form: Form) -> Result<Converted, Diagnostic> {
    match what {
        What::Call(text) => Ok(compiler.convert_call(text, form)),
        What::Stdin => {
            let text = read_text(std::io::stdin().lock(), "<stdin>")?;
            Ok(compiler.convert_file("<stdin>", &text, &Entry::Main, form, &FileWorld::of(None)))
        }
        What::File(path, entry) => {
            refuse_other_forms(path)?;
            let text = read_procedure(path)?;
            let name = path.display().to_string();
            Ok(compiler.convert_file(&name, &text, entry, form, &FileWorld::of(Some(path))))
        }
    }
}

/// Refuses a file whose ending says that it is in a form of a later version.
pub fn refuse_other_forms(path: &Path) -> Result<(), Diagnostic> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let form = match ending {
        "lua" => "Lua",
        _ => return Ok(()),
    };
    let note = message!("procedures in {} are not supported by this version", form);
    let help = message!("write the procedure in the language (`.vod`), or as a preset call");
    Err(Diagnostic::new(&codes::FORM_NOT_SUPPORTED, note).with_help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_wins_over_a_call_and_the_last_fitting_colon_splits() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a:b.vod");
        std::fs::write(&file, "").expect("a file");
        let text = file.to_str().expect("a path").to_owned();
        assert_eq!(What::read(&text), What::File(file.clone(), Entry::Main));
        assert_eq!(What::read(&format!("{text}:go(x: 1s)")), What::File(file, Entry::Call("go(x: 1s)".into())));
        assert_eq!(What::read("QCVB_SimpleProcessFile(1)"), What::Call("QCVB_SimpleProcessFile(1)".into()));
        assert_eq!(What::read("nowhere.vod"), What::File("nowhere.vod".into(), Entry::Main));
        assert_eq!(What::read("-"), What::Stdin);
    }
}
