//! vodflow: a compiler and planner for video-processing procedures.
//!
//! Text becomes an AST, a checked procedure, a logical plan, an optimised plan, a physical plan and commands; below the
//! line, commands become files. Each module may name only those above it (`tests/layering.rs`).

#![warn(missing_docs)]

// The pure core, in reading order: no files, processes, clock or environment.
pub mod catalog;
pub mod diag;
pub mod ffmpeg;
pub mod hir;
pub mod media;
pub mod physical;
pub mod plan;
pub mod target;
pub mod text;
pub mod units;
pub mod world;

// I/O is allowed below this line.
#[cfg(feature = "cli")]
pub mod exec;
#[cfg(feature = "cli")]
pub mod probe;
#[cfg(feature = "cli")]
pub mod process;
#[cfg(feature = "cli")]
pub mod store;
