//! An entry on its way to the ledger, with the claims that it took and the memory that follows when it is durable.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use serde_bytes::ByteBuf;
use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::Inner;
use super::answer::{Answer, Refusal};
use super::book::{CodeClaim, Handle};
use super::claims::persons::PersonClaims;
use super::claims::places::{Places, Transition};
use super::deeds::Done;
use super::remembered::{Fingerprint, Repeat};
use crate::domain::appointment::{Action, Appointment, Slot};
use crate::domain::snapshot::Snapshot;
use crate::ledger::commit::Pending;
use crate::ledger::entry::{Actor, Deed, Entry, Event, RepeatKey};
use crate::ledger::{Draft, Verdict};

/// Everything that an entry took before it was written. Dropped, it is all given back.
#[derive(Debug, Default)]
pub struct Claims {
    /// Places of new slots.
    pub places: Option<Places>,
    /// The one claim of each applicant, and the share of who books.
    pub persons: Option<PersonClaims>,
    /// The codes.
    pub codes: SmallVec<[CodeClaim; 1]>,
    /// The right to change.
    pub transition: Option<Transition>,
}

impl Claims {
    /// The ledger has the entry: what it took is now what its appointments have, which are in the book and stand here in
    /// the order of their applicants. The right to change ends here.
    fn keep(self, appointments: &[Handle]) {
        assert!(
            self.codes.is_empty() || self.codes.len() == appointments.len(),
            "each new appointment has a code of its own"
        );
        drop(self.transition);
        self.places.into_iter().for_each(Places::keep);
        for (code, handle) in self.codes.into_iter().zip(appointments) {
            code.keep(*handle);
        }
        if let Some(persons) = self.persons {
            persons.keep(appointments);
        }
    }
}

/// What an entry makes of the engine's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The appointments of the answer are new, and are put into the book.
    Made,
    /// The appointments of the answer take the place of what they were.
    Changed,
    /// Nothing changes.
    Nothing,
}

/// Why an entry that was handed over changed nothing.
#[derive(Debug)]
pub enum Undone {
    /// Nothing can be written.
    Refused(Refusal),
    /// The ledger has refused it. The call may be judged anew, under the same key.
    Overruled(Verdict, Option<Repeat>),
}

/// How the caller is answered.
pub type Reply = oneshot::Sender<Result<Answer, Undone>>;

/// An entry under way.
#[derive(Debug)]
pub struct Submission {
    pub(super) engine: Arc<Inner>,
    pub(super) entry: Vec<u8>,
    /// The configuration by which it was judged.
    pub(super) snapshot: Arc<Snapshot>,
    /// The capacities that come into force with it.
    pub(super) capacities: Vec<(Slot, u32)>,
    pub(super) effect: Effect,
    pub(super) claims: Claims,
    pub(super) answer: Answer,
    /// What was done with the appointments of the answer, if a desk may want to take it back.
    pub(super) deed: Option<(Action, Done)>,
    pub(super) repeat: Option<Repeat>,
    /// None once the caller has been told that nobody knows.
    pub(super) reply: Option<Reply>,
}

impl Submission {
    fn reply(reply: Option<Reply>, with: Result<Answer, Undone>) {
        // A caller that has gone away needs no answer.
        if let Some(reply) = reply {
            let _ = reply.send(with);
        }
    }
}

impl Pending for Submission {
    fn draft(&self) -> Draft<'_> {
        let made_before = self.claims.persons.as_ref().map_or(0, PersonClaims::made_before);
        Draft { entry: &self.entry, snapshot: &self.snapshot, made_before, capacities: &self.capacities }
    }

    fn settle(self) {
        // Where a bug ends this, the claims of what is durable are not given back to others.
        let claims = ManuallyDrop::new(self.claims);
        let settled = match self.effect {
            Effect::Nothing => SmallVec::new(),
            Effect::Made | Effect::Changed => self.engine.settle(self.effect, self.answer.appointments()),
        };
        if let Some((action, done)) = &self.deed {
            self.engine.note_deed(*action, done, self.answer.appointments());
        }
        // Claims are kept after the book shows what they stand for: who meets a claim that is no longer under way
        // finds its appointment.
        ManuallyDrop::into_inner(claims).keep(&settled);
        if let Some(repeat) = self.repeat {
            repeat.answered(self.answer.clone());
        }
        Self::reply(self.reply, Ok(self.answer));
    }

    fn overrule(self, verdict: Verdict) {
        let Self { claims, repeat, reply, .. } = self;
        drop(claims);
        Self::reply(reply, Err(Undone::Overruled(verdict, repeat)));
    }

    fn put_off(self) {
        let Self { claims, repeat, reply, .. } = self;
        drop((claims, repeat));
        Self::reply(reply, Err(Undone::Refused(Refusal::ReadOnly)));
    }

    fn doubt(&mut self) {
        Self::reply(self.reply.take(), Err(Undone::Refused(Refusal::ReadOnly)));
    }

    fn fail(self) {
        // Whether the entry is on the disk is not known, so its claims must not be given to others: they stay taken
        // until a restart reads what is there.
        std::mem::forget(self.claims);
        Self::reply(self.reply, Err(Undone::Refused(Refusal::ReadOnly)));
    }
}

/// The entry of a change of appointments, encoded.
pub(super) fn appointments_entry(parts: AppointmentsEntry<'_>) -> Vec<u8> {
    let AppointmentsEntry { at, by, deed, after, sealed, whole_party, capacity, repeat } = parts;
    let after = after.to_vec();
    let event = Event::Appointments { deed, after, sealed, whole_party, capacity };
    Entry { at, by, event, repeat: repeat.map(repeat_key) }.encode()
}

/// What goes into the entry of a change of appointments.
pub(super) struct AppointmentsEntry<'a> {
    pub at: chrono::DateTime<chrono::Utc>,
    pub by: Actor,
    pub deed: Deed,
    pub after: &'a [Appointment],
    pub sealed: Vec<ByteBuf>,
    pub whole_party: bool,
    pub capacity: Option<u32>,
    pub repeat: Option<&'a Repeat>,
}

/// The stored form of an idempotency key.
pub(super) fn repeat_key(repeat: &Repeat) -> RepeatKey {
    let Fingerprint { owner, key, call } = repeat.fingerprint();
    RepeatKey { owner, key, call }
}
