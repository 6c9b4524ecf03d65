//! Why a call is refused: one typed value for whoever tells it, the API as a problem document and the pages in words of the
//! reader's language. No sentence is ever read to learn what it means.

mod code;
mod fields;
pub(crate) mod remembered;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use code::Code;
pub use fields::{FieldFault, MAX_STREET_CHARS, Typed, Wrong};
pub use remembered::Earlier;

use crate::config;
use crate::domain::rejection::Rejection;
use crate::engine;

/// After how many seconds a call that met overload may be tried again.
pub const OVERLOAD_RETRY_S: u32 = 1;
/// After how many seconds a call that met a failed ledger may be tried again.
const READ_ONLY_RETRY_S: u32 = 60;
/// After how many seconds a person with too many appointments may try again: a day, as that is no matter of a moment.
const KEPT_RETRY_S: u32 = 86_400;

/// Why a call is refused. Nothing has been changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A rule says no.
    #[error(transparent)]
    Rule(#[from] Rejection),
    /// Fields are missing or wrong; at least one.
    #[error("{}", sentence_of(.0))]
    Fields(Vec<FieldFault>),
    /// The caller is not known.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such thing.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Things are not as the caller takes them to be.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The caller asks too often, or has too much already.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The server has no room for the call at the moment.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Nothing can be changed at the moment.
    #[error("nothing can be changed at the moment; what is booked stays booked")]
    ReadOnly,
    /// A refusal that another version of this program has remembered, in words.
    #[error("{}", .0.detail)]
    Earlier(Earlier),
    /// The server has failed. The caller is told nothing of the reason; it is logged where the answer leaves.
    #[error("the server has failed; the operator finds the reason under the id of this request")]
    Fault(#[serde(skip)] String),
    // Last: a form that numbers the variants counts one that is left out when it is written, and not when it is read.
    /// The files of the configuration are wrong.
    #[serde(skip)]
    #[error("the configuration has {} errors; nothing was changed", .0.0.len())]
    Configuration(config::Errors),
}

/// Why a caller is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unauthenticated {
    /// The token was not made by this server, or was changed.
    #[error("this is not a session of this server; POST /v1/session opens one")]
    ForeignSession,
    /// The time of the session is over.
    #[error("the session has ended; POST /v1/session opens another")]
    EndedSession,
    /// The token is no member's.
    #[error("no member of staff has this token")]
    UnknownStaff,
}

/// Why a caller may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forbidden {
    /// A member of staff asks for what a person does.
    #[error("this call is for persons with a session, not for staff")]
    ForPersons,
    /// A person asks for what a member of staff does.
    #[error("this call is for staff")]
    ForStaff,
    /// A member with halls asks for what the role admin does.
    #[error("this call is for the role admin")]
    ForAdmins,
    /// The hall is not the member's.
    #[error("this hall is not yours")]
    AnotherHall,
    /// A change of the configuration reaches beyond the halls of the member who makes it.
    #[error("the change reaches beyond the member's own halls")]
    BeyondOwnHalls,
}

/// What there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotFound {
    /// A file of the configuration.
    #[error("there is no such file")]
    File,
    /// A version of the configuration.
    #[error("there is no such version")]
    Version,
}

/// In what things are not as the caller takes them to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The appointment was changed since the caller has seen it.
    #[error("the appointment was changed meanwhile")]
    AppointmentChanged,
    /// The appointment fits the configuration, so only its applicant moves it.
    #[error("the appointment fits the configuration")]
    Fits,
    /// The appointment is at the time to which it is to be moved.
    #[error("the appointment is at this time already")]
    IsThere,
    /// The files of the configuration have changed since the caller has seen them.
    #[error("the files have changed since they were seen")]
    FilesChanged,
}

/// Of what there is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooMany {
    /// Changes of a person within seconds.
    #[error("a person may make {a_second} changes a second; try again in {retry_s} s")]
    Writes {
        /// How many a second are admitted in the long run.
        a_second: u32,
        /// After how many seconds the next change is admitted.
        retry_s: u32,
    },
    /// Wrong tokens of staff within a minute.
    #[error("too many wrong tokens were tried; wait for a minute")]
    Guesses {
        /// After how many seconds the next guess is admitted.
        retry_s: u32,
    },
    /// Idempotency keys of one caller.
    #[error("{}", engine::Refusal::TooManyKeys { retry_s: *.retry_s })]
    Keys {
        /// After how many seconds the oldest of them is forgotten.
        retry_s: u32,
    },
    /// Telephones that one member of staff has opened within an hour.
    #[error("{}", engine::Refusal::TooManyOpened { retry_s: *.retry_s })]
    Telephones {
        /// After how many seconds the next hour begins.
        retry_s: u32,
    },
    /// Appointments that are kept of one person, ended ones included.
    #[error("{}", engine::Refusal::TooManyKept)]
    Kept,
}

/// What has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Busy {
    /// The engine has not recovered yet.
    #[error("the server is starting; try again in a moment")]
    Starting,
    /// The queue of the ledger.
    #[error("{}", engine::Refusal::Overloaded)]
    Ledger,
    /// The table of idempotency keys.
    #[error("{}", engine::Refusal::KeysFull { retry_s: *.retry_s })]
    Keys {
        /// After how many seconds the oldest of them is forgotten.
        retry_s: u32,
    },
    /// The numbers of a day for those without an appointment.
    #[error("no number is left for this day")]
    Numbers,
}

impl Refusal {
    /// One bad field.
    #[must_use]
    pub fn field(pointer: &str, wrong: impl Into<Wrong>) -> Self {
        Self::Fields(vec![FieldFault { pointer: pointer.to_owned(), wrong: wrong.into() }])
    }

    /// A failure of the server, for the log.
    #[must_use]
    pub fn fault(reason: impl Into<String>) -> Self {
        Self::Fault(reason.into())
    }

    /// The stable word for programs.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            // That every code of a rejection is in the table is tested; a stranger would be our bug, not the caller's.
            Self::Rule(rejection) => Code::named(rejection.code()).unwrap_or(Code::Internal),
            Self::Fields(_) | Self::Configuration(_) => Code::InvalidField,
            Self::Unauthenticated(_) => Code::Unauthenticated,
            Self::Forbidden(_) => Code::Forbidden,
            Self::NotFound(_) => Code::NotFound,
            Self::Conflict(_) => Code::WrongState,
            Self::TooMany(_) => Code::TooManyRequests,
            Self::Busy(_) => Code::Overloaded,
            Self::ReadOnly => Code::ReadOnly,
            Self::Fault(_) => Code::Internal,
            Self::Earlier(earlier) => earlier.code(),
        }
    }

    /// The rule that says no, if one does.
    #[must_use]
    pub const fn rule(&self) -> Option<&Rejection> {
        match self {
            Self::Rule(rejection) => Some(rejection),
            _ => None,
        }
    }

    /// Whether trying again may help: such a refusal is never remembered for a repeat.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::TooMany(_) | Self::Busy(_) | Self::ReadOnly | Self::Fault(_))
    }

    /// After how many seconds the call may be tried again.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u32> {
        Some(match self {
            Self::TooMany(TooMany::Kept) => KEPT_RETRY_S,
            Self::TooMany(
                TooMany::Writes { retry_s, .. }
                | TooMany::Guesses { retry_s }
                | TooMany::Keys { retry_s }
                | TooMany::Telephones { retry_s },
            )
            | Self::Busy(Busy::Keys { retry_s }) => *retry_s,
            Self::Busy(_) => OVERLOAD_RETRY_S,
            Self::ReadOnly => READ_ONLY_RETRY_S,
            _ => return None,
        })
    }

    /// The bad fields, each with how to mend it.
    #[must_use]
    pub fn bad_fields(&self) -> Vec<(String, Cow<'static, str>)> {
        let at = |pointer: String| vec![(pointer, Cow::from(self.to_string()))];
        match self {
            Self::Fields(faults) => {
                faults.iter().map(|fault| (fault.pointer.clone(), fault.wrong.to_string().into())).collect()
            }
            Self::Rule(Rejection::PartyTooLarge { .. } | Rejection::ApplicantsDiffer) => at("/applicants".to_owned()),
            Self::Rule(Rejection::DuplicateApplicant { second, .. }) => at(format!("/applicants/{second}/id_number")),
            Self::Configuration(config::Errors(errors)) => {
                let place = |error: &config::ConfigError| format!("{}:{}", error.file, error.line);
                errors.iter().map(|it| (place(it), format!("{}; {}", it.flaw, it.mend).into())).collect()
            }
            Self::Earlier(earlier) => earlier.bad_fields(),
            _ => Vec::new(),
        }
    }
}

/// What is wrong with some fields, in one sentence.
fn sentence_of(faults: &[FieldFault]) -> String {
    match faults {
        [only] => format!("{}: {}", only.pointer, only.wrong),
        many => format!("{} fields are invalid; each is named in errors", many.len()),
    }
}

impl From<engine::Refusal> for Refusal {
    fn from(refusal: engine::Refusal) -> Self {
        match refusal {
            engine::Refusal::Rejected(rejection) => Self::Rule(rejection),
            engine::Refusal::Overloaded => Busy::Ledger.into(),
            engine::Refusal::KeysFull { retry_s } => Busy::Keys { retry_s }.into(),
            engine::Refusal::TooManyKeys { retry_s } => TooMany::Keys { retry_s }.into(),
            engine::Refusal::TooManyOpened { retry_s } => TooMany::Telephones { retry_s }.into(),
            engine::Refusal::TooManyKept => TooMany::Kept.into(),
            engine::Refusal::Unreadable => Self::Fault(refusal.to_string()),
            engine::Refusal::ReadOnly => Self::ReadOnly,
        }
    }
}
