//! The compiler as a whole: text to checked procedure (`front`), checked procedure to processes (`compile`), text to text (`format`, `convert`).

mod convert;
mod format;
mod front;
mod load;
mod media_info;
mod moment;
mod script;
mod compile;

pub use crate::convert::Form;
pub use crate::lower::{KeyService, LowerInput};
pub use crate::planner::DECISIONS;
pub use crate::syntax::decode_call;
pub use compile::{Compilation, CompileError, compile, compile_preview};
pub use convert::{Converted, schema};
pub use format::{Laid, format};
pub use front::{Checked, Compiler, Entry};
pub use moment::moment;
pub use script::{Script, assumed_sources, flow_name};
