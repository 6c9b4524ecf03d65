//! `GET /halls/{hall}` and `GET /halls/{hall}/{date}`: when? A strip of days, and the times of one of them with the places
//! that are left. Where these are full, what is free elsewhere is said once; a day that cannot be booked says why.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use super::choice::{Choice, left_words, usable, window};
use super::elsewhere::{Elsewhere, is_full};
use super::steps::{Step, steps};
use super::strip::Days;
use super::{hall_facts, party_size};
use crate::app::input::fields::{Fields, date};
use crate::app::state::App;
use crate::domain::hall::Hall;
use crate::domain::policy;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::{WallTime, days_after};
use crate::engine::{Day, Engine, SlotCount};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::meter::{Fullness, meter};
use crate::pages::kit::refusals;
use crate::pages::kit::visitor::Visit;
use crate::pages::own::moving;
use crate::pages::text::Text;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// Where the morning ends on a page.
const NOON: WallTime = WallTime::hm(12, 0);

/// One day of a hall, as somebody chooses in it.
struct Bands<'a> {
    text: Text,
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    service: &'a Service,
    /// Every day that a calendar of the hall shows.
    calendar: Days<'a>,
    day: &'a Day,
    now: DateTime<Utc>,
}

/// The page of the first day that has places for all who come.
///
/// # Errors
/// `unknown_hall`, `unknown_service`, `service_not_offered`.
pub async fn first(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    shown(&app, &visit, &id, &choice, None)
}

/// The page of a day.
///
/// # Errors
/// `unknown_hall`, `unknown_service`, `service_not_offered`, `invalid_field`.
pub async fn page(
    State(app): State<App>,
    visit: Visit,
    Path((id, on)): Path<(String, String)>,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let on = fields.need(format_args!("/date"), Some(on), date);
    let on = fields.finish(on)?;
    shown(&app, &visit, &id, &choice, Some(on))
}

fn shown(app: &App, visit: &Visit, id: &str, choice: &Choice, on: Option<NaiveDate>) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let (hall, service) = (snapshot.hall(id)?, choice.service(&snapshot)?);
    let (text, now) = (visit.text, visit.now);
    let days = engine.days(hall, service, window(&snapshot, hall, now), now)?;
    let calendar = Days { text, hall, choice, shown: &days, today: policy::today(hall, now) };
    let on = on.unwrap_or_else(|| first_day(&calendar, &snapshot));
    let asked = engine.days(hall, service, on..=on, now)?;
    let Some(day) = asked.first() else { return Err(Problem::internal("a day that was asked for is not there")) };
    let bands = Bands { text, engine, snapshot: &snapshot, service, calendar, day, now };
    let above = if choice.moving.is_some() { moving::above(engine, visit, choice) } else { steps(text, Step::When) };
    let page = Frame::citizens(visit, text.get("choose-time-title")).back(back(choice));
    Ok(page.page(&html! { (above) (bands.markup()) }))
}

/// The first day with places; where none has any, the first that can be booked at all.
fn first_day(calendar: &Days<'_>, snapshot: &Snapshot) -> NaiveDate {
    let days = calendar.shown;
    let day = days.iter().find(|day| calendar.has_places(day)).or(days.iter().find(|day| day.closed_by.is_none()));
    day.map_or_else(|| days_after(calendar.today, snapshot.policy.min_days_ahead), |day| day.date)
}

fn back(choice: &Choice) -> String {
    match &choice.moving {
        Some(id) => format!("/appointments/{id}"),
        None => choice.halls(),
    }
}

impl<'a> Bands<'a> {
    fn markup(&self) -> Markup {
        let (text, Days { hall, choice, .. }) = (self.text, self.calendar);
        html! {
            p class="lead" { span { (text.pick(&hall.name)) " ·" } " " span { (text.pick(&self.service.name)) } }
            (moving::elsewhere(text, choice))
            (party_size::numbers(text, &self.snapshot.policy, choice, |choice| choice.bands_of(hall, self.day.date)))
            div data-live=(self.live(hall)) {
                (self.calendar.strip(self.day.date))
                (self.times())
            }
            (hall_facts::section(text, hall, self.service))
        }
    }

    /// Where the numbers of the page are told as they change: those of the strip, and of the times where the day has any.
    fn live(&self, hall: &Hall) -> String {
        let (service, people) = (self.service.id, self.calendar.choice.people());
        let is_shown = self.calendar.shown.iter().any(|day| day.date == self.day.date);
        let day = if is_shown { format!("/{}", self.day.date) } else { String::new() };
        format!("/live/halls/{}{day}?service={service}&people={people}", hall.id)
    }

    fn times(&self) -> Markup {
        let (text, day) = (self.text, self.day);
        let people = self.calendar.choice.people();
        html! {
            h2 { (text.full_date(day.date)) }
            @match &day.closed_by {
                Some(why) => (self.instead(&text.get("choose-day-not-bookable"), &self.why(why))),
                None if is_full(day, people) => {
                    (self.instead(&self.full_title(people), &text.get("choose-day-full-words")))
                    (self.list(&day.slots))
                },
                None => {
                    (self.parts())
                    @if day.slots.iter().any(|slot| usable(slot.remaining(), people) == 0) { (self.other_times()) }
                },
            }
        }
    }

    fn why(&self, why: &crate::domain::rejection::Rejection) -> String {
        refusals::why_on(self.text, why, self.day.date, self.calendar.hall, &self.snapshot.policy)
    }

    fn full_title(&self, people: u32) -> String {
        let day = self.text.date(self.day.date);
        if self.day.places().0 == 0 {
            return self.text.with("choose-day-full-title", &[("day", day.into())]);
        }
        self.text.with("choose-day-few-title", &[("day", day.into()), ("people", people.into())])
    }

    /// Why no time of the day can be had, once, and what can be had instead.
    fn instead(&self, title: &str, words: &str) -> Markup {
        html! {
            div class="notice warn" role="status" {
                h3 { (title) }
                p { (words) }
                (self.elsewhere().markup())
            }
        }
    }

    fn elsewhere(&self) -> Elsewhere<'a> {
        Elsewhere::of(self.calendar, self.day, self.engine, self.snapshot, self.service, self.now)
    }

    /// What else there is where some times are full.
    fn other_times(&self) -> Markup {
        html! {
            details class="why" id="others" {
                summary { (self.text.get("choose-others")) }
                div { (self.elsewhere().markup()) }
            }
        }
    }

    /// The times of the morning, then those of the afternoon.
    fn parts(&self) -> Markup {
        let noon = self.day.slots.partition_point(|slot| slot.start < NOON);
        let (morning, afternoon) = self.day.slots.split_at(noon);
        html! {
            @for (key, slots) in [("choose-morning", morning), ("choose-afternoon", afternoon)] {
                @if !slots.is_empty() {
                    h3 class="part" { (self.text.get(key)) }
                    (self.list(slots))
                }
            }
        }
    }

    fn list(&self, slots: &[SlotCount]) -> Markup {
        html! { ol class="bands" { @for slot in slots { (self.band(slot)) } } }
    }

    /// A time: a way on where all who come have a place in it.
    fn band(&self, slot: &SlotCount) -> Markup {
        let Days { hall, choice, .. } = self.calendar;
        let usable = usable(slot.remaining(), choice.people());
        html! {
            li class={ "band " (Fullness::of(usable, slot.capacity).class()) } {
                @if usable > 0 {
                    a href=(choice.taking(hall, self.day.date, slot.start)) { (self.words(slot)) }
                } @else {
                    div { (self.words(slot)) }
                }
            }
        }
    }

    fn words(&self, slot: &SlotCount) -> Markup {
        let key = format!("{}T{}", self.day.date, slot.start);
        html! {
            span class="time" { (self.text.span(slot.start, slot.end)) }
            span class="left" data-count=(key) { (left_words(self.text, slot.remaining(), self.calendar.choice.people())) }
            (meter(slot.taken, slot.capacity))
        }
    }
}
