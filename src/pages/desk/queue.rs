//! `GET /staff/halls/{hall}/{date}/walk-ins`: who waits in the hall, and who is called to which counter.
//!
//! Whoever sits at a counter says once which one it is; the address keeps it and the browser remembers it, so every later
//! call is one press.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::day::{late, stale, title, undone};
use super::hall_day::{Place, ways, with_parameter};
use super::names::service_name;
use super::people::undo;
use super::remembered;
use crate::app::access::person::appointment_id;
use crate::app::desk::queue::{NotDone, look};
use crate::app::state::App;
use crate::domain::appointment::{Appointment, AppointmentId, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Calling, Counter, DeskQueue, Engine, Ticket, Waiting};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::{Desk, Visit};
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// After how many seconds the page is fetched again.
const REFRESH_S: u32 = 5;
/// The same where no script runs: long enough to choose a service and press.
const RELOAD_S: u32 = 20;

/// At which counter somebody sits, and what has just happened.
#[derive(Deserialize, Default)]
pub struct QueueQuery {
    /// The counter; empty where another one is to be chosen.
    counter: Option<String>,
    /// Who was called a moment ago.
    called: Option<String>,
    /// Whether there was nobody to call.
    nobody: Option<String>,
    /// Why what was asked for was not done.
    refused: Option<String>,
    /// The id of an appointment that has just been served.
    done: Option<String>,
    /// The id of an appointment whose last step has just been taken back.
    undone: Option<String>,
    /// The id of an appointment that could not be changed any more.
    late: Option<String>,
}

/// Why something was not done: the word in the address, the field that is to be mended, and the words on the page.
const NOT_DONE: [(NotDone, &str, &str, &str); 4] = [
    (NotDone::Service, "service", "service", "desk-draw-no-service"),
    (NotDone::Counter, "counter", "counter", "desk-counter-bad"),
    (NotDone::Day, "day", "main", "desk-queue-only-today"),
    (NotDone::Unknown, "unknown", "main", "desk-call-unknown"),
];

fn not_done_named(word: &str) -> Option<NotDone> {
    NOT_DONE.iter().find(|(_, found, ..)| *found == word).map(|(why, ..)| *why)
}

fn row_of(why: NotDone) -> (&'static str, &'static str, &'static str) {
    let row = NOT_DONE.iter().find(|(found, ..)| *found == why);
    row.map(|(_, word, field, key)| (*word, *field, *key)).expect("every reason has its row")
}

/// The word that an address has for why something was not done.
#[must_use]
pub fn word_of(why: NotDone) -> &'static str {
    row_of(why).0
}

/// What the page has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Nothing.
    Nothing,
    /// This one was called.
    Called(Ticket),
    /// Nobody waits.
    Nobody,
    /// No, for this reason.
    NotDone(NotDone),
    /// This one has just been served.
    Done(AppointmentId),
    /// The last step with this one has just been taken back.
    Undone(AppointmentId),
    /// This one could not be changed any more.
    Late(AppointmentId),
}

impl Said {
    fn of(query: &QueueQuery) -> Self {
        let called = query.called.as_deref().and_then(|text| text.parse().ok());
        let refused = query.refused.as_deref().and_then(not_done_named);
        match (called, refused, &query.nobody) {
            (_, Some(refused), _) => Self::NotDone(refused),
            (Some(ticket), None, _) => Self::Called(ticket),
            (None, None, Some(_)) => Self::Nobody,
            (None, None, None) => Self::of_one(query).unwrap_or(Self::Nothing),
        }
    }

    /// What was done with an appointment.
    fn of_one(query: &QueueQuery) -> Option<Self> {
        let named = |id: Option<&String>| id.and_then(|id| appointment_id(id));
        let done = named(query.done.as_ref()).map(Self::Done);
        let undone = || named(query.undone.as_ref()).map(Self::Undone);
        done.or_else(undone).or_else(|| named(query.late.as_ref()).map(Self::Late))
    }
}

/// The queue.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`.
pub async fn queue(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): Path<(String, String)>,
    Query(query): Query<QueueQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let said = Said::of(&query);
    let counter = match &query.counter {
        Some(name) => Counter::named(name),
        None if said == Said::NotDone(NotDone::Counter) => None,
        None => remembered::counter(&headers, place.hall.id),
    };
    let response = page(engine, &snapshot, &desk, &place, counter.as_ref(), said).await;
    let response = remembered::keeping_hall(response, place.hall.id);
    Ok(match &counter {
        Some(counter) => remembered::keeping_counter(response, place.hall.id, counter),
        None => response,
    })
}

/// The page of a queue that says something.
async fn page(
    engine: &Engine,
    snapshot: &Snapshot,
    desk: &Desk,
    place: &Place<'_>,
    counter: Option<&Counter>,
    said: Said,
) -> Response {
    let (visit, text) = (&desk.visit, desk.visit.text);
    let (queue, missing) = look(engine, &desk.member, place.hall_day(), visit.now).await;
    let view = View { visit, engine, snapshot, place, counter, queue: &queue };
    let title = text.with("desk-queue-title", &[("where", title(text, place).into())]);
    let frame = Frame::staff(visit, title).back(place.path()).refreshed_every(REFRESH_S).reloaded_every(RELOAD_S);
    frame.page(&html! {
        (stale(text))
        (view.notice(said))
        div class="halves" {
            div {
                @if place.is_today() { (view.call_next(said)) } @else {
                    p class="lead" { (text.get("desk-queue-only-today")) }
                }
                h2 { (text.get("desk-queue-called")) }
                @if queue.called().next().is_none() { p { (text.get("desk-queue-none-called")) } } @else {
                    (view.called(queue.called()))
                }
                h2 { (text.with("desk-queue-waiting", &[("count", Arg::from(queue.waiting().len() + missing.len()))])) }
                @if queue.waiting().is_empty() && missing.is_empty() { p { (text.get("desk-queue-nobody")) } } @else {
                    (view.waiting(queue.waiting(), &missing))
                }
            }
            @if place.is_today() { div { (view.draw(said)) } }
        }
        (ways(text, place, &desk.member))
    })
}

/// How somebody's arrival stands to the booked time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Punctuality {
    /// The band has not begun yet.
    Early,
    /// The band is on, or they came while it was.
    InTime,
    /// They came when the band was over.
    Late,
}

impl Punctuality {
    fn of(one: &Appointment, since: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let length = TimeDelta::minutes((one.slot.end.minutes() - one.slot.start.minutes()).into());
        if since >= one.starts_at + length {
            Self::Late
        } else if now < one.starts_at {
            Self::Early
        } else {
            Self::InTime
        }
    }
}

struct View<'a> {
    visit: &'a Visit,
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    place: &'a Place<'a>,
    counter: Option<&'a Counter>,
    queue: &'a DeskQueue,
}

impl View<'_> {
    fn text(&self) -> Text {
        self.visit.text
    }

    fn notice(&self, said: Said) -> Markup {
        let (text, counter) = (self.text(), self.counter.map_or("", Counter::as_str));
        html! {
            @match said {
                Said::Nothing => {}
                Said::Called(ticket) => {
                    div class="notice good" role="status" {
                        h2 { (text.with("desk-queue-was-called", &[("number", self.queue.shown(ticket).into()), ("counter", counter.into())])) }
                    }
                }
                Said::Done(id) => (self.about(id, |one| self.done(one))),
                Said::Undone(id) => (self.about(id, |one| undone(self.visit, one))),
                Said::Late(id) => (self.about(id, |one| late(self.visit, one))),
                Said::Nobody => div class="notice info" role="status" { h2 { (text.get("desk-queue-nobody")) } },
                Said::NotDone(refused) => {
                    @let (_, field, key) = row_of(refused);
                    div class="errors" role="alert" tabindex="-1" {
                        h2 { (text.get("desk-mend")) }
                        ul { li { a href={ "#" (field) } { (text.get(key)) } } }
                    }
                }
            }
        }
    }

    /// What is said about an appointment, where it is one of this hall.
    fn about(&self, id: AppointmentId, words: impl Fn(&Appointment) -> Markup) -> Markup {
        let one = self.engine.appointment(id).filter(|one| one.slot.hall == self.place.hall.id);
        one.map_or_else(|| html! {}, |one| words(&one))
    }

    /// Somebody has just been served, which can be taken back here.
    fn done(&self, one: &Appointment) -> Markup {
        let queue = self.place.path_to("walk-ins");
        let back = match self.counter {
            Some(counter) => with_parameter(&queue, "counter", counter.as_str()),
            None => queue,
        };
        html! {
            @if one.status_at(self.visit.now) == Status::Served {
                div class="notice good" role="status" {
                    h2 { (self.text().with("desk-done-served", &[("name", one.mask.name().into())])) }
                    div class="acts" { (undo(self.visit, self.engine, &back, one, false)) }
                }
            }
        }
    }

    /// A number for somebody without an appointment. Nothing is chosen before somebody has chosen it.
    fn draw(&self, said: Said) -> Markup {
        let (text, place) = (self.text(), self.place);
        let is_bad = said == Said::NotDone(NotDone::Service);
        let services = self.snapshot.services().iter().filter(|service| place.hall.lane_for(service).is_some());
        html! {
            section class="card" {
                h2 { (text.get("desk-draw-title")) }
                form method="post" action=(place.path_to("walk-ins")) data-once {
                    (self.visit.csrf())
                    div .field .bad[is_bad] {
                        label for="service" { (text.get("desk-draw-service")) }
                        @if is_bad { p class="error" id="service-error" { (text.get("desk-draw-no-service")) } }
                        select id="service" name="service" required aria-describedby=[is_bad.then_some("service-error")]
                            aria-invalid=[is_bad.then_some("true")] {
                            option value="" selected { (text.get("desk-draw-choose")) }
                            @for service in services { option value=(service.id) { (text.pick(&service.name)) } }
                        }
                    }
                    button class="button second" { (text.get("desk-draw")) }
                }
            }
        }
    }

    fn call_next(&self, said: Said) -> Markup {
        let (text, place) = (self.text(), self.place);
        html! {
            section class="card" {
                h2 { (text.get("desk-call-title")) }
                @match self.counter {
                    Some(counter) => {
                        (self.act("next", None, "button large", "desk-call-next"))
                        p class="at-counter" {
                            strong { (text.with("desk-call-counter", &[("counter", counter.as_str().into())])) } " "
                            a href={ (place.path_to("walk-ins")) "?counter=" } { (text.get("desk-call-other-counter")) }
                        }
                    }
                    None => (self.ask_counter(said)),
                }
            }
        }
    }

    fn ask_counter(&self, said: Said) -> Markup {
        let text = self.text();
        let is_bad = said == Said::NotDone(NotDone::Counter);
        let described = if is_bad { "counter-hint counter-error" } else { "counter-hint" };
        html! {
            form method="get" action=(self.place.path_to("walk-ins")) {
                div .field .bad[is_bad] {
                    label for="counter" { (text.get("desk-counter")) }
                    p class="hint" id="counter-hint" { (text.get("desk-counter-hint")) }
                    @if is_bad { p class="error" id="counter-error" { (text.get("desk-counter-bad")) } }
                    input class="w-6" id="counter" name="counter" required autocomplete="off"
                        aria-describedby=(described) aria-invalid=[is_bad.then_some("true")];
                }
                button class="button" { (text.get("desk-counter-choose")) }
            }
        }
    }

    fn waiting(&self, noted: &[Waiting], missing: &[Waiting]) -> Markup {
        html! {
            ul class="people" { @for one in noted.iter().chain(missing) { (self.waiting_one(one)) } }
        }
    }

    fn waiting_one(&self, one: &Waiting) -> Markup {
        let text = self.text();
        html! {
            li class="person status-checked_in" {
                span class="who" { span class="n" { (self.queue.shown(one.ticket)) } " " (self.who(one.ticket)) }
                span class="what" {
                    (self.what(one)) " · "
                    (self.booked(one))
                    (text.with("desk-queue-since", &[("time", self.place.wall_time(one.since).into())]))
                }
                span class="acts" {
                    @if self.place.is_today() {
                        @if self.counter.is_some() { (self.act("call", Some(one.ticket), "button", "desk-call")) }
                        (self.act("gone", Some(one.ticket), "button second", "desk-gone"))
                    }
                }
            }
        }
    }

    fn called<'c>(&self, called: impl Iterator<Item = &'c Calling>) -> Markup {
        let text = self.text();
        html! {
            ul class="people" {
                @for calling in called {
                    li class="person status-booked" {
                        span class="who" { span class="n" { (self.queue.shown(calling.ticket)) } " " (self.who(calling.ticket)) }
                        span class="what" {
                            (text.with("desk-call-to", &[("counter", calling.counter.as_str().into())])) " · "
                            (self.place.wall_time(calling.at))
                        }
                        span class="acts" {
                            @if self.place.is_today() {
                                (self.act("served", Some(calling.ticket), "button", "desk-serve"))
                                @if self.counter.is_some() { (self.act("call", Some(calling.ticket), "button second", "desk-call-again")) }
                                (self.act("gone", Some(calling.ticket), "button second", "desk-gone"))
                            }
                        }
                    }
                }
            }
        }
    }

    /// The masked name of whoever has an appointment.
    fn who(&self, ticket: Ticket) -> Markup {
        let one = match ticket {
            Ticket::Appointment(code) => self.engine.appointment_with_code(code),
            Ticket::WalkIn(_) => None,
        };
        html! { @if let Some(one) = one { (one.mask.name()) " " small { (one.mask.id_number()) } } }
    }

    /// The booked time of whoever has an appointment, and whether that is still to come or was missed; told apart from
    /// what follows.
    fn booked(&self, one: &Waiting) -> Markup {
        let text = self.text();
        let appointment = match one.ticket {
            Ticket::Appointment(code) => self.engine.appointment_with_code(code),
            Ticket::WalkIn(_) => None,
        };
        html! {
            @if let Some(appointment) = appointment {
                @let slot = appointment.slot;
                span class="n" {
                    @if slot.date != self.place.date { (text.day(slot.date)) " " }
                    (text.with("desk-queue-booked", &[("span", text.span(slot.start, slot.end).into())]))
                }
                @match Punctuality::of(&appointment, one.since, self.visit.now) {
                    Punctuality::InTime => {}
                    Punctuality::Early => { " " span class="badge plain" { (text.get("desk-queue-early")) } }
                    Punctuality::Late => { " " span class="badge warn" { (text.get("desk-queue-late")) } }
                }
                " · "
            }
        }
    }

    fn what(&self, one: &Waiting) -> String {
        let service = match (one.service, one.ticket) {
            (Some(service), _) => Some(service),
            (None, Ticket::Appointment(code)) => self.engine.appointment_with_code(code).map(|one| one.service),
            (None, Ticket::WalkIn(_)) => None,
        };
        service.map(|id| service_name(self.text(), self.snapshot, id.as_str())).unwrap_or_default()
    }

    /// A form of one button.
    fn act(&self, page: &str, ticket: Option<Ticket>, class: &str, key: &str) -> Markup {
        let label = self.text().get(key);
        let spoken = ticket.map(|ticket| format!("{label} {}", self.queue.shown(ticket)));
        html! {
            form method="post" action=(self.place.path_to(page)) data-once {
                (self.visit.csrf())
                @if let Some(ticket) = ticket { input type="hidden" name="number" value=(ticket); }
                @if let Some(counter) = self.counter { input type="hidden" name="counter" value=(counter.as_str()); }
                button class=(class) aria-label=[spoken] { (label) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;

    #[test]
    fn who_is_early_and_who_came_late() {
        let one = samples::held();
        let start = one.starts_at.to_utc();
        let minutes = |minutes| start + TimeDelta::minutes(minutes);
        let length = i64::from(one.slot.end.minutes() - one.slot.start.minutes());
        let check = |since, now, expected| {
            assert_eq!(Punctuality::of(&one, minutes(since), minutes(now)), expected, "{since} {now}");
        };
        check(-20, -10, Punctuality::Early);
        check(-20, 0, Punctuality::InTime);
        check(-20, length + 30, Punctuality::InTime);
        check(0, 5, Punctuality::InTime);
        check(length - 1, length + 30, Punctuality::InTime);
        check(length, length, Punctuality::Late);
        check(length + 90, length + 95, Punctuality::Late);
    }

    #[test]
    fn every_reason_has_a_word_of_its_own_and_is_found_by_it() {
        for (refused, word, ..) in NOT_DONE {
            assert_eq!((not_done_named(word), word_of(refused)), (Some(refused), word));
        }
        assert_eq!(not_done_named("other"), None);
    }
}
