//! Instructions that a contender executes, where the kernel and the machine count them: by `perf`, which follows children.

use crate::process::{self, Cancellation, Collect, Ending, Invocation};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What is counted: instructions outside of the kernel, which anyone may count of their own processes.
const EVENT: &str = "instructions:u";

/// A working `perf`, and the file in which it leaves its count.
pub struct Counter {
    perf: PathBuf,
    folder: TempDir,
}

impl Counter {
    /// `None` where there is no `perf`, or nothing that it could count: most virtual machines.
    pub fn find(search_path: Option<&OsStr>) -> Option<Counter> {
        let perf = which::which_in("perf", search_path, Path::new("/")).ok()?;
        let folder = tempfile::Builder::new().prefix("vodflow-count-").tempdir().ok()?;
        let counter = Counter { perf, folder };
        let nothing = Invocation::new(Path::new("/usr/bin/env"), vec!["true".into()]);
        let tried = process::run(&counter.around(&nothing), &mut Collect::default(), &Cancellation::default()).ok()?;
        let counts = tried.ending == Ending::Code(0) && counter.count().is_some_and(|count| count > 0);
        counts.then_some(counter)
    }

    /// The same program, counted.
    pub fn around(&self, invocation: &Invocation) -> Invocation {
        let mut arguments: Vec<OsString> = ["stat", "-x", ",", "-e", EVENT, "-o"].map(OsString::from).to_vec();
        arguments.extend([self.file().into(), "--".into(), invocation.program.clone().into()]);
        arguments.extend(invocation.arguments.iter().cloned());
        Invocation { program: self.perf.clone(), arguments, ..invocation.clone() }
    }

    /// What the last counted program executed.
    pub fn count(&self) -> Option<u64> {
        counted(&std::fs::read_to_string(self.file()).ok()?)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("count.csv")
    }
}

/// Comments, then `NUMBER,UNIT,EVENT,…`; in place of the number `<not supported>` or `<not counted>`.
fn counted(report: &str) -> Option<u64> {
    let line = report.lines().find(|line| line.contains(EVENT))?;
    line.split(',').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_the_first_field_if_there_is_one() {
        let report = |field: &str| format!("# started on Mon\n\n{field},,instructions:u,8021,100.00,,\n");
        assert_eq!(counted(&report("1234567")), Some(1_234_567));
        assert_eq!(counted(&report("<not supported>")), None);
        assert_eq!(counted(""), None);
    }

    /// A `perf` that counts what it is told to, so that the way there is walked on machines that count nothing.
    #[test]
    fn programs_run_as_they_would_without() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let perf = folder.path().join("perf");
        let script = "#!/bin/sh\necho \"$COUNTED,,$5,1,100.00,,\" > \"$7\"\nshift 8\nexec \"$@\"\n";
        let finds = |count: &str| {
            std::fs::write(&perf, script.replace("$COUNTED", count)).expect("writes");
            std::fs::set_permissions(&perf, std::fs::Permissions::from_mode(0o755)).expect("may run");
            Counter::find(Some(folder.path().as_os_str()))
        };
        assert!(finds("<not supported>").is_none());
        let counter = finds("42").expect("counts");
        let said = Invocation::new(Path::new("/usr/bin/env"), vec!["sh".into(), "-c".into(), "exit 3".into()]);
        let run = process::run(&counter.around(&said), &mut Collect::default(), &Cancellation::default());
        assert_eq!(run.expect("runs").ending, Ending::Code(3));
        assert_eq!(counter.count(), Some(42));
        std::fs::remove_file(&perf).expect("removes");
        assert!(Counter::find(Some(folder.path().as_os_str())).is_none());
    }
}
