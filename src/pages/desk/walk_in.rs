//! Numbers for those without an appointment, and calls to counters: drawing, calling, served, gone, and the slip to print.
//!
//! Every one of them is a line of the hall's log, and the log decides: two desks that press at the same moment draw two
//! numbers and call two people.

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::day::title;
use super::hall_day::{Place, with_parameter};
use super::names::service_name;
use super::queue::word_of;
use crate::app::desk::queue;
use crate::app::desk::queue::NotDone;
use crate::app::state::App;
use crate::engine::{Counter, Ticket};
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::visitor::Desk;
use crate::pages::text::Arg;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;

/// Which hall and which day, as an address has them.
type HallAndDate = Path<(String, String)>;

/// `GET …/call`, `…/next`, `…/served`, `…/gone`: nothing is asked there, so to the queue.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`.
pub async fn back_to_queue(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): HallAndDate,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    Ok(see_other(&Place::named(&snapshot, &desk, &hall, &date)?.path_to("walk-ins")))
}

/// `POST …/walk-ins`: draws the next number.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`; `overloaded` or `read_only`.
pub async fn draw(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): HallAndDate,
    form: Filled,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let once = form.once(&desk.caller());
    Ok(match queue::draw(&app, &desk.staff(), once, place.hall_day(), form.get("service")).await? {
        Ok(drawn) => see_other(&place.path_to(&format!("tickets/{drawn}"))),
        Err(why) => refused(&place.path_to("walk-ins"), why),
    })
}

/// `POST …/call` with a number, and `POST …/next` without one: calls somebody to a counter.
///
/// # Errors
/// As [`draw`].
pub async fn call(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): HallAndDate,
    form: Filled,
) -> Result<Response, Problem> {
    call_one(&app, &desk, (&hall, &date), &form, Some(form.get("number").unwrap_or_default())).await
}

/// `POST …/next`: calls whoever has waited longest.
///
/// # Errors
/// As [`draw`].
pub async fn next(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): HallAndDate,
    form: Filled,
) -> Result<Response, Problem> {
    call_one(&app, &desk, (&hall, &date), &form, None).await
}

/// To the page of the queue, which says why something was not done.
fn refused(queue: &str, why: NotDone) -> Response {
    see_other(&with_parameter(queue, "refused", word_of(why)))
}

async fn call_one(
    app: &App,
    desk: &Desk,
    (hall, date): (&str, &str),
    form: &Filled,
    wanted: Option<&str>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, desk, hall, date)?;
    let counter = form.get("counter").and_then(Counter::named);
    let once = form.once(&desk.caller());
    let back = back(form, &place);
    Ok(match queue::call(app, &desk.staff(), once, place.hall_day(), (wanted, counter.as_ref())).await? {
        Ok(Some(ticket)) => see_other(&with_parameter(&back, "called", &ticket.to_string())),
        Ok(None) => see_other(&with_parameter(&back, "nobody", "yes")),
        Err(why) => refused(&back, why),
    })
}

/// `POST …/served`: whoever was called has been served.
///
/// # Errors
/// As [`draw`]; what the engine refuses of an appointment.
pub async fn served(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): HallAndDate,
    form: Filled,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let (once, number) = (form.once(&desk.caller()), form.get("number").unwrap_or_default());
    let back = back(&form, &place);
    Ok(match queue::serve(&app, &desk.staff(), once, place.hall_day(), number).await? {
        Some(one) => see_other(&with_parameter(&back, "done", &one.id.to_string())),
        None => see_other(&back),
    })
}

/// `POST …/gone`: whoever was called did not come, or does not wait any longer.
///
/// # Errors
/// As [`draw`].
pub async fn gone(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): HallAndDate,
    form: Filled,
) -> Result<Response, Problem> {
    let snapshot = app.engine()?.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let once = form.once(&desk.caller());
    queue::gone(&app, &desk.staff(), once, place.hall_day(), form.get("number").unwrap_or_default()).await?;
    Ok(see_other(&back(&form, &place)))
}

fn back(form: &Filled, place: &Place<'_>) -> String {
    let queue = place.path_to("walk-ins");
    match form.get("counter").and_then(Counter::named) {
        Some(counter) => with_parameter(&queue, "counter", counter.as_str()),
        None => queue,
    }
}

/// `GET …/tickets/{number}`: the slip with a number, to show or to print.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`.
pub async fn ticket(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date, number)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let (visit, text) = (&desk.visit, desk.visit.text);
    let queue = engine.queue_of(place.hall_day().log()).await;
    let unknown = || Problem::new(Code::NotFound, "nobody has this number today");
    let ticket: Ticket = number.parse().map_err(|_| unknown())?;
    let is_known = match ticket {
        Ticket::WalkIn(number) => queue.was_drawn(number),
        Ticket::Appointment(code) => queue.knows(code),
    };
    if !is_known {
        return Err(unknown());
    }
    let ahead = queue.ahead_of(ticket);
    let waiting = ahead.and_then(|at| queue.waiting().get(at));
    let service = waiting.and_then(|waiting| waiting.service);
    let since = waiting.map_or(visit.now, |waiting| waiting.since);
    Ok(Frame::staff(visit, text.get("desk-ticket-title")).back(place.path_to("walk-ins")).own_heading().page(&html! {
        article class="ticket" {
            h1 { (text.get("desk-ticket-title")) }
            p class="code" translate="no" { (queue.shown(ticket)) }
            p { (title(text, &place)) }
            @if let Some(service) = service { p { (service_name(text, &snapshot, service.as_str())) } }
            p {
                @match ahead {
                    Some(ahead) => (text.with("desk-ticket-ahead", &[("count", Arg::from(ahead))])),
                    None => (text.get("desk-ticket-not-waiting")),
                }
            }
            p class="muted" { (text.with("desk-ticket-since", &[("time", place.wall_time(since).into())])) }
        }
        div class="buttons" {
            button class="button only-script" type="button" data-print { (text.get("desk-print")) }
            a class="button second" href=(place.path_to("walk-ins")) { (text.get("desk-ticket-next")) }
        }
    }))
}
