//! Numbers for those without an appointment, and calls to counters: drawing, calling, served, gone, and the slip to print.
//!
//! Every one of them is a line of the hall's log, and the log decides: two desks that press at the same moment draw two
//! numbers and call two people.

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::attend::{attend, is_late};
use super::day::title;
use super::hall_day::{Place, with_parameter};
use super::names::service_name;
use super::queue::{NotDone, note_missing};
use crate::app::desk;
use crate::app::refusal::{Busy, Refusal};
use crate::app::state::App;
use crate::domain::appointment::Action;
use crate::domain::rejection::Rejection;
use crate::engine::{Counter, Deed, DeskQueue, Ticket};
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
    if !place.is_today() {
        return Ok(refused(&place, NotDone::Day));
    }
    let service = form.get("service").and_then(|id| snapshot.service(id).ok());
    let Some(service) = service.filter(|service| place.hall.lane_for(service).is_some()) else {
        return Ok(refused(&place, NotDone::Service));
    };
    let drawn = logged(&app, &desk, &form, &place, |queue| queue.draw(service.id)).await?;
    let drawn = drawn.ok_or(Busy::Numbers)?;
    Ok(see_other(&place.path_to(&format!("tickets/{drawn}"))))
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
    let wanted = Some(form.get("number").unwrap_or_default().to_owned());
    call_one(&app, &desk, (&hall, &date), &form, wanted).await
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
fn refused(place: &Place<'_>, why: NotDone) -> Response {
    see_other(&with_parameter(&place.path_to("walk-ins"), "refused", why.word()))
}

async fn call_one(
    app: &App,
    desk: &Desk,
    (hall, date): (&str, &str),
    form: &Filled,
    wanted: Option<String>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, desk, hall, date)?;
    if !place.is_today() {
        return Ok(refused(&place, NotDone::Day));
    }
    let Some(counter) = form.get("counter").and_then(Counter::named) else {
        return Ok(refused(&place, NotDone::Counter));
    };
    note_missing(engine, &desk.member, &place, desk.visit.now).await;
    let deed = |queue: &DeskQueue| {
        let number = match &wanted {
            Some(wanted) => queue.find(wanted)?,
            None => queue.waiting().first()?.ticket,
        };
        Some(Deed::Called { number, counter: counter.clone() })
    };
    let back = with_parameter(&place.path_to("walk-ins"), "counter", counter.as_str());
    Ok(match (logged(app, desk, form, &place, deed).await?, &wanted) {
        (Some(ticket), _) => see_other(&with_parameter(&back, "called", &ticket.to_string())),
        (None, None) => see_other(&with_parameter(&back, "nobody", "yes")),
        (None, Some(_)) => see_other(&with_parameter(&back, "refused", NotDone::Unknown.word())),
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
    match form.get("number").and_then(|number| number.parse().ok()) {
        Some(Ticket::Appointment(code)) => {
            let one = app.engine()?.appointment_with_code(code);
            let one = one.filter(|one| one.slot.hall == place.hall.id).ok_or(Rejection::UnknownAppointment)?;
            match attend(&app, &desk, &form, &one, Action::Serve, false).await {
                // Somebody has served it already: then it need not stand here any longer either.
                Err(refusal) if is_late(&refusal) => ended(&app, &desk, &form, &place, true).await,
                Err(refusal) => Err(refusal.into()),
                Ok(after) => Ok(see_other(&with_parameter(&back(&form, &place), "done", &after.id.to_string()))),
            }
        }
        _ => ended(&app, &desk, &form, &place, true).await,
    }
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
    note_missing(app.engine()?, &desk.member, &place, desk.visit.now).await;
    ended(&app, &desk, &form, &place, false).await
}

/// Takes somebody out of the queue. Whoever is not in it any more is gone already.
async fn ended(app: &App, desk: &Desk, form: &Filled, place: &Place<'_>, is_served: bool) -> Result<Response, Problem> {
    let deed = |queue: &DeskQueue| {
        let number = queue.find(form.get("number")?)?;
        Some(if is_served { Deed::Served { number } } else { Deed::Gone { number } })
    };
    // The log of another day is closed; the queue's page says which day it is.
    if place.is_today() {
        logged(app, desk, form, place, deed).await?;
    }
    Ok(see_other(&back(form, place)))
}

fn back(form: &Filled, place: &Place<'_>) -> String {
    let queue = place.path_to("walk-ins");
    match form.get("counter").and_then(Counter::named) {
        Some(counter) => with_parameter(&queue, "counter", counter.as_str()),
        None => queue,
    }
}

/// Writes a deed into the log of the hall, once for a form; whom it is about. `None` if there was nothing to do.
async fn logged(
    app: &App,
    desk: &Desk,
    form: &Filled,
    place: &Place<'_>,
    decide: impl Fn(&DeskQueue) -> Option<Deed> + Send,
) -> Result<Option<Ticket>, Refusal> {
    desk::log(app, &desk.staff(), form.once_by_anybody(&desk.caller()), place.desk_day(), decide).await
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
    let queue = engine.queue_of(place.desk_day()).await;
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
