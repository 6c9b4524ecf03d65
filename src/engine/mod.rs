//! The engine: a concurrent slot allocator in memory, and a ledger that remembers.
//!
//! # The law
//! Take before the write, give back after the write. A call is judged by the rules, takes every claim that it needs in
//! memory, and hands its entry *together with its claims* to the ledger. The ledger makes it durable; only then do claims
//! become facts, are the old ones given back, becomes the appointment visible and is the caller answered. So every
//! prefix of the ledger respects every capacity and every person's one claim, and a caller that goes away changes
//! nothing.
//!
//! From judging to handing over nothing waits: it is one synchronous stretch under the read half of the snapshot's lock,
//! so no claim is taken under one snapshot and counted under another. A reload takes the write half.
//!
//! The room knows `domain`, the trait of `ledger`, `clock` and `vault`. It knows nothing of HTTP.
//!
//! Tested by random command sequences against a naive auditor, by races with a control, and by crashes.

mod answer;
mod availability;
mod book;
mod booking;
mod call;
mod changes;
mod claims;
mod desk;
mod expiry;
mod holds;
mod idempotency;
mod personal;
mod persons;
mod record;
mod recovery;
mod reload;
mod sheet;
mod slab;
mod submission;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use parking_lot::RwLock;
use smallvec::SmallVec;
use tokio::sync::oneshot;

pub use answer::{Answer, Refusal};
pub use availability::{Day, DayCount, Free, Reason, Recommendation, SlotCount};
pub use booking::Decision;
pub use call::{Call, Caller, Collection, Contact, Form, Named, PostalAddress, StaffCaller, Target, Wish};
pub use claims::Cell;
pub use idempotency::{Begun, Fingerprint, Repeat};
pub use personal::opens;
pub use recovery::Parts;
pub use reload::Displaced;

use book::{Book, Handle};
use claims::Transitions;
use holds::Holds;
use idempotency::Idempotency;
use persons::Persons;
use sheet::Sheets;
use submission::{Claims, Effect, Submission};

use crate::clock::Clock;
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey};
use crate::domain::name::HallId;
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::ledger::entry::{Actor, Entry, Event};
use crate::ledger::group_commit::{Busy, Queue};
use crate::vault::Vault;

/// How often a call asks again that met something under way.
const MAX_ATTEMPTS: usize = 500;
/// How long such a call waits at most for the next batch before it asks again.
const ASK_AGAIN: Duration = Duration::from_millis(2);

/// A concurrent map. Its keys are made here or keyed by the vault, so nobody outside can choose ones that collide.
type Map<K, V> = dashmap::DashMap<K, V, foldhash::fast::RandomState>;

/// The engine. Clones are the same engine.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    vault: Arc<Vault>,
    /// The read half is held from judging to handing over; a reload takes the write half. Never held across a wait.
    snapshot: RwLock<Arc<Snapshot>>,
    sheets: Sheets,
    book: Book,
    persons: Persons,
    holds: Holds,
    transitions: Transitions,
    idempotency: Arc<Idempotency>,
    queue: Queue<Submission>,
}

/// How much an engine keeps in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Appointments of any state.
    pub appointments: usize,
    /// Holds that have not ended.
    pub holds: usize,
    /// Day sheets.
    pub sheets: usize,
    /// Answers that are remembered for a repeat.
    pub answers: usize,
}

/// What an attempt came to that did not fail.
enum Outcome {
    /// The entry is on its way; this is where its answer will be.
    Submitted(oneshot::Receiver<Result<Answer, Refusal>>),
    /// Nothing had to be changed, and no repeat will ask for the answer again.
    Unchanged(Answer),
}

/// Why an attempt was given up.
enum Stop {
    /// It is refused.
    Refused(Refusal),
    /// It depends on something that is under way.
    UnderWay,
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection.into())
    }
}

impl From<Busy> for Stop {
    fn from(busy: Busy) -> Self {
        Self::Refused(match busy {
            Busy::Full => Refusal::Overloaded,
            Busy::ReadOnly => Refusal::ReadOnly,
        })
    }
}

impl Engine {
    /// The snapshot that is in force.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.snapshot.read())
    }

    /// The keys.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Whether the ledger has failed, so that nothing can be changed until a restart.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.queue.is_read_only()
    }

    /// How many entries wait for the ledger.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.0.queue.depth()
    }

    /// How many batches and entries the ledger has made durable since the start.
    #[must_use]
    pub fn committed(&self) -> (u64, u64) {
        self.0.queue.committed()
    }

    /// How much is kept in memory.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes {
            appointments: self.0.book.len(),
            holds: self.0.holds.len(),
            sheets: self.0.sheets.len(),
            answers: self.0.idempotency.len(),
        }
    }

    /// The appointment with this id, whoever it belongs to.
    #[must_use]
    pub fn appointment(&self, id: AppointmentId) -> Option<Appointment> {
        self.0.book.get(id)
    }

    /// At most `limit` appointments made by or for a person, newest first, older than `before` where that is given.
    #[must_use]
    pub fn of_person(&self, person: PersonKey, before: Option<AppointmentId>, limit: usize) -> Vec<Appointment> {
        self.0.persons.appointments(person, before, limit, &self.0.book)
    }

    /// The appointments of a hall on a date, in the order of their start and id.
    #[must_use]
    pub fn of_hall_day(&self, hall: HallId, date: NaiveDate) -> Vec<Appointment> {
        self.0.book.of_hall_day(hall, date)
    }

    /// Begins a call with an idempotency key, right after the caller and the form of the call are known.
    ///
    /// # Errors
    /// [`Rejection::IdempotencyMismatch`] where the key was used for another call, [`Refusal::TooManyKeys`] or
    /// [`Refusal::Overloaded`] where too many keys are remembered.
    pub async fn begin(&self, fingerprint: Fingerprint, now: DateTime<Utc>) -> Result<Begun, Refusal> {
        self.0.idempotency.begin(fingerprint, now).await
    }

    /// Remembers a text as the answer of a call with an idempotency key; without one there is nothing to remember.
    ///
    /// # Errors
    /// [`Refusal`] where the ledger takes nothing.
    pub async fn remember(&self, call: Call, text: String) -> Result<Answer, Refusal> {
        self.remember_answer(call, Answer::Text(text.into())).await
    }

    /// Remembers why a call with an idempotency key was refused, in words that its repeat can be refused with.
    ///
    /// # Errors
    /// [`Refusal`] where the ledger takes nothing.
    pub async fn remember_refusal(&self, call: Call, reason: String) -> Result<(), Refusal> {
        self.remember_answer(call, Answer::Refused(reason.into())).await.map(drop)
    }

    async fn remember_answer(&self, call: Call, answer: Answer) -> Result<Answer, Refusal> {
        if call.repeat.is_none() {
            return Ok(answer);
        }
        self.attempt(call, |call, repeat| self.0.try_remember(call, repeat, &answer)).await
    }

    /// Makes attempts until one is not stopped by something under way, and waits for its answer.
    async fn attempt(
        &self,
        mut call: Call,
        mut attempt: impl FnMut(&Call, &mut Option<Repeat>) -> Result<Outcome, Stop>,
    ) -> Result<Answer, Refusal> {
        let mut repeat = call.repeat.take();
        for _ in 0..MAX_ATTEMPTS {
            let (next_batch, gone) = (self.0.queue.next_batch(), self.0.holds.gone());
            // The instant of the decision: since the call began its body may have taken its time, and midnight have passed.
            call.now = self.0.clock.now();
            match attempt(&call, &mut repeat) {
                Ok(Outcome::Submitted(reply)) => return reply.await.unwrap_or(Err(Refusal::ReadOnly)),
                Ok(Outcome::Unchanged(answer)) => return Ok(answer),
                // What stands in the way may be a hold that has ended: end it first, then ask again. Where none could be
                // ended, somebody is changing it: that comes to an end too.
                Err(Stop::Refused(Refusal::Rejected(rejection))) if self.may_be_in_the_way(&rejection, call.now) => {
                    if !self.expire_due(call.now).await {
                        let _ = tokio::time::timeout(ASK_AGAIN, next_batch).await;
                    }
                }
                // It may have been a hold that went while the call was judged.
                Err(Stop::Refused(Refusal::Rejected(rejection)))
                    if is_contended(&rejection) && self.0.holds.gone() != gone => {}
                Err(Stop::Refused(refusal)) => return Err(refusal),
                // What is under way in a ledger that has failed never comes to an end.
                Err(Stop::UnderWay) if self.is_read_only() => return Err(Refusal::ReadOnly),
                Err(Stop::UnderWay) => {
                    let _ = tokio::time::timeout(ASK_AGAIN, next_batch).await;
                }
            }
        }
        Err(Refusal::Overloaded)
    }

    fn may_be_in_the_way(&self, rejection: &Rejection, now: DateTime<Utc>) -> bool {
        is_contended(rejection) && self.0.holds.any_due(now) && !self.is_read_only()
    }
}

impl Inner {
    /// Hands an entry over, with everything that hangs on it.
    fn hand_over(
        self: &Arc<Self>,
        place: crate::ledger::group_commit::Place<'_, Submission>,
        parts: HandOver,
        repeat: &mut Option<Repeat>,
    ) -> Outcome {
        let (reply, receiver) = oneshot::channel();
        let HandOver { entry, effect, claims, answer } = parts;
        let engine = Arc::clone(self);
        place.hand_over(Submission { engine, entry, effect, claims, answer, repeat: repeat.take(), reply });
        Outcome::Submitted(receiver)
    }

    fn try_remember(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        answer: &Answer,
    ) -> Result<Outcome, Stop> {
        let (Answer::Text(text) | Answer::Refused(text)) = answer else {
            unreachable!("appointments are remembered with the entry that changes them")
        };
        let place = self.queue.reserve()?;
        let event = Event::Answered { refused: matches!(answer, Answer::Refused(_)), text: text.as_ref().to_owned() };
        let key = repeat.as_ref().map(submission::repeat_key);
        let entry = Entry { at: call.now, by: actor(&call.caller), event, repeat: key }.encode();
        let parts = HandOver { entry, effect: Effect::Nothing, claims: Claims::default(), answer: answer.clone() };
        Ok(self.hand_over(place, parts, repeat))
    }

    /// Makes facts of appointments that the ledger has: they become visible, and what they gave up is given back.
    fn settle(&self, effect: Effect, after: &[Appointment]) -> SmallVec<[Handle; 1]> {
        if effect == Effect::Made
            && let Some(first) = after.first()
        {
            self.book.put_party(first.party, after.iter().map(|appointment| appointment.id));
        }
        let settle_one = |appointment: &Appointment| {
            let (handle, before) = match effect {
                Effect::Made => (self.book.add(appointment), None),
                Effect::Changed | Effect::Nothing => self.book.put(appointment),
            };
            if let Some(before) = &before {
                self.give_back(before, appointment);
            }
            // A hold goes when what it kept is free: whoever sees it gone finds the place.
            self.holds.follow(before.as_ref(), appointment);
            handle
        };
        after.iter().map(settle_one).collect()
    }

    fn give_back(&self, before: &Appointment, after: &Appointment) {
        let left_slot = before.slot != after.slot || !after.status.takes_place();
        if before.status.takes_place() && left_slot {
            self.sheets.cell(&before.slot).give_back(1);
        }
        if before.status.is_active() && !after.status.is_active() {
            self.persons.release(before);
        }
    }
}

/// Whether somebody else's claim was the reason.
const fn is_contended(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::AlreadyBooked { .. } | Rejection::TooManyActive { .. } | Rejection::SlotFull)
}

/// What is handed to the ledger.
struct HandOver {
    entry: Vec<u8>,
    effect: Effect,
    claims: Claims,
    answer: Answer,
}

fn actor(caller: &Caller) -> Actor {
    match caller {
        Caller::Person(person) => Actor::Person(*person),
        Caller::Staff(staff) => Actor::Staff(staff.id.clone()),
    }
}
