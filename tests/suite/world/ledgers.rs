//! A ledger that waits and fails on command.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use hallpass::ledger::{BatchNumber, CommitFault, Draft, Ledger, LedgerFault, Restored, Verdicts};

/// What a steered ledger does with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Commits it.
    Open,
    /// Lets it wait until another way is set.
    Wait,
    /// Fails before anything is written.
    FailUnwritten,
    /// Writes it and then fails, as a flush may that reached the disk all the same.
    FailWritten,
}

/// The hand on a steered ledger. When it goes, nothing waits for it any more.
#[derive(Debug)]
pub struct Steering(Arc<(Mutex<(Way, usize)>, Condvar)>);

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
    changed.wait_while(state, |(way, _)| *way == Way::Wait).unwrap().0
}

/// A ledger under a hand.
pub struct Steered<L> {
    inner: L,
    steering: Arc<(Mutex<(Way, usize)>, Condvar)>,
}

impl<L: Ledger> Steered<L> {
    /// Puts a ledger under a hand.
    pub fn new(inner: L) -> (Self, Steering) {
        let steering = Arc::new((Mutex::new((Way::Open, 0)), Condvar::new()));
        (Self { inner, steering: Arc::clone(&steering) }, Steering(steering))
    }
}

impl<L: Ledger> Ledger for Steered<L> {
    fn commit(&mut self, number: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        let failed = || LedgerFault::Store { step: "flush a batch", source: "the test said so".into() };
        match way_of_next(&self.steering) {
            Way::Open | Way::Wait => self.inner.commit(number, batch),
            Way::FailUnwritten => Err(failed().into()),
            Way::FailWritten => self.inner.commit(number, batch).and(Err(failed().into())),
        }
    }

    fn load(&mut self, restore: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        self.inner.load(restore)
    }
}
