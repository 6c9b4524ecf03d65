//! `GET /book` and `POST /book`: who is coming? Sent, the form holds the places.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};

use super::company::{COMPANY, Company, ROW, SELF, YES, field};
use super::form::{Faults, Kind, Line, fault_at};
use super::sign_in;
use super::slot::{SlotQuery, Wanted};
use super::steps::{Step, steps};
use super::trouble::{Told, is_about_fields, is_about_own, is_about_time};
use crate::domain::rejection::Rejection;
use crate::domain::snapshot::Snapshot;
use crate::http::app::App;
use crate::http::booking_body::{self, MAX_PARTY};
use crate::http::fields::civil_today;
use crate::http::metrics::Change;
use crate::http::person::Person;
use crate::http::problem::{Code, Problem};
use crate::http::query::Query;
use crate::web::answer::see_other;
use crate::web::filled::{Fields, Filled};
use crate::web::frame::Frame;
use crate::web::text::Text;
use crate::web::visit::{Citizen, Visit};
use crate::web::{cookies, kept, once};

/// What the page is made of besides what was typed.
struct Scene<'a> {
    app: &'a App,
    visit: &'a Visit,
    person: &'a Person,
    snapshot: &'a Snapshot,
    wanted: Wanted,
}

/// What the form met.
#[derive(Default)]
struct Met {
    status: StatusCode,
    faults: Faults,
    notice: Markup,
}

/// The page with the company that the same person was to come with before, else with the signed-in person alone.
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
    let sealed = cookies::value(&headers, COMPANY);
    let company = sealed.and_then(|sealed| Company::open(app.vault(), person.key, sealed, visit.now));
    filled_in(&app, visit, person, &asked, &company.unwrap_or_else(Company::alone).fields())
}

/// The page as it was filled in.
///
/// # Errors
/// As [`page`].
pub fn filled_in(
    app: &App,
    visit: &Visit,
    person: &Person,
    asked: &SlotQuery,
    fields: &Fields,
) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let snapshot = engine.snapshot();
    let wanted = asked.wanted(engine, &snapshot, visit.now)?;
    let scene = Scene { app, visit, person, snapshot: &snapshot, wanted };
    Ok(scene.page(&Company::read(fields), &Met { notice: scene.gone(), ..Met::default() }))
}

/// Holds the places, or shows the form again with a row more, a row less, or what is wrong.
///
/// # Errors
/// As [`page`], and faults of the server.
pub async fn hold(State(app): State<App>, Query(asked): Query<SlotQuery>, filled: Filled) -> Result<Response, Problem> {
    let engine = app.engine()?;
    let Some(person) = &filled.visit.person else { return Ok(sign_in::interrupted(&app, &filled)) };
    if !kept::is_made_for(app.vault(), filled.fields(), person.key) {
        return Err(Problem::forbidden("this form was made for another person; open the page again"));
    }
    let snapshot = engine.snapshot();
    let wanted = asked.wanted(engine, &snapshot, filled.visit.now)?;
    let scene = Scene { app: &app, visit: &filled.visit, person, snapshot: &snapshot, wanted };
    let company = Company::read(filled.fields());
    if let Some(changed) = company.after(filled.raw("do")) {
        return Ok(scene.page(&changed, &Met::default()));
    }
    let (told, today) = (Told::default(), civil_today(filled.visit.now));
    let holding = async |call| {
        let body = company.body(&scene.wanted, &person.applicant);
        let wish = booking_body::wish(body, &person.applicant, &engine.snapshot().policy, today)?;
        let answer = engine.book(call, wish).await.map_err(|refusal| told.noted(refusal))?;
        app.metrics().changed(Change::Held, answer.appointments().len());
        Ok(answer)
    };
    match once::answered(&app, &filled, person.caller(), holding).await {
        Ok(answer) => {
            let first = answer.appointments().first();
            let first = first.ok_or_else(|| Problem::internal("the engine answered a hold with no appointment"))?;
            let mut response = see_other(&format!("/held/{}", first.id));
            scene.keep(&company, &mut response);
            Ok(response)
        }
        Err(problem) if problem.code == Code::Internal => Err(problem),
        Err(problem) => Ok(scene.refused(&company, &problem, &told)),
    }
}

impl Scene<'_> {
    const fn text(&self) -> Text {
        self.visit.text
    }

    /// Lets the browser keep the company, in case the place is gone or the hold ends.
    fn keep(&self, company: &Company, response: &mut Response) {
        match company.seal(self.app.vault(), self.person.key, self.visit.now) {
            Some(sealed) => cookies::keep(response.headers_mut(), COMPANY, &sealed),
            None => cookies::forget(response.headers_mut(), COMPANY),
        }
    }

    /// The form again, with what is wrong.
    fn refused(&self, company: &Company, problem: &Problem, told: &Told) -> Response {
        let text = self.text();
        let mut met = Met { status: problem.status, ..Met::default() };
        if is_about_fields(problem) {
            let today = civil_today(self.visit.now);
            met.faults = Faults::of(text, problem, &company.fields(), today, |pointer| company.id_of(pointer));
        } else {
            met.notice = told.notice(text, problem, &self.way_on(company, problem, told));
        }
        let mut response = self.page(company, &met);
        self.keep(company, &mut response);
        response
    }

    fn way_on(&self, company: &Company, problem: &Problem, told: &Told) -> Markup {
        let text = self.text();
        html! {
            // The sentence of the rule counts persons; here they have names of their own.
            @if let Some(Rejection::AlreadyBooked { applicant }) = told.rule() {
                p {
                    a href={ "#" (company.id_of(&format!("/applicants/{applicant}/id_number"))) } {
                        @match company.row_of(*applicant) {
                            Some(row) => { (text.with("who-other", &[("number", (row + 1).into())])) }
                            None => { (text.get("who-self")) }
                        }
                    }
                }
            }
            @if is_about_time(problem) {
                @if company.rows() > 0 { p { (text.get("who-kept")) } }
                p { a class="button second" href=(self.others(company)) { (text.get("who-other-times")) } }
            }
            @if is_about_own(problem) {
                p { a class="button second" href="/appointments" { (text.get("who-see-own")) } }
            }
        }
    }

    /// The other bands of the day, for as many as come.
    fn others(&self, company: &Company) -> String {
        self.wanted.others_for(u32::try_from(company.count()).unwrap_or(MAX_PARTY))
    }

    /// A warning where the slot has no place left even before anybody asks for one.
    fn gone(&self) -> Markup {
        let text = self.text();
        html! {
            @if self.wanted.remaining.unwrap_or_default() == 0 {
                div class="notice warn" role="status" {
                    h2 { (text.get("who-gone")) }
                    p { a href=(self.wanted.others()) { (text.get("who-other-times")) } }
                }
            }
        }
    }

    fn page(&self, company: &Company, met: &Met) -> Response {
        let text = self.text();
        let frame = Frame::citizens(self.visit, text.get("who-title")).back(self.others(company)).status(met.status);
        let fields = kept::owned(company.fields(), self.app.vault(), self.person.key);
        frame.again(self.visit.sealed(self.app.vault(), &fields)).page(&html! {
            (steps(text, Step::Details))
            (met.faults.summary(text))
            (met.notice)
            (self.wanted.summary(text, self.snapshot))
            form method="post" action={ "/book?" (self.wanted.query()) } data-once novalidate {
                (self.visit.csrf())
                (kept::owner(self.app.vault(), self.person.key))
                // The key Enter presses the first button of a form, and must not take somebody out of it.
                button hidden name="do" value="hold" {}
                (self.own_row(company, &met.faults))
                @for row in 0..company.rows() { (self.row(row, company, &met.faults)) }
                (self.add(company))
                p class="hint" { (text.with("who-hold-hint", &[("minutes", self.snapshot.policy.hold_minutes.into())])) }
                div class="buttons" { button class="button" name="do" value="hold" { (text.get("who-hold")) } }
            }
        })
    }

    /// The signed-in person, masked: who it is was said at the sign-in.
    fn own_row(&self, company: &Company, faults: &Faults) -> Markup {
        let (text, mask) = (self.text(), self.person.applicant.mask());
        let fault = faults.at(SELF);
        html! {
            fieldset .field .bad[fault.is_some()] {
                legend { (text.get("who-self")) }
                (fault_at(SELF, fault))
                div class="choice" {
                    input type="checkbox" id=(SELF) name=(SELF) value=(YES) checked[company.with_self]
                        aria-describedby=[fault.map(|_| "self-error")];
                    label for=(SELF) { (mask.name()) span class="hint n" { (mask.id_number()) } }
                }
            }
        }
    }

    fn row(&self, row: usize, company: &Company, faults: &Faults) -> Markup {
        let text = self.text();
        let (fields, number) = (company.fields(), row + 1);
        let line = |name: usize, label, hint, kind| {
            let id = field(ROW[name], row);
            Line { id: &id, label, hint, kind, autocomplete: "off" }.markup(text, &fields, faults)
        };
        html! {
            fieldset class="field" {
                legend { (text.with("who-other", &[("number", number.into())])) }
                (line(0, "form-name", None, Kind::Name))
                (line(1, "form-id-number", Some("form-id-number-hint"), Kind::IdNumber))
                (line(2, "form-mobile", None, Kind::Phone))
                button class="button quiet" name="do" value={ "remove-" (row) } {
                    (text.with("who-remove", &[("number", number.into())]))
                }
            }
        }
    }

    fn add(&self, company: &Company) -> Markup {
        let (text, max) = (self.text(), self.snapshot.policy.max_party.min(MAX_PARTY) as usize);
        html! {
            @if company.count() < max && company.rows() < max {
                p class="hint" { (text.with("who-add-hint", &[("max", max.into())])) }
                div class="buttons" {
                    button class="button second" name="do" value="add" { (text.get("who-add")) }
                }
            } @else {
                p class="hint" { (text.with("who-full", &[("max", max.into())])) }
            }
        }
    }
}
