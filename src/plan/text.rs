//! Plan text: printing a plan and reading it back (`grammar/plan.pest`).
//!
//! Printing and parsing are inverse. Tests, bug reports and documents speak this form.

mod package;
mod parse;
mod print;
mod sequence;

pub use parse::{PlanTextError, parse};
pub(super) use print::key_text;
pub use print::{node_line, print};
