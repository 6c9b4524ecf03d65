//! `POST /v1/session`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem_sets::OfSession;
use crate::app::access::opening;
use crate::app::access::opening::OpeningInput;
use crate::app::access::peer::Peer;
use crate::app::input::booking::ApplicantInput;
use crate::app::state::App;
use crate::serve::json::json;
use crate::serve::problem::Problem;
use crate::serve::read::body::Json;
use crate::serve::read::idempotency_key::{OpeningKeyHeader, Target};
use crate::serve::read::query::{NoParameters, Query};
use crate::serve::times::Instant;

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
    let Json { value, raw } = body;
    let SessionBody { name, id_number, phone, identity_token } = value;
    let input = OpeningInput { person: ApplicantInput { name, id_number, phone }, identity_token };
    let session = opening::open(&app, peer, input, |scope| target.fingerprint(scope, &raw))?;
    let expires_at = Instant(session.expires_at.with_timezone(&Shanghai).fixed_offset());
    Ok(json(StatusCode::CREATED, &SessionView { token: session.token, expires_at }))
}
