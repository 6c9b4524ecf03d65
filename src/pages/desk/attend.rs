//! `/staff/appointments/{id}/{action}`: what a desk does with one appointment, once for each form.

use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use serde::Deserialize;

use super::hall_day::{day_path, with_parameter};
use super::{actions, no_show};
use crate::app::desk;
use crate::app::desk::{Step, Whom};
use crate::app::refusal::{Code, Refusal};
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::Via;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::redirect::{own_path, see_other};
use crate::pages::kit::visitor::Desk;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// How soon the same once more counts as the same press, in seconds.
const AGAIN_S: i64 = 10;
/// Where the form was.
#[derive(Deserialize)]
pub struct BackQuery {
    back: Option<String>,
}

/// `GET …/{action}`: asks about a no-show. Nothing else is asked, so to the day.
///
/// # Errors
/// `not_found`, `unknown_appointment`, `forbidden`.
pub async fn before(
    State(app): State<App>,
    desk: Desk,
    Path((id, action)): Path<(String, String)>,
    Query(query): Query<BackQuery>,
) -> Result<Response, Problem> {
    let (action, one) = (named(&action)?, desk::appointment(&app, &desk.staff(), &id)?);
    let snapshot = app.engine()?.snapshot();
    let back = own_path(query.back.as_deref(), &day_of(&snapshot, &one));
    if action != Action::MarkNoShow {
        return Ok(see_other(&back));
    }
    if one.status_at(desk.visit.now).after(action).is_none() {
        return Ok(see_other(&with_parameter(&back, "late", &one.id.to_string())));
    }
    Ok(no_show::page(&desk, &snapshot, &one, &back))
}

fn named(action: &str) -> Result<Action, Problem> {
    let action = actions::named(action);
    action.ok_or_else(|| Problem::new(Code::NotFound, "a desk has no such action"))
}

/// The address of the day of an appointment; of all halls where its hall is not configured any more.
fn day_of(snapshot: &Snapshot, one: &Appointment) -> String {
    snapshot.hall(one.slot.hall.as_str()).map_or_else(|_| "/staff".to_owned(), |hall| day_path(hall, one.slot.date))
}

/// `POST …/{action}`: does it, and goes back to where the form was.
///
/// # Errors
/// `not_found`, `unknown_appointment`, `forbidden`; what the engine refuses but a state that has changed meanwhile, which
/// the page says.
pub async fn change_one(
    State(app): State<App>,
    desk: Desk,
    Path((id, action)): Path<(String, String)>,
    form: Filled,
) -> Result<Response, Problem> {
    let (action, before) = (named(&action)?, desk::appointment(&app, &desk.staff(), &id)?);
    let (id, snapshot) = (before.id, app.engine()?.snapshot());
    let back = own_path(form.get("back"), &day_of(&snapshot, &before));
    let is_open = before.status_at(desk.visit.now).after(action).is_some();
    if action == Action::MarkNoShow && is_open && !no_show::can_be(&before, &snapshot, desk.visit.now) {
        return Ok(see_other(&with_parameter(&no_show::path(&before), "back", &back)));
    }
    let whole_party = form.pressed("party", "yes");
    match attend(&app, &desk, &form, &before, action, whole_party).await {
        Ok(_) => Ok(see_other(&done_path(&back, action, &before, whole_party))),
        Err(refusal) if is_late(&refusal) => Ok(see_other(&with_parameter(&back, "late", &id.to_string()))),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Where a step that is done leads to: to where its form was, which says it.
#[must_use]
pub fn done_path(back: &str, action: Action, one: &Appointment, whole_party: bool) -> String {
    let said = if action == Action::Undo { "undone" } else { "done" };
    let path = with_parameter(back, said, &one.id.to_string());
    if whole_party { with_parameter(&path, "party", "yes") } else { path }
}

/// Whether another member was faster, or the time for it is over.
#[must_use]
pub fn is_late(refusal: &Refusal) -> bool {
    refusal.code() == Code::WrongState
}

/// What the same press made of it a moment ago: a button pressed twice, or a code that a scanner read twice, is one deed.
fn just_done(app: &App, desk: &Desk, appointment: &Appointment, action: Action) -> Option<Appointment> {
    let after = app.engine().ok()?.appointment(appointment.id)?;
    let is_done = match action {
        Action::CheckIn => after.status == Status::CheckedIn,
        Action::Serve => after.status == Status::Served,
        Action::MarkNoShow => after.status == Status::NoShow,
        Action::Cancel => after.status == Status::Cancelled,
        Action::Confirm | Action::Reschedule | Action::Expire | Action::Extend | Action::Undo => false,
    };
    (is_done && desk.visit.now - after.updated_at < TimeDelta::seconds(AGAIN_S)).then_some(after)
}

/// Does something with an appointment, or with everybody of its party who can take that step here on that day, once for a
/// form, and notes it in the log of the hall.
///
/// # Errors
/// What the engine refuses.
pub async fn attend(
    app: &App,
    desk: &Desk,
    form: &Filled,
    appointment: &Appointment,
    action: Action,
    whole_party: bool,
) -> Result<Appointment, Refusal> {
    let id = appointment.id.to_string();
    let party = Some(if whole_party && action != Action::Cancel { "true" } else { "false" });
    // A no-show is asked about on a page of its own; who is here is here, whatever day it is.
    let step = Step { whom: Whom::Id(&id), party, anyway: action != Action::MarkNoShow, via: Via::Page };
    let answer = match desk::step(app, &desk.staff(), form.once(&desk.caller()), action, step).await {
        Err(refusal) if is_late(&refusal) => return just_done(app, desk, appointment, action).ok_or(refusal),
        answered => answered?,
    };
    let after = answer.appointments().iter().find(|one| one.id == appointment.id).or(answer.appointments().first());
    after.copied().ok_or_else(|| Refusal::fault("the engine answered a desk with no appointment"))
}
