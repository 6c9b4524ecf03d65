//! `GET /staff`: the halls of a member, each with what today brings; and the shortest ways to a day of one hall.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::place::{day_path, hall_of, halls_of};
use crate::domain::hall::Hall;
use crate::domain::policy;
use crate::domain::snapshot::Snapshot;
use crate::engine::{DayCount, Engine};
use crate::http::app::App;
use crate::http::fields;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::web::answer::see_other;
use crate::web::frame::Frame;
use crate::web::text::{Arg, Text};
use crate::web::visit::Desk;

/// Whether all halls are wanted also by somebody who has only one.
#[derive(Deserialize)]
pub struct TodayQuery {
    all: Option<String>,
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
    Query(TodayQuery { all }): Query<TodayQuery>,
) -> Result<Response, Problem> {
    let (engine, text, now) = (app.engine()?, desk.visit.text, desk.visit.now);
    let snapshot = engine.snapshot();
    let halls = halls_of(&snapshot, &desk.member);
    if let ([hall], None) = (halls.as_slice(), all) {
        return Ok(see_other(&day_path(hall, policy::today(hall, now))));
    }
    let rows: Vec<Row<'_>> = halls.iter().map(|hall| Row::of(engine, &snapshot, hall, now)).collect();
    Ok(Frame::staff(&desk.visit, text.get("desk-today-title")).page(&html! {
        @if rows.is_empty() { p class="lead" { (text.get("desk-today-none")) } } @else { (table(text, &rows)) }
    }))
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
    fn of(engine: &Engine, snapshot: &Snapshot, hall: &'a Hall, now: DateTime<Utc>) -> Self {
        let today = policy::today(hall, now);
        let count = engine.day_counts(snapshot, Some(&[hall.id]), today..=today, now).into_iter().next();
        Self { hall, today, count }
    }
}

fn table(text: Text, rows: &[Row<'_>]) -> Markup {
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
                tbody { @for row in rows { (table_row(text, row)) } }
            }
        }
    }
}

fn table_row(text: Text, row: &Row<'_>) -> Markup {
    let Row { hall, today, count } = row;
    html! {
        tr {
            th scope="row" {
                a href=(day_path(hall, *today)) { (text.pick(&hall.name)) }
                " " span class="muted" { (text.with("desk-today-city", &[("city", Arg::from(hall.city.as_str())), ("day", text.day(*today).into())])) }
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
