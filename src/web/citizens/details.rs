//! `GET /held/{id}` and `POST /held/{id}`: the places are held; what else the hall must know, and the confirmation.
//!
//! One form in two stages. `do=review` judges what was typed and shows it to be checked, `do=change` leads back, and
//! `do=confirm` books. A hold that ends meanwhile takes nothing along: what was typed is kept for the next one.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::SecondsFormat;
use maud::{Markup, html};

use super::company::COMPANY;
use super::details_form::{NAMES, body, hidden, id_of, inputs, open_typed, seal_typed, summary};
use super::form::Faults;
use super::slot::{Wanted, bands_of};
use super::steps::{Step, steps};
use super::trouble::{Told, is_about_fields};
use super::{parties, sign_in};
use crate::domain::appointment::{Appointment, Status};
use crate::domain::snapshot::Snapshot;
use crate::engine::Engine;
use crate::http::app::App;
use crate::http::booking_body::confirmation;
use crate::http::fields::civil_today;
use crate::http::metrics::Change;
use crate::http::path::Path;
use crate::http::person::Person;
use crate::http::problem::{Code, Problem};
use crate::web::answer::see_other;
use crate::web::filled::{Fields, Filled};
use crate::web::frame::Frame;
use crate::web::text::Text;
use crate::web::visit::{Citizen, Visit};
use crate::web::{cookies, kept, once};

/// The cookie of what was typed when a hold ended.
pub const TYPED: &str = "hallpass_typed";

/// A hold that somebody looks at.
struct Scene<'a> {
    app: &'a App,
    engine: &'a Engine,
    visit: &'a Visit,
    person: &'a Person,
    snapshot: &'a Snapshot,
    held: Appointment,
}

/// What the form met.
#[derive(Default)]
struct Met {
    status: StatusCode,
    faults: Faults,
    notice: Markup,
}

/// The form, with what the same person typed into the one of a hold that has ended.
///
/// # Errors
/// `unknown_appointment`.
pub async fn page(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Citizen { visit, person } = citizen;
    let typed = cookies::value(&headers, TYPED);
    let typed = typed.and_then(|sealed| open_typed(app.vault(), person.key, sealed, visit.now));
    filled_in(&app, &visit, &person, &id, &typed.unwrap_or_default())
}

/// The form as it was filled in.
///
/// # Errors
/// As [`page`].
pub fn filled_in(app: &App, visit: &Visit, person: &Person, id: &str, fields: &Fields) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let held = person.appointment(engine, id)?;
    let snapshot = engine.snapshot();
    let scene = Scene { app, engine, visit, person, snapshot: &snapshot, held };
    Ok(match held.status_at(visit.now) {
        Status::Held if matches!(fields.raw("do"), "review" | "confirm") => scene.reviewed(fields),
        Status::Held => scene.form(fields, &Met::default()),
        Status::Expired => scene.ended(fields, StatusCode::OK),
        _ => see_other(&scene.shown_at()),
    })
}

/// Judges the form, shows it to be checked, or confirms.
///
/// # Errors
/// As [`page`], and faults of the server.
pub async fn send(State(app): State<App>, Path(id): Path<String>, filled: Filled) -> Result<Response, Problem> {
    let Some(person) = &filled.visit.person else { return Ok(sign_in::interrupted(&app, &filled)) };
    let (engine, visit) = (app.engine()?, &filled.visit);
    let held = person.appointment(engine, &id)?;
    let snapshot = engine.snapshot();
    let scene = Scene { app: &app, engine, visit, person, snapshot: &snapshot, held };
    let fields = filled.fields();
    if filled.raw("do") == "confirm" {
        return scene.confirmed(&filled).await;
    }
    Ok(match held.status_at(visit.now) {
        Status::Held if filled.raw("do") == "review" => scene.reviewed(fields),
        Status::Held => scene.form(fields, &Met::default()),
        Status::Expired => scene.ended(fields, StatusCode::CONFLICT),
        _ => see_other(&scene.shown_at()),
    })
}

impl Scene<'_> {
    const fn text(&self) -> Text {
        self.visit.text
    }

    fn shown_at(&self) -> String {
        format!("/appointments/{}", self.held.id)
    }

    fn judged(&self, fields: &Fields) -> Result<(), Problem> {
        let today = civil_today(self.visit.now);
        confirmation(body(fields), &self.held, today).map(|_| ())
    }

    /// The form to be checked, or again with what is wrong.
    fn reviewed(&self, fields: &Fields) -> Response {
        match self.judged(fields) {
            Ok(()) => self.review(fields, &Met::default()),
            Err(problem) => self.faulty(fields, &problem),
        }
    }

    fn faulty(&self, fields: &Fields, problem: &Problem) -> Response {
        let faults = Faults::of(self.text(), problem, fields, civil_today(self.visit.now), id_of);
        let faults = faults.in_order(&NAMES);
        self.form(fields, &Met { status: problem.status, faults, ..Met::default() })
    }

    /// Books the whole party where this person made it.
    async fn confirmed(&self, filled: &Filled) -> Result<Response, Problem> {
        let (fields, told) = (filled.fields(), Told::default());
        let confirming = async |call| {
            let today = civil_today(self.visit.now);
            let (applicants, form) = confirmation(body(fields), &self.held, today)?;
            let whole_party = self.held.made_by == self.person.key;
            let confirmed = self.engine.confirm(call, self.held.id, whole_party, applicants, form).await;
            let answer = confirmed.map_err(|refusal| told.noted(refusal))?;
            self.app.metrics().changed(Change::Confirmed, answer.appointments().len());
            Ok(answer)
        };
        match once::answered(self.app, filled, self.person.caller(), confirming).await {
            Ok(_) => {
                let mut response = see_other(&format!("{}?new=1", self.shown_at()));
                cookies::forget(response.headers_mut(), TYPED);
                cookies::forget(response.headers_mut(), COMPANY);
                Ok(response)
            }
            Err(problem) if problem.code == Code::Internal => Err(problem),
            Err(problem) if problem.code == Code::HoldExpired => Ok(self.ended(fields, problem.status)),
            Err(problem) if problem.code == Code::WrongState => Ok(see_other(&self.shown_at())),
            Err(problem) if is_about_fields(&problem) => Ok(self.faulty(fields, &problem)),
            Err(problem) => {
                let notice = told.notice(self.text(), &problem, &html! {});
                Ok(self.review(fields, &Met { status: problem.status, notice, ..Met::default() }))
            }
        }
    }

    fn form(&self, fields: &Fields, met: &Met) -> Response {
        let text = self.text();
        let frame = Frame::citizens(self.visit, text.get("details-title")).status(met.status);
        frame.again(self.visit.sealed(self.app.vault(), fields)).page(&html! {
            (steps(text, Step::Details))
            (met.faults.summary(text))
            (met.notice)
            (self.countdown())
            (Wanted::of(&self.held).summary(text, self.snapshot))
            form method="post" id="details" action=(self.here()) data-once novalidate {
                (self.visit.csrf())
                (kept::owner(self.app.vault(), self.person.key))
                (inputs(text, fields, &met.faults))
                div class="buttons" { button class="button" name="do" value="review" { (text.get("details-review")) } }
            }
            (self.ways_out())
        })
    }

    fn review(&self, fields: &Fields, met: &Met) -> Response {
        let text = self.text();
        let frame = Frame::citizens(self.visit, text.get("details-review-title")).status(met.status);
        frame.again(self.visit.sealed(self.app.vault(), fields)).page(&html! {
            (steps(text, Step::Details))
            (met.notice)
            (self.countdown())
            form method="post" id="details" action=(self.here()) data-once {
                (self.visit.csrf())
                (kept::owner(self.app.vault(), self.person.key))
                (hidden(fields))
                (Wanted::of(&self.held).summary(text, self.snapshot))
                dl class="summary" {
                    div {
                        dt { (text.get("details-who")) }
                        @for member in self.members() {
                            dd { (member.mask.name()) " " span class="muted n" { (member.mask.id_number()) } }
                        }
                    }
                    (summary(text, fields))
                }
                p class="hint" { (text.get("details-confirm-hint")) }
                div class="buttons" {
                    button class="button" name="do" value="confirm" { (text.get("details-confirm")) }
                    button class="button second" name="do" value="change" { (text.get("details-back")) }
                }
            }
            (self.ways_out())
        })
    }

    /// Another time, or none after all, for everybody whom this person holds a place for.
    fn ways_out(&self) -> Markup {
        let (text, id) = (self.text(), self.held.id);
        let whole_party = self.held.made_by == self.person.key && self.members().len() > 1;
        let way = |to: &str| format!("/appointments/{id}/{to}{}", parties::query(whole_party));
        html! {
            div class="buttons" {
                a class="button quiet" href=(way("move")) { (text.get("details-other-time")) }
                a class="button quiet" href=(way("cancel")) { (text.get("details-give-up")) }
            }
        }
    }

    /// The members that are still held.
    fn members(&self) -> Vec<Appointment> {
        let members = parties::members(self.engine, self.person.key, &self.held);
        members.into_iter().filter(|member| member.status_at(self.visit.now) == Status::Held).collect()
    }

    fn here(&self) -> String {
        format!("/held/{}", self.held.id)
    }

    /// How long the places are still kept; what to do when that is over, for whoever sees the page then.
    fn countdown(&self) -> Markup {
        let (text, now) = (self.text(), self.visit.now);
        let Some(end) = self.held.expires_at else { return html! {} };
        let left_s = (end - now).num_seconds().max(0);
        let until = end.with_timezone(self.held.starts_at.offset()).format("%H:%M").to_string();
        let rfc_3339 = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        html! {
            p class="countdown" data-countdown=(rfc_3339(end)) data-now=(rfc_3339(now)) data-soon=(text.get("details-soon")) {
                span class="clock" role="timer" { (format!("{:02}:{:02}", left_s / 60, left_s % 60)) }
                " " (text.with("details-kept-until", &[("time", until.into())]))
            }
            p class="visually-hidden" role="status" data-announce {}
            // The key Enter presses the first button of a form, and must not give the time up.
            button hidden form="details" name="do" value="review" {}
            div class="notice warn" role="alert" data-when-over hidden {
                h2 { (text.get("details-over")) }
                p { (text.get("details-over-hint")) }
                div class="buttons" {
                    button class="button second" form="details" name="do" value="over" { (text.get("details-again")) }
                }
            }
        }
    }

    /// The hold has ended: pick a time again, and what was typed comes along.
    fn ended(&self, fields: &Fields, status: StatusCode) -> Response {
        let text = self.text();
        let sealed = seal_typed(self.app.vault(), self.person.key, fields, self.visit.now);
        let frame = Frame::citizens(self.visit, text.get("details-ended")).status(status);
        let mut response = frame.page(&html! {
            p class="lead" { (text.get("details-ended-lead")) }
            @if sealed.is_some() { p { (text.get("details-ended-typed")) } }
            (Wanted::of(&self.held).summary(text, self.snapshot))
            div class="buttons" {
                a class="button" href=(bands_of(&self.held.slot, self.held.service)) { (text.get("details-again")) }
                a class="button second" href="/appointments" { (text.get("frame-own")) }
            }
        });
        if let Some(sealed) = &sealed {
            cookies::keep(response.headers_mut(), TYPED, sealed);
        }
        response
    }
}
