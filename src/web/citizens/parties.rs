//! Who was booked together, as far as a person may see it, and what that person may still change.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::appointment::{Action, Appointment, AppointmentId, PersonKey};
use crate::domain::policy::still_changeable;
use crate::domain::rejection::Rejection;
use crate::engine::Engine;

/// How many appointments of a person are looked at for the members of one party: far more than anybody makes within a
/// millisecond.
const MAX_LOOKED_AT: usize = 64;
/// The bits of a UUID version 7 below its milliseconds.
const BELOW_MILLIS: u32 = 80;

/// The members of an appointment's party that a person may see, in their order, ended ones included.
#[must_use]
pub fn members(engine: &Engine, person: PersonKey, of: &Appointment) -> Vec<Appointment> {
    // A party is made at one instant, so its ids are the newest before the next millisecond.
    let found = engine.of_person(person, Some(next_milli(of.id)), MAX_LOOKED_AT);
    let mut members: Vec<Appointment> = found.into_iter().filter(|member| member.party == of.party).collect();
    members.sort_by_key(|member| member.position);
    members
}

/// The members that a change is about: one, or of its party all that have not ended.
#[must_use]
pub fn concerned(
    engine: &Engine,
    person: PersonKey,
    of: &Appointment,
    whole_party: bool,
    now: DateTime<Utc>,
) -> Vec<Appointment> {
    if !whole_party {
        return vec![*of];
    }
    members(engine, person, of).into_iter().filter(|member| member.status_at(now).is_active()).collect()
}

/// Whether a person may be offered a change: what the engine will judge again when it is asked for.
///
/// # Errors
/// [`Rejection::Forbidden`] for somebody else's party, [`Rejection::WrongState`], [`Rejection::Begun`].
pub fn judge(
    appointment: &Appointment,
    person: PersonKey,
    whole_party: bool,
    action: Action,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    let (status, wanted) = (appointment.status_at(now), action.participle());
    if whole_party && appointment.made_by != person {
        return Err(Rejection::Forbidden("only who made a party changes the whole of it"));
    }
    if status.after(action).is_none() {
        return Err(Rejection::WrongState { status, wanted });
    }
    if still_changeable(appointment.starts_at, now) {
        Ok(())
    } else {
        Err(Rejection::Begun { began: appointment.starts_at, wanted })
    }
}

/// How much of a party is meant.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PartyQuery {
    party: Option<String>,
}

impl PartyQuery {
    /// Whether the whole party is.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.party.as_deref() == Some("true")
    }
}

/// The parameter that says so, as the query of an address; empty for one member.
#[must_use]
pub const fn query(whole_party: bool) -> &'static str {
    if whole_party { "?party=true" } else { "" }
}

/// The least id of the millisecond after the one in which an id was made.
fn next_milli(id: AppointmentId) -> AppointmentId {
    let millis = id.0.as_u128() >> BELOW_MILLIS;
    AppointmentId(Uuid::from_u128((millis + 1) << BELOW_MILLIS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::{Status, samples};

    #[test]
    fn the_next_millisecond_comes_after_every_id_of_this_one() {
        let id = samples::held().id;
        let last = AppointmentId(Uuid::from_u128(id.0.as_u128() | ((1 << BELOW_MILLIS) - 1)));
        assert!(id < next_milli(id) && last < next_milli(id));
        assert_eq!(next_milli(last), next_milli(id));
    }

    #[test]
    fn a_change_is_offered_to_who_may_make_it_until_the_band_begins() {
        let held = samples::held();
        let (now, begun) = (held.created_at, held.starts_at.to_utc());
        let booked = held.changed(Status::Booked, now);
        let judged = |whole: bool, who: PersonKey, at| judge(&booked, who, whole, Action::Cancel, at).err();
        assert_eq!(judged(false, booked.applicant, now), None);
        assert_eq!(judged(true, booked.made_by, now), None);
        assert!(matches!(judged(true, booked.applicant, now), Some(Rejection::Forbidden(_))));
        assert!(matches!(judged(false, booked.applicant, begun), Some(Rejection::Begun { .. })));
        let cancelled = booked.changed(Status::Cancelled, now);
        let again = judge(&cancelled, booked.made_by, false, Action::Cancel, now);
        assert!(matches!(again, Err(Rejection::WrongState { status: Status::Cancelled, .. })));
    }
}
