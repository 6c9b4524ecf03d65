//! The words in which the engine is asked.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::remembered::Repeat;
use crate::domain::applicant::Applicant;
use crate::domain::appointment::{AppointmentId, Code, PersonKey};
use crate::domain::name::HallId;
use crate::domain::wall::WallTime;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person with a session: sees and changes what was made by or for that person.
    Person(PersonKey),
    /// Somebody at a desk.
    Staff(StaffCaller),
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCaller {
    /// The id in the configuration.
    pub id: String,
    /// The halls that this member may see and change; none for all of them.
    pub halls: Option<Vec<HallId>>,
}

impl StaffCaller {
    /// Whether this member may see and change a hall.
    #[must_use]
    pub fn may_serve(&self, hall: HallId) -> bool {
        self.halls.as_ref().is_none_or(|halls| halls.contains(&hall))
    }
}

/// The circumstances of one call that changes something.
#[derive(Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// When the call began. It is judged at the instant at which judging begins.
    pub now: DateTime<Utc>,
    /// The place in which the answer is remembered, where the call came with an idempotency key.
    pub repeat: Option<Repeat>,
}

/// What a booking asks for. Fields are valid; the rules have not been asked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The id of the hall.
    pub hall: String,
    /// The id of the service.
    pub service: String,
    /// The date in the hall's zone.
    pub date: NaiveDate,
    /// The start of the band.
    pub start: WallTime,
    /// Whether the places are only held.
    pub hold: bool,
    /// The applicants, at least one.
    pub applicants: Vec<Applicant>,
    /// What else the hall must know; empty where the places are only held.
    pub form: Form,
}

/// Where a reschedule leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The id of the hall.
    pub hall: String,
    /// The date in the hall's zone.
    pub date: NaiveDate,
    /// The start of the band.
    pub start: WallTime,
}

/// What a hall must know of a booking besides the applicants. Personal: sealed before it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Form {
    /// The division code of the residence, six digits.
    pub residence: Option<String>,
    /// Whom to reach in an emergency.
    pub emergency_contact: Option<Contact>,
    /// How the document is handed over.
    pub collection: Option<Collection>,
}

/// Somebody with a telephone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name in clear.
    pub name: String,
    /// The number, normalised.
    pub phone: String,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(***)")
    }
}

/// How the document is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Collection {
    /// At the counter.
    Counter,
    /// By post.
    Post(PostalAddress),
}

/// Where the document is sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Who receives it.
    pub name: String,
    /// The number of who receives it.
    pub phone: String,
    /// The division code, six digits.
    pub region: String,
    /// Street and house.
    pub street: String,
}

impl std::fmt::Debug for PostalAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostalAddress(***)")
    }
}

/// Which appointment a desk means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The one with this id.
    Id(AppointmentId),
    /// The one with this code.
    Code(Code),
}
