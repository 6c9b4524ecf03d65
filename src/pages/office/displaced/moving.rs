//! `POST /staff/displaced/{id}`: somebody is moved to a place that was chosen and confirmed.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;

use super::PLACE;
use super::one::{found, misfit};
use crate::app::input::fields::date;
use crate::app::metrics::Change;
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::wall::WallTime;
use crate::engine::{Target, Via};
use crate::pages::desk::hall_day::with_parameter;
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::once;
use crate::pages::kit::redirect::{own_path, see_other};
use crate::pages::kit::visitor::Desk;
use crate::serve::problem::{Code, Problem};
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
    let appointment = found(&app, &desk, &id)?;
    let typed = filled.get("to").unwrap_or_default();
    let pressed = Pressed::read(typed);
    let Pressed { hall, date, start } = pressed.ok_or_else(|| Problem::malformed("no band was chosen"))?;
    let (back, engine) = (own_path(filled.get("back"), PLACE), app.engine()?);
    let page = with_parameter(&format!("{PLACE}/{}", appointment.id), "back", &back);
    desk.judge_hall(engine.snapshot().hall(&hall)?.id)?;
    if !filled.pressed("sure", "yes") {
        return Ok(see_other(&with_parameter(&page, "to", typed)));
    }
    let target = Target { hall, date, start };
    let (from, to) = (appointment.slot, format!("{} {date} {start}", target.hall));
    let fits = || misfit(engine, &engine.snapshot(), &appointment, desk.visit.now).is_none();
    let answered = once::answered(&app, &filled, desk.caller(), async |call| {
        if fits() {
            // It fits: only its applicant moves it, and the page says so.
            return Err(Problem::new(Code::WrongState, "the appointment fits the configuration"));
        }
        let answer = engine.reschedule(call, appointment.id, false, target).await?;
        if answer.appointments().iter().all(|one| one.revision == appointment.revision) {
            return Err(Problem::new(Code::WrongState, "the appointment is at this time already"));
        }
        app.metrics().changed(Change::Rescheduled, 1);
        for moved in answer.appointments() {
            engine.note_moved(&desk.member, &from, moved, Via::Page).await;
        }
        let (actor, from) = (&desk.member.id, format!("{} {} {}", from.hall, from.date, from.start));
        tracing::info!(actor, appointment = %appointment.id, from, to, "a displaced appointment was moved");
        Ok(answer)
    })
    .await;
    match answered {
        Ok(_) => Ok(see_other(&with_parameter(&back, "moved", &appointment.id.to_string()))),
        // What it is now the page says by itself, and nothing of a move.
        Err(problem) if problem.code == Code::WrongState => Ok(see_other(&page)),
        Err(problem) if is_about_the_band(problem.code) => Ok(see_other(&with_parameter(&page, "gone", "yes"))),
        Err(problem) => Err(problem),
    }
}

const fn is_about_the_band(code: Code) -> bool {
    matches!(
        code,
        Code::SlotFull
            | Code::NoSuchBand
            | Code::Closed
            | Code::Holiday
            | Code::SameDay
            | Code::Past
            | Code::BeyondWindow
            | Code::NotReleased
            | Code::ServiceNotOffered
    )
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
