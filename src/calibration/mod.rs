//! What a machine costs, kept between runs: prices measured by `vodflow calibrate`, and what finished runs teach.
//!
//! One small file in the user's cache folder. It decides nothing that is delivered, so whatever is wrong with it costs
//! precision and a warning, never a run.

mod file;
mod measure;

pub use file::{Kept, Memory};
pub use measure::{Measured, measure};
