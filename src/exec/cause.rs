//! Why something failed: one class, one code and one sentence, from how the process ended and what it wrote (R16).

use crate::diag::{Code, Diagnostic, codes};
use crate::physical::Bounds;
use crate::process::Ending;
use serde::Serialize;

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseClass {
    /// The source cannot be read; trying again does not help.
    BadInput,
    /// ffmpeg cannot do what is asked for.
    Unsupported,
    /// The disk is full.
    NoSpace,
    /// The disk or the folder does not take the data.
    Storage,
    /// A limit was reached.
    Limit,
    /// Ended by a signal from outside.
    Killed,
    /// Its time was over, or it made no progress.
    TimedOut,
    /// It ended well, but what it left is not what was planned.
    Wrong,
    /// The run was cancelled.
    Cancelled,
    /// Anything else.
    Internal,
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The kind.
    pub class: CauseClass,
    /// The registered code.
    pub code: &'static Code,
    /// In one sentence of ours.
    pub reason: String,
    /// What the process wrote, for those who ask for it.
    pub log: Option<String>,
}

impl Cause {
    /// A cause without a log.
    pub fn new(class: CauseClass, code: &'static Code, reason: impl Into<String>) -> Self {
        Cause { class, code, reason: reason.into(), log: None }
    }

    /// The run was cancelled.
    pub fn cancelled() -> Self {
        Cause::new(CauseClass::Cancelled, &codes::INTERRUPTED, "the run was interrupted")
    }

    /// Whether the same work in a process of its own may succeed (R17): a merged process fails whole for the sake of
    /// one encoder, but a bad source or a full disk are the same for all.
    pub fn is_worth_isolating(&self) -> bool {
        !matches!(self.class, CauseClass::BadInput | CauseClass::NoSpace | CauseClass::Cancelled)
    }

    /// Whether the same work may succeed a little later: it was ended from outside, stood still, or a disk failed.
    pub fn may_pass(&self) -> bool {
        matches!(self.class, CauseClass::Killed | CauseClass::TimedOut | CauseClass::Storage)
    }

    /// The cause when a file of ours cannot be written.
    pub fn from_io(name: &str, error: &std::io::Error) -> Self {
        super::material::storage(name, error)
    }
}

impl From<Diagnostic> for Cause {
    fn from(diagnostic: Diagnostic) -> Self {
        let class = match diagnostic.code.id {
            id if id == codes::NO_SPACE.id => CauseClass::NoSpace,
            _ => CauseClass::Storage,
        };
        Cause::new(class, diagnostic.code, diagnostic.message)
    }
}

/// What a line of ffmpeg's log gives away, in the order in which it is believed.
const SIGNS: &[(&str, CauseClass, &str)] = &[
    ("No space left on device", CauseClass::NoSpace, "the disk is full"),
    ("Disk quota exceeded", CauseClass::NoSpace, "the disk quota is used up"),
    ("Input/output error", CauseClass::Storage, "a disk cannot be read or written"),
    ("Read-only file system", CauseClass::Storage, "the file system is read-only"),
    ("Permission denied", CauseClass::Storage, "a file may not be written or read"),
    ("Unknown encoder", CauseClass::Unsupported, "ffmpeg lacks an encoder"),
    ("Unknown decoder", CauseClass::Unsupported, "ffmpeg lacks a decoder"),
    ("not on whitelist", CauseClass::Unsupported, "the source has a format or codec that is not read"),
    ("No such filter", CauseClass::Unsupported, "ffmpeg lacks a filter"),
    ("Unrecognized option", CauseClass::Unsupported, "ffmpeg lacks an option"),
    ("Option not found", CauseClass::Unsupported, "ffmpeg lacks an option"),
    ("Unable to find a suitable output format", CauseClass::Unsupported, "ffmpeg lacks a container format"),
    ("Error while opening encoder", CauseClass::Unsupported, "an encoder refuses these settings"),
    ("Error initializing output stream", CauseClass::Unsupported, "an encoder refuses these settings"),
    ("Error reinitializing filters", CauseClass::Unsupported, "a filter cannot process this picture"),
    ("moov atom not found", CauseClass::BadInput, "the source is damaged"),
    ("matches no streams", CauseClass::BadInput, "the source lacks a stream"),
    ("could not find codec parameters", CauseClass::BadInput, "the source is damaged"),
];

/// Why a process did not do its work; `None` when it ended well. It had these bounds, and used so much time.
pub(super) fn of_process(ending: Ending, log: &str, bounds: &Bounds, cpu_seconds: f64) -> Option<Cause> {
    let tool = |class, reason: String| Cause::new(class, code_of(class), reason);
    let told = || limit_reached(ending, log, bounds, cpu_seconds).or_else(|| of_log(log));
    let cause = match ending {
        Ending::Code(0) => return None,
        Ending::Cancelled => Cause::cancelled(),
        Ending::Stopped => {
            let words = format!("ffmpeg made no progress for {} s and was stopped", bounds.stall_seconds);
            Cause::new(CauseClass::TimedOut, &codes::STALLED, words)
        }
        Ending::TimedOut => Cause::new(CauseClass::TimedOut, &codes::STALLED, "ffmpeg took too long and was stopped"),
        Ending::Signal(number) => {
            told().unwrap_or_else(|| tool(CauseClass::Killed, format!("ffmpeg was killed by signal {number}")))
        }
        Ending::Code(code) => {
            told().unwrap_or_else(|| tool(CauseClass::Internal, format!("ffmpeg ended with exit code {code}")))
        }
    };
    Some(Cause { log: Some(log.to_owned()), ..cause })
}

/// What the log says when an allocation fails, in the words of ffmpeg, of C++ and of the kernel about threads.
const NO_MEMORY: [&str; 6] = [
    "Cannot allocate memory",
    "Out of memory",
    "std::bad_alloc",
    "malloc of size",
    "x265 [error]: malloc",
    "pthread_create failed: Resource temporarily unavailable",
];

/// Which limit ended a process, with its value.
fn limit_reached(ending: Ending, log: &str, bounds: &Bounds, cpu_seconds: f64) -> Option<Cause> {
    use rustix::process::Signal;
    let by = |signal: Signal| ending == Ending::Signal(signal.as_raw());
    // ffmpeg takes SIGXCPU for a request to end, and says which signal it was.
    let asked = log.contains(&format!("received signal {}.", Signal::XCPU.as_raw()));
    let used_up = by(Signal::KILL) && cpu_seconds >= bounds.processor_seconds as f64;
    let says = |signs: &[&str]| signs.iter().any(|sign| log.contains(sign));
    let words = if by(Signal::XCPU) || asked || used_up {
        format!("the limit of processor time was reached: {} s", bounds.processor_seconds)
    } else if by(Signal::XFSZ) || says(&["File too large"]) {
        format!("the limit of file size was reached: {}", bounds.file_size)
    } else if says(&NO_MEMORY) {
        format!("the memory limit was reached: {}", bounds.address_space)
    } else if says(&["Too many open files"]) {
        format!("the limit of open files was reached: {}", bounds.open_files)
    } else {
        return None;
    };
    Some(Cause::new(CauseClass::Limit, &codes::PROCESS_LIMIT, words))
}

/// The first sign in a log.
pub(super) fn of_log(log: &str) -> Option<Cause> {
    let found = SIGNS.iter().find(|(text, ..)| log.contains(text));
    if let Some((_, class, reason)) = found {
        return Some(Cause::new(*class, code_of(*class), *reason));
    }
    // Said of an input that cannot be opened; said of single packets as well, but then with the decoder's name.
    let refuses = |line: &str| line.contains("Invalid data found") && !is_decode_error(line);
    let bad = log.lines().any(refuses);
    bad.then(|| Cause::new(CauseClass::BadInput, &codes::SOURCE_NOT_MEDIA, "the source cannot be decoded"))
}

fn code_of(class: CauseClass) -> &'static Code {
    match class {
        CauseClass::NoSpace => &codes::NO_SPACE,
        CauseClass::Unsupported => &codes::ENCODER_MISSING,
        CauseClass::BadInput => &codes::SOURCE_NOT_MEDIA,
        CauseClass::Wrong => &codes::VERIFY_FAILED,
        CauseClass::TimedOut => &codes::STALLED,
        CauseClass::Cancelled => &codes::INTERRUPTED,
        CauseClass::Limit => &codes::PROCESS_LIMIT,
        _ => &codes::TOOL_FAILED,
    }
}

/// How many lines say that the source's data could not be decoded; these are damage of the source, not of ours.
pub(super) fn decode_errors(log: &str) -> usize {
    log.lines().filter(|line| is_decode_error(line)).count()
}

fn is_decode_error(line: &str) -> bool {
    const SIGNS: [&str; 6] = [
        "Error while decoding",
        "error while decoding",
        "Error submitting packet to decoder",
        "partial file",
        "Error splitting the input into NAL units",
        "concealing",
    ];
    SIGNS.iter().any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Bytes;

    const BOUNDS: Bounds = Bounds {
        address_space: Bytes(5_000_000_000),
        processor_seconds: 70,
        file_size: Bytes(80_000_000),
        open_files: 256,
        stall_seconds: 60,
    };

    #[test]
    fn a_limit_is_named_with_its_value() {
        let said = |ending, log: &str, seconds| {
            let cause = of_process(ending, log, &BOUNDS, seconds).expect("a cause");
            (cause.code.id == "E0709", cause.reason)
        };
        let killed = Ending::Signal(9);
        for (ending, log, seconds, words) in [
            (Ending::Code(255), "Exiting normally, received signal 24.", 71.0, "processor time was reached: 70 s"),
            (Ending::Signal(24), "", 71.0, "processor time was reached: 70 s"),
            (killed, "", 80.0, "processor time was reached: 70 s"),
            (Ending::Signal(25), "", 1.0, "file size was reached: 80.0 MB"),
            (Ending::Code(1), "av_interleaved_write_frame(): File too large", 1.0, "file size was reached: 80.0 MB"),
            (Ending::Signal(6), "what():  std::bad_alloc", 1.0, "memory limit was reached: 5.0 GB"),
            (Ending::Code(1), "Error: Cannot allocate memory", 1.0, "memory limit was reached: 5.0 GB"),
            (Ending::Code(1), "seg_1.ts: Too many open files", 1.0, "open files was reached: 256"),
        ] {
            let (is_limit, reason) = said(ending, log, seconds);
            assert!(is_limit && reason.ends_with(words), "{log}: {reason}");
        }
        assert!(!said(killed, "", 1.0).0, "killed by somebody else");
    }

    #[test]
    fn logs_are_classified() {
        let class = |ending, log: &str| of_process(ending, log, &BOUNDS, 0.0).map(|cause| (cause.class, cause.code.id));
        assert_eq!(class(Ending::Code(0), "No space left on device"), None);
        let failed = Ending::Code(1);
        assert_eq!(class(failed, "av_write: No space left on device"), Some((CauseClass::NoSpace, "E0706")));
        assert_eq!(class(failed, "Unknown encoder 'x'"), Some((CauseClass::Unsupported, "E0602")));
        assert_eq!(
            class(failed, "file:x: Invalid data found when processing input"),
            Some((CauseClass::BadInput, "E0403"))
        );
        assert_eq!(
            class(Ending::Code(69), "Error while decoding stream #0:1: Invalid data found when processing input"),
            Some((CauseClass::Internal, "E0701"))
        );
        assert_eq!(class(Ending::Signal(9), ""), Some((CauseClass::Killed, "E0701")));
        assert_eq!(class(Ending::Stopped, "anything"), Some((CauseClass::TimedOut, "E0703")));
        assert_eq!(class(Ending::Cancelled, ""), Some((CauseClass::Cancelled, "E0705")));
    }
}
