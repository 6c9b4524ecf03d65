//! `/staff/city`: how full the halls are on a day, band by band.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{Days, NaiveDate};
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::input::fields::{civil_today, date};
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::name::{HallId, LaneId};
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;
use crate::engine::{DayCount, Engine, SlotCount};
use crate::pages::desk::remembered;
use crate::pages::finding::areas;
use crate::pages::finding::areas::Area;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::meter::{meter, taken_percent};
use crate::pages::kit::redirect::percent;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// Where this page is.
const PLACE: &str = "/staff/city";
/// How many halls are shown at once; more are chosen by their city.
pub const MAX_HALLS: usize = 200;

/// Which day, which halls, which lane.
#[derive(Deserialize)]
pub struct Asked {
    date: Option<String>,
    city: Option<String>,
    lane: Option<String>,
}

/// What is shown.
struct Shown<'a> {
    day: NaiveDate,
    /// None for all of them.
    city: Option<&'a str>,
    lane: Option<LaneId>,
    halls: Vec<&'a Hall>,
    /// How many halls there are beyond those that are shown.
    beyond: usize,
}

/// The name of a hall; of one that is not configured any more, its id.
#[must_use]
pub fn hall_name(text: Text, snapshot: &Snapshot, hall: HallId) -> String {
    snapshot.hall(hall.as_str()).map_or_else(|_| hall.to_string(), |hall| text.pick(&hall.name).to_owned())
}

/// `GET /staff/city?date=&city=&lane=`.
///
/// # Errors
/// `overloaded` until the engine has recovered.
pub async fn show(
    State(app): State<App>,
    desk: Desk,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (text, engine) = (desk.visit.text, app.engine()?);
    let snapshot = engine.snapshot();
    let own: Vec<&Hall> = snapshot.halls().iter().filter(|hall| desk.member.may_serve(hall.id)).collect();
    let city = match &asked.city {
        Some(city) => city.clone(),
        None => remembered::city(&headers, &snapshot, &desk.member),
    };
    let shown = Shown::of(&asked, &city, &own, civil_today(desk.visit.now));
    let ids: Vec<HallId> = shown.halls.iter().map(|hall| hall.id).collect();
    let counts = engine.day_counts(&snapshot, Some(&ids), shown.day..=shown.day, desk.visit.now);
    let response = Frame::staff(&desk.visit, title(text, &snapshot, shown.city)).page(&html! {
        p class="lead" { (text.full_date(shown.day)) }
        (steps(text, &shown))
        (filters(text, &snapshot, &shown, &own))
        (totals(text, &counts))
        (heat(text, engine, &shown))
        @if shown.beyond > 0 { p class="muted" { (text.with("city-beyond", &[("count", Arg::from(shown.beyond))])) } }
        (download(text, &shown))
    });
    Ok(if asked.city.is_some() { remembered::keeping_city(response, &city) } else { response })
}

/// The heading of a page about a city, or about all of them.
#[must_use]
pub fn title(text: Text, snapshot: &Snapshot, city: Option<&str>) -> String {
    match city {
        Some(city) => {
            let name = areas::name_of(text, snapshot, city).unwrap_or_else(|| city.to_owned());
            text.with("city-title", &[("city", name.into())])
        }
        None => text.get("city-title-all"),
    }
}

impl<'a> Shown<'a> {
    fn of(asked: &'a Asked, city: &'a str, own: &[&'a Hall], today: NaiveDate) -> Self {
        let day = asked.date.as_deref().and_then(|text| date(text).ok()).unwrap_or(today);
        let city = Some(city).filter(|city| !city.is_empty());
        let mut halls: Vec<&Hall> =
            own.iter().copied().filter(|hall| city.is_none_or(|city| hall.city == city)).collect();
        let beyond = halls.len().saturating_sub(MAX_HALLS);
        halls.truncate(MAX_HALLS);
        let lanes = lanes_of(&halls);
        let asked = asked.lane.as_deref().and_then(|lane| lanes.keys().find(|id| id.as_str() == lane));
        // Most halls have it: the lane that says most when nothing is asked for.
        let usual = || lanes.iter().max_by_key(|(id, halls)| (**halls, std::cmp::Reverse(**id))).map(|(id, _)| id);
        Self { day, city, lane: asked.or_else(usual).copied(), halls, beyond }
    }

    /// The address of this page for another day.
    fn on(&self, day: NaiveDate) -> String {
        let lane = self.lane.map(LaneId::as_str).unwrap_or_default();
        format!("{PLACE}?date={day}&city={}&lane={lane}", percent(self.city.unwrap_or_default()))
    }
}

/// The lanes, each with how many halls have it.
fn lanes_of(halls: &[&Hall]) -> BTreeMap<LaneId, usize> {
    let mut lanes = BTreeMap::new();
    for lane in halls.iter().flat_map(|hall| &hall.lanes) {
        *lanes.entry(lane.id).or_default() += 1;
    }
    lanes
}

fn steps(text: Text, shown: &Shown<'_>) -> Markup {
    let step = |day: Option<NaiveDate>, key: &str| {
        html! { @if let Some(day) = day { a class="button second" href=(shown.on(day)) { (text.get(key)) } } }
    };
    html! {
        nav class="buttons choices" aria-label=(text.get("city-days")) {
            (step(shown.day.checked_sub_days(Days::new(7)), "city-week-before"))
            (step(shown.day.pred_opt(), "city-day-before"))
            (step(shown.day.succ_opt(), "city-day-after"))
            (step(shown.day.checked_add_days(Days::new(7)), "city-week-after"))
            a class="button quiet" href={ "/staff/trends?city=" (percent(shown.city.unwrap_or_default())) } { (text.get("city-to-trends")) }
        }
    }
}

fn filters(text: Text, snapshot: &Snapshot, shown: &Shown<'_>, own: &[&Hall]) -> Markup {
    let lanes = lanes_of(own);
    html! {
        form class="filters" method="get" action=(PLACE) {
            div class="field" {
                label for="date" { (text.get("city-date")) }
                input id="date" name="date" type="date" class="w-11" value=(shown.day);
            }
            (city_field(text, snapshot, own, shown.city))
            div class="field" {
                label for="lane" { (text.get("city-lane")) }
                select id="lane" name="lane" {
                    @for lane in lanes.keys() {
                        option value=(lane) selected[shown.lane == Some(*lane)] { (lane_name(text, *lane)) }
                    }
                }
            }
            button class="button" { (text.get("city-show")) }
        }
    }
}

/// The field in which a city is chosen, or all of them.
#[must_use]
pub fn city_field(text: Text, snapshot: &Snapshot, own: &[&Hall], chosen: Option<&str>) -> Markup {
    let cities = cities_of(text, snapshot, own);
    html! {
        div class="field" {
            label for="city" { (text.get("city-city")) }
            select id="city" name="city" {
                option value="" { (text.get("city-all")) }
                @for city in cities {
                    option value=(city.value) selected[chosen == Some(city.value.as_str())] { (city.name) }
                }
            }
        }
    }
}

/// The cities of some halls, named and in order for whoever looks.
#[must_use]
pub fn cities_of(text: Text, snapshot: &Snapshot, halls: &[&Hall]) -> Vec<Area> {
    let with_halls: BTreeSet<&str> = halls.iter().map(|hall| hall.city.as_str()).collect();
    let mut cities = areas::cities(text, snapshot);
    cities.retain(|city| with_halls.contains(city.value.as_str()));
    cities
}

/// What a lane is called: the two that halls usually have, by their words, another by its id.
#[must_use]
pub fn lane_name(text: Text, lane: LaneId) -> String {
    match lane.as_str() {
        "counter" => text.get("city-lane-counter"),
        "kiosk" => text.get("city-lane-kiosk"),
        other => other.to_owned(),
    }
}

fn totals(text: Text, counts: &[DayCount]) -> Markup {
    let sum = |of: fn(&DayCount) -> u32| counts.iter().map(of).fold(0, u32::saturating_add);
    let capacity = sum(|count| count.capacity);
    let taken = sum(|count| count.held + count.booked + count.checked_in + count.served + count.no_show);
    let line = |key: &str, value: u32| html! { div { dt { (text.get(key)) } dd class="n" { (value) } } };
    let share = [
        ("taken", Arg::from(taken)),
        ("capacity", Arg::from(capacity)),
        ("share", Arg::from(taken_percent(taken, capacity))),
    ];
    html! {
        section class="card" aria-labelledby="totals" {
            h2 id="totals" { (text.with("city-totals", &share)) }
            (meter(taken, capacity))
            dl class="facts counts" {
                (line("city-booked", sum(|count| count.booked)))
                (line("city-held", sum(|count| count.held)))
                (line("city-checked-in", sum(|count| count.checked_in)))
                (line("city-served", sum(|count| count.served)))
                (line("city-no-show", sum(|count| count.no_show)))
                (line("city-cancelled", sum(|count| count.cancelled)))
            }
        }
    }
}

fn heat(text: Text, engine: &Engine, shown: &Shown<'_>) -> Markup {
    let of_hall = |hall: &&Hall| -> BTreeMap<WallTime, SlotCount> {
        let slots = engine.slots_of_hall_day(hall, shown.day).into_iter();
        slots.filter(|(lane, _)| Some(*lane) == shown.lane).map(|(_, slot)| (slot.start, slot)).collect()
    };
    let mut rows: Vec<_> = shown.halls.iter().map(|hall| (hall, of_hall(hall))).collect();
    // The largest hall first: that is the one a city asks about.
    rows.sort_by_key(|(hall, slots)| (std::cmp::Reverse(sum_of(slots.values()).1), hall.id));
    let rows: Vec<_> = rows.into_iter().filter(|(_, slots)| !slots.is_empty()).collect();
    let starts: BTreeSet<WallTime> = rows.iter().flat_map(|(_, slots)| slots.keys().copied()).collect();
    let lane = shown.lane.map(|lane| lane_name(text, lane)).unwrap_or_default();
    let caption = text.with("city-heat", &[("lane", lane.into()), ("day", text.day(shown.day).into())]);
    html! {
        @if starts.is_empty() { div class="notice info" { p { (text.get("city-nothing")) } } } @else {
            p class="hint" { (text.get("city-heat-explained")) }
            div class="scroll" tabindex="0" role="region" aria-label=(caption) {
                table class="heat" {
                    caption class="visually-hidden" { (caption) }
                    thead {
                        tr {
                            th scope="col" { (text.get("city-hall")) }
                            @for start in &starts { th scope="col" { (start) } }
                            th scope="col" { (text.get("city-sum")) }
                        }
                    }
                    tbody {
                        @for (hall, slots) in &rows {
                            tr {
                                th scope="row" {
                                    a href={ "/staff/halls/" (hall.id) "/" (shown.day) } { (text.pick(&hall.name)) }
                                }
                                @for start in &starts { (cell(text, slots.get(start))) }
                                (sum_cell(slots.values()))
                            }
                        }
                    }
                    tfoot {
                        tr {
                            th scope="row" { (text.get("city-sum")) }
                            @for start in &starts { (sum_cell(rows.iter().filter_map(|(_, slots)| slots.get(start)))) }
                            (sum_cell(rows.iter().flat_map(|(_, slots)| slots.values())))
                        }
                    }
                }
            }
        }
    }
}

/// How many places are taken, and how many there are.
fn sum_of<'s>(slots: impl Iterator<Item = &'s SlotCount>) -> (u32, u32) {
    slots.fold((0, 0), |(taken, capacity), slot| {
        (taken.saturating_add(slot.taken), capacity.saturating_add(slot.capacity))
    })
}

fn sum_cell<'s>(slots: impl Iterator<Item = &'s SlotCount>) -> Markup {
    let (taken, capacity) = sum_of(slots);
    html! { td class="sum" { strong { (taken) } span class="muted" { "/" (capacity) } } }
}

fn cell(text: Text, slot: Option<&SlotCount>) -> Markup {
    html! {
        @match slot {
            Some(slot) => {
                td class={ "h" (tenths(slot.taken, slot.capacity)) } {
                    (slot.taken) span class="muted" { "/" (slot.capacity) }
                }
            },
            None => {
                td class="none" { span class="visually-hidden" { (text.get("city-no-band")) } }
            },
        }
    }
}

/// The share that is taken, in tenths: 0 where nothing is, 10 where everything is, and nothing between is called so.
#[must_use]
pub fn tenths(taken: u32, capacity: u32) -> u32 {
    match (taken, capacity) {
        (0, _) => 0,
        (taken, capacity) if taken >= capacity => 10,
        (taken, capacity) => {
            let share = u64::from(taken) * 10 / u64::from(capacity);
            u32::try_from(share).unwrap_or(10).clamp(1, 9)
        }
    }
}

fn download(text: Text, shown: &Shown<'_>) -> Markup {
    let from = shown.day.checked_sub_days(Days::new(7)).unwrap_or(shown.day);
    html! {
        h2 { (text.get("city-download")) }
        form class="filters" method="get" action="/staff/city.csv" {
            div class="field" {
                label for="from" { (text.get("city-from")) }
                input id="from" name="from" type="date" class="w-11" value=(from) required;
            }
            div class="field" {
                label for="to" { (text.get("city-to")) }
                input id="to" name="to" type="date" class="w-11" value=(shown.day) required;
            }
            button class="button second" { (text.get("city-csv")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nothing_is_cold_and_only_everything_is_hot() {
        let check = |taken, capacity, expected| assert_eq!(tenths(taken, capacity), expected, "{taken} of {capacity}");
        check(0, 40, 0);
        check(0, 0, 0);
        check(1, 40, 1);
        check(20, 40, 5);
        check(39, 40, 9);
        check(40, 40, 10);
        check(41, 40, 10);
        check(1, 0, 10);
    }
}
