//! What stands in for times that are full: the next days of the hall that have places, and the nearest halls that do.

use std::iter;

use chrono::{DateTime, Days as Period, Utc};
use maud::{Markup, html};

use super::choice::{places, usable};
use super::hall_list::{NEAR_M, kilometres};
use super::strip::Days;
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Day, Engine, Preference, Recommendation};
use crate::pages::kit::meter::Fullness;
use crate::pages::text::Text;

/// How many other days, and how many other halls, stand in for a full one.
const MAX_OTHERS: usize = 3;
/// How many days before and after the one that is wanted another hall stands in for it, before any day does.
const NEAR_DAYS: u64 = 3;

/// What is free elsewhere.
#[derive(Debug)]
pub struct Elsewhere<'a> {
    calendar: Days<'a>,
    /// The nearest days of the hall that have places, in their order.
    days: Vec<&'a Day>,
    /// The nearest halls that have them, and are near.
    halls: Vec<Recommendation<'a>>,
}

impl<'a> Elsewhere<'a> {
    /// Instead of a day of a hall.
    #[must_use]
    pub fn of(
        calendar: Days<'a>,
        day: &Day,
        engine: &Engine,
        snapshot: &'a Snapshot,
        service: &Service,
        now: DateTime<Utc>,
    ) -> Self {
        let mut days: Vec<&Day> =
            calendar.shown.iter().filter(|other| other.date != day.date && calendar.has_places(other)).collect();
        days.sort_by_key(|other| (other.date - day.date).abs());
        days.truncate(MAX_OTHERS);
        days.sort_by_key(|other| other.date);
        let halls = nearest_halls(calendar.hall, day, calendar.choice.people(), engine, snapshot, service, now);
        Self { calendar, days, halls }
    }

    /// The days and the halls, each a way on; that there are none, where there are none.
    #[must_use]
    pub fn markup(&self) -> Markup {
        let text = self.calendar.text;
        html! {
            @if self.days.is_empty() && self.halls.is_empty() { p { (text.get("choose-nothing-else")) } }
            @if !self.days.is_empty() {
                h3 { (text.get("choose-others-days")) }
                ul class="ways" { @for day in &self.days { li { (self.day(day)) } } }
            }
            @if !self.halls.is_empty() {
                h3 { (text.get("choose-others-halls")) }
                ul class="ways" { @for one in &self.halls { li { (self.hall(one)) } } }
            }
        }
    }

    fn day(&self, day: &Day) -> Markup {
        let calendar = &self.calendar;
        let (left, capacity) = places(day, calendar.choice.people());
        html! {
            a href=(calendar.choice.bands_of(calendar.hall, day.date)) {
                (calendar.text.day(day.date))
                @if Fullness::of(left, capacity) == Fullness::Nearly { " · " (some_left(calendar.text, left)) }
            }
        }
    }

    fn hall(&self, one: &Recommendation<'_>) -> Markup {
        let (text, free) = (self.calendar.text, &one.free);
        html! {
            a href=(self.calendar.choice.bands_of(one.hall, free.date)) {
                span { (text.pick(&one.hall.name)) } " "
                span class="when" {
                    (text.day(free.date)) " " span class="time" { (text.span(free.slot.start, free.slot.end)) }
                    @if let Some(metres) = one.distance_m {
                        " · "
                        span class="time" {
                            (text.with("choose-others-distance", &[("kilometres", kilometres(metres).into())]))
                        }
                    }
                }
            }
        }
    }
}

fn some_left(text: Text, left: u32) -> String {
    text.with("choose-band-left", &[("count", left.into())])
}

/// Halls that are near and have places on the same day, then within a few days of it, then on any.
fn nearest_halls<'a>(
    here: &Hall,
    day: &Day,
    people: u32,
    engine: &Engine,
    snapshot: &'a Snapshot,
    service: &Service,
    now: DateTime<Utc>,
) -> Vec<Recommendation<'a>> {
    let (first, last) = (day.date - Period::new(NEAR_DAYS), day.date + Period::new(NEAR_DAYS));
    let mut found: Vec<Recommendation<'a>> = Vec::new();
    for dates in [Some(day.date..=day.date), Some(first..=last), None] {
        let known: Vec<_> = found.iter().map(|known| known.hall.id).chain(iter::once(here.id)).collect();
        let is_near = |hall: &&Hall| hall.location.distance_m(here.location) <= NEAR_M;
        let others = snapshot.halls().iter().filter(is_near).filter(|hall| !known.contains(&hall.id));
        let preference = Preference { service, place: Some(here.location), dates: dates.as_ref(), people };
        found.extend(engine.recommend(others, &preference, MAX_OTHERS - found.len(), now));
        if found.len() == MAX_OTHERS {
            break;
        }
    }
    found
}

/// Whether so many people find no band of a day that has places for them.
#[must_use]
pub fn is_full(day: &Day, people: u32) -> bool {
    day.slots.iter().all(|slot| usable(slot.remaining(), people) == 0)
}
