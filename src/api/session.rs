//! `POST /v1/session`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem_sets::OfSession;
use crate::app::access::session_token;
use crate::app::access::throttle::Writer;
use crate::app::input::booking::{ApplicantBody, read_applicant};
use crate::app::input::fields::{Fields, civil_today};
use crate::app::once::{OpeningKeyHeader, Scope, Target};
use crate::app::state::App;
use crate::config::IdentityMode;
use crate::domain::applicant::{Applicant, IdNumber};
use crate::domain::appointment::PersonKey;
use crate::engine::Fingerprint;
use crate::serve::json::json;
use crate::serve::peer::Peer;
use crate::serve::problem::Problem;
use crate::serve::read::body::Json;
use crate::serve::read::query::{NoParameters, Query};
use crate::serve::times::Instant;
use crate::vault::Vault;

/// Who opens a session. In mode `demo`: name, number and phone; in mode `oidc`: an identity token.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSession,
    example = json!({"name": "王小明", "id_number": "11010519491231002X", "phone": "19900000000"}))]
pub struct SessionBody {
    /// The name, 1 to 64 characters.
    #[schema(required = false, value_type = String, min_length = 1, max_length = 64)]
    name: Option<String>,
    /// The resident ID number (GB 11643-1999): 17 digits and a digit or X; spaces, hyphens and full-width digits are taken.
    #[schema(required = false, value_type = String)]
    id_number: Option<String>,
    /// A mobile number of mainland China: 11 digits, with or without `+86`, `0086` or `86`, spaces and hyphens.
    #[schema(required = false, value_type = String)]
    phone: Option<String>,
    /// An identity token; only in mode `oidc`.
    #[schema(required = false, value_type = String)]
    identity_token: Option<String>,
}

/// An open session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// What to send as `Authorization: Bearer TOKEN`.
    #[schema(example = "hp1.AbCd")]
    token: String,
    /// When the session ends: twelve hours after it was opened, and up to ten minutes earlier if it was opened with an
    /// `Idempotency-Key`.
    expires_at: Instant,
}

/// Opens a session.
#[utoipa::path(post, path = "/v1/session", tag = "session", operation_id = "open_session",
    params(OpeningKeyHeader), request_body = SessionBody,
    responses((status = 201, description = "The session is open", body = SessionView), OfSession))]
pub async fn open(
    State(app): State<App>,
    Query(NoParameters {}): Query<NoParameters>,
    peer: Peer,
    target: Target,
    body: Json<SessionBody>,
) -> Result<Response, Problem> {
    let now = app.now();
    let (mode, today) = (app.loaded().configuration.identity.mode, civil_today(now));
    let Json { value, raw } = body;
    let named = person_of(&value, app.vault(), today);
    let judged = applicant_of(value, mode, today);
    let key = match (named, &judged) {
        (Some(key), _) => key,
        (None, Ok(applicant)) => app.vault().person_key(&applicant.id_number),
        // Without a number nobody knows whose key it would be.
        (None, Err(problem)) => return Err(problem.clone()),
    };
    app.throttle().admit(Writer::Newcomer(key, peer.network()), app.running())?;
    // A refusal follows from the body alone, so its repeat is refused in the same way without being remembered.
    let print = target.fingerprint(Scope::Newcomer(key), &raw);
    let opened_at = print.map_or(Ok(now), |print| app.openings().opened_at(print, now))?;
    Ok(opened(&app, &judged?, opened_at, print))
}

/// The person whose number the body brings, where that is one.
fn person_of(body: &SessionBody, vault: &Vault, today: NaiveDate) -> Option<PersonKey> {
    let number = IdNumber::parse(body.id_number.as_deref()?, today).ok()?;
    Some(vault.person_key(&number))
}

/// The session that was opened at an instant, by the call with this fingerprint where that brought a key.
fn opened(app: &App, applicant: &Applicant, at: DateTime<Utc>, by: Option<Fingerprint>) -> Response {
    let expires_at = session_token::end_of(at);
    // The call and its first instant belong to this one token, so they may determine its nonce.
    let origin = by.map(|print| [&print.key[..], &print.call, &at.timestamp_millis().to_be_bytes()].concat());
    let token = session_token::seal(app.vault(), applicant, expires_at, origin.as_deref());
    let expires_at = Instant(expires_at.with_timezone(&Shanghai).fixed_offset());
    json(StatusCode::CREATED, &SessionView { token, expires_at })
}

fn applicant_of(body: SessionBody, mode: IdentityMode, today: NaiveDate) -> Result<Applicant, Problem> {
    const POINTER: &str = "/identity_token";
    match (mode, body.identity_token) {
        (IdentityMode::Demo, None) => {
            let person = ApplicantBody { name: body.name, id_number: body.id_number, phone: body.phone };
            let mut fields = Fields::default();
            let applicant = read_applicant(&mut fields, format_args!(""), person, today);
            fields.finish(applicant)
        }
        (IdentityMode::Demo, Some(_)) => Err(Problem::invalid_at(
            POINTER,
            "this server runs in identity mode demo; give name, id_number and phone instead",
        )),
        (IdentityMode::Oidc, None) => {
            Err(Problem::invalid_at(POINTER, "this server runs in identity mode oidc and needs an identity token"))
        }
        (IdentityMode::Oidc, Some(_)) => {
            Err(Problem::invalid_at(POINTER, "this version of the server cannot check identity tokens yet"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(body: &str, mode: IdentityMode) -> Result<String, Vec<String>> {
        let body = crate::serve::read::diagnosis::read_object(body.as_bytes()).unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let pointers = |problem: Problem| problem.errors.into_iter().map(|error| error.pointer).collect();
        applicant_of(body, mode, today).map(|applicant| applicant.mask().name()).map_err(pointers)
    }

    #[test]
    fn in_mode_demo_a_person_is_believed() {
        let person = r#"{"name":"张伟","id_number":"330102199001010004","phone":"+8619900000004"}"#;
        assert_eq!(judged(person, IdentityMode::Demo), Ok("张*".into()));
        let pointers = |names: &[&str]| Err(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(judged("{}", IdentityMode::Demo), pointers(&["/name", "/id_number", "/phone"]));
        assert_eq!(judged(r#"{"identity_token":"x"}"#, IdentityMode::Demo), pointers(&["/identity_token"]));
        assert_eq!(judged(person, IdentityMode::Oidc), pointers(&["/identity_token"]));
    }
}
