//! Every refusal that a rule can give, with its stable code.
//!
//! A rejection is an ordinary value: nothing failed, a rule said no. Its text says how to mend the call.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::appointment::{Action, Status};

/// Why a rule said no. Its form with serde is remembered for a repeat: a variant or field that has been released keeps its
/// name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// No hall has this id.
    #[error("there is no hall with this id; GET /v1/halls lists them")]
    UnknownHall,
    /// No service has this id.
    #[error("there is no service with this id; GET /v1/services lists them")]
    UnknownService,
    /// No appointment with this id or code belongs to the caller.
    #[error("there is no such appointment")]
    UnknownAppointment,
    /// The caller was booked by another person, and asks for a change of the whole party.
    #[error("only who made a party changes the whole of it")]
    NotTheMaker,
    /// The appointment is in a hall that is not the member's.
    #[error("the appointment is in another hall")]
    AnotherHall,
    /// A person asks for what only a desk does.
    #[error("only staff may do this")]
    StaffOnly,
    /// A member of staff asks for what only a person does.
    #[error("an appointment is made by a person with a session")]
    PersonsOnly,
    /// The hall does not offer the service.
    #[error("this hall does not offer this service; GET /v1/halls?service= lists those that do")]
    ServiceNotOffered,
    /// More applicants than a party may have.
    #[error("a party has at most {max} applicants")]
    PartyTooLarge {
        /// The largest party.
        max: u32,
    },
    /// One applicant stands twice in a party.
    #[error("applicant {second} is the same person as applicant {first}")]
    DuplicateApplicant {
        /// Where the person stands first, counted from 0.
        first: usize,
        /// Where the person stands again.
        second: usize,
    },
    /// The applicants of a confirmation are not those of the hold.
    #[error("the applicants must be those of the hold, in its order; leave them out to keep them as they are")]
    ApplicantsDiffer,
    /// The date is before today in the hall's zone.
    #[error("the date has passed")]
    Past,
    /// The date is too near.
    #[error("the same day cannot be booked; the earliest date is {earliest}")]
    SameDay {
        /// The first date that can be booked now.
        earliest: NaiveDate,
    },
    /// The date is too far.
    #[error("the last date that can be booked now is {last}")]
    BeyondWindow {
        /// The last date of the window.
        last: NaiveDate,
    },
    /// The last day of the window has not been opened yet.
    #[error("this day has not been opened yet{}", .opens_at.map(|at| format!("; it opens at {}", at.to_rfc3339())).unwrap_or_default())]
    NotReleased {
        /// When it opens; none where that time does not exist today.
        opens_at: Option<DateTime<FixedOffset>>,
    },
    /// The hall is closed for a public holiday.
    #[error("the hall is closed for a public holiday: {name}")]
    Holiday {
        /// What the day is called.
        name: String,
    },
    /// The hall is closed.
    #[error("the hall is closed on this day{}", .reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    Closed {
        /// Why, where the hall says so.
        reason: Option<String>,
    },
    /// No band starts at this time.
    #[error("no band of this service starts at this time on this day; GET /v1/halls/{{hall}}/slots lists them")]
    NoSuchBand,
    /// The applicant has an active appointment for the document.
    #[error("applicant {applicant} already has an active appointment for this document; cancel it or move it")]
    AlreadyBooked {
        /// Which applicant of the call, counted from 0.
        applicant: usize,
    },
    /// The booking person has made too many active appointments.
    #[error("a person may have made at most {max} active appointments; cancel one first")]
    TooManyActive {
        /// The most that are allowed.
        max: u32,
    },
    /// The band has not enough places left.
    #[error("not enough places are left in this band")]
    SlotFull,
    /// The state of the appointment does not allow this.
    #[error("an appointment that is {status} cannot be {}", .action.participle())]
    WrongState {
        /// The state that it has.
        status: Status,
        /// What was asked for.
        action: Action,
    },
    /// The band has started, so the appointment can no longer be changed by the applicant.
    #[error("the appointment began at {}; it can no longer be {}", .began.to_rfc3339(), .action.participle())]
    Begun {
        /// When the band started.
        began: DateTime<FixedOffset>,
        /// What was asked for.
        action: Action,
    },
    /// The hold has had its one extension.
    #[error("this hold has been extended before, which is possible once; confirm it before it ends")]
    AlreadyExtended,
    /// The configuration lets no hold be extended.
    #[error("holds are not extended here; confirm the hold before it ends, or book again")]
    NoExtensions,
    /// What a desk says of an appointment is for its day.
    #[error("the appointment is on {date}, and it is {today} in its hall: only on that day it is {}, unless the body says {{\"anyway\": true}}", .action.participle())]
    NotOnItsDay {
        /// The date of the appointment.
        date: NaiveDate,
        /// Today in its hall.
        today: NaiveDate,
        /// What was asked for.
        action: Action,
    },
    /// Nobody has failed to come to a band that has not begun.
    #[error("the appointment begins at {}: before that it is not {}, unless the body says {{\"anyway\": true}}", .begins.to_rfc3339(), .action.participle())]
    NotBegun {
        /// When the band starts.
        begins: DateTime<FixedOffset>,
        /// What was asked for.
        action: Action,
    },
    /// There is nothing to be taken back.
    #[error("an appointment that is {status} has no check-in, serving or no-show that could be taken back")]
    NothingToUndo {
        /// The state that it has.
        status: Status,
    },
    /// It is too late to take it back.
    #[error("this could be taken back until {}", .until.to_rfc3339())]
    UndoTooLate {
        /// The last instant at which it could.
        until: DateTime<FixedOffset>,
    },
    /// It is too late to take a no-show back.
    #[error("a no-show can be taken back until the end of the next day, which was {last}")]
    NoShowStands {
        /// The last date on which it could.
        last: NaiveDate,
    },
    /// Another member of staff did it.
    #[error("this is taken back only by who did it")]
    UndoByAnother,
    /// Neither memory nor the log of the desk knows who did it.
    #[error("it is not known any more who did this, so it can no longer be taken back")]
    UndoForgotten,
    /// The hold ended before it was confirmed.
    #[error("the hold has ended and its place has been given back; book again")]
    HoldExpired,
    /// The idempotency key was used for another call.
    #[error("this Idempotency-Key was used for another call; use a new key for a new call")]
    IdempotencyMismatch,
}

impl Rejection {
    /// The stable code of the contract.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownHall => "unknown_hall",
            Self::UnknownService => "unknown_service",
            Self::UnknownAppointment => "unknown_appointment",
            Self::NotTheMaker | Self::AnotherHall | Self::StaffOnly | Self::PersonsOnly => "forbidden",
            Self::ServiceNotOffered => "service_not_offered",
            Self::PartyTooLarge { .. } => "party_too_large",
            Self::DuplicateApplicant { .. } => "duplicate_applicant",
            Self::ApplicantsDiffer => "invalid_field",
            Self::Past => "past",
            Self::SameDay { .. } => "same_day",
            Self::BeyondWindow { .. } => "beyond_window",
            Self::NotReleased { .. } => "not_released",
            Self::Holiday { .. } => "holiday",
            Self::Closed { .. } => "closed",
            Self::NoSuchBand => "no_such_band",
            Self::AlreadyBooked { .. } => "already_booked",
            Self::TooManyActive { .. } => "too_many_active",
            Self::SlotFull => "slot_full",
            Self::WrongState { .. }
            | Self::Begun { .. }
            | Self::AlreadyExtended
            | Self::NoExtensions
            | Self::NotOnItsDay { .. }
            | Self::NotBegun { .. }
            | Self::NothingToUndo { .. }
            | Self::UndoTooLate { .. }
            | Self::NoShowStands { .. }
            | Self::UndoByAnother
            | Self::UndoForgotten => "wrong_state",
            Self::HoldExpired => "hold_expired",
            Self::IdempotencyMismatch => "idempotency_mismatch",
        }
    }
}
