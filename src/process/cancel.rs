//! The wish to stop, told once and heard by everybody who holds a copy.

use std::sync::Arc;
use tokio::sync::watch;

/// A wish to stop that can be copied to other threads, such as that of a signal handler.
#[derive(Debug, Clone)]
pub struct Cancellation {
    wish: Arc<watch::Sender<bool>>,
}

impl Default for Cancellation {
    fn default() -> Self {
        Cancellation { wish: Arc::new(watch::Sender::new(false)) }
    }
}

impl Cancellation {
    /// Asks everybody to stop.
    pub fn cancel(&self) {
        self.wish.send_replace(true);
    }

    /// Whether somebody asked.
    pub fn is_cancelled(&self) -> bool {
        *self.wish.borrow()
    }

    /// Waits until somebody asks.
    pub(super) async fn cancelled(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.wish.subscribe().wait_for(|asked| *asked).await;
    }
}
