//! Any stage as text for people and tests.

mod hir;

pub use hir::hir_text;
