//! The book of appointments, as the ledger has them: by id, by code, by party, by hall and date.
//!
//! Only what is durable is in here. An appointment is an immutable value; a change puts another one in its place. Records
//! lie in shards that are locked for one look-up or one change each, and are known by [`Handle`]s of four bytes.

mod packed;
pub(crate) mod slab;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use dashmap::Entry;
use foldhash::fast::RandomState;
use parking_lot::RwLock;
use smallvec::{SmallVec, smallvec};

use super::Map;
use crate::domain::appointment::{Appointment, AppointmentId, Code, PartyId};
use crate::domain::name::HallId;
use packed::Record;
use slab::{Index, SHARDS, Slab, whereabouts};

/// How many appointments of any state are kept in memory; beyond that, bookings are refused as overload.
pub const MAX_APPOINTMENTS: usize = 20_000_000;
/// How many bits of a handle name the shard.
const SHARD_BITS: u32 = SHARDS.trailing_zeros();

/// Where a record is: the number of its row, and in the lowest bits the shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle(u32);

impl Handle {
    fn new(shard: usize, row: u32) -> Self {
        assert!(row < u32::MAX >> SHARD_BITS, "a shard has more rows than handles");
        Self(row << SHARD_BITS | u32::try_from(shard).expect("a shard has a small number"))
    }

    /// The bytes in which a handle takes no more room than it needs.
    const fn packed(self) -> [u8; 4] {
        self.0.to_ne_bytes()
    }

    const fn shard(self) -> usize {
        self.0 as usize % SHARDS
    }

    const fn row(self) -> u32 {
        self.0 >> SHARD_BITS
    }
}

/// All appointments.
#[derive(Debug)]
pub struct Book {
    hasher: RandomState,
    shards: Box<[RwLock<Shard>]>,
    /// How many there are: asked with every booking, so not counted from the shards each time.
    count: AtomicUsize,
    codes: Arc<Codes>,
    /// Parties of two and more; a party of one is its only member.
    parties: Map<PartyId, SmallVec<[AppointmentId; 2]>>,
    by_hall_day: Map<(HallId, NaiveDate), Vec<Handle>>,
}

#[derive(Debug, Default)]
struct Shard {
    records: Slab<Record>,
    by_id: Index,
}

impl Shard {
    fn find(&self, hash: u32, id: AppointmentId) -> Option<u32> {
        self.by_id.find(hash, |row| self.records.get(row).id() == id)
    }
}

/// Which appointment each code belongs to; [`NOT_YET`] while the appointment is not in the book.
type Codes = Map<Code, [u8; 4]>;

/// No handle: shards have fewer rows.
const NOT_YET: [u8; 4] = [u8::MAX; 4];

/// A code that nobody else has, given back on drop unless kept.
#[derive(Debug)]
pub struct CodeClaim {
    owner: Option<Arc<Codes>>,
    code: Code,
}

impl CodeClaim {
    /// Keeps it for an appointment that the ledger has.
    pub fn keep(mut self, handle: Handle) {
        if let Some(codes) = self.owner.take() {
            let before = codes.insert(self.code, handle.packed());
            assert_eq!(before, Some(NOT_YET), "a code that is kept was claimed, and is nobody's yet");
        }
    }
}

impl Drop for CodeClaim {
    fn drop(&mut self) {
        if let Some(codes) = &self.owner {
            codes.remove(&self.code);
        }
    }
}

impl Default for Book {
    fn default() -> Self {
        Self::with_room_for(0)
    }
}

impl Book {
    /// A book that takes about so many appointments before it has to grow: growing leaves behind what was too small.
    #[must_use]
    pub fn with_room_for(appointments: usize) -> Self {
        let shard = |_| {
            let by_id = Index::with_room_for_a_share_of(appointments);
            RwLock::new(Shard { records: Slab::default(), by_id })
        };
        Self {
            hasher: RandomState::default(),
            shards: (0..SHARDS).map(shard).collect(),
            count: AtomicUsize::new(0),
            codes: Arc::new(Codes::with_capacity_and_hasher_and_shard_amount(
                appointments,
                RandomState::default(),
                SHARDS,
            )),
            parties: Map::default(),
            by_hall_day: Map::default(),
        }
    }

    /// Claims a code; none where another appointment has it.
    #[must_use]
    pub fn claim_code(&self, code: Code) -> Option<CodeClaim> {
        match self.codes.entry(code) {
            Entry::Occupied(_) => None,
            Entry::Vacant(entry) => {
                entry.insert(NOT_YET);
                Some(CodeClaim { owner: Some(Arc::clone(&self.codes)), code })
            }
        }
    }

    /// Adds an appointment that is not in the book yet.
    ///
    /// # Panics
    /// Where there would be more records than handles, far beyond [`MAX_APPOINTMENTS`].
    pub fn add(&self, appointment: &Appointment) -> Handle {
        let (at, hash) = whereabouts(&self.hasher, &appointment.id);
        let handle = {
            let mut shard = self.shards[at].write();
            debug_assert!(shard.find(hash, appointment.id).is_none(), "an appointment is added once");
            let row = shard.records.push(Record::pack(appointment));
            shard.by_id.insert(hash, row);
            Handle::new(at, row)
        };
        self.count.fetch_add(1, Ordering::Relaxed);
        self.by_hall_day.entry((appointment.slot.hall, appointment.slot.date)).or_default().push(handle);
        handle
    }

    /// Notes the code of an appointment in the book, which nobody here has claimed.
    pub fn name(&self, code: Code, handle: Handle) {
        self.codes.insert(code, handle.packed());
    }

    /// Puts an appointment into the book, in place of its earlier value, which is given back.
    pub fn put(&self, appointment: &Appointment) -> (Handle, Option<Appointment>) {
        let (at, hash) = whereabouts(&self.hasher, &appointment.id);
        let mut shard = self.shards[at].write();
        let Some(row) = shard.find(hash, appointment.id) else {
            drop(shard);
            return (self.add(appointment), None);
        };
        let (handle, earlier) = (Handle::new(at, row), shard.records.get(row).unpack());
        assert_eq!((earlier.code, earlier.party), (appointment.code, appointment.party), "they never change");
        let day_of = |appointment: &Appointment| (appointment.slot.hall, appointment.slot.date);
        let (day, earlier_day) = (day_of(appointment), day_of(&earlier));
        if earlier_day != day {
            // Into the new list first: at no moment it is in none of them.
            self.by_hall_day.entry(day).or_default().push(handle);
        }
        *shard.records.get_mut(row) = Record::pack(appointment);
        drop(shard);
        if earlier_day != day
            && let Some(mut handles) = self.by_hall_day.get_mut(&earlier_day)
        {
            let before = handles.len();
            handles.retain(|other| *other != handle);
            assert_eq!(before, handles.len() + 1, "an appointment stands once in the list of its day");
        }
        (handle, Some(earlier))
    }

    /// Notes which appointments make up a party.
    pub fn put_party(&self, party: PartyId, members: impl ExactSizeIterator<Item = AppointmentId>) {
        if members.len() > 1 {
            self.parties.insert(party, members.collect());
        }
    }

    /// Puts back an appointment that the ledger remembers, with its code. Of a party of several, every member but the
    /// first makes the party known; [`Book::finish_restoring`] finds the first ones.
    pub fn restore(&self, appointment: &Appointment) -> Handle {
        let handle = self.add(appointment);
        self.name(appointment.code, handle);
        if appointment.position > 0 {
            self.parties.entry(appointment.party).or_default().push(appointment.id);
        }
        handle
    }

    /// Ends restoring: parties of several get their first members, and all of them into their order.
    pub fn finish_restoring(&self) {
        if self.parties.is_empty() {
            return;
        }
        for shard in &self.shards {
            for record in shard.read().records.iter().filter(|record| record.position() == 0) {
                if let Some(mut members) = self.parties.get_mut(&record.party()) {
                    members.push(record.id());
                }
            }
        }
        for mut members in self.parties.iter_mut() {
            members.sort_by_cached_key(|id| self.get(*id).map(|appointment| appointment.position));
        }
    }

    /// The appointment with this id.
    #[must_use]
    pub fn get(&self, id: AppointmentId) -> Option<Appointment> {
        let (at, hash) = whereabouts(&self.hasher, &id);
        let shard = self.shards[at].read();
        shard.find(hash, id).map(|row| shard.records.get(row).unpack())
    }

    /// The appointment behind a handle.
    #[must_use]
    pub fn at(&self, handle: Handle) -> Appointment {
        self.shards[handle.shard()].read().records.get(handle.row()).unpack()
    }

    /// The id behind a handle.
    #[must_use]
    pub fn id_at(&self, handle: Handle) -> AppointmentId {
        self.shards[handle.shard()].read().records.get(handle.row()).id()
    }

    /// The appointment with this code.
    #[must_use]
    pub fn with_code(&self, code: Code) -> Option<Appointment> {
        let handle = *self.codes.get(&code)?;
        (handle != NOT_YET).then(|| self.at(Handle(u32::from_ne_bytes(handle))))
    }

    /// The members of an appointment's party, in the order of its applicants.
    #[must_use]
    pub fn party_of(&self, appointment: &Appointment) -> SmallVec<[AppointmentId; 2]> {
        self.parties.get(&appointment.party).map_or_else(|| smallvec![appointment.id], |members| members.clone())
    }

    /// The appointments of a hall on a date, in the order of their start and id.
    #[must_use]
    pub fn of_hall_day(&self, hall: HallId, date: NaiveDate) -> Vec<Appointment> {
        let handles = self.by_hall_day.get(&(hall, date)).map(|handles| handles.clone()).unwrap_or_default();
        let mut appointments: Vec<_> = handles.into_iter().map(|handle| self.at(handle)).collect();
        // What has been moved away since the list was read is no longer of this day.
        appointments.retain(|appointment| (appointment.slot.hall, appointment.slot.date) == (hall, date));
        appointments.sort_by_key(|appointment| (appointment.slot.start, appointment.id));
        appointments
    }

    /// The halls and dates within some dates that have an appointment, in order.
    #[must_use]
    pub fn hall_days(&self, dates: &RangeInclusive<NaiveDate>) -> Vec<(HallId, NaiveDate)> {
        let mut days: Vec<_> =
            self.by_hall_day.iter().map(|entry| *entry.key()).filter(|(_, date)| dates.contains(date)).collect();
        days.sort_unstable();
        days
    }

    /// How many appointments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}
