//! A ledger that waits and fails on command.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use hallpass::domain::appointment::AppointmentId;
use hallpass::ledger::reading::{Reader, SealedParts};
use hallpass::ledger::{BatchNumber, Boxed, CommitFault, Draft, Ledger, LedgerFault, Restored, Verdicts};

/// What a steered ledger does with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Commits it.
    Open,
    /// Lets it wait until another way is set.
    Wait,
    /// Commits it, and lets the next one wait.
    OpenOnce,
    /// Fails before anything is written.
    FailUnwritten,
    /// Writes it and then fails, as a flush may that reached the disk all the same.
    FailWritten,
}

/// The hand on a steered ledger. When it goes, nothing waits for it any more.
#[derive(Debug)]
pub struct Steering(Arc<(Mutex<(Way, usize)>, Condvar)>, Arc<Reads>);

/// What becomes of the reads of single records.
#[derive(Debug, Default)]
struct Reads {
    begun: AtomicUsize,
    fail: AtomicBool,
}

impl Drop for Steering {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 == Way::Wait {
            state.0 = Way::Open;
        }
        self.0.1.notify_all();
    }
}

impl Steering {
    /// Sets the way for every batch from now on, also for one that waits.
    pub fn set(&self, way: Way) {
        self.0.0.lock().unwrap().0 = way;
        self.0.1.notify_all();
    }

    /// Waits until so many batches have come to the ledger since the start.
    pub fn await_batches(&self, count: usize) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |(_, seen)| *seen < count).unwrap());
    }

    /// How many reads of single records have come to the ledger.
    pub fn reads(&self) -> usize {
        self.1.begun.load(Ordering::Relaxed)
    }

    /// Fails every such read from now on.
    pub fn fail_reads(&self) {
        self.1.fail.store(true, Ordering::Relaxed);
    }

    /// How many batches have come to the ledger.
    pub fn batches(&self) -> usize {
        self.0.0.lock().unwrap().1
    }
}

fn way_of_next(steering: &(Mutex<(Way, usize)>, Condvar)) -> Way {
    let (state, changed) = steering;
    let mut state = state.lock().unwrap();
    state.1 += 1;
    changed.notify_all();
    let mut state = changed.wait_while(state, |(way, _)| *way == Way::Wait).unwrap();
    let way = state.0;
    if way == Way::OpenOnce {
        state.0 = Way::Wait;
    }
    way
}

/// A ledger under a hand.
pub struct Steered<L> {
    inner: L,
    steering: Arc<(Mutex<(Way, usize)>, Condvar)>,
    reads: Arc<Reads>,
}

/// A reader that counts, and fails when it is told to.
#[derive(Debug)]
struct CountedReader {
    inner: Arc<dyn Reader>,
    reads: Arc<Reads>,
}

impl Reader for CountedReader {
    fn sealed(&self, id: AppointmentId) -> Boxed<'_, Result<SealedParts, LedgerFault>> {
        self.reads.begun.fetch_add(1, Ordering::Relaxed);
        if self.reads.fail.load(Ordering::Relaxed) {
            let fault = LedgerFault::Store { step: "read a record", source: "the test said so".into() };
            return Box::pin(async { Err(fault) });
        }
        self.inner.sealed(id)
    }
}

impl<L: Ledger> Steered<L> {
    /// Puts a ledger under a hand.
    pub fn new(inner: L) -> (Self, Steering) {
        let steering = Arc::new((Mutex::new((Way::Open, 0)), Condvar::new()));
        let reads = Arc::new(Reads::default());
        let steered = Self { inner, steering: Arc::clone(&steering), reads: Arc::clone(&reads) };
        (steered, Steering(steering, reads))
    }
}

impl<L: Ledger> Ledger for Steered<L> {
    fn commit(&mut self, number: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        let failed = || LedgerFault::Store { step: "flush a batch", source: "the test said so".into() };
        match way_of_next(&self.steering) {
            Way::Open | Way::OpenOnce | Way::Wait => self.inner.commit(number, batch),
            Way::FailUnwritten => Err(failed().into()),
            Way::FailWritten => self.inner.commit(number, batch).and(Err(failed().into())),
        }
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(CountedReader { inner: self.inner.reader(), reads: Arc::clone(&self.reads) })
    }

    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        self.inner.load(restore)
    }
}
