//! The compiler as a whole: text to checked procedure (`front`), checked procedure to processes (`compile`), text to text (`format`, `convert`).

mod convert;
mod format;
mod front;
mod load;
mod compile;

pub use crate::convert::Form;
pub use crate::lower::{KeyService, LowerInput};
pub use compile::{Compilation, CompileError, compile};
pub use convert::{Converted, schema};
pub use format::{Laid, format};
pub use front::{Checked, Compiler, Entry};
