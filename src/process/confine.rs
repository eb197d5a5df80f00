//! What a child does to itself between fork and exec: resource limits, and death with its parent.

use super::Limits;
use rustix::process::{Resource, Rlimit, Signal, getppid, getrlimit, set_parent_process_death_signal, setrlimit};
use std::io;
use tokio::process::Command;

/// Makes the child of `command` set its limits and ask the kernel to die with the thread that spawns it.
///
/// `pre_exec` is unsafe because the closure runs in the forked child of a process with several threads, where only
/// async-signal-safe calls are allowed: no allocation, no lock. This closure captures plain numbers and makes four
/// kinds of system call (`setrlimit`, `prctl`, `getppid`, and nothing else) through rustix, which calls the kernel
/// directly; errors are built from numbers, without allocation.
#[allow(unsafe_code)]
pub(super) fn confine(command: &mut Command, limits: Limits) {
    let parent = rustix::process::getpid();
    let wanted = [
        (Resource::As, limits.address_space),
        (Resource::Cpu, limits.cpu_seconds),
        (Resource::Fsize, limits.file_size),
        (Resource::Nofile, limits.open_files),
        (Resource::Core, Some(0)),
    ];
    // Nobody may raise a limit that somebody set for us.
    let allowed = |(resource, limit): (Resource, Option<u64>)| match getrlimit(resource).maximum {
        Some(most) => (resource, limit.map(|limit| limit.min(most))),
        None => (resource, limit),
    };
    let wanted = wanted.map(allowed);
    let prepare = move || -> io::Result<()> {
        for (resource, limit) in wanted {
            if limit.is_some() {
                setrlimit(resource, Rlimit { current: limit, maximum: limit })?;
            }
        }
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the line above; then nobody would ever send the signal.
        if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
    };
    unsafe {
        command.pre_exec(prepare);
    }
}
