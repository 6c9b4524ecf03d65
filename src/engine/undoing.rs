//! Undo: a desk takes back a check-in, a serving or a no-show.
//!
//! Who was served or did not come has no claim any more, so taking that back claims the person anew, as a booking would: in
//! one step that another booking of the same person can only win or lose.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use smallvec::SmallVec;

use super::answer::{Answer, Refusal};
use super::booking::stop;
use super::call::{Call, Caller};
use super::changes::{Change, Changeable, Held, Whom};
use super::claims::persons::PersonClaims;
use super::desk::log::DeskDay;
use super::remembered::Repeat;
use super::{Engine, Inner, Outcome, Stop, actor};
use crate::domain::appointment::{Action, Appointment, AppointmentId, PersonKey, Status};
use crate::domain::hall::Hall;
use crate::domain::policy;
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::ledger::entry::Actor;

impl Engine {
    /// Takes back what a desk did last: a check-in or a serving within a minute by who did it, a no-show until the end of
    /// the next day by any staff of the hall. With the whole party also those that stand where this one stands, on the same
    /// day in the same hall, and can be taken back by this caller; the others are left as they are.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`], [`Rejection::StaffOnly`], [`Rejection::AnotherHall`], [`Rejection::NothingToUndo`],
    /// [`Rejection::UndoTooLate`], [`Rejection::NoShowStands`], [`Rejection::UndoByAnother`], [`Rejection::UndoForgotten`];
    /// [`Rejection::AlreadyBooked`] and [`Rejection::TooManyActive`] if the claim is somebody else's now; [`Refusal`] if
    /// nothing can be written.
    pub async fn undo(&self, call: Call, id: AppointmentId, whole_party: bool) -> Result<Answer, Refusal> {
        let whom = Whom { id, whole_party };
        self.attempt(call, |call, repeat| self.0.try_undo(call, repeat, whom)).await
    }

    /// Whether this caller can take back now what was done last with an appointment, as far as is known before it is tried.
    #[must_use]
    pub fn can_undo(&self, caller: &Caller, done: &Appointment, now: DateTime<Utc>) -> bool {
        self.0.judge_undo(&self.snapshot(), done, &actor(caller), now).is_ok()
    }
}

impl Inner {
    fn try_undo(self: &Arc<Self>, call: &Call, repeat: &mut Option<Repeat>, whom: Whom) -> Result<Outcome, Stop> {
        let Caller::Staff(_) = call.caller else {
            return Err(Rejection::StaffOnly.into());
        };
        let held = self.hold_fast(&call.caller, whom)?;
        let snapshot = self.snapshot.read();
        let before = self.undoable(&snapshot, &held, whom, &actor(&call.caller), call.now)?;
        let persons = self.reclaim(&snapshot, &before)?;
        let mut change = Change::of(Action::Undo, whom.whole_party, before, held.transition, call.now);
        change.claims.persons = persons;
        self.submit_change(call, repeat, Arc::clone(&snapshot), change)
    }

    /// The appointments with the status that each has again.
    fn undoable(
        &self,
        snapshot: &Snapshot,
        held: &Held,
        whom: Whom,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Changeable, Rejection> {
        let named = held.named(whom)?;
        let judged = (*named, self.judge_undo(snapshot, named, by, now)?);
        let is_like = |other: &&Appointment| {
            (other.status, other.slot.hall, other.slot.date) == (named.status, named.slot.hall, named.slot.date)
        };
        let others = held.appointments.iter().filter(is_like).filter(|other| other.id != named.id);
        let others = others.filter_map(|other| Some((*other, self.judge_undo(snapshot, other, by, now).ok()?)));
        let mut all: Changeable = std::iter::once(judged).chain(others).collect();
        all.sort_by_key(|(appointment, _)| appointment.position);
        Ok(all)
    }

    fn judge_undo(
        &self,
        snapshot: &Snapshot,
        done: &Appointment,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Status, Rejection> {
        let status = done.status_at(now);
        let before = status.after(Action::Undo).ok_or(Rejection::NothingToUndo { status })?;
        let hall = snapshot.hall(done.slot.hall.as_str()).ok();
        let action = match status {
            Status::NoShow => return policy::judge_undo_of_no_show(done, hall, now).map(|()| before),
            Status::Served => Action::Serve,
            _ => Action::CheckIn,
        };
        let known = self.deeds.of(done.id, action);
        // If that is not known, nothing was done with it later than its last change.
        policy::judge_undo(done, known.as_ref().map_or(done.updated_at, |deed| deed.at), now)?;
        let doer = known.map(|deed| deed.by).or_else(|| self.noted_doer(done, hall, action));
        match doer {
            Some(doer) if doer == *by => Ok(before),
            Some(_) => Err(Rejection::UndoByAnother),
            None => Err(Rejection::UndoForgotten),
        }
    }

    /// Who did this last with an appointment, by the log of its hall and of the day on which it was done.
    fn noted_doer(&self, done: &Appointment, hall: Option<&Hall>, action: Action) -> Option<Actor> {
        let day = DeskDay::of(done.slot.hall, policy::today_at(done, hall, done.updated_at));
        self.noted_by(done, action, day).map(Actor::Staff)
    }

    /// Claims anew the persons of what is active again; none if all of it is active now.
    fn reclaim(&self, snapshot: &Snapshot, before: &Changeable) -> Result<Option<PersonClaims>, Stop> {
        let (first, _) = &before[0];
        if first.status.is_active() {
            return Ok(None);
        }
        let applicants: SmallVec<[PersonKey; 2]> = before.iter().map(|(one, _)| one.applicant).collect();
        let max = snapshot.policy.max_active;
        let claims = self.persons.reclaim(&applicants, first.document, first.made_by, max);
        claims.map(Some).map_err(|(applicant, taken)| {
            let too_many = Rejection::TooManyActive { max };
            stop(taken, applicant.map_or(too_many, |applicant| Rejection::AlreadyBooked { applicant }))
        })
    }
}
