//! One entry of the ledger: what happened, when, by whom, and the key under which its answer is remembered.
//!
//! An entry carries the appointments as they are afterwards, so the latest entry of an appointment is its state and no
//! two readers can disagree about what an entry means. Personal data is in it sealed only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::domain::appointment::{Action, Appointment, PersonKey};

/// Room for the entry of one booking, in bytes, so that it is encoded without growing.
const USUAL_BYTES: usize = 768;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A person with a session.
    Person(PersonKey),
    /// A member of staff, by the id in the configuration.
    Staff(String),
    /// The engine itself, when a hold ends.
    Engine,
    /// Who runs the program, at its command line.
    Operator,
}

/// What was done with appointments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// They were made, as holds or as bookings.
    Make,
    /// They were changed.
    Change(Action),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Appointments of one party were made or changed together.
    Appointments {
        /// What was done.
        deed: Deed,
        /// The appointments afterwards.
        after: Vec<Appointment>,
        /// Sealed personal data: one for each appointment where the deed brought some, else empty.
        sealed: Vec<ByteBuf>,
        /// Whether the call was about the party, so that its answer lists one.
        whole_party: bool,
        /// The capacity of the slot at the moment its places were taken; none where no place was taken.
        capacity: Option<u32>,
    },
    /// An answer is to be remembered that changed no appointment.
    Answered {
        /// Whether the call was refused.
        refused: bool,
        /// The text of the answer, or of the refusal.
        text: String,
    },
    /// A configuration came into force.
    Adopted {
        /// Its version.
        version: String,
    },
    /// A call found everything as it wished, and this answer is to be remembered.
    Unchanged {
        /// Whether the call was about the party, so that its answer lists one.
        whole_party: bool,
        /// The appointments, as they were and are.
        after: Vec<Appointment>,
    },
    /// What another store remembered was taken over. Its history stays there: here an appointment begins as it was left.
    /// The instant of the entry is the latest of what it brings, so that nothing is forgotten for its sake.
    Imported {
        /// The appointments, in any state.
        after: Vec<Appointment>,
        /// All sealed personal data of each appointment, oldest part first.
        sealed: Vec<Vec<ByteBuf>>,
        /// Answers that are to be given again.
        answers: Vec<Remembered>,
    },
}

/// Whose share of the keys a key counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// A person with a session.
    Person(PersonKey),
    /// Whoever opens a session for this person, and may be anybody: a share apart, so that nobody spends the person's own.
    Newcomer(PersonKey),
}

/// The key of an answer and the call that it belongs to, as digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepeatKey {
    /// Whose key it is; none for staff.
    pub owner: Option<Owner>,
    /// Of the caller and the idempotency key.
    pub key: [u8; 16],
    /// Of the call.
    pub call: [u8; 16],
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The instant of the decision.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: Actor,
    /// What happened.
    pub event: Event,
    /// The key under which a repeat finds the answer.
    pub repeat: Option<RepeatKey>,
}

impl Entry {
    /// The stored form.
    ///
    /// # Panics
    /// Never: every field has a stored form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_extend(self, Vec::with_capacity(USUAL_BYTES)).expect("every field of an entry has a stored form")
    }

    /// The entry of a stored form.
    ///
    /// # Errors
    /// Where the bytes are not exactly one entry.
    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        match postcard::take_from_bytes(bytes)? {
            (entry, []) => Ok(entry),
            _ => Err(postcard::Error::DeserializeBadEncoding),
        }
    }
}

/// An answer that is to be given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The key and the call.
    pub repeat: RepeatKey,
    /// When the call was answered.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// What was answered.
    pub answer: RememberedAnswer,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RememberedAnswer {
    /// Appointments as they were then.
    Appointments {
        /// Whether the answer lists a party; one appointment otherwise.
        whole_party: bool,
        /// The appointments.
        after: Vec<Appointment>,
    },
    /// A text.
    Text(String),
    /// Why the call was refused.
    Refused(String),
}

impl Remembered {
    /// The answer of an entry; none where it has no key.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let repeat = entry.repeat?;
        let answer = match &entry.event {
            Event::Appointments { whole_party, after, .. } | Event::Unchanged { whole_party, after } => {
                RememberedAnswer::Appointments { whole_party: *whole_party, after: after.clone() }
            }
            Event::Answered { refused: false, text } => RememberedAnswer::Text(text.clone()),
            Event::Answered { refused: true, text } => RememberedAnswer::Refused(text.clone()),
            Event::Adopted { .. } | Event::Imported { .. } => return None,
        };
        Some(Self { repeat, at: entry.at, answer })
    }

    /// The answer of an entry, and those that it brings from elsewhere.
    #[must_use]
    pub fn all_of(entry: &Entry) -> Vec<Self> {
        let brought = match &entry.event {
            Event::Imported { answers, .. } => answers.as_slice(),
            _ => &[],
        };
        Self::of(entry).into_iter().chain(brought.iter().cloned()).collect()
    }
}
