//! Runs one contender to its end and says what it used.

use super::Counter;
use crate::process::{self, Cancellation, Ending, Invocation, Observer, Watch};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Where contenders find what they need.
pub struct Setting {
    /// The shell that runs scripts.
    pub shell: PathBuf,
    /// Variables, as assignments that a script begins with.
    pub variables: Vec<(&'static str, OsString)>,
}

/// What a contender used.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Seconds of processor time, it and all its children.
    pub cpu: f64,
    /// Seconds by the clock.
    pub wall: f64,
    /// Bytes of memory of its largest process at most.
    pub memory: u64,
    /// Instructions, where they are counted.
    pub instructions: Option<u64>,
}

impl Setting {
    /// A script as a program to start.
    pub fn script(&self, text: &str) -> Invocation {
        let mut whole: OsString = crate::cli::bench::HEAD.into();
        whole.push(text);
        let mut arguments: Vec<OsString> = vec!["-c".into(), whole, "bench".into()];
        // `env` before the shell: a variable's text is then never read as a part of the script.
        let mut before: Vec<OsString> = self.variables.iter().map(|(name, value)| assignment(name, value)).collect();
        before.push(self.shell.clone().into());
        before.append(&mut arguments);
        Invocation::new(Path::new("/usr/bin/env"), before)
    }
}

fn assignment(name: &str, value: &OsString) -> OsString {
    let mut text: OsString = format!("{name}=").into();
    text.push(value);
    text
}

/// Runs it, counted if that can be. An error is one of starting it, or the last of what it said when it failed.
pub fn measure(invocation: &Invocation, counter: Option<&Counter>, cancel: &Cancellation) -> io::Result<Measured> {
    let mut peak = Peak::default();
    let before = process::children_cpu_seconds();
    let counted = counter.map(|counter| counter.around(invocation));
    let finished = process::run(counted.as_ref().unwrap_or(invocation), &mut peak, cancel)?;
    let cpu = process::children_cpu_seconds() - before;
    match finished.ending {
        Ending::Code(0) => Ok(Measured {
            cpu,
            wall: finished.wall.as_secs_f64(),
            memory: peak.most,
            instructions: counter.and_then(Counter::count),
        }),
        Ending::Cancelled => Err(io::ErrorKind::Interrupted.into()),
        _ => {
            let log = finished.log.text();
            let last = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no word").to_owned();
            Err(io::Error::other(last))
        }
    }
}

/// The most memory that any process of a family had, by its own account (`VmHWM`), looked at a few times a second.
#[derive(Default)]
struct Peak {
    root: u32,
    most: u64,
}

impl Observer for Peak {
    fn started(&mut self, process: u32) {
        self.root = process;
    }

    fn output(&mut self, _bytes: &[u8]) {}

    fn tick(&mut self) -> Watch {
        self.most = self.most.max(family_peak(self.root).unwrap_or(0));
        Watch::Continue
    }
}

/// Processes come and go while they are listed; one that is gone counts no more.
fn family_peak(root: u32) -> Option<u64> {
    let mut parents: BTreeMap<u32, u32> = BTreeMap::new();
    let mut peaks: BTreeMap<u32, u64> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        if let Some(parent) = field("PPid:") {
            parents.insert(process, parent as u32);
        }
        peaks.insert(process, field("VmHWM:").unwrap_or(0) * 1024);
    }
    let belongs = |mut process: u32| {
        // A family is not deep; a ring cannot be, but the list was not made at one moment.
        for _ in 0..64 {
            if process == root {
                return true;
            }
            let Some(parent) = parents.get(&process) else { return false };
            process = *parent;
        }
        false
    };
    peaks.iter().filter(|(process, _)| belongs(**process)).map(|(_, peak)| *peak).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting() -> Setting {
        Setting { shell: "/bin/sh".into(), variables: vec![("WORD", "a b'c".into())] }
    }

    #[test]
    fn what_a_script_and_its_children_use_is_seen() {
        let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; [ \"$WORD\" = \"a b'c\" ]";
        let used = measure(&setting().script(busy), None, &Cancellation::default()).expect("runs");
        assert!(used.cpu > 0.0 && used.wall > 0.0, "{used:?}");
    }

    #[test]
    fn a_script_that_fails_says_why() {
        let failed = measure(&setting().script("echo no such film >&2; exit 3"), None, &Cancellation::default());
        assert_eq!(failed.map(|_| ()).expect_err("fails").to_string(), "no such film");
    }
}
