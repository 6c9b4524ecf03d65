//! `/staff/appointments/{id}/{action}`: what a desk does with one appointment, once for each form.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::hall_day::{day_path, with_parameter};
use super::{actions, no_show};
use crate::app::desk;
use crate::app::desk::is_late;
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment};
use crate::domain::snapshot::Snapshot;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::redirect::{own_path, see_other};
use crate::pages::kit::visitor::Desk;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

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
    match desk::press(&app, &desk.staff(), action, (&before, whole_party)).await {
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
