//! `POST /staff/displaced/{id}`: somebody is moved to a place that was chosen and confirmed.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;

use super::PLACE;
use crate::app::desk;
use crate::app::desk::displaced;
use crate::app::input::fields::date;
use crate::app::refusal::Code;
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::wall::WallTime;
use crate::engine::Target;
use crate::pages::desk::hall_day::with_parameter;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::redirect::{own_path, see_other};
use crate::pages::kit::visitor::Desk;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;

/// What somebody has pressed.
pub struct Pressed {
    /// The id of the hall.
    pub hall: String,
    /// The date.
    pub date: NaiveDate,
    /// The start of the band.
    pub start: WallTime,
}

impl Pressed {
    /// Reads `HALL DATE START`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let [hall, on, start] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
        Some(Self { hall: hall.to_owned(), date: date(on).ok()?, start: start.parse().ok()? })
    }

    /// What [`Pressed::read`] reads.
    #[must_use]
    pub fn value(hall: &Hall, date: NaiveDate, start: WallTime) -> String {
        format!("{} {date} {start}", hall.id)
    }
}

/// `POST /staff/displaced/{id}` with `to=HALL DATE START`: moves the appointment there, once that has been asked about.
///
/// # Errors
/// As [`one`](crate::pages::office::displaced::one()); where the place is gone meanwhile, the page says so and offers the next ones.
pub async fn relocate(
    State(app): State<App>,
    desk: Desk,
    Path(id): Path<String>,
    filled: Filled,
) -> Result<Response, Problem> {
    let appointment = desk::appointment(&app, &desk.staff(), &id)?;
    let typed = filled.get("to").unwrap_or_default();
    let pressed = Pressed::read(typed);
    let Pressed { hall, date, start } = pressed.ok_or_else(|| Problem::malformed("no band was chosen"))?;
    let (back, engine) = (own_path(filled.get("back"), PLACE), app.engine()?);
    let page = with_parameter(&format!("{PLACE}/{}", appointment.id), "back", &back);
    desk.judge_hall(engine.snapshot().hall(&hall)?.id)?;
    if !filled.pressed("sure", "yes") {
        return Ok(see_other(&with_parameter(&page, "to", typed)));
    }
    let (target, id) = (Target { hall, date, start }, appointment.id.to_string());
    match displaced::relocate(&app, &desk.staff(), &id, target).await {
        Ok(_) => Ok(see_other(&with_parameter(&back, "moved", &id))),
        // What it is now the page says by itself, and nothing of a move.
        Err(refusal) if refusal.code() == Code::WrongState => Ok(see_other(&page)),
        Err(refusal) if is_about_the_band(refusal.code()) => Ok(see_other(&with_parameter(&page, "gone", "yes"))),
        Err(refusal) => Err(refusal.into()),
    }
}

const fn is_about_the_band(code: Code) -> bool {
    code.is_about_the_slot() || matches!(code, Code::ServiceNotOffered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pressed_is_read_strictly() {
        let pressed = Pressed::read("hangzhou-shi-crj 2026-11-27 08:30").unwrap();
        let expected = ("hangzhou-shi-crj", "2026-11-27", "08:30");
        assert_eq!((pressed.hall.as_str(), &*pressed.date.to_string(), &*pressed.start.to_string()), expected);
        for wrong in ["", "a", "a 2026-11-27", "a 2026-11-27 8", "a 27.11.2026 08:30", "a 2026-11-27 08:30 x"] {
            assert!(Pressed::read(wrong).is_none(), "{wrong:?}");
        }
    }
}
