//! What a desk does with one appointment.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::appointment_view::{AppointmentView, ChangedView, changed};
use crate::api::problem_sets::{OfDesk, OfUndoing};
use crate::app::access::staff::Staff;
use crate::app::desk;
use crate::app::desk::{Step, Whom};
use crate::app::state::App;
use crate::domain::appointment::Action;
use crate::engine::Via;
use crate::serve::problem::Problem;
use crate::serve::read::body::{Json, NoBody, OptionalJson};
use crate::serve::read::idempotency_key::{KeyHeader, Target};
use crate::serve::read::path::Path;
use crate::serve::read::query::{NoParameters, Query};

/// What an applicant shows.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckIn, example = json!({"code": "K7QX2M9F"}))]
pub struct CheckInBody {
    /// The code of the appointment, as people type it.
    #[schema(required = true, value_type = String)]
    code: Option<String>,
    /// Whether the applicant is checked in though the appointment is on another day.
    #[schema(default = false)]
    anyway: Option<bool>,
}

/// How a step of the desk is meant.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeskStep, example = json!({"anyway": true}))]
pub struct StepBody {
    /// Whether the step is meant though the appointment is on another day, or a no-show before the band has begun.
    #[schema(default = false)]
    anyway: Option<bool>,
}

/// How much of a party comes along.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompanyQuery {
    /// Whether this is for everybody of the party who is expected on the same day in the same hall and can take this step,
    /// all or nothing; the others are left as they are.
    #[param(value_type = Option<bool>, default = false)]
    party: Option<String>,
}

/// A step with an appointment that a path names.
fn step<'a>(id: &'a str, party: Option<&'a str>, anyway: Option<bool>) -> Step<'a> {
    Step { whom: Whom::Id(id), party, anyway: anyway.unwrap_or(false), via: Via::Api }
}

/// The applicant is here. On the day of the appointment, unless it is meant anyway.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/check-in", tag = "staff", operation_id = "check_in",
    params(("id" = String, Path, description = "The id of the appointment"), CompanyQuery, KeyHeader),
    request_body = Option<StepBody>, security(("staff" = [])),
    responses((status = 200, description = "The appointment; with `party=true` those checked in", body = ChangedView), OfDesk))]
pub async fn check_in(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(company): Query<CompanyQuery>,
    target: Target,
    body: OptionalJson<StepBody>,
) -> Result<Response, Problem> {
    let once = target.once(&staff.caller(), body.raw);
    let step = step(&id, company.party.as_deref(), body.value.anyway);
    changed(StatusCode::OK, &desk::step(&app, &staff, once, Action::CheckIn, step).await?)
}

/// The applicant has been served. On the day of the appointment, unless it is meant anyway.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/serve", tag = "staff", operation_id = "serve",
    params(("id" = String, Path, description = "The id of the appointment"), KeyHeader),
    request_body = Option<StepBody>, security(("staff" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfDesk))]
pub async fn serve(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    body: OptionalJson<StepBody>,
) -> Result<Response, Problem> {
    let once = target.once(&staff.caller(), body.raw);
    let step = step(&id, None, body.value.anyway);
    changed(StatusCode::OK, &desk::step(&app, &staff, once, Action::Serve, step).await?)
}

/// The applicant did not come. On the day of the appointment and once its band has begun, unless it is meant anyway.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/no-show", tag = "staff", operation_id = "mark_no_show",
    params(("id" = String, Path, description = "The id of the appointment"), KeyHeader),
    request_body = Option<StepBody>, security(("staff" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfDesk))]
pub async fn no_show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    body: OptionalJson<StepBody>,
) -> Result<Response, Problem> {
    let once = target.once(&staff.caller(), body.raw);
    let step = step(&id, None, body.value.anyway);
    changed(StatusCode::OK, &desk::step(&app, &staff, once, Action::MarkNoShow, step).await?)
}

/// Takes back a check-in or a serving, within a minute by who did it, or a no-show, until the end of the next day by any
/// staff of the hall.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/undo", tag = "staff", operation_id = "undo",
    params(("id" = String, Path, description = "The id of the appointment"), CompanyQuery, KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 200, description = "The appointment; with `party=true` those that were taken back", body = ChangedView),
        OfUndoing,
    ))]
pub async fn undo(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(company): Query<CompanyQuery>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    let once = target.once(&staff.caller(), Bytes::new());
    let step = step(&id, company.party.as_deref(), None);
    changed(StatusCode::OK, &desk::step(&app, &staff, once, Action::Undo, step).await?)
}

/// The hall gives the place up for the applicant.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/cancel", tag = "staff", operation_id = "cancel_by_staff",
    params(("id" = String, Path, description = "The id of the appointment"), KeyHeader), security(("staff" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfDesk))]
pub async fn cancel(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    let once = target.once(&staff.caller(), Bytes::new());
    let step = step(&id, None, None);
    changed(StatusCode::OK, &desk::step(&app, &staff, once, Action::Cancel, step).await?)
}

/// The applicant who shows this code is here. On the day of the appointment, unless it is meant anyway.
#[utoipa::path(post, path = "/v1/admin/check-in", tag = "staff", operation_id = "check_in_by_code",
    params(CompanyQuery, KeyHeader), request_body = CheckInBody, security(("staff" = [])),
    responses((status = 200, description = "The appointment; with `party=true` those checked in", body = ChangedView), OfDesk))]
pub async fn check_in_by_code(
    State(app): State<App>,
    staff: Staff,
    Query(company): Query<CompanyQuery>,
    target: Target,
    body: Json<CheckInBody>,
) -> Result<Response, Problem> {
    let once = target.once(&staff.caller(), body.raw);
    let CheckInBody { code, anyway } = body.value;
    let whom = Whom::Code(code.as_deref());
    let step = Step { whom, party: company.party.as_deref(), anyway: anyway.unwrap_or(false), via: Via::Api };
    changed(StatusCode::OK, &desk::step(&app, &staff, once, Action::CheckIn, step).await?)
}
