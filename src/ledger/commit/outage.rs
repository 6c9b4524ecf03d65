//! Outages of a ledger: which of its connections are away, and whether one is left.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ledger::LedgerFault;

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

    pub(crate) fn end(&self, away: Away) {
        self.count(away).fetch_sub(1, Ordering::AcqRel);
        tracing::info!("the ledger is back");
    }
}
