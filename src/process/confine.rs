//! What a child does to itself between fork and exec: resource limits, the sandbox, and death with its parent.

use super::sandbox::Rules;
use super::{Invocation, Limits};
use rustix::process::{Resource, Rlimit, Signal, getppid, getrlimit, set_parent_process_death_signal, setrlimit};
use std::io;
use tokio::process::Command;

/// Seconds of processor time between the request to end and the end.
const LAST_SECONDS: u64 = 10;

/// Makes the child of `command` set its limits, enter its sandbox and ask the kernel to die with the thread that
/// spawns it. An error means that the sandbox cannot be made.
///
/// `pre_exec` is unsafe because the closure runs in the forked child of a process with several threads, where only
/// async-signal-safe calls are allowed: no allocation, no lock. The rules of the sandbox are made here, before the fork.
/// The closure captures plain numbers, a descriptor and a finished filter, and makes system calls only (`setrlimit`,
/// `prctl`, `getppid`, `landlock_restrict_self`, `seccomp`), through rustix, libc and one function of seccompiler that
/// calls the kernel twice; errors are built from numbers, without allocation.
#[allow(unsafe_code)]
pub(super) fn confine(command: &mut Command, invocation: &Invocation) -> io::Result<()> {
    let parent = rustix::process::getpid();
    let wanted = resources(&invocation.limits);
    let rules = match &invocation.sandbox {
        Some(reach) => Some(Rules::prepare(&invocation.program, reach)?),
        None => None,
    };
    let prepare = move || -> io::Result<()> {
        for (resource, limit) in &wanted {
            if limit.current.is_some() {
                setrlimit(*resource, *limit)?;
            }
        }
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the line above; then nobody would ever send the signal.
        if getppid() != Some(parent) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        rules.as_ref().map_or(Ok(()), Rules::apply)
    };
    unsafe {
        command.pre_exec(prepare);
    }
    Ok(())
}

/// The kernel's limits. Nobody may raise one that somebody set for us.
fn resources(limits: &Limits) -> [(Resource, Rlimit); 5] {
    let set = |resource: Resource, limit: Option<u64>, more: u64| {
        let least = |limit: u64| getrlimit(resource).maximum.map_or(limit, |most| limit.min(most));
        (resource, Rlimit { current: limit.map(least), maximum: limit.map(|limit| least(limit.saturating_add(more))) })
    };
    [
        set(Resource::As, limits.address_space, 0),
        // At the first limit ffmpeg is asked to end and says so, at the second it is killed.
        set(Resource::Cpu, limits.cpu_seconds, LAST_SECONDS),
        set(Resource::Fsize, limits.file_size, 0),
        set(Resource::Nofile, limits.open_files, 0),
        set(Resource::Core, Some(0), 0),
    ]
}
