//! What each person has: one active appointment for each document, so many made for anybody, and the list of them.
//!
//! A claim is *under way* from when it is taken until its entry is settled. A rival that meets a claim under way does not
//! yet know how that ends; it waits and asks again, so nobody is refused for something that did not happen.
//!
//! Persons lie in shards that are locked for one step each. Lists hold handles; while one is changed the book is asked
//! for an id now and then, so the order of locks is a person's shard, then one of the book's.

use std::sync::Arc;

use foldhash::fast::RandomState;
use parking_lot::{RwLock, RwLockWriteGuard};
use smallvec::SmallVec;

use super::book::{Book, Handle};
use super::slab::{Index, SHARDS, Slab, whereabouts};
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey};
use crate::domain::name::DocumentId;

/// How many appointments of any state are kept that one person has made: who has made so many makes no more. What others
/// make for somebody counts for them alone, or strangers could use up anybody's share.
pub const MAX_MADE_BY_ONE_PERSON: u32 = 10_000;

/// An active appointment for a document, as the claim that others meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Active {
    document: DocumentId,
    under_way: bool,
}

#[derive(Debug)]
struct Person {
    key: PersonKey,
    active: SmallVec<[Active; 4]>,
    /// Appointments made by or for this person, in the order of their ids.
    appointments: SmallVec<[Handle; 4]>,
    /// Active appointments that this person has made, and how many of them are still under way.
    made: u32,
    made_under_way: u32,
    /// Appointments of any state that this person has made.
    made_ever: u32,
}

/// Persons are what the memory is full of after the records: each takes this many bytes and no more.
const PERSON_BYTES: usize = 80;
const _: () = assert!(size_of::<Person>() == PERSON_BYTES);

impl Person {
    fn new(key: PersonKey) -> Self {
        Self { key, active: SmallVec::new(), appointments: SmallVec::new(), made: 0, made_under_way: 0, made_ever: 0 }
    }

    fn is_nobody(&self) -> bool {
        self.active.is_empty() && self.made == 0 && self.appointments.is_empty()
    }

    fn claim(&mut self, document: DocumentId) -> Result<(), Taken> {
        match self.active.iter().find(|active| active.document == document) {
            Some(Active { under_way: true, .. }) => Err(Taken::UnderWay),
            Some(Active { under_way: false, .. }) => Err(Taken::Recorded),
            None => {
                self.active.push(Active { document, under_way: true });
                Ok(())
            }
        }
    }

    fn release(&mut self, document: DocumentId) {
        self.active.retain(|active| active.document != document);
    }

    fn claim_share(&mut self, count: u32, max: u32) -> Result<(), Taken> {
        if self.made_ever.saturating_add(count) > MAX_MADE_BY_ONE_PERSON {
            return Err(Taken::Everything);
        }
        if self.made.saturating_add(count) <= max {
            self.made += count;
            self.made_under_way += count;
            return Ok(());
        }
        let recorded = self.made - self.made_under_way;
        Err(if recorded.saturating_add(count) <= max { Taken::UnderWay } else { Taken::Recorded })
    }

    /// Puts an appointment into the list: nearly always at the end, since ids begin with the instant at which they are made.
    fn list(&mut self, handle: Handle, id: AppointmentId, book: &Book) {
        let later = self.appointments.iter().rev().take_while(|other| book.id_at(**other) > id).count();
        let at = self.appointments.len() - later;
        if at == 0 || self.appointments[at - 1] != handle {
            self.appointments.insert(at, handle);
        }
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

#[derive(Debug, Default)]
struct Shard {
    persons: Slab<Person>,
    by_key: Index,
    /// Rows of persons who have nothing any more.
    free: Vec<u32>,
}

impl Shard {
    fn find(&self, hash: u32, key: PersonKey) -> Option<u32> {
        self.by_key.find(hash, |row| self.persons.get(row).key == key)
    }
}

/// One person's shard, locked.
struct Locked<'a> {
    shard: RwLockWriteGuard<'a, Shard>,
    hash: u32,
    key: PersonKey,
}

impl Locked<'_> {
    fn find_or_make(&mut self) -> &mut Person {
        let Self { shard, hash, key } = self;
        let row = shard.find(*hash, *key).unwrap_or_else(|| {
            let person = Person::new(*key);
            let row = if let Some(row) = shard.free.pop() {
                *shard.persons.get_mut(row) = person;
                row
            } else {
                shard.persons.push(person)
            };
            shard.by_key.insert(*hash, row);
            row
        });
        shard.persons.get_mut(row)
    }

    /// Changes a person who is there, and forgets who has nothing any more.
    fn change(mut self, change: impl FnOnce(&mut Person)) {
        let Some(row) = self.shard.find(self.hash, self.key) else { return };
        let person = self.shard.persons.get_mut(row);
        change(person);
        if person.is_nobody() {
            *person = Person::new(self.key);
            self.shard.by_key.remove(self.hash, row);
            self.shard.free.push(row);
        }
    }
}

/// All persons with an appointment. Clones are the same.
#[derive(Debug, Clone)]
pub struct Persons(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    hasher: RandomState,
    shards: Box<[RwLock<Shard>]>,
}

impl Default for Persons {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| RwLock::default()).collect();
        Self(Arc::new(Inner { hasher: RandomState::default(), shards }))
    }
}

impl Persons {
    fn lock(&self, key: PersonKey) -> Locked<'_> {
        let (at, hash) = whereabouts(&self.0.hasher, &key);
        Locked { shard: self.0.shards[at].write(), hash, key }
    }

    /// Claims for each applicant that there is no other active appointment for `document`, and then for who makes the
    /// booking that so many more are at most `max`. All of it, or nothing.
    ///
    /// # Errors
    /// The place of the applicant who has one, or none where it is the share of who makes the booking; and why.
    pub fn claim(
        &self,
        applicants: &[PersonKey],
        document: DocumentId,
        made_by: PersonKey,
        max: u32,
    ) -> Result<PersonClaims, (Option<usize>, Taken)> {
        let mut claims =
            PersonClaims { owner: Some(self.clone()), document, applicants: SmallVec::new(), made_by, share: 0 };
        for (at, applicant) in applicants.iter().enumerate() {
            self.lock(*applicant).find_or_make().claim(document).map_err(|taken| (Some(at), taken))?;
            claims.applicants.push(*applicant);
        }
        let count = u32::try_from(applicants.len()).unwrap_or(u32::MAX);
        let mut maker = self.lock(made_by);
        if let Err(taken) = maker.find_or_make().claim_share(count, max) {
            maker.change(|_| {});
            return Err((None, taken));
        }
        drop(maker);
        claims.share = count;
        Ok(claims)
    }

    /// Puts back an appointment that the ledger remembers.
    pub fn restore(&self, appointment: &Appointment, handle: Handle, book: &Book) {
        let active = appointment.status.is_active();
        {
            let mut applicant = self.lock(appointment.applicant);
            let applicant = applicant.find_or_make();
            applicant.list(handle, appointment.id, book);
            if active {
                applicant.active.push(Active { document: appointment.document, under_way: false });
            }
        }
        let mut maker = self.lock(appointment.made_by);
        let maker = maker.find_or_make();
        maker.list(handle, appointment.id, book);
        maker.made_ever += 1;
        maker.made += u32::from(active);
    }

    /// Ends what an active appointment claimed.
    pub fn release(&self, appointment: &Appointment) {
        self.lock(appointment.applicant).change(|person| person.release(appointment.document));
        self.lock(appointment.made_by).change(|person| person.made -= 1);
    }

    /// The appointments made by or for a person, newest first, older than `before` where that is given.
    #[must_use]
    pub fn appointments(
        &self,
        key: PersonKey,
        before: Option<AppointmentId>,
        limit: usize,
        book: &Book,
    ) -> Vec<Appointment> {
        let (at, hash) = whereabouts(&self.0.hasher, &key);
        let shard = self.0.shards[at].read();
        let Some(row) = shard.find(hash, key) else { return Vec::new() };
        let list = &shard.persons.get(row).appointments;
        let end = before.map_or(list.len(), |id| list.partition_point(|other| book.id_at(*other) < id));
        let page: SmallVec<[Handle; 32]> = list[..end].iter().rev().take(limit).copied().collect();
        drop(shard);
        page.into_iter().map(|handle| book.at(handle)).collect()
    }
}

/// The claims of a booking on persons, given back on drop unless kept.
#[derive(Debug)]
pub struct PersonClaims {
    owner: Option<Persons>,
    document: DocumentId,
    applicants: SmallVec<[PersonKey; 1]>,
    made_by: PersonKey,
    share: u32,
}

impl PersonClaims {
    /// Keeps them: the ledger has the appointments, which are in the book and stand here in the order of the applicants.
    pub fn keep(mut self, appointments: &[(Handle, AppointmentId)], book: &Book) {
        let Some(persons) = self.owner.take() else { return };
        for (applicant, (handle, id)) in self.applicants.iter().zip(appointments) {
            persons.lock(*applicant).change(|person| {
                person.list(*handle, *id, book);
                for active in person.active.iter_mut().filter(|active| active.document == self.document) {
                    active.under_way = false;
                }
            });
        }
        persons.lock(self.made_by).change(|person| {
            person.made_under_way -= self.share;
            person.made_ever += self.share;
            for (handle, id) in appointments {
                person.list(*handle, *id, book);
            }
        });
    }
}

impl Drop for PersonClaims {
    fn drop(&mut self) {
        let Some(persons) = &self.owner else { return };
        for applicant in &self.applicants {
            persons.lock(*applicant).change(|person| person.release(self.document));
        }
        if self.share > 0 {
            persons.lock(self.made_by).change(|person| {
                person.made -= self.share;
                person.made_under_way -= self.share;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::appointment::{Status, samples};

    const PERSON: PersonKey = PersonKey([1; 16]);
    const OTHER: PersonKey = PersonKey([2; 16]);

    fn passport() -> DocumentId {
        DocumentId::intern("passport").unwrap()
    }

    /// The `nth` appointment, put into a book.
    fn appointment(book: &Book, nth: u128, applicant: PersonKey, made_by: PersonKey) -> (Handle, Appointment) {
        let id = AppointmentId(Uuid::from_u128(nth));
        let appointment = Appointment { id, applicant, made_by, status: Status::Booked, ..samples::held() };
        (book.put(&appointment).0, appointment)
    }

    fn claim(persons: &Persons, person: PersonKey) -> Result<PersonClaims, (Option<usize>, Taken)> {
        persons.claim(&[person], passport(), person, 5)
    }

    fn share(persons: &Persons, count: u8, max: u32) -> Result<PersonClaims, (Option<usize>, Taken)> {
        // Somebody else each time, so that only the share of who makes the booking is in question.
        let nobody = persons.0.shards.iter().map(|shard| shard.read().persons.iter().count()).sum::<usize>();
        let applicants: Vec<_> = (0..count).map(|at| PersonKey([100 + at; 16]).nth(nobody)).collect();
        persons.claim(&applicants, passport(), PERSON, max)
    }

    impl PersonKey {
        fn nth(mut self, number: usize) -> Self {
            self.0[8..].copy_from_slice(&(number as u64).to_be_bytes());
            self
        }
    }

    fn is_empty(persons: &Persons) -> bool {
        persons.0.shards.iter().all(|shard| {
            let shard = shard.read();
            shard.free.len() == shard.persons.iter().count()
        })
    }

    #[test]
    fn a_claim_is_under_way_until_it_is_kept() {
        let (persons, book) = (Persons::default(), Book::default());
        let first = claim(&persons, PERSON).unwrap();
        assert_eq!(claim(&persons, PERSON).unwrap_err(), (Some(0), Taken::UnderWay));
        let (handle, kept) = appointment(&book, 1, PERSON, PERSON);
        first.keep(&[(handle, kept.id)], &book);
        assert_eq!(claim(&persons, PERSON).unwrap_err(), (Some(0), Taken::Recorded));
        assert!(persons.claim(&[PERSON], DocumentId::intern("taiwan-permit").unwrap(), PERSON, 5).is_ok());
        persons.release(&kept);
        assert!(claim(&persons, PERSON).is_ok(), "what has ended stands in nobody's way");
    }

    #[test]
    fn of_a_party_all_are_claimed_or_none() {
        let (persons, book) = (Persons::default(), Book::default());
        let (handle, kept) = appointment(&book, 1, OTHER, OTHER);
        claim(&persons, OTHER).unwrap().keep(&[(handle, kept.id)], &book);
        let party = persons.claim(&[PERSON, OTHER], passport(), PERSON, 5);
        assert_eq!(party.unwrap_err(), (Some(1), Taken::Recorded));
        assert!(claim(&persons, PERSON).is_ok(), "the first of the party was given back");
    }

    #[test]
    fn what_is_dropped_leaves_nothing_behind() {
        let persons = Persons::default();
        drop(claim(&persons, PERSON).unwrap());
        drop(share(&persons, 5, 5).unwrap());
        assert_eq!(share(&persons, 6, 5).unwrap_err(), (None, Taken::Recorded));
        assert!(is_empty(&persons), "{persons:?}");
    }

    #[test]
    fn a_share_counts_what_is_under_way() {
        let (persons, book) = (Persons::default(), Book::default());
        let keep = |claims: PersonClaims, from: u128| {
            let made: Vec<_> = claims
                .applicants
                .clone()
                .into_iter()
                .zip(from..)
                .map(|(applicant, nth)| appointment(&book, nth, applicant, PERSON))
                .map(|(handle, appointment)| (handle, appointment.id))
                .collect();
            claims.keep(&made, &book);
        };
        keep(share(&persons, 3, 5).unwrap(), 1);
        let two = share(&persons, 2, 5).unwrap();
        assert_eq!(share(&persons, 1, 5).unwrap_err(), (None, Taken::UnderWay));
        assert_eq!(share(&persons, 3, 5).unwrap_err(), (None, Taken::Recorded));
        keep(two, 4);
        assert_eq!(share(&persons, 1, 5).unwrap_err(), (None, Taken::Recorded));
        let listed = persons.appointments(PERSON, None, 9, &book);
        assert_eq!(listed.iter().map(|one| one.id.0.as_u128()).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    }

    #[test]
    fn lists_are_in_the_order_of_ids_whatever_is_settled_first() {
        let (persons, book) = (Persons::default(), Book::default());
        for nth in [3, 1, 4, 2, 5] {
            let (handle, made) = appointment(&book, nth, PERSON, PERSON);
            persons.restore(&made, handle, &book);
        }
        let ids = |before: Option<u128>, limit| {
            let before = before.map(|id| AppointmentId(Uuid::from_u128(id)));
            let page = persons.appointments(PERSON, before, limit, &book);
            page.iter().map(|one| one.id.0.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(ids(None, 9), [5, 4, 3, 2, 1]);
        assert_eq!(ids(Some(4), 2), [3, 2]);
        assert!(persons.appointments(OTHER, None, 9, &book).is_empty());
    }

    #[test]
    fn who_has_made_everything_makes_no_more() {
        let (persons, book) = (Persons::default(), Book::default());
        persons.lock(PERSON).find_or_make().made_ever = MAX_MADE_BY_ONE_PERSON - 1;
        let (handle, made) = appointment(&book, 1, OTHER, PERSON);
        persons.claim(&[OTHER], passport(), PERSON, 5).expect("one more can be made").keep(&[(handle, made.id)], &book);
        assert_eq!(share(&persons, 1, 5).unwrap_err(), (None, Taken::Everything));
        persons.claim(&[PERSON], passport(), OTHER, 5).expect("others may still book for this person");

        // What strangers made for somebody is in the list, and counts for the strangers.
        let stranger = PersonKey([3; 16]);
        for nth in 2..=20 {
            let (handle, made) = appointment(&book, nth, OTHER, stranger);
            persons.restore(&made, handle, &book);
        }
        assert_eq!(persons.lock(OTHER).find_or_make().made_ever, 0);
        assert_eq!(persons.lock(stranger).find_or_make().made_ever, 19);
    }
}
