//! Jobs as ffmpeg command lines: the only module that knows ffmpeg's options and escaping.

mod command;

pub use command::{Argument, Command};
