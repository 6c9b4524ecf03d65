//! What a person knows of the own appointments: the slots that this browser has shown, sealed into a cookie.
//!
//! What staff changed is remembered by the server for a day only. Whoever comes back later is told by what the browser
//! remembers: a slot that was shown and is not that of the appointment any more. That cannot say who changed it, since it
//! may have been the same person elsewhere, unless the change was met while the server still knew.

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::app::sealer::Sealer;
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey, Slot};
use crate::pages::kit::cookies;

/// The cookie.
pub const COOKIE: &str = "hallpass_known";
/// How long the browser keeps it, in days: longer than anything can be booked ahead.
const KEPT_DAYS: i64 = 62;
/// How many appointments it holds. A person has at most a few that are to come.
const MAX_KNOWN: usize = 12;
/// The longest that it may be, in bytes: with all the others it fits into one header of a usual proxy.
const MAX_SEALED_BYTES: usize = 1_000;
const CONTEXT: &[u8] = b"known 1";

/// What is known of one appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    id: AppointmentId,
    /// The slot that was shown.
    pub slot: Slot,
    /// Whether it is known that staff changed it since.
    pub by_staff: bool,
}

/// What a person knows, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(Vec<Shown>);

impl Known {
    /// What a browser brings that knows something of this person.
    #[must_use]
    pub fn brought(sealer: Sealer<'_>, person: PersonKey, headers: &HeaderMap) -> Self {
        let opened = || {
            let (whose, shown) = sealer.open::<(PersonKey, _)>(CONTEXT, cookies::value(headers, COOKIE)?)?;
            (whose == person).then_some(Self(shown))
        };
        opened().unwrap_or_default()
    }

    /// What was shown of an appointment.
    #[must_use]
    pub fn of(&self, id: AppointmentId) -> Option<&Shown> {
        self.0.iter().find(|shown| shown.id == id)
    }

    /// Knows an appointment as it is.
    pub fn learn(&mut self, appointment: &Appointment) {
        self.remember(appointment.id, appointment.slot, false);
    }

    /// Remembers the slot that a person knows of an appointment, though it has another now.
    pub fn remember(&mut self, id: AppointmentId, slot: Slot, by_staff: bool) {
        self.forget(id);
        self.0.insert(0, Shown { id, slot, by_staff });
        self.0.truncate(MAX_KNOWN);
    }

    /// Knows nothing of an appointment any more.
    pub fn forget(&mut self, id: AppointmentId) {
        self.0.retain(|shown| shown.id != id);
    }

    /// Keeps only what is known of appointments that are still of interest.
    pub fn keep_only(&mut self, is_of_interest: impl Fn(AppointmentId) -> bool) {
        self.0.retain(|shown| is_of_interest(shown.id));
    }

    /// Lets the browser keep it, where that differs from what it has brought.
    pub fn keep(&self, sealer: Sealer<'_>, person: PersonKey, headers: &mut HeaderMap, brought: &Self) {
        let same = self.0.len() == brought.0.len() && self.0.iter().all(|shown| brought.of(shown.id) == Some(shown));
        if same {
            return;
        }
        // The oldest give way where names are so long that not all have room.
        for length in (0..=self.0.len()).rev() {
            let value = sealer.seal(CONTEXT, &(person, &self.0[..length]));
            if value.len() <= MAX_SEALED_BYTES {
                return cookies::keep_for(headers, COOKIE, &value, KEPT_DAYS);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::{COOKIE as BROUGHT, SET_COOKIE};
    use uuid::Uuid;

    use super::*;
    use crate::domain::appointment::samples;
    use crate::domain::name::{HallId, LaneId, MAX_NAME_BYTES};
    use crate::vault::Vault;

    fn vault() -> Vault {
        Vault::from_secret(&[7; 32])
    }

    fn numbered(number: u128) -> Appointment {
        Appointment { id: AppointmentId(Uuid::from_u128(number)), ..samples::held() }
    }

    /// The cookie that a browser would bring next.
    fn brought(set: &HeaderMap) -> HeaderMap {
        let pair = set[SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        HeaderMap::from_iter([(BROUGHT, HeaderValue::from_str(pair).unwrap())])
    }

    #[test]
    fn it_comes_back_to_the_same_person_and_to_nobody_else() {
        let [one, other] = [PersonKey([1; 16]), PersonKey([2; 16])];
        let (mut known, mut set) = (Known::default(), HeaderMap::new());
        known.learn(&numbered(1));
        known.remember(numbered(2).id, numbered(2).slot, true);
        known.keep(Sealer::of(&vault()), one, &mut set, &Known::default());
        let headers = brought(&set);
        assert_eq!(Known::brought(Sealer::of(&vault()), one, &headers), known);
        assert_eq!(Known::brought(Sealer::of(&vault()), other, &headers), Known::default());
        assert_eq!(Known::brought(Sealer::of(&Vault::from_secret(&[8; 32])), one, &headers), Known::default());
        let mut again = HeaderMap::new();
        known.keep(Sealer::of(&vault()), one, &mut again, &known);
        assert!(again.is_empty(), "what the browser has is not sent again");
    }

    #[test]
    fn it_has_room_for_the_newest_however_long_their_names_are() {
        let long = "x".repeat(MAX_NAME_BYTES);
        let (hall, lane) = (HallId::intern(&long).unwrap(), LaneId::intern(&long).unwrap());
        let (mut known, mut set) = (Known::default(), HeaderMap::new());
        for number in 0..20 {
            let appointment = numbered(number);
            known.learn(&Appointment { slot: Slot { hall, lane, ..appointment.slot }, ..appointment });
        }
        known.keep(Sealer::of(&vault()), PersonKey([1; 16]), &mut set, &Known::default());
        let found = Known::brought(Sealer::of(&vault()), PersonKey([1; 16]), &brought(&set));
        assert!(found.0.len() > 3 && found.0.len() <= MAX_KNOWN, "{}", found.0.len());
        assert!(found.of(numbered(19).id).is_some() && found.of(numbered(0).id).is_none());
    }
}
