//! `GET /held/{id}` and `POST /held/{id}`: the places are held; the same form as before, with the clock.
//!
//! A hold that ends meanwhile takes nothing along: what was typed is kept for the next one.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::booking_form::{FORM, Scene};
use super::countdown;
use super::countdown::Around;
use super::sign_in;
use crate::app::access::person::Person;
use crate::app::changes;
use crate::app::changes::Which;
use crate::app::once::Once;
use crate::app::refusal::{Code, Refusal};
use crate::app::state::App;
use crate::domain::appointment::{Appointment, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::Engine;
use crate::pages::finding::slot::Wanted;
use crate::pages::finding::steps::{Step, steps};
use crate::pages::kit::form_input::{Fields, Filled};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::kept_form;
use crate::pages::kit::kept_form::{KEPT_MINUTES, Kept, Met};
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::visitor::{Citizen, Visit};
use crate::pages::own::party;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;

/// The form, as the same person filled it in last.
///
/// # Errors
/// `unknown_appointment`.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = &citizen;
    let (engine, snapshot) = (app.engine()?, app.engine()?.snapshot());
    let held = person.appointment(engine, &id)?;
    Ok(match Scene::of_hold(&app, engine, visit, person, &snapshot, &held) {
        Ok(scene) => {
            let kept = Kept::of(app.sealer(), &headers, visit.now);
            let fields = scene.fields(kept.as_ref());
            scene.held_page(&fields, &met_here(kept, person, &scene.here()))
        }
        Err(Over::Ended) => ended(visit, &snapshot, &held, &times(engine, person, &held, visit.now)),
        Err(Over::Gone) => see_other(&appointment(&held)),
    })
}

/// What the form of a page met, if it is the one that the browser keeps, and this person's.
#[must_use]
pub fn met_here(kept: Option<Kept>, person: &Person, here: &str) -> Met {
    kept.filter(|kept| kept.person == person.key && kept.path == here).map(|kept| kept.met).unwrap_or_default()
}

/// Judges the form and goes on to where it is checked, or shows it again.
///
/// # Errors
/// As [`page`], and faults of the server.
pub async fn send(State(app): State<App>, Path(id): Path<String>, filled: Filled) -> Result<Response, Problem> {
    let Some(person) = &filled.visit.person else { return Ok(sign_in::interrupted(&app, &filled)) };
    let (engine, snapshot) = (app.engine()?, app.engine()?.snapshot());
    let held = person.appointment(engine, &id)?;
    let scene = match Scene::of_hold(&app, engine, &filled.visit, person, &snapshot, &held) {
        Ok(scene) => scene,
        Err(over) => return over.answer(&app, &filled, person, &held),
    };
    scene.judge_owner(&filled)?;
    if let Some(answer) = scene.pressed(&filled) {
        return Ok(answer);
    }
    let (fields, here) = (filled.fields(), scene.here());
    match filled.raw("do") {
        "extend" => scene.extended(&filled, &here).await,
        // The clock of the browser was ahead; the places are still there.
        "over" => Ok(scene.shown_at(fields, Met::Nothing, &here)),
        _ if !Scene::knows_people(fields) || scene.is_of_the_hold(fields) => {
            let check = if scene.judged(fields).is_ok() { "/check" } else { "" };
            let mut answer = see_other(&format!("{here}{check}"));
            scene.keep(fields, &here, Met::Judged, answer.headers_mut());
            Ok(answer)
        }
        _ => scene.hold(&filled).await,
    }
}

/// Why there is no hold any more.
pub enum Over {
    /// Its time is over.
    Ended,
    /// It was confirmed or given up.
    Gone,
}

impl Over {
    /// Keeps what was typed, and goes to where the end is told, to the times if it was told, or to the appointment.
    ///
    /// # Errors
    /// `forbidden` where the form is another person's, `overloaded`.
    pub fn answer(self, app: &App, filled: &Filled, person: &Person, held: &Appointment) -> Result<Response, Problem> {
        judge_owner(app, filled, person)?;
        let Self::Ended = self else { return Ok(see_other(&appointment(held))) };
        let (now, path) = (filled.visit.now, format!("/held/{}", held.id));
        // The page has told the end already: one press leads on.
        let is_told = filled.raw("do") == "over";
        let mut answer = see_other(&if is_told { times(app.engine()?, person, held, now) } else { path.clone() });
        let kept = Kept { person: person.key, path, fields: filled.fields().clone(), met: Met::Nothing };
        kept.keep(app.sealer(), now, KEPT_MINUTES, answer.headers_mut());
        Ok(answer)
    }
}

/// The page of an appointment.
#[must_use]
pub fn appointment(of: &Appointment) -> String {
    format!("/appointments/{}", of.id)
}

fn judge_owner(app: &App, filled: &Filled, person: &Person) -> Result<(), Problem> {
    if kept_form::is_made_for(app.sealer(), filled.fields(), person.key) {
        return Ok(());
    }
    Err(Problem::forbidden("this form was made for another person; open the page again"))
}

impl<'a> Scene<'a> {
    /// The scene of a hold.
    ///
    /// # Errors
    /// [`Over`] where it is none any more.
    pub fn of_hold(
        app: &'a App,
        engine: &'a Engine,
        visit: &'a Visit,
        person: &'a Person,
        snapshot: &'a Snapshot,
        held: &Appointment,
    ) -> Result<Self, Over> {
        match held.status_at(visit.now) {
            Status::Held => {}
            Status::Expired => return Err(Over::Ended),
            _ => return Err(Over::Gone),
        }
        // Who comes along sees and confirms their own place alone.
        let party = if held.made_by == person.key { party::members(engine, person.key, held) } else { vec![*held] };
        let held_now = party.into_iter().filter(|member| member.status_at(visit.now) == Status::Held);
        let mut members: Vec<Appointment> = held_now.collect();
        if members.is_empty() {
            members.push(*held);
        }
        Ok(Self { app, engine, visit, person, snapshot, wanted: Wanted::of(held), held: members })
    }
}

impl Scene<'_> {
    /// Judges whether a form was made for this person.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn judge_owner(&self, filled: &Filled) -> Result<(), Problem> {
        judge_owner(self.app, filled, self.person)
    }

    /// Puts some minutes on the hold, once, and shows the page again.
    ///
    /// # Errors
    /// Faults of the server.
    pub async fn extended(&self, filled: &Filled, path: &str) -> Result<Response, Problem> {
        let id = self.held[0].id.to_string();
        let which = Which::of(&id, self.held[0].made_by == self.person.key);
        let met = match changes::extend(self.app, self.person, Once::Unkeyed, which).await {
            Ok(_) => Met::Nothing,
            // Pressed twice: the clock shows that it worked.
            Err(refusal) if refusal.code() == Code::WrongState => Met::Nothing,
            Err(fault @ Refusal::Fault(_)) => return Err(fault.into()),
            Err(refusal) => refusal.into(),
        };
        Ok(self.shown_at(filled.fields(), met, path))
    }

    /// The clock, with the button that puts some minutes on while that is possible.
    #[must_use]
    pub fn countdown(&self) -> Markup {
        let minutes = Some(self.snapshot.policy.hold_extension_minutes).filter(|minutes| *minutes > 0);
        let minutes = minutes.filter(|_| !self.held.iter().any(|member| member.extended));
        let around = Around::Form { extension_minutes: minutes };
        countdown::countdown(self.text(), &self.held[0], around, self.visit.now)
    }

    fn held_page(&self, fields: &Fields, met: &Met) -> Response {
        let text = self.text();
        let (faults, notice) = self.told(fields, met);
        let frame = Frame::citizens(self.visit, text.get("book-title")).form(FORM, "review").unstored();
        let frame = frame.back(self.other_times(self.held.len()));
        frame.errors(html! { (faults.summary(text)) (notice) }).page(&html! {
            (steps(text, Step::Details))
            (self.countdown())
            (self.slot())
            (self.bringing(fields, false))
            (self.form(fields, &faults))
            (self.release())
        })
    }

    /// None after all: one press gives the places back.
    #[must_use]
    pub fn release(&self) -> Markup {
        let text = self.text();
        let action = format!("{}/cancel{}", appointment(&self.held[0]), party::query(self.is_whole_party()));
        html! {
            form method="post" action=(action) data-once {
                (self.visit.csrf())
                button class="button quiet danger" name="do" value="release" { (text.get("details-give-up")) }
            }
        }
    }
}

/// The times of the day of a hold that has ended, for all who were to come.
fn times(engine: &Engine, person: &Person, held: &Appointment, now: DateTime<Utc>) -> String {
    Wanted::of(held).others_for(party::expired_together(engine, person.key, held, now))
}

/// The hold has ended: pick a time again, and what was typed comes along.
fn ended(visit: &Visit, snapshot: &Snapshot, held: &Appointment, times: &str) -> Response {
    let (text, wanted) = (visit.text, Wanted::of(held));
    Frame::citizens(visit, text.get("details-ended")).page(&html! {
        p class="lead" { (text.get("details-ended-lead")) }
        p { (text.get("details-ended-typed")) }
        (wanted.summary(text, snapshot))
        div class="buttons" {
            a class="button" href=(times) { (text.get("details-again")) }
            a class="button second" href="/appointments" { (text.get("frame-own")) }
        }
    })
}
