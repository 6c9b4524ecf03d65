//! `GET /halls/{hall}`: on which day? The days of a hall as a calendar, each free, nearly full, full or closed, and why.

use axum::extract::State;
use axum::response::Response;
use chrono::{Datelike as _, NaiveDate};
use maud::{Markup, html};

use super::choice::{Choice, day_words, places, window};
use super::steps::{Step, steps};
use crate::domain::hall::{Hall, Period};
use crate::domain::policy::{self, Policy};
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::engine::Day;
use crate::http::app::App;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::web::frame::Frame;
use crate::web::meter::Fullness;
use crate::web::refusals;
use crate::web::text::Text;
use crate::web::visit::Visit;

/// What the cells of a calendar need to know.
struct Calendar<'a> {
    text: Text,
    hall: &'a Hall,
    policy: &'a Policy,
    choice: &'a Choice,
    today: NaiveDate,
}

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
    let text = visit.text;
    let today = policy::today(hall, visit.now);
    let calendar = Calendar { text, hall, policy: &snapshot.policy, choice: &choice, today };
    let live = format!("/live/halls/{}?service={}&people={}", hall.id, service.id, choice.people());
    Ok(Frame::citizens(&visit, text.get("choose-day-title")).back(back(&choice)).page(&html! {
        @if choice.moving.is_some() { (moving_notice(text)) } @else { (steps(text, Step::Day)) }
        p class="lead" { (text.pick(&hall.name)) " · " (text.pick(&service.name)) }
        (legend(text))
        div data-live=(live) {
            @for month in months(&days) { (calendar.month(month)) }
        }
        (calendar.whys(&days))
        (place(text, &snapshot, hall))
    }))
}

fn back(choice: &Choice) -> String {
    match &choice.moving {
        Some(id) => format!("/appointments/{id}"),
        None => format!("/halls?{}", choice.query()),
    }
}

/// Says that nothing is given up yet.
pub fn moving_notice(text: Text) -> Markup {
    html! { div class="notice info" { p { (text.get("choose-moving")) } } }
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

impl Calendar<'_> {
    fn month(&self, days: &[Day]) -> Markup {
        let Some(first) = days.first() else { return html! {} };
        html! {
            section class="month" {
                h2 { (self.text.month(first.date)) }
                div class="weekdays" aria-hidden="true" {
                    @for number in 1..=7 { span { (self.text.weekday(number)) } }
                }
                ol class="days" {
                    @for (at, day) in days.iter().enumerate() { (self.cell(day, at == 0)) }
                }
            }
        }
    }

    fn cell(&self, day: &Day, is_first: bool) -> Markup {
        let column = if is_first { format!(" c{}", day.date.weekday().number_from_monday()) } else { String::new() };
        let (class, words) = self.state(day);
        let today = if day.date == self.today { " today" } else { "" };
        html! {
            li class={ "day " (class) (today) (column) } {
                a href=(self.choice.bands_of(self.hall, day.date)) {
                    span class="date" {
                        span class="visually-hidden" { (self.text.day(day.date)) }
                        span aria-hidden="true" { (day.date.day()) }
                    }
                    @match day.closed_by {
                        None => span class="state" data-count=(day.date) { (words) },
                        Some(_) => span class="state" { (words) },
                    }
                }
            }
        }
    }

    /// The class and the few words of a day.
    fn state(&self, day: &Day) -> (&'static str, String) {
        let Some(why) = &day.closed_by else {
            let people = self.choice.people();
            let (usable, capacity) = places(day, people);
            return (Fullness::of(usable, capacity).class(), day_words(self.text, day, people));
        };
        let (class, key) = match why {
            Rejection::SameDay { .. } | Rejection::Past => ("s-closed", "choose-day-today"),
            Rejection::BeyondWindow { .. } | Rejection::NotReleased { .. } => ("s-ahead", "choose-day-ahead"),
            Rejection::Holiday { .. } => ("s-closed", "choose-day-holiday"),
            _ => ("s-closed", "choose-day-closed"),
        };
        (class, self.text.get(key))
    }

    /// Why the days that cannot be booked cannot: a sentence for each.
    fn whys(&self, days: &[Day]) -> Markup {
        let closed = days.iter().filter_map(|day| Some((day.date, day.closed_by.as_ref()?)));
        html! {
            details class="why" {
                summary { (self.text.get("choose-why-days")) }
                dl class="summary" {
                    @for (date, why) in closed {
                        div { dt { (self.text.day(date)) } dd { (self.why(why, date)) } }
                    }
                }
            }
        }
    }

    fn why(&self, rejection: &Rejection, date: NaiveDate) -> String {
        refusals::why_on(self.text, rejection, date, self.hall, self.policy)
    }
}

/// Where the hall is and when it is open.
fn place(text: Text, snapshot: &Snapshot, hall: &Hall) -> Markup {
    html! {
        section class="card" {
            h2 { (text.get("choose-hall")) }
            dl class="facts" {
                @if let Some(address) = &hall.address { div { dt { (text.get("choose-address")) } dd lang=[text.foreign(address)] { (address) } } }
                @if let Some(phone) = &hall.phone {
                    div { dt { (text.get("choose-phone")) } dd { a href={ "tel:" (phone) } { (phone) } } }
                }
                @for (days, hours) in week(text, hall) { div { dt { (days) } dd { (hours) } } }
            }
            p class="muted" { (text.with("choose-version", &[("version", snapshot.version.as_str().into())])) }
        }
    }
}

/// The hours of a week, days that follow each other with the same hours together.
fn week(text: Text, hall: &Hall) -> Vec<(String, String)> {
    let days: Vec<(u8, &[Period])> = (1..=7).map(|number| (number, hall.hours.of(weekday(number)))).collect();
    let name = |number: u8| text.get(&format!("weekday-long-{number}"));
    days.chunk_by(|a, b| a.1 == b.1)
        .filter_map(|days| {
            let (&(first, periods), &(last, _)) = (days.first()?, days.last()?);
            let span = [("from", name(first).into()), ("to", name(last).into())];
            let days = if first == last { name(first) } else { text.with("choose-weekdays", &span) };
            let hours: Vec<String> = periods.iter().map(|period| text.span(period.start, period.end)).collect();
            Some((days, if hours.is_empty() { text.get("choose-closed-day") } else { hours.join(" · ") }))
        })
        .collect()
}

fn weekday(number: u8) -> chrono::Weekday {
    chrono::Weekday::try_from(number - 1).unwrap_or(chrono::Weekday::Mon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_a_new_sheet() {
        let first = NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
        let day = |date| Day { date, closed_by: None, slots: Vec::new() };
        let days: Vec<Day> = first.iter_days().take(5).map(day).collect();
        let lengths: Vec<usize> = months(&days).into_iter().map(<[Day]>::len).collect();
        assert_eq!(lengths, [2, 3]);
    }

    #[test]
    fn weekdays_are_counted_from_monday() {
        assert_eq!((weekday(1), weekday(7)), (chrono::Weekday::Mon, chrono::Weekday::Sun));
    }
}
