//! A person who calls, known by a session.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};

use super::session_token;
use super::throttle::Writer;
use crate::app::state::App;
use crate::domain::applicant::Applicant;
use crate::domain::appointment::{Appointment, AppointmentId, PersonKey};
use crate::domain::rejection::Rejection;
use crate::engine::Caller;
use crate::engine::Engine;
use crate::serve::body_watch::BodyWatch;
use crate::serve::peer::Peer;
use crate::serve::problem::Problem;
use crate::serve::read::bearer;

/// The person whose session a call brings.
pub struct Person {
    /// Who it is, in clear.
    pub applicant: Applicant,
    /// Who it is, as records know it.
    pub key: PersonKey,
    /// When the call came.
    pub now: DateTime<Utc>,
}

impl FromRequestParts<App> for Person {
    type Rejection = Problem;

    /// Knows the caller, and takes a write out of the caller's budget.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let now = app.now();
        let peer = Peer::of(&parts.extensions);
        let applicant = applicant_of(app, bearer::token(&parts.headers)?, peer, now)?;
        let key = app.vault().person_key(&applicant.id_number);
        BodyWatch::note_known(&parts.extensions);
        if !parts.method.is_safe() {
            app.throttle().admit(Writer::Person(key), app.running())?;
        }
        Ok(Self { applicant, key, now })
    }
}

fn applicant_of(app: &App, token: &str, peer: Peer, now: DateTime<Utc>) -> Result<Applicant, Problem> {
    if !token.starts_with(session_token::PREFIX) {
        if app.loaded().staff.holder(token).is_some() {
            return Err(Problem::forbidden("this call is for persons with a session, not for staff"));
        }
        // What has no form of a session may be a guess at a token of staff, which the answer above would tell.
        app.guesses().spend(peer, app.running())?;
    }
    session_token::open(app.vault(), token, now).map_err(|why| Problem::unauthenticated(why.to_string()))
}

impl Person {
    /// This person, as the engine knows callers.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        Caller::Person(self.key)
    }

    /// The appointment with this id, where it is this person's. A text that is no id names no appointment.
    ///
    /// # Errors
    /// `unknown_appointment`.
    pub fn appointment(&self, engine: &Engine, id: &str) -> Result<Appointment, Problem> {
        let found = appointment_id(id).and_then(|id| engine.appointment(id));
        let own = found.filter(|appointment| appointment.belongs_to(self.key));
        own.ok_or_else(|| Rejection::UnknownAppointment.into())
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
