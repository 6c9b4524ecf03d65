//! The record of one applicant's claim on one slot, and its lifecycle.

mod stored;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::applicant::Mask;
use super::name::{DocumentId, HallId, LaneId, ServiceId};
use super::reading;
use super::wall::WallTime;
use stored::Stored;

/// The id of an appointment, a UUID version 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppointmentId(pub Uuid);

/// The id of a party, a UUID version 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartyId(pub Uuid);

impl fmt::Display for AppointmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who a person is, without saying it: the first 16 bytes of the keyed digest of the ID number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonKey(pub [u8; 16]);

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonKey({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

const CODE_BITS: u32 = 40;
/// Crockford's base 32: no I, L, O, U.
const CODE_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What an applicant shows at the desk: 40 bits, written as eight characters of Crockford's base 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct Code([u8; 5]);

impl Code {
    /// The code of the lowest 40 bits of a random number.
    #[must_use]
    pub const fn from_random(bits: u64) -> Self {
        let [_, _, _, code @ ..] = bits.to_be_bytes();
        Self(code)
    }
}

impl From<u64> for Code {
    fn from(bits: u64) -> Self {
        Self::from_random(bits)
    }
}

impl From<Code> for u64 {
    fn from(Code(bytes): Code) -> Self {
        bytes.into_iter().fold(0, |bits, byte| bits << 8 | Self::from(byte))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bits, mut digits) = (u64::from(*self), [0; 8]);
        for (at, digit) in (0..).zip(&mut digits) {
            *digit = CODE_ALPHABET[(bits >> (CODE_BITS - 5 - 5 * at) & 31) as usize];
        }
        f.pad(std::str::from_utf8(&digits).expect("the alphabet is ASCII"))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

/// A text that is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a code has 8 characters out of 0-9 and A-Z without I, L, O and U")]
pub struct CodeError;

impl FromStr for Code {
    type Err = CodeError;

    /// Reads a code as [`reading::number`] does, in lower case too, and with `O` for 0, `I` and `L` for 1.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut bits = 0;
        let mut digits = 0;
        for typed in reading::number(text).chars() {
            let meant = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = CODE_ALPHABET.iter().position(|&c| char::from(c) == meant).ok_or(CodeError)?;
            bits = bits << 5 | value as u64;
            digits += 1;
            if digits > 8 {
                return Err(CodeError);
            }
        }
        if digits == 8 { Ok(Self::from_random(bits)) } else { Err(CodeError) }
    }
}

/// Where an appointment stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Keeps its place until `expires_at`.
    Held,
    /// Booked.
    Booked,
    /// The applicant is in the hall.
    CheckedIn,
    /// The applicant has been served.
    Served,
    /// The hold ended before it was confirmed.
    Expired,
    /// Cancelled.
    Cancelled,
    /// The applicant did not come.
    NoShow,
}

/// What can be done with an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Turn a hold into a booking.
    Confirm,
    /// Change the slot.
    Reschedule,
    /// Give the place up.
    Cancel,
    /// End a hold whose time has come.
    Expire,
    /// The applicant is here.
    CheckIn,
    /// The applicant has been served.
    Serve,
    /// The applicant did not come.
    MarkNoShow,
    /// Let a hold live longer, once.
    Extend,
    /// Take back a check-in, a serving or a no-show.
    Undo,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::Confirm,
        Self::Reschedule,
        Self::Cancel,
        Self::Expire,
        Self::CheckIn,
        Self::Serve,
        Self::MarkNoShow,
        Self::Extend,
        Self::Undo,
    ];

    /// The participle that a refusal uses.
    #[must_use]
    pub const fn participle(self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Reschedule => "rescheduled",
            Self::Cancel => "cancelled",
            Self::Expire => "expired",
            Self::CheckIn => "checked in",
            Self::Serve => "served",
            Self::MarkNoShow => "marked as no-show",
            Self::Extend => "extended",
            Self::Undo => "taken back",
        }
    }
}

impl Status {
    /// Every status, in the order of a life.
    pub const ALL: [Self; 7] =
        [Self::Held, Self::Booked, Self::CheckedIn, Self::Served, Self::Expired, Self::Cancelled, Self::NoShow];

    /// The lifecycle table: the status after an action; none where the action is not possible.
    #[must_use]
    pub const fn after(self, action: Action) -> Option<Self> {
        match (self, action) {
            (Self::Held, Action::Expire) => Some(Self::Expired),
            (Self::Held | Self::Booked, Action::Cancel) => Some(Self::Cancelled),
            (Self::Held | Self::Booked, Action::Reschedule) | (Self::Held, Action::Extend) => Some(self),
            (Self::Held, Action::Confirm) | (Self::CheckedIn | Self::NoShow, Action::Undo) => Some(Self::Booked),
            (Self::Booked, Action::CheckIn) | (Self::Served, Action::Undo) => Some(Self::CheckedIn),
            (Self::Booked, Action::MarkNoShow) => Some(Self::NoShow),
            (Self::CheckedIn, Action::Serve) => Some(Self::Served),
            _ => None,
        }
    }

    /// Whether the appointment is the applicant's one claim for its document.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Held | Self::Booked | Self::CheckedIn)
    }

    /// Whether the appointment counts as taken in its slot.
    #[must_use]
    pub const fn takes_place(self) -> bool {
        !matches!(self, Self::Expired | Self::Cancelled)
    }

    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::CheckedIn => "checked_in",
            Self::Served => "served",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One band of one lane of one hall on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// The hall.
    pub hall: HallId,
    /// The date in the hall's zone.
    #[serde(with = "stored::date")]
    pub date: NaiveDate,
    /// The lane.
    pub lane: LaneId,
    /// When the band begins.
    pub start: WallTime,
    /// When the band ends.
    pub end: WallTime,
}

/// One applicant's claim on one slot. A change makes a new value; `revision` counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// The party that it was made in.
    pub party: PartyId,
    /// Its place in the party, from 0.
    pub position: u8,
    /// What the applicant shows at the desk.
    pub code: Code,
    /// Where it stands in its life.
    pub status: Status,
    /// What is applied for.
    pub service: ServiceId,
    /// The document of the service: with the applicant, the key of the one claim.
    pub document: DocumentId,
    /// The slot.
    pub slot: Slot,
    /// The instant at which the band begins, with the offset of the hall's zone.
    pub starts_at: DateTime<FixedOffset>,
    /// Until when a hold keeps its place; none once it is booked.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether this hold has been extended; false once it is no hold any more.
    pub extended: bool,
    /// The person who must appear.
    pub applicant: PersonKey,
    /// The person who made the booking.
    pub made_by: PersonKey,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed, never before it was made.
    pub updated_at: DateTime<Utc>,
    /// How many times it has been changed.
    pub revision: u32,
    /// What may be shown of the applicant; sealed on the disk, so not part of the stored form.
    pub mask: Mask,
}

impl Appointment {
    /// Whether a person may see and change it: made by or for that person.
    #[must_use]
    pub fn belongs_to(&self, person: PersonKey) -> bool {
        self.applicant == person || self.made_by == person
    }

    /// The status at an instant: a hold whose time has come has expired, whether or not that has been recorded yet.
    #[must_use]
    pub fn status_at(&self, now: DateTime<Utc>) -> Status {
        match (self.status, self.expires_at) {
            (Status::Held, Some(end)) if now >= end => Status::Expired,
            (status, _) => status,
        }
    }

    /// The appointment after a change to `status`.
    #[must_use]
    pub fn changed(&self, status: Status, at: DateTime<Utc>) -> Self {
        let is_hold = status == Status::Held;
        let (expires_at, extended) = (self.expires_at.filter(|_| is_hold), self.extended && is_hold);
        Self { status, expires_at, extended, ..self.touched(at) }
    }

    /// The appointment in another slot.
    #[must_use]
    pub fn moved(&self, slot: Slot, starts_at: DateTime<FixedOffset>, at: DateTime<Utc>) -> Self {
        Self { slot, starts_at, ..self.touched(at) }
    }

    /// The hold with a later end: the one extension that it can have.
    ///
    /// # Panics
    /// If it is no hold, or has been extended already.
    #[must_use]
    pub fn extended_by(&self, longer: TimeDelta, at: DateTime<Utc>) -> Self {
        assert!(self.status == Status::Held && !self.extended, "only a hold is extended, and only once");
        Self { expires_at: self.expires_at.map(|end| end + longer), extended: true, ..self.touched(at) }
    }

    /// The next revision. A clock that was put back does not make it older than the last one.
    fn touched(&self, at: DateTime<Utc>) -> Self {
        Self { updated_at: at.max(self.updated_at), revision: self.revision + 1, ..*self }
    }
}

/// Appointments for tests.
#[cfg(test)]
pub mod samples {
    use super::*;

    /// A hold of 2026-11-25, 08:30, made on 2026-11-22.
    ///
    /// # Panics
    /// Never: the texts are valid.
    #[must_use]
    pub fn held() -> Appointment {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        Appointment {
            id: AppointmentId(Uuid::from_u128(0x0197_9a2b_3c4d_7e5f_8a6b_7c8d_9e0f_1a2b)),
            party: PartyId(Uuid::from_u128(0x0197_9a2b_3c4d_7e5f_8a6b_7c8d_9e0f_1a2c)),
            position: 0,
            code: Code::from_random(7),
            status: Status::Held,
            service: ServiceId::intern("passport.renewal").unwrap(),
            document: DocumentId::intern("passport").unwrap(),
            slot: Slot {
                hall: HallId::intern("hangzhou-shi-crj").unwrap(),
                date: NaiveDate::from_ymd_opt(2026, 11, 25).unwrap(),
                lane: LaneId::intern("counter").unwrap(),
                start: WallTime::hm(8, 30),
                end: WallTime::hm(9, 0),
            },
            starts_at: "2026-11-25T08:30:00+08:00".parse().unwrap(),
            expires_at: Some(at("2026-11-22T02:25:30.123Z")),
            extended: false,
            applicant: PersonKey([1; 16]),
            made_by: PersonKey([2; 16]),
            created_at: at("2026-11-22T02:15:30.123Z"),
            updated_at: at("2026-11-22T02:15:30.123Z"),
            revision: 0,
            mask: Mask::new("张伟明", "330106199001011234"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_never_older_than_what_it_changes() {
        let held = samples::held();
        let early = held.created_at - TimeDelta::hours(1);
        let changes: [fn(&Appointment, DateTime<Utc>) -> Appointment; 3] = [
            |one, at| one.changed(Status::Booked, at),
            |one, at| one.moved(one.slot, one.starts_at, at),
            |one, at| one.extended_by(TimeDelta::minutes(5), at),
        ];
        for change in changes {
            for (at, expected) in [
                (early, held.updated_at),
                (held.updated_at + TimeDelta::seconds(1), held.updated_at + TimeDelta::seconds(1)),
            ] {
                let after = change(&held, at);
                assert_eq!((after.updated_at, after.created_at, after.revision), (expected, held.created_at, 1));
            }
        }
    }

    #[test]
    fn a_hold_keeps_its_extension_when_it_moves_and_loses_it_when_it_ends() {
        let held = samples::held().extended_by(TimeDelta::minutes(5), samples::held().created_at);
        let moved = held.moved(held.slot, held.starts_at, held.created_at);
        assert_eq!((moved.extended, moved.expires_at), (true, held.expires_at));
        for status in [Status::Booked, Status::Cancelled, Status::Expired] {
            let ended = held.changed(status, held.created_at);
            assert_eq!((ended.extended, ended.expires_at), (false, None), "{status}");
        }
    }

    #[test]
    #[should_panic(expected = "only once")]
    fn a_second_extension_is_a_bug() {
        let held = samples::held();
        let _ = held
            .extended_by(TimeDelta::minutes(5), held.created_at)
            .extended_by(TimeDelta::minutes(5), held.created_at);
    }

    #[test]
    fn the_lifecycle_has_these_steps_and_no_others() {
        use Action::{Cancel, CheckIn, Confirm, Expire, Extend, MarkNoShow, Reschedule, Serve, Undo};
        let steps = [
            (Status::Held, Confirm, Status::Booked),
            (Status::Held, Reschedule, Status::Held),
            (Status::Held, Cancel, Status::Cancelled),
            (Status::Held, Expire, Status::Expired),
            (Status::Held, Extend, Status::Held),
            (Status::Booked, Reschedule, Status::Booked),
            (Status::Booked, Cancel, Status::Cancelled),
            (Status::Booked, CheckIn, Status::CheckedIn),
            (Status::Booked, MarkNoShow, Status::NoShow),
            (Status::CheckedIn, Serve, Status::Served),
            (Status::CheckedIn, Undo, Status::Booked),
            (Status::Served, Undo, Status::CheckedIn),
            (Status::NoShow, Undo, Status::Booked),
        ];
        for status in Status::ALL {
            for action in Action::ALL {
                let expected = steps.iter().find(|step| (step.0, step.1) == (status, action)).map(|step| step.2);
                assert_eq!(status.after(action), expected, "{status} {action:?}");
            }
        }
    }

    #[test]
    fn what_is_active_takes_a_place_too() {
        let words =
            |of: fn(Status) -> bool| Status::ALL.into_iter().filter(|s| of(*s)).map(Status::as_str).collect::<Vec<_>>();
        assert_eq!(words(Status::is_active), ["held", "booked", "checked_in"]);
        assert_eq!(words(Status::takes_place), ["held", "booked", "checked_in", "served", "no_show"]);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::from_random(0x9_9EE8_A24F ^ u64::MAX << 40);
        let text = code.to_string();
        assert_eq!(text.len(), 8);
        assert_eq!(text.parse(), Ok(code));
        assert_eq!("0000-0000".parse(), Ok(Code::from_random(0)));
        assert_eq!("zzzz zzzz".parse(), Ok(Code::from_random(u64::MAX)));
        assert_eq!("oOiIlL10".parse::<Code>().unwrap().to_string(), "00111110");
        for text in ["", "1234567", "123456789", "1234567U", "1234567é", "        "] {
            assert_eq!(text.parse::<Code>(), Err(CodeError), "{text:?}");
        }
    }
}
