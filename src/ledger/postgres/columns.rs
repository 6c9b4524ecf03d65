//! A batch as the database takes it: one array a column, and every slot named once.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::appointment_columns::AppointmentColumns;
use super::values::{int, minutes, stored};
use crate::domain::appointment::Slot;
use crate::ledger::entry::{Deed, Event, Remembered};
use crate::ledger::{Draft, LedgerFault, decoded};

/// What the arrays hold is said where the function that takes them is made: `hallpass.commit`.
#[derive(Debug, Default)]
pub struct Columns {
    bodies: Vec<Vec<u8>>,
    keys: Vec<Option<Uuid>>,
    ats: Vec<DateTime<Utc>>,
    answers: Vec<Option<Vec<u8>>>,
    appointments: Appointments,
    slots: Slots,
    /// How many places are wanted in each slot.
    places: Vec<i32>,
}

#[derive(Debug, Default)]
struct Appointments {
    entries: Vec<i32>,
    positions: Vec<i32>,
    max: Vec<i32>,
    slots: Vec<Option<i32>>,
    columns: AppointmentColumns,
    sealed: Vec<Option<Vec<u8>>>,
}

#[derive(Debug, Default)]
pub(super) struct Slots {
    numbers: HashMap<Slot, usize, foldhash::fast::RandomState>,
    halls: Vec<&'static str>,
    dates: Vec<NaiveDate>,
    lanes: Vec<&'static str>,
    starts: Vec<i16>,
    ends: Vec<i16>,
    capacities: Vec<i32>,
}

impl Slots {
    /// The number of a slot, from 1, with the most places that anybody knows it to have.
    pub(super) fn number(&mut self, slot: &Slot, capacity: u32) -> i32 {
        let at = *self.numbers.entry(*slot).or_insert(self.halls.len());
        if at == self.halls.len() {
            self.halls.push(slot.hall.as_str());
            self.dates.push(slot.date);
            self.lanes.push(slot.lane.as_str());
            self.starts.push(minutes(slot.start));
            self.ends.push(minutes(slot.end));
            self.capacities.push(0);
        }
        self.capacities[at] = self.capacities[at].max(int(capacity));
        int(at + 1)
    }

    pub(super) fn parameters(&self) -> [(&(dyn ToSql + Sync), Type); 6] {
        [
            (&self.halls, Type::TEXT_ARRAY),
            (&self.dates, Type::DATE_ARRAY),
            (&self.lanes, Type::TEXT_ARRAY),
            (&self.starts, Type::INT2_ARRAY),
            (&self.ends, Type::INT2_ARRAY),
            (&self.capacities, Type::INT4_ARRAY),
        ]
    }
}

impl Columns {
    /// The columns of some entries.
    ///
    /// # Errors
    /// Where an entry cannot be read.
    pub fn of(drafts: &[Draft<'_>]) -> Result<Self, LedgerFault> {
        let mut columns = Self::default();
        for draft in drafts {
            columns.add(draft)?;
        }
        assert_eq!(columns.bodies.len(), drafts.len(), "each entry has a body");
        assert_eq!(
            columns.appointments.columns.rows(),
            columns.appointments.entries.len(),
            "and each appointment a row"
        );
        Ok(columns)
    }

    fn add(&mut self, draft: &Draft<'_>) -> Result<(), LedgerFault> {
        let entry = decoded(0, draft.entry)?;
        let remembered = Remembered::of(&entry);
        self.keys.push(entry.repeat.map(|repeat| Uuid::from_bytes(repeat.key)));
        self.answers.push(remembered.map(|remembered| stored(&remembered)));
        self.ats.push(entry.at);
        self.bodies.push(draft.entry.to_vec());
        if let Event::Appointments { deed, after, sealed, capacity, .. } = &entry.event {
            let max = int(draft.snapshot.policy.max_active);
            for (position, appointment) in after.iter().enumerate() {
                let sealed = sealed.get(position).map(|sealed| sealed.to_vec());
                let places = capacity.unwrap_or(0);
                let slot = appointment.status.takes_place().then(|| self.slots.number(&appointment.slot, places));
                if let Some(at) = slot.and_then(|slot| usize::try_from(slot - 1).ok()) {
                    self.places.resize(self.places.len().max(at + 1), 0);
                    self.places[at] += 1;
                }
                assert_eq!(appointment.revision == 0, *deed == Deed::Make, "what is made has its first revision");
                let appointments = &mut self.appointments;
                appointments.entries.push(int(self.bodies.len()));
                appointments.positions.push(int(position));
                appointments.max.push(max);
                appointments.slots.push(slot);
                appointments.columns.push(appointment, int(draft.made_before).saturating_add(int(position)));
                appointments.sealed.push(sealed);
            }
        }
        Ok(())
    }

    /// Whether there is nothing but new appointments without keys.
    pub fn are_plain(&self) -> bool {
        self.keys.iter().all(Option::is_none)
            && self.appointments.columns.are_new()
            && self.appointments.positions.iter().filter(|position| **position == 0).count() == self.bodies.len()
    }

    /// The parameters of `hallpass.commit` behind the batch, its origin, its number, the configuration and whether it is
    /// plain.
    pub fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let Appointments { entries, positions, max, slots, columns, sealed } = &self.appointments;
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![
            (&self.bodies, Type::BYTEA_ARRAY),
            (&self.keys, Type::UUID_ARRAY),
            (&self.ats, Type::TIMESTAMPTZ_ARRAY),
            (&self.answers, Type::BYTEA_ARRAY),
            (entries, Type::INT4_ARRAY),
            (positions, Type::INT4_ARRAY),
            (max, Type::INT4_ARRAY),
            (slots, Type::INT4_ARRAY),
        ];
        parameters.extend(columns.parameters());
        parameters.push((sealed, Type::BYTEA_ARRAY));
        parameters.extend(self.slots.parameters());
        parameters.push((&self.places, Type::INT4_ARRAY));
        parameters
    }
}
