//! `GET /halls/{hall}/{date}`: at what time? The bands of a day with the places that are left; for a full one the nearest
//! others, and for a day that cannot be booked the reason.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Days, Utc};
use maud::{Markup, html};

use super::choice::{Choice, left_words, places, usable, window};
use super::days::moving_notice;
use super::steps::{Step, steps};
use crate::domain::hall::Hall;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;
use crate::engine::{Day, Engine, Recommendation, SlotCount};
use crate::http::app::App;
use crate::http::fields::{Fields, date};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::web::frame::Frame;
use crate::web::meter::{Fullness, meter};
use crate::web::refusals;
use crate::web::text::Text;
use crate::web::visit::Visit;

/// How many other times of the day, and how many other halls, stand in for a full band.
const MAX_OTHERS: usize = 3;

/// How many days before and after the one that is wanted another hall stands in for it, before any day does.
const NEAR_DAYS: u64 = 3;

/// One day of a hall, as somebody chooses in it.
struct Bands<'a> {
    text: Text,
    choice: &'a Choice,
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    hall: &'a Hall,
    service: &'a Service,
    day: &'a Day,
    /// Every day that a calendar of the hall shows.
    days: &'a [Day],
    now: DateTime<Utc>,
}

/// What stands in for a band that is full, whichever it is.
struct Elsewhere<'a> {
    /// The next days of the hall that have a place.
    days: Vec<&'a Day>,
    /// The nearest halls that have one.
    halls: Vec<Recommendation<'a>>,
}

/// The page.
///
/// # Errors
/// `unknown_hall`, `unknown_service`, `service_not_offered`, `invalid_field`.
pub async fn page(
    State(app): State<App>,
    visit: Visit,
    Path((id, on)): Path<(String, String)>,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let hall = snapshot.hall(&id)?;
    let service = choice.service(&snapshot)?;
    let mut fields = Fields::default();
    let on = fields.need(format_args!("/date"), Some(on), date);
    let on = fields.finish(on)?;
    let now = visit.now;
    let asked = engine.days(hall, service, on..=on, now)?;
    let Some(day) = asked.first() else { return Err(Problem::internal("a day that was asked for is not there")) };
    let is_full = |slot: &SlotCount| usable(slot.remaining(), choice.people()) == 0;
    let is_short = day.closed_by.is_some() || day.slots.iter().any(is_full);
    // Only where something else may be wanted.
    let days = if is_short { engine.days(hall, service, window(&snapshot, hall, now), now)? } else { Vec::new() };
    let text = visit.text;
    let bands = Bands { text, choice: &choice, engine, snapshot: &snapshot, hall, service, day, days: &days, now };
    let page = Frame::citizens(&visit, text.with("choose-band-title", &[("day", text.day(on).into())]));
    Ok(page.back(choice.days_of(hall)).page(&html! {
        @if choice.moving.is_some() { (moving_notice(text)) } @else { (steps(text, Step::Time)) }
        p class="lead" { (text.pick(&hall.name)) " · " (text.pick(&service.name)) }
        (bands.markup())
    }))
}

impl Bands<'_> {
    fn markup(&self) -> Markup {
        match &self.day.closed_by {
            Some(why) => html! {
                div class="notice warn" role="status" {
                    h2 { (self.text.get("choose-day-not-bookable")) }
                    p { (refusals::why_on(self.text, why, self.day.date, self.hall, &self.snapshot.policy)) }
                }
                (self.days_instead())
            },
            None => self.list(),
        }
    }

    /// A way to the first day that has a place, where one has.
    fn days_instead(&self) -> Markup {
        let elsewhere = self.elsewhere();
        html! {
            @if !elsewhere.days.is_empty() {
                h2 { (self.text.get("choose-others-days")) }
                (self.other_days(&elsewhere))
            }
            div class="buttons" { a class="button second" href=(self.choice.days_of(self.hall)) { (self.text.get("choose-to-calendar")) } }
        }
    }

    fn list(&self) -> Markup {
        let is_full = |slot: &SlotCount| self.usable(slot) == 0;
        let elsewhere = self.day.slots.iter().any(is_full).then(|| self.elsewhere());
        let (hall, service, people) = (self.hall.id, self.service.id, self.choice.people());
        let live = format!("/live/halls/{hall}/{}?service={service}&people={people}", self.day.date);
        html! {
            h2 class="visually-hidden" { (self.text.get("choose-bands")) }
            ol class="bands" data-live=(live) {
                @for slot in &self.day.slots { (self.band(slot, elsewhere.as_ref())) }
            }
        }
    }

    /// How many places of a band all who come can use.
    fn usable(&self, slot: &SlotCount) -> u32 {
        usable(slot.remaining(), self.choice.people())
    }

    fn band(&self, slot: &SlotCount, elsewhere: Option<&Elsewhere<'_>>) -> Markup {
        let (text, usable) = (self.text, self.usable(slot));
        let key = format!("{}T{}", self.day.date, slot.start);
        html! {
            li class={ "band " (Fullness::of(usable, slot.capacity).class()) } {
                div class="when" {
                    span class="time" { (text.span(slot.start, slot.end)) }
                    span class="left" data-count=(key) { (left_words(text, slot.remaining(), self.choice.people())) }
                }
                (meter(slot.taken, slot.capacity))
                @match elsewhere.filter(|_| usable == 0) {
                    Some(elsewhere) => (self.others(slot, elsewhere)),
                    None => a class="button second" href=(self.choice.taking(self.hall, self.day.date, slot.start)) {
                        (text.get("choose-take"))
                        span class="visually-hidden" { " " (text.span(slot.start, slot.end)) }
                    },
                }
            }
        }
    }

    /// Why a band cannot be had, and what can be had instead.
    fn others(&self, full: &SlotCount, elsewhere: &Elsewhere<'_>) -> Markup {
        let text = self.text;
        let (near, people) = (nearest_in_time(&self.day.slots, full.start, self.choice.people()), self.choice.people());
        html! {
            details class="others" id={ "others-" (full.start.minutes()) } {
                summary { (text.get("choose-others")) span class="visually-hidden" { " " (text.span(full.start, full.end)) } }
                p {
                    @if full.remaining() == 0 { (text.with("choose-band-why-full", &[("capacity", full.capacity.into())])) }
                    @else {
                        (text.with("choose-band-why-few", &[("count", full.remaining().into()), ("people", people.into())]))
                    }
                }
                @if !near.is_empty() {
                    h3 { (text.get("choose-others-same-day")) }
                    ul class="links" {
                        @for slot in near {
                            li {
                                a href=(self.choice.taking(self.hall, self.day.date, slot.start)) {
                                    (text.span(slot.start, slot.end)) " · " (left_words(text, slot.remaining(), people))
                                }
                            }
                        }
                    }
                }
                @if !elsewhere.days.is_empty() {
                    h3 { (text.get("choose-others-days")) }
                    (self.other_days(elsewhere))
                }
                @if !elsewhere.halls.is_empty() {
                    h3 { (text.get("choose-others-halls")) }
                    (self.other_halls(elsewhere))
                }
            }
        }
    }

    fn other_days(&self, elsewhere: &Elsewhere<'_>) -> Markup {
        html! {
            ul class="links" {
                @for date in &elsewhere.days {
                    li {
                        a href=(self.choice.bands_of(self.hall, date.date)) {
                            (self.text.day(date.date)) " · " (left_words(self.text, places(date, self.choice.people()).0, 1))
                        }
                    }
                }
            }
        }
    }

    fn other_halls(&self, elsewhere: &Elsewhere<'_>) -> Markup {
        let text = self.text;
        html! {
            ul class="links" {
                @for one in &elsewhere.halls {
                    li {
                        a href=(self.choice.bands_of(one.hall, one.free.date)) {
                            (text.pick(&one.hall.name)) " · " (text.day(one.free.date)) " "
                            (text.span(one.free.slot.start, one.free.slot.end))
                        }
                    }
                }
            }
        }
    }

    fn elsewhere(&self) -> Elsewhere<'_> {
        let has_place = |day: &&Day| {
            day.date != self.day.date && day.closed_by.is_none() && places(day, self.choice.people()).0 > 0
        };
        let mut days: Vec<&Day> = self.days.iter().filter(has_place).collect();
        days.sort_by_key(|day| (day.date - self.day.date).abs());
        days.truncate(MAX_OTHERS);
        days.sort_by_key(|day| day.date);
        Elsewhere { days, halls: self.other_halls_found() }
    }

    /// The nearest halls with a place on the same day, then within a few days of it, then on any.
    fn other_halls_found(&self) -> Vec<Recommendation<'_>> {
        let (here, day) = (Some(self.hall.location), self.day.date);
        let (first, last) = (day - Days::new(NEAR_DAYS), day + Days::new(NEAR_DAYS));
        let mut found: Vec<Recommendation<'_>> = Vec::new();
        for dates in [Some(day..=day), Some(first..=last), None] {
            let all = self.engine.recommend(self.snapshot, self.service, here, dates.as_ref(), usize::MAX, self.now);
            for one in all {
                let is_known = one.hall.id == self.hall.id || found.iter().any(|known| known.hall.id == one.hall.id);
                let fits = usable(one.free.slot.remaining(), self.choice.people()) > 0;
                if fits && !is_known && found.len() < MAX_OTHERS {
                    found.push(one);
                }
            }
            if found.len() == MAX_OTHERS {
                break;
            }
        }
        found
    }
}

/// The bands with a place for all that begin nearest to a time, in the order of the day.
fn nearest_in_time(slots: &[SlotCount], start: WallTime, people: u32) -> Vec<&SlotCount> {
    let mut free: Vec<&SlotCount> = slots.iter().filter(|slot| usable(slot.remaining(), people) > 0).collect();
    free.sort_by_key(|slot| slot.start.minutes().abs_diff(start.minutes()));
    free.truncate(MAX_OTHERS);
    free.sort_by_key(|slot| slot.start);
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearest_in_time_stands_in_for_a_full_band() {
        let slot = |hour, taken| SlotCount {
            start: WallTime::hm(hour, 0),
            end: WallTime::hm(hour + 1, 0),
            capacity: 2,
            taken,
        };
        let slots = [slot(8, 0), slot(9, 2), slot(10, 2), slot(11, 1), slot(14, 0), slot(16, 0)];
        let hours = |start| {
            nearest_in_time(&slots, start, 1).into_iter().map(|slot| slot.start.minutes() / 60).collect::<Vec<_>>()
        };
        assert_eq!(hours(WallTime::hm(10, 0)), [8, 11, 14]);
        assert_eq!(hours(WallTime::hm(16, 0)), [11, 14, 16]);
        assert_eq!(nearest_in_time(&slots, WallTime::hm(10, 0), 2).len(), 3, "11:00 has one place only");
        assert!(nearest_in_time(&slots, WallTime::hm(10, 0), 2).iter().all(|slot| slot.remaining() == 2));
    }
}
