//! `/staff/displaced`: everybody whose appointment no longer fits the configuration in force, and a new place for each.
//!
//! A configuration never un-books anybody, so these appointments wait for somebody to move them, one by one. Staff of a
//! hall sees those of its halls, and moves within them.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::city::hall_name;
use super::what_changes::more;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::hall::Hall;
use crate::domain::rejection::Rejection;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{WallTime, days_after};
use crate::engine::{Displaced, Engine, Misfit, SlotCount, Target, Via};
use crate::http::app::App;
use crate::http::fields::date;
use crate::http::metrics::Change;
use crate::http::path::Path;
use crate::http::person::appointment_id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Query;
use crate::web::answer::see_other;
use crate::web::filled::Filled;
use crate::web::frame::Frame;
use crate::web::once;
use crate::web::refusals;
use crate::web::text::{Arg, Text};
use crate::web::visit::Desk;

/// Where the list is.
const PLACE: &str = "/staff/displaced";
/// How many of them are listed at once.
pub const MAX_LISTED: usize = 200;
/// How many days with a free band are offered in the same hall.
const DAYS_OFFERED: usize = 3;
/// How many halls are offered besides.
const OTHER_HALLS: usize = 3;
/// How many days with a free band are offered in each other hall.
const DAYS_OFFERED_ELSEWHERE: usize = 2;
/// How many bands of a day are offered.
const BANDS_OFFERED: usize = 4;

/// What has just been done.
#[derive(Deserialize)]
pub struct Done {
    moved: Option<String>,
}

/// `GET /staff/displaced`.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn list(State(app): State<App>, desk: Desk, Query(done): Query<Done>) -> Result<Response, Problem> {
    let (text, engine) = (desk.visit.text, app.engine()?);
    let snapshot = engine.snapshot();
    let mut displaced = everybody(engine, &snapshot, desk.visit.now).await?;
    displaced.retain(|one| desk.member.may_serve(one.appointment.slot.hall));
    displaced.sort_by_key(|one| (one.appointment.starts_at, one.appointment.id));
    let moved = done.moved.as_deref().and_then(appointment_id).and_then(|id| engine.appointment(id));
    let moved = moved.filter(|one| desk.member.may_serve(one.slot.hall));
    Ok(Frame::staff(&desk.visit, text.get("displaced-title")).page(&html! {
        @if let Some(moved) = &moved { (moved_notice(text, &snapshot, moved)) }
        @if displaced.is_empty() {
            p class="lead" { (text.get("displaced-none")) }
        } @else {
            p class="lead" { (text.with("displaced-count", &[("count", Arg::from(displaced.len()))])) }
            (table(text, &snapshot, &displaced))
            (more(text, displaced.len(), MAX_LISTED))
        }
    }))
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

fn table(text: Text, snapshot: &Snapshot, displaced: &[Displaced]) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(text.get("displaced-table")) {
            table class="table" {
                thead {
                    tr {
                        th scope="col" { (text.get("displaced-who")) }
                        th scope="col" { (text.get("displaced-hall")) }
                        th scope="col" { (text.get("displaced-when")) }
                        th scope="col" { (text.get("displaced-reason")) }
                        th scope="col" { (text.get("displaced-act")) }
                    }
                }
                tbody { @for one in displaced.iter().take(MAX_LISTED) { (row(text, snapshot, one)) } }
            }
        }
    }
}

fn row(text: Text, snapshot: &Snapshot, one: &Displaced) -> Markup {
    let Appointment { id, slot, mask, status, service, .. } = &one.appointment;
    html! {
        tr {
            th scope="row" {
                (mask.name()) " " small translate="no" { (mask.id_number()) }
                @if *status == Status::Held { " " span class="badge status-held" { (text.get("displaced-held")) } }
            }
            td {
                (hall_name(text, snapshot, slot.hall)) br;
                span class="muted" { (service_name(text, snapshot, service.as_str())) }
            }
            td { (text.day(slot.date)) " " (text.span(slot.start, slot.end)) }
            td { (reason(text, &one.reason)) }
            td {
                a href={ (PLACE) "/" (id) } {
                    (text.get("displaced-move"))
                    span class="visually-hidden" { " " (mask.name()) " " (text.span(slot.start, slot.end)) }
                }
            }
        }
    }
}

fn service_name(text: Text, snapshot: &Snapshot, id: &str) -> String {
    snapshot.service(id).map_or_else(|_| id.to_owned(), |service| text.pick(&service.name).to_owned())
}

/// Why somebody no longer fits.
#[must_use]
pub fn reason(text: Text, misfit: &Misfit) -> String {
    match misfit {
        Misfit::NoHall => text.get("displaced-no-hall"),
        Misfit::Holiday(name) => text.with("displaced-holiday", &[("name", name.as_str().into())]),
        Misfit::Closed(Some(reason)) => text.with("displaced-closed-because", &[("reason", reason.as_str().into())]),
        Misfit::Closed(None) => text.get("displaced-closed"),
        Misfit::NoService => text.get("displaced-no-service"),
        Misfit::NotInLane => text.get("displaced-not-in-lane"),
        Misfit::OtherZone(zone) => text.with("displaced-other-zone", &[("zone", zone.name().into())]),
        Misfit::NoBand(start, end) => text.with("displaced-no-band", &[("band", text.span(*start, *end).into())]),
        Misfit::FewerPlaces(places) => text.with("displaced-fewer-places", &[("places", Arg::from(*places))]),
    }
}

/// The free bands of one day of a hall.
struct Offer<'a> {
    hall: &'a Hall,
    date: NaiveDate,
    bands: Vec<SlotCount>,
}

/// `GET /staff/displaced/{id}`: free bands near the lost one.
///
/// # Errors
/// `unknown_appointment`; `forbidden` for another hall's.
pub async fn one(State(app): State<App>, desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    let appointment = found(&app, &desk, &id)?;
    choose(&app, &desk, &appointment, None)
}

/// What somebody has pressed.
struct Pressed {
    hall: String,
    date: NaiveDate,
    start: WallTime,
}

impl Pressed {
    /// Reads `HALL DATE START`.
    fn read(text: &str) -> Option<Self> {
        let [hall, on, start] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
        Some(Self { hall: hall.to_owned(), date: date(on).ok()?, start: start.parse().ok()? })
    }

    fn value(hall: &Hall, date: NaiveDate, start: WallTime) -> String {
        format!("{} {date} {start}", hall.id)
    }
}

/// `POST /staff/displaced/{id}` with `to=HALL DATE START`: moves the appointment there.
///
/// # Errors
/// As [`one`]; where the place is gone meanwhile, the page again with the next ones.
pub async fn relocate(
    State(app): State<App>,
    desk: Desk,
    Path(id): Path<String>,
    filled: Filled,
) -> Result<Response, Problem> {
    let appointment = found(&app, &desk, &id)?;
    let pressed = filled.get("to").and_then(Pressed::read);
    let Pressed { hall, date, start } = pressed.ok_or_else(|| Problem::malformed("no band was chosen"))?;
    let engine = app.engine()?;
    desk.judge_hall(engine.snapshot().hall(&hall)?.id)?;
    let on_day =
        engine.displaced_on_day(&engine.snapshot(), appointment.slot.hall, appointment.slot.date, desk.visit.now);
    if on_day.iter().all(|one| one.appointment.id != appointment.id) {
        // It fits: only its applicant moves it, and the page says so.
        return choose(&app, &desk, &appointment, None);
    }
    let target = Target { hall, date, start };
    let (from, to) = (appointment.slot, format!("{} {date} {start}", target.hall));
    let answered = once::answered(&app, &filled, desk.caller(), async |call| {
        let answer = engine.reschedule(call, appointment.id, false, target).await?;
        app.metrics().changed(Change::Rescheduled, 1);
        for moved in answer.appointments() {
            engine.note_moved(&desk.member, from.hall, moved, Via::Page).await;
        }
        let (actor, from) = (&desk.member.id, format!("{} {} {}", from.hall, from.date, from.start));
        tracing::info!(actor, appointment = %appointment.id, from, to, "a displaced appointment was moved");
        Ok(answer)
    })
    .await;
    match answered {
        Ok(_) => Ok(see_other(&format!("{PLACE}?moved={}", appointment.id))),
        Err(problem) if is_about_the_band(problem.code) => choose(&app, &desk, &appointment, Some(&problem)),
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

fn found(app: &App, desk: &Desk, id: &str) -> Result<Appointment, Problem> {
    let id = appointment_id(id).ok_or(Rejection::UnknownAppointment)?;
    let appointment = app.engine()?.appointment(id).ok_or(Rejection::UnknownAppointment)?;
    desk.judge_hall(appointment.slot.hall)?;
    Ok(appointment)
}

fn choose(app: &App, desk: &Desk, appointment: &Appointment, refused: Option<&Problem>) -> Result<Response, Problem> {
    let (text, engine, now) = (desk.visit.text, app.engine()?, desk.visit.now);
    let snapshot = engine.snapshot();
    let displaced = engine.displaced_on_day(&snapshot, appointment.slot.hall, appointment.slot.date, now);
    let why = displaced.iter().find(|one| one.appointment.id == appointment.id).map(|one| &one.reason);
    let offers = match snapshot.service(appointment.service.as_str()) {
        Ok(service) if why.is_some() => offers(engine, desk, &snapshot, service, appointment),
        _ => Vec::new(),
    };
    let frame = Frame::staff(&desk.visit, text.get("displaced-one-title")).back(PLACE);
    let frame = match refused {
        Some(problem) => frame.status(problem.status),
        None => frame,
    };
    Ok(frame.page(&html! {
        @if let Some(problem) = refused {
            div class="notice bad" role="alert" {
                h2 { (refusals::problem(text, problem)) }
                p { (text.get("displaced-choose-again")) }
            }
        }
        (about(text, &snapshot, appointment, why))
        @if why.is_some() {
            @if offers.is_empty() {
                div class="notice warn" { p { (text.get("displaced-no-offer")) } }
            } @else {
                form method="post" action={ (PLACE) "/" (appointment.id) } data-once {
                    (desk.visit.csrf())
                    @for offer in &offers { (offered(text, offer)) }
                }
            }
        }
    }))
}

fn about(text: Text, snapshot: &Snapshot, appointment: &Appointment, why: Option<&Misfit>) -> Markup {
    let slot = &appointment.slot;
    let line = |key: &str, value: &str| html! { div { dt { (text.get(key)) } dd { (value) } } };
    let who = format!("{} {}", appointment.mask.name(), appointment.mask.id_number());
    let when = format!("{} {}", text.day(slot.date), text.span(slot.start, slot.end));
    html! {
        dl class="summary" {
            (line("displaced-who", &who))
            (line("displaced-service", &service_name(text, snapshot, appointment.service.as_str())))
            (line("displaced-hall", &hall_name(text, snapshot, slot.hall)))
            (line("displaced-when", &when))
            @if let Some(why) = why { (line("displaced-reason", &reason(text, why))) }
        }
        @if why.is_none() {
            div class="notice good" { p { (text.get("displaced-fits")) } }
        }
    }
}

/// Free bands: those of the same hall on the nearest days, then those of the next halls.
fn offers<'a>(
    engine: &Engine,
    desk: &Desk,
    snapshot: &'a Snapshot,
    service: &Service,
    appointment: &Appointment,
) -> Vec<Offer<'a>> {
    let slot = &appointment.slot;
    let own = snapshot.hall(slot.hall.as_str()).ok();
    let mut halls: Vec<&Hall> = snapshot
        .halls()
        .iter()
        .filter(|hall| hall.id != slot.hall && desk.member.may_serve(hall.id) && hall.lane_for(service).is_some())
        .collect();
    if let Some(own) = own {
        halls.sort_by(|a, b| own.location.distance_m(a.location).total_cmp(&own.location.distance_m(b.location)));
    } else {
        // Nobody knows any more where it was. Ids usually begin with the city, so those that begin alike are likely near.
        halls.sort_by_key(|hall| Reverse(beginning_in_common(hall.id.as_str(), slot.hall.as_str())));
    }
    let near = |hall: &'a Hall, days: usize| {
        let mut found = free_days(engine, snapshot, hall, service, desk.visit.now);
        found.sort_by_key(|offer| ((offer.date - slot.date).abs(), Reverse(offer.date)));
        found.truncate(days);
        for offer in &mut found {
            let distance = |band: &SlotCount| band.start.minutes().abs_diff(slot.start.minutes());
            offer.bands.sort_by_key(distance);
            offer.bands.truncate(BANDS_OFFERED);
            offer.bands.sort_by_key(|band| band.start);
        }
        found
    };
    let here = own.into_iter().flat_map(|hall| near(hall, DAYS_OFFERED));
    let elsewhere = halls.into_iter().map(|hall| near(hall, DAYS_OFFERED_ELSEWHERE)).filter(|found| !found.is_empty());
    here.chain(elsewhere.take(OTHER_HALLS).flatten()).collect()
}

/// How many characters two ids begin with alike.
fn beginning_in_common(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// Every day of a hall that can be booked now and has a place.
fn free_days<'a>(
    engine: &Engine,
    snapshot: &Snapshot,
    hall: &'a Hall,
    service: &Service,
    now: DateTime<Utc>,
) -> Vec<Offer<'a>> {
    let today = crate::domain::policy::today(hall, now);
    let last = days_after(today, snapshot.policy.window_days);
    let days = engine.days(hall, service, today..=last, now).unwrap_or_default();
    let free = days.into_iter().filter(|day| day.closed_by.is_none()).map(|day| {
        let bands = day.slots.into_iter().filter(|slot| slot.remaining() > 0).collect();
        Offer { hall, date: day.date, bands }
    });
    free.filter(|offer| !offer.bands.is_empty()).collect()
}

fn offered(text: Text, Offer { hall, date, bands }: &Offer<'_>) -> Markup {
    html! {
        section class="card" {
            h2 { (text.pick(&hall.name)) " " (text.day(*date)) }
            div class="buttons" {
                @for band in bands {
                    button class="button second" name="to" value=(Pressed::value(hall, *date, band.start)) {
                        (text.span(band.start, band.end)) " "
                        small { (text.with("displaced-left", &[("count", Arg::from(band.remaining()))])) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halls_whose_ids_begin_alike_are_likely_near() {
        let common = |other: &str| beginning_in_common("hangzhou-shi-crj", other);
        assert!(common("hangzhou-xihu-crj") > common("haerbin-shi-crj"));
        assert_eq!((common(""), common("beijing-shi-crj")), (0, 0));
    }

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
