//! `POST /staff/halls/{hall}/{date}/check-in`: whoever shows this code is here.
//!
//! A code of another hall is not for this desk. One of another day than today is of somebody who has mistaken the day: it is
//! asked first, whichever day the desk looks at. Whatever comes of a code, the page of the day says it, and its field is
//! empty again: the next scan must not be typed behind the last one.

use axum::extract::State;
use axum::response::Response;

use super::attend::done_path;
use super::hall_day::{Place, with_parameter};
use super::people::status_name;
use crate::app::desk;
use crate::app::desk::is_late;
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, Status};
use crate::domain::reading;
use crate::domain::shown_code::ShownCode;
use crate::domain::snapshot::Snapshot;
use crate::engine::Engine;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;

/// What came of a code.
pub enum Said {
    /// Nothing was asked.
    Nothing,
    /// This one has just been changed, or everybody of its party.
    Done(Box<Appointment>, bool),
    /// The last step with this one has just been taken back.
    Undone(Box<Appointment>),
    /// This one could not be changed any more.
    Late(Box<Appointment>),
    /// The one that this code means is of another day: is it meant all the same?
    Ask(Box<Appointment>, ShownCode),
    /// No, for this reason.
    Refused(String),
}

/// The longest text that is looked at, in bytes: a QR code may hold an address.
const MAX_CODE_BYTES: usize = 256;
/// The parameter of the day's page that brings a code that was not checked in.
const SCANNED: &str = "scanned";
/// What it brings where no code was read: what was read instead, an identity card perhaps, must not stand in an address.
const NO_CODE: &str = "unreadable";

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
    let staff = desk.staff();
    let typed = form.get("code").unwrap_or_default();
    let not_done = || {
        let named = read(typed).map_or_else(|| NO_CODE.to_owned(), |code| code.to_string());
        see_other(&with_parameter(&place.path(), SCANNED, &named))
    };
    let is_meant = |one: &Appointment| one.slot.date == place.today || form.pressed("anyway", "yes");
    if let Some(one) = expected_of_party(engine, &place, typed).await {
        if !is_meant(&one) {
            return Ok(not_done());
        }
        return match desk::press(&app, &staff, Action::CheckIn, (&one, true)).await {
            Ok(_) => Ok(see_other(&done_path(&place.path(), Action::CheckIn, &one, true))),
            Err(refusal) if is_late(&refusal) => Ok(not_done()),
            Err(refusal) => Err(refusal.into()),
        };
    }
    let Ok(one) = judged(engine, &snapshot, &place, desk.visit.text, typed).await else { return Ok(not_done()) };
    if !is_meant(&one) {
        return Ok(not_done());
    }
    match desk::press(&app, &staff, Action::CheckIn, (&one, false)).await {
        Ok(after) => Ok(see_other(&with_parameter(&place.path(), "done", &after.id.to_string()))),
        Err(refusal) if is_late(&refusal) => Ok(not_done()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// What the page of a day says about a code that was not checked in, as it stands when the page is shown.
pub async fn said_of(engine: &Engine, snapshot: &Snapshot, desk: &Desk, place: &Place<'_>, typed: &str) -> Said {
    let text = desk.visit.text;
    let Some(code) = read(typed) else { return Said::Refused(text.get("desk-code-malformed")) };
    let one = match expected_of_party(engine, place, typed).await {
        Some(one) => Ok(one),
        None => judged(engine, snapshot, place, text, typed).await,
    };
    match one {
        Err(why) => Said::Refused(why),
        Ok(one) => match one.status_at(desk.visit.now) {
            status if status.after(Action::CheckIn).is_none() => Said::Refused(wrong_state(text, &one, status)),
            _ if one.slot.date != place.today => Said::Ask(Box::new(one), code),
            _ => Said::Refused(text.with("desk-not-checked-in", &[("name", one.mask.name().into())])),
        },
    }
}

/// One of those whom the code of a party means: everybody of it who is expected in this hall today, or else on the day of the
/// one whose code it is, whatever has become of that one. None for the code of a single ticket, and where nobody of the
/// party is expected.
async fn expected_of_party(engine: &Engine, place: &Place<'_>, typed: &str) -> Option<Appointment> {
    let shown = read(typed).filter(|shown| shown.is_party())?;
    let named = found(engine, shown).await?;
    let expected_on = |date| {
        let all = engine.of_hall_day(place.hall.id, date).into_iter();
        let expected = all.filter(|one| one.party == named.party && one.status == Status::Booked);
        expected.min_by_key(|one| (one.id != named.id, one.position))
    };
    expected_on(place.today).or_else(|| expected_on(named.slot.date))
}

/// The appointment that a code names.
async fn found(engine: &Engine, shown: ShownCode) -> Option<Appointment> {
    if let Some(one) = engine.appointment_with_code(shown.code()) {
        return Some(one);
    }
    // It may have been booked through another instance a moment ago.
    engine.refresh().await;
    engine.appointment_with_code(shown.code())
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
    let one = found(engine, code).await;
    let code = code.to_string();
    let one = one.ok_or_else(|| text.with("desk-code-unknown", &[("code", code.as_str().into())]))?;
    if one.slot.hall == place.hall.id {
        return Ok(one);
    }
    let other = snapshot.hall(one.slot.hall.as_str());
    let other = other.map_or_else(|_| one.slot.hall.as_str().to_owned(), |hall| text.pick(&hall.name).to_owned());
    Err(text.with("desk-other-hall", &[("code", code.into()), ("hall", other.into())]))
}

/// The code in what was typed or scanned: the code itself, or the end of an address.
fn read(typed: &str) -> Option<ShownCode> {
    let typed = Some(reading::number(typed)).filter(|typed| typed.len() <= MAX_CODE_BYTES)?;
    let end = typed.rsplit(['/', '=']).next().unwrap_or(&typed);
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
        for typed in [
            "K7QX2M9F",
            "k7qx 2m9f",
            "K7QX-2M9F",
            "https://example.org/c/K7QX2M9F",
            "/a?code=K7QX2M9F",
            // What a scanner types through an input method, and what a clipboard adds.
            "Ｋ７ＱＸ２Ｍ９Ｆ",
            "ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｏｒｇ／ｃ／ｋ７ｑｘ２ｍ９ｆ",
            "\u{feff}\u{200e}K7QX\u{2011}2M9F\u{200b}\r\n",
        ] {
            assert_eq!(read(typed), code.map(ShownCode::One), "{typed}");
        }
        for typed in ["PK7QX2M9F", "https://example.org/c/PK7QX2M9F", "ｐ K7QX\u{2011}2M9F\u{200e}"] {
            assert_eq!(read(typed), code.map(ShownCode::Party), "{typed}");
        }
        for typed in ["", "K7QX2M9", "K7QX2M9F/", &"K".repeat(MAX_CODE_BYTES + 1), NO_CODE, "330106200002299998"] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }
}
