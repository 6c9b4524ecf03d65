//! What each person has: one active appointment for each document, so many made for anybody, and the list of them.
//!
//! A claim is *under way* from when it is taken until its entry is settled. A rival that meets a claim under way does not
//! yet know how that ends; it waits and asks again, so nobody is refused for something that did not happen.

use std::sync::Arc;

use smallvec::SmallVec;

use super::Map;
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey};
use crate::domain::name::DocumentId;

/// How many appointments of any state are kept that one person has made: who has made so many makes no more. What others
/// make for somebody counts for them alone, or strangers could use up anybody's share.
pub const MAX_MADE_BY_ONE_PERSON: u32 = 10_000;

#[derive(Debug, Default)]
struct Person {
    /// The active appointment for each document, and whether it is still under way.
    claims: SmallVec<[(DocumentId, AppointmentId, bool); 1]>,
    /// Active appointments that this person has made, and how many of them are still under way.
    made: u32,
    made_under_way: u32,
    /// Appointments of any state that this person has made.
    made_ever: u32,
    /// Appointments made by or for this person, in the order of their ids.
    appointments: SmallVec<[AppointmentId; 1]>,
}

impl Person {
    fn is_nobody(&self) -> bool {
        self.claims.is_empty() && self.made == 0 && self.appointments.is_empty()
    }
}

/// Why a person's claim is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// By an appointment that is recorded.
    Recorded,
    /// By one that is still under way: ask again when it is settled.
    UnderWay,
    /// By all that is kept for one person.
    Everything,
}

/// All persons with an appointment.
#[derive(Debug, Default, Clone)]
pub struct Persons(Arc<Map<PersonKey, Person>>);

impl Persons {
    /// Claims that `person` has no other active appointment for `document`.
    ///
    /// # Errors
    /// [`Taken`] where there is one.
    pub fn claim(&self, person: PersonKey, document: DocumentId, id: AppointmentId) -> Result<PersonClaim, Taken> {
        let mut entry = self.0.entry(person).or_default();
        match entry.claims.iter().find(|(of, _, _)| *of == document) {
            Some((_, _, true)) => Err(Taken::UnderWay),
            Some((_, _, false)) => Err(Taken::Recorded),
            None => {
                entry.claims.push((document, id, true));
                Ok(PersonClaim { owner: Some(self.clone()), person, document })
            }
        }
    }

    /// Claims that `person` makes `count` more active appointments and then has made at most `max`.
    ///
    /// # Errors
    /// [`Taken`] where that would be more.
    pub fn claim_quota(&self, person: PersonKey, count: u32, max: u32) -> Result<QuotaClaim, Taken> {
        let mut entry = self.0.entry(person).or_default();
        if entry.made_ever.saturating_add(count) > MAX_MADE_BY_ONE_PERSON {
            return Err(Taken::Everything);
        }
        if entry.made.saturating_add(count) <= max {
            entry.made += count;
            entry.made_under_way += count;
            return Ok(QuotaClaim { owner: Some(self.clone()), person, count });
        }
        let recorded = entry.made - entry.made_under_way;
        let refusal = if recorded.saturating_add(count) <= max { Taken::UnderWay } else { Taken::Recorded };
        let nobody = entry.is_nobody();
        drop(entry);
        if nobody {
            self.forget_nobody(person);
        }
        Err(refusal)
    }

    /// Puts a new appointment into the lists of its applicant and of who made it.
    pub fn list(&self, appointment: &Appointment) {
        let add = |person, made| {
            let mut entry = self.0.entry(person).or_default();
            entry.made_ever += made;
            if let Err(at) = entry.appointments.binary_search(&appointment.id) {
                entry.appointments.insert(at, appointment.id);
            }
        };
        add(appointment.applicant, 0);
        add(appointment.made_by, 1);
    }

    /// Counts an active appointment that the ledger remembers.
    pub fn restore(&self, appointment: &Appointment) {
        let claim = (appointment.document, appointment.id, false);
        self.0.entry(appointment.applicant).or_default().claims.push(claim);
        self.0.entry(appointment.made_by).or_default().made += 1;
    }

    /// Ends what an active appointment claimed.
    pub fn release(&self, appointment: &Appointment) {
        self.change(appointment.applicant, |person| {
            person.claims.retain(|(document, id, _)| (*document, *id) != (appointment.document, appointment.id));
        });
        self.change(appointment.made_by, |person| person.made -= 1);
    }

    /// Ids of the appointments made by or for a person, newest first, older than `before` where that is given.
    #[must_use]
    pub fn appointments(&self, person: PersonKey, before: Option<AppointmentId>, limit: usize) -> Vec<AppointmentId> {
        let Some(entry) = self.0.get(&person) else { return Vec::new() };
        let end = before.map_or(entry.appointments.len(), |id| entry.appointments.partition_point(|other| *other < id));
        entry.appointments[..end].iter().rev().take(limit).copied().collect()
    }

    fn change(&self, key: PersonKey, change: impl FnOnce(&mut Person)) {
        if let Some(mut person) = self.0.get_mut(&key) {
            change(&mut person);
        }
        self.forget_nobody(key);
    }

    fn forget_nobody(&self, key: PersonKey) {
        self.0.remove_if(&key, |_, person| person.is_nobody());
    }
}

/// The claim of one applicant for one document, given back on drop unless kept.
#[derive(Debug)]
pub struct PersonClaim {
    owner: Option<Persons>,
    person: PersonKey,
    document: DocumentId,
}

impl PersonClaim {
    /// Keeps it: the ledger has the appointment.
    pub fn keep(mut self) {
        if let Some(persons) = self.owner.take() {
            persons.change(self.person, |person| {
                for claim in person.claims.iter_mut().filter(|claim| claim.0 == self.document) {
                    claim.2 = false;
                }
            });
        }
    }
}

impl Drop for PersonClaim {
    fn drop(&mut self) {
        if let Some(persons) = &self.owner {
            persons.change(self.person, |person| person.claims.retain(|(document, _, _)| *document != self.document));
        }
    }
}

/// The claim of who books on a share of the most that one may make, given back on drop unless kept.
#[derive(Debug)]
pub struct QuotaClaim {
    owner: Option<Persons>,
    person: PersonKey,
    count: u32,
}

impl QuotaClaim {
    /// Keeps it: the ledger has the appointments.
    pub fn keep(mut self) {
        if let Some(persons) = self.owner.take() {
            persons.change(self.person, |person| person.made_under_way -= self.count);
        }
    }
}

impl Drop for QuotaClaim {
    fn drop(&mut self) {
        if let Some(persons) = &self.owner {
            persons.change(self.person, |person| {
                person.made -= self.count;
                person.made_under_way -= self.count;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> AppointmentId {
        AppointmentId(Uuid::from_u128(number))
    }

    fn passport() -> DocumentId {
        DocumentId::intern("passport").unwrap()
    }

    const PERSON: PersonKey = PersonKey([1; 16]);

    #[test]
    fn a_claim_is_under_way_until_it_is_kept() {
        let persons = Persons::default();
        let claim = persons.claim(PERSON, passport(), id(1)).unwrap();
        assert_eq!(persons.claim(PERSON, passport(), id(2)).unwrap_err(), Taken::UnderWay);
        claim.keep();
        assert_eq!(persons.claim(PERSON, passport(), id(2)).unwrap_err(), Taken::Recorded);
        assert!(persons.claim(PERSON, DocumentId::intern("taiwan-permit").unwrap(), id(2)).is_ok());
    }

    #[test]
    fn what_is_dropped_leaves_nothing_behind() {
        let persons = Persons::default();
        drop(persons.claim(PERSON, passport(), id(1)).unwrap());
        drop(persons.claim_quota(PERSON, 5, 5).unwrap());
        assert_eq!(persons.claim_quota(PERSON, 6, 5).unwrap_err(), Taken::Recorded);
        assert!(persons.0.is_empty());
    }

    #[test]
    fn a_quota_counts_what_is_under_way() {
        let persons = Persons::default();
        persons.claim_quota(PERSON, 3, 5).unwrap().keep();
        let two = persons.claim_quota(PERSON, 2, 5).unwrap();
        assert_eq!(persons.claim_quota(PERSON, 1, 5).unwrap_err(), Taken::UnderWay);
        assert_eq!(persons.claim_quota(PERSON, 3, 5).unwrap_err(), Taken::Recorded);
        two.keep();
        assert_eq!(persons.claim_quota(PERSON, 1, 5).unwrap_err(), Taken::Recorded);
    }

    #[test]
    fn who_has_made_everything_makes_no_more() {
        let persons = Persons::default();
        let other = PersonKey([2; 16]);
        persons.0.entry(PERSON).or_default().made_ever = MAX_MADE_BY_ONE_PERSON - 1;
        persons.claim_quota(PERSON, 1, 5).expect("one more can be made").keep();
        assert_eq!(persons.claim_quota(PERSON, 2, 5).unwrap_err(), Taken::Everything);
        persons.claim(PERSON, passport(), id(0)).expect("others may still book for this person").keep();

        // What strangers made for somebody is in the list, and counts for the strangers.
        let ids = (1..=u128::from(MAX_MADE_BY_ONE_PERSON)).map(id);
        persons.0.entry(other).or_default().appointments.extend(ids);
        persons.claim_quota(other, 1, 5).expect("nobody else uses up this share").keep();
    }
}
