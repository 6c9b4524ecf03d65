//! `GET /held/{id}/check` and `POST /held/{id}/check`: all that was filled in, in full, to be checked; confirmed, it is booked.
//!
//! The page carries what it shows in its own form, so what is confirmed is what was read, whatever another window of the same
//! browser has typed meanwhile.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::booking_form::{FORM, Scene};
use super::details::{Over, appointment, met_here};
use super::details_form::{lasting, row, rows};
use super::party_form::Company;
use super::sign_in;
use crate::app::access::session_token::SESSION_HOURS;
use crate::app::booking;
use crate::app::changes::Which;
use crate::app::refusal::{Code, Refusal};
use crate::app::state::App;
use crate::pages::finding::slot::{hall_name, service_name, time};
use crate::pages::finding::steps::{Step, steps};
use crate::pages::kit::form_input::{Fields, Filled};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::kept_form;
use crate::pages::kit::kept_form::{Kept, Met};
use crate::pages::kit::redirect::see_other;
use crate::pages::kit::visitor::Citizen;
use crate::serve::problem::Problem;
use crate::serve::read::path::Path;

/// The page; the form instead, if something is missing.
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
    let scene = match Scene::of_hold(&app, engine, visit, person, &snapshot, &held) {
        Ok(scene) => scene,
        Err(Over::Ended) => return Ok(see_other(&format!("/held/{}", held.id))),
        Err(Over::Gone) => return Ok(see_other(&appointment(&held))),
    };
    let kept = Kept::of(app.sealer(), &headers, visit.now);
    let fields = scene.fields(kept.as_ref());
    if scene.judged(&fields).is_err() {
        return Ok(scene.shown_at(&fields, Met::Judged, &scene.here()));
    }
    Ok(scene.review(&fields, &met_here(kept, person, &scene.check())))
}

/// Confirms what the page shows.
///
/// # Errors
/// As [`page`], and faults of the server.
pub async fn send(State(app): State<App>, Path(id): Path<String>, filled: Filled) -> Result<Response, Problem> {
    let Some(person) = &filled.visit.person else { return Ok(sign_in::interrupted(&app, &filled)) };
    let (engine, snapshot) = (app.engine()?, app.engine()?.snapshot());
    let held = person.appointment(engine, &id)?;
    let scene = match Scene::of_hold(&app, engine, &filled.visit, person, &snapshot, &held) {
        Ok(scene) => scene,
        // A second click on "confirm" finds the appointment, as the first one did.
        Err(over) => return over.answer(&app, &filled, person, &held),
    };
    scene.judge_owner(&filled)?;
    if let Some(answer) = scene.pressed(&filled) {
        return Ok(answer);
    }
    match filled.raw("do") {
        "extend" => scene.extended(&filled, &scene.check()).await,
        "over" => Ok(scene.shown_at(filled.fields(), Met::Nothing, &scene.check())),
        _ => scene.confirmed(&filled).await,
    }
}

impl Scene<'_> {
    /// Path of the page on which all of it is checked.
    fn check(&self) -> String {
        format!("{}/check", self.here())
    }

    /// Books the whole party where this person made it.
    async fn confirmed(&self, filled: &Filled) -> Result<Response, Problem> {
        let (fields, held) = (filled.fields(), &self.held[0]);
        if self.judged(fields).is_err() {
            return Ok(self.shown_at(fields, Met::Judged, &self.here()));
        }
        let id = held.id.to_string();
        let which = Which::of(&id, held.made_by == self.person.key);
        let once = filled.once(&self.person.caller());
        match booking::confirm(self.app, self.person, once, which, self.confirmation(fields)).await {
            Ok(_) => Ok(self.booked(fields)),
            Err(fault @ Refusal::Fault(_)) => Err(fault.into()),
            Err(refusal) => Ok(match refusal.code() {
                Code::HoldExpired => self.shown_at(fields, Met::Nothing, &self.here()),
                Code::WrongState => see_other(&appointment(held)),
                Code::InvalidField | Code::DuplicateApplicant => self.shown_at(fields, Met::Judged, &self.here()),
                _ => self.shown_at(fields, refusal.into(), &self.check()),
            }),
        }
    }

    /// Goes to the ticket. Whom to call and where to live is kept for the next booking of this session; the rest is forgotten.
    fn booked(&self, fields: &Fields) -> Response {
        let mut answer = see_other(&format!("{}?new=1", appointment(&self.held[0])));
        let (person, path) = (self.person.key, String::new());
        let kept = Kept { person, path, fields: lasting(fields), met: Met::Nothing };
        kept.keep(self.app.sealer(), self.visit.now, SESSION_HOURS * 60, answer.headers_mut());
        answer
    }

    fn review(&self, fields: &Fields, met: &Met) -> Response {
        let text = self.text();
        let (_, notice) = self.told(fields, met);
        let frame =
            Frame::citizens(self.visit, text.get("details-review-title")).back(self.here()).form(FORM, "confirm");
        frame.unstored().errors(notice).page(&html! {
            (steps(text, Step::Check))
            (self.countdown())
            dl class="summary check" {
                (self.slot_rows(fields))
                (self.people_rows(fields))
                (rows(text, fields, &self.here()))
            }
            form method="post" id=(FORM) action=(self.check()) autocomplete="off" data-once {
                (self.visit.csrf())
                (kept_form::owner(self.app.sealer(), self.person.key))
                @for (name, value) in fields.pairs() { input type="hidden" name=(name) value=(value); }
                p class="hint" { (text.get("details-confirm-hint")) }
                div class="buttons" {
                    button class="button" name="do" value="confirm" { (text.get("details-confirm")) }
                }
            }
            (self.release())
            (self.bringing(fields, true))
        })
    }

    fn slot_rows(&self, fields: &Fields) -> Markup {
        let (text, slot) = (self.text(), &self.wanted.slot);
        let times = self.other_times(Company::read(fields).count());
        let row = |label: &str, value: String, to: &str| row(text, &text.get(label), &html! { (value) }, to);
        html! {
            div { dt { (text.get("slot-service")) } dd { (service_name(text, self.snapshot, self.wanted.service)) } }
            (row("slot-hall", hall_name(text, self.snapshot, slot), &self.other_halls()))
            (row("slot-day", text.full_date(slot.date), &times))
            (row("slot-time", time(text, slot), &times))
        }
    }

    /// Who comes: in full what this session has typed, else as far as it may be shown.
    fn people_rows(&self, fields: &Fields) -> Markup {
        let (text, here) = (self.text(), self.here());
        let company = Company::read(fields);
        let Ok((Some(people), _)) = self.judged(fields) else { return self.masked_rows() };
        html! {
            @for (at, person) in people.iter().enumerate() {
                @let label = match company.row_of(at) {
                    Some(number) => text.with("who-other", &[("number", (number + 1).into())]),
                    None => text.get("who-self"),
                };
                @let value = html! {
                    (person.name) br; span class="n" { (person.id_number.reveal()) } br; span class="n" { (person.phone) }
                };
                @let change = company.row_of(at).map_or_else(|| "#people".to_owned(), |number| format!("#name-{number}"));
                (row(text, &label, &value, &format!("{here}{change}")))
            }
        }
    }

    fn masked_rows(&self) -> Markup {
        html! {
            div {
                dt { (self.text().get("details-who")) }
                @for member in &self.held {
                    dd { (member.mask.name()) " " span class="muted n" { (member.mask.id_number()) } }
                }
            }
        }
    }
}
