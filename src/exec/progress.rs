//! ffmpeg's progress reports: how far a process is, and whether it moves at all.

use crate::process::{Lines, Observer, Watch};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the bytes on disk are counted.
const COUNT_EVERY: Duration = Duration::from_secs(2);

/// Bytes that a process reads when it gets on; starting a program reads fewer.
const LEAST_READ: u64 = 64 << 10;

/// Watches one process.
pub(super) struct Progress<'a> {
    lines: Lines,
    span_seconds: f64,
    fraction: f64,
    media_time: i64,
    speed: Option<f64>,
    started: &'a dyn Fn(u32),
    report: &'a mut dyn FnMut(f64, Option<f64>),
    stall: Duration,
    folder: PathBuf,
    process: Option<u32>,
    /// Bytes on disk, and bytes that the process has read.
    bytes: (u64, u64),
    moved: Instant,
    counted: Instant,
}

impl<'a> Progress<'a> {
    /// For a process that goes through so much media time and writes into `folder`.
    pub fn new(
        span_seconds: f64,
        stall: Duration,
        folder: &Path,
        started: &'a dyn Fn(u32),
        report: &'a mut dyn FnMut(f64, Option<f64>),
    ) -> Self {
        let now = Instant::now();
        Progress {
            lines: Lines::default(),
            span_seconds,
            fraction: 0.0,
            media_time: 0,
            speed: None,
            started,
            report,
            stall,
            folder: folder.to_owned(),
            process: None,
            bytes: (0, 0),
            moved: now,
            counted: now,
        }
    }

    /// One line of a report. What is no number (`N/A`, garbage) says nothing.
    fn line(&mut self, line: &str) {
        let Some((name, value)) = line.split_once('=') else { return };
        let value = value.trim();
        match name {
            // `out_time_ms` holds microseconds as well; this one says so.
            "out_time_us" => {
                let Some(time) = value.parse::<i64>().ok().filter(|time| *time > self.media_time) else { return };
                self.media_time = time;
                self.moved = Instant::now();
                if self.span_seconds > 0.0 {
                    self.fraction = self.fraction.max((time as f64 / 1e6 / self.span_seconds).min(1.0));
                }
            }
            "speed" => {
                let speed = value.trim_end_matches('x').trim().parse::<f64>().ok();
                self.speed = speed.filter(|speed| speed.is_finite() && *speed >= 0.0);
            }
            "progress" => {
                if value == "end" {
                    self.fraction = 1.0;
                }
                (self.report)(self.fraction, self.speed);
            }
            _ => {}
        }
    }
}

impl Observer for Progress<'_> {
    fn started(&mut self, process: u32) {
        (self.started)(process);
        self.process = Some(process);
    }

    fn output(&mut self, bytes: &[u8]) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(bytes, |line| self.line(line));
        self.lines = lines;
    }

    fn tick(&mut self) -> Watch {
        if self.counted.elapsed() >= COUNT_EVERY.min(self.stall / 2) {
            self.counted = Instant::now();
            let (written, read) = (bytes_below(&self.folder), self.process.map_or(0, bytes_read));
            if written != self.bytes.0 || read >= self.bytes.1 + LEAST_READ {
                (self.bytes, self.moved) = ((written, read), Instant::now());
            }
        }
        if self.moved.elapsed() > self.stall { Watch::Stop } else { Watch::Continue }
    }
}

/// Bytes that a process has read. One picture late in a film is all that some processes write: until then, going
/// through the source is how they get on. A loop that leads nowhere reads nothing.
fn bytes_read(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/io")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("rchar:"));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// Bytes of all files in a folder and its folders.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(text: &str) -> Vec<(f64, Option<f64>)> {
        let mut seen = Vec::new();
        let mut report = |fraction, speed| seen.push((fraction, speed));
        let folder = tempfile::tempdir().expect("a folder");
        let mut progress = Progress::new(10.0, Duration::from_secs(60), folder.path(), &|_| (), &mut report);
        text.as_bytes().chunks(7).for_each(|chunk| progress.output(chunk));
        seen
    }

    #[test]
    fn blocks_become_fractions_that_never_fall() {
        let text = "out_time_us=N/A\nspeed=N/A\nprogress=continue\nout_time_us=5000000\nspeed=2.5x\nprogress=continue\n\
                    out_time_us=4000000\nspeed= 1x\nprogress=continue\nout_time_us=99000000\nprogress=end\n";
        assert_eq!(reports(text), [(0.0, None), (0.5, Some(2.5)), (0.5, Some(1.0)), (1.0, Some(1.0))]);
    }

    #[test]
    fn what_reads_gets_on_and_what_does_nothing_is_stopped() {
        let mut report = |_, _| {};
        let folder = tempfile::tempdir().expect("a folder");
        let large = folder.path().join("large");
        std::fs::write(&large, vec![0; 1 << 20]).expect("writes");
        let mut ticks = |process: Option<u32>| {
            let mut progress = Progress::new(10.0, Duration::from_millis(100), folder.path(), &|_| (), &mut report);
            process.into_iter().for_each(|process| progress.started(process));
            (0..10).all(|_| {
                std::thread::sleep(Duration::from_millis(60));
                std::fs::read(&large).expect("reads");
                progress.tick() == Watch::Continue
            })
        };
        assert!(ticks(Some(std::process::id())));
        assert!(!ticks(None));
    }

    #[test]
    fn garbage_says_nothing() {
        assert_eq!(reports("\0\u{7}=x\nout_time_us=-9223372036854775808\nout_time_us=1e9\nspeed=NaNx\nprogress\n"), []);
    }
}
