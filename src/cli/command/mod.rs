//! The subcommands.

pub mod cache;
pub mod check;
pub mod completions;
pub mod convert;
pub mod doctor;
pub mod explain;
pub mod fmt;
pub mod init;
pub mod key;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod plan;
pub mod probe;
pub mod run;
pub mod schema;
pub mod templates;
