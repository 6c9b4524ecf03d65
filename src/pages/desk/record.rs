//! `GET /staff/record`: what staff did in the last 24 hours: who, what, when.
//!
//! Each hall has its record; what concerns no single hall (a configuration, a sign-in, a table of counts) is one more, for
//! those who may do everything.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::hall_day::{hall_of, halls_of};
use super::names::service_name;
use super::remembered;
use crate::app::input::fields;
use crate::app::input::fields::civil_today;
use crate::app::state::App;
use crate::domain::appointment::Action;
use crate::domain::hall::Hall;
use crate::domain::policy;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Deed, DeskDay, DeskQueue, Engine, Record, Ticket, Via};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// How many records are shown.
const MAX_SHOWN: usize = 500;
/// How far back the record goes, in hours: so long are they remembered.
const HOURS: i64 = 24;
/// What stands for all halls in an address.
const ALL: &str = "all";

/// Whose record, and of which day.
#[derive(Deserialize)]
pub struct RecordQuery {
    hall: Option<String>,
    date: Option<String>,
}

/// What a record is of.
struct Of<'a> {
    /// None for all halls at once.
    hall: Option<&'a Hall>,
    today: NaiveDate,
    date: NaiveDate,
}

/// The record.
///
/// # Errors
/// `unknown_hall`, `forbidden`.
pub async fn record(
    State(app): State<App>,
    desk: Desk,
    Query(query): Query<RecordQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (engine, text, now) = (app.engine()?, desk.visit.text, desk.visit.now);
    let snapshot = engine.snapshot();
    let of = wanted(&snapshot, &desk, &query, &headers)?;
    let records = match &of {
        // Of another day nothing can be remembered.
        Some(of) if (of.date - now.date_naive()).num_days().abs() <= 2 => {
            let day = of.hall.map_or(DeskDay::of_all(of.date), |hall| DeskDay::of(hall.id, of.date));
            engine.records_of(day, MAX_SHOWN).await
        }
        _ => Vec::new(),
    };
    let first = now - TimeDelta::hours(HOURS);
    let records: Vec<Record> = records.into_iter().filter(|record| record.at >= first).collect();
    let queue = match of.as_ref().and_then(|of| Some((of.hall?, of.date))) {
        Some((hall, date)) => engine.queue_of(DeskDay::of(hall.id, date)).await,
        None => DeskQueue::default(),
    };
    let words = Words { text, engine, snapshot: &snapshot, queue: &queue };
    Ok(Frame::staff(&desk.visit, text.get("desk-record-title")).page(&html! {
        p class="lead" { (text.get("desk-record-lead")) }
        @if let Some(of) = &of { (filters(text, &snapshot, &desk, of)) }
        @if records.is_empty() { p { (text.get("desk-record-none")) } } @else {
            (table(&words, of.as_ref(), &records))
        }
    }))
}

fn wanted<'a>(
    snapshot: &'a Snapshot,
    desk: &Desk,
    query: &RecordQuery,
    headers: &HeaderMap,
) -> Result<Option<Of<'a>>, Problem> {
    let (now, may_all) = (desk.visit.now, desk.member.halls.is_none());
    let hall = match query.hall.as_deref() {
        Some(ALL) if may_all => None,
        Some(id) if !id.is_empty() => Some(hall_of(snapshot, desk, id)?),
        _ => match remembered::hall_or_first(headers, snapshot, &desk.member) {
            Some(hall) => Some(hall),
            None if may_all => None,
            None => return Ok(None),
        },
    };
    let today = hall.map_or_else(|| civil_today(now), |hall| policy::today(hall, now));
    let date = query.date.as_deref().and_then(|date| fields::date(date).ok()).unwrap_or(today);
    Ok(Some(Of { hall, today, date }))
}

fn filters(text: Text, snapshot: &Snapshot, desk: &Desk, of: &Of<'_>) -> Markup {
    let is_chosen = |hall: Option<&Hall>| of.hall.map(|hall| hall.id) == hall.map(|hall| hall.id);
    let days = [(Some(of.today), "desk-record-today"), (of.today.pred_opt(), "desk-record-yesterday")];
    html! {
        form class="filters" method="get" action="/staff/record" {
            div class="field" {
                label for="hall" { (text.get("desk-record-hall")) }
                select id="hall" name="hall" {
                    @if desk.member.halls.is_none() {
                        option value=(ALL) selected[is_chosen(None)] { (text.get("desk-record-all")) }
                    }
                    @for hall in halls_of(snapshot, &desk.member) {
                        option value=(hall.id) selected[is_chosen(Some(hall))] { (text.pick(&hall.name)) }
                    }
                }
            }
            div class="field" {
                label for="date" { (text.get("desk-record-day")) }
                select id="date" name="date" {
                    @for (date, key) in days {
                        @if let Some(date) = date {
                            option value=(date) selected[date == of.date] { (text.with(key, &[("day", text.day(date).into())])) }
                        }
                    }
                }
            }
            button class="button second" { (text.get("desk-record-show")) }
        }
    }
}

/// What the words for a deed are made of.
struct Words<'a> {
    text: Text,
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    queue: &'a DeskQueue,
}

fn table(words: &Words<'_>, of: Option<&Of<'_>>, records: &[Record]) -> Markup {
    let text = words.text;
    let local = |at: DateTime<Utc>| -> DateTime<FixedOffset> {
        let zone = of.and_then(|of| of.hall).map_or(chrono_tz::Asia::Shanghai, |hall| hall.zone);
        at.with_timezone(&zone).fixed_offset()
    };
    let columns = ["desk-record-when", "desk-record-who", "desk-record-what", "desk-record-where"];
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("desk-record-title")) {
            table class="table" {
                thead { tr { @for column in columns { th scope="col" { (text.get(column)) } } } }
                tbody {
                    @for record in records {
                        tr {
                            td class="whole" { time datetime=(record.at.to_rfc3339()) { (local(record.at).format("%H:%M:%S")) } }
                            td { (record.by) }
                            td { (words.of_deed(&record.deed)) }
                            td { (via(text, &record.deed)) }
                        }
                    }
                }
            }
        }
    }
}

impl Words<'_> {
    fn of_deed(&self, deed: &Deed) -> String {
        let text = self.text;
        match deed {
            Deed::Drawn { number, service } => {
                let service = service_name(text, self.snapshot, service.as_str());
                let number = self.number(Ticket::WalkIn(*number));
                text.with("desk-deed-drawn", &[("number", number.into()), ("service", service.into())])
            }
            Deed::Called { number, counter } => {
                let parts = [("number", self.number(*number).into()), ("counter", Arg::from(counter.as_str()))];
                text.with("desk-deed-called", &parts)
            }
            Deed::Served { number } => text.with("desk-deed-served", &[("number", self.number(*number).into())]),
            Deed::Gone { number } => text.with("desk-deed-gone", &[("number", self.number(*number).into())]),
            Deed::Noted { action, code, appointment, .. } => {
                let name = self.engine.appointment(*appointment).map(|one| one.mask.name()).unwrap_or_default();
                text.with(noted(*action), &[("name", name.into()), ("code", code.to_string().into())])
            }
            Deed::Opened { code, appointment } => {
                let name = self.engine.appointment(*appointment).map(|one| one.mask.name()).unwrap_or_default();
                text.with("desk-deed-telephone", &[("name", name.into()), ("code", code.to_string().into())])
            }
            Deed::SignedIn => text.get("desk-deed-signed-in"),
            Deed::Exported { from, to } => {
                text.with("desk-deed-exported", &[("from", from.to_string().into()), ("to", to.to_string().into())])
            }
            Deed::Adopted { version } => text.with("desk-deed-adopted", &[("version", Arg::from(version.as_str()))]),
        }
    }

    /// The number that was called out; of yesterday, whose beginning is forgotten, the code.
    fn number(&self, ticket: Ticket) -> String {
        match ticket {
            Ticket::Appointment(code) if !self.queue.knows(code) => code.to_string(),
            _ => self.queue.shown(ticket),
        }
    }
}

const fn noted(action: Action) -> &'static str {
    match action {
        Action::CheckIn => "desk-deed-checked-in",
        Action::Serve => "desk-deed-finished",
        Action::MarkNoShow => "desk-deed-no-show",
        Action::Cancel => "desk-deed-cancelled",
        Action::Reschedule => "desk-deed-moved",
        Action::Undo => "desk-deed-undone",
        Action::Confirm | Action::Expire | Action::Extend => "desk-deed-changed",
    }
}

fn via(text: Text, deed: &Deed) -> String {
    match deed {
        Deed::Noted { via: Via::Api, .. } => text.get("desk-via-api"),
        Deed::Adopted { .. } => text.get("desk-via-configuration"),
        _ => text.get("desk-via-page"),
    }
}
