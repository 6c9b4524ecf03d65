//! Compact stored forms: an appointment as the ledger keeps it, a date as its day number, an instant as milliseconds.
//!
//! The fields of [`Stored`] and their order never change: every row and every entry that was ever written is read by them.

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

use super::{Appointment, AppointmentId, Code, DocumentId, PartyId, PersonKey, ServiceId, Slot, Status};
use crate::domain::applicant::Mask;

/// What is added to the milliseconds at which a hold ends once it has been extended. No instant has so many by itself, and
/// no older form has them, so the one extension stays known whatever is configured later.
const EXTENDED_MS: i64 = 1 << 60;

/// An appointment as it is stored, without what may be shown of the applicant.
#[derive(Clone, Serialize, Deserialize)]
pub struct Stored {
    id: AppointmentId,
    party: PartyId,
    position: u8,
    code: Code,
    status: Status,
    service: ServiceId,
    document: DocumentId,
    slot: Slot,
    #[serde(with = "instant")]
    starts_at: DateTime<FixedOffset>,
    expires_at_ms: Option<i64>,
    applicant: PersonKey,
    made_by: PersonKey,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    created_at: DateTime<Utc>,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    updated_at: DateTime<Utc>,
    revision: u32,
}

impl From<Appointment> for Stored {
    fn from(appointment: Appointment) -> Self {
        let Appointment { id, party, position, code, status, service, document, slot, starts_at, .. } = appointment;
        let Appointment { expires_at, extended, applicant, made_by, created_at, updated_at, revision, mask: _, .. } =
            appointment;
        let expires_at_ms = expires_at.map(|end| end.timestamp_millis() + if extended { EXTENDED_MS } else { 0 });
        Self {
            id,
            party,
            position,
            code,
            status,
            service,
            document,
            slot,
            starts_at,
            expires_at_ms,
            applicant,
            made_by,
            created_at,
            updated_at,
            revision,
        }
    }
}

/// A number of milliseconds that is no instant.
#[derive(Debug, thiserror::Error)]
#[error("no such instant")]
pub struct NoInstant;

impl TryFrom<Stored> for Appointment {
    type Error = NoInstant;

    fn try_from(stored: Stored) -> Result<Self, NoInstant> {
        let extended = stored.expires_at_ms.is_some_and(|ms| ms > EXTENDED_MS / 2);
        let instant =
            |ms: i64| DateTime::from_timestamp_millis(if extended { ms - EXTENDED_MS } else { ms }).ok_or(NoInstant);
        Ok(Self {
            id: stored.id,
            party: stored.party,
            position: stored.position,
            code: stored.code,
            status: stored.status,
            service: stored.service,
            document: stored.document,
            slot: stored.slot,
            starts_at: stored.starts_at,
            expires_at: stored.expires_at_ms.map(instant).transpose()?,
            extended,
            applicant: stored.applicant,
            made_by: stored.made_by,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            revision: stored.revision,
            mask: Mask::default(),
        })
    }
}

pub mod date {
    use chrono::{Datelike, NaiveDate};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub fn serialize<S: Serializer>(date: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
        date.num_days_from_ce().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
        let number = i32::deserialize(deserializer)?;
        NaiveDate::from_num_days_from_ce_opt(number).ok_or_else(|| serde::de::Error::custom("no such day number"))
    }
}

mod instant {
    use chrono::{DateTime, FixedOffset};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(instant: &DateTime<FixedOffset>, serializer: S) -> Result<S::Ok, S::Error> {
        (instant.timestamp_millis(), instant.offset().local_minus_utc()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<FixedOffset>, D::Error> {
        let (millis, offset_s) = <(i64, i32)>::deserialize(deserializer)?;
        FixedOffset::east_opt(offset_s)
            .and_then(|offset| Some(DateTime::from_timestamp_millis(millis)?.with_timezone(&offset)))
            .ok_or_else(|| serde::de::Error::custom("no such instant"))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::samples::held;
    use super::*;

    /// The bytes in which earlier versions stored [`held`].
    #[rustfmt::skip]
    const HELD: &[u8] = &[
        16, 1, 151, 154, 43, 60, 77, 126, 95, 138, 107, 124, 141, 158, 15, 26, 43, 16, 1, 151, 154, 43, 60, 77, 126, 95,
        138, 107, 124, 141, 158, 15, 26, 44, 0, 7, 0, 16, 112, 97, 115, 115, 112, 111, 114, 116, 46, 114, 101, 110, 101, 119,
        97, 108, 8, 112, 97, 115, 115, 112, 111, 114, 116, 16, 104, 97, 110, 103, 122, 104, 111, 117, 45, 115, 104, 105, 45, 99,
        114, 106, 210, 169, 90, 7, 99, 111, 117, 110, 116, 101, 114, 254, 3, 156, 4, 128, 253, 223, 129, 194, 104, 128, 194, 3,
        1, 150, 168, 149, 145, 192, 104, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
        2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 150, 137, 204, 144, 192, 104, 150, 137, 204, 144, 192, 104, 0,
    ];

    fn read_back(appointment: &Appointment) -> Result<Appointment, postcard::Error> {
        postcard::from_bytes(&postcard::to_allocvec(appointment).unwrap())
    }

    #[test]
    fn what_was_stored_before_there_were_extensions_is_read() {
        let stored = postcard::to_allocvec(&held()).unwrap();
        assert_eq!(stored, HELD, "{stored:?}");
        let read: Appointment = postcard::from_bytes(HELD).unwrap();
        assert_eq!(read, Appointment { mask: Mask::default(), ..held() });
    }

    #[test]
    fn an_extension_is_stored_with_the_end_of_the_hold() {
        let held = Appointment { mask: Mask::default(), ..held() };
        let extended = held.extended_by(TimeDelta::minutes(5), held.created_at);
        assert_eq!(extended.expires_at, held.expires_at.map(|end| end + TimeDelta::minutes(5)));
        for one in [held, extended, extended.changed(Status::Booked, held.created_at)] {
            assert_eq!(read_back(&one).unwrap(), one);
        }
        for end in ["1969-07-20T20:17:40Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"] {
            for extended in [false, true] {
                let far = Appointment { expires_at: Some(end.parse().unwrap()), extended, ..held };
                assert_eq!(read_back(&far).unwrap(), far, "{end} {extended}");
            }
        }
    }
}
