//! The telephone of somebody with an appointment, for staff that has to call: what is sealed, opened on demand.
//!
//! Memory has masks only. What is sealed is read from the ledger and opened by the vault for one call, and nothing of it is
//! kept here.
//!
//! Invariants: who opens it is noted first, in the log of the hall and the day, and what cannot be noted stays sealed. In an
//! hour of the clock a member of staff opens at most [`MAX_OPENED_AN_HOUR`], over all halls and all instances and also after
//! a restart: each opening takes a number of that hour, and a number is an answer that the ledger remembers once.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;

use super::answer::{Answer, Refusal};
use super::call::{Caller, StaffCaller};
use super::desk::log::DeskDay;
use super::desk::record::Deed;
use super::personal::Telephone;
use super::remembered::Fingerprint;
use super::{Engine, personal};
use crate::domain::appointment::{Appointment, AppointmentId};
use crate::domain::policy;
use crate::domain::rejection::Rejection;
use crate::ledger::reading::ReadFault;
use crate::vault;

/// How many telephones a member of staff may open in an hour of the clock: more than anybody calls, and less than a list of
/// everybody is worth.
pub const MAX_OPENED_AN_HOUR: u32 = 200;
const HOUR_S: i64 = 3_600;
/// What sets the numbers of an hour apart from the keys that callers choose.
const KIND: &str = "telephone 1";
/// The call behind every number: there is only one.
const CALL: [u8; 16] = *b"telephone opened";

impl Engine {
    /// Opens the telephone of an appointment for a member of staff, and notes that before.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`], [`Rejection::AnotherHall`] if it is of another hall; [`Refusal::TooManyOpened`];
    /// what the ledger refuses, while nothing is opened; [`Refusal::Overloaded`] if the store does not answer, and
    /// [`Refusal::Unreadable`] if it answers with something else: these are noted as openings all the same.
    pub async fn telephone_of(&self, member: &StaffCaller, id: AppointmentId) -> Result<Telephone, Refusal> {
        self.refresh().await;
        let one = self.appointment(id).ok_or(Rejection::UnknownAppointment)?;
        if !member.may_serve(one.slot.hall) {
            return Err(Rejection::AnotherHall.into());
        }
        self.count_opened(member).await?;
        self.note_opened(member, &one).await?;
        self.opened(id).await
    }

    /// Takes the next number of this hour.
    async fn count_opened(&self, member: &StaffCaller) -> Result<(), Refusal> {
        let now = self.0.clock.now();
        let mine: [u8; 16] = vault::random().expect("the operating system gave random numbers at the start");
        let mine = URL_SAFE_NO_PAD.encode(mine);
        for number in 1..=MAX_OPENED_AN_HOUR {
            let number = number_of_hour(&member.id, now, number);
            if matches!(self.0.idempotency.answer_to(number), Ok(Some(Answer::Text(_)))) {
                continue;
            }
            let written = self.write_once(Caller::Staff(member.clone()), number, mine.clone(), now).await?;
            if *written == *mine {
                return Ok(());
            }
        }
        let left = HOUR_S - now.timestamp().rem_euclid(HOUR_S);
        Err(Refusal::TooManyOpened { retry_s: u32::try_from(left).expect("an hour is not over") })
    }

    async fn note_opened(&self, member: &StaffCaller, one: &Appointment) -> Result<(), Refusal> {
        let (snapshot, now) = (self.snapshot(), self.0.clock.now());
        let day = match snapshot.hall(one.slot.hall.as_str()) {
            Ok(hall) => DeskDay::of(hall.id, policy::today(hall, now)),
            // A hall that is no more has no record that anybody could look at.
            Err(_) => DeskDay::of_all(now.with_timezone(&Shanghai).date_naive()),
        };
        let deed = Deed::Opened { code: one.code, appointment: one.id };
        let noted = self.log(member, day, |_| Some(deed.clone())).await?;
        assert!(noted.is_some(), "a deed that is always the same is always written");
        Ok(())
    }

    async fn opened(&self, id: AppointmentId) -> Result<Telephone, Refusal> {
        let parts = self.0.reading.sealed(id).await.map_err(|fault| unread(id, &fault))?;
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        personal::telephone(&self.0.vault, id, &parts).ok_or_else(|| {
            tracing::error!(appointment = %id, parts = parts.len(), "what is sealed of an appointment cannot be opened");
            Refusal::Unreadable
        })
    }
}

/// What a read that failed means for who asked.
fn unread(id: AppointmentId, fault: &ReadFault) -> Refusal {
    let source = std::error::Error::source(fault).map(ToString::to_string);
    tracing::warn!(%fault, source, appointment = %id, "what is sealed of an appointment could not be read");
    Refusal::Overloaded
}

/// The key of a number of an hour.
fn number_of_hour(member: &str, now: DateTime<Utc>, number: u32) -> Fingerprint {
    let hour = now.timestamp().div_euclid(HOUR_S);
    let hash = digest(&SHA256, format!("{KIND}\n{hour}\n{number}\n{member}").as_bytes());
    let key = *hash.as_ref().first_chunk().expect("SHA-256 gives 32 bytes");
    Fingerprint { owner: None, key, call: CALL }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_hour_and_number_has_a_key_of_its_own() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (noon, next) = (at("2026-11-25T04:00:00Z"), at("2026-11-25T05:00:00Z"));
        let keys = [
            number_of_hour("a", noon, 1),
            number_of_hour("a", noon, 11),
            number_of_hour("a", next, 1),
            number_of_hour("b", noon, 1),
            number_of_hour("1\na", noon, 1),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(keys[at + 1..].iter().all(|later| later.key != key.key), "{at}");
        }
        let end_of_hour = next - chrono::TimeDelta::milliseconds(1);
        assert_eq!(number_of_hour("a", end_of_hour, 1), keys[0]);
    }
}
