//! An appointment as it lies in memory, tens of millions of times: the same fields in fewer bytes.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};

use crate::domain::applicant::Mask;
use crate::domain::appointment::{Appointment, AppointmentId, Code, PartyId, PersonKey, Slot, Status};
use crate::domain::name::{DocumentId, HallId, LaneId, ServiceId};
use crate::domain::wall::WallTime;

/// A packed appointment. Instants are milliseconds, which is what the ledger keeps of them too.
#[derive(Debug)]
pub struct Record {
    id: AppointmentId,
    party: PartyId,
    applicant: PersonKey,
    made_by: PersonKey,
    created_at_ms: i64,
    updated_at_ms: i64,
    /// [`NEVER_MS`] where the appointment does not expire.
    expires_at_ms: i64,
    starts_at_ms: i64,
    starts_offset_s: i32,
    date: i32,
    revision: u32,
    mask: Mask,
    hall: HallId,
    lane: LaneId,
    service: ServiceId,
    document: DocumentId,
    start: WallTime,
    end: WallTime,
    code: Code,
    status: Status,
    position: u8,
    extended: bool,
}

/// Records are what the memory is full of: [`Record`] takes this many bytes and no more.
const RECORD_BYTES: usize = 144;
const _: () = assert!(size_of::<Record>() == RECORD_BYTES);
const NEVER_MS: i64 = i64::MAX;

impl Record {
    /// The id.
    pub const fn id(&self) -> AppointmentId {
        self.id
    }

    /// The party.
    pub const fn party(&self) -> PartyId {
        self.party
    }

    /// The place in the party, from 0.
    pub const fn position(&self) -> u8 {
        self.position
    }

    /// Packs an appointment.
    pub fn pack(appointment: &Appointment) -> Self {
        Self {
            id: appointment.id,
            party: appointment.party,
            applicant: appointment.applicant,
            made_by: appointment.made_by,
            created_at_ms: appointment.created_at.timestamp_millis(),
            updated_at_ms: appointment.updated_at.timestamp_millis(),
            expires_at_ms: appointment.expires_at.map_or(NEVER_MS, |end| end.timestamp_millis()),
            starts_at_ms: appointment.starts_at.timestamp_millis(),
            starts_offset_s: appointment.starts_at.offset().local_minus_utc(),
            date: appointment.slot.date.num_days_from_ce(),
            revision: appointment.revision,
            mask: appointment.mask,
            hall: appointment.slot.hall,
            lane: appointment.slot.lane,
            service: appointment.service,
            document: appointment.document,
            start: appointment.slot.start,
            end: appointment.slot.end,
            code: appointment.code,
            status: appointment.status,
            position: appointment.position,
            extended: appointment.extended,
        }
    }

    /// The appointment.
    ///
    /// # Panics
    /// Never: dates and instants were packed from such.
    pub fn unpack(&self) -> Appointment {
        let instant = |ms| DateTime::<Utc>::from_timestamp_millis(ms).expect("an instant was packed");
        let offset = FixedOffset::east_opt(self.starts_offset_s).expect("an offset was packed");
        Appointment {
            id: self.id,
            party: self.party,
            position: self.position,
            code: self.code,
            status: self.status,
            service: self.service,
            document: self.document,
            slot: Slot {
                hall: self.hall,
                date: NaiveDate::from_num_days_from_ce_opt(self.date).expect("a date was packed"),
                lane: self.lane,
                start: self.start,
                end: self.end,
            },
            starts_at: instant(self.starts_at_ms).with_timezone(&offset),
            expires_at: (self.expires_at_ms != NEVER_MS).then(|| instant(self.expires_at_ms)),
            extended: self.extended,
            applicant: self.applicant,
            made_by: self.made_by,
            created_at: instant(self.created_at_ms),
            updated_at: instant(self.updated_at_ms),
            revision: self.revision,
            mask: self.mask,
        }
    }
}
