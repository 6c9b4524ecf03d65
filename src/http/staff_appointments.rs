//! What a desk does with one appointment.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::fields::{Fields, parsed};
use super::idempotency_key::{KeyHeader, Target};
use super::json_body::{Json, NoBody};
use super::metrics::Change;
use super::path::Path;
use super::person::appointment_id;
use super::problem::Problem;
use super::problem_sets::OfDesk;
use super::query::{NoParameters, Query};
use super::staff::Staff;
use super::view::{AppointmentView, changed, count};
use crate::domain::appointment::{Action, AppointmentId, Code};
use crate::domain::rejection::Rejection;
use crate::engine::{Answer, Engine, Named, Via};

/// What an applicant shows.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckIn, example = json!({"code": "K7QX2M9F"}))]
pub struct CheckInBody {
    /// The code of the appointment, as people type it.
    #[schema(required = true, value_type = String)]
    code: Option<String>,
}

fn id_of(text: &str) -> Result<AppointmentId, Problem> {
    appointment_id(text).ok_or_else(|| Rejection::UnknownAppointment.into())
}

/// One step of the desk, once for each idempotency key.
async fn attend(app: &App, staff: &Staff, target: Target, id: &str, action: Action) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let attending = async |call| {
        let answer = engine.attend(call, Named::Id(id_of(id)?), action).await?;
        app.metrics().changed(change(action), count(&answer));
        note(engine, staff, &answer, action).await;
        Ok(answer)
    };
    let answer = target.once(engine, staff.caller(), Bytes::new(), staff.now, attending).await?;
    changed(StatusCode::OK, &answer)
}

/// Notes in the log of the hall what was done, so that the desk's record has what came by the API too.
async fn note(engine: &Engine, staff: &Staff, answer: &Answer, action: Action) {
    for appointment in answer.appointments() {
        engine.note(&staff.member, appointment, action, Via::Api).await;
    }
}

/// What counts as done.
pub(crate) const fn change(action: Action) -> Change {
    match action {
        Action::CheckIn => Change::CheckedIn,
        Action::Serve => Change::Served,
        Action::Cancel => Change::Cancelled,
        Action::Reschedule => Change::Rescheduled,
        _ => Change::NoShow,
    }
}

/// The applicant is here.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/check-in", tag = "staff", operation_id = "check_in",
    params(("id" = String, Path, description = "The id of the appointment"), KeyHeader), security(("staff" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfDesk))]
pub async fn check_in(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    attend(&app, &staff, target, &id, Action::CheckIn).await
}

/// The applicant has been served.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/serve", tag = "staff", operation_id = "serve",
    params(("id" = String, Path, description = "The id of the appointment"), KeyHeader), security(("staff" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfDesk))]
pub async fn serve(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    attend(&app, &staff, target, &id, Action::Serve).await
}

/// The applicant did not come.
#[utoipa::path(post, path = "/v1/admin/appointments/{id}/no-show", tag = "staff", operation_id = "mark_no_show",
    params(("id" = String, Path, description = "The id of the appointment"), KeyHeader), security(("staff" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfDesk))]
pub async fn no_show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    attend(&app, &staff, target, &id, Action::MarkNoShow).await
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
    let engine = app.engine()?;
    let cancelling = async |call| {
        let answer = engine.cancel(call, id_of(&id)?, false).await?;
        app.metrics().changed(Change::Cancelled, count(&answer));
        note(engine, &staff, &answer, Action::Cancel).await;
        Ok(answer)
    };
    let answer = target.once(engine, staff.caller(), Bytes::new(), staff.now, cancelling).await?;
    changed(StatusCode::OK, &answer)
}

/// The applicant who shows this code is here.
#[utoipa::path(post, path = "/v1/admin/check-in", tag = "staff", operation_id = "check_in_by_code",
    params(KeyHeader), request_body = CheckInBody, security(("staff" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfDesk))]
pub async fn check_in_by_code(
    State(app): State<App>,
    staff: Staff,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    body: Json<CheckInBody>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let Json { value, raw } = body;
    let checking_in = async |call| {
        let mut fields = Fields::default();
        let code = fields.need(format_args!("/code"), value.code, parsed::<Code>);
        let code = fields.finish(code)?;
        let answer = engine.attend(call, Named::Code(code), Action::CheckIn).await?;
        app.metrics().changed(Change::CheckedIn, count(&answer));
        note(engine, &staff, &answer, Action::CheckIn).await;
        Ok(answer)
    };
    let answer = target.once(engine, staff.caller(), raw, staff.now, checking_in).await?;
    changed(StatusCode::OK, &answer)
}
