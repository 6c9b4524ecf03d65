//! `/v1/appointments`: what a person does with appointments made by or for that person.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::appointment_view::{AppointmentView, ChangedView, PageView, PartyView, changed};
use super::bodies::{BookingBody, ConfirmationBody, NewSlotBody};
use super::problem_sets::{OfBooking, OfCancelling, OfConfirming, OfMoving, OfOwn, OfOwnList};
use crate::app::access::person::Person;
use crate::app::calendar_file;
use crate::app::calendar_file::{Edition, Told};
use crate::app::changes::Which;
use crate::app::input::fields::{Fields, count_up_to};
use crate::app::state::App;
use crate::app::{booking, changes};
use crate::serve::json::json;
use crate::serve::problem::Problem;
use crate::serve::read::address::address_of;
use crate::serve::read::body::{Json, NoBody};
use crate::serve::read::cursor;
use crate::serve::read::idempotency_key::{KeyHeader, Target};
use crate::serve::read::language::{LanguageHeader, Languages};
use crate::serve::read::path::Path;
use crate::serve::read::query::{NoParameters, Query};

/// How many appointments a page has at most.
const MAX_PAGE: usize = 100;
const DEFAULT_PAGE: usize = 20;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many appointments at most, 1 to 100.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// The member `next` of the page before; the first page when left out.
    #[param(pattern = "^[A-Za-z0-9_-]{22}$", example = "AZeaKzxNfl-Ka3yNng8aKw")]
    cursor: Option<String>,
}

/// How much of a party.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PartyQuery {
    /// Whether this is for the whole party, all or nothing; only its maker may do that.
    #[param(value_type = Option<bool>, default = false)]
    party: Option<String>,
}

/// Books places for a party, all or none, or holds them for a while.
#[utoipa::path(post, path = "/v1/appointments", tag = "appointments", operation_id = "book",
    params(KeyHeader), request_body = BookingBody, security(("session" = [])),
    responses((status = 201, description = "The places are booked, or held", body = PartyView), OfBooking))]
pub async fn book(
    State(app): State<App>,
    person: Person,
    Query(NoParameters {}): Query<NoParameters>,
    target: Target,
    body: Json<BookingBody>,
) -> Result<Response, Problem> {
    let once = target.once(&person.caller(), body.raw);
    let answer = booking::book(&app, &person, once, body.value.into()).await?;
    changed(StatusCode::CREATED, &answer)
}

/// The appointments made by or for the caller, newest first.
#[utoipa::path(get, path = "/v1/appointments", tag = "appointments", operation_id = "list_appointments",
    params(PageQuery), security(("session" = [])),
    responses((status = 200, description = "One page", body = PageView), OfOwnList))]
pub async fn appointments(
    State(app): State<App>,
    person: Person,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let limit = fields.read(format_args!("/limit"), query.limit, count_up_to(MAX_PAGE));
    let before = fields.read(format_args!("/cursor"), query.cursor.as_deref(), cursor::read);
    fields.finish(Some(()))?;
    let limit = limit.unwrap_or(DEFAULT_PAGE);

    // One more than the page takes shows whether there is another page.
    let found = app.engine()?.of_person(person.key, before, limit + 1);
    let page = &found[..found.len().min(limit)];
    let next = page.last().filter(|_| found.len() > limit).map(|last| cursor::after(last.id));
    let appointments = page.iter().map(|one| AppointmentView::at(one, person.now)).collect();
    Ok(json(StatusCode::OK, &PageView { appointments, next }))
}

/// One appointment.
#[utoipa::path(get, path = "/v1/appointments/{id}", tag = "appointments", operation_id = "read_appointment",
    params(("id" = String, Path, description = "The id of the appointment")), security(("session" = [])),
    responses((status = 200, description = "The appointment", body = AppointmentView), OfOwn))]
pub async fn appointment(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let appointment = person.appointment(app.engine()?, &id)?;
    Ok(json(StatusCode::OK, &AppointmentView::at(&appointment, person.now)))
}

/// Turns a hold into a booking.
#[utoipa::path(post, path = "/v1/appointments/{id}/confirm", tag = "appointments", operation_id = "confirm",
    params(("id" = String, Path, description = "The id of the appointment"), PartyQuery, KeyHeader),
    request_body = ConfirmationBody, security(("session" = [])),
    responses(
        (status = 200, description = "The appointment; with `party=true` the party", body = ChangedView),
        OfConfirming,
    ))]
pub async fn confirm(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(query): Query<PartyQuery>,
    target: Target,
    body: Json<ConfirmationBody>,
) -> Result<Response, Problem> {
    let once = target.once(&person.caller(), body.raw);
    let which = Which { id: &id, party: query.party.as_deref(), seen: None };
    changed(StatusCode::OK, &booking::confirm(&app, &person, once, which, body.value.into()).await?)
}

/// Moves an appointment: the new place is taken before the old one is given up, in one step.
#[utoipa::path(post, path = "/v1/appointments/{id}/reschedule", tag = "appointments", operation_id = "reschedule",
    params(("id" = String, Path, description = "The id of the appointment"), PartyQuery, KeyHeader),
    request_body = NewSlotBody, security(("session" = [])),
    responses(
        (status = 200, description = "The appointment; with `party=true` the party", body = ChangedView),
        OfMoving,
    ))]
pub async fn reschedule(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(query): Query<PartyQuery>,
    target: Target,
    body: Json<NewSlotBody>,
) -> Result<Response, Problem> {
    let once = target.once(&person.caller(), body.raw);
    let which = Which { id: &id, party: query.party.as_deref(), seen: None };
    changed(StatusCode::OK, &changes::reschedule(&app, &person, once, which, body.value.into()).await?)
}

/// Gives a place up, until the band begins.
#[utoipa::path(post, path = "/v1/appointments/{id}/cancel", tag = "appointments", operation_id = "cancel",
    params(("id" = String, Path, description = "The id of the appointment"), PartyQuery, KeyHeader),
    security(("session" = [])),
    responses(
        (status = 200, description = "The appointment; with `party=true` the party", body = ChangedView),
        OfCancelling,
    ))]
pub async fn cancel(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(query): Query<PartyQuery>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    let once = target.once(&person.caller(), Bytes::new());
    let which = Which { id: &id, party: query.party.as_deref(), seen: None };
    changed(StatusCode::OK, &changes::cancel(&app, &person, once, which).await?)
}

/// Lets a hold live longer, once, by the `hold_extension_minutes` of the configuration.
#[utoipa::path(post, path = "/v1/appointments/{id}/extend", tag = "appointments", operation_id = "extend",
    params(("id" = String, Path, description = "The id of the appointment"), PartyQuery, KeyHeader),
    security(("session" = [])),
    responses(
        (status = 200, description = "The hold; with `party=true` the party", body = ChangedView),
        OfCancelling,
    ))]
pub async fn extend(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(query): Query<PartyQuery>,
    target: Target,
    _: NoBody,
) -> Result<Response, Problem> {
    let once = target.once(&person.caller(), Bytes::new());
    let which = Which { id: &id, party: query.party.as_deref(), seen: None };
    changed(StatusCode::OK, &changes::extend(&app, &person, once, which).await?)
}

/// The appointment as a calendar file (RFC 5545), without personal data: to be fetched again after a change.
#[utoipa::path(get, path = "/v1/appointments/{id}/calendar.ics", tag = "appointments", operation_id = "read_calendar_file",
    params(("id" = String, Path, description = "The id of the appointment"), LanguageHeader),
    security(("session" = [])),
    responses((status = 200, description = "The file", body = String, content_type = "text/calendar"), OfOwn))]
pub async fn calendar(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    languages: Languages,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let appointment = person.appointment(engine, &id)?;
    let (snapshot, in_force_since) = (engine.snapshot(), app.loaded().in_force_since);
    let edition = Edition { snapshot: &snapshot, in_force_since, now: person.now };
    let link = address_of(&headers, &format!("/appointments/{}", appointment.id));
    let file = calendar_file::of(&appointment, edition, &languages.0, &Told { lines: Vec::new(), link });
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"appointment-{}.ics\"", appointment.code)),
        (VARY, "accept-language".to_owned()),
    ];
    Ok((headers, file).into_response())
}
