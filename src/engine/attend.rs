//! What desks do: check in, serve, mark a no-show.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::answer::{Answer, Refusal};
use super::call::{Call, Caller, Named};
use super::changes::{Change, Changeable, Held, Whom, judge_status};
use super::remembered::Repeat;
use super::{Engine, Inner, Outcome, Stop};
use crate::domain::appointment::{Action, Appointment};
use crate::domain::policy;
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;

/// How a desk attends to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attending {
    /// Whether it is about everybody of the party who is expected with the one that is named: on the same day, in the same
    /// hall. Whoever of them cannot do this step, because it has been done, or the appointment was cancelled, say, is left
    /// as it is; the others do it together or not at all.
    pub whole_party: bool,
    /// Whether it is meant on any day, and before the band has begun.
    pub anyway: bool,
}

impl Engine {
    /// Checks in, serves or marks a no-show. Only staff of the hall may; on the day of the appointment, and a no-show once
    /// the band has begun, unless it is meant anyway.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`], [`Rejection::StaffOnly`], [`Rejection::AnotherHall`], [`Rejection::WrongState`], for a party if nobody of it
    /// can do this step; [`Rejection::NotOnItsDay`], [`Rejection::NotBegun`]; [`Refusal`] if nothing can be written.
    pub async fn attend(
        &self,
        call: Call,
        named: Named,
        action: Action,
        attending: Attending,
    ) -> Result<Answer, Refusal> {
        self.attempt(call, |call, repeat| self.0.try_attend(call, repeat, named, action, attending)).await
    }
}

impl Inner {
    fn try_attend(
        self: &Arc<Self>,
        call: &Call,
        repeat: &mut Option<Repeat>,
        named: Named,
        action: Action,
        attending: Attending,
    ) -> Result<Outcome, Stop> {
        let Caller::Staff(_) = call.caller else {
            return Err(Rejection::StaffOnly.into());
        };
        let id = match named {
            Named::Id(id) => id,
            Named::Code(code) => self.book.with_code(code).ok_or(Rejection::UnknownAppointment)?.id,
        };
        let whom = Whom { id, whole_party: attending.whole_party };
        let held = self.hold_fast(&call.caller, whom)?;
        let snapshot = self.snapshot.read();
        let before = attended(&held, whom, action, call.now)?;
        if !attending.anyway {
            judge_moment(&snapshot, &before, action, call.now)?;
        }
        let change = Change::of(action, whom.whole_party, before, held.transition, call.now);
        self.submit_change(call, repeat, Arc::clone(&snapshot), change)
    }
}

/// Who of those that are held takes a step, with the status that each has afterwards.
fn attended(held: &Held, whom: Whom, action: Action, now: DateTime<Utc>) -> Result<Changeable, Rejection> {
    let named = held.named(whom)?;
    let comes_along = |other: &&Appointment| {
        other.id == named.id || (other.slot.hall, other.slot.date) == (named.slot.hall, named.slot.date)
    };
    let together = held.appointments.iter().filter(comes_along);
    let able: Changeable = together.filter_map(|one| Some((*one, judge_status(one, action, now).ok()?))).collect();
    // Where nobody can, what stands against the one that is named says why.
    if able.is_empty() { judge_status(named, action, now).map(|_| able) } else { Ok(able) }
}

fn judge_moment(snapshot: &Snapshot, before: &Changeable, action: Action, now: DateTime<Utc>) -> Result<(), Rejection> {
    before.iter().try_for_each(|(one, _)| {
        let hall = snapshot.hall(one.slot.hall.as_str()).ok();
        policy::judge_attendance(one, hall, action, now)
    })
}
