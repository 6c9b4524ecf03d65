//! What a desk does with one appointment.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::appointment_view::{AppointmentView, ChangedView, changed, count};
use crate::api::problem_sets::{OfDesk, OfUndoing};
use crate::app::access::person::appointment_id;
use crate::app::access::staff::Staff;
use crate::app::input::fields::{Fields, flag, parsed};
use crate::app::metrics::Change;
use crate::app::once::{KeyHeader, Target};
use crate::app::state::App;
use crate::domain::appointment::{Action, AppointmentId, Code};
use crate::domain::rejection::Rejection;
use crate::engine::{Answer, Attending, Engine, Named, Via};
use crate::serve::problem::Problem;
use crate::serve::read::body::{Json, NoBody, OptionalJson};
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

impl CompanyQuery {
    fn is_whole_party(&self) -> Result<bool, Problem> {
        let mut fields = Fields::default();
        let whole =
            self.party.as_deref().map_or(Some(false), |text| fields.read(format_args!("/party"), Some(text), flag));
        fields.finish(whole)
    }
}

fn id_of(text: &str) -> Result<AppointmentId, Problem> {
    appointment_id(text).ok_or_else(|| Rejection::UnknownAppointment.into())
}

/// A step of the desk with one appointment, or with those of its party.
struct Step<'a> {
    app: &'a App,
    staff: &'a Staff,
    action: Action,
    body: OptionalJson<StepBody>,
}

impl Step<'_> {
    /// Takes it, once for each idempotency key.
    async fn take(self, target: Target, id: &str, company: Option<&CompanyQuery>) -> Result<Response, Problem> {
        let Self { app, staff, action, body: OptionalJson { value, raw } } = self;
        let engine = app.engine()?;
        let attending = async |call| {
            let named = Named::Id(id_of(id)?);
            let whole_party = company.map_or(Ok(false), CompanyQuery::is_whole_party)?;
            let attending = Attending { whole_party, anyway: value.anyway.unwrap_or(false) };
            let answer = engine.attend(call, named, action, attending).await?;
            app.metrics().changed(change(action), count(&answer));
            note(engine, staff, &answer, action).await;
            Ok(answer)
        };
        let answer = target.once(engine, staff.caller(), raw, staff.now, attending).await?;
        changed(StatusCode::OK, &answer)
    }
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
        Action::Undo => Change::Undone,
        Action::Confirm => Change::Confirmed,
        Action::Extend => Change::Extended,
        Action::MarkNoShow | Action::Expire => Change::NoShow,
    }
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
    Step { app: &app, staff: &staff, action: Action::CheckIn, body }.take(target, &id, Some(&company)).await
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
    Step { app: &app, staff: &staff, action: Action::Serve, body }.take(target, &id, None).await
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
    Step { app: &app, staff: &staff, action: Action::MarkNoShow, body }.take(target, &id, None).await
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
    let engine = app.engine()?;
    let undoing = async |call| {
        let id = id_of(&id)?;
        let answer = engine.undo(call, id, company.is_whole_party()?).await?;
        app.metrics().changed(Change::Undone, count(&answer));
        note(engine, &staff, &answer, Action::Undo).await;
        Ok(answer)
    };
    let answer = target.once(engine, staff.caller(), Bytes::new(), staff.now, undoing).await?;
    changed(StatusCode::OK, &answer)
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
    let engine = app.engine()?;
    let Json { value, raw } = body;
    let checking_in = async |call| {
        let mut fields = Fields::default();
        let code = fields.need(format_args!("/code"), value.code, parsed::<Code>);
        let code = fields.finish(code)?;
        let attending = Attending { whole_party: company.is_whole_party()?, anyway: value.anyway.unwrap_or(false) };
        let answer = engine.attend(call, Named::Code(code), Action::CheckIn, attending).await?;
        app.metrics().changed(Change::CheckedIn, count(&answer));
        note(engine, &staff, &answer, Action::CheckIn).await;
        Ok(answer)
    };
    let answer = target.once(engine, staff.caller(), raw, staff.now, checking_in).await?;
    changed(StatusCode::OK, &answer)
}
