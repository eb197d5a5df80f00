//! The file itself: read, judged, replaced as a whole, by one process at a time.

use crate::cost::{Coefficients, Corrections, CpuTime, Machine, Subject};
use crate::diag::{Diagnostic, codes, message};
use fd_lock::RwLock;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Grows with every change of what prices mean.
const SHAPE: u32 = 2;
/// More than any such file has.
const LONGEST: u64 = 1 << 20;
/// How often the lock is tried for, and the pause between.
const TRIES: (u32, Duration) = (20, Duration::from_millis(25));

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    schema_version: u32,
    /// Version of ffmpeg, whose encoders differ in speed.
    tool: String,
    /// Name of the processor.
    processor: String,
    /// Measured prices; without them only the corrections hold.
    coefficients: Option<Coefficients>,
    corrections: Corrections,
}

/// Where prices are kept, for which machine.
#[derive(Debug, Clone)]
pub struct Memory {
    place: Option<PathBuf>,
    tool: String,
    processor: String,
}

/// What is known of the machine, and what is wrong with the file.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The machine.
    pub machine: Machine,
    /// Why the file was not used, if it is there and was not.
    pub warning: Option<Diagnostic>,
}

impl Memory {
    /// A file for this processor and a version of ffmpeg; without a place nothing is kept.
    pub fn new(place: Option<PathBuf>, tool: &str) -> Memory {
        Memory { place, tool: tool.to_owned(), processor: processor() }
    }

    /// Where it is.
    pub fn place(&self) -> Option<&Path> {
        self.place.as_deref()
    }

    /// The machine with so many cores as the file knows it, or as it is assumed.
    pub fn recall(&self, cores: u32) -> Kept {
        let assumed = Machine { cores, ..Machine::assumed() };
        match self.read() {
            Ok(None) => Kept { machine: assumed, warning: None },
            Ok(Some(Written { coefficients, corrections, .. })) => {
                let calibrated = coefficients.is_some();
                let coefficients = coefficients.unwrap_or_default();
                Kept { machine: Machine { cores, coefficients, calibrated, corrections }, warning: None }
            }
            Err(reason) => Kept { machine: assumed, warning: Some(self.warning(&reason)) },
        }
    }

    fn warning(&self, reason: &str) -> Diagnostic {
        let place = self.place.as_deref().unwrap_or(Path::new("")).to_string_lossy().into_owned();
        let note = message!("the prices in `{}` are not used: {}", &place, reason);
        let help = message!("measure this machine anew: `vodflow calibrate`");
        Diagnostic::new(&codes::PRICES_UNUSED, note).with_help(help)
    }

    /// What the file says; `None` without a file, an error with the reason when it is not for us.
    fn read(&self) -> Result<Option<Written>, String> {
        let Some(place) = &self.place else { return Ok(None) };
        match std::fs::metadata(place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() > LONGEST => return Err("it is too long".to_owned()),
            _ => {}
        }
        let bytes = std::fs::read(place).map_err(|error| crate::diag::io_words(&error))?;
        let written: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| "it is damaged".to_owned())?;
        if written["schema_version"] != SHAPE {
            return Err("another version of vodflow wrote it".to_owned());
        }
        let written: Written = serde_json::from_value(written).map_err(|_| "it is damaged".to_owned())?;
        if written.tool != self.tool {
            return Err(format!("they are those of ffmpeg {}", written.tool));
        }
        if written.processor != self.processor {
            return Err(format!("they are those of another processor, {}", written.processor));
        }
        Ok(Some(written))
    }

    /// Keeps measured prices. What runs have taught about older ones is forgotten.
    pub fn keep(&self, coefficients: &Coefficients) -> io::Result<()> {
        self.change(|written| {
            written.coefficients = Some(coefficients.clone());
            written.corrections = Corrections::default();
        })
    }

    /// Learns from finished jobs: what each was estimated at, by its parts, and what it took.
    pub fn learn(&self, jobs: &[(BTreeMap<Subject, CpuTime>, CpuTime)]) -> io::Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        self.change(|written| {
            jobs.iter().for_each(|(parts, measured)| written.corrections.learn(parts, *measured));
        })
    }

    /// Reads, changes and replaces the file under a lock beside it. A file that is not for us starts anew.
    fn change(&self, change: impl FnOnce(&mut Written)) -> io::Result<()> {
        let Some(place) = &self.place else { return Ok(()) };
        let folder = place.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).append(true).open(place.with_extension("lock"))?;
        let mut lock = RwLock::new(lock);
        let mut tries = TRIES.0;
        let _held = loop {
            match lock.try_write() {
                Ok(held) => break held,
                Err(error) if tries == 0 => return Err(error),
                Err(_) => std::thread::sleep(TRIES.1),
            }
            tries -= 1;
        };
        let mut written = self.read().ok().flatten().unwrap_or_else(|| self.empty());
        change(&mut written);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(&written)?)?;
        file.persist(place)?;
        Ok(())
    }

    fn empty(&self) -> Written {
        Written {
            schema_version: SHAPE,
            tool: self.tool.clone(),
            processor: self.processor.clone(),
            coefficients: None,
            corrections: Corrections::default(),
        }
    }
}

/// The kernel's name of the processor.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    named.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::template::{Speed, VideoCodec};
    use crate::cost::{Confidence, ContentClass};

    const FAST: Subject = Subject::Encode(VideoCodec::H264, Speed::Fast, ContentClass::Usual);

    fn memory(folder: &Path) -> Memory {
        Memory::new(Some(folder.join("below/machine.json")), "5.1")
    }

    fn second() -> BTreeMap<Subject, CpuTime> {
        BTreeMap::from([(FAST, CpuTime::from_millis(1000))])
    }

    #[test]
    fn prices_and_lessons_come_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = memory(folder.path());
        assert_eq!(memory.recall(3).machine, Machine { cores: 3, ..Machine::assumed() });
        let coefficients = Coefficients { process: CpuTime::from_millis(7), ..Coefficients::default() };
        memory.keep(&coefficients).expect("writes");
        for _ in 0..3 {
            memory.learn(&[(second(), CpuTime::from_millis(2000))]).expect("writes");
        }
        let machine = memory.recall(3).machine;
        assert!(machine.calibrated && machine.coefficients == coefficients);
        assert!(machine.corrections.corrected(FAST, CpuTime::from_millis(1000)) > CpuTime::from_millis(1900));
        assert_eq!(machine.confidence([FAST]), Confidence::Corrected);
        memory.keep(&coefficients).expect("writes");
        assert!(memory.recall(3).machine.corrections.is_empty(), "new prices start anew");
        assert_eq!(Memory::new(None, "5.1").recall(2).machine, Machine::assumed());
        Memory::new(None, "5.1").keep(&coefficients).expect("nothing to do");
    }

    #[test]
    fn a_file_that_is_not_for_us_is_told_and_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let ours = memory(folder.path());
        ours.keep(&Coefficients::default()).expect("writes");
        let reason = |memory: &Memory| memory.recall(2).warning.map(|one| one.message.to_string()).unwrap_or_default();
        let newer = Memory::new(ours.place.clone(), "6.0");
        assert!(reason(&newer).ends_with("they are those of ffmpeg 5.1"), "{}", reason(&newer));
        for damage in ["", "{", "[1]", "{\"schema_version\":2}", "{\"schema_version\":1}", "{\"schema_version\":99}"] {
            std::fs::write(ours.place().expect("a place"), damage).expect("writes");
            let kept = ours.recall(2);
            assert!(kept.warning.is_some() && kept.machine == Machine::assumed(), "{damage}");
        }
        ours.learn(&[(second(), CpuTime::from_millis(2000))]).expect("writes");
        assert_eq!(ours.recall(2).machine.corrections.len(), 1);
    }
}
