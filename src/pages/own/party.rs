//! Who was booked together, as far as a person may see it, and what that person may still change.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::access::person::Person;
use crate::domain::appointment::{Action, Appointment, AppointmentId, PersonKey, Status};
use crate::domain::rejection::Rejection;
use crate::engine::{Caller, Engine, judge_change};
use crate::pages::text::Text;

/// How many appointments of a person are looked at for the members of one party: far more than anybody makes within a
/// millisecond.
const MAX_LOOKED_AT: usize = 64;
/// How many characters of a number tell members apart.
const NUMBER_END: usize = 4;
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

/// So many members, as people are counted on the way to a time.
#[must_use]
pub fn count(members: usize) -> u32 {
    u32::try_from(members).unwrap_or(u32::MAX)
}

/// How many people a hold that has ended was for: those who were still in its party then.
#[must_use]
pub fn expired_together(engine: &Engine, person: PersonKey, held: &Appointment, now: DateTime<Utc>) -> u32 {
    let party = members(engine, person, held);
    let is_with = |member: &&Appointment| member.slot == held.slot && member.status_at(now) == Status::Expired;
    count(party.iter().filter(is_with).count().max(1))
}

/// Whether a person may be offered a change: what the engine will judge again when it is asked for.
///
/// # Errors
/// As [`judge_change`].
pub fn judge(
    appointment: &Appointment,
    person: PersonKey,
    whole_party: bool,
    action: Action,
    now: DateTime<Utc>,
) -> Result<(), Rejection> {
    judge_change(&Caller::Person(person), appointment, whole_party, action, now)
}

/// Whether the band of an appointment has ended.
#[must_use]
pub fn is_over(appointment: &Appointment, now: DateTime<Utc>) -> bool {
    let slot = &appointment.slot;
    let length = TimeDelta::minutes(i64::from(slot.end.minutes()) - i64::from(slot.start.minutes()));
    now >= appointment.starts_at + length
}

/// What a member is called on the pages of a person, so that no two are called alike: the person itself by more of the
/// name, which is the session's; anybody else by what is known of the name and the end of the number.
#[must_use]
pub fn called(text: Text, person: &Person, member: &Appointment) -> String {
    if member.applicant == person.key {
        return text.with("own-yourself", &[("name", own_name(&person.applicant.name).into())]);
    }
    let number = member.mask.id_number();
    let end = number.get(number.len().saturating_sub(NUMBER_END)..).unwrap_or_default().to_owned();
    text.with("own-other", &[("name", member.mask.name().into()), ("end", end.into())])
}

/// The first and the last character of a name; only the first of a short one.
fn own_name(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    match letters.as_slice() {
        [first, _, .., last] => format!("{first}*{last}"),
        [first, ..] => format!("{first}*"),
        [] => "*".to_owned(),
    }
}

/// How much of a party is meant.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PartyQuery {
    party: Option<String>,
    changed: Option<String>,
}

impl PartyQuery {
    /// Whether the whole party is.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.party.as_deref() == Some("true")
    }

    /// Whether it is not said.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.party.is_none()
    }

    /// Whether the appointment was changed while somebody looked at the page, so that it is shown anew.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.changed.as_deref() == Some("1")
    }
}

/// The parameter that says how much is meant, as the query of an address.
#[must_use]
pub const fn query(whole_party: bool) -> &'static str {
    if whole_party { "?party=true" } else { "?party=false" }
}

/// The least id of the millisecond after the one in which an id was made.
fn next_milli(id: AppointmentId) -> AppointmentId {
    let millis = id.0.as_u128() >> BELOW_MILLIS;
    AppointmentId(Uuid::from_u128((millis + 1) << BELOW_MILLIS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;

    #[test]
    fn the_next_millisecond_comes_after_every_id_of_this_one() {
        let id = samples::held().id;
        let last = AppointmentId(Uuid::from_u128(id.0.as_u128() | ((1 << BELOW_MILLIS) - 1)));
        assert!(id < next_milli(id) && last < next_milli(id));
        assert_eq!(next_milli(last), next_milli(id));
    }

    #[test]
    fn a_name_of_ones_own_is_shown_by_its_ends() {
        let check = |name: &str, expected: &str| assert_eq!(own_name(name), expected, "{name}");
        check("王晓明", "王*明");
        check("欧阳晓明", "欧*明");
        check("王明", "王*");
        check("王", "王*");
        check("", "*");
    }

    #[test]
    fn a_change_is_offered_to_who_may_make_it_until_the_band_begins() {
        let held = samples::held();
        let (now, begun) = (held.created_at, held.starts_at.to_utc());
        let booked = held.changed(Status::Booked, now);
        let judged = |whole: bool, who: PersonKey, at| judge(&booked, who, whole, Action::Cancel, at).err();
        assert_eq!(judged(false, booked.applicant, now), None);
        assert_eq!(judged(true, booked.made_by, now), None);
        assert!(matches!(judged(true, booked.applicant, now), Some(Rejection::NotTheMaker)));
        assert!(matches!(judged(false, booked.applicant, begun), Some(Rejection::Begun { .. })));
        let cancelled = booked.changed(Status::Cancelled, now);
        let again = judge(&cancelled, booked.made_by, false, Action::Cancel, now);
        assert!(matches!(again, Err(Rejection::WrongState { status: Status::Cancelled, .. })));
    }
}
