//! A command line as a value, still without the one path that only the executor knows.

use std::fmt;

/// The arguments of one ffmpeg process, started in the private work folder. All file names are ours and relative to
/// that folder, except the source's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// After the program's name.
    pub arguments: Vec<Argument>,
}

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// Literally this.
    Text(String),
    /// `file:` and the absolute path of the source (`reliability.md` R3); the name is for people.
    Source(String),
    /// A text too long for a command line (R11): the executor writes it to a file of this name and passes the name.
    TextFile {
        /// Name in the work folder.
        name: String,
        /// Content.
        content: String,
    },
}

impl fmt::Display for Command {
    /// As a person would type it, `$IN/` standing for the source's folder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ffmpeg")?;
        for argument in &self.arguments {
            match argument {
                Argument::Text(text) => write!(f, " {}", quoted(text))?,
                Argument::Source(name) => write!(f, " {}", quoted(&format!("file:$IN/{name}")))?,
                Argument::TextFile { name, .. } => write!(f, " {}", quoted(name))?,
            }
        }
        Ok(())
    }
}

/// Quotes a word for a POSIX shell where it needs it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,%+@$".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
