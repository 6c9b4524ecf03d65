//! Tests of a ledger with two ways, each with a gate: a batch is at work until the test says what becomes of it.

use std::collections::BTreeMap;
use std::sync::mpsc::{self as plain, Receiver, Sender};
use std::sync::{Arc, LazyLock, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::tests::{draft, settle_apart};
use super::*;
use crate::domain::appointment::Slot;
use crate::domain::name::{HallId, LaneId};
use crate::domain::wall::WallTime;
use crate::ledger::reading::Reader;
use crate::ledger::{CommitFault, Restored};

/// So many entries are a batch that does not wait until another is written.
const MANY: u8 = 64;
/// What takes longer does not come. Nothing is asserted about time below that.
const HANGS: Duration = Duration::from_mins(2);

/// What becomes of a batch at the gate.
enum Deed {
    Judge(Verdicts),
    Doubt,
    Refuse,
    Close,
    Panic,
}

/// A batch that has come to the gate of a way.
#[derive(Debug, PartialEq, Eq)]
struct AtWork {
    way: usize,
    number: BatchNumber,
    entries: Vec<u8>,
}

/// Which batches are at work, and whether they are to be alone.
type AtGates = Arc<Mutex<BTreeMap<BatchNumber, bool>>>;

/// One of two ways.
struct Way {
    index: usize,
    gate: Receiver<Deed>,
    recovered: Receiver<Verdicts>,
    at_work: Sender<AtWork>,
    at_gates: AtGates,
    second: Option<Box<Self>>,
    _is_there: Arc<()>,
}

fn away() -> LedgerFault {
    LedgerFault::Store { step: "write", source: "it is away".into() }
}

impl Ledger for Way {
    fn commit(&mut self, number: BatchNumber, batch: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        let adopts = batch.iter().any(|draft| !draft.capacities.is_empty());
        {
            let mut at_gates = self.at_gates.lock();
            at_gates.insert(number, adopts);
            assert!(at_gates.len() == 1 || at_gates.values().all(|adopts| !adopts), "it is not alone: {at_gates:?}");
        }
        let entries = batch.iter().map(|draft| draft.entry[0]).collect();
        let _ = self.at_work.send(AtWork { way: self.index, number, entries });
        // A test that has ended opens no gate.
        let deed = self.gate.recv().map_err(|_| CommitFault::Final(away()))?;
        if !matches!(deed, Deed::Doubt) {
            self.at_gates.lock().remove(&number);
        }
        match deed {
            Deed::Judge(verdicts) => Ok(verdicts),
            Deed::Doubt => Err(CommitFault::InDoubt(away())),
            Deed::Refuse => Err(CommitFault::NotWritten(away())),
            Deed::Close => Err(CommitFault::WayClosed(away())),
            Deed::Panic => panic!("a bug"),
        }
    }

    fn recover(&mut self) -> Result<Verdicts, LedgerFault> {
        let verdicts = self.recovered.try_recv().map_err(|_| away())?;
        let index = self.index;
        self.at_gates.lock().retain(|number, _| way_of(*number) != index);
        Ok(verdicts)
    }

    fn second_way(&mut self) -> Option<Box<dyn Ledger>> {
        self.second.take().map(|second| second as Box<dyn Ledger>)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        unreachable!("nothing is read in these tests")
    }

    fn load(&mut self, _: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        Ok(())
    }
}

/// Numbers are counted apart for each way.
const fn way_of(number: BatchNumber) -> usize {
    (number % 2) as usize
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Settled,
    Overruled,
    PutOff,
    Doubted,
    Failed,
}

struct Entry {
    bytes: [u8; 1],
    adopts: bool,
    told: Sender<(u8, Told)>,
}

impl Entry {
    fn tell(&self, told: Told) {
        let _ = self.told.send((self.bytes[0], told));
    }
}

impl Pending for Entry {
    fn draft(&self) -> Draft<'_> {
        static CAPACITIES: LazyLock<[(Slot, u32); 1]> = LazyLock::new(|| {
            let (hall, lane) = (HallId::intern("east").unwrap(), LaneId::intern("passport").unwrap());
            let (start, end) = (WallTime::hm(8, 30), WallTime::hm(9, 0));
            [(Slot { hall, date: chrono::NaiveDate::default(), lane, start, end }, 4)]
        });
        Draft { capacities: if self.adopts { &*CAPACITIES } else { &[] }, ..draft(&self.bytes) }
    }

    fn settle(self) {
        self.tell(Told::Settled);
    }

    fn overrule(self, _: Verdict) {
        self.tell(Told::Overruled);
    }

    fn put_off(self) {
        self.tell(Told::PutOff);
    }

    fn doubt(&mut self) {
        self.tell(Told::Doubted);
    }

    fn fail(self) {
        self.tell(Told::Failed);
    }
}

/// A queue before a ledger with two ways, and everything that happens there. However a test ends, its threads are ended and
/// waited for.
struct Gates {
    queue: Option<Queue<Entry>>,
    thread: Option<JoinHandle<()>>,
    settling: Option<JoinHandle<()>>,
    /// None once the gates are shut.
    deeds: Option<[Sender<Deed>; 2]>,
    recovered: [Sender<Verdicts>; 2],
    /// Of each way, for as long as a thread has it.
    is_there: [Weak<()>; 2],
    at_work: Receiver<AtWork>,
    telling: Sender<(u8, Told)>,
    told: Receiver<(u8, Told)>,
}

impl Gates {
    fn start() -> Self {
        let (working, at_work) = plain::channel();
        let at_gates = AtGates::default();
        let way = |index| {
            let ((gate, deeds), (recovered, recoveries)) = (plain::channel(), plain::channel());
            let (at_work, at_gates) = (working.clone(), Arc::clone(&at_gates));
            let lives = Arc::new(());
            let is_there = Arc::downgrade(&lives);
            let way =
                Way { index, gate: deeds, recovered: recoveries, at_work, at_gates, second: None, _is_there: lives };
            (gate, recovered, is_there, way)
        };
        let (gate, recovered, is_there, first) = way(0);
        let (second_gate, second_recovered, second_is_there, second) = way(1);
        let first = Way { second: Some(Box::new(second)), ..first };
        let (queue, settling, thread) = Queue::start(first).unwrap();
        let (queue, thread, settling) = (Some(queue), Some(thread), Some(settle_apart(settling)));
        let (telling, told) = plain::channel();
        let (deeds, recovered) = (Some([gate, second_gate]), [recovered, second_recovered]);
        let is_there = [is_there, second_is_there];
        Self { queue, thread, settling, deeds, recovered, is_there, at_work, telling, told }
    }

    fn entry(&self, number: u8, adopts: bool) -> Entry {
        Entry { bytes: [number], adopts, told: self.telling.clone() }
    }

    fn send(&self, numbers: impl IntoIterator<Item = u8>) {
        for number in numbers {
            self.queue().reserve().unwrap().hand_over(self.entry(number, false));
        }
    }

    /// The next batch that comes to a gate.
    fn at_work(&self) -> AtWork {
        self.at_work.recv_timeout(HANGS).expect("no batch comes")
    }

    /// What the next so many were told, in the order of their numbers.
    fn told(&self, count: usize) -> Vec<(u8, Told)> {
        let mut told: Vec<_> =
            (0..count).map(|_| self.told.recv_timeout(HANGS).expect("somebody hears nothing")).collect();
        told.sort_unstable();
        told
    }

    fn becomes(&self, batch: &AtWork, deed: Deed) {
        self.deeds.as_ref().unwrap()[batch.way].send(deed).unwrap();
    }

    /// A batch of one entry, 0, and beside it one of the others.
    fn two_at_work(&self) -> (AtWork, AtWork) {
        self.send([0]);
        let first = self.at_work();
        self.send(1..=MANY);
        let second = self.at_work();
        assert_eq!((&first.entries, &second.entries), (&vec![0], &(1..=MANY).collect()));
        assert_ne!(first.way, second.way);
        (first, second)
    }

    /// Waits until everybody has been taken out of the queue.
    fn until_taken(&self) {
        until(|| self.queue().depth() == 0);
    }

    fn until_taking(&self) {
        until(|| !self.queue().is_read_only());
    }

    fn queue(&self) -> &Queue<Entry> {
        self.queue.as_ref().unwrap()
    }

    /// Ends the ledger's thread, and waits for it.
    fn end(mut self) -> thread::Result<()> {
        self.shut();
        self.thread.take().unwrap().join()
    }

    /// Leaves the thread nothing to wait for: no calls, no gate, no outage that would pass.
    fn shut(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.end();
        }
        self.deeds = None;
    }
}

impl Drop for Gates {
    fn drop(&mut self) {
        self.shut();
        for thread in [self.thread.take(), self.settling.take()].into_iter().flatten() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "a thread of the test panicked");
        }
    }
}

fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < HANGS, "in vain");
        thread::yield_now();
    }
}

/// Everybody with one of some numbers is told the same.
fn all(numbers: impl IntoIterator<Item = u8>, told: Told) -> Vec<(u8, Told)> {
    numbers.into_iter().map(|number| (number, told)).collect()
}

fn is_settled(gates: &Gates, batch: &AtWork) -> bool {
    gates.queue().shared.settled_number(batch.number).load(Ordering::Acquire) >= batch.number
}

fn wait_until_settled(gates: &Gates, batch: &AtWork) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let settled = gates.queue().settled();
    let waiting = async { tokio::time::timeout(HANGS, settled.wait_for(batch.number)).await };
    assert_eq!(runtime.block_on(waiting), Ok(true), "{batch:?}");
}

#[test]
fn the_second_batch_may_be_written_and_settled_first() {
    let gates = Gates::start();
    let (first, second) = gates.two_at_work();
    gates.becomes(&second, Deed::Judge(Verdicts::AllWritten));
    assert_eq!(gates.told(64), all(1..=MANY, Told::Settled));
    wait_until_settled(&gates, &second);
    assert!(!is_settled(&gates, &first), "it is still at work");
    gates.becomes(&first, Deed::Judge(Verdicts::AllWritten));
    assert_eq!(gates.told(1), [(0, Told::Settled)]);
    wait_until_settled(&gates, &first);
    gates.end().unwrap();
}

#[test]
fn a_batch_in_doubt_leaves_the_verdicts_of_the_other_to_whom_they_are_of() {
    for (fate, told) in [(Verdicts::AllWritten, Told::Settled), (Verdicts::Each(vec![Verdict::GivenUp]), Told::PutOff)]
    {
        let gates = Gates::start();
        let (first, second) = gates.two_at_work();
        let (late, later) = (gates.queue().reserve().unwrap(), gates.queue().reserve().unwrap());
        gates.becomes(&first, Deed::Doubt);
        assert_eq!(gates.told(1), [(0, Told::Doubted)]);
        assert!(matches!(gates.queue().reserve().err(), Some(Busy::ReadOnly)));
        late.hand_over(gates.entry(100, false));
        assert_eq!(gates.told(1), [(100, Told::PutOff)], "while the second is still at work");

        let verdicts = (1..=MANY).map(|number| if number == 7 { Verdict::SlotFull } else { Verdict::Written });
        gates.becomes(&second, Deed::Judge(Verdicts::Each(verdicts.collect())));
        let mut expected = all(1..=MANY, Told::Settled);
        expected[6] = (7, Told::Overruled);
        assert_eq!(gates.told(64), expected);
        wait_until_settled(&gates, &second);
        later.hand_over(gates.entry(101, false));
        assert_eq!(gates.told(1), [(101, Told::PutOff)]);

        gates.recovered[first.way].send(fate).unwrap();
        assert_eq!(gates.told(1), [(0, told)]);
        wait_until_settled(&gates, &first);
        gates.send([102]);
        let next = gates.at_work();
        gates.becomes(&next, Deed::Judge(Verdicts::AllWritten));
        assert_eq!(gates.told(1), [(102, Told::Settled)]);
        gates.end().unwrap();
    }
}

/// A batch with an adoption at its gate, and so many entries behind it in the queue.
fn adoption_at_work(gates: &Gates) -> AtWork {
    gates.send([0]);
    let first = gates.at_work();
    // Without the adoption it would be worth a round trip of its own.
    let places: Vec<_> = (1..=MANY).map(|_| gates.queue().reserve().unwrap()).collect();
    for (number, place) in (1..=MANY).zip(places) {
        place.hand_over(gates.entry(number, number == 3));
    }
    gates.until_taken();
    assert!(gates.at_work.try_recv().is_err(), "it waits until the first is written");
    gates.becomes(&first, Deed::Judge(Verdicts::AllWritten));
    assert_eq!(gates.told(1), [(0, Told::Settled)]);
    let adoption = gates.at_work();
    assert_eq!(adoption.entries, (1..=MANY).collect::<Vec<_>>());
    gates.send(101..=100 + MANY);
    adoption
}

#[test]
fn a_batch_with_an_adoption_is_written_alone() {
    let gates = Gates::start();
    let adoption = adoption_at_work(&gates);
    assert_eq!(gates.queue().depth(), 64, "nobody gathers");
    gates.becomes(&adoption, Deed::Judge(Verdicts::AllWritten));
    assert_eq!(gates.told(64), all(1..=MANY, Told::Settled));
    let next = gates.at_work();
    gates.becomes(&next, Deed::Judge(Verdicts::AllWritten));
    assert_eq!(gates.told(64), all(101..=100 + MANY, Told::Settled));
    gates.end().unwrap();
}

#[test]
fn whoever_is_queued_behind_an_adoption_in_an_outage_is_put_off() {
    for (deed, told, behind) in [(Deed::Doubt, Told::Doubted, Some(Told::Settled)), (Deed::Refuse, Told::PutOff, None)]
    {
        let gates = Gates::start();
        let adoption = adoption_at_work(&gates);
        gates.becomes(&adoption, deed);
        let mut expected = all(1..=MANY, told);
        expected.extend(all(101..=100 + MANY, Told::PutOff));
        assert_eq!(gates.told(128), expected, "before the ledger is back");
        assert!(gates.queue().is_read_only());
        gates.recovered[adoption.way].send(Verdicts::AllWritten).unwrap();
        if let Some(behind) = behind {
            assert_eq!(gates.told(64), all(1..=MANY, behind));
        }
        gates.until_taking();
        gates.end().unwrap();
    }
}

#[test]
fn a_bug_that_ends_one_way_fails_what_waits_for_it() {
    for adopts in [false, true] {
        let gates = Gates::start();
        gates.send([0]);
        let first = gates.at_work();
        gates.queue().reserve().unwrap().hand_over(gates.entry(1, adopts));
        gates.until_taken();
        gates.becomes(&first, Deed::Panic);
        assert_eq!(gates.told(2), all([0, 1], Told::Failed));
        assert!(matches!(gates.queue().reserve().err(), Some(Busy::ReadOnly)));
        gates.end().expect_err("who joins the ledger hears of the bug");
    }
}

#[test]
fn where_one_way_is_closed_all_goes_the_other_way() {
    let gates = Gates::start();
    gates.send([0]);
    let closed = gates.at_work();
    gates.becomes(&closed, Deed::Close);
    assert_eq!(gates.told(1), [(0, Told::PutOff)]);
    for number in 1..=3 {
        gates.send([number]);
        let open = gates.at_work();
        assert_ne!(open.way, closed.way);
        gates.becomes(&open, Deed::Judge(Verdicts::AllWritten));
        assert_eq!(gates.told(1), [(number, Told::Settled)]);
    }

    gates.send([4]);
    let last = gates.at_work();
    gates.becomes(&last, Deed::Close);
    assert_eq!(gates.told(1), [(4, Told::PutOff)]);
    assert!(matches!(gates.queue().reserve().err(), Some(Busy::ReadOnly)), "no way is left");
    gates.recovered[closed.way].send(Verdicts::AllWritten).unwrap();
    gates.until_taking();
    gates.send([5]);
    let again = gates.at_work();
    assert_eq!(again.way, closed.way);
    gates.becomes(&again, Deed::Judge(Verdicts::AllWritten));
    assert_eq!(gates.told(1), [(5, Told::Settled)]);
    gates.end().unwrap();
}

#[test]
fn a_way_that_is_closed_at_the_end_leaves_the_rest_to_the_other() {
    let gates = Gates::start();
    gates.send([0]);
    let closed = gates.at_work();
    gates.becomes(&closed, Deed::Close);
    assert_eq!(gates.told(1), [(0, Told::PutOff)]);
    gates.queue().end();
    until(|| gates.is_there[closed.way].strong_count() == 0);
    for number in 1..=3 {
        gates.send([number]);
        let open = gates.at_work();
        assert_ne!(open.way, closed.way);
        gates.becomes(&open, Deed::Judge(Verdicts::AllWritten));
        assert_eq!(gates.told(1), [(number, Told::Settled)]);
    }
    gates.end().unwrap();
}
