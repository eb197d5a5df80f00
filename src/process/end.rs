//! The end of a child, noticed before it is reaped: as long as it is a zombie, the kernel still tells what it used.

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// Waits until a child has ended, without reaping it; gives the seconds of processor time that it used, all threads
/// together. `None` when there is no such child.
///
/// It waits in a thread of its own: a runtime can wait for a child only by reaping it.
pub(super) async fn ended(process: Option<Pid>) -> Option<f64> {
    let process = process?;
    let seen = tokio::task::spawn_blocking(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        rustix::io::retry_on_intr(|| waitid(WaitId::Pid(process), options)).ok()?;
        processor_seconds(process)
    });
    seen.await.ok().flatten()
}

fn processor_seconds(process: Pid) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_pid())).ok()?;
    // The name, in brackets, may hold anything. User and system time are the fields 14 and 15.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
