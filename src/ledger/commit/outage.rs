//! What the writing threads do while their ledger takes nothing: whoever comes is put off, and the ledger is asked until it
//! is back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::Pending;
use super::writer::Writer;
use crate::ledger::{LedgerFault, Verdicts};

/// How long the thread rests before it asks a ledger again that has failed for a while.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// What is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Away {
    /// The ledger: nothing is written over any way.
    Ledger,
    /// The same, with a batch of which nobody knows what became of it.
    WithABatch,
    /// One way to it. The others go on.
    ThisWay,
}

/// What is away for all ways to a ledger.
#[derive(Debug, Default)]
pub(crate) struct Outages {
    ways: usize,
    /// How many ways have found that the ledger is away,
    ledger: AtomicUsize,
    /// and how many that only they are closed.
    closed: AtomicUsize,
}

impl Outages {
    /// None yet, of a ledger with so many ways.
    pub(crate) fn of_ways(ways: usize) -> Self {
        Self { ways, ..Self::default() }
    }

    /// Whether nothing can be written over any way.
    pub(crate) fn leave_no_way(&self) -> bool {
        self.ledger.load(Ordering::Acquire) > 0 || self.closed.load(Ordering::Acquire) >= self.ways
    }

    const fn count(&self, away: Away) -> &AtomicUsize {
        match away {
            Away::Ledger | Away::WithABatch => &self.ledger,
            Away::ThisWay => &self.closed,
        }
    }

    pub(crate) fn begin(&self, away: Away, fault: &LedgerFault, entries: usize) {
        self.count(away).fetch_add(1, Ordering::AcqRel);
        let source = std::error::Error::source(fault).map(ToString::to_string);
        if self.leave_no_way() {
            let in_doubt = away == Away::WithABatch;
            tracing::error!(%fault, source, entries, in_doubt, "the ledger takes nothing for a while");
        } else {
            tracing::warn!(%fault, source, entries, "the ledger takes nothing over one of its ways for a while");
        }
    }

    fn end(&self, away: Away) {
        self.count(away).fetch_sub(1, Ordering::AcqRel);
        tracing::info!("the ledger is back");
    }
}

impl<P: Pending> Writer<P> {
    /// Asks the ledger until it is back, and puts off whoever comes meanwhile, unless there is another way. Gives what
    /// became of the batch in doubt; none where nobody is there any more to be told.
    pub(crate) fn wait_until_back(&mut self, away: Away) -> Option<Verdicts> {
        loop {
            thread::sleep(ASK_AGAIN);
            // Where another has its turn, it takes whoever comes, and puts him off too.
            let turn = if self.shared.writes_nothing() { self.inbox.try_lock() } else { None };
            let is_closed = turn.is_some_and(|mut inbox| !inbox.put_off());
            match self.ledger.recover() {
                Ok(verdicts) => {
                    self.shared.outages.end(away);
                    return Some(verdicts);
                }
                Err(fault) => tracing::debug!(%fault, "the ledger is not back yet"),
            }
            if self.shared.ending.load(Ordering::Acquire)
                || is_closed
                || self.shared.under_way.is_closed.load(Ordering::Acquire)
            {
                return None;
            }
        }
    }
}
