//! The compiler as a whole: text to checked procedure (`front`), checked procedure to processes (`compile`).

mod compile;

pub use compile::{Compilation, CompileError, compile};
