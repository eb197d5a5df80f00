//! vodflow: a compiler and planner for video-processing procedures.
//!
//! Text becomes an AST, a checked procedure, a logical plan, an optimised plan, a physical plan and commands; below the
//! line, commands become files. Each module may name only those above it (`tests/layering.rs`).

#![warn(missing_docs)]

// The pure core, in reading order: no files, processes, clock or environment.
pub mod text;
pub mod units;
pub mod diag;
pub mod world;
pub mod media;
pub mod limits;
pub mod expression;
pub mod syntax;
pub mod catalog;
pub mod target;
pub mod hir;
pub mod sema;
pub mod convert;
pub mod plan;
pub mod lower;
pub mod optimizer;
pub mod physical;
pub mod cost;
pub mod planner;
pub mod ffmpeg;
pub mod driver;
pub mod explain;
pub mod ide;

// I/O is allowed below this line.
#[cfg(feature = "cli")]
pub mod fault;
#[cfg(feature = "cli")]
pub mod process;
#[cfg(feature = "cli")]
pub mod probe;
#[cfg(feature = "cli")]
pub mod calibration;
#[cfg(feature = "cli")]
pub mod store;
#[cfg(feature = "cli")]
pub mod exec;
#[cfg(feature = "cli")]
pub mod http;
#[cfg(feature = "cli")]
pub mod notify;
#[cfg(feature = "cli")]
pub mod fetch;
#[cfg(feature = "lua")]
pub mod lua;
#[cfg(feature = "lsp")]
pub mod lsp;
#[cfg(feature = "cli")]
pub mod cli;
