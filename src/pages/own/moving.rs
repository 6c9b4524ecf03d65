//! `GET /appointments/{id}/move` and `/move/confirm`: another time for an appointment, or for places that are only held. The
//! old place is given up only when the new one is sure, and the pages say so.
//!
//! The time is chosen on the same pages as that of a new booking, which say above what is moved. Whatever comes of a move is
//! said by a page that was asked for, by how things stand then: so it is true however often it is looked at.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::known::Known;
use super::party::{PartyQuery, called, concerned, judge};
use super::whose;
use crate::app::access::person::Person;
use crate::app::changes;
use crate::app::changes::Which;
use crate::app::input::booking::NewSlotInput;
use crate::app::refusal::Code;
use crate::app::state::App;
use crate::domain::appointment::{Action, Appointment, Slot, Status};
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Answer, Engine};
use crate::pages::booking::countdown;
use crate::pages::booking::countdown::Around;
use crate::pages::finding::areas;
use crate::pages::finding::choice::Choice;
use crate::pages::finding::slot::{SlotQuery, Wanted, day_and_time, hall_name, service_name};
use crate::pages::kit::form_input::Filled;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::redirect::{percent, see_other};
use crate::pages::kit::visitor::{Citizen, Visit};
use crate::pages::text::Text;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// The field of a form that says which revision of an appointment its person has seen.
pub const REVISION: &str = "revision";

/// What came of a move.
#[derive(Debug, Default, Deserialize)]
pub struct Outcome {
    /// It was refused.
    refused: Option<String>,
    /// The appointment was changed while its person looked at the page.
    changed: Option<String>,
}

impl Outcome {
    const fn is_refusal(&self) -> bool {
        self.refused.is_some() || self.changed.is_some()
    }
}

/// Asks for whom, and leads to the times.
///
/// # Errors
/// `unknown_appointment`, `forbidden` for somebody else's party.
pub async fn days(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    Query(asked): Query<PartyQuery>,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = &citizen;
    let engine = app.engine()?;
    let moving = person.appointment(engine, &id)?;
    if asked.is_open()
        && let Some(question) = whose::asked(engine, visit, person, &moving, Action::Reschedule)
    {
        return Ok(question);
    }
    let whole_party = asked.is_whole();
    if let Err(rejection) = judge(&moving, person.key, whole_party, Action::Reschedule, visit.now) {
        return too_late(&moving, rejection, "move");
    }
    let people = concerned(engine, person.key, &moving, whole_party, visit.now).len();
    let choice = Choice::for_moving(&moving, whole_party, people);
    let snapshot = engine.snapshot();
    let service = snapshot.service(moving.service.as_str())?;
    let own = snapshot.hall(moving.slot.hall.as_str()).ok().filter(|hall| hall.lane_for(service).is_some());
    // Where a reload has taken the hall away, another one is chosen first.
    Ok(see_other(&own.map_or_else(|| format!("/halls?{}", choice.query()), |hall| choice.days_of(hall))))
}

/// What stands above the times while an appointment is moved: what it is now, and what happens to it.
#[must_use]
pub fn above(engine: &Engine, visit: &Visit, choice: &Choice) -> Markup {
    let found = || {
        let person = visit.person.as_ref()?;
        Some((person, person.appointment(engine, choice.moving.as_deref()?).ok()?))
    };
    let Some((person, moving)) = found() else { return html! {} };
    let text = visit.text;
    let concerned = concerned(engine, person.key, &moving, choice.is_party(), visit.now);
    html! {
        section class="notice info moving" {
            h2 { (text.get(title_of(&moving, visit.now))) }
            p {
                strong { (day_and_time(text, &moving.slot)) } " " (hall_name(text, &engine.snapshot(), &moving.slot)) br;
                (names(visit, person, &concerned))
            }
            (kept(visit, &moving))
        }
    }
}

/// Where halls are looked for while an appointment is moved and nobody has said where: around the hall that it is in. None if
/// nothing is moved, or its hall is gone.
#[must_use]
pub fn area(engine: &Engine, visit: &Visit, choice: &Choice) -> Option<String> {
    let moving = visit.person.as_ref()?.appointment(engine, choice.moving.as_deref()?).ok()?;
    let snapshot = engine.snapshot();
    let (hall, service) = (snapshot.hall(moving.slot.hall.as_str()).ok()?, choice.service(&snapshot).ok()?);
    Some(areas::around(&snapshot, service, hall))
}

/// Leads from the times of a hall to the other halls; nothing unless an appointment is moved, as the way back leads to it then.
#[must_use]
pub fn elsewhere(text: Text, choice: &Choice) -> Markup {
    html! {
        @if choice.moving.is_some() {
            div class="buttons" { a class="button quiet" href=(choice.halls()) { (text.get("moving-other-halls")) } }
        }
    }
}

/// Old and new, side by side.
///
/// # Errors
/// `unknown_appointment`, `forbidden` for somebody else's party, `unknown_hall`, `unknown_service`,
/// `service_not_offered`, `invalid_field` where the address names no slot.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    Query(asked): Query<SlotQuery>,
    Query(outcome): Query<Outcome>,
) -> Result<Response, Problem> {
    let scene = Scene::of(app.engine()?, &citizen.visit, &citizen.person, &id, &asked)?;
    let judged = judge(&scene.moving, citizen.person.key, scene.whole_party, Action::Reschedule, citizen.visit.now);
    match judged {
        Ok(()) => Ok(scene.page(&outcome)),
        Err(rejection) => too_late(&scene.moving, rejection, "move"),
    }
}

/// Moves; whatever comes of it is said by the page to which this leads.
///
/// # Errors
/// As [`page`], and faults of the server.
pub async fn send(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<SlotQuery>,
    headers: HeaderMap,
    filled: Filled,
) -> Result<Response, Problem> {
    let visit = &filled.visit;
    let Some(person) = &visit.person else {
        return Ok(see_other(&format!("/sign-in?next={}", percent(&visit.here))));
    };
    let engine = app.engine()?;
    let scene = Scene::of(engine, visit, person, &id, &asked)?;
    let slot = &scene.wanted.slot;
    let [hall, date, start] = [slot.hall.to_string(), slot.date.to_string(), slot.start.to_string()].map(Some);
    let which = Which { seen: seen_in(&filled), ..Which::of(&id, scene.whole_party) };
    let once = filled.once(&person.caller());
    match changes::reschedule(&app, person, once, which, NewSlotInput { hall, date, start }).await {
        Ok(answer) => {
            let mut response = see_other(&scene.after(&answer, filled.raw(REVISION)));
            learn(&app, person, &headers, &answer, &mut response);
            Ok(response)
        }
        Err(refusal) => match scene.refused(engine, refusal.code(), filled.raw(REVISION)) {
            Some(path) => Ok(see_other(&path)),
            None => Err(refusal.into()),
        },
    }
}

/// Lets the browser know of what its own person has changed.
pub fn learn(app: &App, person: &Person, headers: &HeaderMap, answer: &Answer, response: &mut Response) {
    let brought = Known::brought(app.sealer(), person.key, headers);
    let mut known = brought.clone();
    for after in answer.appointments() {
        if after.status == Status::Booked { known.learn(after) } else { known.forget(after.id) }
    }
    known.keep(app.sealer(), person.key, response.headers_mut(), &brought);
}

/// The revision of an appointment that its person has seen, as a form says it: nobody moves or cancels what they do not know.
/// A form that does not say it was not made by these pages.
#[must_use]
pub fn seen_in(filled: &Filled) -> Option<&str> {
    Some(filled.raw(REVISION)).filter(|seen| !seen.is_empty())
}

/// It can no longer be changed: the ticket says why. Whoever may not at all is told so.
///
/// # Errors
/// `forbidden`.
pub fn too_late(appointment: &Appointment, rejection: Rejection, what: &str) -> Result<Response, Problem> {
    match rejection {
        Rejection::NotTheMaker => Err(rejection.into()),
        _ => Ok(see_other(&format!("/appointments/{}?late={what}", appointment.id))),
    }
}

/// A move that has not been made yet.
struct Scene<'a> {
    visit: &'a Visit,
    person: &'a Person,
    snapshot: std::sync::Arc<Snapshot>,
    moving: Appointment,
    wanted: Wanted,
    whole_party: bool,
    /// Who moves.
    concerned: Vec<Appointment>,
}

impl<'a> Scene<'a> {
    fn of(engine: &Engine, visit: &'a Visit, person: &'a Person, id: &str, asked: &SlotQuery) -> Result<Self, Problem> {
        let moving = person.appointment(engine, id)?;
        let snapshot = engine.snapshot();
        let wanted = asked.wanted_for(Some(moving.service.as_str()), engine, &snapshot, visit.now)?;
        let whole_party = asked.is_party();
        let concerned = concerned(engine, person.key, &moving, whole_party, visit.now);
        Ok(Self { visit, person, snapshot, moving, wanted, whole_party, concerned })
    }

    /// What is moved, and for how many a place is looked for.
    fn choice(&self) -> Choice {
        Choice::for_moving(&self.moving, self.whole_party, self.concerned.len())
    }

    /// The bands of the day that was chosen, to choose another, from the halls among which this one was found.
    fn others(&self) -> String {
        let slot = &self.wanted.slot;
        let way = self.wanted.way.clone();
        let choice = Choice { area: way.area, lat: way.lat, lon: way.lon, datum: way.datum, ..self.choice() };
        format!("/halls/{}/{}?{}", percent(slot.hall.as_str()), slot.date, choice.query())
    }

    /// This page.
    fn here(&self) -> String {
        let party = if self.whole_party { "&party=true" } else { "" };
        format!("/appointments/{}/move/confirm?{}{party}", self.moving.id, self.wanted.query())
    }

    /// Where a move has led.
    fn after(&self, answer: &Answer, seen: &str) -> String {
        let id = self.moving.id;
        let named = answer.appointments().iter().find(|after| after.id == id);
        match named {
            Some(after) if after.status == Status::Held => format!("/held/{id}"),
            // A member who had no need to move is no sign of what became of the others.
            Some(after) if !self.whole_party && after.revision.to_string() == seen => {
                format!("/appointments/{id}?unchanged=1")
            }
            _ => format!("/appointments/{id}?moved=1"),
        }
    }

    /// The page that says why a move was refused; none for what is no matter of this appointment.
    fn refused(&self, engine: &Engine, code: Code, seen: &str) -> Option<String> {
        let is_ours = code.is_about_the_slot() || matches!(code, Code::WrongState | Code::HoldExpired);
        let now = engine.appointment(self.moving.id).unwrap_or(self.moving);
        let is_changed = !seen.is_empty() && now.revision.to_string() != seen;
        is_ours.then(|| format!("{}&{}=1", self.here(), if is_changed { "changed" } else { "refused" }))
    }

    fn page(&self, outcome: &Outcome) -> Response {
        let text = self.visit.text;
        let is_held = self.moving.status_at(self.visit.now) == Status::Held;
        let frame = Frame::citizens(self.visit, text.get(title_of(&self.moving, self.visit.now))).back(self.others());
        // Who has pressed is told first why nothing came of it; who only looks finds it above the two times.
        let (told, notice) = (outcome.is_refusal(), self.notice(outcome));
        let (errors, notice) = if told { (notice, html! {}) } else { (html! {}, notice) };
        frame.errors(errors).page(&html! {
            (notice)
            p { (service_name(text, &self.snapshot, self.moving.service)) br; (names(self.visit, self.person, &self.concerned)) }
            div class="columns" {
                (self.card("moving-old", &self.moving.slot))
                (self.card("moving-new", &self.wanted.slot))
            }
            (kept(self.visit, &self.moving))
            form method="post" action=(self.here()) data-once {
                (self.visit.csrf())
                input type="hidden" name=(REVISION) value=(self.moving.revision);
                div class="buttons" {
                    @if self.can_be_had() {
                        button class="button" name="do" value="move" {
                            (text.get(if is_held { "moving-confirm-held" } else { "moving-confirm" }))
                        }
                    }
                    a class="button second" href=(self.others()) { (text.get("moving-other-times")) }
                    @if is_held {
                        a class="button quiet" href={ "/held/" (self.moving.id) } { (text.get("moving-keep-held")) }
                    } @else {
                        a class="button quiet" href={ "/appointments/" (self.moving.id) } { (text.get("moving-keep")) }
                    }
                }
            }
        })
    }

    fn card(&self, title: &str, slot: &Slot) -> Markup {
        let text = self.visit.text;
        html! {
            section class="card" {
                h2 { (text.get(title)) }
                p { strong { (day_and_time(text, slot)) } br; (hall_name(text, &self.snapshot, slot)) }
            }
        }
    }

    /// Whether everybody who moves is in this slot already.
    fn is_here(&self) -> bool {
        self.concerned.iter().all(|member| member.slot == self.wanted.slot)
    }

    /// How many have to find a place there.
    fn coming(&self) -> u32 {
        let coming = self.concerned.iter().filter(|member| member.slot != self.wanted.slot).count();
        u32::try_from(coming).unwrap_or(u32::MAX)
    }

    fn can_be_had(&self) -> bool {
        !self.is_here() && self.wanted.remaining.is_some_and(|remaining| remaining >= self.coming())
    }

    /// Why this cannot be had, or was not, by how things stand now; and that the old time stands.
    fn notice(&self, outcome: &Outcome) -> Markup {
        let text = self.visit.text;
        let is_held = self.moving.status_at(self.visit.now) == Status::Held;
        let why = match self.wanted.remaining {
            _ if self.is_here() => text.get("moving-is-here"),
            None => text.get("moving-not-open"),
            Some(0) => text.get("moving-full"),
            Some(remaining) if remaining < self.coming() => {
                let counts = [("count", remaining.into()), ("people", self.coming().into())];
                text.with("moving-too-few", &counts)
            }
            Some(_) if outcome.changed.is_some() => text.get("moving-changed"),
            Some(_) if outcome.refused.is_some() => text.get("moving-try-again"),
            Some(_) => return html! {},
        };
        let when = day_and_time(text, &self.moving.slot);
        let stands = if is_held { "moving-unchanged-held" } else { "moving-unchanged" };
        html! {
            div class="notice warn" role="alert" tabindex=[outcome.is_refusal().then_some("-1")] {
                h2 { (why) }
                @if !self.is_here() { p { (text.with(stands, &[("when", when.into())])) } }
            }
        }
    }
}

/// What a move is called: places that are only held are no appointment yet.
fn title_of(moving: &Appointment, now: DateTime<Utc>) -> &'static str {
    if moving.status_at(now) == Status::Held { "moving-title-held" } else { "moving-title" }
}

/// What becomes of the old place. Places that are held go on being held, no longer and no shorter.
fn kept(visit: &Visit, moving: &Appointment) -> Markup {
    if moving.status_at(visit.now) == Status::Held {
        return countdown::countdown(visit.text, moving, Around::Words("moving-kept-held"), visit.now);
    }
    html! { p { (visit.text.get("moving-kept")) } }
}

/// Whom a change is about.
fn names(visit: &Visit, person: &Person, concerned: &[Appointment]) -> String {
    let names: Vec<String> = concerned.iter().map(|member| called(visit.text, person, member)).collect();
    names.join(&visit.text.get("news-and"))
}
