//! `GET /halls`: where? The nearest halls for a service, how far they are, when they next have a place, how full they are.

use axum::extract::State;
use axum::response::Response;
use chrono::Weekday;
use maud::{Markup, html};
use serde::Deserialize;

use super::choice::{Choice, window};
use super::places;
use super::steps::{Step, steps};
use crate::domain::geo::Location;
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::engine::Engine;
use crate::http::app::App;
use crate::http::fields::Fields;
use crate::http::place;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::web::frame::Frame;
use crate::web::meter::{meter, taken_percent};
use crate::web::text::Text;
use crate::web::visit::Visit;

/// How many halls a page shows at first.
const FIRST_SHOWN: usize = 8;
/// How many it shows to who wants more.
const MAX_SHOWN: usize = 40;

/// For what, and from where.
#[derive(Deserialize)]
pub struct Asked {
    service: Option<String>,
    household: Option<String>,
    area: Option<String>,
    lat: Option<String>,
    lon: Option<String>,
    datum: Option<String>,
    /// `all` where more than the first halls are to be shown.
    show: Option<String>,
}

/// From where somebody looks.
enum From {
    /// A place that the device knows.
    Place(Location),
    /// The middle of an area that was picked.
    Area(Location),
    /// Nowhere yet.
    Nowhere,
}

/// The page.
///
/// # Errors
/// `unknown_service`, `invalid_field` where none was chosen or the place is none.
pub async fn page(State(app): State<App>, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let text = visit.text;
    let choice = asked.choice();
    let service = choice.service(&snapshot)?;
    let from = from(&asked, &snapshot)?;
    let area = asked.area.as_deref().filter(|_| matches!(from, From::Area(_)));
    let mut halls = nearest(&snapshot, service, &from);
    let shown = if asked.show.as_deref() == Some("all") { MAX_SHOWN } else { FIRST_SHOWN };
    let are_more = halls.len() > shown;
    halls.truncate(shown);
    let from_device = matches!(from, From::Place(_));
    Ok(Frame::citizens(&visit, text.get("find-halls-title"))
        .back(format!("/service?document={}", service.document))
        .page(&html! {
            (steps(text, Step::Where))
            p class="lead" { (text.pick(&service.name)) }
            @if asked.household.as_deref() == Some("elsewhere") {
                div class="notice info" { p { (text.get("find-household-elsewhere-words")) } }
            }
            (place_form(text, &snapshot, &asked, area))
            @match from {
                From::Nowhere if snapshot.halls().len() > FIRST_SHOWN => {}
                _ => {
                    (found(text, engine, &snapshot, &choice, service, &halls, from_device, visit.now))
                    @if are_more {
                        div class="buttons" {
                            a class="button second" href={ (visit.here) "&show=all" } { (text.get("find-more-halls")) }
                        }
                    }
                },
            }
        }))
}

impl Asked {
    fn choice(&self) -> Choice {
        let Self { service, household, area, lat, lon, datum, show: _ } = self;
        let [service, household, area, lat, lon, datum] = [service, household, area, lat, lon, datum].map(Clone::clone);
        Choice { service, household, area, lat, lon, datum, ..Choice::default() }
    }
}

/// From the place that was given; it goes before an area, which may have been picked earlier.
fn from(asked: &Asked, snapshot: &Snapshot) -> Result<From, Problem> {
    let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let (lat, lon) = (given(&asked.lat), given(&asked.lon));
    let mut fields = Fields::default();
    let place = place::read(&mut fields, lat.as_deref(), lon.as_deref(), given(&asked.datum).as_deref());
    fields.finish(Some(()))?;
    let middle = || given(&asked.area).and_then(|area| places::middle(snapshot, &area));
    Ok(place.map(From::Place).or_else(|| middle().map(From::Area)).unwrap_or(From::Nowhere))
}

/// The halls that offer a service, nearest first, with their distance in metres where that is known.
fn nearest<'a>(snapshot: &'a Snapshot, service: &Service, from: &From) -> Vec<(&'a Hall, Option<f64>)> {
    let place = match from {
        From::Place(place) | From::Area(place) => Some(*place),
        From::Nowhere => None,
    };
    let offers = |hall: &&Hall| hall.lane_for(service).is_some();
    let distance = |hall: &'a Hall| (hall, place.map(|place| place.distance_m(hall.location)));
    let mut halls: Vec<_> = snapshot.halls().iter().filter(offers).map(distance).collect();
    halls.sort_by(|a, b| a.1.unwrap_or_default().total_cmp(&b.1.unwrap_or_default()));
    halls.truncate(MAX_SHOWN);
    halls
}

fn place_form(text: Text, snapshot: &Snapshot, asked: &Asked, area: Option<&str>) -> Markup {
    html! {
        form action="/halls" data-place class="card" {
            input type="hidden" name="service" value=[asked.service.as_deref()];
            @if let Some(household) = &asked.household { input type="hidden" name="household" value=(household); }
            div class="only-script" {
                button type="button" class="button" data-place-button { (text.get("find-share-place")) }
                p class="hint" { (text.get("find-share-place-hint")) }
                p class="error" data-place-refused hidden { (text.get("find-place-refused")) }
            }
            (places::area_field(text, snapshot, area))
            (coordinates(text))
            div class="buttons" { button class="button second" { (text.get("find-show-halls")) } }
        }
    }
}

/// A place as a map shows it. Empty at first, so that an area which is picked next is not passed over for an old place.
fn coordinates(text: Text) -> Markup {
    let degrees = |name: &str, label: &str| {
        html! {
            div class="field" {
                label for=(name) { (label) }
                input id=(name) name=(name) class="w-11" inputmode="decimal" autocomplete="off" maxlength="16"
                    pattern="[+\\-]?[0-9]{1,3}([.][0-9]*)?";
            }
        }
    };
    html! {
        details class="why" id="coordinates" {
            summary { (text.get("find-coordinates")) }
            div class="columns" {
                (degrees("lat", &text.get("find-latitude")))
                (degrees("lon", &text.get("find-longitude")))
            }
            div class="field" {
                label for="datum" { (text.get("find-datum")) }
                select id="datum" name="datum" class="w-18" {
                    option value="wgs84" { (text.get("find-datum-wgs84")) }
                    option value="gcj02" { (text.get("find-datum-gcj02")) }
                    option value="bd09" { (text.get("find-datum-bd09")) }
                }
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a list is all of these together")]
fn found(
    text: Text,
    engine: &Engine,
    snapshot: &Snapshot,
    choice: &Choice,
    service: &Service,
    halls: &[(&Hall, Option<f64>)],
    from_device: bool,
    now: chrono::DateTime<chrono::Utc>,
) -> Markup {
    html! {
        h2 { (text.get("find-halls-found")) }
        ol class="cards" {
            @for (hall, distance_m) in halls {
                li class="card hall" {
                    h3 { a href=(choice.days_of(hall)) { (text.pick(&hall.name)) } }
                    p class="meta" {
                        @if let Some(metres) = distance_m { span class="badge" { (distance(text, *metres, from_device)) } " " }
                        @if let Some(words) = weekend(text, hall) { span class="badge good" { (words) } }
                    }
                    @if let Some(address) = &hall.address { p class="muted" lang=[text.foreign(address)] { (address) } }
                    (next_free(text, engine, hall, service, now))
                    (fullness(text, engine, snapshot, hall, service, now))
                }
            }
        }
    }
}

/// How far it is: from the device, or about so far from the middle of an area.
fn distance(text: Text, metres: f64, from_device: bool) -> String {
    let kilometres =
        if metres < 10_000.0 { format!("{:.1}", metres / 1000.0) } else { format!("{:.0}", metres / 1000.0) };
    text.with(if from_device { "find-distance" } else { "find-distance-about" }, &[("kilometres", kilometres.into())])
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

fn next_free(
    text: Text,
    engine: &Engine,
    hall: &Hall,
    service: &Service,
    now: chrono::DateTime<chrono::Utc>,
) -> Markup {
    let words = engine.next_free(hall, Some(service), now).map(|free| {
        let (day, time) = (text.day(free.date), text.span(free.slot.start, free.slot.end));
        text.with("find-next-free", &[("day", day.into()), ("time", time.into())])
    });
    html! {
        @match words {
            Some(words) => p class="next" { (words) },
            None => p class="next bad" { (text.get("find-none-free")) },
        }
    }
}

/// How full the days are that can be booked now.
fn fullness(
    text: Text,
    engine: &Engine,
    snapshot: &Snapshot,
    hall: &Hall,
    service: &Service,
    now: chrono::DateTime<chrono::Utc>,
) -> Markup {
    let days = engine.days(hall, service, window(snapshot, hall, now), now).unwrap_or_default();
    let open = days.iter().filter(|day| day.closed_by.is_none());
    let (remaining, capacity) =
        open.map(crate::engine::Day::places).fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
    let taken = capacity - remaining.min(capacity);
    html! {
        div class="fullness" {
            (meter(taken, capacity))
            p class="muted" { (text.with("find-fullness", &[("percent", taken_percent(taken, capacity).into())])) }
        }
    }
}
