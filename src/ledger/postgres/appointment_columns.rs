//! Appointments as their table takes them: one array a column.

use chrono::NaiveDate;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::pages::Parameter;
use super::values::{int, minutes, stored};
use crate::domain::appointment::{Appointment, PersonKey, Slot};

/// The columns of some appointments, but for what is sealed.
#[derive(Debug, Default)]
pub struct AppointmentColumns {
    ids: Vec<Uuid>,
    revisions: Vec<i32>,
    statuses: Vec<&'static str>,
    applicants: Vec<Uuid>,
    documents: Vec<&'static str>,
    made_by: Vec<Uuid>,
    shares: Vec<i32>,
    halls: Vec<&'static str>,
    dates: Vec<NaiveDate>,
    lanes: Vec<&'static str>,
    starts: Vec<i16>,
    ends: Vec<i16>,
    bodies: Vec<Vec<u8>>,
}

/// A person as a column has it.
pub const fn person(key: PersonKey) -> Uuid {
    Uuid::from_bytes(key.0)
}

impl AppointmentColumns {
    /// Adds an appointment, which takes this share of its booker.
    pub fn push(&mut self, appointment: &Appointment, share: i32) {
        let Slot { hall, date, lane, start, end } = appointment.slot;
        self.ids.push(appointment.id.0);
        self.revisions.push(int(appointment.revision));
        self.statuses.push(appointment.status.as_str());
        self.applicants.push(person(appointment.applicant));
        self.documents.push(appointment.document.as_str());
        self.made_by.push(person(appointment.made_by));
        self.shares.push(share);
        self.halls.push(hall.as_str());
        self.dates.push(date);
        self.lanes.push(lane.as_str());
        self.starts.push(minutes(start));
        self.ends.push(minutes(end));
        self.bodies.push(stored(appointment));
    }

    /// How many appointments there are.
    pub const fn rows(&self) -> usize {
        self.ids.len()
    }

    /// Whether all of them are as they were made.
    pub fn are_new(&self) -> bool {
        self.revisions.iter().all(|revision| *revision == 0)
    }

    /// The columns in the order of the table.
    pub fn parameters(&self) -> [Parameter<'_>; 13] {
        [
            (&self.ids, Type::UUID_ARRAY),
            (&self.revisions, Type::INT4_ARRAY),
            (&self.statuses, Type::TEXT_ARRAY),
            (&self.applicants, Type::UUID_ARRAY),
            (&self.documents, Type::TEXT_ARRAY),
            (&self.made_by, Type::UUID_ARRAY),
            (&self.shares, Type::INT4_ARRAY),
            (&self.halls, Type::TEXT_ARRAY),
            (&self.dates, Type::DATE_ARRAY),
            (&self.lanes, Type::TEXT_ARRAY),
            (&self.starts, Type::INT2_ARRAY),
            (&self.ends, Type::INT2_ARRAY),
            (&self.bodies, Type::BYTEA_ARRAY),
        ]
    }
}
