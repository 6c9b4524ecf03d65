//! The threads that gather batches and have them made durable.
//!
//! A ledger has one way or two, and each way has a thread. They gather in turns: while a batch is being written, the next
//! one is gathered and may be written beside it. Entries that are under way at the same time do not depend on each other,
//! since each holds whatever it claims; only a batch that puts a configuration in force is written alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::mpsc::{Receiver, Sender};

use super::outage::Away;
use super::{EndsReadOnly, Fate, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_WAYS, Pending, Shared, Written};
use crate::ledger::{BatchNumber, CommitFault, Draft, Ledger, LedgerFault, Verdict, Verdicts};

/// Room for a batch of common size.
const USUAL_BATCH_ENTRIES: usize = 256;
/// After a batch of at least so many entries, the next one waits for company.
const BUSY_ENTRIES: usize = 8;
/// Such a batch leaves the processor to others until it has so many entries,
const COMPANY_ENTRIES: usize = 128;
/// or until that brings no more, or has been done so many times.
const MAX_COMPANY_TURNS: usize = 8;
/// While another batch is being written, one waits until it has so many entries, or until the other is written.
const SECOND_ENTRIES: usize = 64;
/// How long it waits at most before it looks whether that is so.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long the thread rests before it asks a ledger again that has failed for a while.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// What all threads of a ledger take their batches from.
pub(crate) struct Inbox<P> {
    receiver: Receiver<P>,
    is_busy: bool,
}

/// What is known of the batches under way.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    batches: AtomicUsize,
    /// For how many entries in the queue somebody waits; 0 where nobody does.
    wanted: AtomicUsize,
    waiting: Mutex<Option<Thread>>,
    /// Nobody hands anything over any more.
    pub(crate) is_closed: AtomicBool,
}

impl UnderWay {
    /// Says that so many entries are in the queue.
    pub(crate) fn has_come(&self, entries: usize) {
        let wanted = self.wanted.load(Ordering::SeqCst);
        if wanted != 0 && entries >= wanted {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(thread) = &*self.waiting.lock() {
            thread.unpark();
        }
    }

    /// Lets this thread be woken by whatever it waits for: so many entries in the queue, or that a batch has ended.
    fn want(&self, entries: usize) {
        *self.waiting.lock() = Some(thread::current());
        self.wanted.store(entries, Ordering::SeqCst);
    }
}

/// A batch under way. However that ends, it is under way no longer; where a bug ends it, nothing is taken any more before
/// its entries fail, so that nothing of what may be durable is given to others.
struct Begun<'a, P: Pending> {
    entries: Vec<P>,
    shared: &'a Shared,
}

impl<'a, P: Pending> Begun<'a, P> {
    fn new(entries: Vec<P>, shared: &'a Shared) -> Self {
        shared.under_way.batches.fetch_add(1, Ordering::SeqCst);
        Self { entries, shared }
    }
}

impl<P: Pending> Drop for Begun<'_, P> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.read_only.store(true, Ordering::Release);
        }
        self.entries.drain(..).for_each(Pending::fail);
        let under_way = &self.shared.under_way;
        let before = under_way.batches.fetch_sub(1, Ordering::SeqCst);
        debug_assert!(before > 0 || thread::panicking(), "a batch that ends was begun");
        if under_way.wanted.load(Ordering::SeqCst) != 0 {
            under_way.wake();
        }
    }
}

/// The turn of who writes a batch alone: nobody else gathers meanwhile. None for any other batch, and as soon as the ledger
/// fails: nothing of the batch is at work there any more unless all ways are paused, and those who come have to be put off.
type Turn<'a, P> = Option<MutexGuard<'a, Inbox<P>>>;

/// Who writes over one way.
pub(crate) struct Writer<P> {
    pub(crate) ledger: Box<dyn Ledger>,
    /// The number of the last batch of this way. Ways have numbers of their own, so each settles in order.
    pub(crate) last: BatchNumber,
    pub(crate) inbox: Arc<Mutex<Inbox<P>>>,
    pub(crate) written: Sender<Written<P>>,
    pub(crate) shared: Arc<Shared>,
    /// Nothing is taken any more when all ways have ended.
    pub(crate) _ends: Arc<EndsReadOnly>,
}

impl<P> Drop for Writer<P> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.read_only.store(true, Ordering::Release);
        }
    }
}

impl<P: Pending> Inbox<P> {
    pub(crate) const fn new(receiver: Receiver<P>) -> Self {
        Self { receiver, is_busy: false }
    }

    /// Puts off whoever is here. False where nobody comes any more.
    pub(crate) fn put_off(&mut self) -> bool {
        while let Ok(late) = self.receiver.try_recv() {
            late.put_off();
        }
        !self.receiver.is_closed()
    }

    /// Takes what comes until it is a batch; none where nothing comes any more.
    fn gather(&mut self, shared: &Shared) -> Option<Vec<P>> {
        let first = self.receiver.blocking_recv()?;
        let mut batch = Batch { entries: Vec::with_capacity(USUAL_BATCH_ENTRIES), bytes: 0 };
        batch.add(first);
        batch.fill(&mut self.receiver);
        self.wait_for_another(&mut batch, shared);
        if self.is_busy {
            self.wait_for_company(&mut batch);
        }
        self.is_busy = batch.entries.len() >= BUSY_ENTRIES;
        Some(batch.entries)
    }

    /// Where many call at once, a flush for a few of them takes the processor away from those who are still being judged,
    /// and they have to wait for the next one anyway. So the processor is left to them, for as long as that brings more.
    /// Who calls alone never waits here.
    fn wait_for_company(&mut self, batch: &mut Batch<P>) {
        for _ in 0..MAX_COMPANY_TURNS {
            let before = batch.entries.len();
            if before >= COMPANY_ENTRIES {
                return;
            }
            thread::yield_now();
            batch.fill(&mut self.receiver);
            if batch.entries.len() == before {
                return;
            }
        }
    }

    /// A second batch is worth its round trip where it is of some size.
    fn wait_for_another(&mut self, batch: &mut Batch<P>, shared: &Shared) {
        while batch.entries.len() < SECOND_ENTRIES && batch.bytes < MAX_BATCH_BYTES && shared.has_to_wait() {
            let missing = SECOND_ENTRIES - batch.entries.len();
            shared.under_way.want(missing);
            if self.receiver.len() < missing && shared.has_to_wait() {
                thread::park_timeout(LOOK_AGAIN);
            }
            batch.fill(&mut self.receiver);
        }
        shared.under_way.want(0);
    }
}

impl Shared {
    /// Whether another batch is being written. Where nothing is written for a while, or any more, nobody waits for that.
    fn has_to_wait(&self) -> bool {
        self.under_way.batches.load(Ordering::SeqCst) > 0 && !self.writes_nothing()
    }

    /// Waits until no other batch is being written.
    fn wait_for_others(&self) {
        self.under_way.want(usize::MAX);
        while self.has_to_wait() {
            thread::park_timeout(LOOK_AGAIN);
        }
        self.under_way.want(0);
    }
}

struct Batch<P> {
    entries: Vec<P>,
    bytes: usize,
}

impl<P: Pending> Batch<P> {
    fn add(&mut self, entry: P) {
        assert!(self.entries.len() < MAX_BATCH_ENTRIES, "a batch has a bound");
        self.bytes += entry.draft().entry.len();
        self.entries.push(entry);
    }

    /// Takes what is there.
    fn fill(&mut self, receiver: &mut Receiver<P>) {
        while self.entries.len() < MAX_BATCH_ENTRIES && self.bytes < MAX_BATCH_BYTES {
            let Ok(next) = receiver.try_recv() else { return };
            self.add(next);
        }
    }
}

impl<P: Pending> Writer<P> {
    pub(crate) fn run(mut self) {
        let (inbox, shared) = (Arc::clone(&self.inbox), Arc::clone(&self.shared));
        loop {
            let mut turn = inbox.lock();
            let Some(entries) = turn.gather(&shared) else {
                shared.under_way.is_closed.store(true, Ordering::Release);
                return;
            };
            let adopts = entries.iter().any(|entry| !entry.draft().capacities.is_empty());
            if adopts {
                shared.wait_for_others();
            }
            let begun = Begun::new(entries, &shared);
            if !self.write(begun, &mut adopts.then_some(turn)) {
                return;
            }
        }
    }

    /// Writes a batch, and hands it to who settles it. False where this way is of no use any more.
    fn write(&mut self, mut begun: Begun<'_, P>, turn: &mut Turn<'_, P>) -> bool {
        self.last += MAX_WAYS as BatchNumber;
        let (fate, away) = if self.shared.is_paused() {
            (Fate::PutOff, None)
        } else {
            self.commit(self.last, &mut begun.entries, turn)
        };
        let entries = std::mem::take(&mut begun.entries);
        let handed = self.written.blocking_send(Written { number: self.last, entries, fate });
        drop(begun);
        if let Err(unsettled) = handed {
            // Nobody settles any more, so nobody must be told that this has happened.
            unsettled.0.entries.into_iter().for_each(Pending::fail);
            return false;
        }
        // Where nothing is written over the other way either, this one still puts off whoever comes.
        away.is_none_or(|away| self.wait_until_back(away).is_some() || self.shared.writes_nothing())
    }

    /// What became of a batch, and what is away where it has to be waited for behind that.
    fn commit(&mut self, number: BatchNumber, batch: &mut [P], turn: &mut Turn<'_, P>) -> (Fate, Option<Away>) {
        if self.shared.read_only.load(Ordering::Acquire) {
            return (Fate::Lost, None);
        }
        let drafts: Vec<Draft<'_>> = batch.iter().map(Pending::draft).collect();
        match self.ledger.commit(number, &drafts) {
            Ok(verdicts) => (self.judged(verdicts, batch.len()), None),
            Err(CommitFault::Final(fault)) => {
                self.shared.read_only.store(true, Ordering::Release);
                let source = std::error::Error::source(&fault).map(ToString::to_string);
                tracing::error!(%fault, source, entries = batch.len(), "the ledger failed: nothing can be changed until a restart");
                (Fate::Lost, None)
            }
            Err(CommitFault::NotWritten(fault)) => {
                self.pause(Away::Ledger, &fault, batch.len(), turn);
                (Fate::PutOff, Some(Away::Ledger))
            }
            Err(CommitFault::WayClosed(fault)) => {
                self.pause(Away::ThisWay, &fault, batch.len(), turn);
                (Fate::PutOff, Some(Away::ThisWay))
            }
            Err(CommitFault::InDoubt(fault)) => {
                self.pause(Away::WithABatch, &fault, batch.len(), turn);
                batch.iter_mut().for_each(Pending::doubt);
                match self.wait_until_back(Away::WithABatch) {
                    Some(verdicts) => (self.judged(verdicts, batch.len()), None),
                    None => (Fate::Lost, None),
                }
            }
        }
    }

    /// Asks the ledger until it is back. Callers that come meanwhile are told to come again, unless there is another connection.
    /// Gives what became of the batch in doubt; `None` if nobody is left to be told.
    fn wait_until_back(&mut self, away: Away) -> Option<Verdicts> {
        loop {
            thread::sleep(ASK_AGAIN);
            // If another writer has its turn, it takes who comes, and tells them the same.
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

    /// Says that this connection writes nothing for a while. Callers gather meanwhile.
    fn pause(&self, away: Away, fault: &LedgerFault, entries: usize, turn: &mut Turn<'_, P>) {
        self.shared.outages.begin(away, fault, entries);
        *turn = None;
    }

    fn judged(&self, verdicts: Verdicts, entries: usize) -> Fate {
        let written = match &verdicts {
            Verdicts::AllWritten => entries,
            Verdicts::Each(each) => {
                assert_eq!(each.len(), entries, "a ledger gives each entry a verdict");
                each.iter().filter(|verdict| **verdict == Verdict::Written).count()
            }
        };
        self.shared.batches.fetch_add(1, Ordering::Relaxed);
        self.shared.entries.fetch_add(written as u64, Ordering::Relaxed);
        Fate::Judged(verdicts)
    }
}
