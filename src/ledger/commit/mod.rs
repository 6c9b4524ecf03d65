//! Group commit: one flush a batch, and one batch at a time over each way to the ledger.
//!
//! A caller reserves a place in the queue first, so that nothing which it does afterwards can fail for want of room; then
//! it hands its entry over and never waits. A thread takes whatever is there, up to a bound, makes it durable with one
//! call of the ledger, and settles each entry in order.
//!
//! A ledger that fails for good makes the queue read-only until the process starts again. One that fails for a while is
//! asked until it is back; meanwhile nothing is taken. Whoever waits for a batch of which nobody knows what became of it
//! is told so at once, and what hangs on its entries stays as it is until it is known. Where only one of two ways is
//! closed, all goes the other way.

mod outage;
#[cfg(test)]
mod two_ways;
mod writer;

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, Permit, Receiver, Sender, error::TrySendError};

use super::{BatchNumber, Draft, Ledger, LedgerFault, Verdict, Verdicts};
use outage::Outages;
use writer::{Inbox, UnderWay, Writer};

/// How many entries may wait for the ledger; one more is refused.
pub const MAX_QUEUED_ENTRIES: usize = 16_384;
/// How many entries one batch may have.
pub const MAX_BATCH_ENTRIES: usize = 1_024;
/// How many batches may wait to be settled before the next one is written.
const MAX_UNSETTLED_BATCHES: usize = 4;
/// How many batches may be written at a time.
const MAX_WAYS: usize = 2;
/// After how many bytes of entries a batch takes no more, in bytes.
pub const MAX_BATCH_BYTES: usize = 4 << 20;
/// How long somebody who waits for a batch sleeps at most before looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// An entry under way, with everything that hangs on it.
pub trait Pending: Send + 'static {
    /// What is to be written.
    fn draft(&self) -> Draft<'_>;
    /// The entry is durable: its claims become facts, and whoever waits is answered.
    fn settle(self);
    /// The ledger has refused the entry: its claims are given back, and whoever waits is told why.
    fn overrule(self, verdict: Verdict);
    /// The entry has not been written, and nothing can be for a while: its claims are given back.
    fn put_off(self);
    /// What became of the entry is not known yet: whoever waits is told that nothing can be written for a while.
    fn doubt(&mut self);
    /// The entry may or may not be durable, and nothing will be from now on.
    fn fail(self);
}

/// Why an entry cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// [`MAX_QUEUED_ENTRIES`] are waiting.
    Full,
    /// The ledger has failed.
    ReadOnly,
}

/// Why nothing can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnlyReason {
    /// The ledger has failed for good: nothing is written any more until the next start.
    LedgerFailed,
    /// The ledger takes nothing for a while, and is asked until it is back.
    LedgerAway,
    /// The disk has too little free space. This ends as soon as there is more.
    NoSpace,
    /// The server was started to read only.
    StartedReadOnly,
}

impl ReadOnlyReason {
    /// A word for it, for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LedgerFailed => "ledger_failed",
            Self::LedgerAway => "ledger_away",
            Self::NoSpace => "no_space",
            Self::StartedReadOnly => "started_read_only",
        }
    }

    const fn number(reason: Option<Self>) -> u8 {
        match reason {
            Some(Self::LedgerFailed) => 1,
            Some(Self::LedgerAway) => 2,
            Some(Self::NoSpace) => 3,
            Some(Self::StartedReadOnly) => 4,
            None => 0,
        }
    }

    const fn of_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::LedgerFailed),
            2 => Some(Self::LedgerAway),
            3 => Some(Self::NoSpace),
            4 => Some(Self::StartedReadOnly),
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
struct Shared {
    /// Nothing is written any more until the next start.
    read_only: AtomicBool,
    /// Why nothing is taken although the ledger could write, as [`ReadOnlyReason::number`].
    barred: AtomicU8,
    outages: Outages,
    /// The process is ending.
    ending: AtomicBool,
    batches: AtomicU64,
    entries: AtomicU64,
    settled: Notify,
    /// The number of the last batch of each way that has been settled.
    settled_numbers: [AtomicU64; MAX_WAYS],
    under_way: UnderWay,
}

impl Shared {
    /// Whether nothing is written for a while.
    fn is_paused(&self) -> bool {
        self.outages.leave_no_way()
    }

    /// Whether nothing is written for a while, or any more.
    fn writes_nothing(&self) -> bool {
        self.read_only.load(Ordering::Acquire) || self.is_paused()
    }

    /// Where the last settled number is of the way that this number is of.
    fn settled_number(&self, number: BatchNumber) -> &AtomicU64 {
        &self.settled_numbers[usize::from(!number.is_multiple_of(MAX_WAYS as BatchNumber))]
    }
}

/// The way to the ledger. Clones lead to the same one; the thread ends when the last clone is gone.
#[derive(Debug)]
pub struct Queue<P> {
    sender: Sender<P>,
    shared: Arc<Shared>,
}

impl<P> Clone for Queue<P> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<P> Queue<P> {
    /// How many entries are waiting now.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.sender.max_capacity() - self.sender.capacity()
    }
}

/// A reserved place in the queue. Handing over cannot fail and does not wait.
#[derive(Debug)]
pub struct Place<'a, P> {
    permit: Permit<'a, P>,
    queue: &'a Queue<P>,
}

impl<P> Place<'_, P> {
    /// Hands the entry over.
    pub fn hand_over(self, pending: P) {
        self.permit.send(pending);
        self.queue.shared.under_way.has_come(self.queue.depth());
    }
}

/// Which batches have been settled, for somebody who keeps nothing going.
#[derive(Debug, Clone)]
pub struct Settled(Arc<Shared>);

impl Settled {
    /// Waits until the batch with this number has been settled. False where the ledger has failed for good before.
    pub async fn wait_for(&self, number: BatchNumber) -> bool {
        loop {
            let settled = self.0.settled.notified();
            if self.0.settled_number(number).load(Ordering::Acquire) >= number {
                return true;
            }
            if self.0.read_only.load(Ordering::Acquire) {
                return false;
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, settled).await;
        }
    }
}

impl<P: Pending> Queue<P> {
    /// Starts the threads that own the ledger, and gives what settles its batches, which somebody must run, and the thread
    /// that ends last.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn start(mut ledger: impl Ledger) -> Result<(Self, Settling<P>, JoinHandle<()>), LedgerFault> {
        let (sender, receiver) = mpsc::channel(MAX_QUEUED_ENTRIES);
        let (written, unsettled) = mpsc::channel(MAX_UNSETTLED_BATCHES);
        let second = ledger.second_way();
        let outages = Outages::of_ways(1 + usize::from(second.is_some()));
        let shared = Arc::new(Shared { outages, ..Shared::default() });
        let (inbox, ends) = (Arc::new(Mutex::new(Inbox::new(receiver))), Arc::new(EndsReadOnly(Arc::clone(&shared))));
        let writer = |ledger, last| {
            let (inbox, written, shared) = (Arc::clone(&inbox), written.clone(), Arc::clone(&shared));
            Writer { ledger, last, inbox, written, shared, _ends: Arc::clone(&ends) }
        };
        let second = second.map(|ledger| writer(ledger, 1)).map(|writer| spawn(move || writer.run())).transpose()?;
        let writer = writer(Box::new(ledger), 0);
        let settling = Settling { unsettled, ends: EndsReadOnly(Arc::clone(&shared)) };
        let thread = spawn(move || {
            let first = panic::catch_unwind(AssertUnwindSafe(|| writer.run()));
            let second = second.map_or(Ok(()), JoinHandle::join);
            // Nothing is taken any more where a bug ended one of them; who joins this thread hears of it.
            first.and(second).unwrap_or_else(|bug| panic::resume_unwind(bug));
        })?;
        Ok((Self { sender, shared }, settling, thread))
    }

    /// Reserves a place.
    ///
    /// # Errors
    /// [`Busy`]; nothing has happened then.
    pub fn reserve(&self) -> Result<Place<'_, P>, Busy> {
        if self.is_read_only() {
            return Err(Busy::ReadOnly);
        }
        self.sender.try_reserve().map(|permit| Place { permit, queue: self }).map_err(|error| match error {
            TrySendError::Full(()) => Busy::Full,
            TrySendError::Closed(()) => Busy::ReadOnly,
        })
    }

    /// Whether nothing is taken, for good or for a while.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only_reason().is_some()
    }

    /// Why nothing is taken; `None` if something is.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<ReadOnlyReason> {
        if self.shared.read_only.load(Ordering::Acquire) || self.sender.is_closed() {
            Some(ReadOnlyReason::LedgerFailed)
        } else if let Some(reason) = ReadOnlyReason::of_number(self.shared.barred.load(Ordering::Acquire)) {
            Some(reason)
        } else {
            self.shared.is_paused().then_some(ReadOnlyReason::LedgerAway)
        }
    }

    /// Takes nothing any more for this reason; `None` ends that. What is in the queue is still written.
    pub fn bar(&self, reason: Option<ReadOnlyReason>) {
        self.shared.barred.store(ReadOnlyReason::number(reason), Ordering::Release);
    }

    /// Takes nothing any more for good, since what is in memory can no longer be relied on.
    pub fn fail(&self) {
        self.shared.read_only.store(true, Ordering::Release);
    }

    /// Says that the process is ending. What is queued is still written; a ledger that is away is not waited for any more,
    /// since what waits for it keeps the queue open.
    pub fn end(&self) {
        self.shared.ending.store(true, Ordering::Release);
    }

    /// How many batches and entries have been made durable since the start.
    #[must_use]
    pub fn committed(&self) -> (u64, u64) {
        (self.shared.batches.load(Ordering::Relaxed), self.shared.entries.load(Ordering::Relaxed))
    }

    /// Wakes at the end of the next batch, whatever became of it.
    pub fn next_batch(&self) -> tokio::sync::futures::Notified<'_> {
        self.shared.settled.notified()
    }

    /// Which batches have been settled.
    #[must_use]
    pub fn settled(&self) -> Settled {
        Settled(Arc::clone(&self.shared))
    }
}

fn spawn(run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, LedgerFault> {
    let thread = thread::Builder::new().name("ledger".into()).spawn(run);
    thread.map_err(|source| LedgerFault::Store { step: "start its thread", source: source.into() })
}

/// What became of a batch.
#[derive(Debug)]
enum Fate {
    Judged(Verdicts),
    /// Nothing of it has been written.
    PutOff,
    /// Nobody will know before the next start.
    Lost,
}

/// A batch of which it is known what became of it.
#[derive(Debug)]
struct Written<P> {
    number: BatchNumber,
    entries: Vec<P>,
    fate: Fate,
}

/// Settles batches in their order.
///
/// It runs where those who wait are woken: one word from the ledger's thread a batch, instead of one an entry, and the
/// next flush is under way meanwhile.
#[derive(Debug)]
pub struct Settling<P: Pending> {
    unsettled: Receiver<Written<P>>,
    ends: EndsReadOnly,
}

/// The rest of a batch that is being settled. Where a bug ends the settling, nothing of what is durable may be given back
/// to others while the thread still writes: first nothing is taken any more, then the rest fails.
struct Rest<'a, P: Pending> {
    entries: std::vec::IntoIter<P>,
    shared: &'a Shared,
}

impl<P: Pending> Drop for Rest<'_, P> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.read_only.store(true, Ordering::Release);
        }
        self.entries.by_ref().for_each(Pending::fail);
    }
}

impl<P: Pending> Drop for Settling<P> {
    fn drop(&mut self) {
        self.ends.0.read_only.store(true, Ordering::Release);
        while let Ok(Written { entries, .. }) = self.unsettled.try_recv() {
            entries.into_iter().for_each(Pending::fail);
        }
    }
}

fn follow_verdict<P: Pending>(entry: P, verdict: Verdict) {
    match verdict {
        Verdict::Written => entry.settle(),
        Verdict::GivenUp => entry.put_off(),
        refused => entry.overrule(refused),
    }
}

impl<P: Pending> Settling<P> {
    /// Settles until the ledger's thread has ended.
    ///
    /// # Panics
    /// If a ledger gave a batch fewer or more verdicts than it has entries; nothing is written any more then.
    pub async fn run(mut self) {
        while let Some(Written { number, entries, fate }) = self.unsettled.recv().await {
            let mut rest = Rest { entries: entries.into_iter(), shared: &self.ends.0 };
            match fate {
                Fate::Judged(Verdicts::AllWritten) => rest.entries.by_ref().for_each(P::settle),
                Fate::Judged(Verdicts::Each(verdicts)) => {
                    // One entry more would be dropped, and its claims given to others although it may be durable.
                    assert_eq!(verdicts.len(), rest.entries.len(), "each entry of a batch has a verdict");
                    rest.entries.by_ref().zip(verdicts).for_each(|(entry, verdict)| follow_verdict(entry, verdict));
                }
                Fate::PutOff => rest.entries.by_ref().for_each(P::put_off),
                Fate::Lost => rest.entries.by_ref().for_each(P::fail),
            }
            drop(rest);
            self.ends.0.settled_number(number).store(number, Ordering::Release);
            self.ends.0.settled.notify_waiters();
        }
    }
}

/// Says that the ledger is read-only when the thread or the settling ends, also where a bug ends it.
#[derive(Debug)]
struct EndsReadOnly(Arc<Shared>);

impl Drop for EndsReadOnly {
    fn drop(&mut self) {
        self.0.read_only.store(true, Ordering::Release);
        self.0.settled.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as plain;

    use super::*;
    use crate::domain::snapshot::Snapshot;
    use crate::ledger::reading::Reader;
    use crate::ledger::{CommitFault, Restored};

    pub(super) fn draft(entry: &[u8]) -> Draft<'_> {
        static SNAPSHOT: std::sync::LazyLock<Snapshot> = std::sync::LazyLock::new(Snapshot::default);
        Draft { entry, snapshot: &SNAPSHOT, made_before: 0, capacities: &[] }
    }

    /// Commits until it is told to fail, and waits for permission before each batch.
    struct Gated {
        gate: plain::Receiver<bool>,
        batches: plain::Sender<Vec<Vec<u8>>>,
    }

    impl Ledger for Gated {
        fn commit(&mut self, _: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
            // A test that has ended permits nothing more.
            if !self.gate.recv().unwrap_or(false) {
                return Err(LedgerFault::Store { step: "flush", source: "the disk is full".into() }.into());
            }
            let _ = self.batches.send(batch.iter().map(|draft| draft.entry.to_vec()).collect());
            Ok(Verdicts::AllWritten)
        }

        fn reader(&self) -> Arc<dyn Reader> {
            unreachable!("nothing is read in these tests")
        }

        fn load(&mut self, _: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
            Ok(())
        }
    }

    /// A queue before such a ledger. However a test ends, its threads are ended and waited for.
    struct Started<P: Pending> {
        queue: Option<Queue<P>>,
        open: Option<plain::Sender<bool>>,
        committed: plain::Receiver<Vec<Vec<u8>>>,
        threads: Vec<JoinHandle<()>>,
    }

    impl<P: Pending> Started<P> {
        /// Whose batches nobody settles yet.
        fn unsettled() -> (Self, Settling<P>) {
            let (open, gate) = plain::channel();
            let (batches, committed) = plain::channel();
            let (queue, settling, thread) = Queue::start(Gated { gate, batches }).unwrap();
            (Self { queue: Some(queue), open: Some(open), committed, threads: vec![thread] }, settling)
        }

        fn new() -> Self {
            let (mut started, settling) = Self::unsettled();
            started.threads.push(settle_apart(settling));
            started
        }

        fn queue(&self) -> &Queue<P> {
            self.queue.as_ref().unwrap()
        }

        /// Permits a batch, or lets it fail. A thread that has ended asks no more.
        fn permit(&self, is_permitted: bool) {
            let _ = self.open.as_ref().unwrap().send(is_permitted);
        }
    }

    impl<P: Pending> Drop for Started<P> {
        fn drop(&mut self) {
            (self.queue, self.open) = (None, None);
            for thread in self.threads.drain(..) {
                let ended = thread.join();
                assert!(ended.is_ok() || thread::panicking(), "a thread of the test panicked");
            }
        }
    }

    /// Says whether it was settled to whoever still listens.
    struct Numbered(Vec<u8>, plain::Sender<(u8, bool)>);

    impl Pending for Numbered {
        fn draft(&self) -> Draft<'_> {
            draft(&self.0)
        }

        fn settle(self) {
            let _ = self.1.send((self.0[0], true));
        }

        fn overrule(self, verdict: Verdict) {
            panic!("{verdict:?} of a ledger that refuses nothing");
        }

        fn put_off(self) {
            panic!("put off by a ledger that fails for good");
        }

        fn doubt(&mut self) {
            panic!("in doubt in a ledger that fails for good");
        }

        fn fail(self) {
            let _ = self.1.send((self.0[0], false));
        }
    }

    /// Settles on a thread of its own, as these tests have no runtime.
    pub(super) fn settle_apart<P: Pending>(settling: Settling<P>) -> JoinHandle<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        thread::spawn(move || runtime.block_on(settling.run()))
    }

    /// Panics where it is settled, as a bug would.
    enum Fragile {
        Whole(Numbered),
        Broken(Numbered),
    }

    impl Pending for Fragile {
        fn draft(&self) -> Draft<'_> {
            let (Self::Whole(numbered) | Self::Broken(numbered)) = self;
            numbered.draft()
        }

        fn settle(self) {
            match self {
                Self::Whole(numbered) => numbered.settle(),
                Self::Broken(_) => panic!("a bug"),
            }
        }

        fn overrule(self, _: Verdict) {
            unreachable!("everything is durable here");
        }

        fn put_off(self) {
            unreachable!("everything is durable here");
        }

        fn doubt(&mut self) {
            unreachable!("everything is durable here");
        }

        fn fail(self) {
            let (Self::Whole(numbered) | Self::Broken(numbered)) = self;
            numbered.fail();
        }
    }

    #[test]
    fn where_a_bug_ends_the_settling_the_rest_fails_and_nothing_is_taken() {
        let (started, settling) = Started::<Fragile>::unsettled();
        let (outcome, outcomes) = plain::channel();
        let numbered = |number: u8| Numbered(vec![number], outcome.clone());
        let batch = vec![Fragile::Whole(numbered(1)), Fragile::Broken(numbered(2)), Fragile::Whole(numbered(3))];
        let shared = Arc::clone(&started.queue().shared);
        let (written, unsettled) = mpsc::channel(2);
        drop(settling);
        for entries in [batch, vec![Fragile::Whole(numbered(4))]] {
            let fate = Fate::Judged(Verdicts::AllWritten);
            written.blocking_send(Written { number: 1, entries, fate }).ok().unwrap();
        }
        shared.read_only.store(false, Ordering::Release);
        let settling = Settling { unsettled, ends: EndsReadOnly(Arc::clone(&shared)) };
        settle_apart(settling).join().unwrap_err();
        let told: Vec<_> = outcomes.try_iter().collect();
        assert_eq!(told, [(1, true), (3, false), (4, false)], "what is durable and untold is given to nobody");
        assert!(matches!(started.queue().reserve().err(), Some(Busy::ReadOnly)));
    }

    #[test]
    fn where_nobody_settles_any_more_nothing_is_taken() {
        let (mut started, settling) = Started::unsettled();
        let (outcome, outcomes) = plain::channel();
        started.queue().reserve().unwrap().hand_over(Numbered(vec![1], outcome));
        drop(settling);
        started.permit(true);
        assert_eq!(outcomes.recv().unwrap(), (1, false), "nobody is told that it happened");
        started.threads.pop().unwrap().join().unwrap();
        assert!(matches!(started.queue().reserve().err(), Some(Busy::ReadOnly)));
    }

    #[test]
    fn entries_are_settled_in_order_after_one_commit_and_a_fault_ends_all_writing() {
        let started = Started::new();
        let (outcome, outcomes) = plain::channel();
        let send = |number: u8| started.queue().reserve().unwrap().hand_over(Numbered(vec![number], outcome.clone()));

        send(1);
        started.permit(true);
        assert_eq!(outcomes.recv().unwrap(), (1, true));
        send(2); // The thread may take this one alone, and waits at the gate with it.
        (3..=9).for_each(send);
        assert!(outcomes.try_recv().is_err(), "nothing is settled before it is durable");
        started.permit(true);
        started.permit(true);
        let settled: Vec<_> = (2..=9).map(|_| outcomes.recv().unwrap()).collect();
        assert_eq!(settled, (2..=9).map(|number| (number, true)).collect::<Vec<_>>());

        // Where one batch was enough, the second permission is still there for the next.
        let batches: Vec<_> = started.committed.try_iter().flatten().flatten().collect();
        assert_eq!(batches, (1..=9).collect::<Vec<u8>>());
        send(10);
        started.permit(false);
        started.permit(false);
        let mut last = outcomes.recv().unwrap();
        if last == (10, true) {
            send(11);
            last = outcomes.recv().unwrap();
        }
        assert!(!last.1);
        assert!(matches!(started.queue().reserve().err(), Some(Busy::ReadOnly)));
    }

    #[test]
    fn a_full_queue_refuses_before_anything_happens() {
        let started = Started::new();
        let (outcome, outcomes) = plain::channel();
        let mut taken = 0;
        while let Ok(place) = started.queue().reserve() {
            place.hand_over(Numbered(vec![1], outcome.clone()));
            taken += 1;
        }
        assert!(matches!(started.queue().reserve().err(), Some(Busy::Full)));
        assert!((MAX_QUEUED_ENTRIES..=MAX_QUEUED_ENTRIES + MAX_BATCH_ENTRIES).contains(&taken), "{taken}");
        // Whoever was taken is told what became of it.
        drop((started, outcome));
        assert_eq!(outcomes.iter().count(), taken);
    }
}
