//! `GET /staff/halls/{hall}/{date}/walk-ins`: who waits in the hall, and who is called to which counter.
//!
//! Whoever sits at a counter says once which one it is; the address keeps it, so every later call is one press.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::day::title;
use super::people::service_name;
use super::place::{Place, ways};
use crate::domain::appointment::{Action, Appointment, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::{Calling, Counter, DeskQueue, Engine, MAX_COUNTER_CHARS, StaffCaller, Ticket, Via, Waiting};
use crate::http::app::App;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::web::frame::Frame;
use crate::web::text::{Arg, Text};
use crate::web::visit::{Desk, Visit};

/// After how many seconds the page is fetched again.
const REFRESH_S: u32 = 5;
/// The same where no script runs: long enough to choose a service and press.
const RELOAD_S: u32 = 20;

/// At which counter somebody sits, and what has just happened.
#[derive(Deserialize, Default)]
pub struct QueueQuery {
    /// The counter.
    counter: Option<String>,
    /// Who was called a moment ago.
    called: Option<String>,
    /// Whether there was nobody to call.
    nobody: Option<String>,
}

/// What the page has to say.
pub enum Said {
    /// Nothing.
    Nothing,
    /// This one was called.
    Called(Ticket),
    /// Nobody waits.
    Nobody,
    /// No, for this reason, at this field.
    Refused(&'static str, String),
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
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let counter = query.counter.as_deref().and_then(Counter::named);
    let said = match (query.called.and_then(|text| text.parse().ok()), query.nobody) {
        (Some(ticket), _) => Said::Called(ticket),
        (None, Some(_)) => Said::Nobody,
        (None, None) => Said::Nothing,
    };
    Ok(page(engine, &snapshot, &desk, &place, counter.as_ref(), &said).await)
}

/// The page of a queue that says something.
pub async fn page(
    engine: &Engine,
    snapshot: &Snapshot,
    desk: &Desk,
    place: &Place<'_>,
    counter: Option<&Counter>,
    said: &Said,
) -> Response {
    let (visit, text) = (&desk.visit, desk.visit.text);
    let queue = engine.queue_of(place.desk_day()).await;
    let missing = not_noted(engine, &queue, place, visit.now);
    let view = View { visit, engine, snapshot, place, counter };
    let frame =
        Frame::staff(visit, text.with("desk-queue-title", &[("where", title(text, place).into())])).back(place.path());
    let frame = match said {
        Said::Refused(..) => frame.status(StatusCode::UNPROCESSABLE_ENTITY),
        _ => frame.refreshed_every(REFRESH_S).reloaded_every(RELOAD_S),
    };
    frame.page(&html! {
        (ways(text, place, &desk.member))
        (view.notice(said))
        @if place.is_today() {
            (view.draw(said))
            (view.call_next(said))
        } @else {
            p class="lead" { (text.get("desk-queue-only-today")) }
        }
        h2 { (text.with("desk-queue-waiting", &[("count", Arg::from(queue.waiting().len() + missing.len()))])) }
        @if queue.waiting().is_empty() && missing.is_empty() { p { (text.get("desk-queue-nobody")) } } @else {
            (view.waiting(queue.waiting(), &missing))
        }
        h2 { (text.get("desk-queue-called")) }
        @if queue.called().next().is_none() { p { (text.get("desk-queue-none-called")) } } @else {
            (view.called(queue.called()))
        }
        p class="notice warn" data-stale hidden { (text.get("desk-stale")) }
    })
}

/// Those of today who are checked in but not in the log of the hall, as the server went away between the two.
fn not_noted(engine: &Engine, queue: &DeskQueue, place: &Place<'_>, now: DateTime<Utc>) -> Vec<Waiting> {
    if !place.is_today() {
        return Vec::new();
    }
    let is_missing = |one: &Appointment| {
        one.status_at(now) == Status::CheckedIn && !queue.knows(one.code) && is_of_today(one, place)
    };
    let mut missing: Vec<_> = engine.of_hall_day(place.hall.id, place.date).into_iter().filter(is_missing).collect();
    missing.sort_by_key(|one| (one.updated_at, one.id));
    let waiting = |one: Appointment| Waiting {
        ticket: Ticket::Appointment(one.code),
        service: Some(one.service),
        since: one.updated_at,
    };
    missing.into_iter().map(waiting).collect()
}

/// Whether an appointment was checked in today, and not on an earlier day.
fn is_of_today(one: &Appointment, place: &Place<'_>) -> bool {
    one.updated_at.with_timezone(&place.hall.zone).date_naive() == place.today
}

/// Puts those into the log who are missing there, before anybody is called.
pub async fn note_missing(engine: &Engine, member: &StaffCaller, place: &Place<'_>, now: DateTime<Utc>) {
    let queue = engine.queue_of(place.desk_day()).await;
    for waiting in not_noted(engine, &queue, place, now) {
        if let Ticket::Appointment(code) = waiting.ticket
            && let Some(one) = engine.appointment_with_code(code)
        {
            engine.note(member, &one, Action::CheckIn, Via::Page).await;
        }
    }
}

struct View<'a> {
    visit: &'a Visit,
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    place: &'a Place<'a>,
    counter: Option<&'a Counter>,
}

impl View<'_> {
    fn text(&self) -> Text {
        self.visit.text
    }

    fn notice(&self, said: &Said) -> Markup {
        let (text, counter) = (self.text(), self.counter.map_or("", Counter::as_str));
        html! {
            @match said {
                Said::Nothing => {}
                Said::Called(ticket) => {
                    div class="notice good" role="status" {
                        h2 { (text.with("desk-queue-was-called", &[("number", ticket.shown().into()), ("counter", counter.into())])) }
                    }
                }
                Said::Nobody => div class="notice info" role="status" { h2 { (text.get("desk-queue-nobody")) } },
                Said::Refused(field, why) => {
                    div class="errors" role="alert" tabindex="-1" {
                        h2 { (text.get("desk-mend")) }
                        ul { li { a href={ "#" (field) } { (why) } } }
                    }
                }
            }
        }
    }

    /// A number for somebody without an appointment.
    fn draw(&self, said: &Said) -> Markup {
        let (text, place) = (self.text(), self.place);
        let is_bad = matches!(said, Said::Refused("service", _));
        let services = self.snapshot.services().iter().filter(|service| place.hall.lane_for(service).is_some());
        html! {
            section class="card" {
                h2 { (text.get("desk-draw-title")) }
                form method="post" action=(place.path_to("walk-ins")) data-once {
                    (self.visit.csrf())
                    div .field .bad[is_bad] {
                        label for="service" { (text.get("desk-draw-service")) }
                        @if let Said::Refused("service", why) = said { p class="error" id="service-error" { (why) } }
                        select id="service" name="service" aria-describedby=[is_bad.then_some("service-error")] {
                            @for service in services { option value=(service.id) { (text.pick(&service.name)) } }
                        }
                    }
                    button class="button" { (text.get("desk-draw")) }
                }
            }
        }
    }

    fn call_next(&self, said: &Said) -> Markup {
        let (text, place) = (self.text(), self.place);
        html! {
            section class="card" {
                h2 { (text.get("desk-call-title")) }
                @match self.counter {
                    Some(counter) if !matches!(said, Said::Refused("counter", _)) => {
                        p {
                            strong { (text.with("desk-call-counter", &[("counter", counter.as_str().into())])) } " "
                            a href=(place.path_to("walk-ins")) { (text.get("desk-call-other-counter")) }
                        }
                        (self.act("next", None, "button", "desk-call-next"))
                    }
                    _ => (self.ask_counter(said)),
                }
            }
        }
    }

    fn ask_counter(&self, said: &Said) -> Markup {
        let text = self.text();
        let is_bad = matches!(said, Said::Refused("counter", _));
        let described = if is_bad { "counter-hint counter-error" } else { "counter-hint" };
        html! {
            form method="get" action=(self.place.path_to("walk-ins")) {
                div .field .bad[is_bad] {
                    label for="counter" { (text.get("desk-counter")) }
                    p class="hint" id="counter-hint" { (text.get("desk-counter-hint")) }
                    @if let Said::Refused("counter", why) = said { p class="error" id="counter-error" { (why) } }
                    input class="w-6" id="counter" name="counter" required maxlength=(MAX_COUNTER_CHARS) autocomplete="off"
                        aria-describedby=(described) aria-invalid=[is_bad.then_some("true")];
                }
                button class="button second" { (text.get("desk-counter-choose")) }
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
                span class="who" { span class="n" { (one.ticket.shown()) } " " (self.who(one.ticket)) }
                span class="what" {
                    (self.what(one)) " "
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
                        span class="who" { span class="n" { (calling.ticket.shown()) } " " (self.who(calling.ticket)) }
                        span class="what" {
                            (text.with("desk-call-to", &[("counter", calling.counter.as_str().into())])) " "
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
        let spoken = ticket.map(|ticket| format!("{label} {}", ticket.shown()));
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
