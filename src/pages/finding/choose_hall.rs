//! `GET /halls`: where? The soonest times of the nearest halls, then the halls themselves: how far they are, when they next
//! have places, and whether these are scarce.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc, Weekday};
use maud::{Markup, html};
use serde::Deserialize;

use super::choice::{Choice, left_words, window};
use super::hall_list::{Found, Origin, kilometres};
use super::steps::{Step, steps};
use super::{areas, hall_facts, party_size, where_form};
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Day, Engine, Preference, Recommendation};
use crate::pages::kit::cookies;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::meter::Fullness;
use crate::pages::kit::redirect::percent;
use crate::pages::kit::visitor::Visit;
use crate::pages::own::moving;
use crate::pages::text::Text;
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// How many halls a page shows at first.
const FIRST_SHOWN: usize = 8;
/// How many it shows to who wants more.
const MAX_SHOWN: usize = 40;
/// How many times stand as buttons above the halls.
const SOONEST: usize = 3;

/// For what, and from where.
#[derive(Deserialize)]
pub struct Asked {
    service: Option<String>,
    people: Option<String>,
    moving: Option<String>,
    party: Option<String>,
    area: Option<String>,
    lat: Option<String>,
    lon: Option<String>,
    datum: Option<String>,
    /// `all` where more than the first halls are to be shown.
    show: Option<String>,
}

/// A search, and what it needs to know.
struct Search<'a> {
    text: Text,
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    service: &'a Service,
    choice: &'a Choice,
    origin: &'a Origin,
    now: DateTime<Utc>,
}

/// The page.
///
/// # Errors
/// `unknown_service`, `invalid_field` where none was chosen or the place is none.
pub async fn page(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let text = visit.text;
    let is_search = asked.area.is_some();
    let choice = asked.choice(&headers);
    let service = choice.service(&snapshot)?;
    // Who moves an appointment has been somewhere: too many halls for a page begin with those around its own.
    let begins_around = asked.says_nothing() && choice.area.is_none() && are_many(&snapshot, service);
    let around = begins_around.then(|| moving::area(engine, &visit, &choice)).flatten();
    let choice = Choice { area: choice.area.clone().or(around), ..choice };
    let origin = Origin::of(&choice, &snapshot)?;
    // Pressed with nothing picked, or with a city that has no hall.
    let is_empty = is_search && origin == Origin::Nowhere;
    let search =
        Search { text, engine, snapshot: &snapshot, service, choice: &choice, origin: &origin, now: visit.now };
    let back = choice.moving.as_ref().map_or_else(|| "/".to_owned(), |id| format!("/appointments/{}", percent(id)));
    let frame = Frame::citizens(&visit, text.get("find-halls-title")).back(back);
    let frame = if is_empty { frame.status(StatusCode::UNPROCESSABLE_ENTITY) } else { frame };
    let mut response = frame.errors(where_form::errors(text, is_empty)).page(&html! {
        @if choice.moving.is_some() { (moving::above(engine, &visit, &choice)) } @else { (steps(text, Step::Where)) }
        p class="lead" { (text.pick(&service.name)) }
        (party_size::numbers(text, &snapshot.policy, &choice, Choice::halls))
        (where_form::markup(text, &snapshot, &choice, &origin, is_empty))
        (search.found(asked.show.as_deref() == Some("all"), &visit.here))
    });
    if let Some(area) = origin.area().filter(|_| is_search) {
        cookies::keep_area(response.headers_mut(), area);
    }
    Ok(response)
}

/// Whether more halls have a service than a page shows at first.
fn are_many(snapshot: &Snapshot, service: &Service) -> bool {
    snapshot.halls().iter().filter(|hall| hall.lane_for(service).is_some()).count() > FIRST_SHOWN
}

impl Asked {
    /// Whether it says nothing of where.
    const fn says_nothing(&self) -> bool {
        self.area.is_none() && self.lat.is_none() && self.lon.is_none()
    }

    /// What is asked, from the area of the last search where this one names no place at all.
    fn choice(&self, headers: &HeaderMap) -> Choice {
        let Self { service, people, moving, party, area, lat, lon, datum, show: _ } = self;
        let [service, people, moving, party] = [service, people, moving, party].map(Clone::clone);
        let [area, lat, lon, datum] = [area, lat, lon, datum].map(Clone::clone);
        let area = if self.says_nothing() { cookies::area(headers) } else { area };
        Choice { service, moving, party, people, area, lat, lon, datum }
    }
}

impl<'a> Search<'a> {
    /// The soonest times and the halls; nothing where it is not known yet from where somebody looks, unless there are few.
    fn found(&self, all: bool, here: &str) -> Markup {
        let mut halls = self.origin.halls(self.snapshot, self.service);
        if *self.origin == Origin::Nowhere && halls.len() > FIRST_SHOWN {
            return html! {};
        }
        let shown = if all { MAX_SHOWN } else { FIRST_SHOWN };
        let are_more = halls.len() > shown;
        halls.truncate(shown);
        let (inside, near): (Vec<_>, Vec<_>) = halls.iter().partition(|found| found.distance_m.is_none());
        let text = self.text;
        html! {
            // Whoever has searched is brought to what was found, by ear too.
            h2 id="found" tabindex="-1" autofocus[*self.origin != Origin::Nowhere] { (self.heading()) }
            @if halls.is_empty() { p { (text.get("find-none-here")) } }
            (self.soonest(&halls))
            (self.list(&inside))
            @if !inside.is_empty() && !near.is_empty() { h2 { (text.get("find-halls-near")) } }
            (self.list(&near))
            @if are_more {
                div class="buttons" { a class="button second" href={ (here) "&show=all" } { (text.get("find-more-halls")) } }
            }
        }
    }

    fn heading(&self) -> String {
        let text = self.text;
        let name = self.origin.area().and_then(|area| areas::name_of(text, self.snapshot, area));
        match (self.origin, name) {
            (Origin::Place(_), _) => text.get("find-halls-nearest"),
            (_, Some(area)) => text.with("find-halls-of", &[("area", area.into())]),
            (_, None) => text.get("find-halls-all"),
        }
    }

    /// The times that the engine recommends, each a button that takes it.
    fn soonest(&self, halls: &[Found<'a>]) -> Markup {
        let times = self.recommended(halls);
        html! {
            @if !times.is_empty() {
                section class="soonest" {
                    h3 { (self.text.get("find-soonest")) }
                    ul class="times" { @for time in &times { li { (self.time(time, halls)) } } }
                }
            }
        }
    }

    /// One time of each of the best halls. Where no place says what is near, the earlier date counts, then the order of the
    /// list, in which the municipal hall is the first.
    fn recommended(&self, halls: &[Found<'a>]) -> Vec<Recommendation<'a>> {
        let place = self.origin.middle(self.snapshot);
        let preference = Preference { service: self.service, place, dates: None, people: self.choice.people() };
        let listed = || halls.iter().map(|found| found.hall);
        let mut times = self.engine.recommend(listed(), &preference, halls.len(), self.now);
        if place.is_none() {
            let rank = |time: &Recommendation<'_>| listed().position(|hall| hall.id == time.hall.id);
            times.sort_by_key(|time| (time.free.date, rank(time)));
        }
        times.truncate(SOONEST);
        times
    }

    fn time(&self, time: &Recommendation<'a>, halls: &[Found<'a>]) -> Markup {
        let (text, free) = (self.text, &time.free);
        let found = halls.iter().find(|found| found.hall.id == time.hall.id);
        let left = left_words(text, free.slot.remaining(), self.choice.people());
        html! {
            a href=(self.choice.taking(time.hall, free.date, free.slot.start)) {
                strong { (text.day(free.date)) " " span class="time" { (text.span(free.slot.start, free.slot.end)) } }
                span {
                    (text.pick(&time.hall.name))
                    @if let Some(metres) = found.and_then(|found| found.distance_m) { " · " (self.distance(metres)) }
                    " · " (left)
                }
            }
        }
    }

    fn list(&self, halls: &[&Found<'a>]) -> Markup {
        html! {
            @if !halls.is_empty() { ol class="cards" { @for found in halls { (self.card(found)) } } }
        }
    }

    fn card(&self, found: &Found<'_>) -> Markup {
        let (text, hall) = (self.text, found.hall);
        html! {
            li class="card hall" {
                h3 { a href=(self.choice.days_of(hall)) { (text.pick(&hall.name)) } }
                p class="meta" {
                    @if let Some(metres) = found.distance_m { span class="badge" { (self.distance(metres)) } " " }
                    @if let Some(words) = weekend(text, hall) { span class="badge good" { (words) } " " }
                    (self.scarcity(hall))
                }
                (hall_facts::address(text, hall))
                (self.next_free(hall))
            }
        }
    }

    /// How far it is: from the device, or about so far from the middle of a district.
    fn distance(&self, metres: f64) -> String {
        let from_device = matches!(self.origin, Origin::Place(_));
        let key = if from_device { "find-distance" } else { "find-distance-about" };
        self.text.with(key, &[("kilometres", kilometres(metres).into())])
    }

    fn next_free(&self, hall: &Hall) -> Markup {
        let text = self.text;
        html! {
            @match self.engine.next_free(hall, Some(self.service), self.choice.people(), self.now) {
                Some(free) => p class="next" {
                    (text.with("find-next-free", &[("day", text.day(free.date).into())])) " "
                    span class="time" { (text.span(free.slot.start, free.slot.end)) }
                },
                None => p class="next bad" { (text.get("find-none-free")) },
            }
        }
    }

    /// How many places are left on the days that can be booked now: a number only when it is small.
    fn scarcity(&self, hall: &Hall) -> Markup {
        let days =
            self.engine.days(hall, self.service, window(self.snapshot, hall, self.now), self.now).unwrap_or_default();
        let open = days.iter().filter(|day| day.closed_by.is_none());
        let (remaining, capacity) = open.map(Day::places).fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        html! {
            @match Fullness::of(remaining, capacity) {
                Fullness::Free => span class="badge plain" { (self.text.get("find-places-many")) },
                Fullness::Nearly => span class="badge warn" {
                    (self.text.with("find-places-few", &[("count", remaining.into())]))
                },
                Fullness::Full => {},
            }
        }
    }
}

/// On which days of the weekend a hall opens.
fn weekend(text: Text, hall: &Hall) -> Option<String> {
    let opens = |day| !hall.hours.of(day).is_empty();
    match (opens(Weekday::Sat), opens(Weekday::Sun)) {
        (true, true) => Some(text.get("find-weekend-both")),
        (true, false) => Some(text.get("find-weekend-saturday")),
        (false, true) => Some(text.get("find-weekend-sunday")),
        (false, false) => None,
    }
}
