//! `/staff/displaced`: everybody whose appointment no longer fits the configuration in force, and a new place for each.
//!
//! A configuration never un-books anybody, so these appointments wait for somebody to move them, one by one: a place is
//! chosen, what that means is shown, and only then somebody is moved. Staff of a hall sees those of its halls, and moves
//! within them.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::city::hall_name;
use super::place::with_parameter;
use super::what_changes::more;
use crate::domain::appointment::{Action, Appointment, Slot, Status};
use crate::domain::hall::Hall;
use crate::domain::name::HallId;
use crate::domain::policy::still_changeable;
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
use crate::web::answer::{own_path, see_other};
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
pub async fn list(State(app): State<App>, desk: Desk, Query(query): Query<ListQuery>) -> Result<Response, Problem> {
    let (text, engine) = (desk.visit.text, app.engine()?);
    let snapshot = engine.snapshot();
    let mut all = everybody(engine, &snapshot, desk.visit.now).await?;
    all.retain(|one| desk.member.may_serve(one.appointment.slot.hall));
    all.sort_by_key(|one| (one.appointment.starts_at, one.appointment.slot.hall, one.appointment.id));
    let moved = query.moved.as_deref().and_then(appointment_id).and_then(|id| engine.appointment(id));
    let moved = moved.filter(|one| desk.member.may_serve(one.slot.hall));
    let wanted = Wanted::of(&query);
    let shown: Vec<&Displaced> = all.iter().filter(|one| wanted.has(one)).collect();
    Ok(Frame::staff(&desk.visit, text.get("displaced-title")).page(&html! {
        @if let Some(moved) = &moved { (moved_notice(text, &snapshot, moved)) }
        @if all.is_empty() {
            p class="lead" { (text.get("displaced-none")) }
        } @else {
            p class="lead" { (text.with("displaced-count", &[("count", Arg::from(shown.len()))])) }
            (filters(text, &snapshot, &all, &wanted))
            @for band in shown[..shown.len().min(MAX_LISTED)].chunk_by(|one, next| is_same_band(one, next)) {
                (band_of(text, &snapshot, band, &wanted.path()))
            }
            (more(text, shown.len(), MAX_LISTED))
        }
    }))
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

/// Those of one band, under one heading.
fn band_of(text: Text, snapshot: &Snapshot, band: &[&Displaced], back: &str) -> Markup {
    let Some(first) = band.first() else { return html! {} };
    let slot = &first.appointment.slot;
    html! {
        section class="bandlist" {
            h2 {
                (text.day(slot.date)) " " (text.span(slot.start, slot.end)) " "
                span { (hall_name(text, snapshot, slot.hall)) } " "
                span class="badge" { (text.with("displaced-people", &[("count", Arg::from(band.len()))])) }
            }
            p { (reason(text, &first.reason)) }
            ul class="people" { @for one in band { (row(text, snapshot, &one.appointment, back)) } }
        }
    }
}

fn row(text: Text, snapshot: &Snapshot, one: &Appointment, back: &str) -> Markup {
    let Appointment { id, slot, mask, status, service, .. } = one;
    html! {
        li class={ "person status-" (status.as_str()) } {
            span class="who" { (mask.name()) " " small translate="no" { (mask.id_number()) } }
            span class="what" {
                (service_name(text, snapshot, service.as_str()))
                @if *status == Status::Held { " " span class="badge status-held" { (text.get("displaced-held")) } }
            }
            span class="acts" {
                a class="button second" href=(with_parameter(&format!("{PLACE}/{id}"), "back", back)) {
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

/// Where to, as far as it is chosen, and where the list was.
#[derive(Deserialize)]
pub struct OneQuery {
    to: Option<String>,
    back: Option<String>,
    gone: Option<String>,
}

/// `GET /staff/displaced/{id}`: free bands near the lost one; with `to=HALL DATE START` the question whether to move there.
///
/// # Errors
/// `unknown_appointment`; `forbidden` for another hall's.
pub async fn one(
    State(app): State<App>,
    desk: Desk,
    Path(id): Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<Response, Problem> {
    let appointment = found(&app, &desk, &id)?;
    let back = own_path(query.back.as_deref(), PLACE);
    let page = Page { app: &app, desk: &desk, one: &appointment, back: &back };
    match query.to.as_deref().and_then(Pressed::read) {
        Some(pressed) => page.ask(&pressed),
        None => page.choose(query.gone.is_some()),
    }
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

/// `POST /staff/displaced/{id}` with `to=HALL DATE START`: moves the appointment there, once that has been asked about.
///
/// # Errors
/// As [`one`]; where the place is gone meanwhile, the page says so and offers the next ones.
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
    let is_displaced = || {
        let Slot { hall, date, .. } = appointment.slot;
        let on_day = engine.displaced_on_day(&engine.snapshot(), hall, date, desk.visit.now);
        on_day.iter().any(|one| one.appointment.id == appointment.id)
    };
    let answered = once::answered(&app, &filled, desk.caller(), async |call| {
        if !is_displaced() {
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

fn found(app: &App, desk: &Desk, id: &str) -> Result<Appointment, Problem> {
    let id = appointment_id(id).ok_or(Rejection::UnknownAppointment)?;
    let appointment = app.engine()?.appointment(id).ok_or(Rejection::UnknownAppointment)?;
    desk.judge_hall(appointment.slot.hall)?;
    Ok(appointment)
}

/// The pages about one of them.
struct Page<'a> {
    app: &'a App,
    desk: &'a Desk,
    one: &'a Appointment,
    back: &'a str,
}

impl Page<'_> {
    fn path(&self) -> String {
        format!("{PLACE}/{}", self.one.id)
    }

    /// Why it no longer fits; none where it does.
    fn why(&self, engine: &Engine, snapshot: &Arc<Snapshot>) -> Option<Misfit> {
        let slot = &self.one.slot;
        let displaced = engine.displaced_on_day(snapshot, slot.hall, slot.date, self.desk.visit.now);
        displaced.into_iter().find(|one| one.appointment.id == self.one.id).map(|one| one.reason)
    }

    fn choose(&self, is_gone: bool) -> Result<Response, Problem> {
        let (text, engine) = (self.desk.visit.text, self.app.engine()?);
        let snapshot = engine.snapshot();
        let why = self.why(engine, &snapshot);
        let offers = match snapshot.service(self.one.service.as_str()) {
            Ok(service) if why.is_some() => offers(engine, self.desk, &snapshot, service, self.one),
            _ => Vec::new(),
        };
        let frame = Frame::staff(&self.desk.visit, text.get("displaced-one-title")).back(self.back);
        Ok(frame.page(&html! {
            @if is_gone {
                div class="notice bad" role="alert" { p { (text.get("displaced-gone")) } }
            }
            (about(text, &snapshot, self.one, why.as_ref()))
            @if why.is_none() { (why_not(text, self.one, self.desk.visit.now)) }
            @if why.is_some() {
                @if offers.is_empty() {
                    div class="notice warn" { p { (text.get("displaced-no-offer")) } }
                } @else {
                    // Nothing is moved by this form: what is chosen is asked about first.
                    form method="get" action=(self.path()) {
                        input type="hidden" name="back" value=(self.back);
                        @for offer in &offers { (offered(text, offer, self.one)) }
                    }
                }
            }
        }))
    }

    /// The old time, the new one, what is worse about it, and the button that moves.
    fn ask(&self, to: &Pressed) -> Result<Response, Problem> {
        let (text, engine) = (self.desk.visit.text, self.app.engine()?);
        let snapshot = engine.snapshot();
        let hall = snapshot.hall(&to.hall)?;
        self.desk.judge_hall(hall.id)?;
        let why = self.why(engine, &snapshot);
        if why.is_none() {
            return self.choose(false);
        }
        let slot = &self.one.slot;
        let when = format!("{} {}", text.day(to.date), to.start);
        let back = with_parameter(&self.path(), "back", self.back);
        let frame = Frame::staff(&self.desk.visit, text.get("displaced-ask-title")).back(back.clone());
        Ok(frame.page(&html! {
            (about(text, &snapshot, self.one, why.as_ref()))
            h2 { (text.get("displaced-new")) }
            dl class="summary" {
                div { dt { (text.get("displaced-hall")) } dd { (text.pick(&hall.name)) } }
                div { dt { (text.get("displaced-when")) } dd { (when) } }
            }
            @if hall.id != slot.hall || to.date < slot.date {
                div class="notice warn" {
                    @if hall.id != slot.hall { p { (text.get("displaced-other-hall")) } }
                    @if let Some(days) = days_before(slot.date, to.date) { p { (text.with("displaced-earlier", &[("days", Arg::from(days))])) } }
                }
            }
            form method="post" action=(self.path()) data-once {
                (self.desk.visit.csrf())
                input type="hidden" name="back" value=(self.back);
                input type="hidden" name="to" value=(Pressed::value(hall, to.date, to.start));
                div class="buttons" {
                    button class="button" name="sure" value="yes" { (text.get("displaced-sure")) }
                    a class="button second" href=(back) { (text.get("displaced-choose-other")) }
                }
            }
        }))
    }
}

/// How many days before a date another one is; none where it is not before it.
fn days_before(date: NaiveDate, other: NaiveDate) -> Option<i64> {
    Some((date - other).num_days()).filter(|days| *days > 0)
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
    }
}

/// Why an appointment is not moved here: it has ended or begun, or it fits.
fn why_not(text: Text, appointment: &Appointment, now: DateTime<Utc>) -> Markup {
    let (status, wanted) = (appointment.status_at(now), Action::Reschedule.participle());
    let refused = if status.after(Action::Reschedule).is_none() {
        Some(Rejection::WrongState { status, wanted })
    } else if still_changeable(appointment.starts_at, now) {
        None
    } else {
        Some(Rejection::Begun { began: appointment.starts_at, wanted })
    };
    html! {
        @if let Some(refused) = refused {
            div class="notice warn" { p { (refusals::rejection(text, &refused)) } }
        } @else {
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
        // Somebody who has planned for a day can rather come later than earlier.
        found.sort_by_key(|offer| (offer.date < slot.date, (offer.date - slot.date).abs()));
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

fn offered(text: Text, Offer { hall, date, bands }: &Offer<'_>, one: &Appointment) -> Markup {
    html! {
        section class="card" {
            h2 {
                (text.pick(&hall.name)) " " (text.day(*date))
                @if let Some(days) = days_before(one.slot.date, *date) {
                    " " span class="badge warn" { (text.with("displaced-earlier", &[("days", Arg::from(days))])) }
                }
            }
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
