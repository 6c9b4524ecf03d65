//! What each person has: one active appointment for each document, so many made for anybody, and the list of them.
//!
//! A claim is *under way* from when it is taken until its entry is settled. A rival that meets a claim under way does not
//! yet know how that ends; it waits and asks again, so nobody is refused for something that did not happen.
//!
//! Persons lie in shards that are locked for one step each. Who has something keeps the row, so a claim remembers the row
//! that it is in.

use std::cmp::Reverse;
use std::sync::Arc;

use foldhash::fast::RandomState;
use parking_lot::{RwLock, RwLockWriteGuard};
use smallvec::SmallVec;

use crate::domain::appointment::{Appointment, AppointmentId, PersonKey};
use crate::domain::name::DocumentId;
use crate::engine::book::slab::{Index, SHARDS, Slab, whereabouts};
use crate::engine::book::{Book, Handle};

/// How many appointments of any state are kept that one person has made: who has made so many makes no more. What others
/// make for somebody counts for them alone, or strangers could use up anybody's share.
pub const MAX_MADE_BY_ONE_PERSON: u16 = 10_000;

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
    /// Appointments made by or for this person, each once, in the order in which they were settled: nearly that of their
    /// ids.
    appointments: SmallVec<[Handle; 4]>,
    /// Active appointments that this person has made, and how many of them are still under way.
    made: u16,
    made_under_way: u16,
    /// Appointments of any state that this person has made, at most [`MAX_MADE_BY_ONE_PERSON`].
    made_ever: u16,
}

/// Persons are what the memory is full of after the records: each takes this many bytes and no more.
const PERSON_BYTES: usize = 72;
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

    /// Ends one claim, which is there. If other instances write into the same ledger, one may be under way here beside a
    /// recorded one: the ledger refuses the former.
    fn release(&mut self, claim: Active) {
        let at = self.active.iter().position(|active| *active == claim).expect("a claim that ends was taken");
        self.active.swap_remove(at);
    }

    /// Ends a share of appointments that are under way, whatever became of them.
    fn end_share(&mut self, count: u16) {
        assert!(self.made_under_way >= count, "a share that ends was claimed");
        assert!(self.made >= self.made_under_way, "what is under way is a part of what was made");
        self.made_under_way -= count;
    }

    /// Gives how many there were before.
    fn claim_share(&mut self, count: u16, max: u32, is_new: bool) -> Result<u16, Taken> {
        if is_new && self.made_ever.saturating_add(count) > MAX_MADE_BY_ONE_PERSON {
            return Err(Taken::Everything);
        }
        let has_room_beside = |made: u16| u32::from(made) + u32::from(count) <= max;
        if has_room_beside(self.made) {
            self.made += count;
            self.made_under_way += count;
            return Ok(self.made - count);
        }
        let recorded = self.made - self.made_under_way;
        Err(if has_room_beside(recorded) { Taken::UnderWay } else { Taken::Recorded })
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

    /// Changes the person in a row, and forgets who has nothing any more.
    fn change(&mut self, row: u32, hash_of: impl FnOnce(PersonKey) -> u32, change: impl FnOnce(&mut Person)) {
        let person = self.persons.get_mut(row);
        change(person);
        if person.is_nobody() {
            let key = person.key;
            *person = Person::new(key);
            self.by_key.remove(hash_of(key), row);
            self.free.push(row);
        }
    }
}

/// One person's shard, locked.
struct Locked<'a> {
    shard: RwLockWriteGuard<'a, Shard>,
    at: usize,
    hash: u32,
    key: PersonKey,
}

impl Locked<'_> {
    fn find_or_make(&mut self) -> (u32, &mut Person) {
        let Self { shard, hash, key, .. } = self;
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
        (row, shard.persons.get_mut(row))
    }

    /// Changes the person, who is there.
    fn change(mut self, change: impl FnOnce(&mut Person)) {
        let row = self.shard.find(self.hash, self.key).expect("a person with appointments is known");
        self.shard.change(row, |_| self.hash, change);
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
        Self::with_room_for(0)
    }
}

impl Persons {
    /// Takes about so many persons before it has to grow.
    #[must_use]
    pub fn with_room_for(persons: usize) -> Self {
        let shard = |_| RwLock::new(Shard { by_key: Index::with_room_for_a_share_of(persons), ..Shard::default() });
        Self(Arc::new(Inner { hasher: RandomState::default(), shards: (0..SHARDS).map(shard).collect() }))
    }

    fn lock(&self, key: PersonKey) -> Locked<'_> {
        let (at, hash) = whereabouts(&self.0.hasher, &key);
        Locked { shard: self.0.shards[at].write(), at, hash, key }
    }

    /// Changes the person in a seat.
    fn sit(&self, seat: Seat, change: impl FnOnce(&mut Person)) {
        let hash_of = |key| whereabouts(&self.0.hasher, &key).1;
        self.0.shards[seat.shard].write().change(seat.row, hash_of, change);
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
        self.claim_all(applicants, document, made_by, max, true)
    }

    /// As [`Persons::claim`], for appointments that are kept already and have been active before.
    ///
    /// # Errors
    /// As [`Persons::claim`].
    pub fn reclaim(
        &self,
        applicants: &[PersonKey],
        document: DocumentId,
        made_by: PersonKey,
        max: u32,
    ) -> Result<PersonClaims, (Option<usize>, Taken)> {
        self.claim_all(applicants, document, made_by, max, false)
    }

    fn claim_all(
        &self,
        applicants: &[PersonKey],
        document: DocumentId,
        made_by: PersonKey,
        max: u32,
        is_new: bool,
    ) -> Result<PersonClaims, (Option<usize>, Taken)> {
        let mut claims = PersonClaims {
            owner: Some(self.clone()),
            document,
            is_new,
            applicants: SmallVec::new(),
            made_by: None,
            made_before: 0,
        };
        for (at, applicant) in applicants.iter().enumerate() {
            let mut locked = self.lock(*applicant);
            let (row, person) = locked.find_or_make();
            person.claim(document).map_err(|taken| (Some(at), taken))?;
            claims.applicants.push(Seat { shard: locked.at, row });
        }
        let count = claims.share();
        let mut maker = self.lock(made_by);
        let (row, person) = maker.find_or_make();
        match person.claim_share(count, max, is_new) {
            Ok(made_before) => claims.made_before = made_before,
            Err(taken) => {
                maker.change(|_| {});
                return Err((None, taken));
            }
        }
        claims.made_by = Some(Seat { shard: maker.at, row });
        Ok(claims)
    }

    /// Puts back an appointment that the ledger remembers.
    pub fn restore(&self, appointment: &Appointment, handle: Handle) {
        let active = appointment.status.is_active();
        {
            let mut locked = self.lock(appointment.applicant);
            let (_, applicant) = locked.find_or_make();
            applicant.appointments.push(handle);
            if active {
                applicant.active.push(Active { document: appointment.document, under_way: false });
            }
        }
        let mut locked = self.lock(appointment.made_by);
        let (_, maker) = locked.find_or_make();
        if appointment.made_by != appointment.applicant {
            maker.appointments.push(handle);
        }
        maker.made_ever = maker.made_ever.saturating_add(1);
        maker.made = maker.made.saturating_add(u16::from(active));
    }

    /// Takes again what an appointment claims that is active again, as another instance has recorded.
    pub fn take_again(&self, appointment: &Appointment) {
        let claim = Active { document: appointment.document, under_way: false };
        self.lock(appointment.applicant).find_or_make().1.active.push(claim);
        self.lock(appointment.made_by).find_or_make().1.made += 1;
    }

    /// Ends what an active appointment claimed.
    pub fn release(&self, appointment: &Appointment) {
        let claim = Active { document: appointment.document, under_way: false };
        self.lock(appointment.applicant).change(|person| person.release(claim));
        self.lock(appointment.made_by).change(|person| {
            assert!(person.made > person.made_under_way, "an appointment that ends was recorded");
            person.made -= 1;
        });
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
        let list: SmallVec<[Handle; 32]> = SmallVec::from_slice(&shard.persons.get(row).appointments);
        drop(shard);
        let mut list: SmallVec<[(AppointmentId, Handle); 32]> =
            list.into_iter().map(|handle| (book.id_at(handle), handle)).collect();
        // It is nearly in order, which a stable sort makes use of.
        list.sort_by_key(|(id, _)| Reverse(*id));
        let older = list.into_iter().filter(|(id, _)| before.is_none_or(|before| *id < before));
        older.take(limit).map(|(_, handle)| book.at(handle)).collect()
    }
}

/// Where a person with a claim is. The row is kept for as long as the claim is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seat {
    shard: usize,
    row: u32,
}

/// The claims of a booking on persons, given back on drop unless kept.
#[derive(Debug)]
pub struct PersonClaims {
    owner: Option<Persons>,
    document: DocumentId,
    /// Whether they are for appointments that nobody has counted yet.
    is_new: bool,
    applicants: SmallVec<[Seat; 2]>,
    /// Who makes the booking, with a share of as many appointments as there are applicants; none until that is claimed.
    made_by: Option<Seat>,
    made_before: u16,
}

impl PersonClaims {
    /// How many active appointments who books had made before.
    pub const fn made_before(&self) -> u32 {
        self.made_before as u32
    }

    /// Keeps them: the ledger has the appointments, which are in the book and stand here in the order of the applicants.
    pub fn keep(mut self, appointments: &[Handle]) {
        assert_eq!(self.applicants.len(), appointments.len(), "each applicant has one appointment");
        let Some(persons) = self.owner.take() else { return };
        for (seat, handle) in self.applicants.iter().zip(appointments) {
            persons.sit(*seat, |person| {
                if self.is_new {
                    person.appointments.push(*handle);
                }
                let claim = Active { document: self.document, under_way: true };
                let active = person.active.iter_mut().find(|active| **active == claim);
                active.expect("a claim that is kept was taken").under_way = false;
            });
        }
        let Some(maker) = self.made_by else { return };
        let share = self.share();
        let for_others = self.applicants.iter().zip(appointments).filter(|(seat, _)| **seat != maker);
        persons.sit(maker, |person| {
            person.end_share(share);
            if self.is_new {
                person.made_ever += share;
                person.appointments.extend(for_others.map(|(_, handle)| *handle));
            }
        });
    }

    fn share(&self) -> u16 {
        u16::try_from(self.applicants.len()).unwrap_or(u16::MAX)
    }
}

impl Drop for PersonClaims {
    fn drop(&mut self) {
        let Some(persons) = &self.owner else { return };
        let claim = Active { document: self.document, under_way: true };
        for seat in &self.applicants {
            persons.sit(*seat, |person| person.release(claim));
        }
        if let Some(maker) = self.made_by {
            persons.sit(maker, |person| {
                person.end_share(self.share());
                person.made -= self.share();
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
        first.keep(&[handle]);
        assert_eq!(claim(&persons, PERSON).unwrap_err(), (Some(0), Taken::Recorded));
        assert!(persons.claim(&[PERSON], DocumentId::intern("taiwan-permit").unwrap(), PERSON, 5).is_ok());
        persons.release(&kept);
        assert!(claim(&persons, PERSON).is_ok(), "what has ended stands in nobody's way");
    }

    #[test]
    fn what_is_claimed_again_is_neither_listed_nor_counted_twice() {
        let (persons, book) = (Persons::default(), Book::default());
        let (handle, mut kept) = appointment(&book, 1, PERSON, OTHER);
        kept.status = Status::NoShow;
        persons.restore(&kept, handle);
        let again = || persons.reclaim(&[PERSON], passport(), OTHER, 1);
        drop(again().unwrap());
        let claims = again().unwrap();
        assert_eq!(claim(&persons, PERSON).unwrap_err(), (Some(0), Taken::UnderWay));
        claims.keep(&[handle]);
        assert_eq!(again().unwrap_err(), (Some(0), Taken::Recorded));
        let of_another = persons.reclaim(&[PersonKey([9; 16])], passport(), OTHER, 1);
        assert_eq!(of_another.unwrap_err(), (None, Taken::Recorded));
        for person in [PERSON, OTHER] {
            assert_eq!(persons.appointments(person, None, 9, &book).len(), 1);
        }
        assert_eq!(persons.lock(OTHER).find_or_make().1.made_ever, 1);
        persons.release(&kept);
        persons.take_again(&kept);
        assert_eq!(again().unwrap_err(), (Some(0), Taken::Recorded));
        persons.release(&kept);
        assert!(again().is_ok());
    }

    #[test]
    fn of_a_party_all_are_claimed_or_none() {
        let (persons, book) = (Persons::default(), Book::default());
        let (handle, _) = appointment(&book, 1, OTHER, OTHER);
        claim(&persons, OTHER).unwrap().keep(&[handle]);
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
            let nths = (from..).take(claims.applicants.len());
            let made: Vec<_> = nths.map(|nth| appointment(&book, nth, OTHER, PERSON).0).collect();
            claims.keep(&made);
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
            persons.restore(&made, handle);
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
        persons.lock(PERSON).find_or_make().1.made_ever = MAX_MADE_BY_ONE_PERSON - 1;
        let (handle, _) = appointment(&book, 1, OTHER, PERSON);
        persons.claim(&[OTHER], passport(), PERSON, 5).expect("one more can be made").keep(&[handle]);
        assert_eq!(share(&persons, 1, 5).unwrap_err(), (None, Taken::Everything));
        persons.claim(&[PERSON], passport(), OTHER, 5).expect("others may still book for this person");

        // What strangers made for somebody is in the list, and counts for the strangers.
        let stranger = PersonKey([3; 16]);
        for nth in 2..=20 {
            let (handle, made) = appointment(&book, nth, OTHER, stranger);
            persons.restore(&made, handle);
        }
        assert_eq!(persons.lock(OTHER).find_or_make().1.made_ever, 0);
        assert_eq!(persons.lock(stranger).find_or_make().1.made_ever, 19);
    }
}
