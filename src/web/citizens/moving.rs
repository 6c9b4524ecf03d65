//! `GET /appointments/{id}/move` and `/move/confirm`: another time for an appointment. The old place is given up only when
//! the new one is sure, and the pages say so.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::choice::{Choice, day_words, places, window};
use super::parties::{concerned, judge};
use super::slot::{SlotQuery, Wanted, day_and_time, hall_name, service_name};
use super::trouble::Told;
use crate::domain::appointment::{Action, Appointment};
use crate::domain::hall::Hall;
use crate::domain::rejection::Rejection;
use crate::domain::service::Service;
use crate::domain::snapshot::Snapshot;
use crate::engine::{Day, Engine};
use crate::http::app::App;
use crate::http::booking_body::{NewSlotBody, target};
use crate::http::metrics::Change;
use crate::http::path::Path;
use crate::http::person::Person;
use crate::http::problem::{Code, Problem};
use crate::http::query::Query;
use crate::web::answer::{percent, see_other};
use crate::web::filled::Filled;
use crate::web::frame::Frame;
use crate::web::once;
use crate::web::text::Text;
use crate::web::visit::{Citizen, Visit};

/// Which hall, and how much of a party.
#[derive(Deserialize)]
pub struct Asked {
    hall: Option<String>,
    party: Option<String>,
}

/// The days of a hall on which there is a time for all who move.
///
/// # Errors
/// `unknown_appointment`, `wrong_state` where it can no longer be moved, `forbidden` for somebody else's party,
/// `unknown_hall`, `unknown_service`, `service_not_offered`.
pub async fn days(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = &citizen;
    let (engine, text, whole_party) = (app.engine()?, visit.text, asked.party.as_deref() == Some("true"));
    let moving = person.appointment(engine, &id)?;
    judge(&moving, person.key, whole_party, Action::Reschedule, visit.now)?;
    let snapshot = engine.snapshot();
    let service = snapshot.service(moving.service.as_str())?;
    let hall = hall_to_show(&snapshot, asked.hall.as_deref(), &moving, service)?;
    let found = engine.days(hall, service, window(&snapshot, hall, visit.now), visit.now)?;
    let choice = choice_of(&moving, whole_party, concerned(engine, person.key, &moving, whole_party, visit.now).len());
    let gone = snapshot.hall(moving.slot.hall.as_str()).is_err();
    Ok(Frame::citizens(visit, text.get("moving-title")).back(format!("/appointments/{}", moving.id)).page(&html! {
        p class="lead" { (text.get("moving-kept")) }
        (now_at(text, &snapshot, &moving))
        (other_halls(text, &snapshot, hall, service, whole_party, gone))
        h2 { (text.with("moving-days", &[("hall", text.pick(&hall.name).into())])) }
        (tiles(text, &choice, hall, &found))
    }))
}

/// Old and new, side by side.
///
/// # Errors
/// As [`days`], and `invalid_field` where the address names no slot.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    Query(asked): Query<SlotQuery>,
) -> Result<Response, Problem> {
    let scene = Scene::of(app.engine()?, &citizen.visit, &citizen.person, &id, &asked)?;
    judge(&scene.moving, citizen.person.key, scene.whole_party, Action::Reschedule, citizen.visit.now)?;
    Ok(scene.page(StatusCode::OK, &html! {}))
}

/// Moves, or says that the old appointment stands as it was.
///
/// # Errors
/// As [`page`], and faults of the server.
pub async fn send(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<SlotQuery>,
    filled: Filled,
) -> Result<Response, Problem> {
    let visit = &filled.visit;
    let Some(person) = &visit.person else {
        return Ok(see_other(&format!("/sign-in?next={}", percent(&visit.here))));
    };
    let engine = app.engine()?;
    let scene = Scene::of(engine, visit, person, &id, &asked)?;
    let told = Told::default();
    let moving = async |call| {
        let slot = &scene.wanted.slot;
        let [hall, date, start] = [slot.hall.to_string(), slot.date.to_string(), slot.start.to_string()].map(Some);
        let to = target(NewSlotBody { hall, date, start })?;
        let moved = engine.reschedule(call, scene.moving.id, scene.whole_party, to).await;
        let answer = moved.map_err(|refusal| told.noted(refusal))?;
        app.metrics().changed(Change::Rescheduled, answer.appointments().len());
        Ok(answer)
    };
    match once::answered(&app, &filled, person.caller(), moving).await {
        Ok(_) => Ok(see_other(&format!("/appointments/{}?moved=1", scene.moving.id))),
        Err(problem) if problem.code == Code::Internal => Err(problem),
        Err(problem) => {
            let notice = told.notice(visit.text, &problem, &scene.unchanged());
            Ok(scene.page(problem.status, &notice))
        }
    }
}

/// A move that has not been made yet.
struct Scene<'a> {
    visit: &'a Visit,
    snapshot: std::sync::Arc<Snapshot>,
    moving: Appointment,
    wanted: Wanted,
    whole_party: bool,
    /// Who moves.
    concerned: Vec<Appointment>,
}

impl<'a> Scene<'a> {
    fn of(engine: &Engine, visit: &'a Visit, person: &Person, id: &str, asked: &SlotQuery) -> Result<Self, Problem> {
        let moving = person.appointment(engine, id)?;
        let snapshot = engine.snapshot();
        let wanted = asked.wanted_for(Some(moving.service.as_str()), engine, &snapshot, visit.now)?;
        let whole_party = asked.is_party();
        let concerned = concerned(engine, person.key, &moving, whole_party, visit.now);
        Ok(Self { visit, snapshot, moving, wanted, whole_party, concerned })
    }

    /// The bands of the day that was chosen, to choose another.
    fn others(&self) -> String {
        let slot = &self.wanted.slot;
        let choice = choice_of(&self.moving, self.whole_party, self.concerned.len());
        format!("/halls/{}/{}?{}", percent(slot.hall.as_str()), slot.date, choice.query())
    }

    fn unchanged(&self) -> Markup {
        let text = self.visit.text;
        let when = day_and_time(text, &self.moving.slot);
        html! {
            p { strong { (text.with("moving-unchanged", &[("when", when.into())])) } }
            p { a class="button second" href=(self.others()) { (text.get("moving-other-times")) } }
        }
    }

    fn page(&self, status: StatusCode, notice: &Markup) -> Response {
        let text = self.visit.text;
        let party = if self.whole_party { "&party=true" } else { "" };
        let action = format!("/appointments/{}/move/confirm?{}{party}", self.moving.id, self.wanted.query());
        let frame = Frame::citizens(self.visit, text.get("moving-confirm-title")).back(self.others()).status(status);
        frame.page(&html! {
            (notice)
            p class="lead" { (text.get("moving-kept")) }
            p { (service_name(text, &self.snapshot, self.moving.service)) }
            div class="columns" {
                section class="card" {
                    h2 { (text.get("moving-old")) }
                    dl class="summary" { (Wanted::of(&self.moving).place(text, &self.snapshot)) }
                }
                section class="card" {
                    h2 { (text.get("moving-new")) }
                    dl class="summary" { (self.wanted.place(text, &self.snapshot)) }
                }
            }
            (people(text, &self.concerned))
            form method="post" action=(action) data-once {
                (self.visit.csrf())
                div class="buttons" {
                    button class="button" name="do" value="move" { (text.get("moving-confirm")) }
                    a class="button second" href=(self.others()) { (text.get("moving-other-times")) }
                    a class="button quiet" href={ "/appointments/" (self.moving.id) } { (text.get("moving-keep")) }
                }
            }
        })
    }
}

/// Whom a change is about, masked.
#[must_use]
pub fn people(text: Text, concerned: &[Appointment]) -> Markup {
    html! {
        h2 { (text.with("moving-people", &[("count", concerned.len().into())])) }
        ul class="plain" {
            @for member in concerned {
                li { (member.mask.name()) " " span class="muted n" { (member.mask.id_number()) } }
            }
        }
    }
}

/// The hall that was asked for, else that of the appointment; where a reload has taken that away, another one, since whoever
/// was stranded must be able to move.
fn hall_to_show<'a>(
    snapshot: &'a Snapshot,
    asked: Option<&str>,
    moving: &Appointment,
    service: &Service,
) -> Result<&'a Hall, Rejection> {
    if let Some(id) = asked {
        return snapshot.hall(id);
    }
    let serves = |hall: &&Hall| hall.lane_for(service).is_some();
    let own = snapshot.hall(moving.slot.hall.as_str()).ok().filter(serves);
    own.or_else(|| snapshot.halls().iter().find(serves)).ok_or(Rejection::ServiceNotOffered)
}

fn choice_of(moving: &Appointment, whole_party: bool, people: usize) -> Choice {
    Choice {
        service: Some(moving.service.as_str().to_owned()),
        moving: Some(moving.id.to_string()),
        party: whole_party.then(|| "true".to_owned()),
        people: Some(people.to_string()),
        ..Choice::default()
    }
}

fn now_at(text: Text, snapshot: &Snapshot, moving: &Appointment) -> Markup {
    html! {
        div class="notice info" {
            h2 { (text.get("moving-old")) }
            p { (day_and_time(text, &moving.slot)) br; (hall_name(text, snapshot, &moving.slot)) }
        }
    }
}

/// The days with a band that has room for all.
fn tiles(text: Text, choice: &Choice, hall: &Hall, days: &[Day]) -> Markup {
    let open: Vec<&Day> = days.iter().filter(|day| has_room(day, choice.people())).collect();
    html! {
        @if open.is_empty() {
            p { (text.get("moving-no-day")) }
        } @else {
            ul class="tiles" {
                @for day in open {
                    li {
                        a href=(choice.bands_of(hall, day.date)) {
                            strong { (text.day(day.date)) }
                            span { (day_words(text, day, choice.people())) }
                        }
                    }
                }
            }
        }
        p { a href=(choice.days_of(hall)) { (text.get("moving-calendar")) } }
    }
}

/// Whether a band of a day can take so many.
fn has_room(day: &Day, people: u32) -> bool {
    day.closed_by.is_none() && places(day, people).0 > 0
}

/// The halls of the same city that serve the service too; of every city where the hall of the appointment is gone, since
/// nobody knows any more which one that was in.
fn other_halls(
    text: Text,
    snapshot: &Snapshot,
    here: &Hall,
    service: &Service,
    whole_party: bool,
    gone: bool,
) -> Markup {
    let serves = |hall: &&Hall| (gone || hall.city == here.city) && hall.lane_for(service).is_some();
    let halls: Vec<&Hall> = snapshot.halls().iter().filter(serves).collect();
    let option = |hall: &Hall| {
        let name = text.pick(&hall.name);
        let lang = text.foreign(name).unwrap_or(text.0.tag());
        html! { option value=(hall.id.as_str()) lang=(lang) selected[hall.id == here.id] { (name) } }
    };
    html! {
        @if halls.len() > 1 {
            form class="filters" method="get" {
                @if whole_party { input type="hidden" name="party" value="true"; }
                div class="field" {
                    label for="hall" { (text.get("moving-hall")) }
                    select id="hall" name="hall" {
                        @for city in halls.chunk_by(|a, b| a.city == b.city) {
                            @if gone {
                                optgroup label=(city[0].city) lang=[text.foreign(&city[0].city)] {
                                    @for hall in city { (option(hall)) }
                                }
                            } @else { @for hall in city { (option(hall)) } }
                        }
                    }
                }
                button class="button second" { (text.get("moving-show-hall")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::domain::wall::WallTime;
    use crate::engine::SlotCount;

    #[test]
    fn a_day_has_room_where_a_band_can_take_all() {
        let band = |taken| SlotCount { start: WallTime::hm(9, 0), end: WallTime::hm(9, 30), capacity: 4, taken };
        let mut day = Day { date: samples::held().slot.date, closed_by: None, slots: vec![band(1), band(3), band(9)] };
        assert_eq!([1, 2, 4].map(|people| places(&day, people).0), [4, 3, 0]);
        assert_eq!([1, 3, 4].map(|people| has_room(&day, people)), [true, true, false]);
        day.closed_by = Some(Rejection::Past);
        assert!(!has_room(&day, 1));
    }

    #[test]
    fn the_way_to_a_band_says_what_is_moved() {
        let moving = samples::held();
        let query = choice_of(&moving, true, 2).query();
        assert_eq!(query, format!("service=passport.renewal&moving={}&party=true&people=2", moving.id));
    }
}
