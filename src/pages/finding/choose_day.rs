//! `GET /halls/{hall}/days`: the days of a hall as a calendar, each free, nearly full, full or closed, and why.

use axum::extract::State;
use axum::response::Response;
use chrono::Datelike as _;
use maud::{Markup, html};

use super::choice::{Choice, window};
use super::steps::{Step, steps};
use super::strip::Days;
use crate::app::state::App;
use crate::domain::policy;
use crate::domain::snapshot::Snapshot;
use crate::engine::Day;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::refusals;
use crate::pages::kit::visitor::Visit;
use crate::pages::own::moving;
use crate::pages::text::Text;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// The page.
///
/// # Errors
/// `unknown_hall`, `unknown_service`, `service_not_offered`.
pub async fn page(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let hall = snapshot.hall(&id)?;
    let service = choice.service(&snapshot)?;
    let days = engine.days(hall, service, window(&snapshot, hall, visit.now), visit.now)?;
    let (text, today) = (visit.text, policy::today(hall, visit.now));
    let calendar = Days { text, hall, choice: &choice, shown: &days, today };
    let live = format!("/live/halls/{}?service={}&people={}", hall.id, service.id, choice.people());
    let above = if choice.moving.is_some() { moving::above(engine, &visit, &choice) } else { steps(text, Step::When) };
    Ok(Frame::citizens(&visit, text.get("choose-day-title")).back(choice.days_of(hall)).page(&html! {
        (above)
        p class="lead" { span { (text.pick(&hall.name)) " ·" } " " span { (text.pick(&service.name)) } }
        (moving::elsewhere(text, &choice))
        (legend(text))
        div data-live=(live) { @for month in months(&days) { (sheet(&calendar, month)) } }
        (whys(&calendar, &snapshot))
    }))
}

/// The days, cut where a month begins.
fn months(days: &[Day]) -> Vec<&[Day]> {
    days.chunk_by(|a, b| a.date.month() == b.date.month()).collect()
}

fn legend(text: Text) -> Markup {
    html! {
        ul class="legend" {
            @for (class, key) in [
                ("s-free", "choose-legend-free"), ("s-nearly", "choose-legend-nearly"), ("s-full", "choose-legend-full"),
                ("s-closed", "choose-legend-closed"),
            ] { li class=(class) { (text.get(key)) } }
        }
    }
}

fn sheet(calendar: &Days<'_>, days: &[Day]) -> Markup {
    let text = calendar.text;
    let Some(first) = days.first() else { return html! {} };
    let column = format!(" c{}", first.date.weekday().number_from_monday());
    html! {
        section class="month" {
            h2 { (text.month(first.date)) }
            div class="weekdays" aria-hidden="true" { @for number in 1..=7 { span { (text.weekday(number)) } } }
            ol class="days" {
                @for (at, day) in days.iter().enumerate() { (calendar.cell(day, false, if at == 0 { &column } else { "" })) }
            }
        }
    }
}

/// Why the days that cannot be booked cannot: a sentence for each.
fn whys(calendar: &Days<'_>, snapshot: &Snapshot) -> Markup {
    let (text, hall) = (calendar.text, calendar.hall);
    let closed = calendar.shown.iter().filter_map(|day| Some((day.date, day.closed_by.as_ref()?)));
    html! {
        details class="why" id="why" {
            summary { (text.get("choose-why-days")) }
            dl class="summary" {
                @for (date, why) in closed {
                    div { dt { (text.day(date)) } dd { (refusals::why_on(text, why, date, hall, &snapshot.policy)) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn a_month_begins_a_new_sheet() {
        let first = NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
        let day = |date| Day { date, closed_by: None, slots: Vec::new() };
        let days: Vec<Day> = first.iter_days().take(5).map(day).collect();
        let lengths: Vec<usize> = months(&days).into_iter().map(<[Day]>::len).collect();
        assert_eq!(lengths, [2, 3]);
    }
}
