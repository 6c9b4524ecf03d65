//! What the tests share: people and places that do not exist, engines that start, stop and start again.

pub mod entries;
pub mod ledgers;
pub mod people;
pub mod plan;
pub mod postgres;
pub mod shared;

use std::collections::HashMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use hallpass::clock::Clock;
use hallpass::domain::appointment::{Appointment, AppointmentId, PersonKey, Slot};
use hallpass::domain::wall::WallTime;
use hallpass::engine::{Answer, Attending, Call, Caller, Engine, Form, Parts, Refusal, StaffCaller, Target, Wish};
use hallpass::ledger::Ledger;
use hallpass::ledger::audit::{Report, verify};
use hallpass::ledger::embedded::Embedded;
use hallpass::vault::Vault;
use plan::Plan;

/// Tuesday noon in Shanghai.
pub fn noon() -> DateTime<Utc> {
    "2026-11-24T04:00:00Z".parse().unwrap()
}

/// A desk that means it on any day: most tests are not about the time of a check-in.
pub const ANYWAY: Attending = Attending { whole_party: false, anyway: true };

/// The date so many days after that Tuesday.
pub fn day(after: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap() + chrono::Days::new(after)
}

/// A directory on a disk.
pub fn directory() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A directory in memory where the system has one: for tests with many flushes that are not about the disk.
pub fn fast_directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { directory() }
}

/// An engine with all that is around it.
pub struct World {
    pub engine: Engine,
    pub clock: Clock,
    /// Waited for when the engine has gone, which is dropped first.
    thread: LedgerThread,
}

/// How long a world that is dropped waits for its ledger's thread. It goes on longer where a task of the test still has the
/// engine, and ends with that task.
const LAST_BATCH: Duration = Duration::from_secs(5);

/// The thread of a ledger, waited for however a test ends.
struct LedgerThread(Option<JoinHandle<()>>);

impl Drop for LedgerThread {
    fn drop(&mut self) {
        let Some(thread) = self.0.take() else { return };
        let begun = Instant::now();
        while !thread.is_finished() && begun.elapsed() < LAST_BATCH {
            std::thread::yield_now();
        }
        if thread.is_finished() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the ledger's thread panicked");
        }
    }
}

impl World {
    /// Starts an engine on the embedded ledger of a directory.
    pub fn start(dir: &Path, plan: &Plan, now: DateTime<Utc>) -> Self {
        Self::start_on(Embedded::open(dir).unwrap(), plan, now)
    }

    /// Starts an engine on a ledger.
    pub fn start_on(ledger: impl Ledger, plan: &Plan, now: DateTime<Utc>) -> Self {
        let clock = Clock::manual(now);
        let vault = Arc::new(Vault::from_secret(&[7; 32]));
        let parts = Parts { clock: clock.clone(), vault, snapshot: Arc::new(plan.snapshot()), ledger };
        let (engine, thread) = Engine::start(parts).unwrap();
        Self { engine, clock, thread: LedgerThread(Some(thread)) }
    }

    /// Stops the engine and waits until its ledger is closed. Whatever else has a clone of the engine must end too.
    pub fn stop(self) {
        let Self { engine, mut thread, .. } = self;
        drop(engine);
        thread.0.take().expect("it is joined once").join().unwrap();
    }

    /// Stops the engine, audits its ledger and wants nothing wrong.
    pub fn stop_and_verify(self, dir: &Path) -> Report {
        self.stop();
        verified(dir)
    }

    /// The key of a made-up person.
    pub fn person(&self, index: usize) -> PersonKey {
        self.engine.vault().person_key(&people::id_number(index))
    }

    /// A call of a made-up person, now.
    pub fn call(&self, index: usize) -> Call {
        Call { caller: Caller::Person(self.person(index)), now: self.clock.now(), repeat: None }
    }

    /// A call of somebody at a desk of any hall, now.
    pub fn desk_call(&self) -> Call {
        let caller = Caller::Staff(StaffCaller { id: "desk".into(), halls: None });
        Call { caller, now: self.clock.now(), repeat: None }
    }

    /// Books one place for a person, by itself.
    pub async fn book(&self, person: usize, at: At) -> Result<Answer, Refusal> {
        self.engine.book(self.call(person), at.wish(&[person])).await
    }

    /// Books one place that must be there, and gives the appointment.
    pub async fn booked(&self, person: usize, at: At) -> Appointment {
        self.book(person, at).await.map(first).unwrap()
    }

    /// Holds one place that must be there, and gives the appointment.
    pub async fn held(&self, person: usize, at: At) -> Appointment {
        let wish = Wish { hold: true, ..at.wish(&[person]) };
        self.engine.book(self.call(person), wish).await.map(first).unwrap()
    }

    /// The appointment as it is now.
    pub fn now_of(&self, id: AppointmentId) -> Appointment {
        self.engine.appointment(id).unwrap()
    }

    /// How many places of a slot the day sheet says are taken.
    pub fn taken(&self, at: At) -> u32 {
        let snapshot = self.engine.snapshot();
        let slots = self.engine.slots_of_hall_day(snapshot.hall(at.hall).unwrap(), at.date);
        let lane = snapshot.service(at.service).unwrap().lane;
        slots.iter().find(|(of, slot)| *of == lane && slot.start == at.start).unwrap().1.taken
    }

    /// Counts the book again and wants the day sheets to say the same, nothing beyond a capacity, and no person with two
    /// claims. Gives how many appointments have a place.
    pub fn audit(&self) -> usize {
        let snapshot = self.engine.snapshot();
        let mut placed = 0;
        for hall in snapshot.halls() {
            for date in (0..40).map(day) {
                let book = self.engine.of_hall_day(hall.id, date);
                let mut counted: HashMap<Slot, u32> = HashMap::new();
                for appointment in book.iter().filter(|appointment| appointment.status.takes_place()) {
                    *counted.entry(appointment.slot).or_default() += 1;
                    placed += 1;
                }
                for (lane, slot) in self.engine.slots_of_hall_day(hall, date) {
                    let of = Slot { hall: hall.id, date, lane, start: slot.start, end: slot.end };
                    assert_eq!(slot.taken, counted.remove(&of).unwrap_or_default(), "{of:?}");
                    assert!(slot.taken <= slot.capacity, "{of:?}: {slot:?}");
                }
                assert!(counted.is_empty(), "places in bands that no sheet has: {counted:?}");
            }
        }
        placed
    }
}

/// Audits the ledger of a directory and wants nothing wrong.
pub fn verified(dir: &Path) -> Report {
    let report = verify(&Embedded::open(dir).unwrap()).unwrap();
    assert!(report.violations.is_empty(), "{report}");
    report
}

/// A slot, as a client names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    pub hall: &'static str,
    pub service: &'static str,
    pub date: NaiveDate,
    pub start: WallTime,
}

impl At {
    /// A passport appointment in the first hall, so many days and bands after the first.
    pub fn passport(day_after: u64, band: u16) -> Self {
        let start = WallTime::hm(9, 0).plus(30 * band).unwrap();
        Self { hall: "hall-one", service: "passport.renewal", date: day(day_after), start }
    }

    /// The same in the second hall.
    pub fn in_hall_two(self) -> Self {
        Self { hall: "hall-two", ..self }
    }

    /// The booking of this slot for some persons.
    pub fn wish(self, persons: &[usize]) -> Wish {
        Wish {
            hall: self.hall.into(),
            service: self.service.into(),
            date: self.date,
            start: self.start,
            hold: false,
            applicants: persons.iter().map(|person| people::applicant(*person)).collect(),
            form: Form::default(),
        }
    }

    /// This slot as the place to which an appointment is moved.
    pub fn target(self) -> Target {
        Target { hall: self.hall.into(), date: self.date, start: self.start }
    }
}

/// The first appointment of an answer.
pub fn first(answer: Answer) -> Appointment {
    all(answer).remove(0)
}

/// The appointments of an answer.
pub fn all(answer: Answer) -> Vec<Appointment> {
    match answer {
        Answer::Party(party) => party,
        Answer::Appointment(one) => vec![*one],
        Answer::Text(text) | Answer::Refused(text) => panic!("a text: {text}"),
    }
}

/// Who made an appointment, as a caller.
pub fn person(appointment: &Appointment) -> Caller {
    Caller::Person(appointment.made_by)
}

/// The stable code of a refusal.
pub fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Rejected(rejection) => rejection.code(),
        Refusal::TooManyKeys { .. } | Refusal::TooManyKept | Refusal::TooManyOpened { .. } => "too_many_requests",
        Refusal::Unreadable => "internal",
        Refusal::Overloaded | Refusal::KeysFull { .. } => "overloaded",
        Refusal::ReadOnly => "read_only",
    }
}

/// Polls a future once.
pub async fn poll_once<F: Future>(future: &mut Pin<Box<F>>) -> std::task::Poll<F::Output> {
    std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context))).await
}
