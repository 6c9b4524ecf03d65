//! `GET /book` and `POST /book`: who comes, and what else the hall must know. Sent, the form holds the places as soon as it is
//! known for whom, and leads on to `/held/{id}/check`; if a detail is still wrong, to `/held/{id}`, where the clock runs.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::booking_form::{FORM, Scene};
use super::countdown;
use super::details::met_here;
use super::details_form::searched;
use super::party_form::Company;
use super::sign_in;
use crate::app::booking;
use crate::app::booking::Taken;
use crate::app::refusal::Refusal;
use crate::app::state::App;
use crate::domain::appointment::{Appointment, PersonKey, Status};
use crate::pages::finding::slot::{SlotQuery, day_and_time};
use crate::pages::finding::steps::{Step, steps};
use crate::pages::kit::form::Faults;
use crate::pages::kit::form_input::{Fields, Filled};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::kept_form::{Kept, Met};
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::visitor::Citizen;
use crate::serve::problem::Problem;
use crate::serve::read::query::Query;

/// The form, as it was filled in last.
///
/// # Errors
/// `unknown_hall`, `unknown_service`, `service_not_offered`, `invalid_field` where the address names no slot.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Query(asked): Query<SlotQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = &citizen;
    let (engine, snapshot) = (app.engine()?, app.engine()?.snapshot());
    let wanted = asked.wanted(engine, &snapshot, visit.now)?;
    let scene = Scene { app: &app, engine, visit, person, snapshot: &snapshot, wanted, held: Vec::new() };
    let kept = Kept::of(app.sealer(), &headers, visit.now);
    let fields = scene.fields(kept.as_ref());
    Ok(scene.page(&fields, &met_here(kept, person, &scene.here())))
}

/// Holds the places, or shows the form again with a row more, a row less, or what is wrong.
///
/// # Errors
/// As [`page`], and faults of the server.
pub async fn send(State(app): State<App>, Query(asked): Query<SlotQuery>, filled: Filled) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let Some(person) = &filled.visit.person else { return Ok(sign_in::interrupted(&app, &filled)) };
    let snapshot = engine.snapshot();
    let wanted = asked.wanted(engine, &snapshot, filled.visit.now)?;
    let scene =
        Scene { app: &app, engine, visit: &filled.visit, person, snapshot: &snapshot, wanted, held: Vec::new() };
    scene.judge_owner(&filled)?;
    match scene.pressed(&filled) {
        Some(answer) => Ok(answer),
        None => scene.hold(&filled).await,
    }
}

impl Scene<'_> {
    /// The answer to a button that only changes the form or leads away from it; none for one that sends it.
    #[must_use]
    pub fn pressed(&self, filled: &Filled) -> Option<Response> {
        let (fields, button) = (filled.fields(), filled.raw("do"));
        let company = Company::read(fields);
        let here = self.here();
        if let Some(changed) = company.after(button) {
            let shown = if changed.rows() > company.rows() {
                format!("#name-{}", changed.rows() - 1)
            } else {
                "#people".into()
            };
            let fields = changed.put_into(fields.clone());
            return Some(self.shown_at(&fields, Met::Nothing, &format!("{here}{shown}")));
        }
        if let Some(field) = button.strip_prefix("places-") {
            let field = if field == "address-region" { field } else { "residence" };
            return Some(self.shown_at(fields, Met::Nothing, &format!("{here}#{field}")));
        }
        if let Some((fields, field)) = searched(self.text(), fields, button) {
            return Some(self.shown_at(&fields, Met::Nothing, &format!("{here}#{field}")));
        }
        if button == "other-time" {
            let mut answer = see_other(&self.other_times(company.count()));
            self.keep(fields, &here, Met::Nothing, answer.headers_mut());
            return Some(answer);
        }
        None
    }

    /// Holds the places for the people of the form, and goes on to where all of it is checked.
    ///
    /// # Errors
    /// Faults of the server.
    pub async fn hold(&self, filled: &Filled) -> Result<Response, Problem> {
        let fields = filled.fields();
        let Ok(wish) = self.people(fields) else {
            return Ok(self.shown_at(fields, Met::Judged, &self.here()));
        };
        let replaces = filled.raw("do") == "replace";
        let (once, meant) = (filled.once(&self.person.caller()), (wish, &self.wanted.slot));
        match booking::take(self.app, self.person, once, meant, replaces).await {
            Ok(Taken::Held(id)) => {
                let check = if self.judged(fields).is_ok() { "/check" } else { "" };
                let mut answer = see_other(&format!("/held/{id}{check}"));
                self.keep(fields, &format!("/held/{id}"), Met::Judged, answer.headers_mut());
                Ok(answer)
            }
            Ok(Taken::Offered) => Ok(self.shown_at(fields, Met::OwnHold, &self.here())),
            Err(fault @ Refusal::Fault(_)) => Err(fault.into()),
            // Another one may have been quicker after the hold was given up for this one: then there is none to go back to.
            Err(refusal) if self.is_hold_gone() => {
                Ok(self.shown_at(fields, refusal.into(), &format!("/book?{}", self.wanted.query())))
            }
            Err(refusal) => Ok(self.shown_at(fields, refusal.into(), &self.here())),
        }
    }

    /// The hold of this person's own for the same document, if one is running.
    fn own_hold(&self, people: &[PersonKey]) -> Option<Appointment> {
        let service = self.snapshot.service(self.wanted.service.as_str()).ok()?;
        booking::own_hold(self.engine, self.person, service.document, people)
    }

    fn is_hold_gone(&self) -> bool {
        let now_held = |held: &Appointment| self.engine.appointment(held.id).map(|it| it.status_at(self.visit.now));
        self.held.first().is_some_and(|held| now_held(held) != Some(Status::Held))
    }

    /// What is wrong with the form, and what it met, as it is to be shown.
    #[must_use]
    pub fn told(&self, fields: &Fields, met: &Met) -> (Faults, Markup) {
        match met {
            Met::Nothing => (Faults::default(), html! {}),
            Met::Judged => {
                let faults = self.judged(fields).err().map(|refusal| self.faults(fields, &refusal));
                (faults.unwrap_or_default(), html! {})
            }
            Met::OwnHold => (Faults::default(), self.offer(fields)),
            Met::Refused(refusal) => (Faults::default(), self.refusal(fields, refusal)),
        }
    }

    fn page(&self, fields: &Fields, met: &Met) -> Response {
        let text = self.text();
        let (faults, notice) = self.told(fields, met);
        let people = Company::read(fields).count();
        let frame =
            Frame::citizens(self.visit, text.get("book-title")).back(self.other_times(people)).form(FORM, "review");
        frame.unstored().errors(html! { (faults.summary(text)) (notice) }).page(&html! {
            (steps(text, Step::Details))
            @if *met == Met::Nothing { (self.running(fields)) (self.gone()) }
            (self.slot())
            (self.bringing(fields, false))
            (self.form(fields, &faults))
        })
    }

    /// A warning where the slot has no place left even before anybody asks for one.
    fn gone(&self) -> Markup {
        let text = self.text();
        let held = self.own_hold(&[self.person.key]).is_some_and(|held| held.slot == self.wanted.slot);
        html! {
            @if !held && self.wanted.remaining.unwrap_or_default() == 0 {
                div class="notice warn" role="status" {
                    h2 { (text.get("who-gone")) }
                    p { a href=(self.wanted.others()) { (text.get("who-other-times")) } }
                }
            }
        }
    }

    /// Says that the same person keeps another time for this document, which moves here when the form is sent.
    fn running(&self, fields: &Fields) -> Markup {
        let text = self.text();
        let people = self.keys(fields).unwrap_or_else(|| vec![self.person.key]);
        let held = self.own_hold(&people).filter(|held| held.slot != self.wanted.slot);
        html! {
            @if let Some(held) = held {
                div class="notice info" role="status" {
                    h2 { (text.with("hold-own", &[("time", day_and_time(text, &held.slot).into()), ("until", countdown::until(&held).into())])) }
                    p { (text.get("hold-own-moves")) }
                    p { a href={ "/held/" (held.id) } { (text.get("hold-own-stay")) } }
                }
            }
        }
    }

    /// Lets the person choose which of two times stays.
    fn offer(&self, fields: &Fields) -> Markup {
        let text = self.text();
        let people = self.keys(fields).unwrap_or_default();
        html! {
            @if let Some(held) = self.own_hold(&people) {
                div class="notice warn" role="alert" tabindex="-1" {
                    h2 { (text.with("hold-own", &[("time", day_and_time(text, &held.slot).into()), ("until", countdown::until(&held).into())])) }
                    p { (text.get("hold-own-differs")) }
                    div class="buttons" {
                        a class="button" href={ "/held/" (held.id) } { (text.get("hold-own-stay")) }
                        button class="button second" form=(FORM) name="do" value="replace" {
                            (text.with("hold-own-replace", &[("time", day_and_time(text, &self.wanted.slot).into())]))
                        }
                    }
                }
            }
        }
    }
}
