//! A person opens a session.

use chrono::{DateTime, NaiveDate, Utc};

use super::peer::Peer;
use super::session_token;
use super::throttle::Writer;
use crate::app::input::booking::{ApplicantInput, read_applicant};
use crate::app::input::fields::{Fields, civil_today};
use crate::app::once::Scope;
use crate::app::refusal::Refusal;
use crate::app::state::App;
use crate::config::IdentityMode;
use crate::domain::applicant::{Applicant, IdNumber};
use crate::domain::appointment::PersonKey;
use crate::engine::Fingerprint;

/// Who opens a session. In mode `demo`: name, number and phone; in mode `oidc`: an identity token.
#[derive(Default)]
pub struct OpeningInput {
    /// The person, as it says itself.
    pub person: ApplicantInput,
    /// The identity token.
    pub identity_token: Option<String>,
}

/// An open session.
pub struct Session {
    /// What opens it again.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Whose it is, as records know it.
    pub person: PersonKey,
}

/// Opens a session. `keyed` gives the call that a repeat repeats, as soon as it is known whose key it is.
///
/// # Errors
/// [`Refusal::Fields`], `too_many_requests`, `idempotency_mismatch`.
pub fn open(
    app: &App,
    peer: Peer,
    input: OpeningInput,
    keyed: impl FnOnce(Scope<'_>) -> Option<Fingerprint>,
) -> Result<Session, Refusal> {
    let now = app.now();
    let (mode, today) = (app.loaded().configuration.identity.mode, civil_today(now));
    let named = input.person.id_number.as_deref().and_then(|number| IdNumber::parse(number, today).ok());
    let judged = judge(input, mode, today);
    let person = match (named, &judged) {
        (Some(number), _) => app.vault().person_key(&number),
        (None, Ok(applicant)) => app.vault().person_key(&applicant.id_number),
        // Without a number nobody knows whose key it would be.
        (None, Err(refusal)) => return Err(refusal.clone()),
    };
    // Guessing costs too, as soon as it is known whose number is guessed.
    app.throttle().admit(Writer::Newcomer(person, peer.network()), app.running())?;
    // A refusal follows from the body alone, so its repeat is refused in the same way without being remembered.
    let print = keyed(Scope::Newcomer(person));
    let opened_at = print.map_or(Ok(now), |print| app.openings().opened_at(print, now))?;
    let expires_at = session_token::end_of(opened_at);
    // The call and its first instant belong to this one token, so they may determine its nonce.
    let origin = print.map(|print| [&print.key[..], &print.call, &opened_at.timestamp_millis().to_be_bytes()].concat());
    let token = session_token::seal(app.sealer(), &judged?, expires_at, origin.as_deref());
    Ok(Session { token, expires_at, person })
}

/// A person, as it says itself.
///
/// # Errors
/// [`Refusal::Fields`].
pub fn judge_person(person: ApplicantInput, today: NaiveDate) -> Result<Applicant, Refusal> {
    let mut fields = Fields::default();
    let applicant = read_applicant(&mut fields, format_args!(""), person, today);
    fields.finish(applicant)
}

/// The person who opens a session, as far as the identity mode believes that.
fn judge(input: OpeningInput, mode: IdentityMode, today: NaiveDate) -> Result<Applicant, Refusal> {
    const POINTER: &str = "/identity_token";
    match (mode, input.identity_token) {
        (IdentityMode::Demo, None) => judge_person(input.person, today),
        (IdentityMode::Demo, Some(_)) => Err(Refusal::field(
            POINTER,
            "this server runs in identity mode demo; give name, id_number and phone instead",
        )),
        (IdentityMode::Oidc, None) => {
            Err(Refusal::field(POINTER, "this server runs in identity mode oidc and needs an identity token"))
        }
        (IdentityMode::Oidc, Some(_)) => {
            Err(Refusal::field(POINTER, "this version of the server cannot check identity tokens yet"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_mode_demo_a_person_is_believed() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let text = |text: &str| Some(text.to_owned());
        let known = || ApplicantInput {
            name: text("张伟"),
            id_number: text("330102199001010004"),
            phone: text("+8619900000004"),
        };
        let check = |person, token: Option<&str>, mode, expected: Result<&str, &[&str]>| {
            let judged = judge(OpeningInput { person, identity_token: token.and_then(text) }, mode, today);
            let pointers = |refusal: Refusal| refusal.bad_fields().into_iter().map(|(pointer, _)| pointer).collect();
            let judged: Result<String, Vec<String>> = judged.map(|it| it.mask().name()).map_err(pointers);
            let expected = expected.map(str::to_owned).map_err(|it| it.iter().map(|it| (*it).to_owned()).collect());
            assert_eq!(judged, expected);
        };
        check(known(), None, IdentityMode::Demo, Ok("张*"));
        check(ApplicantInput::default(), None, IdentityMode::Demo, Err(&["/name", "/id_number", "/phone"]));
        check(ApplicantInput::default(), Some("x"), IdentityMode::Demo, Err(&["/identity_token"]));
        check(known(), None, IdentityMode::Oidc, Err(&["/identity_token"]));
    }
}
