//! The subcommands.

pub mod check;
pub mod completions;
pub mod doctor;
pub mod explain;
pub mod init;
pub mod plan;
pub mod probe;
pub mod run;
pub mod templates;
