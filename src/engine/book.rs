//! The book of appointments, as the ledger has them: by id, by code, by party, by hall and date.
//!
//! Only what is durable is in here. An appointment is an immutable value; a change puts another one in its place.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use dashmap::Entry;
use smallvec::{SmallVec, smallvec};

use super::Map;
use crate::domain::appointment::{Appointment, AppointmentId, Code, PartyId};
use crate::domain::name::HallId;

/// How many appointments of any state are kept in memory; beyond that, bookings are refused as overload.
pub const MAX_APPOINTMENTS: usize = 20_000_000;

/// All appointments.
#[derive(Debug, Default)]
pub struct Book {
    by_id: Map<AppointmentId, Arc<Appointment>>,
    /// How many there are: asked with every booking, so not counted from the map each time.
    count: AtomicUsize,
    by_code: Arc<Map<Code, AppointmentId>>,
    /// Parties of two and more; a party of one is its only member.
    parties: Map<PartyId, SmallVec<[AppointmentId; 2]>>,
    by_hall_day: Map<(HallId, NaiveDate), Vec<AppointmentId>>,
}

/// A code that nobody else has, given back on drop unless kept.
#[derive(Debug)]
pub struct CodeClaim {
    owner: Option<Arc<Map<Code, AppointmentId>>>,
    code: Code,
}

impl CodeClaim {
    /// Keeps it: the ledger has the appointment.
    pub fn keep(mut self) {
        self.owner = None;
    }
}

impl Drop for CodeClaim {
    fn drop(&mut self) {
        if let Some(codes) = &self.owner {
            codes.remove(&self.code);
        }
    }
}

impl Book {
    /// Claims a code for an appointment; none where another one has it.
    #[must_use]
    pub fn claim_code(&self, code: Code, id: AppointmentId) -> Option<CodeClaim> {
        match self.by_code.entry(code) {
            Entry::Occupied(_) => None,
            Entry::Vacant(entry) => {
                entry.insert(id);
                Some(CodeClaim { owner: Some(Arc::clone(&self.by_code)), code })
            }
        }
    }

    /// Puts an appointment into the book, in place of its earlier value, which is given back.
    pub fn put(&self, appointment: &Arc<Appointment>) -> Option<Arc<Appointment>> {
        let (id, day) = (appointment.id, (appointment.slot.hall, appointment.slot.date));
        let earlier = self.by_id.insert(id, Arc::clone(appointment));
        if earlier.is_none() {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        let earlier_day = earlier.as_ref().map(|earlier| (earlier.slot.hall, earlier.slot.date));
        if earlier_day == Some(day) {
            return earlier;
        }
        if let Some(mut ids) = earlier_day.and_then(|day| self.by_hall_day.get_mut(&day)) {
            ids.retain(|other| *other != id);
        }
        self.by_hall_day.entry(day).or_default().push(id);
        earlier
    }

    /// Notes which appointments make up a party.
    pub fn put_party(&self, party: PartyId, members: impl ExactSizeIterator<Item = AppointmentId>) {
        if members.len() > 1 {
            self.parties.insert(party, members.collect());
        }
    }

    /// Puts back an appointment that the ledger remembers, with its code and its place in its party.
    pub fn restore(&self, appointment: &Arc<Appointment>) {
        self.by_code.insert(appointment.code, appointment.id);
        let party = self.parties.get(&appointment.party).map(|members| members.clone());
        match party {
            Some(mut members) => {
                members.push(appointment.id);
                self.parties.insert(appointment.party, members);
            }
            // A second member shows itself by its position; the first of a party of one needs no entry.
            None => {
                self.parties.insert(appointment.party, smallvec![appointment.id]);
            }
        }
        self.put(appointment);
    }

    /// Ends restoring: members are put into their order, and parties of one forgotten.
    pub fn finish_restoring(&self) {
        self.parties.retain(|_, members| members.len() > 1);
        for mut members in self.parties.iter_mut() {
            members.sort_by_key(|id| self.by_id.get(id).map(|appointment| appointment.position));
        }
    }

    /// The appointment with this id.
    #[must_use]
    pub fn get(&self, id: AppointmentId) -> Option<Arc<Appointment>> {
        self.by_id.get(&id).map(|appointment| Arc::clone(&appointment))
    }

    /// The appointment with this code.
    #[must_use]
    pub fn with_code(&self, code: Code) -> Option<Arc<Appointment>> {
        let id = *self.by_code.get(&code)?;
        self.get(id)
    }

    /// The members of an appointment's party, in the order of its applicants.
    #[must_use]
    pub fn party_of(&self, appointment: &Appointment) -> SmallVec<[AppointmentId; 2]> {
        self.parties.get(&appointment.party).map_or_else(|| smallvec![appointment.id], |members| members.clone())
    }

    /// The appointments of a hall on a date, in the order of their start and id.
    #[must_use]
    pub fn of_hall_day(&self, hall: HallId, date: NaiveDate) -> Vec<Arc<Appointment>> {
        let ids = self.by_hall_day.get(&(hall, date)).map(|ids| ids.clone()).unwrap_or_default();
        let mut appointments: Vec<_> = ids.into_iter().filter_map(|id| self.get(id)).collect();
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
