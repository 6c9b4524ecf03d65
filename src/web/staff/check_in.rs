//! `POST /staff/halls/{hall}/{date}/check-in`: whoever shows this code is here.
//!
//! A code of another hall is not for this desk. One of another day than today is of somebody who has mistaken the day: it is
//! asked first, whichever day the desk looks at.

use axum::extract::State;
use axum::response::Response;

use super::attending::{attend, is_late};
use super::day::{Said, page};
use super::people::status_name;
use super::place::{Place, with_parameter};
use crate::domain::appointment::{Action, Appointment, Code, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::Engine;
use crate::http::app::App;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::web::answer::see_other;
use crate::web::filled::Filled;
use crate::web::text::{Arg, Text};
use crate::web::visit::Desk;

/// The longest text that is looked at, in bytes: a QR code may hold an address.
const MAX_CODE_BYTES: usize = 256;

/// `GET …/check-in`: nothing is asked here, so to the day.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`.
pub async fn back_to_day(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    Ok(see_other(&Place::named(&snapshot, &desk, &hall, &date)?.path()))
}

/// Checks in.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`; `overloaded` or `read_only`. What is wrong with the code the page says.
pub async fn check_in(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): Path<(String, String)>,
    form: Filled,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let (text, typed) = (desk.visit.text, form.get("code").unwrap_or_default());
    let said = match judged(engine, &snapshot, &place, text, typed).await {
        Err(why) => Said::Refused(why, typed.chars().take(MAX_CODE_BYTES).collect()),
        Ok(one) if one.slot.date != place.today && !form.pressed("anyway", "yes") => Said::Ask(Box::new(one)),
        Ok(one) => match attend(&app, &desk, &form, &one, Action::CheckIn).await {
            Ok(after) => return Ok(see_other(&with_parameter(&place.path(), "done", &after.id.to_string()))),
            Err(problem) if is_late(&problem) => {
                let status = engine.appointment(one.id).unwrap_or(one).status_at(desk.visit.now);
                Said::Refused(wrong_state(text, &one, status), typed.to_owned())
            }
            Err(problem) => return Err(problem),
        },
    };
    Ok(page(engine, &snapshot, &desk, &place, &said, "").await)
}

/// The appointment that a code means, where it is one of this hall; else why not, in words.
async fn judged(
    engine: &Engine,
    snapshot: &Snapshot,
    place: &Place<'_>,
    text: Text,
    typed: &str,
) -> Result<Appointment, String> {
    let code = read(typed).ok_or_else(|| text.get("desk-code-malformed"))?;
    let mut found = engine.appointment_with_code(code);
    if found.is_none() {
        // It may have been booked through another instance a moment ago.
        engine.refresh().await;
        found = engine.appointment_with_code(code);
    }
    let one = found.ok_or_else(|| text.get("desk-code-unknown"))?;
    if one.slot.hall == place.hall.id {
        return Ok(one);
    }
    let other = snapshot.hall(one.slot.hall.as_str());
    let other = other.map_or_else(|_| one.slot.hall.as_str().to_owned(), |hall| text.pick(&hall.name).to_owned());
    Err(text.with("desk-other-hall", &[("hall", other.into())]))
}

/// The code in what was typed or scanned: the code itself, or the end of an address.
fn read(typed: &str) -> Option<Code> {
    let typed = Some(typed).filter(|typed| typed.len() <= MAX_CODE_BYTES)?;
    let end = typed.rsplit(['/', '=']).next().unwrap_or(typed);
    end.parse().ok()
}

fn wrong_state(text: Text, one: &Appointment, status: Status) -> String {
    let name = Arg::from(one.mask.name());
    match status {
        Status::CheckedIn => text.with("desk-already-here", &[("name", name)]),
        _ => text.with("desk-wrong-state", &[("name", name), ("state", status_name(text, status).into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_typed_or_scanned() {
        let code = "K7QX2M9F".parse().ok();
        for typed in ["K7QX2M9F", "k7qx 2m9f", "K7QX-2M9F", "https://example.org/c/K7QX2M9F", "/a?code=K7QX2M9F"] {
            assert_eq!(read(typed), code, "{typed}");
        }
        for typed in ["", "K7QX2M9", "K7QX2M9F/", &"K".repeat(MAX_CODE_BYTES + 1)] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }
}
