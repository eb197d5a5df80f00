//! What a plan costs: processor time, time by the clock, memory and bytes, from prices of this machine.
//!
//! Every figure is a whole number and a function of plan, source and [`Machine`], so that plans stay the same to the
//! byte. Nothing here decides; `planner` asks for prices to choose, `explain` and `cli` show them, `exec` corrects them.

mod amount;
mod coefficients;
mod content;
mod estimate;
mod interval;
mod machine;
mod memory;
mod node;
mod prices;
mod schedule;

pub use amount::{CpuTime, PerBit, PerPixel, PerSecond, WallTime};
pub use coefficients::{AudioPrices, BySpeed, Coefficients, DecodePrices, EncodePrice, FilterPrices, PicturePrices};
pub use content::ContentClass;
pub use estimate::{JobEstimate, PlanEstimate, RuleSaving, estimate_logical, estimate_physical};
pub use interval::{Confidence, Interval};
pub use machine::{Corrections, Factor, Machine, Subject};
pub use prices::Prices;
