//! `/staff/appointments/{id}/{action}`: what a desk does with one appointment, once for each form.

use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use serde::Deserialize;

use super::hall_day::{day_path, with_parameter};
use super::{actions, no_show};
use crate::api::staff::attend::change;
use crate::app::access::person::appointment_id;
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, Status};
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Attending, Named, Via};
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::once;
use crate::pages::kit::redirect::{own_path, see_other};
use crate::pages::kit::visitor::Desk;
use crate::serve::problem::{Code, Problem};
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
    let (action, one) = (named(&action)?, found(&app, &id)?);
    desk.judge_hall(one.slot.hall)?;
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

fn found(app: &App, id: &str) -> Result<Appointment, Problem> {
    let id = appointment_id(id).ok_or(Rejection::UnknownAppointment)?;
    Ok(app.engine()?.appointment(id).ok_or(Rejection::UnknownAppointment)?)
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
    let (action, before) = (named(&action)?, found(&app, &id)?);
    let (id, snapshot) = (before.id, app.engine()?.snapshot());
    let back = own_path(form.get("back"), &day_of(&snapshot, &before));
    let is_open = before.status_at(desk.visit.now).after(action).is_some();
    if action == Action::MarkNoShow && is_open && !no_show::can_be(&before, &snapshot, desk.visit.now) {
        desk.judge_hall(before.slot.hall)?;
        return Ok(see_other(&with_parameter(&no_show::path(&before), "back", &back)));
    }
    let whole_party = form.pressed("party", "yes");
    match attend(&app, &desk, &form, &before, action, whole_party).await {
        Ok(_) => Ok(see_other(&done_path(&back, action, &before, whole_party))),
        Err(problem) if is_late(&problem) => Ok(see_other(&with_parameter(&back, "late", &id.to_string()))),
        Err(problem) => Err(problem),
    }
}

/// Where a step that is done leads to: to where its form was, which says it.
#[must_use]
pub fn done_path(back: &str, action: Action, one: &Appointment, whole_party: bool) -> String {
    let said = if action == Action::Undo { "undone" } else { "done" };
    let path = with_parameter(back, said, &one.id.to_string());
    if whole_party { with_parameter(&path, "party", "yes") } else { path }
}

/// Whether somebody else was faster, or the time for it is over.
#[must_use]
pub fn is_late(problem: &Problem) -> bool {
    problem.code == Code::WrongState
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
) -> Result<Appointment, Problem> {
    let engine = app.engine()?;
    let attending = async |call| {
        let answer = match action {
            Action::Cancel => engine.cancel(call, appointment.id, false).await?,
            Action::Undo => engine.undo(call, appointment.id, whole_party).await?,
            _ => {
                // A no-show is asked about on a page of its own; whoever is here is here, whatever day it is.
                let attending = Attending { anyway: action != Action::MarkNoShow, whole_party };
                engine.attend(call, Named::Code(appointment.code), action, attending).await?
            }
        };
        app.metrics().changed(change(action), answer.appointments().len());
        for one in answer.appointments() {
            engine.note(&desk.member, one, action, Via::Page).await;
        }
        Ok(answer)
    };
    let answer = match once::answered(app, form, desk.caller(), attending).await {
        Err(problem) if is_late(&problem) => return just_done(app, desk, appointment, action).ok_or(problem),
        answered => answered?,
    };
    let after = answer.appointments().iter().find(|one| one.id == appointment.id).or(answer.appointments().first());
    after.copied().ok_or_else(|| Problem::internal("the engine answered a desk with no appointment"))
}
