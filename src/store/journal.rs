//! The journal: what happened in an output folder, a line for each change of state, on the disk before it is reported.
//!
//! A line is a JSON object that ends with a checksum over itself and the line before. A line that was cut off by a
//! crash is not there: reading stops before it, and writing goes on in its place.

use super::fence::Owner;
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::time::{SystemTime, UNIX_EPOCH};

const NAME: &str = "journal.jsonl";
/// Above this size the journal is begun anew with what is still of use.
const LARGE: u64 = 1 << 20;
/// How much of an older journal is kept when it is begun anew.
const KEPT_LINES: usize = 500;

/// A change of state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Entry {
    /// A run began.
    RunStarted {
        /// Its fence number, which counts the runs of a folder.
        run: u64,
        /// The process.
        owner: Owner,
        /// The identity of the source.
        source: String,
    },
    /// A process of the run began; its process group has the same number.
    ProcessStarted {
        /// Which job of the plan.
        job: u32,
        /// The process.
        process: Owner,
    },
    /// It ended.
    ProcessEnded {
        /// Which job of the plan.
        job: u32,
    },
    /// An artefact is verified and kept.
    ArtifactKept {
        /// Its spec key.
        key: String,
    },
    /// All files of an output are in place.
    OutputPublished {
        /// Which.
        output: String,
        /// Its files, below the output folder.
        files: Vec<String>,
    },
    /// An output could not be made.
    OutputFailed {
        /// Which.
        output: String,
        /// The code of the diagnostic.
        code: String,
    },
    /// A publication that a dead run left half done was completed.
    OutputRecovered {
        /// Which.
        output: String,
    },
    /// The run came to its end.
    RunFinished {
        /// Its fence number.
        run: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Line {
    seq: u64,
    /// Milliseconds since 1970; for people only, clocks jump.
    time: u64,
    #[serde(flatten)]
    entry: Entry,
}

/// The journal of an output folder, open for writing.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    next: u64,
    sum: String,
}

impl Journal {
    /// Opens the journal and gives what stands in it.
    pub fn open(state: &OwnedFd) -> io::Result<(Journal, Vec<Entry>)> {
        let (mut file, text) = read(state)?;
        let (entries, end, mut sum) = parse(&text);
        let mut next = entries.last().map_or(0, |line| line.seq + 1);
        if end as u64 > LARGE {
            let first = entries.len().saturating_sub(KEPT_LINES);
            let (mut fresh, mut kept) = (String::new(), String::new());
            for line in &entries[first..] {
                fresh += &render(line, &mut kept)?;
            }
            super::manifest::write_whole(state, NAME, fresh.as_bytes())?;
            (file, _) = read(state)?;
            sum = kept;
            file.seek(SeekFrom::End(0))?;
        } else {
            file.set_len(end as u64)?;
            file.seek(SeekFrom::Start(end as u64))?;
        }
        next = next.max(entries.len() as u64);
        Ok((Journal { file, next, sum }, entries.into_iter().map(|line| line.entry).collect()))
    }

    /// Writes a line; when this returns, it is on the disk.
    pub fn write(&mut self, entry: Entry) -> io::Result<()> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let text = render(&Line { seq: self.next, time, entry }, &mut self.sum)?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.next += 1;
        Ok(())
    }
}

fn read(state: &OwnedFd) -> io::Result<(File, Vec<u8>)> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut file = File::from(rustix::fs::openat(state, NAME, flags, Mode::RUSR | Mode::WUSR)?);
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    Ok((file, text))
}

/// The lines that are whole, where they end, and the sum of the last.
fn parse(text: &[u8]) -> (Vec<Line>, usize, String) {
    let (mut lines, mut end, mut sum) = (Vec::new(), 0, String::new());
    for raw in text.split_inclusive(|byte| *byte == b'\n') {
        let Some((line, next)) = std::str::from_utf8(raw).ok().and_then(|line| check(line, &sum)) else { break };
        lines.push(line);
        end += raw.len();
        sum = next;
    }
    (lines, end, sum)
}

const SUM: &str = ",\"sum\":\"";

fn render(line: &Line, sum: &mut String) -> io::Result<String> {
    let mut text = serde_json::to_string(line)?;
    text.pop();
    *sum = checksum(&text, sum);
    Ok(format!("{text}{SUM}{sum}\"}}\n"))
}

fn check(raw: &str, before: &str) -> Option<(Line, String)> {
    let (text, sum) = raw.strip_suffix("\"}\n")?.rsplit_once(SUM)?;
    let whole = checksum(text, before) == sum;
    let line = serde_json::from_str(&format!("{text}}}")).ok().filter(|_| whole)?;
    Some((line, sum.to_owned()))
}

fn checksum(text: &str, before: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before.as_bytes()).update(text.as_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Processes of the last run that the journal does not see ending, if that run did not end itself.
pub(super) fn left_running(entries: &[Entry]) -> Vec<Owner> {
    let begin = entries.iter().rposition(|entry| matches!(entry, Entry::RunStarted { .. })).unwrap_or(0);
    let mut running: Vec<(u32, Owner)> = Vec::new();
    for entry in &entries[begin..] {
        match entry {
            Entry::ProcessStarted { job, process } => running.push((*job, process.clone())),
            Entry::ProcessEnded { job } => running.retain(|(other, _)| other != job),
            Entry::RunFinished { .. } => running.clear(),
            _ => {}
        }
    }
    running.into_iter().map(|(_, process)| process).collect()
}

/// Whether the last run came to its end; a folder without any run has nothing unfinished.
pub(super) fn is_finished(entries: &[Entry]) -> bool {
    let last = |entry: &&Entry| matches!(entry, Entry::RunStarted { .. } | Entry::RunFinished { .. });
    !matches!(entries.iter().rev().find(last), Some(Entry::RunStarted { .. }))
}

#[cfg(test)]
mod tests {
    use super::super::beneath;
    use super::*;

    fn kept(key: &str) -> Entry {
        Entry::ArtifactKept { key: key.into() }
    }

    #[test]
    fn a_torn_or_changed_line_ends_the_journal_and_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = beneath::open_root(folder.path()).expect("opens");
        let path = folder.path().join(NAME);
        let (mut journal, before) = Journal::open(&state).expect("opens");
        assert_eq!(before, []);
        ["a", "b", "c"].into_iter().for_each(|key| journal.write(kept(key)).expect("writes"));
        let whole = std::fs::read(&path).expect("reads");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("writes");
            let (mut journal, entries) = Journal::open(&state).expect("opens");
            let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(entries, [kept("a"), kept("b"), kept("c")][..lines], "cut at {cut}");
            journal.write(kept("d")).expect("writes");
            let (_, entries) = Journal::open(&state).expect("opens");
            assert_eq!((entries.len(), entries.last()), (lines + 1, Some(&kept("d"))));
        }
        let mut changed = whole.clone();
        let at = whole.iter().position(|byte| *byte == b'b').expect("a key");
        changed[at] = b'x';
        std::fs::write(&path, &changed).expect("writes");
        assert!(Journal::open(&state).expect("opens").1.len() < 2);
    }

    #[test]
    fn a_large_journal_is_begun_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = beneath::open_root(folder.path()).expect("opens");
        let (mut journal, _) = Journal::open(&state).expect("opens");
        let long = "k".repeat(4000);
        (0..300).for_each(|at| journal.write(kept(&format!("{at}{long}"))).expect("writes"));
        let (mut journal, entries) = Journal::open(&state).expect("opens");
        assert_eq!(entries.len(), 300);
        journal.write(kept("last")).expect("writes");
        let (_, entries) = Journal::open(&state).expect("opens");
        assert_eq!(entries.last(), Some(&kept("last")));
    }

    #[test]
    fn processes_of_a_dead_run_are_known() {
        let owner = |pid| Owner { pid, started: 1, boot: "b".into(), host: "h".into() };
        let run = Entry::RunStarted { run: 1, owner: owner(1), source: "s".into() };
        let start = |job, pid| Entry::ProcessStarted { job, process: owner(pid) };
        let mut entries = vec![run.clone(), start(0, 10), start(1, 11), Entry::ProcessEnded { job: 0 }];
        assert_eq!(left_running(&entries), [owner(11)]);
        assert!(!is_finished(&entries));
        entries.push(Entry::RunFinished { run: 1 });
        assert_eq!((left_running(&entries), is_finished(&entries)), (vec![], true));
    }
}
