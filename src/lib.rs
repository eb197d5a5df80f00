//! vodflow: a compiler and planner for video-processing procedures.
//!
//! Text becomes an AST, a checked procedure, a logical plan, an optimised plan, a physical plan and commands; below the
//! line, commands become files. Each module may name only those above it (`tests/layering.rs`).

#![warn(missing_docs)]

// The pure core: no files, processes, clock or environment.
pub mod catalog;
pub mod diag;
pub mod driver;
pub mod explain;
pub mod hir;
pub mod media;
pub mod sema;
pub mod syntax;
pub mod target;
pub mod text;
pub mod units;
pub mod world;
