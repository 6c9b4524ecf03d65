//! What the writing thread does while its ledger takes nothing: whoever comes is put off, and the ledger is asked until it is
//! back.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::Pending;
use super::writer::Writer;
use crate::ledger::{LedgerFault, Verdicts};

/// How long the thread rests before it asks a ledger again that has failed for a while.
const ASK_AGAIN: Duration = Duration::from_millis(100);

impl<P: Pending> Writer<P> {
    pub(super) fn pause(&self, fault: &LedgerFault, entries: usize, in_doubt: bool) {
        self.shared.paused.fetch_add(1, Ordering::AcqRel);
        let source = std::error::Error::source(fault).map(ToString::to_string);
        tracing::error!(%fault, source, entries, in_doubt, "the ledger takes nothing for a while");
    }

    /// Asks the ledger until it is back, and puts off whoever comes meanwhile. Gives what became of the batch in doubt;
    /// none where nobody is there any more to be told.
    pub(super) fn wait_until_back(&mut self) -> Option<Verdicts> {
        loop {
            thread::sleep(ASK_AGAIN);
            // Where another has its turn, it takes whoever comes, and puts him off too.
            let is_closed = self.inbox.try_lock().is_some_and(|mut inbox| !inbox.put_off());
            match self.ledger.recover() {
                Ok(verdicts) => {
                    tracing::info!("the ledger is back");
                    self.shared.paused.fetch_sub(1, Ordering::AcqRel);
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
