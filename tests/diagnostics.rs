//! Diagnostics as a product: what is said in other languages, the page of every code, and how findings are reported.

mod assumed;
mod source_tree;

#[path = "diagnostics/fixes.rs"]
mod fixes;
#[path = "diagnostics/formats.rs"]
mod formats;
#[path = "diagnostics/index.rs"]
mod index;
#[path = "diagnostics/pages.rs"]
mod pages;
#[path = "diagnostics/translations.rs"]
mod translations;
