//! The tidying thread: behind the hot path it brings the rows up to the journal, and keeps the head of the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use super::keeper::HeadKeeper;
use super::store::{Store, failed};
use crate::ledger::{LedgerFault, Sequence};

/// How long the thread rests between looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// With more new entries than this since the last look, the ledger is busy and projecting waits for a quieter moment.
const QUIET_ENTRIES: u64 = 64;
/// How many entries the rows may lag behind the journal however busy it is: what a start has to project at most.
const MAX_LAG_ENTRIES: u64 = 262_144;

/// The running thread.
pub struct Tidying {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Tidying {
    /// Starts the thread. What is durable it hears from `last`; if it fails itself, it says so in `has_failed`.
    pub fn start(
        store: Store,
        last: Arc<AtomicU64>,
        has_failed: Arc<AtomicBool>,
        head: Option<Arc<Mutex<HeadKeeper>>>,
    ) -> Result<Self, LedgerFault> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let work = move || {
            let mut round = Round { seen: last.load(Ordering::Acquire), projected: None };
            while !stopped.load(Ordering::Acquire) {
                if let Err(fault) = round.tidy(&store, last.load(Ordering::Acquire), head.as_deref()) {
                    let source = std::error::Error::source(&fault).map(ToString::to_string);
                    tracing::error!(%fault, source, "the rows behind the journal are no longer kept up");
                    has_failed.store(true, Ordering::Release);
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("tidying".into()).spawn(work).map_err(failed("start a thread"))?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread, and waits for that.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // A panic of that thread has been reported where it happened; the journal is whole without it.
        let _ = self.thread.join();
    }
}

/// What the thread has seen.
struct Round {
    /// The last entry at the last look.
    seen: Sequence,
    /// The last entry that the rows contain; `None` if that is not known.
    projected: Option<Sequence>,
}

impl Round {
    /// Projects in quiet moments, so that a burst of bookings has the processors for itself.
    fn tidy(&mut self, store: &Store, last: Sequence, head: Option<&Mutex<HeadKeeper>>) -> Result<(), LedgerFault> {
        let projected = self.projected.get_or_insert(self.seen);
        let is_busy = last - self.seen > QUIET_ENTRIES && last - *projected < MAX_LAG_ENTRIES;
        self.seen = last;
        if is_busy || last == *projected {
            if let Some(head) = head {
                head.lock().follow(store, last);
            }
            thread::park_timeout(LOOK_EVERY);
        } else if !store.project(head.map(|head| head.lock().marks()))? {
            *projected = last;
        }
        Ok(())
    }
}
