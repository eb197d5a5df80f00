//! What became of a flow, in the bodies of the API: the event `ProcedureStateChanged` and the media info, old and new form.
//!
//! Pure functions of a [`Flow`]; field by field from `vod.md` E.2, E.3 and E.5. What vodflow does not know is left out,
//! or nought where a number is always there.

mod code;
mod parts;
mod v2;
mod v3;

pub(super) use code::{Streams, api_code};
pub use parts::Protection;

use super::outcome::RunOutcome;
use crate::media::SourceFacts;
use crate::plan::{OutputId, OutputSpec};
use serde_json::Value;
use std::collections::BTreeMap;

/// A generation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiForm {
    /// That of 2017, names in `camelCase`.
    V2,
    /// `2018-07-17`, names in `PascalCase`.
    V3,
}

impl ApiForm {
    /// `v2` or `v3`.
    pub fn word(self) -> &'static str {
        match self {
            ApiForm::V2 => "v2",
            ApiForm::V3 => "v3",
        }
    }
}

/// MD5 sums of files, in hexadecimal, as the API has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests {
    /// Of the source, if it could be read.
    pub source: Option<String>,
    /// Of visible files, by their paths below the output folder.
    pub files: BTreeMap<String, String>,
}

/// A flow that ended, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Flow<'a> {
    /// The media's name at the API.
    pub file_id: &'a str,
    /// What became of it.
    pub outcome: &'a RunOutcome,
    /// The source.
    pub facts: &'a SourceFacts,
    /// What was asked for; one for each output of the outcome, in its order.
    pub outputs: &'a [OutputSpec],
    /// How outputs are encrypted that are.
    pub protections: &'a BTreeMap<OutputId, Protection>,
    /// Sums of the files.
    pub digests: &'a Digests,
    /// The address below which the output folder is served; empty when that is not known.
    pub base_url: &'a str,
    /// When the run began and ended, in seconds since 1970.
    pub span: (u64, u64),
}

/// The body of the event that says that a flow ended.
pub fn event(form: ApiForm, flow: &Flow<'_>) -> Value {
    match form {
        ApiForm::V2 => v2::event(flow),
        ApiForm::V3 => v3::event(flow),
    }
}

/// What is known about the media and everything that was made of it: `GetVideoInfo`, or a `MediaInfo`.
pub fn media_info(form: ApiForm, flow: &Flow<'_>) -> Value {
    match form {
        ApiForm::V2 => v2::video_info(flow),
        ApiForm::V3 => v3::media_info(flow),
    }
}

#[cfg(test)]
mod tests;
