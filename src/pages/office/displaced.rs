//! `/staff/displaced`: everybody whose appointment no longer fits the configuration in force, and a new place for each.
//!
//! A configuration never un-books anybody, so these appointments wait for somebody to move them, one by one: a place is
//! chosen, what that means is shown, and only then somebody is moved. Staff of a hall sees those of its halls, and moves
//! within them.

mod moving;
mod offers;
mod one;
pub(crate) mod reason;
mod telephone;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};
use serde::Deserialize;

pub use moving::relocate;
pub use one::one;
pub use reason::reason;
pub use telephone::{back_to_list, open as open_telephone};

use telephone::{OpenedTelephone, anchor, number_of};

use super::city::hall_name;
use super::preview::more;
use crate::app::access::person::appointment_id;
use crate::app::input::fields::date;
use crate::app::state::App;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::name::HallId;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Displaced, Engine};
use crate::pages::desk::hall_day::with_parameter;
use crate::pages::desk::names::service_name;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// Where the list is.
const PLACE: &str = "/staff/displaced";
/// How many of them are listed at once.
pub const MAX_LISTED: usize = 200;

/// What has just been done, and whom the list is about.
#[derive(Deserialize)]
pub struct ListQuery {
    moved: Option<String>,
    hall: Option<String>,
    date: Option<String>,
}

/// Which of them are listed.
struct Wanted {
    hall: Option<String>,
    date: Option<NaiveDate>,
}

impl Wanted {
    fn of(query: &ListQuery) -> Self {
        let hall = query.hall.clone().filter(|hall| !hall.is_empty());
        Self { hall, date: query.date.as_deref().and_then(|text| date(text).ok()) }
    }

    fn has(&self, one: &Displaced) -> bool {
        let slot = &one.appointment.slot;
        self.hall.as_deref().is_none_or(|hall| slot.hall.as_str() == hall)
            && self.date.is_none_or(|date| slot.date == date)
    }

    /// The address of this list, to which a move leads back.
    fn path(&self) -> String {
        let path = match &self.hall {
            Some(hall) => with_parameter(PLACE, "hall", hall),
            None => PLACE.to_owned(),
        };
        match self.date {
            Some(date) => with_parameter(&path, "date", &date.to_string()),
            None => path,
        }
    }
}

/// `GET /staff/displaced?hall=&date=`.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn list(
    State(app): State<App>,
    desk: Desk,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (text, engine) = (desk.visit.text, app.engine()?);
    let snapshot = engine.snapshot();
    let mut all = everybody(engine, &snapshot, desk.visit.now).await?;
    all.retain(|one| desk.member.may_serve(one.appointment.slot.hall));
    all.sort_by_key(|one| (one.appointment.starts_at, one.appointment.slot.hall, one.appointment.id));
    let moved = query.moved.as_deref().and_then(appointment_id).and_then(|id| engine.appointment(id));
    let moved = moved.filter(|one| desk.member.may_serve(one.slot.hall));
    let wanted = Wanted::of(&query);
    let shown: Vec<&Displaced> = all.iter().filter(|one| wanted.has(one)).collect();
    let opened = OpenedTelephone::brought(app.sealer(), &desk.member.id, desk.visit.now, &headers);
    let rows = DisplacedRows { text, snapshot: &snapshot, back: wanted.path(), opened: opened.as_ref() };
    let frame = Frame::staff(&desk.visit, text.get("displaced-title"));
    let body = html! {
        @if let Some(moved) = &moved { (moved_notice(text, &snapshot, moved)) }
        @if all.is_empty() {
            p class="lead" { (text.get("displaced-none")) }
        } @else {
            p class="lead" { (text.with("displaced-count", &[("count", Arg::from(shown.len()))])) }
            (filters(text, &snapshot, &all, &wanted))
            (telephone::form(&desk.visit, &rows.back))
            @for band in shown[..shown.len().min(MAX_LISTED)].chunk_by(|one, next| is_same_band(one, next)) {
                (rows.band(band))
            }
            (more(text, shown.len(), MAX_LISTED))
        }
    };
    Ok(telephone::shown(frame, opened.as_ref(), &headers, &body))
}

/// The halls and the days on which somebody is displaced, to choose from.
fn filters(text: Text, snapshot: &Snapshot, all: &[Displaced], wanted: &Wanted) -> Markup {
    let halls: BTreeSet<HallId> = all.iter().map(|one| one.appointment.slot.hall).collect();
    let dates: BTreeSet<NaiveDate> = all.iter().map(|one| one.appointment.slot.date).collect();
    html! {
        form class="filters" method="get" action=(PLACE) {
            div class="field" {
                label for="hall" { (text.get("displaced-hall")) }
                select id="hall" name="hall" {
                    option value="" { (text.get("displaced-every-hall")) }
                    @for hall in halls {
                        option value=(hall) selected[wanted.hall.as_deref() == Some(hall.as_str())] {
                            (hall_name(text, snapshot, hall))
                        }
                    }
                }
            }
            div class="field" {
                label for="date" { (text.get("displaced-day")) }
                select id="date" name="date" {
                    option value="" { (text.get("displaced-every-day")) }
                    @for date in dates {
                        option value=(date) selected[wanted.date == Some(date)] { (text.day(date)) }
                    }
                }
            }
            button class="button second" { (text.get("displaced-show")) }
        }
    }
}

/// Whether two stand under one heading: same hall, same time, same reason.
fn is_same_band(one: &Displaced, next: &Displaced) -> bool {
    let key = |one: &Displaced| {
        let slot = one.appointment.slot;
        (slot.hall, slot.date, slot.start, slot.end, one.reason.to_string())
    };
    key(one) == key(next)
}

/// Everybody who no longer fits the configuration in force.
async fn everybody(engine: &Engine, snapshot: &Arc<Snapshot>, now: DateTime<Utc>) -> Result<Vec<Displaced>, Problem> {
    let (engine, snapshot) = (engine.clone(), Arc::clone(snapshot));
    let found = tokio::task::spawn_blocking(move || engine.displaced_by(&snapshot, now)).await;
    found.map_err(|_| Problem::internal("the displaced were not counted"))
}

fn moved_notice(text: Text, snapshot: &Snapshot, moved: &Appointment) -> Markup {
    let parts = [
        ("name", moved.mask.name().into()),
        ("hall", hall_name(text, snapshot, moved.slot.hall).into()),
        ("day", text.day(moved.slot.date).into()),
        ("band", text.span(moved.slot.start, moved.slot.end).into()),
    ];
    html! { div class="notice good" role="status" { p { (text.with("displaced-moved", &parts)) } } }
}

/// What the rows need besides the people.
struct DisplacedRows<'a> {
    text: Text,
    snapshot: &'a Snapshot,
    /// The address of the list, to which everything leads back.
    back: String,
    /// The telephone that has just been opened.
    opened: Option<&'a OpenedTelephone>,
}

impl DisplacedRows<'_> {
    /// Those of one band, under one heading.
    fn band(&self, band: &[&Displaced]) -> Markup {
        let (text, Some(first)) = (self.text, band.first()) else { return html! {} };
        let slot = &first.appointment.slot;
        html! {
            section class="bandlist displaced" {
                h2 {
                    (text.day(slot.date)) " " (text.span(slot.start, slot.end)) " "
                    span { (hall_name(text, self.snapshot, slot.hall)) } " "
                    span class="badge" { (text.with("displaced-people", &[("count", Arg::from(band.len()))])) }
                }
                p { (reason(text, &first.reason)) }
                ul class="people" { @for one in band { (self.person(&one.appointment)) } }
            }
        }
    }

    fn person(&self, one: &Appointment) -> Markup {
        let (text, Appointment { id, slot, mask, status, service, .. }) = (self.text, one);
        let name = self.opened.and_then(|opened| opened.of(one)).map_or_else(|| mask.name(), |it| it.name.clone());
        html! {
            li id=(anchor(one)) class={ "person status-" (status.as_str()) } {
                span class="who" { (name) " " small translate="no" { (mask.id_number()) } }
                span class="what" {
                    (service_name(text, self.snapshot, service.as_str()))
                    @if *status == Status::Held { " " span class="badge status-held" { (text.get("displaced-held")) } }
                }
                span class="acts" {
                    (number_of(text, one, self.opened))
                    a class="button second" href=(with_parameter(&format!("{PLACE}/{id}"), "back", &self.back)) {
                        (text.get("displaced-move"))
                        span class="visually-hidden" { " " (mask.name()) " " (text.span(slot.start, slot.end)) }
                    }
                }
            }
        }
    }
}
