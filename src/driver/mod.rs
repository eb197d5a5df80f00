//! Runs the stages one after the other.

mod front;
mod load;

pub use front::{Checked, Compiler, Entry};
