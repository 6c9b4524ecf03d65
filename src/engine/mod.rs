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
mod attend;
mod availability;
mod book;
mod booking;
mod call;
mod changes;
mod claims;
mod deeds;
mod desk;
mod expiry;
mod extending;
mod personal;
mod reload;
mod remembered;
mod staff_change;
mod start;
mod submission;
mod telephone;
mod undoing;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use parking_lot::{Mutex, RwLock};
use smallvec::SmallVec;
use tokio::sync::oneshot;

pub use answer::{Answer, Refusal};
pub use attend::Attending;
pub use availability::{Day, DayCount, Free, Preference, Reason, Recommendation, SlotCount};
pub use booking::Decision;
pub use call::{Call, Caller, Collection, Contact, Form, Named, PostalAddress, StaffCaller, Target, Wish};
pub use changes::judge_change;
pub use claims::places::Cell;
pub use desk::log::{DeskDay, MAX_FOLDED_DAYS, MAX_LINES};
pub use desk::queue::{Calling, Queue as DeskQueue, Waiting};
pub use desk::record::{Counter, Deed, MAX_COUNTER_CHARS, Record, Ticket, Via, shown_number};
pub use personal::{Telephone, in_clear, opens};
pub use reload::{Displaced, Misfit};
pub use remembered::{Begun, Fingerprint, KeyShare, Repeat};
pub use staff_change::StaffChange;
pub use start::recovery::Parts;
pub use telephone::MAX_OPENED_AN_HOUR;

pub use crate::ledger::commit::ReadOnlyReason;
pub use crate::ledger::entry::Owner as KeyOwner;

use book::{Book, Handle};
use claims::holds::Holds;
use claims::persons::Persons;
use claims::places::Transitions;
use claims::sheet::Sheets;
use deeds::{Deeds, Done};
use desk::log::DeskLogs;
use remembered::{Idempotency, MemberKey};
use start::following::Following;
use submission::{Claims, Effect, Submission, Undone};

use crate::clock::Clock;
use crate::domain::appointment::{Action, Appointment, AppointmentId, Code, PersonKey, Slot};
use crate::domain::name::HallId;
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::ledger::commit::{Busy, Queue};
use crate::ledger::entry::{Actor, Entry, Event};
use crate::ledger::reading::Reading;
use crate::ledger::{CodePart, Membership, Verdict};
use crate::vault::Vault;

/// How often a call asks again that met something under way.
const MAX_ATTEMPTS: usize = 500;
/// How often the ledger may refuse for the same reason what memory allows, before its word is the answer: by then
/// everything that others wrote before is known here, so memory and the ledger differ in something else.
const MAX_OVERRULINGS: usize = 3;
/// How long a repeat waits for the first call before it looks whether the ledger is there.
const LOOK_UP: Duration = Duration::from_millis(200);
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
    /// Held while an appointment becomes what an entry made of it, by settling or by following: each of both leaves its book,
    /// its day, its claims and its hold in one state. Never held across a wait.
    becoming: Mutex<()>,
    deeds: Deeds,
    idempotency: Arc<Idempotency>,
    desk_logs: DeskLogs,
    reading: Reading,
    queue: Queue<Submission>,
    following: Following,
    code_part: CodePart,
    membership: Option<Arc<Membership>>,
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
    Submitted(oneshot::Receiver<Result<Answer, Undone>>),
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

    /// Whether nothing can be changed at the moment.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.queue.is_read_only()
    }

    /// Why nothing can be changed at the moment; `None` if something can.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<ReadOnlyReason> {
        self.0.queue.read_only_reason()
    }

    /// Changes nothing any more for this reason, and reads on; `None` ends that.
    pub fn bar(&self, reason: Option<ReadOnlyReason>) {
        self.0.queue.bar(reason);
    }

    /// This instance among the others that share the ledger; none where there are no others.
    #[must_use]
    pub fn membership(&self) -> Option<&Membership> {
        self.0.membership.as_deref()
    }

    /// Whether the instances that share the ledger are to have another configuration than this one has.
    #[must_use]
    pub fn has_other_configuration(&self) -> bool {
        let version = &self.0.snapshot.read().version;
        self.membership().is_some_and(|others| others.in_force.lock().as_ref() != Some(version))
    }

    /// Says that the process is ending: a ledger that is away is not waited for any more.
    pub fn end(&self) {
        self.0.queue.end();
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

    /// How much of each share of the idempotency keys is in use.
    #[must_use]
    pub fn key_shares(&self) -> [KeyShare; 2] {
        self.0.idempotency.shares()
    }

    /// The appointment with this id, whoever it belongs to.
    #[must_use]
    pub fn appointment(&self, id: AppointmentId) -> Option<Appointment> {
        self.0.book.get(id)
    }

    /// The appointment with this code, whoever it belongs to.
    #[must_use]
    pub fn appointment_with_code(&self, code: Code) -> Option<Appointment> {
        self.0.book.with_code(code)
    }

    /// The members of an appointment's party, whoever they belong to, in the order of its applicants.
    #[must_use]
    pub fn party_of(&self, appointment: &Appointment) -> Vec<Appointment> {
        self.0.book.party_of(appointment).iter().filter_map(|id| self.0.book.get(*id)).collect()
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

    /// Begins a call that has chosen its key, right after the caller and the form of the call are known. The key counts in
    /// the bound of its caller.
    ///
    /// # Errors
    /// [`Rejection::IdempotencyMismatch`] where the key was used for another call, [`Refusal::TooManyKeys`] or
    /// [`Refusal::KeysFull`] where too many keys are remembered.
    pub async fn begin_by(
        &self,
        caller: &Caller,
        fingerprint: Fingerprint,
        now: DateTime<Utc>,
    ) -> Result<Begun, Refusal> {
        let member = match caller {
            Caller::Person(_) => None,
            Caller::Staff(member) => Some(MemberKey::of(&member.id)),
        };
        self.begin_counted(fingerprint, member, now).await
    }

    /// Begins a call with a key of the engine's own, as a line of a log has one: it counts in no bound of a member of staff.
    ///
    /// # Errors
    /// As [`Engine::begin_by`].
    pub async fn begin(&self, fingerprint: Fingerprint, now: DateTime<Utc>) -> Result<Begun, Refusal> {
        self.begin_counted(fingerprint, None, now).await
    }

    async fn begin_counted(
        &self,
        fingerprint: Fingerprint,
        member: Option<MemberKey>,
        now: DateTime<Utc>,
    ) -> Result<Begun, Refusal> {
        if !self.0.following.is_alone() && !matches!(self.0.idempotency.answer_to(fingerprint), Ok(Some(_))) {
            // Another may have answered the call already.
            self.refresh().await;
        }
        let mut begun = pin!(self.0.idempotency.begin(fingerprint, member, now));
        loop {
            if let Ok(begun) = tokio::time::timeout(LOOK_UP, &mut begun).await {
                return begun;
            }
            // The first call may be in doubt for as long as the ledger is away.
            if self.is_read_only() {
                return Err(Refusal::ReadOnly);
            }
        }
    }

    /// Remembers a text as the answer of a call with an idempotency key; without one there is nothing to remember.
    ///
    /// # Errors
    /// [`Refusal`] where the ledger takes nothing.
    pub async fn remember(&self, call: Call, text: String) -> Result<Answer, Refusal> {
        self.remember_answer(call, Answer::Text(text.into())).await
    }

    /// Remembers why a call with an idempotency key was refused, in words that its repeat can be refused with. Gives what
    /// is remembered: the reason, or the answer that another has given to the same call meanwhile.
    ///
    /// # Errors
    /// [`Refusal`] where the ledger takes nothing.
    pub async fn remember_refusal(&self, call: Call, reason: String) -> Result<Answer, Refusal> {
        self.remember_answer(call, Answer::Refused(reason.into())).await
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
        // What others have written since the call began may not be known here yet: nobody is refused for that.
        let (mut is_fresh, mut is_heard) = (self.0.following.is_alone(), true);
        let mut overruled = SmallVec::<[Verdict; 4]>::new();
        for _ in 0..MAX_ATTEMPTS {
            let (next_batch, gone) = (self.0.queue.next_batch(), self.0.holds.gone());
            // The instant of the decision: since the call began its body may have taken its time, and midnight have passed.
            call.now = self.0.clock.now();
            match attempt(&call, &mut repeat) {
                Ok(Outcome::Submitted(reply)) => match self.recorded(call.now, reply).await {
                    Ok(Ok(answer)) => return Ok(answer),
                    Ok(Err(Undone::Overruled(verdict, unanswered))) => {
                        repeat = unanswered;
                        overruled.push(verdict);
                        is_heard = self.refresh().await;
                        is_fresh = true;
                        if let Some(answer) = self.after_overruling(&overruled, repeat.as_ref())? {
                            return Ok(answer);
                        }
                    }
                    Ok(Err(Undone::Refused(refusal))) => return Err(refusal),
                    Err(_) => return Err(Refusal::ReadOnly),
                },
                Ok(Outcome::Unchanged(_)) | Err(Stop::Refused(Refusal::Rejected(_))) if !is_fresh => {
                    is_heard = self.refresh().await;
                    is_fresh = true;
                }
                // Memory may be wrong for as long as the others are not heard.
                Ok(Outcome::Unchanged(_)) if !is_heard => return Err(Refusal::ReadOnly),
                Err(Stop::Refused(Refusal::Rejected(rejection))) if !is_heard && hangs_on_others(&rejection) => {
                    return Err(Refusal::ReadOnly);
                }
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

    /// Waits for the answer to an entry of this instant. No later one is of an earlier instant, wherever the clock goes.
    async fn recorded<T>(
        &self,
        at: DateTime<Utc>,
        reply: oneshot::Receiver<T>,
    ) -> Result<T, oneshot::error::RecvError> {
        self.0.clock.has_recorded(at);
        reply.await
    }

    /// What is to be answered after the ledger has refused an entry; none where the call is to be judged anew, as what
    /// others wrote is known here now.
    ///
    /// # Errors
    /// What the last verdict means where it says the same again and again.
    fn after_overruling(&self, overruled: &[Verdict], repeat: Option<&Repeat>) -> Result<Option<Answer>, Refusal> {
        let last = overruled.last().copied();
        let answer = match (last, repeat) {
            (Some(Verdict::KeyKnown), Some(repeat)) => self.0.idempotency.answer_to(repeat.fingerprint())?,
            (Some(Verdict::OtherConfiguration), _) => return Err(Refusal::Overloaded),
            _ => None,
        };
        let same = overruled.iter().rev().take_while(|verdict| Some(**verdict) == last).count();
        if answer.is_some() || same < MAX_OVERRULINGS {
            return Ok(answer);
        }
        Err(match last {
            Some(Verdict::SlotFull) => Rejection::SlotFull.into(),
            Some(Verdict::AlreadyBooked(applicant)) => Rejection::AlreadyBooked { applicant }.into(),
            Some(Verdict::TooManyActive) => {
                Rejection::TooManyActive { max: self.0.snapshot.read().policy.max_active }.into()
            }
            _ => Refusal::Overloaded,
        })
    }

    fn may_be_in_the_way(&self, rejection: &Rejection, now: DateTime<Utc>) -> bool {
        is_contended(rejection) && self.0.holds.any_due(now) && !self.is_read_only()
    }
}

impl Inner {
    /// Hands an entry over, with everything that hangs on it.
    fn hand_over(
        self: &Arc<Self>,
        place: crate::ledger::commit::Place<'_, Submission>,
        parts: HandOver,
        repeat: &mut Option<Repeat>,
    ) -> Outcome {
        let (reply, receiver) = oneshot::channel();
        let HandOver { entry, snapshot, capacities, effect, claims, answer, deed } = parts;
        place.hand_over(Submission {
            engine: Arc::clone(self),
            entry,
            snapshot,
            capacities,
            effect,
            claims,
            answer,
            deed,
            repeat: repeat.take(),
            reply: Some(reply),
        });
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
        let snapshot = Arc::clone(&self.snapshot.read());
        let parts = HandOver::new(entry, snapshot, Effect::Nothing, answer.clone());
        Ok(self.hand_over(place, parts, repeat))
    }

    /// Notes who did something with appointments.
    fn note_deed(&self, action: Action, done: &Done, after: &[Appointment]) {
        for appointment in after {
            self.deeds.note(appointment.id, action, done);
        }
    }

    /// Makes facts of appointments that the ledger has: they become visible, and what they gave up is given back.
    fn settle(&self, effect: Effect, after: &[Appointment]) -> SmallVec<[Handle; 1]> {
        if effect == Effect::Made
            && let Some(first) = after.first()
        {
            self.book.put_party(first.party, after.iter().map(|appointment| appointment.id));
        }
        let settle_one = |appointment: &Appointment| {
            let _becoming = self.becoming.lock();
            let (handle, before) = match effect {
                Effect::Made => (self.book.add(appointment), None),
                Effect::Changed | Effect::Nothing => self.book.put(appointment),
            };
            if let Some(before) = &before {
                assert_eq!(appointment.revision, before.revision + 1, "a change goes on from what is known");
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

/// Whether what others wrote may be the reason.
const fn hangs_on_others(rejection: &Rejection) -> bool {
    is_contended(rejection)
        || matches!(
            rejection,
            Rejection::UnknownAppointment
                | Rejection::WrongState { .. }
                | Rejection::HoldExpired
                | Rejection::Begun { .. }
                | Rejection::AlreadyExtended
                | Rejection::NotOnItsDay { .. }
                | Rejection::NotBegun { .. }
                | Rejection::NothingToUndo { .. }
                | Rejection::UndoTooLate { .. }
                | Rejection::NoShowStands { .. }
                | Rejection::UndoByAnother
                | Rejection::UndoForgotten
        )
}

/// Whether somebody else's claim was the reason.
const fn is_contended(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::AlreadyBooked { .. } | Rejection::TooManyActive { .. } | Rejection::SlotFull)
}

/// What is handed to the ledger.
struct HandOver {
    entry: Vec<u8>,
    snapshot: Arc<Snapshot>,
    capacities: Vec<(Slot, u32)>,
    effect: Effect,
    claims: Claims,
    answer: Answer,
    /// What was done with the appointments of the answer, if a desk may want to take it back.
    deed: Option<(Action, Done)>,
}

impl HandOver {
    /// An entry that takes nothing.
    fn new(entry: Vec<u8>, snapshot: Arc<Snapshot>, effect: Effect, answer: Answer) -> Self {
        Self { entry, snapshot, capacities: Vec::new(), effect, claims: Claims::default(), answer, deed: None }
    }

    /// An entry that takes these claims.
    fn claiming(self, claims: Claims) -> Self {
        Self { claims, ..self }
    }

    /// An entry by which somebody does something.
    fn doing(self, action: Action, done: Done) -> Self {
        Self { deed: Some((action, done)), ..self }
    }
}

fn actor(caller: &Caller) -> Actor {
    match caller {
        Caller::Person(person) => Actor::Person(*person),
        Caller::Staff(staff) => Actor::Staff(staff.id.clone()),
    }
}
