//! Requests to stop: Ctrl-C, termination, and a terminal that goes away.

use super::exit::Exit;
use crate::process::Cancellation;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Ctrl-C and requests to terminate. The first stops the processes in order; the second ends the program at once, and
/// the kernel its children.
pub struct Stop {
    /// The wish, for those who work.
    pub cancellation: Cancellation,
    signal: Arc<AtomicU8>,
    /// Whether there is something to stop in order. Before, a request ends the program at once.
    is_busy: Arc<AtomicBool>,
}

/// While it lives, there is something to stop in order.
pub struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Stop {
    /// Starts to listen.
    pub fn listen() -> Self {
        let stop = Stop { cancellation: Cancellation::default(), signal: Arc::default(), is_busy: Arc::default() };
        let (cancellation, signal, is_busy) = (stop.cancellation.clone(), stop.signal.clone(), stop.is_busy.clone());
        // Without a thread to listen, Ctrl-C keeps its ordinary meaning.
        let _ = std::thread::Builder::new().name("signals".into()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                use tokio::signal::unix::{SignalKind, signal as subscribe};
                let (Ok(mut interrupt), Ok(mut terminate)) =
                    (subscribe(SignalKind::interrupt()), subscribe(SignalKind::terminate()))
                else {
                    return;
                };
                // Under `nohup` it is ignored, and stays so.
                let mut hangup = if ignores_hangup() { None } else { subscribe(SignalKind::hangup()).ok() };
                loop {
                    let exit = tokio::select! {
                        _ = interrupt.recv() => Exit::Interrupted,
                        _ = terminate.recv() => Exit::Terminated,
                        () = heard(&mut hangup) => Exit::HungUp,
                    };
                    let before = signal.swap(exit.code(), Ordering::SeqCst);
                    cancellation.cancel();
                    if before != 0 || !is_busy.load(Ordering::SeqCst) {
                        // Nothing is under way, or it is the second signal.
                        std::process::exit(i32::from(exit.code()));
                    }
                }
            });
        });
        stop
    }

    /// Says that there is something to stop in order, until the value is dropped.
    pub fn busy(&self) -> Busy {
        self.is_busy.store(true, Ordering::SeqCst);
        Busy(self.is_busy.clone())
    }

    /// How the program ends, if it was asked to.
    pub fn exit(&self) -> Option<Exit> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            129 => Some(Exit::HungUp),
            143 => Some(Exit::Terminated),
            _ => Some(Exit::Interrupted),
        }
    }
}

async fn heard(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether whoever started us wants us to outlive the terminal.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}
