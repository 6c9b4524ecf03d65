//! `GET /staff`: the halls of a member, each with what today brings; and the shortest ways to a day of one hall.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::hall_day::{day_path, hall_of, halls_of};
use super::remembered;
use crate::app::input::fields;
use crate::app::input::fields::civil_today;
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::policy;
use crate::domain::snapshot::Snapshot;
use crate::engine::{DayCount, Engine};
use crate::pages::finding::areas::city_name;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::visitor::Desk;
use crate::pages::office::city::city_field;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// How many halls without anybody are shown unfolded where no other hall is.
const MAX_QUIET: usize = 30;

/// Whether all halls are wanted also by somebody who has only one.
#[derive(Deserialize)]
pub struct TodayQuery {
    all: Option<String>,
    city: Option<String>,
}

/// Which day of a hall.
#[derive(Deserialize)]
pub struct DateQuery {
    date: Option<String>,
}

/// The halls of this member. Whoever has only one goes straight to it.
///
/// # Errors
/// `overloaded` while the server starts.
pub async fn today(
    State(app): State<App>,
    desk: Desk,
    Query(TodayQuery { all, city }): Query<TodayQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (engine, text, now) = (app.engine()?, desk.visit.text, desk.visit.now);
    let snapshot = engine.snapshot();
    let halls = halls_of(&snapshot, &desk.member);
    if let ([hall], None) = (halls.as_slice(), all) {
        return Ok(see_other(&day_path(hall, policy::today(hall, now))));
    }
    let is_asked = city.is_some();
    let city = city.unwrap_or_else(|| remembered::city(&headers, &snapshot, &desk.member));
    let chosen = Some(city.as_str()).filter(|city| !city.is_empty());
    let of_city = halls.iter().filter(|hall| chosen.is_none_or(|city| hall.city == city));
    let rows: Vec<Row<'_>> = of_city.map(|hall| Row::of(engine, &snapshot, hall, now)).collect();
    let response = Frame::staff(&desk.visit, text.get("desk-today-title")).page(&html! {
        @if halls.is_empty() { p class="lead" { (text.get("desk-today-none")) } } @else {
            p class="lead" { (text.full_date(civil_today(now))) }
            (cities(text, &snapshot, &halls, chosen))
            (tables(text, &rows, civil_today(now)))
        }
    });
    Ok(if is_asked { remembered::keeping_city(response, &city) } else { response })
}

/// Where another city is chosen; nothing for somebody whose halls are in one.
fn cities(text: Text, snapshot: &Snapshot, halls: &[&Hall], chosen: Option<&str>) -> Markup {
    html! {
        @if halls.iter().any(|hall| hall.city != halls[0].city) {
            form class="filters" method="get" action="/staff" {
                (city_field(text, snapshot, halls, chosen))
                button class="button second" { (text.get("city-show")) }
            }
        }
    }
}

/// The halls that have somebody today; the others are folded.
fn tables(text: Text, rows: &[Row<'_>], today: NaiveDate) -> Markup {
    let (busy, quiet): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.has_somebody());
    let quiet_words = text.with("desk-today-quiet", &[("count", Arg::from(quiet.len()))]);
    html! {
        @if !busy.is_empty() { (table(text, &busy, today)) }
        @if !quiet.is_empty() {
            details id="quiet" open[busy.is_empty() && quiet.len() <= MAX_QUIET] {
                summary { (quiet_words) }
                (table(text, &quiet, today))
            }
        }
    }
}

/// `GET /staff/halls/{hall}`: to a day of the hall, today where none is named.
///
/// # Errors
/// `unknown_hall`, `forbidden`.
pub async fn of_hall(
    State(app): State<App>,
    desk: Desk,
    Path(hall): Path<String>,
    Query(DateQuery { date }): Query<DateQuery>,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let hall = hall_of(&snapshot, &desk, &hall)?;
    let date = date.and_then(|date| fields::date(date).ok()).unwrap_or_else(|| policy::today(hall, desk.visit.now));
    Ok(see_other(&day_path(hall, date)))
}

struct Row<'a> {
    hall: &'a Hall,
    today: NaiveDate,
    count: Option<DayCount>,
}

impl<'a> Row<'a> {
    /// Whether anybody comes today, or has come.
    fn has_somebody(&self) -> bool {
        self.count.as_ref().is_some_and(|count| {
            [count.held, count.booked, count.checked_in, count.served, count.no_show].iter().any(|number| *number > 0)
        })
    }

    fn of(engine: &Engine, snapshot: &Snapshot, hall: &'a Hall, now: DateTime<Utc>) -> Self {
        let today = policy::today(hall, now);
        let count = engine.day_counts(snapshot, Some(&[hall.id]), today..=today, now).into_iter().next();
        Self { hall, today, count }
    }
}

fn table(text: Text, rows: &[&Row<'_>], today: NaiveDate) -> Markup {
    let columns = ["desk-count-expected", "desk-count-here", "desk-count-served", "desk-count-no-show"];
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("desk-today-title")) {
            table class="table" {
                thead {
                    tr {
                        th scope="col" { (text.get("desk-today-hall")) }
                        @for column in columns { th scope="col" class="n" { (text.get(column)) } }
                    }
                }
                tbody { @for row in rows { (table_row(text, row, today)) } }
            }
        }
    }
}

/// The date stands once above the table; a hall where it is another day already says so.
fn table_row(text: Text, row: &Row<'_>, usual: NaiveDate) -> Markup {
    let Row { hall, today, count } = row;
    html! {
        tr {
            th scope="row" {
                a href=(day_path(hall, *today)) { (text.pick(&hall.name)) }
                " " span class="muted" { (city_name(text, hall)) @if *today != usual { " · " (text.day(*today)) } }
            }
            @match count {
                Some(count) => {
                    @for number in [count.booked, count.checked_in, count.served, count.no_show] {
                        td class="n" { (number) }
                    }
                }
                None => { td colspan="4" class="muted" { (text.get("desk-today-closed")) } }
            }
        }
    }
}
