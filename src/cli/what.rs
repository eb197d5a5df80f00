//! `WHAT`: the procedure that a command is about — a file, a procedure in a file, a call, a name of the catalogue, `-`.

use super::files::{FileWorld, read_procedure, read_text};
use super::flows::Flows;
use crate::diag::{Diagnostic, codes, message};
use crate::driver::{Checked, Compiler, Converted, Entry, Form, Script, decode_call, flow_name};
use serde::{Deserialize, Serialize};
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

/// What was asked for, in words that can be kept: texts by their names, calls as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Written {
    /// A call of the catalogue.
    Call {
        /// As written.
        call: String,
    },
    /// A text of the language or of JSON.
    Text {
        /// Its name.
        name: String,
        /// What of it is to run, if not what it says itself.
        call: Option<String>,
    },
    /// A script.
    Script {
        /// Its name.
        name: String,
        /// What its procedure is called.
        flow: String,
        /// How it is called.
        call: Option<String>,
    },
}

impl Written {
    /// The name of the main text; empty for a call.
    pub fn main(&self) -> &str {
        match self {
            Written::Call { .. } => "",
            Written::Text { name, .. } | Written::Script { name, .. } => name,
        }
    }

    /// The same, with another name of the main text.
    pub fn renamed(self, main: &str) -> Self {
        let mut written = self;
        if let Written::Text { name, .. } | Written::Script { name, .. } = &mut written {
            main.clone_into(name);
        }
        written
    }

    fn text(name: &str, entry: &Entry) -> Self {
        let call = if let Entry::Call(call) = entry { Some(call.clone()) } else { None };
        Written::Text { name: name.to_owned(), call }
    }
}

/// A procedure that was read.
pub enum Asked {
    /// Checked, whatever the source will be.
    Checked(Checked, Written),
    /// A script, which wants to know the source.
    Script(Script, FileWorld),
}

/// Reads it, and checks it unless it is a script. A call is that of a flow of the folder, or of the catalogue.
pub fn ask(compiler: &Compiler, what: &What, flows: &Flows) -> Result<Asked, Diagnostic> {
    match what {
        What::Call(text) => {
            let name = called_name(text);
            match flows.find(&name, compiler)? {
                Some(path) => flow(compiler, &path, &name, text),
                None => {
                    let mut checked = compiler.check_call(text);
                    let with_near = |problem: Diagnostic| match problem.code == &codes::UNKNOWN_PROCEDURE {
                        true => flows.help(&name, problem),
                        false => problem,
                    };
                    checked.diagnostics = checked.diagnostics.into_iter().map(with_near).collect();
                    Ok(Asked::Checked(checked, Written::Call { call: text.clone() }))
                }
            }
        }
        What::Stdin => {
            let text = read_text(std::io::stdin().lock(), "<stdin>")?;
            let checked = compiler.check_file("<stdin>", &text, Entry::Main, &FileWorld::of(None));
            Ok(Asked::Checked(checked, Written::text("<stdin>", &Entry::Main)))
        }
        What::File(path, entry) if is_script(path) => {
            let call = if let Entry::Call(call) = entry { Some(call.clone()) } else { None };
            script(path, call)
        }
        What::File(path, entry) => file(compiler, path, entry.clone()),
    }
}

/// The name of a call, as it stands before its arguments.
fn called_name(text: &str) -> String {
    let decoded = decode_call(text);
    decoded.split('(').next().unwrap_or_default().trim().to_owned()
}

/// A flow of the catalogue folder.
fn flow(compiler: &Compiler, path: &Path, name: &str, call: &str) -> Result<Asked, Diagnostic> {
    let call = decode_call(call).into_owned();
    if is_script(path) {
        return script(path, Some(call));
    }
    if path.extension().is_some_and(|ending| ending == "json") {
        return match compiler.refuse_arguments(&call) {
            Some(refused) => Ok(Asked::Checked(refused, Written::Call { call })),
            None => file(compiler, path, Entry::Main),
        };
    }
    // A file that declares the procedure runs that one; another runs as `run FILE` would.
    let declares = compiler.declares(&read_procedure(path)?, name);
    file(compiler, path, if declares || call.contains('(') { Entry::Call(call) } else { Entry::Main })
}

/// Whether a file holds a script.
pub fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "lua")
}

fn script(path: &Path, call: Option<String>) -> Result<Asked, Diagnostic> {
    Ok(Asked::Script(read_script(path, call)?, FileWorld::of(Some(path))))
}

fn read_script(path: &Path, call: Option<String>) -> Result<Script, Diagnostic> {
    let (text, name) = (read_procedure(path)?, path.display().to_string());
    let flow = flow_name(&name).to_owned();
    Ok(Script { name, text, flow, call })
}

fn file(compiler: &Compiler, path: &Path, entry: Entry) -> Result<Asked, Diagnostic> {
    let (text, name) = (read_procedure(path)?, path.display().to_string());
    let written = Written::text(&name, &entry);
    Ok(Asked::Checked(compiler.check_file(&name, &text, entry, &FileWorld::of(Some(path))), written))
}

/// Reads it and writes it in another form. A call is that of a flow of the folder, or of the catalogue.
pub fn convert(compiler: &Compiler, what: &What, form: Form, flows: &Flows) -> Result<Converted, Diagnostic> {
    match what {
        What::Call(text) => match flows.find(&called_name(text), compiler)? {
            Some(path) => convert_file(compiler, &path, &Entry::Call(decode_call(text).into_owned()), form),
            None => Ok(compiler.convert_call(text, form)),
        },
        What::Stdin => {
            let text = read_text(std::io::stdin().lock(), "<stdin>")?;
            Ok(compiler.convert_file("<stdin>", &text, &Entry::Main, form, &FileWorld::of(None)))
        }
        What::File(path, entry) => convert_file(compiler, path, entry, form),
    }
}

fn convert_file(compiler: &Compiler, path: &Path, entry: &Entry, form: Form) -> Result<Converted, Diagnostic> {
    let world = FileWorld::of(Some(path));
    if is_script(path) {
        let call = if let Entry::Call(call) = entry { Some(call.clone()) } else { None };
        return Ok(compiler.convert_script(&read_script(path, call)?, form, &world));
    }
    Ok(compiler.convert_file(&path.display().to_string(), &read_procedure(path)?, entry, form, &world))
}

/// Refuses to mend a script: a line of it often only leads to what is wrong.
pub fn refuse_script(path: &Path) -> Result<(), Diagnostic> {
    if !is_script(path) {
        return Ok(());
    }
    let note = message!("`{}` is a script, and scripts are not mended", path.display());
    Err(Diagnostic::new(&codes::INVALID_OPTION, note).with_help(message!("leave `--fix` and `--diff` out")))
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
