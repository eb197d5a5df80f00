//! Child processes that cannot outlive us, hang for ever, flood our memory or eat the machine.
//!
//! [`run`] blocks its thread until the child is gone. That is on purpose: the kernel sends the parent-death signal
//! when the *thread* that spawned ends, not the process (`reliability.md` R21), so the spawning thread must outlive
//! its child. A current-thread runtime inside `run` guarantees just that.

mod cancel;
mod confine;
mod end;
mod log;
mod sandbox;

/// Seconds of processor time that ended children of this process have used so far, all threads together.
pub fn children_cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold anything; the figures follow its last bracket. cutime and cstime are fields 16, 17.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    (ticks(13) + ticks(14)) as f64 / rustix::param::clock_ticks_per_second().max(1) as f64
}

#[cfg(test)]
mod sandbox_tests;

pub use cancel::Cancellation;
pub use log::{BoundedLog, Lines};
pub use sandbox::{Layers, Reach};

use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// How long a child may take to end after being asked to.
const GRACE: Duration = Duration::from_secs(5);
/// How long pipes are read after the child's end, should something else hold them open.
const DRAIN: Duration = Duration::from_secs(2);
/// How often the observer is asked.
const TICK: Duration = Duration::from_millis(250);

/// What a child may use at most; `None` leaves the limit of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Bytes of address space.
    pub address_space: Option<u64>,
    /// Seconds of processor time.
    pub cpu_seconds: Option<u64>,
    /// Bytes of any file that it writes.
    pub file_size: Option<u64>,
    /// Open files.
    pub open_files: Option<u64>,
    /// Time by the clock.
    pub wall: Option<Duration>,
}

/// A program and how it is started. Standard input is closed; there is no shell.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The program.
    pub program: PathBuf,
    /// What follows its name.
    pub arguments: Vec<OsString>,
    /// The folder it starts in.
    pub folder: Option<PathBuf>,
    /// What it may use.
    pub limits: Limits,
    /// What it may reach, unless it runs without a sandbox.
    pub sandbox: Option<Reach>,
}

impl Invocation {
    /// A program with arguments, without limits and without a sandbox.
    pub fn new(program: &Path, arguments: Vec<OsString>) -> Self {
        Invocation { program: program.to_owned(), arguments, folder: None, limits: Limits::default(), sandbox: None }
    }
}

/// What an observer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// The child goes on.
    Continue,
    /// The child is to be stopped.
    Stop,
}

/// Looks at a running child.
pub trait Observer {
    /// The child runs, with this number; its group has the same.
    fn started(&mut self, _process: u32) {}

    /// Some bytes of standard output.
    fn output(&mut self, bytes: &[u8]);

    /// Asked a few times a second.
    fn tick(&mut self) -> Watch {
        Watch::Continue
    }
}

/// Keeps standard output, up to a limit.
#[derive(Debug, Default)]
pub struct Collect(pub Vec<u8>);

impl Observer for Collect {
    fn output(&mut self, bytes: &[u8]) {
        const LIMIT: usize = 8 << 20;
        let room = LIMIT.saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code.
    Code(i32),
    /// By a signal that was not ours.
    Signal(i32),
    /// By us, because its time was over.
    TimedOut,
    /// By us, because the observer said so.
    Stopped,
    /// By us, because the run was cancelled.
    Cancelled,
}

/// What is left of a child.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub ending: Ending,
    /// What it wrote to standard error.
    pub log: BoundedLog,
    /// How long it ran.
    pub wall: Duration,
    /// Seconds of processor time that it used, all threads together.
    pub cpu_seconds: f64,
}

/// Runs a program to its end. An error means that it did not start.
pub fn run(invocation: &Invocation, observer: &mut dyn Observer, cancel: &Cancellation) -> io::Result<Finished> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervise(invocation, observer, cancel))
}

async fn supervise(
    invocation: &Invocation,
    observer: &mut dyn Observer,
    cancel: &Cancellation,
) -> io::Result<Finished> {
    let started = Instant::now();
    let mut child = spawn(invocation)?;
    if let Some(process) = child.id() {
        observer.started(process);
    }
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let mut pipes = Pipes::of(&mut child);
    let (ending, cpu_seconds) = watch(&mut child, group, &mut pipes, observer, invocation.limits.wall, cancel).await?;
    signal(group, Signal::KILL); // whatever the child itself left behind
    let _ = tokio::time::timeout(DRAIN, pipes.drain(observer)).await;
    Ok(Finished { ending, log: pipes.log, wall: started.elapsed(), cpu_seconds })
}

fn spawn(invocation: &Invocation) -> io::Result<Child> {
    let mut command = Command::new(&invocation.program);
    command
        .args(&invocation.arguments)
        .env_remove("FFREPORT") // would write a log wherever it says
        .env("AV_LOG_FORCE_NOCOLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(folder) = &invocation.folder {
        command.current_dir(folder);
    }
    confine::confine(&mut command, invocation)?;
    command.spawn()
}

/// Serves the pipes until the child is gone, and sees to it that it goes when it must.
async fn watch(
    child: &mut Child,
    group: Option<Pid>,
    pipes: &mut Pipes,
    observer: &mut dyn Observer,
    wall: Option<Duration>,
    cancel: &Cancellation,
) -> io::Result<(Ending, f64)> {
    let mut ended = std::pin::pin!(end::ended(group));
    let far = Duration::from_secs(365 * 24 * 3600);
    let mut deadline = tokio::time::Instant::now() + wall.unwrap_or(far);
    let mut ticks = tokio::time::interval(TICK);
    let mut asked: Option<Ending> = None;
    loop {
        let mut stop = None;
        tokio::select! {
            used = &mut ended => {
                let ending = ending_of(child.wait().await?);
                return Ok((asked.unwrap_or(ending), used.unwrap_or(0.0)));
            }
            chunk = pipes.next() => pipes.accept(chunk, observer),
            () = cancel.cancelled(), if asked.is_none() => stop = Some(Ending::Cancelled),
            () = tokio::time::sleep_until(deadline) => {
                if asked.is_some() {
                    signal(group, Signal::KILL);
                    deadline = tokio::time::Instant::now() + GRACE;
                } else {
                    stop = Some(Ending::TimedOut);
                }
            }
            _ = ticks.tick(), if asked.is_none() => {
                if observer.tick() == Watch::Stop {
                    stop = Some(Ending::Stopped);
                }
            }
        }
        if stop.is_some() {
            asked = stop;
            signal(group, Signal::TERM);
            deadline = tokio::time::Instant::now() + GRACE;
        }
    }
}

fn ending_of(status: ExitStatus) -> Ending {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Code(code),
        (None, number) => Ending::Signal(number.unwrap_or(0)),
    }
}

/// A group that is gone already is what we want.
fn signal(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        let _ = kill_process_group(group, signal);
    }
}

/// Both pipes of a child, read without pause: an unread one would stop it for ever (R12).
struct Pipes {
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    output: Vec<u8>,
    errors: Vec<u8>,
    log: BoundedLog,
}

/// Which pipe gave how many bytes.
enum Chunk {
    Output(usize),
    Errors(usize),
}

impl Pipes {
    fn of(child: &mut Child) -> Self {
        let buffer = || vec![0; 32 << 10];
        Pipes {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            output: buffer(),
            errors: buffer(),
            log: BoundedLog::default(),
        }
    }

    /// The next bytes of either; waits for ever once both are closed.
    async fn next(&mut self) -> Chunk {
        tokio::select! {
            count = read(&mut self.stdout, &mut self.output) => Chunk::Output(count),
            count = read(&mut self.stderr, &mut self.errors) => Chunk::Errors(count),
        }
    }

    fn accept(&mut self, chunk: Chunk, observer: &mut dyn Observer) {
        match chunk {
            Chunk::Output(0) => self.stdout = None,
            Chunk::Errors(0) => self.stderr = None,
            Chunk::Output(count) => observer.output(&self.output[..count]),
            Chunk::Errors(count) => self.log.push(&self.errors[..count]),
        }
    }

    async fn drain(&mut self, observer: &mut dyn Observer) {
        while self.stdout.is_some() || self.stderr.is_some() {
            let chunk = self.next().await;
            self.accept(chunk, observer);
        }
    }
}

/// Zero at the end of the pipe or on an error; pending for ever without a pipe.
async fn read(pipe: &mut Option<impl AsyncRead + Unpin>, buffer: &mut [u8]) -> usize {
    match pipe {
        Some(pipe) => pipe.read(buffer).await.unwrap_or(0),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Invocation {
        Invocation::new(Path::new("/bin/sh"), vec!["-c".into(), script.into()])
    }

    #[test]
    fn output_errors_and_the_exit_code_come_back() {
        let mut output = Collect::default();
        let never = Cancellation::default();
        let finished = run(&shell("echo out; echo err >&2; exit 3"), &mut output, &never).expect("starts");
        assert_eq!(finished.ending, Ending::Code(3));
        assert_eq!(output.0, b"out\n");
        assert_eq!(finished.log.text(), "err\n");
    }

    #[test]
    fn a_time_limit_stops_even_what_ignores_the_request_and_its_children() {
        let mut invocation = shell("trap '' TERM; sleep 1000 & echo $!; sleep 1000");
        invocation.limits.wall = Some(Duration::from_millis(300));
        let mut output = Collect::default();
        let finished = run(&invocation, &mut output, &Cancellation::default()).expect("starts");
        assert_eq!(finished.ending, Ending::TimedOut);
        let child = String::from_utf8_lossy(&output.0).trim().to_owned();
        assert!(!is_running(&child), "{child}");
    }

    #[test]
    fn a_grandchild_that_holds_the_pipes_does_not_block() {
        let mut output = Collect::default();
        let finished = run(&shell("setsid sleep 30 & exit 0"), &mut output, &Cancellation::default()).expect("starts");
        assert_eq!(finished.ending, Ending::Code(0));
    }

    #[test]
    fn cancellation_from_another_thread_ends_the_child() {
        let cancel = Cancellation::default();
        let other = cancel.clone();
        let thread = std::thread::spawn(move || other.cancel());
        let finished = run(&shell("sleep 1000"), &mut Collect::default(), &cancel).expect("starts");
        thread.join().expect("no panic");
        assert_eq!(finished.ending, Ending::Cancelled);
    }

    #[test]
    fn limits_hold_in_the_child() {
        let mut invocation = shell("ulimit -v; ulimit -c; ulimit -n");
        invocation.limits.address_space = Some(1 << 30);
        invocation.limits.open_files = Some(64);
        let mut output = Collect::default();
        run(&invocation, &mut output, &Cancellation::default()).expect("starts");
        assert_eq!(String::from_utf8_lossy(&output.0), "1048576\n0\n64\n");
    }

    /// This test runs itself as another process, which starts a child that would live for long, and kills it hard.
    #[test]
    fn a_killed_parent_leaves_no_child() {
        const ROLE: &str = "VODFLOW_TEST_PARENT_OF";
        if let Some(file) = std::env::var_os(ROLE) {
            let script = format!("echo $$ > '{0}.new'; mv '{0}.new' '{0}'; exec sleep 1000", file.to_string_lossy());
            let _ = run(&shell(&script), &mut Collect::default(), &Cancellation::default());
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pid");
        let mut parent = std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "process::tests::a_killed_parent_leaves_no_child"])
            .env(ROLE, &file)
            .stdout(Stdio::null())
            .spawn()
            .expect("starts");
        let wait = |until: &dyn Fn() -> bool| {
            while !until() {
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        wait(&|| file.exists());
        let child = std::fs::read_to_string(&file).expect("reads").trim().to_owned();
        assert!(is_running(&child));
        parent.kill().expect("kills");
        parent.wait().expect("reaps");
        wait(&|| !is_running(&child));
    }

    /// Whether a process lives; one that only waits to be reaped does not.
    fn is_running(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z') && !rest.is_empty())
    }
}
