//! Runs a physical plan: starts its jobs, verifies what they made, publishes it, and says what became of each output.

mod animation;
mod api;
mod attempt;
mod cause;
mod cipher;
mod dash;
mod delivery;
mod event;
mod master;
mod material;
mod outcome;
mod package;
mod packed;
mod pictures;
mod pilot;
mod playlist;
mod progress;
mod report;
mod schedule;
mod seal;
mod select;
mod sheets;
mod space;
mod standing;
mod statistics;
mod verify;
mod workers;

pub use api::ApiForm;
pub use cause::{Cause, CauseClass};
pub use event::RunEvent;
pub use outcome::{
    JobRecord, MediaRecord, OutputOutcome, OutputState, Place, RunOutcome, SourceRecord, SubStream, Totals, result_json,
};
pub use pilot::Pilot;
pub use report::{Notice, Reports};
pub use schedule::run;
pub use standing::standing;
pub use workers::Crew;

use crate::ffmpeg::Command;
use crate::limits::Limits;
use crate::media::{ContentHash, SourceFacts};
use crate::physical::{Job, PhysicalPlan};
use crate::probe::{MarkMaterial, SourceStamp, Tools};
use std::collections::BTreeMap;
use std::path::Path;

/// What a run needs to know.
pub struct Request<'a> {
    /// What is to be done.
    pub plan: &'a PhysicalPlan,
    /// What was known about the source when the plan was made.
    pub facts: &'a SourceFacts,
    /// Where the source is.
    pub source: &'a Path,
    /// What it looked like before it was probed.
    pub stamp: SourceStamp,
    /// The programs.
    pub tools: &'a Tools,
    /// Turns a job into a command.
    pub emit: &'a dyn Fn(&Job) -> Command,
    /// What marks are made from, by their content.
    pub marks: &'a BTreeMap<ContentHash, MarkMaterial>,
    /// What is allowed at most.
    pub limits: &'a Limits,
    /// Whether outputs that are up to date stay as they are.
    pub reuse: Reuse,
    /// What all processes may use together.
    pub crew: Crew,
    /// Version of ffmpeg, for the record.
    pub tool: &'a str,
    /// What is said of the flow when it ends.
    pub reports: &'a Reports<'a>,
    /// Bytes that kept artefacts may take when the run is over; nothing is kept with 0.
    pub cache_limit: u64,
}

impl Request<'_> {
    /// The version of ffmpeg that must have made what is not made again, if it matters.
    pub(crate) fn strict_tool(&self) -> Option<&str> {
        (self.reuse == Reuse::OfThisTool).then_some(self.tool)
    }
}

/// What becomes of outputs that an earlier run published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Those made from the same spec keys, complete and unmodified, count as done.
    UpToDate,
    /// The same, if this version of ffmpeg made them (`--strict-tools`).
    OfThisTool,
    /// Everything is made again.
    Nothing,
}

/// Cores that processes may work on; each of their threads reserves memory.
pub fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

#[cfg(test)]
mod tests;
