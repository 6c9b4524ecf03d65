//! The thread of a ledger in a test.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a test that ends waits for its ledger. The thread goes on longer if a task of the test still has the engine, and
/// ends with that task.
const LAST_BATCH: Duration = Duration::from_secs(2);

/// Waits for the thread when it is dropped, however the test ends: behind the engine, and before the directory is removed.
pub struct Joined(Option<JoinHandle<()>>);

impl Joined {
    /// The thread that the start of an engine gave.
    pub const fn on_drop(thread: JoinHandle<()>) -> Self {
        Self(Some(thread))
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        let Some(thread) = self.0.take() else { return };
        let begun = Instant::now();
        while !thread.is_finished() && begun.elapsed() < LAST_BATCH {
            thread::yield_now();
        }
        if thread.is_finished() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the ledger's thread panicked");
        }
    }
}
