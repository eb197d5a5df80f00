//! The numbers that the API gives to failures (`vod.md` E.7): one table from our codes.
//!
//! A number says the step and the cause. The API knows numbers for what media can do wrong, and none for machines: a
//! full disk, a limit or an interruption have the step's number with cause 29, that it did not work.

use crate::diag::{Code, codes};
use crate::media::SourceFacts;
use crate::plan::OutputKind;

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Whoever made the source.
    Source,
    /// Whoever wrote the procedure.
    Request,
    /// Whoever runs it.
    Machine,
}

/// How the number comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// This one.
    Is(i32),
    /// A cause in the step that makes such an output.
    Making(i32),
    /// A cause in the step that looks at the result.
    Checking(i32),
    /// A cause in the step that looks at the source.
    Probing(i32),
    /// The one for the kind of stream that is missing.
    Missing,
}

const DAMAGED: i32 = 1;
const DID_NOT_WORK: i32 = 29;
const UNKNOWN_CODEC: i32 = 89;
const END_OF_FILE: i32 = 98;
const OUTSIDE: i32 = 99;
const NO_FACTS: i32 = -47101;
const UNKNOWN_ENCODER: i32 = -47102;
const ILLEGAL_LENGTH: i32 = -47104;
const ILLEGAL_SIZE: i32 = -47403;

/// What is not listed did not work: below E0600 because of the request, from there on because of the machine.
static TABLE: &[(&Code, Number, Fault)] = &[
    (&codes::UNSUPPORTED_TEMPLATE, Number::Is(UNKNOWN_ENCODER), Fault::Request),
    (&codes::OUT_OF_RANGE, Number::Making(OUTSIDE), Fault::Request),
    (&codes::SOURCE_MISSING, Number::Probing(END_OF_FILE), Fault::Source),
    (&codes::SOURCE_EMPTY, Number::Probing(END_OF_FILE), Fault::Source),
    (&codes::SOURCE_NOT_MEDIA, Number::Making(DAMAGED), Fault::Source),
    (&codes::SOURCE_REFUSED, Number::Probing(UNKNOWN_CODEC), Fault::Source),
    (&codes::SOURCE_LIMIT, Number::Is(ILLEGAL_LENGTH), Fault::Source),
    (&codes::NO_SUCH_STREAM, Number::Missing, Fault::Source),
    (&codes::SOURCE_CHANGED, Number::Probing(DID_NOT_WORK), Fault::Source),
    (&codes::SOURCE_NOT_FETCHED, Number::Probing(DID_NOT_WORK), Fault::Source),
    (&codes::SOURCE_ADDRESS, Number::Probing(DID_NOT_WORK), Fault::Request),
    (&codes::SOURCE_INCOMPLETE, Number::Probing(END_OF_FILE), Fault::Source),
    (&codes::NO_VALUE, Number::Is(NO_FACTS), Fault::Request),
    (&codes::OUTPUT_LIMIT, Number::Is(ILLEGAL_SIZE), Fault::Request),
    (&codes::ENCODER_MISSING, Number::Is(UNKNOWN_ENCODER), Fault::Machine),
    (&codes::VERIFY_FAILED, Number::Checking(DAMAGED), Fault::Machine),
];

/// Which streams a source has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) struct Streams {
    pub picture: bool,
    pub sound: bool,
}

impl Streams {
    pub fn of(facts: &SourceFacts) -> Self {
        Streams { picture: facts.has_video(), sound: facts.has_audio() }
    }
}

/// The number of E.7 for an output that failed with one of our codes.
pub(in crate::exec) fn api_code(code: &str, kind: OutputKind, source: Streams) -> i32 {
    let is_picture = matches!(
        kind,
        OutputKind::SnapshotByTimeOffset
            | OutputKind::SampleSnapshot
            | OutputKind::CoverBySnapshot
            | OutputKind::ImageSprites
    );
    let (making, checking) = if is_picture { (-440, -441) } else { (-450, -491) };
    let at = |step: i32, cause: i32| step * 100 - cause;
    match row(code).0 {
        Number::Is(number) => number,
        Number::Making(cause) => at(making, cause),
        Number::Checking(cause) => at(checking, cause),
        Number::Probing(cause) => at(-430, cause),
        Number::Missing => match source {
            Streams { picture: false, sound: false } => -47400,
            Streams { picture: false, .. } => -47402,
            Streams { .. } => -47401,
        },
    }
}

/// What events say of a sub-task that failed: `errCode` of v2 (E.2) and `ErrCode` of v3 (E.5).
pub(super) fn event_codes(code: &str) -> (i32, i32) {
    match row(code).1 {
        Fault::Source => (30009, 60000),
        Fault::Request => (30010, 40000),
        Fault::Machine => (30010, 70000),
    }
}

fn row(code: &str) -> (Number, Fault) {
    let listed = TABLE.iter().find(|(known, ..)| known.id == code).map(|(_, number, fault)| (*number, *fault));
    let ours = code.get(1..).is_none_or(|number| number >= "0600");
    let fault = if ours { Fault::Machine } else { Fault::Request };
    listed.unwrap_or((Number::Making(DID_NOT_WORK), fault))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Severity;
    use std::fmt::Write as _;

    const BOTH: Streams = Streams { picture: true, sound: true };

    /// Everything that the API documents.
    fn is_documented(number: i32) -> bool {
        const WHOLE: [i32; 12] =
            [-47100, -47101, -47102, -47104, -47200, -47300, -47301, -47302, -47400, -47401, -47402, -47403];
        const STEPS: [i32; 8] = [-430, -431, -440, -441, -450, -451, -452, -491];
        const CAUSES: [i32; 13] = [1, 29, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99];
        WHOLE.contains(&number) || STEPS.contains(&(number / 100)) && CAUSES.contains(&(-number % 100))
    }

    #[test]
    fn every_error_has_a_number_that_the_api_knows() {
        let mut text = String::new();
        for code in codes::ALL.iter().filter(|code| code.severity == Severity::Error) {
            let number = |kind| api_code(code.id, kind, BOTH);
            let (rendition, picture) = (number(OutputKind::Transcode), number(OutputKind::CoverBySnapshot));
            assert!(is_documented(rendition) && is_documented(picture), "{}: {rendition}, {picture}", code.id);
            let (v2, v3) = event_codes(code.id);
            let _ = writeln!(text, "{} {:24} {rendition} {picture}  {v2} {v3}", code.id, code.name);
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("api-codes", text));
    }

    #[test]
    fn the_missing_stream_is_named() {
        let number = |picture, sound| api_code("E0406", OutputKind::Transcode, Streams { picture, sound });
        assert_eq!((number(false, false), number(false, true), number(true, false)), (-47400, -47402, -47401));
    }

    #[test]
    fn an_unknown_code_is_nobodys_fault_but_ours() {
        assert_eq!((api_code("", OutputKind::Transcode, BOTH), event_codes("")), (-45029, (30010, 70000)));
    }
}
