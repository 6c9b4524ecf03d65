//! What staff changed of an appointment, for its person to see.
//!
//! A desk moves a displaced appointment, or cancels one, and its person is not there. So the change is kept until the
//! person has seen it: as a remembered answer whose key is a digest of the appointment's id and of the revision that the
//! change made. That a person has seen it is another answer, whose key has the person besides. Both are the same through
//! every instance, survive a restart, and are forgotten after [24 hours](crate::engine::remembered::REMEMBERED_HOURS).
//!
//! Invariants: a change that the person makes afterwards has another revision, so nothing old is told then; whoever has
//! seen a change has it forgotten after the change itself, so it is not told again.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Refusal};
use super::call::{Caller, StaffCaller};
use super::remembered::Fingerprint;
use super::{Engine, Inner};
use crate::domain::appointment::{Action, Appointment, AppointmentId, PersonKey, Slot};
use crate::ledger::entry::Owner;

/// What sets the keys of changes apart from those that callers choose.
const KIND: &str = "staff change 1";
/// The call behind every key: there is only one.
const CALL: [u8; 16] = *b"told to a person";
/// How many changes by staff are looked back over for the slot that a person knows.
const MAX_LOOKED_BACK: u32 = 16;

/// A change that staff made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffChange {
    /// What was done: [`Action::Reschedule`] or [`Action::Cancel`].
    pub action: Action,
    /// The slot before.
    pub was: Slot,
}

fn fingerprint(id: AppointmentId, revision: u32, seen_by: Option<PersonKey>) -> Fingerprint {
    let mut text = format!("{KIND}\n{id}\n{revision}\n").into_bytes();
    // A key without a person is shorter than any with one, so the two never look alike.
    text.extend(seen_by.iter().flat_map(|person| person.0));
    let key = *digest(&SHA256, &text).as_ref().first_chunk().expect("SHA-256 gives 32 bytes");
    Fingerprint { owner: seen_by.map(Owner::Person), key, call: CALL }
}

impl Inner {
    fn staff_change(&self, id: AppointmentId, revision: u32) -> Option<StaffChange> {
        match self.idempotency.answer_to(fingerprint(id, revision, None)) {
            Ok(Some(Answer::Text(line))) => serde_json::from_str(&line).ok(),
            _ => None,
        }
    }

    fn is_seen(&self, id: AppointmentId, revision: u32, person: PersonKey) -> bool {
        matches!(self.idempotency.answer_to(fingerprint(id, revision, Some(person))), Ok(Some(_)))
    }
}

impl Engine {
    /// The latest change of an appointment, where staff made it and this person has not seen it. Where staff made several
    /// in a row, the slot before is that before the first one which the person has not seen.
    #[must_use]
    pub fn unseen_change(&self, appointment: &Appointment, person: PersonKey) -> Option<StaffChange> {
        let Appointment { id, revision, .. } = *appointment;
        let unseen = |revision: u32| {
            let change = self.0.staff_change(id, revision)?;
            (!self.0.is_seen(id, revision, person)).then_some(change)
        };
        let latest = unseen(revision)?;
        let earlier = (1..=MAX_LOOKED_BACK).map_while(|back| unseen(revision.checked_sub(back)?)).last();
        Some(StaffChange { was: earlier.map_or(latest.was, |first| first.was), ..latest })
    }

    /// Notes that a person has seen how staff changed an appointment. Done twice, it is done once.
    ///
    /// # Errors
    /// [`Refusal`] where nothing can be written.
    pub async fn note_seen(
        &self,
        person: PersonKey,
        id: AppointmentId,
        revision: u32,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if self.0.staff_change(id, revision).is_none() {
            return Ok(());
        }
        let key = fingerprint(id, revision, Some(person));
        self.write_once(Caller::Person(person), key, "seen".to_owned(), now).await.map(|_| ())
    }

    /// Keeps what a member of staff did with an appointment for its person. It is done already and stays done: where it
    /// cannot be kept, the person finds the appointment as it is, without a word of what it was.
    pub(super) async fn tell_person(&self, member: &StaffCaller, was: &Slot, after: &Appointment, action: Action) {
        let change = StaffChange { action, was: *was };
        let line = serde_json::to_string(&change).expect("every part of a change has a stored form");
        let (key, now) = (fingerprint(after.id, after.revision, None), self.0.clock.now());
        if let Err(refusal) = self.write_once(Caller::Staff(member.clone()), key, line, now).await {
            tracing::warn!(%refusal, appointment = %after.id, by = member.id, "a desk's change could not be kept for its person");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;

    #[test]
    fn every_appointment_revision_and_person_has_a_key_of_its_own() {
        let id = samples::held().id;
        let other = AppointmentId(uuid::Uuid::from_u128(id.0.as_u128() + 1));
        let [one, two] = [PersonKey([1; 16]), PersonKey([2; 16])];
        let keys = [
            fingerprint(id, 1, None),
            fingerprint(id, 11, None),
            fingerprint(other, 1, None),
            fingerprint(id, 1, Some(one)),
            fingerprint(id, 1, Some(two)),
            fingerprint(id, 11, Some(one)),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(keys[at + 1..].iter().all(|later| later.key != key.key), "{at}");
        }
        assert_eq!((keys[0].owner, keys[3].owner), (None, Some(Owner::Person(one))));
    }

    #[test]
    fn a_change_reads_back_as_it_was_kept() {
        let change = StaffChange { action: Action::Reschedule, was: samples::held().slot };
        let line = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<StaffChange>(&line).unwrap(), change, "{line}");
    }
}
