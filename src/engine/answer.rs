//! The words in which the engine answers.

use std::slice;
use std::sync::Arc;

use crate::domain::appointment::Appointment;
use crate::domain::rejection::Rejection;

/// What a call that changed something answers, and what its repeat answers again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Appointments of one party, in the order of its applicants.
    Party(Vec<Appointment>),
    /// One appointment.
    Appointment(Box<Appointment>),
    /// What the caller gave to be remembered.
    Text(Arc<str>),
    /// Why the call was refused, as the caller gave it to be remembered.
    Refused(Arc<str>),
}

impl Answer {
    /// The appointments that it is about, in the order of their applicants; none where it is a text.
    #[must_use]
    pub fn appointments(&self) -> &[Appointment] {
        match self {
            Self::Party(party) => party,
            Self::Appointment(one) => slice::from_ref(one),
            Self::Text(_) | Self::Refused(_) => &[],
        }
    }
}

/// Why a call that would change something did not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A rule said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// More calls are under way than the engine takes; nothing happened.
    #[error("more calls are under way than can be taken; try again")]
    Overloaded,
    /// The caller has used more idempotency keys within a day than are remembered for one; nothing happened.
    #[error("more idempotency keys than are remembered for one caller within 24 hours; repeat a call with its own key")]
    TooManyKeys {
        /// After how many seconds the oldest of them is forgotten.
        retry_s: u32,
    },
    /// As many idempotency keys as are remembered of all persons, or of all staff, are in use; nothing happened.
    #[error("as many idempotency keys as are remembered at once are in use; a call without a key is still taken")]
    KeysFull {
        /// After how many seconds the oldest of them is forgotten.
        retry_s: u32,
    },
    /// The person has made as many appointments, ended ones included, as are kept of one; nothing happened.
    #[error("this person has made as many appointments, ended ones included, as are kept of one person")]
    TooManyKept,
    /// The member of staff has opened as many telephones in this hour as one may; nothing happened.
    #[error("as many telephone numbers have been opened in this hour as one member of staff may open")]
    TooManyOpened {
        /// After how many seconds the next hour begins.
        retry_s: u32,
    },
    /// What is sealed of an appointment cannot be opened; the operator has to look.
    #[error("what is sealed of the appointment cannot be opened")]
    Unreadable,
    /// The ledger has failed; nothing can be changed until the operator has mended it.
    #[error("nothing can be changed at the moment; what is booked stays booked")]
    ReadOnly,
}
