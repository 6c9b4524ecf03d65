//! The thread that gathers batches and has them made durable, one at a time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use tokio::sync::mpsc::{Receiver, Sender};

use super::{EndsReadOnly, Fate, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, Pending, Shared, Written};
use crate::ledger::{BatchNumber, CommitFault, Draft, Ledger, Verdict, Verdicts};

/// Room for a batch of common size.
const USUAL_BATCH_ENTRIES: usize = 256;
/// After a batch of at least so many entries, the next one waits for company.
const BUSY_ENTRIES: usize = 8;
/// Such a batch leaves the processor to others until it has so many entries,
const COMPANY_ENTRIES: usize = 128;
/// or until that brings no more, or has been done so many times.
const MAX_COMPANY_TURNS: usize = 8;

pub(super) struct Writer<P, L> {
    pub(super) ledger: L,
    pub(super) receiver: Receiver<P>,
    pub(super) written: Sender<Written<P>>,
    pub(super) shared: Arc<Shared>,
}

fn add<P: Pending>(batch: &mut Vec<P>, bytes: &mut usize, entry: P) {
    *bytes += entry.draft().entry.len();
    batch.push(entry);
}

impl<P: Pending, L: Ledger> Writer<P, L> {
    pub(super) fn run(mut self) {
        let _ends = EndsReadOnly(Arc::clone(&self.shared));
        let mut is_busy = false;
        for number in 1.. {
            let Some(first) = self.receiver.blocking_recv() else { return };
            let (mut batch, mut bytes) = (Vec::with_capacity(USUAL_BATCH_ENTRIES), 0);
            add(&mut batch, &mut bytes, first);
            self.gather(&mut batch, &mut bytes);
            if is_busy {
                self.wait_for_company(&mut batch, &mut bytes);
            }
            is_busy = batch.len() >= BUSY_ENTRIES;
            let fate = self.commit(number, &mut batch);
            let is_put_off = matches!(fate, Fate::PutOff);
            if let Err(unsettled) = self.written.blocking_send(Written { number, entries: batch, fate }) {
                // Nobody settles any more, so nobody must be told that this has happened.
                unsettled.0.entries.into_iter().for_each(Pending::fail);
                return;
            }
            if is_put_off {
                self.wait_until_back();
            }
        }
    }

    /// Takes what is there.
    fn gather(&mut self, batch: &mut Vec<P>, bytes: &mut usize) {
        while batch.len() < MAX_BATCH_ENTRIES && *bytes < MAX_BATCH_BYTES {
            let Ok(next) = self.receiver.try_recv() else { return };
            add(batch, bytes, next);
        }
    }

    /// Where many call at once, a flush for a few of them takes the processor away from those who are still being judged,
    /// and they have to wait for the next one anyway. So the processor is left to them, for as long as that brings more.
    /// Who calls alone never waits here.
    fn wait_for_company(&mut self, batch: &mut Vec<P>, bytes: &mut usize) {
        for _ in 0..MAX_COMPANY_TURNS {
            let before = batch.len();
            if before >= COMPANY_ENTRIES {
                return;
            }
            thread::yield_now();
            self.gather(batch, bytes);
            if batch.len() == before {
                return;
            }
        }
    }

    fn commit(&mut self, number: BatchNumber, batch: &mut [P]) -> Fate {
        if self.shared.read_only.load(Ordering::Acquire) {
            return Fate::Lost;
        }
        let drafts: Vec<Draft<'_>> = batch.iter().map(Pending::draft).collect();
        match self.ledger.commit(number, &drafts) {
            Ok(verdicts) => self.judged(verdicts, batch.len()),
            Err(CommitFault::Final(fault)) => {
                self.shared.read_only.store(true, Ordering::Release);
                let source = std::error::Error::source(&fault).map(ToString::to_string);
                tracing::error!(%fault, source, entries = batch.len(), "the ledger failed: nothing can be changed until a restart");
                Fate::Lost
            }
            Err(CommitFault::NotWritten(fault)) => {
                self.pause(&fault, batch.len(), false);
                Fate::PutOff
            }
            Err(CommitFault::InDoubt(fault)) => {
                self.pause(&fault, batch.len(), true);
                batch.iter_mut().for_each(Pending::doubt);
                match self.wait_until_back() {
                    Some(verdicts) => self.judged(verdicts, batch.len()),
                    None => Fate::Lost,
                }
            }
        }
    }

    fn judged(&self, verdicts: Verdicts, entries: usize) -> Fate {
        let written = match &verdicts {
            Verdicts::AllWritten => entries,
            Verdicts::Each(each) => each.iter().filter(|verdict| **verdict == Verdict::Written).count(),
        };
        self.shared.batches.fetch_add(1, Ordering::Relaxed);
        self.shared.entries.fetch_add(written as u64, Ordering::Relaxed);
        Fate::Judged(verdicts)
    }
}
