//! What happens during a run, as plain values for progress bars and programs.

use crate::physical::JobId;
use crate::plan::OutputId;
use crate::store::PublishedFile;
use serde::Serialize;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    /// An output is now being made.
    OutputStarted {
        /// Which.
        output: OutputId,
        /// How people call it.
        label: String,
    },
    /// A process was started.
    JobStarted {
        /// Which.
        job: JobId,
        /// The outputs that it works for.
        outputs: Vec<OutputId>,
        /// From 1; above, products that failed are tried again alone.
        attempt: u32,
    },
    /// A process has come so far.
    Progress {
        /// Which.
        job: JobId,
        /// The outputs that it works for.
        outputs: Vec<OutputId>,
        /// Between 0 and 1, never falling.
        fraction: f64,
        /// Media time for time by the clock.
        speed: Option<f64>,
    },
    /// A process ended and what it made was verified.
    JobFinished {
        /// Which.
        job: JobId,
        /// Whether everything that it makes is right.
        whole: bool,
    },
    /// An output is verified and visible.
    OutputDone {
        /// Which.
        output: OutputId,
        /// Its files.
        files: Vec<PublishedFile>,
        /// Whether it was there already, up to date.
        reused: bool,
    },
    /// An output failed; the others go on.
    OutputFailed {
        /// Which.
        output: OutputId,
        /// The code of the diagnostic.
        code: String,
        /// Why, in a sentence.
        reason: String,
    },
    /// An output is left out on purpose.
    OutputSkipped {
        /// Which.
        output: OutputId,
        /// Why, in a sentence.
        reason: String,
    },
    /// An output was given up because the run was cancelled.
    OutputCancelled {
        /// Which.
        output: OutputId,
    },
    /// Nothing runs any more.
    Finished {
        /// Outputs that are visible.
        done: usize,
        /// Outputs that failed.
        failed: usize,
        /// Outputs that were given up.
        cancelled: usize,
        /// Outputs that were left out.
        skipped: usize,
    },
}
