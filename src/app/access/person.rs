//! A person who calls, known by a session.

use chrono::{DateTime, Utc};

use super::peer::Peer;
use super::session_token;
use super::throttle::Writer;
use crate::app::refusal::{Forbidden, Refusal, TooMany};
use crate::app::state::App;
use crate::domain::applicant::Applicant;
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey};
use crate::domain::rejection::Rejection;
use crate::engine::Caller;
use crate::engine::Engine;

/// The person whose session a call brings.
pub struct Person {
    /// Who it is, in clear.
    pub applicant: Applicant,
    /// Who it is, as records know it.
    pub key: PersonKey,
    /// When the call came.
    pub now: DateTime<Utc>,
}

impl Person {
    /// Takes one of the changes that a person may try in a minute.
    ///
    /// # Errors
    /// `too_many_requests`.
    pub fn admit(&self, app: &App) -> Result<(), TooMany> {
        app.throttle().admit(Writer::Person(self.key), app.running())
    }

    /// The person whose session a token is. A token that is none may be a guess at one of staff, and is counted as that.
    ///
    /// # Errors
    /// `forbidden` for a token of staff, `unauthenticated`, `too_many_requests`.
    pub fn with_token(app: &App, token: &str, peer: Peer) -> Result<Self, Refusal> {
        let now = app.now();
        if !token.starts_with(session_token::PREFIX) {
            if app.loaded().staff.holder(token).is_some() {
                return Err(Forbidden::ForPersons.into());
            }
            // The answer above would tell who guesses that the guess is right.
            app.guesses().spend(peer, app.running())?;
        }
        let applicant = session_token::open(app.sealer(), token, now)?;
        let key = app.vault().person_key(&applicant.id_number);
        Ok(Self { applicant, key, now })
    }

    /// This person, as the engine knows callers.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        Caller::Person(self.key)
    }

    /// The appointment with this id, if it is this person's. A text that is no id names no appointment.
    ///
    /// # Errors
    /// [`Rejection::UnknownAppointment`].
    pub fn appointment(&self, engine: &Engine, id: &str) -> Result<Appointment, Rejection> {
        let found = appointment_id(id).and_then(|id| engine.appointment(id));
        let own = found.filter(|appointment| appointment.belongs_to(self.key));
        own.ok_or(Rejection::UnknownAppointment)
    }
}

/// The id that a path names; none where it is no UUID in its usual form.
#[must_use]
pub fn appointment_id(text: &str) -> Option<AppointmentId> {
    const HYPHENATED_BYTES: usize = 36;
    let hyphenated = text.len() == HYPHENATED_BYTES;
    hyphenated.then(|| uuid::Uuid::try_parse(text).ok()).flatten().map(AppointmentId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_hyphenated_uuid() {
        assert!(appointment_id("01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b").is_some());
        assert!(appointment_id("01979A2B-3C4D-7E5F-8A6B-7C8D9E0F1A2B").is_some());
        for text in ["", "1", "01979a2b3c4d7e5f8a6b7c8d9e0f1a2b", "{01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b}", "杭州"] {
            assert!(appointment_id(text).is_none(), "{text:?}");
        }
    }
}
