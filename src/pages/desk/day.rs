//! `GET /staff/halls/{hall}/{date}`: a day of a hall at the desk. The code of whoever comes is scanned or typed; everybody
//! who is expected stands below, band by band.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use maud::{Markup, html};
use serde::Deserialize;

use super::check_in::{self, Said};
use super::hall_day::{Place, day_path, ways, with_parameter};
use super::names::service_name;
use super::people::{Counts, People, Rows, done_together, status_name};
use super::remembered;
use crate::app::access::person::appointment_id;
use crate::app::state::App;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::reading;
use crate::domain::shown_code::ShownCode;
use crate::domain::snapshot::Snapshot;
use crate::engine::{DeskQueue, Engine, shown_number};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::visitor::{Desk, Visit};
use crate::pages::text::{Arg, Text};
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// After how many seconds the page is fetched again.
const REFRESH_S: u32 = 20;

/// What the page has to say, and whom to look for.
#[derive(Deserialize, Default)]
pub struct DayQuery {
    /// The id of an appointment that has just been changed.
    done: Option<String>,
    /// The id of an appointment that could not be changed, as somebody else was faster.
    late: Option<String>,
    /// Whom to look for.
    find: Option<String>,
    /// A code that was not checked in.
    scanned: Option<String>,
    /// The id of an appointment whose last step has just been taken back.
    undone: Option<String>,
    /// Whether that was for the whole party.
    party: Option<String>,
}

/// The day.
///
/// # Errors
/// `unknown_hall`, `forbidden`, `not_found`.
pub async fn day(
    State(app): State<App>,
    desk: Desk,
    Path((hall, date)): Path<(String, String)>,
    Query(query): Query<DayQuery>,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let place = Place::named(&snapshot, &desk, &hall, &date)?;
    let named = |id: Option<&String>| {
        let one = engine.appointment(appointment_id(id?)?)?;
        desk.member.may_serve(one.slot.hall).then_some(Box::new(one))
    };
    let changed = (named(query.done.as_ref()), named(query.undone.as_ref()), named(query.late.as_ref()));
    let said = match (changed, query.scanned) {
        ((Some(done), ..), _) => Said::Done(done, query.party.is_some()),
        ((_, Some(undone), _), _) => Said::Undone(undone),
        ((.., Some(late)), _) => Said::Late(late),
        (_, Some(typed)) => check_in::said_of(engine, &snapshot, &desk, &place, typed.trim()).await,
        _ => Said::Nothing,
    };
    let wanted = reading::text(&query.find.unwrap_or_default());
    let response = page(engine, &snapshot, &desk, &place, &said, &wanted).await;
    Ok(remembered::keeping_hall(response, place.hall.id))
}

/// The page of a day that says something.
async fn page(
    engine: &Engine,
    snapshot: &Snapshot,
    desk: &Desk,
    place: &Place<'_>,
    said: &Said,
    wanted: &str,
) -> Response {
    let (visit, text) = (&desk.visit, desk.visit.text);
    let everybody = People::of_day(engine, place, visit.now);
    let counts = everybody.counts;
    let people = if wanted.is_empty() { everybody } else { everybody.found(wanted) };
    let back = if wanted.is_empty() { place.path() } else { with_parameter(&place.path(), "find", wanted) };
    let queue = if place.is_today() { Some(engine.queue_of(place.hall_day().log()).await) } else { None };
    let rows =
        Rows { visit, engine, snapshot, people: &people, back, is_today: place.is_today(), queue: queue.as_ref() };
    Frame::staff(visit, title(text, place)).refreshed_every(REFRESH_S).page(&html! {
        (stale(text))
        (notice(&rows, place, said, queue.as_ref()))
        @if !place.is_today() {
            p class="muted" {
                (text.with("desk-day-not-today", &[("today", text.day(place.today).into())])) " "
                a href=(day_path(place.hall, place.today)) { (text.get("desk-way-today")) }
            }
        }
        div class="toolbar" {
            (scan(visit, place, said))
            (search(text, place, wanted))
            (other_day(text, place))
        }
        (ways(text, place, &desk.member))
        (numbers(text, &counts, queue.as_ref().map(|queue| queue.waiting().len())))
        h2 class="visually-hidden" { (text.get("desk-day-people")) }
        @if rows.people.bands.iter().all(|band| band.people.is_empty()) {
            p { (text.get(if wanted.is_empty() { "desk-day-nobody" } else { "desk-day-not-found" })) }
        }
        @if wanted.is_empty() && place.is_today() {
            (rows.bands_from(place.wall_clock(visit.now)))
        } @else {
            (rows.bands())
        }
    })
}

/// Said on top, and in sight wherever somebody reads, while the server cannot be reached.
#[must_use]
pub fn stale(text: Text) -> Markup {
    html! { p class="notice warn stale" role="alert" data-stale hidden { (text.get("desk-stale")) } }
}

/// Which hall and which day.
#[must_use]
pub fn title(text: Text, place: &Place<'_>) -> String {
    let parts = [("hall", Arg::from(text.pick(&place.hall.name))), ("day", text.day(place.date).into())];
    text.with("desk-day-title", &parts)
}

fn notice(rows: &Rows<'_>, place: &Place<'_>, said: &Said, queue: Option<&DeskQueue>) -> Markup {
    let (visit, text) = (rows.visit, rows.visit.text);
    match said {
        Said::Nothing => html! {},
        Said::Done(one, whole_party) => done(rows, place, one, *whole_party, queue),
        Said::Undone(one) => undone(visit, one),
        Said::Late(one) => late(visit, one),
        Said::Ask(one, code) => ask(visit, rows.snapshot, place, one, *code),
        Said::Refused(why) => html! {
            div class="notice bad" role="alert" {
                h2 { (text.get("desk-check-in-refused")) }
                p id="code-error" { (why) }
            }
        },
    }
}

/// Says that the last step with somebody was taken back.
#[must_use]
pub fn undone(visit: &Visit, one: &Appointment) -> Markup {
    html! { div class="notice info" role="status" { h2 { (visit.text.with("desk-undone", &as_it_is(visit, one))) } } }
}

/// Says that somebody could not be changed any more.
#[must_use]
pub fn late(visit: &Visit, one: &Appointment) -> Markup {
    let text = visit.text;
    html! {
        div class="notice warn" role="status" {
            h2 { (text.with("desk-late", &as_it_is(visit, one))) }
            p { (text.get("desk-late-why")) }
        }
    }
}

/// Name and state of somebody, for a sentence.
fn as_it_is<'a>(visit: &Visit, one: &Appointment) -> [(&'static str, Arg<'a>); 2] {
    let state = status_name(visit.text, one.status_at(visit.now));
    [("name", one.mask.name().into()), ("state", state.into())]
}

fn done(rows: &Rows<'_>, place: &Place<'_>, one: &Appointment, whole_party: bool, queue: Option<&DeskQueue>) -> Markup {
    let (text, now) = (rows.visit.text, rows.visit.now);
    let together = if whole_party { done_together(rows.engine, one, now) } else { vec![*one] };
    let names = together.iter().map(|one| one.mask.name()).collect::<Vec<_>>().join(&text.get("desk-and"));
    let name = [("name", Arg::from(names))];
    let key = match one.status_at(now) {
        Status::CheckedIn => "desk-done-checked-in",
        Status::Served => "desk-done-served",
        Status::NoShow => "desk-done-no-show",
        Status::Cancelled => "desk-done-cancelled",
        Status::Held | Status::Booked | Status::Expired => "desk-done-changed",
    };
    let numbers = together.iter().filter_map(|one| Some((one, queue?.number_of(one.code)?)));
    html! {
        div class="notice good" role="status" {
            h2 { (text.with(key, &name)) }
            @if one.status_at(now) == Status::CheckedIn {
                @for (one, number) in numbers {
                    p {
                        @if whole_party { (one.mask.name()) " " }
                        (text.with("desk-done-number", &[("number", shown_number(number).into())])) " "
                        a href=(place.path_to(&format!("tickets/{}", one.code))) { (text.get("desk-done-ticket")) }
                    }
                }
            }
            div class="acts" {
                @if !whole_party { (rows.check_in_others(one)) }
                (rows.undo(one, whole_party))
            }
        }
    }
}

/// An appointment of another day is checked in only where the desk says so; with it everybody whom its code means.
fn ask(visit: &Visit, snapshot: &Snapshot, place: &Place<'_>, one: &Appointment, code: ShownCode) -> Markup {
    let text = visit.text;
    let when = format!("{} {}", text.day(one.slot.date), text.span(one.slot.start, one.slot.end));
    html! {
        div class="notice warn" role="alert" {
            h2 { (text.with("desk-other-day", &[("name", one.mask.name().into()), ("when", when.into())])) }
            p { (service_name(text, snapshot, one.service.as_str())) " · " (one.mask.id_number()) }
            form method="post" action=(place.path_to("check-in")) data-once {
                (visit.csrf())
                input type="hidden" name="code" value=(code);
                div class="buttons" {
                    button class="button" name="anyway" value="yes" { (text.get("desk-other-day-anyway")) }
                    a class="button second" href=(place.path()) { (text.get("desk-other-day-leave")) }
                }
            }
        }
    }
}

/// The field is empty whatever was said: a scanner types behind what stands in it.
fn scan(visit: &Visit, place: &Place<'_>, said: &Said) -> Markup {
    let text = visit.text;
    let is_refused = matches!(said, Said::Refused(_));
    html! {
        form class="scan" method="post" action=(place.path_to("check-in")) data-once {
            (visit.csrf())
            div class="field" {
                label for="code" { (text.get("desk-code")) }
                input class="w-full" id="code" name="code" data-scanner-field autofocus autocomplete="off"
                    autocapitalize="characters" spellcheck="false" required
                    aria-describedby=[is_refused.then_some("code-error")] aria-invalid=[is_refused.then_some("true")];
            }
            button class="button" { (text.get("desk-check-in")) }
            button class="button second" type="button" data-scan hidden { (text.get("desk-camera")) }
        }
        dialog data-scanner aria-label=(text.get("desk-camera")) {
            video muted playsinline {}
            form method="dialog" { button class="button second" { (text.get("desk-camera-close")) } }
        }
    }
}

fn numbers(text: Text, counts: &Counts, waiting: Option<usize>) -> Markup {
    let rows = [
        ("desk-count-expected", Some(counts.expected)),
        ("desk-count-here", Some(counts.here)),
        ("desk-count-waiting", waiting),
        ("desk-count-served", Some(counts.served)),
        ("desk-count-no-show", Some(counts.no_show)),
        ("desk-count-cancelled", Some(counts.cancelled)),
    ];
    html! {
        dl class="tally" {
            @for (key, number) in rows {
                @if let Some(number) = number { div { dt { (text.get(key)) } dd class="n" { (number) } } }
            }
        }
    }
}

fn search(text: Text, place: &Place<'_>, wanted: &str) -> Markup {
    html! {
        form method="get" action=(place.path()) role="search" {
            div class="field" {
                label for="find" { (text.get("desk-find")) }
                input id="find" name="find" value=(wanted) autocomplete="off";
            }
            button class="button second" { (text.get("desk-find-button")) }
            @if !wanted.is_empty() { a class="button quiet" href=(place.path()) { (text.get("desk-find-all")) } }
        }
    }
}

/// The same page on another day.
fn other_day(text: Text, place: &Place<'_>) -> Markup {
    let arrow = |date: Option<NaiveDate>, key: &str, sign: &str| {
        html! {
            @if let Some(date) = date {
                a class="button second arrow" href=(day_path(place.hall, date)) aria-label=(text.get(key)) { (sign) }
            }
        }
    };
    html! {
        form method="get" action={ "/staff/halls/" (place.hall.id) } {
            (arrow(place.date.pred_opt(), "desk-way-earlier", "‹"))
            div class="field" {
                label for="date" { (text.get("desk-go-to-day")) }
                input id="date" name="date" type="date" value=(place.date);
            }
            button class="button second" { (text.get("desk-go")) }
            (arrow(place.date.succ_opt(), "desk-way-later", "›"))
        }
    }
}
